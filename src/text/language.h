/*
 * language.h: what the files of this room share about a language.
 *
 * ICU's handles are opened on first use, kept for the life of the process and
 * only read afterwards (their format calls are const), so threads share them.
 * A handle that cannot be opened stays NULL; the writers then fall back to
 * plain digits.
 */
#ifndef PASSERELLE_LANGUAGE_H
#define PASSERELLE_LANGUAGE_H

#include <stdatomic.h>
#include <unicode/utypes.h>

#include "text/lang.h"

enum { LANG_DECIMALS = 7 }; /* 0 to 6 */
enum lang_style {
    STYLE_DECIMAL,
    STYLE_PERCENT,
    STYLE_SIGNED_PERCENT,
    STYLE_SIGNED,
    LANG_STYLES
};

/* Opened once each; see lang_handle. */
struct lang_handles {
    _Atomic(void *) numbers[LANG_STYLES][LANG_DECIMALS];
    _Atomic(void *) names, short_names, list, collator;
    _Atomic(void *) dates[2]; /* of a month, of a day */
};

struct lang {
    const char *code, *own_name;
    const char *icu; /* ICU's name, with its digits */
    bool rtl;
    const unsigned char *mo;
    const size_t *mo_bytes;
    struct lang_handles *handles;
};

/* UTF-16 -> the buffer; `minus` writes U+2212 for a hyphen-minus. */
void utf16_add(const UChar *text, int32_t n, bool minus, struct buf *out);

/* The handle in `slot`, kept from now on; closes `fresh` if another thread was
 * quicker. */
void *lang_keep(_Atomic(void *) *slot, void *fresh, void (*close)(void *));

/* Around text that has its own direction: U+2066 or U+2068 ... U+2069. */
#define LTR_ISOLATE "\xe2\x81\xa6"
#define FIRST_STRONG_ISOLATE "\xe2\x81\xa8"
#define POP_ISOLATE "\xe2\x81\xa9"

#endif
