#include "record/revision.h"
#include "record/sql.h"
#include "record/types.h"

bool revision_needed(const struct record_type *t, const void *record)
{
    const struct record_head *head = record;

    return record_first_state(t)[0] && t != &type_edition && head->state &&
           strcmp(head->state, "published") == 0;
}

/* ---- reading ---- */

struct loading {
    struct arena *a;
    struct revision *out;
};

static bool take_revision(void *ctx, const struct store_row *row)
{
    struct loading *l = ctx;

    *l->out = (struct revision){
        .version = row_int(row, "version", 0),
        .base = row_int(row, "base", 0),
        .by = row_int(row, "done_by", 0),
        .at = row_int(row, "at", 0),
        .state = arena_str(l->a, row_text(row, "state")),
        .patch = node_object(l->a),
    };
    return false;
}

static bool take_part(void *ctx, const struct store_row *row)
{
    struct loading *l = ctx;
    const char *name = arena_str(l->a, row_text(row, "name"));
    struct node *both = node_set(l->out->patch, name, node_object(l->a));

    node_set(both, "old", node_str(l->a, row_text(row, "old_text")));
    node_set(both, "new", node_str(l->a, row_text(row, "new_text")));
    return true;
}

enum rc revision_load(struct store *s, const struct record_type *t, int64_t id,
                      struct arena *a, struct revision *out, struct err *err)
{
    struct loading l = {a, out};

    enum rc rc;

    *out = (struct revision){0};
    rc = store_each(s,
                    "SELECT version, base, done_by, at, state FROM revision"
                    " WHERE record = :record AND record_id = :id",
                    PARAMS(P_TEXT("record", t->name), P_INT("id", id)),
                    take_revision, &l, err);
    if (rc || !out->version)
        return rc;
    return store_each(s,
                      "SELECT name, old_text, new_text FROM revision_part"
                      " WHERE record = :record AND record_id = :id"
                      " ORDER BY name",
                      PARAMS(P_TEXT("record", t->name), P_INT("id", id)),
                      take_part, &l, err);
}

/* ---- columns ---- */

struct column {
    const struct field *f;
    const char *name;
    size_t which;
    bool state; /* which language is the original: follows from the others */
};

static struct column *columns_of(const struct record_type *t, struct arena *a,
                                 size_t *n)
{
    size_t fields, cap = 0;
    const struct field *f = t->fields(&fields);
    struct column *out = NULL;

    *n = 0;
    for (size_t i = 0; i < fields; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns; k++)
            VEC_PUSH(a, out, *n, cap) =
                (struct column){&f[i], name[k], k,
                                (f[i].flags & TRANSLATED) && k == RECORD_LANGS};
    }
    return out;
}

static const char *column_text(const void *record, const struct column *c,
                               struct arena *a)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    field_get_text(record, c->f, c->which, &text);
    return arena_strdup(a, buf_cstr(&text));
}

void revision_apply(const struct record_type *t, const struct revision *v,
                    void *record, struct arena *a, struct complaints *clashes)
{
    size_t n;
    const struct column *c = columns_of(t, a, &n);
    const struct field *last = NULL;

    for (size_t i = 0; i < n && v->version; i++) {
        const struct node *both = node_get(v->patch, c[i].name);
        const char *old = node_cstr(node_get(both, "old"), "");
        const char *new = node_cstr(node_get(both, "new"), "");
        struct complaints unread = {.arena = a};
        const char *is;

        if (!both)
            continue;
        is = column_text(record, &c[i], a);
        if (clashes && !c[i].state && c[i].f != last && strcmp(is, old) != 0 &&
            strcmp(is, new) != 0) {
            complain(clashes, c[i].f,
                     N_("this was changed in the published text meanwhile"),
                     NULL);
            last = c[i].f;
        }
        field_set_text(record, c[i].f, c[i].which, str_of(new), a, &unread);
    }
}

/* ---- writing ---- */

static struct node *patch_of(const struct record_type *t, const void *published,
                             const void *proposed, struct arena *a)
{
    struct node *out = node_object(a);
    size_t n;
    const struct column *c = columns_of(t, a, &n);

    for (size_t i = 0; i < n; i++) {
        const char *old = column_text(published, &c[i], a);
        const char *new = column_text(proposed, &c[i], a);
        struct node *both;

        if (strcmp(old, new) == 0)
            continue;
        both = node_set(out, c[i].name, node_object(a));
        node_set_text(both, "old", old);
        node_set_text(both, "new", new);
    }
    return out;
}

static enum rc seen_as_it_is(int64_t changed, struct err *err)
{
    return changed ? RC_OK
                   : err_set(err, RC_CONFLICT,
                             N_("somebody saved this in the meantime"));
}

static enum rc write_parts(struct store *s, const struct record_type *t,
                           int64_t id, const struct node *patch,
                           struct arena *a, struct err *err)
{
    enum rc rc = store_exec(s,
                            "DELETE FROM revision_part WHERE record = :record"
                            " AND record_id = :id",
                            PARAMS(P_TEXT("record", t->name), P_INT("id", id)),
                            NULL, err);

