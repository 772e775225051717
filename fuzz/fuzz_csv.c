/*
 * fuzz_csv.c: any bytes as a table. They must not crash, and every way of
 * reading them must come to the same rows, cells and faults: blocks of any
 * size, the fast path and the rows one by one.
 *
 * The first byte chooses sizes and options; the others are the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "intake/table_population.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *wide_columns[] = {"b", "c"};
static const char *wide_origins[] = {"B", "C"};
static const char *texts[] = {"", "-1"};
static const char *from[] = {"x"}, *to[] = {"y"};
static const struct row_filter where = {"d", 2, texts};

struct seen {
    enum rc rc;
    uint64_t hash; /* of the rows or cells */
    uint64_t rows, taken, skipped, missing, withheld;
    uint64_t faults[FAULT_KINDS];
};

static void mix(struct seen *s, uint64_t v)
{
    s->hash = (s->hash ^ v) * 0x9E3779B97F4A7C15u;
    s->hash ^= s->hash >> 29;
}

static void same(const struct seen *a, const struct seen *b)
{
    REQUIRE(a->rc == b->rc);
    if (a->faults[FAULT_COUNT_TOTAL]) /* ends within a block */
        return;
    REQUIRE(a->hash == b->hash);
    REQUIRE(a->taken == b->taken && a->skipped == b->skipped);
    REQUIRE(a->missing == b->missing && a->withheld == b->withheld);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        REQUIRE(a->faults[i] == b->faults[i]);
}

static bool add_cell(void *ctx, const struct cube_cell *cell)
{
    struct seen *s = ctx;

    for (int d = 0; d < DIM_COUNT; d++)
        mix(s, cell->code[d]);
    mix(s, (uint64_t)cell->count);
    mix(s, cell->withheld);
    mix(s, cell->missing);
    return true;
}

static void finish(struct seen *s, struct cube *cube, struct faults *faults,
                   const struct population_result *out)
{
    if (cube)
        cube_each(cube, add_cell, s);
    memcpy(s->faults, faults->count, sizeof s->faults);
    if (out) {
        s->rows = out->rows;
        s->taken = out->taken;
        s->skipped = out->skipped;
        s->missing = out->missing;
        s->withheld = out->withheld;
    }
    cube_free(cube);
}

static struct seen read_rows(const char *path, const struct csv_options *o)
{
    struct arena *a = arena_new(0);
    struct seen s = {.hash = 1};
    const struct csv_row *row;
    struct faults faults;
    struct csv *c;

    faults_init(&faults, a);
    s.rc = csv_open(&c, path, "t", o, a, &faults, NULL);
    while (s.rc == RC_OK && csv_next(c, &row, NULL) == RC_OK && row) {
        REQUIRE(row->n == csv_columns(c));
        mix(&s, row->line);
        for (size_t i = 0; i < row->n; i++) {
            REQUIRE(str_utf8_valid(row->field[i], NULL));
            mix(&s, str_hash(row->field[i]));
        }
    }
    csv_close(c);
    finish(&s, NULL, &faults, NULL);
    arena_free(a);
    return s;
}

static struct seen read_counts(const char *path, const struct csv_options *o,
                               const struct population_spec *spec,
                               unsigned threads)
{
    struct arena *a = arena_new(0);
    struct cube *cube = cube_new(a);
    struct population_result out;
    struct seen s = {.hash = 1};
    struct faults faults;

    faults_init(&faults, a);
    s.rc = population_read_csv(path, o, spec, threads, NULL, cube, a, &faults,
                               &out, NULL);
    finish(&s, cube, &faults, &out);
    arena_free(a);
    return s;
}

/* The same, through the reader of rows. */
static struct seen read_fields(const char *path, const struct csv_options *o,
                               const struct population_spec *spec)
{
    struct arena *a = arena_new(0);
    struct cube *cube = cube_new(a);
    struct population_result out = {0};
    struct population_table *t = NULL;
    struct seen s = {.hash = 1};
    const struct csv_row *row;
    struct faults faults;
    struct csv *c;

    faults_init(&faults, a);
    s.rc = csv_open(&c, path, "t", o, a, &faults, NULL);
    if (s.rc == RC_OK) {
        struct str *header = arena_array(a, struct str, csv_columns(c));

        for (size_t i = 0; i < csv_columns(c); i++)
            header[i] = csv_column(c, i);
        s.rc = population_open(&t, spec, header, csv_columns(c), cube, a,
                               &faults, NULL);
    }
    while (t && csv_next(c, &row, NULL) == RC_OK && row)
        REQUIRE(population_row(t, row->field, row->n, row->line, NULL) ==
                RC_OK);
    if (t)
        REQUIRE(population_finish(t, &out, NULL) == RC_OK);
    csv_close(c);
    finish(&s, cube, &faults, &out);
    arena_free(a);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *encodings[] = {NULL,       "latin1",    "windows-1252",
                                      "utf-16le", "shift_jis", "utf-7"};
    struct population_spec spec = {
        .file = "t",
        .column = {"a", NULL, NULL, NULL, NULL},
        .codes = {[DIM_AREA] = {1, from, to}},
        .missing = texts,
        .n_missing = 1,
        .suppressed = texts + 1,
        .n_suppressed = 1,
    };
    struct csv_options o = {.row_max = 200}, other;
    struct seen first, second;
    char path[64];
    int fd;

    if (n < 1)
        return 0;
    if (data[0] & 1) {
        spec.n_wide = 2;
        spec.wide_column = wide_columns;
        spec.wide_origin = wide_origins;
    } else {
        spec.column[DIM_ORIGIN] = "b";
        spec.column[DIM_PERIOD] = data[0] & 2 ? "d" : NULL;
        spec.count = "c";
    }
    spec.n_where = data[0] >> 2 & 1;
    spec.where = &where;
    o.encoding = encodings[(data[0] >> 3 & 7) % ARRAY_LEN(encodings)];
    o.no_header = data[0] >> 6 == 3;
    fd = memfd_create("table", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && write(fd, data + 1, n - 1) == (ssize_t)n - 1);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    other = o;
    other.block = 1 + data[0] % 37;

    first = read_rows(path, &o);
    second = read_rows(path, &other);
    same(&first, &second);
    first = read_counts(path, &o, &spec, 1);
    second = read_counts(path, &other, &spec, 1 + data[0] % 2);
    same(&first, &second);
    REQUIRE(first.rows == second.rows || first.faults[FAULT_COUNT_TOTAL]);
    second = read_fields(path, &other, &spec);
    same(&first, &second);
    close(fd);
    return 0;
}
