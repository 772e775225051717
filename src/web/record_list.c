/* Lists of records: what a viewer may see of them, page by page. */
#include "web/record_view.h"

#include <inttypes.h>

enum { PER_PAGE = 50, CONDITIONS = 40, FOUND_MOST = 500 };

/* A WHERE that grows, with its values bound by name. */
struct where {
    const struct request *r;
    struct buf sql;
    struct store_param p[CONDITIONS];
    size_t n;
};

static void and_sql(struct where *w, const char *sql)
{
    buf_fmt(&w->sql, "%s(%s)", w->sql.n ? " AND " : "", sql);
}

static const char *bind(struct where *w, struct store_value value)
{
    char *name = arena_printf(w->r->arena, "b%zu", w->n);

    if (w->n == CONDITIONS)
        BUG("a list with more than %d conditions", CONDITIONS);
    w->p[w->n++] = (struct store_param){name, value};
    return arena_printf(w->r->arena, ":%s", name);
}

static const char *bind_int(struct where *w, int64_t v)
{
    return bind(w, (struct store_value){VALUE_INT, {.i = v}});
}

static bool has_states(const struct record_type *t)
{
    return record_first_state(t)[0];
}

/* Column of a type that names the owner a grant is for, or NULL. */
static const char *owner_column(const struct record_type *t, const char *owner)
{
    const struct field *f = record_field(t, owner);

    if (strcmp(t->name, owner) == 0)
        return "id";
    return f && f->type == TYPE_REF ? owner : NULL;
}

/*
 * Never less than what may be seen, and as little more as SQL can say;
 * access_may has the last word on each record.
 */
static void and_visible(struct where *w, const struct record_type *t)
{
    const struct viewer *v = &w->r->viewer;
    AUTO(buf) struct buf sql = {.ceiling = 1 << 14};
    struct subject nothing = {.type = t};

    if (!has_states(t) || access_may(v, ACTION_REVIEW, &nothing))
        return;
    buf_adds(&sql, "state = 'published'");
    for (size_t i = 0; i < v->n_grants && i < 8; i++) {
        const char *city = owner_column(t, "city");
        const char *organisation = owner_column(t, "organisation");

        if (city && v->grants[i].city)
            buf_fmt(&sql, " OR %s = %s", city, bind_int(w, v->grants[i].city));
        if (organisation && v->grants[i].organisation)
            buf_fmt(&sql, " OR %s = %s", organisation,
                    bind_int(w, v->grants[i].organisation));
    }
    and_sql(w, buf_cstr(&sql));
}

/* ?status=member, ?territory=7, ?state=review */
static void and_filters(struct where *w, const struct record_type *t)
{
    size_t n;
    const struct field *f = t->fields(&n);
    struct str state = request_query(w->r, "state");

    for (size_t i = 0; i < n && w->n < CONDITIONS - 8; i++) {
        struct str value = request_query(w->r, f[i].name);
        int64_t id;

        if (!value.n || (f[i].flags & (PRIVATE | INTERNAL | PERSONAL)))
            continue;
        if (f[i].type == TYPE_CHOICE || f[i].type == TYPE_COUNTRY)
            and_sql(w, arena_printf(w->r->arena, "%s = %s", f[i].name,
                                    bind(w, (struct store_value){
                                                VALUE_TEXT, {.s = value}})));
        else if (f[i].type == TYPE_REF && str_i64(value, &id))
            and_sql(w, arena_printf(w->r->arena, "%s = %s", f[i].name,
                                    bind_int(w, id)));
    }
    if (state.n && has_states(t))
        and_sql(w, arena_printf(w->r->arena, "state = %s",
                                bind(w, (struct store_value){VALUE_TEXT,
                                                             {.s = state}})));
}

struct hits {
    const struct record_type *t;
    struct where *w;
    struct buf sql;
    size_t n;
};

static bool take_hit(void *ctx, const struct found *f)
{
    struct hits *h = ctx;

    if (f->type == h->t)
        buf_fmt(&h->sql, "%s%" PRId64, h->n++ ? ", " : "", f->id);
    return true;
}

static enum rc and_words(struct where *w, const struct record_type *t,
                         struct err *err)
{
    struct str q = request_query(w->r, "q");
    struct hits h = {.t = t, .w = w, .sql = {.ceiling = 1 << 16}};
    enum rc rc;

