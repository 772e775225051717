/*
 * Simplified borders: nothing crosses, no gap opens, no area vanishes, and
 * what is simple already stays as it is.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "space/simplify.h"
#include "topology.h"

enum { SIDE = 6, STEP = 1000, PER_EDGE = 40 };

/* Points of one border, always walked from its lower end: both sides agree. */
static void border(struct buf *out, const double *from, const double *to)
{
    struct rng own;
    bool swap = from[0] > to[0] || (from[0] == to[0] && from[1] > to[1]);
    const double *a = swap ? to : from, *b = swap ? from : to;
    double xy[PER_EDGE][2];

    rng_init(&own, 7,
             (uint64_t)(a[0] * 7919 + a[1] * 104729 + b[0] * 31 + b[1]));
    for (int i = 0; i < PER_EDGE; i++) {
        double t = (double)i / PER_EDGE;
        /* little near the ends, so that borders do not cross there */
        double off = 90 * sin(M_PI * t) * (rng_double(&own) - 0.5);

        xy[i][0] = a[0] + t * (b[0] - a[0]) + (a[0] == b[0] ? off : 0);
        xy[i][1] = a[1] + t * (b[1] - a[1]) + (a[1] == b[1] ? off : 0);
    }
    for (int i = 0; i < PER_EDGE; i++) {
        const double *p = swap ? (i ? xy[PER_EDGE - i] : b) : xy[i];

        buf_add(out, (struct str){(const char *)p, 16});
    }
}

static struct ring ring_of(struct arena *a, struct buf *b, bool hole)
{
    struct ring r = {b->n / 16 + 1, NULL, hole};
    double *xy = arena_array(a, double, 2 * r.n);

    memcpy(xy, b->p, b->n);
    xy[2 * r.n - 2] = xy[0];
    xy[2 * r.n - 1] = xy[1];
    r.xy = xy;
    buf_free(b);
    return r;
}

static struct geography wandering(struct arena *a)
{
    struct geography g = {.n = SIDE * SIDE, .tolerance_m = 0.25};

    g.areas = arena_array(a, struct area, g.n);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double x = i % SIDE * STEP, y = i / SIDE * STEP;
        const double at[5][2] = {
            {x, y}, {x + STEP, y}, {x + STEP, y + STEP}, {x, y + STEP}, {x, y}};
        struct buf b;

        buf_init(&b, 1 << 20);
        for (int k = 0; k < 4; k++)
            border(&b, at[k], at[k + 1]);
        g.areas[i].shape = (struct shape){1, arena_new_of(a, struct ring)};
        g.areas[i].shape.rings[0] = ring_of(a, &b, false);
        g.areas[i].area_m2 = shape_area(&g.areas[i].shape);
    }
    return g;
}

static size_t points_of(const struct shape *s, size_t n)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < s[i].n_rings; r++)
            sum += s[i].rings[r].n;
    return sum;
}

static void borders_fit_at_every_tolerance(void **state)
{
    static const double tolerances[] = {0, 10, 30, 100, 1000, 1e6};
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography g = wandering(a);
    size_t before = SIZE_MAX;

    for (size_t t = 0; t < ARRAY_LEN(tolerances); t++) {
        struct shape *s = arena_array(a, struct shape, g.n);
        size_t points;

        assert_int_equal(geography_simplify(&g, tolerances[t], a, s), RC_OK);
        assert_int_equal(crossings(a, s, g.n), 0);
        assert_int_equal(outer_loops(a, s, g.n), 1);
        points = points_of(s, g.n);
        assert_true(points <= before);
        before = points;
        for (size_t i = 0; i < g.n; i++) {
            const struct ring *r = &s[i].rings[0];

            assert_true(shape_area(&s[i]) > 0);
            assert_true(r->n >= 4);
            assert_memory_equal(r->xy, r->xy + 2 * (r->n - 1), 16);
        }
    }
    assert_true(before < (size_t)SIDE * SIDE * 8);
}

