/*
 * glyphs.h: outlines of glyphs and shared paths, each written once.
 *
 * An outline is in parts of an em, GLYPH_EM of them, y downwards, with its
 * position apart, so every size and place uses the same one. What is shared by
 * its content (a path, a run of letters) is written once too. Ids follow first
 * use.
 */
#ifndef PASSERELLE_GLYPHS_H
#define PASSERELLE_GLYPHS_H

#include "base/arena.h"
#include "base/str.h"
#include "draw/pango.h"

/* A fifteenth of a pixel in a title of 18: finer than a screen shows. */
enum { GLYPH_EM = 250 };

struct glyphs;
struct glyphs *glyphs_new(struct arena *a, const char *prefix);
/* Id of the glyph's outline; NULL for a glyph without ink. */
const char *glyphs_id(struct glyphs *g, PangoContext *context, PangoFont *font,
                      PangoGlyph glyph);
/* Id of a path by its name; `d` is kept the first time. */
const char *glyphs_path(struct glyphs *g, const char *name, struct str d);
bool glyphs_has(const struct glyphs *g, const char *name);
/* Ids by content: path data, and markup to be drawn together. */
const char *glyphs_shape(struct glyphs *g, struct str d);
const char *glyphs_run(struct glyphs *g, struct str markup);
/* <path id= d=/> and <g id=> of all, in order. */
void glyphs_write(const struct glyphs *g, struct buf *out);

#endif
