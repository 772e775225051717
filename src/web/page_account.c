/* One's own account: sessions, tokens, password, data, erasure. */
#include "web/account_page.h"

enum { TOKEN_DAYS_MOST = 366, TOKEN_NAME_MOST = 100 };

struct listing {
    struct request *r;
    struct node *list;
};

static bool add_session(void *ctx, const struct session *s)
{
    struct listing *l = ctx;
    struct node *n = node_object(l->r->arena);

    /* its hash is no secret that opens anything: it names the row to close */
    node_set_text(n, "id", s->hash);
    node_set_text(n, "address", s->address);
    node_set_text(n, "agent", s->agent);
    node_set_time(l->r, n, "opened", s->opened);
    node_set_time(l->r, n, "seen", s->seen);
    node_set_bool(n, "this",
                  l->r->session && strcmp(s->hash, l->r->session) == 0);
    node_push(l->list, n);
    return true;
}

static bool add_token(void *ctx, const struct token *t)
{
    struct listing *l = ctx;
    struct node *n = node_object(l->r->arena);

    node_set_int(n, "id", t->id);
    node_set_text(n, "name", t->name);
    node_set_bool(n, "writes", t->writes);
    node_set_time(l->r, n, "created", t->created);
    node_set_time(l->r, n, "expires", t->expires);
    node_push(l->list, n);
    return true;
}

static enum rc show(struct request *r, struct reply *reply, struct err *err)
{
    struct listing sessions = {r, node_list(r->arena)};
    struct listing tokens = {r, node_list(r->arena)};
    struct account own;
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = account_load(r->store, r->viewer.account, request_now(), r->arena,
                          &own, err);
    if (!rc)
        rc = session_each(r->store, own.id, add_session, &sessions, err);
    if (!rc)
        rc = token_each(r->store, own.id, add_token, &tokens, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, lang_text(r->lang, N_("My account")));
    reply->template = "account";
    reply->private = true;
    node_set_text(reply->doc, "name", own.name);
    node_set_text(reply->doc, "email", own.email);
    node_set_int(reply->doc, "person", own.person);
    node_set_bool(reply->doc, "second_factor", own.totp);
    node_set_bool(reply->doc, "password", own.password);
    node_set(reply->doc, "grants", grants_list(r, &r->viewer));
    node_set(reply->doc, "sessions", sessions.list);
    node_set(reply->doc, "tokens", tokens.list);
    return RC_OK;
}

enum rc page_account(struct request *r, struct reply *reply, struct err *err)
{
    return show(r, reply, err);
}

static enum rc show_fault(struct request *r, struct reply *reply,
                          const char *message, struct err *err)
{
    enum rc rc = show(r, reply, err);

    if (!rc)
        page_fault_text(r, reply, message);
    return rc;
}

/* Asked again before what cannot be taken back; counted like a sign-in. */
static enum rc password_again(struct request *r, const struct account *own,
                              bool *right, struct err *err)
{
    struct keyring k = request_keys(r);
    enum sign_in result;
    int64_t account, wait_s;
    enum rc rc;

    *right = !own->password; /* who signs in elsewhere has none to give */
    if (*right)
        return RC_OK;
    rc = account_sign_in(r->store, &k, own->email, request_form(r, "current").p,
                         r->address ? r->address : "", request_now(), &result,
                         &account, &wait_s, err);
    *right = result == SIGN_IN_DONE || result == SIGN_IN_SECOND_FACTOR;
    return rc;
}

static enum rc load_own(struct request *r, struct account *own, bool *right,
                        struct err *err)
{
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = account_load(r->store, r->viewer.account, request_now(), r->arena,
                          own, err);
    if (!rc)
        rc = password_again(r, own, right, err);
    return rc;
}

enum rc form_password(struct request *r, struct reply *reply, struct err *err)
{
    struct str password = request_form(r, "password");
    struct account own;
    struct letter_values v = {0};
    bool right;
    enum rc rc = load_own(r, &own, &right, err);

