#include "web/package_form.h"

enum { CODES_MOST = 120 };

/* ---- what there is to fill in ---- */

enum input { INPUT_TEXT, INPUT_NUMBER, INPUT_LIST, INPUT_BASIS };

static const struct general {
    const char *path, *label, *hint;
    enum input input;
    const char *lang; /* of the text, or NULL */
} general[] = {
    {"title", N_("Title"), N_("What the data are: city, basis, areas, years."),
     INPUT_TEXT, NULL},
    {"passerelle.city.name.en", N_("Name of the city in English"), "",
     INPUT_TEXT, "en"},
    {"passerelle.city.name.fr", N_("Name of the city in French"), "",
     INPUT_TEXT, "fr"},
    {"passerelle.city.name.ar", N_("Name of the city in Arabic"), "",
     INPUT_TEXT, "ar"},
    {"passerelle.city.country", N_("Country"),
     N_("Two letters of ISO 3166: MA, TN, FR."), INPUT_TEXT, NULL},
    {"passerelle.city.longitude", N_("Longitude of the centre"),
     N_("In degrees, east of Greenwich: -6.8326."), INPUT_NUMBER, NULL},
    {"passerelle.city.latitude", N_("Latitude of the centre"),
     N_("In degrees, north of the equator: 34.0209."), INPUT_NUMBER, NULL},
    {"passerelle.period", N_("Period"),
     N_("As the table writes it: 2024, 2024-02, 2024-01-01."), INPUT_TEXT,
     NULL},
    {"passerelle.compare", N_("Earlier period to compare with"),
     N_("Empty: none."), INPUT_TEXT, NULL},
    {"passerelle.basis", N_("What origin means"), "", INPUT_BASIS, NULL},
    {"passerelle.majority", N_("Origins that are not migrants"),
     N_("Codes as in the table, with commas between: MA."), INPUT_LIST, NULL},
    {"licenses.0.name", N_("Licence"),
     N_("Its short name: CC-BY-4.0, ODbL-1.0."), INPUT_TEXT, NULL},
    {"sources.0.title", N_("Source"),
     N_("The office that counted, and the name of its table."), INPUT_TEXT,
     NULL},
    {"sources.0.path", N_("Address of the source"),
     N_("https://..., if it is published."), INPUT_TEXT, NULL},
    {"passerelle.protection.below", N_("Counts under this number are withheld"),
     N_("Empty: 5."), INPUT_NUMBER, NULL},
};

static const struct {
    const char *code, *label;
} bases[] = {
    {"country-of-birth", N_("Country of birth")},
    {"citizenship", N_("Citizenship")},
    {"migration-background", N_("Migration background")},
};

enum { FIELDS_MOST = 12 };
static const struct resource_form {
    const char *name, *label;
    bool needed;
    struct {
        const char *name, *label;
        bool needed, coded; /* coded: what its values mean is asked */
    } fields[FIELDS_MOST];
} resources[] = {
    {"population",
     N_("Population"),
     true,
     {{"area", N_("Area"), true, false},
      {"origin", N_("Origin"), true, true},
      {"count", N_("Count"), true, false},
      {"sex", N_("Sex"), false, true},
      {"age", N_("Age"), false, true},
      {"period", N_("Period"), false, false}}},
    {"areas",
     N_("Areas"),
     true,
     {{"id", N_("Identifier"), true, false},
      {"name", N_("Name"), true, false},
      {"parent", N_("District"), false, false}}},
    {"services",
     N_("Services"),
     false,
     {{"name", N_("Name"), true, false},
      {"kind", N_("Kind"), true, false},
      {"longitude", N_("Longitude"), true, false},
      {"latitude", N_("Latitude"), true, false},
      {"id", N_("Identifier"), false, false},
      {"capacity", N_("Capacity"), false, false},
      {"languages", N_("Languages"), false, false},
      {"hours", N_("Opening hours"), false, false},
      {"for_whom", N_("For whom"), false, false},
      {"organisation", N_("Organisation"), false, false},
      {"url", N_("Website"), false, false}}},
    {"outcomes",
     N_("Outcomes"),
     false,
     {{"indicator", N_("Indicator"), true, false},
      {"group", N_("Group"), true, false},
      {"numerator", N_("Numerator"), true, false},
      {"denominator", N_("Denominator"), true, false},
      {"period", N_("Period"), true, false},
      {"area", N_("Area"), false, false},
      {"sex", N_("Sex"), false, true},
      {"age", N_("Age"), false, true}}},
    {"flows",
     N_("Moves"),
     false,
     {{"from", N_("From"), true, false},
      {"to", N_("To"), true, false},
      {"period", N_("Period"), true, false},
      {"count", N_("Count"), true, false}}},
    {"governance",
     N_("Who governs what"),
     false,
     {{"sector", N_("Sector"), true, false},
      {"level", N_("Level"), true, false},
      {"role", N_("Role"), true, false},
      {"law", N_("Law"), false, false}}},
    {"actors",
     N_("Actors"),
     false,
     {{"name", N_("Name"), true, false},
      {"type", N_("Type"), true, false},
      {"level", N_("Level"), true, false},
      {"competences", N_("Competences"), false, false}}},
};

