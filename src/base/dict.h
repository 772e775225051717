/*
 * dict.h: text <-> small integers, in the order of first appearance.
 *
 * The dictionary owns copies of its texts. Lookup does not allocate. At most
 * UINT32_MAX - 1 texts. Not shared between threads while it grows.
 */
#ifndef PASSERELLE_DICT_H
#define PASSERELLE_DICT_H

#include "base/arena.h"
#include "base/str.h"

#define DICT_NONE UINT32_MAX

struct dict {
    struct arena *arena; /* borrowed: outlives the dictionary */
    struct str *texts;
    uint64_t *hashes;
    size_t n, cap;
    uint32_t *slots; /* power of two; DICT_NONE is empty */
    size_t n_slots;
};

void dict_init(struct dict *d, struct arena *a);
uint32_t dict_intern(struct dict *d, struct str text);
uint32_t dict_find(const struct dict *d, struct str text); /* or DICT_NONE */
static inline struct str dict_text(const struct dict *d, uint32_t i)
{
    REQUIRE(i < d->n);
    return d->texts[i];
}
/* Copies of all texts are NUL-terminated, so this is safe. */
static inline const char *dict_cstr(const struct dict *d, uint32_t i)
{
    return dict_text(d, i).p;
}
uint64_t str_hash(struct str s);

#endif
