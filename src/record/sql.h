/*
 * sql.h: pieces of SQL made from a declaration; inner to record. Names come
 * from the .def files alone, never from input.
 */
#ifndef PASSERELLE_RECORD_SQL_H
#define PASSERELLE_RECORD_SQL_H

#include "record/keep.h"

const char *column_type(const struct field *f, size_t column,
                        enum store_engine e);
void table_ddl(const struct record_type *t, enum store_engine e,
               struct buf *out);
void column_ddl(const struct record_type *t, const struct field *f,
                const char *name, size_t column, enum store_engine e,
                struct buf *out);
void refs_ddl(const struct record_type *t, const struct field *f,
              enum store_engine e, struct buf *out);
/*
 * Indexes that follow from the declaration: unique values, what a reference
 * names (both ways), the choices that lists are narrowed by, the state. The
 * end of a name tells which are ours: _unique, _of_list.
 */
struct index {
    const char *name, *sql;
};
struct indexes {
    struct arena *a;
    struct index *items;
    size_t n, cap;
};
void record_indexes(const struct record_type *t, struct indexes *out);

/* The search text of a record, folded. `before`: what is in the index, NULL
 * for a record that is not. */
enum rc search_write(struct store *s, const struct record_type *t,
                     const void *before, const void *record,
                     struct err *err) MUST_USE;
enum rc search_remove(struct store *s, const struct record_type *t, int64_t id,
                      struct err *err) MUST_USE;
/* before or after may be NULL (created, deleted). */
enum rc history_write(struct store *s, const struct record_type *t,
                      const void *before, const void *after,
                      const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;
/* ---- sort.c ---- */

extern const char *const sort_columns[RECORD_LANGS];
struct str record_sort_key(const struct record_type *t, const void *record,
                           int lang, struct arena *a);
enum rc sort_write(struct store *s, const struct record_type *t,
                   const void *record, struct arena *a,
                   struct err *err) MUST_USE;
/* Keys of the records that have none. */
enum rc sort_fill(struct store *s, struct err *err) MUST_USE;
/* What makes all keys anew where the rules changed; nothing where they did not.
 * `there`: the table sort_order is. */
enum rc sort_plan(struct store *s, bool there, struct buf *sql,
                  struct err *err) MUST_USE;

/* Fields set once that are not as they were: RC_INVALID. */
enum rc check_immutable(const struct record_type *t, const void *before,
                        const void *after, struct err *err) MUST_USE;
const char *record_title(const struct record_type *t, const void *record);

#endif
