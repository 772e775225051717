/*
 * doubts.c: what looks wrong enough between periods to ask the city.
 *
 * Names mixed up: an origin lives, area by area, quite elsewhere than before,
 * but just where another did; and that one where a third did, until the circle
 * closes, and with the names put right the counts grow as others do. The same
 * for areas, by their origins. Jumps: a growth far from that of most origins.
 * Periods: a total far from those before and after. All from what is shown;
 * only such things are asked as hardly ever happen of themselves.
 */
#include <math.h>
#include <stdlib.h>

#include "profile/part.h"

/* Shares who would have to move for a pattern to be as before: origins over
 * areas, and areas over origins, of which the majority is one. */
#define FAR_ORIGIN 0.2
#define FAR_AREA 0.1
#define AS_ANOTHER 0.75 /* of that, at most, to the other one */
#define CLEARLY 0.4     /* so near that the counts need not tell as well */
#define JUMP_SCALES 6   /* spreads away from most others */
#define JUMP_FACTOR 3
#define PERIOD_JUMP 0.15 /* of a logarithm, from both sides */

enum {
    CIRCLE_MOST = 12,
    PERSONS_LEAST = 500,
    FEATURES_LEAST = 10, /* places or groups to be known by */
    OTHERS_LEAST = 6     /* to say what is usual */
};

/* Things that have a count in each period, and a pattern of what they hold. */
struct field {
    struct doc *d;
    bool areas; /* the things are areas, known by their origins */
    size_t n, wide;
    double *now, *before; /* totals; NaN: not known */
    double *cell[2];      /* n x wide: now, before; NaN: not shown */
};

static void cells_read(struct field *f)
{
    for (int k = 0; k < 2; k++) {
        const struct release_table *t =
            release_table(f->d->r, TABLE_AREA_ORIGIN, k);

        f->cell[k] = arena_array(f->d->arena, double, f->n * f->wide + 1);
        for (size_t i = 0; i < f->n; i++)
            for (size_t w = 0; w < f->wide; w++) {
                struct quantity q =
                    f->areas ? q_table(t, i, w, 0) : q_table(t, w, i, 0);

                f->cell[k][i * f->wide + w] =
                    q.state == STATE_PLAIN ? q.v : NAN;
            }
    }
}

static void totals_read(struct field *f)
{
    enum release_table_id id = f->areas ? TABLE_AREA : TABLE_ORIGIN;

    f->now = arena_array(f->d->arena, double, f->n + 1);
    f->before = arena_array(f->d->arena, double, f->n + 1);
    for (size_t i = 0; i < f->n; i++) {
        struct quantity now =
            q_table(release_table(f->d->r, id, false), i, 0, 0);
        struct quantity then =
            q_table(release_table(f->d->r, id, true), i, 0, 0);
        bool named = f->areas || !f->d->residual[i];

        f->now[i] = named && now.state == STATE_PLAIN ? now.v : NAN;
        f->before[i] = named && then.state == STATE_PLAIN ? then.v : NAN;
    }
}

static bool large(const struct field *f, size_t i)
{
    return f->now[i] >= PERSONS_LEAST && f->before[i] >= PERSONS_LEAST;
}

/* Half the sum of differences of shares, over what both show; NaN: too little
 * is shown. */
static double distance(const struct field *f, size_t i, size_t j)
{
    const double *x = f->cell[0] + i * f->wide;
    const double *y = f->cell[1] + j * f->wide;
    double a = 0, b = 0, sum = 0;
    size_t n = 0;

    for (size_t k = 0; k < f->wide; k++)
        if (isfinite(x[k]) && isfinite(y[k])) {
            n++;
            a += x[k];
            b += y[k];
        }
    for (size_t k = 0; k < f->wide; k++)
        if (isfinite(x[k]) && isfinite(y[k]))
            sum += fabs(x[k] / a - y[k] / b);
    if (n < FEATURES_LEAST || a < f->now[i] / 2 || b < f->before[j] / 2)
        return NAN;
    return sum / 2;
}

/* Where i lives as another did: which, and how near to it; else i itself. */
static size_t likeness(const struct field *f, size_t i, double *near)
{
    double own = distance(f, i, i), least;
    double far = f->areas ? FAR_AREA : FAR_ORIGIN;
    size_t best = i;

    *near = 1;
    if (!(own >= far))
        return i;
    least = own * AS_ANOTHER;
    for (size_t j = 0; j < f->n; j++) {
        double d = j != i && large(f, j) ? distance(f, i, j) : NAN;

        if (d < least && d < far) {
            least = d;
            best = j;
            *near = d / own;
        }
    }
    return best;
}