/* ---- paths ---- */

static struct str step_of(const char **path)
{
    size_t n = strcspn(*path, ".");
    struct str step = {*path, n};

    *path += n + ((*path)[n] == '.');
    return step;
}

static struct node *step_into(const struct node *n, struct str step)
{
    int64_t i;

    if (!n)
        return NULL;
    if (n->kind == NODE_LIST)
        return str_i64(step, &i) && i >= 0 && (size_t)i < node_len(n)
                   ? node_at(n, (size_t)i)
                   : NULL;
    for (size_t k = 0; k < node_len(n); k++)
        if (str_eq(node_key(n, k), step))
            return node_at(n, k);
    return NULL;
}

static struct node *find(const struct node *n, const char *path)
{
    struct node *at = (struct node *)n;

    while (*path && at)
        at = step_into(at, step_of(&path));
    return at;
}

/* The object or list under `step`, made when it is not there; a list where the
 * step after it is a number. */
static struct node *make_into(struct node *n, struct str step, const char *next)
{
    struct node *there = step_into(n, step);
    bool list = *next >= '0' && *next <= '9';

    if (there && there->kind == (list ? NODE_LIST : NODE_OBJECT))
        return there;
    there = list ? node_list(n->arena) : node_object(n->arena);
    if (n->kind == NODE_LIST)
        return node_push(n, there);
    return node_set(n, arena_str(n->arena, step), there);
}

static void set_node(struct node *package, const char *path, struct node *v)
{
    struct node *at = package;
    struct str step = step_of(&path);

    for (; *path; step = step_of(&path)) {
        if (!v && !step_into(at, step))
            return;
        at = make_into(at, step, path);
    }
    if (at->kind != NODE_OBJECT)
        return;
    if (v)
        node_set(at, arena_str(at->arena, step), v);
    else
        node_remove(at, arena_str(at->arena, step));
}

void package_set(struct node *package, const char *path, struct str value)
{
    set_node(package, path, value.n ? node_str(package->arena, value) : NULL);
}

static struct node *resource_of(const struct node *package, const char *name)
{
    const struct node *list = node_get(package, "resources");

    for (size_t i = 0; i < node_len(list); i++)
        if (strcmp(node_cstr(node_get(node_at(list, i), "name"), ""), name) ==
            0)
            return node_at(list, i);
    return NULL;
}

/* ---- shown ---- */

/* A text, a number or a list of texts, as one writes it. */
static const char *written(const struct node *n, struct arena *a)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    if (!n || n->kind == NODE_OBJECT || n->kind == NODE_NULL)
        return "";
    if (n->kind == NODE_TEXT)
        return arena_str(a, n->text);
    if (n->kind != NODE_LIST) {
        node_write(n, false, &text);
        return arena_strdup(a, buf_cstr(&text));
    }
    for (size_t i = 0; i < node_len(n); i++)
        buf_fmt(&text, "%s%s", i ? ", " : "", written(node_at(n, i), a));
    return arena_strdup(a, buf_cstr(&text));
}

static void show_bases(const struct request *r, const struct node *value,
                       struct node *item)
{
    struct node *list = node_set(item, "options", node_list(r->arena));
    const char *code = node_cstr(value, "");