    for (size_t i = 0; i < node_len(patch) && !rc; i++) {
        const struct node *both = node_at(patch, i);

        rc = store_exec(
            s,
            "INSERT INTO revision_part (record, record_id, name, old_text,"
            " new_text) VALUES (:record, :id, :name, :old, :new)",
            PARAMS(P_TEXT("record", t->name), P_INT("id", id),
                   P_STR("name", node_key(patch, i)),
                   P_TEXT("old", node_cstr(node_get(both, "old"), "")),
                   P_TEXT("new", node_cstr(node_get(both, "new"), ""))),
            NULL, err);
    }
    return rc;
}

static enum rc write(struct store *s, const struct record_type *t, int64_t id,
                     const struct revision *v, const struct deed *d,
                     struct arena *a, struct err *err)
{
    int64_t changed = 0;
    enum rc rc = store_exec(
        s,
        v->version ? "UPDATE revision SET version = version + 1, base = :base,"
                     " state = :state, at = :at, done_by = :by"
                     " WHERE record = :record AND record_id = :id"
                     " AND version = :version"
                   : "INSERT INTO revision (record, record_id, version, base,"
                     " state, at, done_by) VALUES (:record, :id,"
                     " 1 + :version, :base, :state, :at, :by)"
                     " ON CONFLICT DO NOTHING",
        PARAMS(P_TEXT("record", t->name), P_INT("id", id),
               P_INT("version", v->version), P_INT("base", v->base),
               P_TEXT("state", v->state), P_INT("at", d->at),
               P_INT("by", d->by)),
        &changed, err);

    if (!rc)
        rc = seen_as_it_is(changed, err);
    return rc ? rc : write_parts(s, t, id, v->patch, a, err);
}

static void *copy_of(const struct record_type *t, const void *record,
                     struct arena *a)
{
    void *copy = arena_alloc(a, t->size);

    memcpy(copy, record, t->size);
    return copy;
}

enum rc revision_save(struct store *s, const struct record_type *t,
                      const void *published, const void *proposed,
                      struct revision *v, const struct deed *d, struct arena *a,
                      struct err *err)
{
    const struct record_head *head = published;
    void *was = copy_of(t, published, a), *is = copy_of(t, proposed, a);
    struct revision now;
    enum rc rc = revision_load(s, t, head->id, a, &now, err);

    if (!rc && now.version != v->version)
        rc = seen_as_it_is(0, err);
    if (!rc)
        rc = check_immutable(t, published, proposed, err);
    if (rc)
        return rc;
    revision_apply(t, &now, was, a, NULL);
    *(struct record_head *)is = *head;
    v->patch = patch_of(t, published, is, a);
    v->base = head->version;
    v->by = d->by;
    v->at = d->at;
    if (!v->state)
        v->state = record_first_state(t);
    if (!node_len(v->patch)) {
        v->version = 0;
        rc = revision_drop(s, t, head->id, err);
    } else {
        rc = write(s, t, head->id, v, d, a, err);
        v->version += !rc;
    }
    return rc ? rc : history_write(s, t, was, is, d, a, err);
}

enum rc revision_move(struct store *s, const struct record_type *t,
                      const void *published, struct revision *v,
                      const char *state, const struct deed *d, struct arena *a,
                      struct err *err)
{
    const struct record_head *head = published;
    int64_t changed = 0;
    enum rc rc = store_exec(
        s,
        "UPDATE revision SET version = version + 1, state = :state"
        " WHERE record = :record AND record_id = :id AND version = :version",
        PARAMS(P_TEXT("record", t->name), P_INT("id", head->id),
               P_INT("version", v->version), P_TEXT("state", state)),
        &changed, err);

    if (!rc)
        rc = seen_as_it_is(changed, err);
    if (rc)
        return rc;
    v->version++;
    v->state = state;
    return history_write(s, t, published, published, d, a, err);
}

enum rc revision_drop(struct store *s, const struct record_type *t, int64_t id,
                      struct err *err)
{
    static const char *const rows[] = {
        "DELETE FROM revision_part WHERE record = :record AND record_id = :id",
        "DELETE FROM revision WHERE record = :record AND record_id = :id"};
    enum rc rc = RC_OK;

    for (size_t i = 0; i < ARRAY_LEN(rows) && !rc; i++)
        rc = store_exec(s, rows[i],
                        PARAMS(P_TEXT("record", t->name), P_INT("id", id)),
                        NULL, err);
    return rc;
}

struct telling {
    bool (*fn)(void *ctx, int64_t id);
    void *ctx;
};

static bool tell(void *ctx, const struct store_row *row)
{
    struct telling *t = ctx;

    return t->fn(t->ctx, row_int(row, "record_id", 0));
}

enum rc revision_each(struct store *s, const struct record_type *t,
                      const char *state, bool (*fn)(void *ctx, int64_t id),
                      void *ctx, struct err *err)
{
    struct telling telling = {fn, ctx};

    return store_each(s,
                      "SELECT record_id FROM revision WHERE record = :record"
                      " AND state = :state ORDER BY at, record_id",
                      PARAMS(P_TEXT("record", t->name), P_TEXT("state", state)),
                      tell, &telling, err);
}
