/*
 * network/backup: everything out of one database and into another, of the same
 * kind and of the other; a file that was touched is refused.
 */
#include "base/file.h"
#include "network/account.h"
#include "network/backup.h"
#include "record/keep.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1700000000 };
static const struct keyring KEYS = {{4, 5, 6}};
static char dir[] = "/tmp/passerelle-backup-XXXXXX";
static struct arena *arena;
static int number;

static void migrate(struct store *s)
{
    struct migration m;

    assert_int_equal(migration_plan(s, arena, &m, NULL), RC_OK);
    assert_int_equal(migration_apply(s, &m, NULL, 0, NULL), RC_OK);
    assert_int_equal(network_tables(s, NULL), RC_OK);
}

static struct store *fresh_sqlite(void)
{
    struct store *s = NULL;

    assert_int_equal(
        store_open(arena_printf(arena, "sqlite:%s/db%d", dir, ++number), &s,
                   NULL),
        RC_OK);
    return s;
}

/* A schema of its own in the one PostgreSQL database of the test. */
static struct store *fresh_postgres(void)
{
    const char *url = getenv("PASSERELLE_TEST_POSTGRES");
    struct store *s = NULL;
    char *sql =
        arena_printf(arena, "CREATE SCHEMA copy%d; SET search_path = copy%d",
                     number + 1, number + 1);

    number++;
    assert_int_equal(store_open(url, &s, NULL), RC_OK);
    assert_int_equal(store_script(s, sql, NULL), RC_OK);
    return s;
}

static bool has_postgres(void)
{
    const char *url = getenv("PASSERELLE_TEST_POSTGRES");

    return url && *url;
}

static const char *file(const char *name)
{
    return arena_printf(arena, "%s/%s", dir, name);
}

static void save(struct store *s, const struct record_type *t, void *record)
{
    struct deed d = {.by = 1, .at = NOW, .action = "create"};

    assert_int_equal(record_save(s, t, record, &d, arena, NULL, NULL), RC_OK);
}

/* A child before its parent by number, a point, an account, an audit row. */
static void fill(struct store *s)
{
    struct territory child, parent;
    struct person p;
    char token[TOKEN_TEXT];
    int64_t account;
    char *secret, *url;

    record_clear(&type_territory, &child);
    child.name.in[0] = "Tangier";
    child.name.in[2] = "طنجة \"\n\\";
    child.kind = "city";
    child.country = "MA";
    child.place = (struct coordinate){-5.8, 35.7599999999999998};
    save(s, &type_territory, &child);
    record_clear(&type_territory, &parent);
    parent.name.in[0] = "Region";
    parent.kind = "governorate";
    parent.country = "MA";
    save(s, &type_territory, &parent);
    child.parent = parent.head.id;
    save(s, &type_territory, &child);
    record_clear(&type_person, &p);
    p.name.in[0] = "A. Person";
    p.email = "a@example.org";
    save(s, &type_person, &p);
    assert_int_equal(
        account_invite(s, &KEYS, p.email, p.head.id, 0, NOW, token, NULL),
        RC_OK);
    assert_int_equal(account_accept(s, &KEYS, token, "a long enough phrase",
                                    NOW, &account, NULL),
                     RC_OK);
    assert_int_equal(
        account_totp_begin(s, &KEYS, account, arena, &secret, &url, NULL),
        RC_OK);
}

static bool take_found(void *ctx, const struct found *f)
{
    *(int64_t *)ctx = f->id;
    return false;
}

/* Works as the first did: search, sign-in, audit, new numbers. */
static void works(struct store *s)
{
    struct territory t;
    int64_t id = 0, rows, broken, account, wait;
    enum sign_in result;

    assert_int_equal(record_search(s, "tang", 5, take_found, &id, NULL), RC_OK);
    assert_true(id > 0);
    assert_int_equal(record_load(s, &type_territory, id, arena, &t, NULL),
                     RC_OK);
    assert_string_equal(t.name.in[2], "طنجة \"\n\\");
    assert_true(t.parent > id);
    assert_true(t.place.latitude == 35.7599999999999998);
    assert_int_equal(audit_verify(s, &rows, &broken, NULL), RC_OK);
    assert_true(rows >= 2 && broken == 0);
    assert_int_equal(account_sign_in(s, &KEYS, "a@example.org",
                                     "a long enough phrase", "::1", NOW,
                                     &result, &account, &wait, NULL),
                     RC_OK);
    assert_int_equal(result, SIGN_IN_DONE);
    record_clear(&type_territory, &t);
    t.name.in[0] = "New";
    t.kind = "city";
    t.country = "MA";
    save(s, &type_territory, &t);
    assert_true(t.head.id > 2);
}

