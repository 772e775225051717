/*
 * Clusters on a grid of five by five areas, against a twin: shares, lags and
 * Moran's I by their definitions, p by going through all sets of neighbours
 * that a corner could have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "town.h"

enum { SIDE = 5, AREAS = SIDE * SIDE };

/* Of 1,000 residents each; 3 is below the threshold, 0 is not. */
static const int members[AREAS] = {
    420, 410, 400, 90,  80, /* */
    430, 415, 405, 85,  60, /* */
    400, 390, 380, 3,   70, /* */
    100, 95,  75,  65,  50, /* */
    105, 0,   55,  300, 40,
};

struct made {
    struct arena *arena;
    struct intake in;
    struct node *doc;
};

static void add(struct cube *c, const char *area, const char *origin, int n)
{
    const uint32_t code[DIM_COUNT] = {
        [DIM_AREA] = cube_code(c, DIM_AREA, str_of(area)),
        [DIM_ORIGIN] = cube_code(c, DIM_ORIGIN, str_of(origin)),
        [DIM_SEX] = cube_code(c, DIM_SEX, STR("")),
        [DIM_AGE] = cube_code(c, DIM_AGE, STR("")),
        [DIM_PERIOD] = cube_code(c, DIM_PERIOD, STR("2020")),
    };

    assert_int_equal(cube_add(c, code, n), RC_OK);
}

static void make(struct made *m, bool links)
{
    struct town_options o = {
        .seed = 1,
        .rule = {.stated = true, .method = PROTECT_SUPPRESS, .below = 5},
        .areas = AREAS,
        .origins = 2,
    };
    struct release_options ro = {.seed = 1, .threads = 1, .measure_from = 200};
    struct profile_options po = {.seed = 1, .version = "0"};
    struct release *r;
    struct faults faults;
    struct err err;

    m->arena = arena_new(0);
    town_make(&o, m->arena, &m->in);
    cube_free(m->in.cube);
    m->in.cube = cube_new(m->arena);
    for (size_t i = 0; i < AREAS; i++) {
        const char *id = m->in.geography->areas[i].id;

        add(m->in.cube, id, "DE", 1000 - members[i]);
        add(m->in.cube, id, "TR", members[i]);
    }
    if (!links)
        m->in.geography->queen.start = NULL;
    faults_init(&faults, m->arena);
    assert_int_equal(release_make(&m->in, &ro, NULL, m->arena, &r, &err),
                     RC_OK);
    assert_int_equal(profile_build(m->in.package, m->in.geography, r, &po,
                                   m->arena, &faults, &m->doc, &err),
                     RC_OK);
}

static void unmake(struct made *m)
{
    cube_free(m->in.cube);
    arena_free(m->arena);
}

static const struct node *cell(const struct made *m, size_t area, size_t column)
{
    const struct node *rows = node_path(m->doc, "distribution.clusters.rows");

    assert_int_equal(node_len(rows), AREAS);
    return node_at(node_at(rows, area), column);
}

static bool takes_part(size_t i)
{
    return members[i] != 3;
}

static size_t neighbours(size_t i, size_t out[8])
{
    size_t n = 0;

    for (size_t j = 0; j < AREAS; j++) {
        int dx = abs((int)(i % SIDE) - (int)(j % SIDE));
        int dy = abs((int)(i / SIDE) - (int)(j / SIDE));

        if (j != i && dx <= 1 && dy <= 1 && takes_part(j))
            out[n++] = j;
    }
    return n;
}

struct twin {
    double share[AREAS], mean, m2, lag[AREAS], i[AREAS];
};

static void twin_make(struct twin *t)
{
    size_t n = 0, near[8];

    *t = (struct twin){.mean = 0};
    for (size_t i = 0; i < AREAS; i++) {
        t->share[i] = members[i] / 1000.0;
        t->mean += takes_part(i) ? t->share[i] : 0;
        n += takes_part(i);
    }
    t->mean /= (double)n;
    for (size_t i = 0; i < AREAS; i++)
        t->m2 += takes_part(i) ? pow(t->share[i] - t->mean, 2) / (double)n : 0;
    for (size_t i = 0; i < AREAS; i++) {
        size_t k = neighbours(i, near);

        for (size_t e = 0; e < k; e++)
            t->lag[i] += t->share[near[e]] / (double)k;
        t->i[i] = (t->share[i] - t->mean) * (t->lag[i] - t->mean) / t->m2;
    }
}

