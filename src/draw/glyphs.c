/*
 * glyphs.c: see glyphs.h.
 */
#include "draw/glyphs.h"

#include <stdio.h>

#include "base/dict.h"
#include "draw/svgpath.h"

struct outline {
    const char *id;   /* NULL: no ink */
    const char *name; /* of a shared path, or of the font */
    PangoGlyph glyph;
    struct str d;
    bool run; /* d is markup */
};

struct glyphs {
    struct arena *arena;
    const char *prefix;
    struct outline *items;
    size_t n, cap;
    size_t ids;
    struct dict content; /* 'p' or 'g', then what is shared */
    const char **shared; /* its ids */
    size_t n_shared, cap_shared;
};

struct glyphs *glyphs_new(struct arena *a, const char *prefix)
{
    struct glyphs *g = arena_new_of(a, struct glyphs);

    g->arena = a;
    g->prefix = prefix ? prefix : "";
    dict_init(&g->content, a);
    return g;
}

/* Ids: a letter, then base 36: "a", "b", ... "a0", ... */
static const char *next_id(struct glyphs *g)
{
    char text[16];
    int at = sizeof text;
    size_t v = g->ids++;

    text[--at] = 0;
    while (v >= 26) {
        text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(v - 26) % 36];
        v = (v - 26) / 36;
    }
    text[--at] = (char)('a' + v);
    return arena_printf(g->arena, "%s%s", g->prefix, text + at);
}

static const char *font_name(PangoFont *font, char out[128])
{
    PangoFontDescription *d = pango_font_describe(font);
    const char *family = pango_font_description_get_family(d);

    snprintf(out, 128, "%s/%d/%d", family ? family : "",
             (int)pango_font_description_get_weight(d),
             (int)pango_font_description_get_style(d));
    pango_font_description_free(d);
    return out;
}

/* The same font GLYPH_EM pixels high. */
static PangoFont *enlarged(PangoContext *context, PangoFont *font)
{
    PangoFontDescription *d = pango_font_describe(font);
    PangoFont *large;

    pango_font_description_set_absolute_size(d, GLYPH_EM * PANGO_SCALE);
    large = pango_font_map_load_font(pango_font_get_font_map(font), context, d);
    pango_font_description_free(d);
    return large;
}

static struct str trace(struct glyphs *g, PangoContext *context,
                        PangoFont *font, PangoGlyph glyph)
{
    cairo_surface_t *s =
        cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
    cairo_t *cr = cairo_create(s);
    PangoFont *large = enlarged(context, font);
    cairo_glyph_t one = {.index = glyph};
    cairo_path_t *path;
    AUTO(buf) struct buf out = {0};
    struct str d;

    buf_init(&out, 1 << 20);
    cairo_set_scaled_font(
        cr, pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(large)));
    cairo_glyph_path(cr, &one, 1);
    path = cairo_copy_path(cr);
    svgpath_cairo(path, 0, &out);
    d = buf_str(&out);
    d.p = arena_strndup(g->arena, d.p ? d.p : "", d.n);
    cairo_path_destroy(path);
    cairo_destroy(cr);
    cairo_surface_destroy(s);
    g_object_unref(large);
    return d;
}

const char *glyphs_id(struct glyphs *g, PangoContext *context, PangoFont *font,
                      PangoGlyph glyph)
{
    char name[128];
    struct outline *o;

    font_name(font, name);
    for (size_t i = 0; i < g->n; i++)
        if (g->items[i].glyph == glyph && strcmp(g->items[i].name, name) == 0)
            return g->items[i].id;
    o = &VEC_PUSH(g->arena, g->items, g->n, g->cap);
    *o = (struct outline){.name = arena_strdup(g->arena, name),
                          .glyph = glyph,
                          .d = trace(g, context, font, glyph)};
    if (o->d.n)
        o->id = next_id(g);
    return o->id;
}

bool glyphs_has(const struct glyphs *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++)
        if (!g->items[i].glyph && strcmp(g->items[i].name, name) == 0)
            return true;
    return false;
}

const char *glyphs_path(struct glyphs *g, const char *name, struct str d)
{
    struct outline *o;

    for (size_t i = 0; i < g->n; i++)
        if (!g->items[i].glyph && strcmp(g->items[i].name, name) == 0)
            return g->items[i].id;
    o = &VEC_PUSH(g->arena, g->items, g->n, g->cap);
    *o = (struct outline){.name = arena_strdup(g->arena, name),
                          .d = {arena_strndup(g->arena, d.p, d.n), d.n}};
    o->id = next_id(g);
    return o->id;
}

static const char *share(struct glyphs *g, char kind, struct str content)
{
    struct outline *o;
    AUTO(buf) struct buf key = {0};
    uint32_t i;

    buf_init(&key, BUF_CEILING);
    buf_addc(&key, kind);
    buf_add(&key, content);
    i = dict_find(&g->content, buf_str(&key));
    if (i != DICT_NONE)
        return g->shared[i];
    i = dict_intern(&g->content, buf_str(&key));
    o = &VEC_PUSH(g->arena, g->items, g->n, g->cap);
    *o = (struct outline){.name = "",
                          .d = {dict_cstr(&g->content, i) + 1, content.n},
                          .run = kind == 'g'};
    o->id = next_id(g);
    VEC_PUSH(g->arena, g->shared, g->n_shared, g->cap_shared) = o->id;
    return o->id;
}

const char *glyphs_shape(struct glyphs *g, struct str d)
{
    return share(g, 'p', d);
}

const char *glyphs_run(struct glyphs *g, struct str markup)
{
    return share(g, 'g', markup);
}

void glyphs_write(const struct glyphs *g, struct buf *out)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct outline *o = g->items + i;

        if (!o->id)
            continue;
        buf_fmt(out, o->run ? "<g id=\"%s\">" : "<path id=\"%s\" d=\"", o->id);
        buf_add(out, o->d);
        buf_adds(out, o->run ? "</g>" : "\"/>");
    }
}
