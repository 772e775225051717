#include "measure/draw.h"
#include "measure/sort.h"
#include "passerelle/measure_change.h"

#include <stdlib.h>

/* A group and the rest, unit by unit. */
struct columns {
    size_t n;
    double *x, *y; /* owned */
    double X, Y;
};

static void cleanup_columns(struct columns *c)
{
    free(c->x);
    free(c->y);
}

static enum rc columns_init(struct columns *c, const struct counts *from,
                            size_t group)
{
    AUTO(frame) struct frame f = {0};
    enum rc rc = group < from->groups ? frame_init(&f, from) : RC_USAGE;

    if (rc)
        return rc;
    *c = (struct columns){from->units, malloc(from->units * sizeof *c->x),
                          malloc(from->units * sizeof *c->y), 0, 0};
    if (!c->x || !c->y)
        return RC_MEMORY;
    for (size_t i = 0; i < from->units; i++) {
        c->x[i] = from->n[i * from->groups + group];
        c->y[i] = f.unit_total[i] - c->x[i];
        c->X += c->x[i];
        c->Y += c->y[i];
    }
    return c->X > 0 && c->Y > 0 ? RC_OK : RC_UNDEFINED;
}

/* Values of the lived-in units, sorted; returns how many. */
static size_t sorted(const struct columns *c, const double *value,
                     struct sort_item *item)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        if (c->x[i] + c->y[i] > 0)
            item[n++] = (struct sort_item){value[i], i};
    sort_items(item, n, item + c->n);
    return n;
}

static double quantile(const struct sort_item *item, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t k = MIN((size_t)at, n - 1), next = MIN(k + 1, n - 1);

    return item[k].key + (at - (double)k) * (item[next].key - item[k].key);
}

/*
 * out[i] = the quantile of b's values at the rank of a's value i: the mean rank
 * of equal values over their number, straight lines between b's values.
 */
static enum rc same_rank(const struct columns *a, const double *va,
                         const struct columns *b, const double *vb, double *out)
{
    AUTO(mem) struct sort_item *ia = malloc(2 * a->n * sizeof *ia);
    AUTO(mem) struct sort_item *ib = malloc(2 * b->n * sizeof *ib);
    size_t na, nb;

    if (!ia || !ib)
        return RC_MEMORY;
    na = sorted(a, va, ia);
    nb = sorted(b, vb, ib);
    if (!na || !nb)
        return RC_UNDEFINED;
    for (size_t i = 0; i < a->n; i++)
        out[i] = 0;
    for (size_t k = 0; k < na;) {
        size_t end = k;
        double rank, v;

        while (end < na && ia[end].key <= ia[k].key)
            end++;
        rank = (double)(k + 1 + end) / 2; /* of places k + 1 .. end */
        v = quantile(ib, nb, rank / (double)na);
        for (; k < end; k++)
            out[ia[k].i] = v;
    }
    return RC_OK;
}

static void share_of_unit(const struct columns *c, bool rest, double *out)
{
    for (size_t i = 0; i < c->n; i++) {
        double t = c->x[i] + c->y[i];

        out[i] = t > 0 ? (rest ? c->y[i] : c->x[i]) / t : 0;
    }
}

static void share_of_group(const struct columns *c, bool rest, double *out)
{
    for (size_t i = 0; i < c->n; i++)
        out[i] = rest ? c->y[i] / c->Y : c->x[i] / c->X;
}

/* One column of the counterfactual: shares at the same rank, as persons. */
static enum rc column(const struct columns *a, const struct columns *b,
                      bool by_unit, bool rest, double *out)
{
    void (*share)(const struct columns *, bool, double *) =
        by_unit ? share_of_unit : share_of_group;
    AUTO(mem) double *va = malloc(a->n * sizeof *va);
    AUTO(mem) double *vb = malloc(b->n * sizeof *vb);
    enum rc rc;

    if (!va || !vb)
        return RC_MEMORY;
    share(a, rest, va);
    share(b, rest, vb);
    rc = same_rank(a, va, b, vb, out);
    for (size_t i = 0; !rc && i < a->n; i++)
        out[i] *= by_unit ? a->x[i] + a->y[i] : rest ? a->Y : a->X;
    return rc;
}

