/* What the columns of some tables are likely to be. */
#include "cli/describe.h"
#include "text/fold.h"
#include "text/lang.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- names ---- */

enum role {
    ROLE_PERIOD,
    ROLE_SEX,
    ROLE_AGE,
    ROLE_ORIGIN,
    ROLE_AREA,
    ROLE_COUNT,
    ROLE_LONGITUDE,
    ROLE_LATITUDE,
    ROLE_NAME,
    ROLE_KIND,
    ROLES_
};

/* Folded words; a column's name holds one of them, or is one of them. */
static const char *const words[ROLES_] = {
    [ROLE_PERIOD] =
        " period year date time jahr stichtag annee periode ano "
        "any data_referencia anno السنه سنه التاريخ الفتره ",
    [ROLE_SEX] =
        " sex gender sexe genre geschlecht sexo genere sesso الجنس "
        "النوع ",
    [ROLE_AGE] =
        " age alter edad edat eta alter_gruppe agegroup age_group "
        "tranche_age العمر السن ",
    [ROLE_ORIGIN] =
        " origin region origine nationality nationalite nationalitat "
        "nacionalidad nacionalitat citizenship country pays "
        "country_of_birth pays_de_naissance herkunft birthplace "
        "staatsangehorigkeit staatsangehoerigkeit land origen "
        "الاصل الجنسيه البلد بلد ",
    [ROLE_AREA] =
        " area zone district quartier quarter neighbourhood "
        "neighborhood commune arrondissement secteur section bezirk "
        "stadtteil ortsteil planungsraum barri barrio distrito "
        "sector codi_barri raumid sub_district الحي المنطقه حي "
        "منطقه المقاطعه ",
    [ROLE_COUNT] =
        " count n number persons people population residents "
        "effectif effectifs nombre habitants pop anzahl "
        "bevolkerung einwohner insgesamt valor poblacion poblacio "
        "nombre_habitants value total العدد عدد السكان ",
    [ROLE_LONGITUDE] = " longitude lon lng long x خط_الطول ",
    [ROLE_LATITUDE] = " latitude lat y خط_العرض ",
    [ROLE_NAME] =
        " name nom nombre_barrio bezeichnung nombre libelle label "
        "nom_barri titre title الاسم اسم ",
    [ROLE_KIND] =
        " kind type category categorie art categoria tipo typ "
        "النوع_الخدمه الفئه ",
};

static const char *folded(struct str s, struct arena *a)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 12};
    char *text;

    text_fold(s, &out);
    text = arena_strdup(a, buf_cstr(&out));
    for (char *p = text; *p; p++)
        if (*p == ' ' || *p == '-' || *p == '.' || *p == '/')
            *p = '_';
    return text;
}

/* 3: the name is one of the words; 2: it begins or ends with one; 0. */
static int name_score(const char *name, enum role role, struct arena *a)
{
    const char *f = folded(str_of(name), a), *p = words[role] + 1;
    size_t n = strlen(f);
    int best = 0;

    while (*p) {
        size_t m = strcspn(p, " ");

        if (m == n && strncmp(p, f, n) == 0)
            return 3;
        if (m >= 3 && n > m &&
            ((strncmp(p, f, m) == 0 && f[m] == '_') ||
             (strncmp(p, f + n - m, m) == 0 && f[n - m - 1] == '_')))
            best = 2;
        p += m + 1;
    }
    return best;
}

/* ---- values ---- */

static bool is_period(struct str s)
{
    if (s.n < 4 || s.n > 10 || (s.p[0] != '1' && s.p[0] != '2'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : !isdigit((unsigned char)s.p[i]))
            return false;
    return (s.n == 4 || s.n == 7 || s.n == 10) &&
           (strncmp(s.p, "19", 2) == 0 || strncmp(s.p, "20", 2) == 0);
}

bool describe_age(struct str text, char out[16])
{
    unsigned numbers[2] = {0, 0}, n = 0;
    bool open = false, words_ = false;

    for (size_t i = 0; i < text.n;) {
        if (isdigit((unsigned char)text.p[i])) {
            unsigned v = 0;

            for (; i < text.n && isdigit((unsigned char)text.p[i]); i++)
                v = MIN(v * 10 + (unsigned)(text.p[i] - '0'), 1000u);
            if (n == 2 || v > 130)
                return false;
            numbers[n++] = v;
            continue;
        }
        open |= text.p[i] == '+' || text.p[i] == '>';
        words_ |= isalpha((unsigned char)text.p[i]) ||
                  (unsigned char)text.p[i] >= 0x80;
        i++;
    }
    if (!n || (n == 2 && numbers[1] < numbers[0]))
        return false;
    open |= memmem(text.p, text.n, "plus", 4) ||
            memmem(text.p, text.n, "over", 4) ||
            memmem(text.p, text.n, "older", 5) ||
            memmem(text.p, text.n, "more", 4) ||
            memmem(text.p, text.n, "mehr", 4) ||
            memmem(text.p, text.n, "فأكثر", strlen("فأكثر")) ||
            memmem(text.p, text.n, "فما فوق", strlen("فما فوق"));
    if (n == 2)
        snprintf(out, 16, "%u-%u", numbers[0], numbers[1]);
    else
        snprintf(out, 16, open ? "%u+" : "%u", numbers[0]);
    return n == 2 || open || !words_ || text.n < 12;
}

const char *describe_sex(struct str text)
{
    static const char *const rows[][2] = {
        {"female",
         " f female females femme femmes feminin w weiblich frauen "
         "mujer mujeres dona dones woman women انثي اناث نساء "
         "femminile girls "},
        {"male",
         " m male males homme hommes masculin mannlich maennlich "
         "manner hombre hombres home homes man men ذكر ذكور رجال "
         "maschile boys h "},
        {"other", " other autre autres divers x diverse اخر "},
    };
    AUTO(arena) struct arena *a = arena_new(0);
    const char *wanted = arena_printf(a, " %s ", folded(str_trim(text), a));

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strstr(rows[i][1], wanted))
            return rows[i][0];
    return NULL;
}

