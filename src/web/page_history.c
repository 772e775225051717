/* What happened: the history of a record, the review queue, what is new. */
#include "web/json.h"
#include "web/record_write.h"

#include <inttypes.h>
#include <time.h>

const char *page_moment(const struct request *r, int64_t at)
{
    AUTO(buf) struct buf text = {.ceiling = 128};
    time_t t = (time_t)at;
    struct tm tm;
    char day[16], minute[16];

    gmtime_r(&t, &tm);
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
    strftime(minute, sizeof minute, "%H:%M", &tm);
    lang_period(r->lang, day, &text);
    buf_fmt(&text, "%s%s UTC",
            strcmp(lang_code(r->lang), "ar") == 0 ? "، " : ", ", minute);
    return arena_strdup(r->arena, buf_cstr(&text));
}

const char *page_account_name(const struct request *r, int64_t account)
{
    char *name = NULL;

    if (!account ||
        store_text(r->store,
                   "SELECT p.name FROM account a JOIN person p"
                   " ON p.id = a.person WHERE a.id = :id",
                   PARAMS(P_INT("id", account)), r->arena, &name, NULL))
        return lang_text(r->lang, N_("the program"));
    return name;
}

static const char *action_label(const struct request *r, const char *action)
{
    static const char *const labels[][2] = {
        {"create", N_("created")},
        {"edit", N_("edited")},
        {"delete", N_("deleted")},
        {"draft", N_("set to draft")},
        {"review", N_("sent to review")},
        {"published", N_("published")},
        {"import", N_("imported")},
        {"handover", N_("handed over")},
        {"propose", N_("proposed a change")},
        {"propose:review", N_("asked for review of the proposal")},
        {"propose:draft", N_("sent the proposal back")},
        {"propose:dropped", N_("gave the proposal up")},
    };

    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if (strcmp(action, labels[i][0]) == 0)
            return lang_text(r->lang, labels[i][1]);
    return action;
}

/* One side of a change as a record that has only these fields. */
static void *side_of(const struct request *r, const struct record_type *t,
                     const struct node *change, const char *side)
{
    void *record = arena_alloc(r->arena, t->size);
    struct node *json = node_object(r->arena);
    struct complaints unread = {.arena = r->arena};

    record_clear(t, record);
    for (size_t i = 0; i < node_len(change); i++) {
        const char *name = arena_str(r->arena, node_key(change, i));
        struct node *value = node_get(node_at(change, i), side);

        if (value && record_field(t, name))
            node_set(json, name, value);
    }
    record_from_json(t, json, record, r->arena, &unread);
    return record;
}

static void add_state(const struct request *r, const struct node *change,
                      struct node *rows)
{
    const struct node *both = node_get(change, "state");
    struct node *row = node_object(r->arena);

    for (int side = 0; side < 2; side++) {
        const char *name = side ? "new" : "old";
        const char *state =
            record_state_label(r, node_cstr(node_get(both, name), NULL));
        struct node *list = node_list(r->arena), *item = node_object(r->arena);

        if (state) {
            node_set_text(item, "text", state);
            node_push(list, item);
        }
        node_set(row, name, list);
    }
    node_set_text(row, "label", lang_text(r->lang, N_("State")));
    if (both)
        node_push(rows, row);
}

static struct node *changes_of(const struct request *r,
                               const struct record_type *t, unsigned hidden,
                               const struct node *change)
{
    struct node *rows = view_differences(r, t, side_of(r, t, change, "old"),
                                         side_of(r, t, change, "new"), hidden);

    add_state(r, change, rows);
    return rows;
}

struct history {
    const struct request *r;
    const struct record_type *t;
    unsigned hidden;
    struct history_entry *items;
    size_t n, cap;
};

/* Copied first: names of accounts need the connection. */
static bool keep_entry(void *ctx, const struct history_entry *e)
{
    struct history *h = ctx;
    struct history_entry copy = *e;

    copy.action = arena_strdup(h->r->arena, e->action);
    copy.change = (struct str){arena_str(h->r->arena, e->change), e->change.n};
    VEC_PUSH(h->r->arena, h->items, h->n, h->cap) = copy;
    return true;
}

static struct node *history_node(const struct history *h)
{
    const struct request *r = h->r;
    struct node *list = node_list(r->arena);

    for (size_t i = h->n; i-- > 0;) {
        const struct history_entry *e = &h->items[i];
        struct node *item = node_object(r->arena), *change = NULL, *rows;
        const char *note;

        if (json_read(e->change, r->arena, &change, NULL))
            change = node_object(r->arena);

        node_set_int(item, "version", e->version);
        node_set_int(item, "at", e->at);
        node_set_text(item, "when", page_moment(r, e->at));
        node_set_text(item, "who", page_account_name(r, e->by));
        node_set_text(item, "action", action_label(r, e->action));
        rows = changes_of(r, h->t, h->hidden, change);
        if (node_len(rows))
            node_set(node_set(item, "changed", node_object(r->arena)), "rows",
                     rows);
        note = node_cstr(node_path(change, "note.new"), NULL);
        if (note)
            node_set_text(item, "note", note);
        node_push(list, item);
    }
    return list;
}

