/* record/: declarations, days, texts, validation, JSON. No database. */
#include "record/types.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void declarations_agree(void **state)
{
    size_t n_types, n, n_moves;
    const struct record_type *const *types = record_types(&n_types);
    const struct transition *moves = record_transitions(&n_moves);

    assert_true(n_types >= 7);
    for (size_t i = 0; i < n_types; i++) {
        const struct field *f = types[i]->fields(&n);
        int titles = 0;

        assert_true(n > 0);
        for (size_t k = 0; k < n; k++) {
            size_t options;

            assert_ptr_equal(record_field(types[i], f[k].name), &f[k]);
            assert_true(f[k].offset + 1 <= types[i]->size);
            if (f[k].type == TYPE_REF || f[k].type == TYPE_REFS)
                assert_non_null(record_type(f[k].of));
            if (f[k].type == TYPE_CHOICE || f[k].type == TYPE_CHOICES) {
                record_options(f[k].of, &options);
                assert_true(options > 0);
            }
            assert_false((f[k].flags & TRANSLATED) && f[k].type != TYPE_TEXT &&
                         f[k].type != TYPE_MARKDOWN);
            titles += (f[k].flags & TITLE) != 0;
        }
        assert_true(titles <= 1);
    }
    for (size_t i = 0; i < n_moves; i++)
        assert_non_null(record_type(moves[i].record));
    assert_string_equal(record_first_state(&type_city), "draft");
    assert_string_equal(record_first_state(&type_person), "");
}

