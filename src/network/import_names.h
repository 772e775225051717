/*
 * import_names.h: which record a text names; inner to import.
 *
 * The names of a type are read once and grow with what is imported. A name is
 * folded (text/fold.h); a number names the record of that id.
 */
#ifndef PASSERELLE_IMPORT_NAMES_H
#define PASSERELLE_IMPORT_NAMES_H

#include "base/dict.h"
#include "record/keep.h"

struct name_entry { /* one name of one record */
    int64_t id;
    const char *apart; /* folded choices and country: "|metropolis|fr|" */
    uint32_t next;     /* with the same name; DICT_NONE: none */
};
struct names {
    const struct record_type *type;
    struct arena *a;
    struct dict texts;
    uint32_t *first; /* of each text, into entries */
    size_t cap_first;
    struct name_entry *entries;
    size_t n, cap;
    struct dict ids;     /* "#12" */
    const char **titles; /* of each of ids */
    size_t cap_titles;
};

enum rc known_load(struct store *s, const struct record_type *t,
                   struct arena *a, struct names *out,
                   struct err *err) MUST_USE;
void known_add(struct names *n, const void *record);
/* How many records a text names; *id is one of them. */
size_t known_find(const struct names *n, struct str text, int64_t *id);
const char *known_title(const struct names *n, int64_t id); /* or NULL */

#endif
