#include "network/import.h"
#include "cli/cli.h"
#include "cli/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* ---- the plan ---- */

static char *part(struct arena *a, const char *from, const char *to)
{
    return arena_str(a, str_trim((struct str){from, (size_t)(to - from)}));
}

/* FIELD=TEXT, or FIELD:TEXT=CODE when `coded`. */
static enum rc take_pair(struct cli *c, const char *option, const char *value,
                         bool coded, struct import_pairs *out, struct err *err)
{
    const char *end = value + strlen(value);
    const char *equals = coded ? strrchr(value, '=') : strchr(value, '=');
    const char *colon = coded ? strchr(value, ':') : equals;
    struct import_pair p = {0};

    if (!equals || !colon || colon > equals)
        return err_set(err, RC_USAGE, N_("--%s is written %s, not '%s'"),
                       option, coded ? "FIELD:TEXT=CODE" : "FIELD=TEXT", value);
    p.field = part(c->arena, value, colon);
    p.text = coded ? part(c->arena, colon + 1, equals)
                   : part(c->arena, equals + 1, end);
    p.code = coded ? part(c->arena, equals + 1, end) : NULL;
    VEC_PUSH(c->arena, out->items, out->n, out->cap) = p;
    return RC_OK;
}

static enum rc take_pairs(struct cli *c, struct import_plan *plan,
                          struct err *err)
{
    enum rc rc = RC_OK;

    for (size_t i = 0; i < c->n_given && !rc; i++) {
        const char *name = c->given[i].row->name;
        const char *value = c->given[i].value;

        if (strcmp(name, "mapping") == 0)
            rc = take_pair(c, name, value, false, &plan->columns, err);
        else if (strcmp(name, "set") == 0)
            rc = take_pair(c, name, value, false, &plan->constants, err);
        else if (strcmp(name, "value") == 0)
            rc = take_pair(c, name, value, true, &plan->values, err);
    }
    return rc;
}

static enum rc take_type(const struct cli *c, struct import_plan *plan,
                         struct err *err)
{
    AUTO(buf) struct buf known = {.ceiling = 1 << 12};
    const char *name = cli_option(c, "record");
    const struct record_type *const *types;
    size_t n;

    plan->type = name ? record_type(name) : NULL;
    if (plan->type)
        return RC_OK;
    types = record_types(&n);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&known, "%s%s", i ? ", " : "", types[i]->name);
    return err_set(err, RC_USAGE, N_("--record is one of: %s"),
                   buf_cstr(&known));
}

static enum rc make_plan(struct cli *c, struct import_plan *plan, bool *json,
                         struct err *err)
{
    const char *format = cli_option(c, "format");
    enum rc rc;

    *plan = (struct import_plan){.path = c->operand[1],
                                 .state = cli_option(c, "state"),
                                 .key = cli_option(c, "key"),
                                 .lang = c->lang,
                                 .apply = cli_option(c, "apply") != NULL};
    *json = format && strcmp(format, "json") == 0;
    if (format && !*json && strcmp(format, "text") != 0)
        return err_set(err, RC_USAGE, N_("--format is text or json, not '%s'"),
                       format);
    rc = take_type(c, plan, err);
    return rc ? rc : take_pairs(c, plan, err);
}

/* ---- what to say ---- */

static const char *sentence(const struct cli *c, const struct import_fault *f)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};
    struct err e = {0};

    err_set(&e, RC_INVALID, f->message, f->argument ? f->argument : "");
    err_render(&e, lang_text(c->lang, f->message), &text);
    return arena_strdup(c->arena, buf_cstr(&text));
}

static void write_row(const struct import_row *r, struct buf *out)
{
    static const char *const marks[IMPORT_KINDS] = {"+", "~", "="};

    if (r->kind == IMPORT_SAME)
        return;
    buf_fmt(out, "%s %" PRIu64 "  %s\n", marks[r->kind], r->line, r->name);
    for (size_t i = 0; i < r->n_changes; i++) {
        const struct import_change *g = &r->changes[i];

        if (r->kind == IMPORT_NEW)
            buf_fmt(out, "      %s: %s\n", g->column, g->new);
        else
            buf_fmt(out, "      %s: %s → %s\n", g->column,
                    g->old[0] ? g->old : "∅", g->new[0] ? g->new : "∅");
    }
}

static const char *count(const struct cli *c, const struct import *in,
                         enum import_kind kind)
{
    AUTO(buf) struct buf n = {.ceiling = 64};

