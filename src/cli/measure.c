/* passerelle measure: indices of a researcher's own table. */
#include "cli/measure.h"

#include <stdio.h>
#include <stdlib.h>

static enum rc write_results(const struct measuring *m, struct err *err)
{
    const char *format = cli_option(m->c, "format");
    AUTO(buf) struct buf text = {.ceiling = (size_t)8 << 30};

    if (format && strcmp(format, "json") == 0)
        measuring_json(m, &text);
    else if (format && strcmp(format, "csv") == 0)
        measuring_csv(m, &text);
    else
        measuring_table(m, cli_option(m->c, "explain"), &text);
    if (text.failed)
        return err_set(err, RC_LIMIT, N_("the result is too large"));
    fwrite(buf_cstr(&text), 1, text.n, stdout);
    return RC_OK;
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
    m.results = node_list(c->arena);
    m.progress = bar_open(&bar, c, cli_option(c, "quiet"));
    rc = walk(&m, err);
    bar_close(&bar);
    if (faults_any(&m.faults)) {
        faults_sort(&m.faults);
        cli_say_faults(c, &m.faults);
    }
    if (!rc)
        rc = write_results(&m, err);
    spatial_free(m.space);
    free(m.smooth);
    matrix_free(&m.matrix);
    return rc;
}
