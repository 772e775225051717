/* What everybody may read: cities, organisations, programmes, search. */
#include "web/map_sheet.h"
#include "web/publication_page.h"
#include "web/record_write.h"

#include <inttypes.h>
#include <math.h>

enum { CSV_ROWS = 20000 };

static void set_if(struct node *out, const char *key, struct node *field)
{
    const char *text = node_cstr(node_get(field, "text"), NULL);

    if (!text)
        text = node_cstr(node_get(node_at(node_get(field, "parts"), 0), "text"),
                         NULL);
    if (text)
        node_set_text(out, key, text);
}

const struct territory *public_territory(const struct request *r, int64_t id)
{
    void *record;

    return id && !view_load(r, &type_territory, id, ACTION_SEE, &record, NULL)
               ? record
               : NULL;
}

struct node *public_city(const struct request *r, const struct city *c)
{
    struct node *item = node_object(r->arena);
    const struct territory *t = public_territory(r, c->territory);

    node_set_int(item, "id", c->head.id);
    node_set_text(item, "title", view_name(r, &type_city, c));
    if (view_name_lang(r, &type_city, c))
        node_set_text(item, "lang", view_name_lang(r, &type_city, c));
    node_set_text(item, "path", view_path(r, &type_city, c->head.id));
    set_if(item, "status", view_field(r, &type_city, c, "status"));
    set_if(item, "since", view_field(r, &type_city, c, "status_since"));
    if (t) {
        set_if(item, "country", view_field(r, &type_territory, t, "country"));
        set_if(item, "residents",
               view_field(r, &type_territory, t, "residents"));
        set_if(item, "residents_when",
               view_field(r, &type_territory, t, "residents_when"));
    }
    return item;
}

static struct node *other_item(const struct request *r,
                               const struct record_type *t, const void *record)
{
    static const char *const keys[] = {"acronym",      "kind",    "territory",
                                       "span",         "part_of", "person",
                                       "organisation", "role",    "term"};
    const struct record_head *head = record;
    struct node *item = node_object(r->arena);

    node_set_int(item, "id", head->id);
    node_set_text(item, "title", view_name(r, t, record));
    if (view_name_lang(r, t, record))
        node_set_text(item, "lang", view_name_lang(r, t, record));
    node_set_text(item, "path", view_path(r, t, head->id));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (record_field(t, keys[i]))
            set_if(item, keys[i], view_field(r, t, record, keys[i]));
    return item;
}

static enum rc items_of(struct request *r, const struct record_type *t,
                        const struct view_page *p, struct node **out,
                        struct err *err)
{
    struct node *list = node_list(r->arena);
    enum rc rc = view_know_refs(r, t, p->records, p->n, err);

    *out = list;
    for (size_t i = 0; i < p->n && !rc; i++)
        node_push(list, t == &type_city ? public_city(r, p->records[i])
                                        : other_item(r, t, p->records[i]));
    return rc;
}

void public_filter(const struct request *r, const struct record_type *t,
                   const char *field, struct node *doc)
{
    const struct field *f = record_field(t, field);
    struct node *out = node_object(r->arena), *list = node_list(r->arena);
    size_t n;
    const struct option *o = record_options(f->of, &n);

    for (size_t i = 0; i < n; i++) {
        struct node *item = node_object(r->arena);

        node_set_text(item, "code", o[i].code);
        node_set_text(item, "label", lang_text(r->lang, o[i].label));
        node_set_bool(item, "selected",
                      str_is(request_query(r, field), o[i].code));
        node_push(list, item);
    }
    node_set_text(out, "name", field);
    node_set_text(out, "label", lang_text(r->lang, f->label));
    node_set(out, "choices", list);
    node_set(doc, "filter", out);
}

/* A column in which nothing stands is left out. */
static bool any_has(const struct node *items, const char *key)
{
    for (size_t i = 0; i < node_len(items); i++)
        if (node_get(node_at(items, i), key))
            return true;
    return false;
}

static enum rc public_list(struct request *r, struct reply *reply,
                           const struct record_type *t, const char *filter,
                           const char *template, struct err *err)
{
    struct view_list l = {.type = t,
                          .per_page = r->as == AS_CSV ? CSV_ROWS : 0};
    struct view_page page;
    struct node *items;
    enum rc rc = view_list(r, &l, &page, err);

    if (rc)
        return rc;
    if (r->as == AS_CSV)
        return view_csv(r, t, &page, reply);
    reply->doc = page_begin(r, lang_text(r->lang, t->many));
    reply->template = template;
    rc = items_of(r, t, &page, &items, err);
    if (!rc && t == &type_city)
        rc = published_newest(r, items, NULL, 0, err);
    node_set(reply->doc, "items", items);
    node_set_bool(reply->doc, "counted", any_has(items, "residents"));
    node_set_text(reply->doc, "q", request_query(r, "q").p);
    node_set_text(reply->doc, "csv", arena_printf(r->arena, "%s.csv", r->path));
    if (filter)
        public_filter(r, t, filter, reply->doc);
    view_paging(r, &page, reply->doc);
    return rc;
}