    if (!str_trim(q).n)
        return RC_OK;
    rc = record_search(w->r->store, q.p, FOUND_MOST, take_hit, &h, err);
    and_sql(w, h.n ? arena_printf(w->r->arena, "id IN (%s)", buf_cstr(&h.sql))
                   : "1 = 0");
    buf_free(&h.sql);
    return rc;
}

/* ---- the order, and places in it ---- */

static const char *sort_column(const struct request *r,
                               const struct record_type *t)
{
    return record_sorted(t)
               ? arena_printf(r->arena, "sort_%s", lang_code(r->lang))
               : NULL;
}

/* "8a3f.17": the key in hexadecimal, then the number of the record. */
static const char *place_text(const struct request *r, struct str key,
                              int64_t id)
{
    AUTO(buf) struct buf out = {.ceiling = 1 << 12};

    for (size_t i = 0; i < key.n; i++)
        buf_fmt(&out, "%02x", (unsigned char)key.p[i]);
    buf_fmt(&out, ".%" PRId64, id);
    return arena_strdup(r->arena, buf_cstr(&out));
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = strchr(digits, c);

    return c && at ? (int)(at - digits) : -1;
}

static bool place_parse(const struct request *r, struct str text,
                        struct str *key, int64_t *id)
{
    const char *dot = text.n ? memchr(text.p, '.', text.n) : NULL;
    size_t n = dot ? (size_t)(dot - text.p) : 0;
    char *bytes = arena_alloc(r->arena, n / 2 + 1);

    if (!dot || n % 2 || !str_i64((struct str){dot + 1, text.n - n - 1}, id))
        return false;
    for (size_t i = 0; i < n; i += 2) {
        int high = hex_digit(text.p[i]), low = hex_digit(text.p[i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high * 16 + low);
    }
    *key = (struct str){bytes, n / 2};
    return true;
}

struct id_order {
    const struct request *r;
    int64_t *items;
    size_t n, cap;
    const char *first, *last;
};

static bool take_id(void *ctx, const struct store_row *row)
{
    struct id_order *o = ctx;
    int64_t id = row_int(row, "id", 0);

    o->last = place_text(o->r, row_text(row, "place"), id);
    if (!o->n)
        o->first = o->last;
    VEC_PUSH(o->r->arena, o->items, o->n, o->cap) = id;
    return true;
}

/* From the end of a page backwards: as they are read, last first. */
static void turn_round(struct id_order *o)
{
    const char *first = o->first;

    for (size_t i = 0; i < o->n / 2; i++) {
        int64_t id = o->items[i];

        o->items[i] = o->items[o->n - 1 - i];
        o->items[o->n - 1 - i] = id;
    }
    o->first = o->last;
    o->last = first;
}

static enum rc load_page(const struct request *r, const struct record_type *t,
                         const struct id_order *ids, struct view_page *out,
                         struct err *err)
{
    void **records = arena_array(r->arena, void *, ids->n + 1);
    enum rc rc = record_load_many(r->store, t, ids->items, ids->n, r->arena,
                                  records, err);

    for (size_t i = 0; i < ids->n && !rc; i++) /* one may be gone by now */
        if (records[i] && view_may(r, ACTION_SEE, t, records[i]))
            VEC_PUSH(r->arena, out->records, out->n, out->cap) = records[i];
    return rc;
}

/* Whether this viewer sees records of the type at all, once published. */
static bool sees_type(const struct request *r, const struct record_type *t)
{
    void *record = arena_alloc(r->arena, t->size);

    record_clear(t, record);
    ((struct record_head *)record)->state = has_states(t) ? "published" : "";
    return view_may(r, ACTION_SEE, t, record);
}

static int64_t asked_page(const struct request *r)
{
    int64_t page;

    return str_i64(request_query(r, "page"), &page) && page > 0 &&
                   page < 1000000
               ? page
               : 1;
}

/* Which part of the order a page is: after a place, before one, or so many
 * records from the start. */
enum direction { FROM_START, AFTER, BEFORE };

static enum direction asked_place(struct where *w, const struct record_type *t)
{
    struct str after = request_query(w->r, "after");
    struct str before = request_query(w->r, "before");
    const char *column = sort_column(w->r, t);
    struct str key;
    int64_t id;
    bool on = place_parse(w->r, after, &key, &id);
    const char *sign = on ? ">" : "<";

