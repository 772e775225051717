#include "record/keep.h"
#include "record/sql.h"

/* {field: {"old":, "new":}} of the fields that differ. */
static struct node *difference(const struct record_type *t, const void *before,
                               const void *after, struct arena *a)
{
    struct node *old = before ? record_json(t, before, 0, a) : NULL;
    struct node *new = after ? record_json(t, after, 0, a) : NULL;
    struct node *out = node_object(a);
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i <= n; i++) {
        const char *name = i < n ? f[i].name : "state";
        struct node *was = node_get(old, name), *is = node_get(new, name);
        AUTO(buf) struct buf x = {.ceiling = BUF_CEILING};
        AUTO(buf) struct buf y = {.ceiling = BUF_CEILING};
        struct node *both = node_object(a);

        if (was)
            node_write(node_set(both, "old", was), false, &x);
        if (is)
            node_write(node_set(both, "new", is), false, &y);
        if (!str_eq(buf_str(&x), buf_str(&y)))
            node_set(out, name, both);
    }
    return out;
}

enum rc history_write(struct store *s, const struct record_type *t,
                      const void *before, const void *after,
                      const struct deed *d, struct arena *a, struct err *err)
{
    const struct record_head *head = after ? after : before;
    AUTO(buf) struct buf change = {.ceiling = BUF_CEILING};
    struct node *fields = difference(t, before, after, a);

    if (d->note)
        node_set_text(node_set(fields, "note", node_object(a)), "new", d->note);
    node_write(fields, false, &change);
    if (change.failed)
        return err_set(err, RC_LIMIT, N_("the change is too large to keep"));
    return store_exec(s,
                      "INSERT INTO history (record, record_id, version, at,"
                      " done_by, action, change) VALUES (:record, :id,"
                      " :version, :at, :by, :action, :change)",
                      PARAMS(P_TEXT("record", t->name), P_INT("id", head->id),
                             P_INT("version", head->version + !after),
                             P_INT("at", d->at), P_INT("by", d->by),
                             P_TEXT("action", d->action),
                             P_STR("change", buf_str(&change))),
                      NULL, err);
}

struct telling {
    bool (*fn)(void *ctx, const struct history_entry *e);
    void *ctx;
};

static bool tell(void *ctx, const struct store_row *row)
{
    struct telling *t = ctx;
    struct history_entry e = {
        .version = row_int(row, "version", 0),
        .by = row_int(row, "done_by", 0),
        .at = row_int(row, "at", 0),
        .action = row_text(row, "action").p,
        .change = row_text(row, "change"),
    };

    return t->fn(t->ctx, &e);
}

enum rc record_history(struct store *s, const struct record_type *t, int64_t id,
                       bool (*fn)(void *ctx, const struct history_entry *e),
                       void *ctx, struct err *err)
{
    struct telling telling = {fn, ctx};

    return store_each(s,
                      "SELECT version, done_by, at, action, change FROM history"
                      " WHERE record = :record AND record_id = :id ORDER BY id",
                      PARAMS(P_TEXT("record", t->name), P_INT("id", id)), tell,
                      &telling, err);
}
