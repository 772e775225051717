/*
 * The sort against a plain one, on keys that differ by much, by little, and
 * not at all.
 */
#include "base/rng.h"
#include "measure/sort.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MOST = 5000 };

static int order(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->i < y->i ? -1 : x->i > y->i;
}

static double key(struct rng *r, int kind, size_t k)
{
    double u = rng_double(r);

    switch (kind) {
    case 0: /* wide, of both signs */
        return (u - 0.5) / (rng_double(r) + 1e-9);
    case 1: /* shares of small units: many the same */
        return (double)rng_below(r, 7) / (double)(1 + rng_below(r, 9));
    case 2: /* equal in the first 33 bits, all or in thick runs */
        return 1 + u * 1e-11;
    case 3:
        return (double)rng_below(r, 20) + u * 1e-13;
    case 4: /* one value, with both zeros */
        return k % 2 ? 0.0 : -0.0;
    default: /* two runs, one of a single key */
        return k ? 0.25 + 0x1p-52 * (double)rng_below(r, 3) : 1e300;
    }
}

static void as_a_plain_one(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 47, 48, 49, 50, 500, MOST};
    struct sort_item *a = malloc(3 * MOST * sizeof *a), *b = a + MOST;
    struct rng r;

    assert_non_null(a);
    rng_init(&r, 5, 0);
    for (int kind = 0; kind < 6; kind++)
        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            size_t n = sizes[s];

            for (size_t k = 0; k < n; k++)
                a[k] = b[k] = (struct sort_item){key(&r, kind, k), k};
            sort_items(a, n, a + 2 * MOST);
            qsort(b, n, sizeof *b, order);
            for (size_t k = 0; k < n; k++)
                if (a[k].key != b[k].key || a[k].i != b[k].i)
                    fail_msg("kind %d, %zu items, place %zu", kind, n, k);
        }
    free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_plain_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
