/*
 * profile.h: release + package -> the profile document.
 *
 * The document's shape is written in docs/profile-document.md and checked by
 * docs/profile.schema.json. It is a struct node tree in the arena given.
 * Chapters that name an unknown value or figure add faults with file and line
 * (then RC_INVALID).
 */
#ifndef PASSERELLE_PROFILE_H
#define PASSERELLE_PROFILE_H

#include "base/node.h"
#include "protect/release.h"

#define PROFILE_SCHEMA "passerelle.profile/1"

struct profile_options {
    uint64_t seed;
    const char *version;          /* of the program */
    const char *const *languages; /* NULL-terminated; NULL: the package's */
};

enum rc profile_build(const struct package *p, const struct geography *g,
                      const struct release *r, const struct profile_options *o,
                      struct arena *a, struct faults *faults, struct node **out,
                      struct err *err) MUST_USE;

#endif
