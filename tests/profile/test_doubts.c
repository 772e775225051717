/*
 * Questions to the city: asked where names, areas or periods were tampered
 * with, and never of cities that only live.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "profile/profile.h"
#include "town.h"

enum { SIDE = 5, AREAS = SIDE * SIDE, ORIGINS = 10, PERIODS = 3 };

/* count[period][area][origin]; periods 2015, 2018 and 2020. */
struct city {
    int count[PERIODS][AREAS][ORIGINS];
};

struct made {
    struct arena *arena;
    struct intake in;
    const struct node *questions;
};

/* Each origin about a place of its own, growing a little, noise as in life. */
static void live(struct city *c, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed, 1);
    for (int o = 0; o < ORIGINS; o++) {
        double x = (double)rng_below(&r, 400) / 100;
        double y = (double)rng_below(&r, 400) / 100;
        double size = o ? 150 + (double)rng_below(&r, 700) : 3000;
        double grows = 0.9 + (double)rng_below(&r, 60) / 100;

        for (int a = 0; a < AREAS; a++) {
            double d = hypot(a % SIDE - x, (double)(a / SIDE) - y);
            double n = size * (o ? exp(-d * d / 3) : 1) + 12;

            for (int p = 0; p < PERIODS; p++)
                c->count[p][a][o] =
                    (int)(n * (1 + (grows - 1) * p / 2) *
                          (0.9 + (double)rng_below(&r, 20) / 100));
        }
    }
}

static void swap_origins(struct city *c, int p, int a, int b)
{
    for (int i = 0; i < AREAS; i++) {
        int keep = c->count[p][i][a];

        c->count[p][i][a] = c->count[p][i][b];
        c->count[p][i][b] = keep;
    }
}

static const char *origin_code(int o)
{
    static const char *const codes[ORIGINS] = {"DE", "TR", "SY", "PL", "FR",
                                               "VN", "IT", "RU", "RO", "BG"};

    return codes[o];
}

static void fill(struct cube *c, const struct city *city,
                 const struct geography *g)
{
    static const char *const periods[PERIODS] = {"2015", "2018", "2020"};

    for (int o = 0; o < ORIGINS; o++) /* the majority comes first */
        for (int p = 0; p < PERIODS; p++)
            for (int a = 0; a < AREAS; a++) {
                const uint32_t code[DIM_COUNT] = {
                    [DIM_AREA] = cube_code(c, DIM_AREA, str_of(g->areas[a].id)),
                    [DIM_ORIGIN] =
                        cube_code(c, DIM_ORIGIN, str_of(origin_code(o))),
                    [DIM_SEX] = cube_code(c, DIM_SEX, STR("")),
                    [DIM_AGE] = cube_code(c, DIM_AGE, STR("")),
                    [DIM_PERIOD] = cube_code(c, DIM_PERIOD, str_of(periods[p])),
                };

                assert_int_equal(cube_add(c, code, city->count[p][a][o]),
                                 RC_OK);
            }
}

static void make(struct made *m, const struct city *city)
{
    struct town_options o = {
        .seed = 1,
        .rule = {.stated = true, .method = PROTECT_SUPPRESS, .below = 5},
        .compare = true,
        .areas = AREAS,
        .origins = ORIGINS,
    };
    struct release_options ro = {.seed = 1, .threads = 1, .measure_from = 500};
    struct profile_options po = {.seed = 1, .version = "0"};
    struct release *r;
    struct faults faults;
    struct node *doc;
    struct err err;

    m->arena = arena_new(0);
    town_make(&o, m->arena, &m->in);
    cube_free(m->in.cube);
    m->in.cube = cube_new(m->arena);
    fill(m->in.cube, city, m->in.geography);
    m->in.package->n_origins = ORIGINS;
    for (int k = 0; k < ORIGINS; k++)
        m->in.package->origins[k] =
            (struct origin_info){.code = origin_code(k), .majority = k == 0};
    faults_init(&faults, m->arena);
    assert_int_equal(release_make(&m->in, &ro, NULL, m->arena, &r, &err),
                     RC_OK);
    assert_int_equal(profile_build(m->in.package, m->in.geography, r, &po,
                                   m->arena, &faults, &doc, &err),
                     RC_OK);
    m->questions = node_path(doc, "quality.questions");
    assert_non_null(m->questions);
}

static void unmake(struct made *m)
{
    cube_free(m->in.cube);
    arena_free(m->arena);
}

static const struct node *only_question(const struct made *m, const char *code)
{
    assert_int_equal(node_len(m->questions), 1);
    assert_string_equal(
        node_cstr(node_get(node_at(m->questions, 0), "code"), ""), code);
    return node_at(m->questions, 0);
}

static bool names(const struct node *question, const char *code)
{
    const struct node *at = node_get(question, "at");

    for (size_t i = 0; i < node_len(at); i++)
        if (strcmp(node_cstr(node_at(at, i), ""), code) == 0)
            return true;
    return false;
}

static const char *text_of(const struct node *question)
{
    return node_cstr(node_path(question, "text.en"), "");
}

