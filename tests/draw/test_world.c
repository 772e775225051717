/*
 * draw/world.h: the coasts are where they are, areas are kept, and cut lines
 * stay unseen. draw/placement.h: no name over another name or mark, at any
 * width. A build told to do without
 * coasts is not asked for them.
 */
#include "base/rng.h"
#include "draw/placement.h"
#include "draw/world.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define UNITS 2000.0

static struct arena *arena;

/* The path as points, rings apart by NaN. */
struct track {
    double *xy;
    size_t n, cap;
};

static void add(struct track *t, double x, double y)
{
    VEC_PUSH(arena, t->xy, t->n, t->cap) = x;
    VEC_PUSH(arena, t->xy, t->n, t->cap) = y;
}

/* M and m begin a ring, pairs after them and l are lines, z ends it. */
static struct track parse(const char *d)
{
    struct track t = {0};
    double x = 0, y = 0, first_x = 0, first_y = 0;
    bool begin = false;

    while (*d) {
        char *end;
        double u, v;

        if (*d == 'M' || *d == 'm' || *d == 'l' || *d == 'z') {
            begin = *d == 'M' || *d == 'm';
            if (*d == 'z') {
                add(&t, NAN, NAN);
                x = first_x;
                y = first_y;
            }
            d++;
            continue;
        }
        u = (double)strtol(d, &end, 10);
        assert_ptr_not_equal(end, d);
        d = end + (*end == ' ');
        v = (double)strtol(d, &end, 10);
        assert_ptr_not_equal(end, d);
        d = end + (*end == ' ');
        x += u;
        y += v;
        if (begin) {
            first_x = x;
            first_y = y;
        }
        begin = false;
        add(&t, x, y);
    }
    return t;
}

static bool inside(const struct track *t, double x, double y)
{
    bool in = false;

    for (size_t i = 0, from = 0; i < t->n; i += 2) {
        size_t next = i + 2;

        if (isnan(t->xy[i])) {
            from = i + 2;
            continue;
        }
        if (isnan(t->xy[next]))
            next = from;
        if ((t->xy[i + 1] > y) != (t->xy[next + 1] > y) &&
            x < t->xy[i] + (y - t->xy[i + 1]) * (t->xy[next] - t->xy[i]) /
                               (t->xy[next + 1] - t->xy[i + 1]))
            in = !in;
    }
    return in;
}

static double surface(const struct track *t)
{
    double twice = 0;

    for (size_t i = 0, from = 0; i < t->n; i += 2) {
        size_t next = i + 2;

        if (isnan(t->xy[i])) {
            from = i + 2;
            continue;
        }
        if (isnan(t->xy[next]))
            next = from;
        twice += t->xy[i] * t->xy[next + 1] - t->xy[next] * t->xy[i + 1];
    }
    return fabs(twice) / 2;
}

static struct track land_of(const struct world_frame *f, struct world_map **m)
{
    AUTO(buf) struct buf path = {.ceiling = BUF_CEILING};

    assert_int_equal(world_open(f, arena, m, NULL), RC_OK);
    world_land(*m, UNITS, 0.5, &path);
    return parse(buf_cstr(&path));
}

static const struct {
    const char *name;
    double longitude, latitude;
    bool land;
} places[] = {
    {"Paris", 2.35, 48.86, true},         {"Madrid", -3.70, 40.42, true},
    {"Ankara", 32.85, 39.93, true},       {"Ghardaia", 3.67, 32.49, true},
    {"Sicily", 14.2, 37.5, true},         {"Crete", 24.9, 35.2, true},
    {"Cyprus", 33.2, 35.0, true},         {"Sinai", 33.8, 29.5, true},
    {"Tyrrhenian", 12.0, 40.0, false},    {"Aegean", 25.2, 38.9, false},
    {"Gulf of Sirte", 18.5, 31.5, false}, {"Black Sea", 34.0, 43.3, false},
    {"Biscay", -6.0, 45.5, false},        {"Red Sea", 35.5, 26.8, false},
    {"Adriatic", 15.5, 43.0, false},      {"Alboran", -3.2, 36.1, false},
};

/* Unless the build was told to do without. */
static void the_build_has_coasts(void **state)
{
    const char *asked = getenv("PASSERELLE_LAND");

    if (!asked || strcmp(asked, "none") != 0)
        assert_true(world_has_land());
}

