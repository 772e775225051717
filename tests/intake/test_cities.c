/*
 * The real packages: totals as their publishers give them. Reads ../shared;
 * skipped without it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "intake/package.h"

struct city {
    const char *name, *period;
    int64_t residents;
    uint32_t withheld;
    size_t areas, origins, services, warnings;
};

static const struct city cities[] = {
    {"berlin", "2020-02", 3769962, 0, 448, 24, 12860, 2},
    {"vienna", "2023", 1982097, 0, 23, 4, 1094, 0},
    {"barcelona", "2025-01-01", 1731124, 438, 73, 23, 1620, 3},
};

static const char *shared(struct arena *a, const char *name)
{
    const char *dir = getenv("PASSERELLE_SHARED");
    const char *path = path_join(a, dir ? dir : "../shared", name);

    return path_exists(path) ? path : NULL;
}

static void totals_are_the_publishers(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cities); i++) {
        const struct city *c = &cities[i];

        for (unsigned threads = 1; threads <= 2; threads++) {
            AUTO(arena) struct arena *a = arena_new(0);
            const char *path = shared(a, arena_printf(a, "cities/%s", c->name));
            struct faults f;
            struct intake in;
            struct margin m;
            uint32_t period;

            faults_init(&f, a);
            assert_int_equal(
                package_read(path, threads, NULL, a, &f, &in, NULL), RC_OK);
            period =
                dict_find(cube_dict(in.cube, DIM_PERIOD), str_of(c->period));
            assert_int_not_equal(period, DICT_NONE);
            assert_int_equal(cube_margin(in.cube, 0, period, a, &m), RC_OK);
            assert_int_equal(m.count[0], c->residents);
            assert_int_equal(m.withheld[0], c->withheld);
            assert_int_equal(in.geography->n, c->areas);
            assert_int_equal(in.package->n_origins, c->origins);
            assert_int_equal(in.package->n_services, c->services);
            assert_int_equal(faults_count(&f, SEVERITY_WARNING), c->warnings);
            intake_release(&in);
        }
    }
}

int main(void)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_the_publishers),
    };

    if (!shared(a, "cities")) {
        printf("1..0 # SKIP no ../shared\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
