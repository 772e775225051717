/*
 * worker.h: the thread of a server that works at jobs (network/job.h).
 *
 * Several servers on one database share the jobs; a server that stops gives
 * its job back. Children are this program itself.
 */
#ifndef PASSERELLE_WEB_WORKER_H
#define PASSERELLE_WEB_WORKER_H

#include "web/server.h"

struct worker;
/* `program`: what a child runs, "/proc/self/exe". */
enum rc worker_start(struct server *s, const char *program, struct worker **out,
                     struct err *err) MUST_USE;
void worker_stop(struct worker *w); /* NULL: nothing */

#endif
