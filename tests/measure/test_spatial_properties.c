/*
 * What must hold of every spatial measure whatever the data, the answers to
 * data that define no value, and the faults of the most used package that
 * concern space.
 */
#include "town.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MOST = 600 };

/* One value, or one an area (and 0 behind them). */
struct answer {
    enum rc rc;
    double v[MOST];
};

static void ask(const struct measure *m, enum measure_scope scope,
                const struct areas *a, const struct counts *c,
                const struct spatial_options *o, struct answer *out)
{
    struct measure_options few = measure_defaults();
    struct spatial *s = NULL;

    memset(out, 0, sizeof *out);
    few.draws = 20;
    out->v[0] = -123;
    out->rc = spatial_new(a, o, &s);
    if (out->rc == RC_OK)
        out->rc = measure_spatial(m, scope, c, s, 0, 1, &few, out->v);
    spatial_free(s);
}

static bool by_area(enum measure_scope scope)
{
    return scope & (MEASURE_AREA | MEASURE_GROUP_AREA);
}

typedef void each_fn(const struct measure *m, enum measure_scope scope,
                     void *ctx);

static void each_spatial(each_fn *fn, void *ctx)
{
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        for (unsigned scope = 1; scope <= MEASURE_GROUP_AREA; scope *= 2)
            if ((all[i].scopes & scope) && all[i].needs == NEEDS_AREAS)
                fn(&all[i], (enum measure_scope)scope, ctx);
}

static void catalogue(void **state)
{
    static const char *const code[] = {
        "delta",
        "absolute_concentration",
        "relative_concentration",
        "absolute_centralization",
        "relative_centralization",
        "local_relative_centralization",
        "absolute_clustering",
        "relative_clustering",
        "spatial_proximity",
        "distance_decay_isolation",
        "distance_decay_interaction",
        "spatial_dissimilarity",
        "boundary_dissimilarity",
        "perimeter_area_dissimilarity",
        "spatial_proximity_profile",
        "segregation_profile",
        "distortion",
        "morans_i",
    };

    for (size_t i = 0; i < ARRAY_LEN(code); i++) {
        const struct measure *m = measure_find(code[i]);

        if (!m || m->needs != NEEDS_AREAS)
            fail_msg("%s is not in the table", code[i]);
    }
}

/* --- order, scale, place --------------------------------------------- */

struct pair {
    const struct town *a, *b;
    const uint32_t *place; /* b's area k is a's place[k]; or NULL */
    const struct spatial_options *oa, *ob;
    double tolerance;
    const char *what;
};

static void same_values(const struct measure *m, enum measure_scope scope,
                        void *ctx)
{
    const struct pair *p = ctx;
    struct answer a, b;

    ask(m, scope, &p->a->a, &p->a->c, p->oa, &a);
    ask(m, scope, &p->b->a, &p->b->c, p->ob, &b);
    if (a.rc != RC_OK || b.rc != RC_OK)
        fail_msg("%s, scope %d, %s: codes %d and %d", m->code, scope, p->what,
                 a.rc, b.rc);
    for (size_t k = 0; k < (by_area(scope) ? p->b->a.n : 1); k++) {
        double x = a.v[by_area(scope) && p->place ? p->place[k] : k];

        if (isnan(x) && isnan(b.v[k]))
            continue;
        if (!(fabs(x - b.v[k]) <= p->tolerance * fmax(1, fabs(x))))
            fail_msg("%s, scope %d, %s: %.17g became %.17g", m->code, scope,
                     p->what, x, b.v[k]);
    }
}

static void shuffled(size_t n, uint32_t *place)
{
    struct rng r;

    rng_init(&r, 17, 0);
    for (size_t k = 0; k < n; k++)
        place[k] = (uint32_t)k;
    for (size_t k = n; k > 1; k--) {
        size_t other = (size_t)rng_below(&r, k);
        uint32_t keep = place[k - 1];

        place[k - 1] = place[other];
        place[other] = keep;
    }
}

