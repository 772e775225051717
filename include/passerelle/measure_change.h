/*
 * measure_change.h: why two periods or two cities differ.
 *
 * Pure, as measure.h; the same codes and rules.
 */
#ifndef PASSERELLE_MEASURE_CHANGE_H
#define PASSERELLE_MEASURE_CHANGE_H

#include "passerelle/measure_inference.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Iterative proportional fitting (Deming and Stephan 1940): `out` has the odds
 * ratios of `source` and the margins asked for, whose sums need not agree: both
 * are taken as shares and the result has the sum of `unit`. Groups and units
 * are fitted in turn, groups first, until no share of a margin is off by more
 * than `precision` (1e-10 where 0 is given; R's `segregation` stops at 1e-3,
 * which can turn the sign of a part of a small change).
 * RC_UNDEFINED when it does not get there in 10,000 rounds (zeros can make a
 * margin impossible) or a margin asks persons of a row or column of zeros.
 */
enum rc measure_ipf(const struct counts *source, const double *unit,
                    const double *group, double precision, double *out,
                    size_t *rounds /* or NULL */) PASSERELLE_MUST_USE;

/*
 * The change of M between two periods. Both matrices have the same units and
 * groups in the same order; a row or column of zeros says that a unit or group
 * is not there in that period. additions and removals: what units and groups
 * there in one period only bring. Among those there in both:
 *   CHANGE_SHAPLEY  Elbers 2021, doi:10.1177/0049124121986204: group and unit
 *                   margins and structure, each averaged over the orders in
 *                   which they may change; interaction is 0
 *   CHANGE_KM       Karmel and Maclachlan 1988: margins of the first period
 *                   brought to those of the second, one at a time, together
 *                   (interaction), and what is left (structural)
 *   CHANGE_MRC      Mora and Ruiz-Castillo 2009: diversity of the city (group),
 *                   sizes of units (unit) and diversity inside units
 *                   (structural)
 * The parts add up to `difference`.
 */
enum measure_change_method { CHANGE_SHAPLEY, CHANGE_KM, CHANGE_MRC };
struct measure_change {
    double m1, m2, difference;
    double additions, removals;
    double group_marginal, unit_marginal, interaction, structural;
};
enum rc measure_change(const struct counts *first, const struct counts *second,
                       enum measure_change_method method, double precision,
                       const struct measure_options *o,
                       struct measure_change *out) PASSERELLE_MUST_USE;

/*
 * The difference of any index of one group between two cities or periods, in a
 * part for how its shares are distributed (attribute) and a part for how the
 * areas and their persons lie (spatial): Rey, Cortes and Knaap 2021,
 * "Comparative spatial segregation analytics". A city gets the other's
 * attribute by giving each unit what the other city has at the same rank:
 *   BY_COMPOSITION       the share of the group in the unit
 *   BY_SHARE             the shares of the group, and of the rest, that live in
 *                        the unit
 *   BY_DUAL_COMPOSITION  the share of the group and, apart from it, of the rest
 * s1_a2 is city 1 with the attribute of city 2.
 */
enum measure_counterfactual { BY_COMPOSITION, BY_SHARE, BY_DUAL_COMPOSITION };
struct measure_shapley {
    double s1_a1, s1_a2, s2_a1, s2_a2;
    double difference; /* s1_a1 - s2_a2 = attribute + spatial */
    double attribute, spatial;
};
enum rc measure_shapley(const struct measure_target *t, const struct counts *a,
                        size_t group_b, const struct counts *b,
                        const struct spatial *space_b,
                        enum measure_counterfactual how,
                        const struct measure_options *o,
                        struct measure_shapley *out) PASSERELLE_MUST_USE;

/*
 * Units merged two by two, each time the two neighbours whose merger takes the
 * least from M; `gone` goes into `kept`, and m is what is left after it.
 * Without neighbours (NULL) any two units may merge, which takes memory for all
 * pairs. out[units - 1]; *n is how many mergers there were (fewer than that
 * where the neighbours do not hang together or units are empty).
 */
struct measure_merger {
    uint32_t kept, gone;
    double m;
};
enum rc measure_compress(const struct counts *c, const struct neighbours *near,
                         const struct measure_options *o,
                         struct measure_merger *out,
                         size_t *n) PASSERELLE_MUST_USE;

/* out[units * 2]: group and rest of a with the attribute of b. */
enum rc measure_counterfactual(const struct counts *a, size_t group_a,
                               const struct counts *b, size_t group_b,
                               enum measure_counterfactual how,
                               double *out) PASSERELLE_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
