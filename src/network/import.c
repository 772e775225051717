#include "network/import.h"
#include "network/import_cell.h"
#include "network/rules.h"
#include "network/secret.h"
#include "record/form.h"
#include "text/fold.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what is stored already ---- */

static const char *key_of(const struct importing *im, const void *record,
                          struct arena *a)
{
    AUTO(buf) struct buf key = {.ceiling = 1 << 16};
    bool any = false;

    for (size_t i = 0; i < im->n_key; i++) {
        AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
        size_t before;

        field_get_text(record, im->key[i]->field, im->key[i]->column, &text);
        before = key.n;
        text_fold(buf_str(&text), &key);
        any = any || key.n > before;
        buf_addc(&key, '\x1f');
    }
    return any ? arena_strdup(a, buf_cstr(&key)) : NULL;
}

static void remember_key(struct importing *im, const void *record)
{
    const struct record_head *head = record;
    const char *key = key_of(im, record, im->a);
    size_t known = im->keys.n;
    uint32_t at;

    if (!key)
        return;
    at = dict_intern(&im->keys, str_of(key));
    if (at == known)
        VEC_PUSH(im->a, im->key_id, known, im->cap_key_id) = head->id;
    else if (im->key_id[at] != head->id)
        im->key_id[at] = -1;
}

static const char *unique_key(const void *record, const struct field *f,
                              struct arena *a)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    field_get_text(record, f, 0, &text);
    return text.n ? arena_printf(a, "%s=%s", f->name, buf_cstr(&text)) : NULL;
}

static void remember_unique(struct importing *im, const void *record)
{
    const struct record_head *head = record;
    size_t n;
    const struct field *f = im->plan->type->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const char *key =
            f[i].flags & UNIQUE ? unique_key(record, &f[i], im->a) : NULL;
        size_t known = im->unique.n;
        uint32_t at;

        if (!key)
            continue;
        at = dict_intern(&im->unique, str_of(key));
        if (at == known)
            VEC_PUSH(im->a, im->unique_id, known, im->cap_unique_id) = 0;
        im->unique_id[at] = head->id;
    }
}

static bool remember(void *ctx, const void *record)
{
    remember_key(ctx, record);
    remember_unique(ctx, record);
    return true;
}

/* ---- one row ---- */

struct line { /* a row of the table, kept until it can be placed */
    uint64_t number;
    struct str *text;
    bool done;
};

struct one { /* what is at work for one row; `a` goes with it */
    struct importing *im;
    const struct line *line;
    struct arena *a;
    struct complaints bad;
    void *record, *before;
    bool is_new, last, later;
};

static enum rc set_fields(struct one *o, void *record, struct err *err)
{
    struct importing *im = o->im;
    enum rc rc = RC_OK;

    for (size_t i = 0; i < im->n_slots && !rc; i++)
        if (im->slots[i].kind == SLOT_FIELD)
            rc = import_set(im, &im->slots[i],
                            import_text(&im->slots[i], o->line->text), record,
                            o->last, &o->later, o->a, &o->bad, err);
    return rc;
}

static const struct slot *slot_of_field(const struct importing *im,
                                        const struct field *f)
{
    for (size_t i = 0; i < im->n_slots; i++)
        if (im->slots[i].field == f && f)
            return &im->slots[i];
    return NULL;
}

static void keep_complaints(struct one *o)
{
    for (size_t i = 0; i < o->bad.n; i++) {
        const struct complaint *c = &o->bad.items[i];
        const struct slot *slot = slot_of_field(o->im, c->field);
        struct slot missing = {.from = SIZE_MAX,
                               .name = c->field ? c->field->name : NULL};

        import_fault(o->im, o->line->number, slot ? slot : &missing, c->message,
                     c->argument);
    }
}

static void fault_here(struct one *o, const char *column, const char *message,
                       const char *argument)
{
    import_fault(o->im, o->line->number,
                 column ? import_slot(o->im, column) : NULL, message, argument);
}