    lang_integer(c->lang, (int64_t)in->count[kind], &n);
    return arena_strdup(c->arena, buf_cstr(&n));
}

static void count_line(const struct cli *c, const struct import *in,
                       struct buf *out)
{
    lang_fill(
        out,
        lang_text(c->lang, N_("New: {new}. Changed: {changed}. As they were: "
                              "{same}.")),
        "new", count(c, in, IMPORT_NEW), "changed",
        count(c, in, IMPORT_CHANGED), "same", count(c, in, IMPORT_SAME), NULL);
    buf_addc(out, '\n');
}

static void say_preview(const struct cli *c, const struct import *in)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    for (size_t i = 0; i < in->n; i++)
        write_row(&in->rows[i], &text);
    count_line(c, in, &text);
    fwrite(buf_cstr(&text), 1, text.n, stdout);
}

static void say_faults(const struct cli *c, const struct import *in)
{
    for (size_t i = 0; i < in->n_unused; i++) {
        AUTO(buf) struct buf text = {.ceiling = 1 << 16};

        lang_fill(&text,
                  lang_text(c->lang, N_("The column '{name}' is not used.")),
                  "name", in->unused[i], NULL);
        fprintf(stderr, "%s\n", buf_cstr(&text));
    }
    for (size_t i = 0; i < in->n_faults; i++) {
        const struct import_fault *f = &in->faults[i];

        fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": %s%s%s\n", c->operand[1],
                f->line, f->column, f->name ? f->name : "", f->name ? ": " : "",
                sentence(c, f));
    }
    if (in->table.n)
        cli_say_faults(c, &in->table);
    if (in->n_faults)
        cli_say(c, N_("There are faults: nothing was written."));
    else if (!in->applied && !in->table.n)
        cli_say(c, N_("Nothing was written; --apply writes it."));
}

static struct node *row_node(const struct import_row *r, struct arena *a)
{
    static const char *const kinds[IMPORT_KINDS] = {"new", "changed", "same"};
    struct node *row = node_object(a), *changes = node_list(a);

    node_set_int(row, "line", (int64_t)r->line);
    node_set_text(row, "kind", kinds[r->kind]);
    if (r->id)
        node_set_int(row, "id", r->id);
    node_set_text(row, "name", r->name);
    for (size_t i = 0; i < r->n_changes; i++) {
        struct node *g = node_object(a);

        node_set_text(g, "column", r->changes[i].column);
        node_set_text(g, "old", r->changes[i].old);
        node_set_text(g, "new", r->changes[i].new);
        node_push(changes, g);
    }
    node_set(row, "changes", changes);
    return row;
}

static void say_json(const struct cli *c, const struct import *in)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct arena *a = c->arena;
    struct node *doc = node_object(a), *rows = node_list(a);
    struct node *faults = node_list(a);

    for (size_t i = 0; i < in->n; i++)
        node_push(rows, row_node(&in->rows[i], a));
    for (size_t i = 0; i < in->n_faults; i++) {
        struct node *f = node_object(a);

        node_set_int(f, "line", (int64_t)in->faults[i].line);
        node_set_int(f, "column", (int64_t)in->faults[i].column);
        node_set_text(f, "name", in->faults[i].name);
        node_set_text(f, "message", sentence(c, &in->faults[i]));
        node_push(faults, f);
    }
    node_set_bool(doc, "applied", in->applied);
    node_set(doc, "rows", rows);
    node_set(doc, "faults", faults);
    node_write(doc, true, &text);
    printf("%s\n", buf_cstr(&text));
    if (in->table.n)
        cli_say_faults(c, &in->table);
}

enum rc run_import(struct cli *c, struct err *err)
{
    AUTO(store) struct store *s = NULL;
    struct deed deed = {.by = 0, .at = time(NULL), .action = "import"};
    struct import_plan plan;
    struct import in = {0};
    bool json;
    enum rc rc = make_plan(c, &plan, &json, err);

    if (!rc)
        rc = network_open(c->operand[0], plan.apply, c->arena, &s, err);
    if (!rc)
        rc = import_run(s, &plan, &deed, c->arena, &in, err);
    if (rc && rc != RC_INVALID)
        return rc;
    if (json)
        say_json(c, &in);
    else {
        if (!rc)
            say_preview(c, &in);
        say_faults(c, &in);
    }
    if (in.applied)
        return store_notify(s, "import", err);
    if (rc && err)
        err->message = NULL; /* the faults are said already */
    return rc;
}
