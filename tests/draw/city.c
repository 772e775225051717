/*
 * city.c: see city.h.
 */
#include "city.h"

#include <math.h>

#include "base/rng.h"

struct net {
    unsigned nx, ny, detail;
};

static double noise(uint64_t a, uint64_t b, uint64_t c)
{
    struct rng r;

    rng_init(&r, a * 1000003 + b, c);
    return rng_double(&r) - 0.5;
}

static void corner(const struct net *net, unsigned i, unsigned j, double xy[2])
{
    double x = i, y = j;

    if (i > 0 && i < net->nx)
        x += 0.55 * noise(i, j, 1);
    if (j > 0 && j < net->ny)
        y += 0.55 * noise(i, j, 2);
    /* a round city rather than a box */
    x = 2 * x / net->nx - 1;
    y = 2 * y / net->ny - 1;
    xy[0] = 400000 + 9000 * x * sqrt(1 - y * y / 2.4);
    xy[1] = 5800000 + 7000 * y * sqrt(1 - x * x / 2.4);
}

/* Points of a border from its lower to its higher corner. */
static size_t border(const struct net *net, unsigned i, unsigned j, unsigned i2,
                     unsigned j2, double *xy)
{
    size_t n = (size_t)1 << net->detail;

    corner(net, i, j, xy);
    corner(net, i2, j2, xy + 2 * n);
    for (size_t step = n; step > 1; step /= 2) {
        for (size_t k = 0; k < n; k += step) {
            const double *p = xy + 2 * k, *q = xy + 2 * (k + step);
            double *m = xy + 2 * (k + step / 2);
            double t = 0.35 * noise(i * 64 + j, i2 * 64 + j2,
                                    100 + (k + step / 2) * 2);

            m[0] = (p[0] + q[0]) / 2 - t * (q[1] - p[1]);
            m[1] = (p[1] + q[1]) / 2 + t * (q[0] - p[0]);
        }
    }
    return n;
}

/* One side of an area; walked backwards when its corners fall. */
static size_t side(const struct net *net, const unsigned from[2],
                   const unsigned to[2], double *out)
{
    double points[2 * 65];
    bool back = from[0] > to[0] || from[1] > to[1];
    size_t n = back ? border(net, to[0], to[1], from[0], from[1], points)
                    : border(net, from[0], from[1], to[0], to[1], points);

    for (size_t k = 0; k < n; k++) {
        size_t at = back ? n - k : k;

        out[2 * k] = points[2 * at];
        out[2 * k + 1] = points[2 * at + 1];
    }
    return n;
}

static void make_area(const struct net *net, struct arena *a, unsigned i,
                      unsigned j, struct area *out)
{
    const unsigned c[5][2] = {
        {i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}, {i, j}};
    double *xy = arena_array(a, double, 2 * (4 * 64 + 1));
    struct ring *r = arena_new_of(a, struct ring);
    double twice = 0;

    for (size_t k = 0; k < 4; k++)
        r->n += side(net, c[k], c[k + 1], xy + 2 * r->n);
    xy[2 * r->n] = xy[0];
    xy[2 * r->n + 1] = xy[1];
    r->n++;
    r->xy = xy;
    for (size_t k = 0; k + 1 < r->n; k++) {
        twice += xy[2 * k] * xy[2 * k + 3] - xy[2 * k + 2] * xy[2 * k + 1];
        out->x_m += xy[2 * k] / (double)(r->n - 1);
        out->y_m += xy[2 * k + 1] / (double)(r->n - 1);
    }
    out->shape = (struct shape){1, r};
    out->area_m2 = fabs(twice) / 2;
    out->label_x = out->x_m;
    out->label_y = out->y_m;
    out->id = arena_printf(a, "%02u%02u", j, i);
    out->name = arena_printf(a, "Quarter %u-%u", j + 1, i + 1);
    out->parent = arena_printf(a, "D%u", (j / 3) * 2 + (i >= net->nx / 2));
}

