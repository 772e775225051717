/* Files out of the database again: checked, opened, whole or in parts. */
#include "network/secret.h"
#include "network/stored_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const kinds[STORED_KINDS] = {
    [STORED_PACKAGE] = "package", [STORED_REPORT] = "report",
    [STORED_RESULT] = "result",   [STORED_PUBLICATION] = "publication",
    [STORED_RECORD] = "record",
};

const char *stored_kind_name(enum stored_kind kind)
{
    REQUIRE(kind < STORED_KINDS);
    return kinds[kind];
}

static char *key_purpose(struct stored_owner owner, struct arena *a)
{
    return arena_printf(a, "stored/%s/%" PRId64 "/", kinds[owner.kind],
                        owner.id);
}

struct str stored_key_seal(const struct keyring *k,
                           const unsigned char key[FILE_KEY],
                           struct stored_owner owner, struct arena *a)
{
    const char *purpose = key_purpose(owner, a);
    size_t n = strlen(purpose);
    char *plain = arena_alloc(a, n + FILE_KEY);
    struct str sealed;

    memcpy(plain, purpose, n);
    memcpy(plain + n, key, FILE_KEY);
    sealed = seal(k, (struct str){plain, n + FILE_KEY}, a);
    sodium_memzero(plain, n + FILE_KEY);
    return sealed;
}

bool stored_key_open(const struct keyring *k, struct str sealed,
                     struct stored_owner owner, struct arena *a,
                     unsigned char key[FILE_KEY])
{
    const char *purpose = key_purpose(owner, a);
    size_t n = strlen(purpose);
    struct str plain;

    if (!k || !unseal(k, sealed, a, &plain) || plain.n != n + FILE_KEY ||
        !str_starts(plain, purpose))
        return false;
    memcpy(key, plain.p + n, FILE_KEY);
    sodium_memzero((char *)plain.p, plain.n);
    return true;
}

/* ---- rows ---- */

#define COLUMNS                                                         \
    "SELECT id, kind, edition, publication, name, media, size, sha256," \
    " created, created_by FROM stored"

static struct stored of_row(const struct store_row *row, struct arena *a)
{
    struct stored f = {
        .id = row_int(row, "id", 0),
        .name = arena_str(a, row_text(row, "name")),
        .media = arena_str(a, row_text(row, "media")),
        .size = (uint64_t)row_int(row, "size", 0),
        .sha256 = arena_str(a, row_text(row, "sha256")),
        .created = row_int(row, "created", 0),
        .created_by = row_int(row, "created_by", 0),
    };

    for (int i = 0; i < STORED_KINDS; i++)
        if (str_is(row_text(row, "kind"), kinds[i]))
            f.owner.kind = (enum stored_kind)i;
    f.owner.id = row_int(
        row, f.owner.kind == STORED_PUBLICATION ? "publication" : "edition", 0);
    if (f.owner.kind == STORED_RECORD) /* "programme/4611686018427387903" */
        str_i64(str_of(strchr(f.name, '/') ? strchr(f.name, '/') + 1 : ""),
                &f.owner.id);
    return f;
}

struct listing {
    bool (*fn)(void *ctx, const struct stored *f);
    void *ctx;
};

static bool hand_on(void *ctx, const struct store_row *row)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const struct listing *l = ctx;
    struct stored f = of_row(row, a);

    return l->fn(l->ctx, &f);
}

enum rc stored_each(struct store *s, struct stored_owner owner,
                    bool (*fn)(void *ctx, const struct stored *f), void *ctx,
                    struct err *err)
{
    struct listing l = {fn, ctx};

    return store_each(
        s,
        owner.kind == STORED_PUBLICATION ? COLUMNS
            " WHERE kind = :kind AND publication ="
            " :owner ORDER BY name, id"
                                         : COLUMNS
            " WHERE kind = :kind AND edition = :owner"
            " ORDER BY name, id",
        PARAMS(P_TEXT("kind", kinds[owner.kind]), P_INT("owner", owner.id)),
        hand_on, &l, err);
}

