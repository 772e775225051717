#include "web/generation.h"
#include "base/file.h"
#include "web/connection.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTION_BYTES = 32 << 10, /* of a request's head */
    BACKLOG = 1024,
    DRAIN_S = 60, /* connections of a generation before */
    TLS_BYTES = 1 << 20
};

/* ---- the listening socket ---- */

static enum rc address_of(const struct config *c, struct sockaddr_storage *at,
                          socklen_t *n, struct err *err)
{
    struct sockaddr_in *four = (struct sockaddr_in *)at;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)at;

    memset(at, 0, sizeof *at);
    if (inet_pton(AF_INET6, c->listen, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)c->port);
        *n = sizeof *six;
        return RC_OK;
    }
    if (inet_pton(AF_INET, c->listen, &four->sin_addr) != 1)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not an address to listen at"), c->listen);
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)c->port);
    *n = sizeof *four;
    return RC_OK;
}

enum rc listen_open(const struct config *c, int *out, struct err *err)
{
    struct sockaddr_storage at;
    socklen_t n = 0;
    int on = 1, off = 0, fd;
    enum rc rc = address_of(c, &at, &n, err);

    if (rc)
        return rc;
    fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (at.ss_family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) != 0 ||
        listen(fd, BACKLOG) != 0) {
        rc = err_set(err, RC_IO, N_("cannot listen at %s, port %u: %s"),
                     c->listen, c->port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    *out = fd;
    return RC_OK;
}

unsigned listen_port(int fd)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;

    if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)&at)->sin6_port
                     : ((struct sockaddr_in *)&at)->sin_port);
}

/* ---- a generation ---- */

struct tls {
    struct str certificate, key;
};

/* Both are there and belong together: said before anything changes. */
static enum rc read_tls(const struct config *c, struct arena *a,
                        struct tls *out, struct err *err)
{
    gnutls_certificate_credentials_t trial;
    gnutls_datum_t certificate, key;
    int code;
    enum rc rc =
        file_read(a, c->certificate, TLS_BYTES, &out->certificate, err);

    if (!rc)
        rc = file_read(a, c->key, TLS_BYTES, &out->key, err);
    if (rc)
        return rc;
    certificate = (gnutls_datum_t){(unsigned char *)out->certificate.p,
                                   (unsigned)out->certificate.n};
    key = (gnutls_datum_t){(unsigned char *)out->key.p, (unsigned)out->key.n};
    if (gnutls_certificate_allocate_credentials(&trial) != GNUTLS_E_SUCCESS)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    code = gnutls_certificate_set_x509_key_mem(trial, &certificate, &key,
                                               GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(trial);
    if (code < 0)
        return err_set(err, RC_INVALID,
                       N_("certificate '%s' and its key cannot be used: %s"),
                       c->certificate, gnutls_strerror(code));
    return RC_OK;
}

/* Paths and queries arrive as sent: they are decoded once, by http.c. */
static size_t no_unescape(void *ctx, struct MHD_Connection *c, char *text)
{
    return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct generation *g,
                                       const struct tls *tls)
{
    const struct config *c = g->config;
    unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC;
    struct MHD_OptionItem more[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)tls->certificate.p},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)tls->key.p},
        {MHD_OPTION_HTTPS_PRIORITIES, 0,
         (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL}};

    if (c->certificate)
        flags |= MHD_USE_TLS;
    else
        more[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_step, g, MHD_OPTION_LISTEN_SOCKET,
        g->server->listening, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, g,
        MHD_OPTION_THREAD_POOL_SIZE, c->threads, MHD_OPTION_CONNECTION_LIMIT,
        c->connections, MHD_OPTION_CONNECTION_TIMEOUT, c->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_end, g, MHD_OPTION_ARRAY, more,
        MHD_OPTION_END);
}

/* The socket is ours: no generation closes it. */
static void retire(struct generation *g)
{
    g->retired = true;
    g->retired_us = now_us();
    (void)!MHD_quiesce_daemon(g->daemon);
}

static void generation_free(struct generation *g)
{
    if (!g->retired)
        retire(g);
    MHD_stop_daemon(g->daemon);
    limiter_free(g->limiter);
    free(g);
}

enum rc generation_start(struct server *s, const struct config *c,
                         struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct generation *g = calloc(1, sizeof *g);
    struct tls tls = {0};
    enum rc rc = c->certificate ? read_tls(c, a, &tls, err) : RC_OK;

    if (!g)
        BUG("out of memory");
    g->server = s;
    g->config = c;
    g->limiter = limiter_new(c->rate_per_minute);
    if (!rc) {
        g->daemon = start_daemon(g, &tls);
        if (!g->daemon)
            rc = err_set(err, RC_IO, N_("cannot listen at %s, port %u: %s"),
                         c->listen, c->port, strerror(errno));
    }
    if (rc) {
        limiter_free(g->limiter);
        free(g);
        return rc;
    }
    pthread_mutex_lock(&s->lock);
    g->before = s->generation;
    s->generation = g;
    if (g->before)
        retire(g->before);
    pthread_mutex_unlock(&s->lock);
    return RC_OK;
}

static unsigned connections(const struct generation *g)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(g->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info ? info->num_connections : 0;
}

unsigned generations_connections(struct server *s)
{
    unsigned n = 0;

    pthread_mutex_lock(&s->lock);
    for (const struct generation *g = s->generation; g; g = g->before)
        n += connections(g);
    pthread_mutex_unlock(&s->lock);
    return n;
}

static bool is_over(const struct generation *g)
{
    return g->retired && (!connections(g) || now_us() - g->retired_us >
                                                 DRAIN_S * INT64_C(1000000));
}

/* Out of the list first: stopping a daemon waits for its threads, and a
 * request of theirs may ask for the lock. */
void generations_sweep(struct server *s)
{
    struct generation *over = NULL;

    pthread_mutex_lock(&s->lock);
    for (struct generation **at = &s->generation; *at;) {
        struct generation *g = *at;

        if (!is_over(g)) {
            at = &g->before;
            continue;
        }
        *at = g->before;
        g->before = over;
        over = g;
    }
    pthread_mutex_unlock(&s->lock);
    while (over) {
        struct generation *next = over->before;

        generation_free(over);
        over = next;
    }
}

void generations_stop(struct server *s, unsigned seconds)
{
    struct generation *g;

    pthread_mutex_lock(&s->lock);
    g = s->generation;
    s->generation = NULL;
    if (g && !g->retired)
        retire(g);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < seconds * 20 && s->at_work; i++)
        usleep(50000);
    while (g) {
        struct generation *before = g->before;

        generation_free(g);
        g = before;
    }
}
