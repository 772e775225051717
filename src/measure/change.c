#include "measure/frame.h"
#include "passerelle/measure_change.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10000 };

struct fit {
    size_t units, groups;
    double *n;                  /* shares, worked on in place */
    const double *unit, *group; /* shares asked for */
    double *row, *column;       /* scratch: their sums */
};

/* Sums of the rows and of the columns as they are. */
static void fit_margins(struct fit *f)
{
    memset(f->column, 0, f->groups * sizeof *f->column);
    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double t = 0;

        for (size_t g = 0; g < f->groups; g++) {
            t += row[g];
            f->column[g] += row[g];
        }
        f->row[i] = t;
    }
}

/* RC_UNDEFINED where a row or column of zeros should hold some. */
static enum rc fit_possible(const double *have, const double *want, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!(have[k] > 0) && want[k] > 0)
            return RC_UNDEFINED;
    return RC_OK;
}

static double factor(double have, double want)
{
    return have > 0 ? want / have : 0;
}

static void fit_columns(struct fit *f)
{
    for (size_t g = 0; g < f->groups; g++)
        f->column[g] = factor(f->column[g], f->group[g]);
    for (size_t i = 0; i < f->units; i++)
        for (size_t g = 0; g < f->groups; g++)
            f->n[i * f->groups + g] *= f->column[g];
}

static void fit_rows(struct fit *f)
{
    for (size_t i = 0; i < f->units; i++) {
        double by = factor(f->row[i], f->unit[i]);

        for (size_t g = 0; g < f->groups; g++)
            f->n[i * f->groups + g] *= by;
    }
}

static double furthest(const double *have, const double *want, size_t n)
{
    double off = 0;

    for (size_t k = 0; k < n; k++)
        off = fmax(off, fabs(have[k] - want[k]));
    return off;
}

/* Groups and units in turn; every half of a round may be the last. */
static enum rc fit_all(struct fit *f, double precision, size_t *rounds)
{
    enum rc rc;

    fit_margins(f);
    rc = fit_possible(f->row, f->unit, f->units);
    if (!rc)
        rc = fit_possible(f->column, f->group, f->groups);
    for (size_t k = 0; !rc && k < 2 * ROUNDS; k++) {
        if (k % 2)
            fit_rows(f);
        else
            fit_columns(f);
        fit_margins(f);
        if (furthest(f->row, f->unit, f->units) <= precision &&
            furthest(f->column, f->group, f->groups) <= precision) {
            if (rounds)
                *rounds = k / 2 + 1;
            return RC_OK;
        }
    }
    return RC_UNDEFINED;
}

/* Shares of `v`; its sum. RC_UNDEFINED for a sum of 0. */
static enum rc shares(const double *v, size_t n, double *out, double *total)
{
    struct sum s = {0};

    for (size_t i = 0; i < n; i++) {
        if (!(v[i] >= 0 && v[i] < INFINITY))
            return RC_INVALID;
        sum_add(&s, v[i]);
    }
    *total = sum_of(&s);
    if (!(*total > 0))
        return RC_UNDEFINED;
    for (size_t i = 0; i < n; i++)
        out[i] = v[i] / *total;
    return RC_OK;
}

enum rc measure_ipf(const struct counts *source, const double *unit,
                    const double *group, double precision, double *out,
                    size_t *rounds)
{
    size_t units = source->units, groups = source->groups;
    AUTO(mem) double *asked = malloc(2 * (units + groups) * sizeof *asked);
    AUTO(mem) double *n = malloc(units * groups * sizeof *n);
    double total = 0, other = 0;
    struct fit f;
    enum rc rc;

    if (!asked || !n)
        return RC_MEMORY;
    f = (struct fit){units,
                     groups,
                     n,
                     asked,
                     asked + units,
                     asked + units + groups,
                     asked + 2 * units + groups};
    rc = shares(source->n, units * groups, n, &other);
    if (!rc)
        rc = shares(group, groups, asked + units, &other);
    if (!rc)
        rc = shares(unit, units, asked, &total);
    if (!rc)
        rc = fit_all(&f, precision > 0 ? precision : 1e-10, rounds);
    for (size_t k = 0; !rc && k < units * groups; k++)
        out[k] = n[k] * total;
    return rc;
}

/* Units and groups that both periods know, first and second alike. */
struct common {
    struct counts c[2];
    double *n[2];     /* owned */
    double *unit[2];  /* owned: shares of units */
    double *group[2]; /* owned: shares of groups */
};

static void cleanup_common(struct common *k)
{
    for (int p = 0; p < 2; p++) {
        free(k->n[p]);
        free(k->unit[p]);
        free(k->group[p]);
    }
}

