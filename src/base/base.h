/*
 * base.h: the attributes and small macros that every room uses.
 *
 * N_() marks a sentence for translation where a constant is needed; the
 * translation itself happens in text/, where the language is a parameter.
 */
#ifndef PASSERELLE_BASE_H
#define PASSERELLE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define N_(text) text

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN __attribute__((noreturn))
#define COLD __attribute__((cold))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/*
 * A broken invariant of ours, never of the input: prints where and aborts.
 */
#define BUG(...) bug_abort(__FILE__, __LINE__, __VA_ARGS__)
#define REQUIRE(cond)                           \
    do {                                        \
        if (UNLIKELY(!(cond)))                  \
            BUG("broken invariant: %s", #cond); \
    } while (0)

void bug_abort(const char *file, int line, const char *fmt, ...)
    PRINTF(3, 4) NORETURN COLD;

/*
 * AUTO(kind) runs cleanup_<kind> when the variable leaves its scope:
 *     AUTO(file) FILE *f = fopen(path, "rbe");
 */
#define AUTO(kind) __attribute__((cleanup(cleanup_##kind)))

void cleanup_file(void *p); /* FILE *  -> fclose */
void cleanup_fd(int *fd);   /* int     -> close, when >= 0 */
void cleanup_mem(void *p);  /* void *  -> free */
void cleanup_dir(void *p);  /* DIR *   -> closedir */
struct arena;
void cleanup_arena(struct arena **a);
struct buf;
void cleanup_buf(struct buf *b);

#endif