static void values_follow_their_definitions(void **state)
{
    struct made m;
    struct twin t;

    make(&m, true);
    twin_make(&t);
    for (size_t i = 0; i < AREAS; i++) {
        if (!takes_part(i)) {
            for (size_t c = 1; c < 6; c++)
                assert_string_equal(node_cstr(cell(&m, i, c), ""), "withheld");
            continue;
        }
        assert_true(fabs(node_number(cell(&m, i, 2), -1) - t.share[i]) < 1e-6);
        assert_true(fabs(node_number(cell(&m, i, 3), -1) - t.lag[i]) < 1e-6);
        assert_true(fabs(node_number(cell(&m, i, 4), -9) - t.i[i]) < 1e-4);
    }
    unmake(&m);
}

/* A corner has three neighbours: all sets of three of the 23 others. */
static double corner_p(const struct twin *t, size_t corner)
{
    double z[AREAS], self = t->share[corner] - t->mean;
    double seen = 3 * (t->lag[corner] - t->mean) * self;
    size_t n = 0, all = 0, large = 0;

    for (size_t i = 0; i < AREAS; i++)
        if (i != corner && takes_part(i))
            z[n++] = t->share[i] - t->mean;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            for (size_t c = b + 1; c < n; c++) {
                all++;
                large += self * (z[a] + z[b] + z[c]) >= seen - 1e-12;
            }
    return fmin(1, 2.0 * (double)MIN(large, all - large) / (double)all);
}

static void p_is_that_of_all_sets(void **state)
{
    static const size_t corners[] = {0, SIDE - 1, AREAS - SIDE, AREAS - 1};
    struct made m;
    struct twin t;

    make(&m, true);
    twin_make(&t);
    for (size_t k = 0; k < 4; k++) {
        double exact = corner_p(&t, corners[k]);
        double p = node_number(cell(&m, corners[k], 5), -1);
        double draws = exact > 0.02 ? 1000 : 9999; /* sequential beyond */

        assert_true(fabs(p - exact) <=
                    4 * 2 * sqrt(exact / 2 * (1 - exact / 2) / draws) + 4e-4);
    }
    unmake(&m);
}

static void kinds_are_as_seen_by_eye(void **state)
{
    static const struct {
        size_t area;
        const char *kind;
    } rows[] = {
        {0, "high-high"}, {6, "high-high"}, {5, "high-high"},
        {13, "withheld"}, {24, "not-sure"},
    };
    struct made m;
    const struct node *group;

    make(&m, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(node_cstr(cell(&m, rows[i].area, 1), ""),
                            rows[i].kind);
    group = node_at(node_path(m.doc, "measures.clusters.rows"), 0);
    assert_string_equal(node_cstr(node_at(group, 0), ""), "migrants");
    assert_int_equal(node_integer(node_at(group, 1), -1), AREAS - 1);
    assert_int_equal(node_integer(node_at(group, 2), -1), 1);
    assert_true(node_number(node_at(group, 3), 0) > 0.5);
    assert_true(node_number(node_at(group, 5), 1) < 0.01);
    unmake(&m);
}

static void without_neighbours_it_is_absent(void **state)
{
    struct made m;

    make(&m, false);
    assert_non_null(node_path(m.doc, "distribution.clusters.absent"));
    assert_null(node_path(m.doc, "measures.clusters"));
    for (size_t i = 0; i < node_len(node_get(m.doc, "figures")); i++) {
        const struct node *f = node_at(node_get(m.doc, "figures"), i);

        assert_string_not_equal(node_cstr(node_get(f, "kind"), ""), "clusters");
    }
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_their_definitions),
        cmocka_unit_test(p_is_that_of_all_sets),
        cmocka_unit_test(kinds_are_as_seen_by_eye),
        cmocka_unit_test(without_neighbours_it_is_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
