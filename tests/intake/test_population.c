/*
 * intake/: population tables against a plain list of what was written, for
 * random tables, every way of writing them, block sizes and threads.
 */
#include "intake/table_population.h"
#include "table_file.h"

#include "base/rng.h"

/* --- one count ------------------------------------------------------------ */

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        enum count_state state;
        int64_t value;
        const char *fault;
    } cases[] = {
        {"0", COUNT_OK, 0, NULL},
        {"7", COUNT_OK, 7, NULL},
        {" 12\t", COUNT_OK, 12, NULL},
        {"007", COUNT_OK, 7, NULL},
        {"12345678", COUNT_OK, 12345678, NULL},
        {"123456789", COUNT_OK, 123456789, NULL},
        {"4611686018427387904", COUNT_OK, (int64_t)1 << 62, NULL},
        {"4611686018427387905", COUNT_FAULT, 0, "count-too-large"},
        {"9223372036854775808", COUNT_FAULT, 0, "count-too-large"},
        {"99999999999999999999999", COUNT_FAULT, 0, "count-too-large"},
        {"7.0", COUNT_OK, 7, NULL},
        {"7.00", COUNT_OK, 7, NULL},
        {"0.000", COUNT_OK, 0, NULL},
        {"12345.000", COUNT_OK, 12345, NULL},
        {"7.5", COUNT_FAULT, 0, "count-decimal"},
        {"7,5", COUNT_FAULT, 0, "count-decimal"},
        {"7,0", COUNT_FAULT, 0, "count-decimal"},
        {"0.125", COUNT_FAULT, 0, "count-decimal"},
        {"1234.567", COUNT_FAULT, 0, "count-decimal"},
        {"1.2345", COUNT_FAULT, 0, "count-decimal"},
        {"1,234", COUNT_FAULT, 0, "count-thousands"},
        {"1.234", COUNT_FAULT, 0, "count-thousands"},
        {"1.000", COUNT_FAULT, 0, "count-thousands"},
        {"12.000", COUNT_FAULT, 0, "count-thousands"},
        {"1 234", COUNT_FAULT, 0, "count-thousands"},
        {"1'234", COUNT_FAULT, 0, "count-thousands"},
        {"1\u00A0234", COUNT_FAULT, 0, "count-thousands"},
        {"1\u202F234", COUNT_FAULT, 0, "count-thousands"},
        {"1\u2019234", COUNT_FAULT, 0, "count-thousands"},
        {"1,234,567", COUNT_FAULT, 0, "count-thousands"},
        {"1.234.567", COUNT_FAULT, 0, "count-thousands"},
        {"1,234.5", COUNT_FAULT, 0, "count-thousands"},
        {"1.234,5", COUNT_FAULT, 0, "count-thousands"},
        {"12,34,567", COUNT_FAULT, 0, "count-thousands"},
        {"-5", COUNT_FAULT, 0, "count-negative"},
        {"\u22125", COUNT_FAULT, 0, "count-negative"},
        {"-5.5", COUNT_FAULT, 0, "count-negative"},
        {"-1,234", COUNT_FAULT, 0, "count-thousands"},
        {"1e5", COUNT_FAULT, 0, "count-exponent"},
        {"1E+05", COUNT_FAULT, 0, "count-exponent"},
        {"1.5e+06", COUNT_FAULT, 0, "count-exponent"},
        {"\u0661\u0662\u0663", COUNT_FAULT, 0, "count-digits"},
        {"\u06F1\u06F2", COUNT_FAULT, 0, "count-digits"},
        {"", COUNT_FAULT, 0, "count-empty"},
        {"  ", COUNT_FAULT, 0, "count-empty"},
        {"-", COUNT_FAULT, 0, "count-not-number"},
        {"abc", COUNT_FAULT, 0, "count-not-number"},
        {"12a", COUNT_FAULT, 0, "count-not-number"},
        {"+5", COUNT_FAULT, 0, "count-not-number"},
        {"5-9", COUNT_FAULT, 0, "count-not-number"},
        {"<5", COUNT_FAULT, 0, "count-not-number"},
        {"5.", COUNT_FAULT, 0, "count-not-number"},
        {".5", COUNT_FAULT, 0, "count-not-number"},
        {"0x10", COUNT_FAULT, 0, "count-not-number"},
        {"inf", COUNT_FAULT, 0, "count-not-number"},
        {"..", COUNT_WITHHELD, 0, NULL},
        {" .. ", COUNT_WITHHELD, 0, NULL},
        {"-99", COUNT_WITHHELD, 0, NULL},
        {"n/a", COUNT_MISSING, 0, NULL},
    };
    static const char *withheld[] = {"..", "-99"}, *missing[] = {"n/a"};
    const struct population_spec s = {.missing = missing,
                                      .n_missing = 1,
                                      .suppressed = withheld,
                                      .n_suppressed = 2};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t value = 0;
        enum fault_kind kind = FAULT_KINDS;
        enum count_state got =
            count_parse(str_of(cases[i].text), &s, &value, &kind);

        if (got != cases[i].state || value != cases[i].value ||
            (cases[i].fault && strcmp(fault_code(kind), cases[i].fault) != 0))
            fail_msg("'%s': state %d, value %lld, kind %s", cases[i].text, got,
                     (long long)value,
                     kind < FAULT_KINDS ? fault_code(kind) : "none");
    }
}

