#include "web/server.h"
#include "base/file.h"
#include "network/account.h"
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
    bool too_large, form_fault;
    int64_t began_us;
};

/* What a thread keeps: its store, opened when it first needs one. */
struct worker {
    struct server *of;
    struct store *store;
};
static _Thread_local struct worker worker;

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

    if (worker.of != s) {
        worker = (struct worker){.of = s};
        rc = store_open(s->config->store, &worker.store, err);
        if (rc)
            worker.of = NULL;
    }
    *out = worker.store;
    return rc;
}

static void worker_drop(void)
{
    store_close(worker.store);
    worker = (struct worker){0};
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
static bool cache_key(struct MHD_Connection *c, const char *url,
                      struct key_text *k)
{
    if (MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "session") ||
        MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "__Host-session") ||
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization"))
        return false;
    key_add(k, url);
    key_add(k, lang_code(choose_language(c)));
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

    if (str_is(etag, p->etag)) {
        none = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
        MHD_add_response_header(none, "ETag", p->etag);
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

/* MHD_NO - 1 (not a result): nothing in the cache. */
static bool from_cache(struct server *s, struct MHD_Connection *c,
                       const char *url, enum MHD_Result *result)
{
    char text[2048];
    struct key_text k = {c, text, 0, sizeof text, false};
    struct page *p;

    if (!cache_key(c, url, &k))
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

    if (to->n == PAIRS_MOST)
        return MHD_NO;
    pairs_add(to, in->arena, name, str_of(value ? value : ""));
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

static const char *client_address(struct server *s, struct coming *in,
                                  struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN] = "";
    struct str forwarded;

    if (a && a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, text,
                  sizeof text);
    else if (a && a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text,
                  sizeof text);
    forwarded = mhd_header(c, "X-Forwarded-For");
    if (s->config->proxy && strcmp(text, s->config->proxy) == 0 &&
        forwarded.n) {
        /* the last one is what our proxy saw; those before, anyone may say */
        const char *comma = memrchr(forwarded.p, ',', forwarded.n);

        if (comma)
            forwarded = (struct str){
                comma + 1, forwarded.n - (size_t)(comma + 1 - forwarded.p)};
        return arena_str(in->arena, str_trim(forwarded));
    }
    return arena_strdup(in->arena, text);
}

static bool is_secure(const struct server *s, struct MHD_Connection *c)
{
    if (s->config->certificate)
        return true;
    return s->config->proxy &&
           str_is(mhd_header(c, "X-Forwarded-Proto"), "https");
}

/* The Host header must be ours: links in mails and pages are made of it. */
static bool own_host(const struct server *s, struct MHD_Connection *c)
{
    struct str host = mhd_header(c, "Host");
    const char *colon = host.n ? memchr(host.p, ':', host.n) : NULL;

    if (colon && host.p[0] != '[')
        host.n = (size_t)(colon - host.p);
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
           str_is(pairs_get(&out->headers, "Cache-Control"), "no-cache") &&
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

    if (!cacheable(&in->request, out) || !cache_key(c, in->request.path, &k))
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

    MHD_get_connection_values(c, MHD_HEADER_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_COOKIE_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_pair, in);
    r->address = client_address(s, in, c);
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

    if (in->too_large)
        return short_reply(s, c, MHD_HTTP_CONTENT_TOO_LARGE,
                           "The body is too large.\n", 0);
    if (in->form_fault)
        return short_reply(s, c, MHD_HTTP_BAD_REQUEST,
                           "The form could not be read.\n", 0);
    if (atomic_fetch_add(&s->busy, 1) >= s->config->busy_most) {
        atomic_fetch_sub(&s->busy, 1);
        count(s->counters, COUNT_SHED, 1);
        return short_reply(s, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "Too much at once; try again.\n", 2);
    }
    read_request(s, c, in);
    rc = worker_store(s, &in->request.store, &err);
    if (rc) {
        atomic_fetch_sub(&s->busy, 1);
        return short_reply(s, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                           "The database does not answer; try again.\n", 5);
    }
    rc = server_handle(s, &in->request, &out, &err);
    if (rc == RC_UNAVAILABLE)
        worker_drop();
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

static void begin_body(struct server *s, struct MHD_Connection *c,
                       struct coming *in)
{
    struct str type = mhd_header(c, "Content-Type");
    bool upload = str_starts(type, "multipart/form-data");
    int64_t length = 0;

    in->most = upload ? s->config->upload_bytes : s->config->body_bytes;
    buf_init(&in->body, in->most);
    if (str_i64(mhd_header(c, "Content-Length"), &length) &&
        (uint64_t)length > in->most)
        in->too_large = true;
    else if (upload || str_starts(type, "application/x-www-form-urlencoded"))
        in->post = MHD_create_post_processor(c, 64 << 10, take_form, in);
}

static void take_body(struct coming *in, const char *data, size_t n)
{
    if (in->too_large || in->form_fault)
        return;
    if (n > in->most) {
        in->too_large = true;
        return;
    }
    in->most -= n;
    if (in->post)
        in->form_fault = MHD_post_process(in->post, data, n) != MHD_YES;
    else
        buf_add(&in->body, (struct str){data, n});
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
    struct coming *in;
    unsigned wait_s = 1;
    const char *address;

    in = coming_new(url);
    if (!in)
        return MHD_NO;
    *state = in;
    if (!method_of(method, &in->request.method, &in->request.head))
        return short_reply(s, c, MHD_HTTP_NOT_IMPLEMENTED,
                           "This method is not known.\n", 0);
    address = client_address(s, in, c);
    if (!limiter_take(s->limiter, address, now_us() / 1000, &wait_s)) {
        count(s->counters, COUNT_LIMITED, 1);
        return short_reply(s, c, MHD_HTTP_TOO_MANY_REQUESTS,
                           "Too many requests; come back later.\n", wait_s);
    }
    if (in->request.method != METHOD_GET)
        begin_body(s, c, in);
    return MHD_YES;
}

static char first_call; /* its address marks a GET that was looked up once */

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *size, void **state)
{
    struct server *s = ctx;
    struct coming *in = *state;
    enum MHD_Result result;

    if (!in) {
        if (!own_host(s, c)) {
            *state = &first_call;
            return short_reply(s, c, MHD_HTTP_MISDIRECTED_REQUEST,
                               "This host is not served here.\n", 0);
        }
        if (strcmp(method, "GET") == 0 && !s->limiter) {
            *state = &first_call;
            return MHD_YES;
        }
        return arrive(s, c, url, method, state);
    }
    if (*size) {
        if (*state != &first_call)
            take_body(in, data, *size);
        *size = 0;
        return MHD_YES;
    }
    count(s->counters, COUNT_REQUESTS, 1);
    if (strcmp(method, "GET") == 0 && from_cache(s, c, url, &result))
        return result;
    if (*state == &first_call) {
        *state = NULL;
        result = arrive(s, c, url, method, state);
        if (result != MHD_YES)
            return result;
        in = *state;
    }
    return work_out(s, c, in);
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct coming *in = *state;

    *state = NULL;
    if (!in || (void *)in == &first_call)
        return;
    if (in->post)
        MHD_destroy_post_processor(in->post);
    buf_free(&in->body);
    arena_free(in->arena);
    free(in);
}

/* ---- start and stop ---- */

static enum rc read_key(struct server *s, struct err *err)
{
    struct str text;
    enum rc rc = file_read(s->arena, s->config->key_file, 4096, &text, err);

    if (rc == RC_NOT_FOUND) {
        randombytes_buf(s->key, sizeof s->key);
        rc = file_write(s->config->key_file,
                        (struct str){(char *)s->key, sizeof s->key}, err);
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
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_END, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL},
                                   {MHD_OPTION_END, 0, NULL}};
    struct str key, certificate;

    if (inet_pton(AF_INET, c->listen, &at.sin_addr) != 1)
        return err_set(err, RC_INVALID,
                       N_("'%s' is not an address to listen "
                          "at"),
                       c->listen);
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
        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_THREAD_POOL_SIZE, c->threads,
        MHD_OPTION_CONNECTION_LIMIT, c->connections,
        MHD_OPTION_CONNECTION_TIMEOUT, c->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_BYTES * 2,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    if (!s->daemon)
        return err_set(err, RC_IO, N_("cannot listen at %s, port %u: %s"),
                       c->listen, c->port, strerror(errno));
    return RC_OK;
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
    rc = read_key(s, err);
    if (!rc)
        rc = prepare_store(s, err);
    if (!rc)
        rc = templates_load(s->arena, &s->templates, err);
    if (!rc)
        rc = listen_at(s, err);
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
    if (s->daemon) {
        int listening = MHD_quiesce_daemon(s->daemon);

        for (unsigned i = 0; i < seconds * 20 && s->busy; i++)
            usleep(50000);
        if (listening >= 0)
            close(listening);
        MHD_stop_daemon(s->daemon);
    }
    cache_free(s->cache);
    limiter_free(s->limiter);
    sodium_memzero(s->key, sizeof s->key);
    arena_free(s->arena);
    free(s);
}
