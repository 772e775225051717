#include "record/form.h"

#include <inttypes.h>

static const char *const kinds[FIELD_TYPES] = {
    [TYPE_TEXT] = "line",         [TYPE_MARKDOWN] = "area",
    [TYPE_LINK] = "url",          [TYPE_EMAIL] = "email",
    [TYPE_COUNTRY] = "line",      [TYPE_INT] = "number",
    [TYPE_REAL] = "number",       [TYPE_BOOL] = "select",
    [TYPE_DATE] = "date",         [TYPE_INTERVAL] = "date",
    [TYPE_COORDINATE] = "number", [TYPE_CHOICE] = "select",
    [TYPE_CHOICES] = "boxes",     [TYPE_REF] = "select",
    [TYPE_REFS] = "boxes",        [TYPE_FILE] = "file",
};

static const char *const hints[FIELD_TYPES] = {
    [TYPE_MARKDOWN] = N_("Markdown: a blank line makes a paragraph, **bold**, "
                         "[a link](https://example.org)."),
    [TYPE_LINK] = N_("With https:// before it."),
    [TYPE_COUNTRY] = N_("Two letters, as MA or FR (ISO 3166)."),
    [TYPE_DATE] = N_("As precise as is known: 2026, 2026-05 or 2026-05-31."),
    [TYPE_INTERVAL] =
        N_("As precise as is known: 2026, 2026-05 or 2026-05-31."),
    [TYPE_FILE] = N_("PDF, OpenDocument, Office, CSV, text, PNG, JPEG or ZIP."),
    [TYPE_COORDINATE] = N_("Degrees with a point: -5.8128."),
};

static struct node *value_node(const void *record, const struct field *f,
                               size_t column, struct arena *a)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    if (record)
        field_get_text(record, f, column, &text);
    return node_str(a, (struct str){buf_cstr(&text), text.n});
}

static bool chosen(const void *record, const struct field *f, const char *code)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct str rest;

    field_get_text(record, f, 0, &text);
    for (rest = buf_str(&text); rest.n;) {
        const char *cut = memchr(rest.p, ';', rest.n);
        size_t n = cut ? (size_t)(cut - rest.p) : rest.n;

        if (str_is((struct str){rest.p, n}, code))
            return true;
        rest.p += n + (cut != NULL);
        rest.n -= n + (cut != NULL);
    }
    return false;
}

static void add_choice(const struct record_form *form, const struct field *f,
                       struct node *list, const char *code, const char *label)
{
    struct node *item = node_object(list->arena);

    node_set_text(item, "code", code);
    node_set_text(item, "label", label);
    node_set_bool(item, "selected", chosen(form->record, f, code));
    node_set_bool(item, "now", form->now && chosen(form->now, f, code));
    node_push(list, item);
}

static void write_options(const struct record_form *form, const struct field *f,
                          struct node *list)
{
    size_t n;
    const struct option *o = record_options(f->of, &n);

    for (size_t i = 0; i < n; i++)
        add_choice(form, f, list, o[i].code, lang_text(form->lang, o[i].label));
}

static void write_references(const struct record_form *form,
                             const struct field *f, struct node *list)
{
    struct node *offered = node_list(list->arena);

    if (form->offer)
        form->offer(form->ctx, f->of, offered);
    for (size_t i = 0; i < node_len(offered); i++) {
        struct node *item = node_at(offered, i);
        const char *code = arena_printf(list->arena, "%" PRId64,
                                        node_integer(node_get(item, "id"), 0));

        add_choice(form, f, list, code,
                   node_cstr(node_get(item, "title"), code));
    }
}

static void write_choices(const struct record_form *form, const struct field *f,
                          struct node *out)
{
    struct node *list = node_list(out->arena);

    if (f->type == TYPE_CHOICE || f->type == TYPE_CHOICES)
        write_options(form, f, list);
    else if (f->type == TYPE_REF || f->type == TYPE_REFS)
        write_references(form, f, list);
    else if (f->type == TYPE_BOOL) {
        add_choice(form, f, list, "true", lang_text(form->lang, N_("Yes")));
        add_choice(form, f, list, "false", lang_text(form->lang, N_("No")));
    } else {
        return;
    }
    node_set(out, "choices", list);
}