static void land_and_sea_are_where_they_are(void **state)
{
    struct world_frame f = {15, 38.5, 5200, 2700};
    AUTO(world) struct world_map *m = NULL;
    struct track t = land_of(&f, &m);
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(places) && world_has_land(); i++) {
        double x, y;

        assert_true(
            world_place(m, places[i].longitude, places[i].latitude, &x, &y));
        if (inside(&t, x * UNITS, y * UNITS * f.height_km / f.width_km) !=
            places[i].land) {
            print_error("%s\n", places[i].name);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Known surfaces of islands, in thousands of km2, near and far from the
 * equator. */
static void areas_are_kept(void **state)
{
    static const struct {
        struct world_frame frame;
        double thousand_km2;
    } islands[] = {{{46.8, -19.5, 1000, 1900}, 587}, /* Madagascar */
                   {{-18.7, 65, 600, 420}, 102}};    /* Iceland */

    for (size_t i = 0; i < ARRAY_LEN(islands) && world_has_land(); i++) {
        AUTO(world) struct world_map *m = NULL;
        struct track t = land_of(&islands[i].frame, &m);
        double unit = islands[i].frame.width_km / UNITS;
        double found = surface(&t) * unit * unit / 1000;

        assert_true(fabs(found / islands[i].thousand_km2 - 1) < 0.02);
    }
}

static void beyond_the_line_of_the_date(void **state)
{
    struct world_frame f = {180, -17.5, 1600, 1200};
    AUTO(world) struct world_map *m = NULL;
    struct track t = land_of(&f, &m);
    double most = 0;

    for (size_t i = 0; i + 3 < t.n; i += 2)
        if (!isnan(t.xy[i]) && !isnan(t.xy[i + 2]))
            most = MAX(most, fabs(t.xy[i] - t.xy[i + 2]));
    assert_true(most < UNITS / 10); /* Fiji is small, and whole */
    assert_int_equal(t.n > 0, world_has_land());
}

static void the_frame_and_its_edges(void **state)
{
    static const struct world_frame bad[] = {
        {0, 91, 100, 100},  {181, 0, 100, 100}, {0, 0, 0, 100},
        {0, 0, 100, 20000}, {0, NAN, 100, 100}, {0, 0, NAN, 1}};
    struct world_frame f = {15, 38.5, 5200, 2700};
    struct world_map *m = NULL;
    double x, y;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(world) struct world_map *none = NULL;

        assert_int_equal(world_open(&bad[i], arena, &none, NULL), RC_INVALID);
    }
    assert_int_equal(world_open(&f, arena, &m, NULL), RC_OK);
    assert_true(world_place(m, 15, 38.5, &x, &y));
    assert_true(fabs(x - 0.5) < 1e-9 && fabs(y - 0.5) < 1e-9);
    assert_true(world_place(m, 15, 39.5, &x, &y));
    assert_true(fabs((0.5 - y) * 2700 - 111.2) < 0.3); /* north is up */
    assert_false(world_place(m, 36.8, -1.3, &x, &y));
    assert_false(world_place(m, -165, -38.5, &x, &y));
    world_close(m);
}

/* ---- names ---- */

static bool overlap(const double a[4], const double b[4])
{
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

static int overlaps(const struct placement *p, const struct placed *items,
                    size_t n, double width)
{
    int found = 0;

    for (size_t i = 0; i < n; i++) {
        double a[4], b[4];

        if (items[i].side == SIDE_NONE)
            continue;
        placement_box(p, items + i, width, a);
        found +=
            a[0] < 0 || a[1] < 0 || a[2] > width || a[3] > width * p->aspect;
        for (size_t k = 0; k < n; k++) {
            double x = items[k].x * width, y = items[k].y * width * p->aspect;
            double r = items[k].radius;
            double mark[4] = {x - r, y - r, x + r, y + r};

            found += k != i && overlap(a, mark);
            if (k <= i || items[k].side == SIDE_NONE)
                continue;
            placement_box(p, items + k, width, b);
            found += overlap(a, b);
        }
    }
    return found;
}

static void names_keep_apart(void **state)
{
    enum { TIMES = 60, N = 40 };
    struct placed items[N];
    size_t named = 0;

    for (unsigned time = 0; time < TIMES; time++) {
        struct placement p = {400, 600, 0.6, 3, time % 2};
        struct rng g;

        rng_init(&g, 7, time);
        for (size_t i = 0; i < N; i++)
            items[i] = (struct placed){rng_double(&g),
                                       rng_double(&g),
                                       5,
                                       30 + 60 * rng_double(&g),
                                       15,
                                       0};
        placement_choose(&p, items, N);
        for (double w = 400; w <= 600; w += 50)
            assert_int_equal(overlaps(&p, items, N, w), 0);
        for (size_t i = 0; i < N; i++)
            named += items[i].side != SIDE_NONE;
    }
    assert_in_range(named, TIMES * N / 3, TIMES * N);
}

static void a_name_alone_is_beside_its_mark(void **state)
{
    struct placement p = {400, 600, 0.6, 3, false};
    struct placed one = {0.5, 0.5, 5, 60, 15, 0};
    double box[4];

    placement_choose(&p, &one, 1);
    assert_int_equal(one.side, SIDE_EAST);
    placement_box(&p, &one, 400, box);
    assert_true(box[0] == 208 && box[2] == 268 && box[1] == 112.5);
    p.rtl = true;
    placement_choose(&p, &one, 1);
    assert_int_equal(one.side, SIDE_WEST);
    one.x = 0.99;
    p.rtl = false;
    placement_choose(&p, &one, 1);
    assert_int_equal(one.side, SIDE_WEST); /* no room at the edge */
    one.w = 1000;
    placement_choose(&p, &one, 1);
    assert_int_equal(one.side, SIDE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_build_has_coasts),
        cmocka_unit_test(land_and_sea_are_where_they_are),
        cmocka_unit_test(areas_are_kept),
        cmocka_unit_test(beyond_the_line_of_the_date),
        cmocka_unit_test(the_frame_and_its_edges),
        cmocka_unit_test(names_keep_apart),
        cmocka_unit_test(a_name_alone_is_beside_its_mark),
    };
    int rc;

    arena = arena_new(0);
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    return rc;
}
