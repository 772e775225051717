#include "measure/sample_many.h"

#include "measure/chance.h"
#include "measure/elementary.h"
#include "measure/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256, TABLE_MOST = 1 << 14, INVERT_BELOW = 10 };

enum rc sampler_init(struct sampler *s, double largest)
{
    s->n = (size_t)fmin(TABLE_MOST, largest + 10 * sqrt(largest) + 64);
    s->log_factorial = malloc(s->n * sizeof *s->log_factorial);
    if (!s->log_factorial)
        return RC_MEMORY;
    for (size_t k = 0; k < s->n; k++) {
        double v = (double)k;

        s->log_factorial[k] = (v + 0.5) * log(v + 1) - (v + 1) +
                              0.91893853320467274178 + sample_stirling(k);
    }
    return RC_OK;
}

void cleanup_sampler(struct sampler *s)
{
    free(s->log_factorial);
}

/* --- loops in lanes -------------------------------------------------- */

/*
 * The middle of the hat, where nothing is left to decide: v, uniform, is below
 * 0.86 of the limit there and gives the other uniform as well. -1: decide.
 */
#define MIDDLE(v, limit, a, b, mean, most)                            \
    ({                                                                \
        double u_ = (v) / (limit)-0.43;                               \
        double us_ = 0.5 - __builtin_fabs(u_);                        \
        double at_ = (2 * (a) / us_ + (b)) * u_ + (mean);             \
        double k_ = __builtin_floor(at_);                             \
                                                                      \
        (v) <= 0.86 * (limit) && k_ >= 0 && k_ <= (most) ? k_ : -1.0; \
    })

INLINE void binomials_body(const double *restrict n, const double *restrict v,
                           double p, size_t count, double *restrict out)
{
    double pq = p * (1 - p);

#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        double b = 1.15 + 2.53 * __builtin_sqrt(n[i] * pq);
        double a = -0.0873 + 0.0248 * b + 0.01 * p;

        out[i] = MIDDLE(v[i], 0.92 - 4.2 / b, a, b, n[i] * p + 0.5, n[i]);
    }
}

INLINE void poissons_body(const double *restrict mean, const double *restrict v,
                          size_t count, double *restrict out)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        double b = 0.931 + 2.53 * __builtin_sqrt(mean[i]);
        double a = -0.059 + 0.02483 * b;

        out[i] = MIDDLE(v[i], 0.9277 - 3.6224 / (b - 2), a, b, mean[i] + 0.43,
                        __builtin_inf());
    }
}

/*
 * Points outside the middle: w is another uniform. Sets k, and the bound that
 * its probability must reach: beyond reach where k is not possible.
 */
#define OUTSIDE(v, w, limit, a, b, mean, most, scale, k, bound)           \
    do {                                                                  \
        double t_ = (v) / (limit)-0.93;                                   \
        double edge_ = __builtin_copysign(0.5, t_) - t_;                  \
        double u_ = (v) >= (limit) ? (w)-0.5 : edge_;                     \
        double v_ = (v) >= (limit) ? (v) : (w) * (limit);                 \
        double us_ = 0.5 - __builtin_fabs(u_);                            \
        double k_ = __builtin_floor((2 * (a) / us_ + (b)) * u_ + (mean)); \
        double least_ = v_ * (scale) / ((a) / (us_ * us_) + (b));         \
                                                                          \
        least_ = least_ >= 1e-300 ? least_ : 1e-300;                      \
        least_ = k_ >= 0 ? least_ : 1e300;                                \
        (bound) = k_ <= (most) ? least_ : 1e300;                          \
        k_ = k_ >= 0 ? k_ : 0;                                            \
        (k) = k_ <= (most) ? k_ : 0;                                      \
    } while (0)

INLINE void binomials_rest_body(const double *restrict n,
                                const double *restrict v,
                                const double *restrict w, double p,
                                size_t count, double *restrict k,
                                double *restrict bound)
{
    double pq = p * (1 - p);

#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        double sd = __builtin_sqrt(n[i] * pq), b = 1.15 + 2.53 * sd;
        double a = -0.0873 + 0.0248 * b + 0.01 * p;

        OUTSIDE(v[i], w[i], 0.92 - 4.2 / b, a, b, n[i] * p + 0.5, n[i],
                (2.83 + 5.1 / b) * sd, k[i], bound[i]);
    }
}

