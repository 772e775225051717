/* Signing in and out: password, code, forgotten password, invitation, link. */
#include "network/setting.h"
#include "web/account_page.h"

static void begin(const struct request *r, struct reply *reply,
                  const char *title, const char *template)
{
    reply->doc = page_begin(r, title);
    reply->template = template;
    reply->private = true;
}

static void show_sign_in(struct request *r, struct reply *reply)
{
    const char *contact, *directory;
    struct err err;

    begin(r, reply, lang_text(r->lang, N_("Sign in")), "account-sign-in");
    node_set_text(reply->doc, "to", wanted_path(r));
    node_set_text(reply->doc, "email", request_form(r, "email").p);
    if (setting_get(r->store, SETTING_CONTACT, r->arena, &contact, &err))
        contact = "";
    if (setting_get(r->store, SETTING_DIRECTORY, r->arena, &directory, &err) ||
        !*directory)
        directory = lang_text(r->lang, N_("Sign in with your organisation"));
    if (*contact)
        node_set_text(reply->doc, "contact", contact);
    if (r->server->config->oidc_issuer)
        node_set_text(reply->doc, "directory", directory);
}

enum rc page_sign_in(struct request *r, struct reply *reply, struct err *err)
{
    if (r->viewer.account && !r->factor_missing) {
        reply_redirect(r, reply, wanted_path(r));
        return RC_OK;
    }
    show_sign_in(r, reply);
    return RC_OK;
}

static void say_wait(struct request *r, struct reply *reply, int64_t wait_s)
{
    page_fault_text(
        r, reply,
        page_fill(r,
                  lang_text(r->lang, N_("Too many attempts. Try again in {n} "
                                        "seconds.")),
                  "n", arena_printf(r->arena, "%lld", (long long)wait_s)));
    reply->status = 429;
    pairs_add(&reply->headers, r->arena, "Retry-After",
              str_of(arena_printf(r->arena, "%lld", (long long)wait_s)));
}

enum rc form_sign_in(struct request *r, struct reply *reply, struct err *err)
{
    struct keyring k = request_keys(r);
    enum sign_in result;
    int64_t account = 0, wait_s = 0;
    enum rc rc = account_sign_in(
        r->store, &k, arena_str(r->arena, str_trim(request_form(r, "email"))),
        request_form(r, "password").p, r->address ? r->address : "",
        request_now(), &result, &account, &wait_s, err);

    if (rc)
        return rc;
    if (result == SIGN_IN_DONE || result == SIGN_IN_SECOND_FACTOR)
        return sign_in_next(r, reply, account, false, err);
    show_sign_in(r, reply);
    if (result == SIGN_IN_WAIT)
        say_wait(r, reply, wait_s);
    else
        page_fault_text(r, reply,
                        lang_text(r->lang, N_("The address or the password is "
                                              "not right.")));
    return RC_OK;
}

/* ---- the code ---- */

static bool pending(struct request *r, int64_t *account, const char **to)
{
    struct keyring k = request_keys(r);
    struct str note =
        pairs_get(&r->cookies, r->secure ? "__Host-sign-in" : "sign-in");
    struct str text;
    const char *end;

    if (!note_open(&k, "code", note, request_now(), r->arena, &text))
        return false;
    end = memchr(text.p, '\n', text.n);
    if (!end || !str_i64((struct str){text.p, (size_t)(end - text.p)}, account))
        return false;
    *to = arena_strndup(r->arena, end + 1, text.n - (size_t)(end + 1 - text.p));
    return true;
}

enum rc page_sign_in_code(struct request *r, struct reply *reply,
                          struct err *err)
{
    int64_t account;
    const char *to;

    if (!pending(r, &account, &to)) {
        reply_redirect(r, reply, "/sign-in");
        return RC_OK;
    }
    begin(r, reply, lang_text(r->lang, N_("Second step")), "account-code");
    return RC_OK;
}

