/* What is proposed for a published record, beside what is published. */
#include "web/record_page.h"
#include "web/record_write.h"

#include <inttypes.h>

enum { NOTE_MOST = 2000 };

/* ---- shared by the pages of records ---- */

enum rc page_type(const struct request *r, const struct record_type **t,
                  struct err *err)
{
    *t = record_type(request_param(r, "type").p);
    return *t ? RC_OK : err_set(err, RC_NOT_FOUND, N_("there is no such page"));
}

enum rc page_find(const struct request *r, enum action action,
                  const struct record_type **t, void **record, struct err *err)
{
    int64_t id = 0;
    enum rc rc = page_type(r, t, err);

    if (!rc)
        rc = page_id(r, "id", &id, err);
    return rc ? rc : view_load(r, *t, id, action, record, err);
}

const char *page_own_path(const struct request *r, const struct record_type *t,
                          int64_t id, const char *rest)
{
    return arena_printf(r->arena, "/records/%s/%" PRId64 "%s", t->name, id,
                        rest);
}

void page_set_type(const struct request *r, const struct record_type *t,
                   struct node *doc)
{
    struct node *type = node_object(r->arena);

    node_set_text(type, "name", t->name);
    node_set_text(type, "label", lang_text(r->lang, t->label));
    node_set_text(type, "many", lang_text(r->lang, t->many));
    node_set_text(type, "path", arena_printf(r->arena, "/records/%s", t->name));
    node_set(doc, "type", type);
}

const char *record_state_label(const struct request *r, const char *state)
{
    static const char *const labels[][2] = {
        {"draft", N_("Draft")},
        {"review", N_("In review")},
        {"published", N_("Published")},
    };

    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if (state && strcmp(state, labels[i][0]) == 0)
            return lang_text(r->lang, labels[i][1]);
    return NULL;
}

const char *page_note(const struct request *r)
{
    struct str note = str_trim(request_form(r, "note"));

    return note.n
               ? arena_strndup(r->arena, note.p, MIN(note.n, (size_t)NOTE_MOST))
               : NULL;
}

/* Sending back asks why. */
void page_moves(const struct request *r, const struct record_type *t,
                const void *record, const struct revision *v, struct node *doc)
{
    size_t n;
    const struct transition *m = record_transitions(&n);
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < n; i++) {
        struct node *item;

        if (v ? !change_may_move_revision(r, &m[i], t, record, v)
              : !change_may_move(r, &m[i], t, record))
            continue;
        item = node_object(r->arena);
        node_set_text(item, "to", m[i].to);
        node_set_text(item, "label", lang_text(r->lang, m[i].label));
        node_set_bool(item, "forward", strcmp(m[i].to, "draft") != 0);
        node_set_bool(item, "asks_why",
                      strcmp(m[i].from, "review") == 0 &&
                          strcmp(m[i].to, "published") != 0);
        node_push(list, item);
    }
    if (node_len(list))
        node_set(doc, "moves", list);
}

struct node *page_revision_node(const struct request *r,
                                const struct record_type *t, int64_t id,
                                const struct revision *v)
{
    struct node *out = node_object(r->arena);

    node_set_int(out, "version", v->version);
    node_set_int(out, "base", v->base);
    node_set_text(out, "state", v->state);
    node_set_text(out, "state_label", record_state_label(r, v->state));
    node_set_text(out, "who", page_account_name(r, v->by));
    node_set_text(out, "when", page_moment(r, v->at));
    node_set_text(out, "path", page_own_path(r, t, id, "/revision"));
    return out;
}

/* ---- the page ---- */

static enum rc load(const struct request *r, const struct record_type **t,
                    void **record, struct revision *v, struct err *err)
{
    enum rc rc = page_find(r, ACTION_PROPOSE, t, record, err);

    if (rc == RC_FORBIDDEN) /* nobody learns that there is one */
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    if (!rc)
        rc = revision_load(r->store, *t,
                           ((const struct record_head *)*record)->id, r->arena,
                           v, err);
    if (!rc && !v->version)
        rc = err_set(err, RC_NOT_FOUND,
                     N_("nothing is proposed for this record"));
    return rc;
}