    for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
        struct node *o = node_push(list, node_object(r->arena));

        node_set_text(o, "code", bases[i].code);
        node_set_text(o, "label", lang_text(r->lang, bases[i].label));
        node_set_bool(o, "selected", strcmp(bases[i].code, code) == 0);
    }
    if (value && value->kind == NODE_OBJECT) { /* a text of the city's own */
        struct node *o = node_push(list, node_object(r->arena));

        node_set_text(o, "code", "own");
        node_set_text(o, "label", written(node_at(value, 0), r->arena));
        node_set_bool(o, "selected", true);
    }
}

static void show_general(const struct request *r, const struct node *package,
                         struct node *doc)
{
    struct node *list = node_set(doc, "general", node_list(r->arena));

    for (size_t i = 0; i < ARRAY_LEN(general); i++) {
        const struct general *g = &general[i];
        const struct node *value = find(package, g->path);
        struct node *item = node_push(list, node_object(r->arena));

        node_set_text(item, "name", g->path);
        node_set_text(item, "label", lang_text(r->lang, g->label));
        if (g->hint[0])
            node_set_text(item, "hint", lang_text(r->lang, g->hint));
        node_set_text(item, "value", written(value, r->arena));
        node_set_bool(item, "number", g->input == INPUT_NUMBER);
        if (g->lang) {
            node_set_text(item, "lang", g->lang);
            node_set_text(item, "dir",
                          lang_rtl(lang_find(g->lang)) ? "rtl" : "ltr");
        }
        node_set_bool(item, "select", g->input == INPUT_BASIS);
        if (g->input == INPUT_BASIS)
            show_bases(r, value, item);
    }
}

static const struct node *described_file(const struct node *described,
                                         const char *name)
{
    const struct node *files = node_get(described, "files");

    for (size_t i = 0; i < node_len(files); i++)
        if (strcmp(node_cstr(node_get(node_at(files, i), "name"), ""), name) ==
            0)
            return node_at(files, i);
    return NULL;
}

static void show_files(const struct request *r, const struct node *described,
                       const char *path, struct node *item)
{
    const struct node *files = node_get(described, "files");
    struct node *list = node_set(item, "files", node_list(r->arena));
    bool found = false;

    for (size_t i = 0; i < node_len(files); i++) {
        const char *name = node_cstr(node_get(node_at(files, i), "name"), "");
        struct node *o = node_push(list, node_object(r->arena));

        node_set_text(o, "name", name);
        node_set_bool(o, "selected", strcmp(name, path) == 0);
        found |= strcmp(name, path) == 0;
    }
    if (found || !path[0])
        return;
    item = node_push(list, node_object(r->arena)); /* not read yet, or gone */
    node_set_text(item, "name", path);
    node_set_bool(item, "selected", true);
}

static void show_columns(const struct request *r, const struct node *file,
                         const char *column, struct node *item)
{
    const struct node *columns = node_get(file, "columns");
    struct node *list = node_set(item, "columns", node_list(r->arena));
    bool found = false;

    for (size_t i = 0; i < node_len(columns); i++) {
        const struct node *c = node_at(columns, i);
        const char *name = node_cstr(node_get(c, "name"), "");
        const struct node *samples = node_get(c, "values");
        struct node *o = node_push(list, node_object(r->arena));
        AUTO(buf) struct buf some = {.ceiling = 1 << 12};

        for (size_t k = 0; k < node_len(samples) && k < 3; k++)
            buf_fmt(&some, "%s%s", k ? ", " : "",
                    node_cstr(node_at(samples, k), ""));
        node_set_text(o, "name", name);
        node_set_text(o, "samples", buf_cstr(&some));
        node_set_bool(o, "selected", strcmp(name, column) == 0);
        found |= strcmp(name, column) == 0;
    }
    if (found || !column[0])
        return;
    item = node_push(list, node_object(r->arena));
    node_set_text(item, "name", column);
    node_set_bool(item, "selected", true);
}

static const struct node *values_of(const struct node *file, const char *column)
{
    const struct node *columns = node_get(file, "columns");

    for (size_t i = 0; i < node_len(columns); i++)
        if (strcmp(node_cstr(node_get(node_at(columns, i), "name"), ""),
                   column) == 0)
            return node_get(node_at(columns, i), "values");
    return NULL;
}

