#include "web/server.h"
#include "base/file.h"
#include "network/account.h"
#include "post/post.h"
#include "record/keep.h"
#include "web/cache.h"
#include "web/limit.h"
#include "web/render.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    REQUEST_BYTES = 512 << 20, /* an arena's limit */
    PAIRS_MOST = 1000,
    CACHE_BYTES = 64 << 20,
    HEADERS_BYTES = 16 << 10
};

/* One request while it comes in. */
struct coming {
    struct arena *arena;
    struct request request;
    struct buf body;
    struct MHD_PostProcessor *post;
    size_t most; /* bytes of a body */
    bool form_fault;
    int64_t began_us;
};

/* What a thread keeps: its store, opened when it first needs one and closed
 * when the thread ends. */
static void close_worker(void *store)
{
    store_close(store);
}

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static enum rc worker_store(struct server *s, struct store **out,
                            struct err *err)
{
    enum rc rc = RC_OK;

    *out = pthread_getspecific(s->worker);
    if (!*out)
        rc = store_open(s->config->store, out, err);
    if (!rc && pthread_setspecific(s->worker, *out) != 0)
        BUG("out of memory");
    return rc;
}

static void worker_drop(struct server *s)
{
    store_close(pthread_getspecific(s->worker));
    pthread_setspecific(s->worker, NULL);
}

static void count_status(struct server *s, unsigned status, size_t bytes,
                         int64_t began_us)
{
    count(s->counters, COUNT_2XX + (int)MIN(status / 100, 5u) - 2, 1);
    count(s->counters, COUNT_BYTES, bytes);
    count_time(s->counters, (double)(now_us() - began_us) / 1000);
}

/* A short reply of our own, before or without a handler. */
static enum MHD_Result short_reply(struct server *s, struct MHD_Connection *c,
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
    queued = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    count(s->counters, COUNT_2XX + (int)(status / 100) - 2, 1);
    return queued;
}

static struct str mhd_header(struct MHD_Connection *c, const char *name)
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

static bool from_proxy(const struct server *s, struct MHD_Connection *c)
{
    char text[INET6_ADDRSTRLEN];

    if (!s->config->proxy)
        return false;
    peer_address(c, text);
    return strcmp(text, s->config->proxy) == 0;
}

/* Whose request it is; the proxy's word counts only from the proxy. */
static void client_address(const struct server *s, struct MHD_Connection *c,
                           char text[INET6_ADDRSTRLEN])
{
    struct str forwarded;

    peer_address(c, text);
    if (!s->config->proxy || strcmp(text, s->config->proxy) != 0)
        return;
    forwarded = mhd_header(c, "X-Forwarded-For");
    if (forwarded.n) {
        /* the last one is what our proxy saw; those before, anyone may say */
        const char *comma = memrchr(forwarded.p, ',', forwarded.n);

        if (comma)
            forwarded = (struct str){
                comma + 1, forwarded.n - (size_t)(comma + 1 - forwarded.p)};
        forwarded = str_trim(forwarded);
    }
    if (forwarded.n && forwarded.n < INET6_ADDRSTRLEN) {
        memcpy(text, forwarded.p, forwarded.n);
        text[forwarded.n] = '\0';
    }
}

static bool is_secure(const struct server *s, struct MHD_Connection *c)
{
    return s->config->certificate ||
           (from_proxy(s, c) &&
            str_is(mhd_header(c, "X-Forwarded-Proto"), "https"));
}

/* ---- public pages from the cache ---- */

static const struct lang *choose_language(struct MHD_Connection *c)
{
    static const char *const codes[] = {"en", "fr", "ar"};
    const char *asked =
        MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "lang");
    const char *kept = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "lang");
    const struct lang *l = asked ? lang_find(asked) : NULL;

    if (!l && kept)
        l = lang_find(kept);
    if (!l)
        l = lang_find(codes[language_choose(mhd_header(c, "Accept-Language"),
                                            codes, ARRAY_LEN(codes))]);
    return l;
}

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
static bool cache_key(const struct server *s, struct MHD_Connection *c,
                      const char *url, struct key_text *k)
{
    if (MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "session") ||
        MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "__Host-session") ||
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization"))
        return false;
    key_add(k, url);
    key_add(k, lang_code(choose_language(c)));
    key_add(k, is_secure(s, c) ? "s" : "");
    if (k->failed || k->n + 2 > k->most)
        return false;
    k->p[k->n++] = (char)('0' + representation_choose(mhd_header(c, "Accept"),
                                                      str_of(url)));
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, key_argument, k);
    return !k->failed;
}

