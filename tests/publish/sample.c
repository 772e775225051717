#include "sample.h"

static struct node *names(struct arena *a, const char *en, const char *fr,
                          const char *ar)
{
    struct node *n = node_object(a);

    node_set_text(n, "en", en);
    if (fr)
        node_set_text(n, "fr", fr);
    if (ar)
        node_set_text(n, "ar", ar);
    return n;
}

static struct node *number(struct arena *a, double v, const char *unit,
                           const char *en)
{
    struct node *n = node_object(a);

    node_set_double(n, "value", v);
    node_set_text(n, "unit", unit);
    node_set_text(n, "period", "2020-02");
    node_set_text(n, "source", "population");
    node_set(n, "label", names(a, en, NULL, NULL));
    return n;
}

static void column(struct node *columns, const char *code, const char *kind,
                   const char *unit, const char *en)
{
    struct arena *a = columns->arena;
    struct node *c = node_push(columns, node_object(a));

    node_set_text(c, "code", code);
    node_set(c, "label", names(a, en, NULL, NULL));
    node_set_text(c, "kind", kind);
    if (unit)
        node_set_text(c, "unit", unit);
}

static struct node *table(struct arena *a, const char *code, const char *title)
{
    struct node *t = node_object(a);

    node_set_text(t, "code", code);
    node_set(t, "title", names(a, title, NULL, NULL));
    node_set_text(t, "unit", "persons");
    node_set_text(t, "period", "2020-02");
    node_set(t, "columns", node_list(a));
    node_set(t, "rows", node_list(a));
    return t;
}

static struct node *row(struct node *t, const char *key)
{
    struct node *r = node_push(node_get(t, "rows"), node_list(t->arena));

    node_push(r, node_text(t->arena, key));
    return r;
}

static struct node *at_least(struct arena *a, int64_t n)
{
    struct node *o = node_object(a);

    node_set_int(o, "at_least", n);
    return o;
}

/* Every state a cell may have. */
static struct node *origins(struct arena *a)
{
    struct node *t = table(a, "origins", "Origins, ranked <by> count");
    struct node *columns = node_get(t, "columns"), *r;

    column(columns, "origin", "origin", NULL, "Origin");
    column(columns, "count", "number", NULL, "Residents");
    column(columns, "share", "number", "share", "Share");
    column(columns, "growth", "number", "share", "Growth");
    r = row(t, "SY");
    node_push(r, node_int(a, 1234567));
    node_push(r, node_double(a, 0.5));
    node_push(r, node_double(a, -0.125));
    r = row(t, "PL");
    node_push(r, at_least(a, 12));
    node_push(r, node_text(a, "withheld"));
    node_push(r, node_text(a, "missing"));
    r = row(t, "=cmd()");
    node_push(r, node_text(a, "source"));
    node_push(r, node_text(a, "undefined"));
    node_push(r, node_null(a));
    return t;
}

static struct node *areas(struct arena *a, size_t rows)
{
    struct node *t = table(a, "areas", "Areas");
    struct node *columns = node_get(t, "columns");

    column(columns, "area", "area", NULL, "Area");
    column(columns, "name", "text", NULL, "Name");
    column(columns, "population", "number", NULL, "Residents");
    column(columns, "share", "number", "share", "Share");
    for (size_t i = 0; i < rows; i++) {
        struct node *r = row(t, arena_printf(a, "A%03zu", i));

        node_push(r, node_text(a, "Altstadt, \"Nord\""));
        node_push(r, node_int(a, (int64_t)(i * 37 % 101)));
        node_push(r, node_double(a, (double)(i % 7) / 10));
    }
    return t;
}

static struct node *chapter(struct arena *a, struct node *chapters,
                            const char *code, const char *title)
{
    struct node *c = node_push(chapters, node_object(a));

    node_set_text(c, "code", code);
    node_set(c, "title", names(a, title, NULL, NULL));
    node_set(c, "summary", node_list(a));
    node_set(c, "markdown", node_object(a));
    node_set(c, "sections", node_list(a));
    node_set(c, "figures", node_list(a));
    return c;
}

static void chapters(struct arena *a, struct node *doc)
{
    struct node *list = node_set(doc, "chapters", node_list(a));
    struct node *c = chapter(a, list, "synopsis", "Synopsis");

    node_push(node_get(c, "summary"),
              names(a, "One resident in two was born in Syria.",
                    "Un habitant sur deux est né en Syrie.",
                    "واحد من كل اثنين من السكان ولد في سوريا."));
    c = chapter(a, list, "migration", "Migration in the city");
    node_set_text(node_get(c, "markdown"), "en",
                  "# History\n\nThere are {{value:population.total}} people, "
                  "{{value:origins.SY.share}} from Syria and "
                  "{{value:origins.PL.count}} from Poland.\n\n"
                  "{{figure:map}}\n\n### Later\n\n<script>x</script>\n");
    node_push(node_get(c, "sections"), node_text(a, "population"));
    node_push(node_get(c, "sections"), node_text(a, "origins"));
    node_push(node_get(c, "figures"), node_text(a, "map"));
    node_push(node_get(c, "figures"), node_text(a, "bars"));
    chapter(a, list, "empty", "A chapter without anything");
}

