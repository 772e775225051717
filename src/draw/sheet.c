/*
 * sheet.c: see sheet.h.
 */
#include "draw/sheet.h"

#include <math.h>
#include <stdlib.h>

#include "space/simplify.h"

#define NO_AREA UINT32_MAX

struct frame_of {
    double min_x, max_y, scale; /* grid steps a metre */
};

static int compare_points(const int32_t *a, const int32_t *b)
{
    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return a[1] < b[1] ? -1 : a[1] > b[1];
}

/* Both directions of an edge stand together, then by area. */
static int by_place(const void *x, const void *y)
{
    const struct sheet_edge *a = x, *b = y;
    const int32_t *a_low = a->from, *a_high = a->to;
    const int32_t *b_low = b->from, *b_high = b->to;
    int order;

    if (compare_points(a_low, a_high) > 0) {
        a_low = a->to;
        a_high = a->from;
    }
    if (compare_points(b_low, b_high) > 0) {
        b_low = b->to;
        b_high = b->from;
    }
    order = compare_points(a_low, b_low);
    if (!order)
        order = compare_points(a_high, b_high);
    if (!order)
        order = compare_points(a->from, b->from);
    if (!order)
        order = (a->area > b->area) - (a->area < b->area);
    return order;
}

static int by_start(const void *x, const void *y)
{
    const struct sheet_edge *a = x, *b = y;
    int order = compare_points(a->from, b->from);

    if (!order)
        order = compare_points(a->to, b->to);
    if (!order)
        order = (a->area > b->area) - (a->area < b->area);
    return order;
}

static bool opposite(const struct sheet_edge *a, const struct sheet_edge *b)
{
    return compare_points(a->from, b->to) == 0 &&
           compare_points(a->to, b->from) == 0;
}

static void add_ring(struct map_sheet *m, size_t *cap, struct arena *a,
                     const struct frame_of *f, const struct ring *r,
                     uint32_t area)
{
    int32_t *xy = arena_array(a, int32_t, 2 * r->n + 2);
    size_t n = 0;
    double twice = 0;
    bool turn;

    for (size_t i = 0; i < r->n; i++) {
        xy[2 * n] = (int32_t)lround((r->xy[2 * i] - f->min_x) * f->scale);
        xy[2 * n + 1] =
            (int32_t)lround((f->max_y - r->xy[2 * i + 1]) * f->scale);
        if (!n || compare_points(xy + 2 * n, xy + 2 * n - 2) != 0)
            n++;
    }
    for (size_t i = 0; i + 1 < n; i++)
        twice += (double)xy[2 * i] * xy[2 * i + 3] -
                 (double)xy[2 * i + 2] * xy[2 * i + 1];
    turn = (twice > 0) == r->hole; /* outer rings one way, holes the other */
    for (size_t i = 0; i + 1 < n; i++) {
        const int32_t *from = xy + 2 * (turn ? i + 1 : i);
        const int32_t *to = xy + 2 * (turn ? i : i + 1);

        VEC_PUSH(a, m->edges, m->n_edges, *cap) =
            (struct sheet_edge){{from[0], from[1]}, {to[0], to[1]}, area};
    }
}

static size_t first_from(const struct sheet_edge *e, size_t n,
                         const int32_t *point)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_points(e[middle].from, point) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool straight(const int32_t *a, const int32_t *b, const int32_t *c)
{
    int64_t ux = b[0] - a[0], uy = b[1] - a[1];
    int64_t vx = c[0] - b[0], vy = c[1] - b[1];

    return ux * vy == uy * vx && ux * vx + uy * vy > 0;
}

struct path_maker {
    struct arena *a;
    struct grid_path *out;
    size_t cap, parts_cap, start;
};

static void path_point(struct path_maker *m, const int32_t *p)
{
    struct grid_path *g = m->out;

    if (g->n >= m->start + 2 &&
        straight(g->xy + 2 * g->n - 4, g->xy + 2 * g->n - 2, p))
        g->n--;
    if (g->n == m->cap) {
        size_t cap = MAX(64, 2 * m->cap);

        g->xy = arena_grow(m->a, g->xy, m->cap * 2 * sizeof *g->xy,
                           cap * 2 * sizeof *g->xy);
        m->cap = cap;
    }
    g->xy[2 * g->n] = p[0];
    g->xy[2 * g->n + 1] = p[1];
    g->n++;
}

