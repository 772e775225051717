/*
 * Dissimilarity where units have few persons.
 */
#include "measure/chance.h"
#include "measure/frame.h"

#include <stdlib.h>

/* Counts below it are looked up in a table. */
enum { TABLE = 1 << 16 };

/*
 * Whole numbers of all units: above[k] units have more than k, for k in
 * [0, n); those of `n` and more are in `large` as well, one by one.
 */
struct tallied {
    double *above; /* owned */
    size_t n;
    double *large; /* owned */
    size_t n_large;
};

struct units {
    const struct two *p;
    struct tallied x, y, t;
};

static void cleanup_units(struct units *u)
{
    struct tallied *all[] = {&u->x, &u->y, &u->t};

    for (size_t k = 0; k < ARRAY_LEN(all); k++) {
        free(all[k]->above);
        free(all[k]->large);
    }
}

/* Persons of a unit: 'x' members, 'y' others, 't' all of them. */
static double count_of(const struct two *p, char what, size_t i)
{
    double x = round(p->x[i]), t = round(p->t[i]);

    return what == 'x' ? x : what == 'y' ? t - x : t;
}

static enum rc tallied_init(struct tallied *h, const struct two *p, char what)
{
    double most = 0;

    for (size_t i = 0; i < p->n; i++)
        most = fmax(most, count_of(p, what, i));
    h->n = (size_t)fmin(most, TABLE);
    for (size_t i = 0; i < p->n; i++)
        h->n_large += count_of(p, what, i) > (double)h->n;
    h->above = calloc(h->n + 1, sizeof *h->above);
    h->large = malloc((h->n_large + 1) * sizeof *h->large);
    if (!h->above || !h->large)
        return RC_MEMORY;
    h->n_large = 0;
    for (size_t i = 0; i < p->n; i++) {
        double v = count_of(p, what, i);

        if (v > (double)h->n)
            h->large[h->n_large++] = v;
        if (v >= 1)
            h->above[(size_t)fmin(v, (double)h->n) - 1]++;
    }
    for (size_t k = h->n; k-- > 1;)
        h->above[k - 1] += h->above[k];
    return RC_OK;
}

static enum rc units_init(struct units *u, const struct two *p)
{
    enum rc rc = tallied_init(&u->x, p, 'x');

    u->p = p;
    if (!rc)
        rc = tallied_init(&u->y, p, 'y');
    return rc ? rc : tallied_init(&u->t, p, 't');
}

static double expected_dissimilarity_of(const struct units *u)
{
    const struct tallied *t = &u->t;
    double P = u->p->X / u->p->T;
    struct sum s = {0};

    for (size_t k = 0; k < t->n; k++) {
        double units =
            t->above[k] - (k + 1 < t->n ? t->above[k + 1] : (double)t->n_large);

        if (units > 0)
            sum_add(&s, units * chance_binomial_deviation((double)k + 1, P));
    }
    for (size_t i = 0; i < t->n_large; i++)
        sum_add(&s, chance_binomial_deviation(t->large[i], P));
    return sum_of(&s) / (2 * u->p->T * P * (1 - P));
}

/* psi(z + k) - psi(z) and its derivative, z > 0, k whole. */
static void psi_step(double z, double k, double *d, double *dd)
{
    *d = *dd = 0;
    if (k < 64) {
        for (double j = 0; j < k; j++) {
            double v = 1 / (z + j);

            *d += v;
            *dd -= v * v;
        }
        return;
    }
    for (int side = 0; side < 2; side++) {
        double x = side ? z + k : z, sign = side ? 1 : -1, v, vv;

        for (; x < 12; x++) {
            *d -= sign / x;
            *dd += sign / (x * x);
        }
        v = 1 / x;
        vv = v * v;
        *d += sign *
              (log(x) - v / 2 - vv * (1 / 12.0 - vv * (1 / 120.0 - vv / 252)));
        *dd += sign *
               (v + vv / 2 + v * vv * (1 / 6.0 - vv * (1 / 30.0 - vv / 42)));
    }
}

struct beta {
    double a, b;
    double ga, gb;        /* gradient of the log likelihood */
    double haa, hbb, hab; /* its second derivatives */
};

/* Sum over units of psi(z + k) - psi(z) and of its derivative. */
static void psi_sum(const struct tallied *h, double z, double *d, double *dd)
{
    struct sum s = {0}, ss = {0};

    for (size_t k = 0; k < h->n; k++) {
        double v = 1 / (z + (double)k), w = h->above[k] * v;

        sum_add(&s, w);
        sum_add(&ss, -w * v);
    }
    for (size_t i = 0; i < h->n_large; i++) {
        double far = (double)h->n, one, two;

        /* the first n steps are counted above */
        psi_step(z + far, h->large[i] - far, &one, &two);
        sum_add(&s, one);
        sum_add(&ss, two);
    }
    *d = sum_of(&s);
    *dd = sum_of(&ss);
}

