/* What the columns of some tables are likely to be. */
#include "cli/describe_roles.h"
#include "text/lang.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- tables ---- */

static const struct described_column *
column_called(const struct described_file *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcasecmp(f->columns[i].name, name) == 0)
            return &f->columns[i];
    return NULL;
}

static bool has_columns(const struct described_file *f, const char *names)
{
    while (*names) {
        char name[32];
        size_t n = strcspn(names, " ");

        snprintf(name, sizeof name, "%.*s", (int)n, names);
        if (!column_called(f, name))
            return false;
        names += n + (names[n] == ' ');
    }
    return true;
}

/* The last column of whole numbers that nothing else is. */
static void find_count(const struct described_file *f, struct roles *r)
{
    for (size_t i = f->n; i-- > 0 && r->column[ROLE_COUNT] < 0;)
        if (!roles_taken(r, i) && column_is_counts(&f->columns[i]))
            r->column[ROLE_COUNT] = (int)i;
}

/* ---- a column an origin ---- */

struct wide {
    bool *in; /* by column: it counts one origin */
    size_t n, named;
};

/* "REU": capitals, as the codes beside it; no total. */
static bool code_like(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if (!isupper((unsigned char)name[i]))
            return false;
    return n >= 2 && n <= 4 && strcmp(name, "TOT") != 0 &&
           strcmp(name, "SUM") != 0 && strcmp(name, "ALL") != 0;
}

/* Whether a column may count one origin: no role but that of the count. */
static bool may_be_wide(const struct described_file *f, const struct roles *r,
                        size_t i)
{
    return column_is_counts(&f->columns[i]) &&
           (!roles_taken(r, i) || r->column[ROLE_COUNT] == (int)i);
}

/*
 * Countries and groups of them at the heads of columns of counts; and codes of
 * the same kind that stand beside one, as an office's own groups do.
 */
static struct wide wide_columns(const struct described_file *f,
                                const struct roles *r, struct arena *a)
{
    struct wide w = {.in = arena_array(a, bool, f->n + 1)};

    for (size_t i = 0; i < f->n; i++) {
        w.in[i] = may_be_wide(f, r, i) && text_is_group(f->columns[i].name, a);
        w.named += w.in[i];
    }
    for (size_t i = 1; i < f->n; i++)
        w.in[i] |= w.in[i - 1] && code_like(f->columns[i].name) &&
                   code_like(f->columns[i - 1].name) && may_be_wide(f, r, i);
    for (size_t i = f->n; i-- > 1;)
        w.in[i - 1] |= w.in[i] && code_like(f->columns[i].name) &&
                       code_like(f->columns[i - 1].name) &&
                       may_be_wide(f, r, i - 1);
    for (size_t i = 0; i < f->n; i++)
        w.n += w.in[i];
    return w;
}

/* Four names are enough; fewer want a table that has the rest too. */
static bool is_wide(const struct wide *w, const struct roles *r)
{
    return r->column[ROLE_ORIGIN] < 0 &&
           (w->named >= 4 ||
            (w->n >= 2 && w->named >= 1 && r->column[ROLE_AREA] >= 0 &&
             (r->column[ROLE_SEX] >= 0 || r->column[ROLE_AGE] >= 0 ||
              r->column[ROLE_PERIOD] >= 0)));
}

static double population_score(const struct described_file *f,
                               const struct roles *r, struct arena *a)
{
    struct wide w = wide_columns(f, r, a);
    bool wide = is_wide(&w, r);

    if (r->column[ROLE_LONGITUDE] >= 0 && r->column[ROLE_LATITUDE] >= 0)
        return 0;
    if (r->column[ROLE_ORIGIN] < 0 && !wide)
        return 0;
    return (r->column[ROLE_COUNT] >= 0) + r->score[ROLE_ORIGIN] +
           r->score[ROLE_AREA] + (r->column[ROLE_SEX] >= 0) +
           (r->column[ROLE_AGE] >= 0) + (double)wide;
}

/* ---- the package ---- */

struct guess {
    struct arena *a;
    const struct described_file *files;
    size_t n;
    const struct described_file *areas;
    const struct described_column *ids; /* of the areas */
    struct node *package, *ours, *resources;
};

static struct node *add_resource(struct guess *g, const char *name,
                                 const struct described_file *f)
{
    struct node *r = node_push(g->resources, node_object(g->a));

    node_set_text(r, "name", name);
    node_set_text(r, "path", f->name);
    if (f->encoding)
        node_set_text(r, "encoding", f->encoding);
    return node_set(r, "passerelle", node_object(g->a));
}

