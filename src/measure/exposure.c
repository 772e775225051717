/*
 * Exposure: how many of one's neighbours are of one's own or another group.
 * Bell 1954, doi:10.2307/2574118; Lieberson 1981; White 1986.
 */
#include "measure/frame.h"

/*
 * sum (x / X) (y / t), t all persons of the unit. The exact form takes oneself
 * out of the neighbours: y / (t - 1), and x - 1 for one's own group; it needs
 * whole persons, and someone who lives alone meets no one.
 */
static enum rc exposure(const struct frame *f, const struct ask *a,
                        size_t other, bool rest, double *out)
{
    bool exact = a->o->flags & MEASURE_EXACT_ISOLATION;
    bool own = !rest && other == a->group;
    const struct two *p = rest || own ? a->columns : NULL;
    double X = f->group_total[a->group];
    size_t n = p ? p->n : f->units;
    struct sum s = {0};

    if (f->lived_in < 2 || X <= 0)
        return RC_UNDEFINED;
    for (size_t i = 0; i < n; i++) {
        const double *row = f->n + i * f->groups;
        double t = p ? p->t[i] : f->unit_total[i];
        double x = p ? p->x[i] : row[a->group];
        double y = rest ? t - x : own ? x : row[other];

        if (x <= 0)
            continue;
        if (exact && own)
            y = MAX(0, y - 1);
        if (exact)
            t -= 1;
        if (t > 0)
            sum_add(&s, x / X * (y / t));
    }
    *out = sum_of(&s);
    return RC_OK;
}

enum rc measure_isolation(const struct frame *f, const struct ask *a,
                          double *out)
{
    return exposure(f, a, a->group, false, out);
}

enum rc measure_interaction(const struct frame *f, const struct ask *a,
                            double *out)
{
    return exposure(f, a, a->against, a->scope == MEASURE_GROUP, out);
}

enum rc measure_correlation_ratio(const struct frame *f, const struct ask *a,
                                  double *out)
{
    double P = f->group_total[a->group] / f->total, xpx = 0;
    enum rc rc = exposure(f, a, a->group, false, &xpx);

    if (rc)
        return rc;
    if (P >= 1)
        return RC_UNDEFINED;
    *out = (xpx - P) / (1 - P);
    return RC_OK;
}
