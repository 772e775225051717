/* What a connection says of itself: its headers, its address, its language. */
#include "web/connection.h"

#include <arpa/inet.h>
#include <stdio.h>

struct str connection_header(struct MHD_Connection *c, const char *name)
{
    const char *v = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

    return str_of(v ? v : "");
}

/* The address at the other end of the connection. */
static void peer_address(struct MHD_Connection *c, char text[INET6_ADDRSTRLEN])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info ? info->client_addr : NULL;

    text[0] = '\0';
    if (a && a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, text,
                  INET6_ADDRSTRLEN);
    else if (a && a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text,
                  INET6_ADDRSTRLEN);
    if (strncmp(text, "::ffff:", 7) == 0)
        memmove(text, text + 7, strlen(text + 7) + 1);
}

static bool from_proxy(const struct generation *g, struct MHD_Connection *c)
{
    char text[INET6_ADDRSTRLEN];

    if (!g->config->proxy)
        return false;
    peer_address(c, text);
    return strcmp(text, g->config->proxy) == 0;
}

static bool is_address(struct str s, char text[INET6_ADDRSTRLEN])
{
    unsigned char bytes[sizeof(struct in6_addr)];

    if (!s.n || s.n >= INET6_ADDRSTRLEN)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(AF_INET, text, bytes) == 1 ||
           inet_pton(AF_INET6, text, bytes) == 1;
}

void connection_address(const struct generation *g, struct MHD_Connection *c,
                        char text[INET6_ADDRSTRLEN])
{
    char said[INET6_ADDRSTRLEN];
    struct str forwarded;
    const char *comma;

    peer_address(c, text);
    if (!g->config->proxy || strcmp(text, g->config->proxy) != 0)
        return;
    forwarded = connection_header(c, "X-Forwarded-For");
    /* the last one is what our proxy saw; those before, anyone may say */
    comma = forwarded.n ? memrchr(forwarded.p, ',', forwarded.n) : NULL;
    if (comma)
        forwarded = (struct str){
            comma + 1, forwarded.n - (size_t)(comma + 1 - forwarded.p)};
    if (is_address(str_trim(forwarded), said))
        memcpy(text, said, sizeof said);
}

bool connection_secure(const struct generation *g, struct MHD_Connection *c)
{
    return g->config->certificate ||
           (from_proxy(g, c) &&
            str_is(connection_header(c, "X-Forwarded-Proto"), "https"));
}

const struct lang *connection_language(struct MHD_Connection *c)
{
    static const char *const codes[] = {"en", "fr", "ar"};
    const char *asked =
        MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "lang");
    const char *kept = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "lang");
    const struct lang *l = asked ? lang_find(asked) : NULL;

    if (!l && kept)
        l = lang_find(kept);
    if (!l)
        l = lang_find(codes[language_choose(
            connection_header(c, "Accept-Language"), codes, ARRAY_LEN(codes))]);
    return l;
}
bool connection_own_host(const struct generation *g, struct MHD_Connection *c)
{
    struct str host = connection_header(c, "Host");
    bool literal = host.n && host.p[0] == '['; /* "[::1]:8080" */
    const char *end =
        host.n ? memchr(host.p, literal ? ']' : ':', host.n) : NULL;

    if (end) { /* what comes after is a port: digits alone */
        const char *rest = end + literal;

        for (const char *p = rest + (rest < host.p + host.n);
             p < host.p + host.n; p++)
            if (*p < '0' || *p > '9')
                return false;
        if (rest < host.p + host.n && *rest != ':')
            return false;
        host.n = (size_t)(rest - host.p);
    }
    return str_is(host, g->config->host);
}

enum MHD_Result connection_say(struct generation *g, struct MHD_Connection *c,
                               unsigned status, const char *text,
                               unsigned retry_s)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued;
    char wait[16];

    MHD_add_response_header(r, "Content-Type", "text/plain; charset=utf-8");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Cache-Control", "no-store");
    if (retry_s) {
        snprintf(wait, sizeof wait, "%u", retry_s);
        MHD_add_response_header(r, "Retry-After", wait);
    }
    if (g->retired)
        MHD_add_response_header(r, "Connection", "close");
    queued = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    reply_noted(g, &(struct reply_note){
                       .method = "", .status = status, .bytes = strlen(text)});
    return queued;
}
