/*
 * palette.h: every colour of a figure, by what it is for.
 *
 * A tone is a role ("ink", "class 3 of 5"); a theme gives it a colour. Ramps
 * are built in OKLCH so that lightness is monotone: they keep their order in
 * grey and for colour-blind readers (tests/draw/palette.c holds them to it).
 */
#ifndef PASSERELLE_PALETTE_H
#define PASSERELLE_PALETTE_H

#include "base/str.h"
#include "draw/color.h"

enum tone {
    TONE_NONE,
    TONE_PAPER,
    TONE_INK,    /* titles, labels */
    TONE_SOFT,   /* axis text, sources */
    TONE_FAINT,  /* grid lines */
    TONE_RULE,   /* axes, leaders */
    TONE_MUTED,  /* marks in the background */
    TONE_ACCENT, /* the marks that matter */
    TONE_OTHER,  /* the contrasting mark */
    TONE_ACCENT_SOFT,
    TONE_OTHER_SOFT,
    TONE_NO_DATA,
    TONE_HATCH,
    TONE_WITHHELD,
    TONE_EDGE, /* outline of the city */
    TONE_CATEGORY,
    TONE_CLUSTER = TONE_CATEGORY + 6, /* high-high, low-low, high-low, low-high,
                                         not sure */
    TONE_SEQUENTIAL = TONE_CLUSTER + 5,
    TONE_DIVERGING = TONE_SEQUENTIAL + 36,
    TONE_COUNT = TONE_DIVERGING + 20
};
enum { CATEGORIES = 6, CLASSES_MAX = 8, SIDE_MAX = 4 };

enum tone tone_category(size_t i);                 /* wraps around */
enum tone tone_sequential(unsigned n, unsigned i); /* i of n, n <= 8 */
/* The jth class (0 nearest) of `n` on one side of the middle, n <= 4. */
enum tone tone_diverging(unsigned n, unsigned j, bool above);

struct rgb tone_rgb(enum tone t, bool dark);
/* CSS: the rules of the tones that fill, and of those that stroke. */
void tone_css(const char *scope, bool dark, const bool fill[TONE_COUNT],
              const bool stroke[TONE_COUNT], struct buf *out);

#endif
