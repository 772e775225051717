#include "measure/spatial_sweep.h"

#include "measure/elementary.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 256, QUAD_CHUNK = 128 };

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 4")
#endif

typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));

/* One loop a shape, so that none has a branch inside. */
#define WEIGH(expression)                                  \
    do {                                                   \
        _Pragma("omp simd") for (size_t k = 0; k < n; k++) \
        {                                                  \
            double dx = px[k] - x, dy = py[k] - y;         \
            double d2 = dx * dx + dy * dy;                 \
            double value = (expression);                   \
                                                           \
            w[k] = d2 <= reach2 ? value : 0;               \
        }                                                  \
    } while (0)

INLINE void weigh(const struct sweep *s, double x, double y, size_t from,
                  size_t n, double *restrict w)
{
    const double *restrict px = s->x + from, *restrict py = s->y + from;
    double inv = 1 / s->bandwidth, inv2 = inv * inv;
    double reach2 = s->reach2, scale = s->scale;

    switch (s->shape) {
    case SHAPE_UNIFORM:
        WEIGH(scale);
        break;
    case SHAPE_TRIANGULAR:
        WEIGH(scale * (1 - sqrt(d2) * inv));
        break;
    case SHAPE_QUADRATIC:
        WEIGH(scale * (1 - d2 * inv2));
        break;
    case SHAPE_BIWEIGHT:
        WEIGH(scale * (1 - d2 * inv2) * (1 - d2 * inv2));
        break;
    case SHAPE_GAUSSIAN:
        WEIGH(scale * exp_negative(-0.5 * d2 * inv2));
        break;
    case SHAPE_EXPONENTIAL:
        WEIGH(scale * exp_negative(-sqrt(d2) * inv));
        break;
    case SHAPE_INVERSE:
        if (s->power == 1)
            WEIGH(scale / (1 + sqrt(d2) * inv));
        else if (s->power == 2)
            WEIGH(scale / ((1 + sqrt(d2) * inv) * (1 + sqrt(d2) * inv)));
        else
            WEIGH(scale *
                  exp_negative(-s->power * log_positive(1 + sqrt(d2) * inv)));
        break;
    }
}

/* acc[0..count tiles) += sum of weight x tile, all in registers. */
INLINE void add_tiles(const double *row, size_t stride, const double *w,
                      size_t n, double *acc, const int count)
{
    lanes a[4];

    for (int t = 0; t < count; t++)
        a[t] = *(const lanes *)(acc + t * LANES);
    for (size_t k = 0; k < n; k++, row += stride)
        for (int t = 0; t < count; t++)
            a[t] += w[k] * *(const lanes *)(row + t * LANES);
    for (int t = 0; t < count; t++)
        *(lanes *)(acc + t * LANES) = a[t];
}

INLINE void add_wide(const struct sweep *s, size_t from, const double *w,
                     size_t n, double *acc)
{
    size_t stride = s->tiles * LANES;
    const double *row = s->rows + from * stride;
    size_t left = s->tiles;

    for (; left >= 4; left -= 4, row += 4 * LANES, acc += 4 * LANES)
        add_tiles(row, stride, w, n, acc, 4);
    if (left == 3)
        add_tiles(row, stride, w, n, acc, 3);
    else if (left == 2)
        add_tiles(row, stride, w, n, acc, 2);
    else if (left == 1)
        add_tiles(row, stride, w, n, acc, 1);
}

INLINE void add_narrow(const struct sweep *s, size_t from, const double *w,
                       size_t n, double *acc)
{
    for (size_t c = 0; c < s->columns; c++) {
        const double *v = s->column[c] + from;
        lanes a = *(const lanes *)(acc + c * LANES);

        for (size_t k = 0; k < n; k += LANES)
            a += *(const lanes *)(w + k) * *(const lanes *)(v + k);
        *(lanes *)(acc + c * LANES) = a;
    }
}

INLINE void sweep_body(const struct sweep *s, double x, double y, size_t from,
                       size_t to, size_t self, double self_weight, double *acc)
{
    double w[CHUNK + LANES];

    while (from < to) {
        size_t n = MIN(to - from, (size_t)CHUNK);

        weigh(s, x, y, from, n, w);
        if (self >= from && self < from + n)
            w[self - from] = self_weight;
        if (s->tiles) {
            add_wide(s, from, w, n, acc);
        } else {
            for (size_t k = n; k % LANES; k++)
                w[k] = 0;
            add_narrow(s, from, w, n, acc);
        }
        from += n;
    }
}

/* Two tiles of four accumulators, `width` apart, or one. The loops must be
 * unrolled for the sums to stay in registers. */
