/* One request, from its route to its reply: who asks, may they, what comes. */
#include "network/account.h"
#include "web/handlers.h"
#include "web/limit.h"
#include "web/log.h"
#include "web/render.h"
#include "web/server.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

static const char *session_cookie(const struct request *r)
{
    return r->secure ? "__Host-session" : "session";
}

static const char *visit_cookie(const struct request *r)
{
    return r->secure ? "__Host-visit" : "visit";
}

/* Bound to the session, or for a visitor to a cookie of the visit alone. */
static const char *csrf_token(const struct request *r, struct str bound)
{
    unsigned char hash[32];
    char text[2 * sizeof hash + 1];
    crypto_generichash_state state;

    crypto_generichash_init(&state, r->server->key, sizeof r->server->key,
                            sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)"csrf", 4);
    crypto_generichash_update(&state, (const unsigned char *)bound.p, bound.n);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return arena_strdup(r->arena, text);
}

static bool role_asks_factor(const struct viewer *v)
{
    for (size_t i = 0; i < v->n_grants; i++)
        if (role_needs_second_factor(v->grants[i].role))
            return true;
    return false;
}

/* Without its second factor an account has no grant, whatever the channel. */
static enum rc hold_back_grants(struct request *r, int64_t now, struct err *err)
{
    struct account own;
    enum rc rc;

    if (r->viewer.second_factor || !role_asks_factor(&r->viewer))
        return RC_OK;
    if (r->viewer.token) {
        rc =
            account_load(r->store, r->viewer.account, now, r->arena, &own, err);
        if (rc || own.totp || own.oidc)
            return rc;
    }
    r->factor_missing = true;
    r->viewer.n_grants = 0;
    return RC_OK;
}

/* What one may still do without it: set it up, and leave. */
static bool open_without_factor(const struct route *route)
{
    return route->who == ANYONE || route->handler == page_second_factor ||
           route->handler == form_second_factor ||
           route->handler == form_sign_out;
}

static enum rc find_viewer(struct request *r, struct err *err)
{
    struct keyring k;
    struct str bearer = request_header(r, "Authorization");
    struct str token = pairs_get(&r->cookies, session_cookie(r));
    int64_t now = time(NULL);
    struct session session;
    enum rc rc;

    memcpy(k.key, r->server->key, sizeof k.key);
    if (str_starts(bearer, "Bearer ")) {
        rc = token_find(r->store, &k, bearer.p + 7, now, r->arena, &r->viewer,
                        err);
        if (rc == RC_NOT_FOUND)
            return err_set(err, RC_FORBIDDEN,
                           N_("this token is not known or no longer valid"));
        return rc ? rc : hold_back_grants(r, now, err);
    }
    if (!token.n)
        return RC_OK;
    rc = session_find(r->store, &k, token.p, now, r->arena, &session, err);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc)
        return rc;
    r->session = session.hash;
    rc = viewer_load(r->store, session.account, now, r->arena, &r->viewer, err);
    r->viewer.second_factor = session.second_factor;
    return rc ? rc : hold_back_grants(r, now, err);
}

/*
 * A visitor's forms need something to hold on to: a cookie of the visit. A GET
 * route says CSRF when its page has a form for visitors. A page with a token in
 * it is nobody else's: never cached.
 */
static void find_csrf(struct request *r, struct reply *reply)
{
    struct str visit = pairs_get(&r->cookies, visit_cookie(r));
    unsigned char random[16];
    char text[2 * sizeof random + 1];

    if (r->session) {
        r->csrf = csrf_token(r, str_of(r->session));
        return;
    }
    if (r->route->form != CSRF)
        return;
    if (visit.n != 2 * sizeof random) {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(text, sizeof text, random, sizeof random);
        visit = str_of(arena_strdup(r->arena, text));
        reply_cookie(r, reply, "visit", visit.p, 3600);
    }
    r->csrf = csrf_token(r, visit);
    reply->private = true;
}

static bool allowed(const struct request *r)
{
    switch (r->route->who) {
    case ANYONE:
        return true;
    case SIGNED_IN:
        return r->viewer.account;
    case MEMBER:
        return r->viewer.n_grants;
    case EDITOR:
        for (size_t i = 0; i < r->viewer.n_grants; i++)
            if (r->viewer.grants[i].role >= ROLE_CONTRIBUTOR)
                return true;
        return false;
    case SECRETARIAT_ONLY:
        return access_may(&r->viewer, ACTION_ADMIN, &(struct subject){0});
    }
    return false;
}

/* What a browser says of where a form came from must be this site. */
static bool same_origin(const struct request *r)
{
    struct str origin = request_header(r, "Origin");
    struct str host = request_header(r, "Host");
    const char *own =
        arena_printf(r->arena, "%s://%s", r->secure ? "https" : "http", host.p);

    return !origin.n || str_is(origin, own);
}

/* Forms are for browsers: a token of the API goes by the API's routes alone. */
static bool token_elsewhere(const struct request *r)
{
    return r->viewer.token && r->method != METHOD_GET && r->route->form != API;
}

