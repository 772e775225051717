#include "measure/sort.h"

#include <string.h>

enum { FEW = 48, DIGIT_BITS = 11, BUCKETS = 1 << DIGIT_BITS, DIGITS = 3 };

/* Bits whose unsigned order is the order of the numbers. */
static uint64_t ordered(double key)
{
    uint64_t u;
    double plain = key + 0.0; /* -0 becomes 0 */

    memcpy(&u, &plain, sizeof u);
    return u >> 63 ? ~u : u | (uint64_t)1 << 63;
}

static void insertion(struct sort_item *item, size_t n)
{
    for (size_t k = 1; k < n; k++) {
        struct sort_item held = item[k];
        size_t at = k;

        for (; at > 0 && item[at - 1].key > held.key; at--)
            item[at] = item[at - 1];
        item[at] = held;
    }
}

/* The bit above the highest in which keys differ; 0: all are the same. */
static unsigned differing(const struct sort_item *item, size_t n)
{
    uint64_t first = ordered(item[0].key), differ = 0;

    for (size_t k = 1; k < n; k++)
        differ |= ordered(item[k].key) ^ first;
    return differ ? 64 - (unsigned)__builtin_clzll(differ) : 0;
}

static unsigned digit(double key, unsigned shift)
{
    return (unsigned)(ordered(key) >> shift) & (BUCKETS - 1);
}

/* Counts of the three digits from `shift` on, in one reading. */
static void count_digits(const struct sort_item *item, size_t n, unsigned shift,
                         size_t count[DIGITS][BUCKETS])
{
    memset(count, 0, DIGITS * sizeof *count);
    for (size_t k = 0; k < n; k++) {
        uint64_t bits = ordered(item[k].key) >> shift;

        for (unsigned d = 0; d < DIGITS; d++)
            count[d][bits >> (d * DIGIT_BITS) & (BUCKETS - 1)]++;
    }
}

static void scatter(const struct sort_item *from, size_t n, unsigned shift,
                    size_t *count, struct sort_item *to)
{
    size_t at = 0;

    for (unsigned b = 0; b < BUCKETS; b++) {
        size_t here = count[b];

        count[b] = at;
        at += here;
    }
    for (size_t k = 0; k < n; k++)
        to[count[digit(from[k].key, shift)]++] = from[k];
}

/* Sorted by the bits from `shift` on: those below put in order. */
static void finish(struct sort_item *item, size_t n, unsigned shift,
                   struct sort_item *scratch)
{
    for (size_t from = 0, to; from < n; from = to) {
        uint64_t top = ordered(item[from].key) >> shift;

        for (to = from + 1; to < n && ordered(item[to].key) >> shift == top;)
            to++;
        if (to > from + 1)
            sort_items(item + from, to - from, scratch);
    }
}

void sort_items(struct sort_item *item, size_t n, struct sort_item *scratch)
{
    struct sort_item *from = item, *to = scratch;
    size_t count[DIGITS][BUCKETS];
    unsigned high, shift;

    if (n <= FEW) {
        insertion(item, n);
        return;
    }
    high = differing(item, n);
    shift = high > DIGITS * DIGIT_BITS ? high - DIGITS * DIGIT_BITS : 0;
    if (!high)
        return;
    count_digits(item, n, shift, count);
    for (unsigned d = 0; d < DIGITS; d++) {
        struct sort_item *swap = from;

        if (count[d][digit(from[0].key, shift + d * DIGIT_BITS)] == n)
            continue;
        scatter(from, n, shift + d * DIGIT_BITS, count[d], to);
        from = to;
        to = swap;
    }
    if (from != item)
        memcpy(item, from, n * sizeof *item);
    if (shift)
        finish(item, n, shift, scratch);
}
