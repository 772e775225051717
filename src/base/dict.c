#include "base/dict.h"

/* wyhash-like mixing of 8 bytes at a time; not for hostile keys on a server,
 * where the number of texts is bounded by the caller. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t load(const char *p, size_t n)
{
    uint64_t v = 0;

    memcpy(&v, p, n);
    return v;
}

uint64_t str_hash(struct str s)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ s.n;
    size_t i = 0;

    for (; i + 8 <= s.n; i += 8)
        h = mix(h ^ load(s.p + i, 8), 0xE7037ED1A0B428DBu);
    if (i < s.n)
        h = mix(h ^ load(s.p + i, s.n - i), 0x8EBC6AF09C88C6E3u);
    return mix(h, 0x589965CC75374CC3u);
}

void dict_init(struct dict *d, struct arena *a)
{
    *d = (struct dict){.arena = a};
}

static size_t slot_of(const struct dict *d, uint64_t hash, struct str text)
{
    size_t mask = d->n_slots - 1, i = hash & mask;

    while (d->slots[i] != DICT_NONE) {
        uint32_t at = d->slots[i];

        if (d->hashes[at] == hash && str_eq(d->texts[at], text))
            break;
        i = (i + 1) & mask;
    }
    return i;
}

uint32_t dict_find(const struct dict *d, struct str text)
{
    if (!d->n_slots)
        return DICT_NONE;
    return d->slots[slot_of(d, str_hash(text), text)];
}

static void rehash(struct dict *d)
{
    size_t n = d->n_slots ? d->n_slots * 2 : 32;

    d->slots = arena_array(d->arena, uint32_t, n);
    d->n_slots = n;
    memset(d->slots, 0xFF, n * sizeof *d->slots);
    for (size_t i = 0; i < d->n; i++) {
        size_t at = d->hashes[i] & (n - 1);

        while (d->slots[at] != DICT_NONE)
            at = (at + 1) & (n - 1);
        d->slots[at] = (uint32_t)i;
    }
}

uint32_t dict_intern(struct dict *d, struct str text)
{
    uint64_t hash = str_hash(text);
    size_t at;

    if (2 * (d->n + 1) > d->n_slots)
        rehash(d);
    at = slot_of(d, hash, text);
    if (d->slots[at] != DICT_NONE)
        return d->slots[at];
    REQUIRE(d->n < DICT_NONE - 1);
    if (d->n == d->cap) {
        size_t cap = d->cap;

        d->texts = arena_vec_grow(d->arena, d->texts, sizeof *d->texts, &cap);
        d->hashes =
            arena_vec_grow(d->arena, d->hashes, sizeof *d->hashes, &d->cap);
    }
    d->texts[d->n] = (struct str){arena_str(d->arena, text), text.n};
    d->hashes[d->n] = hash;
    d->slots[at] = (uint32_t)d->n;
    return (uint32_t)d->n++;
}
