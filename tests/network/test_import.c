/*
 * network/import: a table becomes records, after a preview that writes nothing;
 * on both databases (tests/support/with-postgres gives the second). The start
 * data of examples/network are imported as any user's would be. The domain's
 * own lists stand beside the project; that test skips where they are absent.
 */
#include "network/account.h"
#include "network/import.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;
enum { NOW = 1700000000 };
static const struct deed DEED = {.by = 0, .at = NOW, .action = "import"};
static char folder[] = "/tmp/passerelle-import.XXXXXX";

struct fixture {
    struct store *s;
    struct arena *a;
    struct import in;
};

static void clear_records(struct fixture *f)
{
    size_t n;
    const struct record_type *const *types = record_types(&n);

    /* those that refer before those referred to */
    while (n--) {
        AUTO(buf) struct buf sql = {.ceiling = 1 << 12};

        buf_fmt(&sql, "UPDATE territory SET parent = NULL; DELETE FROM %s",
                types[n]->name);
        if (strcmp(types[n]->name, "programme") == 0)
            buf_adds(&sql, " WHERE part_of IS NOT NULL; DELETE FROM programme");
        assert_int_equal(store_script(f->s, buf_cstr(&sql), NULL), RC_OK);
    }
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    struct migration m;

    f->a = arena_new(0);
    *state = f;
    if (store_open(url, &f->s, NULL) || migration_plan(f->s, f->a, &m, NULL) ||
        migration_apply(f->s, &m, NULL, 0, NULL) || network_tables(f->s, NULL))
        return -1;
    clear_records(f);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->s);
    arena_free(f->a);
    test_free(f);
    return 0;
}

/* ---- helpers ---- */

static const char *a_file(struct fixture *f, const char *text)
{
    const char *path = arena_printf(f->a, "%s/t.csv", folder);
    AUTO(file) FILE *out = fopen(path, "wbe");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    return path;
}

static struct import_plan a_plan(const struct record_type *t, const char *path,
                                 bool apply)
{
    return (struct import_plan){
        .type = t, .path = path, .lang = lang_find("en"), .apply = apply};
}

static enum rc run(struct fixture *f, const struct import_plan *plan)
{
    struct err err = {0};
    enum rc rc = import_run(f->s, plan, &DEED, f->a, &f->in, &err);

    if (rc && rc != RC_INVALID)
        print_message("# %s\n", err.message ? err.message : "");
    return rc;
}

static enum rc take(struct fixture *f, const struct record_type *t,
                    const char *text, bool apply)
{
    struct import_plan plan = a_plan(t, a_file(f, text), apply);

    return run(f, &plan);
}

static int64_t count_of(struct fixture *f, const char *table)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 12};
    int64_t n = -1;

    buf_fmt(&sql, "SELECT count(*) FROM %s", table);
    assert_int_equal(store_int(f->s, buf_cstr(&sql), NO_PARAMS, &n, NULL),
                     RC_OK);
    return n;
}

static void assert_counts(const struct fixture *f, size_t new, size_t changed,
                          size_t same)
{
    assert_int_equal(f->in.count[IMPORT_NEW], new);
    assert_int_equal(f->in.count[IMPORT_CHANGED], changed);
    assert_int_equal(f->in.count[IMPORT_SAME], same);
}

static const char TOWNS[] =
    "name_en,name_fr,kind,country,parent,place_longitude,place_latitude,"
    "residents,residents_when,remark\n"
    "Lyon,Lyon,city,FR,Lyon (metropolis),4.84,45.76,522250,2021-01,x\n"
    "Lyon,,Metropolis,FR,,,,,,\n"
    "Tangier,Tanger,Ville,MA,,-5.8,35.77,,,\n";

static enum rc take_towns(struct fixture *f, bool apply)
{
    struct import_plan plan = a_plan(&type_territory, a_file(f, TOWNS), apply);

    plan.key = "name_en,kind";
    return run(f, &plan);
}

