/*
 * audit.c: what a reader can find who solves all lines of a network at once.
 *
 * A flow that keeps every line and every withheld cell at 1 or more is one
 * table that a reader must think possible; we start from the true one and push
 * single persons around cycles of withheld cells. Whatever is reached stays:
 * the next cell starts from there, and the extremes that a cell has been seen
 * at count for it.
 */
#include "protect/suppress.h"

struct audit {
    struct suppress *s;
    int64_t threshold;
    uint32_t *start, *at; /* node -> cells with a count; withheld ones first */
    uint32_t *hidden;     /* per node: how many of them are withheld */
    int64_t *x;           /* per cell: the flow */
    int64_t *low, *high;  /* per cell: seen */
    uint32_t *stamp, *via, *near, *near_via, *queue; /* per node */
    int64_t *cost;                                   /* per node */
    uint32_t round;
};

uint32_t suppress_nodes(struct suppress *s, size_t nodes)
{
    uint32_t first = s->n_nodes;

    if (!s->from) {
        s->from = arena_array(s->arena, uint32_t, s->n_cells + 1);
        s->to = arena_array(s->arena, uint32_t, s->n_cells + 1);
        for (uint32_t c = 0; c < s->n_cells; c++)
            s->from[c] = s->to[c] = SUPPRESS_NONE;
    }
    REQUIRE(nodes < SUPPRESS_NONE - first);
    s->n_nodes += (uint32_t)nodes;
    return first;
}

void suppress_edge(struct suppress *s, uint32_t cell, uint32_t from,
                   uint32_t to)
{
    REQUIRE(cell < s->n_cells && from < s->n_nodes && to < s->n_nodes);
    s->from[cell] = from;
    s->to[cell] = to;
}

static bool cell_in(const struct suppress *s, uint32_t cell)
{
    return s->from[cell] != SUPPRESS_NONE && s->count[cell] > 0 &&
           s->from[cell] != s->to[cell];
}

static bool cell_hidden(const struct suppress *s, uint32_t cell)
{
    return s->state[cell] != SUPPRESS_OPEN;
}

static uint32_t other_end(const struct audit *a, uint32_t cell, uint32_t node)
{
    return a->s->from[cell] == node ? a->s->to[cell] : a->s->from[cell];
}

/* Persons that may go from `node` over a cell: more of it, or less of it. */
static int64_t room(const struct audit *a, uint32_t cell, uint32_t node)
{
    return a->s->from[cell] == node ? INT64_MAX : a->x[cell] - 1;
}

static void cell_place(struct audit *a, uint32_t *next, uint32_t cell)
{
    a->at[next[a->s->from[cell]]++] = cell;
    a->at[next[a->s->to[cell]]++] = cell;
}

/* The cells of each node, withheld ones first. */
static void nodes_index(struct audit *a)
{
    const struct suppress *s = a->s;
    uint32_t n = s->n_nodes, *next;

    a->start = arena_array(s->arena, uint32_t, n + 1);
    a->hidden = arena_array(s->arena, uint32_t, n + 1);
    for (uint32_t c = 0; c < s->n_cells; c++)
        if (cell_in(s, c)) {
            a->start[s->from[c] + 1]++;
            a->start[s->to[c] + 1]++;
            a->hidden[s->from[c]] += cell_hidden(s, c);
            a->hidden[s->to[c]] += cell_hidden(s, c);
        }
    for (uint32_t i = 0; i < n; i++)
        a->start[i + 1] += a->start[i];
    a->at = arena_array(s->arena, uint32_t, a->start[n] + 1);
    next = arena_array(s->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++)
        next[i] = a->start[i];
    for (int open = 0; open < 2; open++)
        for (uint32_t c = 0; c < s->n_cells; c++)
            if (cell_in(s, c) && cell_hidden(s, c) == !open)
                cell_place(a, next, c);
}

