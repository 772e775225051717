/*
 * measure_spatial.h: indices that know where the areas lie.
 *
 * Coordinates, lengths and surfaces are planar, in metres. Longitude and
 * latitude are not: a bandwidth or distance unit more than a hundred times the
 * extent of all points is RC_INVALID, for so degrees look. A distance matrix is
 * never stored: memory grows with the areas (and with the pairs kept by
 * environment_keep, which has a limit), whatever the bandwidth.
 *
 * `struct areas` borrows; a pointer that is NULL says that the caller does not
 * know it, and a measure that needs it answers RC_USAGE. What is prepared from
 * it (struct spatial, struct environment) borrows the arrays too, is owned by
 * the caller, immutable once made, and may be shared by threads: make it once
 * for hundreds of draws. Values are the same for any number of threads and any
 * processor. RC_INVALID: a coordinate, length or surface that is not finite or
 * is negative, or links that lead nowhere. RC_UNDEFINED as in measure.h.
 *
 * Massey and Denton (1988), doi:10.1093/sf/67.2.281; Reardon and O'Sullivan
 * (2004), doi:10.1111/j.0081-1750.2004.00150.x; the others at each function.
 */
#ifndef PASSERELLE_MEASURE_SPATIAL_H
#define PASSERELLE_MEASURE_SPATIAL_H

#include "passerelle/measure.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compressed sparse rows: neighbours of i are to[start[i]..start[i + 1]). */
struct neighbours {
    const size_t *start;    /* n + 1, or NULL: not known */
    const uint32_t *to;     /* symmetric, without the area itself */
    const double *length_m; /* shared boundary; 0 for a corner; or NULL */
};

struct areas {
    size_t n;
    const double *x_m, *y_m; /* centroids */
    const double *area_m2;
    const double *perimeter_m;
    struct neighbours rook, queen;
};

enum contiguity { CONTIGUITY_QUEEN, CONTIGUITY_ROOK };
enum contact {
    CONTACT_DISTANCE,  /* exp(-d / unit) */
    CONTACT_NEIGHBOURS /* 1 for neighbours and for the area itself */
};
enum self_distance {
    SELF_DISC, /* (0.6 area)^0.5 */
    SELF_ZERO  /* 0, as OasisR does unless told */
};
enum centre_choice {
    CENTRE_POPULATION, /* centroids weighted by persons */
    CENTRE_CENTROIDS,  /* their plain mean, as PySAL does unless told */
    CENTRE_AT
};

/*
 * What a local environment is. K(0) = 1 and z = d / bandwidth:
 *   uniform 1, triangular 1 - z, quadratic 1 - z^2, biweight (1 - z^2)^2 for
 *   z <= 1 and 0 beyond; gaussian exp(-z^2 / 2), exponential exp(-z) and
 *   inverse distance (1 + z)^-power are cut at reach_m, or where K < tail.
 * The area itself always has weight 1. With bandwidth 0 an environment is the
 * area alone. `density` multiplies the others by the constant of a density
 * (1/2, 3/4, 15/16, 1/sqrt(2 pi)), as PySAL does; PySAL also cuts the gaussian
 * at the bandwidth. The error of a cut: a smoothed count lacks at most
 * tail x the city's persons of that group.
 */
enum kernel_shape {
    SHAPE_UNIFORM,
    SHAPE_TRIANGULAR,
    SHAPE_QUADRATIC,
    SHAPE_BIWEIGHT,
    SHAPE_GAUSSIAN,
    SHAPE_EXPONENTIAL,
    SHAPE_INVERSE
};
struct kernel {
    enum kernel_shape shape;
    double bandwidth_m;
    double reach_m; /* 0: the bandwidth, or what `tail` says */
    double power;   /* inverse distance: 1 */
    double tail;    /* 1e-12; 0 for no cut */
    bool density;
};
struct kernel kernel_of(enum kernel_shape shape, double bandwidth_m);
/* The weight at a distance; RC_INVALID when the kernel makes no sense. */
enum rc kernel_weight(const struct kernel *k, double distance_m,
                      double *out) PASSERELLE_MUST_USE;

/*
 * How a count measure is taken on environments.
 * LOCAL_COMPOSITION, Reardon and O'Sullivan: each area weighs as many persons
 * as live there and is as mixed as its environment; the city is as it is. For
 * dissimilarity, information_theory, mutual_information, relative_diversity,
 * isolation, interaction, normalized_exposure. Other measures, and all with
 * LOCAL_COUNTS (PySAL): the smoothed counts stand for the counts.
 */
enum local_form { LOCAL_COMPOSITION, LOCAL_COUNTS };

struct spatial_options {
    enum contiguity contiguity;
    enum contact contact;
    double distance_unit_m; /* 1000: exp(-d) with d in kilometres */
    enum self_distance self;
    enum centre_choice centre;
    double centre_x_m, centre_y_m;
    size_t nearest;        /* 5, local relative centralisation */
    bool interior_only;    /* perimeters: only what neighbours share */
    bool row_standardised; /* D(adj), D(w): an area's boundaries add to 1, as
                            * PySAL has them for D(w) */
    bool binary_weights;   /* Moran: 1 a neighbour; else rows add to 1 */
    double tail;           /* 1e-15: exp(-d) below it is 0 */
    struct kernel kernel;  /* for count measures; triangular, 1000 m */
    enum local_form form;
    const double *bandwidth_m; /* profile; ascending; 500 1000 2000 4000 */
    size_t bandwidths;
    unsigned threads; /* 1 */
};
struct spatial_options spatial_defaults(void);

