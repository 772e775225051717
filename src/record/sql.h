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
void unique_ddl(const struct record_type *t, const struct field *f,
                struct buf *out);

/* The search text of a record, folded; replaces what was there. */
enum rc search_write(struct store *s, const struct record_type *t,
                     const void *record, struct err *err) MUST_USE;
enum rc search_remove(struct store *s, const struct record_type *t, int64_t id,
                      struct err *err) MUST_USE;
/* before or after may be NULL (created, deleted). */
enum rc history_write(struct store *s, const struct record_type *t,
                      const void *before, const void *after,
                      const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;
const char *record_title(const struct record_type *t, const void *record);

#endif
