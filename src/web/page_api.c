/* The records as an API, and its description (OpenAPI 3.1). */
#include "web/json.h"
#include "web/record_page.h"
#include "web/record_write.h"

#include <ctype.h>
#include <inttypes.h>

/* "Focal points" -> "focal-points": what the API calls all of a kind. */
static const char *plural_name(struct arena *a, const struct record_type *t)
{
    char *s = arena_strdup(a, t->many);

    for (char *p = s; *p; p++)
        *p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
    return s;
}

static enum rc find_type(const struct request *r, const struct record_type **t,
                         struct err *err)
{
    size_t n;
    const struct record_type *const *all = record_types(&n);

    for (size_t i = 0; i < n; i++) {
        if (str_is(request_param(r, "type"), plural_name(r->arena, all[i]))) {
            *t = all[i];
            return RC_OK;
        }
    }
    return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
}

static enum rc find_record(struct request *r, const struct record_type **t,
                           enum action action, void **record, struct err *err)
{
    int64_t id = 0;
    enum rc rc = find_type(r, t, err);

    if (!rc)
        rc = page_id(r, "id", &id, err);
    return rc ? rc : view_load(r, *t, id, action, record, err);
}

enum rc api_list(struct request *r, struct reply *reply, struct err *err)
{
    const struct record_type *t = NULL;
    struct view_list l = {0};
    struct view_page page;
    struct node *list = node_list(r->arena);
    enum rc rc = find_type(r, &t, err);

    l.type = t;
    if (!rc)
        rc = view_list(r, &l, &page, err);
    if (rc)
        return rc;
    if (r->as == AS_CSV)
        return view_csv(r, t, &page, reply);
    reply->doc = node_object(r->arena);
    for (size_t i = 0; i < page.n; i++)
        node_push(list, view_json(r, t, page.records[i]));
    node_set(reply->doc, "items", list);
    view_paging(r, &page, reply->doc);
    r->as = AS_JSON;
    return RC_OK;
}

enum rc api_show(struct request *r, struct reply *reply, struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    enum rc rc = find_record(r, &t, ACTION_SEE, &record, err);

    r->as = AS_JSON;
    if (!rc)
        reply->doc = view_json(r, t, record);
    return rc;
}

/* The record as proposed, and how far the proposal is. */
static void write_proposed(struct request *r, const struct record_type *t,
                           const void *whole, const struct revision *v,
                           struct reply *reply)
{
    const struct record_head *head = whole;

    reply->doc = node_object(r->arena);
    node_set(reply->doc, "revision", page_revision_node(r, t, head->id, v));
    node_set(reply->doc, "record", view_json(r, t, whole));
    reply->private = true;
}

enum rc api_revision(struct request *r, struct reply *reply, struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    struct revision v = {0};
    enum rc rc = find_record(r, &t, ACTION_PROPOSE, &record, err);

    r->as = AS_JSON;
    if (rc == RC_FORBIDDEN)
        rc = RC_NOT_FOUND;
    if (!rc)
        rc = revision_load(r->store, t, ((struct record_head *)record)->id,
                           r->arena, &v, err);
    if (rc == RC_NOT_FOUND || (!rc && !v.version))
        return err_set(err, RC_NOT_FOUND,
                       N_("nothing is proposed for this record"));
    if (rc)
        return rc;
    revision_apply(t, &v, record, r->arena, NULL);
    write_proposed(r, t, record, &v, reply);
    return RC_OK;
}

