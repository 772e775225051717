/*
 * What a sound package gives, the descriptor with every allocation failing in
 * turn, places in JSON, and how faults are kept and written.
 */
#include "table_file.h"

#include "intake/descriptor.h"
#include "intake/json_place.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>

static const char *base(struct arena *a)
{
    const char *root = getenv("PASSERELLE_SOURCE");

    return path_join(a, root ? root : ".", "tests/broken/base");
}

static void a_sound_package_is_read_whole(void **state)
{
    struct fixture *f = *state;
    struct intake in;
    const struct package *p;

    assert_int_equal(
        package_read(base(f->a), 1, NULL, f->a, &f->faults, &in, NULL), RC_OK);
    p = in.package;
    assert_int_equal(f->faults.n, 0);
    assert_string_equal(p->name, "port-2024");
    assert_string_equal(names_find(&p->city, "fr"), "Port");
    assert_null(names_find(&p->city, "de"));
    assert_string_equal(p->country, "TN");
    assert_string_equal(p->basis, "citizenship");
    assert_true(p->fictional);
    assert_int_equal(p->n_languages, 3);
    assert_int_equal(p->protection.method, PROTECT_SUPPRESS);
    assert_int_equal(p->protection.below, 5);
    assert_true(p->protection.secondary);
    assert_int_equal(p->n_levels, 1);
    assert_int_equal(p->levels[0].n_maps, 3);
    assert_int_equal(p->n_origins, 4);
    assert_string_equal(p->origins[0].code, "TN");
    assert_true(p->origins[0].majority);
    assert_false(p->origins[1].majority);
    assert_int_equal(p->n_services, 2);
    assert_int_equal(p->services[0].area, 0);
    assert_int_equal(p->services[1].area, 3);
    assert_int_equal(p->services[0].capacity, 300);
    assert_int_equal(p->services[1].capacity, -1);
    assert_string_equal(p->services[0].languages, "ar;fr");
    assert_int_equal(p->n_outcomes, 2);
    assert_int_equal(p->outcomes[1].numerator, 20);
    assert_int_equal(p->n_indicators, 1);
    assert_string_equal(names_find(&p->indicators[0].names, "en"), "In work");
    assert_int_equal(p->n_flows, 3);
    assert_string_equal(p->flows[0].from, "");
    assert_int_equal(p->n_competences, 2);
    assert_int_equal(p->competences[1].level, LEVEL_NATIONAL);
    assert_int_equal(p->n_actors, 2);
    assert_int_equal(p->n_texts, 1);
    assert_string_equal(p->texts[0].code, "synopsis");
    assert_int_equal(p->n_readings, 7);
    assert_int_equal(cube_cells(in.cube), 10);
    intake_release(&in);
}

/* ---- a table that is not CSV: a DBF file, written by hand ---- */

static void dbf_field(struct buf *b, const char *name, int width)
{
    char field[32] = {0};

    memcpy(field, name, strlen(name));
    field[11] = 'C';
    field[16] = (char)width;
    buf_add(b, (struct str){field, sizeof field});
}

static struct str dbf_table(struct buf *b)
{
    static const char *const rows[] = {
        "2020A TN   300",  "2024A TN   310", "2024A LY    40", "2024B FR     *",
        "2024C TN   1234", "2024D other   ", "2024D TN     7",
    };
    enum { FIELDS = 4, HEADER = 32 + FIELDS * 32 + 1, WIDTH = 4 + 2 + 5 + 4 };
    char head[32] = {3, 124, 1, 1, ARRAY_LEN(rows), 0, 0, 0};

    head[8] = (char)(HEADER & 0xFF);
    head[9] = (char)(HEADER >> 8);
    head[10] = WIDTH + 1;
    buf_add(b, (struct str){head, sizeof head});
    dbf_field(b, "year", 4);
    dbf_field(b, "area", 2);
    dbf_field(b, "origin", 5);
    dbf_field(b, "persons", 4);
    buf_addc(b, '\r');
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_addc(b, ' ');
        buf_fmt(b, "%-*s", WIDTH, rows[i]);
    }
    buf_addc(b, 0x1A);
    return buf_str(b);
}

