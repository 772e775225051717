/*
 * csv_block.h: a stream of text cut into blocks of whole rows.
 *
 * Inside intake only: csv.c reads rows from blocks one after the other,
 * table_population.c hands blocks to threads. A row ends at a line end outside
 * quotes; a quote opens only as the first character of a field. Both places
 * and csv_split.c hold to that one rule.
 *
 * Block buffers are owned by the caller and kept between calls; BLOCK_PAD bytes
 * behind the text may be read and are zero.
 */
#ifndef PASSERELLE_INTAKE_CSV_BLOCK_H
#define PASSERELLE_INTAKE_CSV_BLOCK_H

#include "intake/csv.h"
#include "intake/stream.h"

enum { BLOCK_PAD = 64 };

struct block {
    char *p;
    size_t n, cap;
    size_t from;     /* rows begin here: the header is before it */
    uint64_t number; /* from 0, in the order of the file */
    bool quotes;     /* there is a quotation mark somewhere */
    bool too_long;   /* the last row is cut off: it passes the limit */
};

struct blocks {
    struct stream *stream; /* owned */
    char delimiter, quote;
    size_t size, row_max;
    struct block rest; /* what was read beyond the last whole row ... */
    size_t rest_at;    /* ... from here */
    uint64_t next_number;
    bool end; /* of the stream */
};

/* Opens the stream and recognises the delimiter. */
enum rc blocks_open(struct blocks *b, const char *path, const char *file,
                    const struct csv_options *options, struct faults *faults,
                    struct err *err) MUST_USE;
/* block->n == 0: the end. */
enum rc blocks_next(struct blocks *b, struct block *block,
                    struct err *err) MUST_USE;
void blocks_close(struct blocks *b);
void block_free(struct block *block);

/* Length of the whole rows at the front of p[0..n). */
size_t csv_whole_rows(const char *p, size_t n, char delimiter, char quote);

#endif
