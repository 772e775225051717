/*
 * spatial_grid.h: points in the order of a uniform grid's cells.
 *
 * Cells are row-major, so the points of neighbouring cells of a row lie next to
 * each other: a disc is a short list of ranges. Memory grows with the points:
 * at most about six cells a point, whatever the side asked for. Internal to the
 * measuring library.
 */
#ifndef PASSERELLE_MEASURE_SPATIAL_GRID_H
#define PASSERELLE_MEASURE_SPATIAL_GRID_H

#include "base/base.h"
#include "passerelle/rc.h"

struct grid {
    size_t n, nx, ny;
    double x0, y0, side;
    double extent;   /* the wider of width and height */
    size_t *start;   /* owned: nx * ny + 1 */
    uint32_t *order; /* owned: place in the grid -> point */
    double *x, *y;   /* owned: in the order of the grid, 8 zeros behind */
};

/* RC_INVALID: a coordinate is not finite, or the extent is not. */
enum rc grid_init(struct grid *g, size_t n, const double *x, const double *y,
                  double side) MUST_USE;
void grid_free(struct grid *g);
void cleanup_grid(struct grid *g);

/*
 * The rows of cells that a disc touches, one range of places a step:
 *     for (disc_init(&d, g, x, y, reach); disc_next(&d);)
 *         ... d.from .. d.to ...
 */
struct disc {
    const struct grid *g;
    double x, y, reach;
    size_t row, row_end;
    size_t from, to;
};
/* Four discs at once: each row's range holds those of all four. */
struct discs {
    const struct grid *g;
    const double *x, *y; /* borrowed: four of each */
    double reach;
    size_t row, row_end;
    size_t from, to;
};
void discs_init(struct discs *d, const struct grid *g, const double x[4],
                const double y[4], double reach);
bool discs_next(struct discs *d);

void disc_init(struct disc *d, const struct grid *g, double x, double y,
               double reach);
bool disc_next(struct disc *d);

#endif
