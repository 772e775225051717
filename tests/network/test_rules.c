/*
 * network/: what must hold between records: terms, handover, delegation,
 * membership, phases; on both databases.
 */
#include "../support/both.h"
#include "network/account.h"
#include "network/focal_point.h"
#include "network/member.h"
#include "network/rules.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;
enum { NOW = 1700000000 };
static const struct deed DEED = {.by = 0, .at = NOW, .action = "edit"};

struct fixture {
    struct store *s;
    struct arena *a;
    int64_t city, one, two;
};

static struct day d(const char *text)
{
    struct day out = {0};

    assert_true(!*text || day_parse(str_of(text), &out));
    return out;
}

static struct interval span(const char *from, const char *to)
{
    return (struct interval){d(from), d(to)};
}

static int64_t saved(struct fixture *f, const struct record_type *t, void *r)
{
    assert_int_equal(record_save(f->s, t, r, &DEED, f->a, NULL, NULL), RC_OK);
    return ((struct record_head *)r)->id;
}

static int64_t a_person(struct fixture *f, const char *name)
{
    static int number;
    struct person p;

    record_clear(&type_person, &p);
    p.name.in[0] = name;
    p.email = arena_printf(f->a, "r%d-%d@example.org", (int)getpid(), ++number);
    return saved(f, &type_person, &p);
}

static int64_t a_city(struct fixture *f)
{
    struct territory t;
    struct city c;

    record_clear(&type_territory, &t);
    t.name.in[0] = "Marsa";
    t.kind = "city";
    t.country = "MA";
    record_clear(&type_city, &c);
    c.name.in[0] = "Marsa";
    c.territory = saved(f, &type_territory, &t);
    c.status = "invited";
    c.status_since = d("2024-05");
    return saved(f, &type_city, &c);
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
    f->city = a_city(f);
    f->one = a_person(f, "One");
    f->two = a_person(f, "Two");
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

static struct focal_point a_point(struct fixture *f, int64_t person,
                                  const char *kind, struct interval term)
{
    struct focal_point p;

    record_clear(&type_focal_point, &p);
    p.city = f->city;
    p.person = person;
    p.kind = kind;
    p.term = term;
    return p;
}

static size_t complaints_of(struct fixture *f, const struct record_type *t,
                            const void *before, const void *record)
{
    struct complaints c = {.arena = f->a};

    assert_int_equal(rules_check(f->s, t, before, record, f->a, &c, NULL),
                     RC_OK);
    return c.n;
}

/* ---- days of any precision ---- */

static const struct {
    const char *a[2], *b[2];
    bool overlap, within;
} pairs[] = {
    {{"2024-01-01", "2024-06-30"}, {"2024-07-01", ""}, false, false},
    {{"2024-01-01", "2024-06-30"}, {"2024-06-30", ""}, true, false},
    {{"2024-01", "2024-06"}, {"2024-06", "2024-12"}, false, false},
    {{"2024-01", "2024-07"}, {"2024-06", "2024-12"}, true, false},
    {{"2024", ""}, {"2024-06", "2024-12"}, false, true},
    {{"2024", "2025"}, {"2025", ""}, false, false},
    {{"2023-11", ""}, {"2025", ""}, true, false},
    {{"2024-06", "2024-08"}, {"2024", "2024"}, false, true},
    {{"2024-06", "2024-08"}, {"2024", ""}, false, true},
    {{"2024-06", "2025-01"}, {"2024", "2024"}, false, false},
    {{"2023-12-31", "2024-08"}, {"2024", ""}, false, false},
};

static void days_are_as_precise_as_said(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct interval a = span(pairs[i].a[0], pairs[i].a[1]);
        struct interval b = span(pairs[i].b[0], pairs[i].b[1]);
        bool within = interval_within(a, b);
        bool overlap = intervals_overlap(a, b);

        if (within != pairs[i].within || overlap != pairs[i].overlap)
            fail_msg("pair %zu: within %d, overlap %d", i, within, overlap);
        assert_int_equal(intervals_overlap(a, b), intervals_overlap(b, a));
    }
}

static void the_day_before(void **state)
{
    static const char *const days[][2] = {
        {"2024-03-01", "2024-02-29"},
        {"2023-03-01", "2023-02-28"},
        {"2024-01-01", "2023-12-31"},
        {"2024-05-31", "2024-05-30"},
        {"2024-05", "2024-04"},
        {"2024-01", "2023-12"},
        {"2024", "2023"},
    };

    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        AUTO(buf) struct buf out = {.ceiling = 64};

        day_write(day_before(d(days[i][0])), &out);
        assert_string_equal(buf_cstr(&out), days[i][1]);
    }
    assert_int_equal(day_of_time(NOW).year, 2023);
    assert_int_equal(day_of_time(NOW).month, 11);
    assert_int_equal(day_of_time(NOW).day, 14);
}

