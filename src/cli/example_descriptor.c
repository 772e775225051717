/* The descriptor of the example package, and its boundaries. */
#include "base/node.h"
#include "cli/example.h"

#include <math.h>

static struct node *names(struct arena *a, const char *en, const char *fr,
                          const char *ar)
{
    struct node *n = node_object(a);

    node_set_text(n, "en", en);
    node_set_text(n, "fr", fr);
    node_set_text(n, "ar", ar);
    return n;
}

static const struct {
    const char *resource, *code, *en, *fr, *ar;
} named[] = {
#define NAMED(resource, code, en, fr, ar) {#resource, code, en, fr, ar},
#include "cli/example_names.def"
#undef NAMED
};

/* Names in three languages for the codes of one resource. */
static struct node *code_names(struct arena *a, const char *resource)
{
    struct node *n = node_object(a);

    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (strcmp(named[i].resource, resource) == 0)
            node_set(n, named[i].code,
                     names(a, named[i].en, named[i].fr, named[i].ar));
    return n;
}

/* Origins by the part of the world they lie in. */
static struct node *origin_levels(struct arena *a)
{
    static const char *const regions[][2] = {
        {"Thalassia", "XT"},
        {"North Africa", "TN EG SD MA LY DZ"},
        {"Southern Europe", "IT GR ES AL"},
        {"Rest of Europe", "FR UA RO DE GB"},
        {"Western Asia", "SY TR LB IQ PS YE"},
        {"Southern and Eastern Asia", "BD PH PK CN IN LK"},
        {"West and Central Africa", "NG SN CI GH GN ML CM TD"},
        {"East Africa", "ER SO ET"},
        {"Americas", "BR"},
    };
    struct node *levels = node_object(a), *region = node_object(a);

    for (size_t i = 0; i < ARRAY_LEN(regions); i++)
        for (const char *p = regions[i][1]; *p; p += p[2] ? 3 : 2)
            node_set_text(region, arena_strndup(a, p, 2), regions[i][0]);
    node_set(levels, "region", region);
    return levels;
}

static struct node *city_of(struct arena *a)
{
    struct node *city = node_object(a);
    double longitude, latitude;

    point_degrees((struct point){-500, -600}, &longitude, &latitude);
    node_set(city, "name", names(a, "Marsa", "Marsa", "مرسى"));
    node_set_text(city, "country", town_origins[0].code);
    node_set_double(city, "longitude", round(longitude * 1e5) / 1e5);
    node_set_double(city, "latitude", round(latitude * 1e5) / 1e5);
    return city;
}

static struct node *text_list(struct arena *a, const char *const *texts,
                              size_t n)
{
    struct node *list = node_list(a);

    for (size_t i = 0; i < n; i++)
        node_push(list, node_text(a, texts[i]));
    return list;
}

static struct node *our_part(struct arena *a)
{
    static const char *const languages[] = {"en", "fr", "ar"};
    struct node *p = node_object(a), *origins = node_object(a);
    struct node *rule = node_object(a);

    node_set_int(p, "version", 1);
    node_set_bool(p, "fictional", true);
    node_set(p, "city", city_of(a));
    node_set_text(p, "period", town_periods[1]);
    node_set_text(p, "compare", town_periods[0]);
    node_set_text(p, "basis", "country-of-birth");
    node_set(p, "majority", text_list(a, &town_origins[0].code, 1));
    node_set(origins, town_origins[0].code,
             names(a, "Thalassia", "Thalassie", "ثالاسيا"));
    node_set(p, "origins", origins);
    node_set(p, "origin_levels", origin_levels(a));
    node_set_text(rule, "method", "suppress");
    node_set_int(rule, "below", 5);
    node_set_bool(rule, "secondary", true);
    node_set(p, "protection", rule);
    node_set(p, "languages", text_list(a, languages, ARRAY_LEN(languages)));
    return p;
}

