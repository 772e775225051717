/*
 * Many values of one matrix: its sums are taken once, and a group's column
 * once for all measures. Groups, or measures of the city, are shared out among
 * the threads.
 */
#include "base/thread.h"
#include "measure/frame.h"

#include <stdlib.h>

struct batch {
    const struct frame *f;
    const struct measure *const *m;
    size_t n;
    struct measure_options o; /* for one thread */
    double *out;
    enum rc *rc;
    /* The units lived in: their persons, and the members a worker is at. */
    size_t lived;
    double *t, *x; /* owned; x: `lived` + 1 numbers a worker */
};

static void cleanup_batch(struct batch *b)
{
    free(b->t);
    free(b->x);
}

static enum rc batch_columns(struct batch *b, unsigned workers)
{
    const struct frame *f = b->f;

    b->t = malloc(f->lived_in * sizeof *b->t);
    b->x = malloc(workers * (f->lived_in + 1) * sizeof *b->x);
    if (!b->t || !b->x)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++)
        if (f->unit_total[i] > 0)
            b->t[b->lived++] = f->unit_total[i];
    return RC_OK;
}

static struct two column_of(const struct batch *b, size_t group, double *x)
{
    const struct frame *f = b->f;
    size_t k = 0;

    for (size_t i = 0; i < f->units; i++) {
        x[k] = f->n[i * f->groups + group];
        k += f->unit_total[i] > 0;
    }
    return (struct two){.n = b->lived,
                        .x = x,
                        .t = b->t,
                        .X = f->group_total[group],
                        .T = f->total,
                        .lent = true};
}

static void one_group(void *ctx, size_t g, unsigned worker)
{
    struct batch *b = ctx;
    struct two p = column_of(b, g, b->x + worker * (b->lived + 1));
    struct ask a = {
        .scope = MEASURE_GROUP, .group = g, .o = &b->o, .columns = &p};

    for (size_t k = 0; k < b->n; k++) {
        size_t at = k * b->f->groups + g;

        b->rc[at] = frame_compute(b->m[k], b->f, &a, &b->out[at]);
    }
}

static struct measure_options one_thread(const struct measure_options *o)
{
    struct measure_options one = o ? *o : measure_defaults();

    one.threads = 1;
    return one;
}

enum rc measure_groups_many(const struct measure *const *m, size_t n,
                            const struct counts *c,
                            const struct measure_options *o, double *out,
                            enum rc *rc)
{
    unsigned workers = thread_count(o ? o->threads : 1);
    AUTO(frame) struct frame f = {0};
    AUTO(batch)
    struct batch b = {
        .f = &f, .m = m, .n = n, .o = one_thread(o), .out = out, .rc = rc};
    enum rc whole = frame_init(&f, c);

    if (!whole)
        whole = batch_columns(&b, workers);
    if (!whole)
        parallel_for(f.groups, workers, &b, one_group);
    return whole;
}

enum rc measure_groups(const struct measure *m, const struct counts *c,
                       const struct measure_options *o, double *out,
                       enum rc *rc)
{
    if (!(m->scopes & MEASURE_GROUP) || !(m->needs & NEEDS_COUNTS))
        return RC_USAGE;
    return measure_groups_many(&m, 1, c, o, out, rc);
}

static void one_measure(void *ctx, size_t k, unsigned worker)
{
    struct batch *b = ctx;
    struct ask a = {.scope = MEASURE_CITY, .o = &b->o};

    (void)worker;
    b->rc[k] = frame_compute(b->m[k], b->f, &a, &b->out[k]);
}

enum rc measure_city_many(const struct measure *const *m, size_t n,
                          const struct counts *c,
                          const struct measure_options *o, double *out,
                          enum rc *rc)
{
    AUTO(frame) struct frame f = {0};
    struct batch b = {
        .f = &f, .m = m, .n = n, .o = one_thread(o), .out = out, .rc = rc};
    enum rc whole = frame_init(&f, c);

    if (!whole)
        parallel_for(n, o ? o->threads : 1, &b, one_measure);
    return whole;
}
