/*
 * Spatial proximity profile: Hong and Sadahiro (2014),
 * Journal of Geographical Systems 16(2). At each share t, the areas where the
 * group has at least that share: eta(t) = (k^2 - k) / sum of the steps between
 * them over contiguous areas; 0 where there are fewer than two, or no way
 * between two.
 *
 * Areas are ranked by falling share, so that those of any t come first, and a
 * pair counts from the later of the two on. Steps are found from 512 areas at
 * once, one bit each: an area that bits reach for the first time at step d adds
 * d for each bit of an area of an earlier rank. The 512 lie near each other, so
 * that their bits travel together, and stand in the order of their ranks, so
 * that the earlier ones are the lowest bits.
 */
#include "base/thread.h"
#include "measure/sort.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 8, SOURCES = 64 * WORDS };

struct bits {
    uint64_t w[WORDS];
} __attribute__((aligned(64)));

/* Areas by place: those near each other have places near each other. */
struct mesh {
    size_t n;         /* areas, lived in or not */
    size_t ranked;    /* areas lived in */
    uint32_t *rank;   /* owned: place -> rank, UINT32_MAX where nobody lives */
    uint32_t *at;     /* owned: rank -> place */
    double *share;    /* owned: by rank, falling */
    size_t *start;    /* owned: links between places */
    uint32_t *to;     /* owned */
    size_t sources;   /* places lived in, in their order */
    uint32_t *source; /* owned */
};

static void cleanup_mesh(struct mesh *m)
{
    free(m->rank);
    free(m->at);
    free(m->share);
    free(m->start);
    free(m->to);
    free(m->source);
}

/* The bits of a 16-bit number, spread out for another's to go between. */
static uint64_t spread(uint64_t v)
{
    v = (v | v << 8) & 0x00ff00ff;
    v = (v | v << 4) & 0x0f0f0f0f;
    v = (v | v << 2) & 0x33333333;
    return (v | v << 1) & 0x55555555;
}

static double step_of(const double *v, size_t n, double *low)
{
    double high = v[0];

    *low = v[0];
    for (size_t i = 1; i < n; i++) {
        *low = fmin(*low, v[i]);
        high = fmax(high, v[i]);
    }
    return high > *low ? 65535 / (high - *low) : 0;
}

/* Areas along Morton's curve, or as they come where no centroids are known. */
static void along_curve(const struct areas *a, struct sort_item *item)
{
    double x0 = 0, y0 = 0, fx = 0, fy = 0;

    if (a->x_m && a->y_m) {
        fx = step_of(a->x_m, a->n, &x0);
        fy = step_of(a->y_m, a->n, &y0);
    }
    for (size_t i = 0; i < a->n; i++) {
        uint64_t x = fx > 0 ? (uint64_t)((a->x_m[i] - x0) * fx) : 0;
        uint64_t y = fy > 0 ? (uint64_t)((a->y_m[i] - y0) * fy) : 0;

        item[i] = (struct sort_item){
            fx > 0 || fy > 0 ? (double)(spread(y) << 1 | spread(x)) : 0, i};
    }
    sort_items(item, a->n, item + a->n);
}

static enum rc mesh_allocate(struct mesh *m, size_t links)
{
    m->rank = malloc(m->n * sizeof *m->rank);
    m->at = malloc(m->n * sizeof *m->at);
    m->share = malloc(m->n * sizeof *m->share);
    m->start = calloc(m->n + 1, sizeof *m->start);
    m->to = malloc(MAX(links, 1) * sizeof *m->to);
    m->source = malloc(m->n * sizeof *m->source);
    return m->rank && m->at && m->share && m->start && m->to && m->source
               ? RC_OK
               : RC_MEMORY;
}

/* Places and the links between them; item[place].i is the area. */
static void mesh_links(struct mesh *m, const struct neighbours *l,
                       const struct sort_item *item, uint32_t *place)
{
    size_t edges = 0;

    for (size_t k = 0; k < m->n; k++)
        place[item[k].i] = (uint32_t)k;
    for (size_t k = 0; k < m->n; k++) {
        size_t i = item[k].i;

        for (size_t e = l->start[i]; e < l->start[i + 1]; e++)
            m->to[edges++] = place[l->to[e]];
        m->start[k + 1] = edges;
    }
}

/* Equal shares in any order: they enter the profile together. */
static void mesh_ranks(struct mesh *m, const struct sides *p,
                       struct sort_item *item, const uint32_t *place)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++) {
        m->rank[i] = UINT32_MAX;
        if (p->t[i] > 0)
            item[n++] = (struct sort_item){-(p->x[i] / p->t[i]), i};
    }
    sort_items(item, n, item + m->n);
    for (size_t k = 0; k < n; k++) {
        m->share[k] = -item[k].key;
        m->at[k] = place[item[k].i];
        m->rank[m->at[k]] = (uint32_t)k;
    }
    m->ranked = n;
    for (size_t k = 0; k < m->n; k++)
        if (m->rank[k] != UINT32_MAX)
            m->source[m->sources++] = (uint32_t)k;
}

