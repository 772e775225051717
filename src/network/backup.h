/*
 * backup.h: everything the database holds, in one file, and back.
 *
 * The same file for both databases, so that a network may begin on SQLite and
 * move to PostgreSQL. Written from one snapshot while the servers go on; a line
 * of JSON a row, after each table its number of rows, at the end a BLAKE2b hash
 * of all that stands before. It appears under its name only when it is whole
 * and was read back. Sealed things stay sealed: the key file of the
 * installation is kept apart, and without it second factors and waiting
 * letters are lost.
 *
 * Restoring goes into an empty database alone, in one transaction: all or
 * nothing. Search indexes are made anew.
 */
#ifndef PASSERELLE_NETWORK_BACKUP_H
#define PASSERELLE_NETWORK_BACKUP_H

#include "base/err.h"
#include "store/store.h"

struct backup_count {
    int64_t tables, rows, bytes;
};
/* Told now and then how far it is, 0 to 1; false: stop (RC_CANCELLED). */
struct backup_watch {
    bool (*go_on)(void *ctx, double done);
    void *ctx;
};
/* `watch` may be NULL. */
enum rc backup_write(struct store *s, const char *path, int64_t now,
                     const struct backup_watch *watch, struct backup_count *out,
                     struct err *err) MUST_USE;
/* Is it whole, and as it was written? RC_INVALID says the line. */
enum rc backup_verify(const char *path, struct backup_count *out,
                      struct err *err) MUST_USE;
/* RC_CONFLICT when the database holds records or accounts already. */
enum rc backup_restore(struct store *s, const char *path,
                       struct backup_count *out, struct err *err) MUST_USE;

#endif
