/*
 * Neighbours by their boundaries. Every boundary segment looks up the segments
 * of other areas near it; where both run within the tolerance of each other,
 * at less than 45 degrees, that stretch is shared. Stretches are joined before
 * they are added up, so that slivers with two close borders count once.
 */
#include "space/boxtree.h"
#include "space/geography.h"

#include <math.h>
#include <stdlib.h>

struct segment {
    double x0, y0, x1, y1;
    uint32_t area;
};

struct stretch {
    uint32_t area;
    double low, high;
};

struct contact {
    uint32_t from, to;
    double length_m;
};

struct linker {
    struct geography *g;
    struct arena *a; /* of the result */
    struct arena *scratch;
    struct segment *segments;
    size_t n_segments;
    struct boxtree tree;
    double tolerance;
    struct contact *contacts;
    size_t n_contacts, cap_contacts;
    /* of the area at hand */
    double *length; /* per area */
    bool *touched;
    uint32_t *order; /* touched areas */
    size_t n_order;
    /* of the segment at hand */
    const struct segment *own;
    struct stretch *stretches;
    size_t n_stretches, cap_stretches;
};

static double point_segment(double x, double y, const struct segment *s)
{
    double dx = s->x1 - s->x0, dy = s->y1 - s->y0;
    double len2 = dx * dx + dy * dy;
    double t = len2 > 0 ? ((x - s->x0) * dx + (y - s->y0) * dy) / len2 : 0;

    t = fmin(fmax(t, 0), 1);
    return hypot(x - (s->x0 + t * dx), y - (s->y0 + t * dy));
}

static double side(const struct segment *s, double x, double y)
{
    return (s->x1 - s->x0) * (y - s->y0) - (s->y1 - s->y0) * (x - s->x0);
}

static bool segments_cross(const struct segment *a, const struct segment *b)
{
    double a0 = side(b, a->x0, a->y0), a1 = side(b, a->x1, a->y1);
    double b0 = side(a, b->x0, b->y0), b1 = side(a, b->x1, b->y1);

    return ((a0 < 0) != (a1 < 0)) && ((b0 < 0) != (b1 < 0));
}

static bool segments_touch(const struct segment *a, const struct segment *b,
                           double tolerance)
{
    return point_segment(a->x0, a->y0, b) <= tolerance ||
           point_segment(a->x1, a->y1, b) <= tolerance ||
           point_segment(b->x0, b->y0, a) <= tolerance ||
           point_segment(b->x1, b->y1, a) <= tolerance || segments_cross(a, b);
}

/* The stretch of a, in metres from its start, along which b runs. */
static bool segments_share(const struct segment *a, const struct segment *b,
                           double tolerance, double *low, double *high)
{
    double len = hypot(a->x1 - a->x0, a->y1 - a->y0);
    double dx, dy, t0, t1, h0, h1, slope;

    if (!(len > 0))
        return false;
    dx = (a->x1 - a->x0) / len;
    dy = (a->y1 - a->y0) / len;
    t0 = (b->x0 - a->x0) * dx + (b->y0 - a->y0) * dy;
    t1 = (b->x1 - a->x0) * dx + (b->y1 - a->y0) * dy;
    h0 = dx * (b->y0 - a->y0) - dy * (b->x0 - a->x0);
    h1 = dx * (b->y1 - a->y0) - dy * (b->x1 - a->x0);
    if (t0 > t1) {
        double t = t0, h = h0;

        t0 = t1;
        h0 = h1;
        t1 = t;
        h1 = h;
    }
    *low = fmax(0, t0);
    *high = fmin(len, t1);
    if (!(*high > *low) || fabs(h1 - h0) > t1 - t0)
        return false;
    slope = (h1 - h0) / (t1 - t0);
    return fabs(h0 + slope * (*low - t0)) <= tolerance &&
           fabs(h0 + slope * (*high - t0)) <= tolerance;
}

