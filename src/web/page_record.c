/* The pages of every record: list, record, form, workflow, history. */
#include "base/embedded.h"
#include "record/form.h"
#include "web/record_page.h"
#include "web/record_write.h"

#include <inttypes.h>

enum { CSV_ROWS = 20000, OFFERED = 2000 };

/* ---- list ---- */

static bool may_create(const struct request *r, const struct record_type *t)
{
    void *record = arena_alloc(r->arena, t->size);

    record_clear(t, record);
    for (size_t i = 0; i <= r->viewer.n_grants; i++) {
        const struct field *city = record_field(t, "city");

        if (i && city && city->type == TYPE_REF)
            *(int64_t *)field_at(record, city) = r->viewer.grants[i - 1].city;
        if (view_may(r, ACTION_CREATE, t, record))
            return true;
    }
    return false;
}

/* For those who write them; in a list those alone that need somebody. */
static void write_languages(const struct request *r,
                            const struct record_type *t, const void *record,
                            bool unfinished, struct node *doc)
{
    struct node *all = view_may(r, ACTION_EDIT, t, record) ||
                               view_may(r, ACTION_PROPOSE, t, record)
                           ? view_languages(r, t, record)
                           : NULL;
    struct node *some = node_list(r->arena);

    for (size_t i = 0; i < node_len(all); i++)
        if (!unfinished ||
            strcmp(node_cstr(node_get(node_at(all, i), "state"), ""),
                   "complete") != 0)
            node_push(some, node_at(all, i));
    if (node_len(some))
        node_set(node_set(doc, "translations", node_object(r->arena)), "items",
                 some);
}

static struct node *list_item(const struct request *r,
                              const struct record_type *t, const void *record)
{
    const struct record_head *head = record;
    struct node *item = node_object(r->arena);
    const char *state = record_state_label(r, head->state);
    struct node *all = view_fields(r, t, record), *few = node_list(r->arena);

    node_set_int(item, "id", head->id);
    node_set_text(item, "title", view_name(r, t, record));
    if (view_name_lang(r, t, record))
        node_set_text(item, "lang", view_name_lang(r, t, record));
    write_languages(r, t, record, true, item);
    node_set_text(item, "path", page_own_path(r, t, head->id, ""));
    if (state)
        node_set_text(item, "state", state);
    for (size_t i = 0; i < node_len(all) && node_len(few) < 4; i++) {
        struct node *f = node_at(all, i);
        const struct field *of =
            record_field(t, node_cstr(node_get(f, "name"), ""));

        if (of && of->type != TYPE_MARKDOWN && !(of->flags & TITLE) &&
            of->type != TYPE_REFS)
            node_push(few, f);
    }
    node_set(item, "fields", few);
    return item;
}

enum rc page_record_list(struct request *r, struct reply *reply,
                         struct err *err)
{
    const struct record_type *t = NULL;
    struct view_list l = {.per_page = r->as == AS_CSV ? CSV_ROWS : 0};
    struct view_page page;
    struct node *list = node_list(r->arena);
    enum rc rc = page_type(r, &t, err);

    if (rc)
        return rc;
    l.type = t;
    rc = view_list(r, &l, &page, err);
    if (rc)
        return rc;
    if (r->as == AS_CSV)
        return view_csv(r, t, &page, reply);
    reply->doc = page_begin(r, lang_text(r->lang, t->many));
    reply->template = "record-list";
    page_set_type(r, t, reply->doc);
    for (size_t i = 0; i < page.n; i++)
        node_push(list, list_item(r, t, page.records[i]));
    node_set(reply->doc, "items", list);
    node_set_text(reply->doc, "q", request_query(r, "q").p);
    view_paging(r, &page, reply->doc);
    if (may_create(r, t))
        node_set_text(reply->doc, "create",
                      arena_printf(r->arena, "/records/%s/new", t->name));
    return RC_OK;
}

enum rc page_record_index(struct request *r, struct reply *reply,
                          struct err *err)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);
    struct node *list = node_list(r->arena);

    reply->doc = page_begin(r, lang_text(r->lang, N_("Records")));
    reply->template = "record-index";
    for (size_t i = 0; i < n; i++) {
        struct node *item = node_object(r->arena);

        page_set_type(r, types[i], item);
        if (may_create(r, types[i]))
            node_set_text(
                item, "create",
                arena_printf(r->arena, "/records/%s/new", types[i]->name));
        node_push(list, item);
    }
    node_set(reply->doc, "items", list);
    return RC_OK;
}

