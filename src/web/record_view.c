#include "web/record_view.h"
#include "text/markdown.h"

#include <inttypes.h>

bool view_may(const struct request *r, enum action action,
              const struct record_type *t, const void *record)
{
    struct subject s = subject_of(t, record);

    return access_may(&r->viewer, action, &s);
}

/* ---- records loaded beforehand ---- */

enum { KNOWN_SLOTS = 256 };

struct known_record {
    const struct record_type *type;
    int64_t id;
    void *record; /* NULL: there is none */
    struct known_record *next;
};
struct known_records {
    struct known_record *slot[KNOWN_SLOTS];
};

static const struct known_record *
find_known(const struct request *r, const struct record_type *t, int64_t id)
{
    const struct known_record *k;

    if (!r->known)
        return NULL;
    for (k = r->known->slot[(uint64_t)id % KNOWN_SLOTS]; k; k = k->next)
        if (k->id == id && k->type == t)
            return k;
    return NULL;
}

enum rc view_know(struct request *r, const struct record_type *t,
                  const int64_t *ids, size_t n, struct err *err)
{
    int64_t *asked = arena_array(r->arena, int64_t, n + 1);
    void **records = arena_array(r->arena, void *, n + 1);
    size_t m = 0;
    enum rc rc;

    if (!r->known)
        r->known = arena_new_of(r->arena, struct known_records);
    for (size_t i = 0; i < n; i++)
        if (ids[i] && !find_known(r, t, ids[i]))
            asked[m++] = ids[i];
    rc = record_load_many(r->store, t, asked, m, r->arena, records, err);
    for (size_t i = 0; i < m && !rc; i++) {
        struct known_record *k = arena_new_of(r->arena, struct known_record);
        size_t at = (uint64_t)asked[i] % KNOWN_SLOTS;

        *k = (struct known_record){t, asked[i], records[i], r->known->slot[at]};
        r->known->slot[at] = k;
    }
    return rc;
}

enum rc view_know_refs(struct request *r, const struct record_type *t,
                       void *const *records, size_t n, struct err *err)
{
    size_t n_fields;
    const struct field *f = t->fields(&n_fields);
    int64_t *ids = arena_array(r->arena, int64_t, n + 1);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n_fields && !rc; i++) {
        if (f[i].type != TYPE_REF)
            continue;
        for (size_t k = 0; k < n; k++)
            ids[k] = *(const int64_t *)field_of(records[k], &f[i]);
        rc = view_know(r, record_type(f[i].of), ids, n, err);
    }
    return rc;
}

static enum rc load(const struct request *r, const struct record_type *t,
                    int64_t id, void **out, struct err *err)
{
    const struct known_record *k = find_known(r, t, id);

    if (k && !k->record)
        return err_set(err, RC_NOT_FOUND, N_("there is no such record"));
    if (k) {
        *out = k->record;
        return RC_OK;
    }
    *out = arena_alloc(r->arena, t->size);
    return record_load(r->store, t, id, r->arena, *out, err);
}

enum rc view_load(const struct request *r, const struct record_type *t,
                  int64_t id, enum action action, void **out, struct err *err)
{
    enum rc rc = load(r, t, id, out, err);

    if (rc)
        return rc;
    if (!view_may(r, ACTION_SEE, t, *out))
        return err_set(err, RC_NOT_FOUND, N_("there is no such record"));
    if (!view_may(r, action, t, *out))
        return err_set(err, RC_FORBIDDEN,
                       N_("your account does not allow this"));
    return RC_OK;
}

static unsigned hidden(const struct request *r, const struct record_type *t,
                       const void *record)
{
    struct subject s = subject_of(t, record);

    return access_hidden(&r->viewer, &s);
}

struct node *view_json(const struct request *r, const struct record_type *t,
                       const void *record)
{
    return record_json(t, record, hidden(r, t, record), r->arena);
}

static int language_index(const struct request *r)
{
    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(r->lang)) == 0)
            return i;
    return 0;
}

/* A record without a title of its own is called after what it joins. */
static const char *joined_name(const struct request *r,
                               const struct record_type *t, const void *record)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    size_t n, names = 0; /* two tell it apart: a city and a person */
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n && names < 2; i++) {
        const char *name;

        if (f[i].type != TYPE_REF || field_absent(record, &f[i]) ||
            strcmp(f[i].of, t->name) == 0)
            continue;
        name = view_ref(r, f[i].of, *(const int64_t *)field_of(record, &f[i]));
        names += name != NULL;
        if (name)
            buf_fmt(&text, "%s%s", text.n ? " · " : "", name);
    }
    if (!text.n)
        buf_fmt(&text, "%s %" PRId64, lang_text(r->lang, t->label),
                ((const struct record_head *)record)->id);
    return arena_strdup(r->arena, buf_cstr(&text));
}