static void days_keep_their_precision(void **state)
{
    static const struct {
        const char *text;
        bool good;
        struct day day;
    } rows[] = {
        {"2017", true, {2017, 0, 0}},
        {"2017-07", true, {2017, 7, 0}},
        {"2017-07-11", true, {2017, 7, 11}},
        {"2020-02-29", true, {2020, 2, 29}},
        {"2100-02-29", false, {0, 0, 0}},
        {"2017-13", false, {0, 0, 0}},
        {"2017-04-31", false, {0, 0, 0}},
        {"2017-7", false, {0, 0, 0}},
        {"11/07/2017", false, {0, 0, 0}},
        {"17", false, {0, 0, 0}},
        {"", false, {0, 0, 0}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct day d = {0};
        AUTO(buf) struct buf b = {.ceiling = 100};

        assert_int_equal(day_parse(str_of(rows[i].text), &d), rows[i].good);
        assert_memory_equal(&d, &rows[i].day, sizeof d);
        day_write(d, &b);
        assert_string_equal(buf_cstr(&b), rows[i].good ? rows[i].text : "");
    }
    assert_true(
        day_compare((struct day){2017, 7, 0}, (struct day){2017, 8, 1}) < 0);
}

static void fill_city(struct city *c)
{
    record_clear(&type_city, c);
    c->name.in[1] = "Tanger";
    c->name.state[1] = WORDS_ORIGINAL;
    c->name.in[2] = "طنجة";
    c->name.state[2] = WORDS_TRANSLATED;
    c->territory = 3;
    c->status = "member";
    c->status_since = (struct day){2015, 11, 0};
    c->website = "https://example.org/tanger";
}

static void texts_come_back(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct complaints c = {.arena = a};
    struct city before, after;
    size_t n;
    const struct field *f = type_city.fields(&n);

    fill_city(&before);
    record_clear(&type_city, &after);
    for (size_t i = 0; i < n; i++) {
        const char *name[COLUMNS_OF_FIELD];
        size_t columns = field_columns(&f[i], a, name);

        for (size_t k = 0; k < columns; k++) {
            AUTO(buf) struct buf x = {.ceiling = 1000}, y = {.ceiling = 1000};

            field_get_text(&before, &f[i], k, &x);
            field_set_text(&after, &f[i], k, buf_str(&x), a, &c);
            field_get_text(&after, &f[i], k, &y);
            assert_true(str_eq(buf_str(&x), buf_str(&y)));
        }
        assert_int_equal(field_absent(&before, &f[i]),
                         field_absent(&after, &f[i]));
    }
    assert_int_equal(c.n, 0);
    assert_string_equal(after.name.in[2], "طنجة");
    assert_int_equal(after.name.state[2], WORDS_TRANSLATED);
}

static void the_best_language_is_given(void **state)
{
    struct city c;
    int given;

    fill_city(&c);
    assert_string_equal(words_best(&c.name, 2, &given), "طنجة");
    assert_int_equal(given, 2);
    assert_string_equal(words_best(&c.name, 0, &given), "Tanger");
    assert_int_equal(given, 1);
    assert_null(words_best(&c.presentation, 0, NULL));
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *record, *field;
        size_t column;
        const char *text, *message; /* NULL: sound */
    } rows[] = {
        {"city", "website", 0, "javascript:alert(1)",
         "'%s' is not a link: it begins with https://"},
        {"city", "website", 0, "https://a b",
         "'%s' is not a link: it begins with https://"},
        {"city", "status", 0, "maybe", "'%s' is not one of the choices"},
        {"city", "status_since", 0, "May 2015",
         "'%s' is not a date: write 2026, 2026-05 or 2026-05-31"},
        {"city", "name", 0, "a\nb", "only one line"},
        {"city", "name", 0, "a\x01", "the text holds a control character"},
        {"city", "name", 0, "\xFF", "the text is not valid UTF-8"},
        {"person", "email", 0, "nobody", "'%s' is not an e-mail address"},
        {"person", "email", 0, "a@b@c.org", "'%s' is not an e-mail address"},
        {"person", "email", 0, "a@example.org", NULL},
        {"person", "languages", 0, "fr;xx", "'%s' is not one of the choices"},
        {"territory", "country", 0, "Maroc",
         "'%s' is not a country code of two letters"},
        {"territory", "residents", 0, "many", "'%s' is not a whole number"},
        {"territory", "residents", 0, "-5", "at least %s"},
        {"territory", "place", 0, "-5.8",
         "longitude and latitude belong together"},
        {"territory", "place", 1, "95", "a latitude lies between -90 and 90"},
        {"focal_point", "city", 0, "Lyon",
         "'%s' is not the number of a record"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct complaints c = {.arena = a};
        const struct record_type *t = record_type(rows[i].record);
        const struct field *f = record_field(t, rows[i].field);
        void *record = arena_alloc(a, t->size);
        bool said = false;

        record_clear(t, record);
        field_set_text(record, f, rows[i].column, str_of(rows[i].text), a, &c);
        record_validate(t, record, &c);
        for (size_t k = 0; k < c.n; k++)
            if (c.items[k].field == f) {
                if (!rows[i].message)
                    print_error("%s\n", c.items[k].message);
                assert_non_null(rows[i].message);
                said |= strcmp(c.items[k].message, rows[i].message) == 0;
            }
        if (rows[i].message && !said)
            print_error("row %zu: %s not said\n", i, rows[i].message);
        assert_int_equal(said, rows[i].message != NULL);
    }
}

static void an_empty_record_misses_what_is_needed(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct complaints c = {.arena = a};
    struct city city;

    record_clear(&type_city, &city);
    record_validate(&type_city, &city, &c);
    assert_int_equal(c.n, 3); /* name, territory, status */
}

static void json_goes_both_ways(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct complaints c = {.arena = a};
    AUTO(buf) struct buf x = {.ceiling = 10000}, y = {.ceiling = 10000};
    struct city before, after;

    fill_city(&before);
    before.notes.in[0] = "secret";
    record_clear(&type_city, &after);
    node_write(record_json(&type_city, &before, 0, a), false, &x);
    record_from_json(&type_city, record_json(&type_city, &before, 0, a), &after,
                     a, &c);
    node_write(record_json(&type_city, &after, 0, a), false, &y);
    assert_int_equal(c.n, 0);
    assert_string_equal(buf_cstr(&x), buf_cstr(&y));
    assert_non_null(strstr(buf_cstr(&x), "\"status_since\":\"2015-11\""));
    assert_non_null(strstr(buf_cstr(&x), "secret"));
    buf_clear(&x);
    node_write(record_json(&type_city, &before, INTERNAL, a), false, &x);
    assert_null(strstr(buf_cstr(&x), "secret"));
}

static void json_of_another_shape_is_refused(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct complaints c = {.arena = a};
    struct node *n = node_object(a);
    struct city city;

    record_clear(&type_city, &city);
    node_set(n, "status", node_list(a));
    node_set_text(n, "colour", "blue");
    record_from_json(&type_city, n, &city, a, &c);
    assert_int_equal(c.n, 2);
    record_from_json(&type_city, node_list(a), &city, a, &c);
    assert_int_equal(c.n, 3);
}

static void the_schema_names_every_field(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    size_t n_types, n;
    const struct record_type *const *types = record_types(&n_types);

    for (size_t i = 0; i < n_types; i++) {
        struct node *properties =
            node_get(record_schema(types[i], a), "properties");
        const struct field *f = types[i]->fields(&n);

        for (size_t k = 0; k < n; k++)
            assert_non_null(node_get(properties, f[k].name));
    }
    assert_string_equal(node_cstr(node_path(record_schema(&type_person, a),
                                            "properties.email.format"),
                                  ""),
                        "email");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declarations_agree),
        cmocka_unit_test(days_keep_their_precision),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(the_best_language_is_given),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(an_empty_record_misses_what_is_needed),
        cmocka_unit_test(json_goes_both_ways),
        cmocka_unit_test(json_of_another_shape_is_refused),
        cmocka_unit_test(the_schema_names_every_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