/* Upper case alone: "de" in a table is a word, "DE" a country. */
static bool is_country(const struct request *r, const char *code)
{
    AUTO(buf) struct buf name = {.ceiling = 4096};

    return code[0] >= 'A' && code[0] <= 'Z' &&
           lang_country(r->lang, code, &name);
}

/* "20-24", "80+", "7": an age as we write it. */
static bool own_age(const char *value)
{
    size_t n = strspn(value, "0123456789");
    const char *rest = value + n;

    if (!n)
        return false;
    if (*rest == '-')
        return rest[1] && !rest[1 + strspn(rest + 1, "0123456789")];
    return !*rest || strcmp(rest, "+") == 0;
}

/* A value that needs no word of what it means. */
static bool plain_value(const struct request *r, const char *field,
                        const char *value)
{
    if (strcmp(field, "origin") == 0)
        return is_country(r, value);
    if (strcmp(field, "age") == 0)
        return own_age(value);
    return strcmp(value, "female") == 0 || strcmp(value, "male") == 0 ||
           strcmp(value, "other") == 0;
}

struct codes {
    const struct request *r;
    const struct node *package, *map; /* map: file's value -> ours */
    const char *field;
    struct node *rows;
};

static void show_code(const struct codes *c, const char *value)
{
    const char *mapped = node_cstr(node_get(c->map, value), "");
    bool origin = strcmp(c->field, "origin") == 0;
    const char *code = mapped[0] ? mapped : value;
    const struct node *names =
        node_get(find(c->package, "passerelle.origins"), code);
    struct node *row;

    if (node_len(c->rows) == CODES_MOST ||
        (!mapped[0] && plain_value(c->r, c->field, value)))
        return;
    row = node_push(c->rows, node_object(c->r->arena));
    node_set_int(row, "index", (int64_t)node_len(c->rows) - 1);
    node_set_text(row, "text", value);
    node_set_text(row, "value", mapped);
    if (!origin)
        return;
    node_set_text(row, "code", code);
    node_set_text(row, "en", node_cstr(node_get(names, "en"), ""));
    node_set_text(row, "fr", node_cstr(node_get(names, "fr"), ""));
    node_set_text(row, "ar", node_cstr(node_get(names, "ar"), ""));
}

static void show_codes(const struct request *r, const struct node *package,
                       const struct node *resource, const char *field,
                       const struct node *values, struct node *item)
{
    const struct node *all =
        node_get(node_get(resource, "passerelle"), "codes");
    struct codes c = {r, package, node_get(all, field), field,
                      node_list(r->arena)};

    for (size_t i = 0; i < node_len(values); i++)
        show_code(&c, node_cstr(node_at(values, i), ""));
    /* what is mapped and was not among the values that were looked at */
    for (size_t i = 0; i < node_len(c.map); i++) {
        const char *key = arena_str(r->arena, node_key(c.map, i));
        bool there = false;

        for (size_t k = 0; k < node_len(values) && !there; k++)
            there = strcmp(node_cstr(node_at(values, k), ""), key) == 0;
        if (!there)
            show_code(&c, key);
    }
    if (!node_len(c.rows))
        return;
    item = node_set(item, "codes", node_object(r->arena));
    node_set(item, "rows", c.rows);
    node_set_bool(item, "sex", strcmp(field, "sex") == 0);
    node_set_bool(item, "age", strcmp(field, "age") == 0);
    node_set_bool(item, "origin", strcmp(field, "origin") == 0);
}

static void show_fields(const struct request *r, const struct resource_form *f,
                        const struct node *package, const struct node *resource,
                        const struct node *file, struct node *section)
{
    const struct node *mapped =
        node_get(node_get(resource, "passerelle"), "fields");
    struct node *list = node_set(section, "fields", node_list(r->arena));

    for (size_t i = 0; i < FIELDS_MOST && f->fields[i].name; i++) {
        const char *name = f->fields[i].name;
        /* a column of our own name needs no mapping */
        const char *column = node_cstr(node_get(mapped, name),
                                       values_of(file, name) ? name : "");
        struct node *item = node_push(list, node_object(r->arena));

        node_set_text(item, "section", f->name);
        node_set_text(item, "name", name);
        node_set_text(item, "label", lang_text(r->lang, f->fields[i].label));
        node_set_bool(item, "needed", f->fields[i].needed);
        show_columns(r, file, column, item);
        if (f->fields[i].coded && column[0])
            show_codes(r, package, resource, name, values_of(file, column),
                       item);
    }
}

