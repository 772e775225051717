/*
 * record/ in a store: saving, conflicts, history, search, migration. The same
 * suite on SQLite and on the PostgreSQL of tests/support/with-postgres.
 */
#include "../support/both.h"
#include "record/keep.h"
#include "record/revision.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;

struct fixture {
    struct store *s;
    struct arena *a;
};

static const char *const TABLES[] = {"edition",
                                     "stakeholder",
                                     "focal_point",
                                     "programme_cities",
                                     "programme_organisations",
                                     "programme",
                                     "person",
                                     "city",
                                     "organisation",
                                     "territory",
                                     "history",
                                     "search",
                                     "search_row",
                                     "revision",
                                     "revision_part"};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    struct migration m;
    char sql[100];

    f->a = arena_new(0);
    *state = f;
    if (store_open(url, &f->s, NULL))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(TABLES); i++) {
        snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS %s", TABLES[i]);
        if (store_script(f->s, sql, NULL))
            return -1;
    }
    return migration_plan(f->s, f->a, &m, NULL) ||
                   migration_apply(f->s, &m, NULL, 0, NULL)
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->s);
    arena_free(f->a);
    test_free(f);
    return 0;
}

static const struct deed DEED = {.by = 7, .at = 1700000000, .action = "edit"};

static int64_t a_territory(struct fixture *f, const char *name)
{
    struct territory t;

    record_clear(&type_territory, &t);
    t.name.in[0] = name;
    t.name.state[0] = WORDS_ORIGINAL;
    t.kind = "city";
    t.country = "MA";
    t.place = (struct coordinate){-5.8, 35.77};
    t.residents = INT64_C(947952);
    assert_int_equal(
        record_save(f->s, &type_territory, &t, &DEED, f->a, NULL, NULL), RC_OK);
    return t.head.id;
}

static void a_file_is_named_by_its_number(void **state)
{
    struct fixture *f = *state;
    struct programme p, now;
    struct complaints bad = {.arena = f->a};
    AUTO(buf) struct buf text = {.ceiling = 1 << 12};
    AUTO(buf) struct buf json = {.ceiling = 1 << 16};
    const struct field *field = record_field(&type_programme, "document");

    record_clear(&type_programme, &p);
    assert_true(field_absent(&p, field));
    p.name.in[0] = "Routes";
    p.document = (struct attachment){INT64_C(5000000000), "plan «2026».pdf",
                                     "application/pdf", 1234};
    assert_int_equal(
        record_save(f->s, &type_programme, &p, &DEED, f->a, NULL, NULL), RC_OK);
    assert_int_equal(
        record_load(f->s, &type_programme, p.head.id, f->a, &now, NULL), RC_OK);
    assert_true(now.document.number == INT64_C(5000000000));
    assert_string_equal(now.document.name, "plan «2026».pdf");
    assert_string_equal(now.document.media, "application/pdf");
    assert_int_equal(now.document.size, 1234);
    field_get_text(&now, field, FILE_NAME, &text);
    assert_string_equal(buf_cstr(&text), "plan «2026».pdf");
    node_write(record_json(&type_programme, &now, 0, f->a), false, &json);
    assert_non_null(strstr(buf_cstr(&json), "\"size\":1234"));
    assert_non_null(strstr(buf_cstr(&json), "/files/document"));
    assert_null(strstr(buf_cstr(&json), "5000000000"));
    record_validate(&type_programme, &now, &bad);
    assert_int_equal(bad.n, 0);
    now.document = (struct attachment){0};
    assert_int_equal(
        record_save(f->s, &type_programme, &now, &DEED, f->a, NULL, NULL),
        RC_OK);
    assert_int_equal(
        record_load(f->s, &type_programme, p.head.id, f->a, &p, NULL), RC_OK);
    assert_true(field_absent(&p, field));
    assert_int_equal(p.document.number, 0);
}

