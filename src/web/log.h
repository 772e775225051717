/*
 * log.h: what the server tells whoever keeps it: lines of JSON on standard
 * error.
 *
 * Nothing in them says who asked or for what: no address, no account, no path
 * or query (the pattern of the route instead), no text of a form, no text of
 * the database that could hold a value.
 */
#ifndef PASSERELLE_WEB_LOG_H
#define PASSERELLE_WEB_LOG_H

#include "base/err.h"

/* One reply, as the counters and the log see it. */
struct reply_note {
    const char *method, *route; /* "/cities/:id"; NULL: none was found */
    unsigned status;
    size_t bytes;
    double ms;
    bool cached;
};
void log_reply(const struct reply_note *n);
/* A failure of the server's own: status 500 and above. */
void log_failure(const char *route, enum rc rc, const struct err *err,
                 unsigned status);
/* "start", "stop", "reload", ...: what the server did, with words of ours. */
void log_event(const char *what, const char *detail);

#endif