enum rc counterfactual_shares(const struct counts *from, size_t group,
                              const struct counts *other, size_t other_group,
                              double *share)
{
    AUTO(columns) struct columns a = {0}, b = {0};
    AUTO(mem) double *va = malloc(from->units * sizeof *va);
    AUTO(mem) double *vb = malloc(other->units * sizeof *vb);
    enum rc rc;

    if (!va || !vb)
        return RC_MEMORY;
    rc = columns_init(&a, from, group);
    if (!rc)
        rc = columns_init(&b, other, other_group);
    if (rc)
        return rc;
    share_of_unit(&a, false, va);
    share_of_unit(&b, false, vb);
    return same_rank(&a, va, &b, vb, share);
}

enum rc measure_counterfactual(const struct counts *from, size_t group,
                               const struct counts *other, size_t other_group,
                               enum measure_counterfactual how, double *out)
{
    AUTO(columns) struct columns a = {0}, b = {0};
    AUTO(mem) double *x = malloc((from->units + 1) * sizeof *x);
    AUTO(mem) double *y = malloc((from->units + 1) * sizeof *y);
    enum rc rc;

    if ((unsigned)how > BY_DUAL_COMPOSITION)
        return RC_USAGE;
    if (!x || !y)
        return RC_MEMORY;
    rc = columns_init(&a, from, group);
    if (!rc)
        rc = columns_init(&b, other, other_group);
    if (!rc)
        rc = column(&a, &b, how != BY_SHARE, false, x);
    if (!rc && how != BY_COMPOSITION)
        rc = column(&a, &b, how != BY_SHARE, true, y);
    for (size_t i = 0; !rc && i < from->units; i++) {
        out[2 * i] = x[i];
        out[2 * i + 1] = how == BY_COMPOSITION ? a.x[i] + a.y[i] - x[i] : y[i];
    }
    return rc;
}

static enum rc four_values(const struct measure_target t[2],
                           const struct counts *a, const struct counts *b,
                           const struct measure_options *o,
                           enum measure_counterfactual how,
                           struct measure_shapley *out)
{
    AUTO(mem) double *n12 = malloc(2 * (a->units + 1) * sizeof *n12);
    AUTO(mem) double *n21 = malloc(2 * (b->units + 1) * sizeof *n21);
    struct counts c12 = {a->units, 2, n12}, c21 = {b->units, 2, n21};
    struct measure_target t1 = t[0], t2 = t[1];
    enum rc rc;

    if (!n12 || !n21)
        return RC_MEMORY;
    rc = measure_counterfactual(a, t1.group, b, t2.group, how, n12);
    if (!rc)
        rc = measure_counterfactual(b, t2.group, a, t1.group, how, n21);
    if (!rc)
        rc = target_value(&t1, a, o, &out->s1_a1);
    if (!rc)
        rc = target_value(&t2, b, o, &out->s2_a2);
    t1.group = t2.group = 0;
    if (!rc)
        rc = target_value(&t1, &c12, o, &out->s1_a2);
    if (!rc)
        rc = target_value(&t2, &c21, o, &out->s2_a1);
    return rc;
}

enum rc measure_shapley(const struct measure_target *t, const struct counts *a,
                        size_t group_b, const struct counts *b,
                        const struct spatial *space_b,
                        enum measure_counterfactual how,
                        const struct measure_options *o,
                        struct measure_shapley *out)
{
    struct measure_target both[2] = {*t, *t};
    struct measure_shapley s = {0};
    enum rc rc;

    if (!t->m || t->scope != MEASURE_GROUP ||
        (t->space == NULL) != (space_b == NULL))
        return RC_USAGE;
    both[1].group = group_b;
    both[1].space = space_b;
    rc = four_values(both, a, b, o, how, &s);
    if (rc)
        return rc;
    s.difference = s.s1_a1 - s.s2_a2;
    s.attribute = ((s.s1_a1 - s.s1_a2) + (s.s2_a1 - s.s2_a2)) / 2;
    s.spatial = ((s.s1_a1 - s.s2_a1) + (s.s1_a2 - s.s2_a2)) / 2;
    *out = s;
    return RC_OK;
}

enum rc measure_shapley_spatial(const struct frame *f, const struct ask *a,
                                double *out)
{
    struct counts c = {f->units, f->groups, f->n};
    struct measure_target t = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP,
                               .group = a->group};
    struct measure_shapley s;
    enum rc rc = measure_shapley(&t, &c, a->group, a->o->other, NULL,
                                 BY_COMPOSITION, a->o, &s);

    if (!rc)
        *out = s.spatial;
    return rc;
}
