/* Published versions of a city's profile. */
#include "network/publication.h"
#include "network/secret.h"
#include "network/stored_inner.h"

#include <inttypes.h>
#include <jansson.h>

#define COLUMNS                                                         \
    "SELECT p.id, p.city, p.edition, p.number, p.title_en, p.title_fr," \
    " p.title_ar, p.period, p.program, p.sha256, p.published,"          \
    " p.published_by, p.withdrawn FROM publication p"

static struct publication of_row(const struct store_row *row, struct arena *a)
{
    struct publication p = {
        .id = row_int(row, "id", 0),
        .city = row_int(row, "city", 0),
        .edition = row_int(row, "edition", 0),
        .number = row_int(row, "number", 0),
        .period = arena_str(a, row_text(row, "period")),
        .program = arena_str(a, row_text(row, "program")),
        .sha256 = arena_str(a, row_text(row, "sha256")),
        .published = row_int(row, "published", 0),
        .published_by = row_int(row, "published_by", 0),
        .withdrawn = row_int(row, "withdrawn", 0),
    };

    for (int i = 0; i < RECORD_LANGS; i++) {
        const char *column = arena_printf(a, "title_%s", record_langs[i]);

        if (row_null(row, column))
            continue;
        p.title.in[i] = arena_str(a, row_text(row, column));
        p.title.state[i] = WORDS_TRANSLATED;
    }
    return p;
}

struct listing {
    bool (*fn)(void *ctx, const struct publication *p);
    void *ctx;
};

static bool hand_on(void *ctx, const struct store_row *row)
{
    AUTO(arena) struct arena *a = arena_new(0);
    const struct listing *l = ctx;
    struct publication p = of_row(row, a);

    return l->fn(l->ctx, &p);
}

enum rc publication_each(struct store *s, int64_t city, bool withdrawn,
                         bool (*fn)(void *ctx, const struct publication *p),
                         void *ctx, struct err *err)
{
    struct listing l = {fn, ctx};

    return store_each(s,
                      COLUMNS
                      " WHERE (:city = 0 OR p.city = :city)"
                      " AND (:all = 1 OR p.withdrawn = 0)"
                      " ORDER BY p.published DESC, p.id DESC",
                      PARAMS(P_INT("city", city), P_INT("all", withdrawn)),
                      hand_on, &l, err);
}

enum rc publication_newest(struct store *s,
                           bool (*fn)(void *ctx, const struct publication *p),
                           void *ctx, struct err *err)
{
    struct listing l = {fn, ctx};

    return store_each(s,
                      COLUMNS
                      " WHERE p.withdrawn = 0 AND NOT EXISTS"
                      " (SELECT 1 FROM publication later WHERE"
                      " later.city = p.city AND later.withdrawn = 0"
                      " AND later.number > p.number) ORDER BY p.city",
                      NO_PARAMS, hand_on, &l, err);
}

struct finding {
    struct arena *a;
    struct publication *out;
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
               : err_set(err, RC_NOT_FOUND, N_("there is no such version"));
}

enum rc publication_load(struct store *s, int64_t id, struct arena *a,
                         struct publication *out, struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc = store_each(s, COLUMNS " WHERE p.id = :id",
                            PARAMS(P_INT("id", id)), take_row, &f, err);

    return found(rc, &f, err);
}

enum rc publication_find(struct store *s, int64_t city, int64_t number,
                         bool withdrawn, struct arena *a,
                         struct publication *out, struct err *err)
{
    struct finding f = {.a = a, .out = out};
    enum rc rc = store_each(s,
                            COLUMNS
                            " WHERE p.city = :city"
                            " AND (:number = 0 OR p.number = :number)"
                            " AND (:all = 1 OR p.withdrawn = 0)"
                            " ORDER BY p.number DESC LIMIT 1",
                            PARAMS(P_INT("city", city), P_INT("number", number),
                                   P_INT("all", withdrawn)),
                            take_row, &f, err);

    return found(rc, &f, err);
}

static struct stored_owner files_of(int64_t id)
{
    return (struct stored_owner){STORED_PUBLICATION, id};
}

enum rc publication_files(struct store *s, int64_t id,
                          bool (*fn)(void *ctx, const struct stored *f),
                          void *ctx, struct err *err)
{
    return stored_each(s, files_of(id), fn, ctx, err);
}

enum rc publication_read(struct store *s, int64_t id, const char *name,
                         uint64_t most, struct arena *a, struct stored *file,
                         struct str *bytes, struct err *err)
{
    enum rc rc = stored_find(s, files_of(id), name, a, file, err);

