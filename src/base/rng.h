/*
 * rng.h: random numbers that do not depend on how work is split.
 *
 * Counter-based generator Philox4x64-10: Salmon, Moraes, Dror and Shaw (2011),
 * "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405.
 * The output is a pure function of (seed, stream, position): give each draw of
 * a test its own stream, and any number of threads gives the same result.
 */
#ifndef PASSERELLE_RNG_H
#define PASSERELLE_RNG_H

#include "base/base.h"

struct rng {
    uint64_t key[2];
    uint64_t counter[4];
    uint64_t out[4];
    unsigned left; /* of out[] not yet handed out */
};

void rng_init(struct rng *r, uint64_t seed, uint64_t stream);
void rng_philox(const uint64_t key[2], const uint64_t counter[4],
                uint64_t out[4]);
uint64_t rng_u64(struct rng *r);
double rng_double(struct rng *r);                       /* [0, 1), 53 bits */
void rng_doubles(struct rng *r, double *out, size_t n); /* n times the same */
uint64_t rng_below(struct rng *r, uint64_t n); /* [0, n), unbiased; n > 0 */
double rng_normal(struct rng *r);              /* mean 0, variance 1 */

#endif
