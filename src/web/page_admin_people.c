/* Administration: accounts, invitations, roles. */
#include "record/keep.h"
#include "record/types.h"
#include "web/account_page.h"

enum { PER_PAGE = 100, CHOICES_MOST = 500 };

struct listing {
    struct request *r;
    struct node *list;
    int64_t last;
};

static void crumbs(struct request *r, struct node *doc)
{
    page_crumb(doc, lang_text(r->lang, N_("Administration")),
               "/administration");
}

static struct node *account_node(struct request *r, const struct account *a)
{
    struct node *n = node_object(r->arena);

    node_set_int(n, "id", a->id);
    node_set_int(n, "person", a->person);
    node_set_text(n, "name", a->name);
    node_set_text(n, "email", a->email);
    node_set_time(r, n, "created", a->created);
    node_set_bool(n, "password", a->password);
    node_set_bool(n, "second_factor", a->totp);
    node_set_bool(n, "directory", a->oidc);
    node_set_bool(n, "invited", a->invited);
    node_set_bool(n, "closed", a->closed);
    return n;
}

static bool add_account(void *ctx, const struct account *a)
{
    struct listing *l = ctx;

    node_push(l->list, account_node(l->r, a));
    l->last = a->id;
    return true;
}

static enum rc show_accounts(struct request *r, struct reply *reply,
                             struct err *err)
{
    struct listing l = {r, node_list(r->arena), 0};
    int64_t after = 0;
    enum rc rc;

    if (request_query(r, "after").n &&
        !str_i64(request_query(r, "after"), &after))
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    rc = account_each(r->store, after, PER_PAGE, request_now(), add_account, &l,
                      err);
    reply->doc = page_begin(r, lang_text(r->lang, N_("People and accounts")));
    reply->template = "admin-accounts";
    reply->private = true;
    crumbs(r, reply->doc);
    node_set(reply->doc, "accounts", l.list);
    if (node_len(l.list) == PER_PAGE)
        node_set_text(reply->doc, "next",
                      arena_printf(r->arena,
                                   "/administration/accounts?after=%lld",
                                   (long long)l.last));
    node_set_text(reply->doc, "given_name", request_form(r, "name").p);
    node_set_text(reply->doc, "given_email", request_form(r, "email").p);
    return rc;
}

enum rc page_admin_accounts(struct request *r, struct reply *reply,
                            struct err *err)
{
    return show_accounts(r, reply, err);
}

/* The person of this address, made when there is none. */
static enum rc person_of(struct request *r, const char *name, const char *email,
                         int64_t *person, struct err *err)
{
    struct person p;
    struct deed d = {
        .by = r->viewer.account, .at = request_now(), .action = "create"};
    struct complaints c = {.arena = r->arena};
    enum rc rc =
        store_int(r->store, "SELECT id FROM person WHERE email = :email",
                  PARAMS(P_TEXT("email", email)), person, err);

    if (rc != RC_NOT_FOUND)
        return rc;
    record_clear(&type_person, &p);
    p.name.in[0] = name;
    p.name.state[0] = WORDS_ORIGINAL;
    p.email = email;
    record_validate(&type_person, &p, &c);
    if (c.n)
        return err_set(err, RC_INVALID,
                       N_("a person needs a name and an e-mail address"));
    rc = record_save(r->store, &type_person, &p, &d, r->arena, NULL, err);
    *person = p.head.id;
    return rc;
}

static enum rc invite(struct request *r, const char *name, const char *email,
                      int64_t *account, struct err *err)
{
    struct keyring k = request_keys(r);
    struct letter_values v = {.name = name};
    char token[TOKEN_TEXT];
    int64_t person;
    enum rc rc = store_begin(r->store, true, err);

    if (rc)
        return rc;
    rc = person_of(r, name, email, &person, err);
    if (!rc)
        rc = account_invite(r->store, &k, email, person, r->viewer.account,
                            request_now(), token, err);
    if (!rc)
        rc = account_of_email(r->store, email, account, err);
    v.path = arena_printf(r->arena, "/invitation/%s", token);
    if (!rc)
        rc = post_put(r->store, &k, LETTER_INVITATION, email,
                      lang_code(r->lang), &v, request_now(), err);
    if (!rc)
        rc = store_commit(r->store, err);
    else
        store_rollback(r->store);
    if (!rc)
        server_post_wake(r->server);
    return rc;
}

