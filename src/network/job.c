#include "network/job.h"
#include "network/secret.h"

#define COLUMNS                                                              \
    "SELECT id, created, kind, input, state, stage, result, progress, tries" \
    " FROM job"

struct finding {
    struct arena *a;
    struct job_row *out;
    bool found;
};

static bool take_row(void *ctx, const struct store_row *row)
{
    struct finding *f = ctx;

    *f->out = (struct job_row){
        .id = row_int(row, "id", 0),
        .created = row_int(row, "created", 0),
        .kind = arena_str(f->a, row_text(row, "kind")),
        .input = arena_str(f->a, row_text(row, "input")),
        .state = arena_str(f->a, row_text(row, "state")),
        .stage = arena_str(f->a, row_text(row, "stage")),
        .result = arena_str(f->a, row_text(row, "result")),
        .progress = row_real(row, "progress", 0),
        .tries = row_int(row, "tries", 0),
    };
    f->found = true;
    return false;
}

static enum rc found(enum rc rc, const struct finding *f, struct err *err)
{
    return rc || f->found
               ? rc
               : err_set(err, RC_NOT_FOUND, N_("there is no such job"));
}

bool job_open(const struct job_row *j)
{
    return strcmp(j->state, "waiting") == 0 ||
           strcmp(j->state, "working") == 0 ||
           strcmp(j->state, "cancelling") == 0;
}

enum rc job_load(struct store *s, int64_t id, struct arena *a,
                 struct job_row *out, struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc = store_each(s, COLUMNS " WHERE id = :id",
                            PARAMS(P_INT("id", id)), take_row, &f, err);

    return found(rc, &f, err);
}

enum rc job_last(struct store *s, const char *kind, const char *input,
                 struct arena *a, struct job_row *out, struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc =
        store_each(s,
                   COLUMNS
                   " WHERE kind = :kind AND input = :input"
                   " ORDER BY id DESC LIMIT 1",
                   PARAMS(P_TEXT("kind", kind), P_TEXT("input", input)),
                   take_row, &f, err);

    return found(rc, &f, err);
}

struct putting {
    struct store *s;
    const char *kind, *input;
    int64_t now, *id;
};

static enum rc put(void *ctx, struct err *err)
{
    const struct putting *p = ctx;
    enum rc rc = store_int(
        p->s,
        "SELECT id FROM job WHERE kind = :kind AND input ="
        " :input AND state IN ('waiting', 'working')",
        PARAMS(P_TEXT("kind", p->kind), P_TEXT("input", p->input)), p->id, err);

    if (rc != RC_NOT_FOUND)
        return rc;
    return store_int(p->s,
                     "INSERT INTO job (kind, input, state, created) VALUES"
                     " (:kind, :input, 'waiting', :now) RETURNING id",
                     PARAMS(P_TEXT("kind", p->kind), P_TEXT("input", p->input),
                            P_INT("now", p->now)),
                     p->id, err);
}

enum rc job_put(struct store *s, const char *kind, const char *input,
                int64_t now, int64_t *id, struct err *err)
{
    struct putting p = {s, kind, input, now, id};

    return in_transaction(s, put, &p, err);
}

enum rc job_cancel(struct store *s, int64_t id, struct err *err)
{
    return store_exec(s,
                      "UPDATE job SET state = CASE state WHEN 'waiting' THEN"
                      " 'cancelled' ELSE 'cancelling' END WHERE id = :id"
                      " AND state IN ('waiting', 'working')",
                      PARAMS(P_INT("id", id)), NULL, err);
}

/* ---- the worker's side ---- */

struct taking {
    struct store *s;
    const char *holder;
    int64_t now;
    struct arena *a;
    struct job_row *out;
};

