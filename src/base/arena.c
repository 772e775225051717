#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN = 16, FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 4 << 20 };

struct block {
    struct block *next;
    size_t size, used; /* of the bytes after the header */
};
_Static_assert(sizeof(struct block) <= 2 * ALIGN, "header fits its padding");

enum { HEADER = 2 * ALIGN };

struct arena {
    struct block *blocks; /* the current one first */
    size_t limit, used, next_block;
};

static _Thread_local long fail_after = -1;

void arena_fail_after(long n)
{
    fail_after = n;
}

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *a = calloc(1, sizeof *a);

    if (!a)
        BUG("out of memory");
    a->limit = limit_bytes ? limit_bytes : SIZE_MAX;
    a->next_block = FIRST_BLOCK;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

static char *block_bytes(struct block *b)
{
    return (char *)b + HEADER;
}

/* A block for `bytes`; a large one of its own goes behind the current one, so
 * that the rest of the current block is not lost. */
static struct block *block_add(struct arena *a, size_t bytes)
{
    bool own = bytes > a->next_block / 2;
    size_t size = own ? bytes : a->next_block;
    struct block *b = calloc(1, HEADER + size);

    if (!b)
        return NULL;
    b->size = size;
    if (own && a->blocks) {
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
        if (a->next_block < LARGEST_BLOCK)
            a->next_block *= 2;
    }
    return b;
}

static void *take(struct arena *a, size_t bytes)
{
    struct block *b = a->blocks;
    void *p;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (MAX(bytes, 1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (bytes > a->limit - MIN(a->used, a->limit))
        return NULL;
    if (!b || bytes > b->size - b->used) {
        b = block_add(a, bytes);
        if (!b)
            return NULL;
    }
    p = block_bytes(b) + b->used;
    b->used += bytes;
    a->used += bytes;
    return p;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    void *p = take(a, bytes);

    if (!p)
        BUG("arena: %zu bytes refused after %zu (limit %zu)", bytes, a->used,
            a->limit);
    return p;
}

static bool should_fail(void)
{
    if (fail_after < 0)
        return false;
    return fail_after-- == 0;
}

void *arena_try(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (should_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return take(a, bytes);
}

static void *grow(struct arena *a, void *old, size_t old_bytes,
                  size_t new_bytes)
{
    struct block *b = a->blocks;
    size_t before = (MAX(old_bytes, 1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t after = (MAX(new_bytes, 1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    void *p;

    if (new_bytes > SIZE_MAX / 2)
        return NULL;
    if (old && b && after >= before && b->used >= before &&
        (char *)old + before == block_bytes(b) + b->used &&
        after - before <= b->size - b->used &&
        after - before <= a->limit - MIN(a->used, a->limit)) {
        b->used += after - before;
        a->used += after - before;
        return old;
    }
    p = take(a, new_bytes);
    if (p && old)
        memcpy(p, old, MIN(old_bytes, new_bytes));
    return p;
}

void *arena_grow(struct arena *a, void *old, size_t old_bytes, size_t new_bytes)
{
    return should_fail() ? NULL : grow(a, old, old_bytes, new_bytes);
}

/* Aborts when there is no memory, so no test lets it fail. */
void *arena_vec_grow(struct arena *a, void *items, size_t size, size_t *cap)
{
    size_t more = *cap ? *cap * 2 : 8;
    void *p = grow(a, items, *cap * size, more * size);

    if (!p)
        BUG("arena: a list of %zu items refused", more);
    *cap = more;
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (n)
        memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_str(struct arena *a, struct str s)
{
    return arena_strndup(a, s.p, s.n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    int n;
    char *s;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    REQUIRE(n >= 0);
    s = arena_alloc(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(s, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return s;
}
