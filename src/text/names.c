#include <stdio.h>
#include <unicode/ucol.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uldnames.h>
#include <unicode/ulistformatter.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "text/language.h"

enum { NAME_UNITS = 200 };

/* CLDR's short name is the usual one; the long one carries an annotation. */
static const char *const short_named[] = {"PS", "HK", "MO", "MM"};
/* Regions that CLDR names and that are no countries. */
static const char *const not_countries[] = {"EU", "EZ", "UN", "QO",
                                            "XA", "XB", "ZZ"};

static bool one_of(const char *code, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(code, list[i]) == 0)
            return true;
    return false;
}

static void close_names(void *p)
{
    uldn_close(p);
}

static const ULocaleDisplayNames *names_of(const struct lang *l, bool brief)
{
    UDisplayContext contexts[] = {UDISPCTX_CAPITALIZATION_NONE,
                                  brief ? UDISPCTX_LENGTH_SHORT
                                        : UDISPCTX_LENGTH_FULL,
                                  UDISPCTX_NO_SUBSTITUTE};
    _Atomic(void *) *slot =
        brief ? &l->handles->short_names : &l->handles->names;
    void *open = atomic_load(slot);
    UErrorCode status = U_ZERO_ERROR;

    if (open)
        return open;
    open = uldn_openForContext(l->icu, contexts, ARRAY_LEN(contexts), &status);
    if (U_FAILURE(status)) {
        uldn_close(open);
        return NULL;
    }
    return lang_keep(slot, open, close_names);
}

/* ISO 3166-1: two letters as they are, three letters to two. */
static bool alpha2(const char *iso, char out[3])
{
    char code[4] = "";
    size_t n = iso ? strlen(iso) : 0;

    if (n != 2 && n != 3)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = iso[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c < 'A' || c > 'Z')
            return false;
        code[i] = c;
    }
    if (n == 2) {
        memcpy(out, code, 3);
        return true;
    }
    for (const char *const *c = uloc_getISOCountries(); *c; c++) {
        char locale[8];

        snprintf(locale, sizeof locale, "und_%s", *c);
        if (strcmp(uloc_getISO3Country(locale), code) == 0) {
            memcpy(out, *c, 3);
            return true;
        }
    }
    if (strcmp(code, "XKX") == 0) {
        memcpy(out, "XK", 3);
        return true;
    }
    return false;
}

bool lang_country(const struct lang *l, const char *iso, struct buf *out)
{
    const ULocaleDisplayNames *names;
    UErrorCode status = U_ZERO_ERROR;
    UChar text[NAME_UNITS];
    char code[3];
    int32_t n;

    if (!alpha2(iso, code) ||
        one_of(code, not_countries, ARRAY_LEN(not_countries)))
        return false;
    names = names_of(l, one_of(code, short_named, ARRAY_LEN(short_named)));
    if (!names)
        return false;
    n = uldn_regionDisplayName(names, code, text, NAME_UNITS, &status);
    if (U_FAILURE(status) || n == 0 ||
        status == U_STRING_NOT_TERMINATED_WARNING)
        return false;
    if (n == 2 && text[0] == (UChar)code[0] && text[1] == (UChar)code[1])
        return false;
    utf16_add(text, n, false, out);
    return true;
}

bool lang_language(const struct lang *l, const char *iso639, struct buf *out)
{
    const ULocaleDisplayNames *names = names_of(l, false);
    UErrorCode status = U_ZERO_ERROR;
    UChar text[NAME_UNITS], code[12];
    size_t length = iso639 ? strlen(iso639) : 0;
    int32_t n;

    if (!names || length < 2 || length > 11)
        return false;
    for (size_t i = 0; i <= length; i++) {
        char c = iso639[i];

        if (i < length && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            c != '-')
            return false;
        code[i] = (UChar)(unsigned char)c;
    }
    n = uldn_localeDisplayName(names, iso639, text, NAME_UNITS, &status);
    if (U_FAILURE(status) || n == 0 ||
        status == U_STRING_NOT_TERMINATED_WARNING)
        return false;
    if ((size_t)n == length && u_strncasecmp(text, code, n, 0) == 0)
        return false;
    utf16_add(text, n, false, out);
    return true;
}