/* A change that waits holds another file than what is published. */
static void a_proposal_holds_its_own_file(void **state)
{
    struct fixture *f = *state;
    struct programme p, proposed, now;
    struct revision v = {0};

    record_clear(&type_programme, &p);
    p.name.in[0] = "Routes";
    p.head.state = "published";
    p.document = (struct attachment){11, "a.pdf", "application/pdf", 5};
    assert_int_equal(
        record_save(f->s, &type_programme, &p, &DEED, f->a, NULL, NULL), RC_OK);
    proposed = p;
    proposed.document.number = 12; /* the same name and size */
    assert_int_equal(revision_save(f->s, &type_programme, &p, &proposed, &v,
                                   &DEED, f->a, NULL),
                     RC_OK);
    assert_int_equal(
        revision_load(f->s, &type_programme, p.head.id, f->a, &v, NULL), RC_OK);
    assert_int_equal(v.version, 1);
    assert_int_equal(
        record_load(f->s, &type_programme, p.head.id, f->a, &now, NULL), RC_OK);
    assert_int_equal(now.document.number, 11);
    revision_apply(&type_programme, &v, &now, f->a, NULL);
    assert_int_equal(now.document.number, 12);
    assert_string_equal(now.document.name, "a.pdf");
}

static int64_t a_city(struct fixture *f, const char *fr, const char *ar)
{
    struct city c;

    record_clear(&type_city, &c);
    c.name.in[1] = fr;
    c.name.in[2] = ar;
    c.name.state[1] = WORDS_ORIGINAL;
    c.territory = a_territory(f, fr);
    c.status = "member";
    c.status_since = (struct day){2015, 11, 0};
    assert_int_equal(record_save(f->s, &type_city, &c, &DEED, f->a, NULL, NULL),
                     RC_OK);
    assert_int_equal(c.head.version, 1);
    assert_string_equal(c.head.state, "draft");
    return c.head.id;
}

static void what_is_saved_comes_back(void **state)
{
    struct fixture *f = *state;
    struct territory t;
    struct city c;
    int64_t id = a_city(f, "Tanger", "طنجة");

    assert_int_equal(record_load(f->s, &type_city, id, f->a, &c, NULL), RC_OK);
    assert_string_equal(c.name.in[1], "Tanger");
    assert_string_equal(c.name.in[2], "طنجة");
    assert_null(c.name.in[0]);
    assert_int_equal(c.status_since.month, 11);
    assert_int_equal(c.status_since.day, 0);
    assert_int_equal(
        record_load(f->s, &type_territory, c.territory, f->a, &t, NULL), RC_OK);
    assert_true(t.place.longitude == -5.8);
    assert_int_equal(t.residents, 947952);
    assert_int_equal(record_load(f->s, &type_city, 999, f->a, &c, NULL),
                     RC_NOT_FOUND);
}

static void lists_of_references_keep_their_order(void **state)
{
    struct fixture *f = *state;
    int64_t ids[] = {a_city(f, "Sfax", NULL), a_city(f, "Lyon", NULL),
                     a_city(f, "Turin", NULL)};
    int64_t order[] = {ids[2], ids[0], ids[1]};
    struct programme p, q;

    record_clear(&type_programme, &p);
    p.name.in[0] = "Phase II";
    p.cities = (struct ids){3, order};
    p.span.from = (struct day){2018, 0, 0};
    assert_int_equal(
        record_save(f->s, &type_programme, &p, &DEED, f->a, NULL, NULL), RC_OK);
    assert_int_equal(
        record_load(f->s, &type_programme, p.head.id, f->a, &q, NULL), RC_OK);
    assert_int_equal(q.cities.n, 3);
    assert_memory_equal(q.cities.items, order, sizeof order);
    assert_int_equal(q.span.from.year, 2018);
    assert_int_equal(q.span.to.year, 0);
}

static int64_t a_programme(struct fixture *f, const char *name, int64_t *cities,
                           size_t n)
{
    struct programme p;

    record_clear(&type_programme, &p);
    p.name.in[0] = name;
    p.cities = (struct ids){n, cities};
    assert_int_equal(
        record_save(f->s, &type_programme, &p, &DEED, f->a, NULL, NULL), RC_OK);
    return p.head.id;
}

