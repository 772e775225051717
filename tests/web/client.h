/*
 * client.h: for tests, HTTP/1.1 over a socket on loopback, and the program as
 * a server in a process of its own, to be killed.
 */
#ifndef TESTS_WEB_CLIENT_H
#define TESTS_WEB_CLIENT_H

#include "web/server.h"

#include <sys/types.h>

enum { CLIENT_REPLY = 1 << 20 };

int client_connect(unsigned port); /* -1: nobody listens */
/*
 * One request on an open connection; `headers` are lines with CRLF, `body` may
 * be NULL. The reply's head and body go into `reply` (CLIENT_REPLY bytes). The
 * status, or 0 when the connection broke before the reply was whole.
 */
unsigned client_ask(int fd, const char *method, const char *path,
                    const char *headers, const char *body, char *reply);
/* The same on a connection of its own; 0 also when nobody listens. */
unsigned client_once(unsigned port, const char *method, const char *path,
                     const char *headers, const char *body, char *reply);
const char *client_body(const char *reply);
/* Value of a header; "" without. In a buffer of this thread. */
const char *client_header(const char *reply, const char *name);

unsigned free_port(void);
int64_t clock_ms(void);
/* A configuration for `dir`; store NULL: SQLite there. Limits are off. */
const char *served_config(struct arena *a, const char *dir, const char *store,
                          unsigned port, const char *more);
/* Starts it and waits until it answers; its words go to `log`. 0: it ended. */
pid_t served_start(const char *program, const char *config, unsigned port,
                   const char *log);
/* SIGTERM; false: it did not end by itself with 0. */
bool served_stop(pid_t pid);
void served_kill(pid_t pid);

/* In a store where a server has run: an account of the secretariat, and a
 * token of its that may write. */
const char *served_token(struct arena *a, const char *dir, struct store *s);

#endif
