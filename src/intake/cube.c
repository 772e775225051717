/*
 * A cell is numbered by its codes in mixed radix: key = sum of code x stride,
 * area the most significant, so that the order of keys is the order of codes.
 * The counts stand in one of two shapes, whichever takes less memory:
 *   dense: an array indexed by key, an entry being 0 (no such cell) or sum + 1;
 *   sparse: an open-addressing table of (key + 1, sum).
 * When a dimension outgrows its capacity every key changes: `reshape`. Rows
 * withheld or missing are rare and have a table of their own.
 */
#include "intake/cube.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    SMALL = 1 << 17,  /* cells that may always be dense: 1 MB */
    FILL = 4,         /* dense if one cell in FILL is (to be) used */
    AHEAD = 24,       /* rows between fetching a cell and adding to it */
    CHUNK = 4096,     /* rows whose keys are computed at once */
    FIRST_SLOTS = 64, /* of the hash tables; a power of two */
    HUGE_PAGE = 2 << 20
};
#define TOTAL_MAX ((uint64_t)1 << 62)
#define KEYS_MAX ((size_t)1 << 60)

struct sum {
    uint64_t key; /* + 1; 0: empty */
    int64_t count;
};

struct rare {
    uint64_t key; /* + 1; 0: empty */
    uint32_t withheld, missing;
};

struct cube {
    struct dict dict[DIM_COUNT];
    size_t cap[DIM_COUNT], stride[DIM_COUNT];
    size_t n_keys;
    uint64_t *dense; /* NULL: sparse */
    size_t dense_bytes;
    struct sum *sums;
    size_t n_sums; /* slots */
    struct rare *rare;
    size_t n_rare, n_rare_slots;
    size_t cells;
    uint64_t total, expected;
    size_t *keys; /* CHUNK of them */
};

/* --- memory ----------------------------------------------------------------
 */

static size_t page_bytes(size_t bytes)
{
    return (MAX(bytes, 1) + 4095) & ~(size_t)4095;
}

/*
 * Zeroed memory that is only taken when touched, and given back when freed.
 * Rows come in any order, so that huge pages matter: it begins with one.
 */
static void *pages_new(size_t bytes)
{
    size_t room = page_bytes(bytes) + HUGE_PAGE;
    uintptr_t p, at, end;

    p = (uintptr_t)mmap(NULL, room, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == (uintptr_t)MAP_FAILED)
        return NULL;
    at = (p + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    end = at + page_bytes(bytes);
    if (at > p)
        munmap((void *)p, at - p);
    munmap((void *)end, p + room - end);
    if (bytes >= HUGE_PAGE) /* only a wish: no error matters */
        madvise((void *)at, bytes, MADV_HUGEPAGE);
    return (void *)at;
}

static void pages_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, page_bytes(bytes));
}

struct cube *cube_new(struct arena *a)
{
    struct cube *c = calloc(1, sizeof *c);

    if (!c)
        BUG("out of memory");
    for (int d = 0; d < DIM_COUNT; d++)
        dict_init(&c->dict[d], a);
    return c;
}

static void dense_free(struct cube *c)
{
    pages_free(c->dense, c->dense_bytes);
    c->dense = NULL;
    c->dense_bytes = 0;
}

void cube_free(struct cube *c)
{
    if (!c)
        return;
    dense_free(c);
    pages_free(c->sums, c->n_sums * sizeof *c->sums);
    free(c->rare);
    free(c->keys);
    free(c);
}

uint32_t cube_code(struct cube *c, enum dim d, struct str text)
{
    return dict_intern(&c->dict[d], text);
}

const struct dict *cube_dict(const struct cube *c, enum dim d)
{
    return &c->dict[d];
}

size_t cube_cells(const struct cube *c)
{
    return c->cells;
}

size_t cube_bytes(const struct cube *c)
{
    return c->dense_bytes + c->n_sums * sizeof *c->sums +
           c->n_rare_slots * sizeof *c->rare +
           (c->keys ? CHUNK * sizeof *c->keys : 0);
}

void cube_expect(struct cube *c, uint64_t rows)
{
    c->expected = c->cells + rows;
}

/* --- hash tables ---------------------------------------------------------- */

static size_t slot_of(uint64_t key, size_t n_slots)
{
    uint64_t h = key * 0x9E3779B97F4A7C15u;

    return (size_t)((h ^ h >> 32) & (n_slots - 1));
}

