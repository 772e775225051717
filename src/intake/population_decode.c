#include "intake/population_decode.h"

#include <stdlib.h>

enum { FIRST_ROWS = 1024 };

enum rc decoder_init(struct decoder *d, const struct plan *plan)
{
    bool ok = true;

    *d = (struct decoder){.plan = plan, .arena = arena_new(0)};
    d->where = arena_try(d->arena, plan->n_where + 1, sizeof *d->where);
    d->passes = arena_try(d->arena, plan->n_where + 1, sizeof *d->passes);
    d->passes_cap =
        arena_try(d->arena, plan->n_where + 1, sizeof *d->passes_cap);
    d->field = arena_try(d->arena, plan->n_need + 1, sizeof *d->field);
    ok = d->where && d->passes && d->passes_cap && d->field;
    for (size_t i = 0; ok && i < plan->n_where; i++)
        ok = text_codes_init(&d->where[i], d->arena);
    for (int k = 0; ok && k < DIM_COUNT; k++)
        if (plan->dim[k] != SIZE_MAX)
            ok = text_codes_init(&d->dim[k].texts, d->arena);
    if (!ok) {
        decoder_free(d);
        return RC_MEMORY;
    }
    return RC_OK;
}

void decoder_free(struct decoder *d)
{
    if (!d->arena)
        return;
    for (size_t i = 0; d->where && i < d->plan->n_where; i++)
        text_codes_free(&d->where[i]);
    for (int k = 0; k < DIM_COUNT; k++) {
        text_codes_free(&d->dim[k].texts);
        free(d->dim[k].global);
        free(d->dim[k].text);
        free(d->dim[k].line);
        free(d->dim[k].rows);
        free(d->code[k]);
    }
    for (size_t i = 0; d->passes && i < d->plan->n_where; i++)
        free(d->passes[i]);
    free(d->count);
    free(d->findings);
    free(d->scan.at);
    rows_free(&d->reader);
    arena_free(d->arena);
    *d = (struct decoder){0};
}

void decoder_clear(struct decoder *d)
{
    d->n = d->n_findings = 0;
    d->lines = d->rows = d->taken = d->skipped = 0;
    memset(d->found, 0, sizeof d->found);
}

/* --- what is wrong ------------------------------------------------------- */

void decoder_find(struct decoder *d, const struct finding *f)
{
    if (d->found[f->kind]++ >= FAULTS_KEPT)
        return;
    if (d->n_findings == d->cap_findings) {
        size_t cap = d->cap_findings ? d->cap_findings * 2 : 16;
        struct finding *p = realloc(d->findings, cap * sizeof *p);

        if (!p) {
            d->rc = RC_MEMORY;
            return;
        }
        d->findings = p;
        d->cap_findings = cap;
    }
    d->findings[d->n_findings++] = *f;
}

static void wrong(struct decoder *d, enum fault_kind kind, uint64_t line,
                  size_t need, struct str text)
{
    struct finding f = {.kind = kind, .line = line};

    f.column = d->plan->need[need] + 1;
    f.number[0] = TEXTS_MOST;
    excerpt(str_trim(text), f.text, sizeof f.text);
    decoder_find(d, &f);
}

/* --- texts of the dimensions ---------------------------------------------- */

static bool grow(void *items, size_t n, size_t size)
{
    void **at = items, *p = realloc(*at, n * size);

    if (p)
        *at = p;
    return p != NULL;
}

static bool dim_room(struct dim_codes *c)
{
    size_t cap = c->cap ? c->cap * 2 : 64;

    if (c->texts.n < c->cap)
        return true;
    if (!grow(&c->global, cap, sizeof *c->global) ||
        !grow(&c->text, cap, sizeof *c->text) ||
        !grow(&c->line, cap, sizeof *c->line) ||
        !grow(&c->rows, cap, sizeof *c->rows))
        return false;
    c->cap = cap;
    return true;
}

static enum fault_kind empty_fault(enum dim k)
{
    static const enum fault_kind kinds[DIM_COUNT] = {
        FAULT_AREA_EMPTY,  FAULT_ORIGIN_EMPTY, FAULT_SEX_UNKNOWN,
        FAULT_AGE_UNKNOWN, FAULT_PERIOD_EMPTY,
    };

    return kinds[k];
}

/* A text not seen before; TEXT_NONE when it has no place in the cube. */
static COLD uint32_t dim_new(struct decoder *d, enum dim k, struct str raw,
                             uint64_t line)
{
    struct dim_codes *c = &d->dim[k];
    struct str text = str_trim(raw);
    uint32_t at = dict_find(&d->plan->from[k], text), id;

    if (at != DICT_NONE)
        text = str_of(d->plan->spec->codes[k].to[at]);
    if (!text.n) {
        wrong(d, empty_fault(k), line, d->plan->dim[k], raw);
        return TEXT_NONE;
    }
    if (c->texts.n >= TEXTS_MOST || c->texts.bytes > TEXT_BYTES_MOST) {
        wrong(d, FAULT_TEXTS_TOO_MANY, line, d->plan->dim[k], raw);
        return TEXT_NONE;
    }
    id = dim_room(c) ? text_add(&c->texts, raw) : TEXT_NONE;
    if (id == TEXT_NONE) {
        d->rc = RC_MEMORY;
        return TEXT_NONE;
    }
    c->text[id] = (struct str){arena_str(d->arena, text), text.n};
    c->line[id] = line;
    c->rows[id] = 0;
    c->global[id] = 0;
    return id;
}