/* ---- focal points ---- */

static void terms_do_not_overlap(void **state)
{
    struct fixture *f = *state;
    struct focal_point first =
        a_point(f, f->one, "political", span("2024-01", "2024-12"));
    struct focal_point other;

    assert_int_equal(complaints_of(f, &type_focal_point, NULL, &first), 0);
    saved(f, &type_focal_point, &first);
    assert_int_equal(complaints_of(f, &type_focal_point, &first, &first), 0);
    other = a_point(f, f->two, "political", span("2024-06", ""));
    assert_int_equal(complaints_of(f, &type_focal_point, NULL, &other), 1);
    other.kind = "technical";
    assert_int_equal(complaints_of(f, &type_focal_point, NULL, &other), 0);
    other = a_point(f, f->two, "political", span("2025-01", ""));
    assert_int_equal(complaints_of(f, &type_focal_point, NULL, &other), 0);
}

static void a_delegation_lies_within(void **state)
{
    struct fixture *f = *state;
    struct focal_point p =
        a_point(f, f->one, "technical", span("2024-01", "2024-12"));
    int64_t id = saved(f, &type_focal_point, &p), who, acting;

    assert_int_equal(focal_point_delegate(f->s, id, f->two,
                                          span("2024-11", "2025-02"), &DEED,
                                          f->a, NULL),
                     RC_INVALID);
    assert_int_equal(focal_point_delegate(f->s, id, f->one,
                                          span("2024-03", "2024-04"), &DEED,
                                          f->a, NULL),
                     RC_INVALID);
    assert_int_equal(focal_point_delegate(f->s, id, f->two,
                                          span("2024-03", "2024-04"), &DEED,
                                          f->a, NULL),
                     RC_OK);
    assert_int_equal(focal_point_at(f->s, f->city, "technical", d("2024-04-30"),
                                    &who, &acting, NULL),
                     RC_OK);
    assert_int_equal(who, id);
    assert_int_equal(acting, f->two);
    assert_int_equal(focal_point_at(f->s, f->city, "technical", d("2024-05-01"),
                                    &who, &acting, NULL),
                     RC_OK);
    assert_int_equal(acting, f->one);
    assert_int_equal(focal_point_at(f->s, f->city, "technical", d("2025-01-01"),
                                    &who, &acting, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(
        focal_point_delegate(f->s, id, 0, span("", ""), &DEED, f->a, NULL),
        RC_OK);
}

static void a_handover_closes_and_opens(void **state)
{
    struct fixture *f = *state;
    struct focal_point p =
        a_point(f, f->one, "political", span("2024-01-15", ""));
    struct focal_point old, new;
    int64_t id, next, who, acting;

    p.deputy = f->two;
    p.delegation = span("2024-04-01", "2024-12-31");
    id = saved(f, &type_focal_point, &p);
    assert_int_equal(focal_point_handover(f->s, id, f->two,
                                          span("2024-07-01", "2026"), &DEED,
                                          f->a, &next, NULL, NULL),
                     RC_OK);
    assert_int_equal(record_load(f->s, &type_focal_point, id, f->a, &old, NULL),
                     RC_OK);
    assert_int_equal(
        record_load(f->s, &type_focal_point, next, f->a, &new, NULL), RC_OK);
    assert_int_equal(day_compare(old.term.to, d("2024-06-30")), 0);
    assert_int_equal(day_compare(old.delegation.to, d("2024-06-30")), 0);
    assert_int_equal(old.successor, next);
    assert_int_equal(new.person, f->two);
    assert_string_equal(new.kind, "political");
    assert_int_equal(focal_point_at(f->s, f->city, "political", d("2024-07-01"),
                                    &who, &acting, NULL),
                     RC_OK);
    assert_int_equal(who, next);
    /* once is enough */
    assert_int_equal(focal_point_handover(f->s, id, f->two, span("2024-09", ""),
                                          &DEED, f->a, &next, NULL, NULL),
                     RC_CONFLICT);
}

static void a_handover_is_whole_or_not(void **state)
{
    struct fixture *f = *state;
    struct focal_point p = a_point(f, f->one, "political", span("2024", ""));
    struct focal_point later =
        a_point(f, f->two, "political", span("2030", ""));
    struct focal_point old;
    int64_t id = saved(f, &type_focal_point, &p), next;

    /* somebody else's later term is in the way of an open one */
    saved(f, &type_focal_point, &later);
    assert_int_equal(focal_point_handover(f->s, id, f->two, span("2025-03", ""),
                                          &DEED, f->a, &next, NULL, NULL),
                     RC_INVALID);
    assert_int_equal(record_load(f->s, &type_focal_point, id, f->a, &old, NULL),
                     RC_OK);
    assert_int_equal(old.term.to.year, 0);
    assert_int_equal(old.head.version, 1);
    assert_false(store_in_transaction(f->s));
    assert_int_equal(focal_point_handover(f->s, id, f->one, span("2025-03", ""),
                                          &DEED, f->a, &next, NULL, NULL),
                     RC_INVALID);
    assert_int_equal(focal_point_handover(f->s, id, f->two, span("2023", ""),
                                          &DEED, f->a, &next, NULL, NULL),
                     RC_INVALID);
}

/* ---- the role that goes with a term ---- */

static int64_t an_account(struct fixture *f, int64_t person)
{
    static const struct keyring k = {.key = {1}};
    char token[TOKEN_TEXT];
    const char *email = arena_printf(f->a, "a%d-%lld@example.org",
                                     (int)getpid(), (long long)person);
    int64_t id;

    assert_int_equal(
        account_invite(f->s, &k, email, person, 0, NOW, token, NULL), RC_OK);
    assert_int_equal(account_of_email(f->s, email, &id, NULL), RC_OK);
    return id;
}

/* 'f' in force, 'd' as deputy, 'e' ended, '-' none. */
static char role_at(struct fixture *f, int64_t account, const char *day)
{
    struct tm tm = {0};
    struct day at = d(day);
    struct viewer v = {0};

    tm.tm_year = at.year - 1900;
    tm.tm_mon = at.month - 1;
    tm.tm_mday = at.day;
    assert_int_equal(viewer_load(f->s, account, timegm(&tm), f->a, &v, NULL),
                     RC_OK);
    if (v.n_ended)
        return v.n_grants ? '?' : 'e';
    if (!v.n_grants)
        return '-';
    assert_int_equal(v.n_grants, 1);
    assert_int_equal(v.grants[0].role, ROLE_FOCAL_POINT);
    assert_int_equal(v.grants[0].city, f->city);
    return v.n_delegated ? 'd' : 'f';
}

static void the_role_moves_along(void **state)
{
    struct fixture *f = *state;
    int64_t three = a_person(f, "Deputy"), next;
    int64_t one = an_account(f, f->one), two = an_account(f, f->two);
    int64_t deputy = an_account(f, three), id;
    struct grant g = {ROLE_FOCAL_POINT, f->city, 0};
    struct focal_point p =
        a_point(f, f->one, "technical", span("2023-05", "2025"));
    size_t accounts = 9;

    assert_int_equal(grant_give(f->s, one, &g, 0, NOW, NULL), RC_OK);
    assert_int_equal(role_at(f, one, "2020-01-01"), 'f'); /* no term is told */
    p.deputy = three;
    p.delegation = span("2023-08-01", "2023-08-31");
    id = saved(f, &type_focal_point, &p);
    assert_int_equal(role_at(f, one, "2023-04-30"), 'e');
    assert_int_equal(role_at(f, one, "2023-06-01"), 'f');
    assert_int_equal(role_at(f, one, "2026-01-01"), 'e');
    assert_int_equal(role_at(f, deputy, "2023-07-31"), '-');
    assert_int_equal(role_at(f, deputy, "2023-08-15"), 'd');
    assert_int_equal(role_at(f, deputy, "2023-09-01"), '-');

    /* from the new year on; today is in November 2023 */
    assert_int_equal(focal_point_handover(f->s, id, f->two,
                                          span("2024-01-01", "2026"), &DEED,
                                          f->a, &next, &accounts, NULL),
                     RC_OK);
    assert_int_equal(accounts, 1);
    assert_int_equal(role_at(f, one, "2023-12-31"), 'f');
    assert_int_equal(role_at(f, two, "2023-12-31"), 'e');
    assert_int_equal(role_at(f, one, "2024-01-01"), 'e');
    assert_int_equal(role_at(f, two, "2024-01-01"), 'f');
    assert_int_equal(role_at(f, two, "2027-01-01"), 'e');
}

static void a_term_that_is_over_gives_its_role_away(void **state)
{
    struct fixture *f = *state;
    int64_t one = an_account(f, f->one), two = an_account(f, f->two), next;
    struct grant g = {ROLE_FOCAL_POINT, f->city, 0};
    struct focal_point p = a_point(f, f->one, "technical", span("2020", ""));
    int64_t id = saved(f, &type_focal_point, &p);

    assert_int_equal(grant_give(f->s, one, &g, 0, NOW, NULL), RC_OK);
    assert_int_equal(focal_point_handover(f->s, id, f->two,
                                          span("2023-11-01", ""), &DEED, f->a,
                                          &next, NULL, NULL),
                     RC_OK);
    assert_int_equal(role_at(f, one, "2023-11-14"), '-'); /* the row is gone */
    assert_int_equal(role_at(f, two, "2023-11-14"), 'f');
}

/* ---- membership ---- */

static void a_membership_goes_its_way(void **state)
{
    struct fixture *f = *state;
    struct city c;

    assert_int_equal(
        member_move(f->s, f->city, "member", d("2024-06"), &DEED, f->a, NULL),
        RC_INVALID); /* announced comes first */
    assert_int_equal(member_move(f->s, f->city, "announced", d("2024-04"),
                                 &DEED, f->a, NULL),
                     RC_INVALID); /* before the invitation */
    assert_int_equal(
        member_move(f->s, f->city, "announced", d(""), &DEED, f->a, NULL),
        RC_INVALID);
    assert_int_equal(
        member_move(f->s, f->city, "announced", d("2024"), &DEED, f->a, NULL),
        RC_OK);
    assert_int_equal(member_move(f->s, f->city, "member", d("2024-09-10"),
                                 &DEED, f->a, NULL),
                     RC_OK);
    assert_int_equal(
        member_move(f->s, f->city, "former", d("2026-01"), &DEED, f->a, NULL),
        RC_OK);
    assert_int_equal(
        member_move(f->s, f->city, "invited", d("2026-05"), &DEED, f->a, NULL),
        RC_OK);
    assert_int_equal(record_load(f->s, &type_city, f->city, f->a, &c, NULL),
                     RC_OK);
    assert_int_equal(c.head.version, 5);
    assert_null(member_next("unheard"));
}

/* ---- programmes, territories, stakeholders ---- */

static void phases_lie_within(void **state)
{
    struct fixture *f = *state;
    struct programme whole, phase, grand;

    record_clear(&type_programme, &whole);
    whole.name.in[0] = "P";
    whole.span = span("2015", "2022");
    saved(f, &type_programme, &whole);
    record_clear(&type_programme, &phase);
    phase.name.in[0] = "P1";
    phase.part_of = whole.head.id;
    phase.span = span("2018-10", "2022-06");
    assert_int_equal(complaints_of(f, &type_programme, NULL, &phase), 0);
    saved(f, &type_programme, &phase);
    phase.span = span("2018-10", "2023");
    assert_int_equal(complaints_of(f, &type_programme, NULL, &phase), 1);
    grand = whole;
    grand.part_of = phase.head.id;
    assert_int_equal(complaints_of(f, &type_programme, &whole, &grand), 1);
}

static void a_part_is_in_its_country(void **state)
{
    struct fixture *f = *state;
    struct territory whole, part;

    record_clear(&type_territory, &whole);
    whole.name.in[0] = "W";
    whole.kind = "metropolis";
    whole.country = "FR";
    saved(f, &type_territory, &whole);
    part = whole;
    part.head = (struct record_head){0};
    part.parent = whole.head.id;
    assert_int_equal(complaints_of(f, &type_territory, NULL, &part), 0);
    part.country = "ES";
    assert_int_equal(complaints_of(f, &type_territory, NULL, &part), 1);
    whole.parent = whole.head.id;
    assert_int_equal(complaints_of(f, &type_territory, &whole, &whole), 1);
}

static void a_stakeholder_is_somebody(void **state)
{
    struct fixture *f = *state;
    struct stakeholder k;

    record_clear(&type_stakeholder, &k);
    k.city = f->city;
    assert_int_equal(complaints_of(f, &type_stakeholder, NULL, &k), 1);
    k.person = f->one;
    assert_int_equal(complaints_of(f, &type_stakeholder, NULL, &k), 0);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
        cmocka_unit_test(days_are_as_precise_as_said),
        cmocka_unit_test(the_day_before),
        TEST(terms_do_not_overlap),
        TEST(a_delegation_lies_within),
        TEST(a_handover_closes_and_opens),
        TEST(a_handover_is_whole_or_not),
        TEST(the_role_moves_along),
        TEST(a_term_that_is_over_gives_its_role_away),
        TEST(a_membership_goes_its_way),
        TEST(phases_lie_within),
        TEST(a_part_is_in_its_country),
        TEST(a_stakeholder_is_somebody),
#undef TEST
    };

    print_message("# %s\n", name);
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return on_both(&url, suite);
}
