#include "town.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"

enum { AREAS = 20, ORIGINS = 7, WIDTH = 5 };

static const char *const origin_codes[] = {"DE", "TR",    "SY", "PL",
                                           "FR", "other", "VN"};
static const char *const sexes[] = {"female", "male"};
static const char *const ages[] = {"0-17", "18-39", "40-64", "65+"};

static void geography_make(struct geography *g, size_t n, struct arena *a)
{
    *g = (struct geography){.n = n, .crs = "EPSG:32633", .crs_wkt = ""};
    g->areas = arena_array(a, struct area, n);
    dict_init(&g->ids, a);
    for (size_t i = 0; i < n; i++) {
        struct area *area = &g->areas[i];
        double x = 1000.0 * (double)(i % WIDTH);
        double y = 1000.0 * (double)(i / WIDTH);
        double *xy = arena_array(a, double, 10);
        const double corners[] = {x,        y, x + 1000, y, x + 1000,
                                  y + 1000, x, y + 1000, x, y};

        memcpy(xy, corners, sizeof(corners));
        area->id = arena_printf(a, "%02zu", i + 1);
        area->name = arena_printf(a, "Quarter %zu", i + 1);
        area->parent = i % 2 ? "East" : "West";
        area->area_m2 = 1e6;
        area->perimeter_m = 4000;
        area->x_m = area->label_x = x + 500;
        area->y_m = area->label_y = y + 500;
        area->longitude = 13 + x / 1e5;
        area->latitude = 52 + y / 1e5;
        area->shape.n_rings = 1;
        area->shape.rings = arena_new_of(a, struct ring);
        area->shape.rings[0] = (struct ring){5, xy, false};
        dict_intern(&g->ids, str_of(area->id));
    }
    g->max_x = 1000.0 * WIDTH;
    g->max_y = 1000.0 * (double)((n + WIDTH - 1) / WIDTH);
}

/* Large where the area suits the origin, often small, sometimes nobody. */
static int64_t count_draw(struct rng *rng, size_t area, size_t origin)
{
    if (origin == 0)
        return 120 + (int64_t)rng_below(rng, 400);
    if (rng_below(rng, 5) == 0)
        return 0;
    if (area % (origin + 2) == 0)
        return (int64_t)rng_below(rng, 300);
    return (int64_t)rng_below(rng, origin < 3 ? 60 : 9);
}

static void row_add(struct cube *c, const uint32_t code[DIM_COUNT],
                    int64_t count, struct rng *rng, bool withholds)
{
    enum rc rc;

    if (withholds && count > 0 && count < 5)
        rc = cube_add_withheld(c, code);
    else if (withholds && rng_below(rng, 400) == 0)
        rc = cube_add_missing(c, code);
    else
        rc = cube_add(c, code, count);
    REQUIRE(rc == RC_OK);
}

static void cube_make(const struct town_options *o, size_t areas,
                      size_t origins, struct intake *in, struct arena *a)
{
    struct cube *c = cube_new(a);
    const char *periods[] = {"2015", "2020"};
    struct rng rng;

    rng_init(&rng, o->seed, 7);
    for (size_t p = o->compare ? 0 : 1; p < 2; p++)
        for (size_t i = 0; i < areas; i++)
            for (size_t k = 0; k < origins; k++)
                for (size_t s = 0; s < (o->ages ? 8 : 1); s++) {
                    const char *origin = k < ORIGINS
                                             ? origin_codes[k]
                                             : arena_printf(a, "o%zu", k);
                    const uint32_t code[DIM_COUNT] = {
                        cube_code(c, DIM_AREA,
                                  str_of(in->geography->areas[i].id)),
                        cube_code(c, DIM_ORIGIN, str_of(origin)),
                        cube_code(c, DIM_SEX,
                                  str_of(o->ages ? sexes[s / 4] : "")),
                        cube_code(c, DIM_AGE,
                                  str_of(o->ages ? ages[s % 4] : "")),
                        cube_code(c, DIM_PERIOD, str_of(periods[p]))};
                    int64_t n = count_draw(&rng, i, k);

                    row_add(c, code, o->ages ? n / 4 : n, &rng,
                            o->publisher_withholds);
                }
    in->cube = c;
}

static struct names names_make(struct arena *a, const char *en, const char *fr)
{
    struct names n = {2, arena_array(a, const char *, 2),
                      arena_array(a, const char *, 2)};

    n.lang[0] = "en";
    n.text[0] = en;
    n.lang[1] = "fr";
    n.text[1] = fr;
    return n;
}

static void services_make(struct package *p, struct arena *a)
{
    static const char *const kinds[] = {"school", "library", "welcome-desk"};

    p->n_services = 30;
    p->services = arena_array(a, struct service, p->n_services);
    for (size_t i = 0; i < p->n_services; i++)
        p->services[i] =
            (struct service){.id = arena_printf(a, "s%zu", i),
                             .name = arena_printf(a, "Place %zu", i),
                             .kind = kinds[i % 3],
                             .longitude = 13.01,
                             .latitude = 52.01,
                             .area = i == 29 ? DICT_NONE : (uint32_t)(i % 20),
                             .capacity = -1,
                             .languages = i % 4 ? "" : "ar;fr",
                             .hours = i % 2 ? "Mo-Fr 09:00-17:00" : "",
                             .for_whom = "",
                             .organisation = "",
                             .url = ""};
}

