/*
 * stored.h: files kept in the database, in parts of one megabyte.
 *
 * In the database, not in a folder: several servers on one PostgreSQL see the
 * same files, and they are in the backup. Five kinds:
 *
 *   package      what a city's team handed over, encrypted: each file under a
 *                key of its own (XChaCha20-Poly1305, libsodium's secretstream,
 *                a message a part), that key sealed with the installation's
 *                and bound to the edition; read by that city's editors alone
 *   report       what the program found in a package (its columns, its faults
 *                with the text found): encrypted as the package is
 *   result       what the last computation of an edition made; plain: counts
 *                in it went through disclosure control
 *   publication  the same, once published; never changed again
 *   record       what a field of a record holds, encrypted as a package is;
 *                the record names it by its number (record_files.h)
 *
 * A spool takes bytes as they come (an upload) and keeps them encrypted: a part
 * in memory, the others in a file without a name. It is put into the
 * database by the transaction of whoever decides.
 *
 * Reading checks: a part that is missing, moved or changed is RC_INVALID.
 */
#ifndef PASSERELLE_NETWORK_STORED_H
#define PASSERELLE_NETWORK_STORED_H

#include "network/account.h"

enum { STORED_PART = 1 << 20, STORED_NAME_MOST = 180, SHA256_TEXT = 65 };

enum stored_kind {
    STORED_PACKAGE,
    STORED_REPORT,
    STORED_RESULT,
    STORED_PUBLICATION,
    STORED_RECORD,
    STORED_KINDS
};
struct stored_owner {
    enum stored_kind kind;
    int64_t id; /* of the edition; of the publication; drawn for a record */
};

struct stored {
    int64_t id;
    struct stored_owner owner;
    const char *name;  /* "population.csv", "data/origins.csv" */
    const char *media; /* "text/csv; charset=utf-8" */
    uint64_t size;
    const char *sha256; /* of the content, hex */
    int64_t created, created_by;
};

/* A relative path of plain parts: no "..", no hidden part, no control
 * character, no backslash; at most STORED_NAME_MOST bytes. */
bool stored_name_valid(const char *name);
/*
 * The name of an upload as a name of ours: the last part of the path that a
 * browser may send, characters that have no place in a file's name as "_".
 * Result in the arena; "file" when nothing is left.
 */
const char *stored_name_clean(const char *name, struct arena *a);
/* Media type by the name's ending. */
const char *stored_media(const char *name);

/* ---- writing ---- */

struct spool;
/* At most `most` bytes. `folder`: where the nameless file of more than one part
 * lies; NULL: where temporary files do. */
struct spool *spool_new(const char *folder, uint64_t most);
/* RC_LIMIT: more than `most`. */
enum rc spool_add(struct spool *s, struct str bytes, struct err *err) MUST_USE;
enum rc spool_end(struct spool *s, struct err *err) MUST_USE;
uint64_t spool_size(const struct spool *s);
/* What was spooled, as it came; after spool_end. */
enum rc spool_each(struct spool *s,
                   enum rc (*fn)(void *ctx, struct str bytes, struct err *err),
                   void *ctx, struct err *err) MUST_USE;
void spool_free(struct spool *s); /* NULL: nothing */
void cleanup_spool(struct spool **s);

struct stored_note { /* who and when */
    int64_t by, at;
};
/* All in the caller's transaction; a file of that name is replaced. */
enum rc stored_put(struct store *s, const struct keyring *k, struct spool *from,
                   struct stored_owner owner, const char *name,
                   struct stored_note note, struct err *err) MUST_USE;
/* A file of a record of that type; *id: its number. */
enum rc stored_put_record(struct store *s, const struct keyring *k,
                          struct spool *from, const char *type,
                          struct stored_note note, int64_t *id,
                          struct err *err) MUST_USE;
/* Plain, from a file of the disk: results. */
enum rc stored_put_path(struct store *s, const char *path,
                        struct stored_owner owner, const char *name,
                        struct stored_note note, struct err *err) MUST_USE;
/* A text of ours as a file of a package or a report. */
enum rc stored_put_text(struct store *s, const struct keyring *k,
                        struct str text, struct stored_owner owner,
                        const char *name, struct stored_note note,
                        struct err *err) MUST_USE;
enum rc stored_remove(struct store *s, struct stored_owner owner,
                      const char *name, struct err *err) MUST_USE;
enum rc stored_remove_all(struct store *s, struct stored_owner owner,
                          struct err *err) MUST_USE;

/* ---- reading ---- */

/* In the order of names. */
enum rc stored_each(struct store *s, struct stored_owner owner,
                    bool (*fn)(void *ctx, const struct stored *f), void *ctx,
                    struct err *err) MUST_USE;
enum rc stored_find(struct store *s, struct stored_owner owner,
                    const char *name, struct arena *a, struct stored *out,
                    struct err *err) MUST_USE;
enum rc stored_load(struct store *s, int64_t id, struct arena *a,
                    struct stored *out, struct err *err) MUST_USE;
/* Part by part. `k` may be NULL for what is not encrypted. */
enum rc stored_parts(struct store *s, const struct keyring *k, int64_t id,
                     enum rc (*fn)(void *ctx, struct str bytes,
                                   struct err *err),
                     void *ctx, struct err *err) MUST_USE;
/* Whole, into the arena; RC_LIMIT beyond `most`. */
enum rc stored_read(struct store *s, const struct keyring *k,
                    const struct stored *f, uint64_t most, struct arena *a,
                    struct str *out, struct err *err) MUST_USE;
/* To the disk: `path` is made, readable by us alone. */
enum rc stored_export(struct store *s, const struct keyring *k,
                      const struct stored *f, const char *path,
                      struct err *err) MUST_USE;

#endif