    if (!on && !place_parse(w->r, before, &key, &id))
        return FROM_START;
    if (column) {
        const char *at = bind(w, (struct store_value){VALUE_BLOB, {.s = key}});

        and_sql(w, arena_printf(w->r->arena, "(%s, id) %s (%s, %s)", column,
                                sign, at, bind_int(w, id)));
    } else {
        and_sql(w,
                arena_printf(w->r->arena, "id %s %s", sign, bind_int(w, id)));
    }
    return on ? AFTER : BEFORE;
}

/* A page that is not full tells how many there are; else they are counted. */
static enum rc count_all(struct where *w, const struct view_list *l,
                         const char *where, bool from_start, size_t on_page,
                         struct view_page *out, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 17};
    enum rc rc = RC_OK;

    if (from_start && (int64_t)on_page < out->per_page &&
        (on_page || out->page == 1)) {
        out->total = (out->page - 1) * out->per_page + (int64_t)on_page;
    } else {
        buf_fmt(&sql, "SELECT count(*) FROM %s WHERE %s", l->type->name, where);
        rc = store_int(w->r->store, buf_cstr(&sql), w->p, w->n, &out->total,
                       err);
    }
    out->pages = (out->total + out->per_page - 1) / out->per_page;
    return rc;
}

static enum rc run(struct where *w, const struct view_list *l,
                   struct view_page *out, struct err *err)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 17};
    struct id_order ids = {.r = w->r};
    const char *column = sort_column(w->r, l->type);
    const char *all = w->sql.n ? arena_str(w->r->arena, buf_str(&w->sql))
                               : "1 = 1"; /* the list, whatever the page */
    enum direction way;
    const char *turn;
    enum rc rc;

    way = asked_place(w, l->type);
    turn = way == BEFORE ? " DESC" : "";
    buf_fmt(&sql, "SELECT id, %s AS place FROM %s WHERE %s ORDER BY ",
            column ? column : "NULL", l->type->name,
            w->sql.n ? buf_cstr(&w->sql) : "1 = 1");
    if (column)
        buf_fmt(&sql, "%s%s, ", column, turn);
    buf_fmt(&sql, "id%s LIMIT %s", turn, bind_int(w, out->per_page));
    if (way == FROM_START)
        buf_fmt(&sql, " OFFSET %s",
                bind_int(w, (out->page - 1) * out->per_page));
    rc =
        store_each(w->r->store, buf_cstr(&sql), w->p, w->n, take_id, &ids, err);
    if (way == BEFORE)
        turn_round(&ids);
    out->first = ids.first;
    out->last = ids.last;
    if (!rc)
        rc = count_all(w, l, all, way == FROM_START, ids.n, out, err);
    return rc ? rc : load_page(w->r, l->type, &ids, out, err);
}

enum rc view_list(const struct request *r, const struct view_list *l,
                  struct view_page *out, struct err *err)
{
    struct where w = {.r = r, .sql = {.ceiling = 1 << 16}};
    enum rc rc;

    *out = (struct view_page){.page = asked_page(r),
                              .per_page = l->per_page ? (int64_t)l->per_page
                                                      : PER_PAGE};
    if (!sees_type(r, l->type))
        return RC_OK;
    for (size_t i = 0; i < l->n_params; i++)
        w.p[w.n++] = l->params[i];
    if (l->where)
        and_sql(&w, l->where);
    and_visible(&w, l->type);
    and_filters(&w, l->type);
    rc = and_words(&w, l->type, err);
    if (!rc)
        rc = run(&w, l, out, err);
    buf_free(&w.sql);
    return rc;
}

