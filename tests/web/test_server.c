/*
 * web/server.h over a real socket on loopback: what a client may send, and
 * what it gets.
 */
#include "base/file.h"
#include "browser.h"
#include "network/job.h"
#include "record/keep.h"
#include "record/types.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { REPLY_BYTES = 1 << 20 };

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-web-XXXXXX";

static int connect_to(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port)};
    struct timeval wait = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        abort();
    return fd;
}

static void send_text(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* All that comes until the server closes. */
static size_t read_all(int fd, char *out)
{
    size_t n = 0;
    ssize_t got;

    while (n < REPLY_BYTES - 1 &&
           (got = recv(fd, out + n, REPLY_BYTES - 1 - n, 0)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    return n;
}

static unsigned status_of(const char *reply)
{
    unsigned status = 0;

    return sscanf(reply, "HTTP/1.1 %u", &status) == 1 ? status : 0;
}

static unsigned ask(const char *request, char *reply)
{
    int fd = connect_to(server_port(server));

    send_text(fd, request);
    read_all(fd, reply);
    close(fd);
    return status_of(reply);
}

#define CLOSE "Connection: close\r\n"
#define HOST "Host: localhost\r\n"

static const struct {
    const char *request;
    unsigned status;
    const char *has, *lacks;
} rows[] = {
    {"GET / HTTP/1.1\r\n" HOST CLOSE "\r\n", 200,
     "Content-Security-Policy: default-src 'none'; script-src 'self'",
     "unsafe-inline"},
    {"GET / HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "<html lang=\"en\"", NULL},
    {"GET / HTTP/1.1\r\n" HOST CLOSE "Accept-Language: ar\r\n\r\n", 200,
     "<html lang=\"ar\" dir=\"rtl\"", NULL},
    {"GET /?lang=fr HTTP/1.1\r\n" HOST CLOSE "Accept-Language: ar\r\n\r\n", 200,
     "<html lang=\"fr\"", NULL},
    {"GET / HTTP/1.1\r\n" HOST CLOSE "Cookie: lang=ar\r\n\r\n", 200,
     "Content-Language: ar", NULL},
    {"GET / HTTP/1.1\r\n" HOST CLOSE "\r\n", 200,
     "X-Content-Type-Options: nosniff", "Strict-Transport-Security"},
    {"GET / HTTP/1.1\r\nHost: localhost:99\r\n" CLOSE "\r\n", 200, NULL, NULL},
    {"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n" CLOSE "\r\n", 421, NULL,
     "elsewhere"},
    {"GET / HTTP/1.1\r\nHost: localhost:8\"><script>\r\n" CLOSE "\r\n", 421,
     NULL, "script"},
    {"GET / HTTP/1.1\r\nHost: localhost.elsewhere.example\r\n" CLOSE "\r\n",
     421, NULL, NULL},
    {"GET /none HTTP/1.1\r\n" HOST CLOSE "\r\n", 404, "<html", NULL},
    {"GET /none HTTP/1.1\r\n" HOST CLOSE "Accept: application/json\r\n\r\n",
     404, "application/problem+json", "<html"},
    {"GET /%00 HTTP/1.1\r\n" HOST CLOSE "\r\n", 404, NULL, NULL},
    {"GET /assets/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" HOST CLOSE "\r\n", 404,
     NULL, "root:"},
    {"GET /cities?q=%zz HTTP/1.1\r\n" HOST CLOSE "\r\n", 400, NULL, NULL},
    {"GET /cities?q=<script>alert(1)</script> HTTP/1.1\r\n" HOST CLOSE "\r\n",
     200, "&lt;script&gt;", "<script>"},
    {"POST /cities HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n", 405,
     "Allow: GET", NULL},
    {"BREW / HTTP/1.1\r\n" HOST CLOSE "\r\n", 501, NULL, NULL},
    {"POST /records/city/new HTTP/1.1\r\n" HOST CLOSE
     "Content-Length: 99999999\r\n\r\n",
     413, NULL, NULL},
    {"POST /records/city/new HTTP/1.1\r\n" HOST CLOSE
     "Content-Type: application/x-www-form-urlencoded\r\n"
     "Content-Length: 3\r\n\r\na=1",
     303, "Location: /sign-in", NULL},
    {"GET /records HTTP/1.1\r\n" HOST CLOSE "\r\n", 303,
     "Location: /sign-in?to=%2Frecords", NULL},
    {"GET /healthz HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "no-store", NULL},
    {"GET /metrics HTTP/1.1\r\n" HOST CLOSE "\r\n", 200,
     "passerelle_requests_total", NULL},
    {"GET /openapi.json HTTP/1.1\r\n" HOST CLOSE "\r\n", 200,
     "\"openapi\":\"3.1.0\"", NULL},
    {"GET /language/fr?to=//elsewhere.example HTTP/1.1\r\n" HOST CLOSE "\r\n",
     303, "Location: /\r\n", NULL},
    {"GET /language/fr?to=/cities HTTP/1.1\r\n" HOST CLOSE "\r\n", 303,
     "Set-Cookie: lang=fr;", NULL},
    {"PATCH /api/cities/1 HTTP/1.1\r\n" HOST CLOSE
     "Content-Length: 2\r\nAccept: */*\r\n\r\n{}",
     403, "application/problem+json", "<html"},
    {"GET /api/cities HTTP/1.1\r\n" HOST CLOSE
     "Authorization: Bearer nonsense\r\n\r\n",
     403, NULL, NULL},
};

static void every_request_of_the_table(void **state)
{
    char *reply = malloc(REPLY_BYTES);
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned status = ask(rows[i].request, reply);
        bool good = status == rows[i].status &&
                    (!rows[i].has || strstr(reply, rows[i].has)) &&
                    (!rows[i].lacks || !strstr(reply, rows[i].lacks));

        if (!good) {
            print_error("%s%u instead of %u\n%.600s\n", rows[i].request, status,
                        rows[i].status, reply);
            wrong++;
        }
    }
    free(reply);
    assert_int_equal(wrong, 0);
}

static const char *header_of(const char *reply, const char *name)
{
    const char *at = strcasestr(reply, name);

    return at ? arena_strndup(arena, at + strlen(name),
                              strcspn(at + strlen(name), "\r"))
              : "";
}

static void a_kept_page_answers_not_modified(void **state)
{
    char *reply = malloc(REPLY_BYTES);
    const char *etag;

    assert_int_equal(ask("GET /help HTTP/1.1\r\n" HOST CLOSE "\r\n", reply),
                     200);
    etag = header_of(reply, "ETag: ");
    assert_true(etag[0]);
    assert_int_equal(ask(arena_printf(arena,
                                      "GET /help HTTP/1.1\r\n" HOST CLOSE
                                      "If-None-Match: \"x\", %s\r\n\r\n",
                                      etag),
                         reply),
                     304);
    assert_null(strstr(reply, "<html"));
    assert_int_equal(server_reload(server, &config, NULL), RC_OK);
    assert_int_equal(
        ask(arena_printf(arena, "GET /help HTTP/1.1\r\n" HOST CLOSE
                                "If-None-Match: \"0123456789abcdef\"\r\n\r\n"),
            reply),
        200);
    free(reply);
}

/* ---- beats ---- */

static void save(struct store *other, const struct record_type *t, void *record)
{
    struct deed d = {.at = 1700000000, .action = "edit"};

    assert_int_equal(record_save(other, t, record, &d, arena, NULL, NULL),
                     RC_OK);
}

static int64_t a_city(struct store *other, struct city *c)
{
    struct territory t;

    record_clear(&type_territory, &t);
    t.name = (struct words){{"Harbour"}, {WORDS_ORIGINAL}};
    t.kind = "city";
    t.country = "MA";
    save(other, &type_territory, &t);
    record_clear(&type_city, c);
    c->name = (struct words){{"Harbour"}, {WORDS_ORIGINAL}};
    c->territory = t.head.id;
    c->status = "member";
    c->head.state = "published";
    save(other, &type_city, c);
    return c->head.id;
}

/* Within some seconds; the watch looks once a second. */
static bool comes_to_show(int64_t city, const char *name, char *reply)
{
    for (int i = 0; i < 60; i++) {
        ask(arena_printf(
                arena, "GET /cities/%" PRId64 " HTTP/1.1\r\n" HOST CLOSE "\r\n",
                city),
            reply);
        if (strstr(reply, name))
            return true;
        usleep(50000);
    }
    return false;
}

/* A job that works makes no page old; what another program changes does,
 * even when a beat comes before anybody looked. */
static void beats_leave_kept_pages(void **state)
{
    AUTO(store) struct store *other = NULL;
    char *reply = malloc(REPLY_BYTES);
    struct job_row job;
    struct city c;
    uint64_t version;
    int64_t city, id;
    bool ours = false;

    assert_int_equal(store_open(config.store, &other, NULL), RC_OK);
    city = a_city(other, &c);
    assert_int_equal(job_put(other, "profile", "1", 1, &id, NULL), RC_OK);
    assert_int_equal(job_take(other, "me", 2, arena, &job, NULL), RC_OK);
    assert_true(comes_to_show(city, "Harbour", reply));
    usleep(1200000); /* the watch has heard of all that */
    version = server->data_version;
    assert_true(comes_to_show(city, "Harbour", reply)); /* kept from here */
    for (int i = 1; i <= 8; i++) {
        assert_int_equal(server_beat(server, other, id, "me", "reading",
                                     i / 16.0, 2 + i, &ours, NULL),
                         RC_OK);
        assert_true(ours);
        usleep(300000);
    }
    assert_int_equal(job_load(other, id, arena, &job, NULL), RC_OK);
    assert_true(job.progress == 0.5);
    assert_int_equal(server->data_version, version);
    c.name.in[0] = "Lighthouse";
    save(other, &type_city, &c);
    assert_int_equal(
        server_beat(server, other, id, "me", "reading", 0.6, 20, &ours, NULL),
        RC_OK);
    assert_true(comes_to_show(city, "Lighthouse", reply));
    assert_true(server->data_version > version);
    free(reply);
}

static void codings_differ_in_bytes_alone(void **state)
{
    static const char *const codings[] = {"identity", "gzip", "br"};
    char *reply = malloc(REPLY_BYTES);
    size_t bytes[3];

    for (int i = 0; i < 3; i++) {
        const char *body;
        int fd = connect_to(server_port(server));
        size_t n;

        send_text(fd, arena_printf(arena,
                                   "GET /api HTTP/1.1\r\n" HOST CLOSE
                                   "Accept-Encoding: %s\r\n\r\n",
                                   codings[i]));
        n = read_all(fd, reply);
        close(fd);
        body = memmem(reply, n, "\r\n\r\n", 4);
        assert_non_null(body);
        bytes[i] = n - (size_t)(body - reply);
        assert_int_equal(!!strcasestr(reply, "Content-Encoding"), i > 0);
        assert_non_null(strstr(reply, "Accept-Encoding"));
    }
    assert_true(bytes[1] < bytes[0] && bytes[2] < bytes[1]);
    free(reply);
}

static void a_head_has_no_body(void **state)
{
    char *reply = malloc(REPLY_BYTES);

    assert_int_equal(ask("HEAD /help HTTP/1.1\r\n" HOST CLOSE "\r\n", reply),
                     200);
    assert_null(strstr(reply, "<html"));
    assert_true(strtol(header_of(reply, "Content-Length: "), NULL, 10) > 500);
    free(reply);
}

static void a_connection_takes_several_requests(void **state)
{
    char *reply = malloc(REPLY_BYTES), *second;
    int fd = connect_to(server_port(server));

    send_text(fd, "GET /healthz HTTP/1.1\r\n" HOST
                  "\r\n"
                  "GET /none HTTP/1.1\r\n" HOST CLOSE "\r\n");
    read_all(fd, reply);
    close(fd);
    assert_int_equal(status_of(reply), 200);
    second = strstr(reply + 1, "HTTP/1.1 ");
    assert_non_null(second);
    assert_int_equal(status_of(second), 404);
    free(reply);
}

static void assets_are_kept_for_ever(void **state)
{
    char *reply = malloc(REPLY_BYTES), *at;
    const char *path;

    ask("GET / HTTP/1.1\r\n" HOST CLOSE "\r\n", reply);
    at = strstr(reply, "/assets/site.");
    assert_non_null(at);
    path = arena_strndup(arena, at, strcspn(at, "\""));
    assert_int_equal(
        ask(arena_printf(arena, "GET %s HTTP/1.1\r\n" HOST CLOSE "\r\n", path),
            reply),
        200);
    assert_non_null(strstr(reply, "immutable"));
    assert_non_null(strstr(reply, "text/css"));
    free(reply);
}

/* ---- many at once ---- */

enum { CLIENTS = 4, TIMES = 40 };

static void *client(void *ctx)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n" HOST CLOSE "\r\n",
        "GET /cities HTTP/1.1\r\n" HOST CLOSE "Accept-Encoding: br\r\n\r\n",
        "GET /api/cities HTTP/1.1\r\n" HOST CLOSE "\r\n",
        "HEAD / HTTP/1.1\r\n" HOST CLOSE "\r\n",
        "GET /search?q=a HTTP/1.1\r\n" HOST CLOSE "\r\n",
    };
    char *reply = malloc(REPLY_BYTES);
    intptr_t wrong = 0;

    for (int i = 0; i < TIMES; i++) {
        if (i % 8 == 0)
            wrong += server_reload(server, &config, NULL) != RC_OK;
        wrong += ask(requests[i % (int)ARRAY_LEN(requests)], reply) != 200;
    }
    free(reply);
    return (void *)wrong;
}

static void threads_do_not_meet(void **state)
{
    pthread_t threads[CLIENTS];

    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, client, NULL), 0);
    for (int i = 0; i < CLIENTS; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_int_equal((intptr_t)wrong, 0);
    }
}

