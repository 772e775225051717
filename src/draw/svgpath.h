/*
 * svgpath.h: path data in few bytes.
 *
 * Relative commands, no blank that is not needed. Rounding is of absolute
 * positions, so errors do not add up.
 */
#ifndef PASSERELLE_SVGPATH_H
#define PASSERELLE_SVGPATH_H

#include <cairo.h>

#include "base/str.h"
#include "draw/canvas.h"

/* `decimals`: 0 to 4. */
void svgpath_cairo(const cairo_path_t *p, int decimals, struct buf *out);
void svgpath_grid(const struct grid_path *p, struct buf *out);
void svg_number(double v, int decimals, struct buf *out);

#endif
