/*
 * network/oidc: the ID token as a table of forgeries, and the whole flow with a
 * provider of this test that speaks the protocol (discovery, token, keys). The
 * real one is tests/web/directory.py.
 */
#include "network/oidc.h"
#include "record/keep.h"
#include "record/types.h"

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1700000000 };
static const struct keyring KEYS = {{1}};
static struct arena *arena;
static gnutls_privkey_t rsa, other, ec;
static struct oidc_config config = {.client = "passerelle", .secret = "s3cret"};
static char *keys; /* the provider's, as a JWK set */

static char *base64(const void *p, size_t n)
{
    size_t most =
        sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(arena, most);

    return sodium_bin2base64(out, most, p, n,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Without the sign byte that GnuTLS puts before a high bit. */
static char *number(gnutls_datum_t d, size_t bytes)
{
    unsigned char padded[64] = {0};
    size_t skip = 0;

    while (skip < d.size && !d.data[skip])
        skip++;
    if (!bytes)
        return base64(d.data + skip, d.size - skip);
    memcpy(padded + bytes - (d.size - skip), d.data + skip, d.size - skip);
    return base64(padded, bytes);
}

static gnutls_privkey_t new_key(gnutls_pk_algorithm_t kind, unsigned bits)
{
    gnutls_privkey_t k;

    assert_int_equal(gnutls_privkey_init(&k), 0);
    assert_int_equal(gnutls_privkey_generate(k, kind, bits, 0), 0);
    return k;
}

static int make_keys(void **state)
{
    gnutls_datum_t m, e, x, y;
    gnutls_ecc_curve_t curve;

    rsa = new_key(GNUTLS_PK_RSA, 2048);
    other = new_key(GNUTLS_PK_RSA, 2048);
    ec = new_key(GNUTLS_PK_ECDSA,
                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    if (gnutls_privkey_export_rsa_raw(rsa, &m, &e, NULL, NULL, NULL, NULL, NULL,
                                      NULL) ||
        gnutls_privkey_export_ecc_raw(ec, &curve, &x, &y, NULL))
        return -1;
    keys =
        arena_printf(arena,
                     "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\",\"use\":"
                     "\"sig\",\"n\":\"%s\",\"e\":\"%s\"},{\"kty\":\"EC\","
                     "\"kid\":\"e\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":"
                     "\"%s\"}]}",
                     number(m, 0), number(e, 0), number(x, 32), number(y, 32));
    gnutls_free(m.data);
    gnutls_free(e.data);
    gnutls_free(x.data);
    gnutls_free(y.data);
    return 0;
}

static int forget_keys(void **state)
{
    gnutls_privkey_deinit(rsa);
    gnutls_privkey_deinit(other);
    gnutls_privkey_deinit(ec);
    return 0;
}

/* RS256 with an RSA key, ES256 with the other. */
static char *sign(gnutls_privkey_t k, const char *header, const char *claims)
{
    char *data = arena_printf(arena, "%s.%s", base64(header, strlen(header)),
                              base64(claims, strlen(claims)));
    gnutls_datum_t d = {(unsigned char *)data, (unsigned)strlen(data)};
    gnutls_datum_t s, r1, s1;
    bool is_ec = k == ec;
    char *tail;

    assert_int_equal(gnutls_privkey_sign_data2(k,
                                               is_ec ? GNUTLS_SIGN_ECDSA_SHA256
                                                     : GNUTLS_SIGN_RSA_SHA256,
                                               0, &d, &s),
                     0);
    tail = base64(s.data, s.size);
    if (is_ec) {
        unsigned char raw[64] = {0};

        assert_int_equal(gnutls_decode_rs_value(&s, &r1, &s1), 0);
        for (size_t i = 0; i < 32 && i < r1.size; i++)
            raw[31 - i] = r1.data[r1.size - 1 - i];
        for (size_t i = 0; i < 32 && i < s1.size; i++)
            raw[63 - i] = s1.data[s1.size - 1 - i];
        tail = base64(raw, sizeof raw);
        gnutls_free(r1.data);
        gnutls_free(s1.data);
    }
    gnutls_free(s.data);
    return arena_printf(arena, "%s.%s", data, tail);
}

#define CLAIMS(iss, aud, nonce, exp, iat, more)                              \
    "{\"iss\":\"" iss "\",\"sub\":\"u1\",\"aud\":" aud ",\"nonce\":\"" nonce \
    "\",\"exp\":" exp ",\"iat\":" iat more "}"
#define GOOD                                                          \
    CLAIMS("https://id.example", "\"passerelle\"", "n", "1700000300", \
           "1700000000", "")

enum signer { BY_RSA, BY_EC, BY_OTHER, BY_NOBODY, CUT };
static const struct {
    const char *what, *header, *claims;
    enum signer by;
    bool right;
} rows[] = {
    {"RS256", "{\"alg\":\"RS256\",\"kid\":\"r\"}", GOOD, BY_RSA, true},
    {"RS256 without a name", "{\"alg\":\"RS256\"}", GOOD, BY_RSA, true},
    {"ES256", "{\"alg\":\"ES256\",\"kid\":\"e\"}", GOOD, BY_EC, true},
    {"several audiences, authorised party ours", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "[\"x\",\"passerelle\"]", "n", "1700000300",
            "1700000000", ",\"azp\":\"passerelle\""),
     BY_RSA, true},
    {"another's key", "{\"alg\":\"RS256\",\"kid\":\"r\"}", GOOD, BY_OTHER,
     false},
    {"no algorithm", "{\"alg\":\"none\"}", GOOD, BY_NOBODY, false},
    {"a shared secret", "{\"alg\":\"HS256\",\"kid\":\"r\"}", GOOD, BY_RSA,
     false},
    {"the other algorithm", "{\"alg\":\"ES256\",\"kid\":\"r\"}", GOOD, BY_RSA,
     false},
    {"an unknown key", "{\"alg\":\"RS256\",\"kid\":\"z\"}", GOOD, BY_RSA,
     false},
    {"something critical", "{\"alg\":\"RS256\",\"crit\":[\"b64\"]}", GOOD,
     BY_RSA, false},
    {"cut off", "{\"alg\":\"RS256\"}", GOOD, CUT, false},
    {"another issuer", "{\"alg\":\"RS256\"}",
     CLAIMS("https://evil.example", "\"passerelle\"", "n", "1700000300",
            "1700000000", ""),
     BY_RSA, false},
    {"another audience", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"other\"", "n", "1700000300", "1700000000",
            ""),
     BY_RSA, false},
    {"several audiences, another party", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "[\"x\",\"passerelle\"]", "n", "1700000300",
            "1700000000", ",\"azp\":\"x\""),
     BY_RSA, false},
    {"another nonce", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"passerelle\"", "m", "1700000300",
            "1700000000", ""),
     BY_RSA, false},
    {"too old", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"passerelle\"", "n", "1699999900",
            "1699999800", ""),
     BY_RSA, false},
    {"from the future", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"passerelle\"", "n", "1700000900",
            "1700000600", ""),
     BY_RSA, false},
    {"times as texts", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"passerelle\"", "n", "\"1700000300\"",
            "1700000000", ""),
     BY_RSA, false},
    {"a claim twice", "{\"alg\":\"RS256\"}",
     CLAIMS("https://id.example", "\"passerelle\"", "n", "1700000300",
            "1700000000", ",\"sub\":\"u2\""),
     BY_RSA, false},
    {"no claims", "{\"alg\":\"RS256\"}", "[]", BY_RSA, false},
};

