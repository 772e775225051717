/*
 * Neighbours: a grid counted by hand, a brute-force twin that looks at every
 * pair of segments, and borders whose vertices do not match.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "space/geography.h"

static struct area square(struct arena *a, const char *id, double x, double y,
                          double w, double h)
{
    double *xy = arena_array(a, double, 10);
    struct ring *ring = arena_new_of(a, struct ring);
    const double points[10] = {x, y, x + w, y, x + w, y + h, x, y + h, x, y};

    memcpy(xy, points, sizeof points);
    *ring = (struct ring){5, xy, false};
    return (struct area){.id = id,
                         .name = id,
                         .area_m2 = w * h,
                         .perimeter_m = 2 * (w + h),
                         .shape = {1, ring}};
}

static struct geography grid(struct arena *a, size_t side, double step)
{
    struct geography g = {.n = side * side};

    g.areas = arena_array(a, struct area, g.n);
    for (size_t i = 0; i < g.n; i++)
        g.areas[i] =
            square(a, arena_printf(a, "%03zu", i), (double)(i % side) * step,
                   (double)(i / side) * step, step, step);
    return g;
}

static double link_length(const struct links *l, size_t i, uint32_t j)
{
    for (size_t k = l->start[i]; k < l->start[i + 1]; k++)
        if (l->to[k] == j)
            return l->length_m[k];
    return -1;
}

static void check_symmetric(const struct geography *g, const struct links *l)
{
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = l->start[i]; k < l->start[i + 1]; k++) {
            assert_int_not_equal(l->to[k], i);
            if (k > l->start[i])
                assert_true(l->to[k - 1] < l->to[k]);
            assert_true(link_length(l, l->to[k], (uint32_t)i) ==
                        l->length_m[k]);
        }
}

static void grid_has_its_neighbours(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography g = grid(a, 10, 500);

    assert_int_equal(geography_link(&g, a), RC_OK);
    assert_int_equal(g.rook.start[100], 2 * 180);
    assert_int_equal(g.queen.start[100], 2 * 342);
    check_symmetric(&g, &g.rook);
    check_symmetric(&g, &g.queen);
    assert_float_equal(link_length(&g.rook, 0, 1), 500, 1e-9);
    assert_float_equal(link_length(&g.queen, 0, 11), 0, 0);
    assert_float_equal(g.outer_m[0], 1000, 1e-9);
    assert_float_equal(g.outer_m[55], 0, 1e-9);
    assert_float_equal(g.tolerance_m, 0.25, 0);
}

static void small_units_have_a_small_tolerance(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography g = grid(a, 10, 1);

    assert_int_equal(geography_link(&g, a), RC_OK);
    assert_float_equal(g.tolerance_m, 0.001, 1e-12);
    assert_int_equal(g.rook.start[100], 2 * 180);
    assert_int_equal(g.queen.start[100], 2 * 342);
}

/* One long side against two short ones, whose vertices lie 10 cm off it. */
static void borders_need_not_share_vertices(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct area areas[3] = {square(a, "a", 0, 0, 1000, 500),
                            square(a, "b", 0, 500.1, 400, 500),
                            square(a, "c", 400, 499.9, 600, 500)};
    struct geography g = {.n = 3, .areas = areas};

    assert_int_equal(geography_link(&g, a), RC_OK);
    assert_float_equal(link_length(&g.rook, 0, 1), 400, 0.3);
    assert_float_equal(link_length(&g.rook, 0, 2), 600, 0.3);
    assert_float_equal(link_length(&g.rook, 1, 2), 500, 0.3);
    assert_float_equal(g.outer_m[0], 2000, 0.5);
}

/* Beyond the tolerance nothing is shared; a short touch is a corner. */
static void a_gap_separates_and_a_touch_is_a_corner(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct area areas[3] = {square(a, "a", 0, 0, 1000, 500),
                            square(a, "b", 0, 500.3, 400, 500),
                            square(a, "c", 999.7, 500, 600, 500)};
    struct geography g = {.n = 3, .areas = areas};

    assert_int_equal(geography_link(&g, a), RC_OK);
    assert_float_equal(link_length(&g.queen, 0, 1), -1, 0);
    assert_float_equal(link_length(&g.queen, 0, 2), 0, 0);
    assert_float_equal(link_length(&g.rook, 0, 2), -1, 0);
}

/* ---- the twin: every segment against every other, at many points ---- */

