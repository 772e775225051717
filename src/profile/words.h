/*
 * words.h: shares as people say them.
 */
#ifndef PASSERELLE_PROFILE_WORDS_H
#define PASSERELLE_PROFILE_WORDS_H

#include "base/base.h"

/*
 * N of "one in N", from 2 to 20, where 1/N is within 5 per cent of the share;
 * else 0.
 */
unsigned words_one_in(double share);
/* "five" (message id) for 2 to 10; NULL beyond. */
const char *words_number(unsigned n);

#endif
