/* Outcomes, flows, governance and actors: one line, one record. */
#include "intake/table.h"

static const char *const level_names[] = {"local", "regional", "national",
                                          "other"};

/* Lines seen before: the key of a line to where it was. */
struct seen {
    struct dict keys;
    uint64_t *line;
    size_t n, cap;
};

/* The line on which the same key stood before, or 0. */
static uint64_t seen_before(struct seen *s, struct arena *a,
                            const struct table *t, size_t first, size_t n)
{
    AUTO(buf) struct buf b = {0};
    uint32_t code;

    if (!s->keys.arena)
        dict_init(&s->keys, a);
    buf_init(&b, 1 << 20);
    for (size_t i = first; i < first + n; i++) {
        buf_add(&b, table_text(t, i));
        buf_addc(&b, '\x1f');
    }
    code = dict_find(&s->keys, buf_str(&b));
    if (code != DICT_NONE)
        return s->line[code];
    dict_intern(&s->keys, buf_str(&b));
    VEC_PUSH(a, s->line, s->n, s->cap) = t->line;
    return 0;
}

/* A fault when a text that must be there is not. */
static bool need_text(struct table *t, size_t field)
{
    if (table_text(t, field).n)
        return true;
    fault_add(t->job->faults, FAULT_FIELD_EMPTY, table_place(t, field),
              t->fields[field].name);
    return false;
}

static bool area_known(const struct job *j, struct str id)
{
    return j->geography->n == 0 || job_area(j, id);
}

static enum level level_of(struct table *t, size_t field)
{
    struct str s = table_text(t, field);

    for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
        if (str_is(s, level_names[i]))
            return (enum level)i;
    fault_add(t->job->faults, FAULT_LEVEL_UNKNOWN, table_place(t, field),
              arena_str(t->job->scratch, s));
    return LEVEL_OTHER;
}

/* ---- outcomes ---- */

enum {
    O_INDICATOR,
    O_ORIGIN,
    O_GROUP,
    O_AREA,
    O_SEX,
    O_AGE,
    O_PERIOD,
    O_NUMERATOR,
    O_DENOMINATOR,
    O_COUNT
};

static const struct table_field outcome_fields[O_COUNT] = {
    {"indicator", true}, {"origin", false},   {"group", false},
    {"area", false},     {"sex", false},      {"age", false},
    {"period", false},   {"numerator", true}, {"denominator", true},
};

static void check_outcome(struct table *t, const struct outcome *o,
                          struct seen *seen)
{
    struct job *j = t->job;
    uint64_t before = seen_before(seen, j->scratch, t, 0, O_NUMERATOR);

    if (before)
        fault_add(j->faults, FAULT_ROW_TWICE, table_place(t, O_INDICATOR),
                  (unsigned long long)before,
                  "indicator, group, area, sex, age and period");
    if (o->area[0] && !area_known(j, str_of(o->area)))
        fault_add(j->faults, FAULT_AREA_UNKNOWN, table_place(t, O_AREA),
                  o->area);
    if (o->numerator >= 0 && o->denominator >= 0 &&
        o->numerator > o->denominator)
        fault_add(j->faults, FAULT_NUMERATOR_LARGER,
                  table_place(t, O_NUMERATOR), (long long)o->numerator,
                  (long long)o->denominator);
    else if (o->denominator == 0)
        fault_add(j->faults, FAULT_DENOMINATOR_ZERO,
                  table_place(t, O_DENOMINATOR), "");
}

static void check_group(struct table *t, const struct outcome *o)
{
    struct job *j = t->job;
    bool named = false;
    size_t field = table_has(t, O_ORIGIN) ? O_ORIGIN : O_GROUP;

    for (size_t i = 0; i < t->resource->n_names; i++)
        named |= strcmp(t->resource->names[i].code, o->group) == 0;
    if (!named && strcmp(o->group, "majority") != 0 &&
        strcmp(o->group, "migrants") != 0 && !job_origin(j, str_of(o->group)))
        fault_add(j->faults, FAULT_GROUP_UNKNOWN, table_place(t, field),
                  o->group);
}