/* Nobody works at these any more. */
static enum rc give_up(const struct taking *t, struct err *err)
{
    enum rc rc = store_exec(
        t->s,
        "UPDATE job SET state = 'failed', result = '' WHERE state = 'working'"
        " AND lease < :now AND tries >= :most",
        PARAMS(P_INT("now", t->now), P_INT("most", JOB_TRIES)), NULL, err);

    if (rc)
        return rc;
    return store_exec(t->s,
                      "UPDATE job SET state = 'cancelled' WHERE state ="
                      " 'cancelling' AND lease < :now",
                      PARAMS(P_INT("now", t->now)), NULL, err);
}

static enum rc take(void *ctx, struct err *err)
{
    const struct taking *t = ctx;
    int64_t id, changed;
    enum rc rc = store_int(t->s,
                           "SELECT id FROM job WHERE state = 'waiting' OR"
                           " (state IN ('working', 'cancelling') AND lease <"
                           " :now) ORDER BY id LIMIT 1",
                           PARAMS(P_INT("now", t->now)), &id, err);

    if (!rc)
        rc = give_up(t, err);
    if (!rc)
        rc = store_exec(
            t->s,
            "UPDATE job SET state = 'working', holder = :holder, lease ="
            " :lease, tries = tries + 1, progress = 0, stage = ''"
            " WHERE id = :id AND (state = 'waiting' OR (state = 'working' AND"
            " lease < :now))",
            PARAMS(P_TEXT("holder", t->holder),
                   P_INT("lease", t->now + JOB_LEASE_S), P_INT("id", id),
                   P_INT("now", t->now)),
            &changed, err);
    if (rc)
        return rc;
    *t->out = (struct job_row){0};
    return changed ? job_load(t->s, id, t->a, t->out, err) : RC_OK;
}

enum rc job_take(struct store *s, const char *holder, int64_t now,
                 struct arena *a, struct job_row *out, struct err *err)
{
    struct taking t = {s, holder, now, a, out};
    int64_t some;
    enum rc rc = store_int(s,
                           "SELECT COUNT(*) FROM job WHERE state = 'waiting'"
                           " OR (state IN ('working', 'cancelling') AND lease"
                           " < :now)",
                           PARAMS(P_INT("now", now)), &some, err);

    /* looking costs no place in the writers' queue */
    if (!rc && !some)
        return err_set(err, RC_NOT_FOUND, N_("there is no such job"));
    if (!rc)
        rc = in_transaction(s, take, &t, err);
    if (!rc && !out->id)
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such job"));
    return rc;
}

enum rc job_beat(struct store *s, int64_t id, const char *holder,
                 const char *stage, double progress, int64_t now, bool *go_on,
                 struct err *err)
{
    int64_t changed = 0;
    enum rc rc = store_exec(
        s,
        "UPDATE job SET lease = :lease, stage = :stage, progress = :progress"
        " WHERE id = :id AND holder = :holder AND state = 'working'",
        PARAMS(P_INT("lease", now + JOB_LEASE_S), P_TEXT("stage", stage),
               P_REAL("progress", progress), P_INT("id", id),
               P_TEXT("holder", holder)),
        &changed, err);

    *go_on = changed > 0;
    return rc;
}

enum rc job_end(struct store *s, int64_t id, const char *holder,
                const char *state, const char *result, struct err *err)
{
    int64_t changed = 0;
    enum rc rc = store_exec(
        s,
        "UPDATE job SET state = CASE state WHEN 'cancelling' THEN 'cancelled'"
        " ELSE :state END, result = :result, lease = 0,"
        " progress = CASE :state WHEN 'done' THEN 1.0 ELSE progress END"
        " WHERE id = :id AND holder = :holder"
        " AND state IN ('working', 'cancelling')",
        PARAMS(P_TEXT("state", state), P_TEXT("result", result),
               P_INT("id", id), P_TEXT("holder", holder)),
        &changed, err);

    if (!rc && !changed)
        rc = err_set(err, RC_CONFLICT, N_("another worker took this job over"));
    return rc;
}
