/*
 * M and H between and within levels: Theil 1972; Mora and Ruiz-Castillo 2011,
 * doi:10.1111/j.1467-9531.2011.01237.x. Sums are kept by level so that between
 * and within are computed apart; that they add up is a property to test.
 */
#include "measure/whole.h"

#include <stdlib.h>
#include <string.h>

/* Adds the units of each level up into rows of a new matrix. */
static double *gather(const struct frame *f, const uint32_t *level,
                      size_t levels)
{
    double *sum = calloc(levels * f->groups, sizeof *sum);

    for (size_t i = 0; sum && i < f->units; i++)
        for (size_t g = 0; g < f->groups; g++)
            sum[level[i] * f->groups + g] += f->n[i * f->groups + g];
    return sum;
}

static enum rc level_check(const uint32_t *level, size_t units, size_t levels)
{
    if (!levels || !level)
        return RC_USAGE;
    for (size_t i = 0; i < units; i++)
        if (level[i] >= levels)
            return RC_USAGE;
    return RC_OK;
}

/*
 * m[i] = sum over the units of a level and groups of n ln(n T_l / (t N_lg)),
 * persons-weighted; divided by T_l it is the M inside the level.
 */
static void inside(const struct frame *f, const uint32_t *level,
                   const double *of_level, const double *level_total,
                   struct sum *m)
{
    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        const double *up = of_level + level[i] * f->groups;
        double t = f->unit_total[i], T = level_total[level[i]];

        for (size_t g = 0; g < f->groups; g++)
            if (row[g] > 0)
                sum_add(&m[level[i]], row[g] * log(row[g] / t * (T / up[g])));
    }
}

struct levels {
    size_t n;
    double *of, *total;
    struct sum *m;
};

static void cleanup_levels(struct levels *l)
{
    free(l->of);
    free(l->total);
    free(l->m);
}

static enum rc levels_init(struct levels *l, const struct frame *f,
                           const uint32_t *level, size_t n)
{
    l->n = n;
    l->of = gather(f, level, n);
    l->total = calloc(n, sizeof *l->total);
    l->m = calloc(n, sizeof *l->m);
    if (!l->of || !l->total || !l->m)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++)
        l->total[level[i]] += f->unit_total[i];
    inside(f, level, l->of, l->total, l->m);
    return RC_OK;
}

static double entropy_of(const double *n, size_t groups, double t)
{
    struct sum s = {0};

    for (size_t g = 0; g < groups; g++)
        sum_add(&s, -xlogx(n[g] / t));
    return sum_of(&s);
}

static double between(const struct frame *f, const struct levels *l)
{
    struct sum s = {0};

    for (size_t k = 0; k < l->n; k++)
        for (size_t g = 0; g < f->groups; g++) {
            double x = l->of[k * f->groups + g];

            if (x > 0)
                sum_add(&s, x * log(x / l->total[k] *
                                    (f->total / f->group_total[g])));
        }
    return MAX(0, sum_of(&s) / f->total);
}

static void part_fill(const struct frame *f, const struct levels *l, size_t k,
                      double unit, double entropy, struct measure_part *part)
{
    double T = l->total[k];

    *part = (struct measure_part){0};
    if (T <= 0)
        return;
    part->share = T / f->total;
    part->m = MAX(0, sum_of(&l->m[k]) / T) / unit;
    part->entropy = entropy_of(l->of + k * f->groups, f->groups, T) / unit;
    part->h = part->entropy > 0 ? part->m / part->entropy : 0;
    part->entropy_ratio = part->entropy / entropy;
}

enum rc measure_within_between(const struct counts *c, const uint32_t *level,
                               size_t levels, const struct measure_options *o,
                               struct measure_within *out,
                               struct measure_part *parts)
{
    AUTO(frame) struct frame f = {0};
    AUTO(levels) struct levels l = {0};
    struct sum within = {0};
    struct measure_options defaults;
    double unit = log_unit(options_or(o, &defaults)), e;
    enum rc rc = level_check(level, c->units, levels);

    if (!rc)
        rc = frame_init(&f, c);
    if (rc)
        return rc;
    if (f.lived_in < 2 || f.present < 2)
        return RC_UNDEFINED;
    rc = levels_init(&l, &f, level, levels);
    if (rc)
        return rc;
    e = frame_entropy(&f) / unit;
    for (size_t k = 0; k < levels; k++) {
        sum_add(&within, sum_of(&l.m[k]));
        if (parts)
            part_fill(&f, &l, k, unit, e, &parts[k]);
    }
    out->entropy = e;
    out->m = frame_mutual(&f) / unit;
    out->m_between = between(&f, &l) / unit;
    out->m_within = MAX(0, sum_of(&within) / f.total) / unit;
    out->h = out->m / e;
    out->h_between = out->m_between / e;
    out->h_within = out->m_within / e;
    return RC_OK;
}

enum rc measure_between(const struct frame *f, const struct ask *a, double *out)
{
    struct counts c = {f->units, f->groups, f->n};
    struct measure_within w;
    uint32_t levels = 0;
    enum rc rc;

    if (!a->o->parent)
        return RC_USAGE;
    for (size_t i = 0; i < f->units; i++) {
        if (a->o->parent[i] == UINT32_MAX)
            return RC_USAGE;
        levels = MAX(levels, a->o->parent[i] + 1);
    }
    if (levels > f->units)
        return RC_USAGE;
    rc = measure_within_between(&c, a->o->parent, levels, a->o, &w, NULL);
    if (!rc)
        *out = w.m_between;
    return rc;
}

/* Numbers the pairs (coarser part, part at this level) from 0. */
struct pair {
    uint32_t up, here, unit;
};

static int pair_order(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;

    if (p->up != q->up)
        return p->up < q->up ? -1 : 1;
    if (p->here != q->here)
        return p->here < q->here ? -1 : 1;
    return (p->unit > q->unit) - (p->unit < q->unit);
}

static size_t refine(struct pair *pair, size_t n, uint32_t *path)
{
    size_t found = 0;

    qsort(pair, n, sizeof *pair, pair_order);
    for (size_t k = 0; k < n; k++) {
        if (k &&
            (pair[k].up != pair[k - 1].up || pair[k].here != pair[k - 1].here))
            found++;
        path[pair[k].unit] = (uint32_t)found;
    }
    return found + 1;
}

enum rc measure_nested(const struct counts *c, const uint32_t *level,
                       size_t n_levels, const struct measure_options *o,
                       double *m, double *h)
{
    AUTO(mem) uint32_t *path = calloc(c->units, sizeof *path);
    AUTO(mem) struct pair *pair = calloc(c->units, sizeof *pair);
    struct measure_within w = {0};
    double above = 0;

    if (c->units && (!path || !pair))
        return RC_MEMORY;
    for (size_t k = 0; k < n_levels; k++) {
        size_t parts;
        enum rc rc;

        for (size_t i = 0; i < c->units; i++)
            pair[i] =
                (struct pair){path[i], level[k * c->units + i], (uint32_t)i};
        parts = refine(pair, c->units, path);
        rc = measure_within_between(c, path, parts, o, &w, NULL);
        if (rc)
            return rc;
        m[k] = w.m_between - above;
        h[k] = m[k] / w.entropy;
        above = w.m_between;
    }
    if (!n_levels) {
        enum rc rc = measure_within_between(c, path, 1, o, &w, NULL);

        if (rc)
            return rc;
    }
    m[n_levels] = n_levels ? w.m_within : w.m;
    h[n_levels] = m[n_levels] / w.entropy;
    return RC_OK;
}