enum rc page_record_history(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct history h = {.r = r};
    void *record;
    struct subject s;
    int64_t id = 0;
    enum rc rc;

    h.t = record_type(request_param(r, "type").p);
    if (!h.t)
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    rc = page_id(r, "id", &id, err);
    if (!rc)
        rc = view_load(r, h.t, id, ACTION_HISTORY, &record, err);
    if (rc)
        return rc;
    s = subject_of(h.t, record);
    h.hidden = access_hidden(&r->viewer, &s);
    rc = record_history(r->store, h.t, id, keep_entry, &h, err);
    if (rc)
        return rc;
    reply->doc =
        page_begin(r, page_fill(r, lang_text(r->lang, N_("History of {name}")),
                                "name", view_name(r, h.t, record)));
    reply->template = "record-history";
    page_crumb(reply->doc, lang_text(r->lang, h.t->many),
               arena_printf(r->arena, "/records/%s", h.t->name));
    page_crumb(reply->doc, view_name(r, h.t, record),
               arena_printf(r->arena, "/records/%s/%" PRId64, h.t->name, id));
    node_set(reply->doc, "entries", history_node(&h));
    return RC_OK;
}

/* ---- what waits for review ---- */

static void waiting_item(const struct request *r, const struct record_type *t,
                         const void *record, const char *rest, bool proposal,
                         struct node *list)
{
    const struct record_head *head = record;
    struct node *item = node_object(r->arena);

    node_set_text(item, "type", lang_text(r->lang, t->label));
    node_set_text(item, "title", view_name(r, t, record));
    node_set_text(item, "path",
                  arena_printf(r->arena, "/records/%s/%" PRId64 "%s", t->name,
                               head->id, rest));
    node_set_bool(item, "proposal", proposal);
    node_push(list, item);
}

struct id_list {
    struct arena *a;
    int64_t *items;
    size_t n, cap;
};

static bool take_id(void *ctx, int64_t id)
{
    struct id_list *l = ctx;

    VEC_PUSH(l->a, l->items, l->n, l->cap) = id;
    return true;
}

static enum rc add_proposals(struct request *r, const struct record_type *t,
                             struct node *list, struct err *err)
{
    struct id_list ids = {.a = r->arena};
    enum rc rc = revision_each(r->store, t, "review", take_id, &ids, err);

    for (size_t i = 0; i < ids.n && !rc; i++) {
        void *record;

        rc = view_load(r, t, ids.items[i], ACTION_PROPOSE, &record, err);
        if (!rc)
            waiting_item(r, t, record, "/revision", true, list);
        if (rc == RC_NOT_FOUND || rc == RC_FORBIDDEN)
            rc = RC_OK;
    }
    return rc;
}

static enum rc add_waiting(struct request *r, const struct record_type *t,
                           struct node *list, struct err *err)
{
    struct view_list l = {
        .type = t, .where = "state = 'review'", .per_page = 200};
    struct view_page page;
    enum rc rc = view_list(r, &l, &page, err);

    for (size_t i = 0; i < page.n && !rc; i++)
        waiting_item(r, t, page.records[i], "", false, list);
    return rc ? rc : add_proposals(r, t, list, err);
}

enum rc page_review(struct request *r, struct reply *reply, struct err *err)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);
    struct node *list = node_list(r->arena);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++)
        if (record_first_state(types[i])[0])
            rc = add_waiting(r, types[i], list, err);
    reply->doc = page_begin(r, lang_text(r->lang, N_("Waiting for review")));
    reply->template = "review";
    node_set(reply->doc, "items", list);
    return rc;
}

/* ---- what is new, for everybody ---- */

enum { NEWS = 50, NEWS_LOOKED_AT = 400 };

struct event {
    const struct record_type *t;
    int64_t id, record, at;
    const char *action;
};
struct events {
    struct arena *a;
    struct event *items;
    size_t n, cap;
};

static bool take_event(void *ctx, const struct store_row *row)
{
    struct events *e = ctx;
    const struct record_type *t = record_type(row_text(row, "record").p);

    if (t)
        VEC_PUSH(e->a, e->items, e->n, e->cap) = (struct event){
            t, row_int(row, "id", 0), row_int(row, "record_id", 0),
            row_int(row, "at", 0), arena_str(e->a, row_text(row, "action"))};
    return true;
}

