#include "town.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *block(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    REQUIRE(p);
    return p;
}

struct neighbours links_of(size_t n, size_t pairs, const uint32_t *from,
                           const uint32_t *to, const double *length)
{
    size_t *start = block(n + 2, sizeof *start);
    uint32_t *out = block(pairs, sizeof *out);
    double *metres = block(pairs, sizeof *metres);

    for (size_t k = 0; k < pairs; k++)
        start[from[k] + 2]++;
    for (size_t i = 2; i < n + 2; i++)
        start[i] += start[i - 1];
    for (size_t k = 0; k < pairs; k++) {
        size_t at = start[from[k] + 1]++;

        out[at] = to[k];
        metres[at] = length ? length[k] : 0;
    }
    return (struct neighbours){start, out, metres};
}

void links_free(struct neighbours *l)
{
    free((void *)(uintptr_t)l->start);
    free((void *)(uintptr_t)l->to);
    free((void *)(uintptr_t)l->length_m);
}

static struct town town_new(size_t n, size_t groups)
{
    struct town t = {.groups = groups};

    t.x = block(n, sizeof *t.x);
    t.y = block(n, sizeof *t.y);
    t.area = block(n, sizeof *t.area);
    t.perimeter = block(n, sizeof *t.perimeter);
    t.n = block(n * groups, sizeof *t.n);
    t.a = (struct areas){.n = n,
                         .x_m = t.x,
                         .y_m = t.y,
                         .area_m2 = t.area,
                         .perimeter_m = t.perimeter};
    t.c = (struct counts){n, groups, t.n};
    return t;
}

void town_free(struct town *t)
{
    links_free(&t->a.rook);
    links_free(&t->a.queen);
    free(t->x);
    free(t->y);
    free(t->area);
    free(t->perimeter);
    free(t->n);
}

static void people(struct town *t, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed, 1);
    for (size_t i = 0; i < t->a.n; i++)
        for (size_t g = 0; g < t->groups; g++)
            t->n[i * t->groups + g] =
                (double)(rng_below(&r, 40) * rng_below(&r, 10 + 30 / (g + 1)));
}

struct pairs {
    uint32_t *from, *to;
    double *length;
    size_t n;
};

static struct pairs pairs_new(size_t most)
{
    return (struct pairs){block(most, sizeof(uint32_t)),
                          block(most, sizeof(uint32_t)),
                          block(most, sizeof(double)), 0};
}

static void pairs_add(struct pairs *p, size_t i, size_t j, double length)
{
    p->from[p->n] = (uint32_t)i;
    p->to[p->n] = (uint32_t)j;
    p->length[p->n++] = length;
}

static struct neighbours pairs_links(struct pairs *p, size_t n)
{
    struct neighbours l = links_of(n, p->n, p->from, p->to, p->length);

    free(p->from);
    free(p->to);
    free(p->length);
    return l;
}

struct town town_grid(size_t columns, size_t rows, double side_m, size_t groups)
{
    size_t n = columns * rows;
    struct town t = town_new(n, groups);
    struct pairs rook = pairs_new(4 * n), queen = pairs_new(8 * n);

    for (size_t i = 0; i < n; i++) {
        long x = (long)(i % columns), y = (long)(i / columns);

        t.x[i] = ((double)x + 0.5) * side_m;
        t.y[i] = ((double)rows - (double)y - 0.5) * side_m;
        t.area[i] = side_m * side_m;
        t.perimeter[i] = 4 * side_m;
        for (long dy = -1; dy <= 1; dy++)
            for (long dx = -1; dx <= 1; dx++) {
                long to = (y + dy) * (long)columns + x + dx;

                if (x + dx < 0 || x + dx >= (long)columns || y + dy < 0 ||
                    y + dy >= (long)rows || (!dx && !dy))
                    continue;
                if (!dx || !dy)
                    pairs_add(&rook, i, (size_t)to, side_m);
                pairs_add(&queen, i, (size_t)to, !dx || !dy ? side_m : 0);
            }
    }
    t.a.rook = pairs_links(&rook, n);
    t.a.queen = pairs_links(&queen, n);
    people(&t, 7);
    return t;
}

struct town town_random(size_t areas, double side_m, size_t groups,
                        uint64_t seed)
{
    struct town t = town_new(areas, groups);
    struct pairs rook = pairs_new(areas * areas),
                 queen = pairs_new(areas * areas);
    double near = 1.5 * side_m / sqrt((double)areas);
    struct rng r;

    rng_init(&r, seed, 0);
    for (size_t i = 0; i < areas; i++) {
        t.x[i] = 400000 + rng_double(&r) * side_m;
        t.y[i] = 5800000 + rng_double(&r) * side_m;
        t.area[i] = 1000 + rng_double(&r) * near * near;
        t.perimeter[i] = sqrt(t.area[i]) * (3.6 + rng_double(&r));
    }
    for (size_t i = 0; i < areas; i++)
        for (size_t j = 0; j < areas; j++) {
            double d = hypot(t.x[i] - t.x[j], t.y[i] - t.y[j]);

            if (i == j || d > near)
                continue;
            pairs_add(&queen, i, j, d < 0.8 * near ? near - d : 0);
            if (d < 0.8 * near)
                pairs_add(&rook, i, j, near - d);
        }
    t.a.rook = pairs_links(&rook, areas);
    t.a.queen = pairs_links(&queen, areas);
    people(&t, seed);
    return t;
}

static struct neighbours reorder(const struct neighbours *l, size_t n,
                                 const uint32_t *place, const uint32_t *now)
{
    struct pairs p = pairs_new(l->start[n]);

    for (size_t k = 0; k < n; k++)
        for (size_t e = l->start[place[k]]; e < l->start[place[k] + 1]; e++)
            pairs_add(&p, k, now[l->to[e]], l->length_m[e]);
    return pairs_links(&p, n);
}

struct town town_reorder(const struct town *t, const uint32_t *place)
{
    size_t n = t->a.n;
    struct town out = town_new(n, t->groups);
    uint32_t *now = block(n, sizeof *now);

    for (size_t k = 0; k < n; k++) {
        now[place[k]] = (uint32_t)k;
        out.x[k] = t->x[place[k]];
        out.y[k] = t->y[place[k]];
        out.area[k] = t->area[place[k]];
        out.perimeter[k] = t->perimeter[place[k]];
        memcpy(out.n + k * t->groups, t->n + place[k] * t->groups,
               t->groups * sizeof *out.n);
    }
    out.a.rook = reorder(&t->a.rook, n, place, now);
    out.a.queen = reorder(&t->a.queen, n, place, now);
    free(now);
    return out;
}
