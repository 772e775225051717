#include "network/oidc.h"
#include "network/secret.h"

#include <jansson.h>
#include <sodium.h>

static bool starts_safely(const char *url)
{
    static const char *const here[] = {
        "http://127.0.0.1:", "http://localhost:", "http://[::1]:"};

    if (strncmp(url, "https://", 8) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(here); i++)
        if (strncmp(url, here[i], strlen(here[i])) == 0)
            return true;
    return false;
}

static enum rc silent(struct err *err)
{
    return err_set(err, RC_UNAVAILABLE,
                   N_("your directory does not answer as it should"));
}

static const char *url_at(const json_t *doc, const char *name, struct arena *a)
{
    const char *url = json_string_value(json_object_get(doc, name));

    return url && starts_safely(url) ? arena_strdup(a, url) : NULL;
}

enum rc oidc_discover(const struct oidc_config *c, struct arena *a,
                      struct oidc_provider *out, struct err *err)
{
    size_t n = strlen(c->issuer);
    bool slash = n && c->issuer[n - 1] == '/';
    struct str text;
    const char *issuer;
    json_t *doc;
    enum rc rc =
        oidc_fetch(arena_printf(a, "%s%s.well-known/openid-configuration",
                                c->issuer, slash ? "" : "/"),
                   NULL, NULL, NULL, a, &text, err);

    if (rc)
        return rc;
    doc = json_loadb(text.p, text.n, 0, NULL);
    issuer = json_string_value(json_object_get(doc, "issuer"));
    if (issuer && strcmp(issuer, c->issuer) == 0)
        *out = (struct oidc_provider){
            .authorization = url_at(doc, "authorization_endpoint", a),
            .token = url_at(doc, "token_endpoint", a),
            .keys = url_at(doc, "jwks_uri", a),
        };
    else
        *out = (struct oidc_provider){0};
    json_decref(doc);
    return out->authorization && out->token && out->keys ? RC_OK : silent(err);
}

static char *base64(struct arena *a, const unsigned char *p, size_t n)
{
    size_t most =
        sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(a, most);

    return sodium_bin2base64(out, most, p, n,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static const char *random_text(struct arena *a)
{
    unsigned char random[32];

    randombytes_buf(random, sizeof random);
    return base64(a, random, sizeof random);
}

/* name=value after what is there: a URL, pairs, or nothing. */
static void add(struct buf *out, const char *name, const char *value)
{
    if (out->n)
        buf_addc(out, strchr(out->p, '=') ? '&' : '?');
    buf_fmt(out, "%s=", name);
    buf_url(out, str_of(value));
}

char *oidc_begin(const struct oidc_config *c, const struct oidc_provider *p,
                 struct arena *a, struct oidc_visit *visit)
{
    AUTO(buf) struct buf url = {.ceiling = 1 << 16};
    unsigned char hash[crypto_hash_sha256_BYTES];

    *visit =
        (struct oidc_visit){random_text(a), random_text(a), random_text(a)};
    crypto_hash_sha256(hash, (const unsigned char *)visit->verifier,
                       strlen(visit->verifier));
    buf_adds(&url, p->authorization);
    add(&url, "response_type", "code");
    add(&url, "client_id", c->client);
    add(&url, "redirect_uri", c->redirect);
    add(&url, "scope", "openid email profile");
    add(&url, "state", visit->state);
    add(&url, "nonce", visit->nonce);
    add(&url, "code_challenge", base64(a, hash, sizeof hash));
    add(&url, "code_challenge_method", "S256");
    return arena_strdup(a, buf_cstr(&url));
}

enum rc oidc_finish(const struct oidc_config *c, const struct oidc_provider *p,
                    const struct oidc_visit *visit, const char *code,
                    int64_t now, struct arena *a, struct oidc_claims *out,
                    struct err *err)
{
    AUTO(buf) struct buf form = {.ceiling = 1 << 16};
    struct str text, keys;
    const char *token;
    json_t *doc;
    enum rc rc;

    add(&form, "grant_type", "authorization_code");
    add(&form, "code", code);
    add(&form, "redirect_uri", c->redirect);
    add(&form, "code_verifier", visit->verifier);
    rc = oidc_fetch(p->token, buf_cstr(&form), c->client, c->secret, a, &text,
                    err);
    if (!rc)
        rc = oidc_fetch(p->keys, NULL, NULL, NULL, a, &keys, err);
    if (rc)
        return rc;
    doc = json_loadb(text.p, text.n, 0, NULL);
    token = json_string_value(json_object_get(doc, "id_token"));
    rc = token ? oidc_check(c, visit->nonce, token, keys, now, a, out, err)
               : silent(err);
    json_decref(doc);
    return rc;
}

/* ---- whose account ---- */

struct binding {
    struct store *s;
    const char *subject, *email;
    int64_t now, account;
};

static enum rc bind_inside(void *ctx, struct err *err)
{
    struct binding *b = ctx;
    int64_t changed = 0;
    enum rc rc = store_int(b->s,
                           "SELECT id FROM account WHERE email = :email"
                           " AND closed IS NULL AND oidc_subject IS NULL",
                           PARAMS(P_TEXT("email", b->email)), &b->account, err);

    if (rc)
        return rc;
    rc = store_exec(
        b->s,
        "UPDATE account SET oidc_subject = :subject WHERE id = :id"
        " AND oidc_subject IS NULL",
        PARAMS(P_TEXT("subject", b->subject), P_INT("id", b->account)),
        &changed, err);
    if (!rc && !changed)
        return RC_NOT_FOUND;
    return rc ? rc
              : audit_row(b->s, b->account, "bind-directory", "account", "",
                          b->now, err);
}

enum rc oidc_account(struct store *s, const struct oidc_config *c,
                     const struct oidc_claims *claims, int64_t now,
                     int64_t *account, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const char *subject = arena_printf(a, "%s %s", c->issuer, claims->subject);
    struct binding b = {s, subject, claims->email, now, 0};
    enum rc rc = store_int(s,
                           "SELECT id FROM account WHERE oidc_subject ="
                           " :subject AND closed IS NULL",
                           PARAMS(P_TEXT("subject", subject)), account, err);

    if (rc != RC_NOT_FOUND)
        return rc;
    if (claims->email && claims->email_verified) {
        rc = in_transaction(s, bind_inside, &b, err);
        *account = b.account;
    }
    if (rc == RC_NOT_FOUND)
        return err_set(err, rc,
                       N_("nobody invited you yet: ask the secretariat for an "
                          "account"));
    return rc;
}
