#include "intake/descriptor.h"

#include "intake/descriptor_read.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>

static const char *const root_keys[] = {
    "profile",  "name",    "id",           "title",     "description",
    "homepage", "version", "created",      "keywords",  "image",
    "licenses", "sources", "contributors", "resources", "passerelle",
    "$schema",  NULL};
static const char *const our_keys[] = {
    "version", "city",       "period",    "compare",
    "basis",   "majority",   "origins",   "origin_levels",
    "crs",     "protection", "languages", "fictional",
    NULL};
static const char *const city_keys[] = {"name", "country", "longitude",
                                        "latitude", NULL};
static const char *const protection_keys[] = {
    "method", "maximum",   "variance", "never", "secret",
    "below",  "secondary", "why",      NULL};
static const char *const methods[] = {"none", "suppress", "cell-key", NULL};
static const char *const bases[] = {"country-of-birth", "citizenship",
                                    "migration-background", NULL};
static const char *const output_languages[] = {"en", "fr", "ar", NULL};

const char *names_find(const struct names *n, const char *lang)
{
    for (size_t i = 0; i < n->n; i++)
        if (strcmp(n->lang[i], lang) == 0)
            return n->text[i];
    return NULL;
}

static double degrees(struct dr *d, const struct at *at, const json_t *city,
                      const char *key, double limit)
{
    const json_t *v = dr_get(d, at, city, key, DR_NUMBER, "10.1815");
    struct at here = {at, key, 0};
    double x = v ? json_number_value(v) : NAN;
    AUTO(buf) struct buf b = {0};
    AUTO(buf) struct buf low = {0};
    AUTO(buf) struct buf high = {0};

    if (!v || fabs(x) <= limit)
        return x;
    buf_init(&b, 64);
    buf_init(&low, 64);
    buf_init(&high, 64);
    buf_fmt(&b, "%.10g", x);
    buf_fmt(&low, "%g", -limit);
    buf_fmt(&high, "%g", limit);
    DR_FAULT(d, &here, VALUE_RANGE, buf_cstr(&b), buf_cstr(&low),
             buf_cstr(&high));
    return NAN;
}

static void read_city(struct dr *d, const struct at *at, const json_t *ours,
                      struct package *p)
{
    const json_t *city =
        dr_get(d, at, ours, "city", DR_OBJECT,
               "{\"name\": {\"en\": \"Marsa\"}, \"country\": \"TN\", "
               "\"longitude\": 10.32, \"latitude\": 36.88}");
    const json_t *name;
    struct at here = {at, "city", 0}, name_at = {&here, "name", 0};
    struct at country_at = {&here, "country", 0};

    p->longitude = p->latitude = NAN;
    if (!city)
        return;
    dr_keys(d, &here, city, city_keys, true);
    name = json_object_get(city, "name");
    if (name)
        dr_names(d, &name_at, name, &p->city);
    else
        DR_FAULT(d, &here, KEY_MISSING, "name",
                 "\"name\": {\"en\": \"Marsa\", \"fr\": \"Marsa\"}");
    if (name && json_is_object(name) && json_object_size(name) == 0)
        DR_FAULT(d, &name_at, VALUE_EMPTY, "{\"en\": \"Marsa\"}");
    p->country = dr_text(d, &here, city, "country", "\"TN\"");
    if (p->country &&
        (strlen(p->country) != 2 || !isupper((unsigned char)p->country[0]) ||
         !isupper((unsigned char)p->country[1])))
        DR_FAULT(d, &country_at, COUNTRY_BAD, p->country);
    p->longitude = degrees(d, &here, city, "longitude", 180);
    p->latitude = degrees(d, &here, city, "latitude", 90);
}

static bool basis_object(struct dr *d, const struct at *at, const json_t *v)
{
    return json_is_object(v) ||
           dr_is(d, at, v, DR_TEXT, "\"country-of-birth\"");
}

static void read_basis(struct dr *d, const struct at *at, const json_t *ours,
                       struct package *p)
{
    const json_t *v = json_object_get(ours, "basis");
    struct at here = {at, "basis", 0};

