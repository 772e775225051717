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

static bool row_add(const double *row, size_t groups, double *unit,
                    double *group)
{
    double t = 0;
    bool good = true;

    for (size_t g = 0; g < groups; g++) {
        good &= row[g] >= 0 && row[g] < INFINITY;
        t += row[g];
        group[g] += row[g];
    }
    *unit = t;
    return good;
}

enum rc frame_init(struct frame *f, const struct counts *c)
{
    struct sum total = {0};

    *f = (struct frame){.units = c->units, .groups = c->groups, .n = c->n};
    if (!c->units || !c->groups || !c->n)
        return RC_UNDEFINED;
    f->unit_total = malloc(c->units * sizeof *f->unit_total);
    f->group_total = calloc(c->groups, sizeof *f->group_total);
    if (!f->unit_total || !f->group_total) {
        frame_free(f);
        return RC_MEMORY;
    }
    for (size_t i = 0; i < c->units; i++) {
        if (!row_add(c->n + i * c->groups, c->groups, &f->unit_total[i],
                     f->group_total)) {
            frame_free(f);
            return RC_INVALID;
        }
        f->lived_in += f->unit_total[i] > 0;
    }
    for (size_t g = 0; g < c->groups; g++) {
        sum_add(&total, f->group_total[g]);
        f->present += f->group_total[g] > 0;
    }
    f->total = sum_of(&total);
    if (!(f->total > 0) || !(f->total < INFINITY)) {
        frame_free(f);
        return f->total > 0 ? RC_INVALID : RC_UNDEFINED;
    }
    return RC_OK;
}

void cleanup_two(struct two *p)
{
    free(p->x);
    free(p->t);
}

enum rc two_init(struct two *p, const struct frame *f, const struct ask *a)
{
    struct sum X = {0}, T = {0};

    *p = (struct two){0};
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
    return p->n >= 2 && p->X > 0 && p->X < p->T ? RC_OK : RC_UNDEFINED;
}
