/*
 * table_population.h: a table of counts, long or wide, into the cube.
 *
 * Columns are named by their header. Each row is decided in this order: number
 * of fields; the `where` filters (a row that fails one is skipped); the
 * dimensions; the count. Blanks around a text do not count. A dimension's text
 * is replaced through `codes` when it stands there, else kept; whether it makes
 * sense (a known area, a sex, an age) is checked afterwards on the cube's
 * dictionaries, with `first_line` as the place. Repeated cells add up.
 *
 * A count is digits, or digits with a decimal point and only zeros after it,
 * up to 2^62. A text in `missing` or `suppressed` is that, before all else.
 * Anything that could be read two ways ("1.234", "1,234", "1 234") is a fault.
 *
 * Memory grows with the number of cells, not of rows. The result does not
 * depend on `threads`: dictionaries are in the order of the file.
 *
 * Return code: RC_OK also with faults in the content; RC_INVALID when nothing
 * could be read (no such column, no header, ...), with the reason in `faults`;
 * RC_IO, RC_NOT_FOUND, RC_MEMORY, RC_LIMIT, RC_CANCELLED with `err`. The faults
 * table-empty, where-none and their like are the caller's, from `out`.
 */
#ifndef PASSERELLE_TABLE_POPULATION_H
#define PASSERELLE_TABLE_POPULATION_H

#include "base/progress.h"
#include "intake/csv.h"
#include "intake/cube.h"

struct code_map { /* text in the file -> our text; texts already trimmed */
    size_t n;
    const char **from, **to;
};

struct row_filter { /* the row is taken if the column holds one of these */
    const char *column;
    size_t n;
    const char **values;
};

/* Everything is borrowed for the length of the call. */
struct population_spec {
    const char *file; /* the name that faults carry */
    /* Column of each dimension; NULL: the table does not have it. In the wide
     * layout (n_wide > 0) column[DIM_ORIGIN] and count are NULL. */
    const char *column[DIM_COUNT];
    const char *count;
    size_t n_wide;
    const char **wide_column, **wide_origin; /* origin as in the cube */
    struct code_map codes[DIM_COUNT];
    size_t n_where;
    const struct row_filter *where;
    size_t n_missing, n_suppressed;
    const char **missing, **suppressed;
};

struct population_result {
    uint64_t rows;    /* read, header and blank lines aside */
    uint64_t taken;   /* rows that passed the filters and were sound */
    uint64_t skipped; /* rows that a filter left out */
    uint64_t missing; /* counts (not rows) missing, withheld */
    uint64_t withheld;
    /* By code of the cube: line of first appearance in this table (0: not in
     * it; for a wide table's origins: the header's line), and rows taken of
     * each period. Arena. */
    uint64_t *first_line[DIM_COUNT];
    size_t n_codes[DIM_COUNT]; /* length of first_line[d] */
    uint64_t *period_rows;     /* length n_codes[DIM_PERIOD] */
    /* Field number of each dimension, from 1; 0: none or wide. */
    uint64_t column[DIM_COUNT];
};

/*
 * Streams a CSV file (see csv.h) into the cube. `threads` = 0: as many as
 * useful. `out` is complete also when there were faults.
 */
enum rc population_read_csv(const char *path, const struct csv_options *options,
                            const struct population_spec *spec,
                            unsigned threads, const struct progress *progress,
                            struct cube *cube, struct arena *a,
                            struct faults *faults,
                            struct population_result *out,
                            struct err *err) MUST_USE;

/*
 * The same rules for a table read elsewhere (a spreadsheet): give the header,
 * then each row as texts, then finish. A missing column is a fault of
 * population_open, which then leaves *out NULL with RC_INVALID.
 */
struct population_table; /* owned; population_finish frees it */
enum rc population_open(struct population_table **out,
                        const struct population_spec *spec,
                        const struct str *header, size_t n_columns,
                        struct cube *cube, struct arena *a,
                        struct faults *faults, struct err *err) MUST_USE;
enum rc population_row(struct population_table *t, const struct str *field,
                       size_t n, uint64_t line, struct err *err) MUST_USE;
enum rc population_finish(struct population_table *t,
                          struct population_result *out,
                          struct err *err) MUST_USE;

/*
 * The rules of one count, for other tables too (flows, outcomes).
 * COUNT_OK sets *value; COUNT_FAULT sets *kind.
 */
enum count_state { COUNT_OK, COUNT_MISSING, COUNT_WITHHELD, COUNT_FAULT };
enum count_state count_parse(struct str text, const struct population_spec *s,
                             int64_t *value, enum fault_kind *kind);

#endif
