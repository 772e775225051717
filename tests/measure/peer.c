#include "peer.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[4096];
static struct csv expected;

/* Tables last until the program ends, what a row needs until the next row. */
static struct arena *keep, *of_row;

static struct arena *row_arena(void)
{
    if (!of_row)
        of_row = arena_new(0);
    return of_row;
}

static char *whole_file(const char *path)
{
    struct str s;

    if (!keep)
        keep = arena_new(0);
    if (file_read(keep, path, (size_t)1 << 30, &s, NULL) != RC_OK)
        return NULL;
    return arena_str(keep, s);
}

/* One field, unquoted in place; *p moves past it and its separator. */
static char *csv_field(char **p, bool *line_ends)
{
    char *from = *p, *to = from, *s = from;
    bool quoted = *s == '"';

    if (quoted)
        s++;
    for (;; s++) {
        if (quoted && *s == '"') {
            if (s[1] != '"') {
                quoted = false;
                continue;
            }
            s++;
        } else if (!quoted && (*s == ',' || *s == '\n' || *s == '\0')) {
            break;
        } else if (!quoted && *s == '\r') {
            continue;
        }
        *to++ = *s;
    }
    *line_ends = *s != ',';
    *p = *s ? s + 1 : s;
    *to = '\0';
    return from;
}

static bool csv_read(const char *path, struct csv *t)
{
    char *p = whole_file(path);
    size_t n = 0, cap = 0, lines = 0;
    bool line_ends;

    *t = (struct csv){0};
    if (!p)
        return false;
    while (*p) {
        VEC_PUSH(keep, t->cell, n, cap) = csv_field(&p, &line_ends);
        if (!line_ends)
            continue;
        if (!lines++)
            t->columns = n;
        if (n != lines * t->columns)
            BUG("%s: line %zu has another number of fields", path, lines);
    }
    t->rows = lines - 1;
    return true;
}

size_t csv_column(const struct csv *t, const char *name)
{
    for (size_t c = 0; c < t->columns; c++)
        if (strcmp(t->cell[c], name) == 0)
            return c;
    BUG("no column %s", name);
}

const char *csv_text(const struct csv *t, size_t row, const char *column)
{
    REQUIRE(row < t->rows);
    return t->cell[(row + 1) * t->columns + csv_column(t, column)];
}

double csv_number(const struct csv *t, size_t row, const char *column)
{
    const char *text = csv_text(t, row, column);
    double v;

    if (!str_double(str_of(text), &v))
        BUG("'%s' in column %s is not a number", text, column);
    return v;
}

bool peer_open(void)
{
    const char *shared = getenv("PASSERELLE_SHARED");
    char path[4200];

    snprintf(root, sizeof root, "%s/cases/segregation",
             shared ? shared : PASSERELLE_SOURCE_ROOT "/../shared");
    snprintf(path, sizeof path, "%s/expected.csv", root);
    if (csv_read(path, &expected))
        return true;
    puts("1..0 # SKIP the published cases are not there (PASSERELLE_SHARED)");
    return false;
}

const struct csv *peer_input(const char *file)
{
    static struct {
        const char *file;
        struct csv table;
    } cache[16];
    char path[4200];
    size_t i = 0;

    while (i < ARRAY_LEN(cache) && cache[i].file &&
           strcmp(cache[i].file, file) != 0)
        i++;
    REQUIRE(i < ARRAY_LEN(cache));
    if (!cache[i].file) {
        snprintf(path, sizeof path, "%s/inputs/%s", root, file);
        if (!csv_read(path, &cache[i].table))
            BUG("cannot read %s", path);
        cache[i].file = arena_strdup(keep, file);
    }
    return &cache[i].table;
}

size_t peer_count(void)
{
    return expected.rows;
}

static bool is_one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(s, *list) == 0)
            return true;
    return false;
}

static enum peer_kind kind_of(const struct peer *p)
{
    static const char *const inference[] = {
        "simulate_null",         "dissimilarity_expected",
        "mutual_total_expected", "mutual_total(se=TRUE)",
        "mutual_local(se=TRUE)", NULL};
    static const char *const two[] = {
        "mutual_difference",        "ipf",
        "DecomposeSegregation",     "DecomposeSegregation.c_a",
        "DecomposeSegregation.c_s", NULL};
    static const char *const spatial[] = {"ISMorrill", "ISWong", "SP",
                                          "ACL",       "spseg",  NULL};

    if (is_one_of(p->peer, inference))
        return PEER_INFERENCE;
    if (is_one_of(p->peer, two))
        return PEER_TWO;
    if (is_one_of(p->peer, spatial) || strstr(p->dataset, "EPSG") ||
        strstr(p->dataset, "lon/lat"))
        return PEER_AREAS;
    return PEER_COUNTS;
}

