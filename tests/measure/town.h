/*
 * town.h: areas for tests of the spatial measures.
 *
 * A town owns its arrays until town_free. town_grid lays equal squares in rows;
 * town_random throws centroids into a square, joins those that are near and
 * gives surfaces and lengths that fit no polygon but any formula.
 */
#ifndef TESTS_MEASURE_TOWN_H
#define TESTS_MEASURE_TOWN_H

#include "base/base.h"
#include "passerelle/measure_spatial.h"

struct town {
    struct areas a;
    size_t groups;
    double *x, *y, *area, *perimeter, *n;
    struct counts c; /* of n: random persons in `groups` groups */
};

struct town town_grid(size_t columns, size_t rows, double side_m,
                      size_t groups);
struct town town_random(size_t areas, double side_m, size_t groups,
                        uint64_t seed);
void town_free(struct town *t);

/* The same town with its areas in another order: place[new] = old. */
struct town town_reorder(const struct town *t, const uint32_t *place);

/* Links from pairs (both ways given); owned by the caller as links_free. */
struct neighbours links_of(size_t n, size_t pairs, const uint32_t *from,
                           const uint32_t *to, const double *length);
void links_free(struct neighbours *l);

#endif
