/* The districts of Marsa, its neighbourhoods' shapes and what they are like. */
#include "cli/example.h"
#include "cli/example_land.h"

#include <math.h>

static const struct town_place old_town[] = {
    {"Pointe du Phare", -1300, 2750},  {"Bab el Mina", -800, 2300},
    {"La Darse", -700, 1700},          {"Quai des Corailleurs", -700, 1300},
    {"Souk el Attarine", -1300, 1900}, {"Rue des Verriers", -1900, 2200},
    {"Sidi Marwan", -2000, 1500},      {"Dar el Fanar", -1350, 1450},
    {"La Vieille Douane", -400, 800},  {"Bir el Hout", -1500, 950},
    {"Fondouk el Melh", -900, 900},    {"Porte Haute", -2200, 700},
};
static const struct town_place new_town[] = {
    {"Gare Maritime", 200, 500},        {"Place des Vents", -800, 100},
    {"Jardin d'Essai", 800, 100},       {"Les Arcades", -100, 0},
    {"Théâtre", -1600, -100},           {"Nouvel Hôpital", -900, -700},
    {"Quartier des Poètes", 600, -800}, {"Les Orangers", -2100, -800},
    {"Petite Vienne", -200, -1300},     {"Champ de Foire", 1000, -1800},
    {"Les Abattoirs", -1300, -1700},    {"Route du Sud", -200, -2800},
};
static const struct town_place docks[] = {
    {"Môle Est", 2600, 1400},     {"Port de Commerce", 1500, 1000},
    {"Les Chantiers", 2100, 600}, {"Bassin Neuf", 1300, 300},
    {"La Minoterie", 3300, 100},  {"Cité des Dockers", 2000, -300},
    {"El Warsha", 2100, -1300},   {"Les Salines", 3500, -1200},
    {"Plage Longue", 4700, 0},    {"Aïn Tarfa", 6400, -1300},
};
static const struct town_place hills[] = {
    {"Colline des Pins", -3300, -1900}, {"Observatoire", -2100, -2200},
    {"Campus Nord", -4600, -3100},      {"Cité Étudiante", -2900, -3400},
    {"Les Terrasses", -1400, -3600},    {"Campus Sud", -4200, -4300},
    {"Oued el Khaïr", -2900, -5200},    {"Haute Carrière", -1500, -5400},
};
static const struct town_place beaches[] = {
    {"Anse aux Tamaris", -4500, 900}, {"La Corniche", -3400, 700},
    {"Les Sables", -6700, 600},       {"Villa Florin", -3100, -300},
    {"Ras el Ward", -4400, -300},     {"Les Mimosas", -5600, -500},
    {"Dar Essalem", -3900, -1200},    {"Belvédère", -6900, -1300},
    {"Les Figuiers", -5700, -2100},
};
static const struct town_place plain[] = {
    {"Les Norias", 1900, -2200},        {"El Boustane", 3500, -2700},
    {"Gare de Triage", 6200, -3000},    {"Les Peupliers", 1400, -3200},
    {"Cité Nouvelle", 300, -3600},      {"Ferme Rouge", 4400, -4500},
    {"Hauts de la Plaine", 300, -4600}, {"Borj Saïd", 2400, -4700},
    {"Zone des Ateliers", 300, -5700},
};

const struct town_district town_districts[TOWN_DISTRICTS] = {
    {"1", "Vieille Ville", {-1100, 1500}, 1500, 12, old_town},
    {"2", "Ville Neuve", {-250, -1100}, 1900, 12, new_town},
    {"3", "Les Docks", {2900, -100}, 1900, 10, docks},
    {"4", "Les Collines", {-3100, -3400}, 2100, 8, hills},
    {"5", "Les Plages", {-5000, -100}, 2300, 9, beaches},
    {"6", "La Plaine", {2500, -4000}, 2300, 9, plain},
};

static double ring_area(const struct town_ring *r)
{
    double twice = 0;

    for (size_t i = 0; i + 1 < r->n; i++)
        twice += r->at[i].x * r->at[i + 1].y - r->at[i + 1].x * r->at[i].y;
    return twice / 2;
}

static void turn_ring(struct town_ring *r)
{
    for (size_t i = 0, j = r->n - 1; i < j; i++, j--) {
        struct point swap = r->at[i];

        r->at[i] = r->at[j];
        r->at[j] = swap;
    }
}

static void add_arc(struct arena *a, struct town_ring *r, size_t *cap,
                    const struct arc *arc, bool forward)
{
    for (size_t i = r->n ? 1 : 0; i < arc->n; i++)
        VEC_PUSH(a, r->at, r->n, *cap) = arc->at[forward ? i : arc->n - 1 - i];
}

/* Strings arcs together, end to end, until the ring is closed. */
static bool close_ring(struct arena *a, const struct arc *arcs, size_t n,
                       int area, bool *spent, size_t first, struct town_ring *r)
{
    int start = arcs[first].from, at = arcs[first].to;
    size_t cap = 0;

    *r = (struct town_ring){0};
    spent[first] = true;
    add_arc(a, r, &cap, &arcs[first], true);
    while (at != start) {
        size_t i = 0;

        while (i < n &&
               (spent[i] || (arcs[i].left != area && arcs[i].right != area) ||
                (arcs[i].from != at && arcs[i].to != at)))
            i++;
        if (i == n)
            return false;
        spent[i] = true;
        add_arc(a, r, &cap, &arcs[i], arcs[i].from == at);
        at = arcs[i].from == at ? arcs[i].to : arcs[i].from;
    }
    return r->n >= 4;
}

