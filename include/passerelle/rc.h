/*
 * rc.h: the codes that every function of ours answers with.
 *
 * A public header of its own, so that measure.h can be installed without the
 * rest of the house. The numbers are part of the library's interface: a code is
 * only ever added at the end. What each means (HTTP status, exit status,
 * sentence) stands in base/err.def; base/err.h refuses to compile when the two
 * lists differ.
 */
#ifndef PASSERELLE_RC_H
#define PASSERELLE_RC_H

enum rc {
    RC_OK = 0,
    RC_FAILED = 1,
    RC_USAGE = 2,
    RC_INVALID = 3,
    RC_NOT_FOUND = 4,
    RC_IO = 5,
    RC_LIMIT = 6,
    RC_CONFLICT = 7,
    RC_FORBIDDEN = 8,
    RC_UNAVAILABLE = 9,
    RC_MEMORY = 10,
    RC_UNDEFINED = 11,
    RC_CANCELLED = 12,
    RC_COUNT
};

#if defined(__GNUC__)
#define PASSERELLE_MUST_USE __attribute__((warn_unused_result))
#else
#define PASSERELLE_MUST_USE
#endif

#endif
