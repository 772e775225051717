/*
 * From labelled points to borders: every triangle of the lattice whose corners
 * differ gives a piece of border; pieces are strung into arcs that end where
 * three areas meet; arcs are smoothed once, for both sides alike.
 */
#include "cli/example_land.h"

#include <math.h>

/* A vertex lies on an edge of the lattice or inside a triangle. */
struct vertex {
    struct point at;
    unsigned n_links;
    size_t link[3];
    signed char side[3][2]; /* labels beside the link */
    bool used[3];
};
struct web {
    struct land *land;
    struct vertex *items;
    size_t n, cap;
    uint32_t *edge; /* lattice edge -> vertex + 1; three edges a point */
};

static size_t web_vertex(struct web *w, struct point at)
{
    struct vertex *v = &VEC_PUSH(w->land->arena, w->items, w->n, w->cap);

    *v = (struct vertex){.at = at};
    return w->n - 1;
}

/* Where the coast crosses the line from a point on land to one that is not. */
static struct point shore_between(const struct land *l, struct point in,
                                  struct point out)
{
    for (int k = 0; k < 12; k++) {
        struct point middle = {(in.x + out.x) / 2, (in.y + out.y) / 2};

        if (land_inside(l, middle))
            in = middle;
        else
            out = middle;
    }
    return (struct point){(in.x + out.x) / 2, (in.y + out.y) / 2};
}

/* Each lattice edge is kept at its end with the smaller number. */
static size_t edge_number(const struct land *l, size_t a, size_t b)
{
    size_t low = MIN(a, b), high = MAX(a, b);
    size_t direction = high == low + 1 ? 0 : 1;

    if (direction) {
        size_t shift = (low / l->columns) % 2 ? 0 : 1;

        /* the upper left neighbour, or the upper right one */
        direction = high == low + l->columns - shift ? 1 : 2;
    }
    return low * 3 + direction;
}

static size_t edge_vertex(struct web *w, size_t a, size_t b)
{
    const struct land *l = w->land;
    size_t e = edge_number(l, a, b);
    struct point p = land_point(l, a), q = land_point(l, b);
    struct point at = {(p.x + q.x) / 2, (p.y + q.y) / 2};

    if (w->edge[e])
        return w->edge[e] - 1;
    if (l->label[a] < 0)
        at = shore_between(l, q, p);
    else if (l->label[b] < 0)
        at = shore_between(l, p, q);
    w->edge[e] = (uint32_t)web_vertex(w, at) + 1;
    return w->edge[e] - 1;
}

static void link_vertices(struct web *w, size_t a, size_t b, signed char one,
                          signed char other)
{
    size_t ends[2] = {a, b};

    for (int k = 0; k < 2; k++) {
        struct vertex *v = &w->items[ends[k]];

        REQUIRE(v->n_links < 3);
        v->link[v->n_links] = ends[!k];
        v->side[v->n_links][0] = one;
        v->side[v->n_links][1] = other;
        v->n_links++;
    }
}

static void trace_triangle(struct web *w, const size_t corner[3])
{
    const struct land *l = w->land;
    size_t middle[3], n = 0, centre;
    signed char side[3][2];

    for (int k = 0; k < 3; k++) {
        size_t a = corner[k], b = corner[(k + 1) % 3];

        if (l->label[a] == l->label[b])
            continue;
        side[n][0] = l->label[a];
        side[n][1] = l->label[b];
        middle[n++] = edge_vertex(w, a, b);
    }
    if (n == 2)
        link_vertices(w, middle[0], middle[1], side[0][0], side[0][1]);
    if (n != 3)
        return;
    centre = web_vertex(w, (struct point){0, 0});
    for (int k = 0; k < 3; k++) {
        w->items[centre].at.x += w->items[middle[k]].at.x / 3;
        w->items[centre].at.y += w->items[middle[k]].at.y / 3;
        link_vertices(w, centre, middle[k], side[k][0], side[k][1]);
    }
}

static void trace_triangles(struct web *w)
{
    const struct land *l = w->land;

    for (size_t row = 0; row + 1 < l->rows; row++)
        for (size_t c = 0; c + 1 < l->columns; c++) {
            size_t a = row * l->columns + c, b = a + 1;
            size_t u = a + l->columns, v = u + 1;

            if (row % 2) {
                trace_triangle(w, (size_t[]){a, b, v});
                trace_triangle(w, (size_t[]){a, v, u});
            } else {
                trace_triangle(w, (size_t[]){a, b, u});
                trace_triangle(w, (size_t[]){b, v, u});
            }
        }
}

