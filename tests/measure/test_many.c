/*
 * Many values in one call: each is that of its own call, for any number of
 * threads, and what is not defined says so alone.
 */
#include "base/base.h"
#include "passerelle/measure_inference.h"
#include "town.h"

#include <math.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SIDE = 9, GROUPS = 5, EMPTY = 3, MOST = 64 };

/* A town of squares with an area and a group without persons. */
static struct town some_town(void)
{
    struct town t = town_grid(SIDE, SIDE, 100, GROUPS);

    for (size_t i = 0; i < t.c.units; i++)
        t.n[i * GROUPS + EMPTY] = 0;
    for (size_t g = 0; g < GROUPS; g++)
        t.n[4 * GROUPS + g] = 0;
    return t;
}

static size_t with_scope(unsigned scope, const struct measure **m)
{
    size_t all, n = 0;
    const struct measure *list = measure_catalogue(&all);

    for (size_t k = 0; k < all && n < MOST; k++)
        if (list[k].needs == NEEDS_COUNTS && (list[k].scopes & scope))
            m[n++] = &list[k];
    return n;
}

static void same(enum rc got, double v, enum rc own, double w, const char *code)
{
    if (got != own)
        fail_msg("%s: code %d, alone %d", code, (int)got, (int)own);
    if (!own && !(fabs(v - w) <= 1e-12 * fmax(1, fabs(w))))
        fail_msg("%s: %.17g, alone %.17g", code, v, w);
}

static void groups_at_once(void **state)
{
    const struct measure *m[MOST];
    size_t n = with_scope(MEASURE_GROUP, m);
    struct town t = some_town();
    struct measure_options o = measure_defaults();
    double out[MOST * GROUPS], first[MOST * GROUPS];
    enum rc rc[MOST * GROUPS];

    assert_true(n > 15);
    o.draws = 5;
    for (o.threads = 1; o.threads <= 4; o.threads++) {
        assert_int_equal(measure_groups_many(m, n, &t.c, &o, out, rc), RC_OK);
        for (size_t k = 0; k < n; k++)
            for (size_t g = 0; g < GROUPS; g++) {
                size_t at = k * GROUPS + g;
                double own = 0;
                enum rc one =
                    measure_compute(m[k], MEASURE_GROUP, &t.c, g, 0, &o, &own);

                same(rc[at], out[at], one, own, m[k]->code);
                if (o.threads == 1)
                    first[at] = out[at];
                else if (!rc[at])
                    assert_true(first[at] == out[at]);
            }
        assert_int_equal(rc[EMPTY], RC_UNDEFINED);
    }
    town_free(&t);
}

static void city_at_once(void **state)
{
    const struct measure *m[MOST];
    size_t n = with_scope(MEASURE_CITY, m);
    struct town t = some_town();
    struct measure_options o = measure_defaults();
    double out[MOST];
    enum rc rc[MOST];

    assert_true(n > 8);
    for (o.threads = 1; o.threads <= 3; o.threads++) {
        assert_int_equal(measure_city_many(m, n, &t.c, &o, out, rc), RC_OK);
        for (size_t k = 0; k < n; k++) {
            double own = 0;
            enum rc one =
                measure_compute(m[k], MEASURE_CITY, &t.c, 0, 0, &o, &own);

            same(rc[k], out[k], one, own, m[k]->code);
        }
    }
    town_free(&t);
}

