#include "record/diff.h"

struct words_list {
    struct str *items;
    size_t n, cap;
};

static bool blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Words and runs of blanks, in turn. */
static void split(struct str s, struct arena *a, struct words_list *out)
{
    while (s.n) {
        size_t n = 1;

        while (n < s.n && blank(s.p[n]) == blank(s.p[0]))
            n++;
        VEC_PUSH(a, out->items, out->n, out->cap) = (struct str){s.p, n};
        s.p += n;
        s.n -= n;
    }
}

static void push(struct diff *d, struct arena *a, enum diff_kind kind,
                 struct str text)
{
    struct diff_part *last = d->n ? &d->items[d->n - 1] : NULL;

    if (last && last->kind == kind && last->text.p + last->text.n == text.p)
        last->text.n += text.n;
    else
        VEC_PUSH(a, d->items, d->n, d->cap) = (struct diff_part){kind, text};
}

/*
 * Furthest points of all ways with d steps, on diagonals k = -d..d: v[d + k].
 * One row a number of steps is kept, to find the way back.
 */
struct ways {
    const struct words_list *x, *y;
    size_t *row[DIFF_MOST + 1];
    struct arena *a;
};

static bool down(const size_t *v, int d, int k)
{
    return k == -d || (k != d && v[d - 1 + k - 1] < v[d - 1 + k + 1]);
}

static size_t start_of(const struct ways *w, int d, int k)
{
    const size_t *v = d ? w->row[d - 1] : NULL;

    if (!d)
        return 0;
    return down(v, d, k) ? v[d - 1 + k + 1] : v[d - 1 + k - 1] + 1;
}

/* The number of steps of the shortest way; -1: more than are looked for. */
static int search(struct ways *w)
{
    size_t n = w->x->n, m = w->y->n;

    for (int d = 0; d <= DIFF_MOST; d++) {
        w->row[d] = arena_array(w->a, size_t, 2 * (size_t)d + 1);
        for (int k = -d; k <= d; k += 2) {
            size_t i = start_of(w, d, k);

            while (i < n && (int64_t)i - k < (int64_t)m &&
                   str_eq(w->x->items[i], w->y->items[(int64_t)i - k]))
                i++;
            w->row[d][d + k] = i;
            if (i >= n && (int64_t)i - k >= (int64_t)m)
                return d;
        }
    }
    return -1;
}

struct move {
    size_t from, to; /* of x: what stayed after this step */
    int k;
    bool down;
};

static void write_way(const struct ways *w, int steps, struct diff *out)
{
    struct move *moves = arena_array(w->a, struct move, (size_t)steps + 1);
    int k = (int)((int64_t)w->x->n - (int64_t)w->y->n);

    for (int d = steps; d >= 0; d--) {
        moves[d] = (struct move){start_of(w, d, k), w->row[d][d + k], k,
                                 d && down(w->row[d - 1], d, k)};
        if (d)
            k += moves[d].down ? 1 : -1;
    }
    for (int d = 0; d <= steps; d++) {
        const struct move *m = &moves[d];

        if (d && m->down)
            push(out, w->a, DIFF_NEW, w->y->items[(int64_t)m->from - m->k - 1]);
        else if (d)
            push(out, w->a, DIFF_GONE, w->x->items[m->from - 1]);
        for (size_t i = m->from; i < m->to; i++)
            push(out, w->a, DIFF_SAME, w->x->items[i]);
    }
}

void diff_words(struct str before, struct str after, struct arena *a,
                struct diff *out)
{
    struct words_list x = {0}, y = {0};
    struct ways w = {.x = &x, .y = &y, .a = a};
    int steps;

    *out = (struct diff){0};
    split(before, a, &x);
    split(after, a, &y);
    steps = search(&w);
    if (steps >= 0) {
        write_way(&w, steps, out);
        return;
    }
    push(out, a, DIFF_GONE, before);
    push(out, a, DIFF_NEW, after);
}