const char *view_name(const struct request *r, const struct record_type *t,
                      const void *record)
{
    size_t n;
    const struct field *f = t->fields(&n);
    const char *name = NULL;
    bool titled = false;

    for (size_t i = 0; i < n && !name; i++) {
        if (!(f[i].flags & TITLE))
            continue;
        titled = true;
        if (!(f[i].flags & hidden(r, t, record)))
            name = words_best(field_of(record, &f[i]), language_index(r), NULL);
    }
    if (name)
        return name;
    return titled ? lang_text(r->lang, N_("(no name)"))
                  : joined_name(r, t, record);
}

const char *view_ref(const struct request *r, const char *type, int64_t id)
{
    const struct record_type *t = record_type(type);
    void *record;

    if (!t || load(r, t, id, &record, NULL) ||
        !view_may(r, ACTION_SEE, t, record))
        return NULL;
    return view_name(r, t, record);
}

const char *view_path(const struct request *r, const struct record_type *t,
                      int64_t id)
{
    static const char *const open[][2] = {{"city", "cities"},
                                          {"organisation", "organisations"},
                                          {"programme", "programmes"},
                                          {"edition", "editions"}};

    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (strcmp(t->name, open[i][0]) == 0)
            return arena_printf(r->arena, "/%s/%" PRId64, open[i][1], id);
    return arena_printf(r->arena, "/records/%s/%" PRId64, t->name, id);
}

/* ---- values ---- */

static void set_words(const struct request *r, const void *record,
                      const struct field *f, struct node *out)
{
    int given = 0;
    const char *text =
        words_best(field_of(record, f), language_index(r), &given);
    AUTO(buf) struct buf html = {.ceiling = BUF_CEILING};
    struct markdown_options o = {.heading_shift = 2};

    if ((f->flags & TRANSLATED) && given != language_index(r)) {
        node_set_text(out, "lang", record_langs[given]);
        node_set_text(out, "dir", given == 2 ? "rtl" : "ltr");
        node_set_text(out, "language",
                      lang_own_name(lang_find(record_langs[given])));
    }
    if (f->type == TYPE_MARKDOWN &&
        markdown_html(str_of(text), &o, &html, NULL) == RC_OK)
        node_set_text(out, "html", buf_cstr(&html));
    else
        node_set_text(out, "text", text);
}

static const char *option_label(const struct request *r, const struct field *f,
                                const char *code)
{
    size_t n;
    const struct option *o = record_options(f->of, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(o[i].code, code) == 0)
            return lang_text(r->lang, o[i].label);
    return code;
}

static void add_ref(const struct request *r, const struct field *f, int64_t id,
                    struct node *list)
{
    const char *name = view_ref(r, f->of, id);
    struct node *item = node_object(r->arena);

    if (!name)
        return;
    node_set_text(item, "text", name);
    node_set_text(item, "path", view_path(r, record_type(f->of), id));
    node_push(list, item);
}

static void set_refs(const struct request *r, const void *record,
                     const struct field *f, struct node *out)
{
    const struct ids *ids = field_of(record, f);
    struct node *list = node_list(r->arena);

    if (f->type == TYPE_REF)
        add_ref(r, f, *(const int64_t *)field_of(record, f), list);
    for (size_t i = 0; f->type == TYPE_REFS && i < ids->n; i++)
        add_ref(r, f, ids->items[i], list);
    if (node_len(list))
        node_set(out, "parts", list);
}

static void set_choices(const struct request *r, const void *record,
                        const struct field *f, struct node *out)
{
    const struct texts *t = field_of(record, f);
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < t->n; i++) {
        struct node *item = node_object(r->arena);

        node_set_text(item, "text", option_label(r, f, t->items[i]));
        node_push(list, item);
    }
    node_set(out, "parts", list);
}