/* ---- one record ---- */

/* Who may only propose edits as well, and everybody of those sees what is
 * proposed already. */
static void write_edit(const struct request *r, const struct record_type *t,
                       const void *record, struct node *out)
{
    const struct record_head *head = record;
    bool waits = revision_needed(t, record);
    struct revision v;

    if (!view_may(r, waits ? ACTION_PROPOSE : ACTION_EDIT, t, record))
        return;
    node_set_text(out, "edit", page_own_path(r, t, head->id, "/edit"));
    if (!waits || revision_load(r->store, t, head->id, r->arena, &v, NULL) ||
        !v.version)
        return;
    node_set(out, "revision", page_revision_node(r, t, head->id, &v));
}

void record_actions(const struct request *r, const struct record_type *t,
                    const void *record, struct node *doc)
{
    static const struct {
        enum action action;
        const char *name;
    } rows[] = {
        {ACTION_HISTORY, "history"},
        {ACTION_DELETE, "delete"},
    };
    const struct record_head *head = record;
    struct node *out = node_object(r->arena);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (view_may(r, rows[i].action, t, record))
            node_set_text(
                out, rows[i].name,
                page_own_path(r, t, head->id,
                              arena_printf(r->arena, "/%s", rows[i].name)));
    write_edit(r, t, record, out);
    page_moves(r, t, record, NULL, out);
    if (node_get(out, "moves"))
        node_set_text(out, "move", page_own_path(r, t, head->id, "/move"));
    if (node_len(out))
        node_set(doc, "actions", out);
    node_set_int(doc, "version", head->version);
    if (record_state_label(r, head->state)) {
        node_set_text(doc, "state", head->state);
        node_set_text(doc, "state_label", record_state_label(r, head->state));
    }
}

/* templates/record-<name>.html, where a record has a page of its own look. */
static const char *template_of(struct arena *a, const struct record_type *t)
{
    const char *own = arena_printf(a, "record-%s.html", t->name);

    for (size_t i = 0; i < template_table_n; i++)
        if (strcmp(template_table[i].name, own) == 0)
            return arena_strndup(a, own, strlen(own) - strlen(".html"));
    return "record";
}

enum rc page_record_show(struct request *r, struct reply *reply,
                         struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    enum rc rc = page_find(r, ACTION_SEE, &t, &record, err);

    if (rc)
        return rc;
    reply->doc = page_begin(r, view_name(r, t, record));
    reply->template = template_of(r->arena, t);
    page_set_type(r, t, reply->doc);
    page_crumb(reply->doc, lang_text(r->lang, t->many),
               arena_printf(r->arena, "/records/%s", t->name));
    node_set(reply->doc, "record", view_json(r, t, record));
    node_set(reply->doc, "fields", view_fields(r, t, record));
    if (view_name_lang(r, t, record))
        node_set_text(reply->doc, "title_lang", view_name_lang(r, t, record));
    write_languages(r, t, record, false, reply->doc);
    record_actions(r, t, record, reply->doc);
    return RC_OK;
}

/* ---- form ---- */

static void offer(void *ctx, const char *record, struct node *list)
{
    const struct request *r = ctx;
    struct view_list l = {.type = record_type(record), .per_page = OFFERED};
    struct request plain = *r; /* the query of this page is not a filter */
    struct view_page page;

    plain.query = (struct pairs){0};
    if (view_list(&plain, &l, &page, NULL))
        return;
    for (size_t i = 0; i < page.n; i++) {
        struct node *item = node_object(r->arena);
        const struct record_head *head = page.records[i];

        node_set_int(item, "id", head->id);
        node_set_text(item, "title", view_name(r, l.type, page.records[i]));
        node_push(list, item);
    }
}

static struct str form_text(void *ctx, const char *column)
{
    const struct request *r = ctx;
    AUTO(buf) struct buf all = {.ceiling = 1 << 20};
    size_t n = 0;

    /* boxes of one name make a list */
    for (size_t i = 0; i < r->form.n; i++)
        n += strcmp(r->form.items[i].name, column) == 0;
    if (n < 2)
        return request_form(r, column);
    for (size_t i = 0; i < r->form.n; i++) {
        if (strcmp(r->form.items[i].name, column) != 0)
            continue;
        if (all.n)
            buf_addc(&all, ';');
        buf_add(&all, r->form.items[i].value);
    }
    return (struct str){arena_str(r->arena, buf_str(&all)), all.n};
}

