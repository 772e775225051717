/*
 * TLS and reload, with the program as a server of its own: a certificate made
 * here, HSTS and secure cookies, old protocols refused, a new certificate taken
 * while requests come without one of them failing, and what is faulty left
 * alone.
 */
#include "base/file.h"
#include "client.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *program, *config, *log_path, *certificate, *key;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-tls-XXXXXX";
static unsigned port;
static pid_t pid;

/* ---- certificates ---- */

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
    assert_int_equal(
        file_write(path, (struct str){(char *)pem->data, pem->size}, NULL),
        RC_OK);
}

static void make_certificate(unsigned char serial)
{
    gnutls_x509_privkey_t k;
    gnutls_x509_crt_t c;
    gnutls_datum_t pem;

    gnutls_x509_privkey_init(&k);
    gnutls_x509_crt_init(&c);
    assert_int_equal(gnutls_x509_privkey_generate(
                         k, GNUTLS_PK_ECDSA,
                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    gnutls_x509_crt_set_version(c, 3);
    gnutls_x509_crt_set_serial(c, &serial, 1);
    gnutls_x509_crt_set_activation_time(c, time(NULL) - 1000);
    gnutls_x509_crt_set_expiration_time(c, time(NULL) + 100000);
    gnutls_x509_crt_set_dn(c, "CN=localhost", NULL);
    gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, "localhost", 9,
                                         GNUTLS_FSAN_SET);
    gnutls_x509_crt_set_key(c, k);
    assert_int_equal(gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(c, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(certificate, &pem);
    gnutls_free(pem.data);
    assert_int_equal(gnutls_x509_privkey_export2(k, GNUTLS_X509_FMT_PEM, &pem),
                     0);
    write_pem(key, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(c);
    gnutls_x509_privkey_deinit(k);
}

/* ---- a client that speaks TLS ---- */

struct secure {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
};

static void hang_up(struct secure *c)
{
    if (c->session)
        gnutls_deinit(c->session);
    gnutls_certificate_free_credentials(c->credentials);
    if (c->fd >= 0)
        close(c->fd);
}

static bool call(struct secure *c, const char *priorities)
{
    int code;

    *c = (struct secure){.fd = client_connect(port)};
    gnutls_certificate_allocate_credentials(&c->credentials);
    gnutls_init(&c->session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(c->session, priorities, NULL);
    gnutls_server_name_set(c->session, GNUTLS_NAME_DNS, "localhost", 9);
    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
    gnutls_transport_set_int(c->session, c->fd);
    gnutls_handshake_set_timeout(c->session, 10000);
    do {
        code = c->fd < 0 ? -1 : gnutls_handshake(c->session);
    } while (code < 0 && c->fd >= 0 && !gnutls_error_is_fatal(code));
    return code == 0;
}

static int serial_seen(const struct secure *c)
{
    unsigned n = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(c->session, &n);
    gnutls_x509_crt_t crt;
    unsigned char serial[32] = {0};
    size_t size = sizeof serial;

    if (!n)
        return -1;
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_import(crt, list, GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_serial(crt, serial, &size);
    gnutls_x509_crt_deinit(crt);
    return serial[0];
}

static unsigned ask(struct secure *c, const char *path, char *reply)
{
    const char *request =
        arena_printf(arena, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    size_t n = 0, want = CLIENT_REPLY - 1;
    unsigned status = 0;

    reply[0] = '\0';
    if (gnutls_record_send(c->session, request, strlen(request)) < 0)
        return 0;
    while (n < want) {
        ssize_t got =
            gnutls_record_recv(c->session, reply + n, CLIENT_REPLY - 1 - n);

        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
        reply[n] = '\0';
        if (*client_body(reply))
            want = (size_t)(client_body(reply) - reply) +
                   strtoul(client_header(reply, "Content-Length"), NULL, 10);
    }
    return sscanf(reply, "HTTP/1.1 %u", &status) == 1 ? status : 0;
}

static int serial_of_a_new_call(void)
{
    struct secure c;
    int serial = call(&c, "NORMAL") ? serial_seen(&c) : -1;

    hang_up(&c);
    return serial;
}

static const char *logged(void)
{
    struct str text = {"", 0};

    (void)!file_read(arena, log_path, 1 << 20, &text, NULL);
    return text.p;
}

static size_t told(const char *what)
{
    size_t n = 0;

    for (const char *at = logged(); (at = strstr(at, what)); at++)
        n++;
    return n;
}

/* Returns when the server has said so. */
static void reload(const char *says)
{
    size_t before = told(says);
    int64_t until = clock_ms() + 10000;

    kill(pid, SIGHUP);
    while (told(says) == before && clock_ms() < until)
        usleep(10000);
    assert_int_equal(told(says), before + 1);
}

#define TAKEN "\"event\":\"reload\""
#define REFUSED "\"event\":\"reload-failed\""

/* ---- what must hold ---- */

static void pages_come_securely(void **state)
{
    char *reply = malloc(CLIENT_REPLY);
    struct secure c;

    assert_true(call(&c, "NORMAL"));
    assert_int_equal(gnutls_protocol_get_version(c.session), GNUTLS_TLS1_3);
    assert_int_equal(ask(&c, "/cities", reply), 200);
    assert_string_equal(client_header(reply, "Strict-Transport-Security"),
                        "max-age=31536000; includeSubDomains");
    assert_int_equal(ask(&c, "/cities", reply), 200); /* the kept one too */
    assert_true(*client_header(reply, "Strict-Transport-Security"));
    assert_int_equal(ask(&c, "/sign-in", reply), 200);
    assert_non_null(strstr(client_header(reply, "Set-Cookie"), "; Secure"));
    assert_int_equal(
        strncmp(client_header(reply, "Set-Cookie"), "__Host-visit=", 13), 0);
    hang_up(&c);
    free(reply);
}

static void old_protocols_are_refused(void **state)
{
    struct secure c;
    char *reply = malloc(CLIENT_REPLY);

    assert_true(call(&c, "NORMAL:-VERS-ALL:+VERS-TLS1.2"));
    hang_up(&c);
    assert_false(call(&c, "NORMAL:-VERS-ALL:+VERS-TLS1.1"));
    hang_up(&c);
    assert_int_not_equal(client_once(port, "GET", "/cities", NULL, NULL, reply),
                         200);
    assert_int_equal(serial_of_a_new_call(), 1); /* it took no harm */
    free(reply);
}

static _Atomic bool enough;
static _Atomic unsigned asked, failed;

static void *keep_asking(void *ctx)
{
    static const char request[] =
        "GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char *reply = malloc(CLIENT_REPLY);

    while (!enough) {
        struct secure c;

        if (!call(&c, "NORMAL"))
            failed++;
        else if (gnutls_record_send(c.session, request, sizeof request - 1) <
                     0 ||
                 gnutls_record_recv(c.session, reply, CLIENT_REPLY) <= 0)
            failed++;
        hang_up(&c);
        asked++;
    }
    free(reply);
    return NULL;
}

static void a_new_certificate_drops_nobody(void **state)
{
    char *reply = malloc(CLIENT_REPLY);
    struct secure open;
    pthread_t thread;

    assert_true(call(&open, "NORMAL"));
    assert_int_equal(ask(&open, "/help", reply), 200);
    assert_int_equal(pthread_create(&thread, NULL, keep_asking, NULL), 0);
    for (unsigned char serial = 2; serial < 6; serial++) {
        make_certificate(serial);
        reload(TAKEN);
        assert_int_equal(serial_of_a_new_call(), serial);
        usleep(50000);
    }
    enough = true;
    pthread_join(thread, NULL);
    assert_in_range(asked, 5, 1000000);
    assert_int_equal(failed, 0);
    assert_int_equal(ask(&open, "/help", reply), 200);
    assert_string_equal(client_header(reply, "Connection"), "close");
    hang_up(&open);
    free(reply);
}

static void what_is_faulty_is_left_alone(void **state)
{
    const char *more =
        arena_printf(arena, "certificate = %s\nkey = %s\n", certificate, key);

    assert_int_equal(file_write(certificate, STR("no certificate\n"), NULL),
                     RC_OK);
    reload(REFUSED);
    assert_int_equal(serial_of_a_new_call(), 5);
    make_certificate(9);
    served_config(arena, dir, NULL, port + 1, more);
    reload(REFUSED);
    assert_non_null(strstr(logged(), "'port'"));
    assert_int_equal(serial_of_a_new_call(), 5);
    assert_int_equal(file_write(config, STR("portt = 1\n"), NULL), RC_OK);
    reload(REFUSED);
    assert_non_null(strstr(logged(), "did you mean 'port'"));
    served_config(arena, dir, NULL, port,
                  arena_printf(arena, "%slog_requests = yes\n", more));
    assert_int_equal(told("\"event\":\"reply\""), 0);
    reload(TAKEN);
    assert_int_equal(serial_of_a_new_call(), 9);
    {
        char *reply = malloc(CLIENT_REPLY);
        struct secure c;

        assert_true(call(&c, "NORMAL"));
        assert_int_equal(ask(&c, "/cities", reply), 200);
        hang_up(&c);
        free(reply);
    }
    assert_int_equal(told("\"route\":\"/cities\""), 1);
}

static int set_up(void **state)
{
    arena = arena_new(0);
    if (!mkdtemp(dir))
        return -1;
    certificate = path_join(arena, dir, "certificate.pem");
    key = path_join(arena, dir, "key.pem");
    log_path = path_join(arena, dir, "log");
    make_certificate(1);
    port = free_port();
    config = served_config(
        arena, dir, NULL, port,
        arena_printf(arena, "certificate = %s\nkey = %s\n", certificate, key));
    pid = served_start(program, config, port, log_path);
    return pid > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    bool well = served_stop(pid);

    arena_free(arena);
    return dir_remove(dir, NULL) || !well;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_securely),
        cmocka_unit_test(old_protocols_are_refused),
        cmocka_unit_test(a_new_certificate_drops_nobody),
        cmocka_unit_test(what_is_faulty_is_left_alone),
    };

    if (argc < 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