/* What was wrong, field by field, as a problem document (RFC 9457). */
static void write_problem(struct request *r, struct reply *reply,
                          const struct change *c, enum rc rc)
{
    struct node *list = node_list(r->arena);

    reply->doc = node_object(r->arena);
    reply->status = (unsigned)rc_http(rc);
    node_set_text(reply->doc, "type", "about:blank");
    node_set_text(reply->doc, "title", lang_text(r->lang, rc_sentence(rc)));
    node_set_int(reply->doc, "status", reply->status);
    for (size_t i = 0; i < c->bad.n; i++) {
        const struct complaint *b = &c->bad.items[i];
        AUTO(buf) struct buf text = {.ceiling = 1 << 16};
        struct node *item = node_object(r->arena);
        struct err e = {0};

        err_set(&e, RC_INVALID, b->message, b->argument ? b->argument : "");
        err_render(&e, lang_text(r->lang, b->message), &text);
        node_set_text(item, "field", b->field ? b->field->name : "");
        node_set_text(item, "message", buf_cstr(&text));
        node_push(list, item);
    }
    node_set(reply->doc, "faults", list);
    if (c->now)
        node_set(reply->doc, "now", view_json(r, c->type, c->now));
}

/* Fields that this viewer does not see cannot be set either. */
static void refuse_hidden(const struct request *r, struct change *c,
                          const struct node *body)
{
    struct subject s = subject_of(c->type, c->before ? c->before : c->record);
    unsigned hidden = access_hidden(&r->viewer, &s);
    size_t n;
    const struct field *f = c->type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if ((f[i].flags & hidden) && node_get(body, f[i].name))
            complain(&c->bad, &f[i], N_("you may not set this"), NULL);
}

/* "revision": the one that was read, when the change continues it; who may
 * publish begins one with 0. */
static enum rc take_revision(struct request *r, struct change *c,
                             const struct node *body, struct err *err)
{
    const struct node *given = node_get(body, "revision");
    const struct record_head *head = c->record;
    void *shown;
    enum rc rc;

    if (!c->before || !revision_needed(c->type, c->before))
        return RC_OK;
    if (given)
        c->as = CHANGE_PROPOSED;
    if (!change_proposes(r, c))
        return RC_OK;
    rc =
        revision_load(r->store, c->type, head->id, r->arena, &c->revision, err);
    if (rc)
        return rc;
    shown = arena_alloc(r->arena, c->type->size);
    memcpy(shown, c->before, c->type->size);
    revision_apply(c->type, &c->revision, shown, r->arena, NULL);
    memcpy(c->record, shown, c->type->size);
    c->shown = shown;
    c->revision.version = node_integer(given, 0);
    return RC_OK;
}

static enum rc take_body(struct request *r, struct reply *reply,
                         struct change *c, struct err *err)
{
    struct node *body = NULL;
    enum rc rc = json_read(r->body, r->arena, &body, err);

    r->as = AS_JSON;
    c->bad.arena = r->arena;
    if (rc)
        return rc;
    if (c->before && !node_is_number(node_get(body, "version")))
        return err_set(err, RC_INVALID,
                       N_("'version' is needed: the one that was read"));
    rc = take_revision(r, c, body, err);
    if (rc)
        return rc;
    refuse_hidden(r, c, body);
    record_from_json(c->type, body, c->record, r->arena, &c->bad);
    rc = change_save(r, c, err);
    if (!rc && change_proposes(r, c)) {
        reply->status = 202;
        write_proposed(r, c->type, c->record, &c->revision, reply);
    } else if (!rc)
        reply->doc = view_json(r, c->type, c->record);
    else if (rc == RC_INVALID || (rc == RC_CONFLICT && c->now))
        write_problem(r, reply, c, rc);
    else
        return rc;
    return RC_OK;
}

enum rc api_create(struct request *r, struct reply *reply, struct err *err)
{
    struct change c = {.action = "create"};
    enum rc rc = find_type(r, &c.type, err);

    r->as = AS_JSON;
    if (rc)
        return rc;
    c.record = arena_alloc(r->arena, c.type->size);
    record_clear(c.type, c.record);
    reply->status = 201;
    return take_body(r, reply, &c, err);
}

enum rc api_change(struct request *r, struct reply *reply, struct err *err)
{
    struct change c = {.action = "edit"};
    void *before;
    enum rc rc = find_record(r, &c.type, ACTION_SEE, &before, err);

    r->as = AS_JSON;
    if (rc)
        return rc;
    c.before = before;
    c.record = arena_alloc(r->arena, c.type->size);
    memcpy(c.record, before, c.type->size);
    return take_body(r, reply, &c, err);
}