static bool number_in(struct one *o, const char *column, int64_t *out)
{
    const struct slot *slot = import_slot(o->im, column);
    struct str text = slot ? import_text(slot, o->line->text) : STR("");

    *out = 0;
    if (!text.n || (str_i64(text, out) && *out > 0))
        return true;
    fault_here(o, column, N_("'%s' is not a whole number"),
               arena_str(o->a, text));
    return false;
}

/* Which stored record the row belongs to; false: it is at fault. */
static bool find_own(struct one *o, const void *given, int64_t *id)
{
    struct importing *im = o->im;
    const char *key;
    uint32_t at;

    if (!number_in(o, "id", id))
        return false;
    if (*id || !im->n_key)
        return true;
    key = key_of(im, given, o->a);
    at = key ? dict_find(&im->keys, str_of(key)) : DICT_NONE;
    if (at == DICT_NONE)
        return true;
    *id = im->key_id[at];
    if (*id > 0)
        return true;
    fault_here(o, im->key[0]->name,
               N_("several records fit this row; name more columns with --key"),
               NULL);
    return false;
}

/* Two rows of one record: the second would undo the first. */
static bool claim(struct one *o, int64_t id)
{
    struct importing *im = o->im;
    char key[32];
    size_t known = im->done.n;
    uint32_t at;

    snprintf(key, sizeof key, "#%" PRId64, id);
    at = dict_intern(&im->done, str_of(key));
    if (at == known) {
        VEC_PUSH(im->a, im->done_line, known, im->cap_done_line) =
            o->line->number;
        return true;
    }
    fault_here(o, im->n_key ? im->key[0]->name : "id",
               N_("the same record as line %s; name more columns with --key if "
                  "it is another"),
               arena_printf(o->a, "%" PRIu64, im->done_line[at]));
    return false;
}

static enum rc load_stored(struct one *o, int64_t id, bool *good,
                           struct err *err)
{
    struct record_head *head = o->record;
    int64_t version;
    enum rc rc =
        record_load(o->im->s, o->im->plan->type, id, o->a, o->record, err);

    *good = false;
    if (rc == RC_NOT_FOUND) {
        fault_here(o, "id", N_("there is no record of this number"), NULL);
        return RC_OK;
    }
    if (rc)
        return rc;
    memcpy(o->before, o->record, o->im->plan->type->size);
    if (!claim(o, id) || !number_in(o, "version", &version))
        return RC_OK;
    if (version && version != head->version)
        fault_here(o, "version",
                   N_("somebody saved this record after the table was made"),
                   NULL);
    else
        *good = true;
    return RC_OK;
}

static bool state_known(const struct record_type *t, const char *state)
{
    size_t n;
    const struct transition *m = record_transitions(&n);

    if (strcmp(record_first_state(t), state) == 0)
        return true;
    for (size_t i = 0; i < n; i++)
        if (strcmp(m[i].record, t->name) == 0 && strcmp(m[i].to, state) == 0)
            return true;
    return false;
}

static void set_state(struct one *o)
{
    const struct record_type *t = o->im->plan->type;
    const struct slot *slot = import_slot(o->im, "state");
    struct record_head *head = o->record;
    struct str text = slot ? import_text(slot, o->line->text) : STR("");

    if (o->is_new)
        head->state =
            o->im->plan->state ? o->im->plan->state : record_first_state(t);
    if (!text.n)
        return;
    head->state = arena_str(o->a, text);
    if (!state_known(t, head->state))
        fault_here(o, "state", N_("'%s' is not a state of this record"),
                   head->state);
}

static void check_unique(struct one *o)
{
    const struct record_type *t = o->im->plan->type;
    const struct record_head *head = o->record;
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const char *key =
            f[i].flags & UNIQUE ? unique_key(o->record, &f[i], o->a) : NULL;
        uint32_t at = key ? dict_find(&o->im->unique, str_of(key)) : DICT_NONE;

        if (at != DICT_NONE && o->im->unique_id[at] != head->id)
            complain(&o->bad, &f[i], N_("another record has this already"),
                     NULL);
    }
}

