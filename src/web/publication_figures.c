/* What a city's page says of its newest profile: a few numbers and sentences of
 * the document, kept by the server for each version and language. */
#include "publish/value.h"
#include "web/cache.h"
#include "web/json.h"
#include "web/publication_page.h"
#include "web/server.h"

#include <stdlib.h>

enum { SENTENCES = 4 };

static const struct {
    const char *path, *more; /* more: a value that follows it */
} figures[] = {
    {"population.total", "population.change_share"},
    {"population.migrants_share", "population.migrants"},
    {"origins.number", NULL},
    {"measures.migrants.dissimilarity", NULL},
};

static void write_number(const struct request *r, const struct node *number,
                         const char *code, struct buf *out)
{
    struct value v = value_of_number(number);
    const char *unit = node_cstr(node_get(number, "unit"), "none");

    if (!value_has_number(v.state)) {
        buf_adds(out, lang_text(r->lang, value_state_text(v.state)));
        return;
    }
    buf_adds(out, value_state_sign(v.state));
    value_write(r->lang, unit, code, v.number, out);
}

/* "0.219 to 0.225" */
static void write_interval(const struct request *r, const struct node *number,
                           struct node *item)
{
    const char *unit = node_cstr(node_get(number, "unit"), "none");
    const struct node *low = node_get(number, "low");
    const struct node *high = node_get(number, "high");
    AUTO(buf) struct buf from = {.ceiling = 64}, to = {.ceiling = 64};
    AUTO(buf) struct buf text = {.ceiling = 1 << 10};

    if (!node_is_number(low) || !node_is_number(high))
        return;
    value_write(r->lang, unit, "", node_number(low, 0), &from);
    value_write(r->lang, unit, "", node_number(high, 0), &to);
    lang_fill(&text, lang_text(r->lang, N_("between {low} and {high}")), "low",
              buf_cstr(&from), "high", buf_cstr(&to), NULL);
    node_set_text(item, "more", buf_cstr(&text));
}

static void add_figure(const struct request *r, const struct node *doc,
                       size_t i, struct node *list)
{
    const struct node *number = node_path(doc, figures[i].path);
    const struct node *more =
        figures[i].more ? node_path(doc, figures[i].more) : NULL;
    struct node *item = node_object(r->arena);
    AUTO(buf) struct buf text = {.ceiling = 1 << 10};
    AUTO(buf) struct buf after = {.ceiling = 1 << 10};

    if (!number)
        return;
    write_number(r, number, figures[i].path, &text);
    node_set_text(item, "label",
                  names_text(node_get(number, "label"), r->lang, NULL));
    node_set_text(item, "value", buf_cstr(&text));
    write_interval(r, number, item);
    if (more && value_has_number(value_of_number(more).state)) {
        buf_fmt(&after,
                "%s: ", names_text(node_get(more, "label"), r->lang, NULL));
        write_number(r, more, strrchr(figures[i].more, '.') + 1, &after);
        node_set_text(item, "more", buf_cstr(&after));
    }
    node_push(list, item);
}

static void add_sentences(const struct request *r, const struct node *doc,
                          struct node *out)
{
    const struct node *summary = node_path(doc, "chapters.synopsis.summary");
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < node_len(summary) && i < SENTENCES; i++)
        node_push(list, node_text(r->arena, names_text(node_at(summary, i),
                                                       r->lang, NULL)));
    node_set(out, "sentences", list);
}

static enum rc make_figures(const struct request *r,
                            const struct publication *p, struct node **out,
                            struct err *err)
{
    struct node *doc, *list = node_list(r->arena);
    enum rc rc = published_document(r, p, &doc, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        add_figure(r, doc, i, list);
    *out = node_object(r->arena);
    node_set(*out, "figures", list);
    add_sentences(r, doc, *out);
    return RC_OK;
}

static void no_reply(void *ctx, struct page *p)
{
}

/* A version never changes: what was made of it once is kept. */
static enum rc figures_of(const struct request *r, const struct publication *p,
                          struct node **out, struct err *err)
{
    struct page_cache *cache = r->server->cache;
    struct str key = str_of(
        arena_printf(r->arena, "figures %s %s", p->sha256, lang_code(r->lang)));
    struct page *kept = cache_find(cache, key, 0);
    enum rc rc;

