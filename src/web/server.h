/*
 * server.h: the HTTP server: libmicrohttpd, epoll, a pool of threads.
 *
 * Walk of a request: limits -> cached public page, if there is one -> route ->
 * who asks (session or API token) -> permission and CSRF from the route's row
 * -> handler builds a document in the request's arena -> render.h gives it its
 * shape -> headers -> reply; the arena goes.
 *
 * Each thread opens its own store. Shared data is immutable (configuration,
 * templates, languages) or behind one lock (page cache, counters).
 */
#ifndef PASSERELLE_WEB_SERVER_H
#define PASSERELLE_WEB_SERVER_H

#include "text/mustache.h"
#include "web/http.h"
#include "web/route.h"

#include <pthread.h>

struct config {
    const char *store;    /* store_open */
    const char *files;    /* folder for uploads and published profiles */
    const char *key_file; /* secret of the installation, 32 bytes */
    const char *host;     /* the one public name: "network.example.org" */
    const char *listen;   /* "127.0.0.1" */
    unsigned port, threads;
    const char *certificate, *key; /* TLS; NULL: plain or behind a proxy */
    const char *proxy;    /* address whose X-Forwarded-* is believed, or NULL */
    size_t body_bytes;    /* of a form: 1 MiB */
    size_t upload_bytes;  /* of an upload: 256 MiB */
    unsigned connections; /* 10000 */
    unsigned idle_s;      /* 30 */
    unsigned rate_per_minute;  /* requests of one address; 0: no limit */
    unsigned rate_per_account; /* requests of one account; 0: no limit */
    unsigned busy_most;        /* requests at work before 503 */
    const char *smtp, *sender; /* see post.h */
    const char *oidc_issuer, *oidc_client, *oidc_secret_file;
    bool log_requests; /* a line a reply; failures are always told */
    bool sandbox;      /* see sandbox.h */
    const char *path;  /* where it was read from, or NULL */
};
void config_default(struct config *c);
/* Reads a file of `key = value` lines, then PASSERELLE_<KEY> of the
 * environment; every fault with its line. */
enum rc config_read(struct config *c, const char *path, struct arena *a,
                    struct err *err) MUST_USE;
/* Every key with its value, as the file wants them. */
void config_write(const struct config *c, struct buf *out);

struct templates {
    const struct mustache_set *of[3]; /* in the order of lang_all */
};

struct post;
struct generation;
struct server {
    const struct config *_Atomic config; /* of the newest generation */
    struct arena *arena; /* of the server's life; not for requests */
    struct templates templates;
    struct page_cache *cache;
    struct counters *counters;
    struct limiter *account_limiter;
    _Atomic uint64_t data_version; /* grows with every change */
    _Atomic unsigned busy;         /* handlers that run */
    _Atomic unsigned at_work;      /* requests between first byte and last */
    _Atomic bool stopping;
    unsigned char key[32];
    int listening;
    pthread_mutex_t lock; /* of the list of generations */
    struct generation *generation;
    const char *sandbox;      /* how it is kept in; see sandbox.h */
    struct post *post;        /* under the lock; NULL without a mail server */
    const char *_Atomic base; /* "https://network.example.org" */
    pthread_key_t worker;     /* each thread's store */
    pthread_t watcher;
    bool watching;
    pthread_mutex_t watch_lock;
    struct store *watched; /* under it: hears what other connections change */
};

/* Opens the store once to migrate it, loads templates, begins to listen. */
enum rc server_start(struct server **out, const struct config *c,
                     struct err *err) MUST_USE;
unsigned server_port(const struct server *s); /* when config.port was 0 */
/*
 * Another configuration, with its certificates as they are now on the disk
 * (SIGHUP): connections that are open are served to their end. `c` and its
 * texts live as long as the server. RC_CONFLICT names a key that needs a
 * restart; on any failure everything stays as it was.
 */
enum rc server_reload(struct server *s, const struct config *c,
                      struct err *err) MUST_USE;
/* The thread that sends letters, in place of the one before; base becomes
 * known. */
enum rc server_post_start(struct server *s, struct err *err) MUST_USE;
void server_post_wake(struct server *s);
/* No new connection; waits for those at work, at most `seconds`. */
void server_stop(struct server *s, unsigned seconds);

/* For tests and fuzzers: one request without a network. */
struct http_reply {
    unsigned status;
    struct pairs headers;
    struct str body;
};
enum rc server_handle(struct server *s, struct request *r,
                      struct http_reply *out, struct err *err);
/*
 * job_beat on the connection that hears what others change, and on which what
 * it writes itself is no change: kept pages stay. `own`: where that connection
 * is not open.
 */
enum rc server_beat(struct server *s, struct store *own, int64_t job,
                    const char *holder, const char *stage, double progress,
                    int64_t now, bool *go_on, struct err *err);
/* Tells the cache and the other servers that something changed. */
void server_changed(struct request *r, const char *topic);

#endif