static struct node *event_node(const struct request *r, const struct event *e,
                               const void *record)
{
    struct node *item = node_object(r->arena);
    time_t t = (time_t)e->at;
    struct tm tm;
    char stamp[32];

    gmtime_r(&t, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &tm);
    node_set_int(item, "id", e->id);
    node_set_text(item, "type", lang_text(r->lang, e->t->label));
    node_set_text(item, "title", view_name(r, e->t, record));
    node_set_text(item, "path", view_path(r, e->t, e->record));
    node_set_text(item, "action", action_label(r, e->action));
    node_set_text(item, "updated", stamp);
    node_set_text(item, "when", page_moment(r, e->at));
    return item;
}

/* Changes of records that this viewer may see, each record once. */
static enum rc news_items(struct request *r, struct node *list, struct err *err)
{
    struct events e = {.a = r->arena};
    enum rc rc =
        store_each(r->store,
                   "SELECT id, record, record_id, at, action FROM history"
                   " WHERE action NOT LIKE 'propose%'"
                   " ORDER BY id DESC LIMIT :most",
                   PARAMS(P_INT("most", NEWS_LOOKED_AT)), take_event, &e, err);

    for (size_t i = 0; i < e.n && !rc && node_len(list) < NEWS; i++) {
        bool again = false;
        void *record = NULL;

        for (size_t k = 0; k < i && !again; k++)
            again = e.items[k].t == e.items[i].t &&
                    e.items[k].record == e.items[i].record;
        if (!again && !view_load(r, e.items[i].t, e.items[i].record, ACTION_SEE,
                                 &record, NULL))
            node_push(list, event_node(r, &e.items[i], record));
    }
    return rc;
}

/* <name>text</name>, for an Atom feed. */
static void element(struct buf *out, const char *name, const char *text)
{
    buf_addc(out, '<');
    buf_adds(out, name);
    buf_addc(out, '>');
    buf_html(out, str_of(text));
    buf_adds(out, "</");
    buf_adds(out, name);
    buf_adds(out, ">");
}

static void link_to(struct buf *out, const char *rel, const char *address)
{
    buf_adds(out, "<link rel=\"");
    buf_adds(out, rel);
    buf_adds(out, "\" href=\"");
    buf_html(out, str_of(address));
    buf_adds(out, "\"/>");
}

static void write_entry(const struct request *r, const char *site,
                        const struct node *n, struct buf *out)
{
    struct arena *a = r->arena;

    buf_adds(out, "<entry>");
    element(out, "id",
            arena_printf(a, "%s/news#%" PRId64, site,
                         node_integer(node_get(n, "id"), 0)));
    element(out, "title", node_cstr(node_get(n, "title"), ""));
    element(out, "updated", node_cstr(node_get(n, "updated"), ""));
    link_to(out, "alternate",
            arena_printf(a, "%s%s", site, node_cstr(node_get(n, "path"), "/")));
    element(out, "summary",
            arena_printf(a, "%s: %s", node_cstr(node_get(n, "type"), ""),
                         node_cstr(node_get(n, "action"), "")));
    buf_adds(out, "</entry>\n");
}

static void write_atom(const struct request *r, const struct node *list,
                       struct reply *reply)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 22};
    const char *site =
        arena_printf(r->arena, "%s://%s", r->secure ? "https" : "http",
                     request_header(r, "Host").p);

    buf_adds(&out,
             "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
             "xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"");
    buf_adds(&out, lang_code(r->lang));
    buf_adds(&out, "\">");
    element(&out, "title", lang_text(r->lang, N_("What is new")));
    element(&out, "id", arena_printf(r->arena, "%s/news", site));
    element(&out, "updated",
            node_cstr(node_get(node_at(list, 0), "updated"),
                      "1970-01-01T00:00:00Z"));
    buf_adds(&out, "<author>");
    element(&out, "name", r->server->config->host);
    buf_adds(&out, "</author>");
    link_to(&out, "self", arena_printf(r->arena, "%s/news.atom", site));
    buf_addc(&out, '\n');
    for (size_t i = 0; i < node_len(list); i++)
        write_entry(r, site, node_at(list, i), &out);
    buf_adds(&out, "</feed>\n");
    reply->type = "application/atom+xml; charset=utf-8";
    reply->bytes = (struct str){arena_str(r->arena, buf_str(&out)), out.n};
}

enum rc page_news(struct request *r, struct reply *reply, struct err *err)
{
    struct node *list = node_list(r->arena);
    enum rc rc = news_items(r, list, err);

    if (rc)
        return rc;
    if (r->as == AS_ATOM) {
        write_atom(r, list, reply);
        return RC_OK;
    }
    reply->doc = page_begin(r, lang_text(r->lang, N_("What is new")));
    reply->template = "news";
    node_set(reply->doc, "items", list);
    return RC_OK;
}