/* ---- tests ---- */

static void a_preview_writes_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t history = count_of(f, "history"), audit = count_of(f, "audit");

    assert_int_equal(take_towns(f, false), RC_OK);
    assert_counts(f, 3, 0, 0);
    assert_false(f->in.applied);
    assert_int_equal(f->in.rows[0].id, 0);
    assert_int_equal(count_of(f, "territory"), 0);
    assert_int_equal(count_of(f, "history"), history);
    assert_int_equal(count_of(f, "audit"), audit);
    assert_false(store_in_transaction(f->s));
    assert_int_equal(f->in.n_unused, 1);
    assert_string_equal(f->in.unused[0], "remark");
}

static bool keep_territory(void *ctx, const void *record)
{
    struct territory *out = ctx;

    *out = *(const struct territory *)record;
    out->name.in[0] = NULL; /* texts go with the call */
    return false;
}

static struct territory territory_of(struct fixture *f, const char *name,
                                     const char *kind)
{
    struct territory t = {0};

    assert_int_equal(
        record_each(f->s, &type_territory, "name_en = :name AND kind = :kind",
                    PARAMS(P_TEXT("name", name), P_TEXT("kind", kind)),
                    keep_territory, &t, NULL),
        RC_OK);
    return t;
}

static void rows_become_records(void **state)
{
    struct fixture *f = *state;
    struct territory city;

    assert_int_equal(take_towns(f, true), RC_OK);
    assert_true(f->in.applied);
    assert_int_equal(count_of(f, "territory"), 3);
    city = territory_of(f, "Lyon", "city");
    /* the whole stands below its part in the table */
    assert_int_equal(city.parent,
                     territory_of(f, "Lyon", "metropolis").head.id);
    assert_int_equal(city.residents, 522250);
    assert_int_equal(city.residents_when.year, 2021);
    assert_int_equal(city.residents_when.month, 1);
    assert_int_equal(city.residents_when.day, 0); /* a month stays a month */
    assert_true(territory_of(f, "Tangier", "city").head.id > 0);
}

static void a_second_time_changes_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t history;

    assert_int_equal(take_towns(f, true), RC_OK);
    history = count_of(f, "history");
    assert_int_equal(take_towns(f, true), RC_OK);
    assert_counts(f, 0, 0, 3);
    assert_int_equal(count_of(f, "history"), history);
}

static void changes_are_told_field_by_field(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take_towns(f, true), RC_OK);
    assert_int_equal(take(f, &type_territory,
                          "name_en,residents,name_fr\nTangier,1000000,\n",
                          true),
                     RC_OK);
    assert_counts(f, 0, 1, 0);
    assert_int_equal(f->in.rows[0].n_changes, 2);
    assert_string_equal(f->in.rows[0].changes[0].column, "name_fr");
    assert_string_equal(f->in.rows[0].changes[0].old, "Tanger");
    assert_string_equal(f->in.rows[0].changes[0].new, "");
    assert_string_equal(f->in.rows[0].changes[1].column, "residents");
    assert_string_equal(f->in.rows[0].changes[1].new, "1000000");
    /* what the table does not have stays */
    assert_string_equal(
        territory_of(f, "Tangier", "city").country ? "kept" : "lost", "kept");
}

static void references_are_shown_by_name(void **state)
{
    struct fixture *f = *state;
    bool seen = false;

    assert_int_equal(take_towns(f, false), RC_OK);
    for (size_t i = 0; i < f->in.rows[0].n_changes; i++) {
        const struct import_change *c = &f->in.rows[0].changes[i];

        if (strcmp(c->column, "parent") == 0) {
            seen = true;
            assert_string_equal(c->new, "Lyon");
        }
    }
    assert_true(seen);
}