static void outcomes_make(struct package *p, struct arena *a)
{
    static const struct {
        const char *group;
        int64_t x, n;
    } rows[] = {{"majority", 48, 80},
                {"migrants", 56, 70},
                {"SY", 3, 20},
                {"TR", 53, 50 + 3},
                {"VN", -1, -1}};

    p->n_indicators = 1;
    p->indicators = arena_new_of(a, struct outcome_indicator);
    p->indicators[0].code = "employment";
    p->indicators[0].names = names_make(a, "In employment", "En emploi");
    p->n_outcomes = ARRAY_LEN(rows);
    p->outcomes = arena_array(a, struct outcome, p->n_outcomes);
    for (size_t i = 0; i < p->n_outcomes; i++)
        p->outcomes[i] =
            (struct outcome){"employment", rows[i].group, "",        "2020", "",
                             "",           rows[i].x,     rows[i].n, i + 2};
}

static void flows_make(struct package *p, struct arena *a)
{
    static const struct flow rows[] = {
        {"", "01", "2019", 100},  {"01", "", "2019", 60},
        {"01", "02", "2019", 40}, {"TR", "03", "2019", 20},
        {"", "01", "2020", 2},    {"02", "", "2020", 70},
        {"02", "03", "2020", -1}};

    p->n_flows = ARRAY_LEN(rows);
    p->flows = arena_array(a, struct flow, p->n_flows);
    memcpy(p->flows, rows, sizeof(rows));
}

static void civic_make(struct package *p, struct arena *a)
{
    static const struct competence rows[] = {
        {"Housing", LEVEL_LOCAL, "social housing", "Housing Act"},
        {"Housing", LEVEL_NATIONAL, "allowances", ""},
        {"School", LEVEL_REGIONAL, "teachers", ""},
    };

    p->n_competences = ARRAY_LEN(rows);
    p->competences = arena_array(a, struct competence, p->n_competences);
    memcpy(p->competences, rows, sizeof(rows));
    p->n_actors = 1;
    p->actors = arena_new_of(a, struct actor);
    p->actors[0] = (struct actor){"Harbour Welcome", "association", LEVEL_LOCAL,
                                  "advice;language courses"};
}

static void texts_make(struct package *p, struct arena *a)
{
    static const struct {
        const char *code, *lang, *file, *text;
    } rows[] = {
        {"synopsis", "en", "texts/synopsis.en.md",
         "We are {{value:population.total}}.\n"},
        {"priorities", "fr", "texts/priorities.fr.md",
         "Voici {{figure:map-migrants}} et {{value:origins.SY.share}}.\n"},
    };

    p->n_texts = ARRAY_LEN(rows);
    p->texts = arena_array(a, struct chapter_text, p->n_texts);
    for (size_t i = 0; i < p->n_texts; i++)
        p->texts[i] = (struct chapter_text){rows[i].code, rows[i].lang,
                                            rows[i].file, str_of(rows[i].text)};
}

static struct package *package_make(const struct town_options *o,
                                    const struct cube *c, struct arena *a)
{
    static const char *const languages[] = {"en", "fr", "ar"};
    const struct dict *origins = cube_dict(c, DIM_ORIGIN);
    struct package *p = arena_new_of(a, struct package);

    p->name = "town";
    p->title = "A town made by hand";
    p->licence = "CC0-1.0";
    p->licence_title = "The town";
    p->city = names_make(a, "Town", "Ville");
    p->country = "DE";
    p->longitude = 13;
    p->latitude = 52;
    p->period = "2020";
    p->compare = o->compare ? "2015" : NULL;
    p->basis = "citizenship";
    p->fictional = true;
    p->n_origins = origins->n;
    p->origins = arena_array(a, struct origin_info, origins->n);
    for (uint32_t i = 0; i < origins->n; i++) {
        p->origins[i].code = dict_cstr(origins, i);
        p->origins[i].majority = i == 0;
        if (i == 5)
            p->origins[i].names = names_make(a, "Other", "Autres");
    }
    p->protection = o->rule;
    p->n_languages = ARRAY_LEN(languages);
    p->languages = arena_array(a, const char *, p->n_languages);
    memcpy(p->languages, languages, sizeof(languages));
    p->n_readings = 1;
    p->readings = arena_new_of(a, struct reading);
    p->readings[0] = (struct reading){.resource = "population",
                                      .path = "population.csv",
                                      .title = "Residents",
                                      .licence = "",
                                      .rows = 1000,
                                      .taken = 1000};
    return p;
}

void town_make(const struct town_options *o, struct arena *a,
               struct intake *out)
{
    size_t areas = o->areas ? o->areas : AREAS;

    *out = (struct intake){0};
    out->geography = arena_new_of(a, struct geography);
    geography_make(out->geography, areas, a);
    REQUIRE(geography_link(out->geography, a) == RC_OK);
    cube_make(o, areas, o->origins ? o->origins : ORIGINS, out, a);
    out->package = package_make(o, out->cube, a);
    if (o->parts) {
        services_make(out->package, a);
        outcomes_make(out->package, a);
        flows_make(out->package, a);
        civic_make(out->package, a);
        texts_make(out->package, a);
    }
}

struct count_ask {
    uint32_t area, origin, period;
    int64_t sum;
    bool unknown;
};

static bool count_each(void *ctx, const struct cube_cell *cell)
{
    struct count_ask *q = ctx;

    if (cell->code[DIM_AREA] == q->area &&
        cell->code[DIM_ORIGIN] == q->origin &&
        cell->code[DIM_PERIOD] == q->period) {
        q->sum += cell->count;
        q->unknown |= cell->withheld || cell->missing;
    }
    return true;
}

int64_t town_count(const struct intake *in, uint32_t area, uint32_t origin)
{
    struct count_ask q = {
        area, origin, dict_find(cube_dict(in->cube, DIM_PERIOD), STR("2020")),
        0, false};

    cube_each(in->cube, count_each, &q);
    return q.unknown ? -1 : q.sum;
}
