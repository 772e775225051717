#include "measure/frame.h"

#include <stdlib.h>
#include <string.h>

void frame_free(struct frame *f)
{
    free(f->unit_total);
    free(f->group_total);
    f->unit_total = f->group_total = NULL;
}

void cleanup_frame(struct frame *f)
{
    frame_free(f);
}

/* Sums of rows [from, to) and of their columns; false for a bad count. */
static bool rows_add(const struct frame *f, size_t from, size_t to,
                     double *group)
{
    size_t groups = f->groups, bad = 0;

    for (size_t i = from; i < to; i++) {
        const double *row = f->n + i * groups;
        double t = 0;

#pragma omp simd reduction(+ : t, bad)
        for (size_t g = 0; g < groups; g++) {
            bad += !(row[g] >= 0 && row[g] < INFINITY);
            t += row[g];
            group[g] += row[g];
        }
        f->unit_total[i] = t;
    }
    return !bad;
}

/* Blocks of rows, so that the sum of a column loses little in the adding. */
static enum rc add_up(struct frame *f)
{
    enum { ROWS = 1024 };
    double *block = calloc(f->groups, sizeof *block);
    bool good = true;

    if (!block)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units && good; i += ROWS) {
        good = rows_add(f, i, MIN(i + ROWS, f->units), block);
        for (size_t g = 0; g < f->groups; g++) {
            f->group_total[g] += block[g];
            block[g] = 0;
        }
    }
    free(block);
    return good ? RC_OK : RC_INVALID;
}

static enum rc shares(struct frame *f)
{
    struct sum total = {0};

    for (size_t i = 0; i < f->units; i++)
        f->lived_in += f->unit_total[i] > 0;
    for (size_t g = 0; g < f->groups; g++) {
        sum_add(&total, f->group_total[g]);
        f->present += f->group_total[g] > 0;
    }
    f->total = sum_of(&total);
    if (!(f->total > 0))
        return RC_UNDEFINED;
    if (!(f->total < INFINITY))
        return RC_INVALID;
    for (size_t g = 0; g < f->groups; g++) {
        f->share[g] = f->group_total[g] / f->total;
        f->per_share[g] =
            f->group_total[g] > 0 ? f->total / f->group_total[g] : 0;
    }
    return RC_OK;
}

enum rc frame_init(struct frame *f, const struct counts *c)
{
    enum rc rc;

    *f = (struct frame){.units = c->units, .groups = c->groups, .n = c->n};
    if (!c->units || !c->groups || !c->n)
        return RC_UNDEFINED;
    f->unit_total = malloc(c->units * sizeof *f->unit_total);
    f->group_total = calloc(3 * c->groups, sizeof *f->group_total);
    if (!f->unit_total || !f->group_total) {
        frame_free(f);
        return RC_MEMORY;
    }
    f->share = f->group_total + c->groups;
    f->per_share = f->share + c->groups;
    rc = add_up(f);
    if (!rc)
        rc = shares(f);
    if (rc)
        frame_free(f);
    return rc;
}

void cleanup_two(struct two *p)
{
    if (p->lent)
        return;
    free(p->x);
    free(p->t);
}

static enum rc two_check(const struct two *p)
{
    return p->n >= 2 && p->X > 0 && p->X < p->T ? RC_OK : RC_UNDEFINED;
}

enum rc two_init(struct two *p, const struct frame *f, const struct ask *a)
{
    struct sum X = {0}, T = {0};

    *p = (struct two){0};
    if (a->columns) {
        *p = *a->columns;
        p->lent = true;
        return two_check(p);
    }
    p->x = malloc(f->units * sizeof *p->x);
    p->t = malloc(f->units * sizeof *p->t);
    if (!p->x || !p->t)
        return RC_MEMORY;
    for (size_t i = 0; i < f->units; i++) {
        const double *row = f->n + i * f->groups;
        double x = row[a->group];
        double t =
            a->scope == MEASURE_PAIR ? x + row[a->against] : f->unit_total[i];

        if (t <= 0)
            continue;
        p->x[p->n] = x;
        p->t[p->n++] = t;
        sum_add(&X, x);
        sum_add(&T, t);
    }
    p->X = sum_of(&X);
    p->T = sum_of(&T);
    return two_check(p);
}
