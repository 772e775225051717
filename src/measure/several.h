/*
 * several.h: several indices of the same draws.
 *
 * Draws are taken a batch at a time: where an index looks at surroundings, the
 * distances of a batch are found once for all its draws. Internal.
 */
#ifndef PASSERELLE_MEASURE_SEVERAL_H
#define PASSERELLE_MEASURE_SEVERAL_H

#include "measure/draw.h"

struct several {
    struct people p;
    struct measure_target *t; /* owned: in the columns of p */
    size_t n;
    enum measure_model model;
    struct measure_options o; /* for one thread */
    size_t batch;
    /* The space of all targets that have one, for one thread; else NULL. */
    struct spatial *space; /* owned: a copy, whose arrays are borrowed */
    struct environment *local, *contact; /* owned, or NULL: not wanted */
    double *self;                        /* owned */
};
enum rc several_init(struct several *s, const struct measure_target *t,
                     size_t n, const struct counts *c, enum measure_model model,
                     const struct measure_options *o) MUST_USE;
void cleanup_several(struct several *s);

/*
 * Indices of `count` <= batch matrices of whole persons, one after the other in
 * `cells`, into value[k * stride + draw]; RC_UNDEFINED is no failure.
 * `room` holds several_room numbers.
 */
size_t several_room(const struct several *s);
enum rc several_values(const struct several *s, const double *cells,
                       size_t count, double *room, double *value,
                       size_t stride) MUST_USE;

#endif
