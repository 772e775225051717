/* base/: arena, buffers, dictionary, numbers as text, errors. */
#include "base/arena.h"
#include "base/dict.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void arena_keeps_its_limit(void **state)
{
    AUTO(arena) struct arena *a = arena_new(1000);

    assert_non_null(arena_try(a, 1, 900));
    assert_null(arena_try(a, 1, 200));
    assert_non_null(arena_try(a, 1, 50));
    assert_null(arena_try(a, SIZE_MAX, 2));
    assert_true(arena_used(a) <= 1000);
}

static void arena_memory_is_aligned_and_zero(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);

    for (size_t n = 1; n < 70000; n = n * 3 + 1) {
        unsigned char *p = arena_alloc(a, n);

        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAB, n);
    }
}

static void arena_grow_keeps_bytes(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    char *p = arena_alloc(a, 10), *q;

    memcpy(p, "123456789", 10);
    q = arena_grow(a, p, 10, 5000);
    assert_ptr_equal(p, q); /* the last one grows in place */
    arena_alloc(a, 1);
    q = arena_grow(a, q, 5000, 100000);
    assert_string_equal(q, "123456789");
}

static void arena_fails_when_told(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);

    arena_fail_after(1);
    assert_non_null(arena_try(a, 1, 8));
    assert_null(arena_try(a, 1, 8));
    assert_non_null(arena_try(a, 1, 8));
    arena_fail_after(-1);
}

static void buffer_stops_at_its_ceiling(void **state)
{
    AUTO(buf) struct buf b;

    buf_init(&b, 5);
    buf_adds(&b, "1234");
    assert_false(b.failed);
    buf_adds(&b, "56");
    assert_true(b.failed);
    buf_adds(&b, "5");
    assert_string_equal(buf_cstr(&b), "1234");
}

static void writers_escape(void **state)
{
    static const struct {
        void (*write)(struct buf *, struct str);
        const char *in, *out;
    } rows[] = {
        {buf_html, "a<b> & \"c\" 'd'",
         "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"},
        {buf_json, "a\"\\\n\x01\x7f", "\"a\\\"\\\\\\n\\u0001\\u007f\""},
        {buf_json, "\xff\xd8\xb3", "\"\xEF\xBF\xBD\xd8\xb3\""},
        {buf_csv, "plain", "plain"},
        {buf_csv, "a,\"b\"\n", "\"a,\"\"b\"\"\n\""},
        {buf_csv, " x", "\" x\""},
        {buf_url, "a b/é~", "a%20b%2F%C3%A9~"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b;

        buf_init(&b, 100);
        rows[i].write(&b, str_of(rows[i].in));
        assert_string_equal(buf_cstr(&b), rows[i].out);
    }
}

static void integers_are_read_whole(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-12", true, -12},
        {"+7", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1.0", false, 0},
        {"1 ", false, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t v = 42;

        assert_int_equal(str_i64(str_of(rows[i].text), &v), rows[i].good);
        assert_true(v == (rows[i].good ? rows[i].value : 42));
    }
}

static void decimals_are_read_whole(void **state)
{
    static const struct {
        const char *text;
        bool good;
        double value;
    } rows[] = {
        {"1.5", true, 1.5},  {"-.5e1", true, -5}, {"7.", true, 7},
        {"1,5", false, 0},   {"inf", false, 0},   {"0x10", false, 0},
        {"1e999", false, 0}, {"1e", false, 0},    {".", false, 0},
        {" 1", false, 0},    {"--1", false, 0},   {"1..2", false, 0},
        {"1-2", false, 0},   {"-", false, 0},     {"", false, 0},
        {"-.", false, 0},    {"0.3", true, 0.3},  {"+3", true, 3},
        {"1e5", true, 1e5},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double v = 42;

        assert_int_equal(str_double(str_of(rows[i].text), &v), rows[i].good);
        assert_true(v == (rows[i].good ? rows[i].value : 42));
    }
}

/* The short way and the library's round alike, on both sides of 15 digits. */
static void short_decimals_round_alike(void **state)
{
    static const char *const rows[] = {"0.1",
                                       "-0",
                                       "123456789012.345",
                                       "999999999999999",
                                       "9007199254740993",
                                       "0.00000000000001",
                                       "-12.50",
                                       "99999999999999.9",
                                       "000000000000001",
                                       "1234567890.123456789",
                                       ".000000000000001"};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double v = 42, want = 0;

        assert_int_equal(sscanf(rows[i], "%lf", &want), 1);
        assert_true(str_double(str_of(rows[i]), &v));
        assert_memory_equal(&v, &want, sizeof v);
    }
}

/* As the text was: the fewest digits, and no more of them than before. */
static void doubles_are_short(void **state)
{
    static const struct {
        double v;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {0, "0"},
                {5e-324, "5e-324"},
                {1e-310, "1e-310"},
                {100, "100"},
                {1234.5, "1234.5"},
                {0.1 + 0.2, "0.30000000000000004"},
                {1.0 / 3, "0.3333333333333333"},
                {-2.5e-7, "-2.5e-07"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b;

        buf_init(&b, 100);
        buf_double(&b, rows[i].v);
        assert_string_equal(buf_cstr(&b), rows[i].text);
    }
}

static void doubles_read_back(void **state)
{
    static const double values[] = {0.1, 1.0 / 3, 1e300, 5e-324, 123456789.125};

    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        AUTO(buf) struct buf b;
        double v = 0;

        buf_init(&b, 100);
        buf_double(&b, values[i]);
        assert_true(str_double(buf_str(&b), &v));
        assert_true(v == values[i]);
    }
}

static void numbers_are_written_as_people_do(void **state)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {10, "10"},
        {-5.6, "-5.6"},
        {100000, "100000"},
        {0.05, "0.05"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1.5, "1.5"},
        {123456789012345, "123456789012345"},
        {1e15, "1e+15"},
        {1.0 / 3, "0.3333333333333333"},
        {12.000001, "12.000001"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = {.ceiling = 100};

        buf_double(&b, rows[i].value);
        assert_string_equal(buf_cstr(&b), rows[i].text);
    }
}

