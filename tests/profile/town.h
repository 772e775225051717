/*
 * town.h: a small town made by hand, for tests that need a whole package.
 *
 * Twenty square areas, seven origins (DE is the majority), two sexes, four age
 * bands, two periods; small and empty cells; every optional part when asked
 * for. Counts are a function of the seed alone.
 */
#ifndef PASSERELLE_TESTS_TOWN_H
#define PASSERELLE_TESTS_TOWN_H

#include "intake/package.h"

struct town_options {
    uint64_t seed;
    struct protection_rule rule;
    bool publisher_withholds; /* some cells CUBE_WITHHELD, one missing */
    bool parts;               /* services, flows, outcomes, ... */
    bool compare, ages;
    size_t areas, origins; /* 0: 20 and 7 */
};

/* Everything in the arena but the cube: free it with cube_free(out->cube). */
void town_make(const struct town_options *o, struct arena *a,
               struct intake *out);
/* The true count of a cell, the period profiled; -1 where not known. */
int64_t town_count(const struct intake *in, uint32_t area, uint32_t origin);

#endif
