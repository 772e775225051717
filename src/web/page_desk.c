/* My desk: what waits for me, and the way to what is mine. */
#include "record/keep.h"
#include "record/types.h"
#include "web/account_page.h"

#include <stdio.h>
#include <time.h>

enum { SOON_S = 60 * 24 * 3600 };

static void wait_for(struct request *r, struct node *items, const char *label,
                     const char *path, int64_t n, bool counted)
{
    struct node *item;

    if (!n)
        return;
    item = node_object(r->arena);
    node_set_text(item, "label", label);
    node_set_text(item, "path", path);
    if (counted)
        node_set_int(item, "n", n);
    node_push(items, item);
}

static void wait_item(struct request *r, struct node *items, const char *label,
                      const char *path, int64_t n)
{
    wait_for(r, items, label, path, n, true);
}

static enum rc add_reviews(struct request *r, struct node *items,
                           struct err *err)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);
    int64_t all = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t some;
        const char *sql;
        enum rc rc;

        if (!*record_first_state(types[i]))
            continue;
        sql = arena_printf(r->arena,
                           "SELECT (SELECT count(*) FROM %s WHERE state ="
                           " 'review') + (SELECT count(*) FROM revision WHERE"
                           " record = :record AND state = 'review')",
                           types[i]->name);
        rc = store_int(r->store, sql, PARAMS(P_TEXT("record", types[i]->name)),
                       &some, err);
        if (rc)
            return rc;
        all += some;
    }
    wait_item(r, items, lang_text(r->lang, N_("Records in review")), "/review",
              all);
    return RC_OK;
}

static enum rc add_secretariat(struct request *r, struct node *items,
                               struct err *err)
{
    static const struct {
        const char *sql, *label, *path;
    } rows[] = {
        {"SELECT count(DISTINCT account) FROM invitation WHERE used IS NULL"
         " AND expires > :now",
         N_("Invitations not yet accepted"), "/administration/accounts"},
        {"SELECT count(*) FROM invitation WHERE used IS NULL"
         " AND expires <= :now AND account IN (SELECT id FROM account"
         " WHERE password IS NULL AND closed IS NULL)",
         N_("Invitations that ended unused"), "/administration/accounts"},
        {"SELECT count(*) FROM outbox WHERE sent IS NULL AND fault <> ''"
         " AND created < :now + 1",
         N_("Letters that could not be sent"), "/administration/post"},
        {"SELECT count(*) FROM job WHERE state = 'failed'"
         " AND created < :now + 1",
         N_("Jobs that failed"), "/administration/jobs"},
    };
    enum rc rc = add_reviews(r, items, err);

    for (size_t i = 0; i < ARRAY_LEN(rows) && !rc; i++) {
        int64_t n = 0;

        rc = store_int(r->store, rows[i].sql,
                       PARAMS(P_INT("now", request_now())), &n, err);
        wait_item(r, items, lang_text(r->lang, rows[i].label), rows[i].path, n);
    }
    return rc;
}

static const char *day_text(struct request *r, int64_t at)
{
    time_t t = (time_t)at;
    char *out = arena_alloc(r->arena, 16);
    struct tm tm;

    gmtime_r(&t, &tm);
    strftime(out, 16, "%Y-%m-%d", &tm);
    return out;
}

/* What a city's people have to look after. */
static enum rc add_city(struct request *r, struct node *items, int64_t city,
                        struct err *err)
{
    const char *name = record_name(r, &type_city, city);
    int64_t drafts = 0, proposed = 0, terms = 0;
    enum rc rc = store_int(r->store,
                           "SELECT count(*) FROM city WHERE id = :city"
                           " AND state = 'draft'",
                           PARAMS(P_INT("city", city)), &drafts, err);

    if (!rc)
        rc = store_int(r->store,
                       "SELECT count(*) FROM revision WHERE record = 'city'"
                       " AND record_id = :city AND state = 'draft'",
                       PARAMS(P_INT("city", city)), &proposed, err);
    if (!rc)
        rc = store_int(
            r->store,
            "SELECT count(*) FROM focal_point WHERE city = :city"
            " AND term_to >= :today AND term_to <= :soon",
            PARAMS(P_INT("city", city),
                   P_TEXT("today", day_text(r, request_now())),
                   P_TEXT("soon", day_text(r, request_now() + SOON_S))),
            &terms, err);
    wait_for(r, items,
             page_fill(r,
                       lang_text(r->lang, N_("{city}: a draft not yet in "
                                             "review")),
                       "city", name),
             arena_printf(r->arena, "/records/city/%lld", (long long)city),
             drafts, false);
    wait_for(
        r, items,
        page_fill(r,
                  lang_text(r->lang, N_("{city}: a proposed change not yet in "
                                        "review")),
                  "city", name),
        arena_printf(r->arena, "/records/city/%lld/revision", (long long)city),
        proposed, false);
    wait_item(r, items,
              page_fill(r,
                        lang_text(r->lang, N_("{city}: a term of a focal point "
                                              "that ends soon")),
                        "city", name),
              "/records/focal_point", terms);
    return rc;
}

static void add_own(struct request *r, struct node *list,
                    const struct record_type *t, int64_t id, const char *path)
{
    struct node *item = node_object(r->arena);

    node_set_text(item, "label", record_name(r, t, id));
    node_set_text(item, "path",
                  arena_printf(r->arena, "%s/%lld", path, (long long)id));
    node_push(list, item);
}

/* Where a city's team prepares its profile. */
static void add_profiles(struct request *r, struct node *list, int64_t city)
{
    struct node *item = node_push(list, node_object(r->arena));

    node_set_text(
        item, "label",
        page_fill(r, lang_text(r->lang, N_("{city}: profiles in preparation")),
                  "city", record_name(r, &type_city, city)));
    node_set_text(
        item, "path",
        arena_printf(r->arena, "/cities/%lld/editions", (long long)city));
}

static enum rc add_grants(struct request *r, struct node *items,
                          struct node *mine, struct err *err)
{
    int64_t before = 0;
    enum rc rc = RC_OK;

    for (size_t i = 0; i < r->viewer.n_grants && !rc; i++) {
        const struct grant *g = &r->viewer.grants[i];

        if (g->organisation)
            add_own(r, mine, &type_organisation, g->organisation,
                    "/organisations");
        if (!g->city || g->city == before)
            continue;
        before = g->city;
        add_own(r, mine, &type_city, g->city, "/cities");
        add_profiles(r, mine, g->city);
        rc = add_city(r, items, g->city, err);
    }
    return rc;
}

enum rc page_desk(struct request *r, struct reply *reply, struct err *err)
{
    struct node *items = node_list(r->arena), *mine = node_list(r->arena);
    bool admin = access_may(&r->viewer, ACTION_ADMIN, &(struct subject){0});
    struct account own;
    enum rc rc = account_load(r->store, r->viewer.account, request_now(),
                              r->arena, &own, err);

    if (!rc && !own.totp)
        wait_for(r, items,
                 lang_text(r->lang, N_("Your account has no second factor")),
                 "/account/second-factor", 1, false);
    if (!rc)
        rc = add_grants(r, items, mine, err);
    if (!rc && admin)
        rc = add_secretariat(r, items, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, lang_text(r->lang, N_("My desk")));
    reply->template = "desk";
    reply->private = true;
    node_set_text(reply->doc, "name", own.name);
    node_set(reply->doc, "waiting", items);
    node_set(reply->doc, "mine", mine);
    node_set_bool(reply->doc, "administration", admin);
    return RC_OK;
}
