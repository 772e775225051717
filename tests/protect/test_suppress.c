/*
 * The rule on single lines, on known tables and on random ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"
#include "protect/suppress.h"

/* A table with both margins and the grand total, all published. */
struct grid {
    struct suppress s;
    uint32_t rows, columns;
};

static uint32_t grid_at(const struct grid *g, uint32_t i, uint32_t j)
{
    return i * (g->columns + 1) + j;
}

static void grid_init(struct grid *g, uint32_t rows, uint32_t columns,
                      const int64_t *counts, struct arena *a)
{
    g->rows = rows;
    g->columns = columns;
    suppress_init(&g->s, (rows + 1) * (columns + 1), a);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++) {
            int64_t n = counts[i * columns + j];

            g->s.count[grid_at(g, i, j)] = n;
            g->s.count[grid_at(g, i, columns)] += n;
            g->s.count[grid_at(g, rows, j)] += n;
            g->s.count[grid_at(g, rows, columns)] += n;
        }
    for (uint32_t i = 0; i <= rows; i++) {
        suppress_line(&g->s, grid_at(g, i, columns));
        for (uint32_t j = 0; j < columns; j++)
            suppress_part(&g->s, grid_at(g, i, j));
    }
    for (uint32_t j = 0; j <= columns; j++) {
        suppress_line(&g->s, grid_at(g, rows, j));
        for (uint32_t i = 0; i < rows; i++)
            suppress_part(&g->s, grid_at(g, i, j));
    }
}

/* A lone small cell takes one more in its row, its column and their corner. */
static void lone_cell(void **state)
{
    static const int64_t counts[] = {2, 10, 50, 20, 30, 60, 70, 80, 90};
    struct arena *a = arena_new(0);
    struct grid g;
    size_t withheld = 0;

    (void)state;
    grid_init(&g, 3, 3, counts, a);
    suppress_run(&g.s, 5, true);
    assert_int_equal(g.s.state[grid_at(&g, 0, 0)], SUPPRESS_PRIMARY);
    assert_int_equal(g.s.state[grid_at(&g, 0, 1)], SUPPRESS_SECONDARY);
    assert_int_equal(g.s.state[grid_at(&g, 1, 0)], SUPPRESS_SECONDARY);
    assert_int_equal(g.s.state[grid_at(&g, 1, 1)], SUPPRESS_SECONDARY);
    for (uint32_t i = 0; i < g.s.n_cells; i++)
        withheld += g.s.state[i] != SUPPRESS_OPEN;
    assert_int_equal(withheld, 4);
    arena_free(a);
}

static void primary_only(void **state)
{
    static const int64_t counts[] = {0, 4, 5, 1, 100, 7};
    struct arena *a = arena_new(0);
    struct grid g;

    (void)state;
    grid_init(&g, 2, 3, counts, a);
    suppress_run(&g.s, 5, false);
    for (uint32_t i = 0; i < g.s.n_cells; i++)
        assert_int_equal(g.s.state[i], g.s.count[i] > 0 && g.s.count[i] < 5
                                           ? SUPPRESS_PRIMARY
                                           : SUPPRESS_OPEN);
    assert_int_equal(g.s.state[grid_at(&g, 0, 0)], SUPPRESS_OPEN);
    arena_free(a);
}

static void nothing_below_two(void **state)
{
    static const int64_t counts[] = {1, 2, 3, 4};

    (void)state;
    for (int64_t threshold = 0; threshold <= 1; threshold++) {
        struct arena *a = arena_new(0);
        struct grid g;

        grid_init(&g, 2, 2, counts, a);
        suppress_run(&g.s, threshold, true);
        for (uint32_t i = 0; i < g.s.n_cells; i++)
            assert_int_equal(g.s.state[i], SUPPRESS_OPEN);
        arena_free(a);
    }
}

/* Two withheld ones whose sum is two are known: a third must join them. */
static void sum_says_nothing(void **state)
{
    static const int64_t counts[] = {1, 1, 40, 30, 40, 50, 60, 60, 60};
    struct arena *a = arena_new(0);
    struct grid g;

    (void)state;
    grid_init(&g, 3, 3, counts, a);
    suppress_run(&g.s, 5, true);
    assert_int_not_equal(g.s.state[grid_at(&g, 0, 2)], SUPPRESS_OPEN);
    arena_free(a);
}

/* The same quantity in two tables: withheld in one, withheld in both. */
static void linked_twins(void **state)
{
    struct arena *a = arena_new(0);
    struct suppress s;

    (void)state;
    suppress_init(&s, 4, a); /* 0 total, 1 and 2 its parts, 3 twin of 1 */
    s.count[0] = 63;
    s.count[1] = s.count[3] = 3;
    s.count[2] = 60;
    suppress_line(&s, 0);
    suppress_part(&s, 1);
    suppress_part(&s, 2);
    suppress_line(&s, 3);
    suppress_part(&s, 1);
    suppress_run(&s, 5, true);
    assert_int_not_equal(s.state[1], SUPPRESS_OPEN);
    assert_int_not_equal(s.state[2], SUPPRESS_OPEN);
    assert_int_not_equal(s.state[3], SUPPRESS_OPEN);
    arena_free(a);
}

