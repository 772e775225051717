#include "intake/text_codes.h"

#include <stdlib.h>

enum { FIRST_BITS = 6 };

bool text_codes_init(struct text_codes *t, struct arena *a)
{
    *t = (struct text_codes){.arena = a, .shift = 64 - FIRST_BITS};
    t->slots = calloc((size_t)1 << FIRST_BITS, sizeof *t->slots);
    return t->slots != NULL;
}

static size_t n_slots(const struct text_codes *t)
{
    return (size_t)1 << (64 - t->shift);
}

static void put(struct text_codes *t, struct text_slot slot)
{
    size_t i = text_slot(t, slot.word);

    while (t->slots[i].id)
        i = (i + 1) & (n_slots(t) - 1);
    t->slots[i] = slot;
}

/* Keeps two slots in three empty or more: most searches end at the first. */
static bool grow_slots(struct text_codes *t)
{
    struct text_slot *old = t->slots;
    size_t n = n_slots(t);

    if ((size_t)t->n * 3 < n)
        return true;
    t->slots = calloc(n * 2, sizeof *t->slots);
    if (!t->slots) {
        t->slots = old;
        return false;
    }
    t->shift--;
    for (size_t i = 0; i < n; i++)
        if (old[i].id)
            put(t, old[i]);
    free(old);
    return true;
}

static bool grow_texts(struct text_codes *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : 16;
    const char **texts;

    if (t->n < t->cap)
        return true;
    texts = realloc(t->texts, cap * sizeof *texts);
    if (!texts)
        return false;
    t->texts = texts;
    t->cap = cap;
    return true;
}

uint32_t text_add(struct text_codes *t, struct str s)
{
    char *copy;

    if (!grow_slots(t) || !grow_texts(t))
        return TEXT_NONE;
    copy = arena_try(t->arena, s.n + 1, 1);
    if (!copy)
        return TEXT_NONE;
    memcpy(copy, s.p, s.n);
    t->texts[t->n++] = copy;
    t->bytes += s.n;
    put(t, (struct text_slot){text_word(s), (uint32_t)s.n, t->n});
    return t->n - 1;
}

void text_codes_free(struct text_codes *t)
{
    free(t->slots);
    free(t->texts);
    *t = (struct text_codes){0};
}
