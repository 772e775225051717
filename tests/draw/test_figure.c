/* Figures of the invented city: every kind, language, format and width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "city.h"
#include "draw/canvas.h"
#include "draw/drawing.h"
#include "draw/figure.h"

static const char *const languages[] = {"en", "fr", "ar"};

struct stage_set {
    struct arena *a;
    struct geography *g;
    struct node *doc;
    struct drawing *d;
};

static struct stage_set open_city(unsigned nx, unsigned ny, unsigned detail)
{
    struct stage_set s = {.a = arena_new(0)};
    struct err err;

    s.g = city_geography(s.a, nx, ny, detail);
    s.doc = city_document(s.a, s.g);
    assert_int_equal(drawing_open(s.doc, s.g, s.a, &s.d, &err), RC_OK);
    return s;
}

static void close_city(struct stage_set *s)
{
    drawing_close(s->d);
    arena_free(s->a);
}

static const struct node *figures_of(const struct stage_set *s)
{
    return node_get(s->doc, "figures");
}

static void draw(struct stage_set *s, const struct node *figure,
                 const char *language, const struct figure_options *o,
                 struct buf *out)
{
    struct err err = {0};

    buf_init(out, BUF_CEILING);
    assert_int_equal(
        figure_draw(s->d, figure, lang_find(language), o, out, &err), RC_OK);
    assert_false(out->failed);
    assert_true(out->n > 0);
}

/* Tags are nested and closed; attributes are quoted. */
static void check_nesting(const char *p)
{
    size_t open = 0;

    for (p = strchr(p, '<'); p; p = strchr(p, '<')) {
        const char *end = strchr(p, '>');

        assert_non_null(end);
        if (p[1] == '/') {
            assert_true(open > 0);
            open--;
        } else if (end[-1] != '/') {
            open++;
        }
        p = end;
    }
    assert_int_equal(open, 0);
}

static bool has_id(const char *svg, const char *id, size_t n)
{
    char want[64];

    snprintf(want, sizeof want, " id=\"%.*s\"", (int)n, id);
    return strstr(svg, want) != NULL;
}

/* Whatever is referred to is there, in `svg` or in `pool`. */
static void check_references(const char *svg, const char *pool)
{
    for (const char *p = svg; (p = strstr(p, "href=\"#")); p++) {
        size_t n = strcspn(p + 7, "\"");

        assert_true(has_id(svg, p + 7, n) || has_id(pool, p + 7, n));
    }
    for (const char *p = svg; (p = strstr(p, "url(#")); p++)
        assert_true(has_id(svg, p + 5, strcspn(p + 5, ")")));
}

static void check_ids_once(const char *svg, const char *prefix)
{
    for (const char *p = svg; (p = strstr(p, " id=\"")); p++) {
        size_t n = strcspn(p + 5, "\"");

        assert_int_equal(strncmp(p + 5, prefix, strlen(prefix)), 0);
        assert_false(has_id(p + 1, p + 5, n));
    }
}

static void every_figure_is_sound(void **state)
{
    struct stage_set s = open_city(7, 6, 3);

    for (size_t i = 0; i < node_len(figures_of(&s)); i++) {
        for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
            for (int k = 0; k < 4; k++) {
                AUTO(buf) struct buf b = {0};
                struct figure_options o = {.width_px = k & 1 ? 360 : 720,
                                           .dark = k & 2,
                                           .id_prefix = "f9-"};

                draw(&s, node_at(figures_of(&s), i), languages[l], &o, &b);
                assert_true(str_starts(buf_str(&b), "<svg xmlns="));
                assert_true(str_utf8_valid(buf_str(&b), NULL));
                check_nesting(b.p);
                check_references(b.p, "");
                check_ids_once(b.p, "f9-");
                assert_null(strstr(b.p, "nan"));
                assert_null(strstr(b.p, "inf"));
                assert_null(strstr(b.p, "NaN"));
            }
        }
    }
    close_city(&s);
}

static void pictures_have_their_format(void **state)
{
    struct stage_set s = open_city(4, 3, 2);

    for (size_t i = 0; i < node_len(figures_of(&s)); i++) {
        struct figure_options o = {.format = FIGURE_PNG, .scale = 1};
        AUTO(buf) struct buf png = {0};
        AUTO(buf) struct buf pdf = {0};

        draw(&s, node_at(figures_of(&s), i), "ar", &o, &png);
        assert_memory_equal(png.p, "\x89PNG\r\n\x1a\n", 8);
        o.format = FIGURE_PDF;
        draw(&s, node_at(figures_of(&s), i), "ar", &o, &pdf);
        assert_memory_equal(pdf.p, "%PDF-", 5);
    }
    close_city(&s);
}

