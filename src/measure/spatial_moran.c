/*
 * Moran's I: Moran (1950), doi:10.1093/biomet/37.1-2.17; its local form:
 * Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x; its variance under
 * randomisation: Cliff and Ord (1981).
 *
 * The areas lived in are numbered anew. Conditional draws of neighbours are the
 * same for every area (its own number left out), as PySAL has them: `draws`
 * times as many numbers as the best-connected area has neighbours.
 */
#include "base/rng.h"
#include "base/thread.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>

/* Streams of the permutations of all areas, beside those of neighbours. */
#define STREAM_ALL ((uint64_t)1 << 32)

enum { SEQUENTIAL_TAIL = 50 };

struct field {
    size_t n;       /* areas lived in */
    uint32_t *area; /* owned: number -> area */
    double *z;      /* owned: share less its mean */
    double *lag;    /* owned: sum of w_ij z_j */
    size_t *start;  /* owned: links between numbers */
    uint32_t *to;   /* owned */
    double m2;      /* mean of z^2 */
    double s0;      /* sum of weights */
    size_t most;    /* neighbours of the best-connected area */
    bool binary;
};

static void cleanup_field(struct field *f)
{
    free(f->area);
    free(f->z);
    free(f->lag);
    free(f->start);
    free(f->to);
}

static double weight_of(const struct field *f, size_t k)
{
    return f->binary ? 1 : 1 / (double)(f->start[k + 1] - f->start[k]);
}

static double lag_of(const struct field *f, size_t k, const double *z)
{
    double s = 0;

    if (f->start[k] == f->start[k + 1])
        return 0;
    for (size_t e = f->start[k]; e < f->start[k + 1]; e++)
        s += z[f->to[e]];
    return s * weight_of(f, k);
}

static enum rc field_links(struct field *f, const struct neighbours *l,
                           size_t areas)
{
    AUTO(mem) uint32_t *number = malloc(areas * sizeof *number);
    size_t at = 0;

    f->start = calloc(f->n + 1, sizeof *f->start);
    f->to = malloc(MAX(l->start[areas], 1) * sizeof *f->to);
    if (!number || !f->start || !f->to)
        return RC_MEMORY;
    for (size_t i = 0; i < areas; i++)
        number[i] = UINT32_MAX;
    for (size_t k = 0; k < f->n; k++)
        number[f->area[k]] = (uint32_t)k;
    for (size_t k = 0; k < f->n; k++) {
        size_t i = f->area[k];

        for (size_t e = l->start[i]; e < l->start[i + 1]; e++)
            if (number[l->to[e]] != UINT32_MAX)
                f->to[at++] = number[l->to[e]];
        f->start[k + 1] = at;
        f->most = MAX(f->most, at - f->start[k]);
        if (at > f->start[k])
            f->s0 += weight_of(f, k) * (double)(at - f->start[k]);
    }
    return at ? RC_OK : RC_UNDEFINED;
}

static enum rc field_init(struct field *f, const struct frame *c,
                          const struct spatial *s, size_t group)
{
    const struct neighbours *l = spatial_links(s);
    struct sum mean = {0}, m2 = {0};
    enum rc rc;

    *f = (struct field){.binary = s->o.binary_weights};
    if (!l->start)
        return RC_USAGE;
    f->area = malloc(c->units * sizeof *f->area);
    f->z = malloc(c->units * sizeof *f->z);
    f->lag = malloc(c->units * sizeof *f->lag);
    if (!f->area || !f->z || !f->lag)
        return RC_MEMORY;
    for (size_t i = 0; i < c->units; i++) {
        if (!(c->unit_total[i] > 0))
            continue;
        f->area[f->n] = (uint32_t)i;
        f->z[f->n] = c->n[i * c->groups + group] / c->unit_total[i];
        sum_add(&mean, f->z[f->n++]);
    }
    for (size_t k = 0; k < f->n; k++) {
        f->z[k] -= sum_of(&mean) / (double)f->n;
        sum_add(&m2, f->z[k] * f->z[k]);
    }
    if (f->n < 2)
        return RC_UNDEFINED;
    f->m2 = sum_of(&m2) / (double)f->n;
    if (!(sqrt(f->m2) > 1e-14)) /* every share the same */
        return RC_UNDEFINED;
    rc = field_links(f, l, c->units);
    for (size_t k = 0; !rc && k < f->n; k++)
        f->lag[k] = lag_of(f, k, f->z);
    return rc;
}

