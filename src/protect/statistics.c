/*
 * statistics.c: flows and outcomes of a release.
 */
#include "protect/build.h"

#include <stdlib.h>
#include <string.h>

static void flow_add(struct sum *s, int64_t count)
{
    if (count < 0)
        s->missing = true;
    else
        s->count += count;
}

/* 0 arrival, 1 departure, 2 move inside, -1 neither end in the city. */
static int flow_kind(const struct release *r, const struct flow *f)
{
    const struct dict *areas = &r->in->geography->ids;
    bool from = f->from[0] && dict_find(areas, str_of(f->from)) != DICT_NONE;
    bool to = f->to[0] && dict_find(areas, str_of(f->to)) != DICT_NONE;

    return from && to ? 2 : to ? 0 : from ? 1 : -1;
}

static int flow_order(const void *a, const void *b)
{
    return strcmp(((const struct release_flow *)a)->period,
                  ((const struct release_flow *)b)->period);
}

enum rc flows_make(struct release *r, struct err *err)
{
    const struct package *p = r->in->package;
    struct dict periods;

    (void)err;
    dict_init(&periods, r->arena);
    for (size_t i = 0; i < p->n_flows; i++)
        dict_intern(&periods, str_of(p->flows[i].period));
    if (periods.n == 0)
        return RC_OK;

    struct sum(*sums)[3] =
        arena_alloc(r->arena, periods.n * sizeof(struct sum[3]));

    for (size_t i = 0; i < p->n_flows; i++) {
        int kind = flow_kind(r, &p->flows[i]);
        uint32_t k = dict_find(&periods, str_of(p->flows[i].period));

        if (kind >= 0)
            flow_add(&sums[k][kind], p->flows[i].count);
    }
    r->n_flows = periods.n;
    r->flows = arena_array(r->arena, struct release_flow, periods.n);
    for (uint32_t i = 0; i < periods.n; i++)
        r->flows[i] = (struct release_flow){
            dict_cstr(&periods, i), release_cell(r, sums[i][0]),
            release_cell(r, sums[i][1]), release_cell(r, sums[i][2])};
    qsort(r->flows, r->n_flows, sizeof(r->flows[0]), flow_order);
    return RC_OK;
}