/* ---- other servers, with other bounds ---- */

static struct server *another(struct config *c, unsigned rate, unsigned busy)
{
    struct server *s = NULL;

    *c = config;
    c->port = 0;
    c->rate_per_minute = rate;
    c->busy_most = busy;
    c->sandbox = false;
    assert_int_equal(server_start(&s, c, NULL), RC_OK);
    return s;
}

static void too_many_are_asked_to_wait(void **state)
{
    char *reply = malloc(REPLY_BYTES);
    struct server *first = server;
    struct config c;
    unsigned last = 0;

    server = another(&c, 4, 100);
    for (int i = 0; i < 20 && last != 429; i++)
        last = ask("GET /healthz HTTP/1.1\r\n" HOST CLOSE "\r\n", reply);
    assert_int_equal(last, 429);
    assert_true(strtol(header_of(reply, "Retry-After: "), NULL, 10) > 0);
    server_stop(server, 1);
    server = first;
    free(reply);
}

static void too_much_at_once_is_shed(void **state)
{
    char *reply = malloc(REPLY_BYTES);
    struct server *first = server;
    struct config c;

    server = another(&c, 0, 0);
    assert_int_equal(ask("GET /healthz HTTP/1.1\r\n" HOST CLOSE "\r\n", reply),
                     503);
    assert_non_null(strstr(reply, "Retry-After: "));
    server_stop(server, 1);
    server = first;
    free(reply);
}