static void check_sex_age(struct table *t, const struct outcome *o)
{
    struct age_band band;

    if (o->sex[0] && strcmp(o->sex, "male") != 0 &&
        strcmp(o->sex, "female") != 0 && strcmp(o->sex, "other") != 0)
        fault_add(t->job->faults, FAULT_SEX_UNKNOWN, table_place(t, O_SEX),
                  o->sex, o->sex);
    if (o->age[0] && !age_band_parse(str_of(o->age), &band))
        fault_add(t->job->faults, FAULT_AGE_UNKNOWN, table_place(t, O_AGE),
                  o->age, o->age);
}

static void take_outcome(struct table *t, size_t *cap, struct seen *seen)
{
    struct job *j = t->job;
    struct package *p = j->package;
    struct outcome *o;

    VEC_PUSH(j->a, p->outcomes, p->n_outcomes, *cap) = (struct outcome){0};
    o = &p->outcomes[p->n_outcomes - 1];
    o->indicator = table_copy(t, O_INDICATOR);
    o->group = table_copy(t, table_text(t, O_ORIGIN).n ? O_ORIGIN : O_GROUP);
    o->area = table_copy(t, O_AREA);
    o->sex = table_copy(t, O_SEX);
    o->age = table_copy(t, O_AGE);
    o->period = table_copy(t, O_PERIOD);
    if (!o->period[0] && p->period)
        o->period = p->period;
    o->numerator = table_count(t, O_NUMERATOR);
    o->denominator = table_count(t, O_DENOMINATOR);
    o->line = t->line;
    need_text(t, O_INDICATOR);
    if (o->group[0])
        check_group(t, o);
    else
        need_text(t, table_has(t, O_ORIGIN) ? O_ORIGIN : O_GROUP);
    check_sex_age(t, o);
    check_outcome(t, o, seen);
}

static void check_indicators(struct job *j, const struct resource *r)
{
    struct package *p = j->package;
    struct dict used;

    dict_init(&used, j->scratch);
    for (size_t i = 0; i < p->n_outcomes; i++)
        dict_intern(&used, str_of(p->outcomes[i].indicator));
    p->indicators = arena_array(j->a, struct outcome_indicator, used.n + 1);
    for (uint32_t i = 0; i < used.n; i++) {
        struct outcome_indicator *to = &p->indicators[p->n_indicators++];
        const char *code = arena_str(j->a, dict_text(&used, i));

        *to = (struct outcome_indicator){.code = code};
        for (size_t k = 0; k < r->n_indicators; k++)
            if (strcmp(r->indicators[k].code, code) == 0)
                to->names = r->indicators[k].names;
        if (to->names.n == 0 && code[0])
            fault_add(j->faults, FAULT_INDICATOR_UNNAMED, resource_place(r),
                      code, code);
    }
    for (size_t k = 0; k < r->n_indicators; k++)
        if (dict_find(&used, str_of(r->indicators[k].code)) == DICT_NONE)
            fault_add(j->faults, FAULT_INDICATOR_UNUSED, resource_place(r),
                      r->indicators[k].code);
}

enum rc read_outcomes(struct job *j, const struct resource *r, struct err *err)
{
    struct table t;
    struct seen seen = {0};
    bool more = true;
    size_t cap = 0;
    enum rc rc = table_open(&t, j, r, outcome_fields, O_COUNT, err);

    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    if (!table_has(&t, O_ORIGIN) && !table_has(&t, O_GROUP))
        fault_add(j->faults, FAULT_FIELD_UNDECLARED, resource_place(r),
                  "origin", "origin");
    while (!(rc = table_next(&t, &more, err)) && more)
        take_outcome(&t, &cap, &seen);
    job_note(j, r, &t.reading);
    table_close(&t);
    if (!rc)
        check_indicators(j, r);
    return rc;
}

/* ---- flows ---- */

