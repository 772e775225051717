#include "network/import_cell.h"
#include "text/fold.h"

void import_fault(struct importing *im, uint64_t line, const struct slot *slot,
                  const char *message, const char *argument)
{
    struct import *out = im->out;

    VEC_PUSH(im->a, out->faults, out->n_faults, out->cap_faults) =
        (struct import_fault){
            line, slot && slot->from != SIZE_MAX ? slot->from + 1 : 0,
            slot ? slot->name : NULL, message,
            argument ? arena_strdup(im->a, argument) : NULL};
}

/* ---- columns ---- */

static bool field_column(const struct record_type *t, struct arena *a,
                         const char *name, struct slot *out)
{
    size_t n;
    const struct field *f = t->fields(&n);

    *out = (struct slot){.name = name, .from = SIZE_MAX};
    if (strcmp(name, "id") == 0 || strcmp(name, "version") == 0 ||
        strcmp(name, "state") == 0) {
        out->kind = name[0] == 'i'   ? SLOT_ID
                    : name[0] == 'v' ? SLOT_VERSION
                                     : SLOT_STATE;
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        const char *column[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, column);

        for (size_t k = 0; k < columns; k++)
            if (strcmp(column[k], name) == 0) {
                out->field = &f[i];
                out->column = k;
                return true;
            }
    }
    return false;
}

static enum rc need_column(struct importing *im, const char *name,
                           struct slot *out, struct err *err)
{
    if (field_column(im->plan->type, im->a, name, out))
        return RC_OK;
    return err_set(err, RC_USAGE, N_("'%s' has no column '%s'"),
                   im->plan->type->name, name);
}

static void add_slot(struct importing *im, struct slot slot)
{
    VEC_PUSH(im->a, im->slots, im->n_slots, im->cap_slots) = slot;
}

const struct slot *import_slot(const struct importing *im, const char *name)
{
    for (size_t i = 0; i < im->n_slots; i++)
        if (strcmp(im->slots[i].name, name) == 0)
            return &im->slots[i];
    return NULL;
}

static enum rc mapped_slots(struct importing *im, const struct csv *csv,
                            struct err *err)
{
    const struct import_plan *plan = im->plan;
    struct slot slot;

    for (size_t i = 0; i < plan->constants.n; i++) {
        enum rc rc =
            need_column(im, plan->constants.items[i].field, &slot, err);

        if (rc)
            return rc;
        slot.constant = str_of(plan->constants.items[i].text);
        add_slot(im, slot);
    }
    for (size_t i = 0; i < plan->columns.n; i++) {
        const struct import_pair *p = &plan->columns.items[i];
        enum rc rc = need_column(im, p->field, &slot, err);

        if (rc)
            return rc;
        slot.from = csv_find(csv, p->text);
        if (slot.from == SIZE_MAX)
            return err_set(err, RC_USAGE, N_("the table has no column '%s'"),
                           p->text);
        if (import_slot(im, slot.name))
            return err_set(err, RC_USAGE, N_("'%s' is given twice"), slot.name);
        add_slot(im, slot);
    }
    return RC_OK;
}

/* By name, except what the plan gave already. */
static void named_slots(struct importing *im, const struct csv *csv)
{
    for (size_t i = 0; i < csv_columns(csv); i++) {
        const char *name = arena_str(im->a, csv_column(csv, i));
        bool used = false;
        struct slot slot;

        for (size_t k = 0; k < im->n_slots && !used; k++)
            used = im->slots[k].from == i;
        if (used)
            continue;
        if (!field_column(im->plan->type, im->a, name, &slot) ||
            import_slot(im, name)) {
            VEC_PUSH(im->a, im->out->unused, im->out->n_unused,
                     im->out->cap_unused) = name;
            continue;
        }
        slot.from = i;
        add_slot(im, slot);
    }
}

static enum rc given_key(struct importing *im, struct err *err)
{
    struct str rest = str_of(im->plan->key);

