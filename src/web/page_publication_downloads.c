/* What there is to download of a version, with sizes and checksums. */
#include "web/publication_page.h"

static const struct group {
    const char *code, *label, *about;
} groups[] = {
    {"page", N_("The profile to read"),
     N_("Each is one page that needs nothing else, on screen and on paper.")},
    {"document", N_("The whole document"),
     N_("Everything that the pages show, for programs. Its form is described "
        "in docs/profile.schema.json of Passerelle.")},
    {"tables", N_("Tables"),
     N_("CSV as in RFC 4180; datapackage.json says what each column is.")},
    {"geodata", N_("Boundaries and maps"), N_("For geographical programs.")},
    {"catalogue", N_("Catalogue"),
     N_("Descriptions of the data for portals of open data.")},
    {"figures", N_("Figures"),
     N_("As drawings, one for each language; free to use with their source.")},
    {"other", N_("Other files"), NULL},
};

static bool ends(const char *name, const char *const *ends_with, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ends(str_of(name), ends_with[i]))
            return true;
    return false;
}

static const char *group_of(const char *name)
{
    static const char *const pages[] = {".html", ".pdf", ".epub"};
    static const char *const geodata[] = {".gpkg", ".geojson", ".kml", ".fgb"};
    static const char *const catalogue[] = {".ttl", ".jsonld", ".rdf"};

    if (str_starts(str_of(name), "figures/"))
        return "figures";
    if (strcmp(name, PUBLICATION_DOCUMENT) == 0)
        return "document";
    if (ends(name, geodata, ARRAY_LEN(geodata)))
        return "geodata";
    if (ends(name, catalogue, ARRAY_LEN(catalogue)))
        return "catalogue";
    if (str_starts(str_of(name), "data/"))
        return "tables";
    return ends(name, pages, ARRAY_LEN(pages)) ? "page" : "other";
}

static const char *size_of(const struct request *r, uint64_t bytes)
{
    AUTO(buf) struct buf number = {.ceiling = 64};
    bool mega = bytes >= 1000000;

    lang_decimal(r->lang, (double)bytes / (mega ? 1e6 : 1e3),
                 mega || bytes < 10000 ? 1 : 0, &number);
    return page_fill(r, lang_text(r->lang, mega ? N_("{n} MB") : N_("{n} kB")),
                     "n", buf_cstr(&number));
}

struct gathering {
    const struct request *r;
    const struct publication *p;
    struct node *of[ARRAY_LEN(groups)];
    uint64_t bytes;
    int64_t files;
};

static bool take_file(void *ctx, const struct stored *f)
{
    struct gathering *g = ctx;
    const struct request *r = g->r;
    const char *code = group_of(f->name);
    struct node *item = node_object(r->arena);
    size_t at = 0;

    while (strcmp(groups[at].code, code) != 0)
        at++;
    node_set_text(item, "name", f->name);
    node_set_text(
        item, "path",
        published_path(r, g->p, arena_printf(r->arena, "/%s", f->name)));
    node_set_text(item, "size", size_of(r, f->size));
    node_set_int(item, "bytes", (int64_t)f->size);
    node_set_text(item, "media", f->media);
    node_set_text(item, "sha256", f->sha256);
    node_push(g->of[at], item);
    g->bytes += f->size;
    g->files++;
    return true;
}

static struct node *groups_of(const struct gathering *g)
{
    const struct request *r = g->r;
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        struct node *group = node_object(r->arena);

        if (!node_len(g->of[i]))
            continue;
        node_set_text(group, "code", groups[i].code);
        node_set_text(group, "label", lang_text(r->lang, groups[i].label));
        node_set_text(group, "about",
                      groups[i].about ? lang_text(r->lang, groups[i].about)
                                      : NULL);
        node_set(group, "files", g->of[i]);
        node_push(list, group);
    }
    return list;
}

static void add_head(const struct request *r, const struct published *p,
                     struct node *doc)
{
    const char *city = view_name(r, &type_city, p->city);

    page_crumb(doc, lang_text(r->lang, type_city.many), "/cities");
    page_crumb(doc, city, view_path(r, &type_city, p->it.city));
    page_crumb(doc,
               page_fill(r, lang_text(r->lang, N_("Profiles of {city}")),
                         "city", city),
               arena_printf(r->arena, "%s/profiles",
                            view_path(r, &type_city, p->it.city)));
    node_set(doc, "version", published_item(r, &p->it));
    node_set_text(doc, "city", city);
    node_set_text(doc, "program", p->it.program);
}

enum rc page_publication_downloads(struct request *r, struct reply *reply,
                                   struct err *err)
{
    struct published p;
    struct gathering g = {.r = r, .p = &p.it};
    enum rc rc = published_of_path(r, &p, err);

    if (rc)
        return rc;
    reply->doc = page_begin(
        r, page_fill(r, lang_text(r->lang, N_("Downloads: {profile}")),
                     "profile", published_title(r, &p.it)));
    reply->template = "publication-downloads";
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        g.of[i] = node_list(r->arena);
    rc = publication_files(r->store, p.it.id, take_file, &g, err);
    add_head(r, &p, reply->doc);
    node_set(reply->doc, "groups", groups_of(&g));
    node_set_text(reply->doc, "size", size_of(r, g.bytes));
    node_set_int(reply->doc, "files", g.files);
    return rc;
}