static void a_dbf_table_is_read_like_csv(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf b = {0};
    struct str areas;
    struct intake in;
    struct margin m;
    uint32_t period;

    assert_int_equal(file_read(f->a,
                               path_join(f->a, base(f->a), "areas.geojson"),
                               1 << 20, &areas, NULL),
                     RC_OK);
    assert_int_equal(
        file_write(path_join(f->a, f->dir, "areas.geojson"), areas, NULL),
        RC_OK);
    buf_init(&b, 1 << 16);
    assert_int_equal(file_write(path_join(f->a, f->dir, "residents.dbf"),
                                dbf_table(&b), NULL),
                     RC_OK);
    assert_int_equal(
        file_write(
            path_join(f->a, f->dir, DESCRIPTOR_FILE),
            STR("{\"name\": \"p\", \"licenses\": [{\"name\": \"CC0\"}], "
                "\"passerelle\": {\"version\": 1, \"city\": {\"name\": "
                "\"Port\", \"country\": \"TN\", \"longitude\": 10.19, "
                "\"latitude\": 36.81}, \"period\": 2024, \"basis\": "
                "\"citizenship\", \"majority\": [\"TN\"], \"origins\": "
                "{\"other\": \"Other\"}, \"languages\": [\"en\"], "
                "\"protection\": {\"method\": \"suppress\", \"below\": "
                "5}}, \"resources\": [{\"name\": \"population\", \"path\": "
                "\"residents.dbf\", \"passerelle\": {\"fields\": "
                "{\"period\": \"year\", \"count\": \"persons\"}, "
                "\"suppressed\": [\"*\"], \"missing\": [\"\"], "
                "\"where\": {\"year\": 2024}}}, {\"name\": \"areas\", "
                "\"path\": \"areas.geojson\"}]}"),
            NULL),
        RC_OK);
    assert_int_equal(package_read(f->dir, 1, NULL, f->a, &f->faults, &in, NULL),
                     RC_OK);
    period = dict_find(cube_dict(in.cube, DIM_PERIOD), STR("2024"));
    assert_int_equal(cube_margin(in.cube, 0, period, f->a, &m), RC_OK);
    assert_int_equal(m.count[0], 310 + 40 + 1234 + 7);
    assert_int_equal(m.withheld[0], 1);
    assert_int_equal(m.missing[0], 1);
    assert_int_equal(f->faults.count[FAULT_ROWS_SKIPPED], 1);
    assert_int_equal(in.package->readings[1].rows, 7);
    assert_int_equal(in.package->readings[1].skipped, 1);
    intake_release(&in);
}

/* Names given in a resource, by code and language. */
static void resources_name_their_codes(void **state)
{
    struct fixture *f = *state;
    static const char json[] =
        "{\"name\": \"x\", \"resources\": [{\"name\": \"services\", "
        "\"path\": \"s.csv\", \"passerelle\": {\"names\": {\"school\": "
        "{\"en\": \"School\", \"fr\": \"École\"}}}}]}";
    struct descriptor d;

    assert_int_equal(descriptor_read(str_of(json), f->a, &f->faults, &d, NULL),
                     RC_OK);
    assert_int_equal(d.resources[0].n_names, 1);
    assert_string_equal(names_find(&d.resources[0].names[0].names, "fr"),
                        "École");
}

static void places_in_json_are_found(void **state)
{
    static const char json[] =
        "{\n  \"a\": [1, {\"b/c\": \"x\\\"]\",\n"
        "    \"d\": {}}],\n \"e~\": null }";
    static const struct {
        const char *pointer;
        uint64_t line, column;
    } rows[] = {
        {"", 1, 1},         {"/a", 2, 8},         {"/a/0", 2, 9},
        {"/a/1", 2, 12},    {"/a/1/b~1c", 2, 20}, {"/a/1/d", 3, 10},
        {"/e~0", 4, 8},     {"/a/2", 0, 0},       {"/none", 0, 0},
        {"/a/1/d/x", 0, 0}, {"/a/x", 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t line = 9, column = 9;

        json_place(str_of(json), rows[i].pointer, &line, &column);
        assert_int_equal(line, rows[i].line);
        assert_int_equal(column, rows[i].column);
    }
    for (size_t n = 0; n < sizeof json - 1; n++) { /* cut anywhere */
        uint64_t line, column;
        char *copy = malloc(n + 1);

        memcpy(copy, json, n);
        copy[n] = '\0';
        json_place((struct str){copy, n}, "/a/1/b~1c", &line, &column);
        json_place((struct str){copy, n}, "/e~0", &line, &column);
        free(copy);
    }
}

/* ---- every allocation fails in turn ---- */

static long fail_at;

static void *failing_malloc(size_t n)
{
    return fail_at-- == 0 ? NULL : malloc(n);
}

static enum rc read_once(struct str json, size_t *faults)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(arena) struct arena *fa = arena_new(0);
    struct faults f;
    struct descriptor d;
    struct err err = {0};
    enum rc rc;

    faults_init(&f, fa);
    rc = descriptor_read(json, a, &f, &d, &err);
    arena_fail_after(-1);
    *faults = f.n;
    if (rc == RC_MEMORY)
        assert_int_equal(err.code, RC_MEMORY);
    return rc;
}