/* What saving does: the record itself, or a proposal; who may choose, and of
 * what the form began. */
static void write_way(const struct request *r, const struct change *c,
                      struct node *doc)
{
    const struct record_head *head = c->before;
    struct node *way = node_object(r->arena);

    if (!head || !revision_needed(c->type, c->before))
        return;
    node_set_bool(way, "choice",
                  view_may(r, ACTION_REVIEW, c->type, c->before));
    node_set_int(way, "revision", c->revision.version);
    node_set_bool(way, "open", c->revision.version != 0);
    if (c->revision.version && view_may(r, ACTION_REVIEW, c->type, c->before))
        node_set_text(
            way, "published",
            page_own_path(r, c->type, head->id, "/edit?of=published"));
    if (c->of_published)
        node_set_text(way, "of", "published");
    node_set(doc, "way", way);
}

static void show_form(struct request *r, struct reply *reply,
                      const struct change *c)
{
    const struct record_head *head = c->record;
    struct subject s = subject_of(c->type, c->before ? c->before : c->record);
    struct record_form form = {.type = c->type,
                               .record = c->record,
                               .now = c->now,
                               .hidden = access_hidden(&r->viewer, &s),
                               .bad = &c->bad,
                               .lang = r->lang,
                               .offer = offer,
                               .given =
                                   r->method == METHOD_POST ? form_text : NULL,
                               .ctx = r};
    const char *title =
        head->id ? view_name(r, c->type, c->before)
                 : page_fill(r, lang_text(r->lang, N_("New: {what}")), "what",
                             lang_text(r->lang, c->type->label));

    reply->doc = page_begin(r, title);
    reply->template = "record-form";
    page_set_type(r, c->type, reply->doc);
    page_crumb(reply->doc, lang_text(r->lang, c->type->many),
               arena_printf(r->arena, "/records/%s", c->type->name));
    if (head->id)
        page_crumb(reply->doc, view_name(r, c->type, c->before),
                   page_own_path(r, c->type, head->id, ""));
    node_set(reply->doc, "form", form_node(&form, r->arena));
    node_set_text(
        reply->doc, "action",
        head->id ? page_own_path(r, c->type, head->id, "/edit")
                 : arena_printf(r->arena, "/records/%s/new", c->type->name));
    node_set_bool(reply->doc, "failed", c->bad.n || c->now);
    write_way(r, c, reply->doc);
    reply->private = true;
}

/* Which button was pressed, and which revision the writer saw. */
static void take_way(const struct request *r, struct change *c)
{
    struct str as = request_form(r, "as");
    bool open = c->revision.version;

    if (!c->before)
        return;
    c->revision.version = 0;
    str_i64(request_form(r, "revision"), &c->revision.version);
    if (str_is(as, "proposal") || (open && !str_is(as, "publish")))
        c->as = CHANGE_PROPOSED;
    else if (c->revision.version && !c->of_published)
        c->as = CHANGE_SETTLED;
    else
        c->as = CHANGE_AT_ONCE;
}

static enum rc save_form(struct request *r, struct reply *reply,
                         struct change *c, struct err *err)
{
    struct record_head *head = c->record;
    struct subject s = subject_of(c->type, c->before ? c->before : c->record);
    int64_t version = 0;
    enum rc rc;

    c->bad.arena = r->arena;
    form_take(c->type, c->record, access_hidden(&r->viewer, &s), form_text, r,
              r->arena, &c->bad);
    change_take_files(r, c, access_hidden(&r->viewer, &s));
    if (c->before && !str_i64(request_form(r, "version"), &version))
        return err_set(err, RC_INVALID, N_("the form has no version"));
    if (c->before)
        head->version = version;
    take_way(r, c);
    rc = change_save(r, c, err);
    if (!rc) {
        bool proposed = change_proposes(r, c);

        page_done(
            r, reply,
            page_own_path(r, c->type, head->id,
                          proposed && c->revision.version ? "/revision" : ""),
            !c->before ? "created"
            : proposed ? "proposed"
                       : "saved");
        return RC_OK;
    }
    if (rc != RC_INVALID && !(rc == RC_CONFLICT && c->now))
        return rc;
    change_forget_files(c);
    show_form(r, reply, c);
    reply->status = rc == RC_CONFLICT ? 409 : 422;
    return RC_OK;
}

/* A new record, with what the query already says: ?city=7. */
static enum rc new_record(const struct request *r, struct change *c,
                          struct err *err)
{
    enum rc rc = page_type(r, &c->type, err);
    size_t n;
    const struct field *f;

