/*
 * timings.h: where the time of a run goes, for --timings and bench/profile.
 *
 * A room is one step of the walk; the stages that it reports through its
 * progress are told apart below it. Seconds of wall clock and of all
 * processors; the peak of memory is that of the whole run up to then. One
 * thread.
 */
#ifndef PASSERELLE_TIMINGS_H
#define PASSERELLE_TIMINGS_H

#include "base/progress.h"

enum { TIMINGS_MOST = 48 };

struct timings {
    bool on;
    struct progress inner; /* borrowed callback of the bar */
    struct {
        const char *room, *stage; /* stage NULL: the room before any stage */
        double seconds, cpu;
        long peak_kb;
    } rows[TIMINGS_MOST];
    size_t n;
    double started, started_cpu; /* of the last row */
};

/* Returns the progress to hand to the rooms. */
struct progress timings_open(struct timings *t, bool on, struct progress inner);
void timings_room(struct timings *t, const char *room);
/* Ends the last row and prints all to stderr, tab-separated. */
void timings_print(struct timings *t);

#endif
