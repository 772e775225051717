/*
 * gallery.c: every figure of the invented city as files, to be looked at.
 *
 *     gallery DIRECTORY [nx ny]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "city.h"
#include "draw/figure.h"

static int fail(const struct err *err)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 4096);
    err_render(err, err->message, &b);
    fprintf(stderr, "%s\n", buf_cstr(&b));
    return 1;
}

static int draw_all(struct drawing *d, const struct node *doc, const char *dir,
                    const struct lang *l, const struct figure_options *o)
{
    const struct node *figures = node_get(doc, "figures");

    for (size_t i = 0; i < node_len(figures); i++) {
        const struct node *f = node_at(figures, i);
        AUTO(buf) struct buf b = {0};
        struct err err = {0};
        char path[512];

        buf_init(&b, BUF_CEILING);
        if (figure_draw(d, f, l, o, &b, &err) != RC_OK)
            return fail(&err);
        snprintf(path, sizeof path, "%s/%s.%s.%.0f%s.%s", dir,
                 node_cstr(node_get(f, "code"), ""), lang_code(l), o->width_px,
                 o->dark ? ".dark" : "",
                 o->format == FIGURE_SVG   ? "svg"
                 : o->format == FIGURE_PNG ? "png"
                                           : "pdf");
        if (file_write(path, buf_str(&b), &err) != RC_OK)
            return fail(&err);
        if (o->format == FIGURE_SVG)
            printf("%7zu %s\n", b.n, path);
    }
    return 0;
}

/* All figures in one page, as a profile has them. */
static int draw_page(struct drawing *d, struct arena *a, const struct node *doc,
                     const char *dir, const struct lang *l)
{
    const struct node *figures = node_get(doc, "figures");
    struct figure_pool *pool = figure_pool_new(a, "p");
    AUTO(buf) struct buf b = {0};
    struct err err = {0};

    buf_init(&b, BUF_CEILING);
    buf_adds(&b,
             "<!doctype html><meta charset=\"utf-8\"><meta "
             "name=\"viewport\" content=\"width=device-width\"><style>"
             "body{max-width:720px;margin:16px auto}svg{width:100%}"
             "@media (prefers-color-scheme:dark){body{background:#15181d}}"
             "</style>");
    for (size_t i = 0; i < node_len(figures); i++) {
        struct figure_options o = {.pool = pool, .bare = true};

        buf_adds(&b, "<figure>");
        if (figure_draw(d, node_at(figures, i), l, &o, &b, &err) != RC_OK)
            return fail(&err);
        buf_adds(&b, "</figure>");
    }
    figure_pool_write(pool, &b);
    buf_adds(&b, "<style>");
    figure_pool_css(pool, "figure", false, &b);
    buf_adds(&b, "@media (prefers-color-scheme:dark){");
    figure_pool_css(pool, "figure", true, &b);
    buf_adds(&b, "}</style>");
    printf("%7zu page.%s\n", b.n, lang_code(l));
    if (file_write(arena_printf(a, "%s/page.%s.html", dir, lang_code(l)),
                   buf_str(&b), &err) != RC_OK)
        return fail(&err);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const codes[] = {"en", "fr", "ar"};
    AUTO(arena) struct arena *a = arena_new(0);
    unsigned nx = argc > 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
    unsigned ny = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 9;
    struct geography *g = city_geography(a, nx, ny, 5);
    struct node *doc = city_document(a, g);
    struct drawing *d;
    struct err err = {0};
    int bad = 0;

    if (argc < 2)
        return 2;
    if (dir_make(argv[1], &err) != RC_OK ||
        drawing_open(doc, g, a, &d, &err) != RC_OK)
        return fail(&err);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        for (int k = 0; k < 8 && !bad; k++) {
            struct figure_options o = {.format =
                                           k & 1 ? FIGURE_PNG : FIGURE_SVG,
                                       .width_px = k & 2 ? 360 : 720,
                                       .scale = 1.5,
                                       .dark = k & 4};

            bad |= draw_all(d, doc, argv[1], lang_find(codes[i]), &o);
        }
        bad |= draw_page(d, a, doc, argv[1], lang_find(codes[i]));
    }
    drawing_close(d);
    return bad;
}