/* What is usual: the median growth (of logarithms) and how it spreads. */
struct usual {
    double median, spread;
    size_t n;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, ascending);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double growth(const struct field *f, size_t now, size_t before)
{
    return log(f->now[now] / f->before[before]);
}

static struct usual usual_of(const struct field *f)
{
    double *v = arena_array(f->d->arena, double, f->n + 1);
    struct usual u = {0, 0, 0};

    for (size_t i = 0; i < f->n; i++)
        if (large(f, i))
            v[u.n++] = growth(f, i, i);
    if (u.n < OTHERS_LEAST)
        return u;
    u.median = median(v, u.n);
    for (size_t i = 0; i < u.n; i++)
        v[i] = fabs(v[i] - u.median);
    u.spread = fmax(0.12, 1.4826 * median(v, u.n)); /* as a deviation */
    return u;
}

/* --- names mixed up ----------------------------------------------------- */

struct circle {
    size_t at[CIRCLE_MOST], n; /* at[k] lives where at[k + 1] did */
};

static bool circle_from(const size_t *like, size_t i, struct circle *c)
{
    size_t at = i;

    c->n = 0;
    while (c->n < CIRCLE_MOST && like[at] != at) {
        c->at[c->n++] = at;
        at = like[at];
        if (at == i)
            return true;
    }
    return false;
}

/* With the names put right, counts grow as most others do; or the patterns
 * leave no doubt and the counts do not speak against it. */
static bool circle_mends(const struct field *f, const struct circle *c,
                         const struct usual *u, const double *near)
{
    double as_is = 0, mended = 0, farthest = 0;

    for (size_t k = 0; k < c->n; k++) {
        size_t next = c->at[(k + 1) % c->n];

        farthest = fmax(farthest, near[c->at[k]]);
        as_is += fabs(growth(f, c->at[k], c->at[k]) - u->median);
        mended += fabs(growth(f, c->at[k], next) - u->median);
    }
    if (farthest < CLEARLY && mended < as_is + 0.1 * (double)c->n)
        return true;
    return mended < as_is / 2 && as_is > 0.3 * (double)c->n;
}

static struct node *name_of(const struct field *f, size_t i)
{
    const char *id;
    uint32_t at;

    if (!f->areas)
        return f->d->name[i];
    id = dict_cstr(release_dict(f->d->r, DIM_AREA), (uint32_t)i);
    at = dict_find(&f->d->g->ids, str_of(id));
    return names_same(f->d, at == DICT_NONE ? id : f->d->g->areas[at].name);
}

static const char *code_of(const struct field *f, size_t i)
{
    return dict_cstr(release_dict(f->d->r, f->areas ? DIM_AREA : DIM_ORIGIN),
                     (uint32_t)i);
}

static struct node *question_new(struct node *list, const char *code,
                                 struct node *text)
{
    struct node *q = node_push(list, node_object(list->arena));

    node_set_text(q, "code", code);
    node_set(q, "at", node_list(list->arena));
    node_set(q, "text", text);
    return q;
}

static void question_at(struct node *q, const char *code)
{
    node_push(node_get(q, "at"), node_text(q->arena, code));
}

static struct node *count_names(struct doc *d, double v)
{
    return names_integer(d, (int64_t)v);
}

static void circle_ask(const struct field *f, const struct circle *c,
                       struct node *list)
{
    struct doc *d = f->d;
    struct node *changes[CIRCLE_MOST], *pairs[CIRCLE_MOST], *q;
    const char *text =
        f->areas ? N_("These areas look as if their codes were mixed up in one "
                      "of the two periods: {changes}. Origin by origin, "
                      "{pairs}. Are the codes of {before} and {now} right?")
                 : N_("These origins look as if their names were mixed up in "
                      "one of the two periods: {changes}. Area by area, "
                      "{pairs}. Are the codes of {before} and {now} right?");

    for (size_t k = 0; k < c->n; k++) {
        size_t i = c->at[k], next = c->at[(k + 1) % c->n];

        changes[k] =
            names_fill(d, N_("{name} from {from} to {to} residents"), "name",
                       name_of(f, i), "from", count_names(d, f->before[i]),
                       "to", count_names(d, f->now[i]), NULL);
        pairs[k] = names_fill(d,
                              f->areas ? N_("{a} now resembles what {b} was")
                                       : N_("{a} now lives where {b} did"),
                              "a", name_of(f, i), "b", name_of(f, next), NULL);
    }
    q = question_new(list, f->areas ? "areas-mixed" : "names-mixed",
                     names_fill(d, text, "changes",
                                names_list(d, changes, c->n), "pairs",
                                names_list(d, pairs, c->n), "before",
                                names_period(d, d->p->compare), "now",
                                names_period(d, d->p->period), NULL));
    for (size_t k = 0; k < c->n; k++)
        question_at(q, code_of(f, c->at[k]));
}