struct geography *city_geography(struct arena *a, unsigned nx, unsigned ny,
                                 unsigned detail)
{
    struct geography *g = arena_new_of(a, struct geography);
    struct net net = {nx, ny, detail};

    g->areas = arena_array(a, struct area, nx * ny);
    dict_init(&g->ids, a);
    g->min_x = g->min_y = INFINITY;
    g->max_x = g->max_y = -INFINITY;
    for (unsigned j = 0; j < ny; j++) {
        for (unsigned i = 0; i < nx; i++) {
            struct area *area = g->areas + g->n++;

            make_area(&net, a, i, j, area);
            dict_intern(&g->ids, str_of(area->id));
            for (size_t k = 0; k < area->shape.rings->n; k++) {
                const double *p = area->shape.rings->xy + 2 * k;

                g->min_x = fmin(g->min_x, p[0]);
                g->max_x = fmax(g->max_x, p[0]);
                g->min_y = fmin(g->min_y, p[1]);
                g->max_y = fmax(g->max_y, p[1]);
            }
        }
    }
    g->crs = "EPSG:32633";
    return g;
}

static struct node *names(struct arena *a, const char *en, const char *fr,
                          const char *ar)
{
    struct node *n = node_object(a);

    node_set_text(n, "en", en);
    node_set_text(n, "fr", fr);
    node_set_text(n, "ar", ar);
    return n;
}

static const char *const origins[][4] = {
    {"TR", "Türkiye", "Turquie", "تركيا"},
    {"PL", "Poland", "Pologne", "بولندا"},
    {"SY", "Syria", "Syrie", "سوريا"},
    {"RU", "Russia", "Russie", "روسيا"},
    {"IT", "Italy", "Italie", "إيطاليا"},
    {"VN", "Viet Nam", "Viêt Nam", "فيتنام"},
    {"RO", "Romania", "Roumanie", "رومانيا"},
    {"BA", "Bosnia and Herzegovina", "Bosnie-Herzégovine", "البوسنة والهرسك"},
    {"VC", "Saint Vincent and the Grenadines",
     "Saint-Vincent-et-les-Grenadines", "سانت فنسنت وجزر غرينادين"},
    {"LB", "Lebanon", "Liban", "لبنان"},
    {"GH", "Ghana", "Ghana", "غانا"},
    {"US", "United States", "États-Unis", "الولايات المتحدة"},
};

static struct node *table(struct arena *a, const char *code, const char *unit)
{
    struct node *t = node_object(a);

    node_set_text(t, "code", code);
    node_set_text(t, "unit", unit);
    node_set_text(t, "period", "2020-02");
    node_set(t, "columns", node_list(a));
    node_set(t, "rows", node_list(a));
    return t;
}

static void column(struct node *t, const char *code, const char *kind,
                   const char *unit, struct node *label)
{
    struct node *c = node_push(node_get(t, "columns"), node_object(t->arena));

    node_set_text(c, "code", code);
    node_set(c, "label", label);
    node_set_text(c, "kind", kind);
    if (unit)
        node_set_text(c, "unit", unit);
}

static struct node *row(struct node *t)
{
    return node_push(node_get(t, "rows"), node_list(t->arena));
}

static double intensity(const struct area *area, size_t group)
{
    double x = (area->x_m - 400000) / 9000, y = (area->y_m - 5800000) / 7000;
    double cx = 0.7 * sin(1.7 * (double)group + 0.4);
    double cy = 0.7 * cos(2.3 * (double)group);

    return exp(-2.2 * ((x - cx) * (x - cx) + (y - cy) * (y - cy)));
}

static struct node *area_table(struct arena *a, const struct geography *g)
{
    struct node *t = table(a, "areas", "persons");

    column(t, "area", "area", NULL, names(a, "Area", "Secteur", "المنطقة"));
    column(t, "share", "number", "share",
           names(a, "Residents with a migration background",
                 "Habitants issus de la migration",
                 "السكان ذوو الخلفية المهاجرة"));
    column(
        t, "share_change", "number", "points",
        names(a, "Change of the share", "Évolution de la part", "تغير الحصة"));
    column(t, "diversity", "number", "index",
           names(a, "Diversity", "Diversité", "التنوع"));
    for (size_t i = 0; i < g->n; i++) {
        struct node *r = row(t);
        double s =
            0.06 + 0.5 * intensity(g->areas + i, 0) + 0.05 * noise(i, 7, 3);

        node_push(r, node_text(a, g->areas[i].id));
        if (i % 41 == 17)
            node_push(r, node_text(a, "missing"));
        else if (i % 53 == 20)
            node_push(r, node_text(a, "withheld"));
        else
            node_push(r, node_double(a, s));
        node_push(r, node_double(a, 9 * noise(i, 8, 3) + 2));
        node_push(r, node_double(a, 0.2 + s));
    }
    return t;
}

