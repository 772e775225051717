/*
 * sample.h: exact random counts.
 *
 * Every function takes its numbers from `r` alone. Binomial: inversion where
 * the mean is small, else transformed rejection (Hoermann 1993,
 * doi:10.1080/00949659308811496). Hypergeometric: one by one where few are
 * drawn, else ratio of uniforms (Stadlober 1990,
 * doi:10.1016/0377-0427(90)90349-5). Both reject with the true probabilities,
 * so the distribution is exact up to the rounding of doubles, for counts to
 * 10^12. Multinomial and multivariate hypergeometric go by conditional draws.
 */
#ifndef PASSERELLE_MEASURE_SAMPLE_H
#define PASSERELLE_MEASURE_SAMPLE_H

#include "base/rng.h"

/* Successes in n trials of probability p in [0, 1]. */
uint64_t sample_binomial(struct rng *r, uint64_t n, double p);

/* Whether bound <= probability of k over that of the mode; n p >= 10, p <=
 * 1/2. */
bool sample_binomial_accepts(double n, double p, double k, double bound);

/* Good ones among `drawn` out of good + bad; drawn <= good + bad. */
uint64_t sample_hypergeometric(struct rng *r, uint64_t good, uint64_t bad,
                               uint64_t drawn);

/* n persons over k cells with weights w >= 0 that sum to `sum` > 0; out may
 * be w. */
void sample_multinomial(struct rng *r, uint64_t n, const double *w, size_t k,
                        double sum, double *out);

/*
 * `drawn` persons without replacement out of k cells holding from[] whole
 * persons, `sum` in all.
 */
void sample_multivariate(struct rng *r, uint64_t drawn, const double *from,
                         size_t k, uint64_t sum, double *out);

/* ln k! - (k + 1/2) ln(k + 1) + (k + 1) - ln(2 pi) / 2. */
double sample_stirling(uint64_t k);

#endif
