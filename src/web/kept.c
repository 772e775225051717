/* Public pages from the cache, and into it. */
#include "web/connection.h"

struct key_text {
    struct MHD_Connection *c;
    char *p;
    size_t n, most;
    bool failed;
};

static void key_add(struct key_text *k, const char *s)
{
    size_t n = s ? strlen(s) : 0;

    if (k->n + n + 2 > k->most) {
        k->failed = true;
        return;
    }
    memcpy(k->p + k->n, s ? s : "", n);
    k->n += n;
    k->p[k->n++] = '\1';
}

static enum MHD_Result key_argument(void *ctx, enum MHD_ValueKind kind,
                                    const char *name, const char *value)
{
    key_add(ctx, name);
    key_add(ctx, value);
    return MHD_YES;
}

/* false: this request may not be answered from the cache. */
static bool cache_key(const struct generation *g, struct MHD_Connection *c,
                      const char *url, struct key_text *k)
{
    if (MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "session") ||
        MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "__Host-session") ||
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization"))
        return false;
    key_add(k, url);
    key_add(k, lang_code(connection_language(c)));
    key_add(k, connection_secure(g, c) ? "s" : "");
    if (k->failed || k->n + 2 > k->most)
        return false;
    k->p[k->n++] =
        (char)('0' + representation_choose(connection_header(c, "Accept"),
                                           str_of(url)));
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, key_argument, k);
    return !k->failed;
}

static void forget_reply(void *reply)
{
    MHD_destroy_response(reply);
}

struct sending {
    struct generation *g;
    struct MHD_Connection *c;
    int64_t began_us;
    bool cached;
};

static void note(const struct sending *to, const struct page *p,
                 unsigned status, size_t bytes)
{
    reply_noted(to->g, &(struct reply_note){
                           .method = "GET",
                           .route = p->route,
                           .status = status,
                           .bytes = bytes,
                           .ms = (double)(now_us() - to->began_us) / 1000,
                           .cached = to->cached});
}

static enum MHD_Result send_unchanged(const struct sending *to,
                                      const struct page *p)
{
    struct MHD_Response *none =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued;

    MHD_add_response_header(none, "ETag", p->etag);
    MHD_add_response_header(none, "Cache-Control", "no-cache");
    MHD_add_response_header(none, "Vary",
                            "Accept, Accept-Encoding, Accept-Language, Cookie");
    queued = MHD_queue_response(to->c, MHD_HTTP_NOT_MODIFIED, none);
    MHD_destroy_response(none);
    note(to, p, MHD_HTTP_NOT_MODIFIED, 0);
    return queued;
}

static enum MHD_Result copy_header(void *ctx, enum MHD_ValueKind kind,
                                   const char *name, const char *value)
{
    MHD_add_response_header(ctx, name, value);
    return MHD_YES;
}

/* The plain reply's headers, and what says how the bytes are coded. */
static void prepare_coded(struct page *p, enum coding coding)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        p->bytes[coding].n, (void *)p->bytes[coding].p, MHD_RESPMEM_MUST_FREE);

    MHD_get_response_headers(p->reply[CODING_PLAIN], copy_header, r);
    MHD_add_response_header(r, "Content-Encoding",
                            coding == CODING_GZIP ? "gzip" : "br");
    p->handed[coding] = true;
    p->reply[coding] = r;
}

static enum MHD_Result send_page(const struct sending *to, struct page *p)
{
    enum coding coding =
        coding_choose(connection_header(to->c, "Accept-Encoding"));
    struct str etag = connection_header(to->c, "If-None-Match");
    enum MHD_Result queued;

    if (etag.n && (str_is(etag, "*") ||
                   memmem(etag.p, etag.n, p->etag + 2, strlen(p->etag) - 2)))
        return send_unchanged(to, p);
    cache_code(to->g->server->cache, p, coding, prepare_coded);
    if (!p->reply[coding])
        coding = CODING_PLAIN;
    queued = MHD_queue_response(to->c, MHD_HTTP_OK, p->reply[coding]);
    note(to, p, MHD_HTTP_OK, p->bytes[coding].n);
    return queued;
}

bool kept_find(struct generation *g, struct MHD_Connection *c, const char *url,
               enum MHD_Result *result)
{
    char text[2048];
    struct key_text k = {c, text, 0, sizeof text, false};
    struct server *s = g->server;
    struct sending to = {g, c, now_us(), true};
    struct page *p;

    if (g->retired || !cache_key(g, c, url, &k))
        return false;
    p = cache_find(s->cache, (struct str){text, k.n}, s->data_version);
    if (!p)
        return false;
    *result = send_page(&to, p);
    cache_release(s->cache, p);
    return true;
}

static bool cacheable(const struct request *r, const struct http_reply *out)
{
    return r->method == METHOD_GET && !r->head && out->status == 200 &&
           !r->viewer.account && out->body.n > 0 &&
           (str_is(pairs_get(&out->headers, "Cache-Control"), "no-cache") ||
            str_starts(pairs_get(&out->headers, "Cache-Control"), "public")) &&
           !pairs_has(&out->headers, "Set-Cookie");
}

struct preparing {
    const struct http_reply *out;
    const struct route *route;
};

/* One reply, shared by every connection that asks for the page. */
static void prepare_reply(void *ctx, struct page *p)
{
    const struct preparing *with = ctx;
    const struct http_reply *out = with->out;
    struct str bytes = p->bytes[CODING_PLAIN];
    struct MHD_Response *r = MHD_create_response_from_buffer(
        bytes.n, (void *)bytes.p, MHD_RESPMEM_MUST_FREE);

    p->route = with->route->path;
    p->forget = forget_reply;
    for (size_t h = 0; h < out->headers.n; h++)
        MHD_add_response_header(r, out->headers.items[h].name,
                                out->headers.items[h].value.p);
    MHD_add_response_header(r, "ETag", p->etag);
    p->handed[CODING_PLAIN] = true;
    p->reply[CODING_PLAIN] = r;
}

bool kept_add(struct generation *g, struct MHD_Connection *c,
              const struct request *r, struct http_reply *out, uint64_t version,
              int64_t began_us, enum MHD_Result *result)
{
    char text[2048];
    struct key_text k = {c, text, 0, sizeof text, false};
    struct sending to = {g, c, began_us, false};
    struct page *p;

    if (g->retired || !cacheable(r, out) || !cache_key(g, c, r->path, &k))
        return false;
    p = cache_add(g->server->cache, (struct str){text, k.n}, version, out->body,
                  prepare_reply, &(struct preparing){out, r->route});
    if (!p)
        return false;
    *result = send_page(&to, p);
    cache_release(g->server->cache, p);
    return true;
}
