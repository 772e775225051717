/*
 * connection.h: libmicrohttpd's side of the server; inner to web.
 *
 * A generation is one daemon with the configuration it was started with. A
 * reload starts the next one on the same listening socket, and the one before
 * takes no new connection: it answers those it has, asks their clients to
 * close, and goes when the last is gone. So no connection is dropped.
 *
 *   connection.c  what a connection says of itself
 *   kept.c        public pages from the page cache, and into it
 *   exchange.c    one request, from its first byte to its reply
 */
#ifndef PASSERELLE_WEB_CONNECTION_H
#define PASSERELLE_WEB_CONNECTION_H

#include "web/cache.h"
#include "web/limit.h"
#include "web/log.h"
#include "web/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>

struct generation {
    struct server *server;
    const struct config *config;
    struct limiter *limiter; /* of addresses */
    struct MHD_Daemon *daemon;
    _Atomic bool retired;
    int64_t retired_us;
    struct generation *before;
};

int64_t now_us(void); /* CLOCK_MONOTONIC */

struct str connection_header(struct MHD_Connection *c, const char *name);
/* Whose request it is; the proxy's word counts only from the proxy. */
void connection_address(const struct generation *g, struct MHD_Connection *c,
                        char text[INET6_ADDRSTRLEN]);
bool connection_secure(const struct generation *g, struct MHD_Connection *c);
/* The Host header must be ours: links in mails and pages are made of it. */
bool connection_own_host(const struct generation *g, struct MHD_Connection *c);
const struct lang *connection_language(struct MHD_Connection *c);
/* A short reply of our own, before or without a handler. */
enum MHD_Result connection_say(struct generation *g, struct MHD_Connection *c,
                               unsigned status, const char *text,
                               unsigned retry_s);

/* What is counted and logged of a reply. */
void reply_noted(struct generation *g, const struct reply_note *note);

/* false: nothing in the cache. */
bool kept_find(struct generation *g, struct MHD_Connection *c, const char *url,
               enum MHD_Result *result);
/* false: this reply is not for everybody. */
bool kept_add(struct generation *g, struct MHD_Connection *c,
              const struct request *r, struct http_reply *out, uint64_t version,
              int64_t began_us, enum MHD_Result *result);

/* MHD_AccessHandlerCallback, MHD_RequestCompletedCallback; ctx: generation. */
enum MHD_Result exchange_step(void *ctx, struct MHD_Connection *c,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **state);
void exchange_end(void *ctx, struct MHD_Connection *c, void **state,
                  enum MHD_RequestTerminationCode why);

#endif
