/* What can be told only from the whole table: its codes and its periods. */
#include "intake/job.h"
#include "text/lang.h"

#include <limits.h>

static struct place code_place(const struct resource *r,
                               const struct population_result *result,
                               enum dim d, uint32_t code)
{
    static const char *const fields[DIM_COUNT] = {"area", "origin", "sex",
                                                  "age", "period"};
    const char *declared = pairs_find(&r->fields, fields[d]);

    return (struct place){
        .file = r->path,
        .line = code < result->n_codes[d] ? result->first_line[d][code] : 0,
        .column = result->column[d],
        .field = declared ? declared : fields[d]};
}

/* The same code but for leading zeros or capital letters: often the cause. */
static const char *area_like(const struct job *j, const char *code)
{
    while (*code == '0')
        code++;
    for (size_t i = 0; *code && i < j->geography->n; i++) {
        const char *id = j->geography->areas[i].id;

        while (*id == '0')
            id++;
        if (strcasecmp(id, code) == 0)
            return j->geography->areas[i].id;
    }
    return NULL;
}

static void check_areas(struct job *j, const struct resource *r,
                        const struct population_result *result)
{
    const struct dict *codes = cube_dict(j->cube, DIM_AREA);
    size_t known = 0;

    for (uint32_t i = 0; i < codes->n; i++) {
        struct str text = dict_text(codes, i);
        struct place at = code_place(r, result, DIM_AREA, i);
        const char *like;

        if (text.n == 0) {
            fault_add(j->faults, FAULT_AREA_EMPTY, at, "");
            continue;
        }
        if (j->geography->n == 0)
            continue;
        if (job_area(j, text)) {
            known++;
            continue;
        }
        like = area_like(j, text.p);
        if (like)
            fault_add(j->faults, FAULT_AREA_UNKNOWN_NEAR, at, text.p, like);
        else
            fault_add(j->faults, FAULT_AREA_UNKNOWN, at, text.p);
    }
    if (codes->n && j->geography->n && known == 0)
        fault_add(j->faults, FAULT_AREAS_WITHOUT_POPULATION,
                  (struct place){.file = r->path}, "");
}

bool job_origin(const struct job *j, struct str code)
{
    const struct descriptor *d = &j->descriptor;

    if (dict_find(cube_dict(j->cube, DIM_ORIGIN), code) != DICT_NONE)
        return true;
    for (size_t i = 0; i < d->n_origins; i++)
        if (str_is(code, d->origins[i].code))
            return true;
    return false;
}

static const struct names *origin_names(const struct job *j, const char *code)
{
    for (size_t i = 0; i < j->descriptor.n_origins; i++)
        if (strcmp(j->descriptor.origins[i].code, code) == 0)
            return &j->descriptor.origins[i].names;
    return NULL;
}

static bool country_code(const char *code)
{
    AUTO(buf) struct buf b = {0};
    size_t n = strlen(code);

    if (n < 2 || n > 3)
        return false;
    buf_init(&b, 1024);
    return lang_country(lang_find("en"), code, &b);
}

static void check_origins(struct job *j, const struct resource *r,
                          const struct population_result *result)
{
    const struct dict *codes = cube_dict(j->cube, DIM_ORIGIN);
    struct package *p = j->package;

    p->origins = arena_array(j->a, struct origin_info, codes->n + 1);
    for (uint32_t i = 0; i < codes->n; i++) {
        const char *code = dict_cstr(codes, i);
        const struct names *names = origin_names(j, code);
        struct place at = code_place(r, result, DIM_ORIGIN, i);
        struct origin_info *o = &p->origins[p->n_origins++];

        o->code = code;
        if (names)
            o->names = *names;
        for (size_t k = 0; k < j->descriptor.n_majority; k++)
            o->majority |= strcmp(j->descriptor.majority[k], code) == 0;
        if (!code[0])
            fault_add(j->faults, FAULT_ORIGIN_EMPTY, at, "");
        else if (!names && !country_code(code))
            fault_add(j->faults, FAULT_ORIGIN_UNKNOWN, at, code);
    }
}