static struct node *quotient_table(struct arena *a, const struct geography *g)
{
    struct node *t = table(a, "quotients", "ratio");

    column(t, "area", "area", NULL, names(a, "Area", "Secteur", "المنطقة"));
    for (size_t k = 0; k < ARRAY_LEN(origins); k++)
        column(t, origins[k][0], "number", NULL,
               names(a, origins[k][1], origins[k][2], origins[k][3]));
    for (size_t i = 0; i < g->n; i++) {
        struct node *r = row(t);

        node_push(r, node_text(a, g->areas[i].id));
        for (size_t k = 0; k < ARRAY_LEN(origins); k++)
            node_push(r, node_double(a, 3 * intensity(g->areas + i, k) +
                                            0.3 * (0.5 + noise(i, k, 5))));
    }
    return t;
}

/* Every kind somewhere, and an area kept back. */
static struct node *cluster_table(struct arena *a, const struct geography *g)
{
    static const char *const kinds[] = {"not-sure", "high-high", "low-low",
                                        "high-low", "low-high",  "withheld"};
    struct node *t = table(a, "clusters", "none"), *terms;

    column(t, "area", "area", NULL, names(a, "Area", "Secteur", "المنطقة"));
    column(t, "cluster", "term", NULL,
           names(a, "Migrants", "Migrants", "المهاجرون"));
    column(t, "other", "term", NULL, names(a, "Syria", "Syrie", "سوريا"));
    terms = node_set(t, "terms", node_object(a));
    node_set(terms, "high-high",
             names(a, "High among high", "Forte parmi fortes", "مرتفعة"));
    node_set(terms, "low-low",
             names(a, "Low among low", "Faible parmi faibles", "منخفضة"));
    node_set(terms, "high-low",
             names(a, "High among low", "Forte parmi faibles", "شاذة"));
    node_set(terms, "low-high",
             names(a, "Low among high", "Faible parmi fortes", "أخرى"));
    node_set(terms, "not-sure",
             names(a, "No surer than chance", "Pas plus sûr que le hasard",
                   "مصادفة"));
    for (size_t i = 0; i < g->n; i++) {
        struct node *r = row(t);

        node_push(r, node_text(a, g->areas[i].id));
        node_push(r, node_text(a, kinds[i % ARRAY_LEN(kinds)]));
        node_push(r, node_text(a, kinds[(i / 2) % ARRAY_LEN(kinds)]));
    }
    return t;
}

static struct node *origin_table(struct arena *a)
{
    struct node *t = table(a, "origins", "persons");

    column(t, "origin", "origin", NULL, names(a, "Origin", "Origine", "الأصل"));
    column(t, "count", "number", "persons",
           names(a, "Residents", "Habitants", "السكان"));
    column(t, "compare_count", "number", "persons",
           names(a, "Residents before", "Habitants avant", "السكان سابقا"));
    column(t, "growth", "number", "share",
           names(a, "Growth", "Croissance", "النمو"));
    column(t, "dissimilarity", "number", "index",
           names(a, "Dissimilarity", "Dissimilarité", "التباين"));
    column(t, "low", "number", "index", names(a, "Low", "Bas", "أدنى"));
    column(t, "high", "number", "index", names(a, "High", "Haut", "أعلى"));
    for (size_t k = 0; k < ARRAY_LEN(origins); k++) {
        struct node *r = row(t);
        double now = floor(180000 * exp(-0.42 * (double)k));
        double before = floor(now * (1 - 0.9 * noise(k, 3, 9)));
        double d = 0.35 + 0.3 * noise(k, 4, 9);

        node_push(r, node_text(a, origins[k][0]));
        if (k == 10)
            node_push(r, node_text(a, "withheld"));
        else
            node_push(r, node_double(a, now));
        node_push(r, node_double(a, before));
        node_push(r, node_double(a, now / before - 1));
        node_push(r, node_double(a, d));
        node_push(r, node_double(a, d - 0.02 - 0.004 * (double)k));
        node_push(r, node_double(a, d + 0.02 + 0.004 * (double)k));
    }
    return t;
}

