/*
 * generation.h: daemons that follow one another on one listening socket; inner
 * to web. See connection.h for what a generation is.
 */
#ifndef PASSERELLE_WEB_GENERATION_H
#define PASSERELLE_WEB_GENERATION_H

#include "web/server.h"

/* The socket, owned by the caller, outlives every generation. */
enum rc listen_open(const struct config *c, int *fd, struct err *err) MUST_USE;
unsigned listen_port(int fd);

/* The next generation begins; the one before takes no new connection. On a
 * failure (a certificate that cannot be read) nothing has changed. */
enum rc generation_start(struct server *s, const struct config *c,
                         struct err *err) MUST_USE;
/* Lets those go that nobody is connected to any more. */
void generations_sweep(struct server *s);
/* Waits for requests at work, at most `seconds`; then all of them go. */
void generations_stop(struct server *s, unsigned seconds);
/* Open connections of all generations. */
unsigned generations_connections(struct server *s);

#endif