static void forget_reply(void *reply)
{
    MHD_destroy_response(reply);
}

static enum MHD_Result send_page(struct server *s, struct MHD_Connection *c,
                                 struct page *p)
{
    enum coding coding = coding_choose(mhd_header(c, "Accept-Encoding"));
    struct str etag = mhd_header(c, "If-None-Match");
    enum MHD_Result queued;
    struct MHD_Response *none;

    if (etag.n && (str_is(etag, "*") ||
                   memmem(etag.p, etag.n, p->etag + 2, strlen(p->etag) - 2))) {
        none = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        MHD_add_response_header(none, "ETag", p->etag);
        MHD_add_response_header(none, "Cache-Control", "no-cache");
        MHD_add_response_header(
            none, "Vary", "Accept, Accept-Encoding, Accept-Language, Cookie");
        queued = MHD_queue_response(c, MHD_HTTP_NOT_MODIFIED, none);
        MHD_destroy_response(none);
        count(s->counters, COUNT_3XX, 1);
        return queued;
    }
    if (!p->bytes[coding].n)
        coding = p->bytes[CODING_GZIP].n && coding == CODING_BROTLI
                     ? CODING_GZIP
                     : CODING_PLAIN;
    queued = MHD_queue_response(c, MHD_HTTP_OK, p->reply[coding]);
    count(s->counters, COUNT_2XX, 1);
    count(s->counters, COUNT_BYTES, p->bytes[coding].n);
    return queued;
}

/* false: nothing in the cache. */
static bool from_cache(struct server *s, struct MHD_Connection *c,
                       const char *url, enum MHD_Result *result)
{
    char text[2048];
    struct key_text k = {c, text, 0, sizeof text, false};
    struct page *p;

    if (!cache_key(s, c, url, &k))
        return false;
    p = cache_find(s->cache, (struct str){text, k.n}, s->data_version);
    if (!p)
        return false;
    *result = send_page(s, c, p);
    cache_release(s->cache, p);
    count(s->counters, COUNT_CACHED, 1);
    return true;
}

/* ---- a request that is worked out ---- */

static enum MHD_Result take_pair(void *ctx, enum MHD_ValueKind kind,
                                 const char *name, const char *value)
{
    struct coming *in = ctx;
    struct request *r = &in->request;
    struct pairs *to = kind == MHD_HEADER_KIND   ? &r->headers
                       : kind == MHD_COOKIE_KIND ? &r->cookies
                                                 : &r->query;

    struct str text = str_of(value ? value : ""), key = str_of(name);

    if (to->n == PAIRS_MOST)
        return MHD_NO;
    if (to == &r->query && (!url_decode(text, false, in->arena, &text) ||
                            !url_decode(key, false, in->arena, &key))) {
        in->form_fault = true;
        return MHD_NO;
    }
    pairs_add(to, in->arena, key.p, text);
    return MHD_YES;
}

static bool method_of(const char *text, enum method *m, bool *head)
{
    static const char *const names[METHODS] = {"GET", "POST", "PUT", "PATCH",
                                               "DELETE"};

    *head = strcmp(text, "HEAD") == 0;
    *m = METHOD_GET;
    if (*head)
        return true;
    for (int i = 0; i < METHODS; i++) {
        if (strcmp(text, names[i]) == 0) {
            *m = (enum method)i;
            return true;
        }
    }
    return false;
}

/* The Host header must be ours: links in mails and pages are made of it. */
static bool own_host(const struct server *s, struct MHD_Connection *c)
{
    struct str host = mhd_header(c, "Host");
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
    return str_is(host, s->config->host);
}

