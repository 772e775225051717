/*
 * Count measures on local environments: Reardon and O'Sullivan (2004),
 * doi:10.1111/j.0081-1750.2004.00150.x, in whose notation an area of t persons
 * has the composition p~ of its environment and the city its own, P. The
 * divergence form of M: Roberto (2018), doi:10.1177/0081175018796871.
 */
#include "base/thread.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct local {
    const struct frame *f; /* the city as it is */
    const double *n;       /* smoothed counts */
    double *total;         /* owned: of each environment */
    const struct ask *a;
};

static void cleanup_local(struct local *l)
{
    free(l->total);
}

static enum rc local_init(struct local *l, const struct frame *f,
                          const double *n, const struct ask *a)
{
    size_t groups = f->groups;

    *l = (struct local){.f = f, .n = n, .a = a};
    l->total = malloc(f->units * sizeof *l->total);
    if (!l->total)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++) {
        double t = 0;

        for (size_t g = 0; g < groups; g++) {
            if (!(n[i * groups + g] >= 0))
                return RC_INVALID;
            t += n[i * groups + g];
        }
        if (!isfinite(t))
            return RC_INVALID;
        l->total[i] = t;
    }
    return f->lived_in >= 2 ? RC_OK : RC_UNDEFINED;
}

static double share(const struct local *l, size_t i, size_t g)
{
    return l->n[i * l->f->groups + g] / l->total[i];
}

/* Persons of an area, none where its environment is empty. */
static double persons(const struct local *l, size_t i)
{
    return l->total[i] > 0 ? l->f->unit_total[i] : 0;
}

static double entropy2(double p)
{
    return -xlogx(p) - xlogx(1 - p);
}

/* --- a group against the rest, or against another -------------------- */

struct pairing {
    double P, T; /* the group's share and all persons of both sides */
};

static enum rc pairing_of(const struct local *l, struct pairing *out)
{
    double X = l->f->group_total[l->a->group];
    double T = l->a->scope == MEASURE_PAIR
                   ? X + l->f->group_total[l->a->against]
                   : l->f->total;

    *out = (struct pairing){X / T, T};
    return X > 0 && X < T ? RC_OK : RC_UNDEFINED;
}

static double dissimilarity2(const struct local *l, const struct pairing *q)
{
    bool pair = l->a->scope == MEASURE_PAIR;
    size_t g = l->a->group, h = l->a->against, groups = l->f->groups;
    struct sum s = {0};

    for (size_t i = 0; i < l->f->units; i++) {
        const double *n = l->f->n + i * groups, *e = l->n + i * groups;
        double t = pair ? n[g] + n[h] : l->f->unit_total[i];
        double local = pair ? e[g] + e[h] : l->total[i];

        if (t > 0 && local > 0)
            sum_add(&s, t * fabs(e[g] / local - q->P));
    }
    return sum_of(&s) / (2 * q->T * q->P * (1 - q->P));
}

static double information2(const struct local *l, const struct pairing *q)
{
    struct sum s = {0};

    for (size_t i = 0; i < l->f->units; i++)
        if (persons(l, i) > 0)
            sum_add(&s, persons(l, i) * entropy2(share(l, i, l->a->group)));
    return 1 - sum_of(&s) / (q->T * entropy2(q->P));
}

/* Mean share of group h in the environments of the group's members. */
static double exposure(const struct local *l, size_t h)
{
    size_t g = l->a->group;
    struct sum s = {0};

    for (size_t i = 0; i < l->f->units; i++)
        if (l->total[i] > 0)
            sum_add(&s, l->f->n[i * l->f->groups + g] * share(l, i, h));
    return sum_of(&s) / l->f->group_total[g];
}

/* --- all groups ------------------------------------------------------ */

/* Mean over persons of sum_g part(p~_g, P_g). */
static double mean_of(const struct local *l, double (*part)(double p, double P))
{
    const struct frame *f = l->f;
    struct sum s = {0};

    for (size_t i = 0; i < f->units; i++) {
        double t = persons(l, i), inner = 0;

        if (t <= 0)
            continue;
        for (size_t g = 0; g < f->groups; g++)
            if (f->group_total[g] > 0)
                inner += part(share(l, i, g), f->group_total[g] / f->total);
        sum_add(&s, t * inner);
    }
    return sum_of(&s) / f->total;
}

