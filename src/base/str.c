#include "base/str.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool str_is(struct str a, const char *b)
{
    return str_eq(a, str_of(b));
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool str_ends(struct str s, const char *suffix)
{
    size_t n = strlen(suffix);

    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

/* Length of the UTF-8 sequence at p (Unicode 15, table 3-7), 0 if none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high, length;
    } rows[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
        {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    if (p[0] < 0x80)
        return 1;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        if (p[0] < rows[r].first_low || p[0] > rows[r].first_high)
            continue;
        if (n < rows[r].length || p[1] < rows[r].second_low ||
            p[1] > rows[r].second_high)
            return 0;
        for (size_t i = 2; i < rows[r].length; i++)
            if ((p[i] & 0xC0) != 0x80)
                return 0;
        return rows[r].length;
    }
    return 0;
}

bool str_utf8_valid(struct str s, size_t *bad_at)
{
    for (size_t i = 0; i < s.n;) {
        size_t step = utf8_length((const unsigned char *)s.p + i, s.n - i);

        if (!step) {
            if (bad_at)
                *bad_at = i;
            return false;
        }
        i += step;
    }
    return true;
}

bool str_i64(struct str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    int64_t v = 0;

    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, digit, &v))
            return false;
    }
    if (!negative && v == INT64_MIN)
        return false;
    *out = negative ? v : -v;
    return true;
}

/* Accepts [+-]digits[.digits][e[+-]digits]; nothing else reaches the
 * conversion, so neither the locale nor "inf" or hex can matter. */
static bool decimal_shape(struct str s)
{
    size_t i = 0, digits = 0;

    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
        digits++;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            digits++;
    if (!digits)
        return false;
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        size_t from;

        i++;
        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
            i++;
        for (from = i; i < s.n && s.p[i] >= '0' && s.p[i] <= '9';)
            i++;
        if (i == from)
            return false;
    }
    return i == s.n;
}

/*
 * Up to 15 digits, a point among them or not: both the digits and the power of
 * ten are whole doubles, so that one division rounds as it should (Clinger
 * 1990). Nearly all numbers of a table are such.
 */
static bool read_short(struct str s, double *out)
{
    static const double power[] = {1,    1e1,  1e2,  1e3, 1e4,  1e5,
                                   1e6,  1e7,  1e8,  1e9, 1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15};
    size_t i = s.n && s.p[0] == '-', point = s.n;
    uint64_t v = 0;

    if (s.n - i > 16 || s.n == i)
        return false;
    for (size_t from = i; i < s.n; i++) {
        unsigned digit = (unsigned)(s.p[i] - '0');

        if (digit <= 9)
            v = v * 10 + digit;
        else if (s.p[i] == '.' && point == s.n && i > from)
            point = i;
        else
            return false;
    }
    if (point == s.n ? s.n - (s.p[0] == '-') > 15 : point + 1 == s.n)
        return false;
    *out = (double)v / power[point == s.n ? 0 : s.n - point - 1];
    if (s.p[0] == '-')
        *out = -*out;
    return true;
}

bool str_double(struct str s, double *out)
{
    char text[64];
    double v;

    if (read_short(s, out))
        return true;
    if (s.n >= sizeof text || !decimal_shape(s))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    /* No room calls setlocale, so the C locale's "." holds. */
    v = strtod(text, NULL);
    if (!isfinite(v))
        return false;
    *out = v;
    return true;
}

unsigned str_distance(struct str a, struct str b, unsigned limit)
{
    unsigned row[65];
    size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;

    if (gap > limit || b.n >= ARRAY_LEN(row))
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned change = corner + (a.p[i - 1] != b.p[j - 1]);

            corner = row[j];
            row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return MIN(row[b.n], limit + 1);
}

void buf_init(struct buf *b, size_t ceiling)
{
    *b = (struct buf){.ceiling = ceiling};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.ceiling = b->ceiling};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
    if (b->p)
        b->p[0] = '\0';
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

const char *buf_cstr(struct buf *b)
{
    return b->p ? b->p : "";
}

/* Room for n more bytes and a NUL. */
static bool buf_room(struct buf *b, size_t n)
{
    size_t want, cap = b->cap ? b->cap : 256;
    char *p;

    if (b->failed || n > b->ceiling - MIN(b->n, b->ceiling)) {
        b->failed = true;
        return false;
    }
    want = b->n + n + 1;
    if (want <= b->cap)
        return true;
    while (cap < want)
        cap *= 2;
    p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct str s)
{
    if (!buf_room(b, s.n))
        return;
    if (s.n)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, str_of(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof text) {
        buf_add(b, (struct str){text, (size_t)n});
        return;
    }
    if (n < 0 || !buf_room(b, (size_t)n))
        return;
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void buf_html(struct buf *b, struct str s)
{
    size_t from = 0;

    for (size_t i = 0; i < s.n; i++) {
        const char *entity = NULL;

        switch (s.p[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        }
        if (!entity)
            continue;
        buf_add(b, (struct str){s.p + from, i - from});
        buf_adds(b, entity);
        from = i + 1;
    }
    if (s.n > from)
        buf_add(b, (struct str){s.p + from, s.n - from});
}

/* Escape of an ASCII character in JSON, NULL where it stands for itself. */
static const char *json_escape(unsigned char c, char out[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    }
    if (c >= 0x20 && c != 0x7F)
        return NULL;
    snprintf(out, 8, "\\u%04x", c);
    return out;
}

void buf_json(struct buf *b, struct str s)
{
    size_t from = 0; /* of what stands for itself */

    buf_addc(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t step = utf8_length((const unsigned char *)s.p + i, s.n - i);
        char text[8];
        const char *escape = step == 0 ? "\xEF\xBF\xBD"
                             : step == 1
                                 ? json_escape((unsigned char)s.p[i], text)
                                 : NULL;

        i += step ? step : 1;
        if (!escape)
            continue;
        buf_add(b, (struct str){s.p + from, i - 1 - from});
        buf_adds(b, escape);
        from = i;
    }
    buf_add(b, (struct str){s.p + from, s.n - from});
    buf_addc(b, '"');
}

void buf_csv(struct buf *b, struct str s)
{
    bool quote = s.n && (blank(s.p[0]) || blank(s.p[s.n - 1]));

    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' ||
                s.p[i] == '\r' || s.p[i] == ';';
    if (!quote) {
        buf_add(b, s);
        return;
    }
    buf_addc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, s.p[i]);
    }
    buf_addc(b, '"');
}

void buf_url(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                     c == '.' || c == '~';

        if (plain)
            buf_addc(b, (char)c);
        else
            buf_fmt(b, "%%%02X", c);
    }
}