struct peer peer_row(size_t i)
{
    struct peer p = {
        .name = csv_text(&expected, i, "case"),
        .program = csv_text(&expected, i, "program"),
        .index = csv_text(&expected, i, "index"),
        .peer = csv_text(&expected, i, "peer_name"),
        .dataset = csv_text(&expected, i, "dataset"),
        .params = csv_text(&expected, i, "params"),
        .expected = csv_number(&expected, i, "expected"),
        .tol = csv_number(&expected, i, "tol"),
    };

    p.exact = !strstr(p.params, "stochastic");
    p.kind = kind_of(&p);
    return p;
}

static const char *param_at(const struct peer *p, const char *key)
{
    char quoted[64];
    const char *at;

    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    at = strstr(p->params, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    at += strspn(at, " :");
    return at;
}

/* Copies the text or number at `at`; returns what follows it. */
static const char *param_copy(const char *at, char *out, size_t size)
{
    size_t n;

    if (*at == '"') {
        at++;
        n = strcspn(at, "\"");
    } else {
        n = strcspn(at, ",}] ");
    }
    REQUIRE(n < size);
    memcpy(out, at, n);
    out[n] = '\0';
    return at + n + (at[n] == '"');
}

bool param_text(const struct peer *p, const char *key, char *out, size_t size)
{
    const char *at = param_at(p, key);

    if (at)
        param_copy(at, out, size);
    return at != NULL;
}

bool param_number(const struct peer *p, const char *key, double *out)
{
    char text[64];

    return param_text(p, key, text, sizeof text) &&
           str_double(str_of(text), out);
}

size_t param_list(const struct peer *p, const char *key, char out[][32],
                  size_t most)
{
    const char *at = param_at(p, key);
    size_t n = 0;

    if (!at || *at != '[')
        return 0;
    at++;
    while (at[strspn(at, " ,")] != ']') {
        at += strspn(at, " ,");
        REQUIRE(n < most);
        at = param_copy(at, out[n++], 32);
    }
    return n;
}

static size_t intern(const char **names, size_t *n, const char *name)
{
    /* Tables come sorted by unit: the last name is the likely one. */
    for (size_t i = *n; i-- > 0;)
        if (strcmp(names[i], name) == 0)
            return i;
    names[(*n)++] = arena_strdup(row_arena(), name);
    return *n - 1;
}

struct matrix matrix_long(const struct csv *t, const char *const *unit,
                          size_t unit_columns, const char *group,
                          const char *count)
{
    struct matrix m = {
        .unit = arena_alloc(row_arena(), (t->rows) * sizeof *m.unit),
        .group = arena_alloc(row_arena(), (t->rows) * sizeof *m.group)};
    size_t *u = arena_alloc(row_arena(), (t->rows) * sizeof *u);
    size_t *g = arena_alloc(row_arena(), (t->rows) * sizeof *g);

    for (size_t i = 0; i < t->rows; i++) {
        char key[256] = "";
        size_t at = 0;

        for (size_t k = 0; k < unit_columns; k++)
            at += (size_t)snprintf(key + at, sizeof key - at, "%s|",
                                   csv_text(t, i, unit[k]));
        u[i] = intern(m.unit, &m.c.units, key);
        g[i] = intern(m.group, &m.c.groups, csv_text(t, i, group));
    }
    m.n = arena_alloc(row_arena(), (m.c.units * m.c.groups) * sizeof *m.n);
    for (size_t i = 0; i < t->rows; i++)
        m.n[u[i] * m.c.groups + g[i]] += csv_number(t, i, count);
    m.c.n = m.n;
    return m;
}

size_t matrix_group(const struct matrix *m, const char *name)
{
    for (size_t g = 0; g < m->c.groups; g++)
        if (strcmp(m->group[g], name) == 0)
            return g;
    BUG("no group %s", name);
}

/* Wide tables: columns `group`, and `total` less the group where given. */
static struct matrix wide(const struct csv *t, char name[][32], size_t n,
                          const char *total)
{
    struct matrix m = {.c = {.units = t->rows, .groups = n + (total != NULL)}};

    m.n = arena_alloc(row_arena(), (t->rows * m.c.groups) * sizeof *m.n);
    m.group = arena_alloc(row_arena(), (m.c.groups) * sizeof *m.group);
    for (size_t g = 0; g < n; g++)
        m.group[g] = arena_strdup(row_arena(), name[g]);
    if (total)
        m.group[n] = "rest";
    for (size_t i = 0; i < t->rows; i++) {
        double *row = m.n + i * m.c.groups;

        for (size_t g = 0; g < n; g++)
            row[g] = csv_number(t, i, name[g]);
        if (total)
            row[n] = csv_number(t, i, total) - row[0];
    }
    m.c.n = m.n;
    return m;
}

static struct matrix toy(const struct peer *p)
{
    static const char *const u[] = {"u"}, *const unit[] = {"unit"};
    static const char *const g[] = {"g"};
    char file[64], name[32] = "";

    snprintf(file, sizeof file, "%s.csv", p->dataset);
    if (strcmp(p->dataset, "toy_zero_weights") == 0)
        return matrix_long(peer_input(file), g, 1, "u", "n");
    if (strcmp(p->dataset, "toy_expected") == 0)
        return matrix_long(peer_input(file), u, 1, "g", "n");
    param_text(p, "unit", name, sizeof name);
    REQUIRE(strcmp(name, "unit") == 0);
    return matrix_long(peer_input(file), unit, 1, "group", "n");
}

/* "inline 2x2 n=10,0,0,10" or "inline: n=10,30". */
static struct matrix inline_counts(const struct peer *p)
{
    const char *at = strstr(p->dataset, "n=");
    struct matrix m = {.n = arena_alloc(row_arena(), (16) * sizeof *m.n)};
    size_t n = 0;

    REQUIRE(at);
    for (at += 2; *at; at += *at == ',') {
        char text[32];

        at = param_copy(at, text, sizeof text);
        REQUIRE(n < 16 && str_double(str_of(text), &m.n[n]));
        n++;
    }
    m.c = (struct counts){n / 2, 2, m.n};
    return m;
}

static struct matrix schools(const struct peer *p)
{
    static const char *const of[][1] = {{"state"}, {"district"}, {"school"}};
    char unit[32] = "school", file[32];
    size_t k = 0;

    /* For local segregation the program swaps the names. */
    if (!param_text(p, "unit", unit, sizeof unit) || strcmp(unit, "race") == 0)
        snprintf(unit, sizeof unit, "school");
    while (strcmp(of[k][0], unit) != 0)
        REQUIRE(++k < ARRAY_LEN(of));
    snprintf(file, sizeof file, "%s.csv", p->dataset);
    return matrix_long(peer_input(file), of[k], 1, "race", "n");
}

static const char *const all_groups[] = {"WHITE", "BLACK", "ASIAN", "HISP"};

struct matrix peer_matrix(const struct peer *p)
{
    char name[8][32], total[32] = "TOT_POP";
    const struct csv *t;
    size_t n;

    if (strncmp(p->dataset, "toy_", 4) == 0)
        return toy(p);
    if (strncmp(p->dataset, "inline", 6) == 0)
        return inline_counts(p);
    if (strncmp(p->dataset, "schools", 7) == 0)
        return schools(p);
    if (strncmp(p->dataset, "grid10 pattern ", 15) == 0) {
        snprintf(name[0], sizeof name[0], "%c1", p->dataset[15]);
        snprintf(name[1], sizeof name[1], "%c2", p->dataset[15]);
        return wide(peer_input("grid10_morrill_wong.csv"), name, 2, NULL);
    }
    REQUIRE(strncmp(p->dataset, "sacramento", 10) == 0);
    t = peer_input("sacramento.csv");
    if (param_text(p, "group", name[0], sizeof name[0])) {
        param_text(p, "total", total, sizeof total);
        return wide(t, name, 1, total);
    }
    n = param_list(p, "groups", name, ARRAY_LEN(name));
    if (!n)
        for (; n < ARRAY_LEN(all_groups); n++)
            snprintf(name[n], sizeof name[n], "%s", all_groups[n]);
    return wide(t, name, n, NULL);
}

/* Whether a value is near enough; says so where it is not. */
static bool holds(const struct peer *p, double got, double own)
{
    if (fabs(got - p->expected) <= p->tol + own)
        return true;
    printf(
        "# differs: %s %s | %s | %s | %s: %.17g, expected %.17g, "
        "off %.3g, tolerance %.3g and %.3g of our own\n",
        p->name, p->program, p->index, p->dataset, p->params, got, p->expected,
        fabs(got - p->expected), p->tol, own);
    return false;
}

static int
compare(enum peer_kind kind, bool (*value)(const struct peer *p, double *out),
        bool (*drawn)(const struct peer *p, double *out, double *own))
{
    int compared = 0, wrong = 0, unknown = 0;

    for (size_t i = 0; i < peer_count(); i++) {
        struct peer p = peer_row(i);
        double got = NAN, own = 0;

        if (p.kind != kind)
            continue;
        arena_free(of_row);
        of_row = NULL;
        if (!(value ? value(&p, &got) : drawn(&p, &got, &own))) {
            unknown++;
            printf("# not mapped: %s %s | %s | %s | %s | %s\n", p.name,
                   p.program, p.peer, p.index, p.dataset, p.params);
            continue;
        }
        compared++;
        wrong += !holds(&p, got, own);
    }
    printf("# %d rows compared, %d of them differ; %d not mapped\n", compared,
           wrong, unknown);
    return compared ? wrong + unknown : 1;
}

int peer_compare(enum peer_kind kind,
                 bool (*value)(const struct peer *p, double *out))
{
    return compare(kind, value, NULL);
}

int peer_compare_drawn(enum peer_kind kind,
                       bool (*value)(const struct peer *p, double *out,
                                     double *own))
{
    return compare(kind, NULL, value);
}