/* --- a small table, in full ------------------------------------------------
 */

struct reading_made {
    struct cube *cube;
    struct population_result out;
    enum rc rc;
};

static void read_table(struct fixture *f, const char *path,
                       const struct csv_options *o,
                       const struct population_spec *s, unsigned threads,
                       struct reading_made *r)
{
    struct err err;

    faults_init(&f->faults, f->a);
    r->cube = cube_new(f->a);
    r->rc = population_read_csv(path, o, s, threads, NULL, r->cube, f->a,
                                &f->faults, &r->out, &err);
}

struct text_ctx {
    const struct cube *cube;
    struct buf *out;
};

static bool cell_text(void *ctx, const struct cube_cell *cell)
{
    struct text_ctx *t = ctx;

    for (int d = 0; d < DIM_COUNT; d++)
        buf_fmt(t->out, "%s%s", d ? "," : "",
                dict_cstr(cube_dict(t->cube, (enum dim)d), cell->code[d]));
    buf_fmt(t->out, "=%lld", (long long)cell->count);
    if (cell->withheld)
        buf_fmt(t->out, " withheld %u", cell->withheld);
    if (cell->missing)
        buf_fmt(t->out, " missing %u", cell->missing);
    buf_addc(t->out, '\n');
    return true;
}

static void result_text(const struct reading_made *r, struct buf *out)
{
    struct text_ctx t = {r->cube, out};

    buf_clear(out);
    cube_each(r->cube, cell_text, &t);
    buf_fmt(out, "rows %llu taken %llu skipped %llu missing %llu withheld %llu",
            (unsigned long long)r->out.rows, (unsigned long long)r->out.taken,
            (unsigned long long)r->out.skipped,
            (unsigned long long)r->out.missing,
            (unsigned long long)r->out.withheld);
    for (int d = 0; d < DIM_COUNT; d++) {
        buf_fmt(out, "\n%d:", d);
        for (size_t i = 0; i < r->out.n_codes[d]; i++)
            buf_fmt(out, " %s@%llu",
                    dict_cstr(cube_dict(r->cube, (enum dim)d), (uint32_t)i),
                    (unsigned long long)r->out.first_line[d][i]);
    }
    for (size_t i = 0; i < r->out.n_codes[DIM_PERIOD]; i++)
        buf_fmt(out, " rows %llu", (unsigned long long)r->out.period_rows[i]);
}