/* The link of `v` that leads back to `to` is spent. */
static void spend(struct vertex *v, size_t to)
{
    for (unsigned k = 0; k < v->n_links; k++)
        if (v->link[k] == to && !v->used[k]) {
            v->used[k] = true;
            return;
        }
}

static struct arc follow(struct web *w, size_t start, unsigned k)
{
    struct arena *a = w->land->arena;
    struct arc arc = {.left = w->items[start].side[k][0],
                      .right = w->items[start].side[k][1],
                      .from = (int)start,
                      .to = (int)start};
    size_t cap = 0, at = start;

    VEC_PUSH(a, arc.at, arc.n, cap) = w->items[start].at;
    for (;;) {
        size_t next = w->items[at].link[k];

        w->items[at].used[k] = true;
        spend(&w->items[next], at);
        VEC_PUSH(a, arc.at, arc.n, cap) = w->items[next].at;
        at = next;
        if (at == start || w->items[at].n_links != 2)
            break;
        k = w->items[at].used[0] ? 1 : 0;
        if (w->items[at].used[k])
            break;
    }
    arc.to = (int)at;
    return arc;
}

static double off_line(struct point p, struct point a, struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);

    if (length < 1e-9)
        return hypot(p.x - a.x, p.y - a.y);
    return fabs((p.x - a.x) * dy - (p.y - a.y) * dx) / length;
}

/* Douglas and Peucker (1973), doi:10.3138/FM57-6770-U75U-7727. */
static void keep_corners(const struct point *p, size_t first, size_t last,
                         double tolerance, bool *keep)
{
    double most = tolerance;
    size_t at = 0;

    for (size_t i = first + 1; i < last; i++)
        if (off_line(p[i], p[first], p[last]) > most) {
            most = off_line(p[i], p[first], p[last]);
            at = i;
        }
    if (!at)
        return;
    keep[at] = true;
    keep_corners(p, first, at, tolerance, keep);
    keep_corners(p, at, last, tolerance, keep);
}

static void smooth(struct arena *a, struct arc *arc)
{
    bool coast = arc->left < 0 || arc->right < 0;
    bool loop = arc->from == arc->to;
    double tolerance = coast ? 7 : 13;
    struct point *p = arena_array(a, struct point, arc->n);
    bool *keep = arena_array(a, bool, arc->n);
    size_t n = 0;

    for (int round = 0; !coast && round < 3; round++) {
        memcpy(p, arc->at, arc->n * sizeof *p);
        for (size_t i = 1; i + 1 < arc->n; i++) {
            arc->at[i].x = (p[i - 1].x + 2 * p[i].x + p[i + 1].x) / 4;
            arc->at[i].y = (p[i - 1].y + 2 * p[i].y + p[i + 1].y) / 4;
        }
    }
    keep[0] = keep[arc->n - 1] = true;
    if (loop)
        keep[arc->n / 3] = keep[2 * arc->n / 3] = true;
    for (size_t i = 0, last = 0; i < arc->n; i++)
        if (keep[i]) {
            if (i > last)
                keep_corners(arc->at, last, i, tolerance, keep);
            last = i;
        }
    for (size_t i = 0; i < arc->n; i++)
        if (keep[i])
            arc->at[n++] = arc->at[i];
    arc->n = n;
}

size_t land_trace(struct land *l, struct arc **out)
{
    struct web w = {.land = l};
    size_t n = 0, cap = 0;

    *out = NULL;
    w.edge = arena_array(l->arena, uint32_t, l->columns * l->rows * 3);
    trace_triangles(&w);
    for (int loops = 0; loops < 2; loops++) /* arcs first, then what is left */
        for (size_t i = 0; i < w.n; i++)
            for (unsigned k = 0; k < w.items[i].n_links; k++)
                if (!w.items[i].used[k] && (loops || w.items[i].n_links == 3))
                    VEC_PUSH(l->arena, *out, n, cap) = follow(&w, i, k);
    for (size_t i = 0; i < n; i++)
        smooth(l->arena, &(*out)[i]);
    return n;
}