INLINE void poissons_rest_body(const double *restrict mean,
                               const double *restrict v,
                               const double *restrict w, double most,
                               size_t count, double *restrict k,
                               double *restrict bound)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        double b = 0.931 + 2.53 * __builtin_sqrt(mean[i]);
        double a = -0.059 + 0.02483 * b;

        OUTSIDE(v[i], w[i], 0.9277 - 3.6224 / (b - 2), a, b, mean[i] + 0.43,
                most, 1.1239 + 1.1328 / (b - 3.4), k[i], bound[i]);
    }
}

/* k where ln bound <= reached, else -1. */
INLINE void decide_body(const double *restrict bound,
                        const double *restrict reached, size_t count,
                        double *restrict k)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        k[i] = log_positive(bound[i]) <= reached[i] ? k[i] : -1.0;
}

/* k ln mean - mean */
INLINE void poisson_logs_body(const double *restrict k, size_t count,
                              const double *restrict mean, double *restrict out)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        out[i] = k[i] * log_positive(mean[i]) - mean[i];
}

/* exp(n x log q), log q <= 0 */
INLINE void starts_body(const double *restrict n, double log_q, size_t count,
                        double *restrict out)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        out[i] = exp_negative(n[i] * log_q);
}

struct loops {
    void (*binomials)(const double *n, const double *v, double p, size_t count,
                      double *out);
    void (*poissons)(const double *mean, const double *v, size_t count,
                     double *out);
    void (*binomials_rest)(const double *n, const double *v, const double *w,
                           double p, size_t count, double *k, double *bound);
    void (*poissons_rest)(const double *mean, const double *v, const double *w,
                          double most, size_t count, double *k, double *bound);
    void (*decide)(const double *bound, const double *reached, size_t count,
                   double *k);
    void (*poisson_logs)(const double *k, size_t count, const double *mean,
                         double *out);
    void (*starts)(const double *n, double log_q, size_t count, double *out);
};

