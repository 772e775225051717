#include "intake/descriptor_read.h"
#include "intake/json_place.h"

#include <ctype.h>
#include <math.h>

static void add_pointer(const struct at *at, struct buf *b)
{
    if (!at->up)
        return;
    add_pointer(at->up, b);
    buf_addc(b, '/');
    if (!at->key) {
        buf_fmt(b, "%zu", at->index);
        return;
    }
    for (const char *p = at->key; *p; p++) {
        if (*p == '~')
            buf_adds(b, "~0");
        else if (*p == '/')
            buf_adds(b, "~1");
        else
            buf_addc(b, *p);
    }
}

struct place dr_place(struct dr *d, const struct at *at)
{
    AUTO(buf) struct buf b = {0};
    struct place p = {.file = DESCRIPTOR_FILE};

    buf_init(&b, 4096);
    add_pointer(at, &b);
    json_place(d->json, buf_cstr(&b), &p.line, &p.column);
    p.field = b.n ? arena_strdup(d->faults->arena, buf_cstr(&b)) : NULL;
    return p;
}

const char *dr_copy(struct dr *d, const char *s, size_t n)
{
    char *out = arena_try(d->a, n + 1, 1);

    if (!out) {
        d->memory = true;
        return "";
    }
    memcpy(out, s, n);
    return out;
}

void *dr_array(struct dr *d, size_t n, size_t size)
{
    void *out = n ? arena_try(d->a, n, size) : NULL;

    if (n && !out)
        d->memory = true;
    return out;
}

const char *nearest(const char *text, const char *const *allowed)
{
    const char *best = NULL;
    unsigned least = (unsigned)MIN(strlen(text) / 3 + 1, (size_t)3);

    for (size_t i = 0; allowed[i]; i++) {
        unsigned n = str_distance(str_of(text), str_of(allowed[i]), least);

        if (n <= least && n < strlen(allowed[i]) && (!best || n < least)) {
            best = allowed[i];
            least = n;
        }
    }
    return best;
}

const char *join_list(struct arena *a, const char *const *items)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 600);
    for (size_t i = 0; items[i] && !b.failed; i++) {
        if (i)
            buf_adds(&b, ", ");
        buf_adds(&b, items[i]);
    }
    return arena_strdup(a, buf_cstr(&b));
}

void dr_keys(struct dr *d, const struct at *at, const json_t *object,
             const char *const *allowed, bool ours)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        struct at here = {at, key, 0};
        const char *near_key = nearest(key, allowed);

        if (near_key && strcmp(near_key, key) == 0)
            continue;
        if (near_key)
            DR_FAULT(d, &here, KEY_UNKNOWN_NEAR, key, near_key);
        else if (ours)
            DR_FAULT(d, &here, KEY_UNKNOWN, key);
    }
}

static const char *type_found(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object {...}";
    case JSON_ARRAY:
        return "a list [...]";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "null";
    }
}

bool dr_is(struct dr *d, const struct at *at, const json_t *v,
           enum dr_type type, const char *example)
{
    static const char *const wanted[] = {[DR_TEXT] = "a text",
                                         [DR_NUMBER] = "a number",
                                         [DR_INTEGER] = "a whole number",
                                         [DR_BOOL] = "true or false",
                                         [DR_LIST] = "a list [...]",
                                         [DR_OBJECT] = "an object {...}"};
    static const char *const examples[] = {
        [DR_TEXT] = "\"text\"",       [DR_NUMBER] = "12.5",
        [DR_INTEGER] = "12",          [DR_BOOL] = "true",
        [DR_LIST] = "[\"a\", \"b\"]", [DR_OBJECT] = "{\"key\": \"value\"}"};
    bool ok = (type == DR_TEXT && json_is_string(v)) ||
              (type == DR_NUMBER && json_is_number(v)) ||
              (type == DR_INTEGER && json_is_integer(v)) ||
              (type == DR_BOOL && json_is_boolean(v)) ||
              (type == DR_LIST && json_is_array(v)) ||
              (type == DR_OBJECT && json_is_object(v));

    if (!ok)
        DR_FAULT(d, at, KEY_TYPE, wanted[type],
                 type == DR_INTEGER && json_is_real(v) ? "a decimal number"
                                                       : type_found(v),
                 example ? example : examples[type]);
    return ok;
}

const json_t *dr_get(struct dr *d, const struct at *at, const json_t *object,
                     const char *key, enum dr_type type, const char *example)
{
    const json_t *v = json_object_get(object, key);
    struct at here = {at, key, 0};

    if (!v) {
        if (example) {
            AUTO(buf) struct buf b = {0};

            buf_init(&b, 512);
            buf_fmt(&b, "\"%s\": %s", key, example);
            DR_FAULT(d, at, KEY_MISSING, key, buf_cstr(&b));
        }
        return NULL;
    }
    return dr_is(d, &here, v, type, example) ? v : NULL;
}

const char *dr_text(struct dr *d, const struct at *at, const json_t *object,
                    const char *key, const char *example)
{
    const json_t *v = dr_get(d, at, object, key, DR_TEXT, example);
    struct at here = {at, key, 0};
    struct str s;

    if (!v)
        return NULL;
    s = str_trim((struct str){json_string_value(v), json_string_length(v)});
    if (s.n == 0) {
        DR_FAULT(d, &here, VALUE_EMPTY, example ? example : "\"text\"");
        return NULL;
    }
    return dr_copy(d, s.p, s.n);
}

