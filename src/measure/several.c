#include "measure/several.h"

#include "measure/spatial_space.h"
#include "measure/whole.h"

#include <stdlib.h>
#include <string.h>

void cleanup_several(struct several *s)
{
    cleanup_people(&s->p);
    free(s->t);
    free(s->space);
    environment_free(s->local);
    environment_free(s->contact);
    free(s->self);
}

/* The one space of all targets that have one, or NULL. */
static const struct spatial *space_of(const struct measure_target *t, size_t n)
{
    const struct spatial *s = NULL;

    for (size_t k = 0; k < n; k++) {
        if (!t[k].space)
            continue;
        if (s && t[k].space != s)
            return NULL;
        s = t[k].space;
    }
    return s;
}

/*
 * What a batch shares. Where surroundings cannot be had (no centroids), each
 * index says so for itself.
 */
static enum rc take_surroundings(struct several *s)
{
    bool local = false, contact = false;
    enum rc rc = RC_OK;

    for (size_t k = 0; k < s->n; k++) {
        const struct measure_target *t = &s->t[k];

        local = local || (t->space && (t->m->needs & NEEDS_COUNTS));
        contact = contact || (t->space && spatial_needs_contact(t->m));
    }
    if (local)
        rc = environment_new(&s->space->a, &s->space->o.kernel, 1, &s->local);
    if (contact && rc != RC_MEMORY)
        rc = contact_new(s->space, &s->self, &s->contact);
    return rc == RC_MEMORY ? rc : RC_OK;
}

static enum rc take_space(struct several *s, const struct spatial *space)
{
    s->space = malloc(sizeof *s->space);
    if (!s->space)
        return RC_MEMORY;
    *s->space = *space;
    s->space->contact = NULL;
    s->space->o.threads = 1;
    s->space->o.bandwidth_m = s->space->bandwidth_m;
    for (size_t k = 0; k < s->n; k++)
        if (s->t[k].space)
            s->t[k].space = s->space;
    return s->p.c.units == space->a.n ? take_surroundings(s) : RC_OK;
}

/* Enough columns at once that the distances weigh little; not too many to hold.
 */
static size_t batch_of(const struct several *s)
{
    enum { COLUMNS = 64, NUMBERS = 1 << 22 };
    size_t groups = s->p.c.groups, units = s->p.c.units;

    if (!s->local && !s->contact)
        return 1;
    return MAX(1, MIN(COLUMNS / groups, NUMBERS / (groups * units)));
}

enum rc several_init(struct several *s, const struct measure_target *t,
                     size_t n, const struct counts *c, enum measure_model model,
                     const struct measure_options *o)
{
    const struct spatial *space = space_of(t, n);
    enum rc rc = people_init(&s->p, c, t, n);

    if (rc)
        return rc;
    s->n = n;
    s->model = model;
    s->o = *o;
    s->o.threads = 1;
    s->t = malloc(n * sizeof *s->t);
    if (!s->t)
        return RC_MEMORY;
    for (size_t k = 0; k < n; k++)
        s->t[k] = people_target(&s->p, &t[k]);
    rc = space ? take_space(s, space) : RC_OK;
    s->batch = batch_of(s);
    return rc;
}

/* --- what the indices of one draw share ------------------------------ */

/* Whether all ask of one group without places; its columns serve them all. */
static bool same_column(const struct measure_target *t, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (t[k].space)
            return false;
    return targets_of_one_group(t, n);
}

static bool wants_mutual(const struct measure_target *t)
{
    return !t->space && t->scope == MEASURE_CITY &&
           (strcmp(t->m->code, "mutual_information") == 0 ||
            strcmp(t->m->code, "information_theory") == 0);
}

struct shared {
    struct frame f;
    struct two column;
};

static void cleanup_shared(struct shared *s)
{
    cleanup_frame(&s->f);
    cleanup_two(&s->column);
}

/* Sums that several targets use. */
static enum rc shared_init(struct shared *s, const struct people *p,
                           const struct measure_target *t, size_t n,
                           const struct counts *c)
{
    struct ask a = {.scope = MEASURE_GROUP, .group = t[0].group};
    bool mutual = false;
    enum rc rc = frame_init(&s->f, c);

    if (rc)
        return rc;
    s->f.x_log_x = p->x_log_x;
    s->f.logs = p->logs;
    for (size_t k = 0; k < n; k++)
        mutual = mutual || wants_mutual(&t[k]);
    if (mutual) {
        s->f.mutual = frame_mutual(&s->f);
        s->f.has_mutual = true;
    }
    if (!same_column(t, n))
        return RC_OK;
    rc = two_init(&s->column, &s->f, &a);
    return rc == RC_MEMORY ? rc : RC_OK;
}

