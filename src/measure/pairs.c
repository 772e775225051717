/*
 * An index of all pairs of groups. Where it is a sum over units of a function
 * of two columns, the columns are laid out once and the pairs shared out among
 * the threads; else each pair is computed for itself.
 */
#include "base/thread.h"
#include "measure/frame.h"
#include "measure/spatial_sweep.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    const struct frame *f;
    double *a, *b; /* groups x units each: what a pair is made of */
    size_t *homes; /* units in which a group lives */
    size_t *home;  /* the last of them */
    double *out;
    double (*of)(const double *a, const double *b, size_t n);
};

/* Sum of |a - b| in eight lanes, the same on every processor. */
static double difference(const double *a, const double *b, size_t n)
{
    double lane[LANES] = {0};
    size_t k = 0;

    for (; k + LANES <= n; k += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += fabs(a[k + l] - b[k + l]);
    for (size_t l = 0; k + l < n; l++)
        lane[l] += fabs(a[k + l] - b[k + l]);
    return lanes_sum(lane);
}

static double product(const double *a, const double *b, size_t n)
{
    double lane[LANES] = {0};
    size_t k = 0;

    for (; k + LANES <= n; k += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += a[k + l] * b[k + l];
    for (size_t l = 0; k + l < n; l++)
        lane[l] += a[k + l] * b[k + l];
    return lanes_sum(lane);
}

static double pair_dissimilarity(const double *a, const double *b, size_t n)
{
    return fmin(1, difference(a, b, n) / 2);
}

/* 1 - sum of minima / sum of maxima = 2 D / (1 + D), as each share adds to 1.
 */
static double pair_minmax(const double *a, const double *b, size_t n)
{
    double d = pair_dissimilarity(a, b, n);

    return 2 * d / (1 + d);
}

static double pair_interaction(const double *a, const double *b, size_t n)
{
    return fmin(1, product(a, b, n));
}

static const struct {
    const char *code;
    double (*of)(const double *a, const double *b, size_t n);
} fast[] = {{"dissimilarity", pair_dissimilarity},
            {"minmax", pair_minmax},
            {"interaction", pair_interaction}};

/* Shares of each group by unit; for exposure shares of each unit by group. */
static void lay_out(struct columns *c)
{
    const struct frame *f = c->f;

    for (size_t g = 0; g < f->groups; g++) {
        double per_x = f->group_total[g] > 0 ? 1 / f->group_total[g] : 0;

        for (size_t i = 0; i < f->units; i++) {
            double x = f->n[i * f->groups + g], t = f->unit_total[i];

            c->a[g * f->units + i] = x * per_x;
            if (c->b != c->a)
                c->b[g * f->units + i] = t > 0 ? x / t : 0;
            if (x > 0) {
                c->homes[g]++;
                c->home[g] = i;
            }
        }
    }
}

static bool defined(const struct columns *c, size_t g, size_t h)
{
    if (g == h || !c->homes[g])
        return false;
    if (c->b != c->a)
        return c->f->lived_in >= 2;
    return c->homes[h] &&
           (c->homes[g] > 1 || c->homes[h] > 1 || c->home[g] != c->home[h]);
}

static void pair_row(void *ctx, size_t g, unsigned worker)
{
    const struct columns *c = ctx;
    size_t units = c->f->units, groups = c->f->groups;

    for (size_t h = 0; h < groups; h++)
        c->out[g * groups + h] =
            defined(c, g, h) ? c->of(c->a + g * units, c->b + h * units, units)
                             : NAN;
}

static enum rc pairs_fast(const struct frame *f, size_t which,
                          const struct measure_options *o, double *out)
{
    size_t cells = f->units * f->groups;
    bool exposure = fast[which].of == pair_interaction;
    AUTO(mem) double *n = malloc(2 * cells * sizeof *n);
    AUTO(mem) size_t *homes = calloc(2 * f->groups, sizeof *homes);
    struct columns c;

    if (!n || !homes)
        return RC_MEMORY;
    c = (struct columns){f,
                         n,
                         exposure ? n + cells : n,
                         homes,
                         homes + f->groups,
                         out,
                         fast[which].of};
    lay_out(&c);
    parallel_for(f->groups, o->threads, &c, pair_row);
    return RC_OK;
}

struct slow {
    const struct measure *m;
    const struct frame *f;
    struct measure_options o; /* for one thread */
    bool symmetric;
    double *column; /* owned: groups x units */
    double *x;      /* owned: 2 x units a worker */
    double *out;
    _Atomic bool no_memory;
};

static void cleanup_slow(struct slow *s)
{
    free(s->column);
    free(s->x);
}

/* The pair's members and persons in each unit where either lives. */
static struct two pair_of(const struct slow *s, size_t g, size_t h, double *x)
{
    size_t units = s->f->units;
    const double *a = s->column + g * units, *b = s->column + h * units;
    struct two p = {.x = x, .t = x + units, .lent = true};

    p.X = s->f->group_total[g];
    p.T = p.X + s->f->group_total[h];
    for (size_t i = 0; i < units; i++) {
        p.x[p.n] = a[i];
        p.t[p.n] = a[i] + b[i];
        p.n += p.t[p.n] > 0;
    }
    return p;
}

static void one_pair(void *ctx, size_t k, unsigned worker)
{
    struct slow *s = ctx;
    size_t groups = s->f->groups, g = k / groups, h = k % groups;
    struct two p;
    struct ask a = {.scope = MEASURE_PAIR,
                    .group = g,
                    .against = h,
                    .o = &s->o,
                    .columns = &p};
    enum rc rc;

    if (s->symmetric && h < g)
        return;
    s->out[k] = NAN;
    if (g == h)
        return;
    p = pair_of(s, g, h, s->x + 2 * worker * s->f->units);
    rc = frame_compute(s->m, s->f, &a, &s->out[k]);
    if (rc == RC_MEMORY)
        atomic_store(&s->no_memory, true);
    if (s->symmetric)
        s->out[h * groups + g] = s->out[k];
}

static enum rc pairs_slow(const struct measure *m, const struct frame *f,
                          const struct measure_options *o, double *out)
{
    AUTO(slow)
    struct slow s = {.m = m,
                     .f = f,
                     .o = *o,
                     .symmetric = strcmp(m->code, "gini") == 0,
                     .out = out};

    s.o.threads = 1;
    s.column = malloc(f->groups * f->units * sizeof *s.column);
    s.x = malloc(2 * thread_count(o->threads) * f->units * sizeof *s.x);
    if (!s.column || !s.x)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++)
        for (size_t g = 0; g < f->groups; g++)
            s.column[g * f->units + i] = f->n[i * f->groups + g];
    parallel_for(f->groups * f->groups, o->threads, &s, one_pair);
    return atomic_load(&s.no_memory) ? RC_MEMORY : RC_OK;
}

enum rc measure_pairs(const struct measure *m, const struct counts *c,
                      const struct measure_options *o, double *out)
{
    struct measure_options defaults = measure_defaults();
    AUTO(frame) struct frame f = {0};
    enum rc rc = frame_init(&f, c);
    size_t k = 0;

    o = o ? o : &defaults;
    if (rc)
        return rc;
    if (!(m->scopes & MEASURE_PAIR) || m->needs != NEEDS_COUNTS)
        return RC_USAGE;
    while (k < ARRAY_LEN(fast) && strcmp(fast[k].code, m->code) != 0)
        k++;
    if (k < ARRAY_LEN(fast) && !(o->flags & MEASURE_EXACT_ISOLATION))
        return pairs_fast(&f, k, o, out);
    return pairs_slow(m, &f, o, out);
}
