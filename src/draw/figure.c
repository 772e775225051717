/*
 * figure.c: see figure.h.
 */
#include "draw/figure.h"

#include "draw/drawing.h"
#include "draw/frame.h"
#include "draw/glyphs.h"

#define SMALL_WIDTH 480

static const struct kind {
    const char *name;
    enum rc (*draw)(struct sketch *s, struct err *err);
    double width_px;
} kinds[] = {
    {"choropleth", draw_choropleth, 720},
    {"multiples", draw_multiples, 720},
    {"clusters", draw_clusters, 720},
    {"bars", draw_bars, 720},
    {"pyramid", draw_pyramid, 720},
    {"slope", draw_slope, 720},
    {"concentration", draw_concentration, 560},
    {"columns", draw_columns, 720},
    {"lines", draw_lines, 720},
    {"dots", draw_dots, 720},
};

enum rc drawing_open(const struct node *doc, const struct geography *g,
                     struct arena *a, struct drawing **out, struct err *err)
{
    struct drawing *d = arena_new_of(a, struct drawing);

    *d = (struct drawing){.doc = doc, .g = g, .arena = a};
    d->fonts = pango_cairo_font_map_new();
    if (!d->fonts)
        return err_set(err, RC_UNAVAILABLE, N_("no fonts to draw with"));
    *out = d;
    return RC_OK;
}

void drawing_close(struct drawing *d)
{
    if (d && d->fonts)
        g_object_unref(d->fonts);
    if (!d)
        return;
    d->fonts = NULL;
    drawing_shapes_free(d->own);
    d->own = d->shapes = NULL;
}

struct drawing_shapes *drawing_shapes_new(void)
{
    struct arena *a = arena_new(0);
    struct drawing_shapes *s = arena_new_of(a, struct drawing_shapes);

    s->arena = a;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void drawing_shapes_free(struct drawing_shapes *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    arena_free(s->arena); /* with s itself */
}

void drawing_share(struct drawing *d, struct drawing_shapes *s)
{
    d->shapes = s;
}

PangoContext *drawing_pango(struct drawing *d, const struct lang *l)
{
    PangoContext *p = pango_font_map_create_context(d->fonts);
    cairo_font_options_t *o = cairo_font_options_create();

    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(p, o);
    cairo_font_options_destroy(o);
    pango_context_set_round_glyph_positions(p, FALSE);
    pango_context_set_base_dir(p, lang_rtl(l) ? PANGO_DIRECTION_RTL
                                              : PANGO_DIRECTION_LTR);
    pango_context_set_language(p, pango_language_from_string(lang_code(l)));
    return p;
}

static const struct kind *kind_of(const struct node *figure)
{
    const char *name = node_cstr(node_get(figure, "kind"), "");

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds + i;
    return NULL;
}

static enum rc draw_on(struct drawing *d, struct canvas *c,
                       const struct kind *kind, const struct node *figure,
                       const struct figure_options *o, struct buf *out,
                       struct err *err)
{
    struct sketch s = {
        .drawing = d, .canvas = c, .figure = figure, .bare = o->bare};
    AUTO(buf) struct buf description = {0};
    enum rc rc;

    buf_init(&description, 1 << 20);
    c->width = o->width_px > 0 ? MAX(240, o->width_px) : kind->width_px;
    c->small = c->width < SMALL_WIDTH;
    c->margin = o->bare ? 0 : CANVAS_MARGIN;
    c->twin = o->pool && o->twin_px > 0 ? o->twin_px - 2 * c->margin : 0;
    c->width -= 2 * c->margin;
    view_init(&s.view, d->doc, figure, c->lang, c->arena);
    frame_title(&s);
    rc = kind->draw(&s, err);
    if (rc != RC_OK)
        return rc;
    frame_source(&s);
    c->height = s.y;
    figure_describe(d->doc, figure, c->lang, &description);
    return canvas_finish(c, o, buf_cstr(&description), out, err);
}

enum rc figure_draw(struct drawing *d, const struct node *figure,
                    const struct lang *l, const struct figure_options *o,
                    struct buf *out, struct err *err)
{
    const struct kind *kind = kind_of(figure);
    struct canvas c = {0};
    enum rc rc;

    if (!kind)
        return err_set(err, RC_INVALID, N_("figure '%s' has no known kind"),
                       node_cstr(node_get(figure, "code"), ""));
    rc = canvas_open(d, l, o, &c, err);
    if (rc == RC_OK)
        rc = draw_on(d, &c, kind, figure, o, out, err);
    canvas_close(&c);
    return rc;
}

struct figure_pool *figure_pool_new(struct arena *a, const char *prefix)
{
    struct figure_pool *p = arena_new_of(a, struct figure_pool);

    p->prefix = arena_strdup(a, prefix ? prefix : "");
    p->glyphs = glyphs_new(a, p->prefix);
    return p;
}

void figure_pool_write(const struct figure_pool *p, struct buf *out)
{
    buf_adds(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" "
             "height=\"0\" display=\"none\" aria-hidden=\"true\"><defs>");
    glyphs_write(p->glyphs, out);
    buf_adds(out, "</defs></svg>");
}

void figure_pool_css(const struct figure_pool *p, const char *scope, bool dark,
                     struct buf *out)
{
    tone_css(scope, dark, p->filled, p->stroked, out);
}
