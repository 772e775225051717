#include "network/import_names.h"
#include "text/fold.h"

#include <inttypes.h>
#include <stdio.h>

/* Short texts that name a record beside its title. */
static bool is_code(const struct field *f)
{
    return (f->flags & UNIQUE) || strcmp(f->name, "acronym") == 0 ||
           strcmp(f->name, "code") == 0;
}

static bool sets_apart(const struct field *f)
{
    return f->type == TYPE_CHOICE || f->type == TYPE_COUNTRY;
}

static void fold_into(struct buf *out, const char *text)
{
    text_fold(str_of(text), out);
}

static const char *apart_of(const struct names *n, const void *record)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 16};
    size_t count;
    const struct field *f = n->type->fields(&count);

    buf_addc(&out, '|');
    for (size_t i = 0; i < count; i++) {
        if (!sets_apart(&f[i]) || field_absent(record, &f[i]))
            continue;
        fold_into(&out, *(const char *const *)field_of(record, &f[i]));
        buf_addc(&out, '|');
    }
    return arena_strdup(n->a, buf_cstr(&out));
}

static void add_name(struct names *n, const char *text, int64_t id,
                     const char *apart)
{
    AUTO(buf) struct buf folded = {.ceiling = 1 << 16};
    size_t known = n->texts.n;
    uint32_t at, entry = (uint32_t)n->n;

    fold_into(&folded, text);
    if (!folded.n)
        return;
    at = dict_intern(&n->texts, buf_str(&folded));
    if (at == known)
        VEC_PUSH(n->a, n->first, known, n->cap_first) = DICT_NONE;
    for (uint32_t e = n->first[at]; e != DICT_NONE; e = n->entries[e].next)
        if (n->entries[e].id == id)
            return;
    VEC_PUSH(n->a, n->entries, n->n, n->cap) =
        (struct name_entry){id, apart, n->first[at]};
    n->first[at] = entry;
}

static void add_title(struct names *n, int64_t id, const char *title)
{
    char key[32];
    size_t known = n->ids.n;
    uint32_t at;

    snprintf(key, sizeof key, "#%" PRId64, id);
    at = dict_intern(&n->ids, str_of(key));
    if (at == known)
        VEC_PUSH(n->a, n->titles, known, n->cap_titles) = NULL;
    n->titles[at] = title ? arena_strdup(n->a, title) : NULL;
}

void known_add(struct names *n, const void *record)
{
    const struct record_head *head = record;
    const char *apart = apart_of(n, record), *title = NULL;
    size_t count;
    const struct field *f = n->type->fields(&count);

    for (size_t i = 0; i < count; i++) {
        const struct words *w = field_of(record, &f[i]);

        if ((f[i].flags & TITLE) || (is_code(&f[i]) && f[i].type == TYPE_TEXT))
            for (int l = 0; l < RECORD_LANGS; l++)
                if (w->in[l])
                    add_name(n, w->in[l], head->id, apart);
        if (f[i].type == TYPE_EMAIL && is_code(&f[i]) &&
            !field_absent(record, &f[i]))
            add_name(n, *(const char *const *)field_of(record, &f[i]), head->id,
                     apart);
        if (f[i].flags & TITLE)
            title = words_best(w, 0, NULL);
    }
    add_title(n, head->id, title);
}

static bool take_record(void *ctx, const void *record)
{
    known_add(ctx, record);
    return true;
}

enum rc known_load(struct store *s, const struct record_type *t,
                   struct arena *a, struct names *out, struct err *err)
{
    *out = (struct names){.type = t, .a = a};
    dict_init(&out->texts, a);
    dict_init(&out->ids, a);
    return record_each(s, t, "", NO_PARAMS, take_record, out, err);
}

/* "(metropolis, FR)": every part must be among what sets the record apart. */
static bool fits(const struct name_entry *e, struct str apart)
{
    while (apart.n) {
        AUTO(buf) struct buf part = {.ceiling = 1 << 12};
        const char *cut = memchr(apart.p, ',', apart.n);
        size_t n = cut ? (size_t)(cut - apart.p) : apart.n;

        buf_addc(&part, '|');
        text_fold((struct str){apart.p, n}, &part);
        buf_addc(&part, '|');
        if (!strstr(e->apart, buf_cstr(&part)))
            return false;
        apart.p += n + (cut != NULL);
        apart.n -= n + (cut != NULL);
    }
    return true;
}

static size_t find(const struct names *n, struct str text, struct str apart,
                   int64_t *id)
{
    AUTO(buf) struct buf folded = {.ceiling = 1 << 16};
    size_t found = 0;
    uint32_t at;

    text_fold(text, &folded);
    at = folded.n ? dict_find(&n->texts, buf_str(&folded)) : DICT_NONE;
    if (at == DICT_NONE)
        return 0;
    for (uint32_t e = n->first[at]; e != DICT_NONE; e = n->entries[e].next) {
        if (!fits(&n->entries[e], apart))
            continue;
        *id = n->entries[e].id;
        found++;
    }
    return found;
}

static uint32_t id_at(const struct names *n, int64_t id)
{
    char key[32];

    snprintf(key, sizeof key, "#%" PRId64, id);
    return dict_find(&n->ids, str_of(key));
}

size_t known_find(const struct names *n, struct str text, int64_t *id)
{
    size_t found, open = text.n;
    int64_t number;

    if (str_i64(text, &number) && id_at(n, number) != DICT_NONE) {
        *id = number;
        return 1;
    }
    found = find(n, text, (struct str){0}, id);
    if (found || !str_ends(text, ")"))
        return found;
    while (open && text.p[open - 1] != '(')
        open--;
    if (!open)
        return 0;
    return find(n, (struct str){text.p, open - 1},
                (struct str){text.p + open, text.n - open - 1}, id);
}

const char *known_title(const struct names *n, int64_t id)
{
    uint32_t at = id_at(n, id);

    return at == DICT_NONE ? NULL : n->titles[at];
}
