/*
 * html_svg.h: the figures of a page share the shapes of their letters.
 *
 * Every figure defines the glyphs that it uses; in one page the same glyph is
 * defined once, by the first figure that needs it, and the others refer to
 * that. Ids are unique in the page already (figure_options.id_prefix).
 */
#ifndef PASSERELLE_HTML_SVG_H
#define PASSERELLE_HTML_SVG_H

#include "base/dict.h"

struct shared_shapes {
    struct arena *arena;     /* borrowed */
    struct dict shapes, ids; /* same numbering */
};

void shared_shapes_init(struct shared_shapes *s, struct arena *a);
/* Appends the figure without the definitions that the page has. */
void shared_shapes_add(struct shared_shapes *s, struct str svg,
                       struct buf *out);

#endif