static const struct bad_table {
    const char *text;
    uint64_t line, column;
    const char *message;
} bad_tables[] = {
    {"name_en,kind,country\nA,town,MA\n", 2, 2,
     "'%s' is not one of the choices"},
    {"name_en,kind,country\nA,city,Morocco\n", 2, 3,
     "'%s' is not a country code of two letters"},
    {"name_en,kind,country\n,city,MA\n", 2, 1, "this is needed"},
    {"name_en,kind\nA,city\n", 2, 0, "this is needed"},
    {"name_en,kind,country,parent\nA,city,MA,Nowhere\n", 2, 4,
     "there is no '%s'"},
    {"name_en,kind,country,residents\nA,city,MA,many\n", 2, 4,
     "'%s' is not a whole number"},
    {"name_en,kind,country,residents_when\nA,city,MA,2021-13\n", 2, 4,
     "'%s' is not a date: write 2026, 2026-05 or 2026-05-31"},
    {"name_en,kind,country\nA,city,MA\n\nA,metropolis,MA\n", 4, 1,
     "the same record as line %s; name more columns with --key if it is "
     "another"},
    {"id,name_en\n999999,A\n", 2, 1, "there is no record of this number"},
    {"id,name_en\nfirst,A\n", 2, 1, "'%s' is not a whole number"},
    {"name_en,kind,country,parent\nA,city,MA,B\nB,city,TN,\n", 2, 4,
     "'%s' lies in another country"},
    {"name_en,kind,country,parent\nA,city,MA,A\n", 2, 4, "there is no '%s'"},
};

static void faults_have_their_place(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(bad_tables); i++) {
        const struct bad_table *b = &bad_tables[i];

        assert_int_equal(take(f, &type_territory, b->text, true), RC_INVALID);
        if (f->in.n_faults != 1 || f->in.faults[0].line != b->line ||
            f->in.faults[0].column != b->column)
            fail_msg(
                "table %zu: %zu faults, line %llu, column %llu, %s", i,
                f->in.n_faults,
                (unsigned long long)(f->in.n_faults ? f->in.faults[0].line : 0),
                (unsigned long long)(f->in.n_faults ? f->in.faults[0].column
                                                    : 0),
                f->in.n_faults ? f->in.faults[0].message : "");
        assert_string_equal(f->in.faults[0].message, b->message);
        assert_false(f->in.applied);
        assert_int_equal(count_of(f, "territory"), 0);
    }
}

static void one_fault_keeps_all_out(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f, &type_territory,
                          "name_en,kind,country\nA,city,MA\nB,city,MA\n"
                          "C,village,MA\nD,city,M\n",
                          true),
                     RC_INVALID);
    assert_int_equal(f->in.n_faults, 2);
    assert_int_equal(f->in.faults[0].line, 4);
    assert_int_equal(f->in.faults[1].line, 5);
    assert_int_equal(count_of(f, "territory"), 0);
    /* a row with a field too many is the table's fault */
    assert_int_equal(take(f, &type_territory,
                          "name_en,kind,country\nA,city,MA\nB,city,MA,x\n",
                          true),
                     RC_INVALID);
    assert_true(faults_any(&f->in.table));
    assert_int_equal(count_of(f, "territory"), 0);
}

static void acronyms_are_no_keys(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f, &type_organisation,
                          "name_en,acronym,kind\n"
                          "Mixed Migration Centre,MMC,research\n"
                          "Mayors Migration Council,MMC,association\n",
                          true),
                     RC_OK);
    assert_counts(f, 2, 0, 0);
    assert_int_equal(
        take(f, &type_programme, "name_en,organisations\nP,MMC\n", true),
        RC_INVALID);
    assert_int_equal(f->in.faults[0].column, 2);
    assert_int_equal(take(f, &type_programme,
                          "name_en,organisations\nP,MMC (research); mayors "
                          "migration COUNCIL\n",
                          true),
                     RC_OK);
    assert_int_equal(count_of(f, "programme_organisations"), 2);
}