static void local_at_once(void **state)
{
    const struct measure *m[MOST];
    size_t n = with_scope(MEASURE_GROUP, m);
    struct town t = some_town();
    struct kernel k = kernel_of(SHAPE_BIWEIGHT, 250);
    struct measure_options o = measure_defaults();
    double *smooth = calloc(t.c.units * GROUPS, sizeof *smooth);
    struct environment *e = NULL;

    o.draws = 5;
    assert_int_equal(environment_new(&t.a, &k, 1, &e), RC_OK);
    assert_int_equal(environment_apply(e, &t.c, smooth), RC_OK);
    environment_free(e);
    for (o.threads = 1; o.threads <= 3; o.threads++)
        for (size_t i = 0; i < n; i++)
            for (int form = LOCAL_COMPOSITION; form <= LOCAL_COUNTS; form++) {
                double out[GROUPS];
                enum rc rc[GROUPS];

                assert_int_equal(measure_local_groups(m[i], &t.c, smooth,
                                                      (enum local_form)form, &o,
                                                      out, rc),
                                 RC_OK);
                for (size_t g = 0; g < GROUPS; g++) {
                    double own = 0;
                    enum rc one =
                        measure_local(m[i], MEASURE_GROUP, &t.c, smooth,
                                      (enum local_form)form, g, 0, &o, &own);

                    same(rc[g], out[g], one, own, m[i]->code);
                }
            }
    free(smooth);
    town_free(&t);
}

/* An index of a draw is that of the matrix drawn, whatever is shared. */
static void draws_alone(void **state)
{
    static const char *const codes[] = {"mutual_information",
                                        "information_theory", "gini"};
    enum { DRAWS = 8 };
    struct town t = some_town();
    struct measure_options o = measure_defaults();
    double *drawn = calloc(t.c.units * GROUPS, sizeof *drawn), v[DRAWS];
    struct counts c = {t.c.units, GROUPS, drawn};

    o.draws = DRAWS;
    for (int model = 0; model < MODEL_COUNT; model++)
        for (size_t k = 0; k < ARRAY_LEN(codes) && model != MODEL_AREAS; k++) {
            struct measure_target target = {.m = measure_find(codes[k]),
                                            .scope = MEASURE_CITY};
            struct measure_tested r;
            struct measure_interval i;

            assert_int_equal(model < MODEL_PERSONS
                                 ? measure_test(&target, &t.c,
                                                (enum measure_model)model, &o,
                                                &r, v)
                                 : measure_bootstrap(&target, &t.c,
                                                     (enum measure_model)model,
                                                     0.9, &o, &i, v),
                             RC_OK);
            for (size_t d = 0; d < DRAWS; d++) {
                double own = 0;

                assert_int_equal(measure_draw((enum measure_model)model, &t.c,
                                              o.seed, d, drawn),
                                 RC_OK);
                assert_int_equal(
                    measure_compute(target.m, MEASURE_CITY, &c, 0, 0, &o, &own),
                    RC_OK);
                same(RC_OK, v[d], RC_OK, own, codes[k]);
            }
        }
    free(drawn);
    town_free(&t);
}

/* Draws in batches, with and without places, one group or all, are those of
 * each matrix alone; the jackknife too. */
static void draws_in_space(void **state)
{
    enum { DRAWS = 37, TARGETS = 5 };
    static const enum measure_model models[] = {MODEL_EVENNESS, MODEL_AREAS,
                                                MODEL_GROUPS};
    struct town t = town_grid(6, 6, 900, 3);
    struct measure_options o = measure_defaults();
    struct spatial_options so = spatial_defaults();
    struct spatial *s = NULL;
    double *n = calloc(t.c.units * 3, sizeof *n), v[DRAWS];
    struct counts c = {t.c.units, 3, n};

    o.draws = DRAWS;
    so.kernel = kernel_of(SHAPE_QUADRATIC, 2000);
    assert_int_equal(spatial_new(&t.a, &so, &s), RC_OK);
    for (int k = 0; k < TARGETS; k++) {
        const struct measure_target targets[TARGETS] = {
            {measure_find("information_theory"), MEASURE_CITY, 0, 0, s},
            {measure_find("spatial_proximity"), MEASURE_CITY, 0, 0, s},
            {measure_find("gini"), MEASURE_PAIR, 1, 2, s},
            {measure_find("relative_clustering"), MEASURE_PAIR, 2, 0, s},
            {measure_find("delta"), MEASURE_PAIR, 0, 1, s}};
        struct measure_target target = targets[k];

        for (size_t i = 0; i < ARRAY_LEN(models); i++)
            for (o.threads = 1; o.threads <= 2; o.threads++) {
                struct measure_tested r;
                struct measure_interval b;

                if (!(target.m->scopes & target.scope))
                    continue;
                assert_int_equal(
                    models[i] == MODEL_GROUPS
                        ? measure_bootstrap(&target, &t.c, models[i], 0.9, &o,
                                            &b, v)
                        : measure_test(&target, &t.c, models[i], &o, &r, v),
                    RC_OK);
                for (size_t d = 0; d < DRAWS; d++) {
                    double own = 0;

                    assert_int_equal(
                        measure_draw(models[i], &t.c, o.seed, d, n), RC_OK);
                    assert_int_equal(measure_spatial(target.m, target.scope, &c,
                                                     s, target.group,
                                                     target.against, &o, &own),
                                     RC_OK);
                    same(RC_OK, v[d], RC_OK, own, target.m->code);
                }
            }
    }
    spatial_free(s);
    free(n);
    town_free(&t);
}

