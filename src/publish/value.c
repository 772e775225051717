#include "publish/value.h"

#include <math.h>

static const struct {
    const char *code, *sign, *text;
} states[VALUE_STATES] = {
    [VALUE_PLAIN] = {"", "", ""},
    [VALUE_AT_LEAST] = {"at-least", "≥",
                        N_("at least: some of its parts are withheld or "
                           "missing")},
    [VALUE_APPROXIMATE] =
        {"approximate", "≈",
         N_("approximate: the true value may be a little more or "
            "less")},
    [VALUE_WITHHELD] = {"withheld", "•", N_("withheld to protect people")},
    [VALUE_SOURCE] = {"source", "×", N_("withheld by the publisher")},
    [VALUE_MISSING] = {"missing", "…", N_("not known")},
    [VALUE_UNDEFINED] = {"undefined", "∅", N_("not defined for these data")},
    [VALUE_NONE] = {"", "", N_("does not apply")},
};

static enum value_state state_named(const char *code)
{
    for (int s = VALUE_AT_LEAST; s < VALUE_NONE; s++)
        if (strcmp(states[s].code, code) == 0)
            return (enum value_state)s;
    return VALUE_MISSING;
}

struct value value_of_cell(const struct node *cell)
{
    const struct node *least = node_get(cell, "at_least");

    if (node_is_number(cell))
        return (struct value){VALUE_PLAIN, node_number(cell, NAN)};
    if (node_is_number(least))
        return (struct value){VALUE_AT_LEAST, node_number(least, NAN)};
    if (cell && cell->kind == NODE_TEXT)
        return (struct value){state_named(node_cstr(cell, "")), NAN};
    return (struct value){VALUE_NONE, NAN};
}

struct value value_of_number(const struct node *number)
{
    const struct node *v = node_get(number, "value");
    const char *status = node_cstr(node_get(number, "status"), NULL);

    if (node_is_number(v))
        return (struct value){status ? state_named(status) : VALUE_PLAIN,
                              node_number(v, NAN)};
    if (status)
        return (struct value){state_named(status), NAN};
    return (struct value){VALUE_NONE, NAN};
}

const char *value_state_code(enum value_state s)
{
    return states[s].code;
}

const char *value_state_sign(enum value_state s)
{
    return states[s].sign;
}

const char *value_state_text(enum value_state s)
{
    return states[s].text;
}

/* How a unit is written; `text` names it in the head of a column. */
static const struct unit {
    const char *code;
    int decimals;
    bool percent;
    const char *text, *with; /* message ids */
} units[] = {
    {"persons", 0, false, N_("persons"), N_("{n} persons")},
    {"share", 1, true, "", ""},
    {"index", 3, false, N_("index"), ""},
    {"ratio", 2, false, N_("ratio"), ""},
    {"points", 1, false, N_("percentage points"), N_("{n} points")},
    {"km2", 1, false, N_("km²"), N_("{n} km²")},
    {"persons/km2", 0, false, N_("persons per km²"), N_("{n} per km²")},
    {"places", 0, false, "", ""},
    {"per 10000 residents", 1, false, N_("per 10,000 residents"),
     N_("{n} per 10,000 residents")},
    {"nats", 3, false, N_("nats"), N_("{n} nats")},
    {"moves", 0, false, N_("moves"), N_("{n} moves")},
    {"m", 0, false, N_("metres"), N_("{n} m")},
    {"none", 0, false, "", ""},
};

static const struct unit *unit_find(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(units[i].code, code) == 0)
            return &units[i];
    return NULL;
}

static bool ends_with(const char *code, const char *end)
{
    return str_ends(str_of(code), end);
}

/* Changes and gaps carry their sign. */
static bool is_change(const char *code)
{
    return code && (strstr(code, "change") || ends_with(code, "growth") ||
                    strncmp(code, "gap", 3) == 0 || strcmp(code, "net") == 0);
}

static int decimals_of(const struct unit *u, double v)
{
    if (u)
        return u->decimals;
    return v == floor(v) && fabs(v) < 1e15 ? 0 : 3;
}

void value_write(const struct lang *l, const char *unit, const char *code,
                 double v, struct buf *out)
{
    const struct unit *u = unit_find(unit ? unit : "");
    int decimals = decimals_of(u, v);

    if (u && u->percent)
        is_change(code) ? lang_signed_percent(l, v, decimals, out)
                        : lang_percent(l, v, decimals, out);
    else if (u && strcmp(u->code, "none") == 0 && v != floor(v))
        lang_decimal(l, v, 3, out);
    else if (is_change(code))
        lang_signed_decimal(l, v, decimals, out);
    else
        lang_decimal(l, v, decimals, out);
}

void value_write_unit(const struct lang *l, const char *unit, const char *code,
                      double v, struct buf *out)
{
    const struct unit *u = unit_find(unit ? unit : "");
    AUTO(buf) struct buf n = {0};

    buf_init(&n, 4096);
    value_write(l, unit, code, v, &n);
    if (u && u->with[0])
        lang_fill(out, lang_text(l, u->with), "n", buf_cstr(&n), NULL);
    else
        buf_add(out, buf_str(&n));
}

const char *unit_text(const struct lang *l, const char *unit)
{
    const struct unit *u = unit_find(unit ? unit : "");

    return u && u->text[0] ? lang_text(l, u->text) : "";
}

const char *names_text(const struct node *names, const struct lang *l,
                       const char **language)
{
    const char *order[] = {l ? lang_code(l) : "en", "en"};

    if (language)
        *language = NULL;
    if (!names || names->kind != NODE_OBJECT)
        return node_cstr(names, "");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const char *text = node_cstr(node_get(names, order[i]), NULL);

        if (text && text[0]) {
            if (language)
                *language = order[i];
            return text;
        }
    }
    for (size_t i = 0; i < node_len(names); i++) {
        const char *text = node_cstr(names->kids.items[i], NULL);

        if (text && text[0]) {
            if (language)
                *language = node_key(names, i).p;
            return text;
        }
    }
    return "";
}
