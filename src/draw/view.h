/*
 * view.h: a table of the document as a figure reads it.
 *
 * Texts come out in one language, in the arena. Rows and columns that do not
 * exist answer "no data", so a figure never fails on a thin table.
 */
#ifndef PASSERELLE_VIEW_H
#define PASSERELLE_VIEW_H

#include "base/arena.h"
#include "base/node.h"
#include "text/lang.h"

enum cell_state {
    CELL_NUMBER,
    CELL_WITHHELD, /* by us or by the publisher */
    CELL_MISSING,  /* missing, undefined, or not there */
};
struct cell {
    enum cell_state state;
    double v;
    bool at_least; /* the true value is v or more */
};

struct view {
    const struct node *doc, *table, *figure;
    const struct lang *lang;
    struct arena *arena;
};

/* How the numbers of one column are written. */
struct format {
    const char *unit;
    int decimals;
    bool sign;
};

#define NO_COLUMN SIZE_MAX

void view_init(struct view *v, const struct node *doc,
               const struct node *figure, const struct lang *l,
               struct arena *a);
/* The table with this code, wherever it stands in the document; or NULL. */
const struct node *table_find(const struct node *doc, const char *code);

size_t view_rows(const struct view *v);
size_t view_column(const struct view *v, const char *code); /* or NO_COLUMN */
/* The column that `key` of the figure names, else `fallback`. */
size_t view_chosen(const struct view *v, const char *key, const char *fallback);
const char *view_column_label(const struct view *v, size_t column);
const char *view_column_code(const struct view *v, size_t column);
struct cell view_cell(const struct view *v, size_t row, size_t column);
/* The cell's raw text: an area's id, an origin's code; "" if none. */
const char *view_code(const struct view *v, size_t row, size_t column);
/* The cell's text for people. */
const char *view_text(const struct view *v, size_t row, size_t column);
/* Names or a text -> the text in the view's language; "" if none. */
const char *view_names(const struct view *v, const struct node *names);
const char *view_key(const struct view *v, const char *figure_key);

/*
 * The rows that the figure is about: not in `skip` and matching `where`
 * ({column: text}). Returns how many.
 */
size_t view_select(const struct view *v, size_t label, size_t **rows);

struct format view_format(const struct view *v, size_t column,
                          const double *values, size_t n);
const char *format_number(const struct view *v, const struct format *f,
                          double value);
/* With "≥" for a lower bound, or the words for a value that is not there. */
const char *format_cell(const struct view *v, const struct format *f,
                        struct cell c);
/* "per 10,000 residents"; "" where the number says it itself. */
const char *unit_name(const struct lang *l, const char *unit);
/* lang_text with lang_fill: pairs of name and value, then NULL. */
const char *sentence(const struct view *v, const char *message,
                     const char *name, const char *value);

#endif
