/*
 * access.c: services, by kind and by area.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/part.h"

#define SOURCE "services"

/* Kinds that cities often name, in words; any other is shown as written. */
static const struct {
    const char *code, *name;
} kinds_named[] = {
#define KIND(code, name) {code, name},
#include "profile/kinds.def"
#undef KIND
};

static struct node *kind_name(struct doc *d, const char *code)
{
    const struct names *given = package_names(d->p, "services", code);
    char *text;

    if (given)
        return names_given(d, given, NULL);
    for (size_t i = 0; i < ARRAY_LEN(kinds_named); i++)
        if (strcmp(kinds_named[i].code, code) == 0)
            return names_of(d, kinds_named[i].name);
    text = arena_strdup(d->arena, code);
    for (char *c = text; *c; c++)
        if (*c == '_' || *c == '-')
            *c = ' ';
    if (*text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    return names_same(d, text);
}

struct services {
    struct dict kinds;
    uint32_t *kind;  /* per service */
    uint32_t *order; /* kinds, most places first */
    size_t *places;  /* per kind */
    size_t *by_area; /* area x kind */
    size_t *hours;   /* per kind: with opening hours */
    size_t outside;  /* in no area */
};

struct kind_rank {
    size_t places;
    uint32_t kind;
};

static int kind_order(const void *a, const void *b)
{
    const struct kind_rank *x = a, *y = b;

    if (x->places != y->places)
        return x->places < y->places ? 1 : -1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void services_count(struct doc *d, struct services *s)
{
    const struct package *p = d->p;
    struct kind_rank *ranks;

    dict_init(&s->kinds, d->arena);
    s->kind = arena_array(d->arena, uint32_t, p->n_services + 1);
    for (size_t i = 0; i < p->n_services; i++)
        s->kind[i] = dict_intern(&s->kinds, str_of(p->services[i].kind));
    s->places = arena_array(d->arena, size_t, s->kinds.n + 1);
    s->hours = arena_array(d->arena, size_t, s->kinds.n + 1);
    s->by_area = arena_array(d->arena, size_t, d->g->n * s->kinds.n + 1);
    for (size_t i = 0; i < p->n_services; i++) {
        const struct service *v = &p->services[i];

        s->places[s->kind[i]]++;
        s->hours[s->kind[i]] += v->hours && v->hours[0];
        if (v->area < d->g->n)
            s->by_area[v->area * s->kinds.n + s->kind[i]]++;
        else
            s->outside++;
    }
    ranks = arena_array(d->arena, struct kind_rank, s->kinds.n + 1);
    for (uint32_t k = 0; k < s->kinds.n; k++)
        ranks[k] = (struct kind_rank){s->places[k], k};
    qsort(ranks, s->kinds.n, sizeof(ranks[0]), kind_order);
    s->order = arena_array(d->arena, uint32_t, s->kinds.n + 1);
    for (uint32_t k = 0; k < s->kinds.n; k++)
        s->order[k] = ranks[k].kind;
}

static struct quantity per_10000(size_t places, struct quantity residents)
{
    struct quantity q = q_share(q_whole((int64_t)places), residents, false);

    return q_round(q_times(q, 1e4), 3);
}

/* The languages that services of a kind offer, each once, by code. */
static int text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct node *kind_languages(struct doc *d, const struct services *s,
                                   uint32_t kind)
{
    struct dict codes;
    const char **sorted;
    char *list = NULL;

    dict_init(&codes, d->arena);
    for (size_t i = 0; i < d->p->n_services; i++) {
        const char *c = s->kind[i] == kind ? d->p->services[i].languages : "";

        while (c && *c) {
            size_t n = strcspn(c, ";, ");

            if (n > 0)
                dict_intern(&codes, (struct str){c, n});
            c += n + (c[n] != 0);
        }
    }
    if (codes.n == 0)
        return NULL;
    sorted = arena_array(d->arena, const char *, codes.n);
    for (uint32_t i = 0; i < codes.n; i++)
        sorted[i] = dict_cstr(&codes, i);
    qsort(sorted, codes.n, sizeof(sorted[0]), text_order);
    for (size_t i = 0; i < codes.n; i++)
        list = list ? arena_printf(d->arena, "%s;%s", list, sorted[i])
                    : arena_strdup(d->arena, sorted[i]);
    return names_languages(d, list);
}

static struct node *kinds_table(struct doc *d, const struct services *s)
{
    struct sheet t =
        sheet_new(d, "services", names_of(d, N_("Services by kind")), "places",
                  NULL, SOURCE);

    sheet_column(&t, "kind", names_of(d, N_("Kind")), "term", NULL);
    sheet_column(&t, "places", names_of(d, N_("Places")), "number", "places");
    sheet_column(&t, "per_10000", names_of(d, N_("Per 10,000 residents")),
                 "number", "per 10000 residents");
    sheet_column(&t, "languages", names_of(d, N_("Languages")), "text", NULL);
    sheet_column(&t, "with_hours", names_of(d, N_("With opening hours")),
                 "number", "places");
    for (size_t i = 0; i < s->kinds.n; i++) {
        uint32_t k = s->order[i];
        struct node *row = sheet_row(&t);

        sheet_term(&t, dict_cstr(&s->kinds, k),
                   kind_name(d, dict_cstr(&s->kinds, k)));
        row_say(&t, row, dict_cstr(&s->kinds, k));
        row_push(&t, row, q_whole((int64_t)s->places[k]));
        row_push(&t, row, per_10000(s->places[k], city_total(d, false)));
        row_node(row, kind_languages(d, s, k));
        row_push(&t, row, q_whole((int64_t)s->hours[k]));
    }
    if (s->outside)
        sheet_note(
            &t,
            names_plural(d,
                         N_("{n} place lies outside every area and is counted "
                            "for the city only."),
                         N_("{n} places lie outside every area and are counted "
                            "for the city only."),
                         s->outside, "n", names_integer(d, (int64_t)s->outside),
                         NULL));
    return t.node;
}

static struct node *areas_table(struct doc *d, const struct services *s)
{
    const struct release_table *population =
        release_table(d->r, TABLE_AREA, false);
    struct sheet t =
        sheet_new(d, "services-by-area", names_of(d, N_("Services by area")),
                  "places", NULL, SOURCE);

    sheet_column(&t, "area", names_of(d, N_("Area")), "area", NULL);
    for (size_t k = 0; k < s->kinds.n; k++)
        sheet_column(&t, dict_cstr(&s->kinds, s->order[k]),
                     kind_name(d, dict_cstr(&s->kinds, s->order[k])), "number",
                     "places");
    sheet_column(&t, "total", names_of(d, N_("All services")), "number",
                 "places");
    sheet_column(&t, "per_10000", names_of(d, N_("Per 10,000 residents")),
                 "number", "per 10000 residents");
    for (size_t i = 0; i < d->g->n; i++) {
        struct node *row = sheet_row(&t);
        size_t total = 0;
        struct quantity residents = d->area[i] == DICT_NONE
                                        ? q_none(STATE_MISSING)
                                        : q_table(population, d->area[i], 0, 0);

        row_say(&t, row, d->g->areas[i].id);
        for (size_t k = 0; k < s->kinds.n; k++) {
            size_t n = s->by_area[i * s->kinds.n + s->order[k]];

            row_push(&t, row, q_whole((int64_t)n));
            total += n;
        }
        row_push(&t, row, q_whole((int64_t)total));
        row_push(&t, row, per_10000(total, residents));
    }
    return t.node;
}

static void text_or_null(struct sheet *t, struct node *row, const char *text)
{
    row_say(t, row, text && text[0] ? text : NULL);
}

static struct node *list_table(struct doc *d)
{
    static const char *const texts[][2] = {
        {"hours", N_("Opening hours")},
        {"for_whom", N_("For whom")},
        {"organisation", N_("Organisation")},
        {"url", N_("Web page")},
    };
    struct sheet t = sheet_new(d, "services-list", names_of(d, N_("Services")),
                               "none", NULL, SOURCE);

    sheet_column(&t, "name", names_of(d, N_("Name")), "text", NULL);
    sheet_column(&t, "kind", names_of(d, N_("Kind")), "term", NULL);
    sheet_column(&t, "area", names_of(d, N_("Area")), "area", NULL);
    sheet_column(&t, "languages", names_of(d, N_("Languages")), "text", NULL);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        sheet_column(&t, texts[i][0], names_of(d, texts[i][1]), "text", NULL);
    sheet_column(&t, "longitude", names_of(d, N_("Longitude")), "number",
                 "degrees");
    sheet_column(&t, "latitude", names_of(d, N_("Latitude")), "number",
                 "degrees");
    for (size_t i = 0; i < d->p->n_services; i++) {
        const struct service *v = &d->p->services[i];
        struct node *row = sheet_row(&t);

        if (!t.terms || !node_get(t.terms, v->kind))
            sheet_term(&t, v->kind, kind_name(d, v->kind));
        text_or_null(&t, row, v->name);
        row_say(&t, row, v->kind);
        row_say(&t, row, v->area < d->g->n ? d->g->areas[v->area].id : NULL);
        row_node(row, names_languages(d, v->languages));
        text_or_null(&t, row, v->hours);
        text_or_null(&t, row, v->for_whom);
        text_or_null(&t, row, v->organisation);
        text_or_null(&t, row, v->url);
        row_push(&t, row, q_round(q_number(v->longitude), 6));
        row_push(&t, row, q_round(q_number(v->latitude), 6));
    }
    return t.node;
}

void part_access(struct doc *d)
{
    struct services s = {.outside = 0};
    struct node *part;

    if (d->p->n_services == 0) {
        node_set(d->root, "access",
                 part_absent(d, N_("The package names no services; a table of "
                                   "places with their kind and position would "
                                   "show them.")));
        return;
    }
    part = node_set(d->root, "access", node_object(d->arena));
    services_count(d, &s);
    node_set(part, "services", kinds_table(d, &s));
    node_set(part, "by_area", areas_table(d, &s));
    node_set(part, "list", list_table(d));
}
