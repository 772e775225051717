/* Records and their revisions on their way through records/workflow.def. */
#include "network/record_files.h"
#include "network/rules.h"
#include "record/form.h"
#include "web/record_letters.h"
#include "web/record_write.h"

#include <inttypes.h>
#include <time.h>

/* ---- who is told ---- */

static struct words title_of(struct request *r, const struct record_type *t,
                             const void *record)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if ((f[i].flags & TITLE) && !field_absent(record, &f[i]))
            return *(const struct words *)field_of(record, &f[i]);
    return (struct words){{view_name(r, t, record)}, {WORDS_ORIGINAL}};
}

/* Who asked for the review that now ends; 0: nobody that is known. */
static enum rc who_asked(struct request *r, const struct record_type *t,
                         const void *record, const char *action, int64_t *out,
                         struct err *err)
{
    const struct record_head *head = record;
    enum rc rc = store_int(
        r->store,
        "SELECT done_by FROM history WHERE record = :record"
        " AND record_id = :id AND action = :action ORDER BY id DESC LIMIT 1",
        PARAMS(P_TEXT("record", t->name), P_INT("id", head->id),
               P_TEXT("action", action)),
        out, err);

    if (rc == RC_NOT_FOUND)
        *out = 0;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc change_tell(struct request *r, const struct record_type *t,
                    const void *record, const char *from, const char *to,
                    const char *history, const char *path, const char *note,
                    struct err *err)
{
    struct words title = title_of(r, t, record);
    struct letter_about about = {&title, path, note};
    struct subject s = subject_of(t, record);
    int64_t author;
    enum rc rc;

    if (strcmp(to, "review") == 0)
        return letters_to_reviewers(r, &s, &about, err);
    if (strcmp(from, "review") != 0)
        return RC_OK;
    rc = who_asked(r, t, record, history, &author, err);
    return rc ? rc
              : letters_to_author(r,
                                  strcmp(to, "published") == 0
                                      ? LETTER_PUBLISHED
                                      : LETTER_SENT_BACK,
                                  author, &about, err);
}

/* ---- records ---- */

static bool may_make(const struct request *r, const struct transition *m,
                     const struct record_type *t, const void *record,
                     const char *state)
{
    return strcmp(m->record, t->name) == 0 && state &&
           strcmp(m->from, state) == 0 &&
           view_may(r, m->who == MAY_REVIEW ? ACTION_REVIEW : ACTION_EDIT, t,
                    record);
}

bool change_may_move(const struct request *r, const struct transition *m,
                     const struct record_type *t, const void *record)
{
    return may_make(r, m, t, record,
                    ((const struct record_head *)record)->state);
}

/*
 * A record that leaves the public takes its open revision along: what was
 * published no longer counts, so what was proposed is its text. Where both
 * changed the same, somebody has to choose first.
 */
static enum rc fold_revision(struct request *r, const struct record_type *t,
                             void *record, struct err *err)
{
    const struct record_head *head = record;
    struct complaints clashes = {.arena = r->arena};
    struct revision v;
    enum rc rc = revision_load(r->store, t, head->id, r->arena, &v, err);

    if (rc || !v.version)
        return rc;
    revision_apply(t, &v, record, r->arena, &clashes);
    if (clashes.n)
        return err_set(err, RC_CONFLICT,
                       N_("a proposal and the published text changed the same; "
                          "settle the proposal first"));
    return revision_drop(r->store, t, head->id, err);
}

static enum rc move_inside(struct request *r, const struct record_type *t,
                           void *record, const struct transition *m,
                           const char *note, struct err *err)
{
    struct record_head *head = record;
    struct deed deed = {r->viewer.account, time(NULL), m->to, note};
    struct complaints bad = {.arena = r->arena};
    void *before = arena_alloc(r->arena, t->size);
    enum rc rc = RC_OK;

    memcpy(before, record, t->size);
    if (strcmp(m->from, "published") == 0)
        rc = fold_revision(r, t, record, err);
    head->state = m->to;
    if (!rc)
        rc = rules_check(r->store, t, before, record, r->arena, &bad, err);
    if (!rc && bad.n)
        rc = rules_refuse(&bad, err);
    if (!rc)
        rc = record_save(r->store, t, record, &deed, r->arena, NULL, err);
    if (!rc)
        rc = rules_follow(r->store, t, record, &deed, r->arena, err);
    if (!rc)
        rc = record_files_sweep(r->store, t, err);
    if (!rc)
        rc = change_audit(r, t, head->id, m->to, deed.at, err);
    if (!rc)
        rc = change_tell(r, t, record, m->from, m->to, "review",
                         view_path(r, t, head->id), note, err);
    return rc;
}

enum rc change_move(struct request *r, const struct record_type *t,
                    void *record, const char *to, const char *note,
                    struct err *err)
{
    size_t n;
    const struct transition *m = record_transitions(&n);

