#include "cli/cli.h"
#include "profile/profile.h"

#include <stdio.h>

static enum rc read_format(const struct cli *c, bool *json, struct err *err)
{
    const char *format = cli_option(c, "format");

    *json = format && strcmp(format, "json") == 0;
    if (format && !*json && strcmp(format, "text") != 0)
        return err_set(err, RC_USAGE, N_("--format is text or json, not '%s'"),
                       format);
    return RC_OK;
}

/*
 * The document is made and thrown away: only then is it known whether the
 * values and figures that the chapters name are there.
 */
static enum rc check_document(struct cli *c, const struct intake *in,
                              uint64_t threads, const struct progress *progress,
                              struct faults *faults, struct err *err)
{
    struct release_options ro = {.seed = 1, .threads = (unsigned)threads};
    struct profile_options po = {.seed = 1, .version = PASSERELLE_VERSION};
    struct release *release;
    struct node *doc;
    enum rc rc = release_make(in, &ro, progress, c->arena, &release, err);

    if (rc)
        return rc;
    return profile_build(in->package, in->geography, release, &po, c->arena,
                         faults, &doc, err);
}

enum rc run_check(struct cli *c, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct intake in = {0};
    struct faults faults;
    struct bar bar;
    struct progress progress;
    uint64_t threads;
    bool json;
    enum rc rc = read_format(c, &json, err);

    if (!rc)
        rc = cli_number(c, "threads", 0, 0, &threads, err);
    if (rc)
        return rc;
    faults_init(&faults, c->arena);
    progress = bar_open(&bar, c, cli_option(c, "quiet") || json);
    rc = package_read(c->operand[0], (unsigned)threads, &progress, c->arena,
                      &faults, &in, err);
    if (!rc)
        rc = check_document(c, &in, threads, &progress, &faults, err);
    bar_close(&bar);
    intake_release(&in);
    if (rc && rc != RC_INVALID)
        return rc;
    faults_sort(&faults);
    if (json)
        faults_write_json(&faults, lang_translate, (void *)c->lang, &text);
    else
        cli_say_faults(c, &faults);
    if (!json && !rc && !faults.n)
        cli_say(c, N_("The package is sound."));
    if (text.n)
        printf("%s\n", buf_cstr(&text));
    return rc;
}
