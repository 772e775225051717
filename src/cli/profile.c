/* passerelle profile: package -> release -> document -> files. */
#include "profile/profile.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/timings.h"
#include "publish/publish.h"

#include <stdio.h>

enum { LANGUAGES_MOST = 8 };

struct job {
    struct cli *c;
    const char *output;
    unsigned formats;
    const struct lang *languages[LANGUAGES_MOST + 1];
    const char *codes[LANGUAGES_MOST + 1]; /* NULL-terminated */
    size_t n_languages;
    uint64_t seed, threads;
    bool quiet;
    struct timings timings;
    struct report report;
    struct faults faults;
    struct intake in;
    struct node *doc;
    struct progress progress;
};

static enum rc read_formats(struct job *j, struct err *err)
{
    static const struct {
        const char *name;
        unsigned bit;
    } rows[] = {{"html", PUBLISH_HTML},
                {"json", PUBLISH_JSON},
                {"csv", PUBLISH_CSV},
                {"svg", PUBLISH_SVG},
                {"png", PUBLISH_PNG}};
    const char *text = cli_option(j->c, "format");
    struct str rest = str_of(text ? text : "html,json,csv,svg");

    while (rest.n) {
        struct str item = cli_item(&rest);
        unsigned bit = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (str_is(item, rows[i].name))
                bit = rows[i].bit;
        if (!bit)
            return err_set(err, RC_USAGE,
                           N_("--format takes html, json, csv, svg and png, "
                              "with commas between, not '%s'"),
                           arena_str(j->c->arena, item));
        j->formats |= bit;
    }
    return RC_OK;
}

static enum rc add_language(struct job *j, const char *code, struct err *err)
{
    const struct lang *l = lang_find(code);

    if (!l)
        return err_set(err, RC_USAGE,
                       N_("'%s' is not a language of this program; there are "
                          "en, fr and ar"),
                       code);
    for (size_t i = 0; i < j->n_languages; i++)
        if (j->languages[i] == l)
            return RC_OK;
    if (j->n_languages == LANGUAGES_MOST)
        return err_set(err, RC_USAGE, N_("too many languages"));
    j->codes[j->n_languages] = lang_code(l);
    j->languages[j->n_languages++] = l;
    return RC_OK;
}

static enum rc read_languages(struct job *j, struct err *err)
{
    const char *text = cli_option(j->c, "lang");
    struct str rest = str_of(text ? text : "");
    enum rc rc = RC_OK;

    while (rest.n && !rc)
        rc = add_language(j, arena_str(j->c->arena, cli_item(&rest)), err);
    return rc;
}

static enum rc read_options(struct job *j, struct err *err)
{
    enum rc rc = read_formats(j, err);

    if (!rc)
        rc = read_languages(j, err);
    if (!rc)
        rc = cli_number(j->c, "seed", 0, 1, &j->seed, err);
    if (!rc)
        rc = cli_number(j->c, "threads", 0, 0, &j->threads, err);
    j->quiet = cli_option(j->c, "quiet");
    return rc;
}

/* Without --lang, those of the package that the program speaks. */
static enum rc settle(struct job *j, struct err *err)
{
    const struct package *p = j->in.package;
    size_t given = j->n_languages;
    enum rc rc = RC_OK;

    for (size_t i = 0; !given && i < p->n_languages && !rc; i++)
        if (lang_find(p->languages[i]))
            rc = add_language(j, p->languages[i], err);
    if (!rc && !j->n_languages)
        rc = add_language(j, "en", err);
    j->output = cli_option(j->c, "output");
    if (!j->output)
        j->output = arena_printf(j->c->arena, "%s-profile", p->name);
    return rc;
}

static enum rc build_document(struct job *j, struct err *err)
{
    struct release_options ro = {.seed = j->seed,
                                 .threads = (unsigned)j->threads};
    struct profile_options po = {
        .seed = j->seed, .version = PASSERELLE_VERSION, .languages = j->codes};
    struct release *release;
    enum rc rc;

    timings_room(&j->timings, "protect");
    report_part(&j->report, 0.4, 0.85);
    rc = release_make(&j->in, &ro, &j->progress, j->c->arena, &release, err);
    if (rc)
        return rc;
    timings_room(&j->timings, "profile");
    return profile_build(j->in.package, j->in.geography, release, &po,
                         j->c->arena, &j->faults, &j->doc, err);
}

static enum rc publish(struct job *j, struct err *err)
{
    struct publish_options o = {.formats = j->formats,
                                .languages = j->languages,
                                .n_languages = j->n_languages,
                                .threads = (unsigned)j->threads};
    struct stage stage;
    enum rc rc;

    timings_room(&j->timings, "publish");
    report_part(&j->report, 0.85, 1);
    rc = stage_open(&stage, j->c->arena, j->output, ".passerelle", err);
    if (rc)
        return rc;
    rc = file_write(path_join(j->c->arena, stage.path, ".passerelle"),
                    STR("passerelle.profile/1\n"), err);
    if (!rc)
        rc = publish_profile(j->doc, j->in.geography, stage.path, &o,
                             &j->progress, err);
    if (!rc && interrupted())
        rc = RC_CANCELLED;
    if (rc)
        stage_abort(&stage);
    else
        rc = stage_commit(&stage, err);
    return rc;
}

/* The page in the user's language, if there is one, else the first. */
static const char *first_page(const struct job *j)
{
    const char *code = j->codes[0];

    for (size_t i = 0; i < j->n_languages; i++)
        if (j->languages[i] == j->c->lang)
            code = j->codes[i];
    return arena_printf(j->c->arena, "%s/profile.%s.html", j->output, code);
}

static void say_where(const struct job *j)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    if (j->quiet)
        return;
    lang_fill(&text, lang_text(j->c->lang, N_("The profile is in {path}")),
              "path", j->formats & PUBLISH_HTML ? first_page(j) : j->output,
              NULL);
    printf("%s\n", buf_cstr(&text));
}

static enum rc walk(struct job *j, struct err *err)
{
    enum rc rc;

    timings_room(&j->timings, "intake");
    report_part(&j->report, 0, 0.4);
    rc = package_read(j->c->operand[0], (unsigned)j->threads, &j->progress,
                      j->c->arena, &j->faults, &j->in, err);
    if (!rc)
        rc = settle(j, err);
    if (!rc)
        rc = build_document(j, err);
    if (!rc)
        rc = publish(j, err);
    return rc;
}

enum rc run_profile(struct cli *c, struct err *err)
{
    struct job j = {.c = c};
    struct bar bar;
    enum rc rc = read_options(&j, err);

    if (rc)
        return rc;
    faults_init(&j.faults, c->arena);
    j.progress = timings_open(&j.timings, cli_option(c, "timings"),
                              bar_open(&bar, c, j.quiet));
    j.progress =
        report_open(&j.report, cli_option(c, "report"), c->arena, j.progress);
    rc = walk(&j, err);
    bar_close(&bar);
    timings_print(&j.timings);
    intake_release(&j.in);
    if (rc == RC_OK || rc == RC_INVALID) {
        struct err later;

        faults_sort(&j.faults);
        if (!j.quiet || rc)
            cli_say_faults(c, &j.faults);
        if (report_close(&j.report, &j.faults, &later) && !rc) {
            *err = later;
            return later.code;
        }
    }
    if (rc == RC_CANCELLED)
        cli_say(c, N_("Interrupted; what was there before is as it was."));
    if (!rc)
        say_where(&j);
    return rc;
}
