/* One's own data: handed out, and erased. The deeds stay, without the name. */
#include "network/account.h"
#include "network/record_files.h"
#include "network/secret.h"
#include "record/keep.h"
#include "record/types.h"

struct gathering {
    struct arena *a;
    struct node *list;
};

static bool gather_session(void *ctx, const struct session *s)
{
    struct gathering *g = ctx;
    struct node *n = node_object(g->a);

    node_set_int(n, "opened", s->opened);
    node_set_int(n, "seen", s->seen);
    node_set_text(n, "address", s->address);
    node_set_text(n, "agent", s->agent);
    node_push(g->list, n);
    return true;
}

static bool gather_audit(void *ctx, const struct store_row *row)
{
    struct gathering *g = ctx;
    struct node *n = node_object(g->a);

    node_set_int(n, "at", row_int(row, "at", 0));
    node_set_text(n, "action", row_text(row, "action").p);
    node_set_text(n, "object", row_text(row, "object").p);
    node_push(g->list, n);
    return true;
}

enum rc account_export(struct store *s, int64_t account, struct arena *a,
                       struct node **out, struct err *err)
{
    struct gathering sessions = {a, node_list(a)}, deeds = {a, node_list(a)};
    struct viewer v = {0};
    struct person p;
    enum rc rc = viewer_load(s, account, 0, a, &v, err);

    if (!rc)
        rc = record_load(s, &type_person, v.person, a, &p, err);
    if (!rc)
        rc = session_each(s, account, gather_session, &sessions, err);
    if (!rc)
        rc = store_each(s,
                        "SELECT at, action, object FROM audit"
                        " WHERE account = :account ORDER BY id",
                        PARAMS(P_INT("account", account)), gather_audit, &deeds,
                        err);
    if (rc)
        return rc;
    *out = node_object(a);
    node_set(*out, "person", record_json(&type_person, &p, 0, a));
    node_set(*out, "sessions", sessions.list);
    node_set(*out, "deeds", deeds.list);
    return RC_OK;
}

struct erasing {
    struct store *s;
    struct arena *a;
    int64_t account, person, by, now;
};

/* What the history of the person's record says of them goes as well. */
static enum rc erase_person(struct erasing *e, struct err *err)
{
    struct person p;
    struct record_head head;
    struct deed d = {.by = e->by, .at = e->now, .action = "erase"};
    enum rc rc = record_load(e->s, &type_person, e->person, e->a, &p, err);

    if (rc)
        return rc;
    head = p.head;
    record_clear(&type_person, &p);
    p.head = head;
    p.name.in[0] = "—";
    p.name.state[0] = WORDS_ORIGINAL;
    p.email =
        arena_printf(e->a, "erased-%lld@invalid.invalid", (long long)e->person);
    rc = record_save(e->s, &type_person, &p, &d, e->a, NULL, err);
    if (!rc)
        rc = record_files_sweep(e->s, &type_person, err);
    if (!rc)
        rc = store_exec(e->s,
                        "UPDATE history SET change = '{}'"
                        " WHERE record = 'person' AND record_id = :id",
                        PARAMS(P_INT("id", e->person)), NULL, err);
    return rc;
}

static enum rc erase_inside(void *ctx, struct err *err)
{
    static const char *const gone[] = {
        "DELETE FROM session WHERE account = :id",
        "DELETE FROM grants WHERE account = :id",
        "DELETE FROM token WHERE account = :id",
        "DELETE FROM recovery WHERE account = :id",
        "DELETE FROM invitation WHERE account = :id",
    };
    struct erasing *e = ctx;
    enum rc rc = RC_OK;

    for (size_t i = 0; i < ARRAY_LEN(gone) && !rc; i++)
        rc = store_exec(e->s, gone[i], PARAMS(P_INT("id", e->account)), NULL,
                        err);
    if (!rc)
        rc = store_exec(
            e->s,
            "UPDATE account SET email = :email, password = NULL,"
            " totp = NULL, totp_pending = NULL,"
            " oidc_subject = NULL, closed = :now WHERE id = :id",
            PARAMS(P_TEXT("email", arena_printf(e->a, "erased-%lld",
                                                (long long)e->account)),
                   P_INT("now", e->now), P_INT("id", e->account)),
            NULL, err);
    if (!rc)
        rc = erase_person(e, err);
    if (!rc)
        rc = audit_row(e->s, e->by, "erase", "account", "", e->now, err);
    return rc;
}

enum rc account_erase(struct store *s, int64_t account, int64_t by, int64_t now,
                      struct arena *a, struct err *err)
{
    struct viewer v = {0};
    struct erasing e = {s, a, account, 0, by, now};
    enum rc rc = viewer_load(s, account, now, a, &v, err);

    if (rc)
        return rc;
    e.person = v.person;
    return in_transaction(s, erase_inside, &e, err);
}
