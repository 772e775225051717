/* intake/: the cube against a plain list of rows, dense and sparse. */
#include "intake/cube.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"

struct row {
    uint32_t code[DIM_COUNT];
    int64_t count; /* or CUBE_WITHHELD, CUBE_MISSING */
};

static int by_codes(const void *a, const void *b)
{
    const uint32_t *x = ((const struct cube_cell *)a)->code;
    const uint32_t *y = ((const struct cube_cell *)b)->code;

    for (int d = 0; d < DIM_COUNT; d++)
        if (x[d] != y[d])
            return x[d] < y[d] ? -1 : 1;
    return 0;
}

/* The cells of the rows, sorted: the twin of the cube. */
static size_t twin(const struct row *rows, size_t n, struct cube_cell *cells)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        cells[i] = (struct cube_cell){.count = 0};
        memcpy(cells[i].code, rows[i].code, sizeof rows[i].code);
        if (rows[i].count >= 0)
            cells[i].count = rows[i].count;
        cells[i].withheld = rows[i].count == CUBE_WITHHELD;
        cells[i].missing = rows[i].count == CUBE_MISSING;
    }
    qsort(cells, n, sizeof *cells, by_codes);
    for (size_t i = 0; i < n; i++) {
        if (m && by_codes(&cells[m - 1], &cells[i]) == 0) {
            cells[m - 1].count += cells[i].count;
            cells[m - 1].withheld += cells[i].withheld;
            cells[m - 1].missing += cells[i].missing;
        } else {
            cells[m++] = cells[i];
        }
    }
    return m;
}

struct check {
    const struct cube_cell *expected;
    size_t n, at;
};

static bool same_cell(void *ctx, const struct cube_cell *cell)
{
    struct check *k = ctx;
    const struct cube_cell *e = &k->expected[k->at++];

    assert_true(k->at <= k->n);
    assert_memory_equal(cell->code, e->code, sizeof e->code);
    assert_int_equal(cell->count, e->count);
    assert_int_equal(cell->withheld, e->withheld);
    assert_int_equal(cell->missing, e->missing);
    return true;
}

static void check_margins(const struct cube *c, const struct cube_cell *cells,
                          size_t n, struct arena *a)
{
    for (unsigned keep = 0; keep < 1u << DIM_COUNT; keep++) {
        uint32_t period = keep % 3 ? DICT_NONE : keep % 2;
        struct margin m;

        assert_int_equal(cube_margin(c, keep, period, a, &m), RC_OK);
        for (size_t i = 0; i < n; i++) {
            size_t at = 0;

            if (period != DICT_NONE && cells[i].code[DIM_PERIOD] != period)
                continue;
            for (int d = 0; d < DIM_COUNT; d++) {
                bool kept = keep & DIM_BIT(d);

                assert_int_equal(m.extent[d],
                                 kept ? cube_dict(c, (enum dim)d)->n : 1);
                at = at * m.extent[d] + (kept ? cells[i].code[d] : 0);
            }
            m.count[at] -= cells[i].count;
            m.withheld[at] -= cells[i].withheld;
            m.missing[at] -= cells[i].missing;
        }
        for (size_t i = 0; i < m.n; i++) {
            assert_int_equal(m.count[i], 0);
            assert_int_equal(m.withheld[i], 0);
            assert_int_equal(m.missing[i], 0);
        }
    }
}

/* Codes of numbered texts, so that dictionaries grow while rows come. */
static uint32_t code(struct cube *c, enum dim d, uint64_t i)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)i);
    return cube_code(c, d, str_of(text));
}

struct shape {
    uint64_t extent[DIM_COUNT];
    size_t rows, batch; /* 0: one row at a time */
    uint64_t expected;
};

static const struct shape shapes[] = {
    {{1, 1, 1, 1, 1}, 5, 0, 0},
    {{7, 5, 2, 3, 2}, 3000, 0, 0},
    {{7, 5, 2, 3, 2}, 3000, 100, 3000},
    {{60, 40, 2, 18, 2}, 20000, 1, 0},
    {{60, 40, 2, 18, 2}, 20000, 5000, 0},
    {{400, 200, 2, 18, 3}, 20000, 0, 0},
    {{400, 200, 2, 18, 3}, 20000, 999, 20000},
    {{3000, 3000, 3000, 3000, 3000}, 5000, 700, 5000},
    /* sparse at first, then more than a quarter full */
    {{90, 50, 2, 18, 2}, 150000, 50, 1},
};