/* Falling curves, one with a gap and one that ends under zero. */
static struct node *line_table(struct arena *a)
{
    struct node *t = table(a, "bandwidths", "index");

    column(t, "radius", "number", "m", names(a, "Radius", "Rayon", "نصف"));
    for (size_t k = 0; k < 4; k++)
        column(t, origins[k][0], "number", "index",
               names(a, origins[k][1], origins[k][2], origins[k][3]));
    for (size_t b = 0; b < 8; b++) {
        struct node *r = row(t);

        node_push(r, node_int(a, 500 * ((int64_t)b + 1)));
        for (size_t k = 0; k < 4; k++)
            if (k == 2 && b == 3)
                node_push(r, node_text(a, "undefined"));
            else
                node_push(r, node_double(a, 0.15 * exp(-0.2 * (double)(b * k)) -
                                                (k == 3 ? 0.004 : 0)));
    }
    return t;
}

static struct node *age_table(struct arena *a)
{
    static const char *const groups[] = {"majority", "migrants", "SY"};
    struct node *t = table(a, "structure", "share"), *terms;

    terms = node_set(t, "terms", node_object(a));
    node_set(terms, "majority",
             names(a, "Without migration background", "Sans origine migratoire",
                   "دون خلفية مهاجرة"));
    node_set(terms, "migrants",
             names(a, "With migration background", "Issus de la migration",
                   "ذوو خلفية مهاجرة"));
    column(t, "group", "term", NULL, names(a, "Group", "Groupe", "المجموعة"));
    column(t, "sex", "code", NULL, names(a, "Sex", "Sexe", "الجنس"));
    column(t, "age", "code", NULL, names(a, "Age", "Âge", "العمر"));
    column(t, "share", "number", "share", names(a, "Share", "Part", "الحصة"));
    for (size_t k = 0; k < ARRAY_LEN(groups); k++) {
        for (unsigned sex = 0; sex < 2; sex++) {
            for (unsigned age = 0; age < 18; age++) {
                struct node *r = row(t);
                double centre = k == 0 ? 9.5 : k == 1 ? 6.5 : 4.5;
                double d = (age - centre) / (k == 0 ? 7.0 : 4.0);

                node_push(r, node_text(a, groups[k]));
                node_push(r, node_text(a, sex ? "female" : "male"));
                node_push(
                    r, node_text(a, age < 17 ? arena_printf(a, "%u–%u", 5 * age,
                                                            5 * age + 4)
                                             : "85+"));
                node_push(
                    r, node_double(a, 0.042 * exp(-d * d / 1.4) +
                                          0.004 * (sex + noise(k, age, sex))));
            }
        }
    }
    return t;
}

static struct node *flow_table(struct arena *a)
{
    struct node *t = table(a, "flows", "moves");

    column(t, "period", "period", NULL, names(a, "Year", "Année", "السنة"));
    column(t, "arrivals", "number", NULL,
           names(a, "Arrivals", "Arrivées", "الوافدون"));
    column(t, "departures", "number", NULL,
           names(a, "Departures", "Départs", "المغادرون"));
    column(t, "net", "number", NULL, names(a, "Balance", "Solde", "الصافي"));
    for (int year = 2011; year < 2021; year++) {
        struct node *r = row(t);
        double in = 60000 + floor(50000 * (0.5 + noise((uint64_t)year, 1, 1)));
        double out = 55000 + floor(30000 * (0.5 + noise((uint64_t)year, 2, 1)));

        node_push(r, node_text(a, arena_printf(a, "%d", year)));
        node_push(r, node_double(a, in));
        node_push(r, node_double(a, out));
        node_push(r, node_double(a, in - out));
    }
    return t;
}

static struct node *figure(struct node *list, const char *code,
                           const char *kind, const char *tab,
                           struct node *title)
{
    struct arena *a = list->arena;
    struct node *f = node_push(list, node_object(a));

