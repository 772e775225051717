/*
 * city.h: an invented city to draw: areas with crooked borders, and a document
 * that has every kind of figure.
 */
#ifndef PASSERELLE_TESTS_CITY_H
#define PASSERELLE_TESTS_CITY_H

#include "base/node.h"
#include "space/geography.h"

/* nx x ny areas on a bent grid, `detail` halvings of each border. */
struct geography *city_geography(struct arena *a, unsigned nx, unsigned ny,
                                 unsigned detail);
struct node *city_document(struct arena *a, const struct geography *g);
/* A document whose tables have no rows. */
struct node *city_empty(struct arena *a);

#endif
