/*
 * Neighbours and shared lengths as published implementations give them, and
 * the borders of real cities simplified. Reads ../shared; skipped without it.
 */
#include "areas_file.h"

#include "space/simplify.h"
#include "topology.h"

static const char *shared(struct arena *a, const char *name)
{
    const char *dir = getenv("PASSERELLE_SHARED");
    const char *path = path_join(a, dir ? dir : "../shared", name);

    return path_exists(path) ? path : NULL;
}

static double link_length(const struct links *l, size_t i, uint32_t j)
{
    for (size_t k = l->start[i]; k < l->start[i + 1]; k++)
        if (l->to[k] == j)
            return l->length_m[k];
    return -1;
}

static size_t row_index(const struct geography *g, const size_t *row, size_t k)
{
    for (size_t i = 0; i < g->n; i++)
        if (row[i] == k)
            return i;
    return SIZE_MAX;
}

/* Areas are sorted by id here; the files count them in file order. */
static void file_order(struct arena *a, const struct geography *g,
                       const char *path, size_t *row)
{
    struct str text;
    size_t n = 0;
    const char *p;

    assert_int_equal(file_read(a, path, 64 << 20, &text, NULL), RC_OK);
    for (p = text.p; (p = strstr(p, "\"FIPS\": \"")); n++) {
        uint32_t i;

        p += 9;
        i = dict_find(&g->ids, (struct str){p, strcspn(p, "\"")});
        assert_int_not_equal(i, DICT_NONE);
        row[i] = n;
    }
    assert_int_equal(n, g->n);
}

static void compare_pairs(struct arena *a, const struct geography *g,
                          const size_t *row, const char *name, bool rook)
{
    const struct links *l = rook ? &g->rook : &g->queen;
    struct str text;
    size_t n = 0;
    char *p;

    assert_int_equal(file_read(a, shared(a, name), 64 << 20, &text, NULL),
                     RC_OK);
    p = strchr(text.p, '\n') + 1;
    while (*p) {
        size_t i = row_index(g, row, strtoul(p, &p, 10));
        size_t j = row_index(g, row, strtoul(p + 1, &p, 10));
        double got = link_length(l, i, (uint32_t)j), want;

        assert_true(got >= 0);
        if (rook) {
            size_t len = strcspn(p + 1, "\r\n");

            assert_true(str_double((struct str){p + 1, len}, &want));
            assert_float_equal(got, want, 1e-3 + want * 1e-6);
            p += 1 + len;
        }
        p += strspn(p, "\r\n");
        n++;
    }
    assert_int_equal(n, l->start[g->n]);
}

static void sacramento_as_published(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *path =
        shared(a, "cases/segregation/inputs/sacramento_utm10n.geojson");
    struct geography g;
    struct findings f;
    size_t *row;

    assert_int_equal(read_file(a, path, "FIPS", &g, &f), RC_OK);
    row = arena_array(a, size_t, g.n);
    file_order(a, &g, path, row);
    compare_pairs(a, &g, row,
                  "cases/segregation/inputs/sacramento_queen_pairs.csv", false);
    compare_pairs(a, &g, row,
                  "cases/segregation/inputs/sacramento_shared_boundary_utm.csv",
                  true);
}

static void morrill_grid_as_published(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *path =
        shared(a, "cases/segregation/inputs/grid10_morrill_wong.geojson");
    struct geography g;
    struct findings f;

    assert_int_equal(read_file(a, path, "id", &g, &f), RC_OK);
    assert_int_equal(g.rook.start[100], 2 * 180);
    assert_int_equal(g.queen.start[100], 2 * 342);
}

static void city_borders_stay_whole(void **state)
{
    static const struct {
        const char *path, *id;
    } cities[] = {{"cities/berlin/areas.geojson", "id"},
                  {"cities/barcelona/barris.geojson", "barri_code"},
                  {"cities/vienna/bezirke.geojson", "DISTRICT_CODE"}};
    static const double tolerances[] = {5, 30, 150};

    for (size_t i = 0; i < ARRAY_LEN(cities); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct geography g;
        struct findings f;
        size_t loops = 0;

        assert_int_equal(
            read_file(a, shared(a, cities[i].path), cities[i].id, &g, &f),
            RC_OK);
        for (size_t t = 0; t < ARRAY_LEN(tolerances); t++) {
            struct shape *s = arena_array(a, struct shape, g.n);

            assert_int_equal(geography_simplify(&g, tolerances[t], a, s),
                             RC_OK);
            assert_int_equal(crossings(a, s, g.n), 0);
            if (t == 0)
                loops = outer_loops(a, s, g.n);
            /* loops of the data itself may meet; none may be added */
            assert_true(outer_loops(a, s, g.n) <= loops);
            for (size_t k = 0; k < g.n; k++)
                assert_true(shape_area(&s[k]) > 0);
        }
    }
}

int main(void)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sacramento_as_published),
        cmocka_unit_test(morrill_grid_as_published),
        cmocka_unit_test(city_borders_stay_whole),
    };

    if (!shared(a, "cases") || !shared(a, "cities")) {
        printf("1..0 # SKIP no ../shared\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
