/*
 * placement.h: names beside the marks of a map, none over another.
 *
 * A map is shown at any width from `narrow` to `wide`: marks move apart as it
 * grows while names and marks keep their size, and what is chosen here holds
 * at all of them. Places are shares of the map; the rest is in pixels. Names
 * are tried in the order given, each at eight places around its mark
 * (Christensen, Marks and Shieber 1995, doi:10.1145/212332.212334, their
 * greedy one); a name that fits nowhere is left out. Pure.
 */
#ifndef PASSERELLE_PLACEMENT_H
#define PASSERELLE_PLACEMENT_H

#include "base/base.h"

enum side {
    SIDE_NONE,
    SIDE_EAST,
    SIDE_WEST,
    SIDE_NORTH,
    SIDE_SOUTH,
    SIDE_NORTH_EAST,
    SIDE_SOUTH_EAST,
    SIDE_NORTH_WEST,
    SIDE_SOUTH_WEST,
    SIDES
};

struct placed {
    double x, y;   /* of the mark: shares of the map's width and height */
    double radius; /* of the mark */
    double w, h;   /* of the name */
    enum side side;
};
struct placement {
    double narrow, wide; /* widths of the map */
    double aspect;       /* height divided by width */
    double gap;          /* between a mark and its name */
    bool rtl;            /* names go to the left where there is a choice */
};

/* Sets `side` of each. */
void placement_choose(const struct placement *p, struct placed *items,
                      size_t n);
/* The name's box on a map of this width: left, top, right, bottom. */
void placement_box(const struct placement *p, const struct placed *item,
                   double width, double box[4]);

#endif
