/*
 * arena.h: memory of one request or job, freed at once.
 *
 * Owned by whoever called arena_new; everything taken from it lives as long.
 * arena_alloc and its kin abort when the limit or the machine's memory is
 * reached: use them for sizes of ours. A size that comes from input goes
 * through arena_try, which returns NULL instead. Memory is zeroed and aligned
 * to 16 bytes. Not shared between threads.
 */
#ifndef PASSERELLE_ARENA_H
#define PASSERELLE_ARENA_H

#include "base/base.h"
#include "base/str.h"

struct arena;

struct arena *arena_new(size_t limit_bytes); /* 0: no limit */
void arena_free(struct arena *a);
size_t arena_used(const struct arena *a); /* bytes handed out */

void *arena_alloc(struct arena *a, size_t bytes) __attribute__((malloc));
void *arena_try(struct arena *a, size_t count, size_t size) MUST_USE;
/* Grows the last allocation in place where it can, else copies. */
void *arena_grow(struct arena *a, void *old, size_t old_bytes,
                 size_t new_bytes) MUST_USE;
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_str(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), (n) * sizeof(type)))

/*
 * Appends to an arena array: VEC_PUSH(a, v.items, v.n, v.cap) = value;
 */
#define VEC_PUSH(a, items, n, cap)                                       \
    *(((n) == (cap) ? (void)((items) = arena_vec_grow(                   \
                                 (a), (items), sizeof *(items), &(cap))) \
                    : (void)0),                                          \
      (items) + (n)++)
void *arena_vec_grow(struct arena *a, void *items, size_t size, size_t *cap);

/* The allocation-failure tests: the nth arena_try from now returns NULL. */
void arena_fail_after(long n); /* -1: never */

#endif
