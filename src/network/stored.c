/* Files on their way into the database; reading is in stored_read.c. */
#include "network/stored.h"
#include "network/secret.h"
#include "network/stored_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- names ---- */

static bool part_valid(struct str part)
{
    if (!part.n || part.p[0] == '.' || part.p[part.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];

        if (c < ' ' || c == 0x7F || strchr("\\:*?\"<>|", c))
            return false;
    }
    return true;
}

bool stored_name_valid(const char *name)
{
    struct str rest = str_of(name);

    if (!rest.n || rest.n > STORED_NAME_MOST || !str_utf8_valid(rest, NULL))
        return false;
    for (;;) {
        const char *slash = memchr(rest.p, '/', rest.n);
        struct str part = {rest.p, slash ? (size_t)(slash - rest.p) : rest.n};

        if (!part_valid(part))
            return false;
        if (!slash)
            return true;
        rest.p += part.n + 1;
        rest.n -= part.n + 1;
    }
}

const char *stored_name_clean(const char *name, struct arena *a)
{
    const char *start = name;
    struct str s;
    char *out;

    for (const char *p = name; *p; p++)
        if (*p == '/' || *p == '\\')
            start = p + 1;
    s = str_trim(str_of(start));
    while (s.n && (*s.p == '.' || *s.p == ' ')) {
        s.p++;
        s.n--;
    }
    if (s.n > STORED_NAME_MOST / 2) { /* the end tells what it is */
        s.p += s.n - STORED_NAME_MOST / 2;
        s.n = STORED_NAME_MOST / 2;
        while (s.n && ((unsigned char)*s.p & 0xC0) == 0x80) {
            s.p++;
            s.n--;
        }
    }
    out = arena_strndup(a, s.p, s.n);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F || strchr(":*?\"<>|", *p))
            *p = '_';
    return stored_name_valid(out) ? out : "file";
}