static void area_and_rounding_are_as_stated(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography g = wandering(a);
    struct shape *s = arena_array(a, struct shape, g.n);

    assert_int_equal(geography_simplify(&g, 20, a, s), RC_OK);
    assert_true(points_of(s, g.n) * 10 < g.n * 4 * PER_EDGE * 9);
    for (size_t i = 0; i < g.n; i++)
        assert_float_equal(shape_area(&s[i]), g.areas[i].area_m2,
                           g.areas[i].area_m2 * 0.03);
    assert_int_equal(geography_simplify(&g, -1, a, s), RC_INVALID);
    assert_int_equal(geography_simplify(&g, NAN, a, s), RC_INVALID);
}

/* A round island in a square's hole, and a tiny one beside. */
static void an_island_keeps_its_shore(void **state)
{
    enum { N = 200 };
    AUTO(arena) struct arena *a = arena_new(0);
    struct area areas[2] = {0};
    struct geography g = {.n = 2, .areas = areas, .tolerance_m = 0.25};
    double *shore = arena_array(a, double, 2 * N + 2);
    double *back = arena_array(a, double, 2 * N + 2);
    static const double square[10] = {0, 0, 2000, 0, 2000, 2000, 0, 2000, 0, 0};
    static const double speck[8] = {3000, 0, 3002, 0, 3001, 2, 3000, 0};
    struct ring outer[2] = {{5, square, false}, {N + 1, back, true}};
    struct ring island[2] = {{N + 1, shore, false}, {4, speck, false}};
    struct shape s[2];

    for (int i = 0; i <= N; i++) {
        double t = 2 * M_PI * (i % N) / N;

        shore[2 * i] = 1000 + 500 * cos(t);
        shore[2 * i + 1] = 1000 + 500 * sin(t);
    }
    for (int i = 0; i <= N; i++)
        memcpy(back + 2 * i, shore + 2 * (N - i), 16);
    areas[0].shape = (struct shape){2, outer};
    areas[1].shape = (struct shape){2, island};
    assert_int_equal(geography_simplify(&g, 100, a, s), RC_OK);
    assert_int_equal(s[0].rings[1].n, s[1].rings[0].n);
    assert_true(s[0].rings[1].hole);
    assert_true(s[1].rings[0].n < N / 4);
    assert_int_equal(outer_loops(a, s, 2), 2); /* the square and the speck */
    assert_int_equal(s[1].rings[1].n, 4);
    assert_int_equal(geography_simplify(&g, 1e7, a, s), RC_OK);
    assert_true(s[1].rings[0].n >= 4);
    assert_true(shape_area(&s[1]) > 0);
}

/* A lens between two straight-able borders must not close. */
static void two_borders_do_not_become_one(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    static const double lens[] = {0, 0, 500, -20, 1000, 0, 500, 20, 0, 0};
    static const double above[] = {0,    0,   500, 20,  1000, 0,
                                   1000, 900, 0,   900, 0,    0};
    static const double below[] = {0,   -900, 1000, -900, 1000, 0,
                                   500, -20,  0,    0,    0,    -900};
    struct ring rings[3] = {
        {5, lens, false}, {6, above, false}, {6, below, false}};
    struct area areas[3] = {0};
    struct geography g = {.n = 3, .areas = areas, .tolerance_m = 0.25};
    struct shape s[3];

    for (int i = 0; i < 3; i++)
        areas[i].shape = (struct shape){1, &rings[i]};
    assert_int_equal(geography_simplify(&g, 1e6, a, s), RC_OK);
    assert_int_equal(crossings(a, s, 3), 0);
    assert_int_equal(outer_loops(a, s, 3), 1);
    for (int i = 0; i < 3; i++)
        assert_true(shape_area(&s[i]) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_fit_at_every_tolerance),
        cmocka_unit_test(area_and_rounding_are_as_stated),
        cmocka_unit_test(an_island_keeps_its_shore),
        cmocka_unit_test(two_borders_do_not_become_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
