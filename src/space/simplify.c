/*
 * Topology first, then points. Vertices within the geography's tolerance of
 * each other become one, and one that lies on a neighbour's segment is put
 * into it, so that a shared border is the same chain of vertices on both
 * sides. Chains between nodes (vertices with other than two neighbours) are
 * the arcs. A point goes only while the triangle it spans holds no other
 * vertex: then the change sweeps over nothing and no line can cross another.
 */
#include "space/simplify.h"

#include "space/boxtree.h"

#include <math.h>
#include <stdlib.h>

#define NONE UINT32_MAX

struct vertex {
    double x, y;
    uint32_t near[2]; /* two neighbours, NONE where fewer */
    bool node, gone;
};

struct chain { /* a ring as vertices, first not repeated at the end */
    uint32_t *at;
    size_t n, cap;
};

struct arc {
    uint32_t *at; /* n vertices, both ends included */
    size_t n;
    uint32_t *before, *after; /* alive neighbours, by index */
    size_t alive;
};

struct use { /* of an arc in a ring */
    uint32_t arc;
    bool backwards;
};

struct simplifier {
    const struct geography *g;
    struct arena *a, *scratch;
    double limit_m2;
    struct vertex *vertices;
    size_t n_vertices, cap_vertices;
    struct dict cells; /* grid cell -> first vertex in it */
    uint32_t *cell_vertex, *next_in_cell;
    size_t n_cell, cap_cell, cap_next;
    struct boxtree tree;
    struct chain *rings;
    size_t n_rings;
    struct dict edges; /* directed edge that starts an arc -> use */
    struct use *edge_use;
    size_t n_edge, cap_edge;
    struct arc *arcs;
    size_t n_arcs, cap_arcs;
    struct dict direct; /* pairs of ends joined by a straight arc */
};

static struct str bytes_of(const void *p, size_t n)
{
    return (struct str){p, n};
}

/* ---- one vertex for all points closer than the tolerance ---- */

static uint32_t find_in_cell(const struct simplifier *s, int64_t cx, int64_t cy,
                             double x, double y)
{
    int64_t key[2] = {cx, cy};
    uint32_t cell = dict_find(&s->cells, bytes_of(key, sizeof key));

    if (cell == DICT_NONE)
        return NONE;
    for (uint32_t v = s->cell_vertex[cell]; v != NONE; v = s->next_in_cell[v])
        if (hypot(s->vertices[v].x - x, s->vertices[v].y - y) <=
            s->g->tolerance_m)
            return v;
    return NONE;
}

static uint32_t vertex_at(struct simplifier *s, double x, double y)
{
    double side = fmax(s->g->tolerance_m, 1e-9);
    int64_t cx = (int64_t)floor(x / side), cy = (int64_t)floor(y / side);
    int64_t key[2] = {cx, cy};
    uint32_t v = find_in_cell(s, cx, cy, x, y), cell;
    size_t n = s->n_vertices;

    for (int i = 0; v == NONE && i < 9; i++)
        if (i != 4)
            v = find_in_cell(s, cx + i / 3 - 1, cy + i % 3 - 1, x, y);
    if (v != NONE)
        return v;
    v = (uint32_t)s->n_vertices;
    cell = dict_intern(&s->cells, bytes_of(key, sizeof key));
    if (cell == s->n_cell)
        VEC_PUSH(s->scratch, s->cell_vertex, s->n_cell, s->cap_cell) = NONE;
    VEC_PUSH(s->scratch, s->next_in_cell, n, s->cap_next) =
        s->cell_vertex[cell];
    s->cell_vertex[cell] = v;
    VEC_PUSH(s->scratch, s->vertices, s->n_vertices, s->cap_vertices) =
        (struct vertex){x, y, {NONE, NONE}, false, false};
    return v;
}

static void chain_add(struct simplifier *s, struct chain *c, uint32_t v)
{
    if (c->n == 0 || c->at[c->n - 1] != v)
        VEC_PUSH(s->scratch, c->at, c->n, c->cap) = v;
}