INLINE void add_quad(const double *row, size_t stride,
                     const double w[4][QUAD_CHUNK], size_t n, double *acc,
                     size_t width, const int count)
{
    lanes a[4][2];

    UNROLL
    for (int q = 0; q < 4; q++) {
        UNROLL
        for (int t = 0; t < count; t++)
            a[q][t] = *(const lanes *)(acc + q * width + t * LANES);
    }
    for (size_t k = 0; k < n; k++, row += stride) {
        UNROLL
        for (int t = 0; t < count; t++) {
            lanes r = *(const lanes *)(row + t * LANES);

            UNROLL
            for (int q = 0; q < 4; q++)
                a[q][t] += w[q][k] * r;
        }
    }
    UNROLL
    for (int q = 0; q < 4; q++) {
        UNROLL
        for (int t = 0; t < count; t++)
            *(lanes *)(acc + q * width + t * LANES) = a[q][t];
    }
}

INLINE void sweep4_body(const struct sweep *s, const double x[4],
                        const double y[4], size_t from, size_t to,
                        const size_t self[4], const double self_weight[4],
                        double *acc)
{
    size_t stride = s->tiles * LANES;
    double w[4][QUAD_CHUNK];

    while (from < to) {
        size_t n = MIN(to - from, (size_t)QUAD_CHUNK), t = 0;
        const double *row = s->rows + from * stride;

        for (int q = 0; q < 4; q++) {
            weigh(s, x[q], y[q], from, n, w[q]);
            if (self[q] >= from && self[q] < from + n)
                w[q][self[q] - from] = self_weight[q];
        }
        for (; t + 2 <= s->tiles; t += 2)
            add_quad(row + t * LANES, stride, w, n, acc + t * LANES, stride, 2);
        if (t < s->tiles)
            add_quad(row + t * LANES, stride, w, n, acc + t * LANES, stride, 1);
        from += n;
    }
}

INLINE void gather_tiles(const struct sweep *s, const uint32_t *to,
                         const double *w, size_t n, size_t tile, double *acc,
                         const int count)
{
    size_t stride = s->tiles * LANES;
    const double *rows = s->rows + tile * LANES;
    lanes a[4];

    for (int t = 0; t < count; t++)
        a[t] = *(const lanes *)(acc + t * LANES);
    for (size_t k = 0; k < n; k++) {
        const double *row = rows + to[k] * stride;

        for (int t = 0; t < count; t++)
            a[t] += w[k] * *(const lanes *)(row + t * LANES);
    }
    for (int t = 0; t < count; t++)
        *(lanes *)(acc + t * LANES) = a[t];
}

INLINE void gather_body(const struct sweep *s, const uint32_t *to,
                        const double *w, size_t n, double *acc)
{
    size_t tile = 0;

    for (; tile + 4 <= s->tiles; tile += 4)
        gather_tiles(s, to, w, n, tile, acc + tile * LANES, 4);
    for (; tile + 2 <= s->tiles; tile += 2)
        gather_tiles(s, to, w, n, tile, acc + tile * LANES, 2);
    if (tile < s->tiles)
        gather_tiles(s, to, w, n, tile, acc + tile * LANES, 1);
}

INLINE void log_body(const double *restrict v, size_t n, double *restrict out)
{
#pragma omp simd
    for (size_t k = 0; k < n; k++)
        out[k] = log_positive(v[k]);
}

#define VARIANT(name, attribute)                                             \
    attribute static void sweep_##name(                                      \
        const struct sweep *s, double x, double y, size_t from, size_t to,   \
        size_t self, double self_weight, double *acc)                        \
    {                                                                        \
        sweep_body(s, x, y, from, to, self, self_weight, acc);               \
    }                                                                        \
    attribute static void sweep4_##name(                                     \
        const struct sweep *s, const double x[4], const double y[4],         \
        size_t from, size_t to, const size_t self[4],                        \
        const double self_weight[4], double *acc)                            \
    {                                                                        \
        sweep4_body(s, x, y, from, to, self, self_weight, acc);              \
    }                                                                        \
    attribute static void weigh_##name(const struct sweep *s, double x,      \
                                       double y, size_t from, size_t n,      \
                                       double *weight)                       \
    {                                                                        \
        weigh(s, x, y, from, n, weight);                                     \
    }                                                                        \
    attribute static void gather_##name(const struct sweep *s,               \
                                        const uint32_t *to, const double *w, \
                                        size_t n, double *acc)               \
    {                                                                        \
        gather_body(s, to, w, n, acc);                                       \
    }                                                                        \
    attribute static void log_##name(const double *v, size_t n, double *out) \
    {                                                                        \
        log_body(v, n, out);                                                 \
    }

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
VARIANT(avx512, __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw"))))
#endif

#define SWEEPS(name)                                                           \
    ((struct sweeps){sweep_##name, sweep4_##name, weigh_##name, gather_##name, \
                     log_##name})

size_t sweeps_list(struct sweeps out[SWEEPS_MOST])
{
    size_t n = 0;

    out[n++] = SWEEPS(plain);
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        out[n++] = SWEEPS(avx2);
    if (__builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw"))
        out[n++] = SWEEPS(avx512);
#endif
    return n;
}

struct sweeps sweeps_choose(void)
{
    struct sweeps all[SWEEPS_MOST];

    return all[sweeps_list(all) - 1];
}

double lanes_sum(const double lane[LANES])
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
           ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}
