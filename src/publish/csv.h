/*
 * csv.h: a table of the document as CSV and its Frictionless description.
 *
 * RFC 4180: comma, CRLF, a header row of column codes. A column of numbers in
 * which a cell is withheld, not known or a lower bound is followed by a column
 * `<code>_state` that says so (empty for a plain value); the number is empty
 * where it is kept back and the bound where it is one. A text that a
 * spreadsheet could run as a formula is preceded by an apostrophe.
 */
#ifndef PASSERELLE_CSV_H
#define PASSERELLE_CSV_H

#include "publish/publish.h"
#include "publish/tables.h"

/* Has the column a cell that is not a plain number? */
bool csv_has_states(const struct node *table, size_t column);

/* names.csv: what the codes of origins and areas are called. */
void csv_names(const struct node *doc, struct buf *out);

/* datapackage.json for all tables, in the language `l`. */
void csv_datapackage(const struct node *doc, const struct tables *tables,
                     const struct lang *l, struct arena *a, struct buf *out);

#endif