static enum MHD_Result send_reply(struct server *s, struct MHD_Connection *c,
                                  struct coming *in,
                                  const struct http_reply *out)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        out->body.n, (void *)out->body.p, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued;

    if (!r)
        return MHD_NO;
    for (size_t i = 0; i < out->headers.n; i++)
        MHD_add_response_header(r, out->headers.items[i].name,
                                out->headers.items[i].value.p);
    queued = MHD_queue_response(c, out->status, r);
    MHD_destroy_response(r);
    count_status(s, out->status, out->body.n, in->began_us);
    return queued;
}

static bool cacheable(const struct request *r, const struct http_reply *out)
{
    return r->method == METHOD_GET && !r->head && out->status == 200 &&
           !r->viewer.account && out->body.n > 0 &&
           (str_is(pairs_get(&out->headers, "Cache-Control"), "no-cache") ||
            str_starts(pairs_get(&out->headers, "Cache-Control"), "public")) &&
           !pairs_has(&out->headers, "Set-Cookie");
}

/* One reply a coding, shared by every connection that asks for the page. */
static void prepare_replies(void *ctx, struct page *p)
{
    static const char *const names[CODINGS] = {NULL, "gzip", "br"};
    const struct http_reply *out = ctx;

    p->forget = forget_reply;
    for (int i = 0; i < CODINGS; i++) {
        struct MHD_Response *r;

        if (i && !p->bytes[i].n)
            continue;
        r = MHD_create_response_from_buffer(
            p->bytes[i].n, (void *)p->bytes[i].p, MHD_RESPMEM_MUST_COPY);
        for (size_t h = 0; h < out->headers.n; h++)
            MHD_add_response_header(r, out->headers.items[h].name,
                                    out->headers.items[h].value.p);
        MHD_add_response_header(r, "ETag", p->etag);
        if (names[i])
            MHD_add_response_header(r, "Content-Encoding", names[i]);
        p->reply[i] = r;
    }
}

static bool keep_page(struct server *s, struct MHD_Connection *c,
                      struct coming *in, struct http_reply *out,
                      uint64_t version, enum MHD_Result *result)
{
    char text[2048];
    struct key_text k = {c, text, 0, sizeof text, false};
    struct page *p;

    if (!cacheable(&in->request, out) || !cache_key(s, c, in->request.path, &k))
        return false;
    p = cache_add(s->cache, (struct str){text, k.n}, version, out->body,
                  prepare_replies, out);
    if (!p)
        return false;
    *result = send_page(s, c, p);
    cache_release(s->cache, p);
    return true;
}

static void read_request(struct server *s, struct MHD_Connection *c,
                         struct coming *in)
{
    struct request *r = &in->request;
    char address[INET6_ADDRSTRLEN];

    MHD_get_connection_values(c, MHD_HEADER_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_COOKIE_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_pair, in);
    client_address(s, c, address);
    r->address = arena_strdup(in->arena, address);
    r->secure = is_secure(s, c);
    r->lang = choose_language(c);
    r->as = representation_choose(mhd_header(c, "Accept"), str_of(r->path));
    if (!r->body.p)
        r->body = (struct str){buf_cstr(&in->body), in->body.n};
}

/* The whole request is there: work it out and send what comes of it. */
static enum MHD_Result work_out(struct server *s, struct MHD_Connection *c,
                                struct coming *in)
{
    uint64_t version = s->data_version;
    struct http_reply out;
    struct err err = {0};
    enum MHD_Result result;
    enum rc rc;

    read_request(s, c, in);
    if (in->form_fault)
        return short_reply(s, c, MHD_HTTP_BAD_REQUEST,
                           "The request could not be read.\n", 0);
    if (atomic_fetch_add(&s->busy, 1) >= s->config->busy_most) {
        atomic_fetch_sub(&s->busy, 1);
        count(s->counters, COUNT_SHED, 1);
        return short_reply(s, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "Too much at once; try again.\n", 2);
    }
    rc = worker_store(s, &in->request.store, &err);
    if (rc) {
        atomic_fetch_sub(&s->busy, 1);
        return short_reply(s, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "The database does not answer; try again.\n", 5);
    }
    rc = server_handle(s, &in->request, &out, &err);
    if (rc == RC_UNAVAILABLE)
        worker_drop(s);
    result = keep_page(s, c, in, &out, version, &result)
                 ? result
                 : send_reply(s, c, in, &out);
    atomic_fetch_sub(&s->busy, 1);
    return result;
}