    if (kept) {
        struct str text = {arena_str(r->arena, kept->bytes[CODING_PLAIN]),
                           kept->bytes[CODING_PLAIN].n};

        cache_release(cache, kept);
        return json_read(text, r->arena, out, err);
    }
    rc = make_figures(r, p, out, err);
    if (!rc) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

        node_write(*out, false, &text);
        kept = cache_add(cache, key, 0, buf_str(&text), no_reply, NULL);
        if (kept)
            cache_release(cache, kept);
    }
    return rc;
}

struct newest {
    const struct request *r;
    struct publication it;
    int64_t versions;
};

static bool take_newest(void *ctx, const struct publication *p)
{
    struct newest *n = ctx;

    if (!n->versions++)
        n->it = published_copy(n->r, p);
    return true;
}

enum rc published_on_city(const struct request *r, const struct city *c,
                          struct node *doc, struct err *err)
{
    struct newest n = {.r = r};
    struct node *item, *figures_node, *out = node_object(r->arena);
    const char *path = view_path(r, &type_city, c->head.id);
    enum rc rc =
        publication_each(r->store, c->head.id, false, take_newest, &n, err);

    if (rc || !n.versions)
        return rc;
    rc = figures_of(r, &n.it, &figures_node, err);
    if (rc)
        return rc;
    item = published_item(r, &n.it);
    node_set(item, "figures", node_get(figures_node, "figures"));
    node_set(item, "sentences", node_get(figures_node, "sentences"));
    node_set(out, "newest", item);
    node_set_int(out, "versions", n.versions);
    node_set_bool(out, "several", n.versions > 1);
    node_set_text(out, "path", arena_printf(r->arena, "%s/profiles", path));
    node_set(doc, "profiles", out);
    return RC_OK;
}

/* ---- the newest of every city ---- */

struct gathering {
    struct request *r;
    struct publication *items;
    size_t n, cap;
};

static bool gather(void *ctx, const struct publication *p)
{
    struct gathering *g = ctx;

    VEC_PUSH(g->r->arena, g->items, g->n, g->cap) = published_copy(g->r, p);
    return true;
}

static int latest_first(const void *a, const void *b)
{
    const struct publication *x = a, *y = b;
    int order = (x->published < y->published) - (x->published > y->published);

    return order ? order : (x->id < y->id) - (x->id > y->id);
}

static enum rc add_newest(struct gathering *g, struct node *list, size_t most,
                          struct err *err)
{
    struct request *r = g->r;
    enum rc rc = RC_OK;

    if (g->n)
        qsort(g->items, g->n, sizeof *g->items, latest_first);
    for (size_t i = 0; i < g->n && node_len(list) < most && !rc; i++) {
        void *city;
        struct node *item;

        if (view_load(r, &type_city, g->items[i].city, ACTION_SEE, &city, NULL))
            continue;
        item = published_item(r, &g->items[i]);
        node_set_text(item, "city", view_name(r, &type_city, city));
        node_push(list, item);
    }
    return rc;
}

enum rc published_newest(struct request *r, struct node *items,
                         struct node *newest, size_t most, struct err *err)
{
    struct gathering g = {.r = r};
    enum rc rc = publication_newest(r->store, gather, &g, err);

    for (size_t i = 0; i < node_len(items) && !rc; i++) {
        struct node *item = node_at(items, i);
        int64_t id = node_integer(node_get(item, "id"), 0);

        for (size_t k = 0; k < g.n; k++) {
            AUTO(buf) struct buf period = {.ceiling = 256};

            if (g.items[k].city != id)
                continue;
            lang_period(r->lang, g.items[k].period, &period);
            node_set_text(item, "profile", published_path(r, &g.items[k], ""));
            node_set_text(item, "profile_period", buf_cstr(&period));
        }
    }
    return rc || !newest ? rc : add_newest(&g, newest, most, err);
}