static bool is_country(struct str s)
{
    AUTO(buf) struct buf name = {.ceiling = 4096};
    char code[4] = "";

    if (s.n < 2 || s.n > 3 || !isupper((unsigned char)s.p[0]) ||
        !isupper((unsigned char)s.p[1]))
        return false;
    memcpy(code, s.p, s.n);
    return lang_country(lang_find("en"), code, &name);
}

/* Share of the different values that are like that. */
static double share_of(const struct described_column *c,
                       bool (*like)(struct str s))
{
    size_t n = 0;

    for (size_t i = 0; i < c->values.n; i++)
        n += like(dict_text(&c->values, (uint32_t)i));
    return c->values.n ? (double)n / (double)c->values.n : 0;
}

static bool like_age(struct str s)
{
    char out[16];

    return describe_age(s, out);
}

static bool like_sex(struct str s)
{
    return describe_sex(s) != NULL;
}

static bool all_numbers(const struct described_column *c)
{
    return c->filled && c->numbers * 10 >= c->filled * 9;
}

/* Share of the column's values that are ids of the areas. */
static double share_in(const struct described_column *c,
                       const struct described_column *ids)
{
    size_t n = 0;

    for (size_t i = 0; i < c->values.n; i++)
        n += dict_find(&ids->values, dict_text(&c->values, (uint32_t)i)) !=
             DICT_NONE;
    return c->values.n ? (double)n / (double)c->values.n : 0;
}

/* How likely a column plays a role: by its name, by its values. */
static double role_score(const struct described_column *c, enum role role,
                         const struct described_column *ids, struct arena *a)
{
    double name = name_score(c->name, role, a);

    switch (role) {
    case ROLE_PERIOD:
        return c->many ? 0 : share_of(c, is_period) >= 0.9 ? name + 2 : 0;
    case ROLE_SEX:
        return c->values.n <= 6 && !c->many && share_of(c, like_sex) >= 0.6
                   ? name + 2
                   : name * (c->values.n <= 6 && !c->many);
    case ROLE_AGE:
        return c->many ? 0
                       : name + (name > 0 && share_of(c, like_age) >= 0.8) +
                             (share_of(c, like_age) >= 0.9 && !all_numbers(c));
    case ROLE_ORIGIN:
        return name +
               (share_of(c, is_country) >= 0.6 && c->values.n > 2 ? 2 : 0);
    case ROLE_AREA:
        return name / 2 + (ids && share_in(c, ids) >= 0.8 ? 4 : 0);
    case ROLE_COUNT:
    case ROLE_LONGITUDE:
    case ROLE_LATITUDE:
        return all_numbers(c) ? name + 0.5 : 0;
    default:
        return name;
    }
}

/* ---- tables ---- */

struct roles {
    int column[ROLES_]; /* -1: none */
    double score[ROLES_];
};

/* Each role takes the column that fits it best and is not taken; the surest
 * pairs first. */
static struct roles assign(const struct described_file *f,
                           const struct described_column *ids, struct arena *a)
{
    struct roles r;
    bool *taken = arena_array(a, bool, f->n + 1);

    for (int k = 0; k < ROLES_; k++)
        r.column[k] = -1;
    for (int round = 0; round < ROLES_; round++) {
        double best = 0.9;
        int role = -1, column = -1;

        for (int k = 0; k < ROLES_; k++) {
            for (size_t i = 0; i < f->n && r.column[k] < 0; i++) {
                double s =
                    taken[i] ? 0
                             : role_score(&f->columns[i], (enum role)k, ids, a);

                if (s > best) {
                    best = s;
                    role = k;
                    column = (int)i;
                }
            }
        }
        if (role < 0)
            break;
        r.column[role] = column;
        r.score[role] = best;
        taken[column] = true;
    }
    return r;
}

