/* Who lives where in Marsa: invented, with the shapes that real data have. */
#include "cli/example.h"

#include <math.h>

const char *const town_periods[TOWN_PERIODS] = {"2019-01-01", "2024-01-01"};

const char *const town_age_bands[TOWN_AGES] = {
    "0-4",   "5-9",   "10-14", "15-19", "20-24", "25-29",
    "30-34", "35-39", "40-44", "45-49", "50-54", "55-59",
    "60-64", "65-69", "70-74", "75-79", "80+"};

/*
 * code, people, growth, ages, women, then the pull of the port, the campus, the
 * suburbs, the beaches and the workshops, and how close together. The first is
 * the country of the city itself.
 */
const struct town_origin town_origins[TOWN_ORIGINS] = {
    {"XT", 318000, 1.006, AGES_SETTLED, .512, -.7, .1, .15, .25, -.4, 0},
    {"TN", 13900, 1.06, AGES_FAMILIES, .44, .9, .1, -.2, -.6, .7, 1.5},
    {"SY", 11800, .94, AGES_FAMILIES, .49, .5, -.1, .5, -.9, .9, 4},
    {"EG", 9400, 1.21, AGES_WORKERS, .28, .9, 0, -.1, -.7, 1.1, 2},
    {"IT", 7600, .93, AGES_RETURNED, .52, -.3, .3, .3, 1.1, -.6, .6},
    {"SD", 6900, 2.1, AGES_FAMILIES, .41, 1.1, -.1, .3, -1.1, 1.1, 6},
    {"MA", 6100, 1.12, AGES_STUDENTS, .48, .3, 1.6, -.2, -.3, 0, 2},
    {"NG", 4900, 1.38, AGES_WORKERS, .37, 1.2, .3, -.4, -1, .8, 5},
    {"BD", 4300, 1.55, AGES_WORKERS, .13, 1.3, -.3, -.6, -.9, 1.2, 9},
    {"FR", 3900, 1.04, AGES_RETURNED, .54, -.6, .5, .2, 1.3, -.9, .5},
    {"PH", 3300, 1.19, AGES_WORKERS, .74, .7, 0, -.1, .9, -.4, 2},
    {"UA", 2900, 3.4, AGES_FAMILIES, .66, .2, .4, .3, .5, -.2, 3},
    {"LY", 2600, .88, AGES_FAMILIES, .45, -.1, .2, .1, .8, -.2, 1.5},
    {"DZ", 2300, 1.01, AGES_FAMILIES, .45, .6, .3, -.1, -.3, .4, 1.5},
    {"SN", 1950, 1.24, AGES_STUDENTS, .36, .7, 1.2, -.4, -.6, .5, 4},
    {"ER", 1700, 1.31, AGES_WORKERS, .4, 1.1, .1, -.2, -1, .7, 8},
    {"PK", 1500, 1.33, AGES_WORKERS, .15, 1, -.1, -.2, -.8, 1.3, 8},
    {"RO", 1320, .9, AGES_WORKERS, .58, .3, -.1, .3, .1, .5, 1.5},
    {"CI", 1150, 1.42, AGES_STUDENTS, .47, .5, 1.3, -.2, -.6, .4, 4},
    {"GH", 1010, 1.27, AGES_WORKERS, .35, 1.1, 0, -.3, -.9, .8, 6},
    {"TR", 880, 1.16, AGES_WORKERS, .38, .5, .3, 0, 0, .7, 2},
    {"LB", 760, 1.22, AGES_FAMILIES, .49, -.4, .4, .3, 1, -.5, 1},
    {"GN", 640, 1.36, AGES_WORKERS, .29, 1.1, .4, -.3, -1, .7, 7},
    {"CN", 560, 1.05, AGES_WORKERS, .51, .6, .6, -.2, .1, .9, 7},
    {"IN", 480, 1.49, AGES_WORKERS, .31, .4, .8, .2, .2, .3, 3},
    {"ML", 430, 1.18, AGES_WORKERS, .22, 1.3, .1, -.4, -1, .7, 8},
    {"SO", 360, 1.13, AGES_FAMILIES, .46, .9, -.1, .3, -1, .7, 9},
    {"GR", 300, .87, AGES_RETURNED, .48, .4, .1, .1, .6, -.1, .6},
    {"ES", 260, 1.09, AGES_RETURNED, .53, -.2, .9, .1, .9, -.6, .6},
    {"DE", 230, 1.02, AGES_RETURNED, .51, -.7, .3, .4, 1.4, -.9, .6},
    {"GB", 205, .98, AGES_RETURNED, .47, -.3, .4, .2, 1.3, -.8, .6},
    {"ET", 170, 1.2, AGES_FAMILIES, .52, .8, .2, .1, -.8, .5, 8},
    {"CM", 140, 1.3, AGES_STUDENTS, .44, .4, 1.4, -.2, -.5, .2, 3},
    {"IQ", 110, .92, AGES_FAMILIES, .42, .3, .1, .5, -.4, .6, 5},
    {"PS", 90, 1.3, AGES_FAMILIES, .47, .4, .5, .3, -.2, .2, 2},
    {"LK", 72, 1.05, AGES_WORKERS, .56, .7, -.1, -.1, .6, .2, 3},
    {"BR", 55, 1.25, AGES_STUDENTS, .58, .2, 1, -.1, .8, -.4, .6},
    {"TD", 41, 1.4, AGES_STUDENTS, .3, .8, 1, -.2, -.7, .5, 4},
    {"YE", 28, 1.5, AGES_FAMILIES, .4, .7, .2, .2, -.5, .6, 5},
    {"AL", 17, .8, AGES_SETTLED, .47, .5, 0, 0, .1, .4, 1},
};

