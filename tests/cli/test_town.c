/*
 * test_town.c: Marsa looks like a city whatever its seed.
 *
 * Borders: every stretch belongs to one area, or to two that run along it in
 * opposite directions. People: as the example promises (a majority, a long tail
 * of origins, small cells, growth from abroad).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "cli/example.h"

static const uint64_t seeds[] = {1, 2, 3, 17, 4242, UINT64_MAX};

static struct town *drawn(uint64_t seed)
{
    struct arena *a = arena_new(0);
    struct town *t = arena_new_of(a, struct town);

    t->arena = a;
    t->seed = seed;
    assert_int_equal(town_draw(t, NULL), RC_OK);
    return t;
}

struct side {
    struct point from, to;
};

static int point_order(struct point a, struct point b)
{
    if (a.x != b.x)
        return a.x < b.x ? -1 : 1;
    return a.y == b.y ? 0 : a.y < b.y ? -1 : 1;
}

/* Both directions of a side sort next to each other. */
static int side_order(const void *x, const void *y)
{
    struct side a = *(const struct side *)x, b = *(const struct side *)y;
    struct side p =
        point_order(a.from, a.to) < 0 ? a : (struct side){a.to, a.from};
    struct side q =
        point_order(b.from, b.to) < 0 ? b : (struct side){b.to, b.from};
    int order = point_order(p.from, q.from);

    return order ? order : point_order(p.to, q.to);
}

static size_t sides_of(const struct town *t, struct side **out)
{
    size_t n = 0, cap = 0;

    *out = NULL;
    for (int i = 0; i < TOWN_AREAS; i++)
        for (size_t r = 0; r < t->areas[i].n_rings; r++) {
            const struct town_ring *ring = &t->areas[i].rings[r];

            assert_int_equal(point_order(ring->at[0], ring->at[ring->n - 1]),
                             0);
            for (size_t k = 0; k + 1 < ring->n; k++)
                VEC_PUSH(t->arena, *out, n, cap) =
                    (struct side){ring->at[k], ring->at[k + 1]};
        }
    return n;
}

static void borders_are_shared(void **state)
{
    for (size_t s = 0; s < ARRAY_LEN(seeds); s++) {
        struct town *t = drawn(seeds[s]);
        struct side *sides;
        size_t n = sides_of(t, &sides), inner = 0, outer = 0;

        qsort(sides, n, sizeof *sides, side_order);
        for (size_t i = 0; i < n; i++) {
            assert_int_not_equal(point_order(sides[i].from, sides[i].to), 0);
            if (i + 1 < n && side_order(&sides[i], &sides[i + 1]) == 0) {
                assert_int_equal(point_order(sides[i].from, sides[i + 1].to),
                                 0);
                inner++;
                i++;
            } else {
                outer++;
            }
            if (i + 1 < n)
                assert_int_not_equal(side_order(&sides[i], &sides[i + 1]), 0);
        }
        assert_true(inner > 500 && outer > 200);
        arena_free(t->arena);
    }
}

static void areas_are_small_in_the_centre(void **state)
{
    for (size_t s = 0; s < ARRAY_LEN(seeds); s++) {
        struct town *t = drawn(seeds[s]);
        double all = 0, old_town = 0, plain = 0;

        for (int i = 0; i < TOWN_AREAS; i++) {
            assert_true(t->areas[i].area_m2 > 20000);
            all += t->areas[i].area_m2;
            old_town += t->areas[i].district == 0 ? t->areas[i].area_m2 : 0;
            plain += t->areas[i].district == 5 ? t->areas[i].area_m2 : 0;
        }
        assert_true(all > 80e6 && all < 110e6);
        assert_true(plain / town_districts[5].areas >
                    4 * old_town / town_districts[0].areas);
        arena_free(t->arena);
    }
}

static void people_are_as_promised(void **state)
{
    enum { LAST = TOWN_AGES - 1 };

    for (size_t s = 0; s < ARRAY_LEN(seeds); s++) {
        struct town *t = drawn(seeds[s]);
        int64_t all, before, majority, majority_before, small = 0, cells = 0;

        town_people(t);
        all = town_count(t, 1, -1, -1, 0, LAST);
        before = town_count(t, 0, -1, -1, 0, LAST);
        majority = town_count(t, 1, -1, 0, 0, LAST);
        majority_before = town_count(t, 0, -1, 0, 0, LAST);
        assert_in_range(all, 400000, 425000);
        assert_in_range(majority * 100 / all, 74, 79);
        assert_true(all > before);
        assert_true(all - majority - (before - majority_before) >
                    2 * (majority - majority_before));
        for (int i = 0; i < TOWN_AREAS; i++) {
            assert_true(town_count(t, 1, i, -1, 0, LAST) > 300);
            for (int k = 1; k < TOWN_ORIGINS; k++) {
                int64_t n = town_count(t, 1, i, k, 0, LAST);

                cells += n > 0;
                small += n > 0 && n < 5;
            }
        }
        assert_in_range(small * 100 / cells, 10, 60);
        for (int k = 0; k < TOWN_ORIGINS; k++)
            assert_true(town_count(t, 1, -1, k, 0, LAST) > 0);
        arena_free(t->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders_are_shared),
        cmocka_unit_test(areas_are_small_in_the_centre),
        cmocka_unit_test(people_are_as_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
