/*
 * import_cell.h: from a table's columns to a record's fields; inner to import.
 */
#ifndef PASSERELLE_IMPORT_CELL_H
#define PASSERELLE_IMPORT_CELL_H

#include "intake/csv.h"
#include "network/import.h"
#include "network/import_names.h"

enum slot_kind { SLOT_FIELD, SLOT_ID, SLOT_VERSION, SLOT_STATE };
struct slot { /* one column of the record that the table or the plan gives */
    enum slot_kind kind;
    const struct field *field;
    size_t column;    /* of field_columns */
    size_t from;      /* index in the table's row; SIZE_MAX: `constant` */
    const char *name; /* of the record's column */
    struct str constant;
};

enum { NAMES_MOST = 64 };
struct importing {
    struct store *s;
    const struct import_plan *plan;
    const struct deed *deed;
    struct arena *a;
    struct import *out;
    struct slot *slots;
    size_t n_slots, cap_slots;
    struct names names[NAMES_MOST]; /* of types that were asked for */
    size_t n_names;
    const struct slot *key[NAMES_MOST];
    size_t n_key;
    struct dict keys; /* key of a stored record */
    int64_t *key_id;  /* of each; -1: several records */
    size_t cap_key_id;
    struct dict unique; /* "field=value" */
    int64_t *unique_id;
    size_t cap_unique_id;
    struct dict done; /* "#id" of records that a row changed */
    uint64_t *done_line;
    size_t cap_done_line;
};

void import_fault(struct importing *im, uint64_t line, const struct slot *slot,
                  const char *message, const char *argument);
/* RC_USAGE: the plan names what is not there. */
enum rc import_slots(struct importing *im, const struct csv *csv,
                     struct err *err) MUST_USE;
const struct slot *import_slot(const struct importing *im, const char *name);
enum rc import_names(struct importing *im, const char *type, struct names **out,
                     struct err *err) MUST_USE;
struct str import_text(const struct slot *slot, const struct str *row);

/*
 * Sets one field from the row; *later when it names a record of the same type
 * that may still come in this table (`last`: none will).
 */
enum rc import_set(struct importing *im, const struct slot *slot,
                   struct str text, void *record, bool last, bool *later,
                   struct arena *a, struct complaints *c,
                   struct err *err) MUST_USE;

#endif