    if (rc)
        return rc;
    if (!may_create(r, c->type))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    c->record = arena_alloc(r->arena, c->type->size);
    c->action = "create";
    c->bad.arena = r->arena;
    record_clear(c->type, c->record);
    f = c->type->fields(&n);
    for (size_t i = 0; i < n; i++)
        if (f[i].type == TYPE_REF)
            str_i64(request_query(r, f[i].name), field_at(c->record, &f[i]));
    return RC_OK;
}

enum rc page_record_new(struct request *r, struct reply *reply, struct err *err)
{
    struct change c = {0};
    enum rc rc = new_record(r, &c, err);

    if (!rc)
        show_form(r, reply, &c);
    return rc;
}

enum rc page_record_create(struct request *r, struct reply *reply,
                           struct err *err)
{
    struct change c = {0};
    enum rc rc = new_record(r, &c, err);

    return rc ? rc : save_form(r, reply, &c, err);
}

/* With the open revision in it, unless a reviewer asks for what is published.
 */
static enum rc old_record(const struct request *r, struct change *c,
                          struct err *err)
{
    void *before, *shown;
    const struct record_head *head;
    bool published;
    enum rc rc = page_find(r, ACTION_SEE, &c->type, &before, err);

    if (rc)
        return rc;
    c->before = before;
    c->action = "edit";
    c->bad.arena = r->arena;
    head = before;
    if (!view_may(r, change_proposes(r, c) ? ACTION_PROPOSE : ACTION_EDIT,
                  c->type, before))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    published = str_is(request_query(r, "of"), "published") ||
                str_is(request_form(r, "of"), "published");
    c->of_published = published && view_may(r, ACTION_REVIEW, c->type, before);
    shown = arena_alloc(r->arena, c->type->size);
    memcpy(shown, before, c->type->size);
    if (revision_needed(c->type, before) && !c->of_published)
        rc = revision_load(r->store, c->type, head->id, r->arena, &c->revision,
                           err);
    revision_apply(c->type, &c->revision, shown, r->arena, NULL);
    c->shown = shown;
    c->record = arena_alloc(r->arena, c->type->size);
    memcpy(c->record, shown, c->type->size);
    return rc;
}

enum rc page_record_edit(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct change c = {0};
    enum rc rc = old_record(r, &c, err);

    if (!rc)
        show_form(r, reply, &c);
    return rc;
}

enum rc page_record_save(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct change c = {0};
    enum rc rc = old_record(r, &c, err);

    return rc ? rc : save_form(r, reply, &c, err);
}

/* ---- workflow, end, history ---- */

enum rc page_record_move(struct request *r, struct reply *reply,
                         struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    int64_t version;
    enum rc rc = page_find(r, ACTION_SEE, &t, &record, err);

    if (rc)
        return rc;
    if (!str_i64(request_form(r, "version"), &version) ||
        version != ((struct record_head *)record)->version)
        return err_set(err, RC_CONFLICT,
                       N_("somebody saved this in the meantime; look at it "
                          "again first"));
    rc = change_move(r, t, record, request_form(r, "to").p, page_note(r), err);
    if (!rc)
        page_done(r, reply,
                  page_own_path(r, t, ((struct record_head *)record)->id, ""),
                  "moved");
    return rc;
}

enum rc page_record_delete_ask(struct request *r, struct reply *reply,
                               struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    enum rc rc = page_find(r, ACTION_DELETE, &t, &record, err);

    if (rc)
        return rc;
    reply->doc =
        page_begin(r, page_fill(r, lang_text(r->lang, N_("Delete {name}?")),
                                "name", view_name(r, t, record)));
    reply->template = "record-delete";
    page_set_type(r, t, reply->doc);
    node_set_text(
        reply->doc, "action",
        page_own_path(r, t, ((struct record_head *)record)->id, "/delete"));
    node_set_text(reply->doc, "back",
                  page_own_path(r, t, ((struct record_head *)record)->id, ""));
    reply->private = true;
    return RC_OK;
}

enum rc page_record_delete(struct request *r, struct reply *reply,
                           struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    enum rc rc = page_find(r, ACTION_DELETE, &t, &record, err);

    if (!rc)
        rc = change_delete(r, t, record, err);
    if (!rc)
        page_done(r, reply, arena_printf(r->arena, "/records/%s", t->name),
                  "deleted");
    return rc;
}