    if (!v) {
        DR_FAULT(d, at, KEY_MISSING, "basis",
                 "\"basis\": \"country-of-birth\"");
    } else if (json_is_string(v)) {
        int i = dr_choice(d, &here, json_string_value(v), bases);

        p->basis = i >= 0 ? bases[i] : NULL;
    } else if (basis_object(d, &here, v)) {
        dr_names(d, &here, v, &p->basis_text);
        if (json_object_size(v) == 0)
            DR_FAULT(d, &here, VALUE_EMPTY, "\"country-of-birth\"");
    }
}

static int64_t whole(struct dr *d, const struct at *at, const json_t *v,
                     const char *key, int64_t low, int64_t high,
                     int64_t fallback, const char *example)
{
    const json_t *n = dr_get(d, at, v, key, DR_INTEGER, example);
    struct at here = {at, key, 0};
    int64_t value = n ? json_integer_value(n) : fallback;
    char text[3][24];
    int64_t number[3] = {value, low, high};

    if (!n || (value >= low && value <= high))
        return value;
    for (int i = 0; i < 3; i++) {
        AUTO(buf) struct buf b = {0};

        buf_init(&b, 24);
        buf_fmt(&b, "%lld", (long long)number[i]);
        memcpy(text[i], buf_cstr(&b), b.n + 1);
    }
    DR_FAULT(d, &here, VALUE_RANGE, text[0], text[1], text[2]);
    return fallback;
}

static void read_cell_key(struct dr *d, const struct at *at, const json_t *v,
                          struct protection_rule *out)
{
    struct at secret_at = {at, "secret", 0};
    const json_t *variance;

    out->maximum = whole(d, at, v, "maximum", 1, 100, 5, "5");
    out->never = whole(d, at, v, "never", 0, 100, 0, NULL);
    variance = dr_get(d, at, v, "variance", DR_NUMBER, "3");
    out->variance = variance ? json_number_value(variance) : 3;
    if (!(out->variance > 0))
        DR_FAULT(d, at, PROTECTION_CELL_KEY,
                 "\"variance\" must be greater than zero");
    else if (out->variance > (double)(out->maximum * out->maximum))
        DR_FAULT(d, at, PROTECTION_CELL_KEY,
                 "\"variance\" is greater than the square of \"maximum\"");
    out->secret = dr_text(d, at, v, "secret", "\"file:secret.key\"");
    if (!out->secret)
        return;
    if ((strncmp(out->secret, "file:", 5) != 0 || !out->secret[5]) &&
        (strncmp(out->secret, "env:", 4) != 0 || !out->secret[4])) {
        DR_FAULT(d, &secret_at, SECRET_FORM, "");
        out->secret = NULL;
    }
}

void dr_protection(struct dr *d, const struct at *at, const json_t *ours,
                   struct protection_rule *out)
{
    const json_t *v = dr_get(d, at, ours, "protection", DR_OBJECT, NULL);
    const json_t *secondary;
    struct at here = {at, "protection", 0}, method_at = {&here, "method", 0};
    const char *method;
    int i;

    if (!json_object_get(ours, "protection"))
        DR_FAULT(d, at, PROTECTION_ABSENT, "");
    if (!v)
        return;
    dr_keys(d, &here, v, protection_keys, true);
    method = dr_text(d, &here, v, "method", "\"suppress\"");
    i = method ? dr_choice(d, &method_at, method, methods) : -1;
    if (i < 0)
        return;
    out->stated = true;
    out->method = (enum protection_method)i;
    switch (out->method) {
    case PROTECT_NONE:
        out->why = dr_text(d, &here, v, "why", NULL);
        if (!out->why)
            DR_FAULT(d, &here, PROTECTION_WHY, "");
        break;
    case PROTECT_SUPPRESS:
        out->below = whole(d, &here, v, "below", 2, 1000, 5, "5");
        secondary = dr_get(d, &here, v, "secondary", DR_BOOL, NULL);
        out->secondary = secondary && json_is_true(secondary);
        break;
    case PROTECT_CELL_KEY:
        read_cell_key(d, &here, v, out);
        break;
    }
}