static void add_batch(struct cube *c, const struct row *rows, size_t n,
                      struct arena *a)
{
    struct cube_rows r = {.n = n};
    int64_t *count = arena_array(a, int64_t, n);
    uint32_t *same = arena_array(a, uint32_t, 4096);

    for (uint32_t i = 0; i < 4096; i++)
        same[i] = i;
    r.count = count;
    for (int d = 0; d < DIM_COUNT; d++) {
        uint32_t *codes = arena_array(a, uint32_t, n);

        for (size_t i = 0; i < n; i++)
            codes[i] = rows[i].code[d];
        r.code[d] = codes;
        r.map[d] = same;
    }
    for (size_t i = 0; i < n; i++)
        count[i] = rows[i].count;
    assert_int_equal(cube_add_rows(c, &r), RC_OK);
}

static void add_single(struct cube *c, const struct row *r)
{
    if (r->count == CUBE_WITHHELD)
        assert_int_equal(cube_add_withheld(c, r->code), RC_OK);
    else if (r->count == CUBE_MISSING)
        assert_int_equal(cube_add_missing(c, r->code), RC_OK);
    else
        assert_int_equal(cube_add(c, r->code, r->count), RC_OK);
}

static void check_shape(const struct shape *s, uint64_t seed)
{
    struct arena *a = arena_new(0);
    struct cube *c = cube_new(a);
    struct row *rows = arena_array(a, struct row, s->rows);
    struct cube_cell *cells = arena_array(a, struct cube_cell, s->rows);
    struct check k = {.expected = cells};
    size_t from = 0, counted = 0;
    struct rng r;

    rng_init(&r, seed, 0);
    cube_expect(c, s->expected);
    for (size_t i = 0; i < s->rows; i++) {
        int64_t kind = (int64_t)rng_below(&r, 20);

        /* later rows reach further: dictionaries grow */
        for (int d = 0; d < DIM_COUNT; d++)
            rows[i].code[d] =
                code(c, (enum dim)d,
                     rng_below(&r, 1 + s->extent[d] * (i + 1) / s->rows) %
                         s->extent[d]);
        rows[i].count = kind < 2 ? -1 - kind : (int64_t)rng_below(&r, 50);
        if (!s->batch) {
            add_single(c, &rows[i]);
        } else if (i + 1 - from == s->batch || i + 1 == s->rows) {
            add_batch(c, rows + from, i + 1 - from, a);
            from = i + 1;
        }
    }
    k.n = twin(rows, s->rows, cells);
    cube_each(c, same_cell, &k);
    assert_int_equal(k.at, k.n);
    /* only rows with a count make a cell that counts */
    for (size_t i = 0; i < s->rows; i++)
        if (rows[i].count >= 0)
            rows[counted++] = rows[i];
    assert_int_equal(cube_cells(c), twin(rows, counted, cells));
    /* memory goes with the rows, whatever the extents are */
    assert_true(cube_bytes(c) < (2 << 20) + 64 * s->rows);
    cube_free(c);
    arena_free(a);
}

static void test_like_a_list_of_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            check_shape(&shapes[i], seed);
}

static void test_margins(void **state)
{
    (void)state;
    for (size_t i = 1; i < 7; i += 4) {
        struct arena *a = arena_new(0);
        struct cube *c = cube_new(a);
        struct row *rows = arena_array(a, struct row, 2000);
        struct cube_cell *cells = arena_array(a, struct cube_cell, 2000);
        struct rng r;

        rng_init(&r, 5, i);
        for (size_t k = 0; k < 2000; k++) {
            int64_t kind = (int64_t)rng_below(&r, 20);

            for (int d = 0; d < DIM_COUNT; d++)
                rows[k].code[d] =
                    code(c, (enum dim)d,
                         rng_below(&r, MIN(shapes[i].extent[d], 30)));
            rows[k].count = kind < 2 ? -1 - kind : (int64_t)rng_below(&r, 50);
            add_single(c, &rows[k]);
        }
        check_margins(c, cells, twin(rows, 2000, cells), a);
        cube_free(c);
        arena_free(a);
    }
}

