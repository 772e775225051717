/* Profiles in preparation: their files, how far they are, and their end. */
#include "network/edition.h"
#include "base/file.h"
#include "space/archive.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- digest ---- */

struct summing {
    crypto_hash_sha256_state hash;
    struct edition_state *out; /* or NULL */
    size_t n;
};

static void sum_text(struct summing *m, const char *text)
{
    crypto_hash_sha256_update(&m->hash, (const unsigned char *)text,
                              strlen(text) + 1);
}

static bool sum_file(void *ctx, const struct stored *f)
{
    struct summing *m = ctx;

    sum_text(m, f->name);
    sum_text(m, f->sha256);
    m->n++;
    if (m->out) {
        m->out->files++;
        m->out->bytes += f->size;
        m->out->descriptor |= strcmp(f->name, EDITION_DESCRIPTOR) == 0;
    }
    return true;
}

static enum rc sum(struct store *s, int64_t edition, struct summing *m,
                   char digest[SHA256_TEXT], struct err *err)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    enum rc rc;

    crypto_hash_sha256_init(&m->hash);
    rc = stored_each(s, (struct stored_owner){STORED_PACKAGE, edition},
                     sum_file, m, err);
    crypto_hash_sha256_final(&m->hash, hash);
    sodium_bin2hex(digest, SHA256_TEXT, hash, sizeof hash);
    if (!m->n)
        digest[0] = '\0';
    return rc;
}

enum rc edition_digest(struct store *s, int64_t edition,
                       char digest[SHA256_TEXT], struct err *err)
{
    struct summing m = {.n = 0};

    return sum(s, edition, &m, digest, err);
}

/* ---- how far it is ---- */

static const char *input_of(int64_t edition, struct arena *a)
{
    return arena_printf(a, "%" PRId64, edition);
}

static enum rc last_job(struct store *s, const char *kind, int64_t edition,
                        struct arena *a, struct job_row *out, struct err *err)
{
    enum rc rc = job_last(s, kind, input_of(edition, a), a, out, err);

    if (rc == RC_NOT_FOUND) {
        *out = (struct job_row){
            .kind = kind, .input = "", .state = "", .stage = "", .result = ""};
        return RC_OK;
    }
    return rc;
}

/* The result of a job that ended: digest, faults, warnings. */
static void read_end(struct edition_state *e, const char *digest)
{
    struct str rest = str_of(e->job.result);

    e->computed = e->job.id && strcmp(e->job.state, "done") == 0;
    if (!e->computed || rest.n < SHA256_TEXT)
        return;
    e->current = strncmp(rest.p, digest, SHA256_TEXT - 1) == 0;
    if (sscanf(rest.p + SHA256_TEXT, "%" SCNd64 " %" SCNd64, &e->faults,
               &e->warnings) != 2)
        e->current = false;
}

enum rc edition_look(struct store *s, int64_t edition, struct arena *a,
                     struct edition_state *out, struct err *err)
{
    struct summing m = {.out = out};
    char digest[SHA256_TEXT];
    struct stored doc;
    enum rc rc;

    *out = (struct edition_state){0};
    rc = sum(s, edition, &m, digest, err);
    if (!rc)
        rc = last_job(s, "profile", edition, a, &out->job, err);
    if (!rc)
        rc = last_job(s, "describe", edition, a, &out->description, err);
    if (rc)
        return rc;
    read_end(out, digest);
    rc = stored_find(s, (struct stored_owner){STORED_RESULT, edition},
                     PUBLICATION_DOCUMENT, a, &doc, err);
    out->result = rc == RC_OK;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc edition_compute(struct store *s, int64_t edition, int64_t now,
                        int64_t *job, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);

    return job_put(s, "profile", input_of(edition, a), now, job, err);
}

enum rc edition_describe(struct store *s, int64_t edition, int64_t now,
                         int64_t *job, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);

    return job_put(s, "describe", input_of(edition, a), now, job, err);
}

/* ---- rules ---- */

/* Review and publication are of a result made from the files as they are. */
enum rc edition_rule(struct store *s, const void *before, const void *record,
                     struct arena *a, struct complaints *c, struct err *err)
{
    const struct edition *e = record, *old = before;
    struct edition_state look;
    enum rc rc;

    if ((old && strcmp(old->head.state, e->head.state) == 0) || !e->head.id ||
        !e->head.state || strcmp(e->head.state, "draft") == 0)
        return RC_OK;
    rc = edition_look(s, e->head.id, a, &look, err);
    if (rc)
        return rc;
    if (!look.result || !look.computed || look.faults)
        complain(c, NULL, N_("this profile has not been computed yet"), NULL);
    else if (!look.current)
        complain(c, NULL,
                 N_("the files changed since this profile was computed; "
                    "compute it again"),
                 NULL);
    return RC_OK;
}

enum rc edition_saved(struct store *s, const struct edition *e,
                      const struct deed *d, struct arena *a, struct err *err)
{
    struct publishing p = {.city = e->city,
                           .edition = e->head.id,
                           .title = e->title,
                           .by = d->by,
                           .at = d->at};
    int64_t id;

    if (strcmp(d->action, "published") != 0)
        return RC_OK;
    return publication_make(s, &p, a, &id, err);
}

/* ---- a zip ---- */

