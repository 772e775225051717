/*
 * measure: what chance gives, and how sure a value is.
 *
 * Values wait until all of a period are there. Those of one group share their
 * draws, and so do those of no single group: the draws, and so the figures, are
 * the same whatever else is asked for.
 */
#include "cli/measure.h"

#include <math.h>

/* As many numbers of draws as one batch keeps. */
enum { BATCH_DRAWS = 1 << 23 };

/* Tasks of the same draws, and what came of each; all in the arena. */
struct batch {
    struct measure_target *target;
    struct node **head;
    enum rc *rc;
    struct measure_tested *tested;
    struct measure_interval *interval;
    size_t n, most;
    uint32_t period;
};

static struct batch batch_new(const struct measuring *m)
{
    struct arena *a = m->c->arena;
    size_t most = MAX(BATCH_DRAWS / m->options.draws, 64);
    size_t n = MIN(most, m->n_pending + 1);

    return (struct batch){.most = n,
                          .target = arena_array(a, struct measure_target, n),
                          .head = arena_array(a, struct node *, n),
                          .rc = arena_array(a, enum rc, n),
                          .tested = arena_array(a, struct measure_tested, n),
                          .interval =
                              arena_array(a, struct measure_interval, n)};
}

/* The two things asked of draws: against chance, and of another sample. */
struct inquiry {
    const char *why; /* key of the note */
    enum measure_model model;
    enum rc (*many)(struct measuring *m, const struct batch *b, size_t first,
                    size_t n, enum rc *rc);
};

static void put_test(struct node *r, const struct measure_tested *t,
                     enum measure_model model)
{
    node_set_double(r, "expected", t->expected);
    node_set_double(r, "excess", t->excess);
    node_set_double(r, "null_sd", t->sd);
    node_set_double(r, "p", t->p_two);
    node_set_double(r, "p_error", t->p_error);
    node_set_int(r, "draws", (int64_t)t->draws);
    if (t->undefined)
        node_set_int(r, "undefined", (int64_t)t->undefined);
    node_set_text(r, "null_model", measure_model_code(model));
}

static enum rc test_many(struct measuring *m, const struct batch *b,
                         size_t first, size_t n, enum rc *rc)
{
    struct counts c = matrix_counts(&m->matrix, b->period);
    struct measure_tested *out = b->tested;
    enum rc whole = measure_test_many(b->target + first, n, &c, m->null_model,
                                      &m->options, out, rc);

    for (size_t k = 0; k < n && !whole; k++)
        if (!rc[k])
            put_test(b->head[first + k], &out[k], m->null_model);
    return whole;
}

static void put_interval(struct node *r, const struct measure_interval *i,
                         enum measure_model model)
{
    node_set_double(r, "bias", i->bias);
    node_set_double(r, "debiased", i->debiased);
    node_set_double(r, "se", i->se);
    node_set_double(r, "low", i->low);
    node_set_double(r, "high", i->high);
    if (!isnan(i->bca_low)) {
        node_set_double(r, "bca_low", i->bca_low);
        node_set_double(r, "bca_high", i->bca_high);
    }
    /* turned about the value: where draws lie above it for being few persons,
     * these do not */
    node_set_double(r, "debiased_low", 2 * i->value - i->high);
    node_set_double(r, "debiased_high", 2 * i->value - i->low);
    node_set_double(r, "level", i->level);
    node_set_int(r, "draws", (int64_t)i->draws);
    if (i->undefined)
        node_set_int(r, "undefined", (int64_t)i->undefined);
    node_set_text(r, "resampled", measure_model_code(model));
}

static enum rc interval_many(struct measuring *m, const struct batch *b,
                             size_t first, size_t n, enum rc *rc)
{
    struct counts c = matrix_counts(&m->matrix, b->period);
    struct measure_interval *out = b->interval;
    enum rc whole = measure_bootstrap_many(
        b->target + first, n, &c, m->bootstrap, m->level, &m->options, out, rc);

    for (size_t k = 0; k < n && !whole; k++)
        if (!rc[k])
            put_interval(b->head[first + k], &out[k], m->bootstrap);
    return whole;
}

/*
 * What one index cannot take fails the draws of all: then each is taken by
 * itself, so that the reason stands where it belongs.
 */
static enum rc run_batch(struct measuring *m, const struct inquiry *q,
                         struct batch *b, struct err *err)
{
    enum rc whole = q->many(m, b, 0, b->n, b->rc);

    if (whole == RC_MEMORY)
        return measuring_no_memory(err);
    for (size_t k = 0; k < b->n; k++) {
        enum rc rc = RC_OK;

        if (whole) {
            enum rc alone = q->many(m, b, k, 1, &rc);

            rc = alone ? alone : rc;
            b->rc[k] = rc;
        }
        m->n_drawn += !b->rc[k];
        if (b->rc[k])
            rc = measuring_note(m, b->head[k], q->why, b->rc[k], err);
        if (rc)
            return rc;
    }
    b->n = 0;
    return RC_OK;
}

static bool same_draws(const struct task *a, const struct task *b)
{
    bool group = a->target.scope == MEASURE_GROUP;

    if (group != (b->target.scope == MEASURE_GROUP))
        return false;
    return !group || a->target.group == b->target.group;
}

/* A measure that simulates is tested only when it was named. */
bool measuring_simulates(const struct measure *m)
{
    static const char *const codes[] = {
        "modified_dissimilarity", "modified_gini",
        "bias_corrected_dissimilarity", "small_unit_bounds"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(m->code, codes[i]) == 0)
            return true;
    return false;
}

static const char *refused(const struct measuring *m, const struct inquiry *q,
                           const struct measure_target *t)
{
    const char *why = measure_model_refused(q->model, t);

    return why ? why : heavy_draws_refused(m, t->m);
}

static enum rc run_inquiry(struct measuring *m, const struct inquiry *q,
                           struct err *err)
{
    struct batch b = batch_new(m);
    bool *done = arena_array(m->c->arena, bool, m->n_pending + 1);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < m->n_pending && !rc; i++) {
        for (size_t k = i; k < m->n_pending && b.n < b.most; k++) {
            const struct pending *p = &m->pending[k];
            const char *why;

            if (done[k] || !same_draws(&m->pending[i].task, &p->task))
                continue;
            done[k] = true;
            why = refused(m, q, &p->task.target);
            if (why) {
                measuring_note_text(m, p->head, q->why, why);
                continue;
            }
            b.target[b.n] = p->task.target;
            b.head[b.n++] = p->head;
            b.period = p->task.period;
        }
        if (b.n)
            rc = run_batch(m, q, &b, err);
        if (!rc && !progress_at(&m->progress, N_("Drawing"),
                                (double)i / (double)m->n_pending))
            rc = RC_CANCELLED;
    }
    return rc;
}

enum rc measuring_inference(struct measuring *m, struct err *err)
{
    const struct inquiry test = {"null_why", m->null_model, test_many};
    const struct inquiry interval = {"interval_why", m->bootstrap,
                                     interval_many};
    enum rc rc = m->test ? run_inquiry(m, &test, err) : RC_OK;

    if (!rc && m->interval)
        rc = run_inquiry(m, &interval, err);
    m->n_pending = 0;
    return rc;
}
