/*
 * All groups together: Reardon and Firebaugh 2002,
 * doi:10.1111/1467-9531.00110, in whose notation pi_jm is the share of group m
 * in unit j, pi_m its share in the city, t_j the persons of a unit, T all
 * persons and I = sum of pi_m (1 - pi_m). Groups without persons are left out.
 */
#include "measure/frame.h"
#include "measure/sort.h"
#include "measure/tally.h"
#include "measure/whole.h"

#include <stdlib.h>

static enum rc city_check(const struct frame *f)
{
    return f->lived_in >= 2 && f->present >= 2 ? RC_OK : RC_UNDEFINED;
}

static double simpson_i(const struct frame *f)
{
    struct sum s = {0};

    for (size_t g = 0; g < f->groups; g++) {
        double q = f->group_total[g] / f->total;

        sum_add(&s, q * (1 - q));
    }
    return sum_of(&s);
}

double frame_entropy(const struct frame *f)
{
    struct sum s = {0};

    for (size_t g = 0; g < f->groups; g++)
        sum_add(&s, -xlogx(f->group_total[g] / f->total));
    return sum_of(&s);
}

/* weight[m] t_j (pi_jm - pi_m)^2; ctx: weights of the groups. */
static inline void fill_spread(const struct frame *f, size_t i, size_t from,
                               size_t n, const void *ctx, double *a, double *b)
{
    const double *row = f->n + i * f->groups + from, *share = f->share + from;
    const double *weight = (const double *)ctx + from;
    double t = f->unit_total[i], per_t = 1 / t;

    (void)b;
    for (size_t k = 0; k < n; k++) {
        double d = row[k] * per_t - share[k];

        a[k] = weight[k] * t * (d * d);
    }
}

static enum rc spread(const struct frame *f, double (*weight)(double share),
                      double divisor, double *out)
{
    AUTO(mem) double *w = malloc(f->groups * sizeof *w);

    if (f->lived_in < 2 || f->present < 2)
        return RC_UNDEFINED;
    if (!w)
        return RC_MEMORY;
    for (size_t g = 0; g < f->groups; g++)
        w[g] = f->share[g] > 0 ? weight(f->share[g]) : 0;
    *out = cells_sum(f, fill_spread, w, false) / f->total / divisor;
    return RC_OK;
}

static double weight_one(double share)
{
    (void)share;
    return 1;
}

static double weight_share(double share)
{
    return 1 / share;
}

static double weight_others(double share)
{
    return 1 / (1 - share);
}

enum rc measure_relative_diversity(const struct frame *f, const struct ask *a,
                                   double *out)
{
    return spread(f, weight_one, simpson_i(f), out);
}

enum rc measure_squared_variation(const struct frame *f, const struct ask *a,
                                  double *out)
{
    return spread(f, weight_share, (double)f->present - 1, out);
}

enum rc measure_normalized_exposure(const struct frame *f, const struct ask *a,
                                    double *out)
{
    return spread(f, weight_others, 1, out);
}

static inline void fill_deviation(const struct frame *f, size_t i, size_t from,
                                  size_t n, const void *ctx, double *a,
                                  double *b)
{
    const double *row = f->n + i * f->groups + from, *share = f->share + from;
    double t = f->unit_total[i];

    (void)ctx, (void)b;
    for (size_t k = 0; k < n; k++)
        a[k] = fabs(row[k] - t * share[k]);
}

static double city_dissimilarity(const struct frame *f)
{
    return cells_sum(f, fill_deviation, NULL, false) /
           (2 * f->total * simpson_i(f));
}

enum rc measure_dissimilarity(const struct frame *f, const struct ask *a,
                              double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc;

    if (a->scope == MEASURE_CITY) {
        rc = city_check(f);
        if (!rc)
            *out = city_dissimilarity(f);
        return rc;
    }
    rc = two_init(&p, f, a);
    if (!rc)
        *out = two_dissimilarity(&p);
    return rc;
}

/*
 * G = sum over groups of pi_m (1 - pi_m) G_m / I, where G_m is the index of
 * group m against the rest.
 */
static enum rc city_gini(const struct frame *f, const struct ask *a,
                         double *out)
{
    struct ask one = {.scope = MEASURE_GROUP, .o = a->o};
    struct sum s = {0};

    for (one.group = 0; one.group < f->groups; one.group++) {
        double q = f->group_total[one.group] / f->total, g;
        AUTO(two) struct two p = {0};
        enum rc rc;

        if (f->group_total[one.group] <= 0)
            continue;
        rc = two_init(&p, f, &one);
        if (!rc)
            rc = two_gini(&p, &g);
        if (rc)
            return rc;
        sum_add(&s, q * (1 - q) * g);
    }
    *out = sum_of(&s) / simpson_i(f);
    return RC_OK;
}

enum rc measure_gini(const struct frame *f, const struct ask *a, double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc;

    if (a->scope == MEASURE_CITY) {
        rc = city_check(f);
        return rc ? rc : city_gini(f, a, out);
    }
    rc = two_init(&p, f, a);
    return rc ? rc : two_gini(&p, out);
}