static void check_descriptor_origins(struct job *j)
{
    const struct dict *codes = cube_dict(j->cube, DIM_ORIGIN);
    const struct package *p = j->package;
    struct place at = job_place(j, "/passerelle/majority");

    if (codes->n == 0)
        return;
    for (size_t i = 0; i < j->descriptor.n_majority; i++)
        if (dict_find(codes, str_of(j->descriptor.majority[i])) == DICT_NONE)
            fault_add(j->faults, FAULT_MAJORITY_UNKNOWN, at,
                      j->descriptor.majority[i]);
    for (size_t i = 0; i < p->n_levels; i++)
        for (size_t k = 0; k < p->levels[i].n_maps; k++)
            if (dict_find(codes, str_of(p->levels[i].origin[k])) == DICT_NONE) {
                at.field =
                    arena_printf(j->scratch, "/passerelle/origin_levels/%s",
                                 p->levels[i].code);
                fault_add(j->faults, FAULT_LEVEL_ORIGIN_UNKNOWN, at,
                          p->levels[i].origin[k]);
            }
}

/* A mapping to a value that is none was told with the descriptor. */
static bool code_told(const struct resource *r, const char *field,
                      struct str value)
{
    for (size_t i = 0; i < r->n_codes; i++)
        for (size_t k = 0; k < r->codes[i].map.n; k++)
            if (strcmp(r->codes[i].field, field) == 0 &&
                str_is(value, r->codes[i].map.to[k]))
                return true;
    return false;
}

static void check_sex_age(struct job *j, const struct resource *r,
                          const struct population_result *result)
{
    const struct dict *sexes = cube_dict(j->cube, DIM_SEX);
    const struct dict *ages = cube_dict(j->cube, DIM_AGE);
    struct age_band band;

    for (uint32_t i = 0; i < sexes->n; i++) {
        struct str s = dict_text(sexes, i);

        if (s.n && !str_is(s, "male") && !str_is(s, "female") &&
            !str_is(s, "other") && !code_told(r, "sex", s))
            fault_add(j->faults, FAULT_SEX_UNKNOWN,
                      code_place(r, result, DIM_SEX, i), s.p, s.p);
    }
    for (uint32_t i = 0; i < ages->n; i++) {
        struct str s = dict_text(ages, i);

        if (s.n && !age_band_parse(s, &band) && !code_told(r, "age", s))
            fault_add(j->faults, FAULT_AGE_UNKNOWN,
                      code_place(r, result, DIM_AGE, i), s.p, s.p);
    }
}

static const char *list_codes(struct job *j, const struct dict *d)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 400);
    for (uint32_t i = 0; i < d->n && !b.failed; i++) {
        if (i)
            buf_adds(&b, ", ");
        buf_add(&b, dict_text(d, i));
    }
    return arena_strdup(j->scratch, buf_cstr(&b));
}

/* One code "" only: the table has no period column. */
static bool without_periods(const struct dict *periods)
{
    return periods->n == 1 && dict_text(periods, 0).n == 0;
}

static void check_periods(struct job *j, const struct resource *r,
                          const struct population_result *result)
{
    const struct dict *periods = cube_dict(j->cube, DIM_PERIOD);
    const struct package *p = j->package;
    struct place at = job_place(j, "/passerelle/period");

    if (periods->n == 0)
        return;
    if (without_periods(periods) && result->column[DIM_PERIOD] == 0) {
        at = job_place(j, "/passerelle/compare");
        if (p->compare)
            fault_add(j->faults, FAULT_COMPARE_WITHOUT_PERIODS, at, "");
        return;
    }
    for (uint32_t i = 0; i < periods->n; i++)
        if (dict_text(periods, i).n == 0)
            fault_add(j->faults, FAULT_PERIOD_EMPTY,
                      code_place(r, result, DIM_PERIOD, i), "");
    if (p->period && dict_find(periods, str_of(p->period)) == DICT_NONE)
        fault_add(j->faults, FAULT_PERIOD_ABSENT, at, p->period,
                  list_codes(j, periods));
    at = job_place(j, "/passerelle/compare");
    if (p->compare && dict_find(periods, str_of(p->compare)) == DICT_NONE)
        fault_add(j->faults, FAULT_COMPARE_ABSENT, at, p->compare,
                  list_codes(j, periods));
}