    while (rest.n) {
        const char *cut = memchr(rest.p, ',', rest.n);
        size_t n = cut ? (size_t)(cut - rest.p) : rest.n;
        const char *name = arena_str(im->a, str_trim((struct str){rest.p, n}));
        const struct slot *slot = import_slot(im, name);

        if (!slot || slot->kind != SLOT_FIELD)
            return err_set(err, RC_USAGE,
                           N_("the key '%s' is not among what the table gives"),
                           name);
        if (im->n_key == NAMES_MOST)
            return err_set(err, RC_USAGE, N_("the key has too many columns"));
        im->key[im->n_key++] = slot;
        rest.p += n + (cut != NULL);
        rest.n -= n + (cut != NULL);
    }
    return RC_OK;
}

static const struct slot *slot_with(const struct importing *im, unsigned flag)
{
    const struct slot *best = NULL;

    for (size_t i = 0; i < im->n_slots; i++) {
        const struct slot *s = &im->slots[i];

        if (s->kind == SLOT_FIELD && (s->field->flags & flag) &&
            s->column < RECORD_LANGS && (!best || s->column < best->column))
            best = s;
    }
    return best;
}

static enum rc choose_key(struct importing *im, struct err *err)
{
    if (im->plan->key)
        return given_key(im, err);
    im->key[0] = slot_with(im, UNIQUE);
    if (!im->key[0])
        im->key[0] = slot_with(im, TITLE);
    im->n_key = im->key[0] != NULL;
    if (!im->n_key && !import_slot(im, "id"))
        return err_set(err, RC_USAGE,
                       N_("nothing in the table tells the records apart; name "
                          "the columns that do with --key"));
    return RC_OK;
}

enum rc import_slots(struct importing *im, const struct csv *csv,
                     struct err *err)
{
    enum rc rc = mapped_slots(im, csv, err);

    if (rc)
        return rc;
    named_slots(im, csv);
    if (!im->n_slots)
        return err_set(err, RC_USAGE,
                       N_("no column of the table is one of '%s'"),
                       im->plan->type->name);
    for (size_t i = 0; i < im->plan->values.n; i++) {
        struct slot slot;

        rc = need_column(im, im->plan->values.items[i].field, &slot, err);
        if (rc)
            return rc;
    }
    return choose_key(im, err);
}

struct str import_text(const struct slot *slot, const struct str *row)
{
    struct str text =
        slot->from == SIZE_MAX ? slot->constant : str_trim(row[slot->from]);

    /* the quote that our own export puts before what looks like a formula */
    if (text.n > 1 && text.p[0] == '\'' && strchr("=+-@", text.p[1]))
        text = (struct str){text.p + 1, text.n - 1};
    return text;
}

/* ---- cells ---- */

enum rc import_names(struct importing *im, const char *type, struct names **out,
                     struct err *err)
{
    enum rc rc;

    for (size_t i = 0; i < im->n_names; i++)
        if (strcmp(im->names[i].type->name, type) == 0) {
            *out = &im->names[i];
            return RC_OK;
        }
    REQUIRE(im->n_names < NAMES_MOST);
    *out = &im->names[im->n_names];
    rc = known_load(im->s, record_type(type), im->a, *out, err);
    im->n_names += !rc;
    return rc;
}

static bool folded_same(const char *a, struct str b)
{
    AUTO(buf) struct buf x = {.ceiling = 1 << 16};
    AUTO(buf) struct buf y = {.ceiling = 1 << 16};

    text_fold(str_of(a), &x);
    text_fold(b, &y);
    return x.n && str_eq(buf_str(&x), buf_str(&y));
}

/* A choice may be written as its code or as its label in any language. */
static struct str choice_code(const struct field *f, struct str text)
{
    size_t n, n_langs;
    const struct option *o = record_options(f->of, &n);
    const struct lang *const *langs = lang_all(&n_langs);