static bool meet_segment(void *ctx, uint32_t item)
{
    struct linker *k = ctx;
    const struct segment *b = &k->segments[item];
    double low, high;

    if (b->area == k->own->area)
        return true;
    if (!k->touched[b->area] && segments_touch(k->own, b, k->tolerance)) {
        k->touched[b->area] = true;
        k->order[k->n_order++] = b->area;
    }
    if (k->touched[b->area] &&
        segments_share(k->own, b, k->tolerance, &low, &high))
        VEC_PUSH(k->scratch, k->stretches, k->n_stretches, k->cap_stretches) =
            (struct stretch){b->area, low, high};
    return true;
}

static int stretch_by_area(const void *pa, const void *pb)
{
    const struct stretch *a = pa, *b = pb;

    if (a->area != b->area)
        return a->area < b->area ? -1 : 1;
    return a->low < b->low ? -1 : a->low > b->low;
}

static int stretch_by_place(const void *pa, const void *pb)
{
    const struct stretch *a = pa, *b = pb;

    return a->low < b->low ? -1 : a->low > b->low;
}

/* Adds the stretches of one segment; returns the length shared with anyone. */
static double add_stretches(struct linker *k)
{
    struct stretch *s = k->stretches;
    double covered = 0, end = 0;

    if (k->n_stretches > 1)
        qsort(s, k->n_stretches, sizeof *s, stretch_by_area);
    for (size_t i = 0; i < k->n_stretches; i++) {
        if (i == 0 || s[i].area != s[i - 1].area)
            end = 0;
        if (s[i].high > end)
            k->length[s[i].area] += s[i].high - fmax(s[i].low, end);
        end = fmax(end, s[i].high);
    }
    if (k->n_stretches > 1)
        qsort(s, k->n_stretches, sizeof *s, stretch_by_place);
    end = 0;
    for (size_t i = 0; i < k->n_stretches; i++) {
        if (s[i].high > end)
            covered += s[i].high - fmax(s[i].low, end);
        end = fmax(end, s[i].high);
    }
    return covered;
}

static void link_area(struct linker *k, uint32_t area, size_t *at)
{
    double outer = 0;

    k->n_order = 0;
    for (; *at < k->n_segments && k->segments[*at].area == area; ++*at) {
        const struct segment *s = &k->segments[*at];
        double t = k->tolerance * 1.01; /* rounding must not lose one side */
        struct box q = {fmin(s->x0, s->x1) - t, fmin(s->y0, s->y1) - t,
                        fmax(s->x0, s->x1) + t, fmax(s->y0, s->y1) + t};

        k->own = s;
        k->n_stretches = 0;
        boxtree_query(&k->tree, q, meet_segment, k);
        outer += hypot(s->x1 - s->x0, s->y1 - s->y0) - add_stretches(k);
    }
    k->g->outer_m[area] = fmax(outer, 0);
    for (size_t i = 0; i < k->n_order; i++) {
        uint32_t to = k->order[i];

        VEC_PUSH(k->scratch, k->contacts, k->n_contacts, k->cap_contacts) =
            (struct contact){area, to, k->length[to]};
        k->length[to] = 0;
        k->touched[to] = false;
    }
}