/* Whole text made of digits and dashes as "2020", "2020-02", "2020-02-29"? */
static unsigned period_parts(const char *s, int part[3])
{
    static const unsigned widths[3] = {4, 2, 2};
    unsigned n = 0;

    for (;;) {
        part[n] = 0;
        for (unsigned i = 0; i < widths[n]; i++, s++) {
            if (*s < '0' || *s > '9')
                return 0;
            part[n] = part[n] * 10 + (*s - '0');
        }
        n++;
        if (!*s)
            break;
        if (*s++ != '-' || n == 3)
            return 0;
    }
    if ((n > 1 && (part[1] < 1 || part[1] > 12)) ||
        (n > 2 && (part[2] < 1 || part[2] > 31)))
        return 0;
    return n;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar, years counted from
 * March so that the leap day is the last. */
static long days_to(long year, long month, long day)
{
    long y = month > 2 ? year : year - 1, era = y / 400;
    long of_era = y - era * 400, m = month > 2 ? month - 3 : month + 9;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * m + 2) / 5 + day - 1 - 719468;
}

/* Noon of the day. ICU's calendar, slow to open, knows the days before the
 * Gregorian one. */
static UDate date_of(const int part[3], unsigned n, UErrorCode *status)
{
    static const UChar utc[] = u"UTC";
    UCalendar *c;
    UDate date;

    if (part[0] > 1582)
        return ((double)days_to(part[0], part[1], n > 2 ? part[2] : 1) + 0.5) *
               86400000;
    c = ucal_open(utc, -1, "en", UCAL_GREGORIAN, status);
    ucal_setDateTime(c, part[0], n > 1 ? part[1] - 1 : 0, n > 2 ? part[2] : 1,
                     12, 0, 0, status);
    date = ucal_getMillis(c, status);
    ucal_close(c);
    return date;
}

static void close_dates(void *p)
{
    udat_close(p);
}

static UDateFormat *open_dates(const struct lang *l, bool day)
{
    static const UChar utc[] = u"UTC";
    UErrorCode status = U_ZERO_ERROR;
    UChar pattern[64];
    UDateTimePatternGenerator *g = udatpg_open(l->icu, &status);
    int32_t length =
        udatpg_getBestPattern(g, day ? u"yMMMMd" : u"yMMMM", -1, pattern,
                              ARRAY_LEN(pattern), &status);
    UDateFormat *f = NULL;

    udatpg_close(g);
    if (U_SUCCESS(status))
        f = udat_open(UDAT_PATTERN, UDAT_PATTERN, l->icu, utc, -1, pattern,
                      length, &status);
    if (U_SUCCESS(status))
        return f;
    udat_close(f);
    return NULL;
}

/* Opening one takes a thousand times as long as using it. */
static const UDateFormat *dates_of(const struct lang *l, bool day)
{
    _Atomic(void *) *slot = &l->handles->dates[day];
    void *open = atomic_load(slot);

    if (open)
        return open;
    open = open_dates(l, day);
    return open ? lang_keep(slot, open, close_dates) : NULL;
}

static int32_t date_words(const struct lang *l, const int part[3], unsigned n,
                          UChar *text, int32_t size)
{
    UErrorCode status = U_ZERO_ERROR;
    const UDateFormat *f = dates_of(l, n > 2);
    int32_t length;

    if (!f)
        return 0;
    length =
        udat_format(f, date_of(part, n, &status), text, size, NULL, &status);
    return U_SUCCESS(status) ? length : 0;
}

void lang_period(const struct lang *l, const char *period, struct buf *out)
{
    int part[3];
    UChar text[NAME_UNITS];
    unsigned n = period ? period_parts(period, part) : 0;
    int32_t length = n > 1 ? date_words(l, part, n, text, NAME_UNITS) : 0;

    if (!period)
        return;
    if (length > 0) {
        bool first = n == 3 && part[2] == 1 && strcmp(l->code, "fr") == 0;

        if (first && text[0] == '1' && text[1] == ' ') {
            buf_adds(out, "1er");
            utf16_add(text + 1, length - 1, false, out);
        } else {
            utf16_add(text, length, false, out);
        }
    } else if (l->rtl && n != 1) { /* "2019-2023" must not turn round */
        buf_adds(out, LTR_ISOLATE);
        buf_adds(out, period);
        buf_adds(out, POP_ISOLATE);
    } else {
        buf_adds(out, period);
    }
}