static const struct archive_limits ZIP_LIMITS = {EDITION_FILES, EDITION_BYTES};
enum { ZIP_RATIO = 200, ZIP_SLACK = 1 << 20 };

struct unzipping {
    struct store *s;
    const struct keyring *k;
    struct stored_owner owner;
    struct stored_note note;
    const char *folder; /* for what is too large for memory */
    struct arena *a;
    size_t files;
};

static enum rc write_zip(void *ctx, struct str bytes, struct err *err)
{
    FILE *f = ctx;

    return fwrite(bytes.p, 1, bytes.n, f) == bytes.n
               ? RC_OK
               : err_set(err, RC_IO, N_("cannot write '%s': %s"), "zip",
                         strerror(errno));
}

static enum rc take_one(struct unzipping *u, const char *path, const char *name,
                        struct err *err)
{
    AUTO(file) FILE *f = fopen(path, "rbe");
    AUTO(spool) struct spool *spool = spool_new(u->folder, EDITION_BYTES);
    AUTO(mem) char *chunk = malloc(1 << 16);
    enum rc rc = RC_OK;
    size_t n;

    if (!f || !chunk)
        return err_set(err, RC_IO, N_("cannot open '%s': %s"), name,
                       strerror(errno));
    if (!stored_name_valid(name))
        return err_set(err, RC_INVALID,
                       N_("the archive has a file whose name is not taken: %s"),
                       name);
    while (!rc && (n = fread(chunk, 1, 1 << 16, f)) > 0)
        rc = spool_add(spool, (struct str){chunk, n}, err);
    if (!rc)
        rc = spool_end(spool, err);
    if (!rc)
        rc = stored_put(u->s, u->k, spool, u->owner, name, u->note, err);
    u->files++;
    return rc;
}

/* What systems add to an archive on their own is passed over. */
static bool passed_over(const char *name)
{
    return name[0] == '.' || strcmp(name, "__MACOSX") == 0 ||
           strcmp(name, "Thumbs.db") == 0;
}

static enum rc take_folder(struct unzipping *u, const char *dir,
                           const char *prefix, struct err *err)
{
    AUTO(dir) DIR *d = opendir(dir);
    enum rc rc = RC_OK;

    if (!d)
        return err_set(err, RC_IO, N_("cannot open '%s': %s"), prefix,
                       strerror(errno));
    for (struct dirent *e; !rc && (e = readdir(d));) {
        const char *path, *name;

        if (passed_over(e->d_name))
            continue;
        path = path_join(u->a, dir, e->d_name);
        name = arena_printf(u->a, "%s%s", prefix, e->d_name);
        rc = e->d_type == DT_DIR
                 ? take_folder(u, path, arena_printf(u->a, "%s/", name), err)
                 : take_one(u, path, name, err);
    }
    return rc;
}

static enum rc unpack(const char *zip, const char *to, uint64_t size,
                      struct arena *a, const char **top, struct err *err)
{
    struct archive_limits limits = ZIP_LIMITS;
    const char *detail;

    limits.bytes = MIN(limits.bytes, size * ZIP_RATIO + ZIP_SLACK);
    switch (archive_unpack(zip, to, &limits, NULL, a, top, &detail)) {
    case ARCHIVE_OK:
        return RC_OK;
    case ARCHIVE_PATH:
        return err_set(err, RC_INVALID,
                       N_("the archive has a file whose name is not taken: %s"),
                       detail);
    case ARCHIVE_SIZE:
        return err_set(err, RC_LIMIT,
                       N_("the archive holds more bytes than are taken"));
    case ARCHIVE_COUNT:
        return err_set(err, RC_LIMIT,
                       N_("the archive holds more than %d files"),
                       (int)EDITION_FILES);
    case ARCHIVE_IO:
        return err_set(err, RC_IO, N_("cannot write '%s': %s"), to, detail);
    default:
        return err_set(err, RC_INVALID, N_("this is not a zip archive: %s"),
                       detail);
    }
}

enum rc edition_unzip(struct store *s, const struct keyring *k,
                      struct spool *zip, int64_t edition,
                      struct stored_note note, const char *folder,
                      size_t *files, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct unzipping u = {.s = s,
                          .k = k,
                          .owner = {STORED_PACKAGE, edition},
                          .note = note,
                          .folder = folder,
                          .a = a};
    char *own = arena_printf(a, "%s/unzip-XXXXXX", folder);
    const char *top = "", *path, *to;
    FILE *f;
    enum rc rc;

    if (!mkdtemp(own)) /* for us alone: 0700 */
        return err_set(err, RC_IO, N_("cannot make the folder '%s': %s"), own,
                       strerror(errno));
    path = path_join(a, own, "package.zip");
    to = path_join(a, own, "files");
    f = fopen(path, "wbe");
    rc = f ? spool_each(zip, write_zip, f, err)
           : err_set(err, RC_IO, N_("cannot write '%s': %s"), path,
                     strerror(errno));
    if (f && fclose(f) != 0 && !rc)
        rc = err_set(err, RC_IO, N_("cannot write '%s': %s"), path,
                     strerror(errno));
    if (!rc)
        rc = dir_make(to, err);
    if (!rc)
        rc = unpack(path, to, spool_size(zip), a, &top, err);
    if (!rc)
        rc = take_folder(&u, top[0] ? path_join(a, to, top) : to, "", err);
    (void)!dir_remove(own, NULL);
    *files = u.files;
    return rc;
}