static void copy(struct store *from, struct store *to)
{
    const char *path = file(arena_printf(arena, "copy%d", number));
    const char *again = file(arena_printf(arena, "again%d", number));
    struct backup_count written, read;
    struct str a, b;

    migrate(from);
    fill(from);
    assert_int_equal(backup_write(from, path, NOW, NULL, &written, NULL),
                     RC_OK);
    assert_false(path_exists(arena_printf(arena, "%s.part", path)));
    assert_int_equal(backup_restore(to, path, &read, NULL), RC_OK);
    assert_true(written.rows == read.rows);
    assert_int_equal(backup_write(to, again, NOW, NULL, &read, NULL), RC_OK);
    assert_int_equal(file_read(arena, path, 1 << 20, &a, NULL), RC_OK);
    assert_int_equal(file_read(arena, again, 1 << 20, &b, NULL), RC_OK);
    assert_int_equal(a.n, b.n);
    works(to);
    assert_int_equal(backup_restore(to, path, &read, NULL), RC_CONFLICT);
    store_close(from);
    store_close(to);
}

static void from_sqlite_to_sqlite(void **state)
{
    copy(fresh_sqlite(), fresh_sqlite());
}

static void between_the_two_databases(void **state)
{
    if (!has_postgres())
        return;
    copy(fresh_sqlite(), fresh_postgres());
    copy(fresh_postgres(), fresh_sqlite());
    copy(fresh_postgres(), fresh_postgres());
}

/* Every byte counts: cut off anywhere or changed, it is refused. */
static void a_touched_file_is_refused(void **state)
{
    struct store *s = fresh_sqlite();
    const char *path = file("whole"), *bad = file("bad");
    struct backup_count n;
    struct str whole;
    char *bytes;

    migrate(s);
    fill(s);
    assert_int_equal(backup_write(s, path, NOW, NULL, &n, NULL), RC_OK);
    assert_int_equal(file_read(arena, path, 1 << 20, &whole, NULL), RC_OK);
    for (size_t i = 0; i + 1 < whole.n; i += 97) {
        assert_int_equal(file_write(bad, (struct str){whole.p, i}, NULL),
                         RC_OK);
        assert_int_equal(backup_verify(bad, &n, NULL), RC_INVALID);
        bytes = arena_strndup(arena, whole.p, whole.n);
        bytes[i] ^= 1;
        assert_int_equal(file_write(bad, (struct str){bytes, whole.n}, NULL),
                         RC_OK);
        assert_int_equal(backup_verify(bad, &n, NULL), RC_INVALID);
    }
    assert_int_equal(backup_verify(file("none"), &n, NULL), RC_NOT_FOUND);
    store_close(s);
}

static void a_failed_backup_leaves_the_one_before(void **state)
{
    struct store *s = fresh_sqlite();
    const char *path = file("kept");
    struct backup_count n;

    migrate(s);
    assert_int_equal(backup_write(s, path, NOW, NULL, &n, NULL), RC_OK);
    assert_int_equal(
        backup_write(s, file("no-such-folder/x"), NOW, NULL, &n, NULL), RC_IO);
    assert_int_equal(backup_verify(path, &n, NULL), RC_OK);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_sqlite_to_sqlite),
        cmocka_unit_test(between_the_two_databases),
        cmocka_unit_test(a_touched_file_is_refused),
        cmocka_unit_test(a_failed_backup_leaves_the_one_before),
    };
    int failed;

    if (!mkdtemp(dir))
        return 1;
    arena = arena_new(0);
    if (!has_postgres())
        print_message("# no PostgreSQL server: that half is skipped\n");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(arena);
    if (dir_remove(dir, NULL))
        fprintf(stderr, "%s was left behind\n", dir);
    return failed;
}
