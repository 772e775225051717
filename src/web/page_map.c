/* The map of the network, and the table that says the same. */
#include "web/map_sheet.h"
#include "web/public.h"

#include <math.h>
#include <stdlib.h>

enum { CITIES_MOST = 600, NAMES_MOST = 150 };
#define AROUND_KM 500.0

static const struct world_frame mediterranean = {15, 38.3, 5200, 2700};

/* From the one that is named first on the map to the last. */
static const char *const statuses[] = {"member", "announced", "invited",
                                       "former"};

enum column { BY_CITY, BY_COUNTRY, BY_STATUS, BY_SINCE, COLUMNS };
static const struct {
    const char *key, *label;
} columns[COLUMNS] = {
    {"city", N_("City")},
    {"country", N_("Country")},
    {"status", N_("Membership")},
    {"since", N_("Since")},
};

struct row {
    const struct city *city;
    const struct territory *territory; /* or NULL */
    struct node *item;
    size_t rank; /* of the status */
};

struct order {
    const struct lang *lang;
    enum column by;
    bool down;
};

static struct str text_of(const struct row *row, const char *key)
{
    return str_of(node_cstr(node_get(row->item, key), ""));
}

/* Rows that do not say it come last, whatever the direction. */
static int compare_texts(const struct order *o, struct str a, struct str b)
{
    int order;

    if (!a.n || !b.n)
        return (a.n == 0) - (b.n == 0);
    order = lang_compare(o->lang, a, b);
    return o->down ? -order : order;
}

static int compare_days(const struct order *o, struct day a, struct day b)
{
    int order;

    if (!a.year || !b.year)
        return (a.year == 0) - (b.year == 0);
    order = day_compare(a, b);
    return o->down ? -order : order;
}

static int compare_rows(const void *x, const void *y, void *ctx)
{
    const struct order *o = ctx;
    const struct row *a = x, *b = y;
    const struct order up = {o->lang, BY_CITY, false};
    int order = 0;

    switch (o->by) {
    case BY_CITY:
        order = compare_texts(o, text_of(a, "title"), text_of(b, "title"));
        break;
    case BY_COUNTRY:
        order = compare_texts(o, text_of(a, "country"), text_of(b, "country"));
        break;
    case BY_STATUS:
        order = (a->rank > b->rank) - (a->rank < b->rank);
        order = o->down ? -order : order;
        break;
    default:
        order = compare_days(o, a->city->status_since, b->city->status_since);
    }
    if (!order)
        order = compare_texts(&up, text_of(a, "title"), text_of(b, "title"));
    if (!order)
        order = (a->city->head.id > b->city->head.id) -
                (a->city->head.id < b->city->head.id);
    return order;
}

static struct order asked_order(const struct request *r)
{
    struct str asked = request_query(r, "sort");
    struct order o = {.lang = r->lang};

    if (str_starts(asked, "-")) {
        o.down = true;
        asked = (struct str){asked.p + 1, asked.n - 1};
    }
    for (size_t i = 0; i < COLUMNS; i++)
        if (str_is(asked, columns[i].key))
            o.by = (enum column)i;
    return o;
}

/* This page with another order. */
static const char *sort_path(const struct request *r, const char *sort)
{
    AUTO(buf) struct buf url = {.ceiling = 1 << 16};

    buf_fmt(&url, "/map?sort=%s", sort);
    for (size_t i = 0; i < r->query.n; i++) {
        const struct pair *p = &r->query.items[i];

        if (strcmp(p->name, "q") != 0 && strcmp(p->name, "status") != 0)
            continue;
        buf_fmt(&url, "&%s=", p->name);
        buf_url(&url, p->value);
    }
    buf_adds(&url, "#cities");
    return arena_strdup(r->arena, buf_cstr(&url));
}

static struct node *columns_of(const struct request *r, struct order o)
{
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < COLUMNS; i++) {
        struct node *item = node_object(r->arena);
        bool here = o.by == (enum column)i;
        bool down = here && !o.down;

        node_set_text(item, "label", lang_text(r->lang, columns[i].label));
        node_set_text(
            item, "path",
            sort_path(r, arena_printf(r->arena, "%s%s", down ? "-" : "",
                                      columns[i].key)));
        if (here)
            node_set_text(item, "sort", o.down ? "descending" : "ascending");
        node_push(list, item);
    }
    return list;
}

static size_t rank_of(const char *status)
{
    size_t i = 0;

    while (i < ARRAY_LEN(statuses) && strcmp(statuses[i], status) != 0)
        i++;
    return i;
}

static void take_row(const struct request *r, const struct city *c,
                     struct row *row)
{
    row->city = c;
    row->territory = public_territory(r, c->territory);
    row->item = public_city(r, c);
    row->rank = rank_of(c->status);
    node_set_text(row->item, "status_code", c->status);
    if (row->territory && !isnan(row->territory->place.longitude)) {
        node_set_double(row->item, "longitude",
                        row->territory->place.longitude);
        node_set_double(row->item, "latitude", row->territory->place.latitude);
    }
}

/* How many there are of each status, as the legend shows them. */
static struct node *legend_of(const struct request *r, const struct row *rows,
                              size_t n)
{
    struct node *list = node_list(r->arena);
    size_t n_options;
    const struct option *o = record_options("member_status", &n_options);

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct node *item = node_object(r->arena);
        int64_t count = 0;

        for (size_t k = 0; k < n; k++)
            count += rows[k].rank == i;
        node_set_text(item, "code", statuses[i]);
        for (size_t k = 0; k < n_options; k++)
            if (strcmp(o[k].code, statuses[i]) == 0)
                node_set_text(item, "label", lang_text(r->lang, o[k].label));
        node_set_int(item, "count", count);
        if (count)
            node_push(list, item);
    }
    return list;
}

