/* Files of records: found, and removed once nothing names them. */
#include "network/record_files.h"

bool record_has_files(const struct record_type *t)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].type == TYPE_FILE)
            return true;
    return false;
}

enum rc record_files_sweep(struct store *s, const struct record_type *t,
                           struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};
    size_t n;
    const struct field *f = t->fields(&n);

    if (!record_has_files(t))
        return RC_OK;
    buf_fmt(&sql,
            "DELETE FROM stored WHERE kind = 'record' AND name LIKE '%s/%%'",
            t->name);
    for (size_t i = 0; i < n; i++)
        if (f[i].type == TYPE_FILE)
            buf_fmt(&sql,
                    " AND NOT EXISTS (SELECT 1 FROM %s r"
                    " WHERE r.%s_number = stored.id)"
                    " AND NOT EXISTS (SELECT 1 FROM revision_part p"
                    " WHERE p.record = '%s' AND p.name = '%s_number'"
                    " AND p.new_text = CAST(stored.id AS TEXT))",
                    t->name, f[i].name, t->name, f[i].name);
    return store_exec(s, buf_cstr(&sql), NULL, 0, NULL, err);
}

enum rc record_file_find(struct store *s, const struct record_type *t,
                         const struct attachment *file, struct arena *a,
                         struct stored *out, struct err *err)
{
    enum rc rc = stored_load(s, file->number, a, out, err);

    if (!rc &&
        (out->owner.kind != STORED_RECORD ||
         !str_starts(str_of(out->name), arena_printf(a, "%s/", t->name))))
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such file"));
    return rc;
}
