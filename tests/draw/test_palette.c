/*
 * The palettes keep their order and their differences for every reader.
 * Distances are OKLab times 100: 2 is just noticeable side by side.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draw/palette.h"

static double lightness(struct rgb c)
{
    double lab[3];

    color_oklab(c, lab);
    return lab[0];
}

static void known_colours(void **state)
{
    /* Ottosson's examples: white, and sRGB red's L = 0.628 */
    struct rgb white = {1, 1, 1}, red = {1, 0, 0}, black = {0, 0, 0};
    struct rgb grey = color_seen(red, VISION_GREY);
    char hex[8];

    assert_true(fabs(lightness(white) - 1) < 1e-4);
    assert_true(fabs(lightness(red) - 0.62796) < 1e-4);
    assert_true(fabs(color_contrast(white, black) - 21) < 1e-9);
    assert_true(fabs(color_contrast(white, red) - 3.998) < 1e-3);
    assert_true(grey.r == grey.g && grey.g == grey.b);
    color_hex(red, hex);
    assert_string_equal(hex, "#f00");
    color_hex(color_oklch(0.5, 0.4, 30), hex); /* out of gamut: clipped */
    assert_int_equal(hex[0], '#');
}

static void sequential_is_monotone(void **state)
{
    for (int dark = 0; dark < 2; dark++) {
        for (unsigned n = 2; n <= CLASSES_MAX; n++) {
            double step = 0.25 / n;

            for (unsigned i = 0; i + 1 < n; i++) {
                for (int v = VISION_FULL; v <= VISION_GREY; v++) {
                    struct rgb a = color_seen(
                        tone_rgb(tone_sequential(n, i), dark), (enum vision)v);
                    struct rgb b =
                        color_seen(tone_rgb(tone_sequential(n, i + 1), dark),
                                   (enum vision)v);
                    double fall = lightness(a) - lightness(b);

                    assert_true((dark ? -fall : fall) > step);
                    assert_true(color_distance(a, b) > (n <= 6 ? 8 : 5));
                }
            }
        }
    }
}

static void diverging_rises_from_the_middle(void **state)
{
    for (int dark = 0; dark < 2; dark++) {
        for (unsigned n = 1; n <= SIDE_MAX; n++) {
            for (int v = VISION_FULL; v <= VISION_DEUTAN; v++) {
                struct rgb under =
                    color_seen(tone_rgb(tone_diverging(n, 0, false), dark),
                               (enum vision)v);
                struct rgb over = color_seen(
                    tone_rgb(tone_diverging(n, 0, true), dark), (enum vision)v);

                assert_true(color_distance(under, over) > 3);
                for (unsigned j = 0; j < 2 * n; j++) {
                    struct rgb a = color_seen(
                        tone_rgb(tone_diverging(n, j / 2, j % 2), dark),
                        (enum vision)v);
                    struct rgb b;
                    double fall;

                    if (j / 2 + 1 == n)
                        continue;
                    b = color_seen(
                        tone_rgb(tone_diverging(n, j / 2 + 1, j % 2), dark),
                        (enum vision)v);
                    fall = lightness(a) - lightness(b);
                    assert_true((dark ? -fall : fall) > 0.05);
                    assert_true(color_distance(a, b) > 7);
                }
            }
        }
    }
}

static void opposite_ends_differ(void **state)
{
    for (int dark = 0; dark < 2; dark++)
        for (int v = VISION_FULL; v <= VISION_DEUTAN; v++)
            for (unsigned j = 1; j < 3; j++)
                assert_true(
                    color_distance(
                        color_seen(tone_rgb(tone_diverging(3, j, false), dark),
                                   (enum vision)v),
                        color_seen(tone_rgb(tone_diverging(3, j, true), dark),
                                   (enum vision)v)) > 8);
}