/* --- filters -------------------------------------------------------------- */

static COLD bool where_new(struct decoder *d, size_t i, struct str raw)
{
    const struct row_filter *f = &d->plan->spec->where[i];
    struct text_codes *t = &d->where[i];
    struct str text = str_trim(raw);
    bool passes = false;
    uint32_t id;

    for (size_t k = 0; !passes && k < f->n; k++)
        passes = str_eq(text, str_trim(str_of(f->values[k])));
    if (t->n >= TEXTS_MOST || t->bytes > TEXT_BYTES_MOST)
        return passes; /* too many to remember: decided each time */
    if (t->n == d->passes_cap[i]) {
        size_t cap = t->n ? t->n * 2 : 64;

        if (!grow(&d->passes[i], cap, sizeof **d->passes)) {
            d->rc = RC_MEMORY;
            return passes;
        }
        d->passes_cap[i] = cap;
    }
    id = text_add(t, raw);
    if (id == TEXT_NONE)
        d->rc = RC_MEMORY;
    else
        d->passes[i][id] = passes;
    return passes;
}

static bool row_passes(struct decoder *d)
{
    for (size_t i = 0; i < d->plan->n_where; i++) {
        uint32_t id = text_find(&d->where[i], d->field[i]);

        if (!(id == TEXT_NONE ? where_new(d, i, d->field[i])
                              : d->passes[i][id]))
            return false;
    }
    return true;
}

/* --- counts --------------------------------------------------------------- */

