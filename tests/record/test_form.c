/*
 * record/form.h: forms out and in, and which language is the original.
 */
#include "record/form.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena *arena;

/* One text a state: before, after, what is expected; "-" is no text. */
static void translations_grow_old(void **state)
{
    static const struct {
        const char *before[3], *was, *after[3], *is, *lang;
    } rows[] = {
        {{0}, "---", {"a", 0, 0}, "o--", "en"},
        {{0}, "---", {"a", "b", 0}, "to-", "fr"},
        {{0}, "---", {0, 0, "c"}, "--o", "en"},
        {{"a", "b", 0}, "ot-", {"A", "b", 0}, "os-", "en"},
        {{"a", "b", 0}, "ot-", {"A", "B", 0}, "ot-", "en"},
        {{"a", "b", 0}, "os-", {"a", "b", 0}, "os-", "fr"},
        {{"a", "b", 0}, "os-", {"a", "B", 0}, "ot-", "fr"},
        {{"a", "b", 0}, "ot-", {0, "b", 0}, "-o-", "en"},
        {{"a", "b", "c"}, "tot", {"a", "b", 0}, "to-", "ar"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct city before, after;

        record_clear(&type_city, &before);
        record_clear(&type_city, &after);
        for (int l = 0; l < 3; l++) {
            before.name.in[l] = rows[i].before[l];
            before.name.state[l] = rows[i].was[l] == '-' ? 0 : rows[i].was[l];
            after.name.in[l] = rows[i].after[l];
            after.name.state[l] = before.name.state[l];
        }
        words_settle(&type_city, rows[i].before[0] ? &before : NULL, &after,
                     lang_find(rows[i].lang));
        for (int l = 0; l < 3; l++)
            assert_int_equal(after.name.state[l],
                             rows[i].is[l] == '-' ? 0 : rows[i].is[l]);
    }
}

static struct str given(void *ctx, const char *column)
{
    static const char *const form[][2] = {
        {"name_en", " Marsa "},  {"territory", "3"},
        {"status", "member"},    {"status_since", "someday"},
        {"notes", "not for me"}, {"presentation_state", "ooo"},
    };

    for (size_t i = 0; i < ARRAY_LEN(form); i++)
        if (strcmp(form[i][0], column) == 0)
            return str_of(form[i][1]);
    return STR("");
}

static void a_form_is_taken(void **state)
{
    struct complaints bad = {.arena = arena};
    struct city c;

    record_clear(&type_city, &c);
    c.website = "https://example.org/";
    c.notes.in[0] = "kept";
    form_take(&type_city, &c, INTERNAL, given, NULL, arena, &bad);
    assert_string_equal(c.name.in[0], "Marsa");
    assert_int_equal(c.territory, 3);
    assert_null(c.website);                     /* emptied in the form */
    assert_string_equal(c.notes.in[0], "kept"); /* not in the form */
    assert_int_equal(c.presentation.state[0], 0);
    assert_int_equal(bad.n, 1);
    assert_string_equal(bad.items[0].field->name, "status_since");
    assert_string_equal(bad.items[0].argument, "someday");
}

static void what_is_set_once_stays(void **state)
{
    struct complaints bad = {.arena = arena};
    struct focal_point f;

    record_clear(&type_focal_point, &f);
    f.head.id = 5;
    f.city = 7;
    form_take(&type_focal_point, &f, 0, given, NULL, arena, &bad);
    assert_int_equal(f.city, 7);
}

static const struct node *field(const struct node *form, const char *name)
{
    const struct node *all = node_get(form, "fields");

    for (size_t i = 0; i < node_len(all); i++)
        if (strcmp(node_cstr(node_get(node_at(all, i), "field"), ""), name) ==
            0)
            return node_at(all, i);
    return NULL;
}

static const char *value(const struct node *f, size_t column, const char *key)
{
    return node_cstr(node_get(node_at(node_get(f, "columns"), column), key),
                     "");
}

static void a_conflict_shows_both(void **state)
{
    struct complaints bad = {.arena = arena};
    struct city mine, now;
    struct record_form form = {.type = &type_city,
                               .record = &mine,
                               .now = &now,
                               .hidden = INTERNAL,
                               .bad = &bad,
                               .lang = lang_find("en")};
    struct node *n;

    record_clear(&type_city, &mine);
    record_clear(&type_city, &now);
    mine.head = (struct record_head){4, 1, "draft"};
    now.head = (struct record_head){4, 2, "draft"};
    mine.name.in[0] = "Mine";
    now.name.in[0] = "Theirs";
    mine.status = now.status = "member";
    complain(&bad, record_field(&type_city, "name"),
             N_("at most %s characters"), "200");
    n = form_node(&form, arena);
    assert_int_equal(node_integer(node_get(n, "version"), 0), 2);
    assert_null(field(n, "notes"));
    assert_string_equal(value(field(n, "name"), 0, "value"), "Mine");
    assert_string_equal(value(field(n, "name"), 0, "now"), "Theirs");
    assert_non_null(node_get(field(n, "name"), "differs"));
    assert_null(node_get(field(n, "status"), "differs"));
    assert_string_equal(
        node_cstr(node_at(node_get(field(n, "name"), "complaints"), 0), ""),
        "at most 200 characters");
    assert_int_equal(node_len(node_get(field(n, "status"), "choices")), 4);
}

/* JSON keeps a file and takes it away; it brings none. */
static void json_brings_no_file(void **state)
{
    const struct field *f = record_field(&type_programme, "document");
    struct complaints bad = {.arena = arena};
    struct programme p;
    struct node *json = node_object(arena), *file;

    record_clear(&type_programme, &p);
    p.name.in[0] = "Routes";
    p.document = (struct attachment){7, "a.pdf", "application/pdf", 5};
    file = node_set(json, "document", node_object(arena));
    node_set_text(file, "name", "a.pdf");
    node_set_int(file, "size", 5);
    record_from_json(&type_programme, json, &p, arena, &bad);
    assert_int_equal(p.document.number, 7);
    node_set_int(file, "number", 9);
    node_set_text(file, "name", "b.pdf");
    record_from_json(&type_programme, json, &p, arena, &bad);
    assert_int_equal(bad.n, 0);
    record_validate(&type_programme, &p, &bad);
    assert_int_equal(bad.n, 1);
    assert_ptr_equal(bad.items[0].field, f);
    assert_string_equal(bad.items[0].message,
                        "a file is sent with the form of the record");
    node_set(json, "document", node_null(arena));
    record_from_json(&type_programme, json, &p, arena, &bad);
    assert_true(field_absent(&p, f));
    node_set_text(json, "document", "c.pdf");
    record_from_json(&type_programme, json, &p, arena, &bad);
    assert_int_equal(bad.n, 2);
    assert_true(field_absent(&p, f));
}

/* What may be kept, by its name and its size. */
static void files_of_other_kinds_are_refused(void **state)
{
    static const struct {
        const char *name;
        int64_t size;
        size_t faults;
    } rows[] = {{"a.pdf", 1, 0},        {"A.PDF", 20000000, 0},
                {"a.pdf", 20000001, 1}, {"a.pdf", 0, 1},
                {"page.html", 5, 1},    {"mark.svg", 5, 1},
                {"a.pdf.exe", 5, 1},    {".pdf", 5, 1}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct complaints bad = {.arena = arena};
        struct programme p;

        record_clear(&type_programme, &p);
        p.name.in[0] = "Routes";
        p.document = (struct attachment){7, rows[i].name, NULL, rows[i].size};
        record_validate(&type_programme, &p, &bad);
        assert_int_equal(bad.n, rows[i].faults);
    }
}

static int set_up(void **state)
{
    arena = arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(translations_grow_old),
        cmocka_unit_test(a_form_is_taken),
        cmocka_unit_test(what_is_set_once_stays),
        cmocka_unit_test(a_conflict_shows_both),
        cmocka_unit_test(json_brings_no_file),
        cmocka_unit_test(files_of_other_kinds_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
