/* Fields of areas keep their surface and join without seams. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "city.h"
#include "draw/sheet.h"
#include "draw/svgpath.h"

struct fixture {
    struct arena *a;
    struct geography *g;
    struct drawing *d;
    const struct map_sheet *m;
};

static struct fixture open_sheet(unsigned nx, unsigned ny)
{
    struct fixture f = {.a = arena_new(0)};
    struct err err;

    f.g = city_geography(f.a, nx, ny, 4);
    assert_int_equal(
        drawing_open(city_document(f.a, f.g), f.g, f.a, &f.d, &err), RC_OK);
    assert_int_equal(sheet_get(f.d, 500, 400, 0.25, &f.m, &err), RC_OK);
    return f;
}

static void close_sheet(struct fixture *f)
{
    drawing_close(f->d);
    arena_free(f->a);
}

/* In square grid steps; holes count against their field. */
static double surface(const struct grid_path *p)
{
    double twice = 0;

    for (size_t part = 0, start = 0; part < p->n_parts; part++) {
        size_t end = p->ends[part];

        for (size_t i = start; i < end; i++) {
            const int32_t *a = p->xy + 2 * i;
            const int32_t *b = p->xy + 2 * (i + 1 < end ? i + 1 : start);

            twice += (double)a[0] * b[1] - (double)b[0] * a[1];
        }
        start = end;
    }
    return fabs(twice) / 2;
}

static double field_surface(struct fixture *f, const bool *inside)
{
    struct grid_path p;

    sheet_field(f->m, inside, f->a, &p);
    return surface(&p);
}

static void fields_add_up(void **state)
{
    struct fixture f = open_sheet(7, 6);
    bool *inside = arena_array(f.a, bool, f.g->n);
    double sum = 0, city = surface(&f.m->outline), metres = 0;
    double step = f.m->unit * f.m->metres;

    for (size_t i = 0; i < f.g->n; i++) {
        inside[i] = true;
        sum += field_surface(&f, inside);
        inside[i] = false;
        metres += f.g->areas[i].area_m2;
    }
    assert_true(fabs(sum - city) < 1e-6);
    assert_true(fabs(city * step * step / metres - 1) < 0.01);
    for (unsigned k = 2; k < 6; k++) { /* classes that interlock */
        double parts = 0;

        for (unsigned class = 0; class < k; class ++) {
            for (size_t i = 0; i < f.g->n; i++)
                inside[i] = (i * 7 + i / 3) % k == class;
            parts += field_surface(&f, inside);
        }
        assert_true(fabs(parts - city) < 1e-6);
    }
    close_sheet(&f);
}

static void a_field_of_all_is_one_ring(void **state)
{
    struct fixture f = open_sheet(5, 5);
    bool *inside = arena_array(f.a, bool, f.g->n);
    struct grid_path p;

    assert_int_equal(f.m->outline.n_parts, 1);
    for (size_t i = 0; i < f.g->n; i++)
        inside[i] = i != 12; /* a hole in the middle */
    sheet_field(f.m, inside, f.a, &p);
    assert_int_equal(p.n_parts, 2);
    assert_true(surface(&p) < surface(&f.m->outline));
    close_sheet(&f);
}

/* Each inner border once: length of all rings = outline + twice the borders. */
static double length_of(const struct grid_path *p)
{
    double length = 0;

    for (size_t part = 0, start = 0; part < p->n_parts; part++) {
        size_t end = p->ends[part];

        for (size_t i = start; i < end; i++) {
            const int32_t *a = p->xy + 2 * i;
            const int32_t *b = p->xy + 2 * (i + 1 < end ? i + 1 : start);

            if (p->closed || i + 1 < end)
                length += hypot(b[0] - a[0], b[1] - a[1]);
        }
        start = end;
    }
    return length;
}

static void borders_stand_once(void **state)
{
    struct fixture f = open_sheet(6, 7);
    bool *inside = arena_array(f.a, bool, f.g->n);
    double all = 0, lines;

    for (size_t i = 0; i < f.g->n; i++) {
        struct grid_path p;

        inside[i] = true;
        sheet_field(f.m, inside, f.a, &p);
        all += length_of(&p);
        inside[i] = false;
    }
    lines = length_of(&f.m->borders) + length_of(&f.m->parents);
    assert_true(f.m->parents.n_parts > 0);
    assert_true(fabs(all - length_of(&f.m->outline) - 2 * lines) < 1e-6 * all);
    close_sheet(&f);
}

static void a_size_is_made_once(void **state)
{
    struct fixture f = open_sheet(3, 3);
    const struct map_sheet *again, *other;

    assert_int_equal(sheet_get(f.d, 500, 400, 0.25, &again, NULL), RC_OK);
    assert_ptr_equal(again, f.m);
    assert_int_equal(sheet_get(f.d, 200, 400, 0.25, &other, NULL), RC_OK);
    assert_ptr_not_equal(other, f.m);
    assert_true(fabs(other->width - 200) < 1e-9);
    assert_true(other->outline.n <= f.m->outline.n);
    close_sheet(&f);
}

static void numbers_are_short(void **state)
{
    static const struct {
        double v;
        int decimals;
        const char *want;
    } rows[] = {
        {0, 2, "0"},        {0.5, 2, ".5"},  {-0.25, 2, "-.25"},
        {12, 2, "12"},      {1.005, 1, "1"}, {100, 0, "100"},
        {-3.10, 2, "-3.1"}, {0.001, 2, "0"}, {1234.56, 1, "1234.6"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = {0};

        buf_init(&b, 64);
        svg_number(rows[i].v, rows[i].decimals, &b);
        assert_string_equal(buf_cstr(&b), rows[i].want);
    }
}

static void paths_are_relative(void **state)
{
    int32_t xy[] = {10, 20, 15, 20, 12, 17, 40, 40, 41, 42};
    size_t ends[] = {3, 5};
    struct grid_path p = {5, 2, xy, ends, true};
    AUTO(buf) struct buf b = {0};
    AUTO(buf) struct buf c = {0};

    buf_init(&b, 1024);
    svgpath_grid(&p, &b);
    assert_string_equal(buf_cstr(&b), "M10 20l5 0-3-3zm30 20 1 2z");
    p.closed = false;
    buf_init(&c, 1024);
    svgpath_grid(&p, &c);
    assert_string_equal(buf_cstr(&c), "M10 20l5 0-3-3m28 23 1 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_add_up),
        cmocka_unit_test(a_field_of_all_is_one_ring),
        cmocka_unit_test(borders_stand_once),
        cmocka_unit_test(a_size_is_made_once),
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(paths_are_relative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