static void set_field(const struct described_file *f, const struct roles *r,
                      enum role role, const char *name, struct node *fields)
{
    if (r->column[role] >= 0)
        node_set_text(fields, name, f->columns[r->column[role]].name);
}

/* What we call a sex or an age; NULL: unknown. `first`: see
 * column_five_years. */
static const char *our_age(struct str value, int first, size_t classes,
                           char out[16])
{
    int64_t v;

    if (first < 0)
        return describe_age(value, out) ? out : NULL;
    if (!str_i64(value, &v))
        return NULL;
    v = (v - first) * 5;
    snprintf(out, 16,
             v == (int64_t)(classes - 1) * 5 ? "%" PRId64 "+"
                                             : "%" PRId64 "-%" PRId64,
             v, v + 4);
    return out;
}

static const char *our_sex(struct str value, bool iso)
{
    if (!iso)
        return describe_sex(value);
    return str_is(value, "1") ? "male" : str_is(value, "2") ? "female" : NULL;
}

/* Names of all values that are written otherwise than we write them. */
static void set_codes(struct guess *g, const struct described_column *c,
                      bool age, const char *field, struct node *codes)
{
    struct node *map = node_object(g->a);
    int first = age ? column_five_years(c, g->a) : -1;
    bool iso = !age && column_is_iso_sex(c);

    for (size_t i = 0; i < c->values.n; i++) {
        struct str value = dict_text(&c->values, (uint32_t)i);
        char band[16];
        const char *ours = age ? our_age(value, first, c->values.n, band)
                               : our_sex(value, iso);

        if (ours && !str_is(value, ours))
            node_set_text(map, dict_cstr(&c->values, (uint32_t)i), ours);
    }
    if (node_len(map))
        node_set(codes, field, map);
}

/* Counts that are not written: empty, or a short sign in their place. */
static void set_suppressed(struct guess *g, const struct described_file *f,
                           const struct described_column *c, struct node *ours)
{
    struct node *list = node_list(g->a);
    double number;

    if (c->filled < f->rows)
        node_push(list, node_str(g->a, STR("")));
    for (size_t i = 0; i < c->values.n; i++) {
        struct str v = dict_text(&c->values, (uint32_t)i);

        if (v.n <= 4 && !str_double(v, &number))
            node_push(list, node_str(g->a, v));
    }
    if (node_len(list))
        node_set(ours, "suppressed", list);
}

/*
 * The names of the origins: columns that stand for the codes one to one and
 * are called alike but for a language at the end: "region_code", "region_fr".
 */
static void set_origins(struct guess *g, const struct described_file *f,
                        const struct described_column *codes)
{
    size_t stem = strcspn(codes->name, "_");
    struct node *origins = node_object(g->a);

    for (size_t i = 0; i < f->n && !codes->many; i++) {
        const struct described_column *c = &f->columns[i];
        const char *lang = strrchr(c->name, '_');

        if (!lang || c == codes || c->many || c->order != codes->order ||
            c->values.n != codes->values.n ||
            strncasecmp(c->name, codes->name, stem) != 0 ||
            (size_t)(lang - c->name) != stem || !lang_find(lang + 1))
            continue;
        for (size_t k = 0; k < codes->values.n; k++) {
            const char *code = dict_cstr(&codes->values, (uint32_t)k);
            struct node *names = node_get(origins, code);

            if (!names)
                names = node_set(origins, code, node_object(g->a));
            node_set_text(names, lang + 1, dict_cstr(&c->values, (uint32_t)k));
        }
    }
    if (node_len(origins))
        node_set(g->ours, "origins", origins);
}

static void set_period(struct guess *g, const struct described_column *c)
{
    const char *last = NULL;

    for (size_t i = 0; i < c->values.n; i++) {
        const char *v = dict_cstr(&c->values, (uint32_t)i);

        if (!last || strcmp(v, last) > 0)
            last = v;
    }
    if (last)
        node_set_text(g->ours, "period", last);
}

/*
 * A group that is no country is called as its column is, until somebody says
 * better. Beside such groups a few codes are groups too: "REU" is the rest of
 * Europe there, and no island.
 */
