/* The chapters that people write: three languages, values, a look before. */
#include "publish/publish.h"
#include "web/json.h"
#include "web/profile_page.h"

#include <inttypes.h>

enum { CHAPTER_MOST = 200000, VALUES_MOST = 240, DEPTH_MOST = 4 };

static const struct {
    const char *code, *title;
} chapters[] = {
#define CHAPTER(code, title, sections, figures) {code, title},
#include "profile/chapters.def"
#undef CHAPTER
};

static const char *file_of(const struct request *r, const char *code,
                           const char *lang)
{
    return arena_printf(r->arena, "texts/%s.%s.md", code, lang);
}

/* ---- the list ---- */

enum rc page_profile_chapters(struct request *r, struct reply *reply,
                              struct err *err)
{
    struct node *list = node_list(r->arena), *doc;
    struct editing e;
    enum rc rc = edition_open(r, EDITION_READ, &e, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(chapters); i++) {
        struct node *item = node_push(list, node_object(r->arena));
        struct node *there = node_list(r->arena);

        node_set_text(item, "code", chapters[i].code);
        node_set_text(item, "title", lang_text(r->lang, chapters[i].title));
        node_set_text(item, "path",
                      edition_path(r, &e,
                                   arena_printf(r->arena, "/chapters/%s",
                                                chapters[i].code)));
        for (int l = 0; l < RECORD_LANGS; l++) {
            struct stored f;
            struct node *language;

            if (stored_find(r->store, edition_files(&e),
                            file_of(r, chapters[i].code, record_langs[l]),
                            r->arena, &f, NULL))
                continue;
            language = node_push(there, node_object(r->arena));
            node_set_text(language, "name",
                          lang_own_name(lang_find(record_langs[l])));
            node_set_text(language, "lang", record_langs[l]);
        }
        node_set(item, "languages", there);
        node_set_bool(item, "empty", node_len(there) == 0);
    }
    doc = edition_page(r, reply, &e, lang_text(r->lang, N_("Chapters")),
                       "profile-chapters", "chapters");
    node_set(doc, "chapters", list);
    return RC_OK;
}

/* ---- values ---- */

struct values {
    const struct request *r;
    const struct node *doc; /* of the profile */
    struct node *list;
};

static const char *name_in(const struct request *r, const struct node *names)
{
    const char *own = node_cstr(node_get(names, lang_code(r->lang)), NULL);

    return own ? own : node_cstr(node_at(names, 0), "");
}

static void add_value(struct values *v, const char *path, const char *label)
{
    AUTO(buf) struct buf text = {.ceiling = 4096};
    struct node *item;

    if (node_len(v->list) >= VALUES_MOST ||
        !publish_value(v->doc, v->r->lang, path, &text))
        return;
    item = node_push(v->list, node_object(v->r->arena));
    node_set_text(item, "code",
                  arena_printf(v->r->arena, "{{value:%s}}", path));
    node_set_text(item, "label", label);
    node_set_text(item, "value", buf_cstr(&text));
}

/* Every number with a label, by its path. */
static void collect(struct values *v, const struct node *n, const char *path,
                    int depth)
{
    if (!n || depth > DEPTH_MOST)
        return;
    if (node_get(n, "label") && node_get(n, "value")) {
        add_value(v, path, name_in(v->r, node_get(n, "label")));
        return;
    }
    for (size_t i = 0; n->kind == NODE_LIST && i < node_len(n); i++) {
        const char *code = node_cstr(node_get(node_at(n, i), "code"), NULL);

        if (code)
            collect(v, node_at(n, i),
                    arena_printf(v->r->arena, "%s.%s", path, code), depth + 1);
    }
    if (n->kind != NODE_OBJECT || node_get(n, "rows"))
        return;
    for (size_t i = 0; i < node_len(n); i++) {
        const char *key = arena_str(v->r->arena, node_key(n, i));

        collect(v, node_at(n, i), arena_printf(v->r->arena, "%s.%s", path, key),
                depth + 1);
    }
}