    node_set_text(f, "code", code);
    node_set_text(f, "kind", kind);
    node_set(f, "title", title);
    node_set(f, "source",
             names(a, "Statistical office of the invented city, 2020",
                   "Office statistique de la ville inventée, 2020",
                   "مكتب الإحصاء في المدينة المتخيلة، 2020"));
    node_set_text(f, "table", tab);
    return f;
}

static void map_figures(struct node *list)
{
    struct arena *a = list->arena;
    struct node *f, *items;

    f = figure(list, "map-migrants", "choropleth", "areas",
               names(a, "Where residents with a migration background live",
                     "Où vivent les habitants issus de la migration",
                     "أين يعيش السكان ذوو الخلفية المهاجرة"));
    node_set_text(f, "value", "share");
    node_set_text(f, "classes", "jenks");
    f = figure(list, "map-change", "choropleth", "areas",
               names(a, "Change since 2015", "Évolution depuis 2015",
                     "التغير منذ 2015"));
    node_set_text(f, "value", "share_change");
    node_set_text(f, "palette", "diverging");
    node_set_int(f, "middle", 0);
    f = figure(list, "map-origins", "multiples", "quotients",
               names(a, "Where the largest groups live",
                     "Où vivent les groupes les plus nombreux",
                     "أين تعيش أكبر المجموعات"));
    items = node_set(f, "items", node_list(a));
    for (size_t k = 0; k < 9; k++)
        node_push(items, node_text(a, origins[k][0]));
    node_set(f, "legend",
             names(a, "Location quotient (1: as in the whole city)",
                   "Quotient de localisation (1 : comme dans toute la ville)",
                   "معامل التوطن (1: كما في المدينة كلها)"));
}

static struct node *cluster_figure(struct node *list, const char *code)
{
    static const char *const kinds[] = {"high-high", "low-low", "high-low",
                                        "low-high", "not-sure"};
    struct arena *a = list->arena;
    struct node *f =
        figure(list, code, "clusters", "clusters",
               names(a, "Areas and their neighbours",
                     "Les secteurs et leurs voisins", "المناطق وجيرانها"));
    struct node *classes = node_set(f, "classes", node_list(a));

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        node_push(classes, node_text(a, kinds[i]));
    return f;
}

static void cluster_figures(struct node *list)
{
    struct arena *a = list->arena;
    struct node *f = cluster_figure(list, "map-clusters"), *items;

    node_set_text(f, "value", "cluster");
    f = cluster_figure(list, "map-clusters-small");
    items = node_set(f, "items", node_list(a));
    node_push(items, node_text(a, "cluster"));
    node_push(items, node_text(a, "other"));
}

static void line_figure(struct node *list)
{
    struct arena *a = list->arena;
    struct node *f =
        figure(list, "lines", "lines", "bandwidths",
               names(a, "Segregation by scale",
                     "La ségrégation selon l’échelle", "العزل حسب المقياس"));
    struct node *series = node_set(f, "series", node_list(a));

    node_set_text(f, "x", "radius");
    for (size_t k = 0; k < 4; k++)
        node_push(series, node_text(a, origins[k][0]));
    node_set_bool(f, "ratio", true);
}

static void bar_figures(struct node *list)
{
    struct arena *a = list->arena;
    struct node *f, *r;

    f = figure(list, "origins-bars", "bars", "origins",
               names(a, "Residents by origin", "Habitants par origine",
                     "السكان حسب الأصل"));
    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "count");
    node_set_int(f, "limit", 11);
    f = figure(list, "growth-bars", "bars", "origins",
               names(a, "Growth since 2015", "Croissance depuis 2015",
                     "النمو منذ 2015"));
    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "growth");
    f = figure(list, "dissimilarity-bars", "bars", "origins",
               names(a, "How unevenly groups live",
                     "L'inégalité de la répartition des groupes",
                     "مدى تفاوت توزع المجموعات"));
    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "dissimilarity");
    node_set_text(f, "low", "low");
    node_set_text(f, "high", "high");
    r = node_set(f, "reference", node_object(a));
    node_set_double(r, "value", 0.31);
    node_set(r, "label",
             names(a, "All migrants", "Tous les migrants", "كل المهاجرين"));
    f = figure(list, "outcomes-x", "dots", "origins",
               names(a, "Dots with intervals", "Points avec intervalles",
                     "نقاط مع فترات الثقة"));
    node_set_text(f, "label", "origin");
    node_set_text(f, "value", "dissimilarity");
    node_set_text(f, "low", "low");
    node_set_text(f, "high", "high");
    f = figure(list, "origins-slope", "slope", "origins",
               names(a, "The largest groups, 2015 and 2020",
                     "Les groupes les plus nombreux, 2015 et 2020",
                     "أكبر المجموعات، 2015 و2020"));
    node_set_text(f, "label", "origin");
    node_set_text(f, "from", "compare_count");
    node_set_text(f, "to", "count");
    node_set_text(f, "from_label", "2015-02");
    node_set_text(f, "to_label", "2020-02");
}

