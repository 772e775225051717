/* The second factor: its set-up with a code to photograph, and the codes for
 * the day the device is lost. */
#include "web/account_page.h"

static enum rc show(struct request *r, struct reply *reply, struct err *err)
{
    struct keyring k = request_keys(r);
    struct account own;
    char *secret, *url;
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = account_load(r->store, r->viewer.account, request_now(), r->arena,
                          &own, err);
    if (!rc)
        rc = account_totp_begin(r->store, &k, r->viewer.account, r->arena,
                                &secret, &url, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, lang_text(r->lang, N_("Second factor")));
    reply->template = "account-factor";
    reply->private = true;
    page_crumb(reply->doc, lang_text(r->lang, N_("My account")), "/account");
    node_set_bool(reply->doc, "required", r->factor_missing);
    node_set_bool(reply->doc, "renewed", own.totp);
    node_set_text(reply->doc, "secret", secret);
    node_set_text(reply->doc, "url", url);
    node_set(reply->doc, "qr", qr_node(r->arena, url));
    return RC_OK;
}

enum rc page_second_factor(struct request *r, struct reply *reply,
                           struct err *err)
{
    return show(r, reply, err);
}

static enum rc show_recovery(struct request *r, struct reply *reply,
                             char *const codes[RECOVERY_CODES])
{
    struct node *list = node_list(r->arena);

    reply->doc = page_begin(r, lang_text(r->lang, N_("Recovery codes")));
    reply->template = "account-recovery";
    reply->private = true;
    for (int i = 0; i < RECOVERY_CODES; i++)
        node_push(list, node_text(r->arena, codes[i]));
    node_set(reply->doc, "codes", list);
    return RC_OK;
}

/* A stolen session alone must not replace the factor: the one in force is
 * asked for its code as well. */
static enum rc replace_allowed(struct request *r, const struct account *own,
                               bool *allowed, struct err *err)
{
    struct keyring k = request_keys(r);
    const char *name = arena_printf(r->arena, "%lld", (long long)own->id);
    int64_t wait_s;
    enum rc rc;

    *allowed = !own->totp;
    if (!own->totp)
        return RC_OK;
    rc = attempt_wait(r->store, &k, "code", name, request_now(), &wait_s, err);
    if (rc || wait_s)
        return rc;
    rc = account_second_factor(r->store, &k, own->id,
                               request_form(r, "current").p, request_now(),
                               allowed, err);
    if (!rc && !*allowed)
        rc = attempt_failed(r->store, &k, "code", name, request_now(), err);
    return rc;
}

static enum rc again(struct request *r, struct reply *reply,
                     const char *message, struct err *err)
{
    enum rc rc = show(r, reply, err);

    if (!rc)
        page_fault_text(r, reply, message);
    return rc;
}

enum rc form_second_factor(struct request *r, struct reply *reply,
                           struct err *err)
{
    struct keyring k = request_keys(r);
    char *codes[RECOVERY_CODES];
    struct account own;
    struct letter_values v = {0};
    bool allowed;
    enum rc rc = own_session(r, err);

    if (!rc)
        rc = account_load(r->store, r->viewer.account, request_now(), r->arena,
                          &own, err);
    if (!rc)
        rc = replace_allowed(r, &own, &allowed, err);
    if (rc)
        return rc;
    if (!allowed)
        return again(r, reply,
                     lang_text(r->lang, N_("The code of the factor in force is "
                                           "not right.")),
                     err);
    rc = account_totp_confirm(
        r->store, &k, own.id,
        arena_str(r->arena, str_trim(request_form(r, "code"))), request_now(),
        r->arena, codes, err);
    if (rc == RC_INVALID || rc == RC_NOT_FOUND)
        return again(
            r, reply,
            lang_text(r->lang, N_("This code is not right. Check the clock of "
                                  "your device and try the next one.")),
            err);
    if (!rc) /* every session before was opened without this factor */
        rc = session_close_all(r->store, own.id, request_now(), err);
    if (rc)
        return rc;
    r->session = NULL;
    rc = session_begin(r, reply, own.id, true, err);
    v.name = own.name;
    if (!rc)
        rc = letter_put(r, LETTER_FACTOR, own.email, &v, err);
    return rc ? rc : show_recovery(r, reply, codes);
}