static void integers_are_written_whole(void **state)
{
    static const int64_t values[] = {0,         7,         -1,       10,
                                     INT32_MIN, INT64_MAX, INT64_MIN};
    char text[40];

    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        AUTO(buf) struct buf b = {.ceiling = 100};

        snprintf(text, sizeof text, "%" PRId64, values[i]);
        buf_i64(&b, values[i]);
        assert_string_equal(buf_cstr(&b), text);
    }
}

/* Against the slow way: one digit more until it reads back. */
static void numbers_have_no_digit_too_many(void **state)
{
    struct rng r;

    rng_init(&r, 5, 0);
    for (size_t i = 0; i < 20000; i++) {
        double v = (rng_double(&r) - 0.5) * pow(10, (double)(i % 12));
        AUTO(buf) struct buf b = {.ceiling = 100};
        char text[40];
        double back = 0;

        snprintf(text, sizeof text, "%.*f", (int)(i % 9), v);
        assert_true(str_double(str_of(text), &v));
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, v);
            if (str_double(str_of(text), &back) && back == v)
                break;
        }
        buf_double(&b, v);
        if (!strchr(text, 'e') || strchr(buf_cstr(&b), 'e'))
            assert_string_equal(buf_cstr(&b), text);
        assert_true(str_double(buf_str(&b), &back));
        assert_true(back == v);
    }
}

static void utf8_is_checked(void **state)
{
    static const struct {
        const char *text;
        size_t bad_at; /* SIZE_MAX: valid */
    } rows[] = {
        {"h\xC3\xA9 \xD8\xB3 \xF0\x9F\x98\x80", SIZE_MAX},
        {"a\xC3", 1},
        {"\xC0\x80", 0},
        {"ab\xED\xA0\x80", 2},
        {"\xF4\x90\x80\x80", 0},
        {"\x80", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t at = SIZE_MAX;

        assert_int_equal(str_utf8_valid(str_of(rows[i].text), &at),
                         rows[i].bad_at == SIZE_MAX);
        assert_true(at == rows[i].bad_at);
    }
}

static void distances_are_bounded(void **state)
{
    assert_int_equal(str_distance(STR("period"), STR("perod"), 2), 1);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting"), 5), 3);
    assert_int_equal(str_distance(STR("abc"), STR("xyz"), 2), 3);
    assert_int_equal(str_distance(STR(""), STR("abcdef"), 2), 3);
}

static void dictionary_numbers_by_first_appearance(void **state)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct dict d;
    char text[32];

    dict_init(&d, a);
    assert_int_equal(dict_find(&d, STR("x")), DICT_NONE);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "area %d", i);
        assert_int_equal(dict_intern(&d, str_of(text)), i);
    }
    for (int i = 4999; i >= 0; i--) {
        snprintf(text, sizeof text, "area %d", i);
        assert_int_equal(dict_intern(&d, str_of(text)), i);
        assert_string_equal(dict_cstr(&d, (uint32_t)i), text);
    }
    assert_int_equal(dict_intern(&d, STR("")), 5000);
    assert_int_equal(dict_find(&d, (struct str){NULL, 0}), 5000);
}

static void errors_keep_message_and_arguments_apart(void **state)
{
    struct err e;
    AUTO(buf) struct buf b;

    assert_int_equal(err_set(&e, RC_IO,
                             "cannot read '%s' at %zu: %d %% of %.1f", "a%b",
                             (size_t)7, -3, 2.55),
                     RC_IO);
    buf_init(&b, 1000);
    err_render(&e, e.message, &b);
    assert_string_equal(buf_cstr(&b), "cannot read 'a%b' at 7: -3 % of 2.5");
    buf_clear(&b);
    err_render(&e, "à %2$zu : %1$s", &b);
    assert_string_equal(buf_cstr(&b), "à 7 : a%b");
    assert_int_equal(err_set(NULL, RC_LIMIT, "x"), RC_LIMIT);
}

static void every_code_has_a_row(void **state)
{
    for (int i = 0; i < RC_COUNT; i++) {
        assert_true(rc_http(i) >= 200 && rc_http(i) < 600);
        assert_true((rc_exit(i) == 0) == (i == RC_OK));
        assert_true(strlen(rc_sentence(i)) > 3);
    }
    assert_string_equal(rc_name(RC_NOT_FOUND), "NOT_FOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_keeps_its_limit),
        cmocka_unit_test(arena_memory_is_aligned_and_zero),
        cmocka_unit_test(arena_grow_keeps_bytes),
        cmocka_unit_test(arena_fails_when_told),
        cmocka_unit_test(buffer_stops_at_its_ceiling),
        cmocka_unit_test(writers_escape),
        cmocka_unit_test(integers_are_read_whole),
        cmocka_unit_test(decimals_are_read_whole),
        cmocka_unit_test(short_decimals_round_alike),
        cmocka_unit_test(doubles_are_short),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(numbers_are_written_as_people_do),
        cmocka_unit_test(integers_are_written_whole),
        cmocka_unit_test(numbers_have_no_digit_too_many),
        cmocka_unit_test(utf8_is_checked),
        cmocka_unit_test(distances_are_bounded),
        cmocka_unit_test(dictionary_numbers_by_first_appearance),
        cmocka_unit_test(errors_keep_message_and_arguments_apart),
        cmocka_unit_test(every_code_has_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
