#include "intake/text_codes.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 256 };

bool text_codes_init(struct text_codes *t, struct arena *a)
{
    *t = (struct text_codes){.arena = a, .n_slots = FIRST_SLOTS};
    t->slots = calloc(FIRST_SLOTS, sizeof *t->slots);
    return t->slots != NULL;
}

static void put(struct text_codes *t, struct text_slot slot)
{
    size_t i = text_slot(t, slot.word, slot.n);

    while (t->slots[i].id)
        i = (i + 1) & (t->n_slots - 1);
    t->slots[i] = slot;
}

static bool grow(struct text_codes *t)
{
    struct text_slot *old = t->slots;
    size_t n = t->n_slots;
    struct text_slot *slots = calloc(n * 2, sizeof *slots);

    if (!slots)
        return false;
    t->slots = slots;
    t->n_slots = n * 2;
    for (size_t i = 0; i < n; i++)
        if (old[i].id)
            put(t, old[i]);
    free(old);
    return true;
}

uint32_t text_add(struct text_codes *t, struct str s)
{
    struct text_slot slot = {.n = (uint32_t)s.n};
    char *copy;

    if ((size_t)t->n * 4 >= t->n_slots && !grow(t))
        return TEXT_NONE;
    copy = arena_try(t->arena, s.n + 1, 1);
    if (!copy)
        return TEXT_NONE;
    memcpy(copy, s.p, s.n);
    text_words(s, slot.word);
    slot.text = copy;
    slot.id = ++t->n;
    t->bytes += s.n;
    put(t, slot);
    return slot.id - 1;
}

void text_codes_free(struct text_codes *t)
{
    free(t->slots);
    *t = (struct text_codes){0};
}