void buf_i64(struct buf *b, int64_t v)
{
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
    char text[24], *p = text + sizeof text;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (v < 0)
        *--p = '-';
    buf_add(b, (struct str){p, (size_t)(text + sizeof text - p)});
}

/* How few digits read back as the same double. */
static int digits_of(double v)
{
    char text[40];
    int digits = 15;

    /* Up to 15 survive a double: where they say it all, the fewest are these
     * without the zeros at their end. The smallest doubles hold fewer. */
    snprintf(text, sizeof text, "%.14e", v);
    if (!isnormal(v)) {
        for (digits = 1; digits < 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, v);
            if (strtod(text, NULL) == v)
                break;
        }
    } else if (strtod(text, NULL) == v) {
        for (const char *end = strchr(text, 'e'); digits > 1 && end[-1] == '0';
             end--)
            digits--;
    } else {
        snprintf(text, sizeof text, "%.16g", v);
        digits = strtod(text, NULL) == v ? 16 : 17;
    }
    return digits;
}

/*
 * Whole numbers and short decimals, most of what is written, without printf:
 * m / 10^k is rounded correctly when both are exact, so that the decimal reads
 * back as v when the quotient is v.
 */
static bool short_decimal(struct buf *b, double v)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    double size = fabs(v), m = 0;
    char text[24], *p = text + sizeof text;
    size_t k = 0;
    uint64_t rest;

    if (size >= 1e15 || (size > 0 && size < 1e-4) || (size == 0 && signbit(v)))
        return false;
    for (; k < ARRAY_LEN(powers); k++) {
        m = nearbyint(size * powers[k]);
        if (m > 9e15 || m / powers[k] == size)
            break;
    }
    if (k == ARRAY_LEN(powers) || m > 9e15)
        return false;
    rest = (uint64_t)m;
    for (size_t i = 0;
         i < k || rest || p == text + sizeof text || (i == k && k > 0); i++) {
        if (i == k && k > 0)
            *--p = '.';
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (v < 0)
        *--p = '-';
    buf_add(b, (struct str){p, (size_t)(text + sizeof text - p)});
    return true;
}

void buf_double(struct buf *b, double v)
{
    char text[40];

    if (!isfinite(v)) {
        b->failed = true;
        return;
    }
    if (short_decimal(b, v))
        return;
    snprintf(text, sizeof text, "%.*g", digits_of(v), v);
    buf_adds(b, text);
}