/* Prepared areas. `o` may be NULL; bandwidth_m is copied. */
struct spatial;
enum rc spatial_new(const struct areas *a, const struct spatial_options *o,
                    struct spatial **out) PASSERELLE_MUST_USE;
void spatial_free(struct spatial *s);

/*
 * Takes the distances between all areas once for the measures of clustering
 * and distance decay of these counts, which must not change while `s` is used
 * with them. Not while another thread uses `s`.
 */
enum rc spatial_prepare(struct spatial *s,
                        const struct counts *c) PASSERELLE_MUST_USE;

/*
 * Any measure of the catalogue: one that needs areas as its row says, one on
 * counts on local environments (options kernel and form). `out` as in
 * measure_compute; c->units must be the number of areas.
 */
enum rc measure_spatial(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, const struct spatial *s,
                        size_t group, size_t against,
                        const struct measure_options *o,
                        double *out) PASSERELLE_MUST_USE;

/* The same for every group, distances taken once: as measure_groups. */
enum rc measure_spatial_groups(const struct measure *m, const struct counts *c,
                               const struct spatial *s,
                               const struct measure_options *o, double *out,
                               enum rc *rc) PASSERELLE_MUST_USE;

/*
 * Local environments, for whoever takes several measures or draws on them.
 * Pairs are found by a uniform grid at every environment_apply, or once by
 * environment_keep (RC_LIMIT, and nothing kept, above `most` pairs).
 */
struct environment;
enum rc environment_new(const struct areas *a, const struct kernel *k,
                        unsigned threads,
                        struct environment **out) PASSERELLE_MUST_USE;
/* The same from distances found elsewhere (along streets): those of i are
 * distance_m[start[i]..start[i + 1]), without the area itself. */
enum rc environment_of_links(size_t n, const struct neighbours *links,
                             const double *distance_m, const struct kernel *k,
                             unsigned threads,
                             struct environment **out) PASSERELLE_MUST_USE;
enum rc environment_keep(struct environment *e,
                         size_t most) PASSERELLE_MUST_USE;
size_t environment_pairs(const struct environment *e); /* kept, or 0 */
void environment_free(struct environment *e);
/* out[i * groups + g] = sum over j of weight(i, j) n[j * groups + g]. */
enum rc environment_apply(const struct environment *e, const struct counts *c,
                          double *out) PASSERELLE_MUST_USE;
/* A count measure on `local`, the smoothed counts of `c`. */
enum rc measure_local(const struct measure *m, enum measure_scope scope,
                      const struct counts *c, const double *local,
                      enum local_form form, size_t group, size_t against,
                      const struct measure_options *o,
                      double *out) PASSERELLE_MUST_USE;

/* The same for every group: out[c->groups] and rc[c->groups], as in
 * measure_groups. */
enum rc measure_local_groups(const struct measure *m, const struct counts *c,
                             const double *local, enum local_form form,
                             const struct measure_options *o, double *out,
                             enum rc *rc) PASSERELLE_MUST_USE;

/*
 * A count measure over growing bandwidths (Reardon et al. 2008,
 * doi:10.1353/dem.0.0019): value[k] for s's bandwidth k. The macro/micro ratio
 * (Lee et al. 2008) is the last over the first; catalogue row
 * segregation_profile gives it for information_theory.
 */
enum rc measure_profile(const struct measure *m, enum measure_scope scope,
                        const struct counts *c, const struct spatial *s,
                        size_t group, size_t against,
                        const struct measure_options *o,
                        double *value) PASSERELLE_MUST_USE;

/*
 * Moran's I of a group's share (Moran 1950, Anselin 1995): I_i = z_i / m2 x
 * sum_j w_ij z_j, whose mean is I when rows add to 1. Areas without persons
 * take no part (NaN, MORAN_NONE). Conditional permutation: an area keeps its
 * own value, its neighbours are drawn from all others; p = (k + 1) / (draws +
 * 1) of the nearer tail, as PySAL and GeoDa give it. draws = 0: no p.
 */
enum moran_kind {
    MORAN_NONE,
    MORAN_HIGH_HIGH,
    MORAN_LOW_HIGH, /* a low value among high ones */
    MORAN_LOW_LOW,
    MORAN_HIGH_LOW
};
struct moran {
    double i, expected; /* -1 / (n - 1) */
    double variance;    /* under randomisation (Cliff and Ord 1981) */
    double p;           /* permutation; NaN without draws */
    double p_error;     /* its Monte Carlo standard error */
};
struct moran_local {
    double *i;             /* n; or NULL */
    double *p;             /* n; or NULL */
    enum moran_kind *kind; /* n; or NULL */
};
enum rc measure_moran(const struct counts *c, const struct spatial *s,
                      size_t group, const struct measure_options *o,
                      struct moran *out,
                      const struct moran_local *local) PASSERELLE_MUST_USE;

/*
 * Spatial proximity profile (Hong and Sadahiro 2014): curve[k] at the share
 * k / (m - 1), m = o->thresholds.
 */
enum rc measure_proximity_curve(const struct counts *c, const struct spatial *s,
                                size_t group, const struct measure_options *o,
                                double *curve) PASSERELLE_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