/* n_jm ln(pi_jm / pi_m) */
static inline void fill_mutual(const struct frame *f, size_t i, size_t from,
                               size_t n, const void *ctx, double *a, double *b)
{
    const double *row = f->n + i * f->groups + from;
    const double *per_share = f->per_share + from;
    double per_t = 1 / f->unit_total[i];

    (void)ctx;
    for (size_t k = 0; k < n; k++) {
        double ratio = row[k] * per_t * per_share[k];

        a[k] = row[k];
        b[k] = ratio > 0 ? ratio : 1;
    }
}

static double looked_up(const struct frame *f, double n)
{
    return n < (double)f->logs ? f->x_log_x[(size_t)n] : xlogx(n);
}

/*
 * sum n_jm ln n_jm - sum t_j ln t_j - sum n_m ln n_m + T ln T: whole counts are
 * looked up.
 */
static double mutual_looked_up(const struct frame *f)
{
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double cells = 0;

        for (size_t g = 0; g < f->groups; g++)
            cells += looked_up(f, row[g]);
        sum_add(&s, cells - looked_up(f, f->unit_total[i]));
    }
    for (size_t g = 0; g < f->groups; g++)
        sum_add(&s, -xlogx(f->group_total[g]));
    sum_add(&s, xlogx(f->total));
    return sum_of(&s);
}

/* sum_jm (n_jm / T) ln(pi_jm / pi_m), in nats. */
double frame_mutual(const struct frame *f)
{
    double sum;

    if (f->has_mutual)
        return f->mutual;
    sum = f->x_log_x ? mutual_looked_up(f)
                     : cells_sum(f, fill_mutual, NULL, true);
    return MAX(0, sum / f->total);
}

enum rc measure_mutual_information(const struct frame *f, const struct ask *a,
                                   double *out)
{
    enum rc rc = city_check(f);

    if (!rc)
        *out = frame_mutual(f) / log_unit(a->o);
    return rc;
}

static double two_theil(const struct two *p)
{
    double P = p->X / p->T, Q = (p->T - p->X) / p->T;
    double per_p = 1 / P, per_q = 1 / Q;
    struct tally t;

    tally_init(&t);
    for (size_t i = 0; i < p->n; i++) {
        double x = p->x[i], y = p->t[i] - x, per_t = 1 / p->t[i];

        if (t.n + 2 > TALLY_BLOCK)
            tally_flush_log(&t);
        t.a[t.n] = x;
        t.b[t.n++] = x > 0 ? x * per_t * per_p : 1;
        t.a[t.n] = y;
        t.b[t.n++] = y > 0 ? y * per_t * per_q : 1;
    }
    return tally_sum_log(&t) / (p->T * -(xlogx(P) + xlogx(Q)));
}

enum rc measure_information_theory(const struct frame *f, const struct ask *a,
                                   double *out)
{
    AUTO(two) struct two p = {0};
    enum rc rc;

    if (a->scope == MEASURE_CITY) {
        rc = city_check(f);
        if (!rc)
            *out = frame_mutual(f) / frame_entropy(f);
        return rc;
    }
    rc = two_init(&p, f, a);
    if (!rc)
        *out = two_theil(&p);
    return rc;
}

/* Reardon 2009, Research on Economic Inequality 17, 129-155. */
static double ordinal_f(enum measure_ordinal kind, double c)
{
    switch (kind) {
    case ORDINAL_VARIATION:
        return 4 * c * (1 - c);
    case ORDINAL_SQUARE_ROOT:
        return 2 * sqrt(c * (1 - c));
    case ORDINAL_ABSOLUTE:
        return 1 - fabs(2 * c - 1);
    case ORDINAL_INFORMATION:
    default:
        return -(xlogx(c) + xlogx(1 - c)) / M_LN2;
    }
}

static double ordinal_variation(enum measure_ordinal kind, const double *n,
                                size_t groups, double t)
{
    double v = 0, below = 0;

    for (size_t g = 0; g + 1 < groups; g++) {
        below += n[g];
        v += ordinal_f(kind, MIN(1, below / t));
    }
    return v / (double)(groups - 1);
}

enum rc measure_ordinal_segregation(const struct frame *f, const struct ask *a,
                                    double *out)
{
    enum measure_ordinal kind = a->o->ordinal;
    enum rc rc = city_check(f);
    struct sum s = {0};
    double v;

    if ((unsigned)kind > ORDINAL_ABSOLUTE)
        return RC_USAGE;
    if (rc)
        return rc;
    v = ordinal_variation(kind, f->group_total, f->groups, f->total);
    for (size_t i = 0; i < f->units; i++)
        if (f->unit_total[i] > 0)
            sum_add(&s, f->unit_total[i] *
                            ordinal_variation(kind, f->n + i * f->groups,
                                              f->groups, f->unit_total[i]));
    *out = 1 - sum_of(&s) / (f->total * v);
    return RC_OK;
}