/* The code of a period in the cube; DICT_NONE when it is not there. */
static uint32_t period_code(const struct job *j, const char *period)
{
    const struct dict *periods = cube_dict(j->cube, DIM_PERIOD);

    if (without_periods(periods))
        return 0;
    return period ? dict_find(periods, str_of(period)) : DICT_NONE;
}

static enum rc check_empty_areas(struct job *j, const struct resource *r)
{
    const struct dict *codes = cube_dict(j->cube, DIM_AREA);
    const struct geography *g = j->geography;
    uint32_t period = period_code(j, j->package->period);
    struct place at = {.file = r->path};
    struct margin m;
    uint64_t total = 0, unknown = 0;
    enum rc rc;

    if (period == DICT_NONE || codes->n == 0)
        return RC_OK;
    rc = cube_margin(j->cube, DIM_BIT(DIM_AREA), period, j->scratch, &m);
    if (rc)
        return rc;
    for (size_t i = 0; i < m.n; i++) {
        total += (uint64_t)m.count[i];
        unknown += m.withheld[i] + m.missing[i];
    }
    if (total == 0 && unknown == 0 && j->package->period)
        fault_add(j->faults, FAULT_POPULATION_NONE, at, j->package->period);
    for (size_t i = 0; total && j->package->period && i < g->n; i++) {
        uint32_t code = dict_find(codes, str_of(g->areas[i].id));

        if (code == DICT_NONE || code >= m.n ||
            (m.count[code] == 0 && !m.withheld[code] && !m.missing[code]))
            fault_add(j->faults, FAULT_AREA_WITHOUT_POPULATION, at,
                      g->areas[i].id, j->package->period);
    }
    return RC_OK;
}

static enum rc check_age_overlap(struct job *j, const struct resource *r,
                                 const char *period_text)
{
    const struct dict *ages = cube_dict(j->cube, DIM_AGE);
    uint32_t period = period_code(j, period_text);
    struct margin m;
    enum rc rc;

    if (period == DICT_NONE || ages->n < 2)
        return RC_OK;
    rc = cube_margin(j->cube, DIM_BIT(DIM_AGE), period, j->scratch, &m);
    for (uint32_t i = 0; !rc && i < m.n; i++)
        for (uint32_t k = i + 1; m.count[i] && k < m.n; k++) {
            struct age_band a, b;

            if (!m.count[k] || !age_band_parse(dict_text(ages, i), &a) ||
                !age_band_parse(dict_text(ages, k), &b) || a.low < 0 ||
                b.low < 0 || a.low > b.high || b.low > a.high)
                continue;
            fault_add(j->faults, FAULT_AGE_OVERLAP,
                      (struct place){.file = r->path}, dict_cstr(ages, i),
                      dict_cstr(ages, k), period_text ? period_text : "");
        }
    return rc;
}

enum rc check_population(struct job *j, const struct resource *r,
                         const struct population_result *result, bool whole,
                         struct err *err)
{
    struct place at = {.file = r->path};
    enum rc rc = RC_OK;

    check_areas(j, r, result);
    check_origins(j, r, result);
    if (whole)
        check_descriptor_origins(j);
    check_sex_age(j, r, result);
    check_periods(j, r, result);
    if (result->rows && result->skipped == result->rows)
        fault_add(j->faults, FAULT_WHERE_NONE, at,
                  (unsigned long long)result->rows);
    else if (result->skipped)
        fault_add(j->faults, FAULT_ROWS_SKIPPED, at,
                  (unsigned long long)result->skipped,
                  (unsigned long long)result->rows);
    if (result->withheld)
        fault_add(j->faults, FAULT_CELLS_WITHHELD, at,
                  (unsigned long long)result->withheld);
    if (result->missing)
        fault_add(j->faults, FAULT_CELLS_MISSING, at,
                  (unsigned long long)result->missing);
    if (whole)
        rc = check_empty_areas(j, r);
    if (!rc)
        rc = check_age_overlap(j, r, j->package->period);
    if (!rc && j->package->compare)
        rc = check_age_overlap(j, r, j->package->compare);
    if (rc)
        return err_set(err, rc, N_("not enough memory"));
    return RC_OK;
}
