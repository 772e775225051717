#include "text/lang.h"

#include <stdarg.h>
#include <strings.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "text/language.h"
#include "text/mo.h"

#define CATALOGUE(code)                            \
    extern const unsigned char catalogue_##code[]; \
    extern const size_t catalogue_##code##_bytes;  \
    static struct lang_handles handles_##code
CATALOGUE(en);
CATALOGUE(fr);
CATALOGUE(ar);

static const struct lang en = {"en",       "English",    "en",
                               false,      catalogue_en, &catalogue_en_bytes,
                               &handles_en};
static const struct lang fr = {"fr",       "Français",   "fr",
                               false,      catalogue_fr, &catalogue_fr_bytes,
                               &handles_fr};
static const struct lang ar = {"ar",       "العربية",    "ar-u-nu-latn",
                               true,       catalogue_ar, &catalogue_ar_bytes,
                               &handles_ar};
static const struct lang *const languages[] = {&en, &fr, &ar};

const struct lang *lang_find(const char *code)
{
    if (!code)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
        size_t n = strlen(languages[i]->code);

        if (strncasecmp(code, languages[i]->code, n) == 0 &&
            (code[n] == 0 || code[n] == '-' || code[n] == '_'))
            return languages[i];
    }
    return NULL;
}

const struct lang *const *lang_all(size_t *n)
{
    *n = ARRAY_LEN(languages);
    return languages;
}

const char *lang_code(const struct lang *l)
{
    return l->code;
}

const char *lang_own_name(const struct lang *l)
{
    return l->own_name;
}

bool lang_rtl(const struct lang *l)
{
    return l->rtl;
}

const char *lang_text(const struct lang *l, const char *message)
{
    struct mo m;
    struct str found;

    if (!message || !message[0])
        return "";
    if (!mo_open(&m, l->mo, *l->mo_bytes) || !mo_find(&m, message, &found) ||
        !found.n)
        return message;
    return found.p;
}

const char *lang_plural(const struct lang *l, const char *one, const char *many,
                        uint64_t n)
{
    struct mo m;
    const char *found = NULL;

    if (mo_open(&m, l->mo, *l->mo_bytes))
        found = mo_plural(&m, one, n);
    if (found && found[0])
        return found;
    return lang_text(l, n == 1 ? one : many); /* two messages, not one pair */
}

const char *lang_translate(void *ctx, const char *message)
{
    return lang_text(ctx, message);
}

static bool is_arabic(UChar32 c)
{
    int direction = u_charDirection(c);

    return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
}

/* The first letter that has a direction: +1 right to left, -1, or 0 for none */
static int first_direction(const char *s, bool letters_only)
{
    int32_t n = (int32_t)strlen(s), i = 0;

    while (i < n) {
        UChar32 c;

        U8_NEXT(s, i, n, c);
        if (c < 0 || (letters_only && !u_isalpha(c)))
            continue;
        if (is_arabic(c))
            return 1;
        if (u_charDirection(c) == U_LEFT_TO_RIGHT)
            return -1;
    }
    return 0;
}

static void fill_value(struct buf *out, const char *value, bool rtl)
{
    bool isolate = rtl && first_direction(value, true) < 0;

    if (isolate)
        buf_adds(out, FIRST_STRONG_ISOLATE);
    buf_adds(out, value);
    if (isolate)
        buf_adds(out, POP_ISOLATE);
}

static const char *fill_find(va_list pairs, const char *name, size_t n)
{
    const char *found = NULL, *key;
    va_list ap;

    va_copy(ap, pairs);
    while (!found && (key = va_arg(ap, const char *))) {
        const char *value = va_arg(ap, const char *);

        if (strlen(key) == n && memcmp(key, name, n) == 0)
            found = value ? value : "";
    }
    va_end(ap);
    return found;
}

void lang_fill(struct buf *out, const char *sentence, ...)
{
    const char *p = sentence;
    bool rtl = first_direction(sentence, true) > 0;
    va_list pairs;

    va_start(pairs, sentence);
    while (*p) {
        const char *open = strchr(p, '{'), *close;
        const char *value = NULL;

        if (!open) {
            buf_adds(out, p);
            break;
        }
        buf_add(out, (struct str){p, (size_t)(open - p)});
        close = strchr(open, '}');
        if (close)
            value = fill_find(pairs, open + 1, (size_t)(close - open - 1));
        if (value)
            fill_value(out, value, rtl);
        else
            buf_addc(out, '{');
        p = value ? close + 1 : open + 1;
    }
    va_end(pairs);
}
