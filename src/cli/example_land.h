/*
 * example_land.h: the ground of Marsa as a triangular lattice of points, each
 * belonging to an area; borders are then traced through its triangles, so that
 * two neighbours share every point of their border.
 *
 * Rows run west to east, odd rows half a step further east. Label -1: outside
 * the city.
 */
#ifndef PASSERELLE_EXAMPLE_LAND_H
#define PASSERELLE_EXAMPLE_LAND_H

#include "cli/example.h"

struct land {
    struct arena *arena;
    size_t columns, rows;
    double step;
    struct point origin;
    size_t n_outline, n_lagoon;
    struct point *outline, *lagoon;
    signed char *district, *label; /* rows x columns */
    struct point *bent;            /* where a point lies in the bent plane */
};

void land_survey(struct land *l, struct arena *a, uint64_t seed);
bool land_inside(const struct land *l, struct point p);
struct point land_point(const struct land *l, size_t i);
/* Neighbours of point i in the lattice, at most six. */
size_t land_neighbours(const struct land *l, size_t i, size_t out[6]);

/* Gives every point on land its district and area. `stream` picks a drawing. */
void land_divide(struct land *l, uint64_t seed, uint64_t stream);
/* Border arcs between labels, smoothed; into the arena of `l`. */
size_t land_trace(struct land *l, struct arc **out);

#endif