static void collect_rings(struct simplifier *s)
{
    for (size_t i = 0; i < s->g->n; i++)
        s->n_rings += s->g->areas[i].shape.n_rings;
    s->rings = arena_array(s->scratch, struct chain, s->n_rings + 1);
    s->n_rings = 0;
    for (size_t i = 0; i < s->g->n; i++) {
        const struct shape *shape = &s->g->areas[i].shape;

        for (size_t r = 0; r < shape->n_rings; r++) {
            struct chain *c = &s->rings[s->n_rings++];
            const double *p = shape->rings[r].xy;

            for (size_t k = 0; k + 1 < shape->rings[r].n; k++, p += 2)
                chain_add(s, c, vertex_at(s, p[0], p[1]));
            while (c->n > 1 && c->at[c->n - 1] == c->at[0])
                c->n--;
        }
    }
}

static enum rc index_vertices(struct simplifier *s)
{
    struct box *boxes = arena_array(s->scratch, struct box, s->n_vertices + 1);

    for (size_t i = 0; i < s->n_vertices; i++) {
        const struct vertex *v = &s->vertices[i];

        boxes[i] = (struct box){v->x, v->y, v->x, v->y};
    }
    return boxtree_build(&s->tree, boxes, s->n_vertices, s->scratch);
}

/* ---- vertices that lie on a segment are put into it ---- */

struct on_segment {
    uint32_t v;
    double t;
};

struct insertion {
    struct simplifier *s;
    uint32_t u, w; /* ends of the segment */
    struct on_segment *found;
    size_t n, cap;
};

static bool try_vertex(void *ctx, uint32_t item)
{
    struct insertion *in = ctx;
    const struct vertex *u = &in->s->vertices[in->u];
    const struct vertex *w = &in->s->vertices[in->w];
    const struct vertex *v = &in->s->vertices[item];
    double dx = w->x - u->x, dy = w->y - u->y, len2 = dx * dx + dy * dy, t;

    if (item == in->u || item == in->w || !(len2 > 0))
        return true;
    t = ((v->x - u->x) * dx + (v->y - u->y) * dy) / len2;
    if (t > 0 && t < 1 &&
        hypot(v->x - (u->x + t * dx), v->y - (u->y + t * dy)) <=
            in->s->g->tolerance_m)
        VEC_PUSH(in->s->scratch, in->found, in->n, in->cap) =
            (struct on_segment){item, t};
    return true;
}

static int on_segment_compare(const void *pa, const void *pb)
{
    const struct on_segment *a = pa, *b = pb;

    if (a->t != b->t)
        return a->t < b->t ? -1 : 1;
    return a->v < b->v ? -1 : a->v > b->v;
}

static void split_segments(struct simplifier *s)
{
    struct insertion in = {.s = s};
    double t = s->g->tolerance_m;

    for (size_t r = 0; r < s->n_rings; r++) {
        struct chain old = s->rings[r], new = {0};

        for (size_t i = 0; i < old.n; i++) {
            const struct vertex *u, *w;
            struct box q;

            in.u = old.at[i];
            in.w = old.at[(i + 1) % old.n];
            in.n = 0;
            u = &s->vertices[in.u];
            w = &s->vertices[in.w];
            q = (struct box){fmin(u->x, w->x) - t, fmin(u->y, w->y) - t,
                             fmax(u->x, w->x) + t, fmax(u->y, w->y) + t};
            boxtree_query(&s->tree, q, try_vertex, &in);
            if (in.n > 1)
                qsort(in.found, in.n, sizeof *in.found, on_segment_compare);
            chain_add(s, &new, in.u);
            for (size_t k = 0; k < in.n; k++)
                chain_add(s, &new, in.found[k].v);
        }
        while (new.n > 1 && new.at[new.n - 1] == new.at[0])
            new.n--;
        s->rings[r] = new;
    }
}

/* ---- nodes and arcs ---- */

static void meet(struct vertex *v, uint32_t other)
{
    if (v->near[0] == other || v->near[1] == other)
        return;
    if (v->near[0] == NONE)
        v->near[0] = other;
    else if (v->near[1] == NONE)
        v->near[1] = other;
    else
        v->node = true;
}

