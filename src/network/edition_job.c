/*
 * One job of an edition: its files into a folder of our own, this program as a
 * child on them, and what came of it back into the database.
 */
#include "base/file.h"
#include "network/backup_job.h"
#include "network/child.h"
#include "network/edition.h"
#include "network/secret.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REPORT_MOST = 16 << 20, BEAT_S = 2, DESCRIBE_S = 300 };

struct work {
    const struct edition_worker *w;
    struct store *s;
    struct arena *a;
    struct job_row job;
    int64_t edition;
    const char *dir, *package, *out, *report;
    char digest[SHA256_TEXT];
    time_t beat;
    bool lost;
    int64_t faults, warnings;
};

/* ---- the folder ---- */

struct exports {
    struct work *w;
    struct stored *items;
    size_t n, cap;
};

static bool note_file(void *ctx, const struct stored *f)
{
    struct exports *e = ctx;
    struct stored copy = *f;

    copy.name = arena_strdup(e->w->a, f->name);
    copy.media = copy.sha256 = "";
    VEC_PUSH(e->w->a, e->items, e->n, e->cap) = copy;
    return true;
}

static enum rc export_one(struct work *w, const struct stored *f,
                          struct err *err)
{
    const char *path = path_join(w->a, w->package, f->name);
    const char *slash = strrchr(path, '/');
    enum rc rc;

    if (!stored_name_valid(f->name))
        return err_set(err, RC_INVALID, N_("'%s' leads out of the package"),
                       f->name);
    rc = dir_make(arena_strndup(w->a, path, (size_t)(slash - path)), err);
    return rc ? rc : stored_export(w->s, &w->w->keys, f, path, err);
}

static enum rc export_files(struct work *w, struct err *err)
{
    struct exports e = {.w = w};
    enum rc rc =
        stored_each(w->s, (struct stored_owner){STORED_PACKAGE, w->edition},
                    note_file, &e, err);

    for (size_t i = 0; i < e.n && !rc; i++)
        rc = export_one(w, &e.items[i], err);
    return rc;
}

static enum rc prepare(struct work *w, struct err *err)
{
    char *own = arena_printf(w->a, "%s/job-XXXXXX", w->w->folder);
    enum rc rc;

    if (!mkdtemp(own)) /* for us alone: 0700 */
        return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"), own,
                       strerror(errno));
    w->dir = own;
    w->package = path_join(w->a, own, "package");
    w->out = path_join(w->a, own, "profile");
    w->report = path_join(w->a, own, "report");
    rc = dir_make(w->package, err);
    if (!rc)
        rc = dir_make(w->report, err);
    /* one snapshot: no file changes between the digest and the folder */
    if (!rc)
        rc = store_begin(w->s, false, err);
    if (!rc)
        rc = edition_digest(w->s, w->edition, w->digest, err);
    if (!rc)
        rc = export_files(w, err);
    store_rollback(w->s);
    return rc;
}

/* ---- while it runs ---- */

/* "0.25 reading the counts": how far, then the stage (a message id). */
static double read_progress(struct work *w, const char **stage)
{
    char line[256] = "";
    AUTO(file)
    FILE *f = fopen(path_join(w->a, w->report, "progress"), "re");
    double done = 0;
    char *blank;

    *stage = "";
    if (!f || !fgets(line, sizeof line, f))
        return 0;
    line[strcspn(line, "\n")] = '\0';
    blank = strchr(line, ' ');
    if (!blank ||
        !str_double((struct str){line, (size_t)(blank - line)}, &done))
        return 0;
    *stage = arena_strdup(w->a, blank + 1);
    return done;
}

static bool go_on(void *ctx)
{
    struct work *w = ctx;
    time_t now = time(NULL);
    const char *stage;
    double done;
    bool ours = true;

    if (w->w->stopping && w->w->stopping(w->w->ctx)) {
        w->lost = true;
        return false;
    }
    if (now < w->beat + BEAT_S)
        return true;
    w->beat = now;
    done = read_progress(w, &stage);
    /* a database that does not answer for a while is no reason to stop */
    if (w->w->beat ? w->w->beat(w->w->ctx, w->s, w->job.id, stage, done, now,
                                &ours, NULL)
                   : job_beat(w->s, w->job.id, w->w->holder, stage, done, now,
                              &ours, NULL))
        return true;
    w->lost = !ours;
    return ours;
}

static void child_of(struct work *w, struct child *c)
{
    static const char *const profile[] = {"profile", "package",  "--output",
                                          "profile", "--report", "report",
                                          "--quiet", NULL};
    static const char *const describe[] = {"describe", "package", "--output",
                                           "report/describe.json", NULL};
    bool is_profile = strcmp(w->job.kind, "profile") == 0;

    *c = (struct child){.program = w->w->program,
                        .folder = w->dir,
                        .seconds = is_profile ? 0 : DESCRIBE_S,
                        .go_on = go_on,
                        .ctx = w};
    memcpy(c->arguments, is_profile ? profile : describe,
           is_profile ? sizeof profile : sizeof describe);
}

/* ---- what came of it ---- */

static struct stored_note note_of(void)
{
    return (struct stored_note){0, time(NULL)};
}

static enum rc keep_report(struct work *w, const char *file, struct err *err)
{
    const char *path = path_join(w->a, w->report, file);
    struct str text;
    enum rc rc;

    if (!path_exists(path))
        return RC_OK;
    rc = file_read(w->a, path, REPORT_MOST, &text, err);
    return rc ? rc
              : stored_put_text(
                    w->s, &w->w->keys, text,
                    (struct stored_owner){STORED_REPORT, w->edition}, file,
                    note_of(), err);
}