/* The largest origins: how many, and what share. */
static void collect_origins(struct values *v)
{
    enum { ORIGINS = 20 };
    const struct node *rows = node_path(v->doc, "origins.table.rows");
    const struct node *names = node_path(v->doc, "names.origins");

    for (size_t i = 0; i < node_len(rows) && i < ORIGINS; i++) {
        const char *code = node_cstr(node_at(node_at(rows, i), 0), NULL);
        const char *name;

        if (!code)
            continue;
        name = name_in(v->r, node_get(names, code));
        add_value(v, arena_printf(v->r->arena, "origins.%s.count", code),
                  name[0] ? name : code);
        add_value(v, arena_printf(v->r->arena, "origins.%s.share", code),
                  name[0] ? name : code);
    }
}

static void write_values(const struct request *r, const struct node *profile,
                         struct node *doc)
{
    static const char *const parts[] = {"city",        "population", "measures",
                                        "access",      "outcomes",   "flows",
                                        "distribution"};
    struct values v = {r, profile, node_list(r->arena)};
    const struct node *figures = node_get(profile, "figures");
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        collect(&v, node_get(profile, parts[i]), parts[i], 0);
    collect_origins(&v);
    for (size_t i = 0; i < node_len(figures); i++) {
        const struct node *f = node_at(figures, i);
        struct node *item = node_push(list, node_object(r->arena));

        node_set_text(item, "code",
                      arena_printf(r->arena, "{{figure:%s}}",
                                   node_cstr(node_get(f, "code"), "")));
        node_set_text(item, "label", name_in(r, node_get(f, "title")));
    }
    node_set(doc, "values", v.list);
    node_set(doc, "figures", list);
    node_set_bool(doc, "any_values", node_len(v.list) > 0);
}

/* The document of this edition, or of its city's newest version. */
static struct node *profile_of(const struct request *r, const struct editing *e)
{
    struct node *out = edition_json(r, edition_result(e), PUBLICATION_DOCUMENT);
    struct publication p;
    struct str text;

    if (out ||
        publication_find(r->store, e->edition->city, 0, false, r->arena, &p,
                         NULL) ||
        publication_document(r->store, p.id, r->arena, &text, NULL) ||
        json_read(text, r->arena, &out, NULL))
        return out;
    return out;
}

/* ---- one ---- */

struct writing {
    struct request *r;
    struct editing e;
    const char *code, *title;
    struct str text[RECORD_LANGS];   /* shown in the form */
    struct str stored[RECORD_LANGS]; /* now in the database */
    bool conflict;
};

static enum rc open_chapter(struct writing *w, enum edition_need need,
                            struct err *err)
{
    const char *code = request_param(w->r, "chapter").p;
    enum rc rc = edition_open(w->r, need, &w->e, err);

    for (size_t i = 0; i < ARRAY_LEN(chapters); i++) {
        if (strcmp(chapters[i].code, code) == 0) {
            w->code = chapters[i].code;
            w->title = lang_text(w->r->lang, chapters[i].title);
        }
    }
    if (!rc && !w->code)
        rc = err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    for (int l = 0; l < RECORD_LANGS && !rc; l++) {
        rc = edition_text(w->r, edition_files(&w->e),
                          file_of(w->r, w->code, record_langs[l]),
                          &w->stored[l], err);
        w->text[l] = w->stored[l];
    }
    return rc;
}

/* What tells whether somebody wrote in between. */
static const char *mark_of(const struct writing *w, int l)
{
    struct stored f;

    return stored_find(w->r->store, edition_files(&w->e),
                       file_of(w->r, w->code, record_langs[l]), w->r->arena, &f,
                       NULL)
               ? ""
               : f.sha256;
}

static void add_text(const struct writing *w, const struct node *profile, int l,
                     bool preview, struct node *list)
{
    const struct lang *lang = lang_find(record_langs[l]);
    struct node *item = node_push(list, node_object(w->r->arena));
    AUTO(buf) struct buf html = {.ceiling = BUF_CEILING};

    node_set_text(item, "lang", record_langs[l]);
    node_set_text(item, "dir", lang_rtl(lang) ? "rtl" : "ltr");
    node_set_text(item, "language", lang_own_name(lang));
    node_set(item, "text", node_str(w->r->arena, w->text[l]));
    node_set_text(item, "mark", mark_of(w, l));
    if (w->conflict && !str_eq(w->text[l], w->stored[l]))
        node_set(item, "now", node_str(w->r->arena, w->stored[l]));
    if (preview && w->text[l].n &&
        !publish_prose(profile, lang, w->text[l],
                       edition_path(w->r, &w->e, "/preview/figures"), &html,
                       NULL))
        node_set_text(item, "html", buf_cstr(&html));
}

