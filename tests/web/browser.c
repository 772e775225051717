#include "browser.h"
#include "base/file.h"
#include "network/stored.h"
#include "record/keep.h"
#include "record/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct server *test_server(struct arena *a, const char *dir,
                           struct config *config)
{
    struct server *s = NULL;
    struct err err = {0};

    config_default(config);
    config->store = arena_printf(a, "sqlite:%s/db", dir);
    config->files = arena_printf(a, "%s/files", dir);
    config->key_file = arena_printf(a, "%s/key", dir);
    config->port = 0;
    config->rate_per_minute = 0;
    config->rate_per_account = 0;
    config->sandbox = false; /* this is the test's own process */
    if (server_start(&s, config, &err)) {
        fprintf(stderr, "the server does not start: %s %s\n", err.message,
                err.text);
        abort();
    }
    return s;
}

struct browser browser_new(struct server *s, struct arena *a)
{
    struct browser b = {.server = s, .arena = a, .accept = "text/html"};

    if (store_open(s->config->store, &b.store, NULL))
        abort();
    return b;
}

void browser_close(struct browser *b)
{
    store_close(b->store);
    *b = (struct browser){0};
}

static void keep_cookie(struct browser *b, struct str header)
{
    const char *equals = memchr(header.p, '=', header.n);
    const char *end = memchr(header.p, ';', header.n);
    char *name = arena_strndup(b->arena, header.p, (size_t)(equals - header.p));
    char *value =
        arena_strndup(b->arena, equals + 1, (size_t)(end - equals - 1));

    for (size_t i = 0; i < b->cookies.n; i++) {
        if (strcmp(b->cookies.items[i].name, name) == 0) {
            b->cookies.items[i].value = str_of(value);
            return;
        }
    }
    pairs_add(&b->cookies, b->arena, name, str_of(value));
}

/* What comes back; the token of a form is remembered as a user's click would.
 */
static void take_reply(struct browser *b)
{
    const char *mark = "name=\"csrf\" value=\"", *at;
    const struct pairs *h = &b->reply.headers;

    b->location = pairs_get(h, "Location").p;
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->items[i].name, "Set-Cookie") == 0)
            keep_cookie(b, h->items[i].value);
    b->body = arena_str(b->arena, b->reply.body);
    at = strstr(b->body, mark);
    if (at) {
        at += strlen(mark);
        b->csrf = arena_strndup(b->arena, at, strcspn(at, "\""));
    }
}

static unsigned ask_with(struct browser *b, enum method m, const char *path,
                         const char *form, struct upload *uploads, size_t n)
{
    struct request r = {.arena = b->arena,
                        .store = b->store,
                        .method = m,
                        .uploads = uploads,
                        .n_uploads = n};
    const char *query = strchr(path, '?');
    struct err err = {0};

    r.path = query ? arena_strndup(b->arena, path, (size_t)(query - path))
                   : arena_strdup(b->arena, path);
    if (query && !pairs_parse(str_of(query + 1), b->arena, 100, &r.query))
        abort();
    if (form && !pairs_parse(str_of(form), b->arena, 1000, &r.form))
        abort();
    if (form && b->csrf)
        pairs_add(&r.form, b->arena, "csrf", str_of(b->csrf));
    for (size_t i = 0; i < b->cookies.n; i++)
        pairs_add(&r.cookies, b->arena, b->cookies.items[i].name,
                  b->cookies.items[i].value);
    if (b->bearer)
        pairs_add(&r.headers, b->arena, "Authorization",
                  str_of(arena_printf(b->arena, "Bearer %s", b->bearer)));
    if (b->origin)
        pairs_add(&r.headers, b->arena, "Origin", str_of(b->origin));
    pairs_add(&r.headers, b->arena, "Host", STR("localhost"));
    r.body = str_of(b->json ? b->json : "");
    if (b->etag)
        pairs_add(&r.headers, b->arena, "If-None-Match", str_of(b->etag));
    r.address = "192.0.2.1";
    r.lang = lang_find(b->lang ? b->lang : "en");
    r.as = representation_choose(str_of(b->accept), str_of(r.path));
    b->reply = (struct http_reply){0};
    (void)!server_handle(b->server, &r, &b->reply, &err);
    take_reply(b);
    return b->reply.status;
}

unsigned browser_ask(struct browser *b, enum method m, const char *path,
                     const char *form)
{
    return ask_with(b, m, path, form, NULL, 0);
}

static unsigned send_files(struct browser *b, const char *path,
                           const char *form, const char *field,
                           const struct browser_file *files, size_t n)
{
    struct upload *u = arena_array(b->arena, struct upload, n + 1);
    unsigned status;

    for (size_t i = 0; i < n; i++) {
        u[i] = (struct upload){
            .field = field,
            .filename = files[i].name,
            .type = "",
            .spool = spool_new(b->server->config->files, UINT64_MAX)};
        if (spool_add(u[i].spool, files[i].bytes, NULL) ||
            spool_end(u[i].spool, NULL))
            abort();
    }
    status = ask_with(b, METHOD_POST, path, form, u, n);
    for (size_t i = 0; i < n; i++)
        spool_free(u[i].spool);
    return status;
}

unsigned browser_upload(struct browser *b, const char *path,
                        const struct browser_file *files, size_t n)
{
    return send_files(b, path, "", "files", files, n);
}

unsigned browser_send(struct browser *b, const char *path, const char *form,
                      const char *field, const struct browser_file *file)
{
    return send_files(b, path, form, field, file, 1);
}

void browser_sign_in(struct browser *b, int64_t account)
{
    struct keyring k;
    char token[TOKEN_TEXT];

    memcpy(k.key, b->server->key, sizeof k.key);
    if (session_open(b->store, &k, account, true, "192.0.2.1", "test",
                     time(NULL), token, NULL))
        abort();
    b->cookies = (struct pairs){0};
    pairs_add(&b->cookies, b->arena, "session", str_of(token));
    b->csrf = NULL;
    browser_get(b, "/account");
}

unsigned browser_get(struct browser *b, const char *path)
{
    return browser_ask(b, METHOD_GET, path, NULL);
}

unsigned browser_post(struct browser *b, const char *path, const char *form)
{
    return browser_ask(b, METHOD_POST, path, form);
}

bool browser_sees(const struct browser *b, const char *text)
{
    return strstr(b->body, text) != NULL;
}

int64_t test_account(struct browser *b, const char *email, const char *password,
                     enum role role, int64_t city)
{
    struct keyring k;
    struct person p;
    struct deed d = {.by = 0, .at = time(NULL), .action = "create"};
    struct grant g = {role, city, 0};
    char token[TOKEN_TEXT];
    int64_t account = 0;

    memcpy(k.key, b->server->key, sizeof k.key);
    record_clear(&type_person, &p);
    p.name.in[0] = arena_printf(b->arena, "Name of %s", email);
    p.email = email;
    if (record_save(b->store, &type_person, &p, &d, b->arena, NULL, NULL) ||
        account_invite(b->store, &k, email, p.head.id, 0, time(NULL), token,
                       NULL) ||
        account_accept(b->store, &k, token, password, time(NULL), &account,
                       NULL))
        abort();
    if (role != ROLES &&
        grant_give(b->store, account, &g, account, time(NULL), NULL))
        abort();
    return account;
}