/* What one line tells of a withheld part: from 1 to sum - (others). */
static void grid_check(const struct grid *g, int64_t threshold)
{
    const struct suppress *s = &g->s;

    for (uint32_t i = 0; i < s->n_cells; i++) {
        if (s->count[i] == 0)
            assert_int_equal(s->state[i], SUPPRESS_OPEN);
        if (s->count[i] > 0 && s->count[i] < threshold)
            assert_int_not_equal(s->state[i], SUPPRESS_OPEN);
    }
    for (size_t k = 0; k < s->n_lines; k++) {
        const struct suppress_line *l = &s->lines[k];
        int64_t open = 0, hidden = 0;

        for (uint32_t i = 0; i < l->n; i++) {
            uint32_t cell = s->parts[l->first + i];

            if (s->state[cell] == SUPPRESS_OPEN)
                open += s->count[cell];
            else
                hidden++;
        }
        if (s->state[l->total] != SUPPRESS_OPEN) {
            assert_true(hidden > 0);
        } else if (hidden > 0) {
            int64_t rest = s->count[l->total] - open;

            assert_true(hidden >= 2);
            assert_true(rest - (hidden - 1) >= threshold);
        }
    }
}

static void random_tables(void **state)
{
    static const int64_t tops[] = {2, 6, 12, 40, 400};
    struct rng rng;

    (void)state;
    rng_init(&rng, 20240607, 1);
    for (int round = 0; round < 1500; round++) {
        struct arena *a = arena_new(0);
        uint32_t rows = 1 + (uint32_t)rng_below(&rng, 9);
        uint32_t columns = 1 + (uint32_t)rng_below(&rng, 9);
        int64_t top = tops[rng_below(&rng, ARRAY_LEN(tops))];
        int64_t threshold = 2 + (int64_t)rng_below(&rng, 9);
        int64_t counts[81];
        struct grid g;

        for (uint32_t i = 0; i < rows * columns; i++)
            counts[i] = rng_below(&rng, 3) == 0
                            ? 0
                            : (int64_t)rng_below(&rng, (uint64_t)top * 10) /
                                  (1 + (int64_t)rng_below(&rng, 10));
        grid_init(&g, rows, columns, counts, a);
        suppress_run(&g.s, threshold, true);
        grid_check(&g, threshold);
        arena_free(a);
    }
}

/* A reader who solves line after line finds nothing. */
static void peeling_finds_nothing(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 11, 2);
    for (int round = 0; round < 300; round++) {
        struct arena *a = arena_new(0);
        int64_t counts[7 * 8];
        struct grid g;
        bool found = false;

        for (size_t i = 0; i < ARRAY_LEN(counts); i++)
            counts[i] = (int64_t)rng_below(&rng, 40);
        grid_init(&g, 7, 8, counts, a);
        suppress_run(&g.s, 5, true);
        for (size_t k = 0; k < g.s.n_lines; k++) {
            const struct suppress_line *l = &g.s.lines[k];
            unsigned unknown = g.s.state[l->total] != SUPPRESS_OPEN;

            for (uint32_t i = 0; i < l->n; i++)
                unknown += g.s.state[g.s.parts[l->first + i]] != SUPPRESS_OPEN;
            found |= unknown == 1;
        }
        assert_false(found);
        arena_free(a);
    }
}

/* Cells of the grid between its rows and its columns; totals to one node. */
static void grid_network(struct grid *g)
{
    uint32_t rows = suppress_nodes(&g->s, g->rows + 1);
    uint32_t columns = suppress_nodes(&g->s, g->columns + 1);

    for (uint32_t i = 0; i <= g->rows; i++)
        for (uint32_t j = 0; j <= g->columns; j++) {
            bool total_of_row = j == g->columns, total_of_column = i == g->rows;
            uint32_t from = rows + i, to = columns + j;

            /* the grand total closes the circle */
            if (total_of_row || total_of_column)
                suppress_edge(&g->s, grid_at(g, i, j), to, from);
            else
                suppress_edge(&g->s, grid_at(g, i, j), from, to);
            if (total_of_row && total_of_column)
                suppress_edge(&g->s, grid_at(g, i, j), from, to);
        }
}

/*
 * Two withheld cells or more in every line, and yet the one between the two
 * blocks is known: what the first two rows withhold less what the first two
 * columns withhold. The lines alone are content; the network is not.
 */
