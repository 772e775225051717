/*
 * pango.h: cairo and pango without glib's own MIN and MAX.
 */
#ifndef PASSERELLE_DRAW_PANGO_H
#define PASSERELLE_DRAW_PANGO_H

#include <pango/pangocairo.h>

#include "base/base.h"

#undef MIN
#undef MAX
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
