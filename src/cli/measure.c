/* passerelle measure: indices of a researcher's own table. */
#include "cli/measure.h"

#include <stdio.h>
#include <stdlib.h>

static enum rc write_results(const struct measuring *m, struct err *err)
{
    const char *format = cli_option(m->c, "format");

    if (format && strcmp(format, "json") == 0)
        return measuring_json(m, err);
    if (format && strcmp(format, "csv") == 0)
        return measuring_csv(m, err);
    return measuring_table(m, cli_option(m->c, "explain"), err);
}

/* What is missing is said beside the results too, for who reads no notes. */
static void say_missing(const struct measuring *m)
{
    AUTO(buf) struct buf line = {.ceiling = 1000};
    AUTO(buf) struct buf number = {.ceiling = 64};

    heavy_say(m);
    if (!m->n_noted)
        return;
    lang_integer(m->c->lang, (int64_t)m->n_noted, &number);
    lang_fill(&line,
              lang_plural(m->c->lang,
                          "{n} value, test or interval could not be had; its "
                          "note says why.",
                          "{n} values, tests or intervals could not be had; "
                          "their notes say why.",
                          m->n_noted),
              "n", buf_cstr(&number), NULL);
    fprintf(stderr, "%s\n", buf_cstr(&line));
}

/* Draws were asked for and none said anything: that is no success. */
static enum rc check_drawn(const struct measuring *m, struct err *err)
{
    if ((!m->test && !m->interval) || m->n_drawn)
        return RC_OK;
    return err_set(err, RC_UNDEFINED,
                   N_("no value could be tested or given an interval"));
}

static enum rc check_format(const struct cli *c, struct err *err)
{
    const char *format = cli_option(c, "format");

    if (format && strcmp(format, "table") != 0 && strcmp(format, "json") != 0 &&
        strcmp(format, "csv") != 0)
        return err_set(err, RC_USAGE,
                       N_("--format is table, json or csv, not '%s'"), format);
    return RC_OK;
}

static enum rc walk(struct measuring *m, struct err *err)
{
    enum rc rc =
        matrix_read(&m->spec, m->c->arena, &m->faults, &m->matrix, err);

    if (!rc)
        rc = measuring_areas(m, err);
    if (!rc)
        rc = measuring_run(m, err);
    return rc;
}

enum rc run_measure(struct cli *c, struct err *err)
{
    struct measuring m = {.c = c};
    struct bar bar;
    enum rc rc = check_format(c, err);

    if (rc)
        return rc;
    if (cli_option(c, "list")) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

        catalogue_table(c, cli_option(c, "explain"), &text);
        fwrite(buf_cstr(&text), 1, text.n, stdout);
        return RC_OK;
    }
    rc = measuring_options(&m, err);
    if (rc)
        return rc;
    faults_init(&m.faults, c->arena);
    m.progress = bar_open(&bar, c, cli_option(c, "quiet"));
    rc = walk(&m, err);
    bar_close(&bar);
    if (faults_any(&m.faults)) {
        faults_sort(&m.faults);
        cli_say_faults(c, &m.faults);
    }
    if (!rc) {
        rc = write_results(&m, err);
        say_missing(&m);
    }
    if (!rc)
        rc = check_drawn(&m, err);
    spatial_free(m.space);
    free(m.smooth);
    matrix_free(&m.matrix);
    return rc;
}