static void name_groups(struct guess *g, const struct described_file *f,
                        const struct wide *w)
{
    enum { FEW = 8 };
    struct node *origins = node_object(g->a);
    bool groups = false;

    for (size_t i = 0; i < f->n; i++)
        groups |= w->in[i] && !text_is_country(str_of(f->columns[i].name));
    for (size_t i = 0; i < f->n && groups; i++) {
        const char *name = f->columns[i].name;

        if (w->in[i] && (w->n <= FEW || !text_is_country(str_of(name))))
            node_set_text(node_set(origins, name, node_object(g->a)), "en",
                          name);
    }
    if (groups)
        node_set(g->ours, "origins", origins);
}

static void set_wide(struct guess *g, const struct described_file *f,
                     const struct wide *w, struct node *ours)
{
    struct node *columns = node_object(g->a);

    for (size_t i = 0; i < f->n; i++)
        if (w->in[i])
            node_set_text(columns, f->columns[i].name, f->columns[i].name);
    node_set_text(ours, "layout", "wide");
    node_set(ours, "columns", columns);
}

static void add_population(struct guess *g, const struct described_file *f,
                           const struct roles *r)
{
    struct node *ours = add_resource(g, "population", f);
    struct node *fields = node_set(ours, "fields", node_object(g->a));
    struct node *codes = node_object(g->a);
    struct wide w = wide_columns(f, r, g->a);
    bool wide = r->column[ROLE_ORIGIN] < 0;

    set_field(f, r, ROLE_AREA, "area", fields);
    if (!wide) {
        set_field(f, r, ROLE_ORIGIN, "origin", fields);
        set_field(f, r, ROLE_COUNT, "count", fields);
        set_origins(g, f, &f->columns[r->column[ROLE_ORIGIN]]);
    }
    set_field(f, r, ROLE_SEX, "sex", fields);
    set_field(f, r, ROLE_AGE, "age", fields);
    set_field(f, r, ROLE_PERIOD, "period", fields);
    if (r->column[ROLE_SEX] >= 0)
        set_codes(g, &f->columns[r->column[ROLE_SEX]], false, "sex", codes);
    if (r->column[ROLE_AGE] >= 0)
        set_codes(g, &f->columns[r->column[ROLE_AGE]], true, "age", codes);
    if (node_len(codes))
        node_set(ours, "codes", codes);
    if (r->column[ROLE_PERIOD] >= 0)
        set_period(g, &f->columns[r->column[ROLE_PERIOD]]);
    if (wide) {
        set_wide(g, f, &w, ours);
        name_groups(g, f, &w);
    } else if (r->column[ROLE_COUNT] >= 0) {
        set_suppressed(g, f, &f->columns[r->column[ROLE_COUNT]], ours);
    }
}

/* "Port", "الميناء", but not "PORT" or "P1". */
static bool has_small_letters(const struct described_column *c)
{
    for (size_t i = 0; i < c->values.n; i++) {
        struct str v = dict_text(&c->values, (uint32_t)i);

        for (size_t k = 0; k < v.n; k++)
            if (islower((unsigned char)v.p[k]) ||
                (unsigned char)v.p[k] >= 0xD0) /* beyond Latin */
                return true;
    }
    return false;
}

/* The column of the areas whose values a table names most; codes before
 * names. *most: how well, renewed when it is better. */
static void look_for_ids(const struct described_file *areas,
                         const struct described_file *table,
                         const struct described_column **ids, double *most)
{
    for (size_t i = 0; i < areas->n; i++) {
        const struct described_column *id = &areas->columns[i];

        /* as many different values as areas */
        if (id->values.n != areas->rows && !id->many)
            continue;
        for (size_t c = 0; c < table->n; c++) {
            double n =
                MIN((double)table->columns[c].values.n, (double)id->values.n);
            double s = column_share_in(&table->columns[c], id) * n;

            if (s > 0)
                s += 0.25 * !has_small_letters(id);
            if (s > *most) {
                *most = s;
                *ids = id;
            }
        }
    }
}

/* Over all tables, where none counts the population. */
static void find_ids(struct guess *g)
{
    double most = 0;

    for (size_t k = 0; g->areas && k < g->n; k++)
        if (g->files[k].kind == DESCRIBED_TABLE)
            look_for_ids(g->areas, &g->files[k], &g->ids, &most);
}

struct found {
    const struct described_file *table;
    struct roles roles;
    double score;
};

/* The table that counts the population best in these areas (or NULL). Of
 * areas that fit equally the finer ones. */