static void a_unique_field_is_the_key(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f, &type_person,
                          "name,email,languages\n"
                          "A. Person,a@example.org,French;ar\n"
                          "A. Person,b@example.org,\n",
                          true),
                     RC_OK);
    assert_counts(f, 2, 0, 0);
    assert_int_equal(
        take(f, &type_person, "name,email\nA. Changed,a@example.org\n", true),
        RC_OK);
    assert_counts(f, 0, 1, 0);
    assert_int_equal(take(f, &type_person,
                          "id,name,email\n,C. Person,not an address\n", true),
                     RC_INVALID);
}

static void a_plan_maps_any_table(void **state)
{
    struct fixture *f = *state;
    struct import_pair columns[] = {{"name_en", "Town", NULL},
                                    {"country", "Land", NULL}};
    struct import_pair constants[] = {{"source", "a list of ours", NULL}};
    struct import_pair values[] = {{"country", "Maroc", "MA"},
                                   {"kind", "grande ville", "metropolis"}};
    struct import_plan plan = a_plan(
        &type_territory,
        a_file(f, "Town;Land;kind\nRabat;Maroc;grande ville\nOujda;MA;city\n"),
        true);

    plan.columns = (struct import_pairs){columns, 2, 2};
    plan.constants = (struct import_pairs){constants, 1, 1};
    plan.values = (struct import_pairs){values, 2, 2};
    assert_int_equal(run(f, &plan), RC_OK);
    assert_counts(f, 2, 0, 0);
    assert_true(territory_of(f, "Rabat", "metropolis").head.id > 0);
    columns[0].text = "Village";
    assert_int_equal(run(f, &plan), RC_USAGE);
    columns[0] = (struct import_pair){"nom", "Town", NULL};
    assert_int_equal(run(f, &plan), RC_USAGE);
}

static void what_is_not_a_table_is_refused(void **state)
{
    struct fixture *f = *state;
    struct import_plan plan = a_plan(&type_city, "absent.csv", true);

    assert_int_equal(run(f, &plan), RC_NOT_FOUND);
    assert_int_equal(take(f, &type_city, "", true), RC_INVALID);
    assert_true(faults_any(&f->in.table));
    assert_int_equal(take(f, &type_city, "colour\nred\n", true), RC_USAGE);
    assert_int_equal(take(f, &type_stakeholder, "city\nTangier\n", true),
                     RC_USAGE); /* nothing tells the rows apart */
    plan = a_plan(&type_city, a_file(f, "name_en\nA\n"), true);
    plan.state = "flying";
    assert_int_equal(run(f, &plan), RC_USAGE);
}

static void somebody_saved_meanwhile(void **state)
{
    struct fixture *f = *state;
    const char *text;

    assert_int_equal(take_towns(f, true), RC_OK);
    text = arena_printf(f->a, "id,version,residents\n%lld,1,5\n",
                        (long long)f->in.rows[0].id);
    assert_int_equal(take(f, &type_territory, text, true), RC_OK);
    assert_counts(f, 0, 1, 0);
    text = arena_printf(f->a, "id,version,residents\n%lld,1,6\n",
                        (long long)f->in.rows[0].id);
    assert_int_equal(take(f, &type_territory, text, true), RC_INVALID);
    assert_int_equal(f->in.faults[0].column, 2);
}

/* What a spreadsheet must not run went out with a quote and comes back. */
static void formulas_come_back(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(take(f, &type_territory,
                          "name_en,kind,country,source\n"
                          "A,city,MA,'=1+1\n",
                          true),
                     RC_OK);
    for (size_t i = 0; i < f->in.rows[0].n_changes; i++)
        if (strcmp(f->in.rows[0].changes[i].column, "source") == 0)
            assert_string_equal(f->in.rows[0].changes[i].new, "=1+1");
}

/* ---- the start data ---- */

