/* What was computed of a profile: faults, progress, preview. */
#include "web/profile_page.h"

#include <inttypes.h>

enum { REFRESH_S = 2 };

static void write_pages(const struct request *r, const struct editing *e,
                        struct node *doc)
{
    struct node *list = node_list(r->arena);
    size_t n;
    const struct lang *const *all = lang_all(&n);

    for (size_t i = 0; i < n; i++) {
        struct stored f;
        const char *name =
            arena_printf(r->arena, "profile.%s.html", lang_code(all[i]));
        struct node *item;

        if (stored_find(r->store, edition_result(e), name, r->arena, &f, NULL))
            continue;
        item = node_push(list, node_object(r->arena));
        node_set_text(item, "lang", lang_code(all[i]));
        node_set_text(item, "label", lang_own_name(all[i]));
        node_set_text(
            item, "path",
            edition_path(r, e, arena_printf(r->arena, "/preview/%s", name)));
    }
    node_set(doc, "pages", list);
    node_set_text(doc, "document",
                  edition_path(r, e, "/preview/" PUBLICATION_DOCUMENT));
}

enum rc page_profile_result(struct request *r, struct reply *reply,
                            struct err *err)
{
    const struct edition_state *l;
    struct editing e;
    struct node *doc, *n;
    enum rc rc = edition_open(r, EDITION_SEE, &e, err);

    if (rc)
        return rc;
    l = &e.look;
    doc = edition_page(r, reply, &e, lang_text(r->lang, N_("Result")),
                       "profile-result", "result");
    edition_job_node(r, &l->job, doc);
    n = node_set(doc, "look", node_object(r->arena));
    node_set_bool(n, "descriptor", l->descriptor);
    node_set_bool(n, "idle", !job_open(&l->job));
    node_set_bool(n, "computed", l->computed);
    node_set_bool(n, "result", l->result);
    node_set_bool(n, "old", l->computed && !l->current);
    node_set_int(n, "faults", l->faults);
    node_set_bool(n, "any_faults", l->faults > 0);
    node_set_int(n, "warnings", l->warnings);
    node_set_bool(n, "any_warnings", l->warnings > 0);
    if (l->result)
        write_pages(r, &e, doc);
    if (e.team && l->computed)
        edition_faults(r, &e, NULL, doc);
    if (job_open(&l->job)) /* comes again by itself, without a script */
        pairs_add(&reply->headers, r->arena, "Refresh",
                  str_of(arena_printf(r->arena, "%d", REFRESH_S)));
    return RC_OK;
}

enum rc form_profile_compute(struct request *r, struct reply *reply,
                             struct err *err)
{
    struct editing e;
    int64_t job;
    enum rc rc = edition_open(r, EDITION_CHANGE, &e, err);

    if (!rc && !e.look.descriptor)
        rc = err_set(err, RC_INVALID,
                     N_("describe the files first: there is no %s"),
                     EDITION_DESCRIPTOR);
    if (!rc)
        rc = store_begin(r->store, true, err);
    if (!rc)
        rc = edition_compute(r->store, e.edition->head.id, request_now(), &job,
                             err);
    if (!rc)
        rc = edition_audit(r, &e, "compute", err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (!rc)
        reply_redirect(r, reply, edition_path(r, &e, "/result"));
    return rc;
}

enum rc form_profile_cancel(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct editing e;
    enum rc rc = edition_open(r, EDITION_READ, &e, err);

    if (!rc && e.look.job.id)
        rc = job_cancel(r->store, e.look.job.id, err);
    if (!rc)
        reply_redirect(r, reply, edition_path(r, &e, "/result"));
    return rc;
}

/* ---- preview ---- */

/* The page of the profile brings its own style and has no script. */
static const char DOCUMENT_POLICY[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'none'; frame-ancestors 'self'; base-uri 'none'";

static enum rc preview(struct request *r, struct reply *reply, const char *name,
                       struct err *err)
{
    struct editing e;
    struct stored f;
    enum rc rc = edition_open(r, EDITION_SEE, &e, err);

    if (!rc)
        rc = stored_find(r->store, edition_result(&e), name, r->arena, &f, err);
    if (!rc)
        rc = reply_stored(r, reply, &f, false, err);
    pairs_add(&reply->headers, r->arena, "Content-Security-Policy",
              str_of(DOCUMENT_POLICY));
    return rc;
}

/* Its name stands in the path as sent: routes take ".json" for a shape. */
static const char *name_of(const struct request *r)
{
    static const char mark[] = "/preview/";
    const char *at = strstr(r->path, mark);
    struct str name;

    return at && url_decode(str_of(at + strlen(mark)), false, r->arena, &name)
               ? arena_str(r->arena, name)
               : "";
}

enum rc page_profile_preview(struct request *r, struct reply *reply,
                             struct err *err)
{
    return preview(r, reply, name_of(r), err);
}