static char *token_of(size_t row)
{
    gnutls_privkey_t k = rows[row].by == BY_EC      ? ec
                         : rows[row].by == BY_OTHER ? other
                                                    : rsa;
    char *token = sign(k, rows[row].header, rows[row].claims);

    if (rows[row].by == BY_NOBODY)
        strrchr(token, '.')[1] = '\0';
    if (rows[row].by == CUT)
        token[strlen(token) - 8] = '\0';
    return token;
}

static void a_token_is_right_in_everything_or_refused(void **state)
{
    int wrong = 0;

    config.issuer = "https://id.example";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct oidc_claims claims;
        struct err err;
        enum rc rc = oidc_check(&config, "n", token_of(i), str_of(keys), NOW,
                                arena, &claims, &err);

        if (rc != (rows[i].right ? RC_OK : RC_FORBIDDEN)) {
            print_error("%s: %s\n", rows[i].what, rc_name(rc));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Any byte of a right token changed makes it wrong. */
static void no_byte_may_differ(void **state)
{
    char *token = token_of(0);
    struct oidc_claims claims;

    config.issuer = "https://id.example";
    for (size_t i = 0; i + 1 < strlen(token); i += 7) {
        char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(oidc_check(&config, "n", token, str_of(keys), NOW,
                                        arena, &claims, NULL),
                             RC_OK);
        token[i] = was;
    }
    assert_int_equal(oidc_check(&config, "n", token, str_of(keys), NOW, arena,
                                &claims, NULL),
                     RC_OK);
}

/* ---- a provider ---- */

static struct {
    int listening;
    const char *issuer, *nonce;
    char asked[4096]; /* the token request, headers and form */
} provider;

static void answer(FILE *f, const char *line, const char *form)
{
    const char *body;

    if (strstr(line, "openid-configuration")) {
        body = arena_printf(arena,
                            "{\"issuer\":\"%s\",\"authorization_endpoint\":"
                            "\"%s/auth\",\"token_endpoint\":\"%s/token\","
                            "\"jwks_uri\":\"%s/keys\"}",
                            provider.issuer, provider.issuer, provider.issuer,
                            provider.issuer);
    } else if (strstr(line, "/token")) {
        char *claims = arena_printf(
            arena,
            "{\"iss\":\"%s\",\"sub\":\"u1\",\"aud\":\"passerelle\",\"nonce\":"
            "\"%s\",\"exp\":1700000300,\"iat\":1700000000,\"email\":"
            "\"a@example.org\",\"email_verified\":true,\"amr\":[\"pwd\","
            "\"otp\"]}",
            provider.issuer, provider.nonce);

        body = arena_printf(arena, "{\"id_token\":\"%s\"}",
                            sign(rsa, "{\"alg\":\"RS256\"}", claims));
    } else {
        body = keys;
    }
    fprintf(f,
            "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n"
            "\r\n%s",
            strlen(body), body);
}

static void keep(const char *text)
{
    size_t n = strlen(provider.asked), more = strlen(text);

    if (n + more < sizeof provider.asked)
        memcpy(provider.asked + n, text, more + 1);
}

static void serve(FILE *f)
{
    char first[512] = "", line[1024], form[2048] = "";
    long length = 0;
    bool token;

    if (!fgets(first, sizeof first, f))
        return;
    token = strstr(first, "/token");
    if (token)
        provider.asked[0] = '\0';
    while (fgets(line, sizeof line, f) && strcmp(line, "\r\n") != 0) {
        if (strncasecmp(line, "content-length:", 15) == 0)
            length = strtol(line + 15, NULL, 10);
        if (token)
            keep(line);
    }
    if (length > 0 && length < (long)sizeof form)
        form[fread(form, 1, (size_t)length, f)] = '\0';
    if (token)
        keep(form);
    answer(f, first, form);
}

static void *run_provider(void *ctx)
{
    for (;;) {
        int fd = accept(provider.listening, NULL, NULL);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r+");

        if (!f)
            return NULL;
        serve(f);
        fclose(f);
    }
}

static void open_provider(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    pthread_t thread;

    provider.listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        bind(provider.listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(provider.listening, 8), 0);
    assert_int_equal(
        getsockname(provider.listening, (struct sockaddr *)&at, &n), 0);
    provider.issuer =
        arena_printf(arena, "http://127.0.0.1:%u", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&thread, NULL, run_provider, NULL), 0);
    pthread_detach(thread);
}

static struct store *fresh(const char *dir)
{
    struct store *s = NULL;
    struct migration m;

    assert_int_equal(
        store_open(arena_printf(arena, "sqlite:%s/db", dir), &s, NULL), RC_OK);
    assert_int_equal(migration_plan(s, arena, &m, NULL), RC_OK);
    assert_int_equal(migration_apply(s, &m, NULL, 0, NULL), RC_OK);
    assert_int_equal(network_tables(s, NULL), RC_OK);
    return s;
}

static void invited(struct store *s, const char *email)
{
    struct person p;
    struct deed d = {.by = 0, .at = NOW, .action = "create"};
    char token[TOKEN_TEXT];

    record_clear(&type_person, &p);
    p.name.in[0] = "A. Person";
    p.email = email;
    assert_int_equal(record_save(s, &type_person, &p, &d, arena, NULL, NULL),
                     RC_OK);
    assert_int_equal(
        account_invite(s, &KEYS, email, p.head.id, 0, NOW, token, NULL), RC_OK);
}

static void the_whole_flow_with_a_provider(void **state)
{
    struct oidc_provider p;
    struct oidc_visit v;
    struct oidc_claims claims;
    char *url;

    config.issuer = provider.issuer;
    config.redirect = "https://network.example.org/sign-in/directory/return";
    assert_int_equal(oidc_discover(&config, arena, &p, NULL), RC_OK);
    url = oidc_begin(&config, &p, arena, &v);
    assert_non_null(strstr(url, "code_challenge_method=S256"));
    assert_null(strstr(url, v.verifier));
    provider.nonce = arena_strdup(arena, v.nonce);
    assert_int_equal(
        oidc_finish(&config, &p, &v, "c&x", NOW, arena, &claims, NULL), RC_OK);
    assert_string_equal(claims.subject, "u1");
    assert_true(claims.second_factor && claims.email_verified);
    assert_non_null(strstr(provider.asked, "code=c%26x"));
    assert_non_null(strstr(provider.asked, v.verifier));
    assert_non_null(strstr(provider.asked, "Authorization: Basic "));
    provider.nonce = "another";
    assert_int_equal(
        oidc_finish(&config, &p, &v, "c", NOW, arena, &claims, NULL),
        RC_FORBIDDEN);
    config.issuer = arena_printf(arena, "%s/", provider.issuer);
    assert_int_equal(oidc_discover(&config, arena, &p, NULL), RC_UNAVAILABLE);
    config.issuer = "http://127.0.0.1:1";
    assert_int_equal(oidc_discover(&config, arena, &p, NULL), RC_UNAVAILABLE);
}

static void only_who_was_invited_gets_in(void **state)
{
    char dir[] = "/tmp/passerelle-oidc-XXXXXX";
    struct store *s;
    struct oidc_claims c = {
        .subject = "u1", .email = "a@example.org", .email_verified = false};
    int64_t first = 0, again = 0;

    assert_non_null(mkdtemp(dir));
    s = fresh(dir);
    config.issuer = "https://id.example";
    assert_int_equal(oidc_account(s, &config, &c, NOW, &first, NULL),
                     RC_NOT_FOUND);
    invited(s, "a@example.org");
    assert_int_equal(oidc_account(s, &config, &c, NOW, &first, NULL),
                     RC_NOT_FOUND); /* the address is not verified */
    c.email_verified = true;
    assert_int_equal(oidc_account(s, &config, &c, NOW, &first, NULL), RC_OK);
    c.email = "moved@example.org"; /* the subject counts from now on */
    assert_int_equal(oidc_account(s, &config, &c, NOW, &again, NULL), RC_OK);
    assert_true(first == again);
    c = (struct oidc_claims){
        .subject = "u2", .email = "a@example.org", .email_verified = true};
    assert_int_equal(oidc_account(s, &config, &c, NOW, &again, NULL),
                     RC_NOT_FOUND); /* bound to somebody else already */
    store_close(s);
    unlink(arena_printf(arena, "%s/db", dir));
    unlink(arena_printf(arena, "%s/db-wal", dir));
    unlink(arena_printf(arena, "%s/db-shm", dir));
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_right_in_everything_or_refused),
        cmocka_unit_test(no_byte_may_differ),
        cmocka_unit_test(the_whole_flow_with_a_provider),
        cmocka_unit_test(only_who_was_invited_gets_in),
    };
    int failed;

    if (sodium_init() < 0)
        return 1;
    arena = arena_new(0);
    open_provider();
    failed = cmocka_run_group_tests(tests, make_keys, forget_keys);
    arena_free(arena);
    return failed;
}
