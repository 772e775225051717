#include "measure/spatial_grid.h"

#include <math.h>
#include <stdlib.h>

/* Cells are chosen a hair wider than the disc, so that rounding loses none. */
#define HAIR (1 + 1e-9)

enum { PADDING = 8 };

void grid_free(struct grid *g)
{
    free(g->start);
    free(g->order);
    free(g->x);
    free(g->y);
    *g = (struct grid){0};
}

void cleanup_grid(struct grid *g)
{
    grid_free(g);
}

static bool extent(const double *v, size_t n, double *low, double *width)
{
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(v[i]))
            return false;
        least = fmin(least, v[i]);
        most = fmax(most, v[i]);
    }
    *low = n ? least : 0;
    *width = n ? most - least : 0;
    return isfinite(*width);
}

static size_t cell_along(double v, double low, double side, size_t cells)
{
    double at = (v - low) / side;

    if (!(at > 0))
        return 0;
    return at >= (double)cells ? cells - 1 : (size_t)at;
}

static void shape_cells(struct grid *g, double width, double height,
                        double side)
{
    double n = (double)g->n;

    side = fmax(side, sqrt(width / n) * sqrt(height) * M_SQRT1_2);
    side = fmax(side, fmax(width, height) / (2 * n));
    if (!(side > 0) || !isfinite(side))
        side = fmax(1, fmax(width, height));
    g->side = side;
    g->nx = (size_t)(width / side) + 1;
    g->ny = (size_t)(height / side) + 1;
}

static enum rc allocate(struct grid *g)
{
    g->start = calloc(g->nx * g->ny + 2, sizeof *g->start);
    g->order = malloc(g->n * sizeof *g->order);
    g->x = calloc(g->n + PADDING, sizeof *g->x);
    g->y = calloc(g->n + PADDING, sizeof *g->y);
    return g->start && g->order && g->x && g->y ? RC_OK : RC_MEMORY;
}

static size_t cell_of(const struct grid *g, double x, double y)
{
    return cell_along(y, g->y0, g->side, g->ny) * g->nx +
           cell_along(x, g->x0, g->side, g->nx);
}

enum rc grid_init(struct grid *g, size_t n, const double *x, const double *y,
                  double side)
{
    double width, height;

    *g = (struct grid){.n = n};
    if (!n)
        return RC_UNDEFINED;
    if (n > UINT32_MAX)
        return RC_LIMIT;
    if (!extent(x, n, &g->x0, &width) || !extent(y, n, &g->y0, &height))
        return RC_INVALID;
    g->extent = fmax(width, height);
    shape_cells(g, width, height, side);
    if (allocate(g) != RC_OK) {
        grid_free(g);
        return RC_MEMORY;
    }
    /* start[c + 2] counts, then start[c + 1] runs while placing. */
    for (size_t i = 0; i < n; i++)
        g->start[cell_of(g, x[i], y[i]) + 2]++;
    for (size_t c = 2; c < g->nx * g->ny + 2; c++)
        g->start[c] += g->start[c - 1];
    for (size_t i = 0; i < n; i++) {
        size_t at = g->start[cell_of(g, x[i], y[i]) + 1]++;

        g->order[at] = (uint32_t)i;
        g->x[at] = x[i];
        g->y[at] = y[i];
    }
    return RC_OK;
}

void disc_init(struct disc *d, const struct grid *g, double x, double y,
               double reach)
{
    *d = (struct disc){.g = g, .x = x, .y = y, .reach = reach * HAIR};
    d->row = cell_along(y - d->reach, g->y0, g->side, g->ny);
    d->row_end = cell_along(y + d->reach, g->y0, g->side, g->ny) + 1;
}

/* The places of a row of cells that a disc may touch. */
static void row_of(const struct grid *g, size_t row, double x, double y,
                   double reach, size_t *from, size_t *to)
{
    double low = g->y0 + (double)row * g->side;
    double above = low - y, below = y - low - g->side;
    double away = above > 0 ? above : below > 0 ? below : 0;
    double half = INFINITY;
    size_t first, last;

    if (isfinite(reach))
        half = away < reach ? sqrt(reach * reach - away * away) : 0;
    first = cell_along(x - half * HAIR, g->x0, g->side, g->nx);
    last = cell_along(x + half * HAIR, g->x0, g->side, g->nx);
    *from = g->start[row * g->nx + first];
    *to = g->start[row * g->nx + last + 1];
}

bool disc_next(struct disc *d)
{
    while (d->row < d->row_end) {
        row_of(d->g, d->row++, d->x, d->y, d->reach, &d->from, &d->to);
        if (d->from < d->to)
            return true;
    }
    return false;
}

void discs_init(struct discs *d, const struct grid *g, const double x[4],
                const double y[4], double reach)
{
    double low = fmin(fmin(y[0], y[1]), fmin(y[2], y[3]));
    double high = fmax(fmax(y[0], y[1]), fmax(y[2], y[3]));

    *d = (struct discs){.g = g, .x = x, .y = y, .reach = reach * HAIR};
    d->row = cell_along(low - d->reach, g->y0, g->side, g->ny);
    d->row_end = cell_along(high + d->reach, g->y0, g->side, g->ny) + 1;
}

bool discs_next(struct discs *d)
{
    while (d->row < d->row_end) {
        d->from = SIZE_MAX;
        d->to = 0;
        for (int q = 0; q < 4; q++) {
            size_t from, to;

            row_of(d->g, d->row, d->x[q], d->y[q], d->reach, &from, &to);
            d->from = MIN(d->from, from);
            d->to = MAX(d->to, to);
        }
        d->row++;
        if (d->from < d->to)
            return true;
    }
    return false;
}