/* {"continent": {"SY": "Asia"}}, or {"continent": {"name": names, "groups":
 * {"SY": "Asia"}}}. */
static void read_levels(struct dr *d, const struct at *at, const json_t *ours,
                        struct package *p)
{
    const json_t *v = dr_get(d, at, ours, "origin_levels", DR_OBJECT, NULL);
    struct at here = {at, "origin_levels", 0};
    const char *code;
    json_t *level;

    if (!v)
        return;
    p->levels = dr_array(d, json_object_size(v), sizeof *p->levels);
    json_object_foreach((json_t *)v, code, level)
    {
        struct at one = {&here, code, 0}, name_at = {&one, "name", 0};
        struct origin_level *out;
        struct pairs maps;

        if (!p->levels || !dr_is(d, &one, level, DR_OBJECT,
                                 "{\"SY\": \"Asia\", \"FR\": \"Europe\"}"))
            continue;
        out = &p->levels[p->n_levels++];
        out->code = dr_copy(d, code, strlen(code));
        if (json_is_object(json_object_get(level, "groups"))) {
            if (json_object_get(level, "name"))
                dr_names(d, &name_at, json_object_get(level, "name"),
                         &out->names);
            dr_pairs(d, &one, level, "groups", &maps);
        } else {
            dr_pairs(d, &here, v, code, &maps);
        }
        out->origin = dr_array(d, maps.n, sizeof *out->origin);
        out->group = dr_array(d, maps.n, sizeof *out->group);
        for (size_t i = 0; out->origin && out->group && i < maps.n; i++) {
            out->origin[out->n_maps] = maps.items[i].key;
            out->group[out->n_maps++] = maps.items[i].value;
        }
    }
}

static void read_languages(struct dr *d, const struct at *at,
                           const json_t *ours, struct package *p)
{
    struct at here = {at, "languages", 0};
    const json_t *v =
        dr_get(d, at, ours, "languages", DR_LIST, "[\"en\", \"fr\", \"ar\"]");
    size_t n = v ? dr_list(d, at, ours, "languages", &p->languages) : 0;

    for (size_t i = 0; i < n; i++) {
        struct at one = {&here, NULL, i};
        bool known = false;

        for (int j = 0; output_languages[j]; j++)
            known |= strcmp(p->languages[i], output_languages[j]) == 0;
        if (known)
            p->languages[p->n_languages++] = p->languages[i];
        else
            DR_FAULT(d, &one, LANGUAGE_UNSUPPORTED, p->languages[i],
                     join_list(d->faults->arena, output_languages));
    }
    if (v && n == 0)
        DR_FAULT(d, &here, VALUE_EMPTY, "[\"en\", \"fr\", \"ar\"]");
}

static void read_ours(struct dr *d, const struct at *at, const json_t *root,
                      struct descriptor *out)
{
    const json_t *ours = dr_get(d, at, root, "passerelle", DR_OBJECT,
                                "{\"version\": 1, \"city\": {...}, ...}");
    const json_t *v, *period, *fictional;
    struct at here = {at, "passerelle", 0}, version_at = {&here, "version", 0};
    struct at compare_at = {&here, "compare", 0};
    struct package *p = out->package;

