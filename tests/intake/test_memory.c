/*
 * intake/: every allocation of the CSV reader, the stream, the decoder and the
 * cube fails in turn. The answer is then RC_MEMORY, never a wrong result, and
 * nothing is lost (AddressSanitizer watches).
 */
#define ALLOC_FAIL_ITSELF
#include "alloc_fail.h"
#include "intake/table_population.h"
#include "table_file.h"

#include <errno.h>
#include <stdatomic.h>

static _Atomic long left = -1;

void alloc_fail_after(long n)
{
    left = n;
}

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *fail_malloc(size_t n)
{
    return fails() ? NULL : malloc(n);
}

void *fail_calloc(size_t n, size_t size)
{
    return fails() ? NULL : calloc(n, size);
}

void *fail_realloc(void *p, size_t n)
{
    return fails() ? NULL : realloc(p, n);
}

void *fail_mmap(void *at, size_t n, int prot, int flags, int fd, off_t from)
{
    if (!fails())
        return mmap(at, n, prot, flags, fd, from);
    errno = ENOMEM;
    return MAP_FAILED;
}

static const char *yes[] = {"y"}, *star[] = {"*"};
static const struct row_filter where = {"take", 1, yes};
static const struct population_spec spec = {
    .file = "t.csv",
    .column = {"area", "origin", NULL, NULL, "year"},
    .count = "n",
    .n_where = 1,
    .where = &where,
    .suppressed = star,
    .n_suppressed = 1,
};

/* Enough texts and rows that everything has to grow. */
static void write_table(struct buf *csv, unsigned spread)
{
    buf_adds(csv, "take;area;origin;year;n\n");
    for (unsigned i = 0; i < 700; i++)
        buf_fmt(csv, "%c;a%u;\"o%u\";%u;%s\n", i % 5 ? 'y' : 'n',
                i * 7 % (10 * spread), i * 11 % (90 * spread), i % (3 * spread),
                i % 50    ? "3"
                : i % 100 ? "*"
                          : "x");
}

/* Returns what was read; *total from the cube, which must be sound. */
static enum rc read_once(struct fixture *f, const struct csv_options *o,
                         void (*fail_after)(long), long n, int64_t *total)
{
    struct cube *cube = cube_new(f->a);
    struct population_result out;
    struct margin m;
    struct err err;
    enum rc rc;

    fail_after(n);
    rc = population_read_csv(f->path, o, &spec, 1, NULL, cube, f->a, &f->faults,
                             &out, &err);
    alloc_fail_after(-1);
    arena_fail_after(-1);
    if (rc == RC_OK && cube_dict(cube, DIM_AREA)->n) {
        assert_int_equal(cube_margin(cube, 0, DICT_NONE, f->a, &m), RC_OK);
        *total = m.count[0];
    }
    cube_free(cube);
    return rc;
}

static void check_all(struct fixture *f, const struct csv_options *o,
                      void (*fail_after)(long))
{
    int64_t expected = -1, total = -1;
    long n = 0;

    assert_int_equal(read_once(f, o, fail_after, -1, &expected), RC_OK);
    assert_true(expected > 0);
    for (;; n++) {
        enum rc rc = read_once(f, o, fail_after, n, &total);

        if (rc == RC_OK)
            break;
        assert_int_equal(rc, RC_MEMORY);
    }
    assert_int_equal(total, expected);
    assert_true(n > 5); /* something did fail */
}

static void test_population(void **state)
{
    static const size_t blocks[] = {0, 1000};
    struct fixture *f = *state;

    for (unsigned spread = 1; spread <= 50; spread += 24)
        for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
            struct csv_options o = {.block = blocks[i]};
            AUTO(buf) struct buf csv;

            buf_init(&csv, BUF_CEILING);
            write_table(&csv, spread);
            put(f, csv.p, csv.n);
            check_all(f, &o, alloc_fail_after);
            check_all(f, &o, arena_fail_after);
        }
}

static enum rc read_rows(struct fixture *f, size_t *rows)
{
    AUTO(csv) struct csv *c = NULL;
    const struct csv_row *row;
    struct csv_options o = {.block = 50, .encoding = "windows-1252"};
    struct err err;
    enum rc rc = csv_open(&c, f->path, "t", &o, f->a, &f->faults, &err);

    for (*rows = 0; rc == RC_OK; ++*rows) {
        rc = csv_next(c, &row, &err);
        if (rc || !row)
            break;
    }
    alloc_fail_after(-1);
    arena_fail_after(-1);
    return rc;
}

static void test_rows(void **state)
{
    void (*const ways[])(long) = {alloc_fail_after, arena_fail_after};
    struct fixture *f = *state;
    AUTO(buf) struct buf csv;
    size_t rows;

    buf_init(&csv, BUF_CEILING);
    buf_adds(&csv, "a,b\n");
    for (int i = 1; i < 200; i++) /* rows grow: so must the block */
        buf_fmt(&csv, "%d,%0*d\n", i, i, i);
    put(f, csv.p, csv.n);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        long n = 0;
        enum rc rc;

        do {
            ways[i](n++);
            rc = read_rows(f, &rows);
            assert_true(rc == RC_OK || rc == RC_MEMORY);
        } while (rc != RC_OK);
        assert_int_equal(rows, 199);
        assert_true(n > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_population, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