static void two_a_line_is_not_enough(void **state)
{
    static const int64_t counts[] = {4,  4,  60, 70, 4,  4,  3, 71,
                                     62, 72, 4,  4,  63, 73, 4, 4};
    struct arena *a = arena_new(0);
    size_t withheld = 0, added = 0;
    struct grid g;

    (void)state;
    grid_init(&g, 4, 4, counts, a);
    suppress_run(&g.s, 5, true);
    for (uint32_t i = 0; i < g.s.n_cells; i++) {
        withheld += g.s.state[i] != SUPPRESS_OPEN;
        assert_int_not_equal(g.s.state[i], SUPPRESS_SECONDARY);
    }
    assert_int_equal(withheld, 9);
    grid_network(&g);
    suppress_audit(&g.s, 5);
    assert_int_equal(g.s.unsure, 0);
    for (uint32_t i = 0; i < g.s.n_cells; i++)
        added += g.s.state[i] == SUPPRESS_SECONDARY;
    assert_int_equal(added, 1); /* the cheapest second way between the blocks */
    assert_int_equal(g.s.state[grid_at(&g, 0, 2)], SUPPRESS_SECONDARY);
    arena_free(a);
}

/* All tables that a reader must think possible, counted out. */
struct count_out {
    const struct grid *g;
    int64_t cell[9], high[9];
    int64_t row[3], column[3]; /* left to give */
    size_t found;
};

static void count_out(struct count_out *c, uint32_t k)
{
    uint32_t i = k / 3, j = k % 3;
    uint32_t at = k < 9 ? grid_at(c->g, i, j) : 0;
    bool hidden;
    int64_t low, high;

    if (k == 9) {
        c->found++;
        for (size_t n = 0; n < 9; n++)
            c->high[n] = c->cell[n] > c->high[n] ? c->cell[n] : c->high[n];
        return;
    }
    hidden = c->g->s.state[at] != SUPPRESS_OPEN;
    low = hidden ? 1 : c->g->s.count[at];
    high = hidden ? (c->row[i] < c->column[j] ? c->row[i] : c->column[j])
                  : c->g->s.count[at];
    if (j == 2 && hidden)
        low = c->row[i] > 1 ? c->row[i] : 1;
    for (int64_t n = low; n <= high; n++) {
        c->row[i] -= n;
        c->column[j] -= n;
        c->cell[k] = n;
        if (c->row[i] >= 0 && c->column[j] >= 0 && (j < 2 || c->row[i] == 0) &&
            (i < 2 || c->column[j] == 0))
            count_out(c, k + 1);
        c->row[i] += n;
        c->column[j] += n;
    }
}

static void audit_counted_out(void **state)
{
    struct rng rng;
    size_t counted = 0, primaries = 0;

    (void)state;
    rng_init(&rng, 77, 3);
    for (int round = 0; round < 1500; round++) {
        struct arena *a = arena_new(0);
        int64_t counts[9], threshold = 3 + (int64_t)rng_below(&rng, 3);
        struct count_out c = {.found = 0};
        struct grid g;
        bool totals = true;

        for (size_t i = 0; i < 9; i++)
            counts[i] = (int64_t)rng_below(&rng, rng_below(&rng, 2) ? 5 : 14);
        grid_init(&g, 3, 3, counts, a);
        suppress_run(&g.s, threshold, rng_below(&rng, 2));
        grid_network(&g);
        suppress_audit(&g.s, threshold);
        c.g = &g;
        for (uint32_t i = 0; i < 3; i++) {
            c.row[i] = g.s.count[grid_at(&g, i, 3)];
            c.column[i] = g.s.count[grid_at(&g, 3, i)];
            totals &= g.s.state[grid_at(&g, i, 3)] == SUPPRESS_OPEN &&
                      g.s.state[grid_at(&g, 3, i)] == SUPPRESS_OPEN;
        }
        if (totals && g.s.unsure == 0) {
            count_out(&c, 0);
            assert_true(c.found > 0);
            counted++;
            for (uint32_t k = 0; k < 9; k++) {
                uint32_t at = grid_at(&g, k / 3, k % 3);

                if (g.s.state[at] != SUPPRESS_PRIMARY)
                    continue;
                primaries++;
                assert_true(c.high[k] >= threshold);
            }
        }
        arena_free(a);
    }
    assert_true(counted > 200 && primaries > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lone_cell),
        cmocka_unit_test(primary_only),
        cmocka_unit_test(nothing_below_two),
        cmocka_unit_test(sum_says_nothing),
        cmocka_unit_test(linked_twins),
        cmocka_unit_test(random_tables),
        cmocka_unit_test(peeling_finds_nothing),
        cmocka_unit_test(two_a_line_is_not_enough),
        cmocka_unit_test(audit_counted_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