static void expect_table(struct fixture *f, const char *csv,
                         const struct population_spec *s, const char *expected,
                         const char *expected_faults)
{
    AUTO(buf) struct buf got, faults;
    const char *path = put(f, csv, strlen(csv));

    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    for (size_t block = 0; block < strlen(csv) + 2; block++)
        for (unsigned threads = 1; threads <= 3; threads++) {
            struct csv_options o = {.block = block};
            struct reading_made r;

            read_table(f, path, &o, s, threads, &r);
            assert_int_equal(r.rc, RC_OK);
            result_text(&r, &got);
            faults_text(f, &faults);
            assert_string_equal(buf_cstr(&got), expected);
            assert_string_equal(buf_cstr(&faults), expected_faults);
            cube_free(r.cube);
        }
}

static void test_long_table(void **state)
{
    static const char *sex_from[] = {"m", "w"}, *sex_to[] = {"male", "female"};
    static const char *years[] = {"2020", "2021"};
    static const char *dots[] = {".."}, *na[] = {"NA"};
    const struct row_filter where = {"kind", 2, years};
    const struct population_spec s = {
        .file = "p.csv",
        .column = {"area", "origin", "sex", NULL, "year"},
        .count = "n",
        .codes = {[DIM_SEX] = {2, sex_from, sex_to}},
        .n_where = 1,
        .where = &where,
        .missing = na,
        .n_missing = 1,
        .suppressed = dots,
        .n_suppressed = 1,
    };

    expect_table(*state,
                 "year,kind,area,origin,sex,n\n"
                 "2020,2020,A1,TN,m,5\n"
                 "2020,1999,A9,XX,q,oops\n"
                 "2021,2021, A1 ,TN,w,..\n"
                 "2020,2020,A1,TN,m,6\n"
                 "\n"
                 "2020,2021,A2,a very long name of an origin,w,NA\n"
                 "2020,2020,A2,\"a very long name of an origin\",other,0\n"
                 "2020,2020,,TN,m,1\n"
                 "2020,2020,A3,TN,m,1.234\n"
                 "2020,2020,A4,TN,m\n",
                 &s,
                 "A1,TN,male,,2020=11\n"
                 "A1,TN,female,,2021=0 withheld 1\n"
                 "A2,a very long name of an origin,female,,2020=0 missing 1\n"
                 "A2,a very long name of an origin,other,,2020=0\n"
                 "rows 9 taken 5 skipped 1 missing 1 withheld 1\n"
                 "0: A1@2 A2@7 A3@10\n"
                 "1: TN@2 a very long name of an origin@7\n"
                 "2: male@2 female@4 other@8\n"
                 "3: @0\n"
                 "4: 2020@2 2021@4 rows 4 rows 1",
                 "area-empty 9:3|count-thousands 10:6|field-count 11:0");
}

static void test_wide_table(void **state)
{
    static const char *columns[] = {"Tunis", "Rome"}, *origins[] = {"TN", "IT"};
    static const char *none[] = {""};
    const struct population_spec s = {
        .file = "p.csv",
        .column = {"id", NULL, NULL, "age", NULL},
        .n_wide = 2,
        .wide_column = columns,
        .wide_origin = origins,
        .suppressed = none,
        .n_suppressed = 1,
    };

    expect_table(*state,
                 "id;age;Rome;other;Tunis\r\n"
                 "x;0-4;1;?;2\r\n"
                 "y;5+;3;?;\r\n"
                 "x;0-4;10;?;-4\r\n"
                 ";;;;;;\r\n"
                 "y;;7;?;8",
                 &s,
                 "x,TN,,0-4,=2\nx,IT,,0-4,=1\n"
                 "y,TN,,5+,=0 withheld 1\ny,IT,,5+,=3\n"
                 "rows 4 taken 2 skipped 0 missing 0 withheld 1\n"
                 "0: x@2 y@3\n1: TN@1 IT@1\n2: @0\n3: 0-4@2 5+@3\n4: @0"
                 " rows 2",
                 "count-negative 4:5|age-unknown 6:2");
}