/* Regular grids too: equal distances and surfaces are where order creeps in. */
static void order(void **state)
{
    struct town towns[] = {town_random(300, 9000, 3, 5),
                           town_grid(15, 12, 400, 3)};
    uint32_t place[MOST];

    for (size_t i = 0; i < towns[1].a.n; i++)
        towns[1].area[i] *= 1 + (double)(i % 3);
    for (size_t k = 0; k < ARRAY_LEN(towns); k++) {
        struct town t;

        shuffled(towns[k].a.n, place);
        t = town_reorder(&towns[k], place);
        each_spatial(same_values, &(struct pair){.a = &towns[k],
                                                 .b = &t,
                                                 .place = place,
                                                 .tolerance = 1e-10,
                                                 .what = "another order"});
        town_free(&t);
        town_free(&towns[k]);
    }
}

/* Fault 4: a smoothed count is no whole number. 10^9 people an area too. */
static void persons_scale(void **state)
{
    static const double by[] = {0.001, 1e9};
    static const char *const on_counts[] = {
        "information_theory", "dissimilarity", "gini", "isolation", "atkinson"};
    struct town t = town_random(200, 9000, 3, 6);

    for (size_t k = 0; k < ARRAY_LEN(by); k++) {
        struct town u = town_random(200, 9000, 3, 6);
        struct pair p = {
            .a = &t, .b = &u, .tolerance = 1e-10, .what = "more persons"};

        for (size_t i = 0; i < 200 * 3; i++)
            u.n[i] *= by[k];
        each_spatial(same_values, &p);
        for (size_t i = 0; i < ARRAY_LEN(on_counts); i++)
            same_values(measure_find(on_counts[i]), MEASURE_GROUP, &p);
        town_free(&u);
    }
    town_free(&t);
}

/* All lengths by 3, the options' too; then everything moved. */
static void lengths_scale(void **state)
{
    const double usual[] = {500, 1000, 2000, 4000};
    const double wider[] = {1500, 3000, 6000, 12000};
    struct spatial_options a = spatial_defaults(), b = a;
    struct town t = town_random(200, 9000, 3, 8);
    struct town u = town_random(200, 9000, 3, 8);

    a.bandwidth_m = usual;
    b.bandwidth_m = wider;
    a.bandwidths = b.bandwidths = 4;
    b.distance_unit_m = 3000;
    b.kernel.bandwidth_m = 3000;
    for (size_t i = 0; i < 200; i++) {
        u.x[i] *= 3;
        u.y[i] *= 3;
        u.area[i] *= 9;
        u.perimeter[i] *= 3;
    }
    each_spatial(same_values, &(struct pair){.a = &t,
                                             .b = &u,
                                             .oa = &a,
                                             .ob = &b,
                                             .tolerance = 1e-9,
                                             .what = "longer lengths"});
    for (size_t i = 0; i < 200; i++) {
        u.x[i] = t.x[i] - 390000;
        u.y[i] = t.y[i] - 5790000;
        u.area[i] /= 9;
        u.perimeter[i] /= 3;
    }
    each_spatial(same_values, &(struct pair){.a = &t,
                                             .b = &u,
                                             .tolerance = 1e-7,
                                             .what = "another origin"});
    town_free(&t);
    town_free(&u);
}

static void threads(void **state)
{
    struct spatial_options one = spatial_defaults(), many = one;
    struct town t = town_random(500, 9000, 3, 9);

    for (many.threads = 2; many.threads < 8; many.threads += 5)
        each_spatial(same_values, &(struct pair){.a = &t,
                                                 .b = &t,
                                                 .oa = &one,
                                                 .ob = &many,
                                                 .tolerance = 0,
                                                 .what = "more threads"});
    town_free(&t);
}

