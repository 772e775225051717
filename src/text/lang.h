/*
 * lang.h: one language, chosen per call; never the process's locale.
 *
 * Catalogues are the .mo files of locale/, embedded at build time. Numbers,
 * dates, plurals, collation and names of countries and languages come from ICU.
 * Arabic uses European digits (both shores of the sea read them; ADR 4).
 * A struct lang is immutable and shared between threads.
 */
#ifndef PASSERELLE_LANG_H
#define PASSERELLE_LANG_H

#include "base/arena.h"
#include "base/str.h"

struct lang;

const struct lang *lang_find(const char *code); /* "fr", "fr-FR"; or NULL */
const struct lang *const *lang_all(size_t *n);  /* en, fr, ar */
const char *lang_code(const struct lang *l);
const char *lang_own_name(const struct lang *l); /* "Français" */
bool lang_rtl(const struct lang *l);

const char *lang_text(const struct lang *l, const char *message);
const char *lang_plural(const struct lang *l, const char *one, const char *many,
                        uint64_t n);
/* translate_fn of intake/fault.h: ctx is the struct lang. */
const char *lang_translate(void *ctx, const char *message);

/* All append. NaN writes nothing. */
void lang_integer(const struct lang *l, int64_t v, struct buf *out);
void lang_decimal(const struct lang *l, double v, int decimals,
                  struct buf *out);
void lang_percent(const struct lang *l, double share, int decimals,
                  struct buf *out); /* 0.123 -> 12.3 % */
void lang_signed_percent(const struct lang *l, double share, int decimals,
                         struct buf *out);
void lang_signed_decimal(const struct lang *l, double v, int decimals,
                         struct buf *out);
/* "2020", "2020-02", "2025-01-01" in words, at its own precision; other text as
 * it is. */
void lang_period(const struct lang *l, const char *period, struct buf *out);
/* ISO 3166 alpha-2 or alpha-3 -> name; false when not a country code. */
bool lang_country(const struct lang *l, const char *iso, struct buf *out);
bool lang_language(const struct lang *l, const char *iso639, struct buf *out);
void lang_list(const struct lang *l, const char *const *items, size_t n,
               struct buf *out); /* "a, b and c" */
int lang_compare(const struct lang *l, struct str a, struct str b);
/* Bytes that compare as the text does in that language, at most `most` of
 * them: good as long as lang_sort_version says the same. */
void lang_sort_key(const struct lang *l, struct str text, size_t most,
                   struct buf *out);
/* Of ICU's rules for the language. */
void lang_sort_version(const struct lang *l, struct buf *out);

/*
 * A sentence with named places: "One resident in {n} was born in {country}."
 * Pairs of name, value follow, then NULL. In a sentence set right to left, a
 * value that begins left to right is isolated (U+2068, U+2069), so that neither
 * disturbs the order of the other.
 */
void lang_fill(struct buf *out, const char *sentence, ...)
    __attribute__((sentinel));

#endif
