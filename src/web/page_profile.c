/* A profile in preparation: the list of a city's, one of them, its state. */
#include "web/profile_page.h"
#include "web/record_write.h"

#include <inttypes.h>

/* ---- a city's ---- */

struct listing {
    struct request *r;
    struct node *list;
};

static bool add_edition(void *ctx, const void *record)
{
    struct listing *l = ctx;
    const struct edition *e = record;
    struct node *item;

    if (!view_may(l->r, ACTION_SEE, &type_edition, e))
        return true;
    item = node_push(l->list, node_object(l->r->arena));
    node_set_int(item, "id", e->head.id);
    node_set_text(item, "title", view_name(l->r, &type_edition, e));
    node_set_text(item, "path",
                  arena_printf(l->r->arena, "/editions/%" PRId64, e->head.id));
    node_set_text(item, "state", e->head.state);
    node_set_text(item, "state_label", record_state_label(l->r, e->head.state));
    return true;
}

static int language_of(const struct request *r)
{
    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(r->lang)) == 0)
            return i;
    return 0;
}

static bool add_version(void *ctx, const struct publication *p)
{
    struct listing *l = ctx;
    const struct request *r = l->r;
    struct node *item = node_push(l->list, node_object(r->arena));
    AUTO(buf) struct buf period = {.ceiling = 256};
    const char *title = words_best(&p->title, language_of(r), NULL);

    lang_period(r->lang, p->period, &period);
    node_set_int(item, "id", p->id);
    node_set_int(item, "number", p->number);
    node_set_text(item, "title", title ? title : "");
    node_set_text(item, "period", buf_cstr(&period));
    node_set_text(item, "program", p->program);
    node_set_time(r, item, "published", p->published);
    node_set_bool(item, "withdrawn", p->withdrawn != 0);
    node_set_bool(item, "may_withdraw",
                  access_may(&r->viewer, ACTION_ADMIN, &(struct subject){0}));
    return true;
}

static enum rc find_city(const struct request *r, int64_t *id, void **city,
                         struct err *err)
{
    enum rc rc = page_id(r, "id", id, err);

    return rc ? rc : view_load(r, &type_city, *id, ACTION_SEE, city, err);
}

static bool may_begin(const struct request *r, int64_t city)
{
    struct edition e;

    record_clear(&type_edition, &e);
    e.city = city;
    return view_may(r, ACTION_CREATE, &type_edition, &e);
}

static enum rc show_list(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct listing l = {r, node_list(r->arena)}, v = {r, node_list(r->arena)};
    int64_t id;
    void *city;
    enum rc rc = find_city(r, &id, &city, err);

    if (!rc)
        rc = record_each(r->store, &type_edition, "city = :city",
                         PARAMS(P_INT("city", id)), add_edition, &l, err);
    if (!rc)
        rc = publication_each(r->store, id, true, add_version, &v, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, lang_text(r->lang, type_edition.many));
    reply->template = "profile-editions";
    reply->private = true;
    page_crumb(reply->doc, view_name(r, &type_city, city),
               arena_printf(r->arena, "/cities/%" PRId64, id));
    node_set(reply->doc, "editions", l.list);
    node_set_bool(reply->doc, "any", node_len(l.list) > 0);
    node_set(reply->doc, "versions", v.list);
    node_set_bool(reply->doc, "any_versions", node_len(v.list) > 0);
    if (may_begin(r, id))
        node_set_text(
            reply->doc, "begin",
            arena_printf(r->arena, "/cities/%" PRId64 "/editions", id));
    return RC_OK;
}

enum rc page_editions(struct request *r, struct reply *reply, struct err *err)
{
    return show_list(r, reply, err);
}

enum rc form_edition_begin(struct request *r, struct reply *reply,
                           struct err *err)
{
    struct edition e;
    struct change c = {.type = &type_edition, .record = &e, .action = "create"};
    struct str title = str_trim(request_form(r, "title"));
    int64_t id;
    void *city;
    enum rc rc = find_city(r, &id, &city, err);

    if (rc)
        return rc;
    record_clear(&type_edition, &e);
    e.city = id;
    if (title.n)
        e.title.in[language_of(r)] = arena_str(r->arena, title);
    c.bad.arena = r->arena;
    rc = change_save(r, &c, err);
    if (rc == RC_INVALID && c.bad.n) {
        rc = show_list(r, reply, err);
        if (!rc)
            page_fault_text(r, reply,
                            lang_text(r->lang, N_("a profile needs a title")));
        return rc;
    }
    if (!rc)
        page_done(
            r, reply,
            arena_printf(r->arena, "/editions/%" PRId64 "/files", e.head.id),
            "created");
    return rc;
}

/* ---- one ---- */

