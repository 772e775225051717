/*
 * projection.h: an equal-area picture of a part of the earth.
 *
 * Lambert's azimuthal equal-area projection on a sphere, by PROJ, about a
 * centre in degrees: areas are comparable anywhere, shapes are true near the
 * centre. Metres from the centre, x to the east, y to the north. Owned by
 * whoever opened it; not for two threads at once.
 */
#ifndef PASSERELLE_PROJECTION_H
#define PASSERELLE_PROJECTION_H

#include "base/err.h"

struct projection;

enum rc projection_open(double longitude, double latitude,
                        struct projection **out, struct err *err) MUST_USE;
void projection_close(struct projection *p);
static inline void cleanup_projection(struct projection **p)
{
    projection_close(*p);
}

/* Degrees to metres in place; a point that has no place becomes NaN. */
void projection_forward(struct projection *p, size_t n, double *x, double *y);

#endif