/* Up to eight digits, all at once; -1: something else. */
static inline int64_t digits_8(struct str s)
{
    const uint64_t zeros = 0x3030303030303030u;
    uint64_t v;

    if (s.n - 1 >= 8)
        return -1;
    memcpy(&v, s.p, 8);
    /* The first digit comes to the front, zeros before it. */
    v = v << (64 - 8 * s.n) | zeros >> (8 * s.n - 1) >> 1;
    if (((v & 0xF0F0F0F0F0F0F0F0u) |
         ((v + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) >> 4) !=
        0x3333333333333333u)
        return -1;
    v = (v & 0x0F0F0F0F0F0F0F0Fu) * 2561 >> 8;
    v = (v & 0x00FF00FF00FF00FFu) * 6553601 >> 16;
    return (int64_t)((v & 0x0000FFFF0000FFFFu) * 42949672960001u >> 32);
}

/* false: a fault, which is noted. */
static COLD bool count_slow(struct decoder *d, size_t need, uint64_t line,
                            int64_t *value)
{
    enum fault_kind kind;

    switch (count_parse(d->field[need], d->plan->spec, value, &kind)) {
    case COUNT_OK:
        return true;
    case COUNT_MISSING:
        *value = CUBE_MISSING;
        return true;
    case COUNT_WITHHELD:
        *value = CUBE_WITHHELD;
        return true;
    case COUNT_FAULT:
        break;
    }
    wrong(d, kind, line, need, d->field[need]);
    return false;
}

/* --- rows ----------------------------------------------------------------- */

static COLD bool row_room(struct decoder *d)
{
    size_t cap = MAX(d->cap * 2, d->plan->n_counts + FIRST_ROWS);

    for (int k = 0; k < DIM_COUNT; k++)
        if (!grow(&d->code[k], cap, sizeof *d->code[k])) {
            d->rc = RC_MEMORY;
            return false;
        }
    if (!grow(&d->count, cap, sizeof *d->count)) {
        d->rc = RC_MEMORY;
        return false;
    }
    d->cap = cap;
    return true;
}

static inline bool row_codes(struct decoder *d, uint64_t line,
                             uint32_t code[DIM_COUNT])
{
    const struct plan *p = d->plan;
    bool sound = true;

    for (int k = 0; k < DIM_COUNT; k++) {
        if (p->dim[k] == SIZE_MAX)
            continue;
        code[k] = text_find(&d->dim[k].texts, d->field[p->dim[k]]);
        if (UNLIKELY(code[k] == TEXT_NONE))
            code[k] = dim_new(d, (enum dim)k, d->field[p->dim[k]], line);
        sound &= code[k] != TEXT_NONE;
    }
    return sound;
}

/* All counts of the row, from d->count[d->n] on. */
static inline bool row_counts(struct decoder *d, uint64_t line)
{
    const struct plan *p = d->plan;
    int64_t *count = d->count + d->n;
    bool sound = true;

    for (size_t i = 0; i < p->n_counts; i++) {
        count[i] =
            p->digits_special ? -1 : digits_8(d->field[p->first_count + i]);
        if (UNLIKELY(count[i] < 0))
            sound &= count_slow(d, p->first_count + i, line, &count[i]);
    }
    return sound;
}

void decoder_row(struct decoder *d, uint64_t line)
{
    const struct plan *p = d->plan;
    uint32_t code[DIM_COUNT] = {0};
    bool sound;

    d->rows++;
    if (d->n + p->n_counts > d->cap && !row_room(d))
        return;
    if (p->n_where && !row_passes(d)) {
        d->skipped++;
        return;
    }
    sound = row_codes(d, line, code);
    sound &= row_counts(d, line);
    if (UNLIKELY(!sound))
        return;
    for (size_t i = 0; i < p->n_counts; i++, d->n++) {
        if (p->spec->n_wide)
            code[DIM_ORIGIN] = (uint32_t)i;
        for (int k = 0; k < DIM_COUNT; k++)
            d->code[k][d->n] = code[k];
    }
    d->taken++;
    if (p->dim[DIM_PERIOD] != SIZE_MAX)
        d->dim[DIM_PERIOD].rows[code[DIM_PERIOD]]++;
}

/* --- blocks --------------------------------------------------------------- */

/* Any block, row by row: with quotes, or with something wrong in it. */
static void block_slowly(struct decoder *d, const struct block *block)
{
    const struct plan *p = d->plan;
    enum row_state state;

    if (rows_begin(&d->reader, block, 0)) {
        d->rc = RC_MEMORY;
        return;
    }
    while ((state = rows_next(&d->reader)) != ROW_END) {
        if (state == ROW_BAD) {
            d->rows++;
            decoder_find(d, &d->reader.bad);
            continue;
        }
        for (size_t i = 0; i < p->n_need; i++)
            d->field[i] = d->reader.split.field[p->need[i]];
        decoder_row(d, d->reader.line);
    }
    d->lines = d->reader.next_line;
}

static bool scan_room(struct decoder *d, size_t bytes)
{
    if (bytes <= d->scan_cap)
        return true;
    free(d->scan.at);
    d->scan.at = malloc((bytes + BLOCK_PAD + 1) * sizeof *d->scan.at);
    d->scan_cap = d->scan.at ? bytes : 0;
    if (!d->scan.at)
        d->rc = RC_MEMORY;
    return d->scan.at != NULL;
}

/* A row whose number of fields is not the header's: blank, or a fault. */
static COLD const uint32_t *odd_row(struct decoder *d, const char *text,
                                    const uint32_t *at, size_t start)
{
    const uint32_t *first = at;
    size_t end, n;

    while (text[*at] != '\n')
        at++;
    n = (size_t)(at - first) + 1;
    end = *at - (*at > start && text[*at - 1] == '\r');
    if (end - start + 1 > n) {
        struct finding f = {.kind = FAULT_FIELD_COUNT, .line = d->lines};

        f.number[0] = n;
        f.number[1] = d->plan->n_columns;
        decoder_find(d, &f);
        d->rows++;
    }
    return at + 1;
}

/* No quotes, no NUL, valid UTF-8: fields lie between the places found. */
static void block_fast(struct decoder *d, const char *text)
{
    const struct plan *p = d->plan;
    const uint32_t *at = d->scan.at, *end = at + d->scan.n;
    size_t start = 0, last = p->n_columns - 1;

    for (; at < end; d->lines++) {
        const uint32_t *row = at;
        size_t fields = 0, row_end;

        while (fields < last && text[row[fields]] != '\n')
            fields++;
        if (UNLIKELY(fields < last || text[row[last]] != '\n')) {
            at = odd_row(d, text, at, start);
            start = at[-1] + 1;
            continue;
        }
        row_end = row[last];
        if (row_end > start && text[row_end - 1] == '\r')
            row_end--;
        at += p->n_columns;
        if (UNLIKELY(row_end - start == last)) { /* delimiters alone */
            start = at[-1] + 1;
            continue;
        }
        for (size_t i = 0; i < p->n_need; i++) {
            size_t k = p->need[i], from = k ? row[k - 1] + 1 : start;
            size_t to = k == last ? row_end : row[k];

            d->field[i] = (struct str){text + from, to - from};
        }
        decoder_row(d, d->lines);
        start = at[-1] + 1;
    }
}

void decoder_block(struct decoder *d, const struct block *block)
{
    char *text = block->p + block->from;
    size_t n = block->n - block->from;

    decoder_clear(d);
    if (!n)
        return;
    if (block->quotes || block->too_long || !scan_room(d, n)) {
        block_slowly(d, block);
        return;
    }
    csv_scan(text, n, d->reader.delimiter, &d->scan);
    if (d->scan.zero ||
        (d->scan.high && !str_utf8_valid((struct str){text, n}, NULL))) {
        block_slowly(d, block);
        return;
    }
    if (text[n - 1] != '\n') { /* the end of the file, in the padding */
        text[n] = '\n';
        d->scan.at[d->scan.n++] = (uint32_t)n;
    }
    block_fast(d, text);
}