/* A group of nobody, and so nothing: groups 0 and 1 keep their values. */
static void empty_group(void **state)
{
    struct town t = town_random(150, 9000, 2, 10);
    struct town u = town_random(150, 9000, 3, 10);

    for (size_t i = 0; i < 150; i++) {
        u.n[i * 3] = t.n[i * 2];
        u.n[i * 3 + 1] = t.n[i * 2 + 1];
        u.n[i * 3 + 2] = 0;
    }
    each_spatial(same_values, &(struct pair){.a = &t,
                                             .b = &u,
                                             .tolerance = 1e-12,
                                             .what = "a group of nobody"});
    town_free(&t);
    town_free(&u);
}

static void in_bounds(const struct measure *m, enum measure_scope scope,
                      void *ctx)
{
    const struct town *t = ctx;
    struct answer a;

    ask(m, scope, &t->a, &t->c, NULL, &a);
    assert_int_equal(a.rc, RC_OK);
    for (size_t k = 0; k < (by_area(scope) ? t->a.n : 1); k++)
        if (!isnan(a.v[k]) && !(a.v[k] >= m->low && a.v[k] <= m->high))
            fail_msg("%s is %g", m->code, a.v[k]);
}

static void bounds(void **state)
{
    for (uint64_t seed = 1; seed < 30; seed++) {
        struct town t = town_random(10 + 9 * seed, 4000, 2 + seed % 3, seed);

        each_spatial(in_bounds, &t);
        town_free(&t);
    }
}

/* An environment of the area alone is no environment, whatever the kernel. */
static void bandwidth_zero(void **state)
{
    struct town t = town_random(150, 9000, 4, 11);
    struct measure_options few = measure_defaults();
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    few.draws = 20;
    t.x[3] = t.x[4]; /* not even where two centroids are one */
    t.y[3] = t.y[4];
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < 2 * 3 * (SHAPE_INVERSE + 1); k++) {
            static const enum measure_scope scopes[] = {
                MEASURE_CITY, MEASURE_GROUP, MEASURE_PAIR};
            enum measure_scope scope = scopes[k % 3];
            struct spatial_options o = spatial_defaults();
            struct answer a;
            double v = NAN;

            o.kernel = kernel_of((enum kernel_shape)(k / 6), 0);
            o.form = k / 3 % 2 ? LOCAL_COUNTS : LOCAL_COMPOSITION;
            if (all[i].needs != NEEDS_COUNTS || !(all[i].scopes & scope) ||
                strncmp(all[i].code, "decomp", 6) == 0)
                continue;
            assert_int_equal(
                measure_compute(&all[i], scope, &t.c, 0, 1, &few, &v), RC_OK);
            ask(&all[i], scope, &t.a, &t.c, &o, &a);
            assert_int_equal(a.rc, RC_OK);
            if (!(fabs(a.v[0] - v) <= 1e-12))
                fail_msg("%s: %.17g instead of %.17g", all[i].code, a.v[0], v);
        }
    town_free(&t);
}

/* --- faults of the most used package --------------------------------- */

/* A town of 20 x 20 areas of 1 km, in which 64 are the minority's. */
static struct town minority(bool compact)
{
    struct town t = town_grid(20, 20, 1000, 2);

    for (size_t i = 0; i < 400; i++) {
        size_t x = i % 20, y = i / 20;
        bool theirs = compact ? x >= 6 && x < 14 && y >= 6 && y < 14
                              : x % 5 % 3 == 1 && y % 5 % 3 == 1;

        t.n[i * 2] = theirs ? 100 : 0;
        t.n[i * 2 + 1] = theirs ? 0 : 100;
    }
    return t;
}

