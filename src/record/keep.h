/*
 * keep.h: records in the store.
 *
 * Every table has id, version, state and the columns of the fields
 * (field_columns); a REFS field is a table of its own, <record>_<field>
 * (owner, position, target). record_save writes the record, its history and
 * its search text in one transaction, its own or the caller's.
 *
 * RC_CONFLICT from record_save: somebody saved in between; `now` then holds the
 * stored record, so that both versions can be shown and nothing is lost.
 */
#ifndef PASSERELLE_RECORD_KEEP_H
#define PASSERELLE_RECORD_KEEP_H

#include "record/record.h"
#include "store/store.h"

/* The tables as the declaration wants them, for a fresh database. */
void record_ddl(const struct record_type *t, enum store_engine e,
                struct buf *out);
void record_common_ddl(enum store_engine e, struct buf *out);

/*
 * What would make the database agree with the declaration, computed by
 * comparing the two. A destructive step (a column or table that is no longer
 * declared) is done only when its name ("city.website") is in `drop`; else
 * migrate_apply refuses with RC_CONFLICT and does nothing.
 */
struct migration_step {
    const char *sql;
    const char *what; /* "city.website", "city" */
    bool destructive;
};
struct migration {
    struct migration_step *steps;
    size_t n, cap;
};
enum rc migration_plan(struct store *s, struct arena *a, struct migration *out,
                       struct err *err) MUST_USE;
enum rc migration_apply(struct store *s, const struct migration *m,
                        const char *const *drop, size_t n_drop,
                        struct err *err) MUST_USE;

/*
 * Whether lists of a type can be read in the order of its titles: by the
 * columns sort_en, sort_fr, sort_ar (bytes), then by id.
 */
bool record_sorted(const struct record_type *t);

/* Names of the columns that a table has now; none without the table. */
enum rc columns_present(struct store *s, const char *table, struct arena *a,
                        struct texts *out, struct err *err) MUST_USE;

/* Who did it, when (seconds since 1970), and what they called it. */
struct deed {
    int64_t by, at;
    const char *action; /* "create", "edit", "publish", ... */
    const char *note;   /* what they wrote to it, or NULL */
};

enum rc record_load(struct store *s, const struct record_type *t, int64_t id,
                    struct arena *a, void *record, struct err *err) MUST_USE;
/* Several at once, in as few questions as can be; records[i] belongs to ids[i],
 * NULL where there is none. */
enum rc record_load_many(struct store *s, const struct record_type *t,
                         const int64_t *ids, size_t n, struct arena *a,
                         void **records, struct err *err) MUST_USE;
/* head.id 0 inserts, else updates where the version is still head.version.
 * head.id and head.version are renewed. `now` may be NULL. */
enum rc record_save(struct store *s, const struct record_type *t, void *record,
                    const struct deed *d, struct arena *a, void *now,
                    struct err *err) MUST_USE;
enum rc record_delete(struct store *s, const struct record_type *t, int64_t id,
                      const struct deed *d, struct arena *a,
                      struct err *err) MUST_USE;
/* `where` is SQL of ours with :names, or "" for all; ordered by id. */
enum rc record_each(struct store *s, const struct record_type *t,
                    const char *where, const struct store_param *p, size_t n,
                    bool (*fn)(void *ctx, const void *record), void *ctx,
                    struct err *err) MUST_USE;

struct history_entry {
    int64_t version, by, at;
    const char *action;
    struct str change; /* JSON: {field: {"old":, "new":}} */
};
enum rc record_history(struct store *s, const struct record_type *t, int64_t id,
                       bool (*fn)(void *ctx, const struct history_entry *e),
                       void *ctx, struct err *err) MUST_USE;

/* Every word of the query must begin a word of the record; best first. */
struct found {
    const struct record_type *type;
    int64_t id;
    const char *title;
};
enum rc record_search(struct store *s, const char *query, size_t limit,
                      bool (*fn)(void *ctx, const struct found *f), void *ctx,
                      struct err *err) MUST_USE;

#endif
