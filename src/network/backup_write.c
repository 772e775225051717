/* A backup's lines, written and hashed. */
#include "network/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 256 << 20, TEXT_MOST = 1 << 20 };

static enum rc cannot(const char *path, struct err *err)
{
    return err_set(err, errno == ENOSPC ? RC_UNAVAILABLE : RC_IO,
                   N_("cannot write '%s': %s"), path, strerror(errno));
}

static void put_line(struct backup_writer *w)
{
    buf_addc(&w->line, '\n');
    if (w->line.failed || fwrite(w->line.p, 1, w->line.n, w->file) != w->line.n)
        w->failed = true;
    else
        crypto_generichash_update(&w->hash, (unsigned char *)w->line.p,
                                  w->line.n);
    w->bytes += (int64_t)w->line.n;
    buf_clear(&w->line);
}

/* Readable by whoever runs the program alone: it holds people's data. */
enum rc backup_writer_open(struct backup_writer *w, const char *path,
                           int64_t now, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    *w = (struct backup_writer){0};
    w->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!w->file)
        return cannot(path, err);
    buf_init(&w->line, LINE_MOST);
    crypto_generichash_init(&w->hash, NULL, 0, 32);
    buf_fmt(&w->line, "{\"passerelle\":\"backup/1\",\"at\":%" PRId64 "}", now);
    put_line(w);
    return RC_OK;
}

void backup_write_table(struct backup_writer *w, const char *name)
{
    buf_adds(&w->line, "{\"table\":");
    buf_json(&w->line, str_of(name));
    buf_addc(&w->line, '}');
    put_line(w);
}

void backup_write_columns(struct backup_writer *w, const struct store_row *row)
{
    for (size_t i = 0; i < row->n; i++) {
        buf_addc(&w->line, i ? ',' : '[');
        buf_json(&w->line, str_of(row->names[i]));
    }
    buf_addc(&w->line, ']');
    put_line(w);
}

static void put_blob(struct buf *out, struct str s)
{
    size_t n = sodium_base64_ENCODED_LEN(s.n, sodium_base64_VARIANT_ORIGINAL);
    AUTO(arena) struct arena *a = arena_new(0);
    char *text = arena_alloc(a, n);

    sodium_bin2base64(text, n, (const unsigned char *)s.p, s.n,
                      sodium_base64_VARIANT_ORIGINAL);
    buf_fmt(out, "{\"b\":\"%s\"}", text);
}

static void put_value(struct buf *out, const struct store_value *v)
{
    switch (v->type) {
    case VALUE_INT:
        buf_fmt(out, "%" PRId64, v->i);
        break;
    case VALUE_REAL:
        buf_adds(out, "{\"r\":\"");
        buf_double(out, v->d);
        buf_adds(out, "\"}");
        break;
    case VALUE_TEXT:
        buf_json(out, v->s);
        break;
    case VALUE_BLOB:
        put_blob(out, v->s);
        break;
    default:
        buf_adds(out, "null");
    }
}

void backup_write_values(struct backup_writer *w, const struct store_row *row)
{
    for (size_t i = 0; i < row->n; i++) {
        buf_addc(&w->line, i ? ',' : '[');
        put_value(&w->line, &row->values[i]);
    }
    buf_addc(&w->line, ']');
    put_line(w);
}

void backup_write_end(struct backup_writer *w, int64_t rows)
{
    buf_fmt(&w->line, "{\"rows\":%" PRId64 "}", rows);
    put_line(w);
}

bool backup_writer_failed(const struct backup_writer *w)
{
    return w->failed;
}

enum rc backup_writer_close(struct backup_writer *w, enum rc rc, int64_t *bytes,
                            struct err *err)
{
    unsigned char hash[32];
    char hex[2 * sizeof hash + 1];

    crypto_generichash_final(&w->hash, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    buf_fmt(&w->line, "{\"blake2b\":\"%s\"}\n", hex);
    if (fwrite(w->line.p, 1, w->line.n, w->file) != w->line.n)
        w->failed = true;
    w->bytes += (int64_t)w->line.n;
    if (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0)
        w->failed = true;
    if (!rc && w->failed)
        rc = cannot("backup", err);
    if (fclose(w->file) != 0 && !rc)
        rc = cannot("backup", err);
    buf_free(&w->line);
    *bytes = w->bytes;
    return rc;
}

enum rc backup_publish(const char *part, const char *path, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(fd) int dir = -1;

    if (rename(part, path) != 0)
        return cannot(path, err);
    dir = open(dirname(arena_strdup(a, path)),
               O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || fsync(dir) != 0)
        return cannot(path, err);
    return RC_OK;
}