int dr_choice(struct dr *d, const struct at *at, const char *text,
              const char *const *allowed)
{
    const char *near_text;

    for (int i = 0; allowed[i]; i++)
        if (strcmp(text, allowed[i]) == 0)
            return i;
    near_text = nearest(text, allowed);
    if (near_text)
        DR_FAULT(d, at, VALUE_UNKNOWN_NEAR, text, near_text,
                 join_list(d->faults->arena, allowed));
    else
        DR_FAULT(d, at, VALUE_UNKNOWN, text,
                 join_list(d->faults->arena, allowed));
    return -1;
}

const char *dr_scalar(struct dr *d, const struct at *at, const json_t *v)
{
    AUTO(buf) struct buf b = {0};

    if (json_is_string(v)) {
        struct str s =
            str_trim((struct str){json_string_value(v), json_string_length(v)});

        return dr_copy(d, s.p, s.n);
    }
    buf_init(&b, 64);
    if (json_is_integer(v))
        buf_fmt(&b, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        buf_double(&b, json_real_value(v));
    else if (json_is_boolean(v))
        buf_adds(&b, json_is_true(v) ? "true" : "false");
    else
        return dr_is(d, at, v, DR_TEXT, NULL), NULL;
    return dr_copy(d, b.p, b.n);
}

size_t dr_list(struct dr *d, const struct at *at, const json_t *object,
               const char *key, const char ***out)
{
    const json_t *v = json_object_get(object, key);
    struct at here = {at, key, 0};
    size_t n, m = 0;
    const char **items;

    *out = NULL;
    if (!v)
        return 0;
    n = json_is_array(v) ? json_array_size(v) : 1;
    items = dr_array(d, n, sizeof *items);
    for (size_t i = 0; items && i < n; i++) {
        struct at one = {&here, NULL, i};
        const char *text = json_is_array(v)
                               ? dr_scalar(d, &one, json_array_get(v, i))
                               : dr_scalar(d, &here, v);

        if (text)
            items[m++] = text;
    }
    *out = items;
    return m;
}

void dr_pairs(struct dr *d, const struct at *at, const json_t *object,
              const char *key, struct pairs *out)
{
    const json_t *v = dr_get(d, at, object, key, DR_OBJECT, NULL);
    struct at here = {at, key, 0};
    const char *k;
    json_t *value;

    *out = (struct pairs){0};
    if (!v)
        return;
    out->items = dr_array(d, json_object_size(v), sizeof *out->items);
    json_object_foreach((json_t *)v, k, value)
    {
        struct at one = {&here, k, 0};
        const char *text = dr_scalar(d, &one, value);

        if (text && out->items)
            out->items[out->n++] =
                (struct pair){dr_copy(d, k, strlen(k)), text};
    }
}

static bool language_ok(const char *s)
{
    size_t n = 0;

    while (islower((unsigned char)s[n]))
        n++;
    if (n < 2 || n > 3)
        return false;
    if (s[n] != '-')
        return s[n] == '\0';
    while (isalnum((unsigned char)s[n + 1]) || s[n + 1] == '-')
        n++;
    return s[n + 1] == '\0';
}

void dr_names(struct dr *d, const struct at *at, const json_t *v,
              struct names *out)
{
    const char *lang;
    json_t *text;
    size_t n = json_is_object(v) ? json_object_size(v) : 1;

    *out = (struct names){0};
    if (!json_is_object(v) && !json_is_string(v)) {
        dr_is(d, at, v, DR_OBJECT, "{\"en\": \"...\", \"fr\": \"...\"}");
        return;
    }
    out->lang = dr_array(d, n, sizeof *out->lang);
    out->text = dr_array(d, n, sizeof *out->text);
    if ((n && !out->lang) || (n && !out->text))
        return;
    if (json_is_string(v)) {
        out->lang[0] = "en";
        out->text[out->n++] = dr_scalar(d, at, v);
        return;
    }
    json_object_foreach((json_t *)v, lang, text)
    {
        struct at one = {at, lang, 0};

        if (!language_ok(lang))
            DR_FAULT(d, &one, LANGUAGE_BAD, lang);
        else if (dr_is(d, &one, text, DR_TEXT, NULL)) {
            out->lang[out->n] = dr_copy(d, lang, strlen(lang));
            out->text[out->n++] = dr_scalar(d, &one, text);
        }
    }
}

size_t dr_named(struct dr *d, const struct at *at, const json_t *object,
                const char *key, struct named_code **out)
{
    const json_t *v = dr_get(d, at, object, key, DR_OBJECT, NULL);
    struct at here = {at, key, 0};
    struct named_code *items;
    const char *code;
    json_t *names;
    size_t n = 0;

    *out = NULL;
    if (!v)
        return 0;
    items = dr_array(d, json_object_size(v), sizeof *items);
    json_object_foreach((json_t *)v, code, names)
    {
        struct at one = {&here, code, 0};

        if (!items)
            break;
        items[n].code = dr_copy(d, code, strlen(code));
        dr_names(d, &one, names, &items[n++].names);
    }
    *out = items;
    return n;
}