enum rc api_delete(struct request *r, struct reply *reply, struct err *err)
{
    const struct record_type *t = NULL;
    void *record;
    enum rc rc = find_record(r, &t, ACTION_DELETE, &record, err);

    r->as = AS_JSON;
    if (!rc)
        rc = change_delete(r, t, record, err);
    if (!rc)
        reply->doc = node_object(r->arena);
    return rc;
}

/* ---- OpenAPI ---- */

static struct node *add(struct node *to, const char *key)
{
    return node_set(to, key, node_object(to->arena));
}

static void reference(struct node *media, const char *name)
{
    node_set_text(add(add(media, "application/json"), "schema"), "$ref",
                  arena_printf(media->arena, "#/components/schemas/%s", name));
}

static void answer(struct node *operation, const char *status,
                   const char *about, const char *schema)
{
    struct node *all = node_get(operation, "responses");
    struct node *one;

    if (!all)
        all = add(operation, "responses");
    one = add(all, status);
    node_set_text(one, "description", about);
    if (schema)
        reference(add(one, "content"), schema);
}

static void parameter(struct node *operation, const char *name,
                      const char *where, const char *type, const char *about)
{
    struct node *list = node_get(operation, "parameters");
    struct node *p = node_object(operation->arena);

    if (!list)
        list = node_set(operation, "parameters", node_list(operation->arena));
    node_set_text(p, "name", name);
    node_set_text(p, "in", where);
    node_set_bool(p, "required", strcmp(where, "path") == 0);
    node_set_text(p, "description", about);
    node_set_text(add(p, "schema"), "type", type);
    node_push(list, p);
}

static struct node *operation(const struct request *r, struct node *path,
                              const char *method, const char *id,
                              const char *summary)
{
    struct node *o = add(path, method);

    node_set_text(o, "operationId", id);
    node_set_text(o, "summary", lang_text(r->lang, summary));
    return o;
}

static void body_of(struct node *o, const char *schema)
{
    struct node *body = add(o, "requestBody");

    node_set_bool(body, "required", true);
    reference(add(body, "content"), schema);
}

static void write_list_paths(const struct request *r, struct node *path,
                             const struct record_type *t, const char *many)
{
    struct node *o =
        operation(r, path, "get", arena_printf(r->arena, "list-%s", many),
                  N_("A page of them, as far as you may see them."));

    parameter(o, "page", "query", "integer",
              lang_text(r->lang, N_("from 1; 50 a page")));
    parameter(o, "q", "query", "string",
              lang_text(r->lang, N_("words that begin words of the record")));
    answer(o, "200", lang_text(r->lang, t->many),
           arena_printf(r->arena, "%s_page", t->name));
    o = operation(r, path, "post", arena_printf(r->arena, "create-%s", t->name),
                  N_("A new one."));
    body_of(o, t->name);
    answer(o, "201", lang_text(r->lang, t->label), t->name);
    answer(o, "422", lang_text(r->lang, N_("faults, by field")), "problem");
}

static void write_item_paths(const struct request *r, struct node *path,
                             const struct record_type *t)
{
    static const struct {
        const char *method, *id, *about;
    } rows[] = {
        {"get", "get", N_("One of them.")},
        {"patch", "change", N_("Changes the fields that are given.")},
        {"delete", "delete", N_("Deletes it.")},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *o =
            operation(r, path, rows[i].method,
                      arena_printf(r->arena, "%s-%s", rows[i].id, t->name),
                      rows[i].about);

        parameter(o, "id", "path", "integer", lang_text(r->lang, t->label));
        answer(o, "200", lang_text(r->lang, t->label), i < 2 ? t->name : NULL);
        answer(o, "404", lang_text(r->lang, rc_sentence(RC_NOT_FOUND)),
               "problem");
        if (i == 1) {
            body_of(o, t->name);
            answer(o, "409", lang_text(r->lang, rc_sentence(RC_CONFLICT)),
                   "problem");
            answer(o, "422", lang_text(r->lang, N_("faults, by field")),
                   "problem");
        }
    }
}

