/* One field: absent or not, its columns, its text. */
#include "record/record.h"

#include <inttypes.h>
#include <math.h>

const char *const record_langs[RECORD_LANGS] = {"en", "fr", "ar"};

void complain(struct complaints *c, const struct field *f, const char *message,
              const char *argument)
{
    VEC_PUSH(c->arena, c->items, c->n, c->cap) =
        (struct complaint){f, message, argument};
}

static bool is_words(const struct field *f)
{
    return f->type == TYPE_TEXT || f->type == TYPE_MARKDOWN;
}

void record_clear(const struct record_type *t, void *record)
{
    size_t n;
    const struct field *f = t->fields(&n);

    memset(record, 0, t->size);
    for (size_t i = 0; i < n; i++) {
        void *p = field_at(record, &f[i]);

        if (f[i].type == TYPE_INT)
            *(int64_t *)p = INT64_MIN;
        else if (f[i].type == TYPE_REAL)
            *(double *)p = NAN;
        else if (f[i].type == TYPE_BOOL)
            *(int8_t *)p = -1;
        else if (f[i].type == TYPE_COORDINATE)
            *(struct coordinate *)p = (struct coordinate){NAN, NAN};
    }
}

bool field_absent(const void *record, const struct field *f)
{
    const void *p = field_of(record, f);

    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        return !words_best(p, 0, NULL);
    case TYPE_LINK:
    case TYPE_EMAIL:
    case TYPE_COUNTRY:
    case TYPE_CHOICE:
        return !*(const char *const *)p;
    case TYPE_INT:
        return *(const int64_t *)p == INT64_MIN;
    case TYPE_REAL:
        return isnan(*(const double *)p);
    case TYPE_BOOL:
        return *(const int8_t *)p < 0;
    case TYPE_DATE:
        return !((const struct day *)p)->year;
    case TYPE_INTERVAL:
        return !((const struct interval *)p)->from.year &&
               !((const struct interval *)p)->to.year;
    case TYPE_COORDINATE:
        return isnan(((const struct coordinate *)p)->longitude) ||
               isnan(((const struct coordinate *)p)->latitude);
    case TYPE_FILE:
        return !((const struct attachment *)p)->name;
    case TYPE_CHOICES:
        return !((const struct texts *)p)->n;
    case TYPE_REF:
        return !*(const int64_t *)p;
    case TYPE_REFS:
        return !((const struct ids *)p)->n;
    default:
        BUG("field type %d", f->type);
    }
}

const char *words_best(const struct words *w, int lang, int *given)
{
    int best = -1;

    if (w->in[lang])
        best = lang;
    for (int i = 0; i < RECORD_LANGS && best < 0; i++)
        if (w->in[i] && w->state[i] == WORDS_ORIGINAL)
            best = i;
    for (int i = 0; i < RECORD_LANGS && best < 0; i++)
        if (w->in[i])
            best = i;
    if (best < 0)
        return NULL;
    if (given)
        *given = best;
    return w->in[best];
}

/* "name_fr"; asked for every field of every row, so without printf. */
static const char *column_of(const struct field *f, const char *part,
                             struct arena *a)
{
    size_t n = strlen(f->name), m = strlen(part);
    char *name = arena_alloc(a, n + m + 2);

    memcpy(name, f->name, n);
    name[n] = '_';
    memcpy(name + n + 1, part, m + 1);
    return name;
}

