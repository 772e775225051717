#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct spatial_options spatial_defaults(void)
{
    return (struct spatial_options){
        .distance_unit_m = 1000,
        .nearest = 5,
        .tail = 1e-15,
        .kernel = kernel_of(SHAPE_TRIANGULAR, 1000),
        .threads = 1,
    };
}

static bool finite_all(const double *v, size_t n, double low)
{
    for (size_t i = 0; v && i < n; i++)
        if (!isfinite(v[i]) || v[i] < low)
            return false;
    return true;
}

bool links_good(const struct neighbours *l, size_t n)
{
    if (!l->start)
        return true;
    if (l->start[0] != 0 || (l->start[n] && !l->to))
        return false;
    for (size_t i = 0; i < n; i++)
        if (l->start[i + 1] < l->start[i])
            return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = l->start[i]; k < l->start[i + 1]; k++)
            if (l->to[k] >= n || l->to[k] == i)
                return false;
    return finite_all(l->length_m, l->start[n], 0);
}

enum rc areas_check(const struct areas *a)
{
    if (!a->n)
        return RC_UNDEFINED;
    if (a->n > UINT32_MAX)
        return RC_LIMIT;
    return finite_all(a->x_m, a->n, -INFINITY) &&
                   finite_all(a->y_m, a->n, -INFINITY) &&
                   finite_all(a->area_m2, a->n, 0) &&
                   finite_all(a->perimeter_m, a->n, 0) &&
                   links_good(&a->rook, a->n) && links_good(&a->queen, a->n)
               ? RC_OK
               : RC_INVALID;
}

static enum rc options_take(struct spatial *s, const struct spatial_options *o)
{
    static const double usual_m[] = {500, 1000, 2000, 4000};

    s->o = o ? *o : spatial_defaults();
    if (!s->o.bandwidth_m) {
        s->o.bandwidth_m = usual_m;
        s->o.bandwidths = ARRAY_LEN(usual_m);
    }
    if (!s->o.bandwidths || s->o.bandwidths > BANDWIDTHS_MOST ||
        !(s->o.distance_unit_m > 0) || !isfinite(s->o.distance_unit_m) ||
        !(s->o.tail >= 0 && s->o.tail < 1))
        return RC_USAGE;
    for (size_t k = 0; k < s->o.bandwidths; k++) {
        s->bandwidth_m[k] = s->o.bandwidth_m[k];
        if (!isfinite(s->bandwidth_m[k]) || s->bandwidth_m[k] < 0 ||
            (k && s->bandwidth_m[k] <= s->bandwidth_m[k - 1]))
            return RC_USAGE;
    }
    s->o.bandwidth_m = s->bandwidth_m;
    if (s->o.centre == CENTRE_AT &&
        !(isfinite(s->o.centre_x_m) && isfinite(s->o.centre_y_m)))
        return RC_INVALID;
    return RC_OK;
}

enum rc spatial_new(const struct areas *a, const struct spatial_options *o,
                    struct spatial **out)
{
    enum rc rc = areas_check(a);
    struct spatial *s;