static const char *column_label(const struct record_form *form,
                                const struct field *f, size_t column)
{
    static const char *const ends[] = {N_("From"), N_("To")};
    static const char *const axes[] = {N_("Longitude"), N_("Latitude")};

    if (f->flags & TRANSLATED)
        return lang_own_name(lang_find(record_langs[column]));
    if (f->type == TYPE_INTERVAL)
        return lang_text(form->lang, ends[column]);
    if (f->type == TYPE_COORDINATE)
        return lang_text(form->lang, axes[column]);
    return NULL;
}

/* Of a translated text, what is known of one language. */
static const char *state_label(const struct record_form *form,
                               const struct field *f, size_t column)
{
    const struct words *w = field_of(form->record, f);

    if (!(f->flags & TRANSLATED))
        return NULL;
    switch (w->state[column]) {
    case WORDS_ORIGINAL:
        return lang_text(form->lang, N_("original"));
    case WORDS_TRANSLATED:
        return lang_text(form->lang, N_("translation"));
    case WORDS_STALE:
        return lang_text(form->lang, N_("the original has changed since"));
    default:
        return lang_text(form->lang, N_("not there yet"));
    }
}

static bool faulty(const struct record_form *form, const struct field *f)
{
    for (size_t i = 0; form->bad && i < form->bad->n; i++)
        if (form->bad->items[i].field == f)
            return true;
    return false;
}

static void write_columns(const struct record_form *form, const struct field *f,
                          struct node *out)
{
    const char *name[COLUMNS_OF_FIELD];
    struct arena *a = out->arena;
    size_t n = field_columns(f, a, name);
    struct node *list = node_list(a);

    if (f->flags & TRANSLATED)
        n = RECORD_LANGS; /* the column of states is ours */
    if (f->type == TYPE_FILE)
        n = 1;
    for (size_t i = 0; i < n; i++) {
        struct node *item = node_object(a);
        const char *label = column_label(form, f, i);
        const char *state = state_label(form, f, i);

        node_set_text(item, "name", name[i]);
        if (label)
            node_set_text(item, "part", label);
        if (f->flags & TRANSLATED) {
            node_set_text(item, "lang", record_langs[i]);
            node_set_text(item, "dir", i == 2 ? "rtl" : "ltr");
            node_set_text(item, "state", state);
        }
        node_set(item, "value",
                 form->given && faulty(form, f) && f->type != TYPE_FILE
                     ? node_str(a, form->given(form->ctx, name[i]))
                     : value_node(form->record, f, i, a));
        if (form->now)
            node_set(item, "now", value_node(form->now, f, i, a));
        node_push(list, item);
    }
    node_set_bool(out, "several", n > 1);
    node_set(out, "columns", list);
}

static void write_complaints(const struct record_form *form,
                             const struct field *f, struct node *out)
{
    struct node *list = node_list(out->arena);

    for (size_t i = 0; form->bad && i < form->bad->n; i++) {
        const struct complaint *c = &form->bad->items[i];
        AUTO(buf) struct buf text = {.ceiling = 1 << 16};
        struct err err = {0};

        if (c->field != f)
            continue;
        err_set(&err, RC_INVALID, c->message, c->argument ? c->argument : "");
        err_render(&err, lang_text(form->lang, c->message), &text);
        node_push(list, node_str(out->arena, buf_str(&text)));
    }
    node_set(out, "complaints", list);
    node_set_bool(out, "wrong", node_len(list) > 0);
}

static bool same(const void *a, const void *b, const struct field *f)
{
    bool equal = true;
    size_t columns = (f->flags & TRANSLATED) ? RECORD_LANGS
                     : f->type == TYPE_INTERVAL || f->type == TYPE_COORDINATE
                         ? 2
                     : f->type == TYPE_FILE ? FILE_SIZE + 1
                                            : 1;

    for (size_t i = 0; i < columns && equal; i++) {
        AUTO(buf) struct buf x = {.ceiling = BUF_CEILING};
        AUTO(buf) struct buf y = {.ceiling = BUF_CEILING};

        field_get_text(a, f, i, &x);
        field_get_text(b, f, i, &y);
        equal = str_eq(buf_str(&x), buf_str(&y));
    }
    return equal;
}

/* What is there, and how much may be sent. */
static void write_file(const struct record_form *form, const struct field *f,
                       struct node *out)
{
    AUTO(buf) struct buf most = {.ceiling = 1 << 12};
    const char *number =
        arena_printf(out->arena, "%" PRId64, f->high / 1000000);
    const struct record_head *head = form->record;

