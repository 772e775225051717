/*
 * Decompositions of a change: parts that add up, and what each part must be.
 */
#include "base/base.h"
#include "base/rng.h"
#include "passerelle/measure_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { UNITS = 30, GROUPS = 4, CELLS = UNITS * GROUPS };

static double first[CELLS], second[CELLS];
static const struct counts a = {UNITS, GROUPS, first};
static const struct counts b = {UNITS, GROUPS, second};

static void near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.17g, expected %.17g", got, expected);
}

/* Two periods with a few zeros, one unit gone and one new. */
static int make(void **state)
{
    struct rng r;

    rng_init(&r, 8, 0);
    for (size_t k = 0; k < CELLS; k++) {
        first[k] = 1 + floor(60 * pow(rng_double(&r), 3));
        second[k] = 1 + floor(first[k] * (0.5 + rng_double(&r)));
    }
    first[5] = second[5] = second[22] = 0;
    memset(first + 8 * GROUPS, 0, GROUPS * sizeof *first);
    memset(second + 9 * GROUPS, 0, GROUPS * sizeof *second);
    return 0;
}

static struct measure_change change(const struct counts *from,
                                    const struct counts *to,
                                    enum measure_change_method how)
{
    struct measure_options o = measure_defaults();
    struct measure_change v;

    assert_int_equal(measure_change(from, to, how, 1e-13, &o, &v), RC_OK);
    return v;
}

static double sum_of_parts(const struct measure_change *v)
{
    return v->additions + v->removals + v->group_marginal + v->unit_marginal +
           v->interaction + v->structural;
}

static void parts_add_up(void **state)
{
    for (int how = CHANGE_SHAPLEY; how <= CHANGE_MRC; how++) {
        struct measure_change v =
            change(&a, &b, (enum measure_change_method)how);
        struct measure_change same =
            change(&a, &a, (enum measure_change_method)how);

        near(v.difference, v.m2 - v.m1, 1e-15);
        near(sum_of_parts(&v), v.difference, 1e-12);
        assert_true(v.additions != 0 && v.removals != 0);
        near(same.difference, 0, 0);
        near(same.group_marginal, 0, 1e-12);
        near(same.unit_marginal, 0, 1e-12);
        near(same.structural, 0, 1e-12);
    }
}

/* Going back is the opposite of going. */
static void shapley_turns_round(void **state)
{
    struct measure_change there = change(&a, &b, CHANGE_SHAPLEY);
    struct measure_change back = change(&b, &a, CHANGE_SHAPLEY);

    near(there.structural, -back.structural, 1e-12);
    near(there.group_marginal, -back.group_marginal, 1e-12);
    near(there.unit_marginal, -back.unit_marginal, 1e-12);
    near(there.additions, -back.removals, 1e-12);
}

/* Groups multiplied: nothing but the group margin changes. Units likewise. */
static void margins_alone(void **state)
{
    static const double by[GROUPS] = {1, 2, 0.5, 3};
    double n[CELLS];
    struct counts c = {UNITS, GROUPS, n};
    struct measure_change v;

    for (size_t k = 0; k < CELLS; k++)
        n[k] = first[k] * by[k % GROUPS];
    v = change(&a, &c, CHANGE_SHAPLEY);
    near(v.structural, 0, 1e-10);
    near(v.additions + v.removals, 0, 1e-12);
    for (size_t k = 0; k < CELLS; k++)
        n[k] = first[k] * (double)(1 + k / GROUPS % 3);
    v = change(&a, &c, CHANGE_SHAPLEY);
    near(v.structural, 0, 1e-10);
    /* One unit's persons drawn out of the same mix: M is what it was. */
    memcpy(n, first, sizeof n);
    v = change(&a, &c, CHANGE_KM);
    near(v.unit_marginal, 0, 1e-15);
}

static double odds(const double *n, size_t i, size_t j, size_t g, size_t h)
{
    return n[i * GROUPS + g] * n[j * GROUPS + h] /
           (n[i * GROUPS + h] * n[j * GROUPS + g]);
}