static void test_columns_that_are_not_there(void **state)
{
    struct fixture *f = *state;
    struct population_spec s = {
        .file = "p.csv", .column = {"araa", "origin"}, .count = "n"};
    const struct {
        const char *csv, *faults;
    } cases[] = {
        {"area,origin,n\n", "column-absent-near 1:0"},
        {"araa,origin,n,n\n", "column-twice 1:4"},
        {"q,origin,m\n", "column-absent 1:0|column-absent 1:0"},
        {"", "file-empty 0:0"},
    };
    AUTO(buf) struct buf faults;

    buf_init(&faults, BUF_CEILING);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading_made r;

        read_table(f, put(f, cases[i].csv, strlen(cases[i].csv)), NULL, &s, 1,
                   &r);
        assert_int_equal(r.rc, RC_INVALID);
        faults_text(f, &faults);
        assert_string_equal(buf_cstr(&faults), cases[i].faults);
        cube_free(r.cube);
    }
}

static void test_totals_too_large(void **state)
{
    struct population_spec s = {
        .file = "p.csv", .column = {"area", "origin"}, .count = "n"};
    const char *csv =
        "area,origin,n\n"
        "a,b,4611686018427387904\n"
        "a,c,1\n";
    struct fixture *f = *state;
    struct reading_made r;

    read_table(f, put(f, csv, strlen(csv)), NULL, &s, 1, &r);
    assert_int_equal(r.rc, RC_OK);
    assert_int_equal(f->faults.count[FAULT_COUNT_TOTAL], 1);
    cube_free(r.cube);
}

static bool stop_at_once(void *ctx, const char *stage, double done)
{
    (void)stage;
    assert_true(done >= 0 && done <= 1);
    return ++*(int *)ctx < 3;
}

static void test_interrupted(void **state)
{
    struct population_spec s = {
        .file = "p.csv", .column = {"area", "origin"}, .count = "n"};
    struct csv_options o = {.block = 8};
    struct fixture *f = *state;
    struct population_result out;
    struct cube *cube = cube_new(f->a);
    int calls = 0;
    struct progress p = {stop_at_once, &calls};
    struct err err;

    put(f, "area,origin,n\na,b,1\na,b,2\na,b,3\na,b,4\na,b,5\n", 44);
    assert_int_equal(population_read_csv(f->path, &o, &s, 1, &p, cube, f->a,
                                         &f->faults, &out, &err),
                     RC_CANCELLED);
    assert_int_equal(calls, 3);
    cube_free(cube);
}

/* --- random tables ---------------------------------------------------------
 */

enum { MOST_ROWS = 4000, FIELDS = 7 };

/* What was meant, before it was written as text. */
struct meant {
    unsigned area, origin, sex, age, period;
    int64_t count; /* or -1 withheld, -2 missing, -3 a fault */
    bool skipped;
};

struct world {
    struct meant *rows;
    size_t n;
    struct buf csv;
    struct rng rng;
    bool clean; /* nothing quoted, no blank lines, LF */
};

static void put_field(struct world *w, const char *text, char delimiter)
{
    bool must =
        strchr(text, delimiter) || strchr(text, '"') || strchr(text, '\n');

    if (!must && (w->clean || rng_below(&w->rng, 4))) {
        buf_adds(&w->csv, text);
        return;
    }
    buf_addc(&w->csv, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_addc(&w->csv, '"');
        buf_addc(&w->csv, *text);
    }
    buf_addc(&w->csv, '"');
}

static const char *const origins[] = {
    "TN",        "Côte d'Ivoire",
    "\"x\", y",  "a text of more than sixteen bytes",
    "line\nend", "sixteen bytes ok"};
