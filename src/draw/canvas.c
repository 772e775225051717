/*
 * canvas.c: paths, and the ends of a drawing.
 */
#include "draw/canvas.h"

#include <cairo-pdf.h>
#include <math.h>

#include "draw/drawing.h"
#include "draw/glyphs.h"
#include "draw/svgpath.h"

#define HATCH_STEP 4.5

static double across(const struct canvas *c, double x)
{
    return c->mirror ? c->width - x : x;
}

void canvas_move(struct canvas *c, double x, double y)
{
    cairo_move_to(c->cr, across(c, x), y);
}

void canvas_line(struct canvas *c, double x, double y)
{
    cairo_line_to(c->cr, across(c, x), y);
}

void canvas_segment(struct canvas *c, double x0, double y0, double x1,
                    double y1)
{
    canvas_move(c, x0, y0);
    canvas_line(c, x1, y1);
}

void canvas_rect(struct canvas *c, double x, double y, double w, double h)
{
    double left = c->mirror ? c->width - x - w : x;

    cairo_rectangle(c->cr, left, y, w, h);
}

void canvas_circle(struct canvas *c, double x, double y, double r)
{
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, across(c, x), y, r, 0, 2 * M_PI);
    cairo_close_path(c->cr);
}

static void source(struct canvas *c, enum tone t)
{
    struct rgb rgb = tone_rgb(t, c->dark);

    cairo_set_source_rgb(c->cr, rgb.r, rgb.g, rgb.b);
}

void canvas_paint(struct canvas *c, bool stroke, enum tone t)
{
    char hex[8];

    if (c->pool) {
        buf_fmt(c->svg, " class=\"%c%d\"", stroke ? 'u' : 't', (int)t);
        (stroke ? c->pool->stroked : c->pool->filled)[t] = true;
        return;
    }
    color_hex(tone_rgb(t, c->dark), hex);
    buf_fmt(c->svg, " %s=\"%s\"", stroke ? "stroke" : "fill", hex);
}

static void path_data(struct canvas *c)
{
    cairo_path_t *p = cairo_copy_path(c->cr);

    buf_adds(c->svg, " d=\"");
    svgpath_cairo(p, 1, c->svg);
    buf_adds(c->svg, "\"/>");
    cairo_path_destroy(p);
    cairo_new_path(c->cr);
}

void canvas_fill(struct canvas *c, enum tone t)
{
    if (!cairo_has_current_point(c->cr))
        return;
    if (c->svg) {
        buf_adds(c->svg, "<path");
        canvas_paint(c, false, t);
        path_data(c);
        return;
    }
    source(c, t);
    cairo_fill(c->cr);
}

static unsigned dashes(enum dash d, double width, double out[2])
{
    if (d == DASH_NONE)
        return 0;
    out[0] = d == DASH_DOTS ? width : d == DASH_SHORT ? 3 : 7;
    out[1] = d == DASH_DOTS ? 2.5 * width : 3;
    return 2;
}

static void stroke_attributes(struct canvas *c, enum tone t, double width,
                              enum dash d, double unit)
{
    double pattern[2];

    buf_adds(c->svg, " fill=\"none\"");
    canvas_paint(c, true, t);
    buf_adds(c->svg, " stroke-width=\"");
    svg_number(width / unit, 2, c->svg);
    buf_addc(c->svg, '"');
    if (width > 1.25 || unit != 1) /* crooked lines; the rest is straight */
        buf_adds(c->svg, " stroke-linejoin=\"round\"");
    if (dashes(d, width, pattern)) {
        buf_adds(c->svg, " stroke-dasharray=\"");
        svg_number(pattern[0] / unit, 1, c->svg);
        buf_addc(c->svg, ' ');
        svg_number(pattern[1] / unit, 1, c->svg);
        buf_addc(c->svg, '"');
    }
}

