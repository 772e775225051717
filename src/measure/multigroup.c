/*
 * All groups together: Reardon and Firebaugh 2002,
 * doi:10.1111/1467-9531.00110, in whose notation pi_jm is the share of group m
 * in unit j, pi_m its share in the city, t_j the persons of a unit, T all
 * persons and I = sum of pi_m (1 - pi_m). Groups without persons are left out.
 */
#include "measure/frame.h"
#include "measure/sort.h"
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

/* Sum over units and groups of weight[m] t_j (pi_jm - pi_m)^2 / T. */
static double spread(const struct frame *f, double (*weight)(double share))
{
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double t = f->unit_total[i];

        if (t <= 0)
            continue;
        for (size_t g = 0; g < f->groups; g++) {
            double share = f->group_total[g] / f->total;
            double d = row[g] / t - share;

            if (share > 0)
                sum_add(&s, weight(share) * t * d * d);
        }
    }
    return sum_of(&s) / f->total;
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
    enum rc rc = city_check(f);

    if (!rc)
        *out = spread(f, weight_one) / simpson_i(f);
    return rc;
}

enum rc measure_squared_variation(const struct frame *f, const struct ask *a,
                                  double *out)
{
    enum rc rc = city_check(f);

    if (!rc)
        *out = spread(f, weight_share) / (double)(f->present - 1);
    return rc;
}

enum rc measure_normalized_exposure(const struct frame *f, const struct ask *a,
                                    double *out)
{
    enum rc rc = city_check(f);

    if (!rc)
        *out = spread(f, weight_others);
    return rc;
}

static double city_dissimilarity(const struct frame *f)
{
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double t = f->unit_total[i];

        for (size_t g = 0; g < f->groups; g++)
            sum_add(&s, fabs(row[g] - t * (f->group_total[g] / f->total)));
    }
    return sum_of(&s) / (2 * f->total * simpson_i(f));
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

/* sum_jm (n_jm / T) ln(pi_jm / pi_m), in nats. */
double frame_mutual(const struct frame *f)
{
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double t = f->unit_total[i];

        for (size_t g = 0; g < f->groups; g++)
            if (row[g] > 0)
                sum_add(&s, row[g] * log(row[g] / t *
                                         (f->total / f->group_total[g])));
    }
    return MAX(0, sum_of(&s) / f->total);
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
    struct sum s = {0};

    for (size_t i = 0; i < p->n; i++) {
        double x = p->x[i], y = p->t[i] - x;

        if (x > 0)
            sum_add(&s, x * log(x / (p->t[i] * P)));
        if (y > 0)
            sum_add(&s, y * log(y / (p->t[i] * Q)));
    }
    return sum_of(&s) / (p->T * -(xlogx(P) + xlogx(Q)));
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

/* Reardon 2009, doi:10.1108/S1049-2585(2009)0000017011. */
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