/* The largest ring is the outside, anticlockwise; holes run the other way. */
static void order_rings(struct town_area *area)
{
    for (size_t i = 1; i < area->n_rings; i++)
        if (fabs(ring_area(&area->rings[i])) >
            fabs(ring_area(&area->rings[0]))) {
            struct town_ring swap = area->rings[0];

            area->rings[0] = area->rings[i];
            area->rings[i] = swap;
        }
    area->area_m2 = 0;
    for (size_t i = 0; i < area->n_rings; i++) {
        if ((ring_area(&area->rings[i]) > 0) != (i == 0))
            turn_ring(&area->rings[i]);
        area->area_m2 += ring_area(&area->rings[i]);
    }
}

bool town_join(struct town *t, const struct arc *arcs, size_t n)
{
    for (int k = 0; k < TOWN_AREAS; k++) {
        struct town_area *area = &t->areas[k];
        bool *spent = arena_array(t->arena, bool, n);
        size_t cap = 0;

        area->n_rings = 0;
        area->rings = NULL;
        for (size_t i = 0; i < n; i++) {
            struct town_ring ring;

            if (spent[i] || (arcs[i].left != k && arcs[i].right != k))
                continue;
            if (!close_ring(t->arena, arcs, n, k, spent, i, &ring))
                return false;
            VEC_PUSH(t->arena, area->rings, area->n_rings, cap) = ring;
        }
        if (!area->n_rings)
            return false;
        order_rings(area);
    }
    return true;
}

static double cross(struct point o, struct point a, struct point b)
{
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

static bool same(struct point a, struct point b)
{
    return a.x == b.x && a.y == b.y;
}

static bool cut(struct point a, struct point b, struct point c, struct point d)
{
    if (MAX(a.x, b.x) < MIN(c.x, d.x) || MAX(c.x, d.x) < MIN(a.x, b.x) ||
        MAX(a.y, b.y) < MIN(c.y, d.y) || MAX(c.y, d.y) < MIN(a.y, b.y))
        return false;
    if (same(a, c) || same(a, d) || same(b, c) || same(b, d))
        return false;
    return cross(a, b, c) * cross(a, b, d) <= 0 &&
           cross(c, d, a) * cross(c, d, b) <= 0;
}

/* Smoothing may, very rarely, push one border across another. */
static bool borders_cross(const struct arc *arcs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p + 1 < arcs[i].n; p++)
            for (size_t j = i; j < n; j++)
                for (size_t q = j == i ? p + 1 : 0; q + 1 < arcs[j].n; q++)
                    if (cut(arcs[i].at[p], arcs[i].at[p + 1], arcs[j].at[q],
                            arcs[j].at[q + 1]))
                        return true;
    return false;
}

static double near_to(struct point p, double x, double y, double reach_m)
{
    double d = hypot(p.x - x, p.y - y) / reach_m;

    return exp(-d * d);
}

static void describe_area(struct town_area *a)
{
    struct point p = a->centre;

    a->central = near_to(p, -600, 600, 2100);
    a->port =
        MAX(near_to(p, 1900, 300, 1500), 0.8 * near_to(p, -900, 1600, 900));
    a->campus = near_to(p, -3200, -2700, 1500);
    a->works = MAX(near_to(p, 3300, -3100, 1800), near_to(p, 2900, 600, 1300));
    a->beach = MAX(near_to(p, -5000, 700, 1700), near_to(p, 5600, -300, 1500));
    a->suburb = 1 - exp(-pow(hypot(p.x + 300, p.y - 300) / 4300, 3));
}

static void describe_areas(struct town *t, const struct land *l)
{
    double x[TOWN_AREAS] = {0}, y[TOWN_AREAS] = {0}, n[TOWN_AREAS] = {0};
    int k = 0;

    for (size_t i = 0; i < l->columns * l->rows; i++) {
        int a = l->label[i];

        if (a < 0)
            continue;
        x[a] += land_point(l, i).x;
        y[a] += land_point(l, i).y;
        n[a]++;
    }
    for (int d = 0; d < TOWN_DISTRICTS; d++)
        for (int i = 0; i < town_districts[d].areas; i++, k++) {
            struct town_area *a = &t->areas[k];

            a->id =
                arena_printf(t->arena, "%s%02d", town_districts[d].id, i + 1);
            a->name = town_districts[d].places[i].name;
            a->district = d;
            a->centre = (struct point){x[k] / n[k], y[k] / n[k]};
            describe_area(a);
        }
}

enum rc town_draw(struct town *t, struct err *err)
{
    enum { TRIES = 40 };
    struct land l;

    land_survey(&l, t->arena, t->seed);
    for (uint64_t k = 0; k < TRIES; k++) {
        struct arc *arcs;
        size_t n;

        land_divide(&l, t->seed, STREAM_SEEDS + (k ? STREAM_RETRY + k : 0));
        n = land_trace(&l, &arcs);
        if (borders_cross(arcs, n) || !town_join(t, arcs, n))
            continue;
        describe_areas(t, &l);
        return RC_OK;
    }
    return err_set(err, RC_FAILED,
                   N_("no city could be drawn from the seed %llu; try another"),
                   (unsigned long long)t->seed);
}