static void fitting(void **state)
{
    double unit[UNITS], group[GROUPS], out[CELLS], sum = 0,
                                                   column[GROUPS] = {0};
    size_t rounds = 0;

    for (size_t i = 0; i < UNITS; i++)
        unit[i] = i == 8 ? 0 : 50 + (double)i; /* unit 8 is empty */
    for (size_t i = 0; i < UNITS; i++)
        sum += unit[i];
    for (size_t g = 0; g < GROUPS; g++)
        group[g] = (double)(1 + g); /* shares of 10 */
    assert_int_equal(measure_ipf(&a, unit, group, 1e-13, out, &rounds), RC_OK);
    assert_true(rounds > 1);
    for (size_t i = 0; i < UNITS; i++) {
        double t = 0;

        for (size_t g = 0; g < GROUPS; g++) {
            t += out[i * GROUPS + g];
            column[g] += out[i * GROUPS + g];
        }
        near(t, unit[i], 1e-9);
    }
    for (size_t g = 0; g < GROUPS; g++)
        near(column[g], sum * group[g] / 10, 1e-9);
    near(odds(out, 3, 4, 0, 2) / odds(first, 3, 4, 0, 2), 1, 1e-9);
    near(odds(out, 20, 7, 1, 3) / odds(first, 20, 7, 1, 3), 1, 1e-9);
    assert_true(out[5] == 0);
    unit[8] = 1; /* persons asked of a row of zeros */
    assert_int_equal(measure_ipf(&a, unit, group, 0, out, NULL), RC_UNDEFINED);
    unit[8] = -1;
    assert_int_equal(measure_ipf(&a, unit, group, 0, out, NULL), RC_INVALID);
}

/* Zeros on the diagonal of which the margins ask too much. */
static void impossible_margins(void **state)
{
    double n[4] = {1, 0, 1, 1}, unit[2] = {3, 1}, group[2] = {1, 3}, out[4];
    struct counts c = {2, 2, n};

    assert_int_equal(measure_ipf(&c, unit, group, 0, out, NULL), RC_UNDEFINED);
}

static void nothing_in_common(void **state)
{
    double n[] = {1, 2, 3, 4, 0, 0}, m[] = {0, 0, 1, 2, 2, 3};
    struct counts x = {3, 2, n}, y = {3, 2, m}, z = {2, 2, n};
    struct measure_options o = measure_defaults();
    struct measure_change v;

    assert_int_equal(measure_change(&x, &y, CHANGE_KM, 0, &o, &v),
                     RC_UNDEFINED);
    assert_int_equal(measure_change(&x, &z, CHANGE_KM, 0, &o, &v), RC_USAGE);
}

static void shapley_of_two_cities(void **state)
{
    static const char *const code[] = {"dissimilarity", "gini",
                                       "information_theory", "isolation"};
    struct measure_options o = measure_defaults();

    for (size_t k = 0; k < ARRAY_LEN(code); k++)
        for (int how = BY_COMPOSITION; how <= BY_DUAL_COMPOSITION; how++) {
            struct measure_target t = {
                .m = measure_find(code[k]), .scope = MEASURE_GROUP, .group = 1};
            struct measure_shapley s, back;

            assert_int_equal(measure_shapley(&t, &a, 2, &b, NULL,
                                             (enum measure_counterfactual)how,
                                             &o, &s),
                             RC_OK);
            near(s.attribute + s.spatial, s.difference, 1e-12);
            t.group = 2;
            assert_int_equal(measure_shapley(&t, &b, 1, &a, NULL,
                                             (enum measure_counterfactual)how,
                                             &o, &back),
                             RC_OK);
            near(s.attribute, -back.attribute, 1e-12);
            near(s.spatial, -back.spatial, 1e-12);
        }
}

/* The last unit by share gets the other city's last; empty units get none. */
static void counterfactual_by_hand(void **state)
{
    static const double x[] = {1, 9, 4, 6, 0, 0, 9, 1};
    static const double y[] = {2, 8, 3, 7, 5, 5};
    struct counts from = {4, 2, x}, other = {3, 2, y};
    double out[8];

    assert_int_equal(
        measure_counterfactual(&from, 0, &other, 0, BY_COMPOSITION, out),
        RC_OK);
    /* ranks 1/3, 2/3, 1 of the three lived-in units; quantiles of .2 .3 .5 */
    near(out[0], 10 * (0.2 + 0.1 * 2 / 3), 1e-12);
    near(out[2], 10 * (0.3 + 0.2 * 1 / 3), 1e-12);
    near(out[6], 10 * 0.5, 1e-12);
    near(out[6] + out[7], 10, 1e-12);
    assert_true(out[4] == 0 && out[5] == 0);
}

static double mutual(const struct counts *c)
{
    double v = 0;

    assert_int_equal(measure_compute(measure_find("mutual_information"),
                                     MEASURE_CITY, c, 0, 0, NULL, &v),
                     RC_OK);
    return v;
}

