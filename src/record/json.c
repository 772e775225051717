#include "record/record.h"

#include <inttypes.h>

static struct node *words_json(const struct words *w, const struct field *f,
                               struct arena *a)
{
    struct node *n;

    if (!(f->flags & TRANSLATED))
        return node_text(a, words_best(w, 0, NULL));
    n = node_object(a);
    for (int i = 0; i < RECORD_LANGS; i++)
        if (w->in[i])
            node_set_text(n, record_langs[i], w->in[i]);
    return n;
}

static struct node *list_json(const void *p, const struct field *f,
                              struct arena *a)
{
    struct node *n = node_list(a);

    if (f->type == TYPE_CHOICES)
        for (size_t i = 0; i < ((const struct texts *)p)->n; i++)
            node_push(n, node_text(a, ((const struct texts *)p)->items[i]));
    else
        for (size_t i = 0; i < ((const struct ids *)p)->n; i++)
            node_push(n, node_int(a, ((const struct ids *)p)->items[i]));
    return n;
}

static struct node *text_json(const void *record, const struct field *f,
                              size_t column, struct arena *a)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    field_get_text(record, f, column, &text);
    return text.n ? node_str(a, buf_str(&text)) : NULL;
}

static struct node *pair_json(const void *record, const struct field *f,
                              const char *first, const char *second,
                              struct arena *a)
{
    struct node *n = node_object(a);
    struct node *from = text_json(record, f, 0, a);
    struct node *to = text_json(record, f, 1, a);

    if (from)
        node_set(n, first, from);
    if (to)
        node_set(n, second, to);
    return n;
}

static struct node *file_json(const struct record_type *t, const void *record,
                              const struct field *f, struct arena *a)
{
    const struct attachment *file = field_of(record, f);
    const struct record_head *head = record;
    struct node *n = node_object(a);

    node_set_text(n, "name", file->name);
    if (file->media)
        node_set_text(n, "type", file->media);
    node_set_int(n, "size", file->size);
    if (head->id)
        node_set_text(n, "path", attachment_path(t, record, f, a));
    return n;
}

const char *attachment_path(const struct record_type *t, const void *record,
                            const struct field *f, struct arena *a)
{
    return arena_printf(a, "/records/%s/%" PRId64 "/files/%s", t->name,
                        ((const struct record_head *)record)->id, f->name);
}

static struct node *field_json(const struct record_type *t, const void *record,
                               const struct field *f, struct arena *a)
{
    const void *p = field_of(record, f);
    const struct coordinate *place = p;
    struct node *n;

    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        return words_json(p, f, a);
    case TYPE_INT:
    case TYPE_REF:
        return node_int(a, *(const int64_t *)p);
    case TYPE_REAL:
        return node_double(a, *(const double *)p);
    case TYPE_BOOL:
        return node_bool(a, *(const int8_t *)p > 0);
    case TYPE_INTERVAL:
        return pair_json(record, f, "from", "to", a);
    case TYPE_COORDINATE:
        n = node_object(a);
        node_set_double(n, "longitude", place->longitude);
        node_set_double(n, "latitude", place->latitude);
        return n;
    case TYPE_FILE:
        return file_json(t, record, f, a);
    case TYPE_CHOICES:
    case TYPE_REFS:
        return list_json(p, f, a);
    default:
        return text_json(record, f, 0, a);
    }
}

struct node *record_json(const struct record_type *t, const void *record,
                         unsigned hidden, struct arena *a)
{
    const struct record_head *head = record;
    struct node *out = node_object(a);
    size_t n;
    const struct field *f = t->fields(&n);

    if (head->id) {
        node_set_int(out, "id", head->id);
        node_set_int(out, "version", head->version);
    }
    if (head->state && head->state[0])
        node_set_text(out, "state", head->state);
    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & hidden) && !field_absent(record, &f[i]))
            node_set(out, f[i].name, field_json(t, record, &f[i], a));
    return out;
}

