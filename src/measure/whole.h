/*
 * whole.h: quantities of the whole matrix that several measures need, in nats.
 */
#ifndef PASSERELLE_MEASURE_WHOLE_H
#define PASSERELLE_MEASURE_WHOLE_H

#include "measure/frame.h"

double frame_entropy(const struct frame *f);
double frame_mutual(const struct frame *f);

#endif