static void categories_differ_for_everyone(void **state)
{
    for (int dark = 0; dark < 2; dark++) {
        for (size_t i = 0; i < CATEGORIES; i++) {
            for (size_t j = 0; j < i; j++) {
                for (int v = VISION_FULL; v <= VISION_GREY; v++) {
                    struct rgb a = color_seen(tone_rgb(tone_category(i), dark),
                                              (enum vision)v);
                    struct rgb b = color_seen(tone_rgb(tone_category(j), dark),
                                              (enum vision)v);
                    double least = v == VISION_GREY ? 3 : 7;

                    if (color_distance(a, b) <= least)
                        print_error("%zu and %zu, vision %d, dark %d: %.1f\n",
                                    i, j, v, dark, color_distance(a, b));
                    assert_true(color_distance(a, b) > least);
                }
            }
        }
    }
}

/* The kinds of a map of clusters, with what is withheld; outliers have an
 * outline besides, so in grey they need only differ from the ground. */
static void clusters_differ_for_everyone(void **state)
{
    static const enum tone tones[] = {TONE_CLUSTER,     TONE_CLUSTER + 1,
                                      TONE_CLUSTER + 2, TONE_CLUSTER + 3,
                                      TONE_CLUSTER + 4, TONE_WITHHELD};

    for (int dark = 0; dark < 2; dark++)
        for (size_t i = 0; i < ARRAY_LEN(tones); i++)
            for (size_t j = 0; j < i; j++)
                for (int v = VISION_FULL; v <= VISION_GREY; v++) {
                    struct rgb a =
                        color_seen(tone_rgb(tones[i], dark), (enum vision)v);
                    struct rgb b =
                        color_seen(tone_rgb(tones[j], dark), (enum vision)v);
                    double d = color_distance(a, b);
                    double least = v == VISION_GREY ? 3 : 8;

                    if (d <= least)
                        print_error("%zu and %zu, vision %d, dark %d: %.1f\n",
                                    i, j, v, dark, d);
                    assert_true(d > least);
                }
}

/* WCAG 2.2: 4.5 for text, 3 for marks that carry meaning. */
static void contrast_with_the_paper(void **state)
{
    static const struct {
        enum tone tone;
        double least;
    } rows[] = {
        {TONE_INK, 7},          {TONE_SOFT, 4.5},       {TONE_ACCENT, 3},
        {TONE_OTHER, 3},        {TONE_EDGE, 3},         {TONE_CATEGORY + 0, 3},
        {TONE_CATEGORY + 1, 3}, {TONE_CATEGORY + 2, 3}, {TONE_CATEGORY + 3, 3},
        {TONE_CATEGORY + 4, 3}, {TONE_CATEGORY + 5, 3},
    };

    for (int dark = 0; dark < 2; dark++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            double c = color_contrast(tone_rgb(rows[i].tone, dark),
                                      tone_rgb(TONE_PAPER, dark));

            if (c < rows[i].least)
                print_error("tone %d, dark %d: %.2f\n", rows[i].tone, dark, c);
            assert_true(c >= rows[i].least);
        }
    }
}

static void every_tone_has_a_rule(void **state)
{
    AUTO(buf) struct buf css = {0};
    bool fill[TONE_COUNT] = {[TONE_INK] = true, [TONE_SOFT] = true};
    bool stroke[TONE_COUNT] = {[TONE_INK] = true};

    buf_init(&css, 1 << 20);
    tone_css(".figure", true, fill, stroke, &css);
    assert_false(css.failed);
    assert_non_null(strstr(buf_cstr(&css), ".figure .t2{fill:#"));
    assert_non_null(strstr(buf_cstr(&css), ".figure .u2{stroke:#"));
    assert_non_null(strstr(buf_cstr(&css), ".figure .t3{fill:#"));
    assert_null(strstr(buf_cstr(&css), ".u3{")); /* not in use */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_colours),
        cmocka_unit_test(sequential_is_monotone),
        cmocka_unit_test(diverging_rises_from_the_middle),
        cmocka_unit_test(opposite_ends_differ),
        cmocka_unit_test(categories_differ_for_everyone),
        cmocka_unit_test(clusters_differ_for_everyone),
        cmocka_unit_test(contrast_with_the_paper),
        cmocka_unit_test(every_tone_has_a_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