static void find_nodes(struct simplifier *s)
{
    for (size_t r = 0; r < s->n_rings; r++) {
        const struct chain *c = &s->rings[r];

        for (size_t i = 0; i < c->n; i++) {
            uint32_t u = c->at[i], w = c->at[(i + 1) % c->n];

            meet(&s->vertices[u], w);
            meet(&s->vertices[w], u);
        }
    }
    for (size_t i = 0; i < s->n_vertices; i++)
        if (s->vertices[i].near[1] == NONE)
            s->vertices[i].node = true;
}

static void edge_put(struct simplifier *s, uint32_t u, uint32_t w,
                     struct use use)
{
    uint32_t key[2] = {u, w};
    uint32_t code = dict_intern(&s->edges, bytes_of(key, sizeof key));

    if (code == s->n_edge)
        VEC_PUSH(s->scratch, s->edge_use, s->n_edge, s->cap_edge) = use;
}

/* The arc that runs from c->at[first] over n edges of the ring. */
static struct use arc_of(struct simplifier *s, const struct chain *c,
                         size_t first, size_t n)
{
    uint32_t key[2] = {c->at[first], c->at[(first + 1) % c->n]};
    uint32_t code = dict_find(&s->edges, bytes_of(key, sizeof key));
    struct arc arc = {.n = n + 1, .alive = n + 1};
    uint32_t number = (uint32_t)s->n_arcs;

    if (code != DICT_NONE)
        return s->edge_use[code];
    arc.at = arena_array(s->scratch, uint32_t, n + 1);
    arc.before = arena_array(s->scratch, uint32_t, n + 1);
    arc.after = arena_array(s->scratch, uint32_t, n + 1);
    for (size_t i = 0; i <= n; i++) {
        arc.at[i] = c->at[(first + i) % c->n];
        arc.before[i] = i ? (uint32_t)i - 1 : NONE;
        arc.after[i] = i < n ? (uint32_t)i + 1 : NONE;
    }
    VEC_PUSH(s->scratch, s->arcs, s->n_arcs, s->cap_arcs) = arc;
    edge_put(s, arc.at[0], arc.at[1], (struct use){number, false});
    edge_put(s, arc.at[n], arc.at[n - 1], (struct use){number, true});
    return (struct use){number, false};
}

/* Where to cut a ring first: at a node, else at its smallest vertex, which is
 * the same for both areas of an island. */
static size_t ring_start(const struct simplifier *s, const struct chain *c,
                         bool *closed)
{
    size_t least = 0;

    *closed = false;
    for (size_t i = 0; i < c->n; i++) {
        if (s->vertices[c->at[i]].node)
            return i;
        if (c->at[i] < c->at[least])
            least = i;
    }
    *closed = true;
    return least;
}

static size_t ring_uses(struct simplifier *s, const struct chain *c,
                        struct use *uses)
{
    bool closed;
    size_t start = ring_start(s, c, &closed), n = 0, from = 0;

    if (closed) {
        uses[0] = arc_of(s, c, start, c->n);
        return 1;
    }
    for (size_t i = 1; i <= c->n; i++) {
        if (!s->vertices[c->at[(start + i) % c->n]].node)
            continue;
        uses[n++] = arc_of(s, c, (start + from) % c->n, i - from);
        from = i;
    }
    return n;
}

/* ---- taking points away ---- */

struct candidate {
    double area;
    uint32_t index;
    uint32_t version;
};

struct heap {
    struct candidate *items;
    size_t n, cap;
    uint32_t *version; /* by index: older candidates are stale */
};

static bool candidate_less(const struct candidate *a, const struct candidate *b)
{
    return a->area != b->area ? a->area < b->area : a->index < b->index;
}

static void heap_push(struct simplifier *s, struct heap *h, struct candidate c)
{
    size_t i = h->n;

    VEC_PUSH(s->scratch, h->items, h->n, h->cap) = c;
    while (i > 0 && candidate_less(&h->items[i], &h->items[(i - 1) / 2])) {
        struct candidate t = h->items[i];

        h->items[i] = h->items[(i - 1) / 2];
        i = (i - 1) / 2;
        h->items[i] = t;
    }
}

