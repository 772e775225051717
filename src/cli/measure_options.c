#include "cli/measure.h"

/* A word of a list of our own; -1: none of them (err is set). */
struct word {
    const char *text;
    int value;
};

static enum rc choose(const struct measuring *m, const char *option,
                      const struct word *words, size_t n, int fallback,
                      int *out, struct err *err)
{
    const char *text = cli_option(m->c, option);
    AUTO(buf) struct buf all = {.ceiling = 1000};

    *out = fallback;
    if (!text)
        return RC_OK;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, words[i].text) == 0) {
            *out = words[i].value;
            return RC_OK;
        }
        buf_fmt(&all, "%s%s", i ? ", " : "", words[i].text);
    }
    return err_set(err, RC_USAGE, N_("--%s takes one of %s, not '%s'"), option,
                   buf_cstr(&all), text);
}

static size_t split(const struct measuring *m, const char *option,
                    const char **items, size_t most)
{
    const char *text = cli_option(m->c, option);
    struct str rest = str_of(text ? text : "");
    size_t n = 0;

    while (rest.n && n < most)
        items[n++] = arena_str(m->c->arena, cli_item(&rest));
    return n;
}

static enum rc read_real(const struct measuring *m, const char *option,
                         double least, double most, double *out,
                         struct err *err)
{
    const char *text = cli_option(m->c, option);
    double v;

    if (!text)
        return RC_OK;
    if (!str_double(str_of(text), &v) || v < least || v > most)
        return err_set(err, RC_USAGE,
                       N_("--%s takes a number from %g to %g, not '%s'"),
                       option, least, most, text);
    *out = v;
    return RC_OK;
}

/* Among the codes: one that contains the word, or is a few letters away. */
static const char *near_measure(const char *code)
{
    size_t count, length = strlen(code);
    const struct measure *all = measure_catalogue(&count);
    const char *near = NULL;
    unsigned best = 4;

    for (size_t i = 0; i < count; i++) {
        unsigned d = str_distance(str_of(code), str_of(all[i].code), 4);

        if (d < best) {
            best = d;
            near = all[i].code;
        }
    }
    for (size_t i = 0; i < count && !near && length >= 4; i++)
        if (strstr(all[i].code, code))
            near = all[i].code;
    return near;
}

static enum rc unknown_measure(const char *code, struct err *err)
{
    const char *near = near_measure(code);

    if (near)
        return err_set(err, RC_USAGE,
                       N_("there is no measure '%s'; did you mean '%s'?"), code,
                       near);
    return err_set(err, RC_USAGE,
                   N_("there is no measure '%s'; --list prints the "
                      "catalogue"),
                   code);
}

static void select_one(struct measuring *m, const struct measure *one,
                       bool named)
{
    for (size_t i = 0; i < m->n_selected; i++)
        if (m->selected[i] == one) {
            m->named[i] |= named;
            return;
        }
    if (m->n_selected == SELECTED_MOST)
        return;
    m->named[m->n_selected] = named;
    m->selected[m->n_selected++] = one;
}

/* "all", "counts" and "areas" stand for many; false: none of these words. */
static bool select_many(struct measuring *m, const char *word)
{
    unsigned needs = strcmp(word, "all") == 0      ? ~0u
                     : strcmp(word, "counts") == 0 ? NEEDS_COUNTS
                     : strcmp(word, "areas") == 0  ? NEEDS_AREAS
                                                   : 0;
    size_t n;
    const struct measure *all = measure_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i].needs & needs)
            select_one(m, &all[i], false);
    return needs;
}

static enum rc select_measures(struct measuring *m, struct err *err)
{
    const char *codes[SELECTED_MOST];
    size_t n = split(m, "measures", codes, SELECTED_MOST);

    if (!n)
        select_many(m, "all");
    for (size_t i = 0; i < n; i++) {
        const struct measure *found = measure_find(codes[i]);
        enum extra extra = extra_find(codes[i]);

        if (extra != EXTRA_COUNT)
            m->extra[extra] = true;
        else if (found)
            select_one(m, found, true);
        else if (!select_many(m, codes[i]))
            return unknown_measure(codes[i], err);
    }
    return RC_OK;
}

