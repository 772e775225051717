/*
 * route.h: routes/routes.def as a table.
 *
 * ROUTE(method, path, handler, who, form, about): `who` is decided before the
 * handler runs; `form` says whether a CSRF token is asked. A route that changes
 * something without CSRF or API does not compile: API is reached with a token
 * of the API, or with a session and the CSRF token in a header. A GET with CSRF
 * is a page with a form for visitors who have no session yet.
 */
#ifndef PASSERELLE_WEB_ROUTE_H
#define PASSERELLE_WEB_ROUTE_H

#include "web/http.h"

enum who {
    ANYONE,
    SIGNED_IN, /* any account */
    MEMBER,    /* an account with a grant: the network's people */
    EDITOR,    /* contributor or above, somewhere; the handler's record
                  decides the rest through access_may */
    SECRETARIAT_ONLY
};
enum form { NO_FORM, CSRF, API };

typedef enum rc (*handler_fn)(struct request *r, struct reply *reply,
                              struct err *err);

struct route {
    enum method method;
    const char *path; /* segments; ":name" takes one */
    const char *name; /* of the handler */
    handler_fn handler;
    enum who who;
    enum form form;
    const char *about; /* message id: what it is for, in the API's pages */
};

const struct route *route_table(size_t *n);
/* Bits of enum method that a path takes: for the Allow header. */
unsigned route_methods(struct str path, struct arena *a);
const char *method_name(enum method m);
/*
 * The route of a path without its suffix (.json, .csv, .ics, .atom); `params`
 * receives decoded values. RC_NOT_FOUND; RC_USAGE when the path exists under
 * another method.
 */
enum rc route_find(enum method m, struct str path, struct arena *a,
                   const struct route **out, struct pairs *params);

#endif
