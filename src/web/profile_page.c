#include "web/profile_page.h"
#include "network/secret.h"
#include "web/json.h"
#include "web/record_write.h"

#include <inttypes.h>

enum { TEXT_MOST = 16 << 20, FILE_SHOWN = 256 << 20 };

enum rc edition_open(const struct request *r, enum edition_need need,
                     struct editing *out, struct err *err)
{
    void *record = NULL;
    int64_t id;
    enum rc rc = page_id(r, "id", &id, err);

    *out = (struct editing){0};
    if (!rc)
        rc = view_load(r, &type_edition, id,
                       need == EDITION_SEE ? ACTION_EDIT : ACTION_FILES,
                       &record, err);
    if (rc)
        return rc;
    out->edition = record;
    out->team = view_may(r, ACTION_FILES, &type_edition, record);
    out->draft = strcmp(out->edition->head.state, "draft") == 0;
    if (need == EDITION_CHANGE && !out->draft)
        return err_set(err, RC_CONFLICT,
                       N_("this profile is not a draft: its files stay as they "
                          "are"));
    return edition_look(r->store, id, r->arena, &out->look, err);
}

const char *edition_path(const struct request *r, const struct editing *e,
                         const char *rest)
{
    return arena_printf(r->arena, "/editions/%" PRId64 "%s",
                        e->edition->head.id, rest);
}

struct stored_owner edition_files(const struct editing *e)
{
    return (struct stored_owner){STORED_PACKAGE, e->edition->head.id};
}

struct stored_owner edition_reports(const struct editing *e)
{
    return (struct stored_owner){STORED_REPORT, e->edition->head.id};
}

struct stored_owner edition_result(const struct editing *e)
{
    return (struct stored_owner){STORED_RESULT, e->edition->head.id};
}

struct stored_note edition_note(const struct request *r)
{
    return (struct stored_note){r->viewer.account, request_now()};
}

enum rc edition_audit(const struct request *r, const struct editing *e,
                      const char *action, struct err *err)
{
    return audit_row(
        r->store, r->viewer.account, action,
        arena_printf(r->arena, "edition/%" PRId64, e->edition->head.id), "{}",
        request_now(), err);
}

/* ---- the page ---- */

static const struct {
    const char *name, *label;
    bool team; /* for those who read the files */
} steps[] = {
    {"files", N_("Files"), true},
    {"description", N_("Description"), true},
    {"chapters", N_("Chapters"), true},
    {"result", N_("Result"), false},
    {"review", N_("Review"), false},
};

/* What a step is worth telling: done, or what is missing. */
static bool step_done(const struct editing *e, const char *name)
{
    const struct edition_state *l = &e->look;

    if (strcmp(name, "files") == 0)
        return l->files > (l->descriptor ? 1u : 0u);
    if (strcmp(name, "description") == 0)
        return l->descriptor;
    if (strcmp(name, "result") == 0)
        return l->result && l->current && !l->faults;
    if (strcmp(name, "review") == 0)
        return strcmp(e->edition->head.state, "published") == 0;
    return false;
}

static void write_steps(const struct request *r, const struct editing *e,
                        const char *step, struct node *doc)
{
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct node *item = node_object(r->arena);

        if (steps[i].team && !e->team)
            continue;
        node_set_text(item, "name", steps[i].name);
        node_set_text(item, "label", lang_text(r->lang, steps[i].label));
        node_set_text(
            item, "path",
            edition_path(r, e, arena_printf(r->arena, "/%s", steps[i].name)));
        node_set_bool(item, "current", strcmp(steps[i].name, step) == 0);
        node_set_bool(item, "done", step_done(e, steps[i].name));
        node_push(list, item);
    }
    node_set(doc, "steps", list);
}

struct node *edition_page(const struct request *r, struct reply *reply,
                          const struct editing *e, const char *title,
                          const char *template, const char *step)
{
    struct node *doc = page_begin(r, title);
    const char *city = view_ref(r, "city", e->edition->city);

    reply->doc = doc;
    reply->template = template;
    reply->private = true;
    page_crumb(doc, city ? city : "",
               arena_printf(r->arena, "/cities/%" PRId64, e->edition->city));
    page_crumb(doc, lang_text(r->lang, type_edition.many),
               arena_printf(r->arena, "/cities/%" PRId64 "/editions",
                            e->edition->city));
    if (step[0])
        page_crumb(doc, view_name(r, &type_edition, e->edition),
                   edition_path(r, e, ""));
    node_set_text(doc, "name", view_name(r, &type_edition, e->edition));
    node_set_text(doc, "base", edition_path(r, e, ""));
    node_set_text(doc, "state", e->edition->head.state);
    node_set_text(doc, "state_label",
                  record_state_label(r, e->edition->head.state));
    node_set_bool(doc, "team", e->team);
    node_set_bool(doc, "draft", e->draft && e->team);
    write_steps(r, e, step, doc);
    return doc;
}

