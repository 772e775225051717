#include "web/account_page.h"
#include "record/keep.h"
#include "record/types.h"

#include <stdio.h>
#include <time.h>

struct keyring request_keys(const struct request *r)
{
    struct keyring k;

    memcpy(k.key, r->server->key, sizeof k.key);
    return k;
}

int64_t request_now(void)
{
    return time(NULL);
}

void node_set_time(const struct request *r, struct node *n, const char *key,
                   int64_t at)
{
    AUTO(buf) struct buf text = {.ceiling = 256};
    struct node *both = node_set(n, key, node_object(n->arena));
    time_t t = (time_t)at;
    char day[32], minute[16], iso[40];
    struct tm tm;

    gmtime_r(&t, &tm);
    strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", &tm);
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
    strftime(minute, sizeof minute, "%H:%M", &tm);
    lang_period(r->lang, day, &text);
    buf_fmt(&text, ", %s UTC", minute);
    node_set_text(both, "iso", iso);
    node_set_text(both, "text", buf_cstr(&text));
}

void page_fault_text(const struct request *r, struct reply *reply,
                     const char *message)
{
    node_set_text(reply->doc, "fault", message);
    reply->status = 422;
    reply->private = true;
}

void page_fault(const struct request *r, struct reply *reply,
                const struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 14};

    if (err->message)
        err_render(err, lang_text(r->lang, err->message), &text);
    else
        buf_adds(&text, lang_text(r->lang, rc_sentence(RC_INVALID)));
    page_fault_text(r, reply, buf_cstr(&text));
}

enum rc own_session(const struct request *r, struct err *err)
{
    if (r->session && !r->viewer.token)
        return RC_OK;
    return err_set(err, RC_FORBIDDEN,
                   N_("this is done by a person who is signed in, not by a "
                      "token of the API"));
}

const char *wanted_path(const struct request *r)
{
    struct str to = request_form(r, "to");

    if (!to.n)
        to = request_query(r, "to");
    return to.n ? to.p : "/desk";
}

enum rc session_begin(struct request *r, struct reply *reply, int64_t account,
                      bool second_factor, struct err *err)
{
    struct keyring k = request_keys(r);
    char token[TOKEN_TEXT];
    struct str agent = request_header(r, "User-Agent");
    enum rc rc = RC_OK;

    if (r->session)
        rc = session_close(r->store, r->session, r->viewer.account,
                           request_now(), err);
    if (!rc)
        rc = session_open(
            r->store, &k, account, second_factor, r->address ? r->address : "",
            arena_strndup(r->arena, agent.p, MIN(agent.n, (size_t)200)),
            request_now(), token, err);
    if (!rc)
        rc = account_language(r->store, account, lang_code(r->lang), err);
    if (!rc)
        reply_cookie(r, reply, "session", token, SESSION_DAYS * 24 * 3600);
    return rc;
}

enum rc sign_in_next(struct request *r, struct reply *reply, int64_t account,
                     bool strong, struct err *err)
{
    struct keyring k = request_keys(r);
    AUTO(buf) struct buf note = {.ceiling = 1 << 16};
    struct account own;
    enum rc rc =
        account_load(r->store, account, request_now(), r->arena, &own, err);

    if (rc)
        return rc;
    if (!own.totp || strong) {
        rc = session_begin(r, reply, account, strong, err);
        if (!rc)
            reply_redirect(r, reply, wanted_path(r));
        return rc;
    }
    buf_fmt(&note, "%lld\n%s", (long long)account, wanted_path(r));
    reply_cookie(r, reply, "sign-in",
                 note_seal(&k, "code", buf_str(&note),
                           request_now() + PENDING_S, r->arena),
                 PENDING_S);
    reply_redirect(r, reply, "/sign-in/code");
    return RC_OK;
}

const char *record_name(const struct request *r, const struct record_type *t,
                        int64_t id)
{
    void *record = arena_alloc(r->arena, t->size);
    const struct field *f = record_field(t, "name");
    const char *name = NULL;
    struct err err;
    int lang = 0;

    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(r->lang)) == 0)
            lang = i;
    if (record_load(r->store, t, id, r->arena, record, &err) == RC_OK)
        name = words_best(field_of(record, f), lang, NULL);
    return name ? name : "";
}

static struct node *grant_node(const struct request *r, const struct grant *g)
{
    struct node *n = node_object(r->arena);

    node_set_text(n, "role", role_name(g->role));
    node_set_text(n, "label", lang_text(r->lang, role_label(g->role)));
    if (g->city) {
        node_set_int(n, "city", g->city);
        node_set_text(n, "place", record_name(r, &type_city, g->city));
    }
    if (g->organisation) {
        node_set_int(n, "organisation", g->organisation);
        node_set_text(n, "place",
                      record_name(r, &type_organisation, g->organisation));
    }
    return n;
}

struct node *grants_list(const struct request *r, const struct viewer *v)
{
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < v->n_grants; i++)
        node_set_bool(node_push(list, grant_node(r, &v->grants[i])),
                      "delegated", i >= v->n_grants - v->n_delegated);
    for (size_t i = 0; i < v->n_ended; i++)
        node_set_bool(node_push(list, grant_node(r, &v->ended[i])), "ended",
                      true);
    return list;
}
