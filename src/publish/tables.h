/*
 * tables.h: the tables of a document, wherever they stand in it.
 *
 * A table is an object with `columns` and `rows`. The list is in the order of
 * the document; nodes are borrowed from it, the list is in the arena.
 */
#ifndef PASSERELLE_PUBLISH_TABLES_H
#define PASSERELLE_PUBLISH_TABLES_H

#include "base/node.h"

struct tables {
    const struct node **items;
    size_t n, cap;
};

bool table_is(const struct node *n);
/* All tables inside `n`, whose own arena is not touched. */
void tables_collect(const struct node *n, struct arena *a, struct tables *out);
const struct node *tables_find(const struct tables *t, const char *code);

size_t table_columns(const struct node *table);
size_t table_rows(const struct node *table);
const struct node *table_column(const struct node *table, size_t column);
const struct node *table_cell(const struct node *table, size_t row,
                              size_t column);
/* The column with this code, or SIZE_MAX. */
size_t table_column_find(const struct node *table, const char *code);
const char *column_code(const struct node *column);
const char *column_kind(const struct node *column);
/* The column's own unit, else the table's; "" for none. */
const char *column_unit(const struct node *table, const struct node *column);

/*
 * What the file of a table or figure is called: its code, in which everything
 * but letters, digits, '-', '_' and '.' becomes '_', and a leading dot too.
 */
const char *code_file(struct arena *a, const struct node *coded);

#endif