static void check_immutable(struct one *o, const struct field *f)
{
    AUTO(buf) struct buf old = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf new = {.ceiling = BUF_CEILING};

    if (!(f->flags & IMMUTABLE) || o->is_new || field_absent(o->before, f))
        return;
    field_get_text(o->before, f, 0, &old);
    field_get_text(o->record, f, 0, &new);
    if (!str_eq(buf_str(&old), buf_str(&new)))
        complain(&o->bad, f, N_("this is set once and stays"), NULL);
}

static enum rc check(struct one *o, struct err *err)
{
    const struct record_type *t = o->im->plan->type;
    size_t n;
    const struct field *f = t->fields(&n);

    words_settle(t, o->is_new ? NULL : o->before, o->record, o->im->plan->lang);
    record_validate(t, o->record, &o->bad);
    check_unique(o);
    for (size_t i = 0; i < n; i++)
        check_immutable(o, &f[i]);
    return rules_check(o->im->s, t, o->is_new ? NULL : o->before, o->record,
                       o->a, &o->bad, err);
}

/* ---- what changed ---- */

/* A value for people: records by their names. */
static enum rc shown(struct one *o, const void *record, const struct field *f,
                     size_t column, const char **out, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf named = {.ceiling = BUF_CEILING};
    struct names *names;
    enum rc rc = RC_OK;
    struct str rest;

    field_get_text(record, f, column, &text);
    *out = arena_strdup(o->im->a, buf_cstr(&text));
    if (f->type != TYPE_REF && f->type != TYPE_REFS)
        return RC_OK;
    rc = import_names(o->im, f->of, &names, err);
    for (rest = buf_str(&text); rest.n && !rc;) {
        const char *cut = memchr(rest.p, ';', rest.n);
        struct str part = {rest.p, cut ? (size_t)(cut - rest.p) : rest.n};
        const char *title = NULL;
        int64_t id;

        if (str_i64(part, &id))
            title = known_title(names, id);
        if (named.n)
            buf_adds(&named, "; ");
        if (title)
            buf_adds(&named, title);
        else
            buf_add(&named, part);
        rest.p += part.n + (cut != NULL);
        rest.n -= part.n + (cut != NULL);
    }
    *out = arena_strdup(o->im->a, buf_cstr(&named));
    return rc;
}

static bool column_same(const void *a, const void *b, const struct field *f,
                        size_t column)
{
    AUTO(buf) struct buf x = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf y = {.ceiling = BUF_CEILING};

    field_get_text(a, f, column, &x);
    field_get_text(b, f, column, &y);
    return str_eq(buf_str(&x), buf_str(&y));
}

static enum rc note_field(struct one *o, const struct field *f,
                          struct import_row *row, struct err *err)
{
    const char *name[COLUMNS_OF_FIELD];
    size_t columns = field_columns(f, o->a, name);
    enum rc rc = RC_OK;

    for (size_t k = 0; k < columns && !rc; k++) {
        struct import_change change = {.column =
                                           arena_strdup(o->im->a, name[k])};

        if (k == RECORD_LANGS || column_same(o->before, o->record, f, k))
            continue;
        rc = shown(o, o->before, f, k, &change.old, err);
        if (!rc)
            rc = shown(o, o->record, f, k, &change.new, err);
        VEC_PUSH(o->im->a, row->changes, row->n_changes, row->cap_changes) =
            change;
    }
    return rc;
}

static enum rc note_changes(struct one *o, struct import_row *row,
                            struct err *err)
{
    const struct record_type *t = o->im->plan->type;
    const struct record_head *was = o->before, *is = o->record;
    size_t n;
    const struct field *f = t->fields(&n);
    enum rc rc = RC_OK;