/* Thirty cities with nothing wrong: not one question. */
static void a_living_city_is_not_asked(void **state)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct city c;
        struct made m;

        live(&c, seed);
        make(&m, &c);
        if (node_len(m.questions))
            print_error("seed %d: %s\n", (int)seed,
                        text_of(node_at(m.questions, 0)));
        assert_int_equal(node_len(m.questions), 0);
        unmake(&m);
    }
}

static void exchanged_names_are_asked_about(void **state)
{
    size_t found = 0;

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct city c;
        struct made m;

        live(&c, seed);
        for (int a = 0; a < AREAS; a++) /* of different size, as mostly */
            for (int p = 0; p < PERIODS; p++)
                c.count[p][a][3] = 4 * c.count[p][a][3] + 20;
        swap_origins(&c, 0, 3, 9);
        make(&m, &c);
        if (node_len(m.questions)) {
            const struct node *q = only_question(&m, "names-mixed");

            found++;
            assert_int_equal(node_len(node_get(q, "at")), 2);
            assert_true(names(q, "PL") && names(q, "BG"));
            assert_non_null(strstr(text_of(q), "now lives where"));
            assert_non_null(strstr(text_of(q), "2015"));
        }
        unmake(&m);
    }
    assert_true(found >= 9); /* unless both live in the same place */
}

static void a_shift_of_names_is_one_question(void **state)
{
    size_t found = 0;

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct city c;
        struct made m;

        live(&c, seed);
        swap_origins(&c, 0, 1, 2);
        swap_origins(&c, 0, 2, 3);
        swap_origins(&c, 0, 3, 4);
        make(&m, &c);
        if (node_len(m.questions)) { /* unless two live in one place */
            const struct node *q = only_question(&m, "names-mixed");

            found++;
            assert_int_equal(node_len(node_get(q, "at")), 4);
            assert_true(names(q, "TR") && names(q, "SY") && names(q, "PL") &&
                        names(q, "FR"));
        }
        unmake(&m);
    }
    assert_true(found >= 5);
}

/* Five times as many where they lived before: a surge, or a mistake. */
static void a_jump_is_asked_about(void **state)
{
    struct city c;
    struct made m;
    const struct node *q;

    live(&c, 5);
    for (int a = 0; a < AREAS; a++)
        c.count[2][a][6] *= 6;
    make(&m, &c);
    q = only_question(&m, "jump");
    assert_true(names(q, "IT"));
    assert_non_null(strstr(text_of(q), "usually change by"));
    unmake(&m);
}

/* All grow threefold, one group doubles, one moves to the other end. */
static void what_happens_in_life_is_not_asked_about(void **state)
{
    struct city c, grown, moved;
    struct made m;

    live(&c, 7);
    grown = moved = c;
    for (int a = 0; a < AREAS; a++) {
        for (int o = 0; o < ORIGINS; o++)
            grown.count[2][a][o] *= 3;
        grown.count[2][a][4] = 2 * grown.count[2][a][4];
        moved.count[2][a][5] = c.count[2][AREAS - 1 - a][5];
    }
    for (int p = 1; p < PERIODS; p++)
        for (int a = 0; a < AREAS; a++)
            for (int o = 0; o < ORIGINS; o++)
                grown.count[1][a][o] = 2 * c.count[0][a][o];
    make(&m, &grown);
    assert_int_equal(node_len(m.questions), 0);
    unmake(&m);
    make(&m, &moved);
    assert_int_equal(node_len(m.questions), 0);
    unmake(&m);
}

static void exchanged_areas_are_asked_about(void **state)
{
    struct city c;
    struct made m;
    const struct node *q;

    live(&c, 2);
    for (int o = 0; o < ORIGINS; o++) { /* one large, one small, far apart */
        for (int p = 0; p < PERIODS; p++)
            c.count[p][24][o] = 4 * c.count[p][24][o];
        int keep = c.count[0][0][o];

        c.count[0][0][o] = c.count[0][24][o];
        c.count[0][24][o] = keep;
    }
    make(&m, &c);
    q = only_question(&m, "areas-mixed");
    assert_true(names(q, "01") && names(q, "25"));
    unmake(&m);
}

static void a_period_that_stands_out_is_asked_about(void **state)
{
    struct city c;
    struct made m;
    const struct node *q;

    live(&c, 9);
    for (int a = 0; a < AREAS; a++)
        for (int o = 0; o < ORIGINS; o++)
            c.count[1][a][o] = c.count[1][a][o] * 2 / 3;
    make(&m, &c);
    q = only_question(&m, "period");
    assert_true(names(q, "2018"));
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_living_city_is_not_asked),
        cmocka_unit_test(exchanged_names_are_asked_about),
        cmocka_unit_test(a_shift_of_names_is_one_question),
        cmocka_unit_test(a_jump_is_asked_about),
        cmocka_unit_test(what_happens_in_life_is_not_asked_about),
        cmocka_unit_test(exchanged_areas_are_asked_about),
        cmocka_unit_test(a_period_that_stands_out_is_asked_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
