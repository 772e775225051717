/*
 * chance.h: probabilities of counts, and how far counts stray from their mean.
 *
 * To about 1e-14 of the value for totals to 10^12: saddle-point form of Loader
 * 2000, "Fast and accurate computation of binomial probabilities", in which no
 * two large logarithms are taken from each other. Counts are whole. Internal.
 */
#ifndef PASSERELLE_MEASURE_CHANCE_H
#define PASSERELLE_MEASURE_CHANCE_H

#include "base/base.h"

/* k among n of probability p in (0, 1). */
double chance_binomial(double n, double k, double p);

/* ln of the probability of k, Poisson; mean > 0. */
double chance_poisson_log(double mean, double k);

/* E|x - tP| of a binomial, P in (0, 1): de Moivre 1730. */
double chance_binomial_deviation(double t, double P);

/*
 * E|x - tX/T| for t persons drawn without replacement of T = X + Y: the terms
 * (x - tX/T) h(x) are differences of x (Y - t + x) h(x) / T, so that all but
 * one cancel out.
 */
double chance_hypergeometric_deviation(double X, double Y, double t);

/*
 * The probabilities of a binomial but for about 1e-17 of them: p[k - from] for
 * k in [from, from + n), scaled to add up to 1. 0 <= P <= 1.
 */
struct window {
    double from;
    size_t n;
};
struct window chance_window(double n, double P);
void chance_window_fill(double n, double P, struct window w, double *p);

#endif