static void figures(struct arena *a, struct node *doc)
{
    static const char *const rows[][5] = {
        {"map", "choropleth", "Share <of> migrants", "areas", "share"},
        {"bars", "bars", "Origins", "origins", "count"}};
    struct node *list = node_set(doc, "figures", node_list(a));

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *f = node_push(list, node_object(a));

        node_set_text(f, "code", rows[i][0]);
        node_set_text(f, "kind", rows[i][1]);
        node_set(f, "title", names(a, rows[i][2], NULL, NULL));
        node_set(f, "source", names(a, "Register, \"2020\"", NULL, NULL));
        node_set_text(f, "table", rows[i][3]);
        node_set_text(f, "value", rows[i][4]);
        node_set_text(f, i ? "label" : "area", i ? "origin" : "area");
    }
}

static void parts(struct arena *a, struct node *doc, size_t rows)
{
    struct node *part = node_set(doc, "population", node_object(a)), *list, *n;

    node_set(part, "total", number(a, 3769962, "persons", "Residents"));
    node_set(part, "migrants_share",
             number(a, 0.345, "share", "Share of migrants"));
    node_set(part, "structure", node_object(a));
    node_set(node_get(part, "structure"), "absent",
             names(a, "The package has no age and sex.", NULL, NULL));
    part = node_set(doc, "origins", node_object(a));
    node_set(part, "table", origins(a));
    part = node_set(doc, "distribution", node_object(a));
    node_set(part, "areas", areas(a, rows));
    part = node_set(doc, "measures", node_object(a));
    list = node_set(part, "city", node_list(a));
    n = node_push(list, number(a, 0.3125, "index", "Dissimilarity"));
    node_set_text(n, "code", "dissimilarity");
    node_set(n, "name", names(a, "Dissimilarity", NULL, NULL));
    node_set(n, "dimension", names(a, "evenness", NULL, NULL));
    node_set_double(n, "low", 0.301); /* the value lies outside */
    node_set_double(n, "high", 0.311);
    node_set_double(n, "debiased", 0.306);
    part = node_set(doc, "access", node_object(a));
    node_set(part, "absent", names(a, "No services are given.", NULL, NULL));
    part = node_set(doc, "quality", node_object(a));
    node_push(node_set(part, "notes", node_list(a)),
              names(a, "All rows were read.", NULL, NULL));
    part = node_set(doc, "protection", node_object(a));
    node_set(part, "text",
             names(a, "Counts under 5 are withheld.", NULL, NULL));
    node_set_text(part, "why", "the council <asked>");
}

struct node *sample_document(struct arena *a, size_t rows)
{
    struct node *doc = node_object(a), *n, *o;

    node_set_text(doc, "schema", "passerelle.profile/1");
    n = node_set(doc, "languages", node_list(a));
    node_push(n, node_text(a, "en"));
    node_push(n, node_text(a, "fr"));
    node_push(n, node_text(a, "ar"));
    node_set(doc, "title",
             names(a, "City migration profile: Porto & Bello",
                   "Profil migratoire : Porto & Bello", NULL));
    node_set_bool(doc, "fictional", true);
    n = node_set(doc, "city", node_object(a));
    node_set(n, "name", names(a, "Porto & Bello", NULL, "بورتو"));
    node_set(n, "country_name", names(a, "Italy", "Italie", "إيطاليا"));
    node_set_text(doc, "period", "2020-02");
    node_set_text(doc, "compare", "2015-02");
    n = node_set(doc, "basis", node_object(a));
    node_set(n, "text", names(a, "country of birth", NULL, NULL));
    n = node_set(doc, "names", node_object(a));
    o = node_set(n, "origins", node_object(a));
    node_set(o, "SY", names(a, "Syria", "Syrie", "سوريا"));
    node_set(o, "PL", names(a, "Poland", "Pologne", "بولندا"));
    o = node_set(n, "areas", node_object(a));
    node_set_text(o, "A000", "Altstadt");
    o = node_push(node_set(doc, "sources", node_list(a)), node_object(a));
    node_set_text(o, "code", "population");
    node_set_text(o, "title", "Register of residents");
    node_set_text(o, "licence", "CC-BY-4.0");
    parts(a, doc, rows);
    chapters(a, doc);
    figures(a, doc);
    return doc;
}
