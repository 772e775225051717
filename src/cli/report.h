/*
 * report.h: what a run tells the program that started it, as files in a
 * folder: `progress` ("0.25 reading", over and over, while it works) and, at
 * its end, faults.<lang>.json in every language.
 */
#ifndef PASSERELLE_CLI_REPORT_H
#define PASSERELLE_CLI_REPORT_H

#include "base/arena.h"
#include "base/progress.h"
#include "intake/fault.h"

struct report {
    const char *dir; /* NULL: nobody asked */
    struct arena *a;
    struct progress inner;
    int fd;
    double from, to; /* of the whole, what the stages of now make up */
    double said;
    int64_t last_ms;
};
/* Returns the progress to hand to the rooms. */
struct progress report_open(struct report *r, const char *dir, struct arena *a,
                            struct progress inner);
void report_part(struct report *r, double from, double to);
enum rc report_close(struct report *r, const struct faults *f,
                     struct err *err) MUST_USE;

#endif
