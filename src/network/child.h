/*
 * child.h: this program run again, with less: for input that may hurt.
 *
 * The child has its own folder to work in, an empty environment, limits on
 * memory, processor time, file size and open files, and no way to the network
 * (seccomp refuses sockets). It ends with its parent. What it prints is kept,
 * bounded. A crash of it is an exit status here.
 */
#ifndef PASSERELLE_NETWORK_CHILD_H
#define PASSERELLE_NETWORK_CHILD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { CHILD_ARGUMENTS = 16, CHILD_SAYS = 8192 };

struct child {
    const char *program;                    /* "/proc/self/exe" */
    const char *arguments[CHILD_ARGUMENTS]; /* after the name; NULL ends */
    const char *folder;                     /* where it works */
    unsigned seconds;                       /* at most; 0: an hour */
    /* Asked about four times a second; false: it is stopped. */
    bool (*go_on)(void *ctx);
    void *ctx;
};
struct child_end {
    int status;            /* its exit status, or -1 */
    int signal;            /* that ended it, or 0 */
    bool stopped;          /* because go_on said so */
    bool too_long;         /* more than its seconds */
    char says[CHILD_SAYS]; /* of its standard error, the beginning */
};
enum rc child_run(const struct child *c, struct child_end *end,
                  struct err *err) MUST_USE;

#endif