static const char *const ages[] = {"0-4", "5-9", "80+"};
static const char *const bad_counts[] = {"1,234", "-1", "", "x", "1.5"};

static const char *area_text(unsigned i, char *to, size_t n)
{
    if (i % 3)
        snprintf(to, n, "%u", i);
    else
        snprintf(to, n, "area-%08u", i);
    return to;
}

static void write_row(struct world *w, const struct meant *m, char delimiter)
{
    char text[FIELDS][32];
    const char *field[FIELDS] = {
        m->skipped ? "no" : "yes",
        area_text(m->area, text[1], 32),
        w->clean ? origins[m->origin % 2] : origins[m->origin],
        m->sex ? "2" : "1",
        ages[m->age],
        text[5],
        text[6],
    };

    snprintf(text[5], 32, "%u", 2000 + m->period);
    snprintf(text[6], 32, "%lld", (long long)m->count);
    if (m->count == -1)
        field[6] = "*";
    else if (m->count == -2)
        field[6] = "NA";
    else if (m->count == -3)
        field[6] = bad_counts[rng_below(&w->rng, ARRAY_LEN(bad_counts))];
    for (int i = 0; i < FIELDS; i++) {
        if (i)
            buf_addc(&w->csv, delimiter);
        put_field(w, field[i], delimiter);
    }
    buf_adds(&w->csv, !w->clean && rng_below(&w->rng, 2) ? "\r\n" : "\n");
    if (!w->clean && rng_below(&w->rng, 9) == 0)
        buf_adds(&w->csv, "\n");
}

static void make_world(struct world *w, uint64_t seed, struct arena *a)
{
    char delimiter;

    rng_init(&w->rng, seed, 0);
    w->clean = seed % 2;
    delimiter = ",;\t|"[w->clean ? seed / 2 % 4 : seed % 4];
    w->n = 1 + rng_below(&w->rng, seed % 4 ? 200 : MOST_ROWS);
    w->rows = arena_array(a, struct meant, w->n);
    buf_clear(&w->csv);
    buf_fmt(&w->csv, "take%carea%corigin%csex%cage%cyear%ccount\n", delimiter,
            delimiter, delimiter, delimiter, delimiter, delimiter);
    for (size_t i = 0; i < w->n; i++) {
        uint64_t kind = rng_below(&w->rng, 40);
        struct meant *m = &w->rows[i];

        *m = (struct meant){
            .area = (unsigned)rng_below(&w->rng, 1 + i / 4),
            .origin = (unsigned)rng_below(&w->rng, ARRAY_LEN(origins)),
            .sex = (unsigned)rng_below(&w->rng, 2),
            .age = (unsigned)rng_below(&w->rng, 3),
            .period = (unsigned)rng_below(&w->rng, 2),
            .count = kind < 3 ? -1 - (int64_t)kind
                              : (int64_t)(rng_u64(&w->rng) >>
                                          (24 + rng_below(&w->rng, 40))),
            .skipped = kind > 35,
        };
        if (m->count == -3 && seed % 3)
            m->count = 3;
        if (w->clean)
            m->origin %= 2;
        write_row(w, m, delimiter);
    }
}

static const char *names_sex_from[] = {"1", "2"};
static const char *names_sex_to[] = {"male", "female"};
static const char *yes[] = {"yes"}, *star[] = {"*"}, *not_known[] = {"NA"};
static const struct row_filter take = {"take", 1, yes};
static const struct population_spec random_spec = {
    .file = "r.csv",
    .column = {"area", "origin", "sex", "age", "year"},
    .count = "count",
    .codes = {[DIM_SEX] = {2, names_sex_from, names_sex_to}},
    .n_where = 1,
    .where = &take,
    .missing = not_known,
    .n_missing = 1,
    .suppressed = star,
    .n_suppressed = 1,
};