static const struct start {
    const struct record_type *type;
    const char *file, *key, *state;
} starts[] = {
    {&type_territory, "territories.csv", "name_en,kind,country", NULL},
    {&type_organisation, "organisations.csv", NULL, "published"},
    {&type_city, "cities.csv", NULL, "published"},
    {&type_programme, "programmes.csv", NULL, "published"},
};

static void the_start_data_go_in(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        struct import_plan plan =
            a_plan(starts[i].type,
                   arena_printf(f->a, "%s/examples/network/%s",
                                getenv("PASSERELLE_SOURCE"), starts[i].file),
                   true);

        plan.key = starts[i].key;
        plan.state = starts[i].state;
        if (run(f, &plan) != RC_OK)
            fail_msg("%s: line %llu: %s", starts[i].file,
                     (unsigned long long)f->in.faults[0].line,
                     f->in.faults[0].message);
        assert_int_equal(f->in.n_unused, 0);
        assert_int_equal(run(f, &plan), RC_OK);
        assert_int_equal(f->in.count[IMPORT_SAME], f->in.n);
    }
    /* month precision stays, Lyon is two territories, MMC two organisations */
    assert_int_equal(
        store_int(f->s, "SELECT id FROM programme WHERE span_from = '2018-10'",
                  NO_PARAMS, &(int64_t){0}, NULL),
        RC_OK);
    assert_int_not_equal(territory_of(f, "Lyon", "city").head.id,
                         territory_of(f, "Lyon", "metropolis").head.id);
    assert_int_equal(count_of(f, "organisation WHERE acronym = 'MMC'"), 2);
    assert_int_equal(count_of(f,
                              "city WHERE certainty IS NULL OR source IS"
                              " NULL"),
                     0);
}

/* The domain's list as it is: another's columns, a town in two rows. */
static void the_list_of_cities_goes_in(void **state)
{
    struct fixture *f = *state;
    struct import_pair columns[] = {{"country", "country_iso2", NULL},
                                    {"place_latitude", "lat_approx", NULL},
                                    {"place_longitude", "lon_approx", NULL}};
    struct import_pair constants[] = {{"kind", "city", NULL}};
    const char *path =
        arena_printf(f->a, "%s/domain/cities.csv", getenv("PASSERELLE_SHARED"));
    struct import_plan plan = a_plan(&type_territory, path, true);

    if (access(path, R_OK) != 0) {
        print_message("# %s is absent: not tested\n", path);
        return;
    }
    plan.columns = (struct import_pairs){columns, 3, 3};
    plan.constants = (struct import_pairs){constants, 1, 1};
    plan.key = "name_en,country";
    assert_int_equal(run(f, &plan), RC_INVALID);
    assert_int_equal(f->in.n_faults, 1); /* Sfax, by its two programmes */
    assert_true(f->in.n >= 40);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
        TEST(a_preview_writes_nothing),
        TEST(rows_become_records),
        TEST(a_second_time_changes_nothing),
        TEST(changes_are_told_field_by_field),
        TEST(references_are_shown_by_name),
        TEST(faults_have_their_place),
        TEST(one_fault_keeps_all_out),
        TEST(acronyms_are_no_keys),
        TEST(a_unique_field_is_the_key),
        TEST(a_plan_maps_any_table),
        TEST(what_is_not_a_table_is_refused),
        TEST(somebody_saved_meanwhile),
        TEST(formulas_come_back),
        TEST(the_start_data_go_in),
        TEST(the_list_of_cities_goes_in),
#undef TEST
    };

    print_message("# %s\n", name);
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    char path[128];
    int failed;

    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "sqlite:%s/t.db", folder);
    url = path;
    failed = suite("SQLite");
    url = getenv("PASSERELLE_TEST_POSTGRES");
    if (!url || !*url)
        print_message("# no PostgreSQL server: that half is skipped\n");
    else
        failed |= suite("PostgreSQL");
    unlink(path + strlen("sqlite:"));
    snprintf(path, sizeof path, "%s/t.csv", folder);
    unlink(path);
    rmdir(folder);
    return failed;
}