void canvas_stroke(struct canvas *c, enum tone t, double width, enum dash d)
{
    double pattern[2];

    if (!cairo_has_current_point(c->cr))
        return;
    if (c->svg) {
        buf_adds(c->svg, "<path");
        stroke_attributes(c, t, width, d, 1);
        path_data(c);
        return;
    }
    source(c, t);
    cairo_set_line_width(c->cr, width);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(c->cr, pattern, (int)dashes(d, width, pattern), 0);
    cairo_stroke(c->cr);
}

/* The pattern is written where it is first needed; `unit` undoes the grid. */
static void hatch_pattern(struct canvas *c, double unit, const char *name)
{
    unsigned bit = unit == 1 ? 1 : 2;

    if (c->hatched & bit)
        return;
    c->hatched |= bit;
    buf_fmt(c->svg,
            "<pattern id=\"%s%s\" width=\"%g\" height=\"9\""
            " patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)",
            c->prefix, name, HATCH_STEP);
    if (unit != 1)
        buf_fmt(c->svg, "scale(%g)", 1 / unit);
    buf_adds(c->svg, "\"><path");
    canvas_paint(c, false, TONE_HATCH);
    buf_adds(c->svg, " d=\"M0 0h1.1v9h-1.1z\"/></pattern>");
}

