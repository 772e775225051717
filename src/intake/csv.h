/*
 * csv.h: tables of delimited text, read row by row.
 *
 * Plain, gzip and zstd files are told apart by their content. A byte-order
 * mark (UTF-8, UTF-16) decides the encoding; without one it is the declared
 * encoding, or UTF-8. The delimiter (, ; tab |) is recognised from the header
 * unless given. Fields may be quoted, with quotes doubled inside; they may hold
 * line ends. LF, CRLF and CR-LF mixtures end a row; a line without any text is
 * passed over. Texts come out as valid UTF-8.
 *
 * What is wrong with the content goes to `faults` and reading goes on where it
 * can: a row with a wrong number of fields, with invalid UTF-8 or a NUL byte is
 * not handed out. A quote that never closes, or a row longer than the limit,
 * ends the table. Beyond that the return code tells of failures outside the
 * content (RC_IO, RC_NOT_FOUND, RC_MEMORY).
 *
 * Memory: O(longest row), never the whole file. A `struct csv` is owned: close
 * it (AUTO(csv)). Rows are borrowed: valid until the next csv_next. One thread.
 */
#ifndef PASSERELLE_CSV_H
#define PASSERELLE_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "intake/fault.h"

enum {
    CSV_ROW_MAX = 1 << 20,  /* bytes of one row */
    CSV_COLUMNS_MAX = 16384 /* as many as a spreadsheet has */
};

struct csv_options {
    char delimiter;       /* 0: recognised from the header */
    char quote;           /* 0: '"' */
    const char *encoding; /* as declared; NULL: UTF-8 */
    bool no_header;       /* columns are then named "1", "2", ... */
    size_t row_max;       /* bytes; 0: CSV_ROW_MAX */
    size_t block;         /* bytes read at once; 0: chosen */
};

struct csv_row {
    const struct str *field; /* csv_columns() of them; column is index + 1 */
    size_t n;
    uint64_t line; /* physical line on which the row begins, from 1 */
};

struct csv;

/*
 * Opens `path` and reads the header. `file` is the name that faults carry
 * (borrowed). RC_INVALID: there is no table to read, and a fault says why (an
 * empty file, an unknown encoding, a broken header).
 */
enum rc csv_open(struct csv **out, const char *path, const char *file,
                 const struct csv_options *options, struct arena *a,
                 struct faults *faults, struct err *err) MUST_USE;
size_t csv_columns(const struct csv *c);
struct str csv_column(const struct csv *c, size_t i); /* trimmed name */
/* Index of a column by its exact name, or SIZE_MAX. */
size_t csv_find(const struct csv *c, const char *name);
/* *row is NULL at the end. */
enum rc csv_next(struct csv *c, const struct csv_row **row,
                 struct err *err) MUST_USE;
char csv_delimiter(const struct csv *c);
void csv_close(struct csv *c);
void cleanup_csv(struct csv **c);

#endif
