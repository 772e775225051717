/*
 * Merging units so that M falls least: Mora and Ruiz-Castillo's
 * decomposability says what a merger costs (Elbers's `compress` does the same).
 *
 * A heap holds what each pair of neighbours would cost; a pair whose units have
 * changed since is thrown away when it comes up. Lists of neighbours are joined
 * the shorter to the longer.
 */
#include "measure/frame.h"
#include "passerelle/measure_change.h"

#include <stdlib.h>
#include <string.h>

struct pair {
    double cost;
    uint32_t u, v;         /* u < v */
    uint32_t age_u, age_v; /* mergers each had gone through */
};

struct list {
    uint32_t *to;
    size_t n, cap;
};

struct merger {
    const struct frame *f;
    double *n, *t;  /* owned: counts and persons as they are now */
    uint32_t *into; /* owned: the unit a unit went into, itself while it is */
    uint32_t *age;  /* owned */
    struct list *list;
    struct pair *heap;
    size_t heaped, cap;
};

static void cleanup_merger(struct merger *m)
{
    for (size_t i = 0; m->list && i < m->f->units; i++)
        free(m->list[i].to);
    free(m->n);
    free(m->t);
    free(m->into);
    free(m->age);
    free(m->list);
    free(m->heap);
}

static uint32_t root(struct merger *m, uint32_t i)
{
    while (m->into[i] != i)
        i = m->into[i] = m->into[m->into[i]];
    return i;
}

/*
 * Persons x what M inside the merged unit would be: sum over groups of
 * n_u ln(n_u T / (t_u N)) and the same of v, N and T those of both.
 */
static double cost(const struct merger *m, uint32_t u, uint32_t v)
{
    size_t groups = m->f->groups;
    const double *a = m->n + u * groups, *b = m->n + v * groups;
    double T = m->t[u] + m->t[v], s = 0;

    for (size_t g = 0; g < groups; g++) {
        double N = a[g] + b[g];

        if (a[g] > 0)
            s += a[g] * log(a[g] / m->t[u] * (T / N));
        if (b[g] > 0)
            s += b[g] * log(b[g] / m->t[v] * (T / N));
    }
    return fmax(0, s);
}

/* Cheaper first; ties by number, so that the order is always the same. */
static bool before(const struct pair *a, const struct pair *b)
{
    if (a->cost < b->cost || a->cost > b->cost)
        return a->cost < b->cost;
    return a->u != b->u ? a->u < b->u : a->v < b->v;
}

static void swap(struct pair *a, struct pair *b)
{
    struct pair held = *a;

    *a = *b;
    *b = held;
}

static enum rc push(struct merger *m, uint32_t u, uint32_t v)
{
    uint32_t low = MIN(u, v), high = MAX(u, v);
    size_t at = m->heaped;

    if (m->heaped == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 1024;
        struct pair *more = realloc(m->heap, cap * sizeof *more);

        if (!more)
            return RC_MEMORY;
        m->heap = more;
        m->cap = cap;
    }
    m->heap[m->heaped++] =
        (struct pair){cost(m, low, high), low, high, m->age[low], m->age[high]};
    for (; at && before(&m->heap[at], &m->heap[(at - 1) / 2]);
         at = (at - 1) / 2)
        swap(&m->heap[at], &m->heap[(at - 1) / 2]);
    return RC_OK;
}

static struct pair pop(struct merger *m)
{
    struct pair top = m->heap[0];
    size_t at = 0;

    m->heap[0] = m->heap[--m->heaped];
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= m->heaped)
            return top;
        if (child + 1 < m->heaped &&
            before(&m->heap[child + 1], &m->heap[child]))
            child++;
        if (!before(&m->heap[child], &m->heap[at]))
            return top;
        swap(&m->heap[at], &m->heap[child]);
        at = child;
    }
}

static enum rc list_add(struct list *l, uint32_t to)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 8;
        uint32_t *more = realloc(l->to, cap * sizeof *more);

        if (!more)
            return RC_MEMORY;
        l->to = more;
        l->cap = cap;
    }
    l->to[l->n++] = to;
    return RC_OK;
}

