/*
 * table.h: the rows of a small table, with its columns mapped to our fields.
 *
 * Works over CSV and over spreadsheets alike. `where` is applied here, texts
 * go through `codes`. A missing required column is a fault and table_open then
 * answers RC_INVALID. Owned: close it (AUTO(table)).
 */
#ifndef PASSERELLE_TABLE_H
#define PASSERELLE_TABLE_H

#include "intake/job.h"
#include "space/foreign_table.h"

enum { TABLE_FIELDS = 12 };

struct table_field {
    const char *name; /* of ours */
    bool required;    /* its column must be there */
};

struct table {
    struct job *job;
    const struct resource *resource;
    const char *file;
    struct csv *csv;
    struct foreign_table *foreign;
    const struct table_field *fields;
    size_t n_fields;
    size_t column[TABLE_FIELDS]; /* SIZE_MAX: none */
    const char *column_name[TABLE_FIELDS];
    const struct code_map *codes[TABLE_FIELDS];
    size_t *where_column;
    const struct str *row;
    struct str *own_row; /* of a foreign table */
    size_t n_columns;
    uint64_t line;
    struct reading reading;
};

enum rc table_open(struct table *t, struct job *j, const struct resource *r,
                   const struct table_field *fields, size_t n_fields,
                   struct err *err) MUST_USE;
/* The next row taken; *more is false at the end. */
enum rc table_next(struct table *t, bool *more, struct err *err) MUST_USE;
bool table_has(const struct table *t, size_t field);
/* Trimmed and through `codes`; "" where there is no column. */
struct str table_text(const struct table *t, size_t field);
/* The same, copied into the result's arena. */
const char *table_copy(const struct table *t, size_t field);
struct place table_place(const struct table *t, size_t field);
/* A count: -1 when missing, withheld or (after a fault) unreadable. */
int64_t table_count(struct table *t, size_t field);
/* Is the text one of `missing` or `suppressed`? */
bool table_unknown(const struct table *t, size_t field);
void table_close(struct table *t);
void cleanup_table(struct table *t);

#endif
