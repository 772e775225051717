/* Two states of a record side by side. */
#include "record/diff.h"
#include "web/record_view.h"

static const char *value_text(const struct request *r, const void *record,
                              const struct field *f)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    const struct node *value, *parts;

    if (field_absent(record, f))
        return "";
    value = view_value(r, record, f);
    parts = node_get(value, "parts");
    buf_adds(&text, node_cstr(node_get(value, "text"), ""));
    for (size_t i = 0; i < node_len(parts); i++)
        buf_fmt(&text, "%s%s", i ? ", " : "",
                node_cstr(node_get(node_at(parts, i), "text"), ""));
    return arena_strdup(r->arena, buf_cstr(&text));
}

static const char *words_text(const struct request *r, const void *record,
                              const struct field *f, size_t column)
{
    const struct words *w = field_of(record, f);

    return w->in[column] ? w->in[column] : "";
}

static void push_part(struct node *list, const struct diff_part *p,
                      const char *mark)
{
    struct node *item = node_object(list->arena);

    node_set(item, "text", node_str(list->arena, p->text));
    if (p->kind != DIFF_SAME)
        node_set_bool(item, mark, true);
    node_push(list, item);
}

static void add_row(const struct request *r, struct node *rows,
                    const struct field *f, int lang, const char *before,
                    const char *after)
{
    struct node *row, *old, *new;
    struct diff d;

    if (strcmp(before, after) == 0)
        return;
    row = node_object(r->arena);
    old = node_list(r->arena);
    new = node_list(r->arena);
    diff_words(str_of(before), str_of(after), r->arena, &d);
    for (size_t i = 0; i < d.n; i++) {
        if (d.items[i].kind != DIFF_NEW)
            push_part(old, &d.items[i], "gone");
        if (d.items[i].kind != DIFF_GONE)
            push_part(new, &d.items[i], "came");
    }
    node_set_text(row, "label", lang_text(r->lang, f->label));
    if (lang >= 0) {
        const struct lang *l = lang_find(record_langs[lang]);

        node_set_text(row, "part", lang_own_name(l));
        node_set_text(row, "lang", record_langs[lang]);
        node_set_text(row, "dir", lang == 2 ? "rtl" : "ltr");
    }
    node_set(row, "old", old);
    node_set(row, "new", new);
    node_push(rows, row);
}

/* Another file may have the name and the size of the one before; who reviews
 * it opens it. */
static void add_file(const struct request *r, struct node *rows,
                     const struct record_type *t, const struct field *f,
                     const void *before, const void *after)
{
    const struct attachment *old = field_of(before, f);
    const struct attachment *new = field_of(after, f);
    const char *was = value_text(r, before, f), *is = value_text(r, after, f);
    size_t n = node_len(rows);

    if (old->name && new->name &&
        old->number != new->number &&strcmp(was, is) == 0)
        is = page_fill(r, lang_text(r->lang, N_("{name}, with other content")),
                       "name", is);
    add_row(r, rows, f, -1, was, is);
    if (node_len(rows) > n && new->name)
        node_set_text(node_at(rows, n), "file",
                      attachment_path(t, after, f, r->arena));
}

struct node *view_differences(const struct request *r,
                              const struct record_type *t, const void *before,
                              const void *after, unsigned hidden)
{
    struct node *rows = node_list(r->arena);
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        bool words = f[i].type == TYPE_TEXT || f[i].type == TYPE_MARKDOWN;
        bool translated = f[i].flags & TRANSLATED;

        if (f[i].flags & hidden)
            continue;
        for (int k = 0; words && k < (translated ? RECORD_LANGS : 1); k++)
            add_row(r, rows, &f[i], translated ? k : -1,
                    words_text(r, before, &f[i], (size_t)k),
                    words_text(r, after, &f[i], (size_t)k));
        if (f[i].type == TYPE_FILE)
            add_file(r, rows, t, &f[i], before, after);
        else if (!words)
            add_row(r, rows, &f[i], -1, value_text(r, before, &f[i]),
                    value_text(r, after, &f[i]));
    }
    return rows;
}
