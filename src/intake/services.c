#include "intake/table.h"

#include <math.h>

enum {
    S_KIND,
    S_LON,
    S_LAT,
    S_ID,
    S_NAME,
    S_CAPACITY,
    S_LANGUAGES,
    S_HOURS,
    S_FOR_WHOM,
    S_ORGANISATION,
    S_URL,
    S_COUNT
};

static const struct table_field fields[S_COUNT] = {
    {"kind", true},          {"longitude", true}, {"latitude", true},
    {"id", false},           {"name", false},     {"capacity", false},
    {"languages", false},    {"hours", false},    {"for_whom", false},
    {"organisation", false}, {"url", false},
};

struct services {
    struct table t;
    struct dict ids;
    uint64_t *first_line; /* by id */
    size_t n_lines, cap_lines;
    uint64_t *line; /* by service */
    size_t cap, cap_line;
};

bool language_code(struct str s)
{
    if (s.n < 2 || s.n > 3)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 'a' || s.p[i] > 'z')
            return false;
    return true;
}

/* NaN after a fault or a warning. */
static double coordinate(struct services *v, size_t field, double limit)
{
    struct table *t = &v->t;
    struct faults *to = t->job->faults;
    struct str s = table_text(t, field);
    const char *text = arena_str(t->job->scratch, s);
    double x;

    if (s.n == 0 || table_unknown(t, field)) {
        t->reading.missing++;
        fault_add(to, FAULT_COORDINATE_EMPTY, table_place(t, field),
                  fields[field].name);
        return NAN;
    }
    if (!str_double(s, &x) || !isfinite(x)) {
        fault_add(to, FAULT_COORDINATE_BAD, table_place(t, field),
                  fields[field].name, text);
        return NAN;
    }
    if (fabs(x) <= limit)
        return x;
    fault_add(to, field == S_LON ? FAULT_LONGITUDE_RANGE : FAULT_LATITUDE_RANGE,
              table_place(t, field), text);
    return NAN;
}

static void check_id(struct services *v, struct str id)
{
    struct table *t = &v->t;
    uint32_t code;

    if (id.n == 0)
        return;
    code = dict_find(&v->ids, id);
    if (code != DICT_NONE) {
        fault_add(t->job->faults, FAULT_ID_TWICE, table_place(t, S_ID),
                  dict_cstr(&v->ids, code),
                  (unsigned long long)v->first_line[code]);
        return;
    }
    dict_intern(&v->ids, id);
    VEC_PUSH(t->job->scratch, v->first_line, v->n_lines, v->cap_lines) =
        t->line;
}

static void check_languages(struct services *v)
{
    struct str s = table_text(&v->t, S_LANGUAGES);

    while (s.n) {
        const char *cut = memchr(s.p, ';', s.n);
        struct str one = {s.p, cut ? (size_t)(cut - s.p) : s.n};

        s.p += one.n + (cut ? 1 : 0);
        s.n -= one.n + (cut ? 1 : 0);
        one = str_trim(one);
        if (one.n && !language_code(one))
            fault_add(v->t.job->faults, FAULT_SERVICE_LANGUAGE,
                      table_place(&v->t, S_LANGUAGES),
                      arena_str(v->t.job->scratch, one));
    }
}

static int64_t capacity(struct services *v)
{
    struct str s = table_text(&v->t, S_CAPACITY);
    int64_t n = -1;

    if (s.n == 0 || table_unknown(&v->t, S_CAPACITY))
        return -1;
    if (!str_i64(s, &n) || n < 0) {
        fault_add(v->t.job->faults, FAULT_CAPACITY_BAD,
                  table_place(&v->t, S_CAPACITY),
                  arena_str(v->t.job->scratch, s));
        return -1;
    }
    return n;
}

static void take_service(struct services *v)
{
    struct table *t = &v->t;
    struct package *p = t->job->package;
    struct service *s;
    size_t n_lines = p->n_services;
    double lon = coordinate(v, S_LON, 180), lat = coordinate(v, S_LAT, 90);

    check_id(v, table_text(t, S_ID));
    check_languages(v);
    if (table_text(t, S_KIND).n == 0)
        fault_add(t->job->faults, FAULT_KIND_EMPTY, table_place(t, S_KIND), "");
    VEC_PUSH(t->job->scratch, v->line, n_lines, v->cap_line) = t->line;
    VEC_PUSH(t->job->a, p->services, p->n_services, v->cap) =
        (struct service){.area = DICT_NONE};
    s = &p->services[p->n_services - 1];
    s->id = table_copy(t, S_ID);
    s->name = table_copy(t, S_NAME);
    s->kind = table_copy(t, S_KIND);
    s->longitude = isnan(lat) ? NAN : lon;
    s->latitude = isnan(lon) ? NAN : lat;
    s->capacity = capacity(v);
    s->languages = table_copy(t, S_LANGUAGES);
    s->hours = table_copy(t, S_HOURS);
    s->for_whom = table_copy(t, S_FOR_WHOM);
    s->organisation = table_copy(t, S_ORGANISATION);
    s->url = table_copy(t, S_URL);
}

static enum rc place_services(struct services *v, struct err *err)
{
    struct job *j = v->t.job;
    struct package *p = j->package;
    size_t n = p->n_services, placed = 0, inside = 0;
    double *x = arena_array(j->scratch, double, n + 1);
    double *y = arena_array(j->scratch, double, n + 1);
    struct faults outside;
    enum rc rc;

    faults_init(&outside, j->scratch);
    for (size_t i = 0; i < n; i++) {
        x[i] = p->services[i].longitude;
        y[i] = p->services[i].latitude;
    }
    rc = geography_project(j->geography, n, x, y, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct service *s = &p->services[i];

        if (isnan(s->longitude))
            continue;
        placed++;
        s->area = isnan(x[i]) ? DICT_NONE
                              : geography_locate(j->geography, x[i], y[i]);
        inside += s->area != DICT_NONE;
    }
    if (j->areas_refused) /* told; many would lie in those left out */
        return RC_OK;
    if (placed && !inside) {
        fault_add(j->faults, FAULT_POINTS_OUTSIDE_ALL,
                  (struct place){.file = v->t.file},
                  (unsigned long long)placed);
        return RC_OK;
    }
    for (size_t i = 0; i < n; i++)
        if (!isnan(p->services[i].longitude) &&
            p->services[i].area == DICT_NONE)
            fault_add(
                j->faults, FAULT_POINT_OUTSIDE,
                (struct place){.file = v->t.file, .line = v->line[i]},
                arena_printf(j->scratch, "%.5f", p->services[i].longitude),
                arena_printf(j->scratch, "%.5f", p->services[i].latitude));
    return RC_OK;
}

enum rc read_services(struct job *j, const struct resource *r, struct err *err)
{
    struct services v = {0};
    bool more = true;
    enum rc rc = table_open(&v.t, j, r, fields, S_COUNT, err);

    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    dict_init(&v.ids, j->scratch);
    while (!(rc = table_next(&v.t, &more, err)) && more)
        take_service(&v);
    job_note(j, r, &v.t.reading);
    table_close(&v.t);
    if (rc || j->geography->n == 0)
        return rc;
    return place_services(&v, err);
}