/* A JSON value as the text that a form would have sent. */
static bool scalar_text(const struct node *n, struct buf *out)
{
    switch (n->kind) {
    case NODE_TEXT:
        buf_add(out, n->text);
        return true;
    case NODE_INT:
        buf_i64(out, n->integer);
        return true;
    case NODE_DOUBLE:
        buf_double(out, n->real);
        return true;
    case NODE_BOOL:
        buf_adds(out, n->boolean ? "true" : "false");
        return true;
    case NODE_NULL:
        return true;
    default:
        return false;
    }
}

static bool list_text(const struct node *n, struct buf *out)
{
    for (size_t i = 0; i < node_len(n); i++) {
        const struct node *item = node_at(n, i);

        if (i)
            buf_addc(out, ';');
        if (item->kind == NODE_TEXT && memchr(item->text.p, ';', item->text.n))
            return false;
        if (!scalar_text(item, out))
            return false;
    }
    return true;
}

static void set_from(void *record, const struct field *f, size_t column,
                     const struct node *n, struct arena *a,
                     struct complaints *c)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    bool list = f->type == TYPE_CHOICES || f->type == TYPE_REFS;
    bool good = !n || (list && n->kind == NODE_LIST ? list_text(n, &text)
                                                    : scalar_text(n, &text));

    if (!good)
        complain(c, f, N_("the value is not of the kind that is expected"),
                 NULL);
    else
        field_set_text(record, f, column, buf_str(&text), a, c);
}

static void words_from(void *record, const struct field *f,
                       const struct node *n, struct arena *a,
                       struct complaints *c)
{
    for (size_t i = 0; i < RECORD_LANGS; i++)
        if (node_get(n, record_langs[i]))
            set_from(record, f, i, node_get(n, record_langs[i]), a, c);
}

/* What stands there already stays; nothing takes it away; any other is a file
 * that was not sent, which validation refuses. */
static void file_from(struct attachment *file, const struct node *n,
                      struct arena *a)
{
    const char *name = node_cstr(node_get(n, "name"), "");
    int64_t size = node_integer(node_get(n, "size"), 0);

    if (file->name && strcmp(file->name, name) == 0 && file->size == size)
        return;
    *file = (struct attachment){0};
    if (n->kind != NODE_OBJECT)
        return;
    file->name = arena_strdup(a, name);
    file->media = arena_strdup(a, node_cstr(node_get(n, "type"), ""));
    file->size = size;
}

static void field_from(void *record, const struct field *f,
                       const struct node *n, struct arena *a,
                       struct complaints *c)
{
    bool object = n->kind == NODE_OBJECT;

    if (f->type == TYPE_FILE && (object || n->kind == NODE_NULL)) {
        file_from(field_at(record, f), n, a);
    } else if (f->type == TYPE_FILE) {
        complain(c, f, N_("the value is not of the kind that is expected"),
                 NULL);
    } else if (object && f->type == TYPE_INTERVAL) {
        set_from(record, f, 0, node_get(n, "from"), a, c);
        set_from(record, f, 1, node_get(n, "to"), a, c);
    } else if (object && f->type == TYPE_COORDINATE) {
        set_from(record, f, 0, node_get(n, "longitude"), a, c);
        set_from(record, f, 1, node_get(n, "latitude"), a, c);
    } else if (object && (f->flags & TRANSLATED)) {
        words_from(record, f, n, a, c);
    } else {
        set_from(record, f, 0, n, a, c);
    }
}

void record_from_json(const struct record_type *t, const struct node *json,
                      void *record, struct arena *a, struct complaints *c)
{
    struct record_head *head = record;

    if (json->kind != NODE_OBJECT) {
        complain(c, NULL, N_("an object is expected"), NULL);
        return;
    }
    for (size_t i = 0; i < node_len(json); i++) {
        const char *key = arena_str(a, node_key(json, i));
        const struct field *f = record_field(t, key);

        if (f)
            field_from(record, f, node_at(json, i), a, c);
        else if (strcmp(key, "version") == 0)
            head->version = node_integer(node_at(json, i), 0);
        else if (strcmp(key, "id") != 0 && strcmp(key, "state") != 0 &&
                 strcmp(key, "revision") != 0)
            complain(c, NULL, N_("there is no field '%s'"), key);
    }
}
