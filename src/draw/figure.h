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

struct figure_options {
    enum figure_format format;
    double width_px;  /* 0: the kind's own, 720 for most */
    double scale;     /* PNG only: device pixels a CSS pixel; 0: 2 */
    bool dark;
    bool bare;        /* without title and source (the page prints them) */
    const char *id_prefix; /* SVG: put before every id, so that several can
                              stand in one page; NULL: none */
};

/*
 * Shared by all figures of a document: simplified shapes and fonts. Not for
 * two threads at once.
 */
struct drawing;
enum rc drawing_open(const struct node *doc, const struct geography *g,
                     struct arena *a, struct drawing **out,
                     struct err *err) MUST_USE;
void drawing_close(struct drawing *d);

enum rc figure_draw(struct drawing *d, const struct node *figure,
                    const struct lang *l, const struct figure_options *o,
                    struct buf *out, struct err *err) MUST_USE;
/* One or two sentences that say what the figure shows (text alternative). */
void figure_describe(const struct node *doc, const struct node *figure,
                     const struct lang *l, struct buf *out);

#endif
