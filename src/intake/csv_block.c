#include "intake/csv_block.h"

#include <stdlib.h>

enum {
    BLOCK_BYTES = 128 << 10, /* a block and what is made of it fit the cache */
    SNIFF_ROWS = 16
};

static bool block_room(struct block *b, size_t n)
{
    char *p;

    if (n <= b->cap)
        return true;
    p = realloc(b->p, n + BLOCK_PAD);
    if (!p)
        return false;
    b->p = p;
    b->cap = n;
    return true;
}

void block_free(struct block *block)
{
    free(block->p);
    *block = (struct block){0};
}

/* From a quotation mark that opens a field to the one that closes it. */
static const char *quote_end(const char *p, const char *end, char quote)
{
    for (p++; p < end; p += 2) {
        p = memchr(p, quote, (size_t)(end - p));
        if (!p)
            return end;
        if (p + 1 == end || p[1] != quote)
            return p;
    }
    return end;
}

size_t csv_whole_rows(const char *p, size_t n, char delimiter, char quote)
{
    const char *end = p + n, *from = p, *whole = p, *at = p;

    while (at < end) {
        const char *q = memchr(at, quote, (size_t)(end - at));
        const char *line = memrchr(from, '\n', (size_t)((q ? q : end) - from));

        if (line)
            whole = line + 1;
        if (!q)
            break;
        at = q + 1;
        if (q == p || q[-1] == '\n' || q[-1] == delimiter) {
            const char *closed = quote_end(q, end, quote);

            if (closed == end)
                break;
            at = from = closed + 1;
        }
    }
    return (size_t)(whole - p);
}

/* --- recognising the delimiter ------------------------------------------ */

static const char candidates[] = {',', ';', '\t', '|'};

/*
 * Counts each candidate in the first rows. The one that is in the header, and
 * equally often in every row, wins; then the most frequent in the header.
 */
static char sniff(const char *p, size_t n, char quote)
{
    size_t in_header[ARRAY_LEN(candidates)] = {0};
    size_t in_row[ARRAY_LEN(candidates)] = {0};
    bool even[ARRAY_LEN(candidates)] = {true, true, true, true};
    bool quoted = false;
    size_t row = 0, best = 0;

    for (size_t i = 0; i < n && row < SNIFF_ROWS; i++) {
        if (p[i] == quote)
            quoted = !quoted;
        if (quoted)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(candidates); k++)
            in_row[k] += p[i] == candidates[k];
        if (p[i] != '\n')
            continue;
        for (size_t k = 0; k < ARRAY_LEN(candidates); k++) {
            if (row == 0)
                in_header[k] = in_row[k];
            even[k] &= in_row[k] == in_header[k];
            in_row[k] = 0;
        }
        row++;
    }
    if (row == 0)
        memcpy(in_header, in_row, sizeof in_row);
    for (size_t k = 1; k < ARRAY_LEN(candidates); k++) {
        bool better = even[k] != even[best] && in_header[k] && in_header[best]
                          ? even[k]
                          : in_header[k] > in_header[best];

        if (better)
            best = k;
    }
    return candidates[best];
}

/* --- blocks -------------------------------------------------------------- */

/* Fills `block` up to `want` bytes, from the rest first. */
static enum rc fill(struct blocks *b, struct block *block, size_t want,
                    struct err *err)
{
    size_t some = MIN(b->rest.n - b->rest_at, want - block->n);
    enum rc rc;

    if (!block_room(block, want))
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (some)
        memcpy(block->p + block->n, b->rest.p + b->rest_at, some);
    b->rest_at += some;
    block->n += some;
    if (block->n == want || b->end)
        return RC_OK;
    rc = stream_read(b->stream, block->p + block->n, want - block->n, &some,
                     err);
    block->n += some;
    b->end = rc == RC_OK && block->n < want;
    return rc;
}

/* Leaves `whole` bytes in `block` and puts the others back. */
static enum rc cut(struct blocks *b, struct block *block, size_t whole,
                   struct err *err)
{
    size_t left = block->n - whole;

    block->n = whole;
    if (b->rest_at < b->rest.n) { /* all of the block is from there */
        b->rest_at -= left;
        return RC_OK;
    }
    b->rest.n = b->rest_at = 0;
    if (!left)
        return RC_OK;
    if (!block_room(&b->rest, left))
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    memcpy(b->rest.p, block->p + whole, left);
    b->rest.n = left;
    return RC_OK;
}

enum rc blocks_next(struct blocks *b, struct block *block, struct err *err)
{
    size_t want = b->size, whole = 0;
    enum rc rc;

    block->n = block->from = 0;
    block->too_long = false;
    for (;; want = MIN(want * 2, b->row_max)) {
        rc = fill(b, block, want, err);
        if (rc)
            return rc;
        if (block->n < want) { /* the end */
            whole = block->n;
            break;
        }
        whole = csv_whole_rows(block->p, block->n, b->delimiter, b->quote);
        if (whole)
            break;
        if (want >= b->row_max) {
            block->too_long = b->end = true;
            whole = block->n;
            b->rest_at = b->rest.n;
            break;
        }
    }
    rc = cut(b, block, whole, err);
    if (rc)
        return rc;
    memset(block->p + block->n, 0, BLOCK_PAD);
    block->quotes = memchr(block->p, b->quote, block->n) != NULL;
    block->number = b->next_number++;
    return RC_OK;
}

enum rc blocks_open(struct blocks *b, const char *path, const char *file,
                    const struct csv_options *options, struct faults *faults,
                    struct err *err)
{
    size_t size = options->block ? options->block : BLOCK_BYTES;
    enum rc rc;

    *b = (struct blocks){
        .delimiter = options->delimiter,
        .quote = options->quote ? options->quote : '"',
        .row_max = options->row_max ? options->row_max : CSV_ROW_MAX,
    };
    b->size = MIN(size, b->row_max);
    rc = stream_open(&b->stream, path, file, options->encoding, faults, err);
    if (rc || b->delimiter)
        return rc;
    rc = fill(b, &b->rest, BLOCK_BYTES, err);
    if (rc) {
        blocks_close(b);
        return rc;
    }
    b->rest_at = 0;
    b->delimiter = sniff(b->rest.p, b->rest.n, b->quote);
    return RC_OK;
}

void blocks_close(struct blocks *b)
{
    stream_close(b->stream);
    block_free(&b->rest);
    *b = (struct blocks){0};
}
