/*
 * Every schema of tests/schemas, upgraded on both databases: rows stay, the
 * result is what a fresh database gets, a second run does nothing. Then what a
 * migration refuses, and what is left when one fails half-way.
 *
 * With an argument, "sqlite" or "postgresql": prints the schema of today.
 */
#include "../support/both.h"
#include "base/file.h"
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;
static const char *const schemas[] = {"1-letters", "2-phases", "3-editions"};

struct fixture {
    struct store *s;
    struct arena *a;
    bool pg;
};

/* ---- a database with nothing in it ---- */

static void forget(struct fixture *f)
{
    const char *path = url + strlen("sqlite:");

    if (f->pg) {
        assert_int_equal(store_script(f->s,
                                      "DROP SCHEMA public CASCADE;"
                                      "CREATE SCHEMA public",
                                      NULL),
                         RC_OK);
        store_close(f->s); /* with the statements it keeps */
    } else {
        store_close(f->s);
        unlink(path);
        unlink(arena_printf(f->a, "%s-wal", path));
        unlink(arena_printf(f->a, "%s-shm", path));
    }
    assert_int_equal(store_open(url, &f->s, NULL), RC_OK);
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);

    f->a = arena_new(0);
    f->pg = strncmp(url, "sqlite:", 7) != 0;
    *state = f;
    if (store_open(url, &f->s, NULL))
        return -1;
    forget(f);
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

static void load(struct fixture *f, const char *schema, const char *file)
{
    struct str text;
    const char *path =
        arena_printf(f->a, "%s/%s/%s", getenv("SCHEMAS"), schema, file);
    struct err err = {0};

    assert_int_equal(file_read(f->a, path, 1 << 20, &text, NULL), RC_OK);
    if (store_script(f->s, arena_str(f->a, text), &err))
        fail_msg("%s: %s", path, err.text);
}

static void load_schema(struct fixture *f, const char *schema)
{
    load(f, schema, f->pg ? "postgresql.sql" : "sqlite.sql");
    load(f, schema, "rows.sql");
}

static void upgrade(struct fixture *f)
{
    struct migration m;
    struct err err = {0};

    assert_int_equal(migration_plan(f->s, f->a, &m, NULL), RC_OK);
    for (size_t i = 0; i < m.n; i++)
        assert_false(m.steps[i].destructive);
    if (migration_apply(f->s, &m, NULL, 0, &err))
        fail_msg("%s", err.text);
    assert_int_equal(network_tables(f->s, &err), RC_OK);
}

/* ---- what a database is ---- */

struct lines {
    struct arena *a;
    struct buf *text;
};

static bool add_line(void *ctx, const struct store_row *row)
{
    struct lines *l = ctx;

    buf_add(l->text, row_text(row, "line"));
    buf_addc(l->text, '\n');
    return true;
}

static const char *described(struct fixture *f)
{
    static const char pg[] =
        "SELECT line FROM (SELECT table_name || '.' || column_name || ' ' ||"
        " data_type || ' ' || is_nullable AS line"
        " FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION ALL SELECT replace(indexdef, 'public.', '') FROM pg_indexes"
        " WHERE schemaname = 'public'"
        " UNION ALL SELECT conrelid::regclass || ' ' ||"
        " pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f')"
        " AS all_lines ORDER BY line COLLATE \"C\"";
    static const char sqlite[] =
        "SELECT line FROM (SELECT m.name || '.' || c.name || ' ' || c.type ||"
        " ' ' || c.\"notnull\" || ' ' || c.pk AS line FROM sqlite_master AS m,"
        " pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        " UNION ALL SELECT sql FROM sqlite_master WHERE type = 'index'"
        " AND sql IS NOT NULL"
        " UNION ALL SELECT m.name || ' ' || k.\"from\" || ' ' || k.\"table\" ||"
        " ' ' || k.\"to\" || ' ' || k.on_delete FROM sqlite_master AS m,"
        " pragma_foreign_key_list(m.name) AS k WHERE m.type = 'table')"
        " ORDER BY line";
    AUTO(buf) struct buf text = {.ceiling = 1 << 22};
    struct lines l = {f->a, &text};

    assert_int_equal(
        store_each(f->s, f->pg ? pg : sqlite, NO_PARAMS, add_line, &l, NULL),
        RC_OK);
    assert_in_range(text.n, 2000, 1 << 20);
    return arena_strdup(f->a, buf_cstr(&text));
}