static void path_end(struct path_maker *m)
{
    struct grid_path *g = m->out;

    if (g->closed && g->n > m->start + 1 &&
        compare_points(g->xy + 2 * m->start, g->xy + 2 * g->n - 2) == 0)
        g->n--;
    if (g->n < m->start + (g->closed ? 3 : 2)) {
        g->n = m->start; /* collapsed */
        return;
    }
    VEC_PUSH(m->a, g->ends, g->n_parts, m->parts_cap) = g->n;
    m->start = g->n;
}

/* Follows edges, sorted by start, until none leads on. */
static void chain(struct sheet_edge *e, size_t n, struct path_maker *m,
                  bool *used, size_t i)
{
    path_point(m, e[i].from);
    for (;;) {
        size_t next;

        used[i] = true;
        path_point(m, e[i].to);
        next = first_from(e, n, e[i].to);
        while (next < n && used[next] &&
               compare_points(e[next].from, e[i].to) == 0)
            next++;
        if (next == n || used[next] ||
            compare_points(e[next].from, e[i].to) != 0)
            break;
        i = next;
    }
    path_end(m);
}

static void chain_all(struct sheet_edge *e, size_t n, struct arena *a,
                      struct grid_path *out)
{
    struct path_maker m = {.a = a, .out = out};
    bool *used = arena_array(a, bool, n + 1);

    qsort(e, n, sizeof *e, by_start);
    for (size_t i = 0; i < n; i++)
        if (!used[i])
            chain(e, n, &m, used, i);
}

void sheet_field(const struct map_sheet *m, const bool *inside, struct arena *a,
                 struct grid_path *out)
{
    struct sheet_edge *kept = arena_array(a, struct sheet_edge, m->n_edges);
    size_t n = 0;

    *out = (struct grid_path){.closed = true};
    for (size_t i = 0; i < m->n_edges; i++) { /* sorted by place */
        if (!inside[m->edges[i].area])
            continue;
        if (n && opposite(kept + n - 1, m->edges + i))
            n--;
        else
            kept[n++] = m->edges[i];
    }
    chain_all(kept, n, a, out);
}

/* An open path passes a point of two edges, and stops at any other. */
static void chain_lines(struct sheet_edge *e, size_t n, struct arena *a,
                        struct grid_path *out)
{
    struct path_maker m = {.a = a, .out = out};
    struct sheet_edge *both = arena_array(a, struct sheet_edge, 2 * n + 1);
    bool *used = arena_array(a, bool, n + 1);

    for (size_t i = 0; i < n; i++) { /* area: the edge's number */
        both[2 * i] = e[i];
        both[2 * i].area = (uint32_t)i;
        both[2 * i + 1] = (struct sheet_edge){{e[i].to[0], e[i].to[1]},
                                              {e[i].from[0], e[i].from[1]},
                                              (uint32_t)i};
    }
    qsort(both, 2 * n, sizeof *both, by_start);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < 2 * n; i++) {
            size_t at = i;
            size_t degree = 1;
            bool end;

            while (at > 0 &&
                   compare_points(both[at - 1].from, both[i].from) == 0)
                at--;
            for (degree = 0;
                 at + degree < 2 * n &&
                 compare_points(both[at + degree].from, both[i].from) == 0;)
                degree++;
            end = degree != 2;
            if (used[both[i].area] || (pass == 0 && !end))
                continue;
            path_point(&m, both[i].from);
            for (size_t k = i;;) {
                size_t next, last;

                used[both[k].area] = true;
                path_point(&m, both[k].to);
                next = first_from(both, 2 * n, both[k].to);
                for (last = next;
                     last < 2 * n &&
                     compare_points(both[last].from, both[k].to) == 0;)
                    last++;
                if (last - next != 2)
                    break;
                if (used[both[next].area])
                    next++;
                if (used[both[next].area])
                    break;
                k = next;
            }
            path_end(&m);
        }
    }
}

