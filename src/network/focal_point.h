/*
 * focal_point.h: who speaks for a city, and how the word passes on.
 *
 * A city has at most one political and one technical focal point at a time.
 * While a delegation is in force, the deputy acts; the focal point remains.
 */
#ifndef PASSERELLE_FOCAL_POINT_H
#define PASSERELLE_FOCAL_POINT_H

#include "network/access.h"
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
 * Which of the viewer's grants are in force on that day, and those that come
 * with a delegation: see viewer_load.
 */
enum rc focal_point_grants(struct store *s, struct day day, struct arena *a,
                           struct viewer *v, struct err *err) MUST_USE;
/*
 * Closes the term of `id` the day (month, year) before term.from, opens the
 * term of `person` in the same city and kind, and links the two, in one
 * transaction. A delegation does not outlast the term it was given in. The role
 * moves along: the accounts of `person` get it (it counts from the new term
 * on), those of the predecessor lose it, at once if their term is over, else
 * with its last day. *accounts (may be NULL): how many got it; none: whoever
 * takes over has to be invited.
 */
enum rc focal_point_handover(struct store *s, int64_t id, int64_t person,
                             struct interval term, const struct deed *d,
                             struct arena *a, int64_t *successor,
                             size_t *accounts, struct err *err) MUST_USE;

#endif
