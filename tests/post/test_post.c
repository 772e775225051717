/*
 * post/: letters in three languages, the outbox on both databases, and a small
 * SMTP server of this test that keeps what it is told (RFC 5321).
 */
#include "../support/both.h"
#include "post/post.h"
#include "record/keep.h"
#include "record/types.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1700000000, TEXT_MOST = 1 << 20 };
static const struct keyring KEYS = {{9, 8, 7}};
static const char *url;

/* ---- the server ---- */

struct sink {
    int listening;
    unsigned port;
    pthread_t thread;
    _Atomic int messages;
    _Atomic int refuse; /* code for RCPT: 0 takes everything */
    char last[TEXT_MOST], to[512];
};
static struct sink sink;

static void say(FILE *f, const char *text)
{
    fputs(text, f);
    fflush(f);
}

static void take_message(FILE *f)
{
    char line[2048];
    size_t n = 0;

    say(f, "354 go on\r\n");
    while (fgets(line, sizeof line, f) && strcmp(line, ".\r\n") != 0) {
        size_t more = strlen(line);

        if (n + more < sizeof sink.last)
            memcpy(sink.last + n, line, more);
        n += more;
    }
    sink.last[MIN(n, sizeof sink.last - 1)] = '\0';
    sink.messages++;
    say(f, "250 kept\r\n");
}

static void serve(FILE *f)
{
    char line[2048], reply[64];

    say(f, "220 sink\r\n");
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "DATA", 4) == 0) {
            take_message(f);
        } else if (strncmp(line, "RCPT", 4) == 0 && sink.refuse) {
            snprintf(reply, sizeof reply, "%d no\r\n", sink.refuse);
            say(f, reply);
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say(f, "221 bye\r\n");
            return;
        } else {
            if (strncmp(line, "RCPT", 4) == 0)
                snprintf(sink.to, sizeof sink.to, "%.500s", line);
            say(f, "250 ok\r\n");
        }
    }
}

static void *run_sink(void *ctx)
{
    for (;;) {
        int fd = accept(sink.listening, NULL, NULL);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r+");

        if (!f)
            return NULL;
        serve(f);
        fclose(f);
    }
}

static int open_sink(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    sink.listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(sink.listening, (struct sockaddr *)&at, sizeof at) ||
        listen(sink.listening, 8) ||
        getsockname(sink.listening, (struct sockaddr *)&at, &n))
        return -1;
    sink.port = ntohs(at.sin_port);
    return pthread_create(&sink.thread, NULL, run_sink, NULL);
}

/* ---- letters ---- */

struct fixture {
    struct store *s;
    struct arena *a;
    struct post_config config;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    struct migration m;

    f->a = arena_new(0);
    *state = f;
    if (store_open(url, &f->s, NULL) || migration_plan(f->s, f->a, &m, NULL) ||
        migration_apply(f->s, &m, NULL, 0, NULL) || network_tables(f->s, NULL))
        return -1;
    f->config = (struct post_config){
        .store = url,
        .smtp = arena_printf(f->a, "smtp://127.0.0.1:%u", sink.port),
        .sender = "network@example.org",
        .base = "https://network.example.org",
        .keys = KEYS,
    };
    sink.messages = 0;
    sink.refuse = 0;
    sink.last[0] = '\0';
    return store_exec(f->s, "DELETE FROM outbox", NO_PARAMS, NULL, NULL);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->s);
    arena_free(f->a);
    test_free(f);
    return 0;
}

static size_t drain(struct fixture *f, int64_t now)
{
    size_t sent = 99;

    assert_int_equal(post_drain(&f->config, f->s, now, &sent, NULL), RC_OK);
    return sent;
}