static struct candidate heap_pop(struct heap *h)
{
    struct candidate top = h->items[0];
    size_t i = 0;

    h->items[0] = h->items[--h->n];
    for (;;) {
        size_t l = 2 * i + 1, r = l + 1, least = i;
        struct candidate t = h->items[i];

        if (l < h->n && candidate_less(&h->items[l], &h->items[least]))
            least = l;
        if (r < h->n && candidate_less(&h->items[r], &h->items[least]))
            least = r;
        if (least == i)
            return top;
        h->items[i] = h->items[least];
        h->items[least] = t;
        i = least;
    }
}

struct triangle {
    const struct simplifier *s;
    uint32_t corner[3];
    bool empty;
};

static double cross(const struct vertex *a, const struct vertex *b,
                    const struct vertex *c)
{
    return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
}

static bool vertex_in(void *ctx, uint32_t item)
{
    struct triangle *t = ctx;
    const struct vertex *all = t->s->vertices, *v = &all[item];
    double a, b, c;

    if (v->gone || item == t->corner[0] || item == t->corner[1] ||
        item == t->corner[2])
        return true;
    a = cross(&all[t->corner[0]], &all[t->corner[1]], v);
    b = cross(&all[t->corner[1]], &all[t->corner[2]], v);
    c = cross(&all[t->corner[2]], &all[t->corner[0]], v);
    if ((a >= 0 && b >= 0 && c >= 0) || (a <= 0 && b <= 0 && c <= 0))
        t->empty = false;
    return t->empty;
}

/* May point i of the arc go? Its triangle holds nothing, no ring collapses. */
static bool may_go(struct simplifier *s, const struct arc *arc, uint32_t i)
{
    struct triangle t = {
        s, {arc->at[arc->before[i]], arc->at[i], arc->at[arc->after[i]]}, true};
    const struct vertex *v[3];
    struct box q = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    bool closed = arc->at[0] == arc->at[arc->n - 1];

    if (closed && arc->alive <= 4)
        return false;
    if (!closed && arc->alive == 3) {
        uint32_t ends[2] = {MIN(arc->at[0], arc->at[arc->n - 1]),
                            MAX(arc->at[0], arc->at[arc->n - 1])};

        if (dict_find(&s->direct, bytes_of(ends, sizeof ends)) != DICT_NONE)
            return false;
    }
    for (int k = 0; k < 3; k++) {
        v[k] = &s->vertices[t.corner[k]];
        q.min_x = fmin(q.min_x, v[k]->x);
        q.min_y = fmin(q.min_y, v[k]->y);
        q.max_x = fmax(q.max_x, v[k]->x);
        q.max_y = fmax(q.max_y, v[k]->y);
    }
    boxtree_query(&s->tree, q, vertex_in, &t);
    return t.empty;
}

static void rank(struct simplifier *s, struct heap *h, const struct arc *arc,
                 uint32_t i)
{
    const struct vertex *all = s->vertices;
    double area;

    if (arc->before[i] == NONE || arc->after[i] == NONE)
        return;
    area = fabs(cross(&all[arc->at[arc->before[i]]], &all[arc->at[i]],
                      &all[arc->at[arc->after[i]]])) /
           2;
    if (area < s->limit_m2)
        heap_push(s, h, (struct candidate){area, i, ++h->version[i]});
    else
        h->version[i]++;
}

static void note_direct(struct simplifier *s, const struct arc *arc)
{
    uint32_t ends[2] = {MIN(arc->at[0], arc->at[arc->n - 1]),
                        MAX(arc->at[0], arc->at[arc->n - 1])};

    if (arc->alive == 2)
        dict_intern(&s->direct, bytes_of(ends, sizeof ends));
}

static void simplify_arc(struct simplifier *s, struct arc *arc)
{
    struct heap h = {0};

    h.version = arena_array(s->scratch, uint32_t, arc->n);
    for (uint32_t i = 1; i + 1 < arc->n; i++)
        rank(s, &h, arc, i);
    while (h.n > 0) {
        struct candidate c = heap_pop(&h);
        uint32_t before = arc->before[c.index], after = arc->after[c.index];

        if (c.version != h.version[c.index] || !may_go(s, arc, c.index))
            continue;
        h.version[c.index]++;
        s->vertices[arc->at[c.index]].gone = true;
        arc->after[before] = after;
        arc->before[after] = before;
        arc->alive--;
        rank(s, &h, arc, before);
        rank(s, &h, arc, after);
    }
    note_direct(s, arc);
}