size_t field_columns(const struct field *f, struct arena *a,
                     const char *column[COLUMNS_OF_FIELD])
{
    if (is_words(f) && (f->flags & TRANSLATED)) {
        for (int i = 0; i < RECORD_LANGS; i++)
            column[i] = column_of(f, record_langs[i], a);
        column[RECORD_LANGS] = column_of(f, "state", a);
        return RECORD_LANGS + 1;
    }
    if (f->type == TYPE_INTERVAL || f->type == TYPE_COORDINATE) {
        bool place = f->type == TYPE_COORDINATE;

        column[0] = column_of(f, place ? "longitude" : "from", a);
        column[1] = column_of(f, place ? "latitude" : "to", a);
        return 2;
    }
    if (f->type == TYPE_FILE) {
        column[FILE_NAME] = f->name;
        column[FILE_NUMBER] = column_of(f, "number", a);
        column[FILE_TYPE] = column_of(f, "type", a);
        column[FILE_SIZE] = column_of(f, "size", a);
        return FILE_SIZE + 1;
    }
    column[0] = f->name;
    return 1;
}

static void set_words(struct words *w, const struct field *f, size_t column,
                      struct str text, struct arena *a)
{
    if (column == RECORD_LANGS) {
        for (size_t i = 0; i < RECORD_LANGS; i++)
            w->state[i] = i < text.n && text.p[i] != '-' ? text.p[i] : 0;
        return;
    }
    w->in[column] = text.n ? arena_str(a, text) : NULL;
}

static void set_list(struct texts *list, struct str text, struct arena *a)
{
    size_t cap = 0;

    *list = (struct texts){0};
    while (text.n) {
        const char *cut = memchr(text.p, ';', text.n);
        struct str item = {text.p, cut ? (size_t)(cut - text.p) : text.n};

        text.p += item.n + (cut != NULL);
        text.n -= item.n + (cut != NULL);
        item = str_trim(item);
        if (item.n)
            VEC_PUSH(a, list->items, list->n, cap) = arena_str(a, item);
    }
}

static bool set_ids(struct ids *ids, struct str text, struct arena *a)
{
    struct texts parts;

    set_list(&parts, text, a);
    *ids = (struct ids){0, arena_array(a, int64_t, parts.n + 1)};
    for (size_t i = 0; i < parts.n; i++)
        if (!str_i64(str_of(parts.items[i]), &ids->items[ids->n++]))
            return false;
    return true;
}

static bool set_day(struct day *d, struct str text)
{
    if (text.n)
        return day_parse(text, d);
    *d = (struct day){0};
    return true;
}

static bool set_bool(int8_t *b, struct str text)
{
    *b = !text.n ? -1 : str_is(text, "true") || str_is(text, "1");
    return *b != 0 || str_is(text, "false") || str_is(text, "0");
}

static bool set_file(struct attachment *file, size_t column, struct str text,
                     struct arena *a)
{
    const char *word = text.n ? arena_str(a, text) : NULL;
    int64_t *number = column == FILE_SIZE ? &file->size : &file->number;

    if (column == FILE_NAME)
        file->name = word;
    else if (column == FILE_TYPE)
        file->media = word;
    else if (!text.n)
        *number = 0;
    else
        return str_i64(text, number);
    return true;
}

/* What to say when a text of this type cannot be read. */
static const char *const unreadable[FIELD_TYPES] = {
    [TYPE_INT] = N_("'%s' is not a whole number"),
    [TYPE_REAL] = N_("'%s' is not a number"),
    [TYPE_BOOL] = N_("'%s' is neither true nor false"),
    [TYPE_DATE] = N_("'%s' is not a date: write 2026, 2026-05 or 2026-05-31"),
    [TYPE_INTERVAL] =
        N_("'%s' is not a date: write 2026, 2026-05 or 2026-05-31"),
    [TYPE_COORDINATE] = N_("'%s' is not a number of degrees"),
    [TYPE_FILE] = N_("'%s' is not a whole number"),
    [TYPE_REF] = N_("'%s' is not the number of a record"),
    [TYPE_REFS] = N_("'%s' are not numbers of records"),
};