/* The last column of whole numbers that nothing else is. */
static void find_count(const struct described_file *f, struct roles *r)
{
    for (size_t i = f->n; i-- > 0 && r->column[ROLE_COUNT] < 0;) {
        bool taken = false;

        for (int k = 0; k < ROLES_; k++)
            taken |= r->column[k] == (int)i;
        if (!taken && all_numbers(&f->columns[i]))
            r->column[ROLE_COUNT] = (int)i;
    }
}

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

/* Columns named by countries: a column an origin. */
static size_t wide_columns(const struct described_file *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        n += is_country(str_of(f->columns[i].name)) &&
             all_numbers(&f->columns[i]);
    return n;
}

static double population_score(const struct described_file *f,
                               const struct roles *r)
{
    size_t wide = wide_columns(f);

    if (r->column[ROLE_LONGITUDE] >= 0 && r->column[ROLE_LATITUDE] >= 0)
        return 0;
    if (r->column[ROLE_ORIGIN] < 0 && wide < 4)
        return 0;
    return (r->column[ROLE_COUNT] >= 0) + r->score[ROLE_ORIGIN] +
           r->score[ROLE_AREA] + (r->column[ROLE_SEX] >= 0) +
           (r->column[ROLE_AGE] >= 0) + (double)(wide >= 4);
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

/* Names of all values that are written otherwise than we write them. */
static void set_codes(struct guess *g, const struct described_column *c,
                      bool age, const char *field, struct node *codes)
{
    struct node *map = node_object(g->a);

    for (size_t i = 0; i < c->values.n; i++) {
        struct str value = dict_text(&c->values, (uint32_t)i);
        char band[16];
        const char *ours = age ? (describe_age(value, band) ? band : NULL)
                               : describe_sex(value);

        if (ours && !str_is(value, ours))
            node_set_text(map, dict_cstr(&c->values, (uint32_t)i), ours);
    }
    if (node_len(map))
        node_set(codes, field, map);
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

static void set_wide(struct guess *g, const struct described_file *f,
                     struct node *ours)
{
    struct node *columns = node_object(g->a);

    for (size_t i = 0; i < f->n; i++)
        if (is_country(str_of(f->columns[i].name)) &&
            all_numbers(&f->columns[i]))
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
    bool wide = r->column[ROLE_ORIGIN] < 0;

    set_field(f, r, ROLE_AREA, "area", fields);
    if (!wide) {
        set_field(f, r, ROLE_ORIGIN, "origin", fields);
        set_field(f, r, ROLE_COUNT, "count", fields);
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
    if (wide)
        set_wide(g, f, ours);
}

static const struct described_file *find_population(struct guess *g,
                                                    struct roles *out)
{
    const struct described_file *best = NULL;
    double most = 0;

    for (size_t i = 0; i < g->n; i++) {
        const struct described_file *f = &g->files[i];
        struct roles r;
        double score;

        if (f->kind != DESCRIBED_TABLE || has_columns(f, "numerator") ||
            has_columns(f, "from to"))
            continue;
        r = assign(f, g->ids, g->a);
        find_count(f, &r);
        score = population_score(f, &r);
        if (score > most) {
            most = score;
            best = f;
            *out = r;
        }
    }
    return best;
}

/* The column of the areas whose values the other tables name most. */
static void find_ids(struct guess *g)
{
    double most = 0;

    for (size_t i = 0; g->areas && i < g->areas->n; i++) {
        const struct described_column *ids = &g->areas->columns[i];

        /* as many different values as areas */
        if (ids->values.n != g->areas->rows && !ids->many)
            continue;
        for (size_t k = 0; k < g->n; k++) {
            for (size_t c = 0; c < g->files[k].n; c++) {
                double s =
                    g->files[k].kind == DESCRIBED_TABLE
                        ? share_in(&g->files[k].columns[c], ids) *
                              MIN((double)g->files[k].columns[c].values.n,
                                  (double)ids->values.n)
                        : 0;

                if (s > most) {
                    most = s;
                    g->ids = ids;
                }
            }
        }
    }
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
        double s = name_score(c->name, ROLE_NAME, g->a) +
                   (c != g->ids && !all_numbers(c) &&
                    c->values.n * 10 >= g->areas->rows * 9);

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
        r = assign(f, g->ids, g->a);
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
    const struct described_file *population;
    struct roles r;

    g.package = node_object(a);
    node_set_text(g.package, "profile", "city-migration-profile");
    g.ours = node_set(g.package, "passerelle", node_object(a));
    node_set_int(g.ours, "version", 1);
    g.resources = node_set(g.package, "resources", node_list(a));
    for (size_t i = 0; i < n; i++)
        if (files[i].kind == DESCRIBED_AREAS &&
            (!g.areas || files[i].rows > g.areas->rows))
            g.areas = &files[i];
    find_ids(&g);
    population = find_population(&g, &r);
    if (population)
        add_population(&g, population, &r);
    add_areas(&g);
    add_others(&g, population);
    return g.package;
}