static struct sum *sum_at(const struct cube *c, uint64_t key)
{
    size_t i = slot_of(key, c->n_sums);

    while (c->sums[i].key && c->sums[i].key != key + 1)
        i = (i + 1) & (c->n_sums - 1);
    return &c->sums[i];
}

static struct rare *rare_at(const struct cube *c, uint64_t key)
{
    size_t i = slot_of(key, c->n_rare_slots);

    while (c->rare[i].key && c->rare[i].key != key + 1)
        i = (i + 1) & (c->n_rare_slots - 1);
    return &c->rare[i];
}

static size_t slots_for(size_t n)
{
    size_t slots = FIRST_SLOTS;

    while (slots - slots / 4 < n)
        slots *= 2;
    return slots;
}

/* Room for `more` further ones. */
static bool rare_room(struct cube *c, size_t more)
{
    size_t slots = slots_for(c->n_rare + more), n = c->n_rare_slots;
    struct rare *old = c->rare, *new;

    if (slots <= n)
        return true;
    new = calloc(slots, sizeof *new);
    if (!new)
        return false;
    c->rare = new;
    c->n_rare_slots = slots;
    for (size_t i = 0; i < n; i++)
        if (old[i].key)
            *rare_at(c, old[i].key - 1) = old[i];
    free(old);
    return true;
}

/* --- shape ---------------------------------------------------------------- */

struct shape {
    size_t cap[DIM_COUNT], stride[DIM_COUNT], n_keys;
};

static void codes_of(const struct shape *s, uint64_t key,
                     uint32_t code[DIM_COUNT])
{
    for (int d = 0; d < DIM_COUNT; d++) {
        code[d] = (uint32_t)(key / s->stride[d]);
        key %= s->stride[d];
    }
}

static struct shape shape_now(const struct cube *c)
{
    struct shape s;

    memcpy(s.cap, c->cap, sizeof s.cap);
    memcpy(s.stride, c->stride, sizeof s.stride);
    s.n_keys = c->n_keys;
    return s;
}

static uint64_t rekey(const struct cube *c, const struct shape *old,
                      uint64_t key)
{
    uint32_t code[DIM_COUNT];
    uint64_t new = 0;

    codes_of(old, key, code);
    for (int d = 0; d < DIM_COUNT; d++)
        new += code[d] * c->stride[d];
    return new;
}

/*
 * The first shape fits what the dictionaries hold; one that grows gets a
 * quarter more. false: no 64-bit number for every cell.
 */
static bool shape_next(const struct cube *c, struct shape *s)
{
    *s = shape_now(c);
    for (int d = 0; d < DIM_COUNT; d++)
        if (c->dict[d].n > s->cap[d])
            s->cap[d] = MAX(c->dict[d].n, s->cap[d] + s->cap[d] / 4);
    s->n_keys = 1;
    for (int d = DIM_COUNT - 1; d >= 0; d--) {
        s->stride[d] = s->n_keys;
        if (__builtin_mul_overflow(s->n_keys, s->cap[d], &s->n_keys) ||
            s->n_keys > KEYS_MAX)
            return false;
    }
    return true;
}

static void shape_set(struct cube *c, const struct shape *s)
{
    memcpy(c->cap, s->cap, sizeof c->cap);
    memcpy(c->stride, s->stride, sizeof c->stride);
    c->n_keys = s->n_keys;
}

/* The array grows without copying: its pages move. */
static bool dense_room(struct cube *c, size_t n_keys)
{
    size_t bytes = page_bytes(n_keys * sizeof *c->dense);
    void *p;

    if (c->dense && bytes <= c->dense_bytes)
        return true;
    p = pages_new(bytes);
    if (!p)
        return false;
    if (c->dense && mremap(c->dense, c->dense_bytes, bytes,
                           MREMAP_MAYMOVE | MREMAP_FIXED, p) == MAP_FAILED) {
        pages_free(p, bytes);
        return false;
    }
    if (bytes >= HUGE_PAGE)
        madvise(p, bytes, MADV_HUGEPAGE);
    c->dense = p;
    c->dense_bytes = bytes;
    return true;
}

/*
 * Moves every entry to its new place in the same array. No stride shrinks, so
 * entries only move up, and taking the last first overwrites none.
 */
