/*
 * csv_rows.h: the rows of one block, one after the other, each checked.
 *
 * What a sound row is stands here, for every reader: closed quotes, no NUL
 * byte, valid UTF-8, as many fields as the header. Rows without any text are
 * passed over. Not shared between threads; the fields point into the block or
 * into `text` (owned: rows_free).
 */
#ifndef PASSERELLE_INTAKE_CSV_ROWS_H
#define PASSERELLE_INTAKE_CSV_ROWS_H

#include "intake/csv_block.h"
#include "intake/csv_split.h"
#include "intake/fault.h"

/* A fault before it is known in which line of the file its block begins. */
struct finding {
    enum fault_kind kind;
    uint64_t line, column; /* column 0: the row as a whole */
    uint64_t number[2];
    char text[96]; /* an excerpt of what was found */
};
void finding_report(const struct finding *f, const char *file,
                    const char *field, const char *encoding,
                    struct faults *faults);

enum row_state { ROW_OK, ROW_BAD, ROW_END };

struct rows {
    const struct block *block;
    char delimiter, quote;
    size_t row_max, n_columns; /* n_columns 0: any number (the header) */
    size_t at;
    uint64_t next_line;
    struct split split;
    char *text;
    size_t text_cap;

    /* The row at hand: its fields are split.field[0..split.n). */
    uint64_t line;
    struct finding bad; /* ROW_BAD: what and where */
};

/*
 * For a reader of whole blocks: the blocks of a table whose header was read,
 * its first block (take it over; `from` stands behind the header), and the
 * number of the line there. After this, csv_next may not be called.
 */
struct blocks *csv_blocks(struct csv *c, struct block *first, uint64_t *line);

/* Room for `n_columns` fields; RC_MEMORY. */
enum rc rows_columns(struct rows *r, size_t n_columns) MUST_USE;
/* Begins a block whose first line has the number `line`. RC_MEMORY. */
enum rc rows_begin(struct rows *r, const struct block *block,
                   uint64_t line) MUST_USE;
enum row_state rows_next(struct rows *r);
void rows_free(struct rows *r);

/* What was found, fit for a message: short, valid UTF-8, no control bytes. */
void excerpt(struct str s, char *out, size_t out_bytes);

#endif
