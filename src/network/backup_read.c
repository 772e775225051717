/* A backup's lines, read and checked. */
#include "network/backup_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 512 };

struct reading {
    const struct backup_reader *reader;
    struct backup_count *count;
    const char *path;
    size_t line, columns;
    int64_t rows;
    bool in_table, begun, ended;
    crypto_generichash_state hash;
};

static enum rc wrong(const struct reading *r, const char *what, struct err *err)
{
    return err_set(err, RC_INVALID, N_("%s:%zu: %s"), r->path, r->line, what);
}

static enum rc take_object(struct reading *r, const json_t *o, struct err *err)
{
    const char *table = json_string_value(json_object_get(o, "table"));
    const json_t *rows = json_object_get(o, "rows");

    if (table && !r->in_table) {
        r->in_table = true;
        r->columns = 0;
        r->rows = 0;
        r->count->tables++;
        return r->reader->table ? r->reader->table(r->reader->ctx, table, err)
                                : RC_OK;
    }
    if (!json_is_integer(rows) || !r->in_table ||
        json_integer_value(rows) != r->rows)
        return wrong(r, N_("the number of rows does not fit"), err);
    r->in_table = false;
    r->count->rows += r->rows;
    return RC_OK;
}

static enum rc take_columns(struct reading *r, const json_t *list,
                            struct err *err)
{
    const char *names[COLUMNS_MOST];
    size_t n = json_array_size(list);

    if (!n || n > COLUMNS_MOST)
        return wrong(r, N_("these are no columns"), err);
    for (size_t i = 0; i < n; i++) {
        names[i] = json_string_value(json_array_get(list, i));
        if (!names[i])
            return wrong(r, N_("these are no columns"), err);
    }
    r->columns = n;
    return r->reader->columns
               ? r->reader->columns(r->reader->ctx, n, names, err)
               : RC_OK;
}

static bool value_of(const json_t *j, struct arena *a, struct store_value *v)
{
    const char *blob = json_string_value(json_object_get(j, "b"));
    const char *real = json_string_value(json_object_get(j, "r"));
    unsigned char *bytes;
    size_t n;

    *v = (struct store_value){.type = VALUE_NULL};
    if (json_is_integer(j)) {
        *v = (struct store_value){VALUE_INT, {.i = json_integer_value(j)}};
    } else if (json_is_string(j)) {
        v->type = VALUE_TEXT;
        v->s = (struct str){json_string_value(j), json_string_length(j)};
    } else if (real) {
        v->type = VALUE_REAL;
        return str_double(str_of(real), &v->d);
    } else if (blob) {
        bytes = arena_try(a, strlen(blob) + 1, 1);
        if (!bytes ||
            sodium_base642bin(bytes, strlen(blob), blob, strlen(blob), NULL, &n,
                              NULL, sodium_base64_VARIANT_ORIGINAL))
            return false;
        v->type = VALUE_BLOB;
        v->s = (struct str){(char *)bytes, n};
    } else {
        return json_is_null(j);
    }
    return true;
}

static enum rc take_row(struct reading *r, const json_t *list, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct store_value values[COLUMNS_MOST];

    if (json_array_size(list) != r->columns)
        return wrong(r, N_("a row has another number of values"), err);
    for (size_t i = 0; i < r->columns; i++)
        if (!value_of(json_array_get(list, i), a, &values[i]))
            return wrong(r, N_("a value cannot be read"), err);
    r->rows++;
    return r->reader->row
               ? r->reader->row(r->reader->ctx, r->columns, values, err)
               : RC_OK;
}

static enum rc take_end(struct reading *r, const char *hash, struct err *err)
{
    unsigned char bytes[32];
    char hex[2 * sizeof bytes + 1];

    crypto_generichash_final(&r->hash, bytes, sizeof bytes);
    sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
    r->ended = true;
    if (r->in_table || strcmp(hash, hex) != 0)
        return wrong(r, N_("the file is not as it was written"), err);
    return RC_OK;
}

static enum rc take_line(struct reading *r, struct str line, struct err *err)
{
    json_t *j = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
    const char *hash = json_string_value(json_object_get(j, "blake2b"));
    const char *kind = json_string_value(json_object_get(j, "passerelle"));
    enum rc rc;

    r->line++;
    if (!j || r->ended)
        rc = wrong(r, N_("this line is none of a backup"), err);
    else if (hash)
        rc = take_end(r, hash, err);
    else if (!r->begun)
        rc = kind && strcmp(kind, "backup/1") == 0
                 ? RC_OK
                 : wrong(r, N_("this is not a backup of this program"), err);
    else if (json_is_object(j))
        rc = take_object(r, j, err);
    else if (!r->in_table)
        rc = wrong(r, N_("a row stands outside of a table"), err);
    else
        rc = r->columns ? take_row(r, j, err) : take_columns(r, j, err);
    r->begun = true;
    if (!r->ended)
        crypto_generichash_update(&r->hash, (const unsigned char *)line.p,
                                  line.n);
    json_decref(j);
    return rc;
}

enum rc backup_read(const char *path, const struct backup_reader *reader,
                    struct backup_count *out, struct err *err)
{
    AUTO(file) FILE *f = fopen(path, "rbe");
    AUTO(mem) char *line = NULL;
    struct reading r = {.reader = reader, .count = out, .path = path};
    size_t cap = 0;
    ssize_t n;
    enum rc rc = RC_OK;

    *out = (struct backup_count){0};
    if (!f)
        return err_set(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO,
                       N_("cannot open '%s': %s"), path, strerror(errno));
    crypto_generichash_init(&r.hash, NULL, 0, 32);
    while (!rc && (n = getline(&line, &cap, f)) > 0) {
        out->bytes += n;
        rc = take_line(&r, (struct str){line, (size_t)n}, err);
    }
    if (!rc && !r.ended)
        rc = err_set(err, RC_INVALID, N_("'%s' breaks off"), path);
    return rc;
}

enum rc backup_verify(const char *path, struct backup_count *out,
                      struct err *err)
{
    static const struct backup_reader nobody;

    return backup_read(path, &nobody, out, err);
}
