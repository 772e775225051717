/*
 * sample_many.h: exact random counts of many cells at once.
 *
 * Transformed rejection as in sample.h, and Hoermann 1993,
 * doi:10.1016/0167-6687(93)90997-4, for Poisson counts; most cells are settled
 * by one number in a loop of eight lanes, the others one by one. Numbers are
 * taken from `r` in an order that is the same on every processor. Probabilities
 * are those of the distribution to about 1e-11 of each, counts to 10^12.
 *
 * A sum that is given is met exactly: cells are drawn each for itself, and then
 * persons picked at random are added, or taken away, which leaves the
 * distribution that the sum asks for. Counts are whole doubles. Internal.
 */
#ifndef PASSERELLE_MEASURE_SAMPLE_MANY_H
#define PASSERELLE_MEASURE_SAMPLE_MANY_H

#include "base/rng.h"
#include "passerelle/rc.h"

/* Tables for counts up to about `largest`; immutable: threads share it. */
struct sampler {
    double *log_factorial; /* owned */
    size_t n;
};
enum rc sampler_init(struct sampler *s, double largest) MUST_USE;
void cleanup_sampler(struct sampler *s);

/* out[i] of n[i] trials of probability p in [0, 1]; out may be n. */
void sample_binomials(const struct sampler *s, struct rng *r, const double *n,
                      size_t count, double p, double *out);

/* out[i] of mean scale x mean[i]; out may be mean. */
void sample_poissons(const struct sampler *s, struct rng *r, const double *mean,
                     double scale, size_t count, double *out);

/* Numbers of scratch that the next two take for so many cells. */
size_t sample_room(size_t count);

/* n persons over cells with whole weights w that sum to `sum` > 0, with
 * replacement. */
void sample_shares(const struct sampler *s, struct rng *r, double n,
                   const double *w, size_t count, double sum, double *out,
                   double *room);

/* `drawn` persons without replacement out of from[], `sum` in all. */
void sample_subset(const struct sampler *s, struct rng *r, double drawn,
                   const double *from, size_t count, double sum, double *out,
                   double *room);

#endif
