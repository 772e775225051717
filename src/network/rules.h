/*
 * rules.h: what must hold between records, beyond what one record's
 * declaration can say.
 *
 * rules_check is asked before a record is saved, inside the transaction that
 * saves it, by pages, API and import alike: what it complains of is not saved.
 * A rule reads the store and changes nothing.
 *
 *   focal_point  terms of one kind in one city do not overlap; a delegation
 *                lies within the term; nobody stands in for themselves
 *   city         a membership goes invited, announced, member, former (and from
 *                former to invited again), with its date, never backwards in
 *                time
 *   programme    a phase lies within its programme; no programme is a phase of
 *                itself
 *   territory    no territory is part of itself; a part lies in the same
 *                country as the whole
 *   stakeholder  names an organisation, a person or both
 *   edition      goes to review, and is published, with a result that was made
 *                from its files as they are
 */
#ifndef PASSERELLE_RULES_H
#define PASSERELLE_RULES_H

#include "record/keep.h"

/* `before`: as stored, NULL for a new record. */
enum rc rules_check(struct store *s, const struct record_type *t,
                    const void *before, const void *record, struct arena *a,
                    struct complaints *c, struct err *err) MUST_USE;

/* What follows from a save, in its transaction: an edition that is published
 * becomes a version. */
enum rc rules_follow(struct store *s, const struct record_type *t,
                     const void *record, const struct deed *d, struct arena *a,
                     struct err *err) MUST_USE;

/* RC_INVALID with the first of the complaints (there is one). */
enum rc rules_refuse(const struct complaints *c, struct err *err);

typedef enum rc rule_fn(struct store *s, const void *before, const void *record,
                        struct arena *a, struct complaints *c, struct err *err);
rule_fn focal_point_rule, member_rule, programme_rule, territory_rule,
    stakeholder_rule, edition_rule;

/*
 * Days of less than full precision: "2024-05" begins no later than on its last
 * day and ends no earlier than on its first.
 */
bool intervals_overlap(struct interval a, struct interval b); /* surely */
bool interval_within(struct interval part, struct interval whole);
/* Whether the interval may hold that (exact) day. */
bool interval_holds(struct interval i, struct day d);
/* The day, month or year before, in the same precision. */
struct day day_before(struct day d);
struct day day_of_time(int64_t seconds); /* UTC */

#endif
