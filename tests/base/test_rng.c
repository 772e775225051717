/* base/: random numbers and threads. */
#include "base/arena.h"
#include "base/rng.h"
#include "base/thread.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Known answers of Random123 (Salmon et al. 2011), philox4x64-10. */
static void philox_known_answers(void **state)
{
    static const struct {
        uint64_t key[2], counter[4], out[4];
    } rows[] = {
        {{0, 0},
         {0, 0, 0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
          0x7e68b68aec7ba23b}},
        {{UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
          0xa09caebf594f0ba0}},
        {{0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
          0x082efa98ec4e6c89},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5,
          0x57bd43b5e52b7fe6}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t out[4];

        rng_philox(rows[i].key, rows[i].counter, out);
        assert_memory_equal(out, rows[i].out, sizeof out);
    }
}

static void streams_are_pure_and_distinct(void **state)
{
    struct rng a, b, c;
    int same = 0;

    rng_init(&a, 1, 2);
    rng_init(&b, 1, 2);
    rng_init(&c, 1, 3);
    for (int i = 0; i < 1000; i++) {
        uint64_t v = rng_u64(&a);

        assert_true(v == rng_u64(&b));
        same += v == rng_u64(&c);
    }
    assert_int_equal(same, 0);
}

/* Chi-squared with 9 degrees of freedom: 27.9 is passed once in 1000; the seed
 * is fixed, so the test is not a matter of luck. */
static void below_is_even(void **state)
{
    struct rng r;
    int count[10] = {0};
    double chi = 0;

    rng_init(&r, 7, 0);
    for (int i = 0; i < 100000; i++)
        count[rng_below(&r, 10)]++;
    for (int i = 0; i < 10; i++)
        chi += pow(count[i] - 10000.0, 2) / 10000.0;
    assert_true(chi < 27.9);
}

static void normal_has_its_moments(void **state)
{
    struct rng r;
    double sum = 0, squares = 0;
    int n = 200000;

    rng_init(&r, 11, 5);
    for (int i = 0; i < n; i++) {
        double v = rng_normal(&r);

        sum += v;
        squares += v * v;
    }
    assert_true(fabs(sum / n) < 4 / sqrt(n));
    assert_true(fabs(squares / n - 1) < 4 * sqrt(2.0 / n));
}

struct seen {
    unsigned char *hit;
    unsigned workers;
};

static void mark(void *ctx, size_t i, unsigned worker)
{
    struct seen *s = ctx;

    if (worker < s->workers)
        __atomic_fetch_add(&s->hit[i], 1, __ATOMIC_RELAXED);
}

static void parallel_for_visits_each_once(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 7, 1000, 4097};

    for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
        for (unsigned threads = 1; threads <= 5; threads++) {
            AUTO(arena) struct arena *a = arena_new(0);
            struct seen s = {arena_alloc(a, sizes[k] + 1), threads};

            parallel_for(sizes[k], threads, &s, mark);
            for (size_t i = 0; i < sizes[k]; i++)
                assert_int_equal(s.hit[i], 1);
            assert_int_equal(s.hit[sizes[k]], 0);
        }
    }
}

/* Many at once are those one by one, wherever the counter stands. */
static void many(void **state)
{
    double at_once[100];

    for (size_t first = 0; first < 9; first++)
        for (int carry = 0; carry < 2; carry++) {
            struct rng a, b;

            rng_init(&a, 3, 4);
            if (carry)
                a.counter[0] = UINT64_MAX - 3;
            b = a;
            for (size_t k = 0; k < first; k++)
                assert_true(rng_double(&a) == rng_double(&b));
            rng_doubles(&a, at_once, 100);
            for (size_t k = 0; k < 100; k++)
                assert_true(at_once[k] == rng_double(&b));
            assert_true(rng_u64(&a) == rng_u64(&b));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many),
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(streams_are_pure_and_distinct),
        cmocka_unit_test(below_is_even),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(parallel_for_visits_each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
