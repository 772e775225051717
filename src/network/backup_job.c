#include "network/backup_job.h"
#include "base/file.h"
#include "network/backup.h"
#include "network/secret.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

struct asking {
    struct store *s;
    int64_t account, now, *job;
};

static enum rc ask(void *ctx, struct err *err)
{
    const struct asking *q = ctx;
    int64_t n = 0;
    enum rc rc = store_int(q->s,
                           "SELECT id FROM job WHERE kind = 'backup' AND state"
                           " IN ('waiting', 'working')",
                           NO_PARAMS, q->job, err);
    time_t t = (time_t)q->now;
    char name[64];
    struct tm tm;

    if (rc != RC_NOT_FOUND)
        return rc;
    gmtime_r(&t, &tm);
    strftime(name, sizeof name, "passerelle-%Y%m%dT%H%M%SZ.backup", &tm);
    rc =
        store_int(q->s,
                  "INSERT INTO job (kind, input, state, created) VALUES"
                  " ('backup', :input, 'waiting', :now) RETURNING id",
                  PARAMS(P_TEXT("input", name), P_INT("now", q->now)), &n, err);
    *q->job = n;
    return rc ? rc
              : audit_row(q->s, q->account, "backup", "database", "", q->now,
                          err);
}

enum rc backup_ask(struct store *s, int64_t account, int64_t now, int64_t *job,
                   struct err *err)
{
    struct asking q = {s, account, now, job};

    return in_transaction(s, ask, &q, err);
}

enum rc backup_last(struct store *s, struct arena *a, struct job_row *out,
                    struct err *err)
{
    int64_t id = 0;
    enum rc rc =
        store_int(s,
                  "SELECT id FROM job WHERE kind = 'backup' ORDER BY id DESC"
                  " LIMIT 1",
                  NO_PARAMS, &id, err);

    return rc ? rc : job_load(s, id, a, out, err);
}

struct telling {
    const struct backup_worker *w;
    struct store *s;
    int64_t job, last;
    bool ours;
};

/* Once a second: the lease goes on, and the page shows how far it is. */
static bool tell(void *ctx, double done)
{
    struct telling *t = ctx;
    int64_t now = time(NULL);

    if (t->w->stopping && t->w->stopping(t->w->ctx))
        return false;
    if (now == t->last || !t->ours)
        return t->ours;
    t->last = now;
    if (t->w->beat
            ? t->w->beat(t->w->ctx, t->s, t->job, N_("writing the backup"),
                         done, now, &t->ours, NULL)
            : job_beat(t->s, t->job, t->w->holder, N_("writing the backup"),
                       done, now, &t->ours, NULL))
        t->ours = false;
    return t->ours;
}

/* A name of ours alone: whatever stands in the table leads nowhere else. */
static bool plain_name(const char *name)
{
    return !strchr(name, '/') && name[0] != '.' &&
           str_ends(str_of(name), ".backup");
}

static enum rc write_it(const struct backup_worker *w, struct telling *t,
                        const struct job_row *job, struct backup_count *count,
                        struct err *err)
{
    AUTO(store) struct store *own = NULL;
    AUTO(arena) struct arena *a = arena_new(0);
    const struct backup_watch watch = {tell, t};
    enum rc rc;

    if (!plain_name(job->input))
        return err_set(err, RC_INVALID, N_("there is no such job"));
    rc = dir_make(w->folder, err);
    if (!rc)
        rc = store_open(w->store, &own, err);
    if (!rc)
        rc = backup_write(own, path_join(a, w->folder, job->input), time(NULL),
                          &watch, count, err);
    return rc;
}

/* A server that stops leaves the job to the next one, at once. */
static enum rc give_back(const struct backup_worker *w, struct store *s,
                         const struct job_row *job, struct err *err)
{
    return store_exec(s,
                      "UPDATE job SET state = 'waiting', lease = 0,"
                      " tries = tries - 1 WHERE id = :id AND holder = :holder"
                      " AND state = 'working'",
                      PARAMS(P_INT("id", job->id), P_TEXT("holder", w->holder)),
                      NULL, err);
}

enum rc backup_work(const struct backup_worker *w, struct store *s,
                    const struct job_row *job, struct err *err)
{
    struct telling t = {.w = w, .s = s, .job = job->id, .ours = true};
    struct backup_count count = {0};
    char result[100];
    enum rc rc = write_it(w, &t, job, &count, err);

    if (rc == RC_CANCELLED && w->stopping && w->stopping(w->ctx))
        return give_back(w, s, job, err);
    if (!t.ours && rc == RC_CANCELLED)
        rc = job_end(s, job->id, w->holder, "cancelled", "", err);
    else if (rc)
        rc = job_end(s, job->id, w->holder, "failed",
                     N_("The backup could not be written; the journal says "
                        "why."),
                     NULL)
                 ? RC_CONFLICT
                 : rc;
    else {
        snprintf(result, sizeof result, "%" PRId64 " %" PRId64 " %" PRId64,
                 count.tables, count.rows, count.bytes);
        rc = job_end(s, job->id, w->holder, "done", result, err);
    }
    return rc == RC_CONFLICT ? RC_OK : rc;
}