static const double profiles[][TOWN_AGES] = {
    [AGES_SETTLED] = {5.0, 5.2, 5.3, 5.2, 5.6, 6.0, 6.4, 6.8, 7.0, 7.0, 6.8,
                      6.6, 6.3, 5.9, 5.2, 4.3, 5.4},
    [AGES_FAMILIES] = {4.5, 5.0, 4.8, 4.4, 5.5, 8.5, 11.5, 12.5, 11.5, 9.5, 7.5,
                       5.5, 3.8, 2.4, 1.5, 0.9, 0.7},
    [AGES_WORKERS] = {1.0, 1.0, 1.2, 2.4, 9.0, 15.5, 17.0, 15.0, 12.0, 9.5, 7.0,
                      4.5, 2.4, 1.2, 0.6, 0.3, 0.2},
    [AGES_STUDENTS] = {0.8, 0.7, 0.9, 8.0, 27, 19, 11, 8.0, 6.5, 5.0, 4.0, 3.0,
                       2.4, 1.6, 1.0, 0.6, 0.5},
    [AGES_RETURNED] = {1.5, 1.8, 2.0, 2.2, 2.6, 3.2, 4.0, 5.0, 6.0, 7.2, 8.4,
                       10.0, 12.0, 12.5, 10.0, 6.5, 5.1},
};

/* Homes in an area: dense at the centre, thin in the plain. */
static double homes(const struct town_area *a)
{
    double far = hypot(a->centre.x + 500, a->centre.y - 600);
    double density = 15000 * exp(-far * far / (1900.0 * 1900)) +
                     8200 * exp(-far / 2900) + 650;

    return density * a->area_m2 / 1e6 * (1 - 0.35 * a->works);
}

static double pull(const struct town_area *a, const struct town_origin *o)
{
    return exp(o->port * a->port + o->campus * a->campus +
               o->suburb * a->suburb + o->beach * a->beach +
               o->works * a->works);
}

/* Where a group first settled: two areas, likelier where more of it live. */
static void add_hubs(struct rng *r, const struct town *t, double together,
                     double *weight)
{
    for (int hub = 0; hub < 2; hub++) {
        double sum = 0, at, strength = together * (hub ? 0.5 : 1);
        int k = 0;

        for (int i = 0; i < TOWN_AREAS; i++)
            sum += weight[i];
        at = rng_double(r) * sum;
        while (k + 1 < TOWN_AREAS && (at -= weight[k]) > 0)
            k++;
        for (int i = 0; i < TOWN_AREAS; i++) {
            double d = hypot(t->areas[i].centre.x - t->areas[k].centre.x,
                             t->areas[i].centre.y - t->areas[k].centre.y);

            weight[i] *= 1 + strength * exp(-d * d / (900.0 * 900));
        }
    }
}

/* Share of the origin's people in each area, in both periods. */
static void settle(struct rng *r, const struct town *t,
                   const struct town_origin *o,
                   double share[TOWN_PERIODS][TOWN_AREAS])
{
    bool majority = o == town_origins;
    double spread = majority ? 0.10 : 0.38, drift = majority ? 0.035 : 0.13;
    double weight[TOWN_AREAS], sum[TOWN_PERIODS] = {0};

    for (int i = 0; i < TOWN_AREAS; i++)
        weight[i] = homes(&t->areas[i]) * pull(&t->areas[i], o) *
                    exp(spread * rng_normal(r));
    if (o->together > 0)
        add_hubs(r, t, o->together, weight);
    for (int i = 0; i < TOWN_AREAS; i++) {
        const struct town_area *a = &t->areas[i];
        double grown = exp(drift * rng_normal(r) + 0.12 * a->suburb -
                           0.09 * a->central * majority);

        share[1][i] = weight[i];
        share[0][i] = weight[i] / grown;
        sum[0] += share[0][i];
        sum[1] += share[1][i];
    }
    for (int p = 0; p < TOWN_PERIODS; p++)
        for (int i = 0; i < TOWN_AREAS; i++)
            share[p][i] /= sum[p];
}