static void test_cells_counted(void **state)
{
    struct arena *a = arena_new(0);
    struct cube *c = cube_new(a);
    uint32_t x[DIM_COUNT] = {0};
    struct margin m;

    (void)state;
    assert_int_equal(cube_cells(c), 0);
    for (int d = 0; d < DIM_COUNT; d++)
        cube_code(c, (enum dim)d, STR(""));
    cube_code(c, DIM_AREA, STR("a"));
    assert_int_equal(cube_margin(c, DIM_BIT(DIM_AREA), DICT_NONE, a, &m),
                     RC_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.count[1], 0);
    assert_int_equal(cube_add(c, x, 0), RC_OK); /* a zero is a cell */
    assert_int_equal(cube_cells(c), 1);
    assert_int_equal(cube_add(c, x, 0), RC_OK);
    assert_int_equal(cube_cells(c), 1);
    x[DIM_AREA] = 1; /* withheld is not a count */
    assert_int_equal(cube_add_withheld(c, x), RC_OK);
    assert_int_equal(cube_cells(c), 1);
    cube_free(c);
    arena_free(a);
}

static bool first_only(void *ctx, const struct cube_cell *cell)
{
    (void)cell;
    return ++*(int *)ctx < 1;
}

static void test_limits(void **state)
{
    const int64_t most = (int64_t)1 << 62;
    struct arena *a = arena_new(0);
    struct cube *c = cube_new(a);
    uint32_t x[DIM_COUNT] = {0};
    struct margin m;
    int seen = 0;

    (void)state;
    for (int d = 0; d < DIM_COUNT; d++)
        cube_code(c, (enum dim)d, STR(""));
    x[DIM_AREA] = cube_code(c, DIM_AREA, STR("b"));
    assert_int_equal(cube_add(c, x, most - 3), RC_OK);
    x[DIM_AREA] = 0;
    assert_int_equal(cube_add(c, x, 4), RC_LIMIT);
    assert_int_equal(cube_cells(c), 1);
    assert_int_equal(cube_add(c, x, 3), RC_OK);
    assert_int_equal(cube_add(c, x, 1), RC_LIMIT);
    assert_int_equal(cube_add(c, x, most), RC_LIMIT);
    assert_int_equal(cube_margin(c, 0, DICT_NONE, a, &m), RC_OK);
    assert_int_equal(m.count[0], most);
    cube_each(c, first_only, &seen);
    assert_int_equal(seen, 1);
    cube_free(c);
    arena_free(a);
}

static void test_age_bands(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int low, high;
    } cases[] = {
        {"", true, -1, -1},
        {"0", true, 0, 0},
        {"7", true, 7, 7},
        {"20-24", true, 20, 24},
        {"80+", true, 80, INT_MAX},
        {"0-0", true, 0, 0},
        {"100+", true, 100, INT_MAX},
        {"00-04", true, 0, 4},
        {"24-20", false, 0, 0},
        {"20-", false, 0, 0},
        {"-20", false, 0, 0},
        {"+", false, 0, 0},
        {"20 - 24", false, 0, 0},
        {"80++", false, 0, 0},
        {"1000", false, 0, 0},
        {"5-1000", false, 0, 0},
        {"99999999999999", false, 0, 0},
        {"20-24x", false, 0, 0},
        {"x", false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct age_band b = {-7, -7};

        assert_int_equal(age_band_parse(str_of(cases[i].text), &b),
                         cases[i].ok);
        assert_int_equal(b.low, cases[i].ok ? cases[i].low : -7);
        assert_int_equal(b.high, cases[i].ok ? cases[i].high : -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_a_list_of_rows),
        cmocka_unit_test(test_margins),
        cmocka_unit_test(test_cells_counted),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_age_bands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