/* Every pair of neighbours tried at every step. */
static void compress_twin(void **state)
{
    enum { SIDE = 4, N = SIDE * SIDE };
    size_t start[N + 1] = {0}, at = 0, n = 0;
    uint32_t to[4 * N], of[N];
    struct neighbours links = {start, to, NULL};
    struct measure_options o = measure_defaults();
    struct measure_merger out[N];
    struct counts c = {N, GROUPS, first + 10 * GROUPS};

    for (uint32_t i = 0; i < N; i++) {
        of[i] = i;
        if (i % SIDE)
            to[at++] = i - 1;
        if (i % SIDE < SIDE - 1)
            to[at++] = i + 1;
        if (i >= SIDE)
            to[at++] = i - SIDE;
        if (i < N - SIDE)
            to[at++] = i + SIDE;
        start[i + 1] = at;
    }
    assert_int_equal(measure_compress(&c, &links, &o, out, &n), RC_OK);
    assert_int_equal(n, N - 1);
    for (size_t step = 0; step < n; step++) {
        double best = -1;

        for (uint32_t i = 0; i < N; i++)
            for (size_t e = start[i]; e < start[i + 1]; e++) {
                double merged[N * GROUPS] = {0}, m = 0;
                struct counts mc = {N, GROUPS, merged};

                if (of[i] == of[to[e]])
                    continue;
                for (uint32_t u = 0; u < N; u++)
                    for (size_t g = 0; g < GROUPS; g++)
                        merged[(of[u] == of[to[e]] ? of[i] : of[u]) * GROUPS +
                               g] += c.n[u * GROUPS + g];
                if (step + 1 < n)
                    m = mutual(&mc);
                best = fmax(best, m);
            }
        near(out[step].m, best, 1e-12);
        for (uint32_t u = 0; u < N; u++)
            if (of[u] == out[step].gone)
                of[u] = out[step].kept;
    }
    near(out[n - 1].m, 0, 1e-12);
}

/* Any two may merge; the empty unit stays out. */
static void compress_all(void **state)
{
    struct measure_options o = measure_defaults();
    struct measure_merger out[UNITS];
    double before = mutual(&a);
    size_t n = 0;

    assert_int_equal(measure_compress(&a, NULL, &o, out, &n), RC_OK);
    assert_int_equal(n, UNITS - 2);
    for (size_t k = 0; k < n; k++) {
        assert_true(out[k].m <= before + 1e-15 && out[k].kept < out[k].gone);
        assert_true(out[k].kept != 8 && out[k].gone != 8);
        before = out[k].m;
    }
    near(before, 0, 1e-12);
}

static void without_options(void **state)
{
    struct measure_target t = {.m = measure_find("gini"),
                               .scope = MEASURE_GROUP};
    struct measure_merger merger[UNITS];
    struct measure_change v;
    struct measure_shapley s;
    struct measure_within w;
    double m[1], h[1], curve[1000];
    uint32_t level[UNITS] = {0, 1};
    size_t n;

    assert_int_equal(measure_change(&a, &b, CHANGE_KM, 0, NULL, &v), RC_OK);
    assert_int_equal(measure_shapley(&t, &a, 0, &b, NULL, BY_SHARE, NULL, &s),
                     RC_OK);
    assert_int_equal(measure_compress(&a, NULL, NULL, merger, &n), RC_OK);
    assert_int_equal(measure_within_between(&a, level, 2, NULL, &w, NULL),
                     RC_OK);
    assert_int_equal(measure_nested(&a, NULL, 0, NULL, m, h), RC_OK);
    near(m[0], w.m, 1e-12);
    assert_int_equal(measure_concentration_curve(&a, 0, NULL, curve), RC_OK);
}

/* The rows of the catalogue say the same, and nothing without a second city. */
static void in_the_catalogue(void **state)
{
    const struct measure *c = measure_find("decomposition_change");
    const struct measure *s = measure_find("decomposition_shapley");
    struct measure_options o = measure_defaults();
    struct measure_change change_of = change(&a, &b, CHANGE_SHAPLEY);
    struct measure_target t = {.m = measure_find("dissimilarity"),
                               .scope = MEASURE_GROUP};
    struct measure_shapley parts;
    double v = 0;

    assert_int_equal(measure_compute(c, MEASURE_CITY, &a, 0, 0, &o, &v),
                     RC_USAGE);
    assert_int_equal(measure_compute(s, MEASURE_GROUP, &a, 0, 0, &o, &v),
                     RC_USAGE);
    o.other = &b;
    assert_int_equal(measure_compute(c, MEASURE_CITY, &a, 0, 0, &o, &v), RC_OK);
    near(v, change_of.structural, 1e-8);
    assert_int_equal(measure_compute(s, MEASURE_GROUP, &a, 0, 0, &o, &v),
                     RC_OK);
    assert_int_equal(
        measure_shapley(&t, &a, 0, &b, NULL, BY_COMPOSITION, &o, &parts),
        RC_OK);
    near(v, parts.spatial, 1e-15);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(shapley_turns_round),
        cmocka_unit_test(margins_alone),
        cmocka_unit_test(fitting),
        cmocka_unit_test(impossible_margins),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(shapley_of_two_cities),
        cmocka_unit_test(counterfactual_by_hand),
        cmocka_unit_test(in_the_catalogue),
        cmocka_unit_test(without_options),
        cmocka_unit_test(compress_twin),
        cmocka_unit_test(compress_all),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