static double moran_of(const struct field *f, const double *z)
{
    struct sum s = {0};

    for (size_t k = 0; k < f->n; k++)
        sum_add(&s, z[k] * lag_of(f, k, z));
    return sum_of(&s) / f->s0 / f->m2;
}

static double variance_of(const struct field *f)
{
    struct sum s1 = {0}, s2 = {0}, m4 = {0};
    double n = (double)f->n, S0 = f->s0, S1, S2, kurtosis, above;

    if (f->n < 4)
        return NAN;
    for (size_t k = 0; k < f->n; k++) {
        struct sum both = {0};

        for (size_t e = f->start[k]; e < f->start[k + 1]; e++) {
            double w = weight_of(f, k) + weight_of(f, f->to[e]);

            sum_add(&s1, w * w / 2);
            sum_add(&both, w);
        }
        sum_add(&s2, sum_of(&both) * sum_of(&both));
        sum_add(&m4, f->z[k] * f->z[k] * f->z[k] * f->z[k]);
    }
    S1 = sum_of(&s1);
    S2 = sum_of(&s2);
    kurtosis = sum_of(&m4) / n / (f->m2 * f->m2);
    above = n * ((n * n - 3 * n + 3) * S1 - n * S2 + 3 * S0 * S0) -
            kurtosis * ((n * n - n) * S1 - 2 * n * S2 + 6 * S0 * S0);
    return above / ((n - 1) * (n - 2) * (n - 3) * S0 * S0) -
           1 / ((n - 1) * (n - 1));
}

/* The nearer tail, the value itself counted among the draws. */
static double p_of(size_t as_large, size_t draws)
{
    return (double)(MIN(as_large, draws - as_large) + 1) / (double)(draws + 1);
}

/* --- all areas drawn anew -------------------------------------------- */

struct shuffle {
    const struct field *f;
    uint64_t seed;
    double seen;
    double *z;      /* owned: a worker, n */
    uint8_t *large; /* owned: one a draw */
};

static void shuffle_one(void *ctx, size_t draw, unsigned worker)
{
    struct shuffle *s = ctx;
    size_t n = s->f->n;
    double *z = s->z + worker * n;
    struct rng r;

    rng_init(&r, s->seed, STREAM_ALL + draw);
    for (size_t k = 0; k < n; k++)
        z[k] = s->f->z[k];
    for (size_t k = n; k > 1; k--) {
        size_t other = (size_t)rng_below(&r, k);
        double keep = z[k - 1];

        z[k - 1] = z[other];
        z[other] = keep;
    }
    s->large[draw] = moran_of(s->f, z) >= s->seen;
}

static enum rc moran_p(const struct field *f, const struct measure_options *o,
                       unsigned threads, struct moran *out)
{
    struct shuffle s = {.f = f, .seed = o->seed, .seen = out->i};
    size_t large = 0;

    s.z = malloc(thread_count(threads) * f->n * sizeof *s.z);
    s.large = malloc(o->draws);
    if (s.z && s.large)
        parallel_for(o->draws, threads, &s, shuffle_one);
    for (size_t k = 0; s.z && s.large && k < o->draws; k++)
        large += s.large[k];
    free(s.large);
    if (!s.z || !s.large) {
        free(s.z);
        return RC_MEMORY;
    }
    free(s.z);
    out->p = p_of(large, o->draws);
    out->p_error = sqrt(out->p * (1 - out->p) / (double)(o->draws + 1));
    return RC_OK;
}

/* --- neighbours drawn anew ------------------------------------------- */

struct conditional {
    const struct field *f;
    size_t draws;
    bool sequential;
    uint32_t *pick; /* owned: draws x most, distinct below n - 1 */
    double *p;      /* by area */
};

static enum rc picks(struct conditional *c, uint64_t seed)
{
    size_t n = c->f->n - 1, most = c->f->most;
    AUTO(mem) uint32_t *deck = malloc(MAX(n, 1) * sizeof *deck);