enum { F_FROM, F_TO, F_PERIOD, F_NUMBER, F_COUNT };

static const struct table_field flow_fields[F_COUNT] = {
    {"from", true}, {"to", true}, {"period", false}, {"count", true}};

static void check_end(struct table *t, size_t field, const char *code)
{
    if (code[0] && t->job->geography->n && !area_known(t->job, str_of(code)) &&
        !job_origin(t->job, str_of(code)))
        fault_add(t->job->faults, FAULT_FLOW_END_UNKNOWN, table_place(t, field),
                  code);
}

enum rc read_flows(struct job *j, const struct resource *r, struct err *err)
{
    struct package *p = j->package;
    struct table t;
    bool more = true;
    size_t cap = 0;
    enum rc rc = table_open(&t, j, r, flow_fields, F_COUNT, err);

    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    while (!(rc = table_next(&t, &more, err)) && more) {
        struct flow *f;

        VEC_PUSH(j->a, p->flows, p->n_flows, cap) = (struct flow){0};
        f = &p->flows[p->n_flows - 1];
        f->from = table_copy(&t, F_FROM);
        f->to = table_copy(&t, F_TO);
        f->period = table_copy(&t, F_PERIOD);
        if (!f->period[0] && p->period)
            f->period = p->period;
        f->count = table_count(&t, F_NUMBER);
        check_end(&t, F_FROM, f->from);
        check_end(&t, F_TO, f->to);
        if (!f->from[0] && !f->to[0])
            fault_add(j->faults, FAULT_FLOW_NOWHERE, table_place(&t, F_FROM),
                      "");
    }
    job_note(j, r, &t.reading);
    table_close(&t);
    return rc;
}

/* ---- governance and actors ---- */

enum { G_SECTOR, G_LEVEL, G_ROLE, G_LAW, G_COUNT };

static const struct table_field governance_fields[G_COUNT] = {
    {"sector", true}, {"level", true}, {"role", true}, {"law", false}};

enum rc read_governance(struct job *j, const struct resource *r,
                        struct err *err)
{
    struct package *p = j->package;
    struct table t;
    bool more = true;
    size_t cap = 0;
    enum rc rc = table_open(&t, j, r, governance_fields, G_COUNT, err);

    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    while (!(rc = table_next(&t, &more, err)) && more) {
        struct competence *c;

        VEC_PUSH(j->a, p->competences, p->n_competences, cap) =
            (struct competence){0};
        c = &p->competences[p->n_competences - 1];
        need_text(&t, G_SECTOR);
        c->sector = table_copy(&t, G_SECTOR);
        c->level = level_of(&t, G_LEVEL);
        c->role = table_copy(&t, G_ROLE);
        c->law = table_copy(&t, G_LAW);
    }
    job_note(j, r, &t.reading);
    table_close(&t);
    return rc;
}

enum { A_NAME, A_TYPE, A_LEVEL, A_COMPETENCES, A_COUNT };

static const struct table_field actor_fields[A_COUNT] = {
    {"name", true}, {"type", true}, {"level", true}, {"competences", false}};

enum rc read_actors(struct job *j, const struct resource *r, struct err *err)
{
    struct package *p = j->package;
    struct table t;
    bool more = true;
    size_t cap = 0;
    enum rc rc = table_open(&t, j, r, actor_fields, A_COUNT, err);

    if (rc)
        return rc == RC_INVALID ? RC_OK : rc;
    while (!(rc = table_next(&t, &more, err)) && more) {
        struct actor *x;

        VEC_PUSH(j->a, p->actors, p->n_actors, cap) = (struct actor){0};
        x = &p->actors[p->n_actors - 1];
        need_text(&t, A_NAME);
        x->name = table_copy(&t, A_NAME);
        x->type = table_copy(&t, A_TYPE);
        x->level = level_of(&t, A_LEVEL);
        x->competences = table_copy(&t, A_COMPETENCES);
    }
    job_note(j, r, &t.reading);
    table_close(&t);
    return rc;
}
