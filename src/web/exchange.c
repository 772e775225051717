/* One exchange: a request while it comes in, worked out, answered. */
#include "network/stored.h"
#include "web/connection.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    REQUEST_BYTES = 512 << 20, /* an arena's limit */
    PAIRS_MOST = 1000,
    UPLOADS_MOST = 200,
    RETRY_S = 5
};

/* One request while it comes in. */
struct coming {
    struct arena *arena;
    struct request request;
    struct buf body;
    struct MHD_PostProcessor *post;
    const char *spool; /* folder where uploads wait */
    size_t most;       /* bytes of a body */
    bool form_fault;
    int64_t began_us;
};

int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void worker_drop(struct server *s)
{
    store_close(pthread_getspecific(s->worker));
    pthread_setspecific(s->worker, NULL);
}

/* What a thread keeps: its store, opened when it first needs one, and anew
 * once the database has gone and come back. */
static enum rc worker_store(struct server *s, struct store **out,
                            struct err *err)
{
    enum rc rc = RC_OK;

    *out = pthread_getspecific(s->worker);
    if (*out && !store_alive(*out)) {
        worker_drop(s);
        *out = NULL;
    }
    if (!*out)
        rc = store_open(s->config->store, out, err);
    if (!rc && pthread_setspecific(s->worker, *out) != 0)
        BUG("out of memory");
    return rc;
}

void reply_noted(struct generation *g, const struct reply_note *n)
{
    struct counters *c = g->server->counters;

    count(c, COUNT_2XX + (int)MIN(n->status / 100, 5u) - 2, 1);
    count(c, COUNT_BYTES, n->bytes);
    count(c, COUNT_CACHED, n->cached);
    count_time(c, n->ms);
    if (g->config->log_requests)
        log_reply(n);
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
static enum MHD_Result send_reply(struct generation *g,
                                  struct MHD_Connection *c, struct coming *in,
                                  const struct http_reply *out)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        out->body.n, (void *)out->body.p, MHD_RESPMEM_MUST_COPY);
    const struct request *q = &in->request;
    enum MHD_Result queued;

    if (!r)
        return MHD_NO;
    for (size_t i = 0; i < out->headers.n; i++)
        MHD_add_response_header(r, out->headers.items[i].name,
                                out->headers.items[i].value.p);
    if (g->retired)
        MHD_add_response_header(r, "Connection", "close");
    queued = MHD_queue_response(c, out->status, r);
    MHD_destroy_response(r);
    reply_noted(g, &(struct reply_note){
                       .method = q->head ? "HEAD" : method_name(q->method),
                       .route = q->route ? q->route->path : NULL,
                       .status = out->status,
                       .bytes = out->body.n,
                       .ms = (double)(now_us() - in->began_us) / 1000});
    return queued;
}

/* Every text that comes in is UTF-8 without NUL, or the request is refused. */
static bool texts_valid(const struct pairs *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct str v = p->items[i].value;

        if (!str_utf8_valid(str_of(p->items[i].name), NULL) ||
            !str_utf8_valid(v, NULL) || strlen(v.p) != v.n)
            return false;
    }
    return true;
}

static bool readable(const struct coming *in)
{
    const struct request *r = &in->request;

    for (size_t i = 0; i < r->n_uploads; i++)
        if (!str_utf8_valid(str_of(r->uploads[i].filename), NULL) ||
            !str_utf8_valid(str_of(r->uploads[i].type), NULL))
            return false;
    return !in->form_fault && str_utf8_valid(str_of(r->path), NULL) &&
           texts_valid(&r->headers) && texts_valid(&r->cookies) &&
           texts_valid(&r->form);
}

static void read_request(struct generation *g, struct MHD_Connection *c,
                         struct coming *in)
{
    struct request *r = &in->request;
    char address[INET6_ADDRSTRLEN];

    MHD_get_connection_values(c, MHD_HEADER_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_COOKIE_KIND, take_pair, in);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, take_pair, in);
    connection_address(g, c, address);
    r->address = arena_strdup(in->arena, address);
    r->secure = connection_secure(g, c);
    r->lang = connection_language(c);
    r->as =
        representation_choose(connection_header(c, "Accept"), str_of(r->path));
    if (!r->body.p)
        r->body = (struct str){buf_cstr(&in->body), in->body.n};
}

static enum MHD_Result answer(struct generation *g, struct MHD_Connection *c,
                              struct coming *in)
{
    struct server *s = g->server;
    uint64_t version = s->data_version;
    struct http_reply out;
    struct err err = {0};
    enum MHD_Result result;
    enum rc rc = worker_store(s, &in->request.store, &err);

    if (rc) {
        log_failure(NULL, rc, &err, MHD_HTTP_SERVICE_UNAVAILABLE);
        return connection_say(g, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                              "The database does not answer; try again.\n",
                              RETRY_S);
    }
    rc = server_handle(s, &in->request, &out, &err);
    if (rc == RC_UNAVAILABLE)
        worker_drop(s);
    if (kept_add(g, c, &in->request, &out, version, in->began_us, &result))
        return result;
    return send_reply(g, c, in, &out);
}

/* The upload before is whole: its memory is given back. */
static bool end_upload(struct coming *in)
{
    const struct request *r = &in->request;

    return !r->n_uploads ||
           !spool_end(r->uploads[r->n_uploads - 1].spool, NULL);
}

/* The whole request is there: work it out and send what comes of it. */
static enum MHD_Result work_out(struct generation *g, struct MHD_Connection *c,
                                struct coming *in)
{
    struct server *s = g->server;
    enum MHD_Result result;

