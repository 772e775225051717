#include "intake/population_decode.h"

void tally_init(struct tally *t, const struct plan *plan, struct cube *cube,
                struct arena *a, struct faults *faults, const char *encoding,
                struct population_result *out)
{
    *t = (struct tally){.plan = plan,
                        .cube = cube,
                        .arena = a,
                        .faults = faults,
                        .encoding = encoding,
                        .out = out};
    *out = (struct population_result){0};
    for (int d = 0; d < DIM_COUNT; d++)
        if (plan->dim[d] != SIZE_MAX)
            out->column[d] = plan->need[plan->dim[d]] + 1;
}

/* Room for a place in the lists that go with the cube's codes. */
static bool code_room(struct tally *t, enum dim d, size_t n)
{
    struct population_result *out = t->out;
    size_t cap = t->cap[d], more = MAX(n, cap ? cap * 2 : 64);
    uint64_t *lines;

    if (n <= cap)
        return true;
    lines = arena_grow(t->arena, out->first_line[d], cap * sizeof *lines,
                       more * sizeof *lines);
    if (!lines)
        return false;
    out->first_line[d] = lines;
    if (d == DIM_PERIOD) {
        lines = arena_grow(t->arena, out->period_rows, cap * sizeof *lines,
                           more * sizeof *lines);
        if (!lines)
            return false;
        out->period_rows = lines;
    }
    t->cap[d] = more;
    return true;
}

static void too_many(struct tally *t, enum dim d, uint64_t line)
{
    struct finding f = {.kind = FAULT_TEXTS_TOO_MANY, .line = line};

    f.column = t->out->column[d];
    f.number[0] = TEXTS_MOST;
    finding_report(&f, t->plan->spec->file, t->plan->spec->column[d],
                   t->encoding, t->faults);
    t->stop = true;
}

/* Texts that this decoder met since the last time get their cube code. */
static enum rc tell_texts(struct tally *t, struct dim_codes *c, enum dim d,
                          uint64_t line)
{
    for (; c->n_told < c->texts.n && !t->stop; c->n_told++) {
        uint32_t code = cube_code(t->cube, d, c->text[c->n_told]);

        if (code >= TEXTS_MOST)
            too_many(t, d, line + c->line[c->n_told]);
        if (!code_room(t, d, (size_t)code + 1))
            return RC_MEMORY;
        if (!t->out->first_line[d][code])
            t->out->first_line[d][code] = line + c->line[c->n_told];
        c->global[c->n_told] = code;
    }
    return RC_OK;
}

static void add_period_rows(struct tally *t, struct dim_codes *c)
{
    for (uint32_t i = 0; i < c->texts.n; i++) {
        t->out->period_rows[c->global[i]] += c->rows[i];
        c->rows[i] = 0;
    }
}

static void report(struct tally *t, const struct decoder *d, uint64_t line)
{
    const struct plan *p = t->plan;
    uint64_t kept[FAULT_KINDS] = {0};

    for (size_t i = 0; i < d->n_findings; i++) {
        struct finding f = d->findings[i];
        const char *field = NULL;

        f.line += line;
        if (f.column && f.column <= p->n_columns)
            field = p->header[f.column - 1].p;
        finding_report(&f, p->spec->file, field, t->encoding, t->faults);
        kept[f.kind]++;
        t->stop |= f.kind == FAULT_TEXTS_TOO_MANY;
    }
    for (size_t k = 0; k < FAULT_KINDS; k++)
        t->faults->count[k] += d->found[k] - kept[k];
}

static enum rc add_rows(struct tally *t, const struct decoder *d)
{
    struct cube_rows rows = {.n = d->n, .count = d->count};
    const struct plan *p = t->plan;

    for (int k = 0; k < DIM_COUNT; k++) {
        if (p->dim[k] != SIZE_MAX) {
            rows.code[k] = d->code[k];
            rows.map[k] = d->dim[k].global;
        } else if (k == DIM_ORIGIN && p->spec->n_wide) {
            rows.code[k] = d->code[k];
            rows.map[k] = p->origin;
        } else {
            rows.constant[k] = p->constant[k];
        }
    }
    return d->n ? cube_add_rows(t->cube, &rows) : RC_OK;
}

enum rc tally_add(struct tally *t, struct decoder *d, uint64_t line,
                  struct err *err)
{
    struct population_result *out = t->out;
    enum rc rc = d->rc;

    for (int k = 0; k < DIM_COUNT && rc == RC_OK; k++)
        if (t->plan->dim[k] != SIZE_MAX)
            rc = tell_texts(t, &d->dim[k], (enum dim)k, line);
    if (rc)
        return err_set(err, rc, N_("not enough memory"));
    report(t, d, line);
    out->rows += d->rows;
    out->skipped += d->skipped;
    if (t->stop)
        return RC_OK;
    rc = add_rows(t, d);
    if (rc == RC_LIMIT) {
        fault_add(t->faults, FAULT_COUNT_TOTAL,
                  (struct place){.file = t->plan->spec->file});
        t->stop = true;
        return RC_OK;
    }
    if (rc)
        return err_set(err, rc, N_("not enough memory"));
    out->taken += d->taken;
    for (size_t i = 0; i < d->n; i++) {
        out->missing += d->count[i] == CUBE_MISSING;
        out->withheld += d->count[i] == CUBE_WITHHELD;
    }
    if (t->plan->dim[DIM_PERIOD] != SIZE_MAX)
        add_period_rows(t, &d->dim[DIM_PERIOD]);
    return RC_OK;
}

bool tally_end(struct tally *t)
{
    struct population_result *out = t->out;
    const struct plan *p = t->plan;

    for (int d = 0; d < DIM_COUNT; d++) {
        out->n_codes[d] = cube_dict(t->cube, (enum dim)d)->n;
        if (!code_room(t, (enum dim)d, out->n_codes[d]))
            return false;
    }
    for (size_t i = 0; i < p->spec->n_wide; i++)
        out->first_line[DIM_ORIGIN][p->origin[i]] = 1;
    if (p->dim[DIM_PERIOD] == SIZE_MAX)
        out->period_rows[p->constant[DIM_PERIOD]] = out->taken;
    return true;
}