static double part_distance(double p, double P)
{
    return fabs(p - P);
}

static double part_entropy(double p, double P)
{
    (void)P;
    return -xlogx(p);
}

static double part_divergence(double p, double P)
{
    return p > 0 ? p * log(p / P) : 0;
}

static double part_interaction(double p, double P)
{
    (void)P;
    return p * (1 - p);
}

static double part_exposure(double p, double P)
{
    return (p - P) * (p - P) / (1 - P);
}

/* The same of the city's own composition. */
static double city_of(const struct local *l, double (*part)(double p, double P))
{
    struct sum s = {0};

    for (size_t g = 0; g < l->f->groups; g++) {
        double P = l->f->group_total[g] / l->f->total;

        sum_add(&s, part(P, P));
    }
    return sum_of(&s);
}

/* --- the measures that have this form -------------------------------- */

static enum rc dissimilarity(const struct local *l, double *out)
{
    struct pairing q;
    enum rc rc;

    if (l->a->scope == MEASURE_CITY) {
        *out = mean_of(l, part_distance) / (2 * city_of(l, part_interaction));
        return RC_OK;
    }
    rc = pairing_of(l, &q);
    if (!rc)
        *out = dissimilarity2(l, &q);
    return rc;
}

static enum rc information_theory(const struct local *l, double *out)
{
    struct pairing q;
    enum rc rc;

    if (l->a->scope == MEASURE_CITY) {
        *out = 1 - mean_of(l, part_entropy) / city_of(l, part_entropy);
        return RC_OK;
    }
    rc = pairing_of(l, &q);
    if (!rc)
        *out = information2(l, &q);
    return rc;
}

static enum rc mutual_information(const struct local *l, double *out)
{
    *out = mean_of(l, part_divergence) / log_unit(l->a->o);
    return RC_OK;
}

static enum rc relative_diversity(const struct local *l, double *out)
{
    *out = 1 - mean_of(l, part_interaction) / city_of(l, part_interaction);
    return RC_OK;
}

static enum rc normalized_exposure(const struct local *l, double *out)
{
    *out = mean_of(l, part_exposure);
    return RC_OK;
}

static enum rc isolation(const struct local *l, double *out)
{
    struct pairing q;
    enum rc rc = pairing_of(l, &q);

    if (!rc)
        *out = exposure(l, l->a->group);
    return rc;
}

static enum rc interaction(const struct local *l, double *out)
{
    struct pairing q;
    enum rc rc = pairing_of(l, &q);

    if (rc)
        return rc;
    *out = l->a->scope == MEASURE_PAIR ? exposure(l, l->a->against)
                                       : 1 - exposure(l, l->a->group);
    return RC_OK;
}

static const struct form {
    const char *code;
    enum rc (*value)(const struct local *l, double *out);
} forms[] = {
    {"dissimilarity", dissimilarity},
    {"information_theory", information_theory},
    {"mutual_information", mutual_information},
    {"relative_diversity", relative_diversity},
    {"normalized_exposure", normalized_exposure},
    {"isolation", isolation},
    {"interaction", interaction},
};

static const struct form *form_of(const struct measure *m, enum local_form form)
{
    if (form == LOCAL_COMPOSITION)
        for (size_t i = 0; i < ARRAY_LEN(forms); i++)
            if (strcmp(forms[i].code, m->code) == 0)
                return &forms[i];
    return NULL;
}

static enum rc local_value(const struct form *form, const struct local *l,
                           double *out)
{
    double v = 0;
    enum rc rc = form->value(l, &v);

    if (rc)
        return rc;
    if (!isfinite(v))
        return RC_UNDEFINED;
    *out = v;
    return RC_OK;
}

static enum rc composition(const struct form *form, const struct frame *f,
                           const double *n, const struct ask *a, double *out)
{
    AUTO(local) struct local l = {0};
    enum rc rc = local_init(&l, f, n, a);

    if (!rc && a->scope == MEASURE_CITY && f->present < 2)
        rc = RC_UNDEFINED;
    return rc ? rc : local_value(form, &l, out);
}