static void dense_move(struct cube *c, const struct shape *old)
{
    if (!memcmp(old->stride, c->stride, sizeof old->stride))
        return;
    for (size_t key = old->n_keys; key-- > 0;) {
        uint64_t v = c->dense[key];

        if (v) {
            c->dense[key] = 0;
            c->dense[rekey(c, old, key)] = v;
        }
    }
}

/* The other ways from one shape to the next; `sums` is new and empty. */
static void cells_move(struct cube *c, const struct shape *old,
                       struct sum *sums, size_t n_slots)
{
    struct sum *from = c->sums;
    size_t n = c->n_sums;

    c->sums = sums;
    c->n_sums = n_slots;
    for (size_t i = 0; i < n; i++) {
        uint64_t key;

        if (!from[i].key)
            continue;
        key = rekey(c, old, from[i].key - 1);
        if (sums)
            *sum_at(c, key) = (struct sum){key + 1, from[i].count};
        else
            c->dense[key] = (uint64_t)from[i].count + 1;
    }
    pages_free(from, n * sizeof *from);
    for (size_t i = 0; sums && c->dense && i < old->n_keys; i++) {
        uint64_t key;

        if (!c->dense[i])
            continue;
        key = rekey(c, old, i);
        *sum_at(c, key) = (struct sum){key + 1, (int64_t)c->dense[i] - 1};
    }
    if (sums)
        dense_free(c);
}

static void rare_move(struct cube *c, const struct shape *old,
                      struct rare *rare)
{
    struct rare *from = c->rare;

    if (!rare)
        return;
    c->rare = rare;
    for (size_t i = 0; i < c->n_rare_slots; i++) {
        uint64_t key;
        struct rare *to;

        if (!from[i].key)
            continue;
        key = rekey(c, old, from[i].key - 1);
        to = rare_at(c, key);
        *to = from[i];
        to->key = key + 1;
    }
    free(from);
}

/*
 * Takes the shape that the dictionaries and `more` cells need. All memory is
 * asked for first, so that a failure leaves the cube as it was.
 */
static enum rc reshape(struct cube *c, size_t more)
{
    struct shape old = shape_now(c), next;
    bool was_dense = c->dense != NULL, dense;
    struct sum *sums = NULL;
    struct rare *rare = NULL;
    size_t n_slots = 0;

    if (!shape_next(c, &next))
        return RC_LIMIT;
    dense = next.n_keys <= SMALL ||
            next.n_keys / FILL <= MAX(c->expected, c->cells + more);
    if (!dense) {
        n_slots = slots_for(c->cells + more);
        sums = pages_new(n_slots * sizeof *sums);
    }
    if (c->n_rare)
        rare = calloc(c->n_rare_slots, sizeof *rare);
    if ((!dense && !sums) || (c->n_rare && !rare) ||
        (dense && !dense_room(c, next.n_keys))) {
        pages_free(sums, n_slots * sizeof *sums);
        free(rare);
        return RC_MEMORY;
    }
    shape_set(c, &next);
    rare_move(c, &old, rare);
    if (was_dense && dense)
        dense_move(c, &old);
    else
        cells_move(c, &old, sums, n_slots);
    return RC_OK;
}

/* Makes sure that `more` rows with codes of the dictionaries can be added. */
static enum rc room(struct cube *c, size_t more)
{
    bool outgrown = !c->dense && slots_for(c->cells + more) > c->n_sums;

    for (int d = 0; d < DIM_COUNT; d++)
        outgrown |= c->dict[d].n > c->cap[d];
    return outgrown ? reshape(c, more) : RC_OK;
}

/* --- adding --------------------------------------------------------------- */

static inline void add(struct cube *c, size_t key, uint64_t count)
{
    if (c->dense) {
        uint64_t v = c->dense[key];

        c->cells += v == 0;
        c->dense[key] = v + count + (v == 0);
    } else {
        struct sum *s = sum_at(c, key);

        c->cells += s->key == 0;
        s->key = key + 1;
        s->count += (int64_t)count;
    }
}

static inline void fetch(const struct cube *c, size_t key)
{
    if (c->dense)
        __builtin_prefetch(&c->dense[key], 1);
    else
        __builtin_prefetch(&c->sums[slot_of(key, c->n_sums)], 1);
}

static void add_rare(struct cube *c, size_t key, int64_t what)
{
    struct rare *r = rare_at(c, key);
    uint32_t *n = what == CUBE_WITHHELD ? &r->withheld : &r->missing;

    c->n_rare += r->key == 0;
    r->key = key + 1;
    *n += *n < UINT32_MAX;
}