/* Adds what was meant row by row, and compares all that can be seen. */
static void expected_text(const struct world *w, struct fixture *f,
                          struct buf *out)
{
    struct reading_made r = {.cube = cube_new(f->a)};
    struct population_result *o = &r.out;
    uint64_t *lines[DIM_COUNT];

    for (int d = 0; d < DIM_COUNT; d++)
        lines[d] = arena_array(f->a, uint64_t, MOST_ROWS);
    o->period_rows = arena_array(f->a, uint64_t, 4);
    for (size_t i = 0; i < w->n; i++) {
        const struct meant *m = &w->rows[i];
        char area[32], year[32];
        const char *text[DIM_COUNT] = {area_text(m->area, area, sizeof area),
                                       origins[m->origin], names_sex_to[m->sex],
                                       ages[m->age], year};
        uint32_t code[DIM_COUNT];

        snprintf(year, sizeof year, "%u", 2000 + m->period);
        o->rows++;
        o->skipped += m->skipped;
        if (m->skipped)
            continue;
        for (int d = 0; d < DIM_COUNT; d++) {
            code[d] = cube_code(r.cube, (enum dim)d, str_of(text[d]));
            if (!lines[d][code[d]])
                lines[d][code[d]] = i + 1; /* the row, not the line */
        }
        o->withheld += m->count == -1;
        o->missing += m->count == -2;
        if (m->count == -3)
            continue;
        o->taken++;
        o->period_rows[code[DIM_PERIOD]]++;
        if (m->count >= 0)
            assert_int_equal(cube_add(r.cube, code, m->count), RC_OK);
        else if (m->count == -1)
            assert_int_equal(cube_add_withheld(r.cube, code), RC_OK);
        else
            assert_int_equal(cube_add_missing(r.cube, code), RC_OK);
    }
    for (int d = 0; d < DIM_COUNT; d++) {
        o->first_line[d] = lines[d];
        o->n_codes[d] = cube_dict(r.cube, (enum dim)d)->n;
        for (size_t i = 0; i < o->n_codes[d] && w->clean; i++)
            lines[d][i]++; /* the header; lines are rows in a clean table */
    }
    result_text(&r, out);
    cube_free(r.cube);
}

/* Lines are not the same as rows where fields hold line ends. */
static void forget_lines(struct reading_made *r)
{
    for (int d = 0; d < DIM_COUNT; d++)
        for (size_t i = 0; i < r->out.n_codes[d]; i++)
            r->out.first_line[d][i] = 0;
}

static void drop_lines(struct buf *text)
{
    char *to = text->p;

    for (const char *p = text->p; *p; p++) {
        *to++ = *p;
        if (*p == '@')
            while (p[1] >= '0' && p[1] <= '9')
                p++;
    }
    *to = '\0';
}

static void check_world(struct fixture *f, struct world *w)
{
    static const size_t blocks[] = {0, 1, 7, 64, 100, 1000, 4096};
    const char *path = put(f, w->csv.p, w->csv.n);
    AUTO(buf) struct buf expected, got, first, faults;

    buf_init(&expected, BUF_CEILING);
    buf_init(&got, BUF_CEILING);
    buf_init(&first, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    expected_text(w, f, &expected);
    if (!w->clean)
        drop_lines(&expected);
    for (size_t i = 0; i < ARRAY_LEN(blocks) * 3; i++) {
        struct csv_options o = {.block = blocks[i / 3]};
        struct reading_made r;

        read_table(f, path, &o, &random_spec, 1 + (unsigned)i % 3, &r);
        assert_int_equal(r.rc, RC_OK);
        result_text(&r, &got);
        faults_text(f, &faults);
        buf_addc(&got, '\n');
        buf_add(&got, buf_str(&faults));
        if (i == 0)
            buf_add(&first, buf_str(&got));
        assert_string_equal(buf_cstr(&got), buf_cstr(&first));
        if (i == 0) {
            if (!w->clean)
                forget_lines(&r);
            result_text(&r, &got);
            if (!w->clean)
                drop_lines(&got);
            assert_string_equal(buf_cstr(&got), buf_cstr(&expected));
        }
        cube_free(r.cube);
    }
}

static void test_random_tables(void **state)
{
    struct fixture *f = *state;
    struct arena *outer = f->a;
    struct world w;

    buf_init(&w.csv, BUF_CEILING);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        f->a = arena_new(0);
        make_world(&w, seed, f->a);
        check_world(f, &w);
        arena_free(f->a);
    }
    f->a = outer;
    buf_free(&w.csv);
}

