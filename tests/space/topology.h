/*
 * topology.h: do the borders of many shapes fit each other?
 *
 * crossings: pairs of segments that cross properly (none may). outer_loops:
 * segments that no other shape runs backwards form the outline; the number of
 * loops that they make grows when a gap or an overlap opens.
 */
#ifndef PASSERELLE_TESTS_TOPOLOGY_H
#define PASSERELLE_TESTS_TOPOLOGY_H

#include "base/dict.h"
#include "space/boxtree.h"
#include "space/geography.h"

#include <math.h>

struct edge {
    double p[4];
};

struct edges {
    struct edge *items;
    size_t n, cap;
};

static double shape_area(const struct shape *s)
{
    double sum = 0;

    for (size_t r = 0; r < s->n_rings; r++) {
        const double *p = s->rings[r].xy;

        for (size_t i = 1; i < s->rings[r].n; i++, p += 2)
            sum += (p[0] * p[3] - p[2] * p[1]) / 2;
    }
    return sum;
}

static struct edges edges_of(struct arena *a, const struct shape *s, size_t n)
{
    struct edges e = {0};

    for (size_t k = 0; k < n; k++)
        for (size_t r = 0; r < s[k].n_rings; r++) {
            const double *p = s[k].rings[r].xy;

            for (size_t i = 1; i < s[k].rings[r].n; i++, p += 2)
                VEC_PUSH(a, e.items, e.n, e.cap) =
                    (struct edge){{p[0], p[1], p[2], p[3]}};
        }
    return e;
}

static double turn(const double *a, const double *b, const double *c)
{
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

struct crossing {
    const struct edges *e;
    size_t own, found;
};

static bool count_crossing(void *ctx, uint32_t item)
{
    struct crossing *c = ctx;
    const double *p = c->e->items[c->own].p, *q = c->e->items[item].p;
    double a, b, u, v, small = 1e-3; /* square metres: rounding */

    if (item <= c->own)
        return true;
    a = turn(p, p + 2, q);
    b = turn(p, p + 2, q + 2);
    u = turn(q, q + 2, p);
    v = turn(q, q + 2, p + 2);
    c->found += ((a > small && b < -small) || (a < -small && b > small)) &&
                ((u > small && v < -small) || (u < -small && v > small));
    return true;
}

static size_t crossings(struct arena *a, const struct shape *s, size_t n)
{
    struct edges e = edges_of(a, s, n);
    struct box *boxes = arena_array(a, struct box, e.n + 1);
    struct crossing c = {.e = &e};
    struct boxtree tree;

    for (size_t i = 0; i < e.n; i++) {
        const double *p = e.items[i].p;

        boxes[i] = (struct box){fmin(p[0], p[2]), fmin(p[1], p[3]),
                                fmax(p[0], p[2]), fmax(p[1], p[3])};
    }
    assert_int_equal(boxtree_build(&tree, boxes, e.n, a), RC_OK);
    for (c.own = 0; c.own < e.n; c.own++)
        boxtree_query(&tree, boxes[c.own], count_crossing, &c);
    return c.found;
}

static uint32_t root_of(uint32_t *up, uint32_t i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

/* Connected parts of the segments that have no counterpart. */
static size_t outer_loops(struct arena *a, const struct shape *s, size_t n)
{
    struct edges e = edges_of(a, s, n);
    struct dict known, points;
    uint32_t *up = arena_array(a, uint32_t, 2 * e.n + 1);
    bool *used = arena_array(a, bool, 2 * e.n + 1);
    size_t loops = 0;

    dict_init(&known, a);
    dict_init(&points, a);
    for (size_t i = 0; i < e.n; i++)
        dict_intern(&known, (struct str){(const char *)e.items[i].p, 32});
    for (uint32_t i = 0; i < 2 * e.n; i++)
        up[i] = i;
    for (size_t i = 0; i < e.n; i++) {
        const double *p = e.items[i].p;
        double back[4] = {p[2], p[3], p[0], p[1]};
        uint32_t u, v;

        if (dict_find(&known, (struct str){(const char *)back, 32}) !=
            DICT_NONE)
            continue;
        u = dict_intern(&points, (struct str){(const char *)p, 16});
        v = dict_intern(&points, (struct str){(const char *)(p + 2), 16});
        used[u] = used[v] = true;
        up[root_of(up, u)] = root_of(up, v);
    }
    for (uint32_t i = 0; i < points.n; i++)
        loops += used[i] && root_of(up, i) == i;
    return loops;
}

#endif
