#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publish/csv.h"
#include "publish/publish.h"
#include "sample.h"

static const struct node *table_of(struct node *doc, const char *path)
{
    return node_path(doc, path);
}

static void test_states(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct node *doc = sample_document(a, 3);
    AUTO(buf) struct buf b;

    buf_init(&b, 1 << 16);
    publish_csv(table_of(doc, "origins.table"), NULL, &b);
    assert_string_equal(
        buf_cstr(&b),
        "origin,count,count_state,share,share_state,growth,growth_state\r\n"
        "SY,1234567,,0.5,,-0.125,\r\n"
        "PL,12,at-least,,withheld,,missing\r\n"
        "'=cmd(),,source,,undefined,,\r\n");
}

static void test_plain(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct node *doc = sample_document(a, 2);
    AUTO(buf) struct buf b;

    buf_init(&b, 1 << 16);
    publish_csv(table_of(doc, "distribution.areas"), lang_find("fr"), &b);
    assert_string_equal(buf_cstr(&b),
                        "area,name,population,share\r\n"
                        "A000,\"Altstadt, \"\"Nord\"\"\",0,0\r\n"
                        "A001,\"Altstadt, \"\"Nord\"\"\",37,0.1\r\n");
}

/* Our own reader of RFC 4180, to see that what went in comes out. */
static const char *next_field(const char *p, char *out, size_t size, char *end)
{
    size_t n = 0;
    bool quoted = *p == '"';

    p += quoted;
    for (; *p; p++) {
        if (quoted && *p == '"' && p[1] == '"')
            p++;
        else if (quoted && *p == '"')
            quoted = false;
        else if (!quoted && (*p == ',' || *p == '\r'))
            break;
        if (quoted || *p != '"' || p[-1] == '"')
            if (n + 1 < size && !(*p == '"' && !quoted))
                out[n++] = *p;
    }
    out[n] = 0;
    *end = *p;
    return *p == '\r' ? p + 2 : *p ? p + 1 : p;
}

static void test_round_trip(void **state)
{
    static const char *const texts[] = {
        "plain",      "a,b",          "say \"yes\"", "\"",
        "two\nlines", " blank ends ", "نص عربي",     "",
        "a;b",        "tab\tin",      "cr\r\nlf",    "é",
        "'",          ",,,,",         "\"\"\"",      "a\"b,c\"d"};
    AUTO(arena) struct arena *a = arena_new(0);
    struct node *t = node_object(a), *columns, *rows;
    AUTO(buf) struct buf b;
    const char *p;
    char field[64], end;

    node_set_text(t, "code", "t");
    columns = node_set(t, "columns", node_list(a));
    rows = node_set(t, "rows", node_list(a));
    for (int c = 0; c < 2; c++) {
        struct node *column = node_push(columns, node_object(a));

        node_set_text(column, "code", c ? "b" : "a");
        node_set_text(column, "kind", "text");
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct node *r = node_push(rows, node_list(a));

        node_push(r, node_text(a, texts[i]));
        node_push(r, node_text(a, "x"));
    }
    buf_init(&b, 1 << 16);
    publish_csv(t, NULL, &b);
    p = strchr(buf_cstr(&b), '\n') + 1;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        p = next_field(p, field, sizeof field, &end);
        assert_string_equal(field, texts[i]);
        assert_int_equal(end, ',');
        p = next_field(p, field, sizeof field, &end);
        assert_string_equal(field, "x");
        assert_int_equal(end, '\r');
    }
    assert_int_equal(*p, 0);
}

static void test_formulas(void **state)
{
    static const struct {
        const char *in, *want;
    } rows[] = {{"=1+1", "'=1+1"},    {"+cmd", "'+cmd"}, {"-x", "'-x"},
                {"@sum", "'@sum"},    {"\tx", "'\tx"},   {"a=b", "a=b"},
                {"=a,b", "\"'=a,b\""}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct node *t = node_object(a), *column;
        AUTO(buf) struct buf b;

        node_set_text(t, "code", "t");
        column =
            node_push(node_set(t, "columns", node_list(a)), node_object(a));
        node_set_text(column, "code", "c");
        node_set_text(column, "kind", "text");
        node_push(node_push(node_set(t, "rows", node_list(a)), node_list(a)),
                  node_text(a, rows[i].in));
        buf_init(&b, 4096);
        publish_csv(t, NULL, &b);
        assert_string_equal(buf_cstr(&b),
                            arena_printf(a, "c\r\n%s\r\n", rows[i].want));
    }
}

static void test_names(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct node *doc = sample_document(a, 1);
    AUTO(buf) struct buf b;

    buf_init(&b, 1 << 16);
    csv_names(doc, &b);
    assert_string_equal(buf_cstr(&b),
                        "kind,code,en,fr,ar\r\n"
                        "origins,SY,Syria,Syrie,سوريا\r\n"
                        "origins,PL,Poland,Pologne,بولندا\r\n"
                        "areas,A000,Altstadt,Altstadt,"
                        "Altstadt\r\n");
}

static void test_datapackage(void **state)
{
    static const char *const want[] = {
        "\"name\": \"city-migration-profile-porto-bello\"",
        "\"path\": \"origins.csv\"",
        "\"path\": \"areas.csv\"",
        "\"path\": \"names.csv\"",
        "\"name\": \"count_state\"",
        "\"unit\": \"share\"",
        "\"missingValues\"",
        "\"foreignKeys\"",
        "\"lineTerminator\": \"\\r\\n\"",
        "\"licence\": \"CC-BY-4.0\"",
        "\"at-least\""};
    AUTO(arena) struct arena *a = arena_new(0);
    struct node *doc = sample_document(a, 1);
    struct tables tables = {0};
    AUTO(buf) struct buf b;

    tables_collect(doc, a, &tables);
    assert_int_equal(tables.n, 2);
    buf_init(&b, 1 << 20);
    csv_datapackage(doc, &tables, lang_find("en"), a, &b);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!strstr(buf_cstr(&b), want[i]))
            fail_msg("%s is not in %s", want[i], buf_cstr(&b));
    assert_null(strstr(buf_cstr(&b), "population_state"));
}

static void test_file_names(void **state)
{
    static const struct {
        const char *code, *want;
    } rows[] = {{"areas", "areas"},
                {"outcomes-a b", "outcomes-a_b"},
                {"../../etc/passwd", "_._.._etc_passwd"},
                {".hidden", "_hidden"},
                {"a/b\\c", "a_b_c"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct node *t = node_object(a);

        node_set_text(t, "code", rows[i].code);
        assert_string_equal(code_file(a, t), rows[i].want);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),     cmocka_unit_test(test_plain),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_datapackage),
        cmocka_unit_test(test_file_names),
    };

    return cmocka_run_group_tests_name("publish-csv", tests, NULL, NULL);
}