static void find_keys(struct cube *c, const struct cube_rows *rows, size_t from,
                      size_t n)
{
    size_t constant = 0;

    for (int d = 0; d < DIM_COUNT; d++)
        if (!rows->code[d])
            constant += rows->constant[d] * c->stride[d];
    for (size_t i = 0; i < n; i++)
        c->keys[i] = constant;
    for (int d = 0; d < DIM_COUNT; d++) {
        const uint32_t *code = rows->code[d], *map = rows->map[d];
        size_t stride = c->stride[d];

        for (size_t i = 0; code && i < n; i++)
            c->keys[i] += map[code[from + i]] * stride;
    }
}

static void add_chunk(struct cube *c, const int64_t *count, size_t n)
{
    for (size_t i = 0; i < MIN(n, AHEAD); i++)
        fetch(c, c->keys[i]);
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            fetch(c, c->keys[i + AHEAD]);
        if (LIKELY(count[i] >= 0))
            add(c, c->keys[i], (uint64_t)count[i]);
        else
            add_rare(c, c->keys[i], count[i]);
    }
}

enum rc cube_add_rows(struct cube *c, const struct cube_rows *rows)
{
    unsigned __int128 sum = c->total;
    size_t n_rare = 0;
    enum rc rc;

    for (size_t i = 0; i < rows->n; i++) {
        REQUIRE(rows->count[i] >= CUBE_MISSING);
        n_rare += rows->count[i] < 0;
        sum += rows->count[i] < 0 ? 0 : (uint64_t)rows->count[i];
    }
    if (sum > TOTAL_MAX)
        return RC_LIMIT;
    if (!c->keys)
        c->keys = malloc(CHUNK * sizeof *c->keys);
    if (!c->keys || (n_rare && !rare_room(c, n_rare)))
        return RC_MEMORY;
    rc = room(c, rows->n - n_rare);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows->n; i += CHUNK) {
        size_t n = MIN(CHUNK, rows->n - i);

        find_keys(c, rows, i, n);
        add_chunk(c, rows->count + i, n);
    }
    c->total = (uint64_t)sum;
    return RC_OK;
}

static enum rc add_one(struct cube *c, const uint32_t code[DIM_COUNT],
                       int64_t count)
{
    struct cube_rows one = {.n = 1, .count = &count};

    for (int d = 0; d < DIM_COUNT; d++) {
        REQUIRE(code[d] < c->dict[d].n);
        one.constant[d] = code[d];
    }
    return cube_add_rows(c, &one);
}

enum rc cube_add(struct cube *c, const uint32_t code[DIM_COUNT], int64_t count)
{
    REQUIRE(count >= 0);
    return add_one(c, code, count);
}

enum rc cube_add_withheld(struct cube *c, const uint32_t code[DIM_COUNT])
{
    return add_one(c, code, CUBE_WITHHELD);
}

enum rc cube_add_missing(struct cube *c, const uint32_t code[DIM_COUNT])
{
    return add_one(c, code, CUBE_MISSING);
}

/* --- reading -------------------------------------------------------------- */

typedef bool (*cell_fn)(void *ctx, const struct cube_cell *cell);