    if (o->is_new)
        record_clear(t, o->before);
    for (size_t i = 0; i < n && !rc; i++)
        rc = note_field(o, &f[i], row, err);
    if (!o->is_new && was->state && is->state &&
        strcmp(was->state, is->state) != 0)
        VEC_PUSH(o->im->a, row->changes, row->n_changes, row->cap_changes) =
            (struct import_change){"state", arena_strdup(o->im->a, was->state),
                                   arena_strdup(o->im->a, is->state)};
    row->kind = o->is_new        ? IMPORT_NEW
                : row->n_changes ? IMPORT_CHANGED
                                 : IMPORT_SAME;
    return rc;
}

static const char *name_of(struct one *o)
{
    size_t n;
    const struct field *f = o->im->plan->type->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (f[i].flags & TITLE) {
            const char *best = words_best(field_of(o->record, &f[i]), 0, NULL);

            return best ? arena_strdup(o->im->a, best) : "";
        }
    return "";
}

/* Saves what passed; a database that refuses it is a fault of this row. */
static enum rc save(struct one *o, struct err *err)
{
    struct importing *im = o->im;
    struct record_head *head = o->record;
    struct import_row row = {.line = o->line->number, .name = name_of(o)};
    enum rc rc = note_changes(o, &row, err);
    struct names *own;

    if (!rc && row.kind != IMPORT_SAME)
        rc = record_save(im->s, im->plan->type, o->record, im->deed, o->a, NULL,
                         err);
    if (!rc)
        rc = import_names(im, im->plan->type->name, &own, err);
    if (rc)
        return rc;
    known_add(own, o->record);
    remember(im, o->record);
    if (o->is_new)
        claim(o, head->id);
    row.id = head->id;
    im->out->count[row.kind]++;
    VEC_PUSH(im->a, im->out->rows, im->out->n, im->out->cap) = row;
    return RC_OK;
}

static enum rc place(struct one *o, struct err *err)
{
    const struct record_type *t = o->im->plan->type;
    size_t faults = o->im->out->n_faults;
    bool good = true;
    int64_t id;
    enum rc rc;

    record_clear(t, o->record);
    rc = set_fields(o, o->record, err);
    if (rc || o->later)
        return rc;
    if (!find_own(o, o->record, &id))
        return RC_OK;
    o->is_new = !id;
    if (id) {
        rc = load_stored(o, id, &good, err);
        o->bad.n = 0;
        if (!rc && good)
            rc = set_fields(o, o->record, err);
    }
    if (rc || !good)
        return rc;
    set_state(o);
    rc = check(o, err);
    keep_complaints(o);
    if (rc || o->im->out->n_faults > faults)
        return rc;
    return save(o, err);
}

/* *waits: the row names one that has not come yet. */
static enum rc take_line(struct importing *im, const struct line *line,
                         bool last, bool *waits, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct one o = {.im = im,
                    .line = line,
                    .a = a,
                    .bad = {.arena = a},
                    .record = arena_alloc(a, im->plan->type->size),
                    .before = arena_alloc(a, im->plan->type->size),
                    .last = last};
    enum rc rc = place(&o, err);

    *waits = o.later;
    return rc;
}

/* ---- the whole table ---- */

struct lines {
    struct line *items;
    size_t n, cap;
};

static enum rc one_pass(struct importing *im, struct lines *lines, bool last,
                        size_t *left, struct err *err)
{
    for (size_t i = 0; i < lines->n; i++) {
        struct line *l = &lines->items[i];
        bool waits;
        enum rc rc;

        if (l->done)
            continue;
        rc = take_line(im, l, last, &waits, err);
        if (rc)
            return rc;
        l->done = !waits;
        *left -= l->done;
    }
    return RC_OK;
}

/* A pass that places nothing is followed by one in which none waits. */
static enum rc take_lines(struct importing *im, struct lines *lines,
                          struct err *err)
{
    size_t left = lines->n;
    bool last = false;

    while (left) {
        size_t before = left;
        enum rc rc = one_pass(im, lines, last, &left, err);

        if (rc)
            return rc;
        last = left == before;
    }
    return RC_OK;
}