/* ---- the result ---- */

static size_t arc_points(const struct simplifier *s, struct use use, double *xy)
{
    const struct arc *arc = &s->arcs[use.arc];
    uint32_t i = use.backwards ? (uint32_t)arc->n - 1 : 0;
    size_t n = 0;

    for (; i != NONE; i = use.backwards ? arc->before[i] : arc->after[i]) {
        xy[2 * n] = s->vertices[arc->at[i]].x;
        xy[2 * n + 1] = s->vertices[arc->at[i]].y;
        n++;
    }
    return n - 1; /* the last point is the next arc's first */
}

static enum rc ring_write(struct simplifier *s, const struct use *uses,
                          size_t n_uses, bool hole, struct ring *out)
{
    size_t n = 1, at = 0;
    double *xy;

    for (size_t i = 0; i < n_uses; i++)
        n += s->arcs[uses[i].arc].alive;
    xy = arena_try(s->a, n + 1, 2 * sizeof *xy);
    if (!xy)
        return RC_MEMORY;
    for (size_t i = 0; i < n_uses; i++)
        at += arc_points(s, uses[i], xy + 2 * at);
    xy[2 * at] = xy[0];
    xy[2 * at + 1] = xy[1];
    *out = (struct ring){at + 1, xy, hole};
    return RC_OK;
}

static enum rc write_shapes(struct simplifier *s, struct use **uses,
                            const size_t *n_uses, struct shape *shapes)
{
    size_t ring = 0;

    for (size_t i = 0; i < s->g->n; i++) {
        const struct shape *from = &s->g->areas[i].shape;
        struct shape *to = &shapes[i];

        to->n_rings = from->n_rings;
        to->rings = arena_try(s->a, from->n_rings + 1, sizeof *to->rings);
        if (!to->rings)
            return RC_MEMORY;
        for (size_t r = 0; r < from->n_rings; r++, ring++) {
            enum rc rc;

            if (s->rings[ring].n < 3) { /* smaller than the tolerance */
                to->rings[r] = from->rings[r];
                continue;
            }
            rc = ring_write(s, uses[ring], n_uses[ring], from->rings[r].hole,
                            &to->rings[r]);
            if (rc)
                return rc;
        }
    }
    return RC_OK;
}

enum rc geography_simplify(const struct geography *g, double tolerance_m,
                           struct arena *a, struct shape *shapes)
{
    AUTO(arena) struct arena *scratch = arena_new(0);
    struct simplifier s = {.g = g,
                           .a = a,
                           .scratch = scratch,
                           .limit_m2 = tolerance_m * tolerance_m};
    struct use **uses;
    size_t *n_uses;
    enum rc rc;

    if (!(tolerance_m >= 0))
        return RC_INVALID;
    dict_init(&s.cells, scratch);
    dict_init(&s.edges, scratch);
    dict_init(&s.direct, scratch);
    collect_rings(&s);
    rc = index_vertices(&s);
    if (rc)
        return rc;
    split_segments(&s);
    find_nodes(&s);
    uses = arena_array(scratch, struct use *, s.n_rings + 1);
    n_uses = arena_array(scratch, size_t, s.n_rings + 1);
    for (size_t r = 0; r < s.n_rings; r++) {
        if (s.rings[r].n < 3)
            continue;
        uses[r] = arena_array(scratch, struct use, s.rings[r].n);
        n_uses[r] = ring_uses(&s, &s.rings[r], uses[r]);
    }
    for (size_t i = 0; i < s.n_arcs; i++)
        note_direct(&s, &s.arcs[i]);
    for (size_t i = 0; i < s.n_arcs; i++)
        simplify_arc(&s, &s.arcs[i]);
    return write_shapes(&s, uses, n_uses, shapes);
}