/* Two columns as one text: "2020 – 2026", "35.78, -5.81". */
static void set_pair(const struct request *r, const void *record,
                     const struct field *f, struct node *out)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    bool place = f->type == TYPE_COORDINATE;

    for (size_t i = 0; i < 2; i++) {
        AUTO(buf) struct buf part = {.ceiling = 256};

        field_get_text(record, f, place ? 1 - i : i, &part);
        if (i)
            buf_adds(&text, place ? ", " : " – ");
        if (place)
            buf_add(&text, buf_str(&part));
        else if (part.n)
            lang_period(r->lang, buf_cstr(&part), &text);
        else
            buf_adds(&text, "…");
    }
    node_set_text(out, "text", buf_cstr(&text));
}

void view_country(const struct request *r, const char *code, struct buf *out)
{
    const char *name = NULL;
    int64_t id;

    if (lang_country(r->lang, code, out))
        return;
    if (store_int(r->store,
                  "SELECT id FROM territory WHERE kind = 'country' AND"
                  " country = :code ORDER BY id LIMIT 1",
                  PARAMS(P_TEXT("code", code)), &id, NULL) == RC_OK)
        name = view_ref(r, "territory", id);
    buf_adds(out, name ? name : code);
}

static void set_plain(const struct request *r, const void *record,
                      const struct field *f, struct node *out)
{
    AUTO(buf) struct buf raw = {.ceiling = 1 << 16};
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    field_get_text(record, f, 0, &raw);
    switch (f->type) {
    case TYPE_INT:
        lang_integer(r->lang, *(const int64_t *)field_of(record, f), &text);
        break;
    case TYPE_REAL:
        lang_decimal(r->lang, *(const double *)field_of(record, f), 2, &text);
        break;
    case TYPE_BOOL:
        buf_adds(&text, *(const int8_t *)field_of(record, f) > 0
                            ? lang_text(r->lang, N_("Yes"))
                            : lang_text(r->lang, N_("No")));
        break;
    case TYPE_DATE:
        lang_period(r->lang, buf_cstr(&raw), &text);
        break;
    case TYPE_COUNTRY:
        view_country(r, buf_cstr(&raw), &text);
        break;
    case TYPE_CHOICE:
        buf_adds(&text, option_label(r, f, buf_cstr(&raw)));
        break;
    case TYPE_LINK:
        if (link_shape(buf_str(&raw))) /* whoever wrote it into the table */
            node_set_text(out, "link", buf_cstr(&raw));
        buf_add(&text, buf_str(&raw));
        break;
    case TYPE_FILE:
        buf_fmt(&text, "%s (%s)", buf_cstr(&raw),
                page_size(r, (uint64_t)((const struct attachment *)field_of(
                                            record, f))
                                 ->size));
        break;
    case TYPE_EMAIL:
        node_set_text(out, "link",
                      arena_printf(r->arena, "mailto:%s", buf_cstr(&raw)));
        buf_add(&text, buf_str(&raw));
        break;
    default:
        buf_add(&text, buf_str(&raw));
    }
    node_set_text(out, "text", buf_cstr(&text));
}

struct node *view_value(const struct request *r, const void *record,
                        const struct field *f)
{
    struct node *out = node_object(r->arena);

    node_set_text(out, "name", f->name);
    node_set_text(out, "label", lang_text(r->lang, f->label));
    if (f->flags & (PRIVATE | INTERNAL))
        node_set_bool(out, "restricted", true);
    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        set_words(r, record, f, out);
        break;
    case TYPE_REF:
    case TYPE_REFS:
        set_refs(r, record, f, out);
        break;
    case TYPE_CHOICES:
        set_choices(r, record, f, out);
        break;
    case TYPE_INTERVAL:
    case TYPE_COORDINATE:
        set_pair(r, record, f, out);
        break;
    default:
        set_plain(r, record, f, out);
    }
    return out;
}

/* With the way to a file. */
static struct node *own_value(const struct request *r,
                              const struct record_type *t, const void *record,
                              const struct field *f)
{
    struct node *out = view_value(r, record, f);

    if (f->type == TYPE_FILE)
        node_set_text(out, "link", attachment_path(t, record, f, r->arena));
    return out;
}

struct node *view_fields(const struct request *r, const struct record_type *t,
                         const void *record)
{
    struct node *list = node_list(r->arena);
    unsigned flags = hidden(r, t, record);
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & flags) && !field_absent(record, &f[i]))
            node_push(list, own_value(r, t, record, &f[i]));
    return list;
}

struct node *view_field(const struct request *r, const struct record_type *t,
                        const void *record, const char *name)
{
    const struct field *f = record_field(t, name);

    if (!f || (f->flags & hidden(r, t, record)) || field_absent(record, f))
        return NULL;
    return own_value(r, t, record, f);
}
