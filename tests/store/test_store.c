/*
 * store/: one suite on SQLite and PostgreSQL. The server is the one that
 * tests/support/with-postgres starts; without it that half says so.
 */
#include "../support/both.h"
#include "store/engine.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;

static struct store *open_fresh(void)
{
    struct store *s;

    assert_int_equal(store_open(url, &s, NULL), RC_OK);
    assert_int_equal(store_script(s,
                                  "DROP TABLE IF EXISTS child;"
                                  "DROP TABLE IF EXISTS city;"
                                  "CREATE TABLE city (id BIGINT PRIMARY KEY,"
                                  " name TEXT NOT NULL UNIQUE,"
                                  " share DOUBLE PRECISION"
                                  " CHECK (share <= 1), raw BYTEA);"
                                  "CREATE TABLE child (id BIGINT PRIMARY KEY,"
                                  " city BIGINT REFERENCES city (id))",
                                  NULL),
                     RC_OK);
    return s;
}

static const char INSERT[] =
    "INSERT INTO city (id, name, share, raw)"
    " VALUES (:id, :name, :share, :raw)";

static enum rc insert(struct store *s, int64_t id, const char *name,
                      double share)
{
    return store_exec(s, INSERT,
                      PARAMS(P_TEXT("name", name), P_INT("id", id),
                             P_BLOB("raw", STR("a\0b")),
                             P_REAL("share", share)),
                      NULL, NULL);
}

static bool check_row(void *ctx, const struct store_row *r)
{
    int *seen = ctx;

    assert_int_equal(row_int(r, "id", 0), 7);
    assert_string_equal(row_text(r, "name").p, "Tanger ’ ; --");
    assert_true(row_real(r, "share", 0) == 0.1);
    assert_int_equal(row_text(r, "raw").n, 3);
    assert_memory_equal(row_text(r, "raw").p, "a\0b", 3);
    assert_true(row_null(r, "empty"));
    (*seen)++;
    return true;
}

static void values_come_back(void **state)
{
    AUTO(store) struct store *s = open_fresh();
    int seen = 0;

    assert_int_equal(insert(s, 7, "Tanger ’ ; --", 0.1), RC_OK);
    assert_int_equal(
        store_each(s,
                   "SELECT id, name, share, raw, NULL AS empty FROM city"
                   " WHERE name = :name AND id = :id AND name = :name",
                   PARAMS(P_INT("id", 7), P_TEXT("name", "Tanger ’ ; --")),
                   check_row, &seen, NULL),
        RC_OK);
    assert_int_equal(seen, 1);
}

static bool count_two(void *ctx, const struct store_row *r)
{
    return ++*(int *)ctx < 2;
}

static void a_callback_may_stop(void **state)
{
    AUTO(store) struct store *s = open_fresh();
    char name[16];
    int seen = 0;

    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(insert(s, i, name, 0), RC_OK);
    }
    assert_int_equal(store_each(s, "SELECT * FROM city ORDER BY id", NO_PARAMS,
                                count_two, &seen, NULL),
                     RC_OK);
    assert_int_equal(seen, 2);
}

static void faults_have_their_codes(void **state)
{
    AUTO(store) struct store *s = open_fresh();
    int64_t n;

    assert_int_equal(insert(s, 1, "Tunis", 0), RC_OK);
    assert_int_equal(insert(s, 2, "Tunis", 0), RC_CONFLICT);
    assert_int_equal(insert(s, 1, "Sfax", 0), RC_CONFLICT);
    assert_int_equal(insert(s, 3, NULL, 0), RC_INVALID);
    assert_int_equal(insert(s, 3, "Sousse", 1.5), RC_INVALID);
    assert_int_equal(store_exec(s, "INSERT INTO child VALUES (1, 99)",
                                NO_PARAMS, NULL, NULL),
                     RC_CONFLICT);
    assert_int_equal(
        store_int(s, "SELECT id FROM city WHERE id = 42", NO_PARAMS, &n, NULL),
        RC_NOT_FOUND);
    assert_int_equal(store_exec(s, "SELEC 1", NO_PARAMS, NULL, NULL), RC_IO);
    assert_int_equal(
        store_int(s, "SELECT count(*) FROM city", NO_PARAMS, &n, NULL), RC_OK);
    assert_int_equal(n, 1);
}

static void transactions_keep_or_drop_all(void **state)
{
    AUTO(store) struct store *s = open_fresh();
    int64_t n;

    assert_int_equal(store_begin(s, true, NULL), RC_OK);
    assert_int_equal(insert(s, 1, "a", 0), RC_OK);
    store_rollback(s);
    assert_int_equal(store_begin(s, true, NULL), RC_OK);
    assert_int_equal(insert(s, 2, "b", 0), RC_OK);
    assert_int_equal(store_commit(s, NULL), RC_OK);
    assert_int_equal(
        store_int(s, "SELECT sum(id) FROM city", NO_PARAMS, &n, NULL), RC_OK);
    assert_int_equal(n, 2);
}