const char *stored_media(const char *name)
{
    static const char *const rows[][2] = {
        {".csv", "text/csv; charset=utf-8"},
        {".json", "application/json"},
        {".geojson", "application/geo+json"},
        {".html", "text/html; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".pdf", "application/pdf"},
        {".md", "text/markdown; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".zip", "application/zip"},
        {".gpkg", "application/geopackage+sqlite3"},
        {".xlsx",
         "application/"
         "vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    };
    size_t n = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t end = strlen(rows[i][0]);

        if (n > end && strcasecmp(name + n - end, rows[i][0]) == 0)
            return rows[i][1];
    }
    return "application/octet-stream";
}

/* ---- spool ---- */

struct spool {
    const char *folder;
    uint64_t most, size;
    int fd; /* -1: nothing written yet */
    bool ended;
    size_t n, parts; /* bytes in `plain`; parts that were sealed */
    size_t only;     /* bytes of the one part there is, which stays in memory */
    unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
    unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_hash_sha256_state hash;
    char sha256[SHA256_TEXT];
    unsigned char *plain, *sealed; /* a part each; NULL: not needed now */
    unsigned char *kept;           /* the one part, once it ended */
};

/* Room for a part as it is and as it is kept. */
static void spool_open_room(struct spool *s)
{
    if (s->plain)
        return;
    s->plain = malloc(STORED_PART + SEALED_PART);
    if (!s->plain)
        BUG("out of memory");
    s->sealed = s->plain + STORED_PART;
}

static void spool_close_room(struct spool *s)
{
    if (s->plain)
        sodium_memzero(s->plain, STORED_PART);
    free(s->plain);
    s->plain = s->sealed = NULL;
}

struct spool *spool_new(const char *folder, uint64_t most)
{
    struct spool *s = calloc(1, sizeof *s);

    if (!s || sodium_init() < 0)
        BUG("out of memory");
    spool_open_room(s);
    s->folder = folder ? folder : P_tmpdir;
    s->most = most;
    s->fd = -1;
    crypto_secretstream_xchacha20poly1305_keygen(s->key);
    crypto_secretstream_xchacha20poly1305_init_push(&s->state, s->header,
                                                    s->key);
    crypto_hash_sha256_init(&s->hash);
    return s;
}

void spool_free(struct spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    spool_close_room(s);
    free(s->kept);
    sodium_memzero(s, sizeof *s);
    free(s);
}

void cleanup_spool(struct spool **s)
{
    spool_free(*s);
}

uint64_t spool_size(const struct spool *s)
{
    return s->size;
}

static enum rc spool_failed(const struct spool *s, struct err *err)
{
    return err_set(err, errno == ENOSPC ? RC_UNAVAILABLE : RC_IO,
                   N_("cannot write '%s': %s"), s->folder, strerror(errno));
}

/* A file without a name: gone with the process, whatever happens. */
static enum rc open_nameless(struct spool *s, struct err *err)
{
    AUTO(mem) char *path = NULL;

    s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->fd >= 0)
        return RC_OK;
    if (asprintf(&path, "%s/.spool-XXXXXX", s->folder) < 0)
        BUG("out of memory");
    s->fd = mkostemp(path, O_CLOEXEC);
    if (s->fd < 0)
        return spool_failed(s, err);
    unlink(path);
    return RC_OK;
}

static enum rc flush_part(struct spool *s, bool last, struct err *err)
{
    unsigned long long n;
    enum rc rc;

    crypto_secretstream_xchacha20poly1305_push(
        &s->state, s->sealed, &n, s->plain, s->n, NULL, 0,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    if (last && !s->parts) {
        s->parts = 1;
        s->only = (size_t)n;
        return RC_OK;
    }
    rc = s->fd < 0 ? open_nameless(s, err) : RC_OK;
    if (rc)
        return rc;
    for (size_t at = 0; at < n;) {
        ssize_t put = pwrite(s->fd, s->sealed + at, n - at,
                             (off_t)(s->parts * SEALED_PART + at));

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return spool_failed(s, err);
        at += (size_t)put;
    }
    s->parts++;
    s->n = 0;
    return RC_OK;
}

enum rc spool_add(struct spool *s, struct str bytes, struct err *err)
{
    REQUIRE(!s->ended);
    if (s->size + bytes.n > s->most)
        return err_set(err, RC_LIMIT, N_("the file is too large"));
    s->size += bytes.n;
    crypto_hash_sha256_update(&s->hash, (const unsigned char *)bytes.p,
                              bytes.n);
    while (bytes.n) {
        size_t n;

        /* the last part stays here: it is marked as the last */
        if (s->n == STORED_PART) {
            enum rc rc = flush_part(s, false, err);

            if (rc)
                return rc;
        }
        n = MIN(bytes.n, (size_t)STORED_PART - s->n);
        memcpy(s->plain + s->n, bytes.p, n);
        s->n += n;
        bytes.p += n;
        bytes.n -= n;
    }
    return RC_OK;
}

enum rc spool_end(struct spool *s, struct err *err)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    enum rc rc = flush_part(s, true, err);

    s->ended = true;
    crypto_hash_sha256_final(&s->hash, hash);
    sodium_bin2hex(s->sha256, sizeof s->sha256, hash, sizeof hash);
    if (s->only) {
        s->kept = malloc(s->only);
        if (!s->kept)
            BUG("out of memory");
        memcpy(s->kept, s->sealed, s->only);
    }
    spool_close_room(s);
    return rc;
}

/* Part i as it lies in the spool. */
static enum rc read_part(struct spool *s, size_t i, size_t *n, struct err *err)
{
    spool_open_room(s);
    *n = s->only;
    if (s->only)
        memcpy(s->sealed, s->kept, s->only);
    while (!s->only && *n < SEALED_PART) {
        ssize_t got = pread(s->fd, s->sealed + *n, SEALED_PART - *n,
                            (off_t)(i * SEALED_PART + *n));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, RC_IO, N_("cannot read '%s': %s"), s->folder,
                           strerror(errno));
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return RC_OK;
}

enum rc spool_each(struct spool *s,
                   enum rc (*fn)(void *ctx, struct str bytes, struct err *err),
                   void *ctx, struct err *err)
{
    crypto_secretstream_xchacha20poly1305_state state;
    enum rc rc = RC_OK;

    REQUIRE(s->ended);
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state, s->header,
                                                        s->key) != 0)
        BUG("a spool has no header");
    for (size_t i = 0; i < s->parts && !rc; i++) {
        unsigned long long n = 0;
        unsigned char tag;
        size_t sealed;

        rc = read_part(s, i, &sealed, err);
        if (!rc &&
            crypto_secretstream_xchacha20poly1305_pull(
                &state, s->plain, &n, &tag, s->sealed, sealed, NULL, 0) != 0)
            rc = err_set(err, RC_IO, N_("cannot read '%s': %s"), s->folder,
                         "the spool is damaged");
        if (!rc)
            rc = fn(ctx, (struct str){(char *)s->plain, (size_t)n}, err);
    }
    spool_close_room(s);
    return rc;
}