static enum rc read_scopes(struct measuring *m, struct err *err)
{
    static const struct word words[] = {
        {"city", MEASURE_CITY},
        {"group", MEASURE_GROUP},
        {"pair", MEASURE_PAIR},
        {"area", MEASURE_AREA | MEASURE_GROUP_AREA}};
    const char *items[8];
    size_t n = split(m, "scope", items, ARRAY_LEN(items));

    m->scopes = n ? 0 : MEASURE_CITY | MEASURE_GROUP;
    for (size_t i = 0; i < n; i++) {
        unsigned before = m->scopes;

        for (size_t w = 0; w < ARRAY_LEN(words); w++)
            if (strcmp(items[i], words[w].text) == 0)
                m->scopes |= (unsigned)words[w].value;
        if (m->scopes == before)
            return err_set(err, RC_USAGE,
                           N_("--scope takes city, group, pair and area, not "
                              "'%s'"),
                           items[i]);
    }
    return RC_OK;
}

static enum rc read_table_options(struct measuring *m, struct err *err)
{
    const char **columns = arena_array(m->c->arena, const char *, 4096);
    struct matrix_spec *s = &m->spec;

    s->file = m->c->operand[0];
    s->unit = cli_option(m->c, "unit");
    s->n_groups = split(m, "groups", columns, 4096);
    s->groups = columns;
    s->group = cli_option(m->c, "group-col");
    s->count = cli_option(m->c, "count-col");
    s->total = cli_option(m->c, "total");
    s->period = cli_option(m->c, "period");
    s->n_within = split(m, "within", s->within, LEVELS_MOST);
    s->where[WHERE_X] = cli_option(m->c, "x");
    s->where[WHERE_Y] = cli_option(m->c, "y");
    s->where[WHERE_AREA] = cli_option(m->c, "area-col");
    s->where[WHERE_PERIMETER] = cli_option(m->c, "perimeter-col");
    if (!s->file)
        return err_set(err, RC_USAGE, N_("'measure' needs: FILE"));
    if (!s->where[WHERE_X] != !s->where[WHERE_Y])
        return err_set(err, RC_USAGE, N_("--x and --y belong together"));
    if (s->where[WHERE_X] && cli_option(m->c, "areas"))
        return err_set(err, RC_USAGE,
                       N_("--areas is for boundaries, --x and --y for a table "
                          "with centroids"));
    if (!s->where[WHERE_X] &&
        (s->where[WHERE_AREA] || s->where[WHERE_PERIMETER]))
        return err_set(err, RC_USAGE,
                       N_("--area-col and --perimeter-col need --x and --y"));
    if (!s->group != !s->count)
        return err_set(err, RC_USAGE,
                       N_("--group-col and --count-col belong together"));
    if (s->n_groups && s->group)
        return err_set(err, RC_USAGE,
                       N_("--groups is for a wide table, --group-col for a "
                          "long one"));
    if (!s->n_groups && !s->group)
        return err_set(err, RC_USAGE,
                       N_("say where the counts are: --groups A,B,C for one "
                          "column a group, or --group-col and --count-col"));
    if (s->group && !s->unit)
        return err_set(err, RC_USAGE, N_("a long table needs --unit"));
    return RC_OK;
}

static const struct word shapes[] = {
    {"uniform", SHAPE_UNIFORM},     {"triangular", SHAPE_TRIANGULAR},
    {"quadratic", SHAPE_QUADRATIC}, {"biweight", SHAPE_BIWEIGHT},
    {"gaussian", SHAPE_GAUSSIAN},   {"exponential", SHAPE_EXPONENTIAL},
    {"inverse", SHAPE_INVERSE}};

static enum rc read_kernel(struct measuring *m, struct err *err)
{
    const char *text = cli_option(m->c, "kernel");
    const char *colon = text ? strchr(text, ':') : NULL;
    double metres;