    if (most && c->draws > SIZE_MAX / sizeof *c->pick / most)
        return RC_MEMORY;
    c->pick = malloc(MAX(c->draws * most, 1) * sizeof *c->pick);
    if (!deck || !c->pick)
        return RC_MEMORY;
    for (size_t k = 0; k < n; k++)
        deck[k] = (uint32_t)k;
    for (size_t d = 0; d < c->draws; d++) {
        struct rng r;

        rng_init(&r, seed, d);
        for (size_t k = 0; k < most; k++) {
            size_t other = k + (size_t)rng_below(&r, n - k);
            uint32_t keep = deck[k];

            c->pick[d * most + k] = deck[k] = deck[other];
            deck[other] = keep;
        }
    }
    return RC_OK;
}

static void conditional_one(void *ctx, size_t k, unsigned worker)
{
    struct conditional *c = ctx;
    const struct field *f = c->f;
    size_t degree = f->start[k + 1] - f->start[k], large = 0, done = 0;
    double seen, self = f->z[k];

    (void)worker;
    if (!degree) {
        c->p[f->area[k]] = NAN;
        return;
    }
    seen = self * f->lag[k] / weight_of(f, k);
    while (done < c->draws) {
        const uint32_t *pick = c->pick + done * f->most;
        double s = 0;

        for (size_t e = 0; e < degree; e++)
            s += f->z[pick[e] + (pick[e] >= k)];
        large += self * s >= seen;
        done++;
        if (c->sequential && MIN(large, done - large) >= SEQUENTIAL_TAIL)
            break;
    }
    c->p[f->area[k]] = p_of(large, done);
}

static enum rc local_p(const struct field *f, const struct measure_options *o,
                       unsigned threads, double *p)
{
    struct conditional c = {.f = f,
                            .draws = o->draws,
                            .sequential = o->flags & MEASURE_SEQUENTIAL,
                            .p = p};
    enum rc rc = picks(&c, o->seed);

    if (!rc)
        parallel_for(f->n, threads, &c, conditional_one);
    free(c.pick);
    return rc;
}

static enum moran_kind kind_of(double z, double lag)
{
    if (z >= 0)
        return lag >= 0 ? MORAN_HIGH_HIGH : MORAN_HIGH_LOW;
    return lag >= 0 ? MORAN_LOW_HIGH : MORAN_LOW_LOW;
}

static void local_values(const struct field *f, size_t areas,
                         const struct moran_local *local)
{
    for (size_t i = 0; i < areas; i++) {
        if (local->i)
            local->i[i] = NAN;
        if (local->p)
            local->p[i] = NAN;
        if (local->kind)
            local->kind[i] = MORAN_NONE;
    }
    for (size_t k = 0; k < f->n; k++) {
        size_t i = f->area[k];

        if (local->i)
            local->i[i] = f->z[k] / f->m2 * f->lag[k];
        if (local->kind && f->start[k] < f->start[k + 1])
            local->kind[i] = kind_of(f->z[k], f->lag[k]);
    }
}

enum rc measure_moran(const struct counts *c, const struct spatial *s,
                      size_t group, const struct measure_options *o,
                      struct moran *out, const struct moran_local *local)
{
    struct measure_options defaults = measure_defaults();
    AUTO(frame) struct frame f = {0};
    AUTO(field) struct field field = {0};
    enum rc rc;

    if (c->units != s->a.n || group >= c->groups)
        return RC_USAGE;
    o = o ? o : &defaults;
    rc = frame_init(&f, c);
    if (!rc)
        rc = field_init(&field, &f, s, group);
    if (rc)
        return rc;
    *out = (struct moran){.i = moran_of(&field, field.z),
                          .expected = -1 / ((double)field.n - 1),
                          .variance = variance_of(&field),
                          .p = NAN,
                          .p_error = NAN};
    if (o->draws && !(o->flags & MEASURE_LOCAL_ONLY))
        rc = moran_p(&field, o, s->o.threads, out);
    if (local)
        local_values(&field, f.units, local);
    if (!rc && local && local->p && o->draws)
        rc = local_p(&field, o, s->o.threads, local->p);
    return rc;
}

enum rc measure_morans_i(const struct frame *f, const struct ask *a,
                         double *out)
{
    AUTO(field) struct field field = {0};
    enum rc rc = field_init(&field, f, a->space, a->group);

    if (rc)
        return rc;
    if (a->scope == MEASURE_GROUP_AREA)
        local_values(&field, f->units, &(struct moran_local){.i = out});
    else
        *out = moran_of(&field, field.z);
    return RC_OK;
}
