/*
 * build.h: inside of a release, for the files of protect/ only.
 *
 * A release is filled in steps: tables (tables.c), measures (measures.c),
 * flows and outcomes (statistics.c). All in the release's arena.
 */
#ifndef PASSERELLE_PROTECT_BUILD_H
#define PASSERELLE_PROTECT_BUILD_H

#include "protect/release.h"

struct release {
    struct arena *arena;
    const struct intake *in;
    struct release_options options;
    struct protection_rule rule;
    int64_t threshold; /* counts 1..threshold-1 are withheld; 0: none */
    bool secondary;
    size_t unsure; /* small counts that the audit could not make safe */
    struct release_table tables[RELEASE_TABLES][2]; /* [1]: compared with */
    struct release_period *periods;
    size_t n_periods;
    struct release_measure *measures;
    size_t n_measures, cap_measures;
    struct release_curve *curves;
    size_t n_curves;
    struct release_flow *flows;
    size_t n_flows;
    struct release_outcome *outcomes;
    size_t n_outcomes;
    /* true counts, for the measures: area x origin */
    const int64_t *raw[2];
    size_t n_areas, n_origins;
    bool *migrant; /* per origin */
};

/* A sum of rows, of which some were withheld by the publisher or missing. */
struct sum {
    int64_t count;
    bool source, missing;
};
struct cell release_cell(const struct release *r, struct sum s);

enum rc tables_make(struct release *r, struct err *err) MUST_USE;
enum rc measures_make(struct release *r, const struct progress *progress,
                      struct err *err) MUST_USE;
/* Of a value from true counts: `step` decimals where a rule withholds. */
double release_round(const struct release *r, double v, double step);
enum rc curves_make(struct release *r, struct err *err) MUST_USE;
enum rc flows_make(struct release *r, struct err *err) MUST_USE;
enum rc outcomes_make(struct release *r, struct err *err) MUST_USE;

#endif