    if (rc)
        return rc;
    if (!right)
        return show_fault(
            r, reply,
            lang_text(r->lang, N_("The password in force is not right.")), err);
    if (!str_eq(password, request_form(r, "again")))
        return show_fault(
            r, reply, lang_text(r->lang, N_("The two passwords differ.")), err);
    rc = account_password(r->store, own.id, password.p, request_now(), err);
    if (rc == RC_INVALID) {
        struct err again;

        rc = show(r, reply, &again);
        if (!rc)
            page_fault(r, reply, err);
        return rc;
    }
    if (rc)
        return rc;
    r->session = NULL; /* it ended with the password */
    rc = session_begin(r, reply, own.id, r->viewer.second_factor, err);
    v.name = own.name;
    if (!rc)
        rc = letter_put(r, LETTER_PASSWORD, own.email, &v, err);
    page_done(r, reply, "/account", "saved");
    return rc;
}

enum rc form_session_close(struct request *r, struct reply *reply,
                           struct err *err)
{
    struct str id = request_form(r, "session");
    enum rc rc = own_session(r, err);

    if (rc)
        return rc;
    if (str_is(id, "all")) {
        rc = session_close_all(r->store, r->viewer.account, request_now(), err);
        if (rc)
            return rc;
        reply_cookie(r, reply, "session", "", 0);
        reply_redirect(r, reply, "/sign-in");
        return RC_OK;
    }
    rc = session_close(r->store, id.p, r->viewer.account, request_now(), err);
    page_done(r, reply, "/account", "closed");
    return rc;
}

enum rc form_token_create(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct keyring k = request_keys(r);
    struct str name = str_trim(request_form(r, "name"));
    char token[TOKEN_TEXT];
    int64_t days, now = request_now();
    enum rc rc = own_session(r, err);

    if (rc)
        return rc;
    if (!str_i64(request_form(r, "days"), &days) || days < 1 ||
        days > TOKEN_DAYS_MOST || !name.n || name.n > TOKEN_NAME_MOST)
        return show_fault(
            r, reply,
            lang_text(r->lang, N_("A token needs a name and ends after 1 to "
                                  "366 days.")),
            err);
    rc = token_create(
        r->store, &k, r->viewer.account, arena_str(r->arena, name),
        request_form(r, "writes").n > 0, now + days * 86400, now, token, err);
    if (!rc)
        rc = show(r, reply, err);
    if (!rc) /* shown once: only its hash is kept */
        node_set_text(reply->doc, "new_token", token);
    return rc;
}

enum rc form_token_revoke(struct request *r, struct reply *reply,
                          struct err *err)
{
    int64_t id = 0;
    enum rc rc = own_session(r, err);

    if (rc)
        return rc;
    if (!str_i64(request_form(r, "token"), &id))
        return err_set(err, RC_NOT_FOUND, N_("there is no such token"));
    rc = token_revoke(r->store, r->viewer.account, id, request_now(), err);
    page_done(r, reply, "/account", "deleted");
    return rc;
}

enum rc page_own_data(struct request *r, struct reply *reply, struct err *err)
{
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = account_export(r->store, r->viewer.account, r->arena, &reply->doc,
                            err);
    reply->private = true; /* no template: JSON, whatever was asked */
    pairs_add(&reply->headers, r->arena, "Content-Disposition",
              STR("attachment; filename=\"my-data.json\""));
    return rc;
}

static void show_erase(struct request *r, struct reply *reply)
{
    reply->doc = page_begin(r, lang_text(r->lang, N_("Erase my account")));
    reply->template = "account-erase";
    reply->private = true;
    page_crumb(reply->doc, lang_text(r->lang, N_("My account")), "/account");
}

enum rc page_erase(struct request *r, struct reply *reply, struct err *err)
{
    show_erase(r, reply);
    return own_session(r, err);
}

enum rc form_erase(struct request *r, struct reply *reply, struct err *err)
{
    struct account own;
    bool right;
    enum rc rc = load_own(r, &own, &right, err);

    if (rc)
        return rc;
    if (!right) {
        show_erase(r, reply);
        page_fault_text(
            r, reply,
            lang_text(r->lang, N_("The password in force is not right.")));
        return RC_OK;
    }
    rc = account_erase(r->store, own.id, own.id, request_now(), r->arena, err);
    if (rc)
        return rc;
    server_changed(r, "person");
    reply_cookie(r, reply, "session", "", 0);
    page_done(r, reply, "/", "deleted");
    return RC_OK;
}
