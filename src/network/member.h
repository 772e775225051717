/*
 * member.h: a city's way through the network.
 *
 * invited -> announced -> member -> former, and from former to invited again.
 * Each step has its date, as precise as it is known; the history of the record
 * keeps the steps before.
 */
#ifndef PASSERELLE_MEMBER_H
#define PASSERELLE_MEMBER_H

#include "record/keep.h"

/* The status after this one, or NULL when it is unknown. */
const char *member_next(const char *status);
/* Takes the city one step on; RC_INVALID says what is wrong with it. */
enum rc member_move(struct store *s, int64_t city, const char *status,
                    struct day since, const struct deed *d, struct arena *a,
                    struct err *err) MUST_USE;

#endif
