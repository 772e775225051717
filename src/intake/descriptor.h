/*
 * descriptor.h: datapackage.json, read and checked.
 *
 * Everything wrong goes to the faults with line, column and JSON pointer;
 * reading goes on, and what could not be read keeps its default. All texts are
 * in the arena. RC_MEMORY when the arena or the machine is full; RC_INVALID
 * when the text is not JSON or not an object.
 */
#ifndef PASSERELLE_DESCRIPTOR_H
#define PASSERELLE_DESCRIPTOR_H

#include "intake/csv.h"
#include "intake/package.h"
#include "intake/table_population.h"

#define DESCRIPTOR_FILE "datapackage.json"
enum { DESCRIPTOR_MB = 4 };

enum resource_kind {
    RES_POPULATION,
    RES_AREAS,
    RES_SERVICES,
    RES_STREETS,
    RES_OUTCOMES,
    RES_FLOWS,
    RES_GOVERNANCE,
    RES_ACTORS,
    RES_TEXTS,
    RES_KINDS /* also: one that is not known */
};
const char *resource_kind_name(enum resource_kind kind);

struct pair {
    const char *key, *value;
};
struct pairs {
    size_t n;
    struct pair *items;
};
const char *pairs_find(const struct pairs *p, const char *key); /* or NULL */

struct field_codes { /* of one field of ours */
    const char *field;
    struct code_map map;
};

struct named_code {
    const char *code;
    struct names names;
};

struct resource {
    enum resource_kind kind;
    const char *name, *path, *title, *licence; /* path as written */
    const char *url;       /* of a database, with its login; else NULL */
    const char *pointer;   /* "/resources/0" */
    uint64_t line, column; /* of the resource */
    const char *encoding;  /* or NULL */
    char delimiter, quote;
    bool no_header;
    bool wide;
    struct pairs columns; /* column -> origin */
    struct pairs fields;  /* our field -> column */
    size_t n_codes;
    struct field_codes *codes;
    size_t n_where;
    struct row_filter *where;
    size_t n_missing, n_suppressed;
    const char **missing, **suppressed;
    const char *query, *table;
    size_t n_names; /* of the key `names`, and of `indicators` */
    struct named_code *names;
    size_t n_indicators;
    struct named_code *indicators;
};

struct descriptor {
    struct package *package; /* what stands at the top */
    const char *crs;         /* or NULL */
    size_t n_origins;
    struct named_code *origins;
    size_t n_majority;
    const char **majority;
    size_t n_resources;
    struct resource *resources;
};

/* The first resource of a kind, or NULL. */
const struct resource *descriptor_find(const struct descriptor *d,
                                       enum resource_kind kind);
/* Place of a resource's key in the descriptor. */
struct place resource_place(const struct resource *r);

enum rc descriptor_read(struct str json, struct arena *a, struct faults *faults,
                        struct descriptor *out, struct err *err) MUST_USE;

#endif