/* Two drawings that share nothing give the same bytes, in any order. */
static void same_input_same_bytes(void **state)
{
    struct stage_set s = open_city(6, 5, 3), t = open_city(6, 5, 3);
    size_t n = node_len(figures_of(&s));

    for (size_t i = 0; i < n; i++) {
        for (int format = FIGURE_SVG; format <= FIGURE_PDF; format++) {
            struct figure_options o = {.format = (enum figure_format)format};
            AUTO(buf) struct buf a = {0};
            AUTO(buf) struct buf b = {0};
            AUTO(buf) struct buf c = {0};

            draw(&s, node_at(figures_of(&s), i), "ar", &o, &a);
            draw(&t, node_at(figures_of(&t), n - 1 - i), "fr", &o, &c);
            draw(&t, node_at(figures_of(&t), i), "ar", &o, &b);
            assert_int_equal(a.n, b.n);
            assert_memory_equal(a.p, b.p, a.n);
        }
    }
    close_city(&s);
    close_city(&t);
}

static void draw_thin(struct node *doc, const struct geography *g,
                      struct arena *a)
{
    const struct node *figures = node_get(doc, "figures");
    struct stage_set s = {.a = a, .doc = doc};
    struct err err;

    assert_int_equal(drawing_open(doc, g, a, &s.d, &err), RC_OK);
    for (size_t i = 0; i < node_len(figures); i++) {
        for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
            struct figure_options o = {.width_px = l ? 360 : 720};
            AUTO(buf) struct buf b = {0};
            AUTO(buf) struct buf words = {0};

            draw(&s, node_at(figures, i), languages[l], &o, &b);
            check_nesting(b.p);
            assert_null(strstr(b.p, "nan"));
            buf_init(&words, 1 << 20);
            figure_describe(doc, node_at(figures, i), lang_find(languages[l]),
                            &words);
            assert_true(words.n > 0);
        }
    }
    drawing_close(s.d);
}

static void cut_rows(struct node *doc, size_t keep, struct arena *a)
{
    struct node *tables = node_get(doc, "distribution");

    for (size_t i = 0; i < node_len(tables); i++) {
        struct node *old = node_get(node_at(tables, i), "rows");
        struct node *rows = node_list(a);

        for (size_t k = 0; k < keep && k < node_len(old); k++)
            node_push(rows, node_at(old, k));
        node_set(node_at(tables, i), "rows", rows);
    }
}

static void thin_tables_are_drawn(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography *g = city_geography(a, 3, 2, 1);
    struct geography *one = city_geography(a, 1, 1, 1);

    draw_thin(city_empty(a), g, a);
    draw_thin(city_empty(a), NULL, a);
    draw_thin(city_document(a, one), one, a);
    for (size_t keep = 0; keep < 3; keep++) {
        struct node *doc = city_document(a, g);

        cut_rows(doc, keep, a);
        draw_thin(doc, g, a);
    }
}

static void nothing_known_is_drawn(void **state)
{
    static const char *const states[] = {"withheld", "missing", "source",
                                         "undefined"};
    AUTO(arena) struct arena *a = arena_new(0);
    struct geography *g = city_geography(a, 3, 2, 1);

    for (size_t k = 0; k < ARRAY_LEN(states); k++) {
        struct node *doc = city_document(a, g);
        struct node *tables = node_get(doc, "distribution");

        for (size_t i = 0; i < node_len(tables); i++) {
            struct node *rows = node_get(node_at(tables, i), "rows");

            for (size_t r = 0; r < node_len(rows); r++)
                for (size_t c = 0; c < node_len(node_at(rows, r)); c++)
                    if (node_is_number(node_at(node_at(rows, r), c)))
                        *node_at(node_at(rows, r), c) =
                            *node_text(a, states[k]);
        }
        draw_thin(doc, g, a);
    }
}

static void an_unknown_kind_is_refused(void **state)
{
    struct stage_set s = open_city(2, 2, 1);
    struct node *f = node_object(s.a);
    struct figure_options o = {0};
    AUTO(buf) struct buf b = {0};
    struct err err = {0};

    buf_init(&b, BUF_CEILING);
    node_set_text(f, "kind", "sculpture");
    assert_int_equal(figure_draw(s.d, f, lang_find("en"), &o, &b, &err),
                     RC_INVALID);
    assert_int_equal(b.n, 0);
    close_city(&s);
}

