/*
 * The order of lists: a key for each language beside every record that has a
 * title, so that a list is read from an index and goes on after any record. The
 * keys are ICU's; the version of its rules is kept, and when it changes all
 * keys are made anew.
 */
#include "record/keep.h"
#include "record/sql.h"
#include "text/lang.h"

enum { KEY_BYTES = 64, AT_ONCE = 500 };

const char *const sort_columns[RECORD_LANGS] = {"sort_en", "sort_fr",
                                                "sort_ar"};

bool record_sorted(const struct record_type *t)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].flags & TITLE)
            return true;
    return false;
}

struct str record_sort_key(const struct record_type *t, const void *record,
                           int lang, struct arena *a)
{
    AUTO(buf) struct buf key = {.ceiling = 4096};
    size_t n;
    const struct field *f = t->fields(&n);
    const char *title = NULL;

    for (size_t i = 0; i < n && !title; i++)
        if (f[i].flags & TITLE)
            title = words_best(field_of(record, &f[i]), lang, NULL);
    lang_sort_key(lang_find(record_langs[lang]), str_of(title ? title : ""),
                  KEY_BYTES, &key);
    return (struct str){arena_str(a, buf_str(&key)), key.n};
}

enum rc sort_write(struct store *s, const struct record_type *t,
                   const void *record, struct arena *a, struct err *err)
{
    const struct record_head *head = record;

    return store_exec(s,
                      arena_printf(a,
                                   "UPDATE %s SET sort_en = :en, sort_fr = :fr,"
                                   " sort_ar = :ar WHERE id = :id",
                                   t->name),
                      PARAMS(P_BLOB("en", record_sort_key(t, record, 0, a)),
                             P_BLOB("fr", record_sort_key(t, record, 1, a)),
                             P_BLOB("ar", record_sort_key(t, record, 2, a)),
                             P_INT("id", head->id)),
                      NULL, err);
}

struct unsorted {
    int64_t ids[AT_ONCE];
    size_t n;
};

static bool take_id(void *ctx, const struct store_row *row)
{
    struct unsorted *u = ctx;

    u->ids[u->n++] = row_int(row, "id", 0);
    return u->n < AT_ONCE;
}

static enum rc fill_some(struct store *s, const struct record_type *t,
                         size_t *n, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct unsorted u = {.n = 0};
    void *records[AT_ONCE];
    enum rc rc = store_each(
        s,
        arena_printf(a, "SELECT id FROM %s WHERE sort_en IS NULL LIMIT 500",
                     t->name),
        NO_PARAMS, take_id, &u, err);

    if (!rc)
        rc = record_load_many(s, t, u.ids, u.n, a, records, err);
    for (size_t i = 0; i < u.n && !rc; i++)
        rc = sort_write(s, t, records[i], a, err);
    *n = u.n;
    return rc;
}

enum rc sort_fill(struct store *s, struct err *err)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++) {
        size_t done = record_sorted(types[i]);

        while (done && !rc)
            rc = fill_some(s, types[i], &done, err);
    }
    return rc;
}

static void write_versions(struct buf *out)
{
    for (int i = 0; i < RECORD_LANGS; i++) {
        buf_fmt(out, "%s %s ", i ? "," : "", record_langs[i]);
        lang_sort_version(lang_find(record_langs[i]), out);
    }
}

enum rc sort_plan(struct store *s, bool there, struct buf *sql, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf now = {.ceiling = 4096};
    char *was = NULL;
    size_t n;
    const struct record_type *const *types = record_types(&n);
    enum rc rc = there ? store_text(s, "SELECT version FROM sort_order",
                                    NO_PARAMS, a, &was, err)
                       : RC_NOT_FOUND;

    write_versions(&now);
    if (rc != RC_NOT_FOUND && (rc || strcmp(was, buf_cstr(&now)) == 0))
        return rc;
    for (size_t i = 0; i < n; i++)
        if (record_sorted(types[i]))
            buf_fmt(sql, "UPDATE %s SET sort_en = NULL;\n", types[i]->name);
    buf_fmt(sql,
            "DELETE FROM sort_order;\n"
            "INSERT INTO sort_order (version) VALUES ('%s')",
            buf_cstr(&now));
    return RC_OK;
}