/* Indices of both kinds in one test are those of tests of their own. */
static void kinds_together(void **state)
{
    static const char *const codes[] = {
        "dissimilarity", "distance_decay_isolation", "morans_i", "isolation"};
    struct town t = town_grid(7, 5, 700, 3);
    struct measure_options o = measure_defaults();
    struct spatial *s = NULL;
    struct measure_target target[ARRAY_LEN(codes)];
    struct measure_tested many[ARRAY_LEN(codes)], one;
    enum rc rc[ARRAY_LEN(codes)];

    o.draws = 50;
    assert_int_equal(spatial_new(&t.a, NULL, &s), RC_OK);
    for (size_t k = 0; k < ARRAY_LEN(codes); k++)
        target[k] = (struct measure_target){
            measure_find(codes[k]), MEASURE_GROUP, 1, 0, k == 3 ? NULL : s};
    assert_int_equal(measure_test_many(target, ARRAY_LEN(codes), &t.c,
                                       MODEL_SYSTEMATIC, &o, many, rc),
                     RC_OK);
    for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
        enum rc alone =
            measure_test(&target[k], &t.c, MODEL_SYSTEMATIC, &o, &one, NULL);

        same(rc[k], many[k].expected, alone, one.expected, codes[k]);
        if (!alone)
            assert_true(many[k].p == one.p);
    }
    spatial_free(s);
    town_free(&t);
}

/* What cannot be: a wrong scope, for one measure or for all; bad counts. */
static void refusals(void **state)
{
    const struct measure *m[] = {measure_find("dissimilarity"),
                                 measure_find("mutual_information")};
    struct town t = some_town();
    double out[2 * GROUPS];
    enum rc rc[2 * GROUPS];

    assert_int_equal(measure_groups_many(m, 2, &t.c, NULL, out, rc), RC_OK);
    for (size_t g = 0; g < GROUPS; g++) {
        assert_int_equal(rc[g], g == EMPTY ? RC_UNDEFINED : RC_OK);
        assert_int_equal(rc[GROUPS + g], RC_USAGE);
    }
    m[0] = measure_find("isolation");
    assert_int_equal(measure_city_many(m, 2, &t.c, NULL, out, rc), RC_OK);
    assert_int_equal(rc[0], RC_USAGE);
    assert_int_equal(rc[1], RC_OK);
    t.n[3] = -1;
    assert_int_equal(measure_city_many(m, 2, &t.c, NULL, out, rc), RC_INVALID);
    assert_int_equal(measure_groups_many(m, 2, &t.c, NULL, out, rc),
                     RC_INVALID);
    assert_int_equal(
        measure_local_groups(m[0], &t.c, t.n, LOCAL_COMPOSITION, NULL, out, rc),
        RC_INVALID);
    town_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_at_once), cmocka_unit_test(city_at_once),
        cmocka_unit_test(local_at_once),  cmocka_unit_test(draws_alone),
        cmocka_unit_test(draws_in_space), cmocka_unit_test(kinds_together),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