/* Lines at 45 degrees over the clip. */
static void hatch_cairo(struct canvas *c, double unit)
{
    double x0, y0, x1, y1, step = HATCH_STEP * M_SQRT2 / unit;

    cairo_save(c->cr);
    cairo_clip(c->cr);
    cairo_clip_extents(c->cr, &x0, &y0, &x1, &y1);
    source(c, TONE_HATCH);
    cairo_set_line_width(c->cr, 1.1 / unit);
    x0 = floor((x0 - (y1 - y0)) / step);
    for (long i = 0; (x0 + (double)i) * step < x1; i++) {
        cairo_move_to(c->cr, (x0 + (double)i) * step, y1);
        cairo_line_to(c->cr, (x0 + (double)i) * step + (y1 - y0), y0);
    }
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

void canvas_fill_hatched(struct canvas *c, enum tone paper)
{
    if (!cairo_has_current_point(c->cr))
        return;
    if (c->svg) {
        cairo_path_t *p = cairo_copy_path(c->cr);

        canvas_fill(c, paper);
        hatch_pattern(c, 1, "h-1");
        buf_fmt(c->svg, "<path fill=\"url(#%sh-1)\"", c->prefix);
        cairo_append_path(c->cr, p);
        path_data(c);
        cairo_path_destroy(p);
        return;
    }
    source(c, paper);
    cairo_fill_preserve(c->cr);
    hatch_cairo(c, 1);
}

void canvas_grid(struct canvas *c, double x, double y, double w, double unit)
{
    double left = c->mirror ? c->width - x - w : x;

    c->unit = unit;
    if (!c->svg) {
        cairo_save(c->cr);
        cairo_translate(c->cr, left, y);
        cairo_scale(c->cr, unit, unit);
        return;
    }
    buf_adds(c->svg, "<g transform=\"translate(");
    svg_number(left, 2, c->svg);
    buf_addc(c->svg, ' ');
    svg_number(y, 2, c->svg);
    buf_adds(c->svg, ")scale(");
    svg_number(unit, 4, c->svg);
    buf_adds(c->svg, ")\">");
}

void canvas_grid_end(struct canvas *c)
{
    if (c->svg)
        buf_adds(c->svg, "</g>");
    else
        cairo_restore(c->cr);
}

/* With a pool every shape is written once, there. */
static void grid_open(struct canvas *c)
{
    buf_adds(c->svg, c->pool ? "<use" : "<path");
}

/* Ends what grid_open began. */
static void grid_data(struct canvas *c, const struct grid_path *p)
{
    if (c->pool) {
        AUTO(buf) struct buf d = {0};

        buf_init(&d, BUF_CEILING);
        svgpath_grid(p, &d);
        buf_fmt(c->svg, " href=\"#%s\"/>",
                glyphs_shape(c->glyphs, buf_str(&d)));
        return;
    }
    if (c->svg) {
        buf_adds(c->svg, " d=\"");
        svgpath_grid(p, c->svg);
        buf_adds(c->svg, "\"/>");
        return;
    }
    for (size_t part = 0, i = 0; part < p->n_parts; part++) {
        cairo_new_sub_path(c->cr);
        for (; i < p->ends[part]; i++)
            cairo_line_to(c->cr, p->xy[2 * i], p->xy[2 * i + 1]);
        if (p->closed)
            cairo_close_path(c->cr);
    }
}

void canvas_grid_fill(struct canvas *c, const struct grid_path *p, enum tone t)
{
    if (p->n == 0)
        return;
    if (c->svg) {
        grid_open(c);
        canvas_paint(c, false, t);
        grid_data(c, p);
        return;
    }
    grid_data(c, p);
    source(c, t);
    cairo_fill(c->cr);
}

void canvas_grid_hatch(struct canvas *c, const struct grid_path *p,
                       enum tone paper)
{
    if (p->n == 0)
        return;
    if (c->svg) {
        canvas_grid_fill(c, p, paper);
        hatch_pattern(c, c->unit, "h-2");
        grid_open(c);
        buf_fmt(c->svg, " fill=\"url(#%sh-2)\"", c->prefix);
        grid_data(c, p);
        return;
    }
    grid_data(c, p);
    source(c, paper);
    cairo_fill_preserve(c->cr);
    hatch_cairo(c, c->unit);
}

static void shared_stroke(struct canvas *c, const struct grid_path *p,
                          const char *share)
{
    AUTO(buf) struct buf d;

    buf_init(&d, BUF_CEILING);
    if (!glyphs_has(c->glyphs, share))
        svgpath_grid(p, &d);
    buf_fmt(c->svg, " href=\"#%s\"/>",
            glyphs_path(c->glyphs, share, buf_str(&d)));
}

void canvas_grid_stroke(struct canvas *c, const struct grid_path *p,
                        enum tone t, double width, const char *share)
{
    if (p->n == 0)
        return;
    if (c->svg) {
        bool shared = share && c->pool;

        grid_open(c);
        stroke_attributes(c, t, width, DASH_NONE, c->unit);
        if (shared)
            shared_stroke(c, p, share);
        else
            grid_data(c, p);
        return;
    }
    grid_data(c, p);
    source(c, t);
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_width(c->cr, width / c->unit);
    cairo_stroke(c->cr);
}

enum rc canvas_open(struct drawing *d, const struct lang *l,
                    const struct figure_options *o, struct canvas *c,
                    struct err *err)
{
    cairo_surface_t *s =
        cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);

    *c = (struct canvas){.lang = l, .dark = o->dark, .mirror = lang_rtl(l)};
    c->arena = arena_new(0);
    c->cr = cairo_create(s);
    cairo_surface_destroy(s);
    if (cairo_status(c->cr) != CAIRO_STATUS_SUCCESS)
        return err_set(err, RC_MEMORY, N_("not enough memory to draw"));
    c->pango = drawing_pango(d, l);
    c->prefix = o->id_prefix ? o->id_prefix : "";
    if (o->format != FIGURE_SVG)
        return RC_OK;
    c->svg = arena_new_of(c->arena, struct buf);
    buf_init(c->svg, BUF_CEILING);
    c->pool = o->pool;
    if (o->pool) {
        c->glyphs = o->pool->glyphs;
        if (!o->id_prefix)
            c->prefix = arena_printf(c->arena, "%s%zu-", o->pool->prefix,
                                     o->pool->figures);
        o->pool->figures++;
    } else {
        c->glyphs = glyphs_new(c->arena, c->prefix);
    }
    return RC_OK;
}

void canvas_close(struct canvas *c)
{
    if (c->svg)
        buf_free(c->svg);
    if (c->cr)
        cairo_destroy(c->cr);
    if (c->pango)
        g_object_unref(c->pango);
    if (c->arena)
        arena_free(c->arena);
}