/* Fault 1: a compact minority is more clustered than a scattered one. */
static void compact_is_clustered(void **state)
{
    static const char *const code[] = {
        "absolute_clustering", "relative_clustering", "spatial_proximity",
        "distance_decay_isolation", "morans_i"};
    struct town near = minority(true), far = minority(false);

    for (size_t k = 0; k < ARRAY_LEN(code); k++) {
        struct answer a, b;

        ask(measure_find(code[k]), MEASURE_GROUP, &near.a, &near.c, NULL, &a);
        ask(measure_find(code[k]), MEASURE_GROUP, &far.a, &far.c, NULL, &b);
        assert_int_equal(a.rc, RC_OK);
        assert_int_equal(b.rc, RC_OK);
        if (!(a.v[0] > b.v[0] + 0.05))
            fail_msg("%s: %g compact, %g scattered", code[k], a.v[0], b.v[0]);
    }
    town_free(&near);
    town_free(&far);
}

/* Fault 2: whoever a member meets is of the group or of the rest. */
static void exposures_add_up(void **state)
{
    for (uint64_t seed = 1; seed < 10; seed++) {
        struct town t = town_random(120, 20000, 3, seed);
        struct answer own, rest, b, c;
        const struct measure *with = measure_find("distance_decay_interaction");
        struct counts swapped = t.c;

        ask(measure_find("distance_decay_isolation"), MEASURE_GROUP, &t.a, &t.c,
            NULL, &own);
        ask(with, MEASURE_GROUP, &t.a, &t.c, NULL, &rest);
        ask(with, MEASURE_PAIR, &t.a, &t.c, NULL, &b);
        for (size_t i = 0; i < 120; i++) {
            double keep = t.n[i * 3 + 1];

            t.n[i * 3 + 1] = t.n[i * 3 + 2];
            t.n[i * 3 + 2] = keep;
        }
        ask(with, MEASURE_PAIR, &t.a, &swapped, NULL, &c);
        assert_true(fabs(own.v[0] + rest.v[0] - 1) < 1e-12);
        assert_true(fabs(own.v[0] + b.v[0] + c.v[0] - 1) < 1e-12);
        town_free(&t);
    }
}

/* Fault 7: a kernel in metres over degrees is refused. */
static void degrees(void **state)
{
    static const char *const code[] = {
        "dissimilarity", "absolute_clustering", "spatial_proximity",
        "distance_decay_isolation", "segregation_profile"};
    struct town t = town_random(100, 0.6, 2, 3);

    for (size_t i = 0; i < 100; i++) {
        t.x[i] += -121.4 - 400000;
        t.y[i] += 38.5 - 5800000;
    }
    for (size_t k = 0; k < ARRAY_LEN(code); k++) {
        struct answer a;

        ask(measure_find(code[k]), MEASURE_GROUP, &t.a, &t.c, NULL, &a);
        assert_int_equal(a.rc, RC_INVALID);
        assert_true(a.v[0] == -123);
    }
    town_free(&t);
}

/* --- data that define no value --------------------------------------- */

struct expect {
    const struct areas *a;
    const struct counts *c;
    const struct spatial_options *o;
    enum rc rc;
};

static void answers(const struct measure *m, enum measure_scope scope,
                    void *ctx)
{
    const struct expect *e = ctx;
    struct answer a;

    ask(m, scope, e->a, e->c, e->o, &a);
    if (a.rc != e->rc)
        fail_msg("%s, scope %d: code %d", m->code, scope, a.rc);
    assert_true(a.v[0] == -123);
}

static void no_value(void **state)
{
    struct town one = town_grid(1, 1, 500, 2), t = town_grid(5, 4, 500, 2);
    struct counts nobody = t.c, of_one = t.c;
    double *n = calloc(40, sizeof *n), *first = calloc(40, sizeof *first);

    each_spatial(answers, &(struct expect){&one.a, &one.c, NULL, RC_UNDEFINED});
    nobody.n = n;
    each_spatial(answers, &(struct expect){&t.a, &nobody, NULL, RC_UNDEFINED});
    for (size_t i = 0; i < 20; i++)
        first[2 * i] = 5 + (double)i;
    of_one.n = first;
    each_spatial(answers, &(struct expect){&t.a, &of_one, NULL, RC_UNDEFINED});
    town_free(&one);
    town_free(&t);
    free(n);
    free(first);
}

