#include "intake/csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "intake/csv_rows.h"

struct csv {
    struct blocks blocks;
    struct block block;
    struct rows rows;
    struct csv_row row;
    struct faults *faults;
    const char *file;
    struct str *columns; /* arena */
    size_t n_columns;
    bool damage_told;
};

static void report_damage(struct csv *c)
{
    const char *why = stream_damage(c->blocks.stream);

    if (why && !c->damage_told)
        fault_add(c->faults, FAULT_COMPRESSION_BAD,
                  (struct place){.file = c->file}, why);
    c->damage_told = true;
}

/* The next sound row; what is not goes to the faults. ROW_END: the end. */
static enum rc next_row(struct csv *c, enum row_state *state, struct err *err)
{
    for (;;) {
        enum rc rc;

        *state = rows_next(&c->rows);
        if (*state == ROW_OK)
            return RC_OK;
        if (*state == ROW_BAD) {
            uint64_t i = c->rows.bad.column;

            finding_report(&c->rows.bad, c->file,
                           i && i <= c->n_columns ? c->columns[i - 1].p : NULL,
                           stream_encoding(c->blocks.stream), c->faults);
            continue;
        }
        rc = blocks_next(&c->blocks, &c->block, err);
        if (rc)
            return rc;
        if (!c->block.n) {
            report_damage(c);
            return RC_OK;
        }
        if (rows_begin(&c->rows, &c->block, c->rows.next_line))
            return err_set(err, RC_MEMORY, N_("not enough memory"));
    }
}

static enum rc name_columns(struct csv *c, bool no_header, struct arena *a,
                            struct err *err)
{
    size_t n = c->rows.split.n;

    c->columns = arena_try(a, n, sizeof *c->columns);
    if (!c->columns)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    for (size_t i = 0; i < n; i++) {
        char number[24];
        struct str name = str_trim(c->rows.split.field[i]);
        char *copy;

        if (no_header) {
            snprintf(number, sizeof number, "%zu", i + 1);
            name = str_of(number);
        }
        copy = arena_try(a, name.n + 1, 1);
        if (!copy)
            return err_set(err, RC_MEMORY, N_("not enough memory"));
        memcpy(copy, name.p, name.n);
        c->columns[i] = (struct str){copy, name.n};
    }
    c->n_columns = c->rows.n_columns = n;
    return RC_OK;
}

/* Without a header the first row is read again, as a row. */
static void rewind_first(struct csv *c)
{
    c->rows.at -= c->rows.split.length;
    c->rows.next_line = c->rows.line;
}

static enum rc read_header(struct csv *c, bool no_header, struct arena *a,
                           struct err *err)
{
    enum row_state state;
    enum rc rc = rows_columns(&c->rows, CSV_COLUMNS_MAX);

    if (rc)
        return err_set(err, rc, N_("not enough memory"));
    c->rows.next_line = 1;
    do {
        rc = blocks_next(&c->blocks, &c->block, err);
        if (rc)
            return rc;
        if (rows_begin(&c->rows, &c->block, c->rows.next_line))
            return err_set(err, RC_MEMORY, N_("not enough memory"));
        state = rows_next(&c->rows);
    } while (state == ROW_END && c->block.n);
    if (state == ROW_BAD)
        finding_report(&c->rows.bad, c->file, NULL,
                       stream_encoding(c->blocks.stream), c->faults);
    if (state == ROW_END) {
        report_damage(c);
        fault_add(c->faults, FAULT_FILE_EMPTY, (struct place){.file = c->file});
    }
    if (state != ROW_OK)
        return err_set(err, RC_INVALID, N_("the input has faults"));
    rc = name_columns(c, no_header, a, err);
    if (rc == RC_OK && no_header)
        rewind_first(c);
    return rc;
}

enum rc csv_open(struct csv **out, const char *path, const char *file,
                 const struct csv_options *options, struct arena *a,
                 struct faults *faults, struct err *err)
{
    static const struct csv_options usual;
    struct csv *c = calloc(1, sizeof *c);
    enum rc rc;

    *out = NULL;
    if (!c)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (!options)
        options = &usual;
    c->file = file;
    c->faults = faults;
    rc = blocks_open(&c->blocks, path, file, options, faults, err);
    if (rc == RC_OK) {
        c->rows.delimiter = c->blocks.delimiter;
        c->rows.quote = c->blocks.quote;
        c->rows.row_max = c->blocks.row_max;
        rc = read_header(c, options->no_header, a, err);
    }
    if (rc)
        csv_close(c);
    else
        *out = c;
    return rc;
}

size_t csv_columns(const struct csv *c)
{
    return c->n_columns;
}

struct str csv_column(const struct csv *c, size_t i)
{
    REQUIRE(i < c->n_columns);
    return c->columns[i];
}

size_t csv_find(const struct csv *c, const char *name)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (str_is(c->columns[i], name))
            return i;
    return SIZE_MAX;
}

enum rc csv_next(struct csv *c, const struct csv_row **row, struct err *err)
{
    enum row_state state;
    enum rc rc = next_row(c, &state, err);

    *row = NULL;
    if (rc || state != ROW_OK)
        return rc;
    c->row =
        (struct csv_row){c->rows.split.field, c->rows.split.n, c->rows.line};
    *row = &c->row;
    return RC_OK;
}

struct blocks *csv_blocks(struct csv *c, struct block *first, uint64_t *line)
{
    *first = c->block;
    first->from = c->rows.at;
    c->block = (struct block){0};
    *line = c->rows.next_line;
    return &c->blocks;
}

char csv_delimiter(const struct csv *c)
{
    return c->blocks.delimiter;
}

void csv_close(struct csv *c)
{
    if (!c)
        return;
    blocks_close(&c->blocks);
    block_free(&c->block);
    rows_free(&c->rows);
    free(c);
}

void cleanup_csv(struct csv **c)
{
    csv_close(*c);
    *c = NULL;
}