    if (!text)
        return RC_OK;
    for (size_t i = 0; colon && i < ARRAY_LEN(shapes); i++) {
        if (!str_eq((struct str){text, (size_t)(colon - text)},
                    str_of(shapes[i].text)))
            continue;
        if (!str_double(str_of(colon + 1), &metres) || metres < 0)
            break;
        m->space_options.kernel =
            kernel_of((enum kernel_shape)shapes[i].value, metres);
        if (cli_option(m->c, "density-kernel")) {
            m->space_options.kernel.density = true;
            m->space_options.kernel.reach_m = metres;
        }
        m->kernel = true;
        return RC_OK;
    }
    return err_set(err, RC_USAGE,
                   N_("--kernel is a shape, a colon and metres, as in "
                      "triangular:1000, not '%s'"),
                   text);
}

static enum rc read_bandwidths(struct measuring *m, struct err *err)
{
    const char *items[BANDWIDTHS_MOST];
    size_t n = split(m, "bandwidths", items, BANDWIDTHS_MOST);

    for (size_t i = 0; i < n; i++)
        if (!str_double(str_of(items[i]), &m->bandwidths[i]) ||
            m->bandwidths[i] < 0 ||
            (i && m->bandwidths[i] <= m->bandwidths[i - 1]))
            return err_set(err, RC_USAGE,
                           N_("--bandwidths are metres that grow, as in "
                              "500,1000,2000, not '%s'"),
                           items[i]);
    if (n) {
        m->space_options.bandwidth_m = m->bandwidths;
        m->space_options.bandwidths = n;
    }
    return RC_OK;
}

static enum rc read_centre(struct measuring *m, struct err *err)
{
    const char *text = cli_option(m->c, "centre");
    const char *items[2];
    struct spatial_options *o = &m->space_options;

    if (!text || strcmp(text, "weighted") == 0)
        return RC_OK;
    if (strcmp(text, "mean") == 0) {
        o->centre = CENTRE_CENTROIDS;
        return RC_OK;
    }
    o->centre = CENTRE_AT;
    if (split(m, "centre", items, 2) == 2 &&
        str_double(str_of(items[0]), &o->centre_x_m) &&
        str_double(str_of(items[1]), &o->centre_y_m))
        return RC_OK;
    return err_set(err, RC_USAGE,
                   N_("--centre is X,Y in metres, weighted or mean, not '%s'"),
                   text);
}

static enum rc read_space_options(struct measuring *m, struct err *err)
{
    static const struct word contiguity[] = {{"queen", CONTIGUITY_QUEEN},
                                             {"rook", CONTIGUITY_ROOK}};
    static const struct word units[] = {{"km", 1000}, {"m", 1}};
    static const struct word selves[] = {{"disc", SELF_DISC},
                                         {"zero", SELF_ZERO}};
    static const struct word contacts[] = {{"distance", CONTACT_DISTANCE},
                                           {"neighbours", CONTACT_NEIGHBOURS}};
    struct spatial_options *o = &m->space_options;
    int links = 0, unit = 0, self = 0, contact = 0;
    enum rc rc = choose(m, "contiguity", contiguity, ARRAY_LEN(contiguity),
                        CONTIGUITY_QUEEN, &links, err);

