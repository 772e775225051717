#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "text/mo.h"
#include "text/plural.h"

static void test_expression(void **state)
{
    static const struct {
        const char *text;
        uint64_t n, want;
    } rows[] = {
        {"n != 1", 1, 0},
        {"n != 1", 0, 1},
        {"(n > 1)", 2, 1},
        {" 0 ", 7, 0},
        {"n%10==1 && n%100!=11 ? 0 : 1", 21, 0},
        {"n%10==1 && n%100!=11 ? 0 : 1", 111, 1},
        {"!n", 0, 1},
        {"!(n || 0)", 3, 0},
        {"2 + 3 * 4 - 6 / 2", 0, 11},
        {"n >= 3 && n <= 10", 10, 1},
        {"n < 3 == 1", 2, 1},
        {"n ? n == 1 ? 5 : 6 : 7", 2, 6},
        {"n ? n == 1 ? 5 : 6 : 7", 0, 7},
    };
    static const char *const wrong[] = {
        "",      "n +",   "(n",          "n)",
        "m",     "n % 0", "n / 0",       "n ? 1",
        "n n",   "1 : 2", "n; system()", "99999999999999999999",
        "n = 1", "& n",   "n ? ",        "-1"};
    uint64_t v = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(plural_evaluate(str_of(rows[i].text), rows[i].n, &v));
        assert_int_equal(v, rows[i].want);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(plural_evaluate(str_of(wrong[i]), 5, &v));
}

static void test_depth(void **state)
{
    char text[4 * PLURAL_DEPTH];
    uint64_t v;

    memset(text, '(', sizeof text);
    assert_false(plural_evaluate((struct str){text, sizeof text}, 1, &v));
    memset(text, '!', sizeof text);
    assert_false(plural_evaluate((struct str){text, sizeof text}, 1, &v));
}

static void test_arabic_forms(void **state)
{
    static const struct str header =
        STR("Language: ar\nPlural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 "
            "? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : "
            "5);\nX-Other: 1\n");
    static const struct {
        uint64_t n;
        unsigned form;
    } rows[] = {{0, 0},  {1, 1},   {2, 2},   {3, 3},   {10, 3}, {11, 4},
                {99, 4}, {100, 5}, {102, 5}, {103, 3}, {111, 4}};
    unsigned form;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(plural_form(header, rows[i].n, &form));
        assert_int_equal(form, rows[i].form);
    }
    assert_false(plural_form(STR("Language: ar\n"), 1, &form));
    assert_false(plural_form(STR("Plural-Forms: nplurals=2; plural=n;\n"), 2,
                             &form)); /* no such form */
    assert_false(
        plural_form(STR("Plural-Forms: nplurals=0; plural=0;\n"), 2, &form));
}

/* A small catalogue, written here in either byte order. */
struct sheet {
    unsigned char bytes[512];
    size_t n;
    bool swapped;
};

static void put(struct sheet *s, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        s->bytes[at + (size_t)i] =
            (unsigned char)(v >> (s->swapped ? 24 - 8 * i : 8 * i));
}

static void put_text(struct sheet *s, size_t entry, const char *text, size_t n)
{
    put(s, entry, (uint32_t)n);
    put(s, entry + 4, (uint32_t)s->n);
    memcpy(s->bytes + s->n, text, n);
    s->n += n + 1;
}

static void make(struct sheet *s, bool swapped)
{
    static const char header[] = "Plural-Forms: nplurals=2; plural=n>1;\n";

    *s = (struct sheet){.n = 28 + 48, .swapped = swapped};
    put(s, 0, 0x950412de);
    put(s, 8, 3);
    put(s, 12, 28);
    put(s, 16, 28 + 24);
    put_text(s, 28, "", 0);
    put_text(s, 36, "area\0areas", 10);
    put_text(s, 44, "city", 4);
    put_text(s, 52, header, sizeof header - 1);
    put_text(s, 60, "quartier\0quartiers", 18);
    put_text(s, 68, "ville", 5);
}

static void test_lookup(void **state)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        struct sheet s;
        struct mo m;
        struct str found;

        make(&s, swapped);
        assert_true(mo_open(&m, s.bytes, s.n));
        assert_true(mo_find(&m, "city", &found));
        assert_true(str_is(found, "ville"));
        assert_false(mo_find(&m, "cit", &found));
        assert_false(mo_find(&m, "zebra", &found));
        assert_string_equal(mo_plural(&m, "area", 1), "quartier");
        assert_string_equal(mo_plural(&m, "area", 2), "quartiers");
        assert_null(mo_plural(&m, "city", 2)); /* has one form only */
        assert_null(mo_plural(&m, "none", 2));
    }
}

static unsigned look_up(const unsigned char *bytes, size_t n)
{
    struct mo m;
    struct str a, b;
    unsigned hits = 0;

    if (!mo_open(&m, bytes, n))
        return 0;
    hits += mo_find(&m, "city", &a);
    hits += mo_plural(&m, "area", 2) != NULL;
    for (uint32_t k = 0; k < 4; k++)
        hits += mo_at(&m, k, &a, &b);
    return hits;
}

/* Every length and every single damaged byte: a miss, never a read outside. */
static void test_damage(void **state)
{
    struct sheet s;
    struct mo m;

    make(&s, false);
    assert_int_equal(look_up(s.bytes, s.n), 5);
    for (size_t n = 0; n < s.n; n++) {
        unsigned char *copy = malloc(n + 1);

        memcpy(copy, s.bytes, n);
        assert_true(look_up(copy, n) < 5);
        free(copy);
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char *copy = malloc(s.n);

        memcpy(copy, s.bytes, s.n);
        copy[i] ^= 0xff;
        assert_true(look_up(copy, s.n) <= 6);
        free(copy);
    }
    put(&s, 0, 1);
    assert_false(mo_open(&m, s.bytes, s.n));
    assert_false(mo_open(&m, s.bytes, 27));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expression),   cmocka_unit_test(test_depth),
        cmocka_unit_test(test_arabic_forms), cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests_name("text-mo", tests, NULL, NULL);
}