static double near_distance(double x, double y, const struct area *b)
{
    double best = INFINITY;

    for (size_t r = 0; r < b->shape.n_rings; r++) {
        const double *p = b->shape.rings[r].xy;

        for (size_t i = 1; i < b->shape.rings[r].n; i++, p += 2) {
            double dx = p[2] - p[0], dy = p[3] - p[1], l = dx * dx + dy * dy;
            double t = l > 0 ? ((x - p[0]) * dx + (y - p[1]) * dy) / l : 0;

            t = fmin(fmax(t, 0), 1);
            best = fmin(best, hypot(x - p[0] - t * dx, y - p[1] - t * dy));
        }
    }
    return best;
}

/* Length of a's boundary within the tolerance of b, by sampling. */
static double sampled(const struct area *a, const struct area *b,
                      double tolerance, double step)
{
    double sum = 0;

    for (size_t r = 0; r < a->shape.n_rings; r++) {
        const double *p = a->shape.rings[r].xy;

        for (size_t i = 1; i < a->shape.rings[r].n; i++, p += 2) {
            double len = hypot(p[2] - p[0], p[3] - p[1]);
            size_t n = (size_t)ceil(len / step);

            for (size_t k = 0; k < n; k++) {
                double t = ((double)k + 0.5) / (double)n;

                if (near_distance(p[0] + t * (p[2] - p[0]),
                                  p[1] + t * (p[3] - p[1]), b) <= tolerance)
                    sum += len / (double)n;
            }
        }
    }
    return sum;
}

/* Squares whose common borders wander, with extra vertices on one side. */
static struct geography wobbly(struct arena *a, struct rng *rng)
{
    enum { SIDE = 4, STEP = 100, N = SIDE + 1 };
    static double px[N][N], py[N][N];
    struct geography g = {.n = SIDE * SIDE};

    g.areas = arena_array(a, struct area, g.n);
    for (int y = 0; y < N; y++)
        for (int x = 0; x < N; x++) {
            px[y][x] = STEP * (x + 0.4 * (rng_double(rng) - 0.5));
            py[y][x] = STEP * (y + 0.4 * (rng_double(rng) - 0.5));
        }
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE, y = i / SIDE;
        const int at[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
        double *xy = arena_array(a, double, 64);
        struct ring *ring = arena_new_of(a, struct ring);
        size_t n = 0;

        for (int k = 0; k < 4; k++) {
            double ax = px[y + at[k][1]][x + at[k][0]];
            double ay = py[y + at[k][1]][x + at[k][0]];
            double bx = px[y + at[k + 1][1]][x + at[k + 1][0]];
            double by = py[y + at[k + 1][1]][x + at[k + 1][0]];
            int extra = (int)rng_below(rng, 4);

            for (int e = 0; e <= extra; e++, n++) {
                double t = (double)e / (extra + 1);
                double off = e ? 0.1 * (rng_double(rng) - 0.5) : 0;

                xy[2 * n] = ax + t * (bx - ax) + off;
                xy[2 * n + 1] = ay + t * (by - ay) - off;
            }
        }
        xy[2 * n] = xy[0];
        xy[2 * n + 1] = xy[1];
        *ring = (struct ring){n + 1, xy, false};
        g.areas[i] = (struct area){.id = arena_printf(a, "%02d", i),
                                   .area_m2 = 1e6, /* tolerance 0.25 */
                                   .shape = {1, ring}};
    }
    return g;
}

static void agrees_with_brute_force(void **state)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct rng rng;
        struct geography g;

        rng_init(&rng, seed, 0);
        g = wobbly(a, &rng);
        assert_int_equal(geography_link(&g, a), RC_OK);
        check_symmetric(&g, &g.rook);
        for (size_t i = 0; i < g.n; i++)
            for (uint32_t j = 0; j < g.n; j++) {
                double twin, got;

                if (i == j)
                    continue;
                twin = sampled(&g.areas[i], &g.areas[j], g.tolerance_m, 0.1);
                got = link_length(&g.rook, i, j);
                /* corners: the sample counts about a tolerance at each end */
                if (twin > 3)
                    assert_float_equal(got, twin, 1.5);
                else
                    assert_true(got < 0);
                assert_int_equal(twin > 0, link_length(&g.queen, i, j) >= 0);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_has_its_neighbours),
        cmocka_unit_test(small_units_have_a_small_tolerance),
        cmocka_unit_test(borders_need_not_share_vertices),
        cmocka_unit_test(a_gap_separates_and_a_touch_is_a_corner),
        cmocka_unit_test(agrees_with_brute_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