static void audit_init(struct audit *a, struct suppress *s, int64_t threshold)
{
    uint32_t nodes = s->n_nodes + 1, cells = s->n_cells + 1;

    *a = (struct audit){.s = s, .threshold = threshold};
    nodes_index(a);
    a->x = arena_array(s->arena, int64_t, cells);
    a->low = arena_array(s->arena, int64_t, cells);
    a->high = arena_array(s->arena, int64_t, cells);
    for (uint32_t c = 0; c < s->n_cells; c++)
        a->x[c] = a->low[c] = a->high[c] = s->count[c];
    a->stamp = arena_array(s->arena, uint32_t, nodes);
    a->via = arena_array(s->arena, uint32_t, nodes);
    a->near = arena_array(s->arena, uint32_t, nodes);
    a->near_via = arena_array(s->arena, uint32_t, nodes);
    a->queue = arena_array(s->arena, uint32_t, nodes);
    a->cost = arena_array(s->arena, int64_t, nodes);
}

/* The k-th withheld cell of a node, counted from a place that differs with
 * every search: so a short look does not always see the same ones. */
static uint32_t hidden_at(const struct audit *a, uint32_t node, uint32_t k)
{
    uint32_t n = a->hidden[node];

    return a->at[a->start[node] + (k + a->round * 31u % n) % n];
}

/* The nodes one withheld cell away from the target. */
static void near_mark(struct audit *a, uint32_t target, uint32_t without,
                      uint32_t most)
{
    uint32_t n = MIN(a->hidden[target], most);

    for (uint32_t k = 0; k < n; k++) {
        uint32_t cell = hidden_at(a, target, k);
        uint32_t node = other_end(a, cell, target);

        if (cell != without && room(a, cell, node) > 0) {
            a->near[node] = a->round;
            a->near_via[node] = cell;
        }
    }
}

/*
 * A way over withheld cells, not over `without`; a->via tells it. Looks at
 * `most` cells a node and visits `most` nodes: with UINT32_MAX it finds one if
 * there is one.
 */
static bool path_look(struct audit *a, uint32_t source, uint32_t target,
                      uint32_t without, uint32_t most)
{
    uint32_t head = 0, tail = 0;

    a->round++;
    near_mark(a, target, without, most);
    a->stamp[source] = a->round;
    a->queue[tail++] = source;
    while (head < tail && head < most) {
        uint32_t node = a->queue[head++], n = MIN(a->hidden[node], most);

        if (a->near[node] == a->round) {
            a->via[target] = a->near_via[node];
            return true;
        }
        for (uint32_t k = 0; k < n; k++) {
            uint32_t cell = hidden_at(a, node, k);
            uint32_t next = other_end(a, cell, node);

            if (cell == without || a->stamp[next] == a->round ||
                room(a, cell, node) <= 0)
                continue;
            a->stamp[next] = a->round;
            a->via[next] = cell;
            if (next == target)
                return true;
            if (a->near[next] == a->round) {
                a->via[target] = a->near_via[next];
                return true;
            }
            a->queue[tail++] = next;
        }
    }
    return false;
}

static bool path_find(struct audit *a, uint32_t source, uint32_t target,
                      uint32_t without)
{
    static const uint32_t looks[] = {24, 48, 96, 192, UINT32_MAX};

    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        if (path_look(a, source, target, without, looks[i]))
            return true;
    return false;
}

static void cell_add(struct audit *a, uint32_t cell, int64_t persons)
{
    a->x[cell] += persons;
    a->low[cell] = MIN(a->low[cell], a->x[cell]);
    a->high[cell] = MAX(a->high[cell], a->x[cell]);
}

/* Pushes up to `most` persons along a->via; what went is returned. */
static int64_t path_push(struct audit *a, uint32_t source, uint32_t target,
                         int64_t most)
{
    uint32_t node = target;

    while (node != source) {
        uint32_t before = other_end(a, a->via[node], node);

        most = MIN(most, room(a, a->via[node], before));
        node = before;
    }
    for (node = target; node != source;) {
        uint32_t cell = a->via[node];
        uint32_t before = other_end(a, cell, node);

        cell_add(a, cell, a->s->from[cell] == before ? most : -most);
        node = before;
    }
    return most;
}

