/*
 * Spatial proximity profile: Hong and Sadahiro (2014),
 * doi:10.1007/s10109-013-0193-4. At each share t, the areas where the group has
 * at least that share: eta(t) = (k^2 - k) / sum of the steps between them over
 * contiguous areas; 0 where there are fewer than two, or no way between two.
 *
 * Areas are numbered by falling share, so that those of any t come first, and a
 * pair counts from the later of the two on. Steps are found for 512 areas at
 * once, one bit each: an area that bits reach for the first time at step d adds
 * d for each bit of an earlier area.
 */
#include "base/thread.h"
#include "measure/sort.h"
#include "measure/spatial_space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 8, SOURCES = 64 * WORDS };

typedef uint64_t bits __attribute__((vector_size(64), aligned(64)));

struct ranked {
    size_t n;      /* areas lived in */
    double *share; /* owned: falling */
    size_t *start; /* owned: links between ranks */
    uint32_t *to;  /* owned */
};

static void ranked_free(struct ranked *r)
{
    free(r->share);
    free(r->start);
    free(r->to);
}

static void cleanup_ranked(struct ranked *r)
{
    ranked_free(r);
}

/* Areas by falling share; among equals in the order of the input, which
 * changes nothing: they enter the profile together. */
static enum rc ranks(const struct sides *p, struct sort_item *item,
                     uint32_t *rank, size_t *lived_in)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        rank[i] = UINT32_MAX;
        if (p->t[i] > 0)
            item[n++] = (struct sort_item){-(p->x[i] / p->t[i]), i};
    }
    sort_items(item, n, item + p->n);
    for (size_t k = 0; k < n; k++)
        rank[item[k].i] = (uint32_t)k;
    *lived_in = n;
    return n ? RC_OK : RC_UNDEFINED;
}

/*
 * Areas without persons keep their links: people walk through them. They are
 * numbered behind the others.
 */
static enum rc ranked_init(struct ranked *r, const struct sides *p,
                           const struct neighbours *l)
{
    AUTO(mem) struct sort_item *item = malloc(2 * p->n * sizeof *item);
    AUTO(mem) uint32_t *rank = malloc(p->n * sizeof *rank);
    AUTO(mem) uint32_t *area = malloc(p->n * sizeof *area);
    size_t next, at = 0;
    enum rc rc;

    *r = (struct ranked){0};
    r->share = malloc(p->n * sizeof *r->share);
    r->start = calloc(p->n + 1, sizeof *r->start);
    r->to = malloc(MAX(l->start[p->n], 1) * sizeof *r->to);
    if (!item || !rank || !area || !r->share || !r->start || !r->to)
        return RC_MEMORY;
    rc = ranks(p, item, rank, &r->n);
    if (rc)
        return rc;
    next = r->n;
    for (size_t i = 0; i < p->n; i++) {
        if (rank[i] == UINT32_MAX)
            rank[i] = (uint32_t)next++;
        area[rank[i]] = (uint32_t)i;
    }
    for (size_t k = 0; k < p->n; k++) {
        size_t i = area[k];

        if (k < r->n)
            r->share[k] = p->x[i] / p->t[i];
        for (size_t e = l->start[i]; e < l->start[i + 1]; e++)
            r->to[at++] = rank[l->to[e]];
        r->start[k + 1] = at;
    }
    return RC_OK;
}

struct walk {
    const struct ranked *r;
    size_t all; /* areas, lived in or not */
    unsigned workers;
    uint64_t *steps; /* owned: worker x n, steps from each rank to earlier */
    uint32_t *found; /* owned: worker x n, how many of them were reached */
    bits **scratch;  /* owned: a worker, 3 x all */
};

static unsigned ones(const bits *b)
{
    unsigned n = 0;

    for (int w = 0; w < WORDS; w++)
        n += (unsigned)__builtin_popcountll((*b)[w]);
    return n;
}

