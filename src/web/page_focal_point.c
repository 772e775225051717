/* A focal point hands over to somebody else. */
#include "network/focal_point.h"
#include "network/secret.h" /* in_transaction, audit_row */
#include "record/types.h"
#include "web/account_page.h"
#include "web/page.h"
#include "web/record_view.h"

#include <inttypes.h>
#include <time.h>

enum { PEOPLE_MOST = 2000 };

static const char *path_of(const struct request *r, int64_t id)
{
    return arena_printf(r->arena, "/records/focal_point/%" PRId64, id);
}

static enum rc find(const struct request *r, struct focal_point **out,
                    struct err *err)
{
    void *record = NULL;
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc)
        rc = view_load(r, &type_focal_point, id, ACTION_EDIT, &record, err);
    *out = record;
    return rc;
}

static struct node *people(const struct request *r, int64_t but)
{
    struct node *list = node_list(r->arena);
    struct view_list l = {.type = &type_person, .per_page = PEOPLE_MOST};
    struct request plain = *r; /* the query of this page is not a filter */
    struct view_page page;

    plain.query = (struct pairs){0};
    if (view_list(&plain, &l, &page, NULL))
        return list;
    for (size_t i = 0; i < page.n; i++) {
        const struct person *p = page.records[i];
        struct node *item = node_object(r->arena);

        if (p->head.id == but)
            continue;
        node_set_int(item, "id", p->head.id);
        node_set_text(item, "name", view_name(r, &type_person, p));
        node_set_bool(item, "chosen",
                      str_is(request_form(r, "person"),
                             arena_printf(r->arena, "%" PRId64, p->head.id)));
        node_push(list, item);
    }
    return list;
}

static void show(struct request *r, struct reply *reply,
                 const struct focal_point *f)
{
    const char *title = lang_text(r->lang, N_("Hand over"));
    struct node *doc = page_begin(r, title);

    reply->doc = doc;
    reply->template = "focal-point-handover";
    reply->private = true;
    page_crumb(doc, lang_text(r->lang, type_focal_point.label),
               path_of(r, f->head.id));
    node_set_text(doc, "back", path_of(r, f->head.id));
    node_set_text(doc, "city", view_ref(r, "city", f->city));
    node_set_text(doc, "person", view_ref(r, "person", f->person));
    node_set(doc, "people", people(r, f->person));
    node_set_text(doc, "from", request_form(r, "from").p);
    node_set_text(doc, "to", request_form(r, "to").p);
}

enum rc page_handover(struct request *r, struct reply *reply, struct err *err)
{
    struct focal_point *f;
    enum rc rc = find(r, &f, err);

    if (!rc)
        show(r, reply, f);
    return rc;
}

struct handing {
    struct request *r;
    const struct focal_point *f;
    struct interval term;
    int64_t person, next;
};

static enum rc read_form(struct handing *h, struct err *err)
{
    struct request *r = h->r;
    struct str from = str_trim(request_form(r, "from"));
    struct str to = str_trim(request_form(r, "to"));

    if (!str_i64(request_form(r, "person"), &h->person) ||
        !view_ref(r, "person", h->person))
        return err_set(err, RC_INVALID, N_("choose who takes over"));
    if (!day_parse(from, &h->term.from) ||
        (to.n && !day_parse(to, &h->term.to)))
        return err_set(
            err, RC_INVALID,
            N_("'%s' is not a date: write 2026, 2026-05 or 2026-05-31"),
            arena_str(r->arena, h->term.from.year ? to : from));
    return RC_OK;
}

/* Who takes over and has no account yet is invited. */
static enum rc invite_successor(struct handing *h, struct err *err)
{
    struct request *r = h->r;
    struct keyring k = request_keys(r);
    struct letter_values v = {0};
    char token[TOKEN_TEXT];
    struct person p;
    int64_t any;
    enum rc rc =
        store_int(r->store, "SELECT id FROM account WHERE person = :person",
                  PARAMS(P_INT("person", h->person)), &any, err);

    if (rc != RC_NOT_FOUND)
        return rc;
    rc = record_load(r->store, &type_person, h->person, r->arena, &p, err);
    if (rc || !p.email || !post_address_valid(p.email))
        return rc;
    rc = account_invite(r->store, &k, p.email, h->person, r->viewer.account,
                        request_now(), token, err);
    v.name = p.name.in[0];
    v.path = arena_printf(r->arena, "/invitation/%s", token);
    return rc ? rc
              : post_put(r->store, &k, LETTER_INVITATION, p.email,
                         p.languages.n ? p.languages.items[0]
                                       : lang_code(r->lang),
                         &v, request_now(), err);
}

static enum rc hand_over(void *ctx, struct err *err)
{
    struct handing *h = ctx;
    struct request *r = h->r;
    struct deed deed = {r->viewer.account, time(NULL), "handover", NULL};
    enum rc rc = invite_successor(h, err);

    if (!rc)
        rc = focal_point_handover(r->store, h->f->head.id, h->person, h->term,
                                  &deed, r->arena, &h->next, NULL, err);

    return rc ? rc
              : audit_row(r->store, deed.by, deed.action,
                          arena_printf(r->arena, "focal_point/%" PRId64,
                                       h->f->head.id),
                          "{}", deed.at, err);
}

enum rc form_handover(struct request *r, struct reply *reply, struct err *err)
{
    struct handing h = {.r = r};
    struct focal_point *f;
    enum rc rc = find(r, &f, err);

    if (rc)
        return rc;
    h.f = f;
    rc = read_form(&h, err);
    if (!rc)
        rc = in_transaction(r->store, hand_over, &h, err);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        show(r, reply, f);
        page_fault(r, reply, err);
        return RC_OK;
    }
    if (rc)
        return rc;
    server_changed(r, "focal_point");
    server_post_wake(r->server);
    page_done(r, reply, path_of(r, h.next), "saved");
    return RC_OK;
}