/* asked[i]: no more is to be said of i. */
static void circles_ask(const struct field *f, const struct usual *u,
                        bool *asked, struct node *list)
{
    size_t *like = arena_array(f->d->arena, size_t, f->n + 1);
    double *near = arena_array(f->d->arena, double, f->n + 1);
    struct circle c;

    for (size_t i = 0; i < f->n; i++)
        like[i] = large(f, i) ? likeness(f, i, &near[i]) : i;
    for (size_t i = 0; i < f->n; i++) {
        if (asked[i] || !circle_from(like, i, &c) ||
            !circle_mends(f, &c, u, near))
            continue;
        circle_ask(f, &c, list);
        for (size_t k = 0; k < c.n; k++)
            asked[c.at[k]] = true;
    }
}

/* --- jumps ---------------------------------------------------------------- */

static void jumps_ask(const struct field *f, const struct usual *u, bool *asked,
                      struct node *list)
{
    struct doc *d = f->d;

    for (size_t i = 0; i < f->n; i++) {
        double g;
        struct node *q;

        if (asked[i] || !large(f, i) ||
            fmax(f->now[i], f->before[i]) < (double)release_measure_from(d->r))
            continue;
        g = growth(f, i, i) - u->median;
        if (fabs(g) < JUMP_SCALES * u->spread || fabs(g) < log(JUMP_FACTOR))
            continue;
        q = question_new(
            list, "jump",
            names_fill(d,
                       N_("{name} goes from {from} to {to} residents between "
                          "{before} and {now}, while origins usually change by "
                          "{usual}. Is that so, or did a code or a definition "
                          "change?"),
                       "name", name_of(f, i), "from",
                       count_names(d, f->before[i]), "to",
                       count_names(d, f->now[i]), "before",
                       names_period(d, d->p->compare), "now",
                       names_period(d, d->p->period), "usual",
                       names_percent(d, exp(u->median) - 1, 0), NULL));
        question_at(q, code_of(f, i));
        asked[i] = true;
    }
}

/* --- periods -------------------------------------------------------------- */

/* Far from the period before and from the one after, on the same side. */
static void periods_ask(struct doc *d, struct node *list)
{
    size_t n;
    const struct release_period *p = release_periods(d->r, &n);

    for (size_t i = 1; i + 1 < n; i++) {
        struct quantity was = q_of(p[i - 1].total), is = q_of(p[i].total);
        struct quantity next = q_of(p[i + 1].total);
        double from, to;
        struct node *q;

        if (!(q_known(was) && q_known(is) && q_known(next)) ||
            !(was.v > 0 && is.v > 0 && next.v > 0))
            continue;
        from = log(is.v / was.v);
        to = log(is.v / next.v);
        if (from * to <= 0 || fmin(fabs(from), fabs(to)) < PERIOD_JUMP)
            continue;
        q = question_new(
            list, "period",
            names_fill(d,
                       N_("In {period} there are {n} residents, but {was} in "
                          "{before} and {next} in {after}. Is that count "
                          "whole, and does it count the same people?"),
                       "period", names_period(d, p[i].period), "n",
                       count_names(d, is.v), "was", count_names(d, was.v),
                       "before", names_period(d, p[i - 1].period), "next",
                       count_names(d, next.v), "after",
                       names_period(d, p[i + 1].period), NULL));
        question_at(q, p[i].period);
    }
}

static void field_ask(struct doc *d, bool areas, struct node *list)
{
    struct field f = {.d = d, .areas = areas};
    size_t origins = release_dict(d->r, DIM_ORIGIN)->n;
    size_t places = release_dict(d->r, DIM_AREA)->n;
    struct usual u;
    bool *asked;

    f.n = areas ? places : origins;
    f.wide = areas ? origins : places;
    totals_read(&f);
    cells_read(&f);
    u = usual_of(&f);
    if (u.n < OTHERS_LEAST)
        return;
    asked = arena_array(d->arena, bool, f.n + 1);
    circles_ask(&f, &u, asked, list);
    if (!areas) /* an area may well be built or emptied */
        jumps_ask(&f, &u, asked, list);
}

struct node *doubts_list(struct doc *d)
{
    if (d->doubts)
        return d->doubts;
    d->doubts = node_list(d->arena);
    if (has_compare(d)) {
        field_ask(d, false, d->doubts);
        field_ask(d, true, d->doubts);
    }
    periods_ask(d, d->doubts);
    return d->doubts;
}