static const char *fresh(struct fixture *f)
{
    const char *out;

    forget(f);
    upgrade(f);
    out = described(f);
    forget(f);
    return out;
}

/* ---- rows ---- */

struct table {
    const char *name;
    struct texts columns;
    const char *rows;
};
struct tables {
    struct arena *a;
    struct table *items;
    size_t n, cap;
};

static bool note_table(void *ctx, const struct store_row *row)
{
    struct tables *t = ctx;

    VEC_PUSH(t->a, t->items, t->n, t->cap) =
        (struct table){.name = arena_str(t->a, row_text(row, "name"))};
    return true;
}

static bool add_row(void *ctx, const struct store_row *row)
{
    struct lines *l = ctx;

    for (size_t i = 0; i < row->n; i++) {
        const struct store_value *v = &row->values[i];

        if (v->type == VALUE_INT)
            buf_fmt(l->text, "|%lld", (long long)v->i);
        else if (v->type == VALUE_REAL)
            buf_fmt(l->text, "|%.9f", v->d);
        else if (v->type == VALUE_NULL)
            buf_adds(l->text, "|-");
        else
            buf_fmt(l->text, "|'%.*s'", (int)v->s.n, v->s.p);
    }
    buf_addc(l->text, '\n');
    return true;
}

static const char *rows_of(struct fixture *f, const struct table *t)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 22};
    struct lines l = {f->a, &text};
    AUTO(buf) struct buf sql = {.ceiling = 1 << 16};

    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < t->columns.n; i++)
        buf_fmt(&sql, "%s\"%s\"", i ? ", " : "", t->columns.items[i]);
    buf_fmt(&sql, " FROM %s ORDER BY 1, 2", t->name);
    assert_int_equal(
        store_each(f->s, buf_cstr(&sql), NO_PARAMS, add_row, &l, NULL), RC_OK);
    return arena_strdup(f->a, buf_cstr(&text));
}

static struct tables all_rows(struct fixture *f)
{
    struct tables t = {.a = f->a};

    assert_int_equal(
        store_each(f->s,
                   f->pg ? "SELECT table_name AS name FROM"
                           " information_schema.tables WHERE table_schema ="
                           " 'public' AND table_name <> 'search'"
                         : "SELECT name FROM sqlite_master WHERE type = 'table'"
                           " AND name NOT LIKE 'search%'"
                           " AND name NOT LIKE 'sqlite%'",
                   NO_PARAMS, note_table, &t, NULL),
        RC_OK);
    for (size_t i = 0; i < t.n; i++) {
        assert_int_equal(columns_present(f->s, t.items[i].name, f->a,
                                         &t.items[i].columns, NULL),
                         RC_OK);
        t.items[i].rows = rows_of(f, &t.items[i]);
    }
    return t;
}

static bool find(void *ctx, const struct found *hit)
{
    *(int64_t *)ctx = hit->id;
    return true;
}

/* The program works with what it found. */
static void goes_on(struct fixture *f)
{
    static const struct deed d = {.by = 1, .at = 1700000000, .action = "edit"};
    struct programme p;
    struct city c;
    int64_t hit = 0;

    assert_int_equal(record_load(f->s, &type_programme, 1, f->a, &p, NULL),
                     RC_OK);
    assert_string_equal(p.name.in[0], "Cities on the Move");
    assert_int_equal(p.cities.n, 2);
    assert_int_equal(p.cities.items[0], 2);
    assert_int_equal(record_load(f->s, &type_city, 1, f->a, &c, NULL), RC_OK);
    assert_string_equal(c.presentation.in[1], "Ville portuaire; « ouverte ».");
    c.certainty = "verified";
    assert_int_equal(record_save(f->s, &type_city, &c, &d, f->a, NULL, NULL),
                     RC_OK);
    assert_int_equal(record_search(f->s, "Mars", 5, find, &hit, NULL), RC_OK);
    assert_int_equal(hit, 1);
    c.head = (struct record_head){0};
    assert_int_equal(record_save(f->s, &type_city, &c, &d, f->a, NULL, NULL),
                     RC_OK);
    assert_int_equal(c.head.id, 3);
}