    if (f->type != TYPE_FILE)
        return;
    lang_fill(&most, lang_text(form->lang, N_("At most {n} MB.")), "n", number,
              NULL);
    if (f->high >= 1000000)
        node_set_text(out, "room", buf_cstr(&most));
    if (field_absent(form->record, f))
        return;
    node_set_bool(out, "there", true);
    if (head->id)
        node_set_text(out, "path",
                      attachment_path(form->type, form->record, f, out->arena));
}

static struct node *field_node(const struct record_form *form,
                               const struct field *f, struct arena *a)
{
    struct node *out = node_object(a);
    const struct record_head *head = form->record;
    const char *kind = kinds[f->type];

    node_set_text(out, "field", f->name);
    node_set_text(out, "label", lang_text(form->lang, f->label));
    node_set_text(out, "kind", kind);
    node_set_bool(out, kind, true); /* a template asks {{#line}} */
    node_set_bool(out, "required", f->flags & REQUIRED);
    node_set_bool(out, "private", f->flags & (PRIVATE | INTERNAL));
    node_set_bool(out, "fixed",
                  (f->flags & IMMUTABLE) && head->id &&
                      !field_absent(form->record, f));
    if (hints[f->type])
        node_set_text(out, "hint", lang_text(form->lang, hints[f->type]));
    if (f->high && f->type <= TYPE_EMAIL)
        node_set_int(out, "most", f->high);
    write_choices(form, f, out);
    write_file(form, f, out);
    write_columns(form, f, out);
    write_complaints(form, f, out);
    if (form->now && !same(form->record, form->now, f))
        node_set_bool(out, "differs", true);
    return out;
}

struct node *form_node(const struct record_form *form, struct arena *a)
{
    const struct record_head *head = form->record;
    const struct record_head *now = form->now;
    struct node *out = node_object(a), *list = node_list(a);
    size_t n;
    const struct field *f = form->type->fields(&n);

    node_set_int(out, "version", now ? now->version : head->version);
    node_set_bool(out, "conflict", now != NULL);
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & form->hidden)
            continue;
        node_push(list, field_node(form, &f[i], a));
        if (f[i].type == TYPE_FILE)
            node_set_bool(out, "files", true);
    }
    node_set(out, "fields", list);
    write_complaints(form, NULL, out);
    node_set_bool(out, "refused", form->bad && form->bad->n);
    return out;
}

void form_take(const struct record_type *t, void *record, unsigned hidden,
               struct str (*get)(void *ctx, const char *column), void *ctx,
               struct arena *a, struct complaints *c)
{
    const struct record_head *head = record;
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);
        bool fixed = (f[i].flags & IMMUTABLE) && head->id &&
                     !field_absent(record, &f[i]);

        if ((f[i].flags & hidden) || fixed || f[i].type == TYPE_FILE)
            continue;
        if (f[i].flags & TRANSLATED)
            columns = RECORD_LANGS;
        for (size_t k = 0; k < columns; k++)
            field_set_text(record, &f[i], k, get(ctx, name[k]), a, c);
    }
}

static bool text_same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static int original_of(const struct words *w, int wrote)
{
    for (int i = 0; i < RECORD_LANGS; i++)
        if (w->in[i] && w->state[i] == WORDS_ORIGINAL)
            return i;
    if (w->in[wrote])
        return wrote;
    for (int i = 0; i < RECORD_LANGS; i++)
        if (w->in[i])
            return i;
    return -1;
}

static void settle(const struct words *before, struct words *w, int wrote)
{
    int original = original_of(w, wrote);
    bool changed = before && original >= 0 && before->in[original] &&
                   !text_same(before->in[original], w->in[original]);

    for (int i = 0; i < RECORD_LANGS; i++) {
        bool touched = !before || !text_same(before->in[i], w->in[i]);

        if (!w->in[i])
            w->state[i] = 0;
        else if (i == original)
            w->state[i] = WORDS_ORIGINAL;
        else if (touched || !w->state[i])
            w->state[i] = WORDS_TRANSLATED;
        else if (changed)
            w->state[i] = WORDS_STALE;
    }
}

void words_settle(const struct record_type *t, const void *before, void *record,
                  const struct lang *lang)
{
    int wrote = 0;
    size_t n;
    const struct field *f = t->fields(&n);

    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(lang)) == 0)
            wrote = i;
    for (size_t i = 0; i < n; i++)
        if (f[i].flags & TRANSLATED)
            settle(before ? field_of(before, &f[i]) : NULL,
                   field_at(record, &f[i]), wrote);
}
