/*
 * canvas.h: what figures draw on; one drawing code for SVG, PNG and PDF.
 *
 * Coordinates are CSS pixels from the top corner at the start of a line: x
 * grows to the right in English and to the left in Arabic (`mirror`), so that
 * a figure is written once. Text is laid out by pango without hinting, the same
 * in all formats. For SVG, glyphs are outlines that each stand once in the file
 * (or once in the page, with a pool), so no font is needed to show them.
 */
#ifndef PASSERELLE_CANVAS_H
#define PASSERELLE_CANVAS_H

#include "base/arena.h"
#include "base/err.h"
#include "draw/figure.h"
#include "draw/palette.h"
#include "draw/pango.h"

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };
enum dash { DASH_NONE, DASH_DOTS, DASH_SHORT, DASH_LONG };

struct glyphs;
struct canvas {
    struct arena *arena;
    const struct lang *lang;
    cairo_t *cr; /* paths are built here whatever the format */
    PangoContext *pango;
    double width, height;     /* height: set by the figure at its end */
    double twin;              /* width whose shapes a map takes; 0: its own */
    bool mirror, dark, small; /* small: a phone's width */
    /* SVG only */
    struct buf *svg;
    struct figure_pool *pool;
    struct glyphs *glyphs;
    const char *prefix;
    double margin;
    unsigned hatched; /* patterns written so far */
    double unit;      /* of the grid */
};

struct text {
    const char *text; /* UTF-8; NULL draws nothing */
    double size;
    bool bold;
    enum tone tone; /* TONE_NONE: ink */
    enum anchor anchor;
    double rise;    /* 0: y is the top, 0.5: the middle, 1: the bottom */
    double width;   /* wrapped at this width; 0: one line */
    unsigned lines; /* ellipsised after so many; 0: never */
};
struct extent {
    double w, h, baseline; /* baseline of the first line, from the top */
};

struct extent text_measure(struct canvas *c, const struct text *t);
struct extent text_draw(struct canvas *c, const struct text *t, double x,
                        double y);
/* True when pango set the first run right to left. */
bool text_is_rtl(struct canvas *c, const struct text *t);

void canvas_move(struct canvas *c, double x, double y);
void canvas_line(struct canvas *c, double x, double y);
void canvas_segment(struct canvas *c, double x0, double y0, double x1,
                    double y1);
void canvas_rect(struct canvas *c, double x, double y, double w, double h);
void canvas_circle(struct canvas *c, double x, double y, double r);
/* SVG: the attribute that gives an element its colour. */
void canvas_paint(struct canvas *c, bool stroke, enum tone t);
/* Both end the path. */
void canvas_fill(struct canvas *c, enum tone t);
void canvas_stroke(struct canvas *c, enum tone t, double width, enum dash d);
void canvas_fill_hatched(struct canvas *c, enum tone paper);

/*
 * Polylines on a grid of `unit` pixels, for maps: many points, short numbers.
 * Between canvas_grid and canvas_grid_end; (x, y) is the grid's origin and the
 * box's edge at the start, `w` its width: a map is never mirrored.
 */
struct grid_path {
    size_t n, n_parts;
    int32_t *xy;  /* 2 n */
    size_t *ends; /* n_parts: index after each part's last point */
    bool closed;
};
void canvas_grid(struct canvas *c, double x, double y, double w, double unit);
void canvas_grid_end(struct canvas *c);
void canvas_grid_fill(struct canvas *c, const struct grid_path *p, enum tone t);
void canvas_grid_hatch(struct canvas *c, const struct grid_path *p,
                       enum tone paper);
/* `share`: a name; with a pool the path is written once for all figures. */
void canvas_grid_stroke(struct canvas *c, const struct grid_path *p,
                        enum tone t, double width, const char *share);

/* canvas_open takes a fresh arena of its own; canvas_close frees it. */
enum rc canvas_open(struct drawing *d, const struct lang *l,
                    const struct figure_options *o, struct canvas *c,
                    struct err *err) MUST_USE;
/* Room around a figure that stands alone, inside its width. */
#define CANVAS_MARGIN 16
/* Ends the drawing: bytes of the format into `out`. */
enum rc canvas_finish(struct canvas *c, const struct figure_options *o,
                      const char *description, struct buf *out,
                      struct err *err) MUST_USE;
void canvas_close(struct canvas *c);

#endif
