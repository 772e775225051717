/*
 * oidc.h: signing in with a directory of one's own (OpenID Connect Core 1.0,
 * authorization code flow with PKCE, RFC 7636).
 *
 * One provider, named by the configuration. What it says of a person counts
 * only inside an ID token whose signature (RS256 or ES256, nothing else),
 * issuer, audience, nonce and times are right. The provider is asked over
 * https, or over http on this machine alone; redirects are not followed,
 * replies are bounded.
 */
#ifndef PASSERELLE_NETWORK_OIDC_H
#define PASSERELLE_NETWORK_OIDC_H

#include "network/account.h"

struct oidc_config {
    const char *issuer, *client, *secret;
    const char *redirect; /* "https://network.example.org/sign-in/..." */
};
struct oidc_provider {
    const char *authorization, *token, *keys; /* URLs */
};
/* What a browser brings back later, sealed in a cookie. */
struct oidc_visit {
    const char *state, *nonce, *verifier;
};
struct oidc_claims {
    const char *subject, *email, *name; /* email and name may be NULL */
    bool email_verified;
    bool second_factor; /* the provider asked for one (amr: mfa, otp, hwk) */
};

enum rc oidc_discover(const struct oidc_config *c, struct arena *a,
                      struct oidc_provider *out, struct err *err) MUST_USE;
/* Where to send the browser. */
char *oidc_begin(const struct oidc_config *c, const struct oidc_provider *p,
                 struct arena *a, struct oidc_visit *visit);
/* Changes the code for an ID token and checks it; RC_FORBIDDEN when not right.
 */
enum rc oidc_finish(const struct oidc_config *c, const struct oidc_provider *p,
                    const struct oidc_visit *visit, const char *code,
                    int64_t now, struct arena *a, struct oidc_claims *out,
                    struct err *err) MUST_USE;
/* The check alone: `keys` is a JWK set (RFC 7517). Pure. */
enum rc oidc_check(const struct oidc_config *c, const char *nonce,
                   const char *token, struct str keys, int64_t now,
                   struct arena *a, struct oidc_claims *out,
                   struct err *err) MUST_USE;

/*
 * The account of this person: known by the subject, or, the first time, by a
 * verified address that an account already has; it is then bound to the
 * subject. RC_NOT_FOUND: nobody invited them.
 */
enum rc oidc_account(struct store *s, const struct oidc_config *c,
                     const struct oidc_claims *claims, int64_t now,
                     int64_t *account, struct err *err) MUST_USE;

/* Inner to network: a bounded GET, or a POST when `form` is given. */
enum rc oidc_fetch(const char *url, const char *form, const char *user,
                   const char *password, struct arena *a, struct str *out,
                   struct err *err) MUST_USE;

#endif
