/*
 * Concentration: how little land a group lives on. Massey and Denton (1988),
 * doi:10.1093/sf/67.2.281; delta: Duncan, Cuzzort and Duncan (1961).
 */
#include "measure/sort.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>

enum rc measure_delta(const struct frame *f, const struct ask *a, double *out)
{
    const double *area = a->space->a.area_m2;
    AUTO(sides) struct sides p = {0};
    struct sum A = {0}, d = {0};
    enum rc rc;

    if (!area)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (rc)
        return rc;
    for (size_t i = 0; i < p.n; i++)
        sum_add(&A, area[i]);
    if (!(sum_of(&A) > 0))
        return RC_UNDEFINED;
    for (size_t i = 0; i < p.n; i++)
        sum_add(&d, fabs(p.x[i] / p.X - area[i] / sum_of(&A)));
    *out = sum_of(&d) / 2;
    return RC_OK;
}

/*
 * Areas by surface; among equals the most populous first, so that the order of
 * the input changes nothing.
 */
static void by_surface(const struct sides *p, const double *area, bool down,
                       struct sort_item *item)
{
    struct sort_item *scratch = item + p->n;

    for (size_t i = 0; i < p->n; i++)
        item[i] = (struct sort_item){-p->t[i], i};
    sort_items(item, p->n, scratch);
    for (size_t k = 0; k < p->n; k++)
        item[k].key = down ? -area[item[k].i] : area[item[k].i];
    sort_items(item, p->n, scratch);
}

/*
 * Mean surface, weighted by persons, of the first areas of an order that
 * together hold as many persons as the group has.
 */
static double mean_surface(const struct sides *p, const double *area,
                           const struct sort_item *item)
{
    struct sum persons = {0}, land = {0};

    for (size_t k = 0; k < p->n; k++) {
        size_t i = item[k].i;

        sum_add(&persons, p->t[i]);
        sum_add(&land, p->t[i] * area[i]);
        if (sum_of(&persons) / p->T >= p->X / p->T)
            break;
    }
    return sum_of(&land) / sum_of(&persons);
}

struct surfaces {
    double x, y;        /* mean surface of the members of each side */
    double least, most; /* had they the smallest or the largest areas */
};

static enum rc surfaces_of(const struct frame *f, const struct ask *a,
                           struct surfaces *out)
{
    const double *area = a->space->a.area_m2;
    AUTO(sides) struct sides p = {0};
    AUTO(mem) struct sort_item *item = NULL;
    struct sum x = {0}, y = {0};
    enum rc rc;

    if (!area)
        return RC_USAGE;
    rc = sides_init(&p, f, a);
    if (rc)
        return rc;
    item = malloc(2 * p.n * sizeof *item);
    if (!item)
        return RC_MEMORY;
    for (size_t i = 0; i < p.n; i++) {
        sum_add(&x, p.x[i] * area[i]);
        sum_add(&y, p.y[i] * area[i]);
    }
    out->x = sum_of(&x) / p.X;
    out->y = sum_of(&y) / p.Y;
    by_surface(&p, area, false, item);
    out->least = mean_surface(&p, area, item);
    by_surface(&p, area, true, item);
    out->most = mean_surface(&p, area, item);
    return out->most > out->least ? RC_OK : RC_UNDEFINED;
}

enum rc measure_absolute_concentration(const struct frame *f,
                                       const struct ask *a, double *out)
{
    struct surfaces s;
    enum rc rc = surfaces_of(f, a, &s);

    if (rc)
        return rc;
    *out = 1 - (s.x - s.least) / (s.most - s.least);
    return RC_OK;
}

enum rc measure_relative_concentration(const struct frame *f,
                                       const struct ask *a, double *out)
{
    struct surfaces s;
    enum rc rc = surfaces_of(f, a, &s);

    if (rc)
        return rc;
    if (!(s.y > 0))
        return RC_UNDEFINED;
    *out = (s.x / s.y - 1) / (s.least / s.most - 1);
    return RC_OK;
}
