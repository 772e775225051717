#include <math.h>

#include "profile/part.h"

/* All keys, in the order of docs/profile-document.md. */
static const char *const keys[] = {
    "schema",    "generator",    "seed",     "languages", "title",
    "fictional", "city",         "period",   "compare",   "basis",
    "majority",  "names",        "sources",  "quality",   "population",
    "origins",   "distribution", "measures", "access",    "outcomes",
    "flows",     "governance",   "actors",   "chapters",  "protection",
    "figures",
};

/* The languages asked for that we speak; English where there is none. */
static void languages_choose(struct doc *d)
{
    const char *const *asked = d->o->languages;
    size_t n = d->p->n_languages;
    struct node *list = node_set(d->root, "languages", node_list(d->arena));

    if (asked) {
        for (n = 0; asked[n];)
            n++;
    } else {
        asked = d->p->languages;
    }
    d->langs = arena_array(d->arena, const struct lang *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct lang *l = lang_find(asked[i]);
        bool twice = false;

        for (size_t k = 0; k < d->n_langs; k++)
            twice |= d->langs[k] == l;
        if (l && !twice)
            d->langs[d->n_langs++] = l;
    }
    if (d->n_langs == 0)
        d->langs[d->n_langs++] = lang_find("en");
    for (size_t i = 0; i < d->n_langs; i++)
        node_push(list, node_text(d->arena, lang_code(d->langs[i])));
}

/* The package's own name for the city's country, or NULL: then ISO's. */
static const struct names *country_names(const struct package *p)
{
    for (size_t i = 0; i < p->n_origins; i++)
        if (p->country && strcmp(p->origins[i].code, p->country) == 0 &&
            p->origins[i].names.n > 0)
            return &p->origins[i].names;
    return NULL;
}

static void part_city(struct doc *d)
{
    struct node *city = node_set(d->root, "city", node_object(d->arena));
    double area_m2 = 0;

    for (size_t i = 0; i < d->g->n; i++)
        area_m2 += d->g->areas[i].area_m2;
    node_set(city, "name", names_given(d, &d->p->city, NULL));
    node_set_text(city, "country", d->p->country);
    node_set(city, "country_name",
             names_given(d, country_names(d->p), d->p->country));
    node_set_double(city, "longitude", d->p->longitude);
    node_set_double(city, "latitude", d->p->latitude);
    node_set_text(city, "crs", d->g->crs);
    node_set(city, "areas",
             number_new(d, q_whole((int64_t)d->g->n), "places", NULL, "areas",
                        names_of(d, N_("Areas"))));
    node_set(city, "surface",
             number_new(d, q_round(q_number(area_m2 / 1e6), 2), "km2", NULL,
                        "areas", names_of(d, N_("Surface"))));
}

static struct node *basis_text(struct doc *d)
{
    static const struct {
        const char *code, *text;
    } texts[] = {
        {"country-of-birth", N_("country of birth")},
        {"citizenship", N_("citizenship")},
        {"migration-background", N_("migration background")},
    };

    for (size_t i = 0; d->p->basis && i < ARRAY_LEN(texts); i++)
        if (str_is(str_of(d->p->basis), texts[i].code))
            return names_of(d, texts[i].text);
    return names_given(d, &d->p->basis_text, d->p->basis);
}

static void part_basis(struct doc *d)
{
    struct node *basis = node_set(d->root, "basis", node_object(d->arena));
    struct node *majority = node_set(d->root, "majority", node_list(d->arena));

    node_set_text(basis, "code", d->p->basis);
    node_set(basis, "text", basis_text(d));
    for (uint32_t o = 0; o < d->n_origins; o++)
        if (!d->migrant[o])
            node_push(majority,
                      node_text(d->arena,
                                dict_cstr(release_dict(d->r, DIM_ORIGIN), o)));
}

static void part_head(struct doc *d)
{
    struct node *generator;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        node_set(d->root, keys[i], node_null(d->arena));
    node_set_text(d->root, "schema", PROFILE_SCHEMA);
    generator = node_set(d->root, "generator", node_object(d->arena));
    node_set_text(generator, "name", "passerelle");
    node_set_text(generator, "version", d->o->version ? d->o->version : "");
    node_set_int(d->root, "seed", (int64_t)d->o->seed);
    languages_choose(d);
    part_city(d);
    node_set(d->root, "title",
             names_fill(d, N_("City migration profile: {city}"), "city",
                        node_path(d->root, "city.name"), NULL));
    node_set_bool(d->root, "fictional", d->p->fictional);
    node_set_text(d->root, "period", d->p->period);
    node_set_text(d->root, "compare", d->p->compare);
}

enum rc profile_build(const struct package *p, const struct geography *g,
                      const struct release *r, const struct profile_options *o,
                      struct arena *a, struct faults *faults, struct node **out,
                      struct err *err)
{
    struct doc d = {
        .arena = a, .p = p, .g = g, .r = r, .o = o, .faults = faults};

    d.root = node_object(a);
    part_head(&d);
    part_names(&d);
    part_basis(&d);
    part_sources(&d);
    part_population(&d);
    part_origins(&d);
    part_distribution(&d);
    part_measures(&d);
    part_access(&d);
    part_outcomes(&d);
    part_flows(&d);
    part_governance(&d);
    part_actors(&d);
    part_protection(&d);
    part_figures(&d);
    part_chapters(&d);
    part_quality(&d);
    *out = d.root;
    if (faults_any(faults))
        return err_set(err, RC_INVALID,
                       N_("the chapters name values or figures that the "
                          "profile does not have"));
    return RC_OK;
}