/* What record_load gives one by one, in the order asked for. */
static void many_at_once(void **state)
{
    struct fixture *f = *state;
    int64_t cities[] = {a_city(f, "Sfax", NULL), a_city(f, "Lyon", NULL),
                        a_city(f, "Turin", NULL)};
    int64_t some[] = {cities[2], cities[0]};
    int64_t ids[] = {a_programme(f, "Three", cities, 3), 987654,
                     a_programme(f, "Two", some, 2),
                     a_programme(f, "None", NULL, 0), 0};
    void *found[ARRAY_LEN(ids)];
    const struct programme *p;

    ids[4] = ids[0];
    assert_int_equal(record_load_many(f->s, &type_programme, ids,
                                      ARRAY_LEN(ids), f->a, found, NULL),
                     RC_OK);
    assert_null(found[1]);
    p = found[0];
    assert_string_equal(p->name.in[0], "Three");
    assert_int_equal(p->cities.n, 3);
    assert_memory_equal(p->cities.items, cities, sizeof cities);
    p = found[2];
    assert_string_equal(p->name.in[0], "Two");
    assert_int_equal(p->cities.n, 2);
    assert_memory_equal(p->cities.items, some, sizeof some);
    p = found[3];
    assert_int_equal(p->cities.n, 0);
    assert_ptr_equal(found[4], found[0]);
    assert_int_equal(
        record_load_many(f->s, &type_programme, ids, 0, f->a, found, NULL),
        RC_OK);
}

static void a_second_save_shows_both_versions(void **state)
{
    struct fixture *f = *state;
    int64_t id = a_city(f, "Tunis", NULL);
    struct city mine, theirs, now;

    assert_int_equal(record_load(f->s, &type_city, id, f->a, &mine, NULL),
                     RC_OK);
    theirs = mine;
    theirs.website = "https://theirs.example";
    assert_int_equal(
        record_save(f->s, &type_city, &theirs, &DEED, f->a, NULL, NULL), RC_OK);
    assert_int_equal(theirs.head.version, 2);
    mine.website = "https://mine.example";
    assert_int_equal(
        record_save(f->s, &type_city, &mine, &DEED, f->a, &now, NULL),
        RC_CONFLICT);
    assert_int_equal(mine.head.version, 1);
    assert_string_equal(mine.website, "https://mine.example");
    assert_string_equal(now.website, "https://theirs.example");
    mine.head.version = now.head.version;
    assert_int_equal(
        record_save(f->s, &type_city, &mine, &DEED, f->a, NULL, NULL), RC_OK);
}

static void what_is_set_once_stays(void **state)
{
    struct fixture *f = *state;
    struct person p;
    struct focal_point fp;

    record_clear(&type_person, &p);
    p.name.in[0] = "A. B.";
    p.email = "a@example.org";
    assert_int_equal(
        record_save(f->s, &type_person, &p, &DEED, f->a, NULL, NULL), RC_OK);
    record_clear(&type_focal_point, &fp);
    fp.city = a_city(f, "Oujda", NULL);
    fp.person = p.head.id;
    fp.kind = "technical";
    fp.term.from = (struct day){2026, 1, 1};
    assert_int_equal(
        record_save(f->s, &type_focal_point, &fp, &DEED, f->a, NULL, NULL),
        RC_OK);
    fp.city = a_city(f, "Fès", NULL);
    assert_int_equal(
        record_save(f->s, &type_focal_point, &fp, &DEED, f->a, NULL, NULL),
        RC_INVALID);
    p.head.id = 0; /* another person with the same address */
    assert_int_equal(
        record_save(f->s, &type_person, &p, &DEED, f->a, NULL, NULL),
        RC_CONFLICT);
}

static bool note_history(void *ctx, const struct history_entry *e)
{
    struct buf *b = ctx;

    buf_fmt(b, "%lld %s %s\n", (long long)e->version, e->action, e->change.p);
    return true;
}