/* ---- libmicrohttpd's side ---- */

static enum MHD_Result take_form(void *ctx, enum MHD_ValueKind kind,
                                 const char *name, const char *filename,
                                 const char *type, const char *coding,
                                 const char *data, uint64_t offset, size_t n)
{
    struct coming *in = ctx;
    struct request *r = &in->request;
    struct upload *u = r->n_uploads ? &r->uploads[r->n_uploads - 1] : NULL;
    struct pair *last = r->form.n ? &r->form.items[r->form.n - 1] : NULL;
    struct str *to;

    if (!name || r->form.n + r->n_uploads >= PAIRS_MOST)
        return MHD_NO;
    if (filename && offset == 0) {
        struct upload *more =
            arena_array(in->arena, struct upload, r->n_uploads + 1);

        if (r->n_uploads)
            memcpy(more, r->uploads, r->n_uploads * sizeof *more);
        r->uploads = more;
        u = &more[r->n_uploads++];
        *u = (struct upload){.field = arena_strdup(in->arena, name),
                             .filename = arena_strdup(in->arena, filename),
                             .type = arena_strdup(in->arena, type ? type : "")};
    } else if (!filename && offset == 0) {
        pairs_add(&r->form, in->arena, name, STR(""));
        last = &r->form.items[r->form.n - 1];
    }
    to = filename ? &u->bytes : &last->value;
    {
        char *p =
            arena_grow(in->arena, (char *)to->p, to->n + 1, to->n + n + 1);

        if (!p)
            return MHD_NO;
        memcpy(p + to->n, data, n);
        p[to->n + n] = '\0';
        *to = (struct str){p, to->n + n};
    }
    return MHD_YES;
}

/* Files are taken only from somebody who at least says who they are. */
static bool known(struct MHD_Connection *c)
{
    return MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "session") ||
           MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "__Host-session") ||
           MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
}

/* false: more is announced than is taken. */
static bool begin_body(struct server *s, struct MHD_Connection *c,
                       struct coming *in)
{
    struct str type = mhd_header(c, "Content-Type");
    bool upload = str_starts(type, "multipart/form-data");
    int64_t length = 0;

    in->most =
        upload && known(c) ? s->config->upload_bytes : s->config->body_bytes;
    buf_init(&in->body, in->most);
    if (str_i64(mhd_header(c, "Content-Length"), &length) &&
        (uint64_t)length > in->most)
        return false;
    if (upload || str_starts(type, "application/x-www-form-urlencoded"))
        in->post = MHD_create_post_processor(c, 64 << 10, take_form, in);
    return true;
}

/* false: more comes than was announced or is taken. */
static bool take_body(struct coming *in, const char *data, size_t n)
{
    if (n > in->most)
        return false;
    if (in->form_fault)
        return true;
    in->most -= n;
    if (in->post)
        in->form_fault = MHD_post_process(in->post, data, n) != MHD_YES;
    else
        buf_add(&in->body, (struct str){data, n});
    return true;
}

static struct coming *coming_new(const char *url)
{
    struct coming *in = calloc(1, sizeof *in);

    if (!in)
        return NULL;
    in->arena = arena_new(REQUEST_BYTES);
    in->request.arena = in->arena;
    in->request.path = arena_strdup(in->arena, url);
    in->began_us = now_us();
    return in;
}

