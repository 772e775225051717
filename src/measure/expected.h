/*
 * expected.h: mean of an index over all that chance can do, without draws.
 *
 * Counts are rounded to whole persons; RC_UNDEFINED where a side has none then.
 * Units of equal size, or of equal counts, are taken together, so that time
 * grows with the number of different ones. Exact but for rounding and for
 * outcomes of a probability under about 1e-17. Internal.
 */
#ifndef PASSERELLE_MEASURE_EXPECTED_H
#define PASSERELLE_MEASURE_EXPECTED_H

#include "measure/frame.h"

/*
 * D where persons change places at random and both margins stay:
 *     sum_i E|x_i - t_i X / T| / (2 T P (1 - P)), x_i hypergeometric.
 */
enum rc expected_dissimilarity(const struct two *p, double *out) MUST_USE;

/*
 * Gini where each person is of the group with the city's probability P:
 *     sum_ij E|x_i t_j - x_j t_i| / E(2 X Y), x_i binomial,
 * the numerator from the steps of the units' distributions:
 *     E|p_i - p_j| = 2 integral F (1 - F) for one size, and so on for all
 * together. It is a mean of Gini over all X that chance can give, larger X Y
 * counting more; from the mean for X as it is, it differs by about 1 part in
 * 8 min(X, Y). RC_LIMIT: more than 2^22 steps.
 */
enum rc expected_gini(const struct two *p, double *out) MUST_USE;

/*
 * D of a bootstrap of persons within each group, which keeps X and Y:
 *     sum_i E|x_i / X - y_i / Y| / 2, x_i and y_i binomial, each for itself.
 */
enum rc expected_bootstrap_dissimilarity(const struct two *p,
                                         double *out) MUST_USE;

#endif