    for (size_t i = 0; i < n; i++)
        if (str_is(text, o[i].code))
            return text;
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < n_langs; l++)
            if (folded_same(lang_text(langs[l], o[i].label), text))
                return str_of(o[i].code);
    return text;
}

/* What the plan says a text stands for. */
static struct str plan_value(const struct importing *im,
                             const struct slot *slot, struct str text)
{
    for (size_t i = 0; i < im->plan->values.n; i++) {
        const struct import_pair *p = &im->plan->values.items[i];

        if (strcmp(p->field, slot->name) == 0 && str_is(text, p->text))
            return str_of(p->code);
    }
    return text;
}

static struct str next_part(struct str *rest)
{
    const char *cut = memchr(rest->p, ';', rest->n);
    struct str part = {rest->p, cut ? (size_t)(cut - rest->p) : rest->n};

    rest->p += part.n + (cut != NULL);
    rest->n -= part.n + (cut != NULL);
    return str_trim(part);
}

static enum rc find_record(struct importing *im, const struct field *f,
                           struct str text, bool last, bool *later,
                           struct arena *a, struct complaints *c, int64_t *id,
                           struct err *err)
{
    struct names *names;
    enum rc rc = import_names(im, f->of, &names, err);
    size_t found;

    if (rc)
        return rc;
    found = known_find(names, text, id);
    if (found == 1)
        return RC_OK;
    if (!found && !last && names->type == im->plan->type)
        *later = true;
    else if (!found)
        complain(c, f, N_("there is no '%s'"), arena_str(a, text));
    else
        complain(c, f,
                 N_("several are called '%s': add what sets it apart in "
                    "brackets, or write its number"),
                 arena_str(a, text));
    *id = 0;
    return RC_OK;
}

static enum rc set_references(struct importing *im, const struct slot *slot,
                              struct str text, void *record, bool last,
                              bool *later, struct arena *a,
                              struct complaints *c, struct err *err)
{
    const struct field *f = slot->field;
    bool several = f->type == TYPE_REFS;
    struct ids ids = {0};
    size_t cap = 0;
    enum rc rc = RC_OK;

    while (text.n && !rc) {
        struct str part = several ? next_part(&text) : str_trim(text);
        int64_t id = 0;

        if (!several)
            text.n = 0;
        part = plan_value(im, slot, part);
        if (!part.n)
            continue;
        rc = find_record(im, f, part, last, later, a, c, &id, err);
        if (id)
            VEC_PUSH(a, ids.items, ids.n, cap) = id;
    }
    if (several)
        *(struct ids *)field_at(record, f) = ids;
    else
        *(int64_t *)field_at(record, f) = ids.n ? ids.items[0] : 0;
    return rc;
}

static void set_choices(const struct importing *im, const struct slot *slot,
                        struct str text, void *record, struct arena *a,
                        struct complaints *c)
{
    AUTO(buf) struct buf codes = {.ceiling = 1 << 16};

    while (text.n) {
        struct str part = plan_value(im, slot, next_part(&text));

        if (!part.n)
            continue;
        if (codes.n)
            buf_addc(&codes, ';');
        buf_add(&codes, choice_code(slot->field, part));
    }
    field_set_text(record, slot->field, 0, buf_str(&codes), a, c);
}

enum rc import_set(struct importing *im, const struct slot *slot,
                   struct str text, void *record, bool last, bool *later,
                   struct arena *a, struct complaints *c, struct err *err)
{
    const struct field *f = slot->field;

    if (f->type == TYPE_REF || f->type == TYPE_REFS)
        return set_references(im, slot, text, record, last, later, a, c, err);
    if (f->type == TYPE_CHOICES) {
        set_choices(im, slot, text, record, a, c);
        return RC_OK;
    }
    if (f->type == TYPE_FILE) /* only forms send files */
        return RC_OK;
    text = plan_value(im, slot, text);
    if (f->type == TYPE_CHOICE && text.n)
        text = choice_code(f, text);
    field_set_text(record, f, slot->column, text, a, c);
    return RC_OK;
}
