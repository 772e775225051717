/* Published profiles: their versions, their pages and files as they were
 * written, and what there is to download. */
#include "web/json.h"
#include "web/publication_page.h"

#include <inttypes.h>
#include <sodium.h>
#include <time.h>

enum { FILE_MOST = 256 << 20, KEPT_BYTES = 4 << 20, KEPT_S = 86400 };

enum rc published_find(const struct request *r, int64_t city, int64_t number,
                       struct published *out, struct err *err)
{
    void *record;
    bool withdrawn;
    enum rc rc = view_load(r, &type_city, city, ACTION_SEE, &record, err);

    if (rc)
        return rc;
    out->city = record;
    withdrawn = view_may(r, ACTION_EDIT, &type_city, record);
    return publication_find(r->store, city, number, withdrawn && number,
                            r->arena, &out->it, err);
}

enum rc published_of_path(const struct request *r, struct published *out,
                          struct err *err)
{
    int64_t city, number = 0;
    enum rc rc = page_id(r, "id", &city, err);

    if (!rc && pairs_has(&r->params, "number"))
        rc = page_id(r, "number", &number, err);
    return rc ? rc : published_find(r, city, number, out, err);
}

static int language_index(const struct request *r)
{
    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(r->lang)) == 0)
            return i;
    return 0;
}

struct publication published_copy(const struct request *r,
                                  const struct publication *p)
{
    struct publication copy = *p;

    copy.period = arena_strdup(r->arena, p->period);
    copy.program = arena_strdup(r->arena, p->program);
    copy.sha256 = arena_strdup(r->arena, p->sha256);
    for (int i = 0; i < RECORD_LANGS; i++)
        if (p->title.in[i])
            copy.title.in[i] = arena_strdup(r->arena, p->title.in[i]);
    return copy;
}

const char *published_title(const struct request *r,
                            const struct publication *p)
{
    const char *title = words_best(&p->title, language_index(r), NULL);

    return title ? title : lang_text(r->lang, N_("Migration profile"));
}

const char *published_path(const struct request *r, const struct publication *p,
                           const char *rest)
{
    return arena_printf(r->arena, "/cities/%" PRId64 "/profiles/%" PRId64 "%s",
                        p->city, p->number, rest);
}

static const char *day_of(const struct request *r, int64_t at)
{
    AUTO(buf) struct buf text = {.ceiling = 128};
    time_t t = (time_t)at;
    struct tm tm;
    char day[16];

    gmtime_r(&t, &tm);
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
    lang_period(r->lang, day, &text);
    return arena_strdup(r->arena, buf_cstr(&text));
}

struct node *published_item(const struct request *r,
                            const struct publication *p)
{
    struct node *item = node_object(r->arena);
    AUTO(buf) struct buf period = {.ceiling = 256};

    lang_period(r->lang, p->period, &period);
    node_set_int(item, "number", p->number);
    node_set_text(item, "title", published_title(r, p));
    node_set_text(item, "period", buf_cstr(&period));
    node_set_text(item, "published", day_of(r, p->published));
    node_set_text(item, "path", published_path(r, p, ""));
    node_set_text(item, "downloads", published_path(r, p, "/downloads"));
    node_set_text(item, "sha256", p->sha256);
    if (p->withdrawn)
        node_set_text(item, "withdrawn", day_of(r, p->withdrawn));
    return item;
}

enum rc published_document(const struct request *r, const struct publication *p,
                           struct node **out, struct err *err)
{
    struct str json;
    enum rc rc = publication_document(r->store, p->id, r->arena, &json, err);

    return rc ? rc : json_read(json, r->arena, out, err);
}

/* ---- files ---- */

/* A page brings its own style, which is told to the browser by its hash; a
 * drawing may carry style, and nothing of ours runs scripts. */
static const char *policy(const struct request *r, const struct stored *f,
                          struct str bytes)
{
    const char *begin = str_starts(str_of(f->media), "text/html")
                            ? memmem(bytes.p, bytes.n, "<style>", 7)
                            : NULL;
    const char *end = begin ? memmem(begin, bytes.n - (size_t)(begin - bytes.p),
                                     "</style>", 8)
                            : NULL;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash,
                                        sodium_base64_VARIANT_ORIGINAL)];

    if (!end)
        return "default-src 'none'; style-src 'unsafe-inline'; base-uri "
               "'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
    begin += 7;
    crypto_hash_sha256(hash, (const unsigned char *)begin,
                       (size_t)(end - begin));
    sodium_bin2base64(text, sizeof text, hash, sizeof hash,
                      sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(r->arena,
                        "default-src 'none'; style-src 'sha256-%s'; img-src "
                        "data:; base-uri 'none'; form-action 'none'; "
                        "frame-ancestors 'none'",
                        text);
}

static bool shown_by_browsers(const char *media)
{
    static const char *const kinds[] = {"text/html", "image/",
                                        "application/pdf", "application/json",
                                        "text/plain"};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_starts(str_of(media), kinds[i]))
            return true;
    return false;
}

static void set_header(const struct request *r, struct reply *reply,
                       const char *name, const char *value)
{
    pairs_add(&reply->headers, r->arena, name, str_of(value));
}

/* The same bytes for ever under an address with a number; what is small goes
 * through the cache of pages, which has its own tag. */