enum rc measure_local(const struct measure *m, enum measure_scope scope,
                      const struct counts *c, const double *local,
                      enum local_form form, size_t group, size_t against,
                      const struct measure_options *o, double *out)
{
    struct measure_options defaults = measure_defaults();
    struct ask a = {.scope = scope,
                    .group = group,
                    .against = against,
                    .o = o ? o : &defaults};
    struct counts smooth = {c->units, c->groups, local};
    const struct form *own = form_of(m, form);
    AUTO(frame) struct frame f = {0};
    enum rc rc;

    if (!own)
        return measure_compute(m, scope, &smooth, group, against, o, out);
    rc = frame_init(&f, c);
    if (!rc)
        rc = frame_ask(m, &f, &a);
    return rc ? rc : composition(own, &f, local, &a, out);
}

/* Sums of the environments and of the city, taken once for all groups. */
struct many {
    const struct form *form;
    struct local l;
    struct measure_options o; /* for one thread */
    double *out;
    enum rc *rc;
};

static void local_group(void *ctx, size_t g, unsigned worker)
{
    const struct many *m = ctx;
    struct ask a = {.scope = MEASURE_GROUP, .group = g, .o = &m->o};
    struct local l = m->l;

    (void)worker;
    l.a = &a;
    m->rc[g] = local_value(m->form, &l, &m->out[g]);
}

enum rc measure_local_groups(const struct measure *m, const struct counts *c,
                             const double *local, enum local_form form,
                             const struct measure_options *o, double *out,
                             enum rc *rc)
{
    struct measure_options defaults;
    const struct measure_options *opt = options_or(o, &defaults);
    struct counts smooth = {c->units, c->groups, local};
    struct ask a = {.scope = MEASURE_GROUP, .o = opt};
    struct many k = {form_of(m, form), {0}, *opt, out, rc};
    AUTO(frame) struct frame f = {0};
    enum rc whole;

    if (!k.form)
        return measure_groups(m, &smooth, o, out, rc);
    k.o.threads = 1;
    whole = frame_init(&f, c);
    if (!whole)
        whole = frame_ask(m, &f, &a);
    if (!whole)
        whole = local_init(&k.l, &f, local, &a);
    if (!whole)
        parallel_for(f.groups, opt->threads, &k, local_group);
    cleanup_local(&k.l);
    return whole;
}

/* --- profiles -------------------------------------------------------- */

enum rc measure_profile(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, const struct spatial *s,
                        size_t group, size_t against,
                        const struct measure_options *o, double *value)
{
    struct kernel k = s->o.kernel;
    AUTO(mem) double *local = NULL;
    enum rc rc = RC_OK;

    if (!(m->needs & NEEDS_COUNTS) || c->units != s->a.n)
        return RC_USAGE;
    if (!(scope & (MEASURE_CITY | MEASURE_GROUP | MEASURE_PAIR)))
        return RC_USAGE;
    local = malloc(MAX(c->units * c->groups, 1) * sizeof *local);
    if (!local)
        return RC_MEMORY;
    for (size_t b = 0; !rc && b < s->o.bandwidths; b++) {
        struct environment *e = NULL;

        k.bandwidth_m = s->o.bandwidth_m[b];
        rc = environment_new(&s->a, &k, s->o.threads, &e);
        if (!rc)
            rc = environment_apply(e, c, local);
        if (!rc)
            rc = measure_local(m, scope, c, local, s->o.form, group, against, o,
                               &value[b]);
        environment_free(e);
    }
    return rc;
}

enum rc measure_segregation_profile(const struct frame *f, const struct ask *a,
                                    double *out)
{
    const struct spatial *s = a->space;
    struct counts c = {f->units, f->groups, f->n};
    double value[BANDWIDTHS_MOST];
    enum rc rc = measure_profile(measure_find("information_theory"), a->scope,
                                 &c, s, a->group, 0, a->o, value);

    if (rc)
        return rc;
    if (!(fabs(value[0]) > 0))
        return RC_UNDEFINED;
    *out = value[s->o.bandwidths - 1] / value[0];
    return RC_OK;
}
