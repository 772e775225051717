/*
 * str.h: views of text, and buffers with a ceiling.
 *
 * struct str borrows; it need not end in NUL. struct buf owns its bytes, never
 * grows past `ceiling`, and keeps `failed` once anything did not fit: check it
 * once, at the end. Text reaches HTML, a URL, JSON or CSV only through that
 * context's writer.
 */
#ifndef PASSERELLE_STR_H
#define PASSERELLE_STR_H

#include "base/base.h"
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

static inline struct str str_of(const char *s)
{
    return (struct str){s, s ? strlen(s) : 0};
}
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
bool str_is(struct str a, const char *b);
struct str str_trim(struct str s); /* ASCII blanks off both ends */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_utf8_valid(struct str s, size_t *bad_at); /* bad_at may be NULL */
/* Whole text a number? Independent of the locale. false leaves *out alone. */
bool str_i64(struct str s, int64_t *out);
bool str_double(struct str s, double *out);
/* Levenshtein distance, at most `limit`; for "did you mean". */
unsigned str_distance(struct str a, struct str b, unsigned limit);

struct buf {
    char *p; /* NUL-terminated when not NULL */
    size_t n, cap, ceiling;
    bool failed;
};

#define BUF_CEILING ((size_t)64 << 20)

void buf_init(struct buf *b, size_t ceiling);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);
struct str buf_str(const struct buf *b);
const char *buf_cstr(struct buf *b); /* never NULL */

void buf_add(struct buf *b, struct str s);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

void buf_html(struct buf *b, struct str s); /* text and attribute values */
void buf_json(struct buf *b, struct str s); /* quoted; bad UTF-8 -> U+FFFD */
void buf_csv(struct buf *b, struct str s);  /* quoted where it must be */
void buf_url(struct buf *b, struct str s);  /* percent-encoded component */
/* Fewest digits that read back as the same double; "." always. Numbers from
 * 1e-4 to 1e15 that six decimals can write stand without an exponent. */
void buf_double(struct buf *b, double v);
void buf_i64(struct buf *b, int64_t v); /* as printf, which costs more */

#endif
