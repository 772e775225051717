/*
 * text_codes.h: the texts of one column, as they stand in the file, to small
 * integers, fast: the same few texts come again in every row.
 *
 * Texts up to eight bytes are compared as one word, in a table small enough
 * for the cache; TEXT_PAD bytes from the start of every text must be readable.
 * Copies live in the arena given. One thread.
 */
#ifndef PASSERELLE_INTAKE_TEXT_CODES_H
#define PASSERELLE_INTAKE_TEXT_CODES_H

#include "base/arena.h"
#include "base/str.h"

enum { TEXT_PAD = 16 };

struct text_slot {
    uint64_t word; /* the text, or of a longer one its first and last bytes */
    uint32_t n;    /* length */
    uint32_t id;   /* + 1; 0: empty */
};

struct text_codes {
    struct arena *arena;
    struct text_slot *slots; /* owned; 2^(64 - shift) of them */
    unsigned shift;
    const char **texts; /* owned; by number */
    uint32_t n, cap;
    size_t bytes;
};

static inline uint64_t text_word(struct str s)
{
    uint64_t first, last;

    memcpy(&first, s.p, 8);
    if (LIKELY(s.n < 8))
        return first & (((uint64_t)1 << 8 * s.n) - 1);
    memcpy(&last, s.p + s.n - 8, 8);
    return s.n == 8 ? first : first * 0xBF58476D1CE4E5B9u ^ last;
}

/* The highest bits of the product depend on every byte. */
static inline size_t text_slot(const struct text_codes *t, uint64_t word)
{
    return (size_t)(word * 0x9E3779B97F4A7C15u >> t->shift);
}

#define TEXT_NONE UINT32_MAX

/* The number of a text seen before, or TEXT_NONE. */
static inline uint32_t text_find(const struct text_codes *t, struct str s)
{
    size_t mask = ((size_t)1 << (64 - t->shift)) - 1;
    uint64_t word = text_word(s);

    for (size_t i = text_slot(t, word); t->slots[i].id; i = (i + 1) & mask) {
        const struct text_slot *at = &t->slots[i];

        if (at->word == word && at->n == s.n &&
            (s.n <= 8 || memcmp(t->texts[at->id - 1], s.p, s.n) == 0))
            return at->id - 1;
    }
    return TEXT_NONE;
}

/* false: no memory. */
bool text_codes_init(struct text_codes *t, struct arena *a) MUST_USE;
/* A text not seen before gets the next number; TEXT_NONE: no memory. */
uint32_t text_add(struct text_codes *t, struct str s);
void text_codes_free(struct text_codes *t);

#endif