/* `fields`: our field, its column, ..., NULL. */
static struct node *resource(struct arena *a, const char *name,
                             const char *path, const char *title,
                             const char *const *fields)
{
    struct node *r = node_object(a), *ours = node_object(a);
    struct node *columns = node_object(a);

    node_set_text(r, "name", name);
    node_set_text(r, "path", path);
    node_set_text(r, "title", title);
    for (; *fields; fields += 2)
        node_set_text(columns, fields[0], fields[1]);
    if (node_len(columns))
        node_set(ours, "fields", columns);
    node_set(r, "passerelle", ours);
    return r;
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct node *resources(struct arena *a)
{
    static const char *const none[] = {NULL};
    struct node *list = node_list(a), *r;

    r = node_push(
        list, resource(a, "population", "population.csv",
                       "Residents by neighbourhood, country of birth, sex and "
                       "age (invented)",
                       FIELDS("area", "area", "origin", "country_of_birth",
                              "sex", "sex", "age", "age", "period", "period",
                              "count", "residents")));
    node_set_text(node_get(r, "passerelle"), "layout", "long");
    node_push(list, resource(a, "areas", "areas.geojson",
                             "Neighbourhoods and their districts (invented)",
                             FIELDS("id", "id", "name", "name", "parent",
                                    "district")));
    node_push(list,
              resource(a, "services", "services.csv",
                       "Services, their hours and languages (invented)", none));
    r = node_push(list, resource(a, "outcomes", "outcomes.csv",
                                 "How people fare, by group (invented)", none));
    node_set(node_get(r, "passerelle"), "indicators",
             code_names(a, "outcomes"));
    node_push(list, resource(a, "flows", "flows.csv",
                             "Arrivals, departures and moves (invented)",
                             FIELDS("from", "from", "to", "to", "period",
                                    "year", "count", "people")));
    r = node_push(list,
                  resource(a, "governance", "governance.csv",
                           "Who does what, under which law (invented)", none));
    node_set(node_get(r, "passerelle"), "names", code_names(a, "governance"));
    r = node_push(list,
                  resource(a, "actors", "actors.csv",
                           "Who works with migrants and newcomers (invented)",
                           none));
    node_set(node_get(r, "passerelle"), "names", code_names(a, "actors"));
    return list;
}

void example_descriptor(const struct town *t, struct buf *out)
{
    struct arena *a = t->arena;
    struct node *d = node_object(a), *licences = node_list(a), *licence;

    node_set_text(d, "profile", "city-migration-profile");
    node_set_text(d, "name", "marsa-2024");
    node_set_text(d, "title",
                  "Marsa, a fictional port city: residents by country of "
                  "birth, 60 neighbourhoods, 2019 and 2024");
    node_set_text(d, "description",
                  arena_printf(a,
                               "Marsa does not exist, nor does its country. "
                               "Every number and name was invented by "
                               "'passerelle example', from the seed %llu.",
                               (unsigned long long)t->seed));
    licence = node_push(licences, node_object(a));
    node_set_text(licence, "name", "CC0-1.0");
    node_set_text(licence, "title", "Invented data");
    node_set(d, "licenses", licences);
    node_set(d, "passerelle", our_part(a));
    node_set(d, "resources", resources(a));
    node_write(d, true, out);
    buf_addc(out, '\n');
}

static void write_ring(const struct town_ring *r, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < r->n; i++) {
        double longitude, latitude;

        point_degrees(r->at[i], &longitude, &latitude);
        buf_fmt(out, "%s[%.6f,%.6f]", i ? "," : "", longitude, latitude);
    }
    buf_addc(out, ']');
}

static void write_area(const struct town_area *a, struct buf *out)
{
    buf_adds(out, "{\"type\": \"Feature\", \"properties\": {\"id\": ");
    buf_json(out, str_of(a->id));
    buf_adds(out, ", \"name\": ");
    buf_json(out, str_of(a->name));
    buf_adds(out, ", \"district\": ");
    buf_json(out, str_of(town_districts[a->district].name));
    buf_adds(out,
             "},\n \"geometry\": {\"type\": \"Polygon\", "
             "\"coordinates\": [");
    for (size_t i = 0; i < a->n_rings; i++) {
        if (i)
            buf_addc(out, ',');
        write_ring(&a->rings[i], out);
    }
    buf_adds(out, "]}}");
}

void example_areas(const struct town *t, struct buf *out)
{
    buf_adds(out,
             "{\"type\": \"FeatureCollection\", \"name\": \"areas\", "
             "\"features\": [\n");
    for (int i = 0; i < TOWN_AREAS; i++) {
        write_area(&t->areas[i], out);
        buf_adds(out, i + 1 < TOWN_AREAS ? ",\n" : "\n");
    }
    buf_adds(out, "]}\n");
}