static void bad_input(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    struct town t = town_grid(5, 4, 500, 2);
    struct counts less = t.c;
    struct spatial *s = NULL;

    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        double *const array[] = {t.x, t.y, t.area, t.perimeter};

        for (size_t i = 0; i < ARRAY_LEN(array); i++) {
            double keep = array[i][7];

            array[i][7] = bad[k];
            assert_int_equal(spatial_new(&t.a, NULL, &s), RC_INVALID);
            array[i][7] = keep;
        }
    }
    t.area[2] *= -1;
    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_INVALID);
    t.area[2] *= -1;
    t.x[0] = -1e308; /* the extent is not finite */
    t.x[1] = 1e308;
    t.n[0] = 12;
    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    {
        double v;

        assert_int_equal(measure_spatial(measure_find("absolute_clustering"),
                                         MEASURE_GROUP, &t.c, s, 0, 0, NULL,
                                         &v),
                         RC_INVALID);
        less.units--;
        assert_int_equal(measure_spatial(measure_find("delta"), MEASURE_GROUP,
                                         &less, s, 0, 0, NULL, &v),
                         RC_USAGE);
        assert_int_equal(measure_spatial(measure_find("delta"), MEASURE_GROUP,
                                         &t.c, s, 2, 0, NULL, &v),
                         RC_USAGE);
        assert_int_equal(measure_spatial(measure_find("delta"), MEASURE_CITY,
                                         &t.c, s, 0, 0, NULL, &v),
                         RC_USAGE);
        assert_int_equal(measure_compute(measure_find("delta"), MEASURE_GROUP,
                                         &t.c, 0, 0, NULL, &v),
                         RC_USAGE);
    }
    spatial_free(s);
    town_free(&t);
}

static void bad_counts(void **state)
{
    static const double bad[] = {-1, NAN, INFINITY};
    struct town t = town_grid(5, 4, 500, 2);
    double keep = t.n[9];

    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        struct answer a;

        t.n[9] = bad[k];
        each_spatial(answers, &(struct expect){&t.a, &t.c, NULL, RC_INVALID});
        ask(measure_find("dissimilarity"), MEASURE_GROUP, &t.a, &t.c, NULL, &a);
        assert_int_equal(a.rc, RC_INVALID);
    }
    t.n[9] = keep;
    town_free(&t);
}