    read_request(g, c, in);
    if (!end_upload(in) || !readable(in))
        return connection_say(g, c, MHD_HTTP_BAD_REQUEST,
                              "The request could not be read.\n", 0);
    if (atomic_fetch_add(&s->busy, 1) >= g->config->busy_most) {
        count(s->counters, COUNT_SHED, 1);
        result = connection_say(g, c, MHD_HTTP_SERVICE_UNAVAILABLE,
                                "Too much at once; try again.\n", 2);
    } else {
        result = answer(g, c, in);
    }
    atomic_fetch_sub(&s->busy, 1);
    return result;
}

/* ---- libmicrohttpd's side ---- */

static bool begin_upload(struct coming *in, const char *name,
                         const char *filename, const char *type)
{
    struct request *r = &in->request;

    if (r->n_uploads == UPLOADS_MOST || !end_upload(in))
        return false;
    if (!r->uploads)
        r->uploads = arena_array(in->arena, struct upload, UPLOADS_MOST);
    r->uploads[r->n_uploads++] =
        (struct upload){.field = arena_strdup(in->arena, name),
                        .filename = arena_strdup(in->arena, filename),
                        .type = arena_strdup(in->arena, type ? type : ""),
                        .spool = spool_new(in->spool, UINT64_MAX)};
    return true;
}

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
    char *p;

    if (!name || r->form.n + r->n_uploads >= PAIRS_MOST)
        return MHD_NO;
    if (filename && offset == 0) {
        if (!begin_upload(in, name, filename, type))
            return MHD_NO;
        u = &r->uploads[r->n_uploads - 1];
    } else if (!filename && offset == 0) {
        pairs_add(&r->form, in->arena, name, STR(""));
        last = &r->form.items[r->form.n - 1];
    }
    if (filename)
        return spool_add(u->spool, (struct str){data, n}, NULL) ? MHD_NO
                                                                : MHD_YES;
    to = &last->value;
    p = arena_grow(in->arena, (char *)to->p, to->n + 1, to->n + n + 1);
    if (!p)
        return MHD_NO;
    memcpy(p + to->n, data, n);
    p[to->n + n] = '\0';
    *to = (struct str){p, to->n + n};
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
static bool begin_body(const struct generation *g, struct MHD_Connection *c,
                       struct coming *in)
{
    struct str type = connection_header(c, "Content-Type");
    bool upload = str_starts(type, "multipart/form-data");
    int64_t length = 0;

    in->most =
        upload && known(c) ? g->config->upload_bytes : g->config->body_bytes;
    buf_init(&in->body, in->most);
    if (str_i64(connection_header(c, "Content-Length"), &length) &&
        (uint64_t)length > in->most)
        return false;
    in->spool = g->config->files;
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
static enum MHD_Result arrive(struct generation *g, struct MHD_Connection *c,
                              const char *url, const char *method, void **state)
{
    struct coming *in = coming_new(url);

    if (!in)
        return MHD_NO;
    *state = in;
    if (!method_of(method, &in->request.method, &in->request.head))
        return connection_say(g, c, MHD_HTTP_NOT_IMPLEMENTED,
                              "This method is not known.\n", 0);
    if (in->request.method != METHOD_GET && !begin_body(g, c, in))
        return connection_say(g, c, MHD_HTTP_CONTENT_TOO_LARGE,
                              "The body is too large.\n", 0);
    return MHD_YES;
}

static char no_state; /* its address marks a request that keeps nothing yet */

/* Whether the request is heard at all. */
static bool refused(struct generation *g, struct MHD_Connection *c,
                    enum MHD_Result *result)
{
    char address[INET6_ADDRSTRLEN];
    unsigned wait_s = 1;

    if (!connection_own_host(g, c)) {
        *result = connection_say(g, c, MHD_HTTP_MISDIRECTED_REQUEST,
                                 "This host is not served here.\n", 0);
        return true;
    }
    if (!g->limiter)
        return false;
    connection_address(g, c, address);
    if (limiter_take(g->limiter, address, now_us() / 1000, &wait_s))
        return false;
    count(g->server->counters, COUNT_LIMITED, 1);
    *result = connection_say(g, c, MHD_HTTP_TOO_MANY_REQUESTS,
                             "Too many requests; come back later.\n", wait_s);
    return true;
}

enum MHD_Result exchange_step(void *ctx, struct MHD_Connection *c,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **state)
{
    struct generation *g = ctx;
    enum MHD_Result result;
    bool get = strcmp(method, "GET") == 0;

    if (!*state) {
        *state = &no_state;
        g->server->at_work++;
        count(g->server->counters, COUNT_REQUESTS, 1);
        if (refused(g, c, &result))
            return result;
        return get ? MHD_YES : arrive(g, c, url, method, state);
    }
    if (*size) { /* a GET's body is read and dropped */
        bool good = *state == &no_state || take_body(*state, data, *size);

        *size = 0;
        return good ? MHD_YES : MHD_NO;
    }
    if (get && kept_find(g, c, url, &result))
        return result;
    if (*state == &no_state) {
        result = arrive(g, c, url, method, state);
        if (result != MHD_YES)
            return result;
    }
    return work_out(g, c, *state);
}

void exchange_end(void *ctx, struct MHD_Connection *c, void **state,
                  enum MHD_RequestTerminationCode why)
{
    struct generation *g = ctx;
    struct coming *in = *state;

    *state = NULL;
    if (!in)
        return;
    g->server->at_work--;
    if ((void *)in == &no_state)
        return;
    if (in->post)
        MHD_destroy_post_processor(in->post);
    for (size_t i = 0; i < in->request.n_uploads; i++)
        spool_free(in->request.uploads[i].spool);
    buf_free(&in->body);
    arena_free(in->arena);
    free(in);
}