/* The same rows, given as fields from elsewhere. */
static void test_rows_from_elsewhere(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf expected, got, faults, csv_faults;
    struct world w;

    buf_init(&w.csv, BUF_CEILING);
    buf_init(&expected, BUF_CEILING);
    buf_init(&got, BUF_CEILING);
    buf_init(&faults, BUF_CEILING);
    buf_init(&csv_faults, BUF_CEILING);
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct reading_made r, e;
        struct population_table *t;
        const struct csv_row *row;
        struct str header[FIELDS];
        struct csv *c;
        struct err err;

        make_world(&w, seed, f->a);
        read_table(f, put(f, w.csv.p, w.csv.n), NULL, &random_spec, 2, &r);
        result_text(&r, &expected);
        faults_text(f, &csv_faults);
        faults_init(&f->faults, f->a);
        assert_int_equal(
            csv_open(&c, f->path, "t", NULL, f->a, &f->faults, &err), RC_OK);
        for (size_t i = 0; i < FIELDS; i++)
            header[i] = csv_column(c, i);
        e.cube = cube_new(f->a);
        assert_int_equal(population_open(&t, &random_spec, header, FIELDS,
                                         e.cube, f->a, &f->faults, &err),
                         RC_OK);
        while (csv_next(c, &row, &err) == RC_OK && row)
            assert_int_equal(
                population_row(t, row->field, row->n, row->line, &err), RC_OK);
        assert_int_equal(population_finish(t, &e.out, &err), RC_OK);
        result_text(&e, &got);
        faults_text(f, &faults);
        assert_string_equal(buf_cstr(&got), buf_cstr(&expected));
        assert_string_equal(buf_cstr(&faults), buf_cstr(&csv_faults));
        csv_close(c);
        cube_free(r.cube);
        cube_free(e.cube);
    }
    buf_free(&w.csv);
}

/* Faults beyond those kept are counted, whatever the number of threads. */
static void test_many_faults(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf csv, first, got;

    buf_init(&csv, BUF_CEILING);
    buf_init(&first, BUF_CEILING);
    buf_init(&got, BUF_CEILING);
    buf_adds(&csv, "take,area,origin,sex,age,year,count\n");
    for (int i = 0; i < 5000; i++)
        buf_fmt(&csv, "yes,a%d,TN,1,0-4,2020,%s\n", i % 7, i % 3 ? "1" : "x");
    put(f, csv.p, csv.n);
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct csv_options o = {.block = 3000 / threads};
        struct reading_made r;

        read_table(f, f->path, &o, &random_spec, threads, &r);
        assert_int_equal(f->faults.count[FAULT_COUNT_NOT_NUMBER], 1667);
        assert_int_equal(f->faults.n, FAULTS_KEPT);
        faults_text(f, &got);
        if (threads == 1)
            buf_add(&first, buf_str(&got));
        assert_string_equal(buf_cstr(&got), buf_cstr(&first));
        assert_int_equal(f->faults.items[99].place.line, 2 + 99 * 3);
        cube_free(r.cube);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts), TEST(test_long_table),
        TEST(test_wide_table),         TEST(test_columns_that_are_not_there),
        TEST(test_totals_too_large),   TEST(test_interrupted),
        TEST(test_random_tables),      TEST(test_rows_from_elsewhere),
        TEST(test_many_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
