#include "intake/table_population.h"

#define COUNT_LARGEST ((int64_t)1 << 62)

static bool listed(struct str text, const char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(text, str_trim(str_of(texts[i]))))
            return true;
    return false;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the digits at the front. */
static size_t digits(struct str s)
{
    size_t n = 0;

    while (n < s.n && digit(s.p[n]))
        n++;
    return n;
}

static struct str after(struct str s, size_t n)
{
    return (struct str){s.p + n, s.n - n};
}

/* Bytes of the separator at the front: point, comma, blank, apostrophe. */
static size_t separator(struct str s)
{
    static const char *const all[] = {
        ",",      ".",      " ",      "'",      "_",      "\u00A0",
        "\u202F", "\u2009", "\u2019", "\u066C", "\u066B",
    };

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_starts(s, all[i]))
            return strlen(all[i]);
    return 0;
}

/* Bytes of a minus sign at the front. */
static size_t minus(struct str s)
{
    return str_starts(s, "-") ? 1 : str_starts(s, "\u2212") ? 3 : 0;
}

/* Only digits of another script (Arabic-Indic, Persian, Devanagari, ...)? */
static bool foreign_digits(struct str s)
{
    size_t i = 0;

    for (; i + 1 < s.n; i += 2) {
        unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];

        if (!((a == 0xD9 && b >= 0xA0 && b <= 0xA9) ||
              (a == 0xDB && b >= 0xB0 && b <= 0xB9)))
            return false;
    }
    return s.n && i == s.n;
}

static bool only_zeros(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '0')
            return false;
    return s.n > 0;
}

static bool exponent(struct str s)
{
    size_t n;

    if (!s.n || (s.p[0] != 'e' && s.p[0] != 'E'))
        return false;
    s = after(s, 1);
    if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
        s = after(s, 1);
    n = digits(s);
    return n && n == s.n;
}

/*
 * Digits, then something else: groups of three digits after one to three
 * others are thousands, whatever stands between; so is every text with two
 * separators. What is left after a single point or comma are decimals.
 */
static enum count_state with_separator(struct str s, int64_t *value,
                                       enum fault_kind *kind)
{
    size_t whole = digits(s), sep = separator(after(s, whole));
    struct str rest = after(s, whole + sep), tail;
    size_t n = digits(rest);
    bool decimal = sep == 1 && (s.p[whole] == '.' || s.p[whole] == ',');

    *kind = FAULT_COUNT_NOT_NUMBER;
    if (!sep || !n)
        return COUNT_FAULT;
    tail = after(rest, n);
    if (decimal && exponent(tail)) {
        *kind = FAULT_COUNT_EXPONENT;
        return COUNT_FAULT;
    }
    while (tail.n && separator(tail)) { /* a second separator */
        size_t more = separator(tail);

        decimal = false;
        n = digits(after(tail, more));
        tail = after(tail, more + n);
        if (!n)
            return COUNT_FAULT;
    }
    if (tail.n)
        return COUNT_FAULT;
    if (decimal && (n != 3 || whole > 3 || s.p[0] == '0')) {
        *kind = FAULT_COUNT_DECIMAL;
        if (s.p[whole] != '.' || !only_zeros(rest) ||
            !str_i64((struct str){s.p, whole}, value) || *value > COUNT_LARGEST)
            return COUNT_FAULT;
        return COUNT_OK;
    }
    *kind = FAULT_COUNT_THOUSANDS;
    return COUNT_FAULT;
}

static enum count_state unsigned_count(struct str s, int64_t *value,
                                       enum fault_kind *kind)
{
    size_t n = digits(s);

    if (n && n == s.n) {
        *kind = FAULT_COUNT_TOO_LARGE;
        return str_i64(s, value) && *value <= COUNT_LARGEST ? COUNT_OK
                                                            : COUNT_FAULT;
    }
    if (n && exponent(after(s, n))) {
        *kind = FAULT_COUNT_EXPONENT;
        return COUNT_FAULT;
    }
    if (n)
        return with_separator(s, value, kind);
    *kind = foreign_digits(s) ? FAULT_COUNT_DIGITS : FAULT_COUNT_NOT_NUMBER;
    return COUNT_FAULT;
}

enum count_state count_parse(struct str text, const struct population_spec *s,
                             int64_t *value, enum fault_kind *kind)
{
    struct str t = str_trim(text);
    int64_t v = 0;
    enum count_state state;

    if (listed(t, s->suppressed, s->n_suppressed))
        return COUNT_WITHHELD;
    if (listed(t, s->missing, s->n_missing))
        return COUNT_MISSING;
    *kind = FAULT_COUNT_EMPTY;
    if (!t.n)
        return COUNT_FAULT;
    if (minus(t) && digits(after(t, minus(t)))) {
        struct str rest = after(t, minus(t));

        state = unsigned_count(rest, &v, kind);
        if (state == COUNT_OK || *kind == FAULT_COUNT_DECIMAL ||
            *kind == FAULT_COUNT_TOO_LARGE)
            *kind = FAULT_COUNT_NEGATIVE;
        return COUNT_FAULT;
    }
    state = unsigned_count(t, &v, kind);
    if (state == COUNT_OK)
        *value = v;
    return state;
}
