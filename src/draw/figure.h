/*
 * figure.h: a figure of the document -> SVG, PNG or PDF, in one language.
 *
 * `doc` is a whole profile document, `figure` one entry of its `figures`
 * (docs/profile-document.md says which keys each kind has). One drawing code on
 * cairo and pango serves every format. Figures are drawn for `width_px` CSS
 * pixels; text is shaped by pango, right to left where the language is.
 */
#ifndef PASSERELLE_FIGURE_H
#define PASSERELLE_FIGURE_H

#include "base/err.h"
#include "base/node.h"
#include "base/str.h"
#include "space/geography.h"
#include "text/lang.h"

enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_PDF };

struct figure_pool;
struct figure_options {
    enum figure_format format;
    double width_px; /* 0: the kind's own, 720 for most */
    double scale;    /* PNG only: device pixels a CSS pixel; 0: 2 */
    bool dark;
    bool bare;             /* without title and source (the page prints them) */
    const char *id_prefix; /* SVG: put before every id, so that several can
                              stand in one page; NULL: none */
    struct figure_pool *pool; /* SVG inside a page: see below; or NULL */
    double twin_px; /* with a pool: the width of the same figure drawn already,
                       whose shapes a map takes smaller; 0: its own */
};

/*
 * For a page of many figures: outlines, shapes and words are written once, by
 * figure_pool_write, anywhere in the page; the figures only refer to them. Such
 * figures carry no width and height (the page's CSS sets `width: 100%`), no
 * background and no colours but classes: figure_pool_css writes the rules of
 * those in use, light or dark. One pool a page and language; `prefix` begins
 * every id. Draw all figures of the page before writing either.
 */
struct figure_pool *figure_pool_new(struct arena *a, const char *prefix);
void figure_pool_write(const struct figure_pool *p, struct buf *out);
/* Rules "<scope> .t1{fill:...}": put the dark ones into a media query. */
void figure_pool_css(const struct figure_pool *p, const char *scope, bool dark,
                     struct buf *out);

/*
 * Shared by all figures of a document: simplified shapes and fonts. Not for
 * two threads at once; but drawings of one geography, each with its thread, may
 * share the shapes, which cost most: owned by the caller, freed after them.
 */
struct drawing;
enum rc drawing_open(const struct node *doc, const struct geography *g,
                     struct arena *a, struct drawing **out,
                     struct err *err) MUST_USE;
void drawing_close(struct drawing *d);
struct drawing_shapes;
struct drawing_shapes *drawing_shapes_new(void);
void drawing_shapes_free(struct drawing_shapes *s);
void drawing_share(struct drawing *d, struct drawing_shapes *s);

enum rc figure_draw(struct drawing *d, const struct node *figure,
                    const struct lang *l, const struct figure_options *o,
                    struct buf *out, struct err *err) MUST_USE;
/* One or two sentences that say what the figure shows (text alternative). */
void figure_describe(const struct node *doc, const struct node *figure,
                     const struct lang *l, struct buf *out);

#endif
