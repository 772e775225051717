/*
 * palette.c: see palette.h.
 */
#include "draw/palette.h"

#include <math.h>

struct lch {
    double l, c, h;
};

static const struct lch roles[TONE_SEQUENTIAL][2] = {
    [TONE_NONE] = {{0, 0, 0}, {0, 0, 0}},
    [TONE_PAPER] = {{1, 0, 0}, {0.205, 0.012, 260}},
    [TONE_INK] = {{0.25, 0.02, 260}, {0.94, 0.006, 260}},
    [TONE_SOFT] = {{0.47, 0.02, 260}, {0.76, 0.015, 260}},
    [TONE_FAINT] = {{0.925, 0.005, 260}, {0.31, 0.012, 260}},
    [TONE_RULE] = {{0.72, 0.012, 260}, {0.52, 0.015, 260}},
    [TONE_MUTED] = {{0.70, 0.015, 250}, {0.52, 0.015, 250}},
    [TONE_ACCENT] = {{0.46, 0.10, 250}, {0.72, 0.11, 240}},
    [TONE_OTHER] = {{0.60, 0.15, 45}, {0.78, 0.13, 60}},
    [TONE_ACCENT_SOFT] = {{0.80, 0.05, 245}, {0.44, 0.06, 245}},
    [TONE_OTHER_SOFT] = {{0.86, 0.06, 55}, {0.48, 0.07, 50}},
    [TONE_NO_DATA] = {{0.955, 0.003, 260}, {0.255, 0.01, 260}},
    [TONE_HATCH] = {{0.76, 0.008, 260}, {0.45, 0.01, 260}},
    [TONE_WITHHELD] = {{0.84, 0.008, 260}, {0.38, 0.01, 260}},
    [TONE_EDGE] = {{0.55, 0.015, 260}, {0.62, 0.015, 260}},
    [TONE_CATEGORY + 0] = {{0.461, 0.16, 266}, {0.59, 0.155, 261}},
    [TONE_CATEGORY + 1] = {{0.665, 0.13, 52}, {0.665, 0.15, 60}},
    [TONE_CATEGORY + 2] = {{0.36, 0.077, 160}, {0.754, 0.062, 178}},
    [TONE_CATEGORY + 3] = {{0.55, 0.09, 0}, {0.53, 0.106, 358}},
    [TONE_CATEGORY + 4] = {{0.61, 0.13, 238}, {0.925, 0.09, 221}},
    [TONE_CATEGORY + 5] = {{0.311, 0.12, 262}, {0.871, 0.157, 106}},
    [TONE_CLUSTER + 0] = {{0.55, 0.16, 42}, {0.72, 0.15, 55}},
    [TONE_CLUSTER + 1] = {{0.36, 0.10, 255}, {0.56, 0.11, 250}},
    [TONE_CLUSTER + 2] = {{0.80, 0.11, 75}, {0.88, 0.09, 85}},
    [TONE_CLUSTER + 3] = {{0.70, 0.09, 235}, {0.80, 0.06, 225}},
    [TONE_CLUSTER + 4] = {{0.94, 0.004, 260}, {0.275, 0.01, 260}},
};

enum tone tone_category(size_t i)
{
    return (enum tone)(TONE_CATEGORY + (int)(i % CATEGORIES));
}

/* Ramps of n classes stand one after the other: 1, 2, ... n of them. */
enum tone tone_sequential(unsigned n, unsigned i)
{
    REQUIRE(n >= 1 && n <= CLASSES_MAX && i < n);
    return (enum tone)(TONE_SEQUENTIAL + (int)(n * (n - 1) / 2 + i));
}

enum tone tone_diverging(unsigned n, unsigned j, bool above)
{
    REQUIRE(n >= 1 && n <= SIDE_MAX && j < n);
    return (enum tone)(TONE_DIVERGING +
                       (int)(2 * (n * (n - 1) / 2 + j) + above));
}

static struct rgb sequential(unsigned n, unsigned i, bool dark)
{
    double t = n == 1 ? 0.6 : (double)i / (n - 1);
    double hue = 108 + 152 * pow(t, 0.85);

    if (dark)
        return color_oklch(0.33 + 0.57 * t, 0.055 + 0.07 * sin(M_PI * t),
                           260 - 152 * pow(t, 1.1));
    return color_oklch(0.945 - 0.62 * t, 0.045 + 0.085 * sin(M_PI * t * 0.82),
                       hue);
}

static struct rgb diverging(unsigned n, unsigned j, bool above, bool dark)
{
    double t = n == 1 ? 0.6 : 0.18 + 0.82 * j / (n - 1);

    if (dark)
        return above ? color_oklch(0.38 + 0.44 * t, 0.025 + 0.11 * t, 62)
                     : color_oklch(0.38 + 0.38 * t, 0.03 + 0.10 * t, 245);
    return above ? color_oklch(0.965 - 0.47 * t, 0.02 + 0.13 * t, 50)
                 : color_oklch(0.955 - 0.55 * t, 0.02 + 0.10 * t, 245);
}

struct rgb tone_rgb(enum tone t, bool dark)
{
    if (t >= TONE_DIVERGING) {
        unsigned at = (unsigned)(t - TONE_DIVERGING) / 2, n = 1;

        while (n * (n + 1) / 2 <= at)
            n++;
        return diverging(n, at - n * (n - 1) / 2,
                         (unsigned)(t - TONE_DIVERGING) % 2, dark);
    }
    if (t >= TONE_SEQUENTIAL) {
        unsigned at = (unsigned)(t - TONE_SEQUENTIAL), n = 1;

        while (n * (n + 1) / 2 <= at)
            n++;
        return sequential(n, at - n * (n - 1) / 2, dark);
    }
    return color_oklch(roles[t][dark].l, roles[t][dark].c, roles[t][dark].h);
}

void tone_css(const char *scope, bool dark, const bool fill[TONE_COUNT],
              const bool stroke[TONE_COUNT], struct buf *out)
{
    for (int t = TONE_PAPER; t < TONE_COUNT; t++) {
        char hex[8];

        color_hex(tone_rgb((enum tone)t, dark), hex);
        if (fill[t])
            buf_fmt(out, "%s .t%d{fill:%s}", scope, t, hex);
        if (stroke[t])
            buf_fmt(out, "%s .u%d{stroke:%s}", scope, t, hex);
    }
}
