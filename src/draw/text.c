/*
 * text.c: text on the canvas.
 */
#include <math.h>

#include "draw/canvas.h"
#include "draw/glyphs.h"
#include "draw/svgpath.h"

#define FAMILIES "Noto Sans, Noto Sans Arabic, sans-serif"

static bool has_direction(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_isalpha(g_utf8_get_char(p)))
            return true;
    return false;
}

static PangoLayout *lay_out(struct canvas *c, const struct text *t)
{
    PangoLayout *l = pango_layout_new(c->pango);
    PangoFontDescription *d = pango_font_description_new();

    pango_font_description_set_family_static(d, FAMILIES);
    pango_font_description_set_absolute_size(d, t->size * PANGO_SCALE);
    pango_font_description_set_weight(d, t->bold ? PANGO_WEIGHT_BOLD
                                                 : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_auto_dir(l, FALSE);
    pango_layout_set_alignment(
        l, t->anchor == ANCHOR_MIDDLE                ? PANGO_ALIGN_CENTER
           : (t->anchor == ANCHOR_END) == !c->mirror ? PANGO_ALIGN_RIGHT
                                                     : PANGO_ALIGN_LEFT);
    if (t->width > 0) {
        pango_layout_set_width(l, (int)(t->width * PANGO_SCALE));
        pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    }
    if (t->lines > 0 && t->width > 0) {
        pango_layout_set_height(l, -(int)t->lines);
        pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    }
    pango_layout_set_text(l, t->text, -1);
    /* "5–9" and "85+" have no direction of their own: they are numbers */
    if (c->mirror && !has_direction(t->text))
        pango_layout_set_text(
            l, arena_printf(c->arena, "\u200e%s\u200e", t->text), -1);
    return l;
}

static struct extent size_of(PangoLayout *l, PangoRectangle *box)
{
    pango_layout_get_extents(l, NULL, box);
    return (struct extent){(double)box->width / PANGO_SCALE,
                           (double)box->height / PANGO_SCALE,
                           (double)pango_layout_get_baseline(l) / PANGO_SCALE};
}

struct extent text_measure(struct canvas *c, const struct text *t)
{
    PangoLayout *l;
    PangoRectangle box;
    struct extent e;

    if (!t->text || !*t->text)
        return (struct extent){0};
    l = lay_out(c, t);
    e = size_of(l, &box);
    g_object_unref(l);
    return e;
}

bool text_is_rtl(struct canvas *c, const struct text *t)
{
    PangoLayout *l = lay_out(c, t);
    PangoLayoutLine *line = pango_layout_get_line_readonly(l, 0);
    bool rtl = false;

    if (line && line->runs) {
        const PangoGlyphItem *run = line->runs->data;

        rtl = run->item->analysis.level % 2;
    }
    g_object_unref(l);
    return rtl;
}

/* Positions in parts of an em from the text's own corner. */
static void write_run(struct canvas *c, const PangoGlyphItem *run, double em,
                      int x, int y, struct buf *out)
{
    const PangoGlyphString *s = run->glyphs;

    for (int i = 0; i < s->num_glyphs; i++) {
        const PangoGlyphInfo *g = s->glyphs + i;
        long at_x = lround((x + g->geometry.x_offset) * em);
        long at_y = lround((y + g->geometry.y_offset) * em);
        const char *id = NULL;

        x += g->geometry.width;
        if (g->glyph != PANGO_GLYPH_EMPTY &&
            !(g->glyph & PANGO_GLYPH_UNKNOWN_FLAG))
            id = glyphs_id(c->glyphs, c->pango, run->item->analysis.font,
                           g->glyph);
        if (!id)
            continue;
        buf_fmt(out, "<use href=\"#%s\"", id);
        if (at_x)
            buf_fmt(out, " x=\"%ld\"", at_x);
        if (at_y)
            buf_fmt(out, " y=\"%ld\"", at_y);
        buf_adds(out, "/>");
    }
}

/* The letters of a layout, without place, size and colour. */
static void write_letters(struct canvas *c, PangoLayout *l, double em, int from,
                          struct buf *out)
{
    PangoLayoutIter *i = pango_layout_get_iter(l);
    int top = pango_layout_get_baseline(l);

    do {
        const PangoGlyphItem *run = pango_layout_iter_get_run_readonly(i);
        PangoRectangle box;

        if (!run)
            continue;
        pango_layout_iter_get_run_extents(i, NULL, &box);
        write_run(c, run, em, box.x - from,
                  pango_layout_iter_get_baseline(i) - top, out);
    } while (pango_layout_iter_next_run(i));
    pango_layout_iter_free(i);
}

/* With a pool the letters of a text that is used twice are written once. */
static void write_layout(struct canvas *c, PangoLayout *l, const struct text *t,
                         double x, double y, int from)
{
    double em = GLYPH_EM / (t->size * PANGO_SCALE);
    int top = pango_layout_get_baseline(l);
    AUTO(buf) struct buf letters = {0};

    buf_init(&letters, BUF_CEILING);
    write_letters(c, l, em, from, &letters);
    if (!letters.n)
        return;
    if (c->pool)
        buf_fmt(c->svg, "<use href=\"#%s\"",
                glyphs_run(c->glyphs, buf_str(&letters)));
    else
        buf_adds(c->svg, "<g");
    canvas_paint(c, false, t->tone ? t->tone : TONE_INK);
    buf_adds(c->svg, " transform=\"translate(");
    svg_number(x, 1, c->svg);
    buf_addc(c->svg, ' ');
    svg_number(y + (double)top / PANGO_SCALE, 1, c->svg);
    buf_adds(c->svg, ")scale(");
    svg_number(t->size / GLYPH_EM, 4, c->svg);
    if (c->pool) {
        buf_adds(c->svg, ")\"/>");
        return;
    }
    buf_adds(c->svg, ")\">");
    buf_add(c->svg, buf_str(&letters));
    buf_adds(c->svg, "</g>");
}

struct extent text_draw(struct canvas *c, const struct text *t, double x,
                        double y)
{
    PangoLayout *l;
    PangoRectangle box;
    struct extent e;
    double left = c->mirror ? c->width - x : x;

    if (!t->text || !*t->text)
        return (struct extent){0};
    l = lay_out(c, t);
    e = size_of(l, &box);
    if (t->anchor == ANCHOR_MIDDLE)
        left -= e.w / 2;
    else if ((t->anchor == ANCHOR_END) == !c->mirror)
        left -= e.w;
    left -= (double)box.x / PANGO_SCALE;
    y -= t->rise * e.h;
    if (c->svg) {
        write_layout(c, l, t, left + (double)box.x / PANGO_SCALE, y, box.x);
    } else {
        struct rgb ink = tone_rgb(t->tone ? t->tone : TONE_INK, c->dark);

        cairo_set_source_rgb(c->cr, ink.r, ink.g, ink.b);
        cairo_move_to(c->cr, left, y);
        pango_cairo_show_layout(c->cr, l);
        cairo_new_path(c->cr);
    }
    g_object_unref(l);
    return e;
}
