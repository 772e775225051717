/* The files of a profile in preparation: taken in, listed, handed out. */
#include "web/profile_page.h"

#include <inttypes.h>

struct listing {
    struct request *r;
    const struct editing *e;
    struct node *list;
};

static bool add_file(void *ctx, const struct stored *f)
{
    struct listing *l = ctx;
    struct node *item = node_push(l->list, node_object(l->r->arena));

    node_set_text(item, "name", f->name);
    node_set_text(item, "size_text", page_size(l->r, f->size));
    node_set_int(item, "size", (int64_t)f->size);
    node_set_text(item, "sha256", f->sha256);
    node_set_time(l->r, item, "stored", f->created);
    node_set_text(
        item, "path",
        edition_path(l->r, l->e,
                     arena_printf(l->r->arena, "/files/%" PRId64, f->id)));
    return true;
}

static enum rc show(struct request *r, struct reply *reply,
                    const struct editing *e, struct err *err)
{
    struct node *doc = edition_page(
        r, reply, e, lang_text(r->lang, N_("Files")), "profile-files", "files");
    struct listing l = {r, e, node_list(r->arena)};
    enum rc rc = stored_each(r->store, edition_files(e), add_file, &l, err);

    node_set(doc, "files", l.list);
    node_set_bool(doc, "any", node_len(l.list) > 0);
    node_set_text(doc, "size_text", page_size(r, e->look.bytes));
    node_set_text(doc, "most_text",
                  page_size(r, r->server->config->upload_bytes));
    node_set_int(doc, "most_files", EDITION_FILES);
    if (e->look.computed && e->look.faults)
        edition_faults(r, e, NULL, doc);
    return rc;
}

enum rc page_package_files(struct request *r, struct reply *reply,
                           struct err *err)
{
    struct editing e;
    enum rc rc = edition_open(r, EDITION_READ, &e, err);

    return rc ? rc : show(r, reply, &e, err);
}

/* ---- taking in ---- */

struct taking {
    struct request *r;
    const struct editing *e;
    struct keyring keys;
    size_t files; /* taken now */
};

static bool is_zip(const char *name)
{
    size_t n = strlen(name);

    return n > 4 && strcasecmp(name + n - 4, ".zip") == 0;
}

/* A text of a chapter belongs into its folder. */
static const char *place_of(const struct request *r, const char *name)
{
    return str_ends(str_of(name), ".md")
               ? arena_printf(r->arena, "texts/%s", name)
               : name;
}

static enum rc take_one(struct taking *t, const struct upload *u,
                        struct err *err)
{
    struct request *r = t->r;
    const char *name;
    size_t n = 1;
    enum rc rc;

    if (!u->filename[0]) /* an empty field of the form */
        return RC_OK;
    name = stored_name_clean(u->filename, r->arena);
    if (is_zip(name))
        rc = edition_unzip(r->store, &t->keys, u->spool, t->e->edition->head.id,
                           edition_note(r), r->server->config->files, &n, err);
    else
        rc = stored_put(r->store, &t->keys, u->spool, edition_files(t->e),
                        place_of(r, name), edition_note(r), err);
    t->files += n;
    return rc;
}

/* All files together, whatever their number: how much is kept of one. */
static enum rc check_room(const struct taking *t, struct err *err)
{
    struct edition_state now;
    enum rc rc = edition_look(t->r->store, t->e->edition->head.id, t->r->arena,
                              &now, err);

    if (!rc && now.files > EDITION_FILES)
        rc = err_set(err, RC_LIMIT, N_("a profile has at most %d files"),
                     (int)EDITION_FILES);
    if (!rc && now.bytes > EDITION_BYTES)
        rc = err_set(err, RC_LIMIT,
                     N_("the files of a profile have at most %d MB together"),
                     (int)(EDITION_BYTES >> 20));
    return rc;
}

static enum rc take_all(struct taking *t, struct err *err)
{
    struct request *r = t->r;
    int64_t job;
    enum rc rc = store_begin(r->store, true, err);

    for (size_t i = 0; i < r->n_uploads && !rc; i++)
        rc = take_one(t, &r->uploads[i], err);
    if (!rc && !t->files)
        rc = err_set(err, RC_INVALID, N_("no file was chosen"));
    if (!rc)
        rc = check_room(t, err);
    if (!rc)
        rc = edition_audit(r, t->e, "upload", err);
    if (!rc)
        rc = edition_describe(r->store, t->e->edition->head.id, request_now(),
                              &job, err);
    if (!rc)
        return store_commit(r->store, err);
    store_rollback(r->store);
    return rc;
}

enum rc form_package_upload(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct taking t = {.r = r, .keys = request_keys(r)};
    struct editing e;
    enum rc rc = edition_open(r, EDITION_CHANGE, &e, err);

    if (rc)
        return rc;
    t.e = &e;
    rc = take_all(&t, err);
    if (rc == RC_INVALID || rc == RC_LIMIT) { /* nothing was taken */
        struct err said = *err;

        rc = show(r, reply, &e, err);
        if (!rc)
            page_fault(r, reply, &said);
        if (!rc && said.code == RC_LIMIT)
            reply->status = 413;
        return rc;
    }
    if (!rc)
        page_done(r, reply, edition_path(r, &e, "/files"), "saved");
    return rc;
}

enum rc form_package_remove(struct request *r, struct reply *reply,
                            struct err *err)
{
    struct str name = request_form(r, "name");
    struct editing e;
    struct stored f;
    int64_t job;
    enum rc rc = edition_open(r, EDITION_CHANGE, &e, err);

    if (!rc)
        rc = store_begin(r->store, true, err);
    if (!rc)
        rc =
            stored_find(r->store, edition_files(&e), name.p, r->arena, &f, err);
    if (!rc)
        rc = stored_remove(r->store, edition_files(&e), f.name, err);
    if (!rc)
        rc = edition_audit(r, &e, "remove-file", err);
    if (!rc)
        rc = edition_describe(r->store, e.edition->head.id, request_now(), &job,
                              err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (!rc)
        page_done(r, reply, edition_path(r, &e, "/files"), "deleted");
    return rc;
}

enum rc page_package_file(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct editing e;
    struct stored f;
    int64_t id;
    enum rc rc = edition_open(r, EDITION_READ, &e, err);

    if (!rc)
        rc = page_id(r, "file", &id, err);
    if (!rc)
        rc = stored_load(r->store, id, r->arena, &f, err);
    if (!rc &&
        (f.owner.kind != STORED_PACKAGE || f.owner.id != e.edition->head.id))
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such file"));
    return rc ? rc : reply_stored(r, reply, &f, true, err);
}