/* Blanks in a code that was copied are nobody's mistake. */
static const char *code_of(const struct request *r)
{
    struct str s = request_form(r, "code");
    char *out = arena_alloc(r->arena, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            out[n++] = s.p[i];
    return out;
}

enum rc form_sign_in_code(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct keyring k = request_keys(r);
    int64_t account, wait_s;
    const char *to, *name;
    bool right = false;
    enum rc rc;

    if (!pending(r, &account, &to)) {
        reply_redirect(r, reply, "/sign-in");
        return RC_OK;
    }
    name = arena_printf(r->arena, "%lld", (long long)account);
    rc = attempt_wait(r->store, &k, "code", name, request_now(), &wait_s, err);
    if (!rc && !wait_s)
        rc = account_second_factor(r->store, &k, account, code_of(r),
                                   request_now(), &right, err);
    if (!rc && !wait_s)
        rc = right ? attempt_forget(r->store, &k, "code", name, err)
                   : attempt_failed(r->store, &k, "code", name, request_now(),
                                    err);
    if (rc)
        return rc;
    if (right) {
        rc = session_begin(r, reply, account, true, err);
        reply_cookie(r, reply, "sign-in", "", 0);
        reply_redirect(r, reply, to);
        return rc;
    }
    begin(r, reply, lang_text(r->lang, N_("Second step")), "account-code");
    if (wait_s)
        say_wait(r, reply, wait_s);
    else
        page_fault_text(
            r, reply,
            lang_text(r->lang, N_("This code is not right. Check the clock of "
                                  "your device and try the next one.")));
    return RC_OK;
}

/* ---- a forgotten password ---- */

enum rc page_forgotten(struct request *r, struct reply *reply, struct err *err)
{
    begin(r, reply, lang_text(r->lang, N_("Forgotten password")),
          "account-forgotten");
    node_set_bool(reply->doc, "sent", false);
    return RC_OK;
}

/* The same answer for every address; each address waits after a few. */
enum rc form_forgotten(struct request *r, struct reply *reply, struct err *err)
{
    struct keyring k = request_keys(r);
    const char *email = arena_str(r->arena, str_trim(request_form(r, "email")));
    const char *from = r->address ? r->address : "";
    int64_t wait_email, wait_from, now = request_now();
    enum rc rc =
        attempt_wait(r->store, &k, "forgotten", email, now, &wait_email, err);

    if (!rc)
        rc = attempt_wait(r->store, &k, "forgotten-from", from, now, &wait_from,
                          err);
    if (!rc && !wait_email && !wait_from)
        rc = post_put_forgotten(r->store, &k, email, lang_code(r->lang), now,
                                err);
    if (!rc)
        rc = attempt_failed(r->store, &k, "forgotten", email, now, err);
    if (!rc)
        rc = attempt_failed(r->store, &k, "forgotten-from", from, now, err);
    if (rc)
        return rc;
    server_post_wake(r->server);
    begin(r, reply, lang_text(r->lang, N_("Forgotten password")),
          "account-forgotten");
    node_set_bool(reply->doc, "sent", true);
    return RC_OK;
}

/* ---- invitation and one-time link ---- */

static void show_invitation(struct request *r, struct reply *reply)
{
    begin(r, reply, lang_text(r->lang, N_("Choose a password")),
          "account-invitation");
    node_set_text(reply->doc, "token", request_param(r, "token").p);
}

enum rc page_invitation(struct request *r, struct reply *reply, struct err *err)
{
    show_invitation(r, reply);
    return RC_OK;
}

enum rc form_invitation(struct request *r, struct reply *reply, struct err *err)
{
    struct keyring k = request_keys(r);
    struct str password = request_form(r, "password");
    int64_t account;
    enum rc rc;

    if (!str_eq(password, request_form(r, "again"))) {
        show_invitation(r, reply);
        page_fault_text(r, reply,
                        lang_text(r->lang, N_("The two passwords differ.")));
        return RC_OK;
    }
    rc = account_accept(r->store, &k, request_param(r, "token").p, password.p,
                        request_now(), &account, err);
    if (rc == RC_INVALID || rc == RC_NOT_FOUND || rc == RC_CONFLICT) {
        show_invitation(r, reply);
        page_fault(r, reply, err);
        return RC_OK;
    }
    if (!rc) /* sessions under the password before end */
        rc = session_close_all(r->store, account, request_now(), err);
    r->session = NULL;
    return rc ? rc : sign_in_next(r, reply, account, false, err);
}

enum rc page_sign_in_link(struct request *r, struct reply *reply,
                          struct err *err)
{
    begin(r, reply, lang_text(r->lang, N_("Sign in with this link")),
          "account-link");
    node_set_text(reply->doc, "token", request_param(r, "token").p);
    return RC_OK;
}

/* In a demonstration a link stands for the second factor as well. */
static enum rc link_suffices(struct request *r, bool *suffices, struct err *err)
{
    char *value;
    enum rc rc = store_text(r->store,
                            "SELECT value FROM setting"
                            " WHERE name = 'link_is_second_factor'",
                            NO_PARAMS, r->arena, &value, err);

    *suffices = !rc && strcmp(value, "yes") == 0;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc form_sign_in_link(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct keyring k = request_keys(r);
    int64_t account;
    bool strong;
    enum rc rc = link_suffices(r, &strong, err);

    if (!rc)
        rc = account_accept(r->store, &k, request_param(r, "token").p, NULL,
                            request_now(), &account, err);
    if (rc == RC_NOT_FOUND || rc == RC_CONFLICT) {
        begin(r, reply, lang_text(r->lang, N_("Sign in with this link")),
              "account-link");
        page_fault(r, reply, err);
        return RC_OK;
    }
    return rc ? rc : sign_in_next(r, reply, account, strong, err);
}

enum rc form_sign_out(struct request *r, struct reply *reply, struct err *err)
{
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = session_close(r->store, r->session, r->viewer.account,
                           request_now(), err);
    if (rc)
        return rc;
    reply_cookie(r, reply, "session", "", 0);
    pairs_add(&reply->headers, r->arena, "Clear-Site-Data", STR("\"cache\""));
    reply_redirect(r, reply, "/");
    return RC_OK;
}