enum rc page_cities(struct request *r, struct reply *reply, struct err *err)
{
    return public_list(r, reply, &type_city, "status", "cities", err);
}

enum rc page_organisations(struct request *r, struct reply *reply,
                           struct err *err)
{
    return public_list(r, reply, &type_organisation, "kind", "organisations",
                       err);
}

enum rc page_programmes(struct request *r, struct reply *reply, struct err *err)
{
    return public_list(r, reply, &type_programme, NULL, "programmes", err);
}

/* Records of a type that refer to this one, as a list in the document. */
static enum rc add_related(struct request *r, struct node *doc, const char *key,
                           const struct record_type *t, const char *where,
                           int64_t id, struct err *err)
{
    struct request plain = *r; /* the query is this page's, not the list's */
    struct store_param p[] = {P_INT("this", id)};
    struct view_list l = {t, where, p, 1, 200};
    struct view_page page;
    enum rc rc;

    plain.query = (struct pairs){0};
    rc = view_list(&plain, &l, &page, err);
    if (!rc && page.n) {
        struct node *group = node_object(r->arena), *items;

        rc = items_of(&plain, t, &page, &items, err);
        node_set(group, "items", items);
        node_set(doc, key, group);
    }
    return rc;
}

static enum rc load_public(struct request *r, const struct record_type *t,
                           struct reply *reply, void **record, int64_t *id,
                           struct err *err)
{
    enum rc rc = page_id(r, "id", id, err);

    if (!rc)
        rc = view_load(r, t, *id, ACTION_SEE, record, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, view_name(r, t, *record));
    node_set(reply->doc, "record", view_json(r, t, *record));
    node_set(reply->doc, "fields", view_fields(r, t, *record));
    record_actions(r, t, *record, reply->doc);
    return RC_OK;
}

static void drop_fields(struct node *doc, const char *const *names, size_t n)
{
    struct node *all = node_get(doc, "fields"), *few = node_list(doc->arena);

    for (size_t i = 0; i < node_len(all); i++) {
        const char *name = node_cstr(node_get(node_at(all, i), "name"), "");
        bool drop = false;

        for (size_t k = 0; k < n && !drop; k++)
            drop = strcmp(name, names[k]) == 0;
        if (!drop)
            node_push(few, node_at(all, i));
    }
    node_set(doc, "fields", few);
}

/* Where the city lies, on the page alone: its coordinates are fields. */
static enum rc locate(const struct request *r, const struct territory *t,
                      struct node *doc, struct err *err)
{
    struct node *sheet;
    enum rc rc;

    if (!t || isnan(t->place.longitude) || r->as != AS_HTML ||
        !world_has_land())
        return RC_OK;
    rc = map_locator(r, t->place.longitude, t->place.latitude, &sheet, err);
    if (!rc)
        node_set(doc, "locator", sheet);
    return rc;
}

enum rc page_city(struct request *r, struct reply *reply, struct err *err)
{
    static const char *const shown_apart[] = {"name", "presentation",
                                              "territory"};
    const struct city *c;
    const struct territory *t;
    void *record;
    int64_t id = 0;
    enum rc rc = load_public(r, &type_city, reply, &record, &id, err);

    if (rc)
        return rc;
    c = record;
    t = public_territory(r, c->territory);
    reply->template = "city";
    page_crumb(reply->doc, lang_text(r->lang, type_city.many), "/cities");
    node_set(reply->doc, "city", public_city(r, c));
    if (view_field(r, &type_city, c, "presentation"))
        node_set(reply->doc, "presentation",
                 view_field(r, &type_city, c, "presentation"));
    if (t) {
        struct node *place = node_object(r->arena);

        node_set(place, "fields", view_fields(r, &type_territory, t));
        node_set(reply->doc, "place", place);
    }
    drop_fields(reply->doc, shown_apart, ARRAY_LEN(shown_apart));
    rc = locate(r, t, reply->doc, err);
    if (!rc)
        rc = published_on_city(r, c, reply->doc, err);
    if (!rc)
        rc = add_related(r, reply->doc, "programmes", &type_programme,
                         "id IN (SELECT owner FROM programme_cities"
                         " WHERE target = :this)",
                         id, err);
    if (!rc)
        rc = add_related(r, reply->doc, "stakeholders", &type_stakeholder,
                         "city = :this", id, err);
    if (!rc)
        rc = add_related(r, reply->doc, "focal_points", &type_focal_point,
                         "city = :this", id, err);
    return rc;
}

enum rc page_organisation(struct request *r, struct reply *reply,
                          struct err *err)
{
    static const char *const shown_apart[] = {"name", "role"};
    void *record;
    int64_t id = 0;
    enum rc rc = load_public(r, &type_organisation, reply, &record, &id, err);
    struct node *role;

    if (rc)
        return rc;
    reply->template = "organisation";
    page_crumb(reply->doc, lang_text(r->lang, type_organisation.many),
               "/organisations");
    role = view_field(r, &type_organisation, record, "role");
    if (role)
        node_set(reply->doc, "presentation", role);
    drop_fields(reply->doc, shown_apart, ARRAY_LEN(shown_apart));
    return add_related(r, reply->doc, "programmes", &type_programme,
                       "id IN (SELECT owner FROM programme_organisations"
                       " WHERE target = :this)",
                       id, err);
}

