/* Classes of a map against brute force, and what holds for any data. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "draw/breaks.h"

static double cost_of(const double *v, size_t from, size_t to)
{
    double mean = 0, cost = 0;

    for (size_t i = from; i < to; i++)
        mean += v[i] / (double)(to - from);
    for (size_t i = from; i < to; i++)
        cost += (v[i] - mean) * (v[i] - mean);
    return cost;
}

/* Tries every way to cut v[from..n) into k runs. */
static double best_cost(const double *v, size_t from, size_t n, unsigned k)
{
    double best = INFINITY;

    if (k == 1)
        return cost_of(v, from, n);
    for (size_t to = from + 1; to + k - 1 <= n; to++) {
        double cost = cost_of(v, from, to) + best_cost(v, to, n, k - 1);

        best = fmin(best, cost);
    }
    return best;
}

static double cost_of_breaks(const struct breaks *b, const double *v, size_t n)
{
    double cost = 0;

    for (size_t i = 0, j; i < n; i = j) {
        j = i;
        while (j < n && breaks_class(b, v[j]) == breaks_class(b, v[i]))
            j++;
        cost += cost_of(v, i, j);
    }
    return cost;
}

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static void some_values(double *v, size_t n, uint64_t seed, bool ties)
{
    struct rng r;

    rng_init(&r, seed, 7);
    for (size_t i = 0; i < n; i++) {
        v[i] = exp(2 * rng_double(&r)) + (double)rng_below(&r, 4) * 3;
        if (ties)
            v[i] = floor(v[i]);
    }
    qsort(v, n, sizeof *v, ascending);
}

static void natural_breaks_are_optimal(void **state)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        AUTO(arena) struct arena *a = arena_new(0);
        double v[14];
        size_t n = 5 + seed % 10;
        unsigned k = 2 + (unsigned)(seed % 3);
        struct breaks b;

        some_values(v, n, seed, false);
        breaks_make(BREAKS_JENKS, v, n, k, a, &b);
        assert_int_equal(b.n, k);
        assert_true(fabs(cost_of_breaks(&b, v, n) - best_cost(v, 0, n, k)) <
                    1e-9);
    }
}

static void check_classes(const struct breaks *b, const double *v, size_t n)
{
    size_t count[CLASSES_MAX + 1] = {0};

    assert_true(b->n >= 1 && b->n <= CLASSES_MAX);
    for (unsigned i = 0; i < b->n; i++)
        assert_true(b->at[i] < b->at[i + 1] || b->n == 1);
    for (size_t i = 0; i < n; i++) {
        unsigned class = breaks_class(b, v[i]);

        assert_true(class < b->n);
        assert_true(v[i] >= b->at[class]);
        assert_true(v[i] < b->at[class + 1] || class + 1 == b->n);
        count[class]++;
    }
    for (unsigned i = 0; i < b->n && !b->diverging; i++)
        assert_true(count[i] > 0);
    assert_true(b->at[b->n] >= v[n - 1]);
}

static void every_method_divides_without_gap(void **state)
{
    for (uint64_t seed = 0; seed < 90; seed++) {
        AUTO(arena) struct arena *a = arena_new(0);
        double v[400];
        size_t n = 1 + (size_t)(seed * seed) % 400;
        enum breaks_method m = (enum breaks_method)(seed % 3);
        struct breaks b;

        some_values(v, n, seed, seed % 2);
        breaks_make(m, v, n, 2 + (unsigned)seed % 6, a, &b);
        check_classes(&b, v, n);
        breaks_round(v, n, &b);
        check_classes(&b, v, n);
        assert_true(b.at[0] == v[0] && b.at[b.n] == v[n - 1]);
    }
}

static void quantiles_hold_equal_numbers(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    double v[100];
    struct breaks b;
    size_t count[5] = {0};

    for (size_t i = 0; i < 100; i++)
        v[i] = (double)(i * i);
    breaks_make(BREAKS_QUANTILE, v, 100, 5, a, &b);
    for (size_t i = 0; i < 100; i++)
        count[breaks_class(&b, v[i])]++;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(count[i], 20);
}

static void equal_steps_are_equal(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    double v[] = {0, 1, 2.5, 3, 5.5, 7, 9, 10};
    struct breaks b;

    breaks_make(BREAKS_EQUAL, v, 8, 4, a, &b);
    assert_int_equal(b.n, 4);
    for (unsigned i = 0; i <= 4; i++)
        assert_true(fabs(b.at[i] - 2.5 * i) < 1e-12);
}

static void rounding_finds_round_numbers(void **state)
{
    static const struct {
        double low, high, near, want;
    } rows[] = {
        {0.183, 0.214, 0.197, 0.2}, {12.1, 13.9, 13.2, 13},
        {940, 1100, 1003, 1000},    {-0.3, 0.4, 0.1, 0},
        {-13.4, -11.2, -12.6, -12}, {0.0231, 0.0242, 0.0237, 0.024},
        {4.2, 5.6, 4.4, 5},         {7, 7, 7, 7},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double got = round_within(rows[i].low, rows[i].high, rows[i].near);

        assert_true(fabs(got - rows[i].want) < 1e-12);
    }
}

static void diverging_classes_are_symmetric(void **state)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        AUTO(arena) struct arena *a = arena_new(0);
        double v[120];
        size_t n = 1 + (size_t)(seed * 7) % 120;
        struct breaks b;

        some_values(v, n, seed, false);
        for (size_t i = 0; i < n; i++)
            v[i] -= (double)(seed % 12);
        breaks_about(BREAKS_QUANTILE, v, n, 0, 5, a, &b);
        check_classes(&b, v, n);
        if (b.below > 0)
            assert_true(b.at[b.below] == 0);
        for (unsigned i = 1; i + 1 < b.n; i++) {
            unsigned j = 2 * b.below - i;

            if (i < b.below && j < b.n)
                assert_true(b.at[i] == -b.at[j]);
        }
        for (unsigned i = 0; i < b.n; i++)
            assert_true(breaks_tone(&b, i) >= TONE_DIVERGING);
    }
}

static void few_values_make_few_classes(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    double same[] = {3, 3, 3}, two[] = {1, 1, 4};
    struct breaks b;

    for (enum breaks_method m = BREAKS_QUANTILE; m <= BREAKS_JENKS; m++) {
        breaks_make(m, same, 0, 5, a, &b);
        assert_int_equal(b.n, 0);
        breaks_make(m, same, 3, 5, a, &b);
        assert_int_equal(b.n, 1);
        breaks_make(m, two, 3, 5, a, &b);
        check_classes(&b, two, 3);
        assert_true(b.n <= 2);
        breaks_about(m, same, 3, 3, 5, a, &b);
        check_classes(&b, same, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(natural_breaks_are_optimal),
        cmocka_unit_test(every_method_divides_without_gap),
        cmocka_unit_test(quantiles_hold_equal_numbers),
        cmocka_unit_test(equal_steps_are_equal),
        cmocka_unit_test(rounding_finds_round_numbers),
        cmocka_unit_test(diverging_classes_are_symmetric),
        cmocka_unit_test(few_values_make_few_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
