#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "text/lang.h"

#define NNBSP "\xe2\x80\xaf"
#define NBSP "\xc2\xa0"
#define LRM "\xe2\x80\x8e"
#define MINUS "\xe2\x88\x92"
#define LRI "\xe2\x81\xa6"
#define FSI "\xe2\x81\xa8"
#define PDI "\xe2\x81\xa9"

static const char *const codes[] = {"en", "fr", "ar"};

/* One row: what each language writes. */
struct row {
    double v;
    int decimals;
    const char *want[3];
};

typedef void (*writer)(const struct lang *, double, int, struct buf *);

static void check_rows(writer write, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(codes); k++) {
            AUTO(buf) struct buf b;

            buf_init(&b, 4096);
            write(lang_find(codes[k]), rows[i].v, rows[i].decimals, &b);
            assert_string_equal(buf_cstr(&b), rows[i].want[k]);
        }
}

static void write_integer(const struct lang *l, double v, int d, struct buf *b)
{
    lang_integer(l, (int64_t)v, b);
}

static void test_integer(void **state)
{
    static const struct row rows[] = {
        {0, 0, {"0", "0", "0"}},
        {999, 0, {"999", "999", "999"}},
        {1234, 0, {"1,234", "1" NNBSP "234", "1,234"}},
        {3769962, 0, {"3,769,962", "3" NNBSP "769" NNBSP "962", "3,769,962"}},
        {-29149,
         0,
         {MINUS "29,149", MINUS "29" NNBSP "149", LRM MINUS "29,149"}},
    };

    check_rows(write_integer, rows, ARRAY_LEN(rows));
}

static void test_decimal(void **state)
{
    static const struct row rows[] = {
        {0.123, 2, {"0.12", "0,12", "0.12"}},
        {0.125, 2, {"0.13", "0,13", "0.13"}}, /* half up, as people round */
        {2, 1, {"2.0", "2,0", "2.0"}},
        {-0.04, 1, {"0.0", "0,0", "0.0"}}, /* no negative zero */
        {1e6, 0, {"1,000,000", "1" NNBSP "000" NNBSP "000", "1,000,000"}},
        {NAN, 1, {"", "", ""}},
        {INFINITY, 1, {"", "", ""}},
    };

    check_rows(lang_decimal, rows, ARRAY_LEN(rows));
}

static void test_percent(void **state)
{
    static const struct row rows[] = {
        {0.123, 1, {"12.3%", "12,3" NBSP "%", "12.3" LRM "%" LRM}},
        {0.0005, 1, {"0.1%", "0,1" NBSP "%", "0.1" LRM "%" LRM}},
        {1, 0, {"100%", "100" NBSP "%", "100" LRM "%" LRM}},
        {NAN, 0, {"", "", ""}},
    };
    static const struct row signs[] = {
        {0.05, 0, {"+5%", "+5" NBSP "%", LRM "+5" LRM "%" LRM}},
        {-0.05, 0, {MINUS "5%", MINUS "5" NBSP "%", LRM MINUS "5" LRM "%" LRM}},
        {0, 0, {"0%", "0" NBSP "%", "0" LRM "%" LRM}},
    };

    check_rows(lang_percent, rows, ARRAY_LEN(rows));
    check_rows(lang_signed_percent, signs, ARRAY_LEN(signs));
}

struct words {
    const char *in, *want[3]; /* NULL: refused */
};

static void test_period(void **state)
{
    static const struct words rows[] = {
        {"2020", {"2020", "2020", "2020"}},
        {"2020-02", {"February 2020", "février 2020", "فبراير 2020"}},
        {"2025-01-01", {"January 1, 2025", "1er janvier 2025", "1 يناير 2025"}},
        {"2025-12-31",
         {"December 31, 2025", "31 décembre 2025", "31 ديسمبر 2025"}},
        {"2020-13", {"2020-13", "2020-13", LRI "2020-13" PDI}},
        {"2019-2023", {"2019-2023", "2019-2023", LRI "2019-2023" PDI}},
        {"", {"", "", LRI PDI}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < 3; k++) {
            AUTO(buf) struct buf b;

            buf_init(&b, 4096);
            lang_period(lang_find(codes[k]), rows[i].in, &b);
            assert_string_equal(buf_cstr(&b), rows[i].want[k]);
        }
}

/* The words say the day that was written, in every month of eight centuries. */
static void test_every_month(void **state)
{
    static const char *const months[] = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};

    for (int year = 1500; year < 2400; year++)
        for (int month = 1; month <= 12; month++) {
            AUTO(buf) struct buf b;
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int day = month != 2 ? 30 : leap ? 29 : 28;
            char in[32], want[64];

            snprintf(in, sizeof in, "%04d-%02d-%02d", year, month, day);
            snprintf(want, sizeof want, "%s %d, %d", months[month - 1], day,
                     year);
            buf_init(&b, 4096);
            lang_period(lang_find("en"), in, &b);
            assert_string_equal(buf_cstr(&b), want);
        }
}

static void check_names(bool (*name)(const struct lang *, const char *,
                                     struct buf *),
                        const struct words *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++) {
            AUTO(buf) struct buf b;
            bool known;

            buf_init(&b, 4096);
            known = name(lang_find(codes[k]), rows[i].in, &b);
            assert_int_equal(known, rows[i].want[k] != NULL);
            assert_string_equal(buf_cstr(&b), known ? rows[i].want[k] : "");
        }
}