enum rc page_programme(struct request *r, struct reply *reply, struct err *err)
{
    static const char *const shown_apart[] = {"name", "presentation", "cities"};
    void *record;
    int64_t id = 0;
    enum rc rc = load_public(r, &type_programme, reply, &record, &id, err);
    struct node *text;

    if (rc)
        return rc;
    reply->template = "programme";
    page_crumb(reply->doc, lang_text(r->lang, type_programme.many),
               "/programmes");
    text = view_field(r, &type_programme, record, "presentation");
    if (text)
        node_set(reply->doc, "presentation", text);
    drop_fields(reply->doc, shown_apart, ARRAY_LEN(shown_apart));
    rc = add_related(r, reply->doc, "phases", &type_programme,
                     "part_of = :this", id, err);
    if (!rc)
        rc = add_related(r, reply->doc, "cities", &type_city,
                         "id IN (SELECT target FROM programme_cities"
                         " WHERE owner = :this)",
                         id, err);
    return rc;
}

/* ---- home ---- */

static enum rc newest_profiles(struct request *r, struct node *doc,
                               struct err *err)
{
    struct node *list = node_list(r->arena), *group = node_object(r->arena);
    enum rc rc = published_newest(r, NULL, list, 3, err);

    node_set(group, "items", list);
    if (node_len(list))
        node_set(doc, "profiled", group);
    return rc;
}

enum rc page_home(struct request *r, struct reply *reply, struct err *err)
{
    static const struct {
        const struct record_type *t;
        const char *where, *key, *path;
    } rows[] = {
        {&type_city, "status = 'member'", "members", "/cities?status=member"},
        {&type_organisation, NULL, "organisations", "/organisations"},
        {&type_programme, NULL, "programmes", "/programmes"},
    };
    struct node *numbers = node_list(r->arena);
    enum rc rc = RC_OK;

    reply->doc = page_begin(
        r, lang_text(r->lang, N_("Cities of the Mediterranean, and those who "
                                 "come to live in them")));
    reply->template = "home";
    for (size_t i = 0; i < ARRAY_LEN(rows) && !rc; i++) {
        struct view_list l = {rows[i].t, rows[i].where, NULL, 0, i ? 1 : 200};
        struct view_page page;
        struct node *item = node_object(r->arena), *cities;

        rc = view_list(r, &l, &page, err);
        if (rc)
            break;
        node_set_int(item, "count", page.total);
        node_set_text(
            item, "label",
            lang_text(r->lang, i ? rows[i].t->many : N_("Member cities")));
        node_set_text(item, "path", rows[i].path);
        node_push(numbers, item);
        if (i == 0) {
            rc = items_of(r, rows[i].t, &page, &cities, err);
            node_set(reply->doc, "cities", cities);
            if (!rc)
                rc = public_map(r, page.records, page.n, reply->doc, err);
            if (!rc)
                rc = newest_profiles(r, reply->doc, err);
        }
    }
    node_set(reply->doc, "numbers", numbers);
    return rc;
}

/* ---- search ---- */

enum { HITS = 200 };

struct hits {
    struct arena *a;
    struct found *items;
    size_t n, cap;
};

static bool take_hit(void *ctx, const struct found *f)
{
    struct hits *h = ctx;

    VEC_PUSH(h->a, h->items, h->n, h->cap) = *f;
    return true;
}

enum rc page_search(struct request *r, struct reply *reply, struct err *err)
{
    struct str q = str_trim(request_query(r, "q"));
    struct hits h = {.a = r->arena};
    struct node *list = node_list(r->arena);
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    AUTO(buf) struct buf number = {.ceiling = 64};
    enum rc rc = q.n ? record_search(r->store, arena_str(r->arena, q), HITS,
                                     take_hit, &h, err)
                     : RC_OK;

    for (size_t i = 0; i < h.n && !rc; i++) {
        void *record;
        struct node *item;

        if (view_load(r, h.items[i].type, h.items[i].id, ACTION_SEE, &record,
                      NULL))
            continue;
        item = node_object(r->arena);
        node_set_text(item, "type", lang_text(r->lang, h.items[i].type->label));
        node_set_text(item, "title", view_name(r, h.items[i].type, record));
        node_set_text(item, "path",
                      view_path(r, h.items[i].type, h.items[i].id));
        node_push(list, item);
    }
    reply->doc = page_begin(r, lang_text(r->lang, N_("Search")));
    reply->template = "search";
    node_set(reply->doc, "items", list);
    node_set(reply->doc, "q", node_str(r->arena, q));
    if (q.n) {
        lang_integer(r->lang, (int64_t)node_len(list), &number);
        lang_fill(&text,
                  lang_plural(r->lang, N_("{n} result"), N_("{n} results"),
                              node_len(list)),
                  "n", buf_cstr(&number), NULL);
        node_set_text(reply->doc, "summary", buf_cstr(&text));
    }
    return rc;
}
