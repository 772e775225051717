#include "intake/csv_split.h"

/* The field at p; returns its end (a delimiter, a line end or `end`). */
static const char *plain_field(const char *p, const char *end, char delimiter,
                               struct str *out)
{
    const char *q = p;

    while (q < end && *q != delimiter && *q != '\n')
        q++;
    *out = (struct str){p, (size_t)(q - p)};
    if ((q == end || *q == '\n') && out->n && q[-1] == '\r')
        out->n--;
    return q;
}

/* The same for a field that begins with a quote. */
static const char *quoted_field(const char *p, const char *end, char delimiter,
                                char quote, struct split *row, char **to,
                                struct str *out, enum split_state *state)
{
    const char *open = p++;
    char *start = *to;

    for (;; p++) {
        if (p == end) {
            row->bad = open;
            row->bad_column = row->n + 1;
            *state = SPLIT_OPEN;
            break;
        }
        if (*p == quote) {
            if (p + 1 == end || p[1] != quote) {
                p++;
                break;
            }
            p++;
        }
        row->newlines += *p == '\n';
        *(*to)++ = *p;
    }
    *out = (struct str){start, (size_t)(*to - start)};
    if (p < end && p[0] == '\r' && (p + 1 == end || p[1] == '\n'))
        p++;
    if (p < end && *p != delimiter && *p != '\n' && *state == SPLIT_OK) {
        row->bad = p;
        row->bad_column = row->n + 1;
        *state = SPLIT_STRAY;
    }
    while (p < end && *p != delimiter && *p != '\n')
        p++;
    return p;
}

enum split_state csv_split_row(const char *p, size_t n, char delimiter,
                               char quote, struct split *row)
{
    const char *start = p, *end = p + n;
    enum split_state state = SPLIT_OK;
    char *to = row->text;

    row->n = row->newlines = row->bytes = 0;
    for (;; p++) {
        struct str field;

        if (p < end && *p == quote)
            p = quoted_field(p, end, delimiter, quote, row, &to, &field,
                             &state);
        else
            p = plain_field(p, end, delimiter, &field);
        if (row->n < row->cap)
            row->field[row->n] = field;
        row->n++;
        row->bytes += field.n;
        if (p == end || *p == '\n')
            break;
    }
    if (p < end) {
        row->newlines++;
        p++;
    }
    row->length = (size_t)(p - start);
    if (state == SPLIT_OK && row->n > row->cap)
        state = SPLIT_FULL;
    return state;
}

/* --- scanning ------------------------------------------------------------ */

struct found {
    uint64_t ends; /* bit i: byte i is a delimiter or line end */
    uint64_t high, zero;
};

static inline __attribute__((always_inline)) uint32_t *
put_bits(uint32_t *to, uint64_t bits, uint32_t base)
{
    unsigned n = (unsigned)__builtin_popcountll(bits);
    uint32_t *next = to + n;

    /* Eight at a time without a test in between; `at` has room for it. */
    for (;;) {
        for (int k = 0; k < 8; k++) {
            to[k] = base + (uint32_t)__builtin_ctzll(bits | 1ull << 63);
            bits &= bits - 1;
        }
        to += 8;
        if (to >= next)
            return next;
    }
}

static inline __attribute__((always_inline)) void
scan_with(const char *p, size_t n, char delimiter, struct scan *out,
          struct found (*look)(const char *, char))
{
    uint32_t *to = out->at;
    uint64_t high = 0, zero = 0;

    for (size_t i = 0; i < n; i += 64) {
        struct found f = look(p + i, delimiter);
        uint64_t inside = n - i >= 64 ? ~0ull : (1ull << (n - i)) - 1;

        high |= f.high & inside;
        zero |= f.zero & inside;
        if (f.ends & inside)
            to = put_bits(to, f.ends & inside, (uint32_t)i);
    }
    out->n = (size_t)(to - out->at);
    out->high = high != 0;
    out->zero = zero != 0;
}

#ifdef __x86_64__
#include <immintrin.h>

static inline __attribute__((always_inline)) struct found
look_16(const char *p, char delimiter)
{
    const __m128i d = _mm_set1_epi8(delimiter), nl = _mm_set1_epi8('\n');
    struct found f = {0, 0, 0};

    for (int k = 0; k < 4; k++) {
        __m128i v =
            _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
        __m128i e = _mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, nl));
        __m128i z = _mm_cmpeq_epi8(v, _mm_setzero_si128());

        f.ends |= (uint64_t)(uint16_t)_mm_movemask_epi8(e) << 16 * k;
        f.high |= (uint64_t)(uint16_t)_mm_movemask_epi8(v) << 16 * k;
        f.zero |= (uint64_t)(uint16_t)_mm_movemask_epi8(z) << 16 * k;
    }
    return f;
}

static void scan_16(const char *p, size_t n, char delimiter, struct scan *out)
{
    scan_with(p, n, delimiter, out, look_16);
}

__attribute__((target("avx2,bmi,bmi2,popcnt"))) static inline struct found
look_32(const char *p, char delimiter)
{
    const __m256i d = _mm256_set1_epi8(delimiter), nl = _mm256_set1_epi8('\n');
    struct found f = {0, 0, 0};

    for (int k = 0; k < 2; k++) {
        __m256i v =
            _mm256_loadu_si256((const __m256i *)(const void *)(p + 32 * k));
        __m256i e =
            _mm256_or_si256(_mm256_cmpeq_epi8(v, d), _mm256_cmpeq_epi8(v, nl));
        __m256i z = _mm256_cmpeq_epi8(v, _mm256_setzero_si256());

        f.ends |= (uint64_t)(uint32_t)_mm256_movemask_epi8(e) << 32 * k;
        f.high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << 32 * k;
        f.zero |= (uint64_t)(uint32_t)_mm256_movemask_epi8(z) << 32 * k;
    }
    return f;
}

__attribute__((target("avx2,bmi,bmi2,popcnt"))) static void
scan_32(const char *p, size_t n, char delimiter, struct scan *out)
{
    scan_with(p, n, delimiter, out, look_32);
}

void csv_scan(const char *p, size_t n, char delimiter, struct scan *out)
{
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        scan_32(p, n, delimiter, out);
    else
        scan_16(p, n, delimiter, out);
}
#else
static inline struct found look_8(const char *p, char delimiter)
{
    struct found f = {0, 0, 0};

    for (int k = 0; k < 64; k++) {
        f.ends |= (uint64_t)(p[k] == delimiter || p[k] == '\n') << k;
        f.high |= (uint64_t)((unsigned char)p[k] >> 7) << k;
        f.zero |= (uint64_t)(p[k] == 0) << k;
    }
    return f;
}

void csv_scan(const char *p, size_t n, char delimiter, struct scan *out)
{
    scan_with(p, n, delimiter, out, look_8);
}
#endif