static void common_fill(struct common *k, int p, const struct frame *f,
                        const bool *unit, const bool *group)
{
    size_t at = 0, row = 0, column;
    double total = 0;

    for (size_t i = 0; i < f->units; i++) {
        if (!unit[i])
            continue;
        column = 0;
        for (size_t g = 0; g < f->groups; g++) {
            double v = f->n[i * f->groups + g];

            if (!group[g])
                continue;
            k->n[p][at++] = v;
            k->unit[p][row] += v;
            k->group[p][column++] += v;
            total += v;
        }
        row++;
    }
    for (size_t i = 0; i < k->c[p].units; i++)
        k->unit[p][i] /= total;
    for (size_t g = 0; g < k->c[p].groups; g++)
        k->group[p][g] /= total;
}

static size_t both(const double *a, const double *b, size_t n, bool *out)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += out[i] = a[i] > 0 && b[i] > 0;
    return found;
}

static enum rc common_init(struct common *k, const struct frame f[2])
{
    AUTO(mem) bool *unit = malloc(f[0].units * sizeof *unit);
    AUTO(mem) bool *group = malloc(f[0].groups * sizeof *group);
    size_t units, groups;

    if (!unit || !group)
        return RC_MEMORY;
    units = both(f[0].unit_total, f[1].unit_total, f[0].units, unit);
    groups = both(f[0].group_total, f[1].group_total, f[0].groups, group);
    if (units < 2 || groups < 2)
        return RC_UNDEFINED;
    for (int p = 0; p < 2; p++) {
        k->n[p] = calloc(units * groups, sizeof *k->n[p]);
        k->unit[p] = calloc(units, sizeof *k->unit[p]);
        k->group[p] = calloc(groups, sizeof *k->group[p]);
        if (!k->n[p] || !k->unit[p] || !k->group[p])
            return RC_MEMORY;
        k->c[p] = (struct counts){units, groups, k->n[p]};
        common_fill(k, p, &f[p], unit, group);
    }
    return RC_OK;
}

static enum rc mutual(const struct counts *c, const struct measure_options *o,
                      double *out)
{
    return measure_compute(measure_find("mutual_information"), MEASURE_CITY, c,
                           0, 0, o, out);
}

/* M of the odds ratios of period s with the margins of periods g and u. */
static enum rc counterfactual_m(const struct common *k, int s, int g, int u,
                                double precision,
                                const struct measure_options *o, double *out)
{
    AUTO(mem) double *n = NULL;
    struct counts c = k->c[s];
    enum rc rc;

    if (s == g && s == u)
        return mutual(&c, o, out);
    n = malloc(c.units * c.groups * sizeof *n);
    if (!n)
        return RC_MEMORY;
    rc = measure_ipf(&k->c[s], k->unit[u], k->group[g], precision, n, NULL);
    c.n = n;
    return rc ? rc : mutual(&c, o, out);
}

static enum rc by_shapley(const struct common *k, double precision,
                          const struct measure_options *o,
                          struct measure_change *out)
{
    double m[2][2][2]; /* structure, group margin, unit margin */

    for (int s = 0; s < 8; s++) {
        enum rc rc = counterfactual_m(k, s >> 2, s >> 1 & 1, s & 1, precision,
                                      o, &m[s >> 2][s >> 1 & 1][s & 1]);

        if (rc)
            return rc;
    }
    out->interaction = 0;
    out->group_marginal = out->unit_marginal = 0;
    out->structural =
        ((m[1][1][1] - m[0][1][1]) + (m[1][0][0] - m[0][0][0])) / 2;
    for (int s = 0; s < 2; s++) {
        out->group_marginal +=
            ((m[s][1][0] - m[s][0][0]) + (m[s][1][1] - m[s][0][1])) / 4;
        out->unit_marginal +=
            ((m[s][0][1] - m[s][0][0]) + (m[s][1][1] - m[s][1][0])) / 4;
    }
    return RC_OK;
}

/* One margin of the first period weighed up to that of the second. */
static enum rc reweighted_m(const struct common *k, bool units,
                            const struct measure_options *o, double *out)
{
    struct counts c = k->c[0];
    AUTO(mem) double *n = malloc(c.units * c.groups * sizeof *n);

    if (!n)
        return RC_MEMORY;
    for (size_t i = 0; i < c.units; i++)
        for (size_t g = 0; g < c.groups; g++)
            n[i * c.groups + g] = c.n[i * c.groups + g] *
                                  (units ? k->unit[1][i] / k->unit[0][i]
                                         : k->group[1][g] / k->group[0][g]);
    c.n = n;
    return mutual(&c, o, out);
}