static enum rc mesh_init(struct mesh *m, const struct sides *p,
                         const struct spatial *s)
{
    const struct neighbours *l = spatial_links(s);
    AUTO(mem) struct sort_item *item = malloc(2 * p->n * sizeof *item);
    AUTO(mem) uint32_t *place = malloc(p->n * sizeof *place);

    *m = (struct mesh){.n = p->n};
    if (!item || !place || mesh_allocate(m, l->start[p->n]) != RC_OK)
        return RC_MEMORY;
    along_curve(&s->a, item);
    mesh_links(m, l, item, place);
    mesh_ranks(m, p, item, place);
    return m->ranked ? RC_OK : RC_UNDEFINED;
}

/* --- steps ----------------------------------------------------------- */

/* What one worker walks with; sums are whole numbers, so that it does not
 * matter which worker adds them. */
struct walker {
    uint64_t *steps; /* owned: by rank, steps to areas of earlier ranks */
    uint32_t *found; /* owned: by rank, how many of those were reached */
    struct bits *seen, *front, *next; /* owned: by place */
    uint32_t *now, *then;             /* owned: places in front and next */
    uint32_t *touched;                /* owned: by place, when next was set */
    uint32_t clock;
    uint16_t *earlier; /* owned: by place, sources before it */
};

struct walk {
    const struct mesh *m;
    unsigned workers;
    struct walker *worker; /* owned */
};

static void *aligned(size_t n, size_t size)
{
    void *p = aligned_alloc(64, (n * size + 63) / 64 * 64);

    if (p)
        memset(p, 0, n * size);
    return p;
}

static bool walker_init(struct walker *w, size_t n)
{
    w->steps = calloc(n, sizeof *w->steps);
    w->found = calloc(n, sizeof *w->found);
    w->seen = aligned(n, sizeof *w->seen);
    w->front = aligned(n, sizeof *w->front);
    w->next = aligned(n, sizeof *w->next);
    w->now = malloc(n * sizeof *w->now);
    w->then = malloc(n * sizeof *w->then);
    w->touched = calloc(n, sizeof *w->touched);
    w->earlier = malloc(n * sizeof *w->earlier);
    return w->steps && w->found && w->seen && w->front && w->next && w->now &&
           w->then && w->touched && w->earlier;
}

static void cleanup_walk(struct walk *w)
{
    for (unsigned i = 0; w->worker && i < w->workers; i++) {
        struct walker *k = &w->worker[i];

        free(k->steps);
        free(k->found);
        free(k->seen);
        free(k->front);
        free(k->next);
        free(k->now);
        free(k->then);
        free(k->touched);
        free(k->earlier);
    }
    free(w->worker);
}