static void show_resource(const struct request *r,
                          const struct resource_form *f,
                          const struct node *package,
                          const struct node *described, struct node *list)
{
    const struct node *resource = resource_of(package, f->name);
    const char *path = node_cstr(node_get(resource, "path"), "");
    const struct node *ours = node_get(resource, "passerelle");
    const struct node *file = described_file(described, path);
    struct node *section = node_push(list, node_object(r->arena));

    node_set_text(section, "name", f->name);
    node_set_text(section, "label", lang_text(r->lang, f->label));
    node_set_bool(section, "needed", f->needed);
    node_set_bool(section, "used", path[0] != '\0');
    node_set_bool(section, "open", f->needed || path[0]);
    node_set_bool(section, "wide",
                  strcmp(node_cstr(node_get(ours, "layout"), ""), "wide") == 0);
    node_set_text(section, "missing",
                  written(node_get(ours, "missing"), r->arena));
    node_set_text(section, "suppressed",
                  written(node_get(ours, "suppressed"), r->arena));
    show_files(r, described, path, section);
    if (path[0])
        show_fields(r, f, package, resource, file, section);
}

void package_form_show(const struct request *r, const struct node *package,
                       const struct node *described, struct node *doc)
{
    struct node *list = node_set(doc, "sections", node_list(r->arena));

    show_general(r, package, doc);
    for (size_t i = 0; i < ARRAY_LEN(resources); i++)
        show_resource(r, &resources[i], package, described, list);
}

/* ---- taken ---- */

static struct str given(const struct request *r, const char *name)
{
    return str_trim(request_form(r, name));
}

static struct node *list_of(struct str text, struct arena *a)
{
    struct node *list = node_list(a);

    while (text.n) {
        const char *comma = memchr(text.p, ',', text.n);
        struct str item = {text.p, comma ? (size_t)(comma - text.p) : text.n};

        text.p += item.n + (comma != NULL);
        text.n -= item.n + (comma != NULL);
        item = str_trim(item);
        if (item.n)
            node_push(list, node_str(a, item));
    }
    return list;
}

static void take_general(const struct request *r, struct node *package,
                         const struct general *g)
{
    struct str text = given(r, g->path);
    double number;

    /* what was not in the form, or is a text of the city's own, stays */
    if (!pairs_has(&r->form, g->path) ||
        (g->input == INPUT_BASIS && str_is(text, "own")))
        return;
    if (g->input == INPUT_LIST && text.n)
        set_node(package, g->path, list_of(text, package->arena));
    else if (g->input == INPUT_NUMBER && str_double(text, &number))
        set_node(package, g->path,
                 number == (double)(int64_t)number
                     ? node_int(package->arena, (int64_t)number)
                     : node_double(package->arena, number));
    else
        package_set(package, g->path, text);
}

/* A threshold alone is no rule; and a rule that was there keeps its kind. */
static void settle_protection(struct node *package)
{
    struct node *p = find(package, "passerelle.protection");

    if (!p || p->kind != NODE_OBJECT)
        return;
    if (!node_get(p, "below") && !node_get(p, "method"))
        node_remove(find(package, "passerelle"), "protection");
    else if (node_get(p, "below") && !node_get(p, "method")) {
        node_set_text(p, "method", "suppress");
        node_set_bool(p, "secondary", true);
    }
}

static void take_code(const struct request *r, struct node *package,
                      const char *prefix, bool origin, struct node *map)
{
    static const char *const langs[] = {"en", "fr", "ar"};
    struct str text =
        request_form(r, arena_printf(r->arena, "%s.text", prefix));
    struct str value = given(r, arena_printf(r->arena, "%s.value", prefix));
    const char *key = arena_str(r->arena, text);

    if (value.n && !str_eq(value, text))
        node_set(map, key, node_str(package->arena, value));
    if (!origin)
        return;
    if (value.n)
        key = arena_str(r->arena, value);
    for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
        struct str name =
            given(r, arena_printf(r->arena, "%s.%s", prefix, langs[i]));
        struct node *origins, *names;

        if (!name.n)
            continue;
        origins = make_into(make_into(package, STR("passerelle"), ""),
                            STR("origins"), "");
        names = node_get(origins, key);
        if (!names || names->kind != NODE_OBJECT)
            names = node_set(origins, key, node_object(package->arena));
        node_set(names, langs[i], node_str(package->arena, name));
    }
}

