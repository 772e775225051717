/*
 * http.h: a request and its reply.
 *
 * Everything a handler takes or makes lives in the request's arena, which goes
 * when the reply is sent: a handler frees nothing. A handler decides nothing
 * about permission, CSRF or representation: the route's row and render.h do.
 * Texts are borrowed, valid as long as the request.
 */
#ifndef PASSERELLE_WEB_HTTP_H
#define PASSERELLE_WEB_HTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/node.h"
#include "network/access.h"
#include "store/store.h"
#include "text/lang.h"

enum method {
    METHOD_GET,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHODS
};

struct pair {
    const char *name;
    struct str value; /* NUL-terminated */
};
struct pairs {
    struct pair *items;
    size_t n, cap;
};
/* First value of a name, or an empty text. */
struct str pairs_get(const struct pairs *p, const char *name);
bool pairs_has(const struct pairs *p, const char *name);
void pairs_add(struct pairs *p, struct arena *a, const char *name,
               struct str value);

struct upload {
    const char *field, *filename, *type;
    struct spool *spool; /* its content, whole; see network/stored.h */
};

/* How the reply is to look: the suffix, else the Accept header. */
enum representation { AS_HTML, AS_JSON, AS_CSV, AS_ICS, AS_ATOM };

struct server;
struct route;
struct known_records; /* of this request: record_view.h */

struct request {
    struct arena *arena;
    struct server *server;
    struct store *store; /* of this thread */
    enum method method;
    bool head; /* GET without a body */
    const char *path;
    const struct route *route;
    struct pairs params; /* of the path: /cities/:slug */
    struct pairs query, headers, cookies, form;
    struct upload *uploads;
    size_t n_uploads;
    struct str body;     /* as sent, when it is not a form */
    const char *address; /* of the client, the proxy's word only if trusted */
    bool secure;         /* https */
    const struct lang *lang;
    enum representation as;
    struct viewer viewer;
    const char *session; /* hash of its token; NULL: not signed in */
    bool factor_missing; /* a role of theirs needs a second factor: until it is
                            set up, no grant counts */
    const char *csrf;    /* token of this session's or visit's forms */
    const char *nonce;   /* of this reply's CSP */
    struct known_records *known;
};

struct reply {
    unsigned status;      /* 200 unless set */
    struct node *doc;     /* what is shown; every shape is made from it */
    const char *template; /* for HTML */
    const char *type;     /* of `bytes`, where there is no doc */
    struct str bytes;
    struct pairs headers;
    const char *location; /* a path of ours: redirects with 303 */
    bool private;         /* never cached, also when nobody is signed in */
};

struct str request_param(const struct request *r, const char *name);
struct str request_form(const struct request *r, const char *name);
struct str request_query(const struct request *r, const char *name);
struct str request_header(const struct request *r, const char *name);
/* A redirect within this site; anything else becomes "/". */
void reply_redirect(const struct request *r, struct reply *reply,
                    const char *path);
void reply_cookie(const struct request *r, struct reply *reply,
                  const char *name, const char *value, int64_t seconds);

/* Pieces that the server and its fuzzers share. Results in the arena. */
bool url_decode(struct str s, bool plus_is_blank, struct arena *a,
                struct str *out); /* false: bad escape, NUL or bad UTF-8 */
bool pairs_parse(struct str s, struct arena *a, size_t most,
                 struct pairs *out); /* a=b&c=d */
void cookies_parse(struct str s, struct arena *a, size_t most,
                   struct pairs *out);
/* Best of `offered` for an Accept-Language header; 0 without a match. */
size_t language_choose(struct str header, const char *const *offered, size_t n);
enum representation representation_choose(struct str accept, struct str path);

#endif
