/*
 * The table reader of `passerelle measure`: any bytes as a wide or long table.
 * Whatever is read holds counts that are finite and not negative, a row of the
 * matrix for each unit, and levels that exist; measures then take it.
 */
#include "cli/measure_input.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct matrix *m)
{
    for (uint32_t p = 0; p < m->periods.n; p++) {
        struct counts c = matrix_counts(m, p);
        double v;

        REQUIRE(c.units == m->units.n && c.groups == m->groups.n);
        for (size_t i = 0; i < c.units * c.groups; i++)
            REQUIRE(c.n[i] >= 0);
        if (measure_compute(measure_find("mutual_information"), MEASURE_CITY,
                            &c, 0, 0, NULL, &v) == RC_OK)
            REQUIRE(isfinite(v));
    }
    for (size_t k = 0; k < m->n_levels; k++)
        for (uint32_t u = 0; u < m->units.n; u++)
            REQUIRE(m->level[k][u] < m->level_names[k].n);
    for (size_t k = 0; k < WHERE_COUNT; k++)
        for (uint32_t u = 0; m->where[k] && u < m->units.n; u++)
            REQUIRE(isfinite(m->where[k][u]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *groups[] = {"b", "c"};
    struct matrix_spec spec = {.unit = "a"};
    struct matrix m = {0};
    struct faults faults;
    struct arena *a;
    char path[64];
    enum rc rc;
    int fd;

    if (n < 1)
        return 0;
    fd = memfd_create("table", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && write(fd, data + 1, n - 1) == (ssize_t)n - 1);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    spec.file = path;
    if (data[0] & 1) {
        spec.group = "b";
        spec.count = "c";
    } else {
        spec.groups = groups;
        spec.n_groups = 2;
        spec.total = data[0] & 2 ? "d" : NULL;
    }
    spec.period = data[0] & 4 ? "p" : NULL;
    if (data[0] & 8)
        spec.within[spec.n_within++] = "w";
    if (data[0] & 16) {
        spec.where[WHERE_X] = "x";
        spec.where[WHERE_AREA] = "d";
    }
    if (!(data[0] & 1) && data[0] & 32)
        spec.unit = NULL;
    a = arena_new((size_t)1 << 28);
    faults_init(&faults, a);
    rc = matrix_read(&spec, a, &faults, &m, NULL);
    REQUIRE(rc != RC_OK || !faults_any(&faults));
    if (rc == RC_OK)
        check(&m);
    matrix_free(&m);
    arena_free(a);
    close(fd);
    return 0;
}