static void write_clashes(const struct request *r, const struct complaints *c,
                          struct node *doc)
{
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < c->n; i++)
        node_push(
            list,
            node_text(r->arena, lang_text(r->lang, c->items[i].field->label)));
    if (c->n)
        node_set(node_set(doc, "clashes", node_object(r->arena)), "fields",
                 list);
}

static void write_actions(const struct request *r, const struct record_type *t,
                          const void *record, const struct revision *v,
                          struct node *doc)
{
    const struct record_head *head = record;
    struct node *out = node_object(r->arena);

    node_set_text(out, "edit", page_own_path(r, t, head->id, "/edit"));
    if (change_may_drop(r, t, record, v))
        node_set_text(out, "drop",
                      page_own_path(r, t, head->id, "/revision/drop"));
    page_moves(r, t, record, v, out);
    node_set_text(out, "move", page_own_path(r, t, head->id, "/revision/move"));
    node_set(doc, "actions", out);
}

enum rc page_revision(struct request *r, struct reply *reply, struct err *err)
{
    const struct record_type *t = NULL;
    const struct record_head *head;
    struct complaints clashes = {.arena = r->arena};
    struct revision v;
    struct subject s;
    void *record, *whole;
    enum rc rc = load(r, &t, &record, &v, err);

    if (rc)
        return rc;
    head = record;
    s = subject_of(t, record);
    whole = arena_alloc(r->arena, t->size);
    memcpy(whole, record, t->size);
    revision_apply(t, &v, whole, r->arena, &clashes);
    reply->doc =
        page_begin(r, page_fill(r, lang_text(r->lang, N_("Proposed: {name}")),
                                "name", view_name(r, t, record)));
    reply->template = "record-revision";
    reply->private = true;
    page_set_type(r, t, reply->doc);
    page_crumb(reply->doc, lang_text(r->lang, t->many),
               arena_printf(r->arena, "/records/%s", t->name));
    page_crumb(reply->doc, view_name(r, t, record),
               page_own_path(r, t, head->id, ""));
    node_set(reply->doc, "revision", page_revision_node(r, t, head->id, &v));
    node_set(
        reply->doc, "changes",
        view_differences(r, t, record, whole, access_hidden(&r->viewer, &s)));
    write_clashes(r, &clashes, reply->doc);
    write_actions(r, t, record, &v, reply->doc);
    return RC_OK;
}

/* As it was seen when the button was pressed. */
static enum rc load_seen(const struct request *r, const struct record_type **t,
                         void **record, struct revision *v, struct err *err)
{
    int64_t version;
    enum rc rc = load(r, t, record, v, err);

    if (!rc && (!str_i64(request_form(r, "version"), &version) ||
                version != v->version))
        rc = err_set(err, RC_CONFLICT,
                     N_("somebody saved this in the meantime; look at it "
                        "again first"));
    return rc;
}

enum rc form_revision_move(struct request *r, struct reply *reply,
                           struct err *err)
{
    const struct record_type *t = NULL;
    struct str to = request_form(r, "to");
    struct revision v;
    void *record;
    enum rc rc = load_seen(r, &t, &record, &v, err);

    if (!rc)
        rc = change_move_revision(r, t, record, &v, to.p, page_note(r), err);
    if (!rc)
        page_done(r, reply,
                  page_own_path(r, t, ((struct record_head *)record)->id,
                                str_is(to, "published") ? "" : "/revision"),
                  "moved");
    return rc;
}

enum rc form_revision_drop(struct request *r, struct reply *reply,
                           struct err *err)
{
    const struct record_type *t = NULL;
    struct revision v;
    void *record;
    enum rc rc = load_seen(r, &t, &record, &v, err);

    if (!rc)
        rc = change_drop_revision(r, t, record, &v, err);
    if (!rc)
        page_done(r, reply,
                  page_own_path(r, t, ((struct record_head *)record)->id, ""),
                  "dropped");
    return rc;
}