static void find_population(struct guess *g, const struct described_file *areas,
                            struct found *best)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct described_file *f = &g->files[i];
        const struct described_column *ids = NULL;
        double most = 0, score;
        struct roles r;

        if (f->kind != DESCRIBED_TABLE || has_columns(f, "numerator") ||
            has_columns(f, "from to"))
            continue;
        if (areas)
            look_for_ids(areas, f, &ids, &most);
        r = roles_assign(f, ids, g->a);
        find_count(f, &r);
        score = population_score(f, &r, g->a);
        if (score <= 0 || score < best->score ||
            (score == best->score &&
             (!areas || !g->areas || areas->rows <= g->areas->rows)))
            continue;
        *best = (struct found){f, r, score};
        g->areas = areas;
        g->ids = ids;
    }
}

/* Which areas, and which table of their population. */
static void find_both(struct guess *g, struct found *best)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->files[i].kind == DESCRIBED_AREAS)
            find_population(g, &g->files[i], best);
    if (best->table)
        return;
    find_population(g, NULL, best);
    for (size_t i = 0; i < g->n; i++)
        if (g->files[i].kind == DESCRIBED_AREAS &&
            (!g->areas || g->files[i].rows > g->areas->rows))
            g->areas = &g->files[i];
    find_ids(g);
}

static void add_areas(struct guess *g)
{
    struct node *fields, *city;
    int name = -1;
    double best = 0;

    if (!g->areas)
        return;
    fields = node_set(add_resource(g, "areas", g->areas), "fields",
                      node_object(g->a));
    if (g->ids)
        node_set_text(fields, "id", g->ids->name);
    for (size_t i = 0; i < g->areas->n; i++) {
        const struct described_column *c = &g->areas->columns[i];
        double s = role_name_score(c->name, ROLE_NAME, g->a) +
                   (c != g->ids && !column_is_numbers(c) &&
                    c->values.n * 10 >= g->areas->rows * 9) +
                   0.5 * (!column_is_numbers(c) && has_small_letters(c));

        if (c != g->ids && s > best) {
            best = s;
            name = (int)i;
        }
    }
    if (name >= 0)
        node_set_text(fields, "name", g->areas->columns[name].name);
    if (isnan(g->areas->longitude))
        return;
    city = node_set(g->ours, "city", node_object(g->a));
    node_set_double(city, "longitude", round(g->areas->longitude * 1e4) / 1e4);
    node_set_double(city, "latitude", round(g->areas->latitude * 1e4) / 1e4);
}

/* The others are known by their columns. */
static void add_others(struct guess *g, const struct described_file *population)
{
    static const char *const rows[][2] = {
        {"outcomes", "indicator group numerator denominator period"},
        {"flows", "from to period count"},
        {"governance", "sector level role"},
        {"actors", "name type level"},
    };

    for (size_t i = 0; i < g->n; i++) {
        const struct described_file *f = &g->files[i];
        struct roles r;
        struct node *fields;
        bool known = false;

        if (f == population || f->kind != DESCRIBED_TABLE || !f->n)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(rows) && !known; k++) {
            known = has_columns(f, rows[k][1]);
            if (known)
                add_resource(g, rows[k][0], f);
        }
        if (known)
            continue;
        r = roles_assign(f, g->ids, g->a);
        if (r.column[ROLE_LONGITUDE] < 0 || r.column[ROLE_LATITUDE] < 0)
            continue;
        fields = node_set(add_resource(g, "services", f), "fields",
                          node_object(g->a));
        set_field(f, &r, ROLE_NAME, "name", fields);
        set_field(f, &r, ROLE_KIND, "kind", fields);
        set_field(f, &r, ROLE_LONGITUDE, "longitude", fields);
        set_field(f, &r, ROLE_LATITUDE, "latitude", fields);
    }
}

struct node *describe_guess(const struct described_file *files, size_t n,
                            struct arena *a)
{
    struct guess g = {.a = a, .files = files, .n = n};
    struct found population = {0};

    g.package = node_object(a);
    node_set_text(g.package, "profile", "city-migration-profile");
    g.ours = node_set(g.package, "passerelle", node_object(a));
    node_set_int(g.ours, "version", 1);
    g.resources = node_set(g.package, "resources", node_list(a));
    find_both(&g, &population);
    if (population.table)
        add_population(&g, population.table, &population.roles);
    add_areas(&g);
    add_others(&g, population.table);
    return g.package;
}
