/*
 * network/access: object x role x action, as one table. Channels (page, API,
 * export, search, feed, file) all ask this function; tests/web holds them to
 * it.
 */
#include "network/access.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OURS = 7, THEIRS = 8 };

/* One viewer a row: its only grant, and whether it has a second factor. */
static const struct {
    const char *name;
    bool signed_in, second_factor;
    struct grant grant;
} viewers[] = {
    {"visitor", false, false, {0}},
    {"reader", true, false, {ROLE_READER, 0, 0}},
    {"contributor", true, false, {ROLE_CONTRIBUTOR, OURS, 0}},
    {"focal point", true, true, {ROLE_FOCAL_POINT, OURS, 0}},
    {"focal point without factor", true, false, {ROLE_FOCAL_POINT, OURS, 0}},
    {"city editor", true, true, {ROLE_CITY_EDITOR, OURS, 0}},
    {"organisation editor", true, true, {ROLE_ORG_EDITOR, 0, OURS}},
    {"secretariat", true, true, {ROLE_SECRETARIAT, 0, 0}},
    {"secretariat without factor", true, false, {ROLE_SECRETARIAT, 0, 0}},
};

/* Letters: s see, e edit, c create, d delete, r review, h history, f files, a
 * administer, p propose a change of what is published; one text a viewer, in
 * the order above. */
static const struct {
    const char *record, *state;
    int64_t owner; /* city or organisation, by the record */
    const char *may[ARRAY_LEN(viewers)];
} rows[] = {
    {"city",
     "published",
     OURS,
     {"s", "s", "sp", "sehp", "s", "sehfp", "s", "secdrhap", "s"}},
    {"city",
     "draft",
     OURS,
     {"", "", "s", "sehp", "s", "sehfp", "", "secdrhap", ""}},
    {"city", "draft", THEIRS, {"", "", "", "", "", "", "", "secdrhap", ""}},
    {"city",
     "published",
     THEIRS,
     {"s", "s", "s", "s", "s", "s", "s", "secdrhap", "s"}},
    {"edition",
     "draft",
     OURS,
     {"", "", "s", "s", "s", "secdhfp", "", "secdrhap", ""}},
    {"edition",
     "published",
     OURS,
     {"", "s", "sp", "s", "s", "secdhfp", "s", "secdrhap", "s"}},
    {"edition", "review", THEIRS, {"", "", "", "", "", "", "", "secdrhap", ""}},
    {"organisation",
     "draft",
     OURS,
     {"", "", "", "", "", "", "sehp", "secdrhap", ""}},
    {"organisation",
     "published",
     THEIRS,
     {"s", "s", "s", "s", "s", "s", "s", "secdrhap", "s"}},
    {"stakeholder",
     "",
     OURS,
     {"s", "s", "s", "s", "s", "secdhfp", "s", "secdrhap", "s"}},
    {"stakeholder",
     "",
     THEIRS,
     {"s", "s", "s", "s", "s", "s", "s", "secdrhap", "s"}},
    {"person", "", THEIRS, {"", "s", "s", "s", "s", "s", "s", "secdrhap", "s"}},
    {"territory", "", 0, {"s", "s", "s", "s", "s", "s", "s", "secdrhap", "s"}},
};

static const struct {
    char letter;
    enum action action;
} letters[] = {
    {'s', ACTION_SEE},    {'e', ACTION_EDIT},   {'c', ACTION_CREATE},
    {'d', ACTION_DELETE}, {'r', ACTION_REVIEW}, {'h', ACTION_HISTORY},
    {'f', ACTION_FILES},  {'a', ACTION_ADMIN},  {'p', ACTION_PROPOSE},
};

static struct viewer viewer_of(size_t i)
{
    return (struct viewer){.account = viewers[i].signed_in ? 1 : 0,
                           .person = viewers[i].signed_in ? 99 : 0,
                           .n_grants = viewers[i].signed_in,
                           .grants = &viewers[i].grant,
                           .second_factor = viewers[i].second_factor};
}

static struct subject subject_at(size_t row, void *record)
{
    const struct record_type *t = record_type(rows[row].record);
    struct record_head *head = record;
    const struct field *city = record_field(t, "city");

    record_clear(t, record);
    head->id = rows[row].owner;
    head->state = rows[row].state;
    if (city && city->type == TYPE_REF)
        *(int64_t *)field_at(record, city) = rows[row].owner;
    return subject_of(t, record);
}

static void every_cell_of_the_table(void **state)
{
    int wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char record[4096];
        struct subject s = subject_at(i, record);

        for (size_t v = 0; v < ARRAY_LEN(viewers); v++) {
            struct viewer viewer = viewer_of(v);

            for (size_t k = 0; k < ARRAY_LEN(letters); k++) {
                bool want = strchr(rows[i].may[v], letters[k].letter);
                bool may = access_may(&viewer, letters[k].action, &s);

                if (want != may) {
                    print_error("%s (%s, %lld), %s: '%c' is %d\n",
                                rows[i].record, rows[i].state,
                                (long long)rows[i].owner, viewers[v].name,
                                letters[k].letter, may);
                    wrong++;
                }
            }
        }
    }
    assert_int_equal(wrong, 0);
}

static void a_reading_token_changes_nothing(void **state)
{
    static const struct grant all = {ROLE_SECRETARIAT, 0, 0};
    struct viewer v = {
        .account = 1, .n_grants = 1, .grants = &all, .token = true};
    char record[4096];
    struct subject s = subject_at(0, record);

    for (int action = 0; action < ACTIONS; action++)
        assert_int_equal(access_may(&v, action, &s),
                         action == ACTION_SEE || action == ACTION_HISTORY);
    v.token_write = true;
    assert_true(access_may(&v, ACTION_EDIT, &s));
}

static void private_fields_are_hidden(void **state)
{
    struct person p;
    struct subject s;
    struct viewer visitor = viewer_of(0), reader = viewer_of(1);

    record_clear(&type_person, &p);
    p.head.id = 99;
    s = subject_of(&type_person, &p);
    assert_int_equal(access_hidden(&visitor, &s),
                     PRIVATE | INTERNAL | PERSONAL);
    assert_int_equal(access_hidden(&reader, &s), 0); /* one's own */
    p.head.id = 98;
    s = subject_of(&type_person, &p);
    assert_int_equal(access_hidden(&reader, &s), PRIVATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table),
        cmocka_unit_test(a_reading_token_changes_nothing),
        cmocka_unit_test(private_fields_are_hidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