/* ---- a proxy before us, and who says he is one ---- */

static unsigned ask_with(const char *path, const char *headers, char *reply)
{
    return ask(arena_printf(arena, "GET %s HTTP/1.1\r\n" HOST CLOSE "%s\r\n",
                            path, headers),
               reply);
}

static unsigned ask_until_refused(const char *form, char *reply)
{
    unsigned status = 200;

    for (int i = 0; i < 30 && status == 200; i++)
        status = ask_with("/healthz", arena_printf(arena, form, i), reply);
    return status;
}

static void only_the_proxys_word_counts(void **state)
{
    char *reply = malloc(REPLY_BYTES);
    struct server *first = server;
    struct config c;

    server = another(&c, 4, 100);
    assert_int_equal(
        ask_until_refused("X-Forwarded-For: 192.0.2.%d\r\n", reply), 429);
    server_stop(server, 1);
    config.proxy = "127.0.0.1";
    server = another(&c, 4, 100);
    config.proxy = NULL;
    /* what stands before the proxy's own word, anyone may have written */
    assert_int_equal(
        ask_until_refused("X-Forwarded-For: 192.0.2.%d, 198.51.100.7\r\n",
                          reply),
        429);
    assert_int_equal(ask_with("/healthz",
                              "X-Forwarded-For: 198.51.100.7, 198.51.100.8\r\n",
                              reply),
                     200);
    assert_int_equal(
        ask_until_refused("X-Forwarded-For: <script>%d</script>\r\n", reply),
        429);
    server_stop(server, 1);
    server = first;
    free(reply);
}

