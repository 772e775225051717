/*
 * Dissimilarity less what is exchanged over boundaries: Morrill (1991), one for
 * every pair of neighbours; Wong (1993), doi:10.1080/00420989320080551, by the
 * length they share and by their perimeter for each unit of surface (without
 * the second halving, as Tivadar 2019, doi:10.18637/jss.v089.i07, corrects it).
 * Boundaries with an area where neither side lives take no part.
 */
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>

/* Shared boundaries belong to rook neighbours; corners have no length. */
static const struct neighbours *boundaries(const struct spatial *s)
{
    const struct neighbours *l =
        s->a.rook.start && s->a.rook.length_m ? &s->a.rook : &s->a.queen;

    return l->start && l->length_m ? l : NULL;
}

/* Share of the group in an area, NaN where nobody of either side lives. */
static double share(const struct sides *p, size_t i)
{
    return p->x[i] / (p->x[i] + p->y[i]);
}

static double dissimilarity(const struct sides *p)
{
    struct sum d = {0};

    for (size_t i = 0; i < p->n; i++)
        sum_add(&d, fabs(p->x[i] / p->X - p->y[i] / p->Y));
    return sum_of(&d) / 2;
}

struct weighing {
    const struct neighbours *l;
    bool length;         /* by it, else every boundary the same */
    bool rows;           /* those of an area add to 1 */
    const double *ratio; /* times (ratio_i + ratio_j) / 2, or NULL */
};

/* One area's boundaries: sums of weight x |p_i - p_j|, and of weights. */
static void row_of(const struct sides *p, const struct weighing *w, size_t i,
                   double *above, double *below)
{
    const struct neighbours *l = w->l;
    double q = share(p, i);

    *above = *below = 0;
    for (size_t k = l->start[i]; k < l->start[i + 1]; k++) {
        double one = w->length ? l->length_m[k] : 1;
        double d = fabs(q - share(p, l->to[k]));

        if (isnan(d))
            continue;
        *below += one;
        *above +=
            one * d * (w->ratio ? (w->ratio[i] + w->ratio[l->to[k]]) / 2 : 1);
    }
    if (w->rows && *below > 0) {
        *above /= *below;
        *below = 1;
    }
}

/* Weighted mean of |p_i - p_j|; RC_UNDEFINED where there is no boundary. */
static enum rc difference(const struct sides *p, const struct weighing *w,
                          double *out)
{
    struct sum above = {0}, below = {0};

    for (size_t i = 0; i < p->n; i++) {
        double a, b;

        row_of(p, w, i, &a, &b);
        sum_add(&above, a);
        sum_add(&below, b);
    }
    if (!(sum_of(&below) > 0))
        return RC_UNDEFINED;
    *out = sum_of(&above) / sum_of(&below);
    return RC_OK;
}

enum rc measure_spatial_dissimilarity(const struct frame *f,
                                      const struct ask *a, double *out)
{
    const struct neighbours *l = spatial_links(a->space);
    AUTO(sides) struct sides p = {0};
    double exchanged;
    enum rc rc;

    if (!l->start)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (!rc)
        rc = difference(
            &p,
            &(struct weighing){l, false, a->space->o.row_standardised, NULL},
            &exchanged);
    if (rc)
        return rc;
    *out = dissimilarity(&p) - exchanged;
    return RC_OK;
}

enum rc measure_boundary_dissimilarity(const struct frame *f,
                                       const struct ask *a, double *out)
{
    const struct neighbours *l = boundaries(a->space);
    AUTO(sides) struct sides p = {0};
    double exchanged;
    enum rc rc;

    if (!l)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (!rc)
        rc = difference(
            &p, &(struct weighing){l, true, a->space->o.row_standardised, NULL},
            &exchanged);
    if (rc)
        return rc;
    *out = dissimilarity(&p) - exchanged;
    return RC_OK;
}

/* Perimeter over surface of every area, as a share of the largest. */
static enum rc ratios(const struct spatial *s, const struct neighbours *l,
                      double *ratio)
{
    double most = 0;

    for (size_t i = 0; i < s->a.n; i++) {
        double length = 0;

        if (s->o.interior_only)
            for (size_t k = l->start[i]; k < l->start[i + 1]; k++)
                length += l->length_m[k];
        else
            length = s->a.perimeter_m[i];
        if (!(s->a.area_m2[i] > 0))
            return RC_UNDEFINED;
        ratio[i] = length / s->a.area_m2[i];
        most = fmax(most, ratio[i]);
    }
    if (!(most > 0))
        return RC_UNDEFINED;
    for (size_t i = 0; i < s->a.n; i++)
        ratio[i] /= most;
    return RC_OK;
}

enum rc measure_perimeter_area_dissimilarity(const struct frame *f,
                                             const struct ask *a, double *out)
{
    const struct spatial *s = a->space;
    const struct neighbours *l = boundaries(s);
    AUTO(sides) struct sides p = {0};
    AUTO(mem) double *ratio = NULL;
    double exchanged;
    enum rc rc;

    if (!l || !s->a.area_m2 || (!s->a.perimeter_m && !s->o.interior_only))
        return RC_USAGE;
    ratio = malloc(s->a.n * sizeof *ratio);
    if (!ratio)
        return RC_MEMORY;
    rc = sides_init(&p, f, a);
    if (!rc)
        rc = ratios(s, l, ratio);
    if (!rc)
        rc = difference(&p, &(struct weighing){l, true, false, ratio},
                        &exchanged);
    if (rc)
        return rc;
    *out = dissimilarity(&p) - exchanged;
    return RC_OK;
}