    return rc ? rc : stored_read(s, NULL, file, most, a, bytes, err);
}

enum rc publication_document(struct store *s, int64_t id, struct arena *a,
                             struct str *json, struct err *err)
{
    struct stored file;

    return publication_read(s, id, PUBLICATION_DOCUMENT,
                            PUBLICATION_DOCUMENT_MOST, a, &file, json, err);
}

/* ---- publishing ---- */

/* Period and program, as the document says. */
static enum rc read_about(struct store *s, const struct stored *f,
                          struct arena *a, const char **period,
                          const char **program, struct err *err)
{
    struct str text;
    json_t *doc;
    enum rc rc =
        stored_read(s, NULL, f, PUBLICATION_DOCUMENT_MOST, a, &text, err);

    if (rc)
        return rc;
    doc = json_loadb(text.p, text.n, 0, NULL);
    *period = json_string_value(json_object_get(doc, "period"));
    *program = json_string_value(
        json_object_get(json_object_get(doc, "generator"), "version"));
    *period = arena_strdup(a, *period ? *period : "");
    *program = arena_strdup(a, *program ? *program : "");
    json_decref(doc);
    return RC_OK;
}

static enum rc next_number(struct store *s, int64_t city, int64_t *out,
                           struct err *err)
{
    return store_int(s,
                     "SELECT COALESCE(MAX(number), 0) + 1 FROM publication"
                     " WHERE city = :city",
                     PARAMS(P_INT("city", city)), out, err);
}

static enum rc insert(struct store *s, const struct publishing *p,
                      int64_t number, const char *period, const char *program,
                      const char *sha256, int64_t *id, struct err *err)
{
    return store_int(
        s,
        "INSERT INTO publication (city, edition, number, title_en, title_fr,"
        " title_ar, period, program, sha256, published, published_by) VALUES"
        " (:city, :edition, :number, :en, :fr, :ar, :period, :program,"
        " :sha256, :at, :by) RETURNING id",
        PARAMS(P_INT("city", p->city), P_INT("edition", p->edition),
               P_INT("number", number), P_TEXT("en", p->title.in[0]),
               P_TEXT("fr", p->title.in[1]), P_TEXT("ar", p->title.in[2]),
               P_TEXT("period", period), P_TEXT("program", program),
               P_TEXT("sha256", sha256), P_INT("at", p->at),
               P_INT("by", p->by)),
        id, err);
}

static enum rc audit(struct store *s, int64_t id, const char *action,
                     int64_t by, int64_t at, struct err *err)
{
    AUTO(buf) struct buf object = {.ceiling = 64};

    buf_fmt(&object, "publication/%" PRId64, id);
    return audit_row(s, by, action, buf_cstr(&object), "{}", at, err);
}

enum rc publication_make(struct store *s, const struct publishing *p,
                         struct arena *a, int64_t *id, struct err *err)
{
    struct stored_owner result = {STORED_RESULT, p->edition};
    const char *period, *program;
    struct stored doc;
    int64_t number;
    enum rc rc = stored_find(s, result, PUBLICATION_DOCUMENT, a, &doc, err);

    if (rc == RC_NOT_FOUND)
        return err_set(err, RC_CONFLICT,
                       N_("this profile has not been computed yet"));
    if (!rc)
        rc = read_about(s, &doc, a, &period, &program, err);
    if (!rc)
        rc = next_number(s, p->city, &number, err);
    if (!rc)
        rc = insert(s, p, number, period, program, doc.sha256, id, err);
    if (!rc)
        rc = store_exec(s,
                        "UPDATE stored SET kind = 'publication',"
                        " publication = :id, edition = NULL"
                        " WHERE kind = 'result' AND edition = :edition",
                        PARAMS(P_INT("id", *id), P_INT("edition", p->edition)),
                        NULL, err);
    return rc ? rc : audit(s, *id, "publish", p->by, p->at, err);
}

enum rc publication_withdraw(struct store *s, int64_t id, bool withdrawn,
                             int64_t by, int64_t at, struct err *err)
{
    int64_t changed;
    enum rc rc =
        store_exec(s, "UPDATE publication SET withdrawn = :at WHERE id = :id",
                   PARAMS(P_INT("at", withdrawn ? at : 0), P_INT("id", id)),
                   &changed, err);

    if (!rc && !changed)
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such version"));
    return rc ? rc
              : audit(s, id, withdrawn ? "withdraw" : "publish-again", by, at,
                      err);
}