static cairo_status_t append(void *ctx, const unsigned char *bytes, unsigned n)
{
    struct buf *out = ctx;

    buf_add(out, (struct str){(const char *)bytes, n});
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void replay(struct canvas *c, cairo_surface_t *target, double scale)
{
    cairo_t *cr = cairo_create(target);
    struct rgb paper = tone_rgb(TONE_PAPER, c->dark);

    cairo_scale(cr, scale, scale);
    cairo_set_source_rgb(cr, paper.r, paper.g, paper.b);
    cairo_paint(cr);
    cairo_set_source_surface(cr, cairo_get_target(c->cr), c->margin, c->margin);
    cairo_paint(cr);
    cairo_destroy(cr);
}

static enum rc finish_cairo(struct canvas *c, const struct figure_options *o,
                            struct buf *out, struct err *err)
{
    double scale = o->scale > 0 ? o->scale : 2;
    double w = c->width + 2 * c->margin, h = c->height + 2 * c->margin;
    bool png = o->format == FIGURE_PNG;
    cairo_surface_t *s;
    cairo_status_t status;

    if (png) {
        s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(w * scale),
                                       (int)ceil(h * scale));
        replay(c, s, scale);
        status = cairo_surface_write_to_png_stream(s, append, out);
    } else {
        /* CSS pixels are 1/96 inch, points 1/72 */
        s = cairo_pdf_surface_create_for_stream(append, out, w * 0.75,
                                                h * 0.75);
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE,
                                       "1970-01-01T00:00:00Z");
        replay(c, s, 0.75);
        cairo_surface_finish(s);
        status = cairo_surface_status(s);
    }
    cairo_surface_destroy(s);
    if (status != CAIRO_STATUS_SUCCESS)
        return err_set(err, RC_FAILED, N_("the figure cannot be drawn: %s"),
                       cairo_status_to_string(status));
    return RC_OK;
}

static void svg_head(struct canvas *c, const char *description, struct buf *out)
{
    double w = c->width + 2 * c->margin, h = c->height + 2 * c->margin;

    buf_fmt(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.0f %.0f "
            "%.0f %.0f\"",
            c->margin ? -c->margin : 0, c->margin ? -c->margin : 0, w, h);
    if (!c->pool)
        buf_fmt(out, " width=\"%.0f\" height=\"%.0f\"", w, h);
    if (c->pool) { /* the page has the text beside it */
        buf_adds(out, " aria-hidden=\"true\">");
        return;
    }
    buf_adds(out, " role=\"img\" aria-label=\"");
    buf_html(out, str_of(description));
    buf_adds(out, "\">");
}

/* A file of its own: paper and outlines. */
static void svg_alone(struct canvas *c, struct buf *out)
{
    struct buf *body = c->svg;

    c->svg = out;
    if (c->margin > 0) {
        buf_adds(out, "<path");
        canvas_paint(c, false, TONE_PAPER);
        buf_fmt(out, " d=\"M%.0f %.0fh%.0fv%.0fh%.0fz\"/>", -c->margin,
                -c->margin, c->width + 2 * c->margin, c->height + 2 * c->margin,
                -c->width - 2 * c->margin);
    }
    buf_adds(out, "<defs>");
    glyphs_write(c->glyphs, out);
    buf_adds(out, "</defs>");
    c->svg = body;
}

enum rc canvas_finish(struct canvas *c, const struct figure_options *o,
                      const char *description, struct buf *out, struct err *err)
{
    c->height = ceil(c->height);
    if (!c->svg)
        return finish_cairo(c, o, out, err);
    svg_head(c, description, out);
    if (!c->pool)
        svg_alone(c, out);
    buf_add(out, buf_str(c->svg));
    buf_adds(out, "</svg>");
    if (out->failed || c->svg->failed)
        return err_set(err, RC_LIMIT, N_("the figure is too large"));
    return RC_OK;
}
