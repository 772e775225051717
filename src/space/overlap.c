#include "space/boxtree.h"
#include "space/reader.h"

#include <math.h>

#define LITTLE_SHARE 0.001
#define NOTHING_SHARE 1e-5 /* below: rounding of shared borders */

struct overlap_search {
    struct reader *r;
    const struct box *boxes;
    uint32_t own;
};

static struct box shape_box(const struct shape *s)
{
    struct box b = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (size_t r = 0; r < s->n_rings; r++)
        for (size_t i = 0; i < s->rings[r].n; i++) {
            const double *p = s->rings[r].xy + 2 * i;

            b.min_x = fmin(b.min_x, p[0]);
            b.max_x = fmax(b.max_x, p[0]);
            b.min_y = fmin(b.min_y, p[1]);
            b.max_y = fmax(b.max_y, p[1]);
        }
    return b;
}

static void report_overlap(struct reader *r, const struct feature *a,
                           const struct feature *b, const GEOSGeometry *both)
{
    double smaller = fmin(a->area.area_m2, b->area.area_m2), area = 0;
    double x = NAN, y = NAN, lon, lat;
    GEOSGeometry *c;

    GEOSArea_r(r->geos, both, &area);
    if (!(area > NOTHING_SHARE * smaller))
        return;
    c = GEOSPointOnSurface_r(r->geos, both);
    if (c) {
        GEOSGeomGetX_r(r->geos, c, &x);
        GEOSGeomGetY_r(r->geos, c, &y);
        GEOSGeom_destroy_r(r->geos, c);
    }
    reader_to_degrees(r, x, y, &lon, &lat);
    REPORT(r, area > LITTLE_SHARE * smaller ? GEO_OVERLAP : GEO_OVERLAP_LITTLE,
           .feature = a->number, .other = b->number, .text = a->area.id,
           .more = b->area.id, .value = 100 * area / smaller, .longitude = lon,
           .latitude = lat);
}

static bool try_pair(void *ctx, uint32_t item)
{
    struct overlap_search *s = ctx;
    struct reader *r = s->r;
    const struct feature *a = &r->features[s->own], *b = &r->features[item];
    const struct box *p = &s->boxes[s->own], *q = &s->boxes[item];
    struct box both = {fmax(p->min_x, q->min_x), fmax(p->min_y, q->min_y),
                       fmin(p->max_x, q->max_x), fmin(p->max_y, q->max_y)};
    GEOSGeometry *common;

    if (item <= s->own || !a->sound || !b->sound ||
        !(both.max_x > both.min_x) || !(both.max_y > both.min_y))
        return true;
    common = GEOSIntersection_r(r->geos, a->shape, b->shape);
    if (common)
        report_overlap(r, a, b, common);
    GEOSGeom_destroy_r(r->geos, common);
    return true;
}

void reader_overlaps(struct reader *r)
{
    AUTO(arena) struct arena *scratch = arena_new(0);
    struct box *boxes = arena_array(scratch, struct box, r->n + 1);
    struct overlap_search s = {.r = r, .boxes = boxes};
    struct boxtree tree;

    for (size_t i = 0; i < r->n; i++)
        boxes[i] = shape_box(&r->features[i].area.shape);
    if (boxtree_build(&tree, boxes, r->n, scratch))
        return;
    for (size_t i = 0; i < r->n; i++) {
        s.own = (uint32_t)i;
        boxtree_query(&tree, boxes[i], try_pair, &s);
    }
}