static bool set_any(void *p, const struct field *f, size_t column,
                    struct str text, struct arena *a)
{
    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        set_words(p, f, column, text, a);
        return true;
    case TYPE_LINK:
    case TYPE_EMAIL:
    case TYPE_COUNTRY:
    case TYPE_CHOICE:
        *(const char **)p = text.n ? arena_str(a, text) : NULL;
        return true;
    case TYPE_INT:
        *(int64_t *)p = INT64_MIN;
        return !text.n || str_i64(text, p);
    case TYPE_REAL:
        *(double *)p = NAN;
        return !text.n || str_double(text, p);
    case TYPE_BOOL:
        return set_bool(p, text);
    case TYPE_DATE:
        return set_day(p, text);
    case TYPE_INTERVAL:
        return set_day(column ? &((struct interval *)p)->to
                              : &((struct interval *)p)->from,
                       text);
    case TYPE_COORDINATE: {
        double *v = column ? &((struct coordinate *)p)->latitude
                           : &((struct coordinate *)p)->longitude;

        *v = NAN;
        return !text.n || str_double(text, v);
    }
    case TYPE_FILE:
        return set_file(p, column, text, a);
    case TYPE_CHOICES:
        set_list(p, text, a);
        return true;
    case TYPE_REF:
        *(int64_t *)p = 0;
        return !text.n || str_i64(text, p);
    case TYPE_REFS:
        return set_ids(p, text, a);
    default:
        BUG("field type %d", f->type);
    }
}

void field_set_text(void *record, const struct field *f, size_t column,
                    struct str text, struct arena *a, struct complaints *c)
{
    text = str_trim(text);
    if (!set_any(field_at(record, f), f, column, text, a))
        complain(c, f, unreadable[f->type], arena_str(a, text));
}

static void get_words(const struct words *w, size_t column, struct buf *out)
{
    if (column < RECORD_LANGS) {
        if (w->in[column])
            buf_adds(out, w->in[column]);
        return;
    }
    for (size_t i = 0; i < RECORD_LANGS; i++)
        buf_addc(out, w->state[i] ? w->state[i] : '-');
}

static void get_file(const struct attachment *file, size_t column,
                     struct buf *out)
{
    if (column == FILE_NAME)
        buf_adds(out, file->name);
    else if (column == FILE_TYPE)
        buf_adds(out, file->media ? file->media : "");
    else
        buf_i64(out, column == FILE_SIZE ? file->size : file->number);
}

void field_get_text(const void *record, const struct field *f, size_t column,
                    struct buf *out)
{
    const void *p = field_of(record, f);

    if (is_words(f)) {
        get_words(p, column, out);
        return;
    }
    if (f->type == TYPE_INTERVAL) {
        day_write(column ? ((const struct interval *)p)->to
                         : ((const struct interval *)p)->from,
                  out);
        return;
    }
    if (field_absent(record, f))
        return;
    switch (f->type) {
    case TYPE_INT:
    case TYPE_REF:
        buf_i64(out, *(const int64_t *)p);
        break;
    case TYPE_REAL:
        buf_double(out, *(const double *)p);
        break;
    case TYPE_BOOL:
        buf_adds(out, *(const int8_t *)p ? "true" : "false");
        break;
    case TYPE_DATE:
        day_write(*(const struct day *)p, out);
        break;
    case TYPE_COORDINATE:
        buf_double(out, column ? ((const struct coordinate *)p)->latitude
                               : ((const struct coordinate *)p)->longitude);
        break;
    case TYPE_FILE:
        get_file(p, column, out);
        break;
    case TYPE_CHOICES:
        for (size_t i = 0; i < ((const struct texts *)p)->n; i++)
            buf_fmt(out, "%s%s", i ? ";" : "",
                    ((const struct texts *)p)->items[i]);
        break;
    case TYPE_REFS:
        for (size_t i = 0; i < ((const struct ids *)p)->n; i++)
            buf_fmt(out, "%s%" PRId64, i ? ";" : "",
                    ((const struct ids *)p)->items[i]);
        break;
    default:
        buf_adds(out, *(const char *const *)p);
    }
}