static void nobody_else_says_https_or_where_we_are(void **state)
{
    static const char said[] =
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n"
        "Forwarded: host=evil.example;proto=https\r\n"
        "X-Original-URL: /administration\r\nX-Rewrite-URL: /administration\r\n";
    char *reply = malloc(REPLY_BYTES);
    struct server *first = server;
    struct config c;

    assert_int_equal(ask_with("/sign-in", said, reply), 200);
    assert_null(strstr(reply, "Strict-Transport-Security"));
    assert_null(strstr(reply, "__Host-"));
    assert_null(strstr(reply, "evil.example"));
    config.proxy = "127.0.0.1";
    server = another(&c, 0, 100);
    config.proxy = NULL;
    assert_int_equal(ask_with("/sign-in", said, reply), 200);
    assert_non_null(strstr(reply, "Strict-Transport-Security"));
    assert_non_null(strstr(reply, "Set-Cookie: __Host-visit="));
    assert_null(strstr(reply, "evil.example"));
    server_stop(server, 1);
    server = first;
    free(reply);
}

/* ---- what is kept is everybody's ---- */

static const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");

    return end ? end + 4 : "";
}

static void nobody_gets_anothers_page(void **state)
{
    struct browser b = browser_new(server, arena);
    char *reply = malloc(REPLY_BYTES);
    size_t n, tried = 0;
    const struct route *routes = route_table(&n);
    const char *mine, *first, *cookies;

    browser_sign_in(&b,
                    test_account(&b, "kept@example.org", "a long enough phrase",
                                 ROLE_SECRETARIAT, 0));
    cookies = arena_printf(arena, "Cookie: session=%s\r\n",
                           pairs_get(&b.cookies, "session").p);
    for (size_t i = 0; i < n; i++) {
        if (routes[i].method != METHOD_GET || strchr(routes[i].path, ':') ||
            routes[i].who != ANYONE ||
            strcmp(routes[i].path, "/metrics") == 0 ||
            strncmp(routes[i].path, "/sign-in", 8) == 0)
            continue;
        (void)ask_with(routes[i].path, cookies, reply); /* not kept */
        mine = arena_strdup(arena, body_of(reply));
        assert_null(strstr(reply, "Cache-Control: no-cache"));
        (void)ask_with(routes[i].path, "", reply);
        first = arena_strdup(arena, body_of(reply));
        assert_null(strstr(first, b.csrf));
        (void)ask_with(routes[i].path, "", reply); /* the kept one */
        assert_string_equal(body_of(reply), first);
        (void)ask_with(routes[i].path, cookies, reply);
        assert_string_equal(body_of(reply), mine);
        tried++;
    }
    assert_true(tried > 8);
    browser_close(&b);
    free(reply);
}