/* The bits of sources that rank before `k`. */
static bits earlier(size_t k, size_t base)
{
    bits b = {0};

    for (int w = 0; w < WORDS; w++) {
        size_t low = base + 64 * (size_t)w;

        b[w] = k >= low + 64 ? ~(uint64_t)0
               : k <= low    ? 0
                             : ((uint64_t)1 << (k - low)) - 1;
    }
    return b;
}

static bool any(const bits *b)
{
    uint64_t all = 0;

    for (int w = 0; w < WORDS; w++)
        all |= (*b)[w];
    return all != 0;
}

static void walk_block(void *ctx, size_t block, unsigned worker)
{
    struct walk *w = ctx;
    const struct ranked *r = w->r;
    size_t n = w->all, base = block * SOURCES;
    bits *seen = w->scratch[worker], *front = seen + n, *next = front + n;
    uint64_t *steps = w->steps + worker * r->n;
    uint32_t *found = w->found + worker * r->n;
    bool going = true;

    memset(seen, 0, 2 * n * sizeof *seen);
    for (size_t k = base; k < MIN(base + SOURCES, r->n); k++) {
        seen[k][(k - base) / 64] |= (uint64_t)1 << (k - base) % 64;
        front[k] = seen[k];
    }
    for (unsigned step = 1; going; step++) {
        going = false;
        for (size_t k = 0; k < n; k++) {
            bits b = {0}, mine;

            for (size_t e = r->start[k]; e < r->start[k + 1]; e++)
                b |= front[r->to[e]];
            b &= ~seen[k];
            next[k] = b;
            if (!any(&b))
                continue;
            seen[k] |= b;
            going = true;
            if (k < base || k >= r->n)
                continue;
            mine = k < base + SOURCES ? b & earlier(k, base) : b;
            steps[k] += (uint64_t)step * ones(&mine);
            found[k] += ones(&mine);
        }
        memcpy(front, next, n * sizeof *front);
    }
}

static enum rc walk_all(struct walk *w, unsigned threads)
{
    size_t blocks = (w->r->n + SOURCES - 1) / SOURCES;

    w->workers = thread_count(threads);
    w->steps = calloc(w->workers * w->r->n, sizeof *w->steps);
    w->found = calloc(w->workers * w->r->n, sizeof *w->found);
    w->scratch = calloc(w->workers, sizeof(bits *));
    if (!w->steps || !w->found || !w->scratch)
        return RC_MEMORY;
    for (unsigned i = 0; i < w->workers; i++) {
        w->scratch[i] = aligned_alloc(64, 3 * w->all * sizeof(bits));
        if (!w->scratch[i])
            return RC_MEMORY;
    }
    parallel_for(blocks, threads, w, walk_block);
    return RC_OK;
}

static void cleanup_walk(struct walk *w)
{
    for (unsigned i = 0; w->scratch && i < w->workers; i++)
        free(w->scratch[i]);
    free(w->scratch);
    free(w->steps);
    free(w->found);
}

/* eta at every share of the grid, from the sums of the pairs by later area. */
static void curve_of(const struct walk *w, size_t m, double *curve)
{
    const struct ranked *r = w->r;
    size_t k = 0;
    uint64_t sum = 0;
    bool whole = true; /* every two areas so far have a way between them */

    for (size_t j = m; j-- > 0;) {
        double t = m > 1 ? (double)j / (double)(m - 1) : 0;

        for (; k < r->n && r->share[k] >= t; k++) {
            size_t found = 0;

            for (unsigned i = 0; i < w->workers; i++) {
                sum += 2 * w->steps[i * r->n + k];
                found += w->found[i * r->n + k];
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
    const struct neighbours *l = spatial_links(s);
    AUTO(ranked) struct ranked r = {0};
    AUTO(walk) struct walk w = {.r = &r, .all = p->n};
    enum rc rc;

    if (!l->start || m < 2)
        return RC_USAGE;
    rc = ranked_init(&r, p, l);
    if (!rc)
        rc = walk_all(&w, s->o.threads);
    if (rc)
        return rc;
    curve_of(&w, m, curve);
    return RC_OK;
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