static void set_rare(const struct cube *c, uint64_t key, struct cube_cell *cell)
{
    const struct rare *r = c->n_rare ? rare_at(c, key) : NULL;

    cell->withheld = r && r->key ? r->withheld : 0;
    cell->missing = r && r->key ? r->missing : 0;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Keys of the cells that a dense array does not show, sorted; NULL: none. */
static uint64_t *listed_keys(const struct cube *c, size_t *n)
{
    size_t room = c->n_rare + (c->dense ? 0 : c->cells);
    uint64_t *keys = room ? malloc(room * sizeof *keys) : NULL;

    *n = 0;
    if (!room)
        return NULL;
    if (!keys)
        BUG("out of memory");
    for (size_t i = 0; !c->dense && i < c->n_sums; i++)
        if (c->sums[i].key)
            keys[(*n)++] = c->sums[i].key - 1;
    for (size_t i = 0; i < c->n_rare_slots; i++) {
        uint64_t key = c->rare[i].key;
        bool counted;

        if (!key)
            continue;
        counted = c->dense ? c->dense[key - 1] : sum_at(c, key - 1)->key;
        if (!counted)
            keys[(*n)++] = key - 1;
    }
    qsort(keys, *n, sizeof *keys, by_key);
    return keys;
}

/* The codes of the next key. */
static inline void step(const struct cube *c, uint32_t code[DIM_COUNT])
{
    for (int d = DIM_COUNT - 1; d >= 0; d--) {
        if (++code[d] < c->cap[d])
            return;
        code[d] = 0;
    }
}

/* `keys`: of the cells that have no count, among those of the array. */
static void each_dense(const struct cube *c, const uint64_t *keys, size_t n,
                       cell_fn fn, void *ctx)
{
    struct cube_cell cell = {.count = 0};
    size_t k = 0;

    for (size_t i = 0; i < c->n_keys; i++, step(c, cell.code)) {
        uint64_t v = c->dense[i];

        if (!v && (k == n || keys[k] != i))
            continue;
        k += !v;
        cell.count = v ? (int64_t)v - 1 : 0;
        set_rare(c, i, &cell);
        if (!fn(ctx, &cell))
            return;
    }
}

static void each_listed(const struct cube *c, const uint64_t *keys, size_t n,
                        cell_fn fn, void *ctx)
{
    struct shape s = shape_now(c);

    for (size_t k = 0; k < n; k++) {
        struct cube_cell cell;

        codes_of(&s, keys[k], cell.code);
        cell.count = sum_at(c, keys[k])->count;
        set_rare(c, keys[k], &cell);
        if (!fn(ctx, &cell))
            return;
    }
}

void cube_each(const struct cube *c, cell_fn fn, void *ctx)
{
    size_t n;
    AUTO(mem) uint64_t *keys = listed_keys(c, &n);

    if (c->dense)
        each_dense(c, keys, n, fn, ctx);
    else
        each_listed(c, keys, n, fn, ctx);
}

struct summing {
    struct margin *out;
    size_t stride[DIM_COUNT]; /* 0 where not kept */
    uint32_t period;
};

static bool sum_cell(void *ctx, const struct cube_cell *cell)
{
    struct summing *s = ctx;
    size_t i = 0;

    if (s->period != DICT_NONE && cell->code[DIM_PERIOD] != s->period)
        return true;
    for (int d = 0; d < DIM_COUNT; d++)
        i += cell->code[d] * s->stride[d];
    s->out->count[i] += cell->count;
    s->out->withheld[i] += cell->withheld;
    s->out->missing[i] += cell->missing;
    return true;
}

enum rc cube_margin(const struct cube *c, unsigned keep, uint32_t period,
                    struct arena *a, struct margin *out)
{
    struct margin m = {.n = 1};
    struct summing s = {.out = &m, .period = period};

    for (int d = DIM_COUNT - 1; d >= 0; d--) {
        bool kept = keep & DIM_BIT(d);

        m.extent[d] = kept ? c->dict[d].n : 1;
        s.stride[d] = kept ? m.n : 0;
        if (__builtin_mul_overflow(m.n, m.extent[d], &m.n))
            return RC_LIMIT;
    }
    m.count = arena_try(a, m.n, sizeof *m.count);
    m.withheld = arena_try(a, m.n, sizeof *m.withheld);
    m.missing = arena_try(a, m.n, sizeof *m.missing);
    if (!m.count || !m.withheld || !m.missing)
        return RC_MEMORY;
    cube_each(c, sum_cell, &s);
    *out = m;
    return RC_OK;
}

/* --- ages ----------------------------------------------------------------- */

/* One to three digits at *at. */
static bool years(struct str s, size_t *at, int *out)
{
    size_t start = *at;

    for (*out = 0; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
        if (*at - start < 4)
            *out = *out * 10 + (s.p[*at] - '0');
    return *at > start && *at - start <= 3;
}

bool age_band_parse(struct str text, struct age_band *out)
{
    struct age_band band = {-1, -1};
    size_t at = 0;

    if (!text.n) {
        *out = band;
        return true;
    }
    if (!years(text, &at, &band.low))
        return false;
    band.high = band.low;
    if (at < text.n && text.p[at] == '+') {
        band.high = INT_MAX;
        at++;
    } else if (at < text.n && text.p[at] == '-') {
        at++;
        if (!years(text, &at, &band.high) || band.high < band.low)
            return false;
    }
    if (at != text.n)
        return false;
    *out = band;
    return true;
}
