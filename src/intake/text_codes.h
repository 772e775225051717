/*
 * text_codes.h: the texts of one column, as they stand in the file, to small
 * integers, fast: the same few texts come again in every row.
 *
 * Texts up to 16 bytes are compared as two words; 16 bytes from the start of
 * every text must be readable. Copies live in the arena given. One thread.
 */
#ifndef PASSERELLE_INTAKE_TEXT_CODES_H
#define PASSERELLE_INTAKE_TEXT_CODES_H

#include "base/arena.h"
#include "base/str.h"

enum { TEXT_PAD = 16 }; /* bytes that must be readable behind a text */

struct text_slot {
    uint64_t word[2];
    const char *text;
    uint32_t n;  /* length */
    uint32_t id; /* + 1; 0: empty */
};

struct text_codes {
    struct arena *arena;
    struct text_slot *slots; /* owned */
    size_t n_slots;
    uint32_t n; /* texts */
    size_t bytes;
};

static inline void text_words(struct str s, uint64_t word[2])
{
    memcpy(word, s.p, 16);
    if (s.n < 8) {
        word[0] &= ((uint64_t)1 << 8 * s.n) - 1;
        word[1] = 0;
    } else if (s.n < 16) {
        word[1] &= ((uint64_t)1 << 8 * (s.n - 8)) - 1;
    }
}

static inline size_t text_slot(const struct text_codes *t,
                               const uint64_t word[2], size_t n)
{
    uint64_t h =
        (word[0] ^ (word[1] + n) * 0xBF58476D1CE4E5B9u) * 0x9E3779B97F4A7C15u;

    return (size_t)(h >> 32) & (t->n_slots - 1);
}

#define TEXT_NONE UINT32_MAX

/* The number of a text seen before, or TEXT_NONE. */
static inline uint32_t text_find(const struct text_codes *t, struct str s)
{
    uint64_t word[2];
    size_t i;

    text_words(s, word);
    for (i = text_slot(t, word, s.n); t->slots[i].id;
         i = (i + 1) & (t->n_slots - 1)) {
        const struct text_slot *at = &t->slots[i];

        if (at->word[0] == word[0] && at->word[1] == word[1] && at->n == s.n &&
            (s.n <= 16 || !memcmp(at->text, s.p, s.n)))
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
