/*
 * example.h: Marsa, a port city that does not exist, made from a seed.
 *
 * A town is drawn first (areas, their people and what lies where), then written
 * as a data package: CSV, GeoJSON, datapackage.json and texts/. The same seed
 * gives the same bytes. Lengths are metres in a plane whose origin is the foot
 * of the old harbour, x to the east and y to the north; nothing here is a fact
 * about any real place or people. Everything lives in the arena given.
 */
#ifndef PASSERELLE_EXAMPLE_H
#define PASSERELLE_EXAMPLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"

enum {
    TOWN_AREAS = 60,
    TOWN_DISTRICTS = 6,
    TOWN_ORIGINS = 40,
    TOWN_AGES = 17, /* 0-4 ... 80+ */
    TOWN_SEXES = 2,
    TOWN_PERIODS = 2,
};

/* Streams of the generator: one a purpose, so that parts stay independent. */
enum town_stream {
    STREAM_NOISE = 1,
    STREAM_COAST,
    STREAM_SEEDS,
    STREAM_PEOPLE,
    STREAM_SERVICES,
    STREAM_FLOWS,
    STREAM_OUTCOMES,
    STREAM_RETRY = 1000 /* added again for each new drawing of the borders */
};

struct point {
    double x, y;
};

/* A stretch of border between two junctions, shared by both sides. */
struct arc {
    int left, right; /* area, or -1: outside the city */
    int from, to;    /* junctions; equal and -1 for a closed loop */
    size_t n;
    struct point *at;
};

struct town_ring {
    size_t n;
    struct point *at; /* first equals last; outer rings run anticlockwise */
};

struct town_area {
    const char *id, *name;
    int district;
    size_t n_rings; /* the outer one, then holes */
    struct town_ring *rings;
    double area_m2;
    struct point centre;
    /* What a place is like, 0 to 1. */
    double central, port, campus, suburb, beach, works;
};

struct town {
    uint64_t seed;
    struct arena *arena;
    struct town_area areas[TOWN_AREAS];
    /* people[period][area][origin][sex][age] */
    int32_t (*people)[TOWN_AREAS][TOWN_ORIGINS][TOWN_SEXES][TOWN_AGES];
};

struct town_place { /* a neighbourhood and roughly where it lies */
    const char *name;
    double x, y;
};
struct town_district {
    const char *id, *name;
    struct point anchor;
    double reach_m; /* how far it claims land against the others */
    int areas;
    const struct town_place *places;
};
extern const struct town_district town_districts[TOWN_DISTRICTS];

struct town_origin {
    const char *code;
    int people;    /* in the second period */
    double growth; /* second period / first */
    unsigned ages; /* enum age_profile */
    double women;  /* share */
    /* Pull of each kind of place; and how closely the group lives together. */
    double port, campus, suburb, beach, works, together;
};
enum age_profile {
    AGES_SETTLED,  /* a whole population */
    AGES_FAMILIES, /* adults with children */
    AGES_WORKERS,
    AGES_STUDENTS,
    AGES_RETURNED /* came back, or came, late in life */
};
extern const struct town_origin town_origins[TOWN_ORIGINS];
extern const char *const town_periods[TOWN_PERIODS];
extern const char *const town_age_bands[TOWN_AGES];

bool town_on_land(const struct point *outline, size_t n, struct point p);
/* The outline of the city with its coast, and the lagoon cut out of it. */
size_t town_outline(struct arena *a, uint64_t seed, struct point **out);
size_t town_lagoon(struct arena *a, uint64_t seed, struct point **out);

/* Fills the areas' shapes and what they are like. */
enum rc town_draw(struct town *t, struct err *err) MUST_USE;
/* Joins the arcs into each area's rings; false when they do not close. */
bool town_join(struct town *t, const struct arc *arcs, size_t n);
void town_people(struct town *t);

void point_degrees(struct point p, double *longitude, double *latitude);
/* People of a period, area (-1: all), origin (-1: all) and ages. */
int64_t town_count(const struct town *t, int period, int area, int origin,
                   int youngest, int oldest);

/* Writers of the package's files. */
void example_areas(const struct town *t, struct buf *out);
void example_population(const struct town *t, struct buf *out);
void example_services(const struct town *t, struct buf *out);
void example_flows(const struct town *t, struct buf *out);
void example_outcomes(const struct town *t, struct buf *out);
void example_governance(const struct town *t, struct buf *out);
void example_actors(const struct town *t, struct buf *out);
void example_descriptor(const struct town *t, struct buf *out);

/* Draws the town and writes its package into the folder `dir`. */
enum rc example_write(const char *dir, uint64_t seed, struct arena *a,
                      struct err *err) MUST_USE;

#endif