static void changed_rows_are_counted(void **state)
{
    AUTO(store) struct store *s = open_fresh();
    int64_t n = -1;

    assert_int_equal(insert(s, 1, "a", 0), RC_OK);
    assert_int_equal(insert(s, 2, "b", 0), RC_OK);
    assert_int_equal(store_exec(s, "UPDATE city SET share = :v",
                                PARAMS(P_REAL("v", 0.5)), &n, NULL),
                     RC_OK);
    assert_int_equal(n, 2);
    assert_int_equal(store_exec(s, "UPDATE city SET share = 0 WHERE id = :i",
                                PARAMS(P_INT("i", 9)), &n, NULL),
                     RC_OK);
    assert_int_equal(n, 0);
}

static void another_connection_hears_of_changes(void **state)
{
    AUTO(store) struct store *a = open_fresh();
    AUTO(store) struct store *b = NULL;
    bool changed = true;

    assert_int_equal(store_open(url, &b, NULL), RC_OK);
    assert_int_equal(store_changed(b, &changed, NULL), RC_OK);
    assert_int_equal(store_changed(b, &changed, NULL), RC_OK);
    assert_false(changed);
    assert_int_equal(store_begin(a, true, NULL), RC_OK);
    assert_int_equal(insert(a, 1, "a", 0), RC_OK);
    assert_int_equal(store_notify(a, "city", NULL), RC_OK);
    assert_int_equal(store_commit(a, NULL), RC_OK);
    for (int i = 0; i < 100 && !changed; i++) {
        assert_int_equal(store_changed(b, &changed, NULL), RC_OK);
        usleep(1000);
    }
    assert_true(changed);
}

static int64_t cities(struct store *s)
{
    int64_t n = -1;

    assert_int_equal(
        store_int(s, "SELECT COUNT(*) FROM city", NO_PARAMS, &n, NULL), RC_OK);
    return n;
}

/* A hold must never keep a write from happening, nor a change from sight. */
static void a_hold_ends_with_a_write_or_release(void **state)
{
    struct store *s = open_fresh(), *other;
    bool sqlite = store_engine(s) == STORE_SQLITE;

    assert_int_equal(store_open(url, &other, NULL), RC_OK);
    store_release(s); /* nothing is held */
    store_hold(s);
    store_hold(s);
    assert_int_equal(cities(s), 0);
    assert_int_equal(insert(other, 1, "Tunis", 0.1), RC_OK);
    assert_int_equal(cities(s), sqlite ? 0 : 1); /* one state until release */
    store_release(s);
    assert_int_equal(cities(s), 1);
    store_hold(s);
    assert_int_equal(insert(other, 2, "Fez", 0.1), RC_OK);
    assert_int_equal(insert(s, 3, "Lyon", 0.1), RC_OK);
    assert_int_equal(cities(s), 3);
    store_hold(s);
    assert_int_equal(insert(other, 4, "Vienna", 0.1), RC_OK);
    assert_int_equal(store_begin(s, true, NULL), RC_OK);
    assert_int_equal(insert(s, 5, "Bern", 0.1), RC_OK);
    assert_int_equal(store_commit(s, NULL), RC_OK);
    assert_int_equal(cities(s), 5);
    store_hold(s); /* closing is in order meanwhile */
    store_close(s);
    store_close(other);
}

static void named_parameters_are_numbered(void **state)
{
    static const struct {
        const char *sql, *out;
        size_t n;
    } rows[] = {
        {"a = :x AND b = :y OR c = :x", "a = $1 AND b = $2 OR c = $1", 2},
        {"':x' || \":y\" || z::text -- :c\n, :d",
         "':x' || \":y\" || z::text -- :c\n, $1", 1},
        {"/* :a */ :b1", "/* :a */ $1", 1},
        {"a : b", "a : b", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out;
        struct str names[4];
        size_t n;

        buf_init(&out, 1000);
        assert_int_equal(
            sql_number_params(rows[i].sql, &out, names, 4, &n, NULL), RC_OK);
        assert_string_equal(buf_cstr(&out), rows[i].out);
        assert_int_equal(n, rows[i].n);
    }
}

static void an_unknown_store_is_refused(void **state)
{
    struct store *s;

    assert_int_equal(store_open("mysql://x", &s, NULL), RC_USAGE);
    assert_int_equal(store_open("sqlite:/no/such/folder/x", &s, NULL), RC_IO);
    assert_int_equal(
        store_open("postgresql://127.0.0.1:1/x?connect_timeout=2", &s, NULL),
        RC_UNAVAILABLE);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(a_callback_may_stop),
        cmocka_unit_test(faults_have_their_codes),
        cmocka_unit_test(transactions_keep_or_drop_all),
        cmocka_unit_test(changed_rows_are_counted),
        cmocka_unit_test(another_connection_hears_of_changes),
        cmocka_unit_test(a_hold_ends_with_a_write_or_release),
        cmocka_unit_test(named_parameters_are_numbered),
        cmocka_unit_test(an_unknown_store_is_refused),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    return on_both(&url, suite);
}