/* The body of a message, decoded. */
static char *body_of(struct fixture *f, const char *message)
{
    const char *body = strstr(message, "\r\n\r\n");
    char *out = arena_alloc(f->a, strlen(message) + 1);
    size_t n = 0;

    assert_non_null(body);
    assert_int_equal(sodium_base642bin((unsigned char *)out, strlen(message),
                                       body + 4, strlen(body + 4), "\r\n", &n,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    return out;
}

static void a_letter_arrives_in_the_language_of_its_reader(void **state)
{
    struct fixture *f = *state;
    static const char *const langs[] = {"en", "fr", "ar"};
    const struct letter_values v = {.name = "Nadia", .path = "/invitation/abc"};

    for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
        const struct lang *l = lang_find(langs[i]);
        const char *body;

        assert_int_equal(post_put(f->s, &KEYS, LETTER_INVITATION,
                                  "nadia@example.org", langs[i], &v, NOW, NULL),
                         RC_OK);
        assert_int_equal(drain(f, NOW), 1);
        assert_non_null(
            strstr(sink.last, arena_printf(f->a, "Content-Language: %s\r\n",
                                           lang_code(l))));
        body = body_of(f, sink.last);
        assert_non_null(strstr(body, "Nadia"));
        assert_non_null(
            strstr(body, "\r\nhttps://network.example.org/invitation/abc\r\n"));
        assert_non_null(strstr(body, lang_text(l, "Network of cities")));
        assert_non_null(strstr(sink.to, "<nadia@example.org>"));
    }
    assert_int_equal(sink.messages, 3);
    assert_int_equal(drain(f, NOW + 100000), 0); /* none goes twice */
}

static void values_are_sealed_and_then_forgotten(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "N", .path = "/invitation/secret"};
    char *given;

    assert_int_equal(post_put(f->s, &KEYS, LETTER_INVITATION, "n@example.org",
                              "fr", &v, NOW, NULL),
                     RC_OK);
    assert_int_equal(store_text(f->s, "SELECT given FROM outbox", NO_PARAMS,
                                f->a, &given, NULL),
                     RC_OK);
    assert_null(strstr(given, "secret"));
    assert_int_equal(drain(f, NOW), 1);
    assert_int_equal(store_text(f->s, "SELECT given FROM outbox", NO_PARAMS,
                                f->a, &given, NULL),
                     RC_OK);
    assert_string_equal(given, "");
}

static void no_value_begins_a_header(void **state)
{
    struct fixture *f = *state;
    static const char *const addresses[] = {
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nBcc: b@example.org",
        "a b@example.org",
        "<a@example.org>",
        "a@example.org,b@example.org",
        "a@b@example.org",
        "@example.org",
        "a@",
        "a",
        "",
        "a@example.org\t",
    };
    const struct letter_values bad = {.name = "N\r\nBcc: evil@example.org",
                                      .detail = "x\r\n.\r\nMAIL FROM:<a@b>",
                                      .path = "/x\r\nBcc: e@example.org"};
    const char *head_end;

    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        assert_int_equal(post_put(f->s, &KEYS, LETTER_PROBE, addresses[i], "en",
                                  &bad, NOW, NULL),
                         RC_INVALID);
    assert_int_equal(post_put(f->s, &KEYS, LETTER_REVIEW, "n@example.org", "en",
                              &bad, NOW, NULL),
                     RC_OK);
    assert_int_equal(drain(f, NOW), 1);
    assert_int_equal(sink.messages, 1);
    head_end = strstr(sink.last, "\r\n\r\n");
    assert_non_null(head_end);
    assert_null(strstr(sink.last, "Bcc"));
    assert_null(strstr(sink.last, "evil"));
    assert_null(strstr(body_of(f, sink.last), "\r\nBcc"));
}

/* A name that looks like a place of the sentence stays what it is. */
static void a_placeholder_in_a_name_is_a_name(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "{detail}", .detail = "Tangier"};

    assert_int_equal(post_put(f->s, &KEYS, LETTER_REVIEW, "n@example.org", "en",
                              &v, NOW, NULL),
                     RC_OK);
    assert_int_equal(drain(f, NOW), 1);
    assert_non_null(strstr(body_of(f, sink.last), "{detail}, Tangier waits"));
}

static void a_refusal_is_tried_again_later_and_not_for_ever(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "N"};
    int64_t now = NOW, tries, due;

    sink.refuse = 451;
    assert_int_equal(post_put(f->s, &KEYS, LETTER_PROBE, "n@example.org", "en",
                              &v, NOW, NULL),
                     RC_OK);
    assert_int_equal(drain(f, now), 0);
    assert_int_equal(drain(f, now + 30), 0); /* waits */
    assert_int_equal(
        store_int(f->s, "SELECT tries FROM outbox", NO_PARAMS, &tries, NULL),
        RC_OK);
    assert_int_equal(tries, 1);
    assert_int_equal(
        store_int(f->s, "SELECT due FROM outbox", NO_PARAMS, &due, NULL),
        RC_OK);
    assert_int_equal(due, NOW + 60);
    for (int i = 0; i < 20; i++)
        drain(f, now += 7 * 3600);
    assert_int_equal(
        store_int(f->s, "SELECT tries FROM outbox", NO_PARAMS, &tries, NULL),
        RC_OK);
    assert_int_equal(tries, 12);
    sink.refuse = 0;
    assert_int_equal(drain(f, now + 1000000), 0);
    assert_int_equal(sink.messages, 0);
}

