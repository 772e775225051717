/*
 * sandbox.h: what the running server can no longer do, whatever is found in it.
 *
 * Landlock: it reads the system's own folders, its certificates and its
 * configuration; it writes in the folder of its database, in `files` and in the
 * folder for temporary files; it executes its own program alone, which the
 * workers of long jobs need; it opens no further port. seccomp: calls that no
 * server needs (tracing, mounting, modules, clocks, namespaces, keys, ...) are
 * refused. Both hold for every thread and program that is started after, and
 * nothing lifts them. See docs/adr/0015.
 *
 * A kernel without one of them keeps the server running; the result says what
 * is in force: "landlock 7, seccomp", "seccomp", "none".
 */
#ifndef PASSERELLE_WEB_SANDBOX_H
#define PASSERELLE_WEB_SANDBOX_H

#include "web/server.h"

/* Before the first thread. RC_IO: it was there and failed. */
enum rc sandbox_enter(const struct config *c, struct arena *a,
                      const char **in_force, struct err *err) MUST_USE;

#endif