/* Students by the campus, families in the suburbs, the old by the sea. */
static double local_age(const struct town_area *a, int age)
{
    double young = age >= 4 && age <= 5, child = age <= 3;
    double adult = age >= 6 && age <= 9, old = age >= 12;

    return 1 + 2.6 * young * a->campus + 0.5 * young * a->central +
           0.45 * child * a->suburb + 0.2 * adult * a->suburb +
           0.7 * old * a->beach + 0.25 * (age == 6) * a->central -
           0.3 * child * a->central;
}

static double women_at(const struct town_origin *o, int age)
{
    if (age <= 3)
        return 0.488;
    if (age >= 14)
        return o->women * 0.4 + 0.6 * (age == 16 ? 0.63 : 0.56);
    return o->women;
}

static void spread_ages(const struct town_area *a, const struct town_origin *o,
                        double share[TOWN_SEXES][TOWN_AGES])
{
    double sum = 0;

    for (int age = 0; age < TOWN_AGES; age++) {
        double part = profiles[o->ages][age] * local_age(a, age);
        double women = women_at(o, age);

        share[0][age] = part * women;
        share[1][age] = part * (1 - women);
        sum += part;
    }
    for (int sex = 0; sex < TOWN_SEXES; sex++)
        for (int age = 0; age < TOWN_AGES; age++)
            share[sex][age] /= sum;
}

/*
 * Whole persons: the fraction is rounded by a draw that both periods share, so
 * that a cell changes only where its expectation does.
 */
static void fill_area(struct rng *r, struct town *t, int area, int origin,
                      const double people[TOWN_PERIODS])
{
    double share[TOWN_SEXES][TOWN_AGES];

    spread_ages(&t->areas[area], &town_origins[origin], share);
    for (int sex = 0; sex < TOWN_SEXES; sex++)
        for (int age = 0; age < TOWN_AGES; age++) {
            double draw = rng_double(r);
            double uneven = exp(0.06 * rng_normal(r));

            for (int p = 0; p < TOWN_PERIODS; p++)
                t->people[p][area][origin][sex][age] =
                    (int32_t)floor(people[p] * share[sex][age] * uneven + draw);
        }
}

void town_people(struct town *t)
{
    double share[TOWN_PERIODS][TOWN_AREAS];
    struct rng r;

    t->people = arena_alloc(t->arena, TOWN_PERIODS * sizeof *t->people);
    for (int k = 0; k < TOWN_ORIGINS; k++) {
        const struct town_origin *o = &town_origins[k];

        rng_init(&r, t->seed, ((uint64_t)STREAM_PEOPLE << 32) + (uint64_t)k);
        settle(&r, t, o, share);
        for (int i = 0; i < TOWN_AREAS; i++) {
            double people[TOWN_PERIODS] = {o->people / o->growth * share[0][i],
                                           o->people * share[1][i]};

            fill_area(&r, t, i, k, people);
        }
    }
}

int64_t town_count(const struct town *t, int period, int area, int origin,
                   int youngest, int oldest)
{
    int64_t sum = 0;

    for (int i = area < 0 ? 0 : area; i <= (area < 0 ? TOWN_AREAS - 1 : area);
         i++)
        for (int k = origin < 0 ? 0 : origin;
             k <= (origin < 0 ? TOWN_ORIGINS - 1 : origin); k++)
            for (int sex = 0; sex < TOWN_SEXES; sex++)
                for (int age = youngest; age <= oldest; age++)
                    sum += t->people[period][i][k][sex][age];
    return sum;
}

void example_population(const struct town *t, struct buf *out)
{
    static const char *const sexes[TOWN_SEXES] = {"female", "male"};

    buf_adds(out, "period,area,country_of_birth,sex,age,residents\r\n");
    for (int p = 0; p < TOWN_PERIODS; p++)
        for (int i = 0; i < TOWN_AREAS; i++)
            for (int k = 0; k < TOWN_ORIGINS; k++)
                for (int sex = 0; sex < TOWN_SEXES; sex++)
                    for (int age = 0; age < TOWN_AGES; age++) {
                        int32_t n = t->people[p][i][k][sex][age];

                        if (n > 0)
                            buf_fmt(out, "%s,%s,%s,%s,%s,%d\r\n",
                                    town_periods[p], t->areas[i].id,
                                    town_origins[k].code, sexes[sex],
                                    town_age_bands[age], n);
                    }
}