static bool lived_in(const struct merger *m, uint32_t i)
{
    return m->f->unit_total[i] > 0;
}

static enum rc link_up(struct merger *m, const struct neighbours *near)
{
    size_t units = m->f->units;

    for (uint32_t i = 0; i < units; i++) {
        size_t from = near ? near->start[i] : i + 1;
        size_t end = near ? near->start[i + 1] : units;

        for (size_t k = from; k < end && lived_in(m, i); k++) {
            uint32_t j = near ? near->to[k] : (uint32_t)k;
            enum rc rc = RC_OK;

            if (j >= units)
                return RC_INVALID;
            if (j <= i || !lived_in(m, j))
                continue;
            rc = list_add(&m->list[i], j);
            if (!rc)
                rc = list_add(&m->list[j], i);
            if (!rc)
                rc = push(m, i, j);
            if (rc)
                return rc;
        }
    }
    return RC_OK;
}

static enum rc merger_init(struct merger *m, const struct frame *f,
                           const struct neighbours *near)
{
    size_t cells = f->units * f->groups;

    m->f = f;
    m->n = malloc(cells * sizeof *m->n);
    m->t = malloc(f->units * sizeof *m->t);
    m->into = malloc(f->units * sizeof *m->into);
    m->age = calloc(f->units, sizeof *m->age);
    m->list = calloc(f->units, sizeof *m->list);
    if (!m->n || !m->t || !m->into || !m->age || !m->list)
        return RC_MEMORY;
    memcpy(m->n, f->n, cells * sizeof *m->n);
    memcpy(m->t, f->unit_total, f->units * sizeof *m->t);
    for (uint32_t i = 0; i < f->units; i++)
        m->into[i] = i;
    return link_up(m, near);
}

/* u takes v in, and the neighbours of both; each new pair is priced once. */
static enum rc merge(struct merger *m, uint32_t u, uint32_t v)
{
    struct list *a = &m->list[u], *b = &m->list[v], held;
    size_t groups = m->f->groups, kept = 0;

    for (size_t g = 0; g < groups; g++)
        m->n[u * groups + g] += m->n[v * groups + g];
    m->t[u] += m->t[v];
    m->into[v] = u;
    m->age[u]++;
    if (a->n < b->n) {
        held = *a;
        *a = *b;
        *b = held;
    }
    for (size_t k = 0; k < b->n; k++)
        if (list_add(a, b->to[k]) != RC_OK)
            return RC_MEMORY;
    for (size_t k = 0; k < a->n; k++) {
        uint32_t j = root(m, a->to[k]);
        bool known = j == u;

        for (size_t l = 0; l < kept && !known; l++)
            known = a->to[l] == j;
        if (known)
            continue;
        a->to[kept++] = j;
        if (push(m, u, j) != RC_OK)
            return RC_MEMORY;
    }
    a->n = kept;
    b->n = 0;
    return RC_OK;
}

static bool stale(const struct merger *m, const struct pair *p)
{
    return m->into[p->u] != p->u || m->into[p->v] != p->v ||
           m->age[p->u] != p->age_u || m->age[p->v] != p->age_v;
}

enum rc measure_compress(const struct counts *c, const struct neighbours *near,
                         const struct measure_options *o,
                         struct measure_merger *out, size_t *n)
{
    AUTO(frame) struct frame f = {0};
    AUTO(merger) struct merger m = {.f = &f};
    const struct measure *index = measure_find("mutual_information");
    struct measure_options defaults;
    double now = 0, unit = log_unit(options_or(o, &defaults));
    size_t done = 0;
    enum rc rc = c->units < UINT32_MAX ? frame_init(&f, c) : RC_LIMIT;

    if (!rc)
        rc = measure_compute(index, MEASURE_CITY, c, 0, 0, o, &now);
    if (!rc)
        rc = merger_init(&m, &f, near);
    while (!rc && m.heaped) {
        struct pair p = pop(&m);

        if (stale(&m, &p))
            continue;
        now = fmax(0, now - p.cost / f.total / unit);
        out[done++] = (struct measure_merger){p.u, p.v, now};
        rc = merge(&m, p.u, p.v);
    }
    if (!rc)
        *n = done;
    return rc;
}