static void take_codes(const struct request *r, struct node *package,
                       struct node *ours, const char *resource,
                       const char *field)
{
    const char *prefix = arena_printf(r->arena, "r.%s.c.%s", resource, field);
    struct node *map = node_object(package->arena), *codes;

    /* a form that did not show them changes nothing */
    if (!pairs_has(&r->form, arena_printf(r->arena, "%s.0.text", prefix)))
        return;
    for (int i = 0; i < CODES_MOST; i++) {
        const char *one = arena_printf(r->arena, "%s.%d", prefix, i);

        if (!pairs_has(&r->form, arena_printf(r->arena, "%s.text", one)))
            break;
        take_code(r, package, one, strcmp(field, "origin") == 0, map);
    }
    codes = make_into(ours, STR("codes"), "");
    if (node_len(map))
        node_set(codes, field, map);
    else
        node_remove(codes, field);
    if (!node_len(codes))
        node_remove(ours, "codes");
}

static void take_fields(const struct request *r, struct node *package,
                        const struct resource_form *f, struct node *ours)
{
    struct node *fields = node_object(package->arena);

    for (size_t i = 0; i < FIELDS_MOST && f->fields[i].name; i++) {
        const char *name = f->fields[i].name;
        struct str column =
            given(r, arena_printf(r->arena, "r.%s.f.%s", f->name, name));

        if (column.n)
            node_set(fields, name, node_str(package->arena, column));
        if (column.n && f->fields[i].coded)
            take_codes(r, package, ours, f->name, name);
    }
    if (node_len(fields))
        node_set(ours, "fields", fields);
}

static void take_words(const struct request *r, struct node *ours,
                       const char *resource, const char *key)
{
    const char *name = arena_printf(r->arena, "r.%s.%s", resource, key);
    struct str text = given(r, name);

    if (!pairs_has(&r->form, name))
        return;
    if (text.n)
        node_set(ours, key, list_of(text, ours->arena));
    else
        node_remove(ours, key);
}

static void remove_resource(struct node *package, const char *name)
{
    const struct node *old = node_get(package, "resources");
    struct node *list = node_list(package->arena);

    for (size_t i = 0; i < node_len(old); i++)
        if (strcmp(node_cstr(node_get(node_at(old, i), "name"), ""), name) != 0)
            node_push(list, node_at(old, i));
    node_set(package, "resources", list);
}

static void take_resource(const struct request *r, struct node *package,
                          const struct resource_form *f)
{
    const char *name = arena_printf(r->arena, "r.%s.path", f->name);
    struct str path = given(r, name);
    struct node *resource = resource_of(package, f->name), *ours;
    bool other;

    if (!pairs_has(&r->form, name))
        return;
    if (!path.n) {
        remove_resource(package, f->name);
        return;
    }
    if (!resource) {
        resource = node_push(make_into(package, STR("resources"), "0"),
                             node_object(package->arena));
        node_set_text(resource, "name", f->name);
    }
    other = !str_is(path, node_cstr(node_get(resource, "path"), ""));
    node_set(resource, "path", node_str(package->arena, path));
    ours = make_into(resource, STR("passerelle"), "");
    take_fields(r, package, f, ours);
    take_words(r, ours, f->name, "missing");
    take_words(r, ours, f->name, "suppressed");
    if (other && !node_len(ours))
        node_remove(resource, "passerelle");
}

void package_form_take(const struct request *r, struct node *package)
{
    for (size_t i = 0; i < ARRAY_LEN(general); i++)
        take_general(r, package, &general[i]);
    settle_protection(package);
    for (size_t i = 0; i < ARRAY_LEN(resources); i++)
        take_resource(r, package, &resources[i]);
}