/* ---- texts ---- */

enum rc edition_text(const struct request *r, struct stored_owner owner,
                     const char *name, struct str *out, struct err *err)
{
    struct keyring k = request_keys(r);
    struct stored f;
    enum rc rc = stored_find(r->store, owner, name, r->arena, &f, err);

    *out = (struct str){"", 0};
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (!rc)
        rc = stored_read(r->store, &k, &f, TEXT_MOST, r->arena, out, err);
    return rc;
}

struct node *edition_json(const struct request *r, struct stored_owner owner,
                          const char *name)
{
    struct node *out = NULL;
    struct str text;

    if (edition_text(r, owner, name, &text, NULL) || !text.n ||
        json_read(text, r->arena, &out, NULL))
        return NULL;
    return out;
}

/* ---- faults ---- */

static struct node *group_of(const struct request *r, struct node *groups,
                             const char *file)
{
    struct node *group;

    for (size_t i = 0; i < node_len(groups); i++) {
        group = node_at(groups, i);
        if (strcmp(node_cstr(node_get(group, "file"), ""), file) == 0)
            return node_get(group, "findings");
    }
    group = node_push(groups, node_object(r->arena));
    node_set_text(group, "file", file);
    return node_set(group, "findings", node_list(r->arena));
}

static const char *severity_label(const struct request *r, const char *code)
{
    if (strcmp(code, "fault") == 0)
        return lang_text(r->lang, N_("fault"));
    if (strcmp(code, "warning") == 0)
        return lang_text(r->lang, N_("warning"));
    return lang_text(r->lang, N_("note"));
}

void edition_faults(const struct request *r, const struct editing *e,
                    const char *file, struct node *doc)
{
    struct node *report = edition_json(
        r, edition_reports(e),
        arena_printf(r->arena, "faults.%s.json", lang_code(r->lang)));
    const struct node *all = node_get(report, "findings");
    struct node *groups = node_list(r->arena), *out;

    for (size_t i = 0; i < node_len(all); i++) {
        struct node *f = node_at(all, i);
        const char *of = node_cstr(node_get(f, "file"), EDITION_DESCRIPTOR);

        if (file && strcmp(of, file) != 0)
            continue;
        node_set_text(
            f, "severity_label",
            severity_label(r, node_cstr(node_get(f, "severity"), "")));
        node_push(group_of(r, groups, of), f);
    }
    if (!node_len(groups) && file)
        return;
    out = node_set(doc, "faults", node_object(r->arena));
    node_set_int(out, "faults", node_integer(node_get(report, "faults"), 0));
    node_set_int(out, "warnings",
                 node_integer(node_get(report, "warnings"), 0));
    node_set_bool(out, "any", node_integer(node_get(report, "faults"), 0) > 0);
    node_set_bool(out, "old", !e->look.current);
    node_set(out, "files", groups);
}

void edition_job_node(const struct request *r, const struct job_row *j,
                      struct node *doc)
{
    struct node *n;

    if (!j->id)
        return;
    n = node_set(doc, "job", node_object(r->arena));
    node_set_int(n, "id", j->id);
    node_set_text(n, "state", j->state);
    node_set_bool(n, "open", job_open(j));
    node_set_bool(n, "waiting", strcmp(j->state, "waiting") == 0);
    node_set_bool(n, "failed", strcmp(j->state, "failed") == 0);
    node_set_bool(n, "cancelled", strcmp(j->state, "cancelled") == 0);
    if (j->stage[0])
        node_set_text(n, "stage", lang_text(r->lang, j->stage));
    node_set_int(n, "percent", (int64_t)(100 * j->progress + 0.5));
    if (strcmp(j->state, "failed") == 0 && j->result[0])
        node_set_text(n, "why", lang_text(r->lang, j->result));
    node_set_time(r, n, "created", j->created);
}

/* ---- a file as the reply ---- */

enum rc reply_stored(struct request *r, struct reply *reply,
                     const struct stored *f, bool attachment, struct err *err)
{
    struct keyring k = request_keys(r);
    AUTO(buf) struct buf name = {.ceiling = 4096};
    const char *slash = strrchr(f->name, '/');
    enum rc rc =
        stored_read(r->store, &k, f, FILE_SHOWN, r->arena, &reply->bytes, err);

    if (rc)
        return rc;
    reply->type = attachment ? "application/octet-stream" : f->media;
    reply->private = true;
    if (attachment) {
        buf_adds(&name, "attachment; filename*=UTF-8''");
        buf_url(&name, str_of(slash ? slash + 1 : f->name));
        pairs_add(&reply->headers, r->arena, "Content-Disposition",
                  buf_str(&name));
    }
    return RC_OK;
}
