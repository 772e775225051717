#include "measure/sort.h"

#include <string.h>

enum { FEW = 48, DIGIT_BITS = 11, BUCKETS = 1 << DIGIT_BITS, DIGITS = 6 };

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

static unsigned digit(double key, unsigned d)
{
    return (unsigned)(ordered(key) >> (d * DIGIT_BITS)) & (BUCKETS - 1);
}

void sort_items(struct sort_item *item, size_t n, struct sort_item *scratch)
{
    struct sort_item *from = item, *to = scratch;
    size_t count[BUCKETS];

    if (n <= FEW) {
        insertion(item, n);
        return;
    }
    for (unsigned d = 0; d < DIGITS; d++) {
        struct sort_item *swap = from;
        size_t at = 0;

        memset(count, 0, sizeof count);
        for (size_t k = 0; k < n; k++)
            count[digit(from[k].key, d)]++;
        if (count[digit(from[0].key, d)] == n)
            continue;
        for (unsigned b = 0; b < BUCKETS; b++) {
            size_t here = count[b];

            count[b] = at;
            at += here;
        }
        for (size_t k = 0; k < n; k++)
            to[count[digit(from[k].key, d)]++] = from[k];
        from = to;
        to = swap;
    }
    if (from != item)
        memcpy(item, from, n * sizeof *item);
}
