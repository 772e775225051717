#include <math.h>
#include <stdio.h>
#include <unicode/unumberformatter.h>
#include <unicode/ustring.h>

#include "text/language.h"

void utf16_add(const UChar *text, int32_t n, bool minus, struct buf *out)
{
    for (int32_t i = 0; i < n;) {
        char bytes[U8_MAX_LENGTH];
        int32_t k = 0;
        UChar32 c;

        U16_NEXT(text, i, n, c);
        if (minus && c == '-')
            c = 0x2212;
        if (U_IS_SURROGATE(c))
            c = 0xfffd;
        U8_APPEND_UNSAFE(bytes, k, c);
        buf_add(out, (struct str){bytes, (size_t)k});
    }
}

void *lang_keep(_Atomic(void *) *slot, void *fresh, void (*close)(void *))
{
    void *none = NULL;

    if (!fresh)
        return NULL;
    if (atomic_compare_exchange_strong(slot, &none, fresh))
        return fresh;
    close(fresh);
    return none;
}

static void close_number(void *f)
{
    unumf_close(f);
}

static const UNumberFormatter *formatter(const struct lang *l,
                                         enum lang_style style, int decimals)
{
    static const char *const skeletons[LANG_STYLES] = {
        [STYLE_DECIMAL] = "sign-negative",
        [STYLE_PERCENT] = "percent scale/100 sign-negative",
        [STYLE_SIGNED_PERCENT] = "percent scale/100 sign-except-zero",
        [STYLE_SIGNED] = "sign-except-zero"};
    _Atomic(void *) *slot = &l->handles->numbers[style][decimals];
    void *open = atomic_load(slot);
    char skeleton[96];
    UChar wide[96];
    UErrorCode status = U_ZERO_ERROR;

    if (open)
        return open;
    snprintf(skeleton, sizeof skeleton, "%s rounding-mode-half-up %s%.*s",
             skeletons[style], decimals ? "." : "precision-integer", decimals,
             "000000");
    u_uastrcpy(wide, skeleton);
    open = unumf_openForSkeletonAndLocale(wide, -1, l->icu, &status);
    if (U_FAILURE(status)) {
        unumf_close(open);
        return NULL;
    }
    return lang_keep(slot, open, close_number);
}

static void add_result(UFormattedNumber *r, UErrorCode status, double plain,
                       struct buf *out)
{
    UChar text[400];
    int32_t n = 0;

    if (U_SUCCESS(status))
        n = unumf_resultToString(r, text, ARRAY_LEN(text), &status);
    if (U_SUCCESS(status))
        utf16_add(text, n, true, out);
    else
        buf_double(out, plain);
    unumf_closeResult(r);
}

static void add_real(const struct lang *l, enum lang_style style, double v,
                     int decimals, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNumberFormatter *f;
    UFormattedNumber *r;

    if (!isfinite(v))
        return;
    decimals = MAX(0, MIN(decimals, LANG_DECIMALS - 1));
    f = formatter(l, style, decimals);
    if (!f) {
        buf_double(out, v);
        return;
    }
    r = unumf_openResult(&status);
    unumf_formatDouble(f, v, r, &status);
    add_result(r, status, v, out);
}

void lang_integer(const struct lang *l, int64_t v, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNumberFormatter *f = formatter(l, STYLE_DECIMAL, 0);
    UFormattedNumber *r;

    if (!f) {
        buf_fmt(out, "%lld", (long long)v);
        return;
    }
    r = unumf_openResult(&status);
    unumf_formatInt(f, v, r, &status);
    add_result(r, status, (double)v, out);
}

void lang_decimal(const struct lang *l, double v, int decimals, struct buf *out)
{
    add_real(l, STYLE_DECIMAL, v, decimals, out);
}

void lang_signed_decimal(const struct lang *l, double v, int decimals,
                         struct buf *out)
{
    add_real(l, STYLE_SIGNED, v, decimals, out);
}

void lang_percent(const struct lang *l, double share, int decimals,
                  struct buf *out)
{
    add_real(l, STYLE_PERCENT, share, decimals, out);
}

void lang_signed_percent(const struct lang *l, double share, int decimals,
                         struct buf *out)
{
    add_real(l, STYLE_SIGNED_PERCENT, share, decimals, out);
}