struct finding {
    struct arena *a;
    struct stored *out;
    bool found;
};

static bool take_row(void *ctx, const struct store_row *row)
{
    struct finding *f = ctx;

    *f->out = of_row(row, f->a);
    f->found = true;
    return false;
}

static enum rc found(enum rc rc, const struct finding *f, struct err *err)
{
    return rc || f->found
               ? rc
               : err_set(err, RC_NOT_FOUND, N_("there is no such file"));
}

enum rc stored_find(struct store *s, struct stored_owner owner,
                    const char *name, struct arena *a, struct stored *out,
                    struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc =
        store_each(s,
                   owner.kind == STORED_PUBLICATION ? COLUMNS
                       " WHERE kind = :kind AND publication = :owner"
                       " AND name = :name"
                                                    : COLUMNS
                       " WHERE kind = :kind AND edition = :owner"
                       " AND name = :name",
                   PARAMS(P_TEXT("kind", kinds[owner.kind]),
                          P_INT("owner", owner.id), P_TEXT("name", name)),
                   take_row, &f, err);

    return found(rc, &f, err);
}

enum rc stored_load(struct store *s, int64_t id, struct arena *a,
                    struct stored *out, struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc = store_each(s, COLUMNS " WHERE id = :id",
                            PARAMS(P_INT("id", id)), take_row, &f, err);

    return found(rc, &f, err);
}

/* ---- parts ---- */

struct reading {
    struct arena *a;
    struct stored file;
    struct str key, header; /* as stored; empty: plain */
    unsigned char *out;     /* a part, opened */
    struct str part;        /* as stored; copied out of the row */
    char *room;
    bool there;
    bool last; /* the part marked as the last was seen */
    uint64_t size;
    crypto_secretstream_xchacha20poly1305_state state;
};

static bool take_secrets(void *ctx, const struct store_row *row)
{
    struct reading *r = ctx;
    struct str key = row_text(row, "key"), header = row_text(row, "header");

    r->key = (struct str){arena_str(r->a, key), key.n};
    r->header = (struct str){arena_str(r->a, header), header.n};
    return false;
}

static bool take_part(void *ctx, const struct store_row *row)
{
    struct reading *r = ctx;
    struct str bytes = row_text(row, "content");

    r->there = bytes.n <= SEALED_PART;
    if (r->there) {
        memcpy(r->room, bytes.p, bytes.n);
        r->part = (struct str){r->room, bytes.n};
    }
    return false;
}

static enum rc damaged(const struct reading *r, struct err *err)
{
    return err_set(err, RC_INVALID, N_("the file '%s' is not as it was stored"),
                   r->file.name);
}

static enum rc open_key(struct reading *r, const struct keyring *k,
                        struct err *err)
{
    unsigned char key[FILE_KEY];
    bool right;

    if (!r->key.n)
        return stored_sealed(r->file.owner.kind) ? damaged(r, err) : RC_OK;
    if (!stored_key_open(k, r->key, r->file.owner, r->a, key))
        return err_set(err, RC_FORBIDDEN,
                       N_("the file '%s' was stored under another key"),
                       r->file.name);
    right = r->header.n == crypto_secretstream_xchacha20poly1305_HEADERBYTES &&
            crypto_secretstream_xchacha20poly1305_init_pull(
                &r->state, (const unsigned char *)r->header.p, key) == 0;
    sodium_memzero(key, sizeof key);
    return right ? RC_OK : damaged(r, err);
}

static enum rc open_part(struct reading *r, struct str *bytes, struct err *err)
{
    unsigned long long n = 0;
    unsigned char tag;

    *bytes = r->part;
    if (!r->key.n)
        return RC_OK;
    if (r->last ||
        crypto_secretstream_xchacha20poly1305_pull(
            &r->state, r->out, &n, &tag, (const unsigned char *)r->part.p,
            r->part.n, NULL, 0) != 0)
        return damaged(r, err);
    r->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    *bytes = (struct str){(char *)r->out, (size_t)n};
    return RC_OK;
}