#define VARIANT(name, attribute)                                               \
    attribute static void binomials_##name(                                    \
        const double *n, const double *v, double p, size_t count, double *out) \
    {                                                                          \
        binomials_body(n, v, p, count, out);                                   \
    }                                                                          \
    attribute static void poissons_##name(const double *mean, const double *v, \
                                          size_t count, double *out)           \
    {                                                                          \
        poissons_body(mean, v, count, out);                                    \
    }                                                                          \
    attribute static void binomials_rest_##name(                               \
        const double *n, const double *v, const double *w, double p,           \
        size_t count, double *k, double *bound)                                \
    {                                                                          \
        binomials_rest_body(n, v, w, p, count, k, bound);                      \
    }                                                                          \
    attribute static void poissons_rest_##name(                                \
        const double *mean, const double *v, const double *w, double most,     \
        size_t count, double *k, double *bound)                                \
    {                                                                          \
        poissons_rest_body(mean, v, w, most, count, k, bound);                 \
    }                                                                          \
    attribute static void decide_##name(                                       \
        const double *bound, const double *reached, size_t count, double *k)   \
    {                                                                          \
        decide_body(bound, reached, count, k);                                 \
    }                                                                          \
    attribute static void poisson_logs_##name(const double *k, size_t count,   \
                                              const double *mean, double *out) \
    {                                                                          \
        poisson_logs_body(k, count, mean, out);                                \
    }                                                                          \
    attribute static void starts_##name(const double *n, double log_q,         \
                                        size_t count, double *out)             \
    {                                                                          \
        starts_body(n, log_q, count, out);                                     \
    }

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
VARIANT(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw"))))
#endif

#define LOOPS(name)                                                           \
    ((struct loops){binomials_##name, poissons_##name, binomials_rest_##name, \
                    poissons_rest_##name, decide_##name, poisson_logs_##name, \
                    starts_##name})

static struct loops choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw"))
        return LOOPS(avx512);
    if (__builtin_cpu_supports("avx2"))
        return LOOPS(avx2);
#endif
    return LOOPS(plain);
}

/* --- one cell -------------------------------------------------------- */

/* The other uniform, and v, of a point outside the middle. */
static double outside(struct rng *r, double *v, double limit)
{
    double u;

    if (*v >= limit)
        return rng_double(r) - 0.5;
    u = *v / limit - 0.93;
    u = copysign(0.5, u) - u;
    *v = rng_double(r) * limit;
    return u;
}

struct hat {
    double a, b, limit, centre;
};

/*
 * Points of the hat until one is accepted. `v` is the first number, the next
 * are taken from `r`.
 */
static bool hat_point(struct rng *r, const struct hat *h, double *v, double *us,
                      double *k)
{
    double u;
    bool middle = *v <= 0.86 * h->limit;

    u = middle ? *v / h->limit - 0.43 : outside(r, v, h->limit);
    *us = 0.5 - fabs(u);
    *k = floor((2 * h->a / *us + h->b) * u + h->centre);
    return middle;
}

struct binomial_of {
    double n, p, log_odds;
};

static bool binomial_takes(const struct sampler *s, const struct binomial_of *b,
                           double k, double bound)
{
    const double *f = s->log_factorial;
    size_t n = (size_t)b->n, m, at = (size_t)k;

    if (b->n >= (double)s->n)
        return sample_binomial_accepts(b->n, b->p, k, bound);
    m = (size_t)((b->n + 1) * b->p);
    return log(bound) <=
           f[m] + f[n - m] - f[at] - f[n - at] + (k - (double)m) * b->log_odds;
}

static double binomial_one(const struct sampler *s, struct rng *r,
                           const struct binomial_of *of, double v)
{
    double sd = sqrt(of->n * (of->p * (1 - of->p))), b = 1.15 + 2.53 * sd;
    struct hat h = {-0.0873 + 0.0248 * b + 0.01 * of->p, b, 0.92 - 4.2 / b,
                    of->n * of->p + 0.5};

    for (;; v = rng_double(r)) {
        double us, k;
        bool middle = hat_point(r, &h, &v, &us, &k);

        if (!(k >= 0 && k <= of->n))
            continue;
        if (middle ||
            binomial_takes(s, of, k,
                           v * (2.83 + 5.1 / b) * sd / (h.a / (us * us) + b)))
            return k;
    }
}

static double poisson_log(const struct sampler *s, double mean, double k)
{
    return k < (double)s->n ? k * log(mean) - mean - s->log_factorial[(size_t)k]
                            : chance_poisson_log(mean, k);
}

static double poisson_one(const struct sampler *s, struct rng *r, double mean,
                          double v)
{
    double b = 0.931 + 2.53 * sqrt(mean);
    double scale = 1.1239 + 1.1328 / (b - 3.4);
    struct hat h = {-0.059 + 0.02483 * b, b, 0.9277 - 3.6224 / (b - 2),
                    mean + 0.43};

    for (;; v = rng_double(r)) {
        double us, k;
        bool middle = hat_point(r, &h, &v, &us, &k);

        if (!(k >= 0))
            continue;
        if (middle ||
            log(v * scale / (h.a / (us * us) + b)) <= poisson_log(s, mean, k))
            return k;
    }
}

static const double reciprocal[] = {
    0,       1,       1. / 2,  1. / 3,  1. / 4,  1. / 5,  1. / 6,  1. / 7,
    1. / 8,  1. / 9,  1. / 10, 1. / 11, 1. / 12, 1. / 13, 1. / 14, 1. / 15,
    1. / 16, 1. / 17, 1. / 18, 1. / 19, 1. / 20, 1. / 21, 1. / 22, 1. / 23,
};

/*
 * From 0 upwards; `start` is the probability of 0 and `odds` that of k + 1 over
 * that of k, times (k + 1) / (n - k): for a Poisson count n is 1 and stays.
 */
static double invert(struct rng *r, double u, double start, double odds,
                     double n, double falls)
{
    for (;; u = rng_double(r)) {
        double f = start;
        size_t k = 0;

        while (u >= f && f > 0) {
            u -= f;
            k++;
            f *= odds * n *
                 (LIKELY(k < ARRAY_LEN(reciprocal)) ? reciprocal[k]
                                                    : 1 / (double)k);
            n -= falls;
        }
        if (f > 0)
            return (double)k;
        /* u fell into what rounding left of the tail: draw again. */
        n += falls * (double)k;
    }
}

/* --- many cells ------------------------------------------------------ */

/*
 * Cells of a block by what is done with them: inverted, rejected in lanes, or
 * alone (too large for the table).
 */
struct split {
    size_t low[BLOCK], high[BLOCK], n_low, n_high;
    size_t alone[BLOCK], n_alone;
};

static void split_by(struct split *s, const double *mean, double scale,
                     double high, size_t count, double *out)
{
    s->n_low = s->n_high = s->n_alone = 0;
    for (size_t i = 0; i < count; i++) {
        double m = mean[i] * scale;

        if (mean[i] >= high && m >= INVERT_BELOW)
            s->alone[s->n_alone++] = i;
        else if (m >= INVERT_BELOW)
            s->high[s->n_high++] = i;
        else if (m > 0)
            s->low[s->n_low++] = i;
        else
            out[i] = 0;
    }
}

/* Cells that are not settled yet, gathered: their values and numbers. */
struct pending {
    size_t n, cell[BLOCK];
    double value[BLOCK], v[BLOCK], w[BLOCK], k[BLOCK];
    double bound[BLOCK], reached[BLOCK];
};

static void gather(struct pending *p, const double *value)
{
    for (size_t i = 0; i < p->n; i++)
        p->value[i] = value[p->cell[i]];
}

/* Those with a count are written; the others stay, with their first number. */
static void settle(struct pending *p, double *out)
{
    size_t left = 0;

    for (size_t i = 0; i < p->n; i++) {
        size_t cell = p->cell[i];
        double k = p->k[i];

        out[cell] = k;
        p->cell[left] = cell;
        p->value[left] = p->value[i];
        p->v[left] = p->v[i];
        left += k < 0;
    }
    p->n = left;
}

enum { ALONE_BELOW = 4 };

/* ln of the probability of each k over that of the mode. */
static void binomials_reached(const struct sampler *s,
                              const struct binomial_of *of, struct pending *p)
{
    const double *f = s->log_factorial;

    for (size_t i = 0; i < p->n; i++) {
        double n = p->value[i];
        size_t all = (size_t)n, m = (size_t)((n + 1) * of->p);
        size_t k = (size_t)p->k[i];

        p->reached[i] = f[m] + f[all - m] - f[k] - f[all - k] +
                        (double)((int64_t)k - (int64_t)m) * of->log_odds;
    }
}

static void binomials_block(const struct sampler *s, const struct loops *with,
                            struct rng *r, const double *n, size_t count,
                            double p, double *out)
{
    struct binomial_of of = {0, p, log(p / (1 - p))};
    double log_q = log1p(-p), odds = p / (1 - p);
    struct split b;
    struct pending todo;

    split_by(&b, n, p, (double)s->n, count, out);
    todo.n = b.n_high;
    memcpy(todo.cell, b.high, b.n_high * sizeof *b.high);
    gather(&todo, n);
    while (todo.n >= ALONE_BELOW) {
        rng_doubles(r, todo.v, todo.n);
        with->binomials(todo.value, todo.v, p, todo.n, todo.k);
        settle(&todo, out);
        rng_doubles(r, todo.w, todo.n);
        with->binomials_rest(todo.value, todo.v, todo.w, p, todo.n, todo.k,
                             todo.bound);
        binomials_reached(s, &of, &todo);
        with->decide(todo.bound, todo.reached, todo.n, todo.k);
        settle(&todo, out);
    }
    memcpy(b.alone + b.n_alone, todo.cell, todo.n * sizeof *todo.cell);
    b.n_alone += todo.n;
    for (size_t k = 0; k < b.n_alone; k++) {
        of.n = n[b.alone[k]];
        out[b.alone[k]] = binomial_one(s, r, &of, rng_double(r));
    }
    todo.n = b.n_low;
    memcpy(todo.cell, b.low, b.n_low * sizeof *b.low);
    gather(&todo, n);
    rng_doubles(r, todo.v, todo.n);
    with->starts(todo.value, log_q, todo.n, todo.w);
    for (size_t k = 0; k < todo.n; k++)
        out[b.low[k]] = invert(r, todo.v[k], todo.w[k], odds, todo.value[k], 1);
}

void sample_binomials(const struct sampler *s, struct rng *r, const double *n,
                      size_t count, double p, double *out)
{
    struct loops with = choose();
    bool flip = p > 0.5;
    double q = flip ? 1 - p : p, trials[BLOCK];

    for (size_t i = 0; i < count; i += BLOCK) {
        size_t here = MIN(count - i, (size_t)BLOCK);

        memcpy(trials, n + i, here * sizeof *n); /* out may be n */
        if (q > 0)
            binomials_block(s, &with, r, trials, here, q, out + i);
        else
            memset(out + i, 0, here * sizeof *out);
        for (size_t k = 0; flip && k < here; k++)
            out[i + k] = trials[k] - out[i + k];
    }
}

static void poissons_block(const struct sampler *s, const struct loops *with,
                           struct rng *r, const double *mean, size_t count,
                           double *out)
{
    double most = (double)s->n - 1;
    struct split b;
    struct pending todo;

    /* Beyond twelve deviations no count is accepted. */
    split_by(&b, mean, 1, most - 12 * sqrt(most), count, out);
    todo.n = b.n_high;
    memcpy(todo.cell, b.high, b.n_high * sizeof *b.high);
    gather(&todo, mean);
    while (todo.n >= ALONE_BELOW) {
        rng_doubles(r, todo.v, todo.n);
        with->poissons(todo.value, todo.v, todo.n, todo.k);
        settle(&todo, out);
        rng_doubles(r, todo.w, todo.n);
        with->poissons_rest(todo.value, todo.v, todo.w, most, todo.n, todo.k,
                            todo.bound);
        with->poisson_logs(todo.k, todo.n, todo.value, todo.reached);
        for (size_t k = 0; k < todo.n; k++)
            todo.reached[k] -= s->log_factorial[(size_t)todo.k[k]];
        with->decide(todo.bound, todo.reached, todo.n, todo.k);
        settle(&todo, out);
    }
    memcpy(b.alone + b.n_alone, todo.cell, todo.n * sizeof *todo.cell);
    b.n_alone += todo.n;
    for (size_t k = 0; k < b.n_alone; k++)
        out[b.alone[k]] = poisson_one(s, r, mean[b.alone[k]], rng_double(r));
    todo.n = b.n_low;
    memcpy(todo.cell, b.low, b.n_low * sizeof *b.low);
    gather(&todo, mean);
    rng_doubles(r, todo.v, todo.n);
    with->starts(todo.value, -1, todo.n, todo.w);
    for (size_t k = 0; k < todo.n; k++)
        out[b.low[k]] = invert(r, todo.v[k], todo.w[k], todo.value[k], 1, 0);
}

void sample_poissons(const struct sampler *s, struct rng *r, const double *mean,
                     double scale, size_t count, double *out)
{
    struct loops with = choose();
    double means[BLOCK];

    for (size_t i = 0; i < count; i += BLOCK) {
        size_t here = MIN(count - i, (size_t)BLOCK);

        for (size_t k = 0; k < here; k++) /* out may be mean */
            means[k] = mean[i + k] * scale;
        poissons_block(s, &with, r, means, here, out + i);
    }
}

/* --- sums that are given --------------------------------------------- */

/*
 * Persons in a row, cell after cell: `sum` of those before each cell, and where
 * in the cells to look for a person, by an even division of the row.
 */
struct row {
    size_t cells;
    double *sum; /* cells + 1 */
    uint32_t *guide;
    double scale;
};

size_t sample_room(size_t count)
{
    return 2 * count + 4;
}

static size_t row_part(const struct row *w, double person)
{
    return MIN((size_t)(person * w->scale), w->cells - 1);
}

/* less: to be taken from each weight, or NULL */
static void row_init(struct row *w, const double *weight, const double *less,
                     size_t cells, double *room)
{
    size_t part = 0;

    w->cells = cells;
    w->sum = room;
    w->guide = (uint32_t *)(room + cells + 1);
    w->sum[0] = 0;
    for (size_t i = 0; i < cells; i++)
        w->sum[i + 1] = w->sum[i] + weight[i] - (less ? less[i] : 0);
    w->scale = (double)cells / w->sum[cells];
    for (size_t i = 0; i < cells && part < cells; i++) {
        size_t last;

        if (w->sum[i + 1] <= w->sum[i])
            continue;
        last = row_part(w, w->sum[i + 1] - 1);
        while (part <= last)
            w->guide[part++] = (uint32_t)i;
    }
    for (size_t i = cells; part < cells; part++)
        w->guide[part] = (uint32_t)(i - 1);
}

/* A person at random: the cell, and the person's place in it. */
static size_t row_pick(const struct row *w, struct rng *r, double *place)
{
    double person = (double)rng_below(r, (uint64_t)w->sum[w->cells]);
    size_t i = w->guide[row_part(w, person)];

    while (w->sum[i + 1] <= person)
        i++;
    *place = person - w->sum[i];
    return i;
}

/* `n` persons more, cells in the shares of the weights. */
static void add_shares(struct rng *r, double n, const double *w, size_t count,
                       double *out, double *room)
{
    struct row row;
    double place;

    if (n <= 0)
        return;
    row_init(&row, w, NULL, count, room);
    while (n-- > 0)
        out[row_pick(&row, r, &place)]++;
}

/* `n` of the persons in out[] go, whoever they are. */
static void take_away(struct rng *r, double n, size_t count, double *out,
                      double *room)
{
    struct row row;

    if (n <= 0)
        return;
    row_init(&row, out, NULL, count, room);
    while (n > 0) {
        double place;
        size_t i = row_pick(&row, r, &place);

        /* The last ones of a cell are those that have gone. */
        if (place >= out[i])
            continue;
        out[i]--;
        n--;
    }
}

/* `n` of those who are in from[] and not in out[] come. */
static void take_in(struct rng *r, double n, const double *from, size_t count,
                    double *out, double *room)
{
    struct row row;

    if (n <= 0)
        return;
    row_init(&row, from, out, count, room);
    while (n > 0) {
        double place;
        size_t i = row_pick(&row, r, &place);

        if (place >= from[i] - out[i])
            continue;
        out[i]++;
        n--;
    }
}

static double total(const double *v, size_t count)
{
    double s = 0;

    for (size_t i = 0; i < count; i++)
        s += v[i];
    return s;
}

/* So few that picking each is less work than asking every cell. */
static bool few(double n, size_t count)
{
    return n < (double)count / 8;
}

void sample_shares(const struct sampler *s, struct rng *r, double n,
                   const double *w, size_t count, double sum, double *out,
                   double *room)
{
    double have = 0;

    if (few(n, count)) {
        memset(out, 0, count * sizeof *out);
    } else {
        sample_poissons(s, r, w, n / sum, count, out);
        have = total(out, count);
    }
    add_shares(r, n - have, w, count, out, room);
    take_away(r, have - n, count, out, room);
}

void sample_subset(const struct sampler *s, struct rng *r, double drawn,
                   const double *from, size_t count, double sum, double *out,
                   double *room)
{
    double have = 0;

    REQUIRE(drawn <= sum);
    if (few(drawn, count)) {
        memset(out, 0, count * sizeof *out);
    } else {
        sample_binomials(s, r, from, count, sum > 0 ? drawn / sum : 0, out);
        have = total(out, count);
    }
    take_in(r, drawn - have, from, count, out, room);
    take_away(r, have - drawn, count, out, room);
}