static void a_stop_lets_nobody_wait(void **state)
{
    struct config c;
    struct server *s = another(&c, 0, 100);
    int half = connect_to(server_port(s));
    int idle = connect_to(server_port(s));
    char text[64];

    send_text(half, "POST /sign-out HTTP/1.1\r\n" HOST
                    "Content-Length: 100\r\n\r\nabc");
    usleep(50000);
    server_stop(s, 1);
    assert_true(recv(half, text, sizeof text, 0) <= 0);
    assert_true(recv(idle, text, sizeof text, 0) <= 0);
    close(half);
    close(idle);
}

static int set_up(void **state)
{
    if (!mkdtemp(dir))
        return -1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(server, 2);
    arena_free(arena);
    return dir_remove(dir, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_of_the_table),
        cmocka_unit_test(a_kept_page_answers_not_modified),
        cmocka_unit_test(beats_leave_kept_pages),
        cmocka_unit_test(codings_differ_in_bytes_alone),
        cmocka_unit_test(a_head_has_no_body),
        cmocka_unit_test(a_connection_takes_several_requests),
        cmocka_unit_test(assets_are_kept_for_ever),
        cmocka_unit_test(threads_do_not_meet),
        cmocka_unit_test(too_many_are_asked_to_wait),
        cmocka_unit_test(too_much_at_once_is_shed),
        cmocka_unit_test(only_the_proxys_word_counts),
        cmocka_unit_test(nobody_else_says_https_or_where_we_are),
        cmocka_unit_test(nobody_gets_anothers_page),
        cmocka_unit_test(a_stop_lets_nobody_wait),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
