/*
 * sample.h: a small invented document with every kind of cell and part.
 */
#ifndef PASSERELLE_TEST_SAMPLE_H
#define PASSERELLE_TEST_SAMPLE_H

#include "base/node.h"

/* "Portobello", three areas, three origins; `rows` areas when more asked. */
struct node *sample_document(struct arena *a, size_t rows);

#endif