static void a_pool_serves_all_figures(void **state)
{
    struct stage_set s = open_city(6, 5, 3);
    struct figure_pool *pool = figure_pool_new(s.a, "p");
    size_t n = node_len(figures_of(&s)), alone = 0, pooled = 0;
    struct buf b[32] = {0};
    AUTO(buf) struct buf defs = {0};

    assert_true(n < ARRAY_LEN(b));
    for (size_t i = 0; i < n; i++) {
        struct figure_options o = {.pool = pool, .bare = true};
        AUTO(buf) struct buf whole = {0};

        draw(&s, node_at(figures_of(&s), i), "fr", &o, b + i);
        pooled += b[i].n;
        o.pool = NULL;
        draw(&s, node_at(figures_of(&s), i), "fr", &o, &whole);
        alone += whole.n;
    }
    buf_init(&defs, BUF_CEILING);
    figure_pool_write(pool, &defs);
    check_nesting(buf_cstr(&defs));
    check_ids_once(buf_cstr(&defs), "p");
    for (size_t i = 0; i < n; i++) {
        check_references(b[i].p, defs.p);
        assert_non_null(strstr(b[i].p, "class=\"t2\""));
        buf_free(b + i);
    }
    assert_true(pooled + defs.n < 0.8 * (double)alone);
    close_city(&s);
}

/* Outlines that only a map has: letters are shorter. */
static size_t shapes_in(const struct figure_pool *pool)
{
    AUTO(buf) struct buf b = {0};
    size_t n = 0;

    buf_init(&b, BUF_CEILING);
    figure_pool_write(pool, &b);
    for (const char *p = buf_cstr(&b); (p = strstr(p, "<path ")); p++)
        n += strcspn(p, ">") > 400;
    return n;
}

/* A phone's map uses the desk's shapes; drawn by itself it has its own. */
static void a_twin_shares_its_shapes(void **state)
{
    static const char *const codes[] = {"map-migrants", "map-origins",
                                        "map-clusters", "map-clusters-small"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct stage_set s = open_city(10, 9, 4);
        struct figure_pool *pool = figure_pool_new(s.a, "p");
        const struct node *f = node_path(figures_of(&s), codes[i]);
        struct figure_options o = {.pool = pool, .bare = true, .width_px = 520};
        AUTO(buf) struct buf wide = {0};
        AUTO(buf) struct buf twin = {0};
        AUTO(buf) struct buf own = {0};
        size_t n;

        draw(&s, f, "en", &o, &wide);
        n = shapes_in(pool);
        assert_true(n > 0);
        o.width_px = 320;
        o.twin_px = 520;
        draw(&s, f, "en", &o, &twin);
        assert_int_equal(shapes_in(pool), n);
        assert_non_null(strstr(twin.p, "viewBox=\"0 0 320 "));
        o.twin_px = 0;
        draw(&s, f, "en", &o, &own);
        assert_true(shapes_in(pool) > n);
        close_city(&s);
    }
}

/* One letter thrice: its shapes at the start, in the middle and at the end. */
static void arabic_is_shaped(void **state)
{
    struct stage_set s = open_city(2, 2, 1);
    struct figure_options o = {0};
    struct text t = {.text = "ببب", .size = 20};
    struct text latin = {.text = "Neukölln", .size = 20};
    struct text range = {.text = "85+", .size = 20};
    const char *ids[3] = {0};
    struct canvas c;
    size_t n = 0;

    assert_int_equal(canvas_open(s.d, lang_find("ar"), &o, &c, NULL), RC_OK);
    c.width = 300;
    assert_true(c.mirror);
    assert_true(text_is_rtl(&c, &t));
    assert_false(text_is_rtl(&c, &latin));
    assert_false(text_is_rtl(&c, &range));
    text_draw(&c, &t, 0, 0);
    for (const char *p = buf_cstr(c.svg); (p = strstr(p, "<use href=\"#"));
         p++) {
        assert_true(n < 3);
        ids[n++] = p;
    }
    assert_int_equal(n, 3);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(strncmp(ids[i], ids[j], 14), 0);
    canvas_close(&c);
    close_city(&s);
}

/* In Arabic a line starts at the right edge. */
static void arabic_starts_at_the_right(void **state)
{
    struct stage_set s = open_city(2, 2, 1);

    for (int ar = 0; ar < 2; ar++) {
        struct figure_options o = {0};
        struct canvas c;

        assert_int_equal(
            canvas_open(s.d, lang_find(ar ? "ar" : "en"), &o, &c, NULL), RC_OK);
        c.width = 300;
        canvas_rect(&c, 10, 5, 40, 20);
        canvas_fill(&c, TONE_INK);
        assert_non_null(strstr(buf_cstr(c.svg), ar ? "d=\"M250 5h40v20h-40z\""
                                                   : "d=\"M10 5h40v20h-40z\""));
        canvas_close(&c);
    }
    close_city(&s);
}

