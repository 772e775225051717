#include "web/record_write.h"
#include "network/account.h"
#include "network/record_files.h"
#include "network/rules.h"
#include "network/secret.h" /* audit_row: in the transaction of the change */
#include "record/form.h"
#include "web/record_letters.h"

#include <inttypes.h>
#include <time.h>

enum rc change_audit(struct request *r, const struct record_type *t, int64_t id,
                     const char *action, int64_t now, struct err *err)
{
    return audit_row(r->store, r->viewer.account, action,
                     arena_printf(r->arena, "%s/%" PRId64, t->name, id), "{}",
                     now, err);
}

static void check_target(struct request *r, struct change *c,
                         const struct field *f, int64_t id)
{
    if (id && !view_ref(r, f->of, id))
        complain(&c->bad, f, N_("there is no such record"), NULL);
}

/* One may only refer to what one may see: no guessing of hidden records. */
void change_check_references(struct request *r, struct change *c)
{
    size_t n;
    const struct field *f = c->type->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const void *p = field_of(c->record, &f[i]);

        if (f[i].type == TYPE_REF &&
            !(c->before && *(const int64_t *)field_of(c->before, &f[i]) ==
                               *(const int64_t *)p))
            check_target(r, c, &f[i], *(const int64_t *)p);
        if (f[i].type == TYPE_REFS)
            for (size_t k = 0; k < ((const struct ids *)p)->n; k++)
                check_target(r, c, &f[i], ((const struct ids *)p)->items[k]);
    }
}

/* Faults that only other records show, inside the transaction. */
static enum rc check_rules(struct request *r, struct change *c, struct err *err)
{
    enum rc rc = rules_check(r->store, c->type, c->before, c->record, r->arena,
                             &c->bad, err);

    if (!rc && c->bad.n)
        rc = err_set(err, RC_INVALID, N_("the record has faults"));
    return rc;
}

/* A published record that is still the one that the writer saw. */
static enum rc propose(struct request *r, struct change *c,
                       const struct deed *d, struct err *err)
{
    const struct record_head *head = c->record;
    void *stored = arena_alloc(r->arena, c->type->size);
    enum rc rc =
        record_load(r->store, c->type, head->id, r->arena, stored, err);

    if (!rc && (((struct record_head *)stored)->version != head->version ||
                !revision_needed(c->type, stored)))
        rc = err_set(err, RC_CONFLICT,
                     N_("somebody saved this in the meantime"));
    if (!rc && !view_may(r, ACTION_EDIT, c->type, c->before))
        c->revision.state = NULL; /* who may not ask for review begins anew */
    return rc ? rc
              : revision_save(r->store, c->type, stored, c->record,
                              &c->revision, d, r->arena, err);
}

static enum rc keep(struct request *r, struct change *c, void *stored,
                    const struct deed *d, struct err *err)
{
    const struct record_head *head = c->record;
    enum rc rc =
        record_save(r->store, c->type, c->record, d, r->arena, stored, err);
    struct revision now;

    if (rc || c->as != CHANGE_SETTLED)
        return rc;
    rc = revision_load(r->store, c->type, head->id, r->arena, &now, err);
    if (!rc && now.version != c->revision.version)
        return err_set(err, RC_CONFLICT,
                       N_("somebody saved this in the meantime"));
    return rc ? rc : revision_drop(r->store, c->type, head->id, err);
}

static enum rc save_inside(struct request *r, struct change *c, void *stored,
                           struct err *err)
{
    bool proposes = change_proposes(r, c);
    struct deed deed = {r->viewer.account, time(NULL),
                        proposes ? "propose" : c->action, c->note};
    enum rc rc = store_begin(r->store, true, err);