static void keep_long(const struct request *r, const struct stored *f,
                      struct reply *reply)
{
    const char *tag = arena_printf(r->arena, "\"%s\"", f->sha256);
    struct str known = request_header(r, "If-None-Match");

    if (f->size <= KEPT_BYTES && !r->viewer.account) {
        set_header(
            r, reply, "Cache-Control",
            arena_printf(r->arena, "public, max-age=%d, immutable", KEPT_S));
        return;
    }
    set_header(r, reply, "Cache-Control",
               arena_printf(r->arena, "max-age=%d, %s, immutable", KEPT_S,
                            r->viewer.account ? "private" : "public"));
    set_header(r, reply, "ETag", tag);
    if (known.n && memmem(known.p, known.n, tag, strlen(tag))) {
        reply->status = 304;
        reply->bytes = (struct str){0};
    }
}

static enum rc send_file(const struct request *r, const struct published *p,
                         const char *name, bool numbered, struct reply *reply,
                         struct err *err)
{
    struct stored f;
    const char *base = strrchr(name, '/');
    enum rc rc = publication_read(r->store, p->it.id, name, FILE_MOST, r->arena,
                                  &f, &reply->bytes, err);

    if (rc == RC_NOT_FOUND)
        return err_set(err, rc, N_("this version has no such file"));
    if (rc)
        return rc;
    reply->type = f.media;
    set_header(r, reply, "Content-Security-Policy",
               policy(r, &f, reply->bytes));
    if (!shown_by_browsers(f.media))
        set_header(r, reply, "Content-Disposition",
                   arena_printf(r->arena, "attachment; filename=\"%s\"",
                                base ? base + 1 : name));
    reply->private = p->it.withdrawn != 0;
    if (numbered && !p->it.withdrawn)
        keep_long(r, &f, reply);
    return RC_OK;
}

/* The name of a file in the path, which the route has without its ending. */
enum rc page_publication_file(struct request *r, struct reply *reply,
                              struct err *err)
{
    struct published p;
    enum rc rc = published_of_path(r, &p, err);
    struct str path = str_of(r->path), name;

    if (rc)
        return rc;
    for (int i = 0; i < 5; i++) { /* "/cities/3/profiles/2/" */
        const char *slash = memchr(path.p, '/', path.n);

        if (!slash)
            return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
        path.n -= (size_t)(slash + 1 - path.p);
        path.p = slash + 1;
    }
    if (!url_decode(path, false, r->arena, &name))
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    return send_file(r, &p, arena_str(r->arena, name), true, reply, err);
}

/* The profile in the reader's language, or the first that there is. */
static enum rc to_page(const struct request *r, const struct published *p,
                       struct reply *reply, struct err *err)
{
    size_t n;
    const struct lang *const *all = lang_all(&n);
    struct stored_owner owner = {STORED_PUBLICATION, p->it.id};

    for (size_t i = 0; i <= n; i++) {
        const struct lang *l = i ? all[i - 1] : r->lang;
        const char *name =
            arena_printf(r->arena, "profile.%s.html", lang_code(l));
        struct stored f;
        enum rc rc = stored_find(r->store, owner, name, r->arena, &f, err);

        if (rc == RC_NOT_FOUND)
            continue;
        if (!rc)
            reply_redirect(
                r, reply,
                published_path(r, &p->it, arena_printf(r->arena, "/%s", name)));
        return rc;
    }
    reply_redirect(r, reply, published_path(r, &p->it, "/downloads"));
    return RC_OK;
}

enum rc page_publication(struct request *r, struct reply *reply,
                         struct err *err)
{
    struct published p;
    enum rc rc = published_of_path(r, &p, err);

    if (rc)
        return rc;
    if (r->as == AS_JSON)
        return send_file(r, &p, PUBLICATION_DOCUMENT,
                         pairs_has(&r->params, "number"), reply, err);
    return to_page(r, &p, reply, err);
}

/* ---- versions ---- */

struct listing {
    const struct request *r;
    struct node *list;
};

static bool take_item(void *ctx, const struct publication *p)
{
    struct listing *l = ctx;

    node_push(l->list, published_item(l->r, p));
    return true;
}

enum rc page_publications(struct request *r, struct reply *reply,
                          struct err *err)
{
    struct listing l = {r, node_list(r->arena)};
    void *record;
    int64_t id = 0;
    const char *name;
    enum rc rc = page_id(r, "id", &id, err);

    if (!rc)
        rc = view_load(r, &type_city, id, ACTION_SEE, &record, err);
    if (rc)
        return rc;
    name = view_name(r, &type_city, record);
    reply->doc =
        page_begin(r, page_fill(r, lang_text(r->lang, N_("Profiles of {city}")),
                                "city", name));
    reply->template = "publications";
    page_crumb(reply->doc, lang_text(r->lang, type_city.many), "/cities");
    page_crumb(reply->doc, name, view_path(r, &type_city, id));
    rc = publication_each(r->store, id,
                          view_may(r, ACTION_EDIT, &type_city, record),
                          take_item, &l, err);
    node_set(reply->doc, "items", l.list);
    node_set_int(reply->doc, "city", id);
    node_set_bool(reply->doc, "any", node_len(l.list) > 0);
    node_set_bool(reply->doc, "several", node_len(l.list) > 1);
    return rc;
}
