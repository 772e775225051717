/*
 * Published intervals: Newcombe (1998a), Statistics in Medicine 17:857-872,
 * table I (score method), and Newcombe (1998b), 17:873-890, table II (method
 * 10). Ratio: Physicians' Health Study, NEJM 321 (1989) 129-135, 104 of 11,037
 * against 189 of 11,034, as worked in Agresti, Categorical Data Analysis.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

#include "protect/interval.h"

static void share_published(void **state)
{
    static const struct {
        int64_t x, n;
        double low, high;
    } cases[] = {
        {81, 263, 0.2553, 0.3662},
        {15, 148, 0.0624, 0.1605},
        {0, 20, 0.0000, 0.1611},
        {1, 29, 0.0061, 0.1718},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct interval v;

        assert_int_equal(interval_share(cases[i].x, cases[i].n, &v), RC_OK);
        assert_float_equal(v.low, cases[i].low, 5.1e-5);
        assert_float_equal(v.high, cases[i].high, 5.1e-5);
    }
}

static void difference_published(void **state)
{
    static const struct {
        int64_t x, n, x2, n2;
        double low, high;
    } cases[] = {
        {56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090},
        {6, 7, 2, 7, 0.0582, 0.8062},     {5, 56, 0, 29, -0.0381, 0.1926},
        {0, 10, 0, 20, -0.1611, 0.2775},  {0, 10, 0, 10, -0.2775, 0.2775},
        {10, 10, 0, 20, 0.6791, 1.0000},  {10, 10, 0, 10, 0.6075, 1.0000},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct interval v;

        assert_int_equal(interval_difference(cases[i].x, cases[i].n,
                                             cases[i].x2, cases[i].n2, &v),
                         RC_OK);
        assert_float_equal(v.low, cases[i].low, 5.1e-5);
        assert_float_equal(v.high, cases[i].high, 5.1e-5);
    }
}

static void ratio_published(void **state)
{
    struct interval v;

    (void)state;
    assert_int_equal(interval_ratio(189, 11034, 104, 11037, &v), RC_OK);
    assert_float_equal(v.value, 1.818, 5e-4);
    assert_float_equal(v.low, 1.433, 5e-4);
    assert_float_equal(v.high, 2.306, 5e-4);
    assert_int_equal(interval_ratio(0, 10, 5, 10, &v), RC_OK);
    assert_float_equal(v.value, 0, 0);
    assert_true(isnan(v.low) && isnan(v.high));
    assert_int_equal(interval_ratio(5, 10, 0, 10, &v), RC_OK);
    assert_true(isnan(v.value));
}

static void invalid_refused(void **state)
{
    struct interval v = {7, 7, 7};

    (void)state;
    assert_int_equal(interval_share(1, 0, &v), RC_INVALID);
    assert_int_equal(interval_share(3, 2, &v), RC_INVALID);
    assert_int_equal(interval_share(-1, 2, &v), RC_INVALID);
    assert_int_equal(interval_difference(1, 2, 3, 2, &v), RC_INVALID);
    assert_int_equal(interval_ratio(1, 2, 1, 0, &v), RC_INVALID);
    assert_float_equal(v.value + v.low + v.high, 21, 0);
}

/* Swapping the samples mirrors the difference and inverts the ratio. */
static void symmetry(void **state)
{
    (void)state;
    for (int64_t x = 1; x <= 12; x++)
        for (int64_t y = 1; y <= 17; y++) {
            struct interval a, b;

            assert_int_equal(interval_difference(x, 12, y, 17, &a), RC_OK);
            assert_int_equal(interval_difference(y, 17, x, 12, &b), RC_OK);
            assert_float_equal(a.low, -b.high, 1e-12);
            assert_float_equal(a.high, -b.low, 1e-12);
            assert_true(a.low <= a.value && a.value <= a.high);
            assert_int_equal(interval_ratio(x, 12, y, 17, &a), RC_OK);
            assert_int_equal(interval_ratio(y, 17, x, 12, &b), RC_OK);
            assert_float_equal(a.low * b.high, 1, 1e-9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share_published),
        cmocka_unit_test(difference_published),
        cmocka_unit_test(ratio_published),
        cmocka_unit_test(invalid_refused),
        cmocka_unit_test(symmetry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