static void write_schemas(const struct request *r, struct node *schemas)
{
    size_t n;
    const struct record_type *const *all = record_types(&n);
    struct node *problem = add(schemas, "problem"), *p;

    node_set_text(problem, "type", "object");
    p = add(problem, "properties");
    node_set_text(add(p, "title"), "type", "string");
    node_set_text(add(p, "status"), "type", "integer");
    node_set_text(add(p, "detail"), "type", "string");
    for (size_t i = 0; i < n; i++) {
        struct node *page, *items;

        node_set(schemas, all[i]->name, record_schema(all[i], r->arena));
        page = add(schemas, arena_printf(r->arena, "%s_page", all[i]->name));
        node_set_text(page, "type", "object");
        p = add(page, "properties");
        items = add(p, "items");
        node_set_text(items, "type", "array");
        node_set_text(
            add(items, "items"), "$ref",
            arena_printf(r->arena, "#/components/schemas/%s", all[i]->name));
        node_set_text(add(p, "total"), "type", "integer");
        node_set_text(add(p, "page_number"), "type", "integer");
        node_set_text(add(p, "pages"), "type", "integer");
    }
}

static struct node *description(const struct request *r)
{
    struct node *doc = node_object(r->arena), *info, *paths, *parts, *bearer;
    size_t n;
    const struct record_type *const *all = record_types(&n);

    node_set_text(doc, "openapi", "3.1.0");
    info = add(doc, "info");
    node_set_text(info, "title", "Passerelle");
    node_set_text(info, "version", PASSERELLE_VERSION);
    paths = add(doc, "paths");
    for (size_t i = 0; i < n; i++) {
        const char *many = plural_name(r->arena, all[i]);

        write_list_paths(r, add(paths, arena_printf(r->arena, "/api/%s", many)),
                         all[i], many);
        write_item_paths(
            r, add(paths, arena_printf(r->arena, "/api/%s/{id}", many)),
            all[i]);
    }
    parts = add(doc, "components");
    write_schemas(r, add(parts, "schemas"));
    bearer = add(add(parts, "securitySchemes"), "token");
    node_set_text(bearer, "type", "http");
    node_set_text(bearer, "scheme", "bearer");
    return doc;
}

enum rc api_description(struct request *r, struct reply *reply, struct err *err)
{
    reply->doc = description(r);
    r->as = AS_JSON;
    return RC_OK;
}

/* The description as a page: every path with what it does. */
enum rc page_api(struct request *r, struct reply *reply, struct err *err)
{
    struct node *paths = node_get(description(r), "paths");
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < node_len(paths); i++) {
        struct node *path = node_at(paths, i);

        for (size_t k = 0; k < node_len(path); k++) {
            struct node *item = node_object(r->arena);
            char *method = arena_str(r->arena, node_key(path, k));

            for (char *p = method; *p; p++)
                *p = (char)toupper((unsigned char)*p);
            node_set_text(item, "method", method);
            node_set(item, "path", node_str(r->arena, node_key(paths, i)));
            node_set_text(item, "about",
                          node_cstr(node_get(node_at(path, k), "summary"), ""));
            node_push(list, item);
        }
    }
    reply->doc = page_begin(r, lang_text(r->lang, N_("Data and API")));
    reply->template = "api";
    node_set(reply->doc, "operations", list);
    return RC_OK;
}

/* ---- pages of text alone ---- */

enum rc page_help(struct request *r, struct reply *reply, struct err *err)
{
    reply->doc = page_begin(r, lang_text(r->lang, N_("Help")));
    reply->template = "help";
    return RC_OK;
}

enum rc page_accessibility(struct request *r, struct reply *reply,
                           struct err *err)
{
    reply->doc = page_begin(r, lang_text(r->lang, N_("Accessibility")));
    reply->template = "accessibility";
    return RC_OK;
}