/* What surrounds each area in one draw, or NULL. */
struct around {
    const double *local, *contact;
};

static enum rc index_of(const struct several *s, const struct shared *k,
                        const struct measure_target *t, const struct counts *c,
                        const struct around *around, double *out)
{
    struct ask a = {.scope = t->scope,
                    .group = t->group,
                    .against = t->against,
                    .o = &s->o,
                    .space = t->space,
                    .contact = around->contact,
                    .columns = k->column.x ? &k->column : NULL};

    if (!t->space)
        return frame_compute(t->m, &k->f, &a, out);
    if (around->local && (t->m->needs & NEEDS_COUNTS))
        return measure_local(t->m, t->scope, c, around->local, t->space->o.form,
                             t->group, t->against, &s->o, out);
    if (around->contact && spatial_needs_contact(t->m))
        return frame_compute(t->m, &k->f, &a, out);
    return target_value(t, c, &s->o, out);
}

static enum rc indices_of(const struct several *s, const double *cells,
                          const struct around *around, double *value,
                          size_t stride)
{
    struct counts c = {s->p.c.units, s->p.c.groups, cells};
    AUTO(shared) struct shared k = {0};
    enum rc rc = shared_init(&k, &s->p, s->t, s->n, &c);

    if (rc && rc != RC_UNDEFINED)
        return rc;
    for (size_t i = 0; i < s->n; i++) {
        double v = NAN;
        enum rc one = rc ? rc : index_of(s, &k, &s->t[i], &c, around, &v);

        if (one && one != RC_UNDEFINED)
            return one;
        value[i * stride] = one ? NAN : v;
    }
    return RC_OK;
}

/* --- a batch --------------------------------------------------------- */

/* Draws side by side and a column of ones, before and after; one draw's. */
struct table {
    size_t columns;
    double *rows, *out, *one;
};

static struct table table_of(const struct several *s, size_t count,
                             double *room)
{
    size_t units = s->p.c.units, columns = count * s->p.c.groups + 1;

    return (struct table){columns, room, room + units * columns,
                          room + 2 * units * columns};
}

size_t several_room(const struct several *s)
{
    size_t units = s->p.c.units, groups = s->p.c.groups;

    if (!s->local && !s->contact)
        return 0;
    return 2 * units * (s->batch * groups + 1) + 2 * units * (groups + 1);
}

static void side_by_side(const struct several *s, const double *cells,
                         size_t count, const struct table *t)
{
    size_t units = s->p.c.units, groups = s->p.c.groups;

    for (size_t i = 0; i < units; i++) {
        double *row = t->rows + i * t->columns;

        for (size_t d = 0; d < count; d++)
            memcpy(row + d * groups, cells + (d * units + i) * groups,
                   groups * sizeof *row);
        row[count * groups] = 1;
    }
}

/* The columns of draw d, and of the ones where `ones`. */
static void taken_out(const struct several *s, const struct table *t, size_t d,
                      bool ones, double *out)
{
    size_t groups = s->p.c.groups, width = groups + ones;

    for (size_t i = 0; i < s->p.c.units; i++) {
        const double *row = t->out + i * t->columns;

        memcpy(out + i * width, row + d * groups, groups * sizeof *out);
        if (ones)
            out[i * width + groups] = row[t->columns - 1];
    }
}

static enum rc batch_values(const struct several *s, const double *cells,
                            size_t count, const struct table *t, double *value,
                            size_t stride)
{
    size_t n = s->p.c.units * s->p.c.groups;
    struct around around = {s->local ? t->one : NULL,
                            s->contact ? t->one + n : NULL};
    enum rc rc;

    side_by_side(s, cells, count, t);
    rc = environment_sum(s->contact ? s->contact : s->local, t->columns,
                         t->rows, t->out);
    for (size_t d = 0; d < count && !rc; d++) {
        struct counts c = {s->p.c.units, s->p.c.groups, cells + d * n};

        taken_out(s, t, d, s->contact, s->contact ? t->one + n : t->one);
        if (s->contact && s->local) /* the second kind draw by draw */
            rc = environment_apply(s->local, &c, t->one);
        if (!rc)
            rc = indices_of(s, c.n, &around, value + d, stride);
    }
    return rc;
}

enum rc several_values(const struct several *s, const double *cells,
                       size_t count, double *room, double *value, size_t stride)
{
    struct around nothing = {NULL, NULL};
    struct table t = table_of(s, count, room);

    if (!s->local && !s->contact) {
        enum rc rc = RC_OK;

        for (size_t d = 0; d < count && !rc; d++)
            rc = indices_of(s, cells + d * s->p.c.units * s->p.c.groups,
                            &nothing, value + d, stride);
        return rc;
    }
    return batch_values(s, cells, count, &t, value, stride);
}