static void descriptor_survives_lack_of_memory(void **state)
{
    struct fixture *f = *state;
    struct str json;
    size_t n_faults, failures = 0, failed = 0;
    long needed;
    enum rc rc;

    assert_int_equal(file_read(f->a,
                               path_join(f->a, base(f->a), DESCRIPTOR_FILE),
                               1 << 20, &json, NULL),
                     RC_OK);
    for (long n = 0;; n++, failures++) {
        arena_fail_after(n);
        rc = read_once(json, &n_faults);
        if (rc == RC_OK)
            break;
        assert_int_equal(rc, RC_MEMORY);
        assert_int_equal(n_faults, 0);
    }
    assert_true(failures > 50);
    /* jansson itself takes some failures for bad syntax, and survives some:
     * what counts is that nothing crashes, leaks or reads on. */
    json_set_alloc_funcs(failing_malloc, free);
    fail_at = LONG_MAX;
    assert_int_equal(read_once(json, &n_faults), RC_OK);
    needed = LONG_MAX - fail_at;
    for (long n = 0; n < needed; n++) {
        fail_at = n;
        rc = read_once(json, &n_faults);
        assert_true(rc == RC_OK || rc == RC_MEMORY ||
                    (rc == RC_INVALID && n_faults == 1));
        failed += rc != RC_OK;
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(failed > 50);
}

/* ---- faults ---- */

static void a_hundred_of_a_kind_are_kept(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf b = {0};
    AUTO(buf) struct buf j = {0};
    json_t *root;

    for (int i = 250; i > 0; i--)
        fault_add(&f->faults, FAULT_COUNT_NEGATIVE,
                  (struct place){"b.csv", (uint64_t)i, 3, "n"}, "-1");
    fault_add(&f->faults, FAULT_AREA_ALONE, (struct place){.file = "a.json"},
              "<\"&>");
    faults_sort(&f->faults);
    assert_int_equal(f->faults.n, 101);
    assert_int_equal(faults_count(&f->faults, SEVERITY_FAULT), 250);
    assert_int_equal(faults_count(&f->faults, SEVERITY_WARNING), 1);
    assert_string_equal(f->faults.items[0].place.file, "a.json");
    assert_int_equal(f->faults.items[1].place.line, 151);
    buf_init(&b, BUF_CEILING);
    faults_write_text(&f->faults, NULL, NULL, &b);
    assert_non_null(strstr(buf_cstr(&b), "There are 150 more of this kind."));
    buf_init(&j, BUF_CEILING);
    faults_write_json(&f->faults, NULL, NULL, &j);
    root = json_loads(buf_cstr(&j), 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "faults")), 250);
    assert_int_equal(json_array_size(json_object_get(root, "findings")), 101);
    assert_string_equal(
        json_string_value(json_object_get(
            json_array_get(json_object_get(root, "findings"), 1), "code")),
        "count-negative");
    json_decref(root);
}

static const char *backwards(void *ctx, const char *message)
{
    if (strcmp(message, fault_message(FAULT_AREA_UNKNOWN_NEAR)) == 0)
        return "%2$s, pas %1$s";
    if (strcmp(message, N_("Fault")) == 0)
        return "Erreur";
    return message;
}

static void faults_are_translated_when_written(void **state)
{
    struct fixture *f = *state;
    AUTO(buf) struct buf b = {0};

    fault_add(&f->faults, FAULT_AREA_UNKNOWN_NEAR,
              (struct place){.file = "p.csv", .line = 7}, "1", "01");
    buf_init(&b, BUF_CEILING);
    faults_write_text(&f->faults, backwards, NULL, &b);
    assert_memory_equal(buf_cstr(&b), "Erreur: p.csv, line 7\n    01, pas 1\n",
                        36);
}

/* A message and its remedy take arguments from one list, in this order. */
static void every_kind_is_written(void **state)
{
    for (int k = 0; k < FAULT_KINDS; k++) {
        const char *code = fault_code((enum fault_kind)k);
        const char *message = fault_message((enum fault_kind)k);
        const char *remedy = fault_remedy((enum fault_kind)k);
        size_t n = strlen(message), m = strlen(remedy);

        assert_true(code[0] >= 'a' && code[0] <= 'z');
        assert_null(strpbrk(code, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        assert_true(n > 10 && message[n - 1] == '.');
        assert_true(m > 10 && strchr(".?", remedy[m - 1]));
        for (int j = 0; j < k; j++)
            assert_string_not_equal(code, fault_code((enum fault_kind)j));
    }
}

static bool never(void *ctx, const char *stage, double done)
{
    return false;
}

static void reading_can_be_stopped(void **state)
{
    struct fixture *f = *state;
    struct progress stop = {never, NULL};
    struct intake in;
    struct err err = {0};

    assert_int_equal(
        package_read(base(f->a), 1, &stop, f->a, &f->faults, &in, &err),
        RC_CANCELLED);
    intake_release(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
        T(a_sound_package_is_read_whole),
        T(a_dbf_table_is_read_like_csv),
        T(resources_name_their_codes),
        T(places_in_json_are_found),
        T(descriptor_survives_lack_of_memory),
        T(a_hundred_of_a_kind_are_kept),
        T(faults_are_translated_when_written),
        T(every_kind_is_written),
        T(reading_can_be_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
