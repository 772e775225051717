/*
 * backup_file.h: lines of a backup; inner to network.
 *
 *   {"passerelle":"backup/1","at":1700000000}
 *   {"table":"city"}
 *   ["id","version",...]            column names, when there is a row
 *   [7,1,"draft",{"b":"<base64>"}]  one line a row; a real as {"r":"0.5"}
 *   {"rows":12}
 *   {"blake2b":"<hex of all lines before>"}
 */
#ifndef PASSERELLE_NETWORK_BACKUP_FILE_H
#define PASSERELLE_NETWORK_BACKUP_FILE_H

#include "network/backup.h"

#include <sodium.h>
#include <stdio.h>

struct backup_writer {
    FILE *file;
    struct buf line;
    crypto_generichash_state hash;
    int64_t bytes;
    bool failed;
};
enum rc backup_writer_open(struct backup_writer *w, const char *path,
                           int64_t now, struct err *err) MUST_USE;
void backup_write_table(struct backup_writer *w, const char *name);
void backup_write_columns(struct backup_writer *w, const struct store_row *row);
void backup_write_values(struct backup_writer *w, const struct store_row *row);
void backup_write_end(struct backup_writer *w, int64_t rows);
bool backup_writer_failed(const struct backup_writer *w);
/* Writes the hash, syncs, closes. `rc`: how the writing went. */
enum rc backup_writer_close(struct backup_writer *w, enum rc rc, int64_t *bytes,
                            struct err *err) MUST_USE;
/* Under its name, on the disk. */
enum rc backup_publish(const char *part, const char *path,
                       struct err *err) MUST_USE;

/* What a reader of the file hears; any may be NULL. */
struct backup_reader {
    void *ctx;
    enum rc (*table)(void *ctx, const char *name, struct err *err);
    enum rc (*columns)(void *ctx, size_t n, const char *const *names,
                       struct err *err);
    enum rc (*row)(void *ctx, size_t n, const struct store_value *values,
                   struct err *err);
};
enum rc backup_read(const char *path, const struct backup_reader *reader,
                    struct backup_count *out, struct err *err) MUST_USE;
enum rc backup_tables(struct store *s, struct arena *a, const char ***out,
                      size_t *n, struct err *err) MUST_USE;

#endif