static const char *account_path(struct request *r, int64_t id)
{
    return arena_printf(r->arena, "/administration/accounts/%lld",
                        (long long)id);
}

enum rc form_admin_invite(struct request *r, struct reply *reply,
                          struct err *err)
{
    const char *name = arena_str(r->arena, str_trim(request_form(r, "name")));
    const char *email = arena_str(r->arena, str_trim(request_form(r, "email")));
    struct err again;
    int64_t account;
    enum rc rc = *name && post_address_valid(email)
                     ? invite(r, name, email, &account, err)
                     : err_set(err, RC_INVALID,
                               N_("a person needs a name and an e-mail "
                                  "address"));

    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        rc = show_accounts(r, reply, &again);
        if (!rc)
            page_fault(r, reply, err);
        return rc;
    }
    if (rc)
        return rc;
    server_changed(r, "person");
    page_done(r, reply, account_path(r, account), "sent");
    return RC_OK;
}

/* ---- one account ---- */

static bool add_choice(void *ctx, const void *record)
{
    struct listing *l = ctx;
    const struct city *c = record; /* name stands at the same place in both */
    struct node *n = node_object(l->r->arena);

    node_set_int(n, "id", c->head.id);
    node_set_text(n, "name", words_best(&c->name, 0, NULL));
    node_push(l->list, n);
    return node_len(l->list) < CHOICES_MOST;
}
_Static_assert(offsetof(struct city, name) ==
                   offsetof(struct organisation, name),
               "add_choice reads the name of both");

static enum rc write_choices(struct request *r, struct node *doc,
                             struct err *err)
{
    struct listing cities = {r, node_list(r->arena), 0};
    struct listing organisations = {r, node_list(r->arena), 0};
    struct node *roles = node_list(r->arena);
    enum rc rc = record_each(r->store, &type_city, "", NO_PARAMS, add_choice,
                             &cities, err);

    if (!rc)
        rc = record_each(r->store, &type_organisation, "", NO_PARAMS,
                         add_choice, &organisations, err);
    for (int i = 0; i < ROLES; i++) {
        struct node *n = node_object(r->arena);

        node_set_text(n, "code", role_name((enum role)i));
        node_set_text(n, "label", lang_text(r->lang, role_label((enum role)i)));
        node_push(roles, n);
    }
    node_set(doc, "cities", cities.list);
    node_set(doc, "organisations", organisations.list);
    node_set(doc, "roles", roles);
    return rc;
}

static enum rc show_account(struct request *r, struct reply *reply, int64_t id,
                            struct err *err)
{
    struct account a;
    struct viewer v = {0};
    enum rc rc = account_load(r->store, id, request_now(), r->arena, &a, err);

    if (!rc && !a.closed)
        rc = viewer_load(r->store, id, request_now(), r->arena, &v, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, a.name);
    reply->template = "admin-account";
    reply->private = true;
    crumbs(r, reply->doc);
    page_crumb(reply->doc, lang_text(r->lang, N_("People and accounts")),
               "/administration/accounts");
    node_set(reply->doc, "account", account_node(r, &a));
    node_set_bool(reply->doc, "own", id == r->viewer.account);
    node_set(reply->doc, "grants", grants_list(r, &v));
    return write_choices(r, reply->doc, err);
}

enum rc page_admin_account(struct request *r, struct reply *reply,
                           struct err *err)
{
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    return rc ? rc : show_account(r, reply, id, err);
}

