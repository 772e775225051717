/*
 * spatial_environment.h: what the other spatial files need of environments.
 * Internal to the measuring library; the public part is in measure_spatial.h.
 */
#ifndef PASSERELLE_MEASURE_SPATIAL_ENVIRONMENT_H
#define PASSERELLE_MEASURE_SPATIAL_ENVIRONMENT_H

#include "base/base.h"
#include "passerelle/measure_spatial.h"

/* Finite coordinates, lengths and surfaces, and links that lead somewhere. */
enum rc areas_check(const struct areas *a) MUST_USE;
bool links_good(const struct neighbours *l, size_t n);

/*
 * An environment with a weight of its own for each area itself (borrowed: n
 * weights), as the contact exp(-d) needs.
 */
enum rc environment_with_self(const struct areas *a, const struct kernel *k,
                              const double *self, unsigned threads,
                              struct environment **out) MUST_USE;

/* As environment_apply, for `columns` numbers an area of any sign. */
enum rc environment_sum(const struct environment *e, size_t columns,
                        const double *rows, double *out) MUST_USE;

void cleanup_environment(struct environment **e);

#endif
