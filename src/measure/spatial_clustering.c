/*
 * Clustering and distance-decay exposure of Massey and Denton (1988),
 * doi:10.1093/sf/67.2.281, from sums over all pairs of areas of the contact
 * c_ij = exp(-d_ij): P_xx = sum x_i c_ij x_j / X^2 and its kin.
 */
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>

static enum rc self_contact(const struct spatial *s, double **self)
{
    if (!s->a.area_m2 && s->o.self == SELF_DISC)
        return RC_USAGE;
    *self = malloc(s->a.n * sizeof **self);
    if (!*self)
        return RC_MEMORY;
    for (size_t i = 0; i < s->a.n; i++)
        (*self)[i] =
            s->o.self == SELF_ZERO
                ? 1
                : exp(-sqrt(0.6 * s->a.area_m2[i]) / s->o.distance_unit_m);
    return RC_OK;
}

static enum rc contact_of_links(const struct spatial *s,
                                struct environment **out)
{
    const struct neighbours *l = spatial_links(s);
    struct kernel near = kernel_of(SHAPE_UNIFORM, 1);
    AUTO(mem) double *zero = NULL;

    if (!l->start)
        return RC_USAGE;
    zero = calloc(MAX(l->start[s->a.n], 1), sizeof *zero);
    if (!zero)
        return RC_MEMORY;
    return environment_of_links(s->a.n, l, zero, &near, s->o.threads, out);
}

enum rc contact_new(const struct spatial *s, double **self,
                    struct environment **out)
{
    struct kernel k = kernel_of(SHAPE_EXPONENTIAL, s->o.distance_unit_m);
    enum rc rc;

    if (s->o.contact == CONTACT_NEIGHBOURS)
        return contact_of_links(s, out);
    rc = self_contact(s, self);
    if (rc)
        return rc;
    k.tail = s->o.tail;
    return environment_with_self(&s->a, &k, *self, s->o.threads, out);
}

static enum rc contact_sum(const struct spatial *s, size_t columns,
                           const double *rows, double *out)
{
    AUTO(mem) double *self = NULL;
    AUTO(environment) struct environment *e = NULL;
    enum rc rc = contact_new(s, &self, &e);

    return rc ? rc : environment_sum(e, columns, rows, out);
}

enum rc contact_product(const struct spatial *s, const struct frame *f,
                        double **out)
{
    size_t columns = f->groups + 1;
    AUTO(mem) double *rows = NULL;

    if (columns > SIZE_MAX / sizeof *rows / f->units)
        return RC_MEMORY;
    rows = malloc(f->units * columns * sizeof *rows);
    *out = malloc(f->units * columns * sizeof **out);
    if (!rows || !*out)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++) {
        for (size_t g = 0; g < f->groups; g++)
            rows[i * columns + g] = f->n[i * f->groups + g];
        rows[i * columns + f->groups] = 1;
    }
    return contact_sum(s, columns, rows, *out);
}

/* Sums over pairs: xx = sum x_i c_ij x_j, ... ; decay_x = sum of
 * x_i (sum_j c_ij x_j) / (sum_j c_ij t_j), decay_y with y_j above. */
struct touch {
    double xx, yy, tt, xt, ones, decay_x, decay_y;
};

/* The four products of one area: with x, y, t and 1. */
static void products(const struct frame *f, const struct ask *a, size_t i,
                     double out[4])
{
    const double *row = a->contact + i * (f->groups + 1);
    double t = 0;

    for (size_t g = 0; g < f->groups; g++)
        t += row[g];
    out[0] = row[a->group];
    out[1] = a->scope == MEASURE_PAIR ? row[a->against] : t - row[a->group];
    out[2] = t;
    out[3] = row[f->groups];
}

static enum rc products_alone(const struct sides *p, const struct ask *a,
                              double **out)
{
    AUTO(mem) double *rows = malloc(4 * p->n * sizeof *rows);

    *out = malloc(4 * p->n * sizeof **out);
    if (!rows || !*out)
        return RC_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        rows[4 * i] = p->x[i];
        rows[4 * i + 1] = p->y[i];
        rows[4 * i + 2] = p->t[i];
        rows[4 * i + 3] = 1;
    }
    return contact_sum(a->space, 4, rows, *out);
}