static enum rc by_km(const struct common *k, double precision,
                     const struct measure_options *o,
                     struct measure_change *out)
{
    double m1 = 0, m2 = 0, g = 0, u = 0, gu = 0;
    enum rc rc = mutual(&k->c[0], o, &m1);

    if (!rc)
        rc = mutual(&k->c[1], o, &m2);
    if (!rc)
        rc = reweighted_m(k, false, o, &g);
    if (!rc)
        rc = reweighted_m(k, true, o, &u);
    if (!rc)
        rc = counterfactual_m(k, 0, 1, 1, precision, o, &gu);
    if (rc)
        return rc;
    out->group_marginal = g - m1;
    out->unit_marginal = u - m1;
    out->interaction = (gu - m1) - (g - m1) - (u - m1);
    out->structural = m2 - gu;
    return RC_OK;
}

static double entropy(const double *share, size_t n, double total)
{
    struct sum s = {0};

    for (size_t i = 0; i < n; i++)
        sum_add(&s, -xlogx(share[i] / total));
    return sum_of(&s);
}

static double unit_entropy(const struct common *k, int p, size_t i)
{
    const double *row = k->c[p].n + i * k->c[p].groups;
    double t = 0;

    for (size_t g = 0; g < k->c[p].groups; g++)
        t += row[g];
    return t > 0 ? entropy(row, k->c[p].groups, t) : 0;
}

static void by_mrc(const struct common *k, const struct measure_options *o,
                   struct measure_change *out)
{
    struct sum unit = {0}, structure = {0};
    double base = log_unit(o);

    for (size_t i = 0; i < k->c[0].units; i++) {
        double e1 = unit_entropy(k, 0, i), e2 = unit_entropy(k, 1, i);
        double p1 = k->unit[0][i], p2 = k->unit[1][i];

        sum_add(&unit, -(p2 - p1) * (e1 + e2) / 2);
        sum_add(&structure, -(p1 + p2) / 2 * (e2 - e1));
    }
    out->group_marginal = (entropy(k->group[1], k->c[1].groups, 1) -
                           entropy(k->group[0], k->c[0].groups, 1)) /
                          base;
    out->unit_marginal = sum_of(&unit) / base;
    out->structural = sum_of(&structure) / base;
    out->interaction = 0;
}

static enum rc parts(const struct common *k, enum measure_change_method method,
                     double precision, const struct measure_options *o,
                     struct measure_change *out)
{
    switch (method) {
    case CHANGE_SHAPLEY:
        return by_shapley(k, precision, o, out);
    case CHANGE_KM:
        return by_km(k, precision, o, out);
    case CHANGE_MRC:
        by_mrc(k, o, out);
        return RC_OK;
    }
    return RC_USAGE;
}

enum rc measure_change(const struct counts *first, const struct counts *second,
                       enum measure_change_method method, double precision,
                       const struct measure_options *o,
                       struct measure_change *out)
{
    const struct counts *c[2] = {first, second};
    struct measure_options defaults;
    struct frame f[2] = {{0}, {0}};
    AUTO(common) struct common k = {0};
    struct measure_change v = {0};
    double both1 = 0, both2 = 0;
    enum rc rc =
        first->units == second->units && first->groups == second->groups
            ? RC_OK
            : RC_USAGE;

    o = options_or(o, &defaults);
    for (int p = 0; !rc && p < 2; p++)
        rc = frame_init(&f[p], c[p]);
    if (!rc)
        rc = common_init(&k, f);
    frame_free(&f[0]);
    frame_free(&f[1]);
    if (!rc)
        rc = mutual(first, o, &v.m1);
    if (!rc)
        rc = mutual(second, o, &v.m2);
    if (!rc)
        rc = mutual(&k.c[0], o, &both1);
    if (!rc)
        rc = mutual(&k.c[1], o, &both2);
    if (!rc)
        rc = parts(&k, method, precision, o, &v);
    if (rc)
        return rc;
    v.difference = v.m2 - v.m1;
    v.removals = both1 - v.m1;
    v.additions = v.m2 - both2;
    *out = v;
    return RC_OK;
}

enum rc measure_change_structural(const struct frame *f, const struct ask *a,
                                  double *out)
{
    struct counts c = {f->units, f->groups, f->n};
    struct measure_change v;
    enum rc rc = measure_change(&c, a->o->other, CHANGE_SHAPLEY, 0, a->o, &v);

    if (!rc)
        *out = v.structural;
    return rc;
}