    if (!rc)
        rc = choose(m, "distance-unit", units, ARRAY_LEN(units), 1000, &unit,
                    err);
    if (!rc)
        rc = choose(m, "self-distance", selves, ARRAY_LEN(selves), SELF_DISC,
                    &self, err);
    if (!rc)
        rc = choose(m, "contact", contacts, ARRAY_LEN(contacts),
                    CONTACT_DISTANCE, &contact, err);
    o->contiguity = (enum contiguity)links;
    o->distance_unit_m = unit;
    o->self = (enum self_distance)self;
    o->contact = (enum contact)contact;
    m->contact_by_neighbours = o->contact == CONTACT_NEIGHBOURS;
    o->interior_only = cli_option(m->c, "interior-only");
    o->row_standardised = cli_option(m->c, "row-standardised");
    if (cli_option(m->c, "local-counts"))
        o->form = LOCAL_COUNTS;
    if (!rc)
        rc = read_kernel(m, err);
    if (!rc)
        rc = read_bandwidths(m, err);
    if (!rc)
        rc = read_centre(m, err);
    if (!rc && m->kernel && !cli_option(m->c, "areas") &&
        !m->spec.where[WHERE_X])
        return err_set(err, RC_USAGE,
                       N_("--kernel needs --areas, or --x and --y"));
    return rc;
}

static enum rc read_inference(struct measuring *m, struct err *err)
{
    static const struct word nulls[] = {{"evenness", MODEL_EVENNESS},
                                        {"systematic", MODEL_SYSTEMATIC},
                                        {"fixed", MODEL_FIXED_MARGINS},
                                        {"free", MODEL_FREE_MARGINS},
                                        {"areas", MODEL_AREAS}};
    static const struct word boots[] = {{"bootstrap", MODEL_PERSONS},
                                        {"bootstrap:persons", MODEL_PERSONS},
                                        {"bootstrap:groups", MODEL_GROUPS},
                                        {"bootstrap:units", MODEL_UNITS}};
    int null_model = -1, boot = -1;
    enum rc rc =
        choose(m, "null", nulls, ARRAY_LEN(nulls), -1, &null_model, err);

    if (!rc)
        rc = choose(m, "interval", boots, ARRAY_LEN(boots), -1, &boot, err);
    m->test = null_model >= 0;
    m->interval = boot >= 0;
    m->null_model = (enum measure_model)MAX(null_model, 0);
    m->bootstrap = (enum measure_model)MAX(boot, 0);
    m->level = 0.95;
    if (!rc)
        rc = read_real(m, "level", 0.5, 0.9999, &m->level, err);
    return rc;
}

static enum rc read_numbers(struct measuring *m, struct err *err)
{
    uint64_t draws, threads;
    enum rc rc = cli_number(m->c, "draws", 2, 500, &draws, err);

    if (!rc)
        rc = cli_number(m->c, "seed", 0, 1, &m->options.seed, err);
    if (!rc)
        rc = cli_number(m->c, "threads", 0, 0, &threads, err);
    if (!rc)
        rc = read_real(m, "atkinson-b", 1e-6, 1 - 1e-6, &m->options.atkinson_b,
                       err);
    if (!rc)
        rc = read_real(m, "precision", 1e-12, 0.1, &m->precision, err);
    if (!rc)
        rc = read_real(m, "log-base", 1.000001, 1e6, &m->options.log_base, err);
    if (rc)
        return rc;
    m->bounds = cli_option(m->c, "bounds");
    m->options.draws = draws;
    m->options.threads = (unsigned)threads;
    m->space_options.threads = (unsigned)threads;
    if (cli_option(m->c, "exact-isolation"))
        m->options.flags |= MEASURE_EXACT_ISOLATION;
    if (cli_option(m->c, "density-from-zero"))
        m->options.flags |= MEASURE_DENSITY_FROM_ZERO;
    if (cli_option(m->c, "normalised"))
        m->options.flags |= MEASURE_NORMALISED;
    return RC_OK;
}

enum rc measuring_options(struct measuring *m, struct err *err)
{
    enum rc rc;

    m->options = measure_defaults();
    m->space_options = spatial_defaults();
    m->group = m->against = DICT_NONE;
    m->compare[0] = m->compare[1] = DICT_NONE;
    rc = read_table_options(m, err);
    if (!rc)
        rc = select_measures(m, err);
    if (!rc)
        rc = read_scopes(m, err);
    if (!rc)
        rc = read_space_options(m, err);
    if (!rc)
        rc = read_inference(m, err);
    if (!rc)
        rc = read_numbers(m, err);
    return rc;
}
