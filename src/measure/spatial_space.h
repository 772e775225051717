/*
 * spatial_space.h: prepared areas, as the spatial measures take them.
 *
 * struct ask carries a struct spatial to every measure of the table that needs
 * areas. Internal to the measuring library.
 */
#ifndef PASSERELLE_MEASURE_SPATIAL_SPACE_H
#define PASSERELLE_MEASURE_SPATIAL_SPACE_H

#include "measure/frame.h"
#include "measure/spatial_environment.h"

enum { BANDWIDTHS_MOST = 64 };

struct spatial {
    struct areas a; /* arrays borrowed */
    struct spatial_options o;
    double bandwidth_m[BANDWIDTHS_MOST];
    /* spatial_prepare: contact_product of these counts. */
    struct counts prepared;
    double *contact; /* owned, or NULL */
};

const struct neighbours *spatial_links(const struct spatial *s);

/*
 * One group (x) against the rest or another (y) in every area, lived in or not,
 * and t, all persons. RC_UNDEFINED where a side has no members or there are
 * fewer than two areas.
 */
struct sides {
    size_t n;
    double *x, *y, *t; /* owned, one block */
    double X, Y, T;
};
enum rc sides_init(struct sides *p, const struct frame *f,
                   const struct ask *a) MUST_USE;
void cleanup_sides(struct sides *p);

/*
 * Contact c_ij between areas as an environment: exp(-d / unit) with the area's
 * own distance, or neighbours and the area itself. `self` is owned by the
 * caller and outlives the environment.
 */
enum rc contact_new(const struct spatial *s, double **self,
                    struct environment **out) MUST_USE;

/* Whether a measure takes the contact between areas. */
bool spatial_needs_contact(const struct measure *m);

/* c times every group and a last column of ones: n x (groups + 1). */
enum rc contact_product(const struct spatial *s, const struct frame *f,
                        double **out) MUST_USE;

#endif