/* This list, another page of it; `place`: "after" or "before" which record. */
static const char *page_path(const struct request *r, int64_t page,
                             const char *name, const char *place)
{
    AUTO(buf) struct buf url = {.ceiling = 1 << 16};

    buf_adds(&url, r->path);
    buf_fmt(&url, "?page=%" PRId64, page);
    for (size_t i = 0; i < r->query.n; i++) {
        const char *key = r->query.items[i].name;

        if (strcmp(key, "page") == 0 || strcmp(key, "after") == 0 ||
            strcmp(key, "before") == 0)
            continue;
        buf_addc(&url, '&');
        buf_url(&url, str_of(key));
        buf_addc(&url, '=');
        buf_url(&url, r->query.items[i].value);
    }
    if (place && page > 1)
        buf_fmt(&url, "&%s=%s", name, place);
    return arena_strdup(r->arena, buf_cstr(&url));
}

void view_paging(const struct request *r, const struct view_page *p,
                 struct node *doc)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 10};
    AUTO(buf) struct buf page = {.ceiling = 64};
    AUTO(buf) struct buf pages = {.ceiling = 64};

    node_set_int(doc, "total", p->total);
    node_set_bool(doc, "any", p->n > 0);
    node_set_int(doc, "page_number", p->page);
    node_set_int(doc, "pages", p->pages);
    if (p->pages <= 1)
        return;
    lang_integer(r->lang, p->page, &page);
    lang_integer(r->lang, p->pages, &pages);
    lang_fill(&text, lang_text(r->lang, N_("Page {n} of {all}")), "n",
              buf_cstr(&page), "all", buf_cstr(&pages), NULL);
    node_set_text(doc, "paging", buf_cstr(&text));
    if (p->page > 1)
        node_set_text(doc, "previous",
                      page_path(r, p->page - 1, "before", p->first));
    if (p->page < p->pages)
        node_set_text(doc, "next", page_path(r, p->page + 1, "after", p->last));
}

/* A cell that a spreadsheet might take for a formula gets a quote before it. */
static void csv_cell(struct str s, bool number, struct buf *out)
{
    AUTO(buf) struct buf guarded = {.ceiling = BUF_CEILING};

    if (!s.n || number || !strchr("=+-@\t\r", s.p[0])) {
        buf_csv(out, s);
        return;
    }
    buf_addc(&guarded, '\'');
    buf_add(&guarded, s);
    buf_csv(out, buf_str(&guarded));
}

static void csv_row(const struct request *r, const struct record_type *t,
                    const void *record, unsigned off, struct buf *out)
{
    size_t n;
    const struct field *f = t->fields(&n);
    const struct record_head *head = record;
    struct subject s = subject_of(t, record);
    unsigned hidden = record ? access_hidden(&r->viewer, &s) : 0;

    if (record)
        buf_fmt(out, "%" PRId64, head->id);
    else
        buf_adds(out, "id");
    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], r->arena, name);

        if (f[i].type == TYPE_FILE)
            columns = 1; /* its name; a table holds no files */
        for (size_t k = 0; k < columns && !(f[i].flags & off); k++) {
            AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

            buf_addc(out, ',');
            if (!record)
                buf_adds(out, name[k]);
            else if (!(f[i].flags & hidden))
                field_get_text(record, &f[i], k, &text);
            csv_cell(buf_str(&text),
                     f[i].type == TYPE_INT || f[i].type == TYPE_REAL ||
                         f[i].type == TYPE_COORDINATE || k == RECORD_LANGS,
                     out);
        }
    }
    buf_adds(out, "\r\n");
}

enum rc view_csv(const struct request *r, const struct record_type *t,
                 const struct view_page *p, struct reply *reply)
{
    AUTO(buf) struct buf out = {.ceiling = BUF_CEILING};
    void *empty = arena_alloc(r->arena, t->size);
    struct subject any;
    unsigned off;

    record_clear(t, empty);
    any = subject_of(t, empty);
    off = access_hidden(&r->viewer, &any) & (INTERNAL | PRIVATE);
    csv_row(r, t, NULL, off, &out);
    for (size_t i = 0; i < p->n; i++)
        csv_row(r, t, p->records[i], off, &out);
    reply->type = "text/csv; charset=utf-8";
    reply->bytes = (struct str){arena_str(r->arena, buf_str(&out)), out.n};
    pairs_add(&reply->headers, r->arena, "Content-Disposition",
              str_of(arena_printf(r->arena, "attachment; filename=\"%s.csv\"",
                                  t->name)));
    return out.failed ? RC_LIMIT : RC_OK;
}
