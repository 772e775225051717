/* About three hundred services of Marsa, where people can go. */
#include "cli/example.h"

#include <math.h>
#include <stdio.h>

enum where { NEAR_HOMES, NEAR_CENTRE, NEAR_MIGRANTS, NEAR_CAMPUS };

struct kind {
    const char *code,
        *name; /* the name takes the place's: "École Les Sables" */
    int places;
    enum where where;
    int least, most; /* capacity; 0: not stated */
    const char *languages[3], *hours[3], *for_whom[2], *organisation;
};

static const struct kind kinds[] = {
    {"schools",
     "École",
     46,
     NEAR_HOMES,
     180,
     620,
     {"ar;fr", "ar;fr;en", "ar;fr"},
     {"Mo-Fr 07:45-16:30", "Mo-Fr 08:00-16:00; SH off", "Mo-Fr 07:45-16:30"},
     {"children aged 6 to 15"},
     "Ville de Marsa"},
    {"kindergartens",
     "Jardin d'enfants",
     34,
     NEAR_HOMES,
     30,
     110,
     {"ar;fr", "ar", "ar;fr;it"},
     {"Mo-Fr 07:30-17:00", "Mo-Fr 07:00-18:00", "Mo-Sa 07:30-13:30"},
     {"children aged 3 to 5"},
     "Ville de Marsa"},
    {"doctors",
     "Cabinet médical",
     52,
     NEAR_HOMES,
     0,
     0,
     {"ar;fr", "ar;fr;en", "ar;it"},
     {"Mo-Fr 08:30-12:30,14:30-18:00", "Mo-Th 09:00-17:00; Sa 09:00-12:00", ""},
     {""},
     ""},
    {"pharmacies",
     "Pharmacie",
     44,
     NEAR_HOMES,
     0,
     0,
     {"ar;fr", "ar;fr;en", ""},
     {"Mo-Sa 08:30-19:30", "Mo-Fr 08:00-20:00; Sa 08:00-13:00", "24/7"},
     {""},
     ""},
    {"clinics",
     "Dispensaire",
     10,
     NEAR_HOMES,
     0,
     0,
     {"ar;fr", "ar;fr;en", "ar;fr;ti;am"},
     {"Mo-Fr 08:00-15:00", "Mo-Sa 08:00-18:00", "Mo-Fr 08:00-15:00"},
     {"", "everyone, also without insurance"},
     "Agence de santé du Golfe"},
    {"hospitals",
     "Hôpital",
     3,
     NEAR_CENTRE,
     180,
     640,
     {"ar;fr;en", "ar;fr;en;it", "ar;fr"},
     {"24/7", "24/7", "24/7"},
     {""},
     "Agence de santé du Golfe"},
    {"libraries",
     "Bibliothèque",
     8,
     NEAR_HOMES,
     0,
     0,
     {"ar;fr;en", "ar;fr", "ar;fr;en;it"},
     {"Tu-Sa 10:00-18:00", "Mo-Sa 09:00-19:00", "Tu-Fr 13:00-18:00"},
     {""},
     "Ville de Marsa"},
    {"community-centers",
     "Maison de quartier",
     16,
     NEAR_MIGRANTS,
     0,
     0,
     {"ar;fr", "ar;fr;en;bn", "ar;fr;en;ti"},
     {"Mo-Sa 09:00-20:00", "Tu-Su 10:00-19:00", "Mo-Fr 14:00-21:00"},
     {""},
     "Ville de Marsa"},
    {"welcome-desk",
     "Guichet d'accueil",
     6,
     NEAR_MIGRANTS,
     0,
     0,
     {"ar;fr;en;uk", "ar;fr;en;bn;ti", "ar;fr;en;it"},
     {"Mo-Fr 08:30-13:00; We 14:00-18:00", "Mo-Th 09:00-16:00",
      "Tu,Th 15:00-19:00"},
     {"newcomers, in their first two years"},
     "Ville de Marsa"},
    {"language-course",
     "Cours de langue",
     18,
     NEAR_MIGRANTS,
     12,
     48,
     {"ar;fr", "ar", "fr;en"},
     {"Mo,We 18:00-20:30", "Tu,Th 09:00-12:00", "Sa 10:00-13:00"},
     {"adults", "women, with childcare"},
     "Association Les Deux Rives"},
    {"legal-aid",
     "Permanence juridique",
     9,
     NEAR_MIGRANTS,
     0,
     0,
     {"ar;fr;en", "ar;fr;en;bn", "ar;fr;uk"},
     {"Tu 14:00-18:00", "Mo,Th 16:00-19:00", "We 09:00-12:00"},
     {"everyone", "asylum seekers"},
     "Barreau de Marsa"},
    {"employment",
     "Bureau de l'emploi",
     8,
     NEAR_CENTRE,
     0,
     0,
     {"ar;fr", "ar;fr;en", "ar;fr"},
     {"Mo-Fr 08:00-15:30", "Mo-Fr 08:00-15:30", "Mo-Th 08:00-16:00"},
     {"job seekers with a permit"},
     "Office thalassien du travail"},
    {"housing",
     "Agence du logement",
     6,
     NEAR_CENTRE,
     0,
     0,
     {"ar;fr", "ar;fr;en", "ar;fr"},
     {"Mo-Fr 09:00-12:30", "Mo,We,Fr 09:00-15:00", "Mo-Fr 09:00-12:30"},
     {""},
     "Ville de Marsa"},
    {"places-of-worship",
     "Lieu de culte",
     20,
     NEAR_HOMES,
     0,
     0,
     {"ar", "fr;en", "ar;ti"},
     {"", "Mo-Su 06:00-21:00", "Su 09:00-13:00"},
     {""},
     ""},
    {"universities",
     "Université du Golfe",
     3,
     NEAR_CAMPUS,
     2400,
     9800,
     {"ar;fr;en", "ar;fr;en", "fr;en"},
     {"Mo-Fr 08:00-20:00", "Mo-Sa 08:00-20:00", "Mo-Fr 08:00-18:00"},
     {""},
     "Université du Golfe"},
    {"post-offices",
     "Bureau de poste",
     12,
     NEAR_HOMES,
     0,
     0,
     {"ar;fr", "ar;fr", "ar"},
     {"Mo-Fr 08:30-16:00; Sa 08:30-12:00", "Mo-Fr 08:30-16:00", ""},
     {""},
     "Poste thalassienne"},
    {"shelter",
     "Foyer",
     5,
     NEAR_MIGRANTS,
     24,
     120,
     {"ar;fr;en", "ar;fr;en;ti", "ar;en"},
     {"24/7", "24/7", "Mo-Su 18:00-09:00"},
     {"women and children", "unaccompanied minors"},
     "Croissant du Golfe"},
    {"counselling",
     "Point d'écoute",
     8,
     NEAR_MIGRANTS,
     0,
     0,
     {"ar;fr", "ar;fr;en", "ar;fr;uk"},
     {"Mo-Fr 10:00-17:00", "Tu,Fr 14:00-19:00", "Mo-Th 10:00-16:00"},
     {"women", "young people aged 15 to 25"},
     "Association Mina Solidaire"},
};