    if (rc)
        return rc;
    s = calloc(1, sizeof *s);
    if (!s)
        return RC_MEMORY;
    s->a = *a;
    rc = options_take(s, o);
    if (rc) {
        free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void spatial_free(struct spatial *s)
{
    if (s)
        free(s->contact);
    free(s);
}

enum rc spatial_prepare(struct spatial *s, const struct counts *c)
{
    AUTO(frame) struct frame f = {0};
    double *contact = NULL;
    enum rc rc = c->units == s->a.n ? frame_init(&f, c) : RC_USAGE;

    if (!rc)
        rc = contact_product(s, &f, &contact);
    if (rc) {
        free(contact);
        return rc;
    }
    free(s->contact);
    s->contact = contact;
    s->prepared = *c;
    return RC_OK;
}

static const double *prepared(const struct spatial *s, const struct counts *c)
{
    return s->prepared.n == c->n && s->prepared.groups == c->groups ? s->contact
                                                                    : NULL;
}

const struct neighbours *spatial_links(const struct spatial *s)
{
    return s->o.contiguity == CONTIGUITY_ROOK ? &s->a.rook : &s->a.queen;
}

void cleanup_sides(struct sides *p)
{
    free(p->x);
}

enum rc sides_init(struct sides *p, const struct frame *f, const struct ask *a)
{
    struct sum X = {0}, Y = {0}, T = {0};

    *p = (struct sides){.n = f->units};
    p->x = malloc(3 * f->units * sizeof *p->x);
    if (!p->x)
        return RC_MEMORY;
    p->y = p->x + f->units;
    p->t = p->y + f->units;
    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;

        p->x[i] = row[a->group];
        p->t[i] = f->unit_total[i];
        p->y[i] = a->scope == MEASURE_PAIR ? row[a->against]
                                           : fmax(0, p->t[i] - p->x[i]);
        sum_add(&X, p->x[i]);
        sum_add(&Y, p->y[i]);
        sum_add(&T, p->t[i]);
    }
    p->X = sum_of(&X);
    p->Y = sum_of(&Y);
    p->T = sum_of(&T);
    return p->n >= 2 && p->X > 0 && p->Y > 0 ? RC_OK : RC_UNDEFINED;
}

/* --- measures of the table ------------------------------------------- */

static enum rc groups_check(const struct measure *m, const struct counts *c,
                            const struct spatial *s)
{
    if (c->units != s->a.n)
        return RC_USAGE;
    return m->needs & (NEEDS_COUNTS | NEEDS_AREAS) ? RC_OK : RC_USAGE;
}

/* Smoothed counts of the options' kernel; freed by the caller. */
static enum rc local_of(const struct counts *c, const struct spatial *s,
                        double **out)
{
    AUTO(environment) struct environment *e = NULL;
    enum rc rc;

    if (!c->groups)
        return RC_UNDEFINED;
    rc = environment_new(&s->a, &s->o.kernel, s->o.threads, &e);
    if (rc)
        return rc;
    *out = malloc(c->units * c->groups * sizeof **out);
    return *out ? environment_apply(e, c, *out) : RC_MEMORY;
}

enum rc measure_spatial(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, const struct spatial *s,
                        size_t group, size_t against,
                        const struct measure_options *o, double *out)
{
    struct measure_options defaults = measure_defaults();
    struct ask a = {.scope = scope,
                    .group = group,
                    .against = against,
                    .o = o ? o : &defaults,
                    .space = s,
                    .contact = prepared(s, c)};
    AUTO(frame) struct frame f = {0};
    AUTO(mem) double *local = NULL;
    enum rc rc = groups_check(m, c, s);

    if (rc)
        return rc;
    if (m->needs & NEEDS_AREAS) {
        rc = frame_init(&f, c);
        return rc ? rc : frame_compute(m, &f, &a, out);
    }
    rc = local_of(c, s, &local);
    if (rc)
        return rc;
    return measure_local(m, scope, c, local, s->o.form, group, against, o, out);
}

bool spatial_needs_contact(const struct measure *m)
{
    static const char *const code[] = {
        "absolute_clustering",        "relative_clustering",
        "spatial_proximity",          "distance_decay_isolation",
        "distance_decay_interaction",
    };

    for (size_t i = 0; i < ARRAY_LEN(code); i++)
        if (strcmp(m->code, code[i]) == 0)
            return true;
    return false;
}

enum rc measure_spatial_groups(const struct measure *m, const struct counts *c,
                               const struct spatial *s,
                               const struct measure_options *o, double *out,
                               enum rc *rc)
{
    struct measure_options defaults = measure_defaults();
    struct ask a = {.scope = MEASURE_GROUP, .o = o ? o : &defaults, .space = s};
    AUTO(frame) struct frame f = {0};
    AUTO(mem) double *shared = NULL;
    enum rc whole = groups_check(m, c, s);

    if (!whole && !(m->scopes & MEASURE_GROUP))
        whole = RC_USAGE;
    if (!whole)
        whole = frame_init(&f, c);
    if (!whole && !(m->needs & NEEDS_AREAS))
        whole = local_of(c, s, &shared);
    else if (!whole && spatial_needs_contact(m) && !prepared(s, c))
        whole = contact_product(s, &f, &shared);
    if (whole)
        return whole;
    a.contact = shared ? shared : prepared(s, c);
    for (a.group = 0; a.group < c->groups; a.group++)
        rc[a.group] =
            m->needs & NEEDS_AREAS
                ? frame_compute(m, &f, &a, &out[a.group])
                : measure_local(m, MEASURE_GROUP, c, shared, s->o.form, a.group,
                                0, o, &out[a.group]);
    return RC_OK;
}