/* ---- the drawing ---- */

static int by_rank(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = (x->rank > y->rank) - (x->rank < y->rank);

    return order ? order
                 : (x->city->head.id > y->city->head.id) -
                       (x->city->head.id < y->city->head.id);
}

static const char *title_of(const struct request *r, const struct row *row)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    struct str country = text_of(row, "country");
    struct str status = text_of(row, "status");

    buf_add(&text, text_of(row, "title"));
    if (country.n)
        buf_fmt(&text, " · %s", country.p);
    if (status.n)
        buf_fmt(&text, " · %s", status.p);
    return arena_strdup(r->arena, buf_cstr(&text));
}

static size_t places_of(const struct request *r, struct row *rows, size_t n,
                        struct map_place *out)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        const struct territory *t = rows[i].territory;

        if (!t || isnan(t->place.longitude))
            continue;
        out[m] = (struct map_place){
            .longitude = t->place.longitude,
            .latitude = t->place.latitude,
            .name = text_of(&rows[i], "title").p,
            .path = text_of(&rows[i], "path").p,
            .title = title_of(r, &rows[i]),
            .symbol = rows[i].city->status,
            .unnamed = m >= NAMES_MOST,
        };
        m++;
    }
    return m;
}

static enum rc add_frame(const struct request *r, const struct world_frame *f,
                         const char *label, const char *kind,
                         struct map_place *places, size_t n,
                         struct node *frames, struct err *err)
{
    struct node *sheet;
    enum rc rc = map_sheet(r, f, places, n, &sheet, err);

    if (rc)
        return rc;
    node_set_text(sheet, "label", label);
    node_set_text(sheet, "kind", kind);
    node_push(frames, sheet);
    return RC_OK;
}

/* The Mediterranean; where cities lie beyond it, all of them once more, with
 * the names of those beyond. */
static enum rc draw(const struct request *r, struct row *rows, size_t n,
                    bool beyond_too, struct node *doc, struct err *err)
{
    struct map_place *places = arena_array(r->arena, struct map_place, n + 1);
    struct node *frames = node_list(r->arena);
    struct world_frame wide;
    size_t m, beyond = 0;
    enum rc rc;

    qsort(rows, n, sizeof *rows, by_rank);
    m = places_of(r, rows, n, places);
    rc = add_frame(r, &mediterranean,
                   lang_text(r->lang, N_("The Mediterranean")), "main", places,
                   m, frames, err);
    for (size_t i = 0; i < m; i++) {
        places[i].unnamed = places[i].shown;
        beyond += !places[i].shown;
    }
    if (!rc && beyond && beyond_too &&
        map_frame(places, m, AROUND_KM, r->arena, &wide))
        rc = add_frame(r, &wide, lang_text(r->lang, N_("The whole network")),
                       "whole", places, m, frames, err);
    node_set(doc, "frames", frames);
    node_set_bool(doc, "coasts", world_has_land());
    return rc;
}

static void unplaced(const struct request *r, const struct row *rows, size_t n,
                     struct node *doc)
{
    const char **names = arena_array(r->arena, const char *, n + 1);
    AUTO(buf) struct buf list = {.ceiling = 1 << 16};
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (!node_get(rows[i].item, "longitude"))
            names[m++] = text_of(&rows[i], "title").p;
    if (!m)
        return;
    lang_list(r->lang, names, m, &list);
    node_set_text(
        doc, "unplaced",
        page_fill(r,
                  lang_text(r->lang, N_("Not on the map, because nobody has "
                                        "said where they lie: {names}.")),
                  "names", buf_cstr(&list)));
}

enum rc page_map(struct request *r, struct reply *reply, struct err *err)
{
    struct view_list l = {.type = &type_city, .per_page = CITIES_MOST};
    struct order o = asked_order(r);
    struct view_page page;
    struct row *rows;
    struct node *items = node_list(r->arena);
    enum rc rc = view_list(r, &l, &page, err);

    if (!rc)
        rc = view_know_refs(r, &type_city, page.records, page.n, err);
    if (rc)
        return rc;
    reply->doc = page_begin(r, lang_text(r->lang, N_("Map of the network")));
    reply->template = "map";
    rows = arena_array(r->arena, struct row, page.n + 1);
    for (size_t i = 0; i < page.n; i++)
        take_row(r, page.records[i], &rows[i]);
    qsort_r(rows, page.n, sizeof *rows, compare_rows, &o);
    for (size_t i = 0; i < page.n; i++)
        node_push(items, rows[i].item);
    node_set_text(reply->doc, "q", request_query(r, "q").p);
    node_set(reply->doc, "columns", columns_of(r, o));
    node_set(reply->doc, "items", items);
    node_set(reply->doc, "legend", legend_of(r, rows, page.n));
    unplaced(r, rows, page.n, reply->doc);
    public_filter(r, &type_city, "status", reply->doc);
    view_paging(r, &page, reply->doc);
    return r->as == AS_HTML ? draw(r, rows, page.n, true, reply->doc, err)
                            : RC_OK;
}

enum rc public_map(const struct request *r, void *const *cities, size_t n,
                   struct node *doc, struct err *err)
{
    struct row *rows = arena_array(r->arena, struct row, n + 1);

    if (r->as != AS_HTML || !n)
        return RC_OK;
    for (size_t i = 0; i < n; i++)
        take_row(r, cities[i], &rows[i]);
    return draw(r, rows, n, false, doc, err);
}