    for (size_t i = 0; i < n; i++) {
        enum rc rc;

        if (strcmp(m[i].to, to) != 0 || !change_may_move(r, &m[i], t, record))
            continue;
        rc = store_begin(r->store, true, err);
        if (!rc)
            rc = move_inside(r, t, record, &m[i], note, err);
        if (!rc)
            rc = store_commit(r->store, err);
        if (rc) {
            store_rollback(r->store);
            return rc;
        }
        server_changed(r, t->name);
        letters_wake(r);
        return RC_OK;
    }
    return err_set(err, RC_FORBIDDEN,
                   N_("this record cannot be moved to that state by you"));
}

/* ---- revisions ---- */

bool change_may_move_revision(const struct request *r,
                              const struct transition *m,
                              const struct record_type *t, const void *record,
                              const struct revision *v)
{
    return v->version && may_make(r, m, t, record, v->state);
}

/* The published record becomes what was proposed. */
static enum rc publish(struct request *r, const struct record_type *t,
                       const void *record, const struct revision *v,
                       const struct deed *d, struct err *err)
{
    void *whole = arena_alloc(r->arena, t->size);
    struct change c = {.type = t,
                       .record = whole,
                       .before = record,
                       .bad = {.arena = r->arena}};
    enum rc rc;

    memcpy(whole, record, t->size);
    revision_apply(t, v, whole, r->arena, &c.bad);
    if (c.bad.n)
        return err_set(
            err, RC_CONFLICT,
            N_("the published text changed where the proposal changes it; "
               "open the proposal, look at both and save it again"));
    words_settle(t, record, whole, r->lang);
    record_validate(t, whole, &c.bad);
    change_check_references(r, &c);
    rc = rules_check(r->store, t, record, whole, r->arena, &c.bad, err);
    if (!rc && c.bad.n)
        rc = rules_refuse(&c.bad, err);
    if (!rc)
        rc = record_save(r->store, t, whole, d, r->arena, NULL, err);
    return rc ? rc
              : revision_drop(r->store, t,
                              ((const struct record_head *)record)->id, err);
}

static enum rc move_revision(struct request *r, const struct record_type *t,
                             const void *record, struct revision *v,
                             const struct transition *m, const char *note,
                             struct err *err)
{
    const struct record_head *head = record;
    bool publishes = strcmp(m->to, "published") == 0;
    struct deed deed = {r->viewer.account, time(NULL), m->to, note};
    struct revision now;
    enum rc rc = revision_load(r->store, t, head->id, r->arena, &now, err);

    if (!rc && now.version != v->version)
        rc = err_set(err, RC_CONFLICT,
                     N_("somebody saved this in the meantime; look at it "
                        "again first"));
    if (rc)
        return rc;
    if (!publishes)
        deed.action = arena_printf(r->arena, "propose:%s", m->to);
    rc = publishes ? publish(r, t, record, &now, &deed, err)
                   : revision_move(r->store, t, record, &now, m->to, &deed,
                                   r->arena, err);
    if (!rc)
        rc = record_files_sweep(r->store, t, err);
    if (!rc)
        rc = change_audit(r, t, head->id, deed.action, deed.at, err);
    if (!rc)
        rc = change_tell(r, t, record, m->from, m->to, "propose:review",
                         publishes
                             ? view_path(r, t, head->id)
                             : arena_printf(r->arena,
                                            "/records/%s/%" PRId64 "/revision",
                                            t->name, head->id),
                         note, err);
    *v = now;
    return rc;
}

enum rc change_move_revision(struct request *r, const struct record_type *t,
                             const void *record, struct revision *v,
                             const char *to, const char *note, struct err *err)
{
    size_t n;
    const struct transition *m = record_transitions(&n);

    for (size_t i = 0; i < n; i++) {
        enum rc rc;

        if (strcmp(m[i].to, to) != 0 ||
            !change_may_move_revision(r, &m[i], t, record, v))
            continue;
        rc = store_begin(r->store, true, err);
        if (!rc)
            rc = move_revision(r, t, record, v, &m[i], note, err);
        if (!rc)
            rc = store_commit(r->store, err);
        if (rc) {
            store_rollback(r->store);
            return rc;
        }
        if (strcmp(to, "published") == 0)
            server_changed(r, t->name);
        letters_wake(r);
        return RC_OK;
    }
    return err_set(err, RC_FORBIDDEN,
                   N_("this record cannot be moved to that state by you"));
}

bool change_may_drop(const struct request *r, const struct record_type *t,
                     const void *record, const struct revision *v)
{
    return v->version && (view_may(r, ACTION_EDIT, t, record) ||
                          (v->by == r->viewer.account &&
                           view_may(r, ACTION_PROPOSE, t, record)));
}

enum rc change_drop_revision(struct request *r, const struct record_type *t,
                             const void *record, const struct revision *v,
                             struct err *err)
{
    const struct record_head *head = record;
    struct deed deed = {r->viewer.account, time(NULL), "propose:dropped", NULL};
    struct revision now = *v;
    enum rc rc;

    if (!change_may_drop(r, t, record, v))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    rc = store_begin(r->store, true, err);
    if (!rc) /* proposing what is published leaves no revision */
        rc = revision_save(r->store, t, record, record, &now, &deed, r->arena,
                           err);
    if (!rc)
        rc = record_files_sweep(r->store, t, err);
    if (!rc)
        rc = change_audit(r, t, head->id, deed.action, deed.at, err);
    if (!rc)
        rc = store_commit(r->store, err);
    if (rc)
        store_rollback(r->store);
    return rc;
}
