/* An ID token, checked: JWS (RFC 7515) with RS256 or ES256 through GnuTLS. */
#include "network/oidc.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <jansson.h>
#include <sodium.h>

enum { SKEW_S = 60, TOKEN_MOST = 64 << 10, RSA_BITS_LEAST = 2048 };

static enum rc not_right(struct err *err)
{
    return err_set(err, RC_FORBIDDEN,
                   N_("what your directory says cannot be believed; begin "
                      "again"));
}

static bool decode(struct str text, struct arena *a, struct str *out)
{
    unsigned char *p = arena_try(a, text.n + 1, 1);
    size_t n;

    if (!p || !text.n ||
        sodium_base642bin(p, text.n, text.p, text.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return false;
    *out = (struct str){(char *)p, n};
    return true;
}

static gnutls_datum_t datum(struct str s)
{
    return (gnutls_datum_t){(unsigned char *)s.p, (unsigned)s.n};
}

static bool member(const json_t *key, const char *name, struct arena *a,
                   struct str *out)
{
    const char *text = json_string_value(json_object_get(key, name));

    return text && decode(str_of(text), a, out);
}

static bool import_key(gnutls_pubkey_t pub, const json_t *key, bool rsa,
                       struct arena *a)
{
    const char *curve = json_string_value(json_object_get(key, "crv"));
    struct str one, two;
    gnutls_datum_t x, y;
    unsigned bits = 0;

    if (!member(key, rsa ? "n" : "x", a, &one) ||
        !member(key, rsa ? "e" : "y", a, &two))
        return false;
    x = datum(one);
    y = datum(two);
    if (!rsa)
        return curve && strcmp(curve, "P-256") == 0 && one.n == 32 &&
               two.n == 32 &&
               gnutls_pubkey_import_ecc_raw(pub, GNUTLS_ECC_CURVE_SECP256R1, &x,
                                            &y) == 0;
    return gnutls_pubkey_import_rsa_raw(pub, &x, &y) == 0 &&
           gnutls_pubkey_get_pk_algorithm(pub, &bits) == GNUTLS_PK_RSA &&
           bits >= RSA_BITS_LEAST;
}

/* r and s side by side (RFC 7518) -> what GnuTLS wants. */
static bool ecdsa_signature(struct str raw, gnutls_datum_t *out)
{
    gnutls_datum_t r, s;

    if (raw.n != 64)
        return false;
    r = datum((struct str){raw.p, 32});
    s = datum((struct str){raw.p + 32, 32});
    return gnutls_encode_rs_value(out, &r, &s) == 0;
}

static bool verify_with(const json_t *key, bool rsa, struct str data,
                        struct str signature, struct arena *a)
{
    gnutls_datum_t d = datum(data), s = datum(signature), der = {0};
    gnutls_pubkey_t pub;
    bool right = false;

    if (gnutls_pubkey_init(&pub) != 0)
        return false;
    if (import_key(pub, key, rsa, a) &&
        (rsa || ecdsa_signature(signature, &der)))
        right = gnutls_pubkey_verify_data2(pub,
                                           rsa ? GNUTLS_SIGN_RSA_SHA256
                                               : GNUTLS_SIGN_ECDSA_SHA256,
                                           0, &d, rsa ? &s : &der) >= 0;
    gnutls_free(der.data);
    gnutls_pubkey_deinit(pub);
    return right;
}

/* The key is chosen by its name and kind; the token's header chooses no more
 * than one of two algorithms, and neither is a shared secret. */
static bool signed_right(const json_t *header, const json_t *keys,
                         struct str data, struct str signature, struct arena *a)
{
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const char *kid = json_string_value(json_object_get(header, "kid"));
    bool rsa = alg && strcmp(alg, "RS256") == 0;
    const json_t *list = json_object_get(keys, "keys"), *key;
    size_t i;

    if (!rsa && !(alg && strcmp(alg, "ES256") == 0))
        return false;
    json_array_foreach(list, i, key)
    {
        const char *name = json_string_value(json_object_get(key, "kid"));
        const char *kind = json_string_value(json_object_get(key, "kty"));
        const char *use = json_string_value(json_object_get(key, "use"));

        if (!kind || strcmp(kind, rsa ? "RSA" : "EC") != 0 ||
            (use && strcmp(use, "sig") != 0) ||
            (kid && name && strcmp(kid, name) != 0))
            continue;
        if (verify_with(key, rsa, data, signature, a))
            return true;
    }
    return false;
}

static bool is(const json_t *claims, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(claims, name));

    return text && value && strcmp(text, value) == 0;
}

static bool for_us(const json_t *claims, const char *client)
{
    const json_t *aud = json_object_get(claims, "aud"), *one;
    bool ours = false;
    size_t i;

    if (json_is_string(aud))
        return is(claims, "aud", client);
    json_array_foreach(aud, i, one)
    {
        const char *text = json_string_value(one);

        ours |= text && strcmp(text, client) == 0;
    }
    return ours && (json_array_size(aud) == 1 || is(claims, "azp", client));
}

static bool in_time(const json_t *claims, int64_t now)
{
    const json_t *exp = json_object_get(claims, "exp");
    const json_t *iat = json_object_get(claims, "iat");

    return json_is_integer(exp) && json_is_integer(iat) &&
           json_integer_value(exp) > now - SKEW_S &&
           json_integer_value(iat) < now + SKEW_S;
}

static bool asked_second_factor(const json_t *claims)
{
    static const char *const strong[] = {"mfa", "otp", "hwk"};
    const json_t *list = json_object_get(claims, "amr"), *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        const char *text = json_string_value(one);

        for (size_t k = 0; text && k < ARRAY_LEN(strong); k++)
            if (strcmp(text, strong[k]) == 0)
                return true;
    }
    return false;
}

