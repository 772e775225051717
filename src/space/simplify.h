/*
 * simplify.h: fewer points, the same borders.
 *
 * Boundaries are cut where three areas meet, each stretch between two such
 * nodes is simplified once (Visvalingam and Whyatt 1993,
 * doi:10.1179/000870493786962263), and both neighbours receive the same
 * result: no gaps and no overlaps appear. An area never vanishes.
 */
#ifndef PASSERELLE_SIMPLIFY_H
#define PASSERELLE_SIMPLIFY_H

#include "base/err.h"
#include "space/geography.h"

/* `tolerance_m`: side of the largest square that may be cut off. `shapes`
 * receives g->n shapes in the arena. */
enum rc geography_simplify(const struct geography *g, double tolerance_m,
                           struct arena *a, struct shape *shapes) MUST_USE;

#endif