static void other_figures(struct node *list, const struct geography *g)
{
    struct arena *a = list->arena;
    struct node *f, *items;

    f = figure(list, "age-pyramid", "pyramid", "structure",
               names(a, "Age and sex", "Âge et sexe", "العمر والجنس"));
    items = node_set(f, "groups", node_list(a));
    node_push(items, node_text(a, "majority"));
    node_push(items, node_text(a, "migrants"));
    node_push(items, node_text(a, "SY"));
    f = figure(list, "flows", "columns", "flows",
               names(a, "Arrivals and departures", "Arrivées et départs",
                     "الوافدون والمغادرون"));
    node_set_text(f, "label", "period");
    items = node_set(f, "series", node_list(a));
    node_push(items, node_text(a, "arrivals"));
    node_push(items, node_text(a, "departures"));
    node_push(items, node_text(a, "net"));
    f = figure(list, "concentration", "concentration", "",
               names(a, "How concentrated the largest groups live",
                     "La concentration des groupes les plus nombreux",
                     "مدى تركز أكبر المجموعات"));
    items = node_set(f, "series", node_list(a));
    for (size_t k = 0; k < 5; k++) {
        struct node *s = node_push(items, node_object(a));
        struct node *xy;

        node_set_text(s, "code", origins[k][0]);
        node_set(s, "label",
                 names(a, origins[k][1], origins[k][2], origins[k][3]));
        xy = node_set(s, "xy", node_list(a));
        for (size_t i = 0; i <= g->n; i++) {
            double x = (double)i / (double)g->n;

            node_push(xy, node_double(a, x));
            node_push(xy, node_double(a, pow(x, 1.4 + 0.5 * (double)k)));
        }
    }
}

static struct node *document(struct arena *a, const struct geography *g)
{
    struct node *doc = node_object(a), *n = node_object(a), *areas, *o;

    node_set(doc, "names", n);
    areas = node_set(n, "areas", node_object(a));
    for (size_t i = 0; g && i < g->n; i++)
        node_set_text(areas, g->areas[i].id, g->areas[i].name);
    o = node_set(n, "origins", node_object(a));
    for (size_t k = 0; k < ARRAY_LEN(origins); k++)
        node_set(o, origins[k][0],
                 names(a, origins[k][1], origins[k][2], origins[k][3]));
    return doc;
}

struct node *city_document(struct arena *a, const struct geography *g)
{
    struct node *doc = document(a, g), *tables, *list;

    tables = node_set(doc, "distribution", node_list(a));
    node_push(tables, area_table(a, g));
    node_push(tables, quotient_table(a, g));
    node_push(tables, cluster_table(a, g));
    node_push(tables, origin_table(a));
    node_push(tables, age_table(a));
    node_push(tables, flow_table(a));
    node_push(tables, line_table(a));
    list = node_set(doc, "figures", node_list(a));
    map_figures(list);
    bar_figures(list);
    other_figures(list, g);
    cluster_figures(list);
    line_figure(list);
    return doc;
}

struct node *city_empty(struct arena *a)
{
    struct geography none = {0};
    struct node *doc = city_document(a, &none);
    struct node *tables = node_get(doc, "distribution");
    struct node *figures = node_get(doc, "figures");

    for (size_t i = 0; i < node_len(tables); i++)
        node_set(node_at(tables, i), "rows", node_list(a));
    node_set(node_path(figures, "concentration"), "series", node_list(a));
    return doc;
}