static void close_list(void *p)
{
    ulistfmt_close(p);
}

static const UListFormatter *list_of(const struct lang *l)
{
    void *open = atomic_load(&l->handles->list);
    UErrorCode status = U_ZERO_ERROR;

    if (open)
        return open;
    open = ulistfmt_open(l->icu, &status);
    if (U_FAILURE(status)) {
        ulistfmt_close(open);
        return NULL;
    }
    return lang_keep(&l->handles->list, open, close_list);
}

enum { LIST_MOST = 64, LIST_UNITS = 4096 };

static bool list_words(const struct lang *l, const char *const *items, size_t n,
                       struct buf *out)
{
    static _Thread_local UChar units[LIST_UNITS], text[LIST_UNITS];
    const UChar *strings[LIST_MOST];
    int32_t lengths[LIST_MOST], used = 0, length;
    const UListFormatter *f = list_of(l);
    UErrorCode status = U_ZERO_ERROR;

    if (!f || n > LIST_MOST)
        return false;
    for (size_t i = 0; i < n; i++) {
        strings[i] = units + used;
        u_strFromUTF8(units + used, LIST_UNITS - used, &lengths[i], items[i],
                      -1, &status);
        if (U_FAILURE(status))
            return false;
        used += lengths[i];
    }
    length = ulistfmt_format(f, strings, lengths, (int32_t)n, text, LIST_UNITS,
                             &status);
    if (U_FAILURE(status))
        return false;
    utf16_add(text, length, false, out);
    return true;
}

void lang_list(const struct lang *l, const char *const *items, size_t n,
               struct buf *out)
{
    if (n == 0 || list_words(l, items, n, out))
        return;
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_adds(out, l->rtl ? "، " : ", ");
        buf_adds(out, items[i]);
    }
}

static void close_collator(void *p)
{
    ucol_close(p);
}

static UCollator *collator_of(const struct lang *l)
{
    UCollator *c = atomic_load(&l->handles->collator);
    UErrorCode status = U_ZERO_ERROR;

    if (c)
        return c;
    c = ucol_open(l->icu, &status);
    return U_SUCCESS(status)
               ? lang_keep(&l->handles->collator, c, close_collator)
               : NULL;
}

void lang_sort_key(const struct lang *l, struct str text, size_t most,
                   struct buf *out)
{
    enum { UNITS = 512 };
    UChar wide[UNITS];
    uint8_t key[4 * UNITS];
    UErrorCode status = U_ZERO_ERROR;
    UCollator *c = collator_of(l);
    int32_t n = 0, bytes;

    /* what lies behind the first characters does not count */
    text.n = MIN(text.n, (size_t)UNITS - 1);
    u_strFromUTF8WithSub(wide, UNITS, &n, text.p ? text.p : "", (int32_t)text.n,
                         0xFFFD, NULL, &status);
    if (!c || U_FAILURE(status)) {
        buf_add(out, (struct str){text.p, MIN(text.n, most)});
        return;
    }
    bytes = ucol_getSortKey(c, wide, n, key, sizeof key);
    buf_add(out,
            (struct str){(char *)key,
                         MIN((size_t)MIN(bytes, (int32_t)sizeof key), most)});
}

void lang_sort_version(const struct lang *l, struct buf *out)
{
    UCollator *c = collator_of(l);
    UVersionInfo version = {0};

    if (c)
        ucol_getVersion(c, version);
    for (size_t i = 0; i < sizeof version; i++)
        buf_fmt(out, "%s%u", i ? "." : "", version[i]);
}

int lang_compare(const struct lang *l, struct str a, struct str b)
{
    UCollator *c = collator_of(l);
    UErrorCode status = U_ZERO_ERROR;
    UCollationResult r = UCOL_EQUAL;
    int order;

    if (c)
        r = ucol_strcollUTF8(c, a.p, (int32_t)a.n, b.p, (int32_t)b.n, &status);
    if (U_SUCCESS(status) && r != UCOL_EQUAL)
        return r == UCOL_LESS ? -1 : 1;
    order = memcmp(a.n ? a.p : "", b.n ? b.p : "", MIN(a.n, b.n));
    if (order)
        return order;
    return a.n < b.n ? -1 : a.n > b.n;
}
