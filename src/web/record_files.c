/* Files of records: from the form into the database, and out again. */
#include "network/record_files.h"
#include "web/profile_page.h"
#include "web/record_page.h"
#include "web/record_write.h"

#include <time.h>

struct sent_file {
    const struct field *f;
    struct spool *spool;
    struct sent_file *next;
};

/* ---- taken ---- */

static const struct upload *upload_of(const struct request *r,
                                      const struct field *f)
{
    for (size_t i = 0; i < r->n_uploads; i++)
        if (strcmp(r->uploads[i].field, f->name) == 0 &&
            r->uploads[i].filename[0])
            return &r->uploads[i];
    return NULL; /* an input that was left empty */
}

/* Its number is not known before it is saved: -1. */
static void take_file(const struct request *r, struct change *c,
                      const struct field *f, const struct upload *u)
{
    struct sent_file *sent = arena_new_of(r->arena, struct sent_file);
    struct attachment *file = field_at(c->record, f);

    *sent = (struct sent_file){f, u->spool, c->sent};
    c->sent = sent;
    file->number = -1;
    file->name = stored_name_clean(u->filename, r->arena);
    file->media = attachment_media(file->name);
    file->size = (int64_t)spool_size(u->spool);
}

void change_take_files(const struct request *r, struct change *c,
                       unsigned hidden)
{
    const struct record_head *head = c->record;
    size_t n;
    const struct field *f = c->type->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const struct upload *u = upload_of(r, &f[i]);
        bool fixed = (f[i].flags & IMMUTABLE) && head->id &&
                     !field_absent(c->record, &f[i]);

        if (f[i].type != TYPE_FILE || (f[i].flags & hidden) || fixed)
            continue;
        if (u)
            take_file(r, c, &f[i], u);
        else if (request_form(r, arena_printf(r->arena, "%s_remove", f[i].name))
                     .n)
            *(struct attachment *)field_at(c->record, &f[i]) =
                (struct attachment){0};
    }
}

enum rc change_keep_files(struct request *r, struct change *c, struct err *err)
{
    struct stored_note note = {r->viewer.account, time(NULL)};
    struct keyring k = request_keys(r);
    enum rc rc = RC_OK;

    for (const struct sent_file *s = c->sent; s && !rc; s = s->next) {
        struct attachment *file = field_at(c->record, s->f);

        rc = stored_put_record(r->store, &k, s->spool, c->type->name, note,
                               &file->number, err);
    }
    return rc;
}

void change_forget_files(struct change *c)
{
    const void *shown = c->shown ? c->shown : c->before;

    for (const struct sent_file *s = c->sent; s; s = s->next) {
        struct attachment *file = field_at(c->record, s->f);

        *file = shown ? *(const struct attachment *)field_of(shown, s->f)
                      : (struct attachment){0};
        complain(&c->bad, s->f,
                 N_("nothing was saved: choose the file once more"), NULL);
    }
}

/* ---- handed out ---- */

/* What is proposed is for those who work on the record. */
static enum rc with_proposal(const struct request *r,
                             const struct record_type *t, void **record,
                             struct err *err)
{
    void *copy = arena_alloc(r->arena, t->size);
    struct revision v;
    enum rc rc;

    if (!view_may(r, ACTION_PROPOSE, t, *record))
        return err_set(err, RC_NOT_FOUND, N_("there is no such file"));
    rc = revision_load(r->store, t, ((struct record_head *)*record)->id,
                       r->arena, &v, err);
    if (rc)
        return rc;
    memcpy(copy, *record, t->size); /* it may be one that others look at */
    revision_apply(t, &v, copy, r->arena, NULL);
    *record = copy;
    return RC_OK;
}

static enum rc find_file(const struct request *r, struct attachment *out,
                         struct stored *stored, struct err *err)
{
    const struct record_type *t = NULL;
    const struct field *f;
    void *record;
    struct subject s;
    enum rc rc = page_find(r, ACTION_SEE, &t, &record, err);

    if (!rc && str_is(request_query(r, "of"), "proposal"))
        rc = with_proposal(r, t, &record, err);
    if (rc)
        return rc;
    f = record_field(t, request_param(r, "field").p);
    s = subject_of(t, record);
    if (!f || f->type != TYPE_FILE ||
        (f->flags & access_hidden(&r->viewer, &s)) || field_absent(record, f))
        return err_set(err, RC_NOT_FOUND, N_("there is no such file"));
    *out = *(const struct attachment *)field_of(record, f);
    return record_file_find(r->store, t, out, r->arena, stored, err);
}

enum rc page_record_file(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct attachment file;
    struct stored stored;
    enum rc rc = find_file(r, &file, &stored, err);

    if (rc)
        return rc;
    stored.name = file.name;
    rc = reply_stored(r, reply, &stored, true, err);
    if (!rc && attachment_media(file.name))
        reply->type = attachment_media(file.name);
    return rc;
}