static double weight_of(const struct town *t, int i, enum where where)
{
    const struct town_area *a = &t->areas[i];
    int64_t all = town_count(t, 1, i, -1, 0, TOWN_AGES - 1);
    int64_t majority = town_count(t, 1, i, 0, 0, TOWN_AGES - 1);

    switch (where) {
    case NEAR_HOMES:
        return sqrt((double)all) * (1 + a->central);
    case NEAR_CENTRE:
        return (double)all * (0.1 + a->central);
    case NEAR_MIGRANTS:
        return (double)(all - majority) * (1 + a->central);
    default:
        return pow(a->campus, 3);
    }
}

static int pick_area(struct rng *r, const double *weight)
{
    double sum = 0, at;
    int k = 0;

    for (int i = 0; i < TOWN_AREAS; i++)
        sum += weight[i];
    at = rng_double(r) * sum;
    while (k + 1 < TOWN_AREAS && (at -= weight[k]) > 0)
        k++;
    return k;
}

static bool in_area(const struct town_area *a, struct point p)
{
    bool inside = false;

    for (size_t i = 0; i < a->n_rings; i++)
        inside ^= town_on_land(a->rings[i].at, a->rings[i].n - 1, p);
    return inside;
}

/* A point well inside the area, nearer to its centre than to its border. */
static struct point pick_point(struct rng *r, const struct town_area *a)
{
    double reach = sqrt(a->area_m2);