    p->longitude = p->latitude = NAN;
    if (!ours)
        return;
    dr_keys(d, &here, ours, our_keys, true);
    v = dr_get(d, &here, ours, "version", DR_INTEGER, "1");
    if (v && json_integer_value(v) != 1)
        DR_FAULT(d, &version_at, VERSION_UNKNOWN, dr_scalar(d, at, v));
    read_city(d, &here, ours, p);
    period = json_object_get(ours, "period");
    if (period && json_is_integer(period)) /* a year is often bare */
        p->period = dr_scalar(d, &here, period);
    else
        p->period = dr_text(d, &here, ours, "period", "\"2023\"");
    period = json_object_get(ours, "compare");
    if (period && json_is_integer(period))
        p->compare = dr_scalar(d, &here, period);
    else if (period && !json_is_null(period))
        p->compare = dr_text(d, &here, ours, "compare", NULL);
    if (p->period && p->compare && strcmp(p->period, p->compare) == 0)
        DR_FAULT(d, &compare_at, PERIODS_SAME, p->compare);
    read_basis(d, &here, ours, p);
    if (dr_get(d, &here, ours, "majority", DR_LIST, "[\"TN\"]"))
        out->n_majority = dr_list(d, &here, ours, "majority", &out->majority);
    out->n_origins = dr_named(d, &here, ours, "origins", &out->origins);
    read_levels(d, &here, ours, p);
    out->crs = dr_text(d, &here, ours, "crs", NULL);
    dr_protection(d, &here, ours, &p->protection);
    read_languages(d, &here, ours, p);
    fictional = dr_get(d, &here, ours, "fictional", DR_BOOL, NULL);
    p->fictional = fictional && json_is_true(fictional);
}

static void read_licence(struct dr *d, const struct at *at, const json_t *root,
                         struct package *p)
{
    const json_t *list = dr_get(d, at, root, "licenses", DR_LIST, NULL);
    const json_t *first = json_array_get(list, 0);
    struct at here = {at, "licenses", 0}, one = {&here, NULL, 0};

    if (!first) {
        if (!json_object_get(root, "licenses") || list)
            DR_FAULT(d, at, LICENCE_ABSENT, "");
        return;
    }
    if (!dr_is(d, &one, first, DR_OBJECT, "{\"name\": \"CC-BY-4.0\"}"))
        return;
    p->licence = dr_text(d, &one, first, "name", NULL);
    p->licence_title = dr_text(d, &one, first, "title", NULL);
}

/* The key that jansson quotes in "duplicate object key near '"x"'". */
static const char *duplicate_key(struct dr *d, const char *text)
{
    const char *open = strchr(text, '"'), *close;

    if (!open)
        return text;
    close = strchr(open + 1, '"');
    return dr_copy(d, open + 1,
                   close ? (size_t)(close - open - 1) : strlen(open + 1));
}

static enum rc syntax_fault(struct dr *d, const json_error_t *e,
                            struct err *err)
{
    struct place where = {DESCRIPTOR_FILE, (uint64_t)MAX(e->line, 0),
                          (uint64_t)MAX(e->column, 0), NULL};
    enum json_error_code code = json_error_code(e);

    /* jansson does not always know why it stopped: then it was memory */
    if (code == json_error_out_of_memory || !e->text[0])
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (code == json_error_duplicate_key)
        fault_add(d->faults, FAULT_JSON_DUPLICATE_KEY, where,
                  duplicate_key(d, e->text));
    else
        fault_add(d->faults, FAULT_JSON_SYNTAX, where, e->text);
    return RC_INVALID;
}

enum rc descriptor_read(struct str json, struct arena *a, struct faults *faults,
                        struct descriptor *out, struct err *err)
{
    struct dr d = {.json = json, .a = a, .faults = faults};
    struct at at = {NULL, NULL, 0};
    struct str text = json;
    json_error_t e;
    json_t *root;

    *out = (struct descriptor){0};
    out->package = arena_try(a, 1, sizeof *out->package);
    if (!out->package)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    if (str_starts(text, "\xEF\xBB\xBF")) {
        text.p += 3;
        text.n -= 3;
    }
    root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &e);
    if (!root)
        return syntax_fault(&d, &e, err);
    if (!dr_is(&d, &at, root, DR_OBJECT, "{\"name\": ..., ...}")) {
        json_decref(root);
        return RC_INVALID;
    }
    dr_keys(&d, &at, root, root_keys, false);
    out->package->name = dr_text(&d, &at, root, "name", "\"tunis-2024\"");
    out->package->title = dr_text(&d, &at, root, "title", NULL);
    read_licence(&d, &at, root, out->package);
    read_ours(&d, &at, root, out);
    dr_resources(&d, &at, root, out);
    json_decref(root);
    if (d.memory)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    return RC_OK;
}