static void beta_slope(struct beta *q, const struct units *u)
{
    double d[3], dd[3];

    psi_sum(&u->x, q->a, &d[0], &dd[0]);
    psi_sum(&u->y, q->b, &d[1], &dd[1]);
    psi_sum(&u->t, q->a + q->b, &d[2], &dd[2]);
    q->ga = d[0] - d[2];
    q->gb = d[1] - d[2];
    q->haa = dd[0] - dd[2];
    q->hbb = dd[1] - dd[2];
    q->hab = -dd[2];
}

/*
 * One Newton step in ln a and ln b, at most a factor of e^2 in either; where
 * the surface is not concave, a step up the gradient.
 */
static double beta_step(struct beta *q)
{
    double ua = q->a * q->ga, ub = q->b * q->gb;
    double haa = q->a * q->a * q->haa + ua, hbb = q->b * q->b * q->hbb + ub;
    double hab = q->a * q->b * q->hab, det = haa * hbb - hab * hab;
    double da, db, longest;

    if (haa < 0 && det > 0) {
        da = -(hbb * ua - hab * ub) / det;
        db = -(haa * ub - hab * ua) / det;
    } else {
        longest = fmax(fabs(ua), fabs(ub));
        da = longest > 0 ? ua / longest : 0;
        db = longest > 0 ? ub / longest : 0;
    }
    longest = fmax(fabs(da), fabs(db));
    if (longest > 2) {
        da *= 2 / longest;
        db *= 2 / longest;
    }
    q->a *= exp(da);
    q->b *= exp(db);
    return fmin(longest, 2);
}

/* Past this size the Beta distribution is a point for any count of persons. */
static const double NO_SPREAD = 1e9;

static bool beta_fit(struct beta *q, const struct units *u)
{
    double P = u->p->X / u->p->T;

    q->a = 2 * P;
    q->b = 2 * (1 - P);
    for (int i = 0; i < 200; i++) {
        beta_slope(q, u);
        if (beta_step(q) < 1e-12)
            return true;
        if (q->a + q->b > NO_SPREAD) {
            q->a = q->b = INFINITY;
            return true;
        }
        if (!(q->a > 1e-12 && q->b > 1e-12))
            return true;
    }
    return false;
}

/* lgamma() writes a global. */
static double log_gamma(double v)
{
    int sign;

    return lgamma_r(v, &sign);
}

/* E|p - m| / (2 m (1 - m)) of Beta(a, b), m = a / (a + b). */
static double beta_dissimilarity(const struct beta *q)
{
    double s = q->a + q->b, m = q->a / s, deviation;

    if (!isfinite(s))
        return 0;
    deviation = 2 * exp(q->a * log(m) + q->b * log1p(-m) - log(s) +
                        log_gamma(s) - log_gamma(q->a) - log_gamma(q->b));
    return deviation / (2 * m * (1 - m));
}

static void sizes(const struct two *p, struct measure_small *out)
{
    double small = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->t[i] < 30)
            small += p->t[i];
    out->mean_size = p->T / (double)p->n;
    out->share_small = small / p->T;
}

static enum rc small(const struct two *p, struct measure_small *out)
{
    AUTO(units) struct units u = {0};
    struct beta q = {0};
    enum rc rc = units_init(&u, p);

    if (rc)
        return rc;
    if (!beta_fit(&q, &u))
        return RC_UNDEFINED;
    out->naive = two_dissimilarity(p);
    out->expected = expected_dissimilarity_of(&u);
    out->excess =
        (out->naive - out->expected) /
        (out->naive >= out->expected ? 1 - out->expected : out->expected);
    out->alpha = q.a;
    out->beta = q.b;
    out->rathelot = fmin(1, beta_dissimilarity(&q));
    out->unreliable = out->expected > out->naive / 2;
    sizes(p, out);
    return RC_OK;
}

enum rc measure_small_units(const struct counts *c, size_t group,
                            struct measure_small *out)
{
    struct ask a = {.scope = MEASURE_GROUP, .group = group};
    AUTO(frame) struct frame f = {0};
    AUTO(two) struct two p = {0};
    enum rc rc = group < c->groups ? frame_init(&f, c) : RC_USAGE;

    if (!rc)
        rc = two_init(&p, &f, &a);
    return rc ? rc : small(&p, out);
}

enum rc measure_small_units_value(const struct frame *f, const struct ask *a,
                                  double *out)
{
    AUTO(two) struct two p = {0};
    struct measure_small s;
    enum rc rc = two_init(&p, f, a);

    if (!rc)
        rc = small(&p, &s);
    if (!rc)
        *out = s.rathelot;
    return rc;
}