static void show(struct writing *w, struct reply *reply, bool preview)
{
    struct request *r = w->r;
    struct node *profile = profile_of(r, &w->e), *list = node_list(r->arena);
    struct node *doc =
        edition_page(r, reply, &w->e, w->title, "profile-chapter", "chapters");

    page_crumb(doc, lang_text(r->lang, N_("Chapters")),
               edition_path(r, &w->e, "/chapters"));
    node_set_text(doc, "code", w->code);
    node_set_text(
        doc, "action",
        edition_path(r, &w->e,
                     arena_printf(r->arena, "/chapters/%s", w->code)));
    for (int l = 0; l < RECORD_LANGS; l++) {
        add_text(w, profile, l, preview, list);
        if (w->e.look.computed)
            edition_faults(r, &w->e, file_of(r, w->code, record_langs[l]), doc);
    }
    node_set(doc, "texts", list);
    node_set_bool(doc, "preview", preview);
    node_set_bool(doc, "conflict", w->conflict);
    write_values(r, profile, doc);
}

enum rc page_profile_chapter(struct request *r, struct reply *reply,
                             struct err *err)
{
    struct writing w = {.r = r};
    enum rc rc = open_chapter(&w, EDITION_READ, err);

    if (!rc)
        show(&w, reply, true);
    return rc;
}

/* Lines end as in the files of the command line. */
static struct str plain_lines(struct str s, struct arena *a)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

static enum rc take_texts(struct writing *w, struct err *err)
{
    struct request *r = w->r;

    for (int l = 0; l < RECORD_LANGS; l++) {
        const char *name = arena_printf(r->arena, "text_%s", record_langs[l]);

        w->text[l] = plain_lines(request_form(r, name), r->arena);
        if (w->text[l].n > CHAPTER_MOST)
            return err_set(err, RC_LIMIT, N_("a chapter has at most %d bytes"),
                           CHAPTER_MOST);
        /* written elsewhere meanwhile, and differently */
        if (!str_is(request_form(
                        r, arena_printf(r->arena, "mark_%s", record_langs[l])),
                    mark_of(w, l)) &&
            !str_eq(w->text[l], w->stored[l]))
            w->conflict = true;
    }
    return RC_OK;
}

static enum rc save_texts(struct writing *w, struct err *err)
{
    struct request *r = w->r;
    struct keyring k = request_keys(r);
    enum rc rc = store_begin(r->store, true, err);

    for (int l = 0; l < RECORD_LANGS && !rc; l++) {
        const char *file = file_of(r, w->code, record_langs[l]);

        if (str_eq(w->text[l], w->stored[l]))
            continue;
        rc = str_trim(w->text[l]).n
                 ? stored_put_text(r->store, &k, w->text[l],
                                   edition_files(&w->e), file, edition_note(r),
                                   err)
                 : stored_remove(r->store, edition_files(&w->e), file, err);
    }
    if (!rc)
        rc = edition_audit(r, &w->e, "chapter", err);
    if (!rc)
        return store_commit(r->store, err);
    store_rollback(r->store);
    return rc;
}

enum rc form_profile_chapter(struct request *r, struct reply *reply,
                             struct err *err)
{
    struct writing w = {.r = r};
    enum rc rc = open_chapter(&w, EDITION_CHANGE, err);

    if (!rc)
        rc = take_texts(&w, err);
    if (rc)
        return rc;
    if (w.conflict || str_is(request_form(r, "do"), "preview")) {
        show(&w, reply, true);
        if (w.conflict)
            reply->status = 409;
        return RC_OK;
    }
    rc = save_texts(&w, err);
    if (!rc)
        page_done(r, reply,
                  edition_path(r, &w.e,
                               arena_printf(r->arena, "/chapters/%s", w.code)),
                  "saved");
    return rc;
}
