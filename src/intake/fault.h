/*
 * fault.h: everything that is wrong with a package, all at once.
 *
 * A fault stops publication; a warning does not; a note only tells. Each says
 * where (file, line, column), what was found, and how to mend it. The first
 * FAULTS_KEPT of a kind are kept in full, the rest are counted. Kinds are rows
 * of fault.def: code, severity, message, remedy (message ids with %s).
 */
#ifndef PASSERELLE_FAULT_H
#define PASSERELLE_FAULT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { FAULTS_KEPT = 100 };

enum fault_severity { SEVERITY_FAULT, SEVERITY_WARNING, SEVERITY_NOTE };

enum fault_kind {
#define FAULT(code, severity, message, remedy) FAULT_##code,
#include "intake/fault.def"
#undef FAULT
    FAULT_KINDS
};

struct place {
    const char *file; /* relative to the package; NULL: the package itself */
    uint64_t line;    /* from 1; 0: unknown */
    uint64_t column;  /* field number in a table, byte in a line elsewhere; 0 */
    const char *field; /* the column's name, a JSON pointer, ...; or NULL */
};

struct fault {
    enum fault_kind kind;
    struct place place;
    unsigned n_args;
    uint16_t at[ERR_ARGS];
    const char *text; /* packed arguments, see err.h */
};

struct faults {
    struct arena *arena;
    struct fault *items; /* sorted by file, line, column after faults_sort */
    size_t n, cap;
    uint64_t count[FAULT_KINDS]; /* all, kept or not */
};

void faults_init(struct faults *f, struct arena *a);
/* The variable arguments fill the message of the kind, then its remedy. */
void fault_add(struct faults *f, enum fault_kind kind, struct place where, ...);
bool faults_any(const struct faults *f); /* a real fault, not a warning */
uint64_t faults_count(const struct faults *f, enum fault_severity s);
void faults_sort(struct faults *f);

const char *fault_code(enum fault_kind kind); /* "count-negative" */
enum fault_severity fault_severity(enum fault_kind kind);
const char *fault_message(enum fault_kind kind); /* message ids */
const char *fault_remedy(enum fault_kind kind);

/* `translate` maps a message id to a sentence; NULL: English. */
typedef const char *(*translate_fn)(void *ctx, const char *message);
void faults_write_text(const struct faults *f, translate_fn tr, void *ctx,
                       struct buf *out);
void faults_write_json(const struct faults *f, translate_fn tr, void *ctx,
                       struct buf *out);

#endif
