#include "text/fold.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <stdlib.h>

static UChar32 fold_arabic(UChar32 c)
{
    switch (c) {
    case 0x0622: /* alef with madda */
    case 0x0623: /* alef with hamza above */
    case 0x0625: /* alef with hamza below */
    case 0x0671: /* alef wasla */
        return 0x0627;
    case 0x0649: /* alef maksura */
    case 0x0626: /* yeh with hamza */
    case 0x06CC: /* Farsi yeh */
        return 0x064A;
    case 0x0629: /* teh marbuta */
        return 0x0647;
    case 0x0624: /* waw with hamza */
        return 0x0648;
    case 0x06A9: /* keheh */
        return 0x0643;
    }
    return c;
}

static bool is_mark(UChar32 c)
{
    int8_t type = u_charType(c);

    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
           type == U_FORMAT_CHAR || c == 0x0640 /* tatweel */;
}

static void append(UChar32 c, struct buf *out)
{
    uint8_t bytes[U8_MAX_LENGTH];
    int32_t n = 0;

    U8_APPEND_UNSAFE(bytes, n, c);
    buf_add(out, (struct str){(const char *)bytes, (size_t)n});
}

static void fold_decomposed(const UChar *s, int32_t n, struct buf *out)
{
    bool space = false, any = false;

    for (int32_t i = 0; i < n;) {
        UChar32 c;

        U16_NEXT(s, i, n, c);
        if (is_mark(c))
            continue;
        if (!u_isalnum(c)) {
            space = true;
            continue;
        }
        if (space && any)
            buf_addc(out, ' ');
        space = false;
        any = true;
        append(fold_arabic(u_foldCase(c, U_FOLD_CASE_DEFAULT)), out);
    }
}

void text_fold(struct str text, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
    int32_t room = (int32_t)MIN(text.n, (size_t)INT32_MAX / 64) + 1, n = 0;
    AUTO(mem) UChar *wide = malloc((size_t)room * sizeof *wide);
    AUTO(mem) UChar *apart = NULL;

    if (!wide) {
        out->failed = true;
        return;
    }
    u_strFromUTF8WithSub(wide, room, &n, text.p, room - 1, 0xFFFD, NULL,
                         &status);
    /* NFKD makes at most 18 units of one */
    apart = malloc(((size_t)n * 18 + 1) * sizeof *apart);
    if (!apart || U_FAILURE(status)) {
        out->failed = true;
        return;
    }
    n = unorm2_normalize(nfkd, wide, n, apart, n * 18 + 1, &status);
    if (U_FAILURE(status))
        out->failed = true;
    else
        fold_decomposed(apart, n, out);
}
