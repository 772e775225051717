/* Flows and outcomes of Marsa, in keeping with its people. */
#include "cli/example.h"

#include <math.h>

/* ---- flows ---- */

enum { YEARS = 5, MOVERS = 14 /* leading origins told apart */ };
static const char *const years[YEARS] = {"2019", "2020", "2021", "2022",
                                         "2023"};
/* One year was quiet, and more came every year after it. */
static const double tide[YEARS] = {1.0, 0.71, 0.92, 1.16, 1.24};

static void flow_row(struct buf *out, const char *from, const char *to,
                     const char *period, double expected, double draw)
{
    long n = (long)floor(expected + draw);

    if (n > 0)
        buf_fmt(out, "%s,%s,%s,%ld\r\n", from, to, period, n);
}

static void flows_across(struct rng *r, const struct town *t, int year,
                         struct buf *out)
{
    for (int i = 0; i < TOWN_AREAS; i++) {
        const struct town_area *a = &t->areas[i];
        double all = (double)town_count(t, 1, i, -1, 0, TOWN_AGES - 1);

        flow_row(out, "", a->id, years[year],
                 all * 0.019 * tide[year] * (1 + 0.8 * a->campus),
                 rng_double(r));
        flow_row(out, a->id, "", years[year],
                 all * 0.0475 * sqrt(tide[year]) * (1 + 0.5 * a->central),
                 rng_double(r));
        for (int k = 0; k < MOVERS; k++) {
            const struct town_origin *o = &town_origins[k];
            double here = (double)town_count(t, 1, i, k, 0, TOWN_AGES - 1);
            double rate = k == 0 ? 0.004 : 0.075 + 0.09 * (o->growth - 1);

            flow_row(out, o->code, a->id, years[year],
                     here * MAX(rate, 0.03) * tide[year], rng_double(r));
        }
    }
}

/* Moves inside the city fall with distance. */
static void flows_inside(struct rng *r, const struct town *t, int year,
                         struct buf *out)
{
    for (int i = 0; i < TOWN_AREAS; i++)
        for (int k = 0; k < TOWN_AREAS; k++) {
            const struct town_area *a = &t->areas[i], *b = &t->areas[k];
            double d =
                hypot(a->centre.x - b->centre.x, a->centre.y - b->centre.y);
            double from = (double)town_count(t, 1, i, -1, 4, 11);
            double to = (double)town_count(t, 1, k, -1, 4, 11);

            if (i != k)
                flow_row(out, a->id, b->id, years[year],
                         from * to * 4.4e-6 * exp(-d / 1900) *
                             (1 + 0.8 * b->suburb),
                         rng_double(r));
        }
}

void example_flows(const struct town *t, struct buf *out)
{
    struct rng r;

    rng_init(&r, t->seed, STREAM_FLOWS);
    buf_adds(out, "from,to,year,people\r\n");
    for (int year = 0; year < YEARS; year++) {
        flows_across(&r, t, year, out);
        flows_inside(&r, t, year, out);
    }
}

/* ---- outcomes ---- */

struct indicator {
    const char *code;
    int youngest, oldest; /* age bands of the people asked about */
    double asked;         /* share of them who count (the active, ...) */
    double majority, gap; /* share of the majority; what hardship adds */
    double change;        /* from the first period to the second */
    bool migrants_only;
};
static const struct indicator indicators[] = {
    {"employment", 4, 12, 1, .702, -.155, .021, false},
    {"unemployment", 4, 12, .74, .071, .118, -.012, false},
    {"activity", 4, 12, 1, .755, -.08, .014, false},
    {"over-qualification", 5, 12, .21, .163, .31, .004, false},
    {"early-leavers", 3, 4, .72, .088, .142, -.016, false},
    {"neet", 3, 5, .9, .121, .112, -.013, false},
    {"low-income", 0, 16, 1, .158, .236, -.006, false},
    {"good-health", 3, 16, 1, .724, -.045, .003, false},
    {"overcrowding", 0, 16, 1, .094, .297, -.008, false},
    {"home-ownership", 4, 16, 1, .643, -.415, -.009, false},
    {"naturalised", 3, 16, 1, .34, -.27, .011, true},
};

/* How far a group stands from the majority; invented, like everything here. */
static double hardship(const struct town_origin *o)
{
    static const double by_ages[] = {[AGES_SETTLED] = 0.4,
                                     [AGES_FAMILIES] = 0.85,
                                     [AGES_WORKERS] = 0.9,
                                     [AGES_STUDENTS] = 0.7,
                                     [AGES_RETURNED] = 0.1};
    double settled = MIN(MAX(o->growth - 1, 0), 1); /* newcomers: more */

    return by_ages[o->ages] * (0.85 + 0.35 * settled) - 0.12 * o->beach;
}

struct tally {
    long part, whole;
};

static struct tally ask(struct rng *r, const struct town *t, int period,
                        const struct indicator *n, int origin)
{
    const struct town_origin *o = &town_origins[origin];
    double people =
        (double)town_count(t, period, -1, origin, n->youngest, n->oldest);
    double rate = n->majority + n->change * (period ? 1 : 0);
    struct tally c;

    if (origin > 0)
        rate += n->gap * hardship(o) + 0.012 * rng_normal(r);
    rate = MIN(MAX(rate, 0.01), 0.97);
    c.whole = (long)floor(people * n->asked + rng_double(r));
    c.part = MIN(c.whole, (long)floor((double)c.whole * rate + rng_double(r)));
    return c;
}

static void outcome_row(struct buf *out, const struct indicator *n,
                        const char *group, int period, struct tally c)
{
    buf_fmt(out, "%s,%s,%s,%ld,%ld\r\n", n->code, group, town_periods[period],
            c.part, c.whole);
}

void example_outcomes(const struct town *t, struct buf *out)
{
    enum { SHOWN = 9 }; /* leading origins, each in rows of its own */
    struct rng r;

    rng_init(&r, t->seed, STREAM_OUTCOMES);
    buf_adds(out, "indicator,group,period,numerator,denominator\r\n");
    for (size_t i = 0; i < ARRAY_LEN(indicators); i++)
        for (int period = 0; period < TOWN_PERIODS; period++) {
            const struct indicator *n = &indicators[i];
            struct tally origin[TOWN_ORIGINS], migrants = {0, 0};

            for (int k = 0; k < TOWN_ORIGINS; k++) {
                origin[k] = ask(&r, t, period, n, k);
                migrants.part += k ? origin[k].part : 0;
                migrants.whole += k ? origin[k].whole : 0;
            }
            if (!n->migrants_only)
                outcome_row(out, n, "majority", period, origin[0]);
            outcome_row(out, n, "migrants", period, migrants);
            for (int k = 1; k < SHOWN; k++)
                outcome_row(out, n, town_origins[k].code, period, origin[k]);
        }
}
