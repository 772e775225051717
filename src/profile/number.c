#include "profile/part.h"

static const char *const state_names[] = {
    [STATE_PLAIN] = NULL,
    [STATE_AT_LEAST] = "at-least",
    [STATE_APPROXIMATE] = "approximate",
    [STATE_WITHHELD] = "withheld",
    [STATE_SOURCE] = "source",
    [STATE_MISSING] = "missing",
    [STATE_UNDEFINED] = "undefined",
    [STATE_NONE] = "missing",
};

static struct node *plain_node(struct doc *d, struct quantity q)
{
    if (!q_known(q))
        return node_null(d->arena);
    return q.whole ? node_int(d->arena, (int64_t)q.v)
                   : node_double(d->arena, q.v);
}

struct node *number_new(struct doc *d, struct quantity q, const char *unit,
                        const char *period, const char *source,
                        struct node *label)
{
    struct node *n = node_object(d->arena);

    node_set(n, "value", plain_node(d, q));
    node_set_text(n, "unit", unit);
    node_set_text(n, "period", period ? period : d->p->period);
    node_set_text(n, "source", source);
    node_set(n, "label", label);
    if (state_names[q.state])
        node_set_text(n, "status", state_names[q.state]);
    return n;
}

struct sheet sheet_new(struct doc *d, const char *code, struct node *title,
                       const char *unit, const char *period, const char *source)
{
    struct sheet t = {.d = d, .node = node_object(d->arena)};

    node_set_text(t.node, "code", code);
    node_set(t.node, "title", title);
    node_set_text(t.node, "unit", unit);
    node_set_text(t.node, "period", period ? period : d->p->period);
    node_set_text(t.node, "source", source);
    t.columns = node_set(t.node, "columns", node_list(d->arena));
    t.rows = node_set(t.node, "rows", node_list(d->arena));
    return t;
}

struct node *sheet_column(struct sheet *t, const char *code, struct node *label,
                          const char *kind, const char *unit)
{
    struct node *c = node_push(t->columns, node_object(t->d->arena));

    node_set_text(c, "code", code);
    node_set(c, "label", label);
    node_set_text(c, "kind", kind);
    node_set_text(c, "unit", unit ? unit : "none");
    return c;
}

void sheet_term(struct sheet *t, const char *code, struct node *names)
{
    if (!t->terms)
        t->terms = node_set(t->node, "terms", node_object(t->d->arena));
    if (!node_get(t->terms, code))
        node_set(t->terms, code, names);
}

struct node *sheet_row(struct sheet *t)
{
    return node_push(t->rows, node_list(t->d->arena));
}

/* `approximate` is told by the table's note: the cell is a plain number. */
struct node *quantity_node(struct doc *d, struct quantity q)
{
    struct node *n;

    if (!q_known(q))
        return node_text(d->arena, state_names[q.state]);
    if (q.state != STATE_AT_LEAST)
        return plain_node(d, q);
    n = node_object(d->arena);
    node_set(n, "at_least", plain_node(d, q));
    return n;
}

void row_push(struct sheet *t, struct node *row, struct quantity q)
{
    node_push(row, quantity_node(t->d, q));
}

void row_say(struct sheet *t, struct node *row, const char *text)
{
    node_push(row, node_text(t->d->arena, text));
}

void row_node(struct node *row, struct node *n)
{
    node_push(row, n ? n : node_null(row->arena));
}

void sheet_note(struct sheet *t, struct node *names)
{
    struct node *notes = node_get(t->node, "notes");

    if (!notes)
        notes = node_set(t->node, "notes", node_list(t->d->arena));
    node_push(notes, names);
}
