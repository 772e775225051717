/*
 * Mustache: the official specification's examples (read from
 * ../shared/cases/mustache, skipped without it), and cases of ours.
 */
#include "text/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

static struct node *tree(struct arena *a, const json_t *j)
{
    struct node *n;
    const char *key;
    json_t *kid;
    size_t i;

    switch (json_typeof(j)) {
    case JSON_OBJECT:
        n = node_object(a);
        json_object_foreach((json_t *)j, key, kid)
            node_set(n, key, tree(a, kid));
        return n;
    case JSON_ARRAY:
        n = node_list(a);
        json_array_foreach(j, i, kid) node_push(n, tree(a, kid));
        return n;
    case JSON_STRING:
        return node_text(a, json_string_value(j));
    case JSON_INTEGER:
        return node_int(a, json_integer_value(j));
    case JSON_REAL:
        return node_double(a, json_real_value(j));
    case JSON_TRUE:
    case JSON_FALSE:
        return node_bool(a, json_is_true(j));
    default:
        return node_null(a);
    }
}

static bool run_example(const json_t *t)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct mustache_set *set = mustache_new(a);
    const char *expected = json_string_value(json_object_get(t, "expected"));
    AUTO(buf) struct buf out;
    const char *name;
    json_t *partial;
    bool good;

    buf_init(&out, 1 << 20);
    json_object_foreach(
        json_object_get(t, "partials"), name,
        partial) if (mustache_add(set, name, str_of(json_string_value(partial)),
                                  NULL)) return false;
    good =
        mustache_add(set, "",
                     str_of(json_string_value(json_object_get(t, "template"))),
                     NULL) == RC_OK &&
        mustache_render(set, "", tree(a, json_object_get(t, "data")), &out,
                        NULL) == RC_OK &&
        strcmp(buf_cstr(&out), expected) == 0;
    if (!good)
        print_error("%s: expected\n[%s] but rendered\n[%s]\n",
                    json_string_value(json_object_get(t, "name")), expected,
                    buf_cstr(&out));
    return good;
}

static const char *shared;

/* Lambdas are left out: data here are values, never code. */
static void official_specification(void **state)
{
    static const char *const files[] = {
        "comments", "delimiters", "interpolation", "inverted",
        "partials", "sections",   "~inheritance"};
    int run = 0, failed = 0;

    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        AUTO(arena) struct arena *a = arena_new(0);
        json_t *spec, *t;
        size_t i;

        spec = json_load_file(
            arena_printf(a, "%s/cases/mustache/%s.json", shared, files[f]), 0,
            NULL);
        assert_non_null(spec);
        json_array_foreach(json_object_get(spec, "tests"), i, t)
        {
            run++;
            failed += !run_example(t);
        }
        json_decref(spec);
    }
    print_message("%d examples of the specification\n", run);
    assert_true(run > 100);
    assert_int_equal(failed, 0);
}

static void templates_of_ours(void **state)
{
    static const struct {
        const char *source, *data, *out;
    } rows[] = {
        {"{{a.b}}", "{\"a\": {\"b\": \"<\"}}", "&lt;"},
        {"{{#l}}{{.}},{{/l}}", "{\"l\": [1, 2.5, \"x\"]}", "1,2.5,x,"},
        {"{{#a}}{{b}}{{/a}}", "{\"a\": {}, \"b\": 1}", "1"},
        {"{{^a}}none{{/a}}", "{\"a\": []}", "none"},
        {"  {{#a}}\n  x\n  {{/a}}\n", "{\"a\": true}", "  x\n"},
        {"{{a}}", "{\"a\": \"{{b}}\", \"b\": 1}", "{{b}}"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct mustache_set *set = mustache_new(a);
        json_t *j = json_loads(rows[i].data, 0, NULL);
        AUTO(buf) struct buf out;

        buf_init(&out, 1000);
        assert_int_equal(mustache_add(set, "t", str_of(rows[i].source), NULL),
                         RC_OK);
        assert_int_equal(mustache_render(set, "t", tree(a, j), &out, NULL),
                         RC_OK);
        assert_string_equal(buf_cstr(&out), rows[i].out);
        json_decref(j);
    }
}

static void faulty_templates_name_their_place(void **state)
{
    static const struct {
        const char *source, *message;
    } rows[] = {
        {"a\n{{#b}}\n", "template t, line 2: 'b' is not closed"},
        {"a\n\n{{/b}}", "template t, line 3: 'b' is closed but not open"},
        {"{{#a}}{{/b}}", "template t, line 1: 'b' is closed but not open"},
        {"x {{a", "template t, line 1: the tag '{{a' is not closed"},
        {"{{=x=}}", "template t, line 1: 'x' does not name two delimiters"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        AUTO(buf) struct buf text;
        struct err err;

        buf_init(&text, 1000);
        assert_int_equal(
            mustache_add(mustache_new(a), "t", str_of(rows[i].source), &err),
            RC_INVALID);
        err_render(&err, err.message, &text);
        assert_string_equal(buf_cstr(&text), rows[i].message);
    }
}

static void endless_recursion_ends(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct mustache_set *set = mustache_new(a);
    AUTO(buf) struct buf deep, out;

    buf_init(&out, 1 << 20);
    buf_init(&deep, 1 << 20);
    assert_int_equal(mustache_add(set, "t", STR("x{{>t}}"), NULL), RC_OK);
    assert_int_equal(mustache_render(set, "t", node_null(a), &out, NULL),
                     RC_LIMIT);
    for (int i = 0; i < 100; i++)
        buf_adds(&deep, "{{#a}}");
    assert_int_equal(mustache_add(set, "d", buf_str(&deep), NULL), RC_INVALID);
    assert_int_equal(mustache_render(set, "none", node_null(a), &out, NULL),
                     RC_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_of_ours),
        cmocka_unit_test(faulty_templates_name_their_place),
        cmocka_unit_test(endless_recursion_ends),
    };
    const struct CMUnitTest oracle[] = {
        cmocka_unit_test(official_specification),
    };
    AUTO(arena) struct arena *a = arena_new(0);
    int failed = cmocka_run_group_tests_name("ours", tests, NULL, NULL);
    FILE *probe;

    shared = getenv("PASSERELLE_SHARED");
    probe =
        shared
            ? fopen(arena_printf(a, "%s/cases/mustache/sections.json", shared),
                    "re")
            : NULL;
    if (!probe) {
        print_message("# the specification's examples are absent: skipped\n");
        return failed;
    }
    fclose(probe);
    return failed |
           cmocka_run_group_tests_name("specification", oracle, NULL, NULL);
}
