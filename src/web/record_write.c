#include "web/record_write.h"
#include "network/account.h"
#include "network/rules.h"
#include "network/secret.h" /* audit_row: in the transaction of the change */
#include "record/form.h"

#include <inttypes.h>
#include <time.h>

static enum rc audit(struct request *r, const struct record_type *t, int64_t id,
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
static void check_references(struct request *r, struct change *c)
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

static enum rc save_inside(struct request *r, struct change *c, void *stored,
                           struct err *err)
{
    struct deed deed = {r->viewer.account, time(NULL), c->action};
    enum rc rc = store_begin(r->store, true, err);

    if (!rc)
        rc = rules_check(r->store, c->type, c->before, c->record, r->arena,
                         &c->bad, err);
    if (!rc && c->bad.n)
        rc = err_set(err, RC_INVALID, N_("the record has faults"));
    if (!rc)
        rc = record_save(r->store, c->type, c->record, &deed, r->arena, stored,
                         err);
    if (!rc)
        rc = audit(r, c->type, ((struct record_head *)c->record)->id, c->action,
                   deed.at, err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (rc)
        store_rollback(r->store);
    return rc;
}

/* Why a save was refused as a conflict: another version, or a value that has
 * to be unique. */
static enum rc explain(struct request *r, struct change *c, struct err *err)
{
    const struct record_head *head = c->record;
    void *now = arena_alloc(r->arena, c->type->size);

    if (c->before) {
        enum rc rc =
            record_load(r->store, c->type, head->id, r->arena, now, err);

        if (rc)
            return rc;
        if (((struct record_head *)now)->version != head->version) {
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

enum rc change_save(struct request *r, struct change *c, struct err *err)
{
    struct record_head *head = c->record, old = *head;
    void *stored = arena_alloc(r->arena, c->type->size);
    enum rc rc;

    if (!view_may(r, c->before ? ACTION_EDIT : ACTION_CREATE, c->type,
                  c->record) ||
        (c->before && !view_may(r, ACTION_EDIT, c->type, c->before)))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    words_settle(c->type, c->before, c->record, r->lang);
    record_validate(c->type, c->record, &c->bad);
    check_references(r, c);
    if (c->bad.n)
        return err_set(err, RC_INVALID, N_("the record has faults"));
    rc = save_inside(r, c, stored, err);
    if (rc)
        *head = old;
    if (rc == RC_CONFLICT)
        return explain(r, c, err);
    if (!rc)
        server_changed(r, c->type->name);
    return rc;
}

enum rc change_delete(struct request *r, const struct record_type *t,
                      const void *record, struct err *err)
{
    const struct record_head *head = record;
    struct deed deed = {r->viewer.account, time(NULL), "delete"};
    enum rc rc;

    if (!view_may(r, ACTION_DELETE, t, record))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    rc = store_begin(r->store, true, err);
    if (!rc)
        rc = record_delete(r->store, t, head->id, &deed, r->arena, err);
    if (!rc)
        rc = audit(r, t, head->id, "delete", deed.at, err);
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

bool change_may_move(const struct request *r, const struct transition *m,
                     const struct record_type *t, const void *record)
{
    const struct record_head *head = record;

    return strcmp(m->record, t->name) == 0 && head->state &&
           strcmp(m->from, head->state) == 0 &&
           view_may(r, m->who == MAY_REVIEW ? ACTION_REVIEW : ACTION_EDIT, t,
                    record);
}

enum rc change_move(struct request *r, const struct record_type *t,
                    void *record, const char *to, struct err *err)
{
    struct record_head *head = record;
    struct change c = {.type = t, .record = record, .action = to};
    size_t n;
    const struct transition *m = record_transitions(&n);
    enum rc rc;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(m[i].to, to) != 0 || !change_may_move(r, &m[i], t, record))
            continue;
        head->state = m[i].to;
        c.action = m[i].to;
        rc = save_inside(r, &c, NULL, err);
        if (!rc)
            server_changed(r, t->name);
        return rc;
    }
    return err_set(err, RC_FORBIDDEN,
                   N_("this record cannot be moved to that state by you"));
}