    if (!rc)
        rc = check_rules(r, c, err);
    if (!rc)
        rc = change_keep_files(r, c, err);
    if (!rc)
        rc = proposes ? propose(r, c, &deed, err)
                      : keep(r, c, stored, &deed, err);
    if (!rc)
        rc = record_files_sweep(r->store, c->type, err);
    if (!rc)
        rc = change_audit(r, c->type, ((struct record_head *)c->record)->id,
                          deed.action, deed.at, err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (rc)
        store_rollback(r->store);
    return rc;
}

/* What the writer would see now: the record, with its revision where one was
 * being written. *same: it is what the writer saw. */
static enum rc load_now(struct request *r, struct change *c, void *now,
                        bool *same, struct err *err)
{
    const struct record_head *head = c->record, *stored = now;
    struct revision v = {0};
    enum rc rc = record_load(r->store, c->type, head->id, r->arena, now, err);
    bool of_revision = change_proposes(r, c) || c->as == CHANGE_SETTLED;

    *same = stored->version == head->version;
    if (!rc && of_revision) {
        rc = revision_load(r->store, c->type, head->id, r->arena, &v, err);
        *same = *same && v.version == c->revision.version;
        revision_apply(c->type, &v, now, r->arena, NULL);
        c->revision = v; /* what the next save is over */
    }
    return rc;
}

/* Why a save was refused as a conflict: another version, or a value that has
 * to be unique. */
static enum rc explain(struct request *r, struct change *c, struct err *err)
{
    void *now = arena_alloc(r->arena, c->type->size);

    if (c->before) {
        bool same;
        enum rc rc = load_now(r, c, now, &same, err);

        if (rc)
            return rc;
        if (!same) {
            c->now = now;
            return err_set(err, RC_CONFLICT,
                           N_("somebody saved this in the meantime"));
        }
    }
    complain(&c->bad, NULL,
             N_("a value that must be unique is already used by another "
                "record"),
             NULL);
    return RC_INVALID;
}

bool change_proposes(const struct request *r, const struct change *c)
{
    return c->before && revision_needed(c->type, c->before) &&
           (c->as == CHANGE_PROPOSED ||
            !view_may(r, ACTION_REVIEW, c->type, c->before));
}

enum rc change_save(struct request *r, struct change *c, struct err *err)
{
    struct record_head *head = c->record, old = *head;
    void *stored = arena_alloc(r->arena, c->type->size);
    enum action action = !c->before              ? ACTION_CREATE
                         : change_proposes(r, c) ? ACTION_PROPOSE
                                                 : ACTION_EDIT;
    enum rc rc;

    if (!view_may(r, action, c->type, c->record) ||
        (c->before && !view_may(r, action, c->type, c->before)))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    words_settle(c->type, c->shown ? c->shown : c->before, c->record, r->lang);
    record_validate(c->type, c->record, &c->bad);
    change_check_references(r, c);
    if (c->bad.n)
        return err_set(err, RC_INVALID, N_("the record has faults"));
    rc = save_inside(r, c, stored, err);
    if (rc)
        *head = old;
    if (rc == RC_CONFLICT)
        return explain(r, c, err);
    if (!rc && action != ACTION_PROPOSE)
        server_changed(r, c->type->name);
    return rc;
}

enum rc change_delete(struct request *r, const struct record_type *t,
                      const void *record, struct err *err)
{
    const struct record_head *head = record;
    struct deed deed = {r->viewer.account, time(NULL), "delete", NULL};
    enum rc rc;

    if (!view_may(r, ACTION_DELETE, t, record))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    rc = store_begin(r->store, true, err);
    if (!rc)
        rc = record_delete(r->store, t, head->id, &deed, r->arena, err);
    if (!rc)
        rc = record_files_sweep(r->store, t, err);
    if (!rc)
        rc = change_audit(r, t, head->id, "delete", deed.at, err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (rc) {
        store_rollback(r->store);
        return rc == RC_CONFLICT
                   ? err_set(err, rc,
                             N_("other records refer to this one; change them "
                                "first"))
                   : rc;
    }
    server_changed(r, t->name);
    return RC_OK;
}
