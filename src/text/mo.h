/*
 * mo.h: a compiled catalogue (.mo) looked up where it lies.
 *
 * Nothing is copied or kept: every look-up checks every offset against `bytes`
 * and takes O(log n) comparisons, so a damaged file gives misses, never a read
 * outside. Texts found are borrowed from the catalogue and end in NUL. Both
 * byte orders are read. Format: GNU gettext manual, "MO Files".
 */
#ifndef PASSERELLE_MO_H
#define PASSERELLE_MO_H

#include "base/str.h"

struct mo {
    const unsigned char *bytes;
    size_t n_bytes;
    uint32_t count;                   /* messages */
    uint32_t originals, translations; /* offsets of the two tables */
    bool swapped;
};

/* false: not a catalogue, or its tables lie outside. `bytes` is borrowed. */
bool mo_open(struct mo *m, const unsigned char *bytes, size_t n) MUST_USE;

/* The translation, all forms of it (NUL between forms); false: none. */
bool mo_find(const struct mo *m, const char *message, struct str *out) MUST_USE;
/* The form for `n`; NULL: none. */
const char *mo_plural(const struct mo *m, const char *one, uint64_t n);

/* Message `i` (in byte order) and its translation; false past the end. */
bool mo_at(const struct mo *m, uint32_t i, struct str *message,
           struct str *translation) MUST_USE;

#endif
