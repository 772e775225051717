/*
 * sort.h: numbers with the place they came from, in ascending order.
 *
 * Stable: equal keys keep their order. Keys are finite. Radix sort on the
 * first 33 bits in which keys differ, then runs that are equal in these bits by
 * what follows; insertion sort where there are few. `scratch` holds n items.
 */
#ifndef PASSERELLE_MEASURE_SORT_H
#define PASSERELLE_MEASURE_SORT_H

#include "base/base.h"

struct sort_item {
    double key;
    size_t i;
};
void sort_items(struct sort_item *item, size_t n, struct sort_item *scratch);

#endif