static void bad_links(void **state)
{
    struct town t = town_grid(3, 3, 500, 2);
    const size_t falling[] = {0, 2, 1, 2, 2, 2, 2, 2, 2, 2};
    const size_t one[] = {0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const uint32_t out_of[] = {9}, self[] = {0}, good[] = {1};
    const double short_of[] = {-1};
    struct areas a = t.a;
    struct spatial *s = NULL;

    a.queen = (struct neighbours){falling, good, NULL};
    assert_int_equal(spatial_new(&a, NULL, &s), RC_INVALID);
    a.queen = (struct neighbours){one, out_of, NULL};
    assert_int_equal(spatial_new(&a, NULL, &s), RC_INVALID);
    a.queen = (struct neighbours){one, self, NULL};
    assert_int_equal(spatial_new(&a, NULL, &s), RC_INVALID);
    a.queen = (struct neighbours){one, NULL, NULL};
    assert_int_equal(spatial_new(&a, NULL, &s), RC_INVALID);
    a.queen = (struct neighbours){one, good, short_of};
    assert_int_equal(spatial_new(&a, NULL, &s), RC_INVALID);
    a.n = 0;
    assert_int_equal(spatial_new(&a, NULL, &s), RC_UNDEFINED);
    town_free(&t);
}

static void unknown_arrays(void **state)
{
    struct town t = town_grid(5, 4, 500, 2);
    struct areas none = {.n = 20};

    each_spatial(answers, &(struct expect){&none, &t.c, NULL, RC_USAGE});
    town_free(&t);
}

static void bad_options(void **state)
{
    static const double same[] = {500, 500}, negative[] = {-1, 5};
    struct town t = town_grid(5, 4, 500, 2);
    struct spatial_options o = spatial_defaults();
    struct environment *e = NULL;
    struct spatial *s = NULL;
    struct kernel k = kernel_of(SHAPE_INVERSE, 1000);
    double w;

    o.bandwidth_m = same;
    o.bandwidths = 2;
    assert_int_equal(spatial_new(&t.a, &o, &s), RC_USAGE);
    o.bandwidth_m = negative;
    assert_int_equal(spatial_new(&t.a, &o, &s), RC_USAGE);
    o = spatial_defaults();
    o.distance_unit_m = 0;
    assert_int_equal(spatial_new(&t.a, &o, &s), RC_USAGE);
    o = spatial_defaults();
    o.centre = CENTRE_AT;
    o.centre_x_m = NAN;
    assert_int_equal(spatial_new(&t.a, &o, &s), RC_INVALID);
    k.power = 0;
    assert_int_equal(environment_new(&t.a, &k, 1, &e), RC_INVALID);
    k = kernel_of(SHAPE_GAUSSIAN, -5);
    assert_int_equal(environment_new(&t.a, &k, 1, &e), RC_INVALID);
    k = kernel_of(SHAPE_GAUSSIAN, NAN);
    assert_int_equal(kernel_weight(&k, 5, &w), RC_INVALID);
    k = kernel_of(SHAPE_GAUSSIAN, 5);
    assert_int_equal(kernel_weight(&k, NAN, &w), RC_INVALID);
    town_free(&t);
}

/* All centroids in one place: every environment is the city. */
static void one_place(void **state)
{
    struct town t = town_grid(6, 5, 500, 3);
    struct spatial_options o = spatial_defaults();
    struct answer a;

    for (size_t i = 0; i < 30; i++)
        t.x[i] = t.y[i] = 250;
    o.kernel = kernel_of(SHAPE_UNIFORM, 1000);
    ask(measure_find("information_theory"), MEASURE_CITY, &t.a, &t.c, &o, &a);
    assert_int_equal(a.rc, RC_OK);
    assert_true(fabs(a.v[0]) < 1e-12);
    ask(measure_find("distortion"), MEASURE_CITY, &t.a, &t.c, &o, &a);
    assert_int_equal(a.rc, RC_OK);
    assert_true(fabs(a.v[0]) < 1e-12);
    ask(measure_find("relative_centralization"), MEASURE_GROUP, &t.a, &t.c, &o,
        &a);
    assert_int_equal(a.rc, RC_OK);
    assert_true(a.v[0] == 0);
    ask(measure_find("relative_clustering"), MEASURE_GROUP, &t.a, &t.c, &o, &a);
    assert_int_equal(a.rc, RC_OK);
    town_free(&t);
}

/* Points in a line, far between: cells stay few. */
static void in_a_line(void **state)
{
    struct town t = town_grid(60, 1, 500, 2);
    struct spatial_options o = spatial_defaults();
    struct answer a;

    t.x[59] = 1e9;
    o.kernel = kernel_of(SHAPE_TRIANGULAR, 1e-3);
    ask(measure_find("information_theory"), MEASURE_CITY, &t.a, &t.c, &o, &a);
    assert_int_equal(a.rc, RC_OK);
    town_free(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue),
        cmocka_unit_test(order),
        cmocka_unit_test(persons_scale),
        cmocka_unit_test(lengths_scale),
        cmocka_unit_test(threads),
        cmocka_unit_test(empty_group),
        cmocka_unit_test(bounds),
        cmocka_unit_test(bandwidth_zero),
        cmocka_unit_test(compact_is_clustered),
        cmocka_unit_test(exposures_add_up),
        cmocka_unit_test(degrees),
        cmocka_unit_test(no_value),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(bad_counts),
        cmocka_unit_test(bad_links),
        cmocka_unit_test(unknown_arrays),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(one_place),
        cmocka_unit_test(in_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
