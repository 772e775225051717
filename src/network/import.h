/*
 * import.h: a table of anybody's into records, with a look before.
 *
 * The columns of the table are matched by name with the columns of the record
 * (field_columns of record.h; also `id`, `version` and `state`). The plan may
 * name others, give a value to all rows, and translate what a cell says. A
 * reference is written as the other record's number, its name in any language,
 * or what names it uniquely (acronym, e-mail); where a name is not enough, what
 * sets it apart follows in brackets: "Lyon (metropolis)", "Tripoli (LB)".
 *
 * A row belongs to the stored record with the same key (see `key`); a row
 * without one makes a new record. A column that the table has sets the field,
 * an empty cell empties it; a column it has not leaves the field alone.
 *
 * Everything happens in one transaction, with the rules of rules.h, and is
 * taken back unless `apply` is set and there is no fault: a preview is what
 * would happen, not an estimate. RC_INVALID: there are faults; all of them are
 * in the result. Results live in the arena.
 */
#ifndef PASSERELLE_IMPORT_H
#define PASSERELLE_IMPORT_H

#include "intake/fault.h"
#include "record/keep.h"
#include "text/lang.h"

struct import_pair {
    const char *field; /* column of the record */
    const char *text;  /* column of the table; or the text of a cell */
    const char *code;  /* what that text stands for; NULL for columns */
};
struct import_pairs {
    struct import_pair *items;
    size_t n, cap;
};

struct import_plan {
    const struct record_type *type;
    const char *path;
    const char *state; /* of new records; NULL: the first of the workflow */
    struct import_pairs columns;   /* field takes the table's column `text` */
    struct import_pairs constants; /* field is `text` in every row */
    struct import_pairs values;    /* in field, `text` means `code` */
    /* Columns of the record, with commas; NULL: a unique field, else the title
     * in the first language that the table has. */
    const char *key;
    const struct lang *lang; /* the original of a text in several languages */
    bool apply;
};

enum import_kind { IMPORT_NEW, IMPORT_CHANGED, IMPORT_SAME, IMPORT_KINDS };

struct import_change {
    const char *column, *old, *new; /* references by name */
};
struct import_row {
    uint64_t line;
    enum import_kind kind;
    int64_t id; /* of a new one only after it was applied */
    const char *name;
    struct import_change *changes;
    size_t n_changes, cap_changes;
};
struct import_fault {
    uint64_t line, column;          /* 0: not of one */
    const char *name;               /* of the column, or NULL */
    const char *message, *argument; /* an id with at most one %s */
};

struct import {
    struct import_row *rows; /* in the order of the table */
    size_t n, cap;
    size_t count[IMPORT_KINDS];
    struct import_fault *faults;
    size_t n_faults, cap_faults;
    const char **unused; /* columns of the table that nothing takes */
    size_t n_unused, cap_unused;
    struct faults table; /* of the text itself: quotes, encoding, width */
    bool applied;
};
enum rc import_run(struct store *s, const struct import_plan *plan,
                   const struct deed *deed, struct arena *a, struct import *out,
                   struct err *err) MUST_USE;

#endif