static bool take_claims(const struct oidc_config *c, const char *nonce,
                        const json_t *claims, int64_t now, struct arena *a,
                        struct oidc_claims *out)
{
    const char *sub = json_string_value(json_object_get(claims, "sub"));
    const char *email = json_string_value(json_object_get(claims, "email"));
    const char *name = json_string_value(json_object_get(claims, "name"));

    if (!sub || !*sub || strlen(sub) > 255 || !is(claims, "iss", c->issuer) ||
        !for_us(claims, c->client) || !is(claims, "nonce", nonce) ||
        !in_time(claims, now))
        return false;
    *out = (struct oidc_claims){
        .subject = arena_strdup(a, sub),
        .email = email ? arena_strdup(a, email) : NULL,
        .name = name ? arena_strdup(a, name) : NULL,
        .email_verified =
            json_is_true(json_object_get(claims, "email_verified")),
        .second_factor = asked_second_factor(claims),
    };
    return true;
}

enum rc oidc_check(const struct oidc_config *c, const char *nonce,
                   const char *token, struct str keys, int64_t now,
                   struct arena *a, struct oidc_claims *out, struct err *err)
{
    size_t n = strnlen(token, TOKEN_MOST + 1);
    const char *one = memchr(token, '.', n);
    const char *two = one ? strchr(one + 1, '.') : NULL;
    struct str head, body, signature, data;
    json_t *header = NULL, *claims = NULL, *set = NULL;
    bool right = false;

    if (n > TOKEN_MOST || !two || strchr(two + 1, '.'))
        return not_right(err);
    data = (struct str){token, (size_t)(two - token)};
    if (decode((struct str){token, (size_t)(one - token)}, a, &head) &&
        decode((struct str){one + 1, (size_t)(two - one - 1)}, a, &body) &&
        decode(str_of(two + 1), a, &signature)) {
        header = json_loadb(head.p, head.n, JSON_REJECT_DUPLICATES, NULL);
        claims = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
        set = json_loadb(keys.p, keys.n, 0, NULL);
        right = !json_object_get(header, "crit") &&
                signed_right(header, set, data, signature, a) &&
                take_claims(c, nonce, claims, now, a, out);
    }
    json_decref(header);
    json_decref(claims);
    json_decref(set);
    return right ? RC_OK : not_right(err);
}