static void long_labels_stay_inside(void **state)
{
    struct stage_set s = open_city(2, 2, 1);

    for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
        struct figure_options o = {0};
        struct text t = {.text =
                             "Saint Vincent and the Grenadines, with many "
                             "more words than any column has room for",
                         .size = 13,
                         .width = 120,
                         .lines = 2};
        struct canvas c;
        struct extent e;

        assert_int_equal(
            canvas_open(s.d, lang_find(languages[l]), &o, &c, NULL), RC_OK);
        e = text_measure(&c, &t);
        assert_true(e.w <= 120.01);
        assert_true(e.h < 3 * 13 * 1.4);
        canvas_close(&c);
    }
    close_city(&s);
}

static void a_description_names_the_extremes(void **state)
{
    static const struct {
        const char *code, *want;
    } rows[] = {
        {"map-migrants", "Map of 28 areas"},
        {"map-migrants", "2 areas have no value"},
        {"map-clusters", "High among high: 5."},
        {"map-clusters-small", "Syria. High among high: 6."},
        {"lines", "Lines over Radius, from 500 to 4,000. Türkiye: 0.150"},
        {"origins-bars", "Türkiye (180,000)"},
        {"origins-slope", "Largest fall: Türkiye"},
        {"age-pyramid", "Age and sex of"},
        {"map-origins", "9 small maps"},
        {"flows", "Arrivals: "},
        {"concentration", "Poland: 0."},
    };
    struct stage_set s = open_city(6, 5, 1);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = {0};

        buf_init(&b, 1 << 20);
        figure_describe(s.doc, node_path(figures_of(&s), rows[i].code),
                        lang_find("en"), &b);
        if (!strstr(buf_cstr(&b), rows[i].want))
            print_error("%s: %s\n", rows[i].code, buf_cstr(&b));
        assert_non_null(strstr(buf_cstr(&b), rows[i].want));
    }
    close_city(&s);
}

/* Each kind has its field; the legend counts areas; outliers are outlined. */
static void kinds_are_painted_and_counted(void **state)
{
    struct stage_set s = open_city(6, 5, 1);
    struct figure_pool *pool = figure_pool_new(s.a, "p");
    struct figure_options o = {.pool = pool, .bare = true};
    AUTO(buf) struct buf b = {0};

    draw(&s, node_path(figures_of(&s), "map-clusters"), "en", &o, &b);
    for (int k = 0; k < 5; k++) {
        char want[32];
        const char *first;

        snprintf(want, sizeof want, "class=\"t%d\"", TONE_CLUSTER + k);
        first = strstr(b.p, want); /* in the legend, then on the map */
        assert_non_null(first);
        assert_non_null(strstr(first + 1, want));
    }
    close_city(&s);
}

/*
 * Small figures of a tiny city, without outlines of letters. To accept a
 * change, look at the figures and run with PASSERELLE_GOLDEN_WRITE=1.
 */
static void golden_figures_hold(void **state)
{
    const char *source = getenv("PASSERELLE_SOURCE");
    bool write = getenv("PASSERELLE_GOLDEN_WRITE") != NULL;
    struct stage_set s = open_city(3, 2, 1);
    struct figure_pool *pool = figure_pool_new(s.a, "p");

    assert_non_null(source);
    for (size_t i = 0; i < node_len(figures_of(&s)); i++) {
        const struct node *f = node_at(figures_of(&s), i);
        const char *code = node_cstr(node_get(f, "code"), "");
        const char *language = i % 3 == 2 ? "ar" : "en";
        struct figure_options o = {
            .pool = pool, .bare = true, .width_px = 360, .id_prefix = "g-"};
        char *path = arena_printf(s.a, "%s/tests/draw/golden/%s.%s.svg", source,
                                  code, language);
        AUTO(buf) struct buf b = {0};
        struct str want;
        struct err err = {0};

        draw(&s, f, language, &o, &b);
        buf_addc(&b, '\n');
        if (write)
            assert_int_equal(file_write(path, buf_str(&b), &err), RC_OK);
        assert_int_equal(file_read(s.a, path, 1 << 20, &want, &err), RC_OK);
        if (!str_eq(want, buf_str(&b)))
            print_error("%s differs\n", path);
        assert_true(str_eq(want, buf_str(&b)));
    }
    close_city(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_is_sound),
        cmocka_unit_test(pictures_have_their_format),
        cmocka_unit_test(same_input_same_bytes),
        cmocka_unit_test(thin_tables_are_drawn),
        cmocka_unit_test(nothing_known_is_drawn),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(a_pool_serves_all_figures),
        cmocka_unit_test(a_twin_shares_its_shapes),
        cmocka_unit_test(arabic_is_shaped),
        cmocka_unit_test(arabic_starts_at_the_right),
        cmocka_unit_test(long_labels_stay_inside),
        cmocka_unit_test(a_description_names_the_extremes),
        cmocka_unit_test(kinds_are_painted_and_counted),
        cmocka_unit_test(golden_figures_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
