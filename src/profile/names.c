/*
 * names.c: what places, origins and groups are called; and the order of all
 * lists of origins.
 */
#include <stdlib.h>
#include <string.h>

#include "profile/part.h"

struct rank {
    double count; /* -1 where it is not known */
    uint32_t origin;
};

static int rank_order(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->origin < y->origin ? -1 : x->origin > y->origin;
}

/* Withheld ones stand after those known, zeros last. */
static void origins_rank(struct doc *d)
{
    struct rank *ranks = arena_array(d->arena, struct rank, d->n_origins + 1);

    for (uint32_t o = 0; o < d->n_origins; o++) {
        struct quantity q = origin_count(d, o, false);

        ranks[o] = (struct rank){q_known(q) ? q.v : 0.5, o};
    }
    qsort(ranks, d->n_origins, sizeof(ranks[0]), rank_order);
    d->ranked = arena_array(d->arena, uint32_t, d->n_origins + 1);
    for (size_t i = 0; i < d->n_origins; i++)
        d->ranked[i] = ranks[i].origin;
}

/* Codes for what is left over: counted and listed, but nobody's origin. */
static bool code_residual(const char *code)
{
    static const char *const codes[] = {"other",   "others",    "XX",
                                        "XXX",     "ZZ",        "ZZZ",
                                        "unknown", "undefined", "none"};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static void origins_name(struct doc *d)
{
    const struct dict *origins = release_dict(d->r, DIM_ORIGIN);

    d->n_origins = origins->n;
    d->migrant = arena_array(d->arena, bool, origins->n + 1);
    d->name = arena_array(d->arena, struct node *, origins->n + 1);
    d->residual = arena_array(d->arena, bool, origins->n + 1);
    for (uint32_t o = 0; o < origins->n; o++) {
        d->migrant[o] = true;
        d->residual[o] = code_residual(dict_cstr(origins, o));
    }
    for (size_t i = 0; i < d->p->n_origins; i++) {
        const struct origin_info *info = &d->p->origins[i];
        uint32_t o = dict_find(origins, str_of(info->code));

        if (o == DICT_NONE)
            continue;
        d->migrant[o] = !info->majority;
        d->name[o] = names_given(d, &info->names, info->code);
    }
    for (uint32_t o = 0; o < origins->n; o++)
        if (!d->name[o])
            d->name[o] = names_given(d, NULL, dict_cstr(origins, o));
}

static void areas_find(struct doc *d)
{
    const struct dict *areas = release_dict(d->r, DIM_AREA);

    d->area = arena_array(d->arena, uint32_t, d->g->n + 1);
    for (size_t i = 0; i < d->g->n; i++)
        d->area[i] = dict_find(areas, str_of(d->g->areas[i].id));
}

void part_names(struct doc *d)
{
    struct node *names = node_set(d->root, "names", node_object(d->arena));
    struct node *origins = node_set(names, "origins", node_object(d->arena));
    struct node *areas = node_set(names, "areas", node_object(d->arena));
    struct node *groups = node_set(names, "groups", node_object(d->arena));

    areas_find(d);
    origins_name(d);
    origins_rank(d);
    d->majority = names_of(d, N_("Majority"));
    d->migrants = names_of(d, N_("Migrants"));
    for (uint32_t o = 0; o < d->n_origins; o++)
        node_set(origins, dict_cstr(release_dict(d->r, DIM_ORIGIN), o),
                 d->name[o]);
    for (size_t i = 0; i < d->g->n; i++)
        node_set_text(areas, d->g->areas[i].id, d->g->areas[i].name);
    node_set(groups, "majority", d->majority);
    node_set(groups, "migrants", d->migrants);
}