static enum rc read_parts(struct store *s, struct reading *r,
                          enum rc (*fn)(void *ctx, struct str bytes,
                                        struct err *err),
                          void *ctx, struct err *err)
{
    enum rc rc = RC_OK;

    for (int64_t part = 0; !rc; part++) {
        struct str bytes;

        r->there = false;
        rc = store_each(s,
                        "SELECT content FROM stored_part WHERE stored = :id"
                        " AND part = :part",
                        PARAMS(P_INT("id", r->file.id), P_INT("part", part)),
                        take_part, r, err);
        if (rc || !r->there)
            break;
        rc = open_part(r, &bytes, err);
        if (!rc) {
            r->size += bytes.n;
            rc = fn(ctx, bytes, err);
        }
    }
    if (!rc && (r->size != r->file.size || (r->key.n && !r->last)))
        rc = damaged(r, err);
    return rc;
}

enum rc stored_parts(struct store *s, const struct keyring *k, int64_t id,
                     enum rc (*fn)(void *ctx, struct str bytes,
                                   struct err *err),
                     void *ctx, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(mem) char *room = malloc(2 * (size_t)SEALED_PART);
    struct reading r = {.a = a, .room = room};
    enum rc rc;

    if (!room)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    r.out = (unsigned char *)room + SEALED_PART;
    rc = stored_load(s, id, a, &r.file, err);
    if (!rc)
        rc = store_each(s, "SELECT key, header FROM stored WHERE id = :id",
                        PARAMS(P_INT("id", id)), take_secrets, &r, err);
    if (!rc)
        rc = open_key(&r, k, err);
    if (!rc)
        rc = read_parts(s, &r, fn, ctx, err);
    sodium_memzero(room, 2 * (size_t)SEALED_PART);
    return rc;
}

/* ---- whole ---- */

struct whole {
    char *p;
    size_t n, most;
};

static enum rc append(void *ctx, struct str bytes, struct err *err)
{
    struct whole *w = ctx;

    if (w->n + bytes.n > w->most)
        return err_set(err, RC_INVALID, N_("the file has grown"));
    memcpy(w->p + w->n, bytes.p, bytes.n);
    w->n += bytes.n;
    return RC_OK;
}

static bool hash_is(struct str bytes, const char *sha256)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[SHA256_TEXT];

    crypto_hash_sha256(hash, (const unsigned char *)bytes.p, bytes.n);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return strcmp(text, sha256) == 0;
}

enum rc stored_read(struct store *s, const struct keyring *k,
                    const struct stored *f, uint64_t most, struct arena *a,
                    struct str *out, struct err *err)
{
    struct whole w = {.most = (size_t)f->size};
    enum rc rc;

    if (f->size > most)
        return err_set(err, RC_LIMIT, N_("the file '%s' is too large"),
                       f->name);
    w.p = arena_try(a, (size_t)f->size + 1, 1);
    if (!w.p)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    rc = stored_parts(s, k, f->id, append, &w, err);
    if (!rc && !hash_is((struct str){w.p, w.n}, f->sha256))
        rc = err_set(err, RC_INVALID,
                     N_("the file '%s' is not as it was stored"), f->name);
    *out = (struct str){w.p, w.n};
    return rc;
}

struct export
{
    int fd;
    const char *path;
};

static enum rc write_out(void *ctx, struct str bytes, struct err *err)
{
    const struct export *e = ctx;

    while (bytes.n) {
        ssize_t put = write(e->fd, bytes.p, bytes.n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_set(err, RC_IO, N_("cannot write '%s': %s"), e->path,
                           strerror(errno));
        bytes.p += put;
        bytes.n -= (size_t)put;
    }
    return RC_OK;
}

enum rc stored_export(struct store *s, const struct keyring *k,
                      const struct stored *f, const char *path, struct err *err)
{
    AUTO(fd)
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct export e = {fd, path};

    if (fd < 0)
        return err_set(err, RC_IO, N_("cannot write '%s': %s"), path,
                       strerror(errno));
    return stored_parts(s, k, f->id, write_out, &e, err);
}