/* The first call: headers are there, nothing of a body. */
static enum MHD_Result arrive(struct server *s, struct MHD_Connection *c,
                              const char *url, const char *method, void **state)
{
    struct coming *in = coming_new(url);

    if (!in)
        return MHD_NO;
    *state = in;
    if (!method_of(method, &in->request.method, &in->request.head))
        return short_reply(s, c, MHD_HTTP_NOT_IMPLEMENTED,
                           "This method is not known.\n", 0);
    if (in->request.method != METHOD_GET && !begin_body(s, c, in))
        return short_reply(s, c, MHD_HTTP_CONTENT_TOO_LARGE,
                           "The body is too large.\n", 0);
    return MHD_YES;
}

static char no_state; /* its address marks a request that keeps nothing yet */

/* Whether the request is heard at all. */
static bool refused(struct server *s, struct MHD_Connection *c,
                    enum MHD_Result *result)
{
    char address[INET6_ADDRSTRLEN];
    unsigned wait_s = 1;

    if (!own_host(s, c)) {
        *result = short_reply(s, c, MHD_HTTP_MISDIRECTED_REQUEST,
                              "This host is not served here.\n", 0);
        return true;
    }
    if (!s->limiter)
        return false;
    client_address(s, c, address);
    if (limiter_take(s->limiter, address, now_us() / 1000, &wait_s))
        return false;
    count(s->counters, COUNT_LIMITED, 1);
    *result = short_reply(s, c, MHD_HTTP_TOO_MANY_REQUESTS,
                          "Too many requests; come back later.\n", wait_s);
    return true;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *size, void **state)
{
    struct server *s = ctx;
    enum MHD_Result result;
    bool get = strcmp(method, "GET") == 0;

    if (!*state) {
        *state = &no_state;
        s->at_work++;
        count(s->counters, COUNT_REQUESTS, 1);
        if (refused(s, c, &result))
            return result;
        return get ? MHD_YES : arrive(s, c, url, method, state);
    }
    if (*size) { /* a GET's body is read and dropped */
        bool good = *state == &no_state || take_body(*state, data, *size);

        *size = 0;
        return good ? MHD_YES : MHD_NO;
    }
    if (get && from_cache(s, c, url, &result))
        return result;
    if (*state == &no_state) {
        result = arrive(s, c, url, method, state);
        if (result != MHD_YES)
            return result;
    }
    return work_out(s, c, *state);
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct server *s = ctx;
    struct coming *in = *state;

    *state = NULL;
    if (!in)
        return;
    s->at_work--;
    if ((void *)in == &no_state)
        return;
    if (in->post)
        MHD_destroy_post_processor(in->post);
    buf_free(&in->body);
    arena_free(in->arena);
    free(in);
}

/* Paths and queries arrive as sent: they are decoded once, by http.c. */
static size_t no_unescape(void *ctx, struct MHD_Connection *c, char *text)
{
    return strlen(text);
}

/* ---- start and stop ---- */

static enum rc read_key(struct server *s, struct err *err)
{
    struct str text;
    enum rc rc = file_read(s->arena, s->config->key_file, 4096, &text, err);

    if (rc == RC_NOT_FOUND) {
        mode_t mask = umask(077); /* before any thread: for us alone */

        randombytes_buf(s->key, sizeof s->key);
        rc = file_write(s->config->key_file,
                        (struct str){(char *)s->key, sizeof s->key}, err);
        umask(mask);
        return rc;
    }
    if (rc)
        return rc;
    if (text.n != sizeof s->key)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not a key of this program: it has 32 bytes"),
                       s->config->key_file);
    memcpy(s->key, text.p, sizeof s->key);
    return RC_OK;
}

static enum rc prepare_store(struct server *s, struct err *err)
{
    AUTO(store) struct store *store = NULL;
    AUTO(arena) struct arena *a = arena_new(0);
    struct migration m;
    enum rc rc = store_open(s->config->store, &store, err);

    if (!rc)
        rc = migration_plan(store, a, &m, err);
    if (!rc)
        rc = migration_apply(store, &m, NULL, 0, err);
    if (!rc)
        rc = network_tables(store, err);
    return rc;
}

