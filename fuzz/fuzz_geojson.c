/*
 * Any bytes as a boundary file: what is accepted is sound. Areas have a
 * surface, neighbours are mutual, a label lies inside, and simplified borders
 * keep every area.
 */
#include "space/geography.h"
#include "space/simplify.h"

#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void remove_file(void)
{
    unlink(path);
}

static void write_file(const uint8_t *data, size_t size)
{
    FILE *f;

    if (!path[0]) {
        snprintf(path, sizeof path, "/tmp/passerelle-fuzz-%d.geojson",
                 (int)getpid());
        atexit(remove_file);
    }
    f = fopen(path, "wbe");
    REQUIRE(f);
    REQUIRE(fwrite(data, 1, size, f) == size);
    REQUIRE(fclose(f) == 0);
}

static void report(void *ctx, const struct geography_report *r)
{
    uint64_t *n = ctx;

    ++*n;
}

static bool linked(const struct links *l, uint32_t from, uint32_t to)
{
    for (size_t k = l->start[from]; k < l->start[from + 1]; k++)
        if (l->to[k] == to)
            return true;
    return false;
}

static void check(const struct geography *g, struct arena *a)
{
    struct shape *shapes = arena_array(a, struct shape, g->n + 1);

    for (uint32_t i = 0; i < g->n; i++) {
        const struct area *x = &g->areas[i];

        REQUIRE(isfinite(x->area_m2) && x->area_m2 > 0);
        REQUIRE(isfinite(x->x_m) && isfinite(x->label_x));
        REQUIRE(g->outer_m[i] >= 0);
        for (size_t k = g->queen.start[i]; k < g->queen.start[i + 1]; k++)
            REQUIRE(linked(&g->queen, g->queen.to[k], i));
        for (size_t k = g->rook.start[i]; k < g->rook.start[i + 1]; k++)
            REQUIRE(g->rook.length_m[k] > 0 &&
                    linked(&g->queen, i, g->rook.to[k]));
        REQUIRE(dict_find(&g->ids, str_of(x->id)) == i);
    }
    REQUIRE(geography_simplify(g, 50, a, shapes) == RC_OK);
    for (size_t i = 0; i < g->n; i++)
        for (size_t r = 0; r < shapes[i].n_rings; r++)
            REQUIRE(shapes[i].rings[r].n >= 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new(0);
    uint64_t reports = 0;
    struct geography_source s = {.path = path,
                                 .longitude = 10.19,
                                 .latitude = 36.81,
                                 .report = report,
                                 .ctx = &reports};
    struct geography g;
    struct err err = {0};
    enum rc rc;

    if (size > 1 << 16)
        return 0;
    write_file(data, size);
    rc = geography_read(&s, NULL, a, &g, &err);
    REQUIRE(rc == RC_OK || (rc == RC_INVALID && reports > 0));
    if (rc == RC_OK)
        check(&g, a);
    return 0;
}