static int by_rank(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* A block's sources get their bits; `earlier` for every place. */
static size_t walk_start(const struct mesh *m, struct walker *w, size_t block)
{
    size_t first = block * SOURCES, before = 0;
    size_t n = MIN((size_t)SOURCES, m->sources - first);
    uint32_t rank[SOURCES];

    for (size_t k = 0; k < n; k++)
        rank[k] = m->rank[m->source[first + k]];
    qsort(rank, n, sizeof *rank, by_rank);
    for (size_t k = 0; k < n; k++) {
        uint32_t place = m->at[rank[k]];

        w->front[place] = (struct bits){0};
        w->front[place].w[k / 64] = (uint64_t)1 << k % 64;
        w->now[k] = place;
    }
    memset(w->seen, 0, m->n * sizeof *w->seen);
    for (size_t k = 0; k < n; k++)
        w->seen[w->now[k]] = w->front[w->now[k]];
    for (size_t k = 0; k < m->ranked; k++) {
        w->earlier[m->at[k]] = (uint16_t)before;
        before += before < n && rank[before] == k;
    }
    return n;
}

/* How many of the lowest `limit` bits are set. */
static unsigned ones(const struct bits *b, unsigned limit)
{
    unsigned n = 0;

    for (unsigned k = 0; k < WORDS && 64 * k < limit; k++) {
        uint64_t w = b->w[k];

        if (limit - 64 * k < 64)
            w &= ((uint64_t)1 << (limit - 64 * k)) - 1;
        n += (unsigned)__builtin_popcountll(w);
    }
    return n;
}

/* Every front goes to all neighbours; returns the places touched. */
static size_t push(const struct mesh *m, struct walker *w, size_t fronts)
{
    uint32_t now = ++w->clock;
    size_t touched = 0;

    for (size_t k = 0; k < fronts; k++) {
        size_t from = w->now[k];
        struct bits b = w->front[from];

        for (size_t e = m->start[from]; e < m->start[from + 1]; e++) {
            size_t to = m->to[e];

            if (w->touched[to] != now) {
                w->touched[to] = now;
                w->then[touched++] = (uint32_t)to;
                w->next[to] = b;
                continue;
            }
            for (int i = 0; i < WORDS; i++)
                w->next[to].w[i] |= b.w[i];
        }
    }
    return touched;
}

/* What is new where fronts came together is the next front. */
static size_t settle(const struct mesh *m, struct walker *w, size_t touched,
                     unsigned step)
{
    size_t fronts = 0;

    for (size_t k = 0; k < touched; k++) {
        size_t place = w->then[k];
        uint32_t rank = m->rank[place];
        struct bits fresh;
        uint64_t any = 0;
        unsigned n;

        for (int i = 0; i < WORDS; i++) {
            fresh.w[i] = w->next[place].w[i] & ~w->seen[place].w[i];
            any |= fresh.w[i];
        }
        if (!any)
            continue;
        for (int i = 0; i < WORDS; i++)
            w->seen[place].w[i] |= fresh.w[i];
        w->front[place] = fresh;
        w->now[fronts++] = (uint32_t)place;
        if (rank == UINT32_MAX)
            continue;
        n = ones(&fresh, w->earlier[place]);
        w->steps[rank] += (uint64_t)step * n;
        w->found[rank] += n;
    }
    return fronts;
}

static void walk_block(void *ctx, size_t block, unsigned worker)
{
    struct walk *all = ctx;
    struct walker *w = &all->worker[worker];
    size_t fronts = walk_start(all->m, w, block);

    for (unsigned step = 1; fronts; step++)
        fronts = settle(all->m, w, push(all->m, w, fronts), step);
}

static enum rc walk_all(struct walk *w, unsigned threads)
{
    size_t blocks = (w->m->sources + SOURCES - 1) / SOURCES;

    w->workers = (unsigned)MIN((size_t)thread_count(threads), blocks);
    w->worker = calloc(w->workers, sizeof *w->worker);
    if (!w->worker)
        return RC_MEMORY;
    for (unsigned i = 0; i < w->workers; i++)
        if (!walker_init(&w->worker[i], w->m->n))
            return RC_MEMORY;
    parallel_for(blocks, w->workers, w, walk_block);
    return RC_OK;
}

/* eta at every share of the grid, from the sums of the pairs by later area. */
static void curve_of(const struct walk *w, size_t m, double *curve)
{
    size_t k = 0;
    uint64_t sum = 0;
    bool whole = true; /* every two areas so far have a way between them */

    for (size_t j = m; j-- > 0;) {
        double t = (double)j / (double)(m - 1);

        for (; k < w->m->ranked && w->m->share[k] >= t; k++) {
            size_t found = 0;

            for (unsigned i = 0; i < w->workers; i++) {
                sum += 2 * w->worker[i].steps[k];
                found += w->worker[i].found[k];
            }
            whole = whole && found == k;
        }
        curve[j] = whole && k > 1
                       ? ((double)k * (double)k - (double)k) / (double)sum
                       : 0;
    }
}

static enum rc profile(const struct sides *p, const struct spatial *s, size_t m,
                       double *curve)
{
    AUTO(mesh) struct mesh mesh = {0};
    AUTO(walk) struct walk w = {.m = &mesh};
    enum rc rc;

    if (!spatial_links(s)->start || m < 2)
        return RC_USAGE;
    rc = mesh_init(&mesh, p, s);
    if (!rc)
        rc = walk_all(&w, s->o.threads);
    if (!rc)
        curve_of(&w, m, curve);
    return rc;
}

enum rc measure_spatial_proximity_profile(const struct frame *f,
                                          const struct ask *a, double *out)
{
    size_t m = a->o->thresholds;
    AUTO(sides) struct sides p = {0};
    AUTO(mem) double *curve = NULL;
    struct sum below = {0}, above = {0};
    enum rc rc = sides_init(&p, f, a);
    double P;

    if (rc)
        return rc;
    curve = malloc(MAX(m, 1) * sizeof *curve);
    if (!curve)
        return RC_MEMORY;
    rc = profile(&p, a->space, m, curve);
    if (rc)
        return rc;
    P = p.X / p.T;
    for (size_t k = 0; k < m; k++)
        sum_add((double)k / (double)(m - 1) < P ? &below : &above, curve[k]);
    *out = (P - (sum_of(&below) - sum_of(&above)) / (double)m) / (1 - P);
    return RC_OK;
}

enum rc measure_proximity_curve(const struct counts *c, const struct spatial *s,
                                size_t group, const struct measure_options *o,
                                double *curve)
{
    struct measure_options defaults = measure_defaults();
    struct ask a = {.scope = MEASURE_GROUP,
                    .group = group,
                    .o = o ? o : &defaults,
                    .space = s};
    AUTO(frame) struct frame f = {0};
    AUTO(sides) struct sides p = {0};
    enum rc rc;

    if (c->units != s->a.n || group >= c->groups)
        return RC_USAGE;
    rc = frame_init(&f, c);
    if (!rc)
        rc = sides_init(&p, &f, &a);
    return rc ? rc : profile(&p, s, a.o->thresholds, curve);
}
