/*
 * world.h: the land of the world, for maps of places that lie far apart.
 *
 * A frame is a rectangle of kilometres about a centre; its map is equal-area
 * (space/projection.h). Coasts are Natural Earth's at 1:50 million, put into
 * the program by tools/land.py; a build without npm has none, and paths are
 * then empty. The map has no borders: which ones are right is not ours to say.
 *
 * Paths are SVG path data on a grid of `units` across, to be filled with the
 * even-odd rule. Pure but for the projection; a map belongs to one thread.
 */
#ifndef PASSERELLE_WORLD_H
#define PASSERELLE_WORLD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct world_frame {
    double longitude, latitude; /* of the centre, degrees */
    double width_km, height_km;
};

struct world_map;

bool world_has_land(void);
/* RC_INVALID for a frame wider or higher than 12,000 km. */
enum rc world_open(const struct world_frame *f, struct arena *a,
                   struct world_map **out, struct err *err) MUST_USE;
void world_close(struct world_map *m);
static inline void cleanup_world(struct world_map **m)
{
    world_close(*m);
}

/* Where a place lies, as shares of the frame from its upper left corner;
 * false when it lies outside. */
bool world_place(struct world_map *m, double longitude, double latitude,
                 double *x, double *y);
/* Coasts inside the frame; `detail` is what may be cut off, in grid units. */
void world_land(struct world_map *m, double units, double detail,
                struct buf *path);

#endif