static enum rc read_lines(struct importing *im, struct csv *csv,
                          struct lines *out, struct err *err)
{
    const struct csv_row *row;
    enum rc rc;

    while (!(rc = csv_next(csv, &row, err)) && row) {
        struct line line = {row->line, NULL, false};

        line.text = arena_try(im->a, row->n + 1, sizeof *line.text);
        if (!line.text)
            return err_set(err, RC_MEMORY, N_("not enough memory"));
        for (size_t i = 0; i < row->n; i++)
            line.text[i] =
                (struct str){arena_str(im->a, row->field[i]), row->field[i].n};
        VEC_PUSH(im->a, out->items, out->n, out->cap) = line;
    }
    return rc;
}

static int by_line(const void *a, const void *b)
{
    const struct import_row *x = a, *y = b;

    return (x->line > y->line) - (x->line < y->line);
}

static int fault_by_place(const void *a, const void *b)
{
    const struct import_fault *x = a, *y = b;

    if (x->line != y->line)
        return x->line > y->line ? 1 : -1;
    return (x->column > y->column) - (x->column < y->column);
}

static enum rc write_audit(struct importing *im, struct err *err)
{
    const struct import *out = im->out;
    const char *detail =
        arena_printf(im->a, "{\"new\":%zu,\"changed\":%zu,\"same\":%zu}",
                     out->count[IMPORT_NEW], out->count[IMPORT_CHANGED],
                     out->count[IMPORT_SAME]);

    return audit_row(im->s, im->deed->by, "import", im->plan->type->name,
                     detail, im->deed->at, err);
}

static enum rc in_store(struct importing *im, struct lines *lines,
                        struct err *err)
{
    enum rc rc =
        record_each(im->s, im->plan->type, "", NO_PARAMS, remember, im, err);

    if (!rc)
        rc = take_lines(im, lines, err);
    if (!rc && (im->out->n_faults || faults_any(&im->out->table)))
        rc = err_set(err, RC_INVALID, N_("the table has faults"));
    if (!rc && im->plan->apply)
        rc = write_audit(im, err);
    return rc;
}

static enum rc read_table(struct importing *im, struct lines *lines,
                          struct err *err)
{
    AUTO(csv) struct csv *csv = NULL;
    struct csv_options options = {0};
    enum rc rc = csv_open(&csv, im->plan->path, im->plan->path, &options, im->a,
                          &im->out->table, err);

    if (!rc)
        rc = import_slots(im, csv, err);
    return rc ? rc : read_lines(im, csv, lines, err);
}

enum rc import_run(struct store *s, const struct import_plan *plan,
                   const struct deed *deed, struct arena *a, struct import *out,
                   struct err *err)
{
    struct importing *im = arena_new_of(a, struct importing);
    struct lines lines = {0};
    enum rc rc;

    *im = (struct importing){
        .s = s, .plan = plan, .deed = deed, .a = a, .out = out};
    *out = (struct import){0};
    faults_init(&out->table, a);
    dict_init(&im->keys, a);
    dict_init(&im->unique, a);
    dict_init(&im->done, a);
    if (plan->state && !state_known(plan->type, plan->state))
        return err_set(err, RC_USAGE, N_("'%s' is not a state of '%s'"),
                       plan->state, plan->type->name);
    rc = read_table(im, &lines, err);
    if (!rc)
        rc = store_begin(s, true, err);
    if (rc)
        return rc;
    rc = in_store(im, &lines, err);
    if (!rc && plan->apply) {
        rc = store_commit(s, err);
        out->applied = !rc;
    } else {
        store_rollback(s);
    }
    for (size_t i = 0; i < out->n && !out->applied; i++)
        if (out->rows[i].kind == IMPORT_NEW)
            out->rows[i].id = 0;
    if (out->n)
        qsort(out->rows, out->n, sizeof *out->rows, by_line);
    if (out->n_faults)
        qsort(out->faults, out->n_faults, sizeof *out->faults, fault_by_place);
    faults_sort(&out->table);
    return rc;
}