static enum rc touch_of(const struct sides *p, const struct frame *f,
                        const struct ask *a, struct touch *out)
{
    struct sum xx = {0}, yy = {0}, tt = {0}, xt = {0}, ones = {0};
    struct sum decay_x = {0}, decay_y = {0};
    AUTO(mem) double *alone = NULL;
    enum rc rc = a->contact ? RC_OK : products_alone(p, a, &alone);

    if (rc)
        return rc;
    for (size_t i = 0; i < p->n; i++) {
        double shared[4], *c = alone ? alone + 4 * i : shared;

        if (!alone)
            products(f, a, i, shared);
        sum_add(&xx, p->x[i] * c[0]);
        sum_add(&yy, p->y[i] * c[1]);
        sum_add(&xt, p->x[i] * c[2]);
        sum_add(&tt, p->t[i] * c[2]);
        sum_add(&ones, c[3]);
        if (p->x[i] > 0 && c[2] > 0) {
            sum_add(&decay_x, p->x[i] * c[0] / c[2]);
            sum_add(&decay_y, p->x[i] * c[1] / c[2]);
        }
    }
    *out = (struct touch){sum_of(&xx),     sum_of(&yy),   sum_of(&tt),
                          sum_of(&xt),     sum_of(&ones), sum_of(&decay_x),
                          sum_of(&decay_y)};
    return RC_OK;
}

static enum rc sides_and_touch(const struct frame *f, const struct ask *a,
                               struct sides *p, struct touch *t)
{
    enum rc rc = sides_init(p, f, a);

    return rc ? rc : touch_of(p, f, a, t);
}

enum rc measure_absolute_clustering(const struct frame *f, const struct ask *a,
                                    double *out)
{
    AUTO(sides) struct sides p = {0};
    struct touch c;
    enum rc rc = sides_and_touch(f, a, &p, &c);
    double n, even;

    if (rc)
        return rc;
    n = (double)p.n;
    even = p.X / (n * n) * c.ones;
    if (!(fabs(c.xt / p.X - even) > 0))
        return RC_UNDEFINED;
    *out = (c.xx / p.X - even) / (c.xt / p.X - even);
    return RC_OK;
}

enum rc measure_relative_clustering(const struct frame *f, const struct ask *a,
                                    double *out)
{
    AUTO(sides) struct sides p = {0};
    struct touch c;
    enum rc rc = sides_and_touch(f, a, &p, &c);

    if (rc)
        return rc;
    *out = c.xx / (p.X * p.X) / (c.yy / (p.Y * p.Y)) - 1;
    return RC_OK;
}

/* All groups: sum of X_g P_gg over T P_tt. */
static enum rc proximity_city(const struct frame *f, const struct ask *a,
                              double *out)
{
    size_t columns = f->groups + 1;
    AUTO(mem) double *own = NULL;
    const double *c = a->contact;
    struct sum all = {0}, tt = {0};

    if (f->present < 2 || f->units < 2)
        return RC_UNDEFINED;
    if (!c) {
        enum rc rc = contact_product(a->space, f, &own);

        if (rc)
            return rc;
        c = own;
    }
    for (size_t i = 0; i < f->units; i++) {
        double t = 0;

        for (size_t g = 0; g < f->groups; g++) {
            double with = c[i * columns + g];

            t += with;
            if (f->group_total[g] > 0)
                sum_add(&all,
                        f->n[i * f->groups + g] * with / f->group_total[g]);
        }
        sum_add(&tt, f->unit_total[i] * t);
    }
    *out = sum_of(&all) / (sum_of(&tt) / f->total);
    return RC_OK;
}

enum rc measure_spatial_proximity(const struct frame *f, const struct ask *a,
                                  double *out)
{
    AUTO(sides) struct sides p = {0};
    struct touch c;
    enum rc rc;

    if (a->scope == MEASURE_CITY)
        return proximity_city(f, a, out);
    rc = sides_and_touch(f, a, &p, &c);
    if (rc)
        return rc;
    *out = (c.xx / p.X + c.yy / p.Y) / (c.tt / p.T);
    return RC_OK;
}

enum rc measure_distance_decay_isolation(const struct frame *f,
                                         const struct ask *a, double *out)
{
    AUTO(sides) struct sides p = {0};
    struct touch c;
    enum rc rc = sides_and_touch(f, a, &p, &c);

    if (rc)
        return rc;
    *out = c.decay_x / p.X;
    return RC_OK;
}

enum rc measure_distance_decay_interaction(const struct frame *f,
                                           const struct ask *a, double *out)
{
    AUTO(sides) struct sides p = {0};
    struct touch c;
    enum rc rc = sides_and_touch(f, a, &p, &c);

    if (rc)
        return rc;
    *out = c.decay_y / p.X;
    return RC_OK;
}