/* ---- into the database ---- */

struct row {
    struct stored_owner owner;
    const char *name, *sha256;
    uint64_t size;
    struct str key, header; /* empty: not encrypted */
    struct stored_note note;
};

static struct store_param blob_or_null(const char *name, struct str s)
{
    return s.n ? P_BLOB(name, s) : P_NULL(name);
}

static enum rc insert_row(struct store *s, const struct row *r, int64_t *id,
                          struct err *err)
{
    bool published = r->owner.kind == STORED_PUBLICATION;
    bool of_record = r->owner.kind == STORED_RECORD;
    enum rc rc = of_record ? RC_OK : stored_remove(s, r->owner, r->name, err);

    if (rc)
        return rc;
    return store_int(
        s,
        "INSERT INTO stored (kind, edition, publication, name, media, size,"
        " sha256, key, header, created, created_by) VALUES (:kind, :edition,"
        " :publication, :name, :media, :size, :sha256, :key, :header, :at, :by)"
        " RETURNING id",
        PARAMS(P_TEXT("kind", stored_kind_name(r->owner.kind)),
               published || of_record ? P_NULL("edition")
                                      : P_INT("edition", r->owner.id),
               published ? P_INT("publication", r->owner.id)
                         : P_NULL("publication"),
               P_TEXT("name", r->name), P_TEXT("media", stored_media(r->name)),
               P_INT("size", (int64_t)r->size), P_TEXT("sha256", r->sha256),
               blob_or_null("key", r->key), blob_or_null("header", r->header),
               P_INT("at", r->note.at), P_INT("by", r->note.by)),
        id, err);
}

static enum rc insert_part(struct store *s, int64_t id, size_t part,
                           struct str bytes, struct err *err)
{
    return store_exec(s,
                      "INSERT INTO stored_part (stored, part, content)"
                      " VALUES (:id, :part, :content)",
                      PARAMS(P_INT("id", id), P_INT("part", (int64_t)part),
                             P_BLOB("content", bytes)),
                      NULL, err);
}

static enum rc put(struct store *s, const struct keyring *k, struct spool *from,
                   struct stored_owner owner, const char *name,
                   struct stored_note note, int64_t *number, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct row r = {.owner = owner,
                    .name = name,
                    .sha256 = from->sha256,
                    .size = from->size,
                    .header = {(char *)from->header, sizeof from->header},
                    .note = note};
    int64_t id = 0;
    enum rc rc;

    REQUIRE(from->ended && stored_sealed(owner.kind));
    r.key = stored_key_seal(k, from->key, owner, a);
    rc = insert_row(s, &r, &id, err);
    for (size_t i = 0; i < from->parts && !rc; i++) {
        size_t n;

        rc = read_part(from, i, &n, err);
        if (!rc)
            rc = insert_part(s, id, i, (struct str){(char *)from->sealed, n},
                             err);
    }
    spool_close_room(from);
    *number = id;
    return rc;
}