static void every_schema_is_upgraded(void **state)
{
    struct fixture *f = *state;
    const char *want = fresh(f);

    for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
        struct tables before;
        struct migration m;
        const char *now;

        forget(f);
        load_schema(f, schemas[i]);
        before = all_rows(f);
        assert_in_range(before.n, 15, 50);
        upgrade(f);
        for (size_t k = 0; k < before.n; k++)
            if (strcmp(before.items[k].name, "setting") != 0)
                assert_string_equal(rows_of(f, &before.items[k]),
                                    before.items[k].rows);
        now = described(f);
        assert_string_equal(now, want);
        assert_int_equal(migration_plan(f->s, f->a, &m, NULL), RC_OK);
        assert_int_equal(m.n, 0);
        upgrade(f);
        assert_string_equal(described(f), want);
        goes_on(f);
    }
}

/* ---- what is refused ---- */

static enum rc migrate(struct fixture *f, const char *drop, struct err *err)
{
    struct migration m;
    enum rc rc = migration_plan(f->s, f->a, &m, err);

    return rc ? rc : migration_apply(f->s, &m, &drop, drop != NULL, err);
}

static void run(struct fixture *f, const char *sql)
{
    struct err err = {0};

    if (store_script(f->s, sql, &err))
        fail_msg("%s: %s", sql, err.text);
}

static void what_loses_data_must_be_named(void **state)
{
    static const struct {
        const char *sql, *what, *left;
    } rows[] = {
        {"ALTER TABLE city ADD COLUMN motto TEXT; UPDATE city SET motto = 'M'"
         " WHERE id = 1",
         "city.motto", "SELECT count(motto) FROM city"},
        {"CREATE TABLE city_patrons (owner BIGINT NOT NULL REFERENCES city"
         " (id) ON DELETE CASCADE, position BIGINT NOT NULL, target BIGINT"
         " NOT NULL REFERENCES person (id), PRIMARY KEY (owner, position));"
         "INSERT INTO city_patrons VALUES (1, 0, 1)",
         "city.patrons", "SELECT count(*) FROM city_patrons"},
        {"ALTER TABLE territory RENAME COLUMN residents TO r;"
         "ALTER TABLE territory ADD COLUMN residents TEXT;"
         "UPDATE territory SET residents = r;"
         "ALTER TABLE territory DROP COLUMN r",
         "territory.residents", "SELECT count(residents) FROM territory"},
    };
    struct fixture *f = *state;
    const char *want = fresh(f);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = {0};
        struct territory t;
        const char *before;
        int64_t n;

        forget(f);
        load_schema(f, schemas[2]);
        upgrade(f);
        run(f, rows[i].sql);
        before = described(f);
        assert_string_not_equal(before, want);
        assert_int_equal(migrate(f, NULL, &err), RC_CONFLICT);
        assert_int_equal(migrate(f, "city.website", &err), RC_CONFLICT);
        assert_string_equal(described(f), before);
        assert_int_equal(store_int(f->s, rows[i].left, NO_PARAMS, &n, NULL),
                         RC_OK);
        assert_int_equal(n, 1);
        assert_int_equal(migrate(f, rows[i].what, &err), RC_OK);
        assert_string_equal(described(f), want);
        assert_int_equal(record_load(f->s, &type_territory, 2, f->a, &t, NULL),
                         RC_OK);
        assert_int_equal(t.residents, 947952);
    }
}

static void a_failure_half_way_leaves_the_old(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    const char *want = fresh(f), *before;

    load_schema(f, schemas[2]);
    upgrade(f);
    /* columns go first; the index, last, cannot be made of two equal ones */
    run(f,
        "ALTER TABLE programme DROP COLUMN source;"
        "DROP INDEX person_email_unique;"
        "UPDATE person SET email = 'same@example.org'");
    before = described(f);
    assert_int_not_equal(migrate(f, NULL, &err), RC_OK);
    assert_string_equal(described(f), before);
    run(f, "UPDATE person SET email = 'other@example.org' WHERE id = 2");
    assert_int_equal(migrate(f, NULL, &err), RC_OK);
    upgrade(f);
    assert_string_equal(described(f), want);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_schema_is_upgraded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_loses_data_must_be_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failure_half_way_leaves_the_old,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

static int print(enum store_engine e)
{
    AUTO(buf) struct buf sql = {.ceiling = 1 << 22};
    size_t n;
    const struct record_type *const *types = record_types(&n);

    record_common_ddl(e, &sql);
    for (size_t i = 0; i < n; i++)
        record_ddl(types[i], e, &sql);
    network_ddl(e, &sql);
    printf("%s;\n", buf_cstr(&sql));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return print(strcmp(argv[1], "sqlite") == 0 ? STORE_SQLITE
                                                    : STORE_POSTGRES);
    return on_both(&url, suite);
}
