/*
 * glyphs.h: outlines of glyphs and shared paths, each written once.
 *
 * An outline is in thousandths of an em, y downwards, with its position apart,
 * so every size and place uses the same one. Ids follow first use.
 */
#ifndef PASSERELLE_GLYPHS_H
#define PASSERELLE_GLYPHS_H

#include "base/arena.h"
#include "base/str.h"
#include "draw/pango.h"

struct glyphs;
struct glyphs *glyphs_new(struct arena *a, const char *prefix);
/* Id of the glyph's outline; NULL for a glyph without ink. */
const char *glyphs_id(struct glyphs *g, PangoContext *context, PangoFont *font,
                      PangoGlyph glyph);
/* Id of a path by its name; `d` is kept the first time. */
const char *glyphs_path(struct glyphs *g, const char *name, struct str d);
bool glyphs_has(const struct glyphs *g, const char *name);
/* <path id= d=/> of all, in order. */
void glyphs_write(const struct glyphs *g, struct buf *out);

#endif