    for (int tries = 0; tries < 200; tries++) {
        struct point p = {a->centre.x + 0.45 * reach * rng_normal(r),
                          a->centre.y + 0.45 * reach * rng_normal(r)};
        struct point aside[4] = {
            {p.x + 25, p.y}, {p.x - 25, p.y}, {p.x, p.y + 25}, {p.x, p.y - 25}};
        int inside = in_area(a, p);

        for (int k = 0; k < 4; k++)
            inside += in_area(a, aside[k]);
        if (inside == 5)
            return p;
    }
    return a->rings[0].at[0];
}

/* Mostly the first of a list, sometimes another; "" ends it. */
static const char *one_of(struct rng *r, const char *const *list, size_t n)
{
    while (n > 1 && !list[n - 1])
        n--;
    return list[n > 1 && rng_double(r) < 0.45 ? rng_below(r, n) : 0];
}

static void write_service(struct rng *r, const struct town *t,
                          const struct kind *k, int number, int area, int twin,
                          struct buf *out)
{
    const struct town_area *a = &t->areas[area];
    struct point p = pick_point(r, a);
    double longitude, latitude;
    char text[128];

    point_degrees(p, &longitude, &latitude);
    buf_fmt(out, "S%03d,", number);
    snprintf(text, sizeof text, twin ? "%s %s %d" : "%s %s", k->name, a->name,
             twin + 1);
    buf_csv(out, str_of(text));
    buf_fmt(out, ",%s,%.5f,%.5f,", k->code, longitude, latitude);
    if (k->most)
        buf_fmt(out, "%d",
                k->least + (int)rng_below(r, (uint64_t)(k->most - k->least)));
    buf_addc(out, ',');
    buf_csv(out, str_of(one_of(r, k->languages, ARRAY_LEN(k->languages))));
    buf_addc(out, ',');
    buf_csv(out, str_of(one_of(r, k->hours, ARRAY_LEN(k->hours))));
    buf_addc(out, ',');
    buf_csv(out, str_of(one_of(r, k->for_whom, ARRAY_LEN(k->for_whom))));
    buf_addc(out, ',');
    buf_csv(out, str_of(k->organisation));
    buf_adds(out, "\r\n");
}

void example_services(const struct town *t, struct buf *out)
{
    int number = 0;
    struct rng r;

    rng_init(&r, t->seed, STREAM_SERVICES);
    buf_adds(out,
             "id,name,kind,longitude,latitude,capacity,languages,hours,"
             "for_whom,organisation\r\n");
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        double weight[TOWN_AREAS];
        int twins[TOWN_AREAS] = {0};

        for (int i = 0; i < TOWN_AREAS; i++)
            weight[i] = weight_of(t, i, kinds[k].where);
        for (int n = 0; n < kinds[k].places; n++) {
            int area = pick_area(&r, weight);

            write_service(&r, t, &kinds[k], ++number, area, twins[area]++, out);
            weight[area] *= 0.35; /* the next one rather elsewhere */
        }
    }
}