/* false: this account asked too often; the reply says when to come back. */
static bool within_rate(struct request *r, struct reply *reply)
{
    struct timespec t;
    unsigned wait_s = 1;

    clock_gettime(CLOCK_MONOTONIC, &t);
    if (!r->viewer.account ||
        limiter_take(r->server->account_limiter,
                     arena_printf(r->arena, "account %lld",
                                  (long long)r->viewer.account),
                     t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000, &wait_s))
        return true;
    count(r->server->counters, COUNT_LIMITED, 1);
    reply->status = 429;
    reply->template = "failure";
    reply->private = true;
    reply->doc = node_object(r->arena);
    node_set_text(reply->doc, "type", "about:blank");
    node_set_text(reply->doc, "title",
                  lang_text(r->lang, N_("Too many requests")));
    node_set_int(reply->doc, "status", reply->status);
    node_set_text(
        reply->doc, "detail",
        lang_text(r->lang, N_("Your account asked very often; wait a moment "
                              "and repeat what you did.")));
    pairs_add(&reply->headers, r->arena, "Retry-After",
              str_of(arena_printf(r->arena, "%u", wait_s)));
    return false;
}

static bool form_allowed(const struct request *r)
{
    struct str given = request_form(r, "csrf");

    if (r->route->form == NO_FORM || r->method == METHOD_GET || r->viewer.token)
        return true; /* what a token may change, access_may says */
    if (!given.n)
        given = request_header(r, "X-CSRF-Token");
    return same_origin(r) && r->csrf && given.n == strlen(r->csrf) &&
           sodium_memcmp(given.p, r->csrf, given.n) == 0;
}

static struct str without_suffix(const struct request *r)
{
    static const char *const suffixes[] = {".json", ".csv", ".ics", ".atom"};
    struct str path = str_of(r->path);

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (str_ends(path, suffixes[i]))
            path.n -= strlen(suffixes[i]);
    return path;
}

static enum rc refuse(struct request *r, struct reply *reply, struct err *err)
{
    AUTO(buf) struct buf to = {.ceiling = 1 << 16};

    if (r->viewer.account || r->as != AS_HTML)
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    buf_adds(&to, "/sign-in?to=");
    buf_url(&to, str_of(r->method == METHOD_GET ? r->path : "/"));
    reply_redirect(r, reply, buf_cstr(&to));
    return RC_OK;
}

static enum rc answer(struct request *r, struct reply *reply, struct err *err)
{
    enum rc rc = route_find(r->method, without_suffix(r), r->arena, &r->route,
                            &r->params);

    if (rc == RC_NOT_FOUND)
        return err_set(err, rc, N_("there is no such page"));
    if (rc)
        return err_set(err, rc, N_("this cannot be done here"));
    if (str_starts(str_of(r->path), "/api/") && r->as == AS_HTML)
        r->as = AS_JSON; /* a program asks, whatever it accepts */
    rc = find_viewer(r, err);
    if (rc)
        return rc;
    if (!within_rate(r, reply))
        return RC_OK;
    find_csrf(r, reply);
    if (token_elsewhere(r))
        return err_set(err, RC_FORBIDDEN,
                       N_("a token of the API does not open this"));
    if (r->factor_missing && !open_without_factor(r->route)) {
        if (r->as != AS_HTML)
            return err_set(err, RC_FORBIDDEN,
                           N_("your role asks for a second factor"));
        reply_redirect(r, reply, "/account/second-factor");
        return RC_OK;
    }
    if (!allowed(r))
        return refuse(r, reply, err);
    if (!form_allowed(r))
        return err_set(err, RC_FORBIDDEN,
                       N_("this form is too old; open the page again and "
                          "repeat what you did"));
    if (r->method == METHOD_GET)
        store_hold(r->store);
    rc = r->route->handler(r, reply, err);
    store_release(r->store);
    return rc;
}

static bool store_lost(enum rc rc)
{
    return rc == RC_UNAVAILABLE || rc == RC_IO;
}

static void fail(struct request *r, enum rc rc, const struct err *err,
                 struct http_reply *out)
{
    render_failure(r, rc, err, out);
    if (out->status >= 500)
        log_failure(r->route ? r->route->path : NULL, rc, err, out->status);
}

enum rc server_handle(struct server *s, struct request *r,
                      struct http_reply *out, struct err *err)
{
    struct reply reply = {0};
    enum rc rc;

    r->server = s;
    rc = answer(r, &reply, err);
    store_rollback(r->store); /* nothing, unless a handler failed half-way */
    if (!rc)
        rc = render_reply(r, &reply, out, err);
    if (rc)
        fail(r, rc, err, out);
    return store_lost(rc) ? rc : RC_OK;
}

void server_changed(struct request *r, const char *topic)
{
    struct err err;

    r->server->data_version++;
    if (store_notify(r->store, topic, &err))
        log_event("change-not-told", topic);
}
