#include "profile/value.h"
#include "publish/page.h"
#include "publish/value.h"

/* In a sentence a noun follows a number of persons; a unit stays with it. */
static bool is_counted(const char *unit)
{
    static const char *const counted[] = {"persons", "moves", "places"};

    for (size_t i = 0; i < ARRAY_LEN(counted); i++)
        if (strcmp(unit, counted[i]) == 0)
            return true;
    return false;
}

static void write_plain(struct page *p, const char *unit, struct value v,
                        struct buf *out)
{
    AUTO(buf) struct buf n = {0};

    buf_init(&n, 4096);
    if (value_has_number(v.state))
        is_counted(unit) ? value_write(p->l, unit, NULL, v.number, &n)
                         : value_write_unit(p->l, unit, NULL, v.number, &n);
    if (v.state == VALUE_PLAIN)
        buf_add(out, buf_str(&n));
    else if (v.state == VALUE_AT_LEAST)
        lang_fill(out, lang_text(p->l, N_("at least {n}")), "n", buf_cstr(&n),
                  NULL);
    else if (v.state == VALUE_APPROXIMATE)
        lang_fill(out, lang_text(p->l, N_("about {n}")), "n", buf_cstr(&n),
                  NULL);
    else {
        buf_addc(out, '(');
        buf_adds(out, lang_text(p->l, value_state_text(v.state)));
        buf_addc(out, ')');
    }
}

const char *cell_text(struct page *p, const struct node *table,
                      const struct node *column, const struct node *cell)
{
    const char *kind = column_kind(column), *text = node_cstr(cell, NULL);
    const struct node *names = node_get(p->doc, "names"), *name = NULL;
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 1 << 16);
    if (!text) {
        if (node_is_number(cell))
            lang_decimal(p->l, node_number(cell, 0), 0, &b);
        else
            buf_adds(&b, names_text(cell, p->l, NULL));
        return arena_str(p->a, buf_str(&b));
    }
    if (strcmp(kind, "period") == 0) {
        lang_period(p->l, text, &b);
        return arena_str(p->a, buf_str(&b));
    }
    if (strcmp(kind, "area") == 0)
        name = node_get(node_get(names, "areas"), text);
    if (strcmp(kind, "term") == 0) {
        name = node_get(node_get(table, "terms"), text);
        if (!name)
            name = node_get(node_get(names, "groups"), text);
    }
    if (!name && (strcmp(kind, "origin") == 0 || strcmp(kind, "term") == 0))
        name = node_get(node_get(names, "origins"), text);
    return name && names_text(name, p->l, NULL)[0]
               ? names_text(name, p->l, NULL)
               : text;
}

static struct value value_of(struct profile_value v)
{
    static const enum value_state states[] = {
        [STATE_PLAIN] = VALUE_PLAIN,
        [STATE_AT_LEAST] = VALUE_AT_LEAST,
        [STATE_APPROXIMATE] = VALUE_APPROXIMATE,
        [STATE_WITHHELD] = VALUE_WITHHELD,
        [STATE_SOURCE] = VALUE_SOURCE,
        [STATE_MISSING] = VALUE_MISSING,
        [STATE_UNDEFINED] = VALUE_UNDEFINED,
        [STATE_NONE] = VALUE_NONE};

    return (struct value){states[v.state], node_number(v.node, 0)};
}

bool document_value(struct page *p, const char *path, struct buf *out)
{
    struct profile_value v = profile_value(p->doc, path);

    if (v.state == STATE_NONE)
        return false;
    if (!v.node || node_is_number(v.node))
        write_plain(p, v.unit, value_of(v), out);
    else if (strcmp(path, "period") == 0 || strcmp(path, "compare") == 0)
        lang_period(p->l, node_cstr(v.node, ""), out);
    else
        buf_adds(out, names_text(v.node, p->l, NULL));
    return true;
}
