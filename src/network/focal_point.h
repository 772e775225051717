/*
 * focal_point.h: who speaks for a city, and how the word passes on.
 *
 * A city has at most one political and one technical focal point at a time.
 * While a delegation is in force, the deputy acts; the focal point remains.
 */
#ifndef PASSERELLE_FOCAL_POINT_H
#define PASSERELLE_FOCAL_POINT_H

#include "record/keep.h"

/* The focal point of this kind whose term holds that day; *acting is the
 * deputy while a delegation is in force, else the person. RC_NOT_FOUND. */
enum rc focal_point_at(struct store *s, int64_t city, const char *kind,
                       struct day day, int64_t *id, int64_t *acting,
                       struct err *err) MUST_USE;
/* Delegates to a deputy for a time within the term; deputy 0 takes it back. */
enum rc focal_point_delegate(struct store *s, int64_t id, int64_t deputy,
                             struct interval when, const struct deed *d,
                             struct arena *a, struct err *err) MUST_USE;
/*
 * Closes the term of `id` the day (month, year) before term.from, opens the
 * term of `person` in the same city and kind, and links the two, in one
 * transaction. A delegation does not outlast the term it was given in.
 */
enum rc focal_point_handover(struct store *s, int64_t id, int64_t person,
                             struct interval term, const struct deed *d,
                             struct arena *a, int64_t *successor,
                             struct err *err) MUST_USE;

#endif
