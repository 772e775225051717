/*
 * spatial_sweep.h: the inner loops over pairs of points.
 *
 * A sweep adds weight(distance) x row of every point in a range to an
 * accumulator. Rows lie in tiles of eight columns; four columns or fewer lie
 * each in a column of its own and the eight lanes are points instead. The order
 * of additions is the same for every processor and no fused multiply-add is
 * used, so a value does not depend on the machine. Internal to the measuring
 * library.
 */
#ifndef PASSERELLE_MEASURE_SPATIAL_SWEEP_H
#define PASSERELLE_MEASURE_SPATIAL_SWEEP_H

#include "base/base.h"
#include "passerelle/measure_spatial.h"

enum { LANES = 8, NARROW = 4 };

struct sweep {
    enum kernel_shape shape;
    double bandwidth, reach2, scale, power;
    const double *x, *y; /* points, 8 readable behind the last */
    size_t columns;
    const double *rows; /* wide: point * tiles * LANES */
    size_t tiles;
    const double *column[NARROW]; /* 8 readable behind the last */
};

/*
 * Points [from, to) as seen from (x, y); the point at `self`, if in the range,
 * weighs self_weight. `acc` holds tiles * LANES or columns * LANES numbers;
 * lanes_sum makes values of the latter.
 */
typedef void sweep_fn(const struct sweep *s, double x, double y, size_t from,
                      size_t to, size_t self, double self_weight, double *acc);
/* The same for four points at once, wide rows only: each row is read once.
 * `acc` holds four accumulators. */
typedef void sweep4_fn(const struct sweep *s, const double x[4],
                       const double y[4], size_t from, size_t to,
                       const size_t self[4], const double self_weight[4],
                       double *acc);
/* The weights alone. */
typedef void weigh_fn(const struct sweep *s, double x, double y, size_t from,
                      size_t n, double *weight);
/* Rows named by `to` with weights found before. */
typedef void gather_fn(const struct sweep *s, const uint32_t *to,
                       const double *weight, size_t n, double *acc);
/* out[i] = ln v[i], v > 0 and normal. */
typedef void log_fn(const double *v, size_t n, double *out);

struct sweeps {
    sweep_fn *sweep;
    sweep4_fn *sweep4;
    weigh_fn *weigh;
    gather_fn *gather;
    log_fn *log;
};
/* Those that this processor can run, the fastest last. */
enum { SWEEPS_MOST = 3 };
size_t sweeps_list(struct sweeps out[SWEEPS_MOST]);
struct sweeps sweeps_choose(void); /* the fastest of this processor */

double lanes_sum(const double lane[LANES]);

#endif