static void history_says_what_changed(void **state)
{
    struct fixture *f = *state;
    int64_t id = a_city(f, "Gulu", NULL);
    struct city c;
    struct deed deed = {.by = 1, .at = 2, .action = "publish"};
    AUTO(buf) struct buf b = {.ceiling = 100000};

    assert_int_equal(record_load(f->s, &type_city, id, f->a, &c, NULL), RC_OK);
    c.status = "former";
    assert_int_equal(record_save(f->s, &type_city, &c, &deed, f->a, NULL, NULL),
                     RC_OK);
    deed.action = "remove";
    assert_int_equal(record_delete(f->s, &type_city, id, &deed, f->a, NULL),
                     RC_OK);
    assert_int_equal(
        record_history(f->s, &type_city, id, note_history, &b, NULL), RC_OK);
    assert_non_null(strstr(buf_cstr(&b), "1 edit {"));
    assert_non_null(strstr(buf_cstr(&b),
                           "2 publish {\"status\":{\"old\":\"member\","
                           "\"new\":\"former\"}}"));
    assert_non_null(strstr(buf_cstr(&b), "3 remove {"));
    assert_int_equal(record_load(f->s, &type_city, id, f->a, &c, NULL),
                     RC_NOT_FOUND);
}

static bool note_found(void *ctx, const struct found *f)
{
    struct buf *b = ctx;

    buf_fmt(b, "%s:%s ", f->type->name, f->title);
    return true;
}

static void search_folds_accents_and_arabic(void **state)
{
    static const struct {
        const char *query, *out;
    } rows[] = {
        {"fes", "city:Fès-Meknès "},
        {"MEKNÈS f", "city:Fès-Meknès "},
        {"اكادير", "city:Agadir "},
        {"أَكَادِير", "city:Agadir "},
        {"nowhere", ""},
        {"' OR 1=1 --", ""},
        {"\"*", ""},
        {"", ""},
    };
    struct fixture *f = *state;
    struct city c;

    a_city(f, "Fès-Meknès", NULL);
    assert_int_equal(record_load(f->s, &type_city,
                                 a_city(f, "Agadir", "أكادير"), f->a, &c, NULL),
                     RC_OK);
    c.notes.in[0] = "nowhere";
    assert_int_equal(record_save(f->s, &type_city, &c, &DEED, f->a, NULL, NULL),
                     RC_OK);
    assert_int_equal(store_exec(f->s,
                                "DELETE FROM search WHERE record = 'territory'",
                                NO_PARAMS, NULL, NULL),
                     RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf b = {.ceiling = 1000};

        assert_int_equal(
            record_search(f->s, rows[i].query, 10, note_found, &b, NULL),
            RC_OK);
        assert_string_equal(buf_cstr(&b), rows[i].out);
    }
}

static void a_database_that_agrees_needs_no_step(void **state)
{
    struct fixture *f = *state;
    struct migration m;

    assert_int_equal(migration_plan(f->s, f->a, &m, NULL), RC_OK);
    assert_int_equal(m.n, 0);
}

static void a_destructive_step_must_be_named(void **state)
{
    static const char *const named[] = {"city.motto"};
    struct fixture *f = *state;
    struct migration m;
    struct city c;
    int64_t id = a_city(f, "Amman", NULL);

    assert_int_equal(
        store_script(f->s, "ALTER TABLE city ADD COLUMN motto TEXT", NULL),
        RC_OK);
    assert_int_equal(
        store_script(f->s, "ALTER TABLE city DROP COLUMN website", NULL),
        RC_OK);
    assert_int_equal(migration_plan(f->s, f->a, &m, NULL), RC_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(migration_apply(f->s, &m, NULL, 0, NULL), RC_CONFLICT);
    assert_int_equal(migration_apply(f->s, &m, named, 1, NULL), RC_OK);
    assert_int_equal(record_load(f->s, &type_city, id, f->a, &c, NULL), RC_OK);
    assert_string_equal(c.name.in[1], "Amman");
    assert_int_equal(migration_plan(f->s, f->a, &m, NULL), RC_OK);
    assert_int_equal(m.n, 0);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_saved_comes_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lists_of_references_keep_their_order,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_named_by_its_number, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_proposal_holds_its_own_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_save_shows_both_versions,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_set_once_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(history_says_what_changed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(search_folds_accents_and_arabic, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_database_that_agrees_needs_no_step,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_destructive_step_must_be_named,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return on_both(&url, suite);
}