static int contact_compare(const void *pa, const void *pb)
{
    const struct contact *a = pa, *b = pb;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static struct contact *contact_back(const struct linker *k, size_t n,
                                    const struct contact *c)
{
    struct contact key = {c->to, c->from, 0};

    return bsearch(&key, k->contacts, n, sizeof key, contact_compare);
}

/* The two sides of a border measure it apart: both get their mean. */
static void contacts_balance(struct linker *k)
{
    size_t n = k->n_contacts;

    if (n == 0)
        return;
    qsort(k->contacts, n, sizeof *k->contacts, contact_compare);
    for (size_t i = 0; i < n; i++) {
        struct contact c = k->contacts[i];

        if (!contact_back(k, n, &c)) /* seen from one side by rounding */
            VEC_PUSH(k->scratch, k->contacts, k->n_contacts, k->cap_contacts) =
                (struct contact){c.to, c.from, c.length_m};
    }
    qsort(k->contacts, k->n_contacts, sizeof *k->contacts, contact_compare);
    for (size_t i = 0; i < k->n_contacts; i++) {
        struct contact *c = &k->contacts[i], *back;

        if (c->from > c->to)
            continue;
        back = contact_back(k, k->n_contacts, c);
        REQUIRE(back);
        c->length_m = back->length_m = (c->length_m + back->length_m) / 2;
        if (c->length_m <= 2 * k->tolerance)
            c->length_m = back->length_m = 0;
    }
}

static enum rc links_fill(const struct linker *k, bool rook, struct links *out)
{
    size_t n = k->g->n, m = 0;

    out->start = arena_try(k->a, n + 1, sizeof *out->start);
    out->to = arena_try(k->a, k->n_contacts + 1, sizeof *out->to);
    out->length_m = arena_try(k->a, k->n_contacts + 1, sizeof *out->length_m);
    if (!out->start || !out->to || !out->length_m)
        return RC_MEMORY;
    for (size_t i = 0, c = 0; i < n; i++) {
        out->start[i] = m;
        for (; c < k->n_contacts && k->contacts[c].from == i; c++) {
            if (rook && k->contacts[c].length_m <= 0)
                continue;
            out->to[m] = k->contacts[c].to;
            out->length_m[m++] = k->contacts[c].length_m;
        }
    }
    out->start[n] = m;
    return RC_OK;
}

static int double_compare(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;

    return a < b ? -1 : a > b;
}

static double choose_tolerance(const struct geography *g, struct arena *a)
{
    double *side_m = arena_array(a, double, g->n + 1);

    for (size_t i = 0; i < g->n; i++)
        side_m[i] = sqrt(fmax(g->areas[i].area_m2, 0));
    qsort(side_m, g->n, sizeof *side_m, double_compare);
    return fmin(GEOGRAPHY_TOLERANCE_M, side_m[g->n / 2] / 1000);
}

static enum rc segments_collect(struct linker *k)
{
    struct box *boxes;
    size_t n = 0;

    for (size_t i = 0; i < k->g->n; i++)
        for (size_t r = 0; r < k->g->areas[i].shape.n_rings; r++)
            n += k->g->areas[i].shape.rings[r].n;
    k->segments = arena_try(k->scratch, n + 1, sizeof *k->segments);
    boxes = arena_try(k->scratch, n + 1, sizeof *boxes);
    if (!k->segments || !boxes)
        return RC_MEMORY;
    for (size_t i = 0; i < k->g->n; i++) {
        const struct shape *shape = &k->g->areas[i].shape;

        for (size_t r = 0; r < shape->n_rings; r++) {
            const double *p = shape->rings[r].xy;

            for (size_t j = 1; j < shape->rings[r].n; j++, p += 2) {
                boxes[k->n_segments] =
                    (struct box){fmin(p[0], p[2]), fmin(p[1], p[3]),
                                 fmax(p[0], p[2]), fmax(p[1], p[3])};
                k->segments[k->n_segments++] =
                    (struct segment){p[0], p[1], p[2], p[3], (uint32_t)i};
            }
        }
    }
    return boxtree_build(&k->tree, boxes, k->n_segments, k->scratch);
}

enum rc geography_link(struct geography *g, struct arena *a)
{
    AUTO(arena) struct arena *scratch = arena_new(0);
    struct linker k = {.g = g, .a = a, .scratch = scratch};
    size_t at = 0;
    enum rc rc;

    g->outer_m = arena_try(a, g->n + 1, sizeof *g->outer_m);
    if (!g->outer_m)
        return RC_MEMORY;
    g->tolerance_m = k.tolerance = choose_tolerance(g, scratch);
    rc = segments_collect(&k);
    if (rc)
        return rc;
    k.length = arena_array(scratch, double, g->n + 1);
    k.touched = arena_array(scratch, bool, g->n + 1);
    k.order = arena_array(scratch, uint32_t, g->n + 1);
    for (size_t i = 0; i < g->n; i++)
        link_area(&k, (uint32_t)i, &at);
    contacts_balance(&k);
    rc = links_fill(&k, true, &g->rook);
    return rc ? rc : links_fill(&k, false, &g->queen);
}