static enum rc listen_at(struct server *s, struct err *err)
{
    const struct config *c = s->config;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)c->port)};
    struct sockaddr_in6 at6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)c->port)};
    bool six = inet_pton(AF_INET6, c->listen, &at6.sin6_addr) == 1;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
                     MHD_USE_ITC | (six ? MHD_USE_DUAL_STACK : 0);
    struct MHD_OptionItem tls[] = {{MHD_OPTION_END, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL}};
    struct str key, certificate;

    if (!six && inet_pton(AF_INET, c->listen, &at.sin_addr) != 1)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not an address to listen at"), c->listen);
    if (c->certificate) {
        enum rc rc =
            file_read(s->arena, c->certificate, 1 << 20, &certificate, err);

        if (!rc)
            rc = file_read(s->arena, c->key, 1 << 20, &key, err);
        if (rc)
            return rc;
        tls[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0,
                                         (void *)certificate.p};
        tls[1] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key.p};
        flags |= MHD_USE_TLS;
    }
    s->daemon = MHD_start_daemon(
        flags, (uint16_t)c->port, NULL, NULL, on_request, s,
        MHD_OPTION_SOCK_ADDR,
        six ? (struct sockaddr *)&at6 : (struct sockaddr *)&at,
        MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, s,
        MHD_OPTION_THREAD_POOL_SIZE, c->threads, MHD_OPTION_CONNECTION_LIMIT,
        c->connections, MHD_OPTION_CONNECTION_TIMEOUT, c->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_BYTES * 2,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    if (!s->daemon)
        return err_set(err, RC_IO, N_("cannot listen at %s, port %u: %s"),
                       c->listen, c->port, strerror(errno));
    return RC_OK;
}

/* Other servers and programs change the data too: what they tell makes the
 * pages kept here old within a second. */
static void *watch(void *ctx)
{
    struct server *s = ctx;
    struct store *store = NULL;

    while (!s->stopping) {
        bool changed = false;

        if (!store && store_open(s->config->store, &store, NULL))
            store = NULL;
        if (store && store_changed(store, &changed, NULL)) {
            store_close(store);
            store = NULL;
            changed = true;
        }
        if (changed)
            s->data_version++;
        for (int i = 0; i < 10 && !s->stopping; i++)
            usleep(100000);
    }
    store_close(store);
    return NULL;
}

enum rc server_start(struct server **out, const struct config *c,
                     struct err *err)
{
    struct server *s = calloc(1, sizeof *s);
    enum rc rc;

    if (!s || sodium_init() < 0)
        BUG("no memory or no random numbers");
    s->config = c;
    s->arena = arena_new(0);
    s->cache = cache_new(CACHE_BYTES);
    s->counters = arena_new_of(s->arena, struct counters);
    s->limiter = limiter_new(c->rate_per_minute);
    if (pthread_key_create(&s->worker, close_worker) != 0)
        BUG("no key for a thread's store");
    rc = read_key(s, err);
    if (!rc)
        rc = prepare_store(s, err);
    if (!rc)
        rc = templates_load(s->arena, &s->templates, err);
    if (!rc)
        rc = listen_at(s, err);
    if (!rc)
        rc = server_post_start(s, err);
    if (!rc)
        s->watching = pthread_create(&s->watcher, NULL, watch, s) == 0;
    if (rc)
        server_stop(s, 0);
    else
        *out = s;
    return rc;
}

unsigned server_port(const struct server *s)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

    return info ? info->port : 0;
}

void server_reload(struct server *s)
{
    s->data_version++;
}

void server_stop(struct server *s, unsigned seconds)
{
    s->stopping = true;
    if (s->watching)
        pthread_join(s->watcher, NULL);
    if (s->daemon) {
        int listening = MHD_quiesce_daemon(s->daemon);

        for (unsigned i = 0; i < seconds * 20 && s->at_work; i++)
            usleep(50000);
        if (listening >= 0)
            close(listening);
        MHD_stop_daemon(s->daemon);
    }
    post_stop(s->post);
    pthread_key_delete(s->worker);
    cache_free(s->cache);
    limiter_free(s->limiter);
    sodium_memzero(s->key, sizeof s->key);
    arena_free(s->arena);
    free(s);
}
