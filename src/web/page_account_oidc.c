/* Signing in with the directory of one's organisation. */
#include "base/file.h"
#include "network/oidc.h"
#include "web/account_page.h"

#include <sodium.h>

enum { VISIT_S = 600, SECRET_MOST = 4096 };

static enum rc read_config(struct request *r, struct oidc_config *c,
                           struct err *err)
{
    const struct config *config = r->server->config;
    struct str secret;
    enum rc rc;

    if (!config->oidc_issuer || !r->server->base)
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    rc = file_read(r->arena, config->oidc_secret_file, SECRET_MOST, &secret,
                   err);
    if (rc)
        return err_set(err, RC_FAILED,
                       N_("the secret of the directory cannot be read"));
    *c = (struct oidc_config){
        .issuer = config->oidc_issuer,
        .client = config->oidc_client,
        .secret = arena_str(r->arena, str_trim(secret)),
        .redirect = arena_printf(r->arena, "%s/sign-in/directory/return",
                                 r->server->base),
    };
    return RC_OK;
}

/* A directory that is away is no fault of the database's connection. */
static enum rc own_fault(enum rc rc, struct err *err)
{
    return rc == RC_UNAVAILABLE
               ? err_set(err, RC_FAILED,
                         N_("your directory does not answer as it should"))
               : rc;
}

enum rc page_directory(struct request *r, struct reply *reply, struct err *err)
{
    struct keyring k = request_keys(r);
    struct oidc_config c;
    struct oidc_provider p;
    struct oidc_visit v;
    const char *note;
    enum rc rc = read_config(r, &c, err);

    if (!rc)
        rc = own_fault(oidc_discover(&c, r->arena, &p, err), err);
    if (rc)
        return rc;
    reply->location = oidc_begin(&c, &p, r->arena, &v);
    reply->status = 303;
    note = arena_printf(r->arena, "%s\n%s\n%s", v.state, v.nonce, v.verifier);
    reply_cookie(r, reply, "directory",
                 note_seal(&k, "directory", str_of(note),
                           request_now() + VISIT_S, r->arena),
                 VISIT_S);
    return RC_OK;
}

static bool read_visit(struct request *r, struct oidc_visit *v)
{
    struct keyring k = request_keys(r);
    struct str note =
        pairs_get(&r->cookies, r->secure ? "__Host-directory" : "directory");
    struct str text;
    const char *one, *two;

    if (!note_open(&k, "directory", note, request_now(), r->arena, &text))
        return false;
    one = memchr(text.p, '\n', text.n);
    two =
        one ? memchr(one + 1, '\n', text.n - (size_t)(one + 1 - text.p)) : NULL;
    if (!two)
        return false;
    v->state = arena_strndup(r->arena, text.p, (size_t)(one - text.p));
    v->nonce = arena_strndup(r->arena, one + 1, (size_t)(two - one - 1));
    v->verifier =
        arena_strndup(r->arena, two + 1, text.n - (size_t)(two + 1 - text.p));
    return true;
}

static bool same(struct str given, const char *ours)
{
    return given.n == strlen(ours) &&
           sodium_memcmp(given.p, ours, given.n) == 0;
}

enum rc page_directory_return(struct request *r, struct reply *reply,
                              struct err *err)
{
    struct oidc_config c;
    struct oidc_provider p;
    struct oidc_visit v;
    struct oidc_claims claims;
    int64_t account;
    enum rc rc = read_config(r, &c, err);

    if (rc)
        return rc;
    if (!read_visit(r, &v) || !same(request_query(r, "state"), v.state))
        return err_set(err, RC_FORBIDDEN,
                       N_("this sign-in was not begun here, or too long ago"));
    reply_cookie(r, reply, "directory", "", 0);
    if (!request_query(r, "code").n) {
        reply_redirect(r, reply, "/sign-in");
        return RC_OK;
    }
    rc = own_fault(oidc_discover(&c, r->arena, &p, err), err);
    if (!rc)
        rc = own_fault(oidc_finish(&c, &p, &v, request_query(r, "code").p,
                                   request_now(), r->arena, &claims, err),
                       err);
    if (!rc)
        rc = oidc_account(r->store, &c, &claims, request_now(), &account, err);
    if (rc == RC_NOT_FOUND)
        rc = RC_FORBIDDEN; /* the page is there; the account is not */
    return rc ? rc : sign_in_next(r, reply, account, claims.second_factor, err);
}