static bool other_parent(const struct geography *g, uint32_t a, uint32_t b)
{
    const char *x = g->areas[a].parent, *y = g->areas[b].parent;

    return x && y && strcmp(x, y) != 0;
}

static void find_borders(struct map_sheet *m, const struct geography *g,
                         struct arena *a)
{
    struct sheet_edge *inner = arena_array(a, struct sheet_edge, m->n_edges);
    struct sheet_edge *parents = arena_array(a, struct sheet_edge, m->n_edges);
    bool *all = arena_array(a, bool, g->n + 1);
    size_t n = 0, n_parents = 0;

    for (size_t i = 0; i + 1 < m->n_edges; i++) {
        const struct sheet_edge *e = m->edges + i;

        if (!opposite(e, e + 1) || e[0].area == e[1].area)
            continue;
        if (other_parent(g, e[0].area, e[1].area))
            parents[n_parents++] = *e;
        else
            inner[n++] = *e;
        i++;
    }
    chain_lines(inner, n, a, &m->borders);
    chain_lines(parents, n_parents, a, &m->parents);
    for (size_t i = 0; i < g->n; i++)
        all[i] = true;
    sheet_field(m, all, a, &m->outline);
}

static enum rc sheet_make(const struct geography *g, struct map_sheet *m,
                          double scale, struct arena *a, struct err *err)
{
    struct shape *shapes = arena_array(a, struct shape, g->n + 1);
    struct frame_of f = {g->min_x, g->max_y, scale / m->unit};
    size_t cap = 0;
    /* what a grid step cannot show anyway is left out: four steps wide */
    enum rc rc = geography_simplify(g, 4 * m->unit / scale, a, shapes);

    if (rc != RC_OK)
        return err_set(err, rc, N_("the map's areas cannot be simplified"));
    for (size_t i = 0; i < g->n; i++)
        for (size_t r = 0; r < shapes[i].n_rings; r++)
            add_ring(m, &cap, a, &f, shapes[i].rings + r, (uint32_t)i);
    qsort(m->edges, m->n_edges, sizeof *m->edges, by_place);
    find_borders(m, g, a);
    return RC_OK;
}

static enum rc sheet_find(struct drawing *d, double scale, double unit,
                          const struct map_sheet **out, struct err *err)
{
    const struct geography *g = d->g;
    struct arena *a = d->shapes->arena;
    struct map_sheet *m;
    unsigned number = 0;
    enum rc rc;

    for (m = d->shapes->sheets; m; m = m->next) {
        number++;
        if (fabs(m->metres * scale - 1) < 1e-9 && m->unit == unit) {
            *out = m;
            return RC_OK;
        }
    }
    m = arena_new_of(a, struct map_sheet);
    m->unit = unit;
    m->metres = 1 / scale;
    m->width = MAX(1, g->max_x - g->min_x) * scale;
    m->height = MAX(1, g->max_y - g->min_y) * scale;
    m->name = arena_printf(a, "map-%u", number);
    rc = sheet_make(g, m, scale, a, err);
    if (rc != RC_OK)
        return rc;
    m->next = d->shapes->sheets;
    d->shapes->sheets = m;
    *out = m;
    return RC_OK;
}

/* One thread at a time: who comes while a sheet is made waits for it. */
enum rc sheet_get(struct drawing *d, double w, double h, double unit,
                  const struct map_sheet **out, struct err *err)
{
    const struct geography *g = d->g;
    double span_x = MAX(1, g->max_x - g->min_x);
    double span_y = MAX(1, g->max_y - g->min_y);
    enum rc rc;

    if (!d->shapes)
        d->shapes = d->own = drawing_shapes_new();
    pthread_mutex_lock(&d->shapes->lock);
    rc = sheet_find(d, MIN(w / span_x, h / span_y), unit, out, err);
    pthread_mutex_unlock(&d->shapes->lock);
    return rc;
}

const struct map_sheet *sheet_scaled(const struct map_sheet *m, double factor,
                                     struct arena *a)
{
    struct map_sheet *s = arena_new_of(a, struct map_sheet);

    *s = *m;
    s->width *= factor;
    s->height *= factor;
    s->unit *= factor;
    s->metres /= factor;
    return s;
}