static enum rc keep_folder(struct work *w, const char *dir, const char *prefix,
                           struct err *err)
{
    AUTO(dir) DIR *d = opendir(dir);
    enum rc rc = RC_OK;

    if (!d)
        return err_set(err, RC_IO, N_("cannot open '%s': %s"), dir,
                       strerror(errno));
    for (struct dirent *e; !rc && (e = readdir(d));) {
        const char *path = path_join(w->a, dir, e->d_name);
        const char *name = arena_printf(w->a, "%s%s", prefix, e->d_name);
        struct stat st;

        if (e->d_name[0] == '.' || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            rc = keep_folder(w, path, arena_printf(w->a, "%s/", name), err);
        else if (S_ISREG(st.st_mode))
            rc = stored_put_path(
                w->s, path, (struct stored_owner){STORED_RESULT, w->edition},
                name, note_of(), err);
    }
    return rc;
}

/* How many of each stand in the report of faults. */
static void count_faults(struct work *w)
{
    json_t *doc =
        json_load_file(path_join(w->a, w->report, "faults.en.json"), 0, NULL);

    w->faults = json_integer_value(json_object_get(doc, "faults"));
    w->warnings = json_integer_value(json_object_get(doc, "warnings"));
    json_decref(doc);
}

static enum rc keep_all(struct work *w, bool whole, struct err *err)
{
    static const char *const reports[] = {"faults.en.json", "faults.fr.json",
                                          "faults.ar.json", EDITION_DESCRIBED};
    enum rc rc = RC_OK;

    for (size_t i = 0; i < ARRAY_LEN(reports) && !rc; i++)
        rc = keep_report(w, reports[i], err);
    if (rc || strcmp(w->job.kind, "profile") != 0)
        return rc;
    rc = stored_remove_all(
        w->s, (struct stored_owner){STORED_RESULT, w->edition}, err);
    return rc || !whole ? rc : keep_folder(w, w->out, "", err);
}

static enum rc finish(struct work *w, const char *state, const char *result,
                      bool keep, bool whole, struct err *err)
{
    enum rc rc = store_begin(w->s, true, err);

    if (!rc)
        rc = job_end(w->s, w->job.id, w->w->holder, state, result, err);
    if (!rc && keep)
        rc = keep_all(w, whole, err);
    if (!rc)
        rc = store_notify(w->s, "edition", err);
    if (!rc)
        return store_commit(w->s, err);
    store_rollback(w->s);
    return rc;
}

/* The reason as people read it; what the program said is for the journal. */
static const char *why(const struct child_end *end)
{
    if (end->too_long)
        return N_("It took longer than is allowed and was stopped.");
    if (end->signal)
        return N_(
            "The program broke down over these files; nothing else was "
            "harmed.");
    return N_("The program could not finish.");
}

static enum rc judge(struct work *w, const struct child_end *end,
                     struct err *err)
{
    bool whole = end->status == 0;

    if (end->stopped)
        return finish(w, "cancelled", "", false, false, err);
    if (!whole && end->status != rc_exit(RC_INVALID)) {
        fprintf(stderr, "passerelle: job %" PRId64 ": status %d, signal %d\n",
                w->job.id, end->status, end->signal);
        return finish(w, "failed", why(end), false, false, err);
    }
    count_faults(w);
    return finish(w, "done",
                  arena_printf(w->a, "%s %" PRId64 " %" PRId64, w->digest,
                               w->faults, w->warnings),
                  true, whole, err);
}

static enum rc run(struct work *w, struct err *err)
{
    struct child_end end;
    struct child child;
    enum rc rc;

    if (strcmp(w->job.kind, "backup") == 0 && w->w->backups)
        return backup_work(&(struct backup_worker){w->w->store, w->w->backups,
                                                   w->w->holder, w->w->stopping,
                                                   w->w->beat, w->w->ctx},
                           w->s, &w->job, err);
    if (!str_i64(str_of(w->job.input), &w->edition) ||
        (strcmp(w->job.kind, "profile") && strcmp(w->job.kind, "describe")))
        return finish(w, "failed", "", false, false, err);
    rc = prepare(w, err);
    if (!rc) {
        child_of(w, &child);
        rc = child_run(&child, &end, err);
    }
    /* a server that stops leaves the job to the next one, at once */
    if (!rc && end.stopped && w->w->stopping && w->w->stopping(w->w->ctx))
        return store_exec(
            w->s,
            "UPDATE job SET state = 'waiting', lease = 0,"
            " tries = tries - 1 WHERE id = :id AND holder ="
            " :holder AND state = 'working'",
            PARAMS(P_INT("id", w->job.id), P_TEXT("holder", w->w->holder)),
            NULL, err);
    if (!rc)
        return judge(w, &end, err);
    (void)!finish(w, "failed", N_("The program could not finish."), false,
                  false, NULL);
    return rc;
}

enum rc edition_work(const struct edition_worker *worker, struct store *s,
                     bool *did, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct work w = {.w = worker, .s = s, .a = a};
    enum rc rc = job_take(s, worker->holder, time(NULL), a, &w.job, err);

    *did = false;
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc)
        return rc;
    *did = true;
    rc = run(&w, err);
    if (w.dir)
        (void)!dir_remove(w.dir, NULL);
    /* somebody else works at it now: nothing of ours was kept */
    return rc == RC_CONFLICT && w.lost ? RC_OK : rc;
}