/* A role of a city names a city of ours, one of an organisation likewise. */
static enum rc read_grant(struct request *r, struct grant *g, struct err *err)
{
    struct str city = request_form(r, "city");
    struct str organisation = request_form(r, "organisation");
    int64_t there = 1;
    enum rc rc = RC_OK;

    *g = (struct grant){0};
    if (!role_parse(request_form(r, "role").p, &g->role) ||
        (city.n && !str_i64(city, &g->city)) ||
        (organisation.n && !str_i64(organisation, &g->organisation)))
        return err_set(err, RC_INVALID, N_("choose a role and what it is for"));
    switch (g->role) {
    case ROLE_READER:
    case ROLE_SECRETARIAT:
        g->city = g->organisation = 0;
        return RC_OK;
    case ROLE_ORG_EDITOR:
        g->city = 0;
        rc = store_int(r->store,
                       "SELECT count(*) FROM organisation WHERE id = :id",
                       PARAMS(P_INT("id", g->organisation)), &there, err);
        break;
    default:
        g->organisation = 0;
        rc = store_int(r->store, "SELECT count(*) FROM city WHERE id = :id",
                       PARAMS(P_INT("id", g->city)), &there, err);
    }
    if (!rc && !there)
        return err_set(err, RC_INVALID, N_("choose a role and what it is for"));
    return rc;
}

static enum rc change_grant(struct request *r, struct reply *reply, bool give,
                            struct err *err)
{
    struct grant g;
    struct account a;
    struct err again;
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc)
        rc = account_load(r->store, id, request_now(), r->arena, &a, err);
    if (rc)
        return rc;
    rc = read_grant(r, &g, err);
    if (!rc && !give && id == r->viewer.account && g.role == ROLE_SECRETARIAT)
        rc = err_set(err, RC_INVALID,
                     N_("nobody takes this role from themselves: so one "
                        "secretariat always remains"));
    if (!rc)
        rc = (give ? grant_give : grant_take)(
            r->store, id, &g, r->viewer.account, request_now(), err);
    if (rc == RC_INVALID) {
        rc = show_account(r, reply, id, &again);
        if (!rc)
            page_fault(r, reply, err);
        return rc;
    }
    if (rc)
        return rc;
    if (id == r->viewer.account && r->session) { /* it ended with the change */
        r->session = NULL;
        rc = session_begin(r, reply, id, r->viewer.second_factor, err);
    }
    page_done(r, reply, account_path(r, id), "saved");
    return rc;
}

enum rc form_admin_grant(struct request *r, struct reply *reply,
                         struct err *err)
{
    return change_grant(r, reply, true, err);
}

enum rc form_admin_ungrant(struct request *r, struct reply *reply,
                           struct err *err)
{
    return change_grant(r, reply, false, err);
}

enum rc form_admin_invite_again(struct request *r, struct reply *reply,
                                struct err *err)
{
    struct account a;
    int64_t id, account;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc)
        rc = account_load(r->store, id, request_now(), r->arena, &a, err);
    if (!rc && a.closed)
        rc = err_set(err, RC_CONFLICT, N_("this account is closed"));
    if (!rc)
        rc = invite(r, a.name, a.email, &account, err);
    page_done(r, reply, account_path(r, id), "sent");
    return rc;
}

static enum rc close_or_open(struct request *r, struct reply *reply,
                             bool closed, struct err *err)
{
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc && id == r->viewer.account)
        rc = err_set(err, RC_CONFLICT,
                     N_("nobody closes the account they are signed in with"));
    if (!rc)
        rc = account_close(r->store, id, closed, r->viewer.account,
                           request_now(), err);
    page_done(r, reply, account_path(r, id), "saved");
    return rc;
}

enum rc form_admin_close(struct request *r, struct reply *reply,
                         struct err *err)
{
    return close_or_open(r, reply, true, err);
}

enum rc form_admin_open(struct request *r, struct reply *reply, struct err *err)
{
    return close_or_open(r, reply, false, err);
}