static void test_country(void **state)
{
    static const struct words rows[] = {
        {"SY", {"Syria", "Syrie", "سوريا"}},
        {"SYR", {"Syria", "Syrie", "سوريا"}},
        {"fr", {"France", "France", "فرنسا"}},
        {"PS", {"Palestine", "Palestine", "فلسطين"}},
        {"XK", {"Kosovo", "Kosovo", "كوسوفو"}},
        {"MAR", {"Morocco", "Maroc", "المغرب"}},
        {"ZZ", {0}},
        {"XQ", {0}},
        {"EU", {0}},
        {"F", {0}},
        {"F1", {0}},
        {"ABCD", {0}},
        {"", {0}},
    };

    check_names(lang_country, rows, ARRAY_LEN(rows));
}

static void test_language(void **state)
{
    static const struct words rows[] = {
        {"ar", {"Arabic", "arabe", "العربية"}},
        {"fra", {"French", "français", "الفرنسية"}},
        {"qq", {0}},
        {"x", {0}},
        {"a b", {0}},
    };

    check_names(lang_language, rows, ARRAY_LEN(rows));
}

static void test_list(void **state)
{
    static const char *const items[] = {"Syria", "Türkiye", "Poland"};
    static const char *const want[] = {"Syria, Türkiye, and Poland",
                                       "Syria, Türkiye et Poland",
                                       "Syria وTürkiye وPoland"};
    for (size_t k = 0; k < 3; k++) {
        AUTO(buf) struct buf b;

        buf_init(&b, 4096);
        lang_list(lang_find(codes[k]), items, 0, &b);
        assert_string_equal(buf_cstr(&b), "");
        lang_list(lang_find(codes[k]), items, 3, &b);
        assert_string_equal(buf_cstr(&b), want[k]);
    }
}

static void test_compare(void **state)
{
    const struct lang *fr = lang_find("fr"), *ar = lang_find("ar");

    assert_true(lang_compare(fr, STR("Égypte"), STR("Espagne")) < 0);
    assert_true(lang_compare(fr, STR("espagne"), STR("Suède")) < 0);
    assert_true(lang_compare(fr, STR("Suède"), STR("Suède")) == 0);
    assert_true(lang_compare(ar, STR("الجزائر"), STR("المغرب")) < 0);
    assert_true(lang_compare(ar, STR(""), STR("المغرب")) < 0);
}

static void test_find(void **state)
{
    size_t n;

    assert_string_equal(lang_code(lang_find("fr-FR")), "fr");
    assert_string_equal(lang_code(lang_find("AR_tn")), "ar");
    assert_null(lang_find("fra"));
    assert_null(lang_find("de"));
    assert_null(lang_find(""));
    assert_null(lang_find(NULL));
    assert_true(lang_rtl(lang_find("ar")));
    assert_false(lang_rtl(lang_find("fr")));
    assert_string_equal(lang_code(lang_all(&n)[0]), "en");
    assert_int_equal(n, 3);
}

static void test_text(void **state)
{
    const struct lang *en = lang_find("en"), *fr = lang_find("fr");

    assert_string_equal(lang_text(fr, "not found"), "introuvable");
    assert_string_equal(lang_text(en, "not found"), "not found");
    assert_string_equal(lang_text(fr, "no such message"), "no such message");
    assert_string_equal(lang_text(fr, ""), "");
    assert_string_equal(lang_plural(fr, "no such one", "no such many", 1),
                        "no such one");
    assert_string_equal(lang_plural(fr, "no such one", "no such many", 0),
                        "no such many");
    /* Marked as two messages: each has its own translation. */
    assert_string_equal(lang_plural(fr, "not found", "done", 1), "introuvable");
    assert_string_equal(lang_plural(fr, "not found", "done", 3), "fait");
    assert_string_equal(lang_plural(lang_find("ar"), "{n} area has no value.",
                                    "{n} areas have no value.", 2),
                        "حيان بلا قيمة.");
}

static void test_fill(void **state)
{
    AUTO(buf) struct buf b;

    buf_init(&b, 4096);
    lang_fill(&b, "One resident in {n} was born in {country}.", "country",
              "Syria", "n", "5", NULL);
    assert_string_equal(buf_cstr(&b), "One resident in 5 was born in Syria.");
    buf_clear(&b);
    lang_fill(&b, "{unknown} {open {n}", "n", "7", NULL);
    assert_string_equal(buf_cstr(&b), "{unknown} {open 7");
    buf_clear(&b);
    lang_fill(&b, "{n}{n}", "n", "{n}", NULL);
    assert_string_equal(buf_cstr(&b), "{n}{n}"); /* not filled twice */
    buf_clear(&b);
    lang_fill(&b, "مدينة {city} {n}", "city", "Berlin (2)", "n", "5", NULL);
    assert_string_equal(buf_cstr(&b), "مدينة " FSI "Berlin (2)" PDI " 5");
    buf_clear(&b);
    lang_fill(&b, "مدينة {city}", "city", "برلين", NULL);
    assert_string_equal(buf_cstr(&b), "مدينة برلين");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integer),     cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_percent),     cmocka_unit_test(test_period),
        cmocka_unit_test(test_every_month), cmocka_unit_test(test_country),
        cmocka_unit_test(test_language),    cmocka_unit_test(test_list),
        cmocka_unit_test(test_compare),     cmocka_unit_test(test_find),
        cmocka_unit_test(test_text),        cmocka_unit_test(test_fill),
    };

    return cmocka_run_group_tests_name("text-lang", tests, NULL, NULL);
}