enum rc stored_put(struct store *s, const struct keyring *k, struct spool *from,
                   struct stored_owner owner, const char *name,
                   struct stored_note note, struct err *err)
{
    int64_t id;

    return put(s, k, from, owner, name, note, &id, err);
}

enum rc stored_put_record(struct store *s, const struct keyring *k,
                          struct spool *from, const char *type,
                          struct stored_note note, int64_t *id, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct stored_owner owner = {.kind = STORED_RECORD};

    randombytes_buf(&owner.id, sizeof owner.id);
    owner.id &= INT64_MAX;
    return put(s, k, from, owner,
               arena_printf(a, "%s/%" PRId64, type, owner.id), note, id, err);
}

enum rc stored_put_text(struct store *s, const struct keyring *k,
                        struct str text, struct stored_owner owner,
                        const char *name, struct stored_note note,
                        struct err *err)
{
    AUTO(spool) struct spool *spool = spool_new(NULL, text.n);
    enum rc rc = spool_add(spool, text, err);

    if (!rc)
        rc = spool_end(spool, err);
    return rc ? rc : stored_put(s, k, spool, owner, name, note, err);
}

static enum rc hash_file(FILE *f, const char *path, struct row *r,
                         unsigned char *chunk, char sha256[SHA256_TEXT],
                         struct err *err)
{
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    size_t n;

    crypto_hash_sha256_init(&state);
    while ((n = fread(chunk, 1, STORED_PART, f)) > 0) {
        crypto_hash_sha256_update(&state, chunk, n);
        r->size += n;
    }
    if (ferror(f) || fseek(f, 0, SEEK_SET) != 0)
        return err_set(err, RC_IO, N_("cannot read '%s': %s"), path,
                       strerror(errno));
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(sha256, SHA256_TEXT, hash, sizeof hash);
    r->sha256 = sha256;
    return RC_OK;
}

enum rc stored_put_path(struct store *s, const char *path,
                        struct stored_owner owner, const char *name,
                        struct stored_note note, struct err *err)
{
    AUTO(file) FILE *f = fopen(path, "rbe");
    AUTO(mem) unsigned char *chunk = malloc(STORED_PART);
    char sha256[SHA256_TEXT];
    struct row r = {.owner = owner, .name = name, .note = note};
    int64_t id;
    size_t n;
    enum rc rc;

    REQUIRE(chunk && !stored_sealed(owner.kind));
    if (!f)
        return err_set(err, RC_IO, N_("cannot open '%s': %s"), path,
                       strerror(errno));
    rc = hash_file(f, path, &r, chunk, sha256, err);
    if (!rc)
        rc = insert_row(s, &r, &id, err);
    for (size_t i = 0; !rc && (n = fread(chunk, 1, STORED_PART, f)) > 0; i++)
        rc = insert_part(s, id, i, (struct str){(char *)chunk, n}, err);
    return rc;
}

enum rc stored_remove(struct store *s, struct stored_owner owner,
                      const char *name, struct err *err)
{
    return store_exec(s,
                      owner.kind == STORED_PUBLICATION
                          ? "DELETE FROM stored WHERE kind = :kind"
                            " AND publication = :owner AND name = :name"
                          : "DELETE FROM stored WHERE kind = :kind"
                            " AND edition = :owner AND name = :name",
                      PARAMS(P_TEXT("kind", stored_kind_name(owner.kind)),
                             P_INT("owner", owner.id), P_TEXT("name", name)),
                      NULL, err);
}

enum rc stored_remove_all(struct store *s, struct stored_owner owner,
                          struct err *err)
{
    REQUIRE(owner.kind != STORED_PUBLICATION);
    return store_exec(s,
                      "DELETE FROM stored WHERE kind = :kind"
                      " AND edition = :owner",
                      PARAMS(P_TEXT("kind", stored_kind_name(owner.kind)),
                             P_INT("owner", owner.id)),
                      NULL, err);
}