static void write_moves(const struct request *r, const struct editing *e,
                        struct node *doc)
{
    size_t n;
    const struct transition *m = record_transitions(&n);
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < n; i++) {
        struct node *item;

        if (!change_may_move(r, &m[i], &type_edition, e->edition))
            continue;
        item = node_push(list, node_object(r->arena));
        node_set_text(item, "to", m[i].to);
        node_set_text(item, "label", lang_text(r->lang, m[i].label));
    }
    node_set(doc, "moves", list);
    node_set_bool(doc, "may_move", node_len(list) > 0);
    node_set_int(doc, "version", e->edition->head.version);
}

static void write_look(const struct request *r, const struct editing *e,
                       struct node *doc)
{
    const struct edition_state *l = &e->look;
    struct node *n = node_set(doc, "look", node_object(r->arena));
    bool ready = l->result && l->current && !l->faults && !job_open(&l->job);

    node_set_int(n, "files", (int64_t)l->files);
    node_set_bool(n, "descriptor", l->descriptor);
    node_set_bool(n, "computed", l->computed);
    node_set_bool(n, "result", l->result);
    node_set_bool(n, "old", l->computed && !l->current);
    node_set_bool(n, "ready", ready);
    node_set_int(n, "faults", l->faults);
    node_set_int(n, "warnings", l->warnings);
    node_set_bool(n, "any_faults", l->faults > 0);
    node_set_bool(n, "any_warnings", l->warnings > 0);
    edition_job_node(r, &l->job, doc);
}

static enum rc show_review(struct request *r, struct reply *reply,
                           struct editing *e, struct err *err)
{
    struct listing v = {r, node_list(r->arena)};
    struct node *doc = edition_page(
        r, reply, e, lang_text(r->lang, N_("Review and publication")),
        "profile-review", "review");
    enum rc rc;

    write_moves(r, e, doc);
    write_look(r, e, doc);
    if (e->edition->note.in[0])
        node_set(doc, "note", view_field(r, &type_edition, e->edition, "note"));
    node_set_text(doc, "edit",
                  arena_printf(r->arena, "/records/edition/%" PRId64 "/edit",
                               e->edition->head.id));
    node_set_text(doc, "history",
                  arena_printf(r->arena, "/records/edition/%" PRId64 "/history",
                               e->edition->head.id));
    node_set(doc, "versions", v.list);
    rc = publication_each(r->store, e->edition->city, true, add_version, &v,
                          err);
    node_set_bool(doc, "any_versions", node_len(v.list) > 0);
    return rc;
}

enum rc page_edition(struct request *r, struct reply *reply, struct err *err)
{
    struct editing e;
    struct node *doc;
    enum rc rc = edition_open(r, EDITION_SEE, &e, err);

    if (rc)
        return rc;
    doc = edition_page(r, reply, &e, view_name(r, &type_edition, e.edition),
                       "profile-edition", "");
    write_look(r, &e, doc);
    write_moves(r, &e, doc);
    return RC_OK;
}

enum rc page_edition_review(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct editing e;
    enum rc rc = edition_open(r, EDITION_SEE, &e, err);

    return rc ? rc : show_review(r, reply, &e, err);
}

enum rc form_edition_move(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct str note = str_trim(request_form(r, "note"));
    struct editing e;
    int64_t version;
    enum rc rc = edition_open(r, EDITION_SEE, &e, err);

    if (rc)
        return rc;
    if (!str_i64(request_form(r, "version"), &version) ||
        version != e.edition->head.version)
        return err_set(err, RC_CONFLICT,
                       N_("somebody saved this in the meantime; look at it "
                          "again first"));
    rc = change_move(r, &type_edition, e.edition, request_form(r, "to").p,
                     note.n ? arena_str(r->arena, note) : NULL, err);
    if (rc == RC_INVALID) {
        struct err said = *err;

        rc = edition_open(r, EDITION_SEE, &e, err);
        if (!rc)
            rc = show_review(r, reply, &e, err);
        if (!rc)
            page_fault(r, reply, &said);
        return rc;
    }
    if (!rc)
        page_done(r, reply, edition_path(r, &e, "/review"), "moved");
    return rc;
}

enum rc form_publication_withdraw(struct request *r, struct reply *reply,
                                  struct err *err)
{
    struct publication p;
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc)
        rc = publication_load(r->store, id, r->arena, &p, err);
    if (!rc)
        rc = store_begin(r->store, true, err);
    if (!rc)
        rc = publication_withdraw(r->store, id,
                                  str_is(request_form(r, "withdrawn"), "yes"),
                                  r->viewer.account, request_now(), err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (rc)
        return rc;
    server_changed(r, "publication");
    page_done(r, reply,
              arena_printf(r->arena, "/cities/%" PRId64 "/editions", p.city),
              "done");
    return RC_OK;
}