/* Moves a cell that is now withheld to the front of a node's list. */
static void hidden_move(struct audit *a, uint32_t node, uint32_t cell)
{
    uint32_t *list = a->at + a->start[node], k = a->hidden[node];

    while (list[k] != cell)
        k++;
    list[k] = list[a->hidden[node]];
    list[a->hidden[node]++] = cell;
}

static uint32_t cheapest_node(const struct audit *a, const bool *done)
{
    uint32_t best = SUPPRESS_NONE;

    for (uint32_t i = 0; i < a->s->n_nodes; i++)
        if (a->stamp[i] == a->round && !done[i] &&
            (best == SUPPRESS_NONE || a->cost[i] < a->cost[best]))
            best = i;
    return best;
}

/* The cheapest way over any cells: an open one costs its persons. */
static bool path_buy(struct audit *a, uint32_t source, uint32_t target,
                     uint32_t without, bool *done)
{
    uint32_t node;

    a->round++;
    for (uint32_t i = 0; i < a->s->n_nodes; i++)
        done[i] = false;
    a->stamp[source] = a->round;
    a->cost[source] = 0;
    while ((node = cheapest_node(a, done)) != SUPPRESS_NONE && node != target) {
        done[node] = true;
        for (uint32_t k = a->start[node]; k < a->start[node + 1]; k++) {
            uint32_t cell = a->at[k], next = other_end(a, cell, node);
            int64_t cost = a->cost[node] +
                           (cell_hidden(a->s, cell) ? 1 : a->s->count[cell]);

            if (cell == without || room(a, cell, node) <= 0 ||
                (a->stamp[next] == a->round && a->cost[next] <= cost))
                continue;
            a->stamp[next] = a->round;
            a->cost[next] = cost;
            a->via[next] = cell;
        }
    }
    return node == target;
}

static void path_withhold(struct audit *a, uint32_t source, uint32_t target)
{
    for (uint32_t node = target; node != source;) {
        uint32_t cell = a->via[node];

        if (!cell_hidden(a->s, cell)) {
            suppress_withhold(a->s, cell);
            hidden_move(a, a->s->from[cell], cell);
            hidden_move(a, a->s->to[cell], cell);
        }
        node = other_end(a, cell, node);
    }
}

/* Brings a cell up (or down) by `need` persons, at any price. */
static bool cell_move(struct audit *a, uint32_t cell, int64_t need, bool up,
                      bool *done)
{
    uint32_t source = up ? a->s->to[cell] : a->s->from[cell];
    uint32_t target = up ? a->s->from[cell] : a->s->to[cell];

    while (need > 0) {
        int64_t went;

        if (!path_find(a, source, target, cell)) {
            if (!path_buy(a, source, target, cell, done))
                return false;
            path_withhold(a, source, target);
        }
        went = path_push(a, source, target, need);
        cell_add(a, cell, up ? went : -went);
        need -= went;
    }
    return true;
}

void suppress_audit(struct suppress *s, int64_t threshold)
{
    struct audit a;
    bool *done;

    if (threshold <= 1 || !s->from)
        return;
    audit_init(&a, s, threshold);
    done = arena_array(s->arena, bool, s->n_nodes + 1);
    for (uint32_t c = 0; c < s->n_cells; c++) {
        bool safe = true;

        if (!cell_in(s, c) || s->state[c] != SUPPRESS_PRIMARY)
            continue;
        if (a.high[c] < threshold)
            safe = cell_move(&a, c, threshold - a.x[c], true, done);
        if (a.low[c] > 1) /* a sum of withheld cells cannot: no matter */
            (void)cell_move(&a, c, a.x[c] - 1, false, done);
        s->unsure += !safe;
    }
    suppress_settle(s, threshold);
    s->from = s->to = NULL;
    s->n_nodes = 0;
}