static void an_unknown_mailbox_is_given_up_at_once(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "N"};

    sink.refuse = 550;
    assert_int_equal(post_put(f->s, &KEYS, LETTER_PROBE, "n@example.org", "en",
                              &v, NOW, NULL),
                     RC_OK);
    assert_int_equal(drain(f, NOW), 0);
    sink.refuse = 0;
    assert_int_equal(drain(f, NOW + 100000), 0);
}

static void a_server_that_is_away_loses_nothing(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "N"};
    const char *right = f->config.smtp;

    assert_int_equal(post_put(f->s, &KEYS, LETTER_PROBE, "n@example.org", "en",
                              &v, NOW, NULL),
                     RC_OK);
    f->config.smtp = "smtp://127.0.0.1:1";
    assert_int_equal(drain(f, NOW), 0);
    f->config.smtp = right;
    assert_int_equal(drain(f, NOW + 61), 1);
}

static void only_a_known_address_gets_a_new_password(void **state)
{
    struct fixture *f = *state;
    struct person p;
    struct deed d = {.by = 0, .at = NOW, .action = "create"};
    char token[TOKEN_TEXT], *link;
    const char *body;
    int64_t account;

    record_clear(&type_person, &p);
    p.name.in[0] = "A. Person";
    p.email = "forgot@example.org";
    assert_int_equal(record_save(f->s, &type_person, &p, &d, f->a, NULL, NULL),
                     RC_OK);
    assert_int_equal(
        account_invite(f->s, &KEYS, p.email, p.head.id, 0, NOW, token, NULL),
        RC_OK);
    assert_int_equal(
        post_put_forgotten(f->s, &KEYS, "nobody@example.org", "en", NOW, NULL),
        RC_OK);
    assert_int_equal(drain(f, NOW), 0);
    assert_int_equal(drain(f, NOW + 100000), 0);
    assert_int_equal(sink.messages, 0);
    assert_int_equal(post_put_forgotten(f->s, &KEYS, p.email, "en", NOW, NULL),
                     RC_OK);
    assert_int_equal(drain(f, NOW), 1);
    body = body_of(f, sink.last);
    link = strstr(body, "/invitation/");
    assert_non_null(link);
    memcpy(token, link + strlen("/invitation/"), TOKEN_TEXT - 1);
    token[TOKEN_TEXT - 1] = '\0';
    assert_int_equal(account_accept(f->s, &KEYS, token, "a long enough phrase",
                                    NOW, &account, NULL),
                     RC_OK);
}

static void two_servers_send_a_letter_once(void **state)
{
    struct fixture *f = *state;
    const struct letter_values v = {.name = "N"};
    struct post *one = NULL, *two = NULL;

    for (int i = 0; i < 20; i++)
        assert_int_equal(post_put(f->s, &KEYS, LETTER_PROBE, "n@example.org",
                                  "en", &v, time(NULL), NULL),
                         RC_OK);
    assert_int_equal(post_start(&f->config, 3600, &one, NULL), RC_OK);
    assert_int_equal(post_start(&f->config, 3600, &two, NULL), RC_OK);
    for (int i = 0; i < 400 && sink.messages < 20; i++) {
        usleep(50000);
        post_wake(i % 2 ? one : two);
    }
    post_stop(one);
    post_stop(two);
    assert_int_equal(sink.messages, 20);
}

static int suite(const char *name)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_letter_arrives_in_the_language_of_its_reader),
        T(values_are_sealed_and_then_forgotten),
        T(no_value_begins_a_header),
        T(a_placeholder_in_a_name_is_a_name),
        T(a_refusal_is_tried_again_later_and_not_for_ever),
        T(an_unknown_mailbox_is_given_up_at_once),
        T(a_server_that_is_away_loses_nothing),
        T(only_a_known_address_gets_a_new_password),
        T(two_servers_send_a_letter_once),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    if (sodium_init() < 0 || open_sink())
        return 1;
    return on_both(&url, suite);
}
