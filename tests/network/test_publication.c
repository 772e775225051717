/*
 * network/: files in the database (encrypted, checked, in parts) and the
 * published versions of a profile, on both databases.
 */
#include "../support/both.h"
#include "base/file.h"
#include "network/publication.h"
#include "network/record_files.h"
#include "record/revision.h"
#include "record/types.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *url;
static const struct keyring KEYS = {{4, 5, 6}}, OTHERS = {{7}};
enum { NOW = 1700000000 };
static const struct stored_note NOTE = {3, NOW};
static char dir[] = "/tmp/passerelle-stored-XXXXXX";

struct fixture {
    struct store *s;
    struct arena *a;
    int64_t city, edition;
};

static int64_t saved(struct fixture *f, const struct record_type *t, void *r)
{
    struct deed d = {.by = 0, .at = NOW, .action = "create"};

    assert_int_equal(record_save(f->s, t, r, &d, f->a, NULL, NULL), RC_OK);
    return ((struct record_head *)r)->id;
}

static void an_edition(struct fixture *f)
{
    struct territory t;
    struct city c;
    struct edition e;

    record_clear(&type_territory, &t);
    t.name.in[0] = "Land";
    t.kind = "city";
    t.country = "MA";
    record_clear(&type_city, &c);
    c.name.in[0] = "Harbour";
    c.status = "member";
    c.territory = saved(f, &type_territory, &t);
    f->city = saved(f, &type_city, &c);
    record_clear(&type_edition, &e);
    e.title.in[0] = "Profile of Harbour";
    e.city = f->city;
    f->edition = saved(f, &type_edition, &e);
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
    an_edition(f);
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

/* ---- names ---- */

static void names_stay_inside(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "",        "/etc/passwd", "../a",  "a/../b", "a//b",   "a/",
        ".hidden", "a/.b",        "a\\b",  "c:x",    "a\nb",   "\xff",
        "a/..",    "b\x7f",       "nul\1", "a ",     "a?.csv",
    };
    static const char *const cleaned[][2] = {
        {"C:\\data\\my table.csv", "my table.csv"},
        {"../../etc/passwd", "passwd"},
        {"..", "file"},
        {"...x", "x"},
        {"a<b>.csv", "a_b_.csv"},
        {"a\r\nSet-Cookie: b", "a__Set-Cookie_ b"},
        {"سكان.csv", "سكان.csv"},
        {"", "file"},
        {"x/", "file"},
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (stored_name_valid(bad[i]))
            fail_msg("'%s' is taken", bad[i]);
    assert_true(stored_name_valid("texts/about.fr.md"));
    for (size_t i = 0; i < ARRAY_LEN(cleaned); i++)
        assert_string_equal(stored_name_clean(cleaned[i][0], f->a),
                            cleaned[i][1]);
    assert_true(stored_name_valid(
        stored_name_clean(arena_printf(f->a, "%0500d.csv", 1), f->a)));
}

/* ---- what goes in comes out ---- */

static struct str noise(struct fixture *f, size_t n)
{
    char *p = arena_alloc(f->a, n + 1);
    unsigned char seed[randombytes_SEEDBYTES] = {9};

    randombytes_buf_deterministic(p, n, seed);
    return (struct str){p, n};
}

static enum rc put(struct fixture *f, const char *name, struct str bytes)
{
    struct stored_owner owner = {STORED_PACKAGE, f->edition};
    AUTO(spool) struct spool *spool = spool_new(dir, bytes.n);
    enum rc rc = RC_OK;

    /* in odd pieces, as a network gives them */
    for (size_t at = 0; at < bytes.n && !rc; at += 65521)
        rc = spool_add(
            spool, (struct str){bytes.p + at, MIN(bytes.n - at, (size_t)65521)},
            NULL);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(spool_end(spool, NULL), RC_OK);
    assert_int_equal(spool_size(spool), bytes.n);
    return stored_put(f->s, &KEYS, spool, owner, name, NOTE, NULL);
}

static int64_t put_of_record(struct fixture *f, const char *text)
{
    AUTO(spool) struct spool *spool = spool_new(dir, 100);
    int64_t id = 0;

    assert_int_equal(spool_add(spool, str_of(text), NULL), RC_OK);
    assert_int_equal(spool_end(spool, NULL), RC_OK);
    assert_int_equal(
        stored_put_record(f->s, &KEYS, spool, "programme", NOTE, &id, NULL),
        RC_OK);
    return id;
}

/* What neither a record nor its revision names goes; nothing else does. */
static void files_of_records_live_as_long_as_they_are_named(void **state)
{
    struct fixture *f = *state;
    struct deed d = {.at = 1, .action = "create"};
    struct attachment file = {put_of_record(f, "one"), "a.pdf", NULL, 3};
    struct attachment other = {put_of_record(f, "two"), "b.pdf", NULL, 3};
    struct attachment none = {put_of_record(f, "three"), "c.pdf", NULL, 5};
    struct programme p, proposed;
    struct revision v = {0};
    struct stored stored;
    struct str bytes;

    assert_int_equal(put(f, "kept.csv", STR("a")), RC_OK);
    record_clear(&type_programme, &p);
    p.name.in[0] = "Routes";
    p.head.state = "published";
    p.document = file;
    assert_int_equal(
        record_save(f->s, &type_programme, &p, &d, f->a, NULL, NULL), RC_OK);
    proposed = p;
    proposed.document = other;
    assert_int_equal(
        revision_save(f->s, &type_programme, &p, &proposed, &v, &d, f->a, NULL),
        RC_OK);
    assert_int_equal(record_files_sweep(f->s, &type_city, NULL), RC_OK);
    assert_int_equal(
        record_file_find(f->s, &type_programme, &none, f->a, &stored, NULL),
        RC_OK);
    assert_int_equal(record_files_sweep(f->s, &type_programme, NULL), RC_OK);
    assert_int_equal(
        record_file_find(f->s, &type_programme, &none, f->a, &stored, NULL),
        RC_NOT_FOUND);
    assert_int_equal(
        record_file_find(f->s, &type_programme, &other, f->a, &stored, NULL),
        RC_OK);
    assert_int_equal(stored_read(f->s, &KEYS, &stored, 100, f->a, &bytes, NULL),
                     RC_OK);
    assert_true(str_is(bytes, "two"));
    assert_int_equal(
        record_file_find(f->s, &type_city, &other, f->a, &stored, NULL),
        RC_NOT_FOUND);
    assert_int_equal(
        record_delete(f->s, &type_programme, p.head.id, &d, f->a, NULL), RC_OK);
    assert_int_equal(record_files_sweep(f->s, &type_programme, NULL), RC_OK);
    assert_int_equal(
        record_file_find(f->s, &type_programme, &file, f->a, &stored, NULL),
        RC_NOT_FOUND);
    assert_int_equal(
        record_file_find(f->s, &type_programme, &other, f->a, &stored, NULL),
        RC_NOT_FOUND);
    assert_int_equal(
        stored_find(f->s, (struct stored_owner){STORED_PACKAGE, f->edition},
                    "kept.csv", f->a, &stored, NULL),
        RC_OK);
}

static struct stored find(struct fixture *f, const char *name)
{
    struct stored_owner owner = {STORED_PACKAGE, f->edition};
    struct stored out;

    assert_int_equal(stored_find(f->s, owner, name, f->a, &out, NULL), RC_OK);
    return out;
}

static void files_come_back_whole(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = {0,
                                   1,
                                   STORED_PART - 1,
                                   STORED_PART,
                                   STORED_PART + 1,
                                   3 * STORED_PART,
                                   2 * STORED_PART + 77};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct str in = noise(f, sizes[i]), out;
        const char *name = arena_printf(f->a, "n%zu.csv", i);
        struct stored file;

        assert_int_equal(put(f, name, in), RC_OK);
        file = find(f, name);
        assert_int_equal(file.size, sizes[i]);
        assert_string_equal(file.media, "text/csv; charset=utf-8");
        assert_int_equal(file.created_by, 3);
        assert_int_equal(
            stored_read(f->s, &KEYS, &file, 1 << 30, f->a, &out, NULL), RC_OK);
        assert_true(str_eq(in, out));
        assert_int_equal(
            stored_read(f->s, &OTHERS, &file, 1 << 30, f->a, &out, NULL),
            RC_FORBIDDEN);
        if (sizes[i])
            assert_int_equal(
                stored_read(f->s, &KEYS, &file, sizes[i] - 1, f->a, &out, NULL),
                RC_LIMIT);
    }
}

static void a_spool_has_a_limit(void **state)
{
    AUTO(spool) struct spool *spool = spool_new(dir, 10);

    assert_int_equal(spool_add(spool, STR("0123456789"), NULL), RC_OK);
    assert_int_equal(spool_add(spool, STR("x"), NULL), RC_LIMIT);
}

static bool count_file(void *ctx, const struct stored *file)
{
    ++*(int *)ctx;
    return true;
}

static void a_file_is_replaced_by_its_name(void **state)
{
    struct fixture *f = *state;
    struct stored_owner owner = {STORED_PACKAGE, f->edition};
    struct stored file;
    struct str out;
    int n = 0;

    assert_int_equal(put(f, "a.csv", STR("first")), RC_OK);
    assert_int_equal(
        stored_put_text(f->s, &KEYS, STR("second"), owner, "a.csv", NOTE, NULL),
        RC_OK);
    file = find(f, "a.csv");
    assert_int_equal(stored_read(f->s, &KEYS, &file, 100, f->a, &out, NULL),
                     RC_OK);
    assert_true(str_is(out, "second"));
    assert_int_equal(stored_each(f->s, owner, count_file, &n, NULL), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(stored_remove(f->s, owner, "a.csv", NULL), RC_OK);
    assert_int_equal(stored_find(f->s, owner, "a.csv", f->a, &file, NULL),
                     RC_NOT_FOUND);
}

/* ---- what lies in the database ---- */

struct seek {
    struct str what;
    int64_t rows;
    bool seen;
};

static bool look(void *ctx, const struct store_row *row)
{
    struct seek *s = ctx;
    struct str content = row_text(row, "content");

    s->rows++;
    s->seen |= memmem(content.p, content.n, s->what.p, s->what.n) != NULL;
    return true;
}

static void nothing_readable_is_stored(void **state)
{
    struct fixture *f = *state;
    struct seek s = {.what = STR("confidential row")};

    assert_int_equal(put(f, "secret.csv", STR("a confidential row")), RC_OK);
    assert_int_equal(store_each(f->s, "SELECT content FROM stored_part",
                                NO_PARAMS, look, &s, NULL),
                     RC_OK);
    assert_true(s.rows > 0);
    assert_false(s.seen);
}

static void damage_is_found(void **state)
{
    struct fixture *f = *state;
    static const char *const deeds[] = {
        "DELETE FROM stored_part WHERE stored = :id AND part = 1",
        ("UPDATE stored_part SET content = (SELECT content FROM stored_part"
         " WHERE stored = :id AND part = 0) WHERE stored = :id AND part = 1"),
        "UPDATE stored SET size = size - 1 WHERE id = :id",
        "UPDATE stored SET sha256 = 'x' WHERE id = :id",
        "DELETE FROM stored_part WHERE stored = :id AND part = 2",
    };

    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        struct stored file;
        struct str out;

        assert_int_equal(put(f, "d.csv", noise(f, 2 * STORED_PART + 5)), RC_OK);
        file = find(f, "d.csv");
        assert_int_equal(store_exec(f->s, deeds[i],
                                    PARAMS(P_INT("id", file.id)), NULL, NULL),
                         RC_OK);
        file = find(f, "d.csv");
        assert_int_equal(
            stored_read(f->s, &KEYS, &file, 1 << 30, f->a, &out, NULL),
            RC_INVALID);
    }
}

/* Another city's edition cannot take a file over by its row alone. */
static void a_key_belongs_to_its_edition(void **state)
{
    struct fixture *f = *state;
    int64_t mine = f->edition;
    struct stored file;
    struct str out;

    assert_int_equal(put(f, "mine.csv", STR("x")), RC_OK);
    file = find(f, "mine.csv");
    an_edition(f);
    assert_int_equal(
        store_exec(f->s, "UPDATE stored SET edition = :e WHERE id = :id",
                   PARAMS(P_INT("e", f->edition), P_INT("id", file.id)), NULL,
                   NULL),
        RC_OK);
    assert_int_not_equal(mine, f->edition);
    file = find(f, "mine.csv");
    assert_int_equal(stored_read(f->s, &KEYS, &file, 100, f->a, &out, NULL),
                     RC_FORBIDDEN);
}

static void a_deleted_edition_leaves_no_file(void **state)
{
    struct fixture *f = *state;
    struct deed d = {.by = 0, .at = NOW, .action = "delete"};
    struct stored file;
    int64_t left;

    assert_int_equal(put(f, "a.csv", STR("x")), RC_OK);
    file = find(f, "a.csv");
    assert_int_equal(
        record_delete(f->s, &type_edition, f->edition, &d, f->a, NULL), RC_OK);
    assert_int_equal(
        store_int(f->s, "SELECT COUNT(*) FROM stored_part WHERE stored = :id",
                  PARAMS(P_INT("id", file.id)), &left, NULL),
        RC_OK);
    assert_int_equal(left, 0);
}

/* ---- versions ---- */

static void a_result(struct fixture *f, const char *period)
{
    struct stored_owner owner = {STORED_RESULT, f->edition};
    const char *path = path_join(f->a, dir, "result");
    char *doc = arena_printf(f->a,
                             "{\"generator\":{\"version\":\"0.1.0\"},"
                             "\"period\":\"%s\"}\n",
                             period);

    assert_int_equal(file_write(path, str_of(doc), NULL), RC_OK);
    assert_int_equal(
        stored_put_path(f->s, path, owner, PUBLICATION_DOCUMENT, NOTE, NULL),
        RC_OK);
    assert_int_equal(
        stored_put_path(f->s, path, owner, "data/a.csv", NOTE, NULL), RC_OK);
    unlink(path);
}

static int64_t publish(struct fixture *f, enum rc expected)
{
    struct publishing p = {.city = f->city,
                           .edition = f->edition,
                           .title = {{"Harbour", "Le port"}, {'o', 't'}},
                           .by = 3,
                           .at = NOW};
    int64_t id = 0;

    assert_int_equal(store_begin(f->s, true, NULL), RC_OK);
    assert_int_equal(publication_make(f->s, &p, f->a, &id, NULL), expected);
    if (expected)
        store_rollback(f->s);
    else
        assert_int_equal(store_commit(f->s, NULL), RC_OK);
    return id;
}

static bool note_number(void *ctx, const struct publication *p)
{
    int64_t *all = ctx;

    *all = *all * 10 + p->number;
    return true;
}

static int64_t numbers(struct fixture *f, bool withdrawn)
{
    int64_t all = 0;

    assert_int_equal(
        publication_each(f->s, f->city, withdrawn, note_number, &all, NULL),
        RC_OK);
    return all;
}

static void versions_are_numbered_and_read(void **state)
{
    struct fixture *f = *state;
    struct publication p;
    struct stored file;
    struct str text;
    int64_t first;
    int n = 0;

    publish(f, RC_CONFLICT); /* nothing was computed */
    a_result(f, "2025");
    first = publish(f, RC_OK);
    publish(f, RC_CONFLICT); /* the result went into the version */
    a_result(f, "2026");
    publish(f, RC_OK);
    assert_int_equal(numbers(f, false), 21);

    assert_int_equal(publication_load(f->s, first, f->a, &p, NULL), RC_OK);
    assert_int_equal(p.number, 1);
    assert_int_equal(p.city, f->city);
    assert_int_equal(p.edition, f->edition);
    assert_string_equal(p.period, "2025");
    assert_string_equal(p.program, "0.1.0");
    assert_string_equal(p.title.in[1], "Le port");
    assert_null(p.title.in[2]);
    assert_int_equal(p.published, NOW);
    assert_int_equal(publication_document(f->s, first, f->a, &text, NULL),
                     RC_OK);
    assert_non_null(strstr(text.p, "2025"));
    assert_int_equal(publication_files(f->s, first, count_file, &n, NULL),
                     RC_OK);
    assert_int_equal(n, 2);
    assert_int_equal(publication_read(f->s, first, "data/a.csv", 1000, f->a,
                                      &file, &text, NULL),
                     RC_OK);
    assert_string_equal(file.media, "text/csv; charset=utf-8");
    assert_int_equal(
        publication_read(f->s, first, "../x", 1000, f->a, &file, &text, NULL),
        RC_NOT_FOUND);
    assert_int_equal(publication_find(f->s, f->city, 0, false, f->a, &p, NULL),
                     RC_OK);
    assert_string_equal(p.period, "2026");
}

static void a_version_may_be_withdrawn(void **state)
{
    struct fixture *f = *state;
    struct publication p;
    int64_t first, second, rows, broken;

    a_result(f, "2025");
    first = publish(f, RC_OK);
    a_result(f, "2026");
    second = publish(f, RC_OK);
    assert_int_equal(publication_withdraw(f->s, second, true, 3, NOW, NULL),
                     RC_OK);
    assert_int_equal(numbers(f, false), 1);
    assert_int_equal(numbers(f, true), 21);
    assert_int_equal(publication_find(f->s, f->city, 0, false, f->a, &p, NULL),
                     RC_OK);
    assert_int_equal(p.id, first);
    assert_int_equal(publication_find(f->s, f->city, 2, false, f->a, &p, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(publication_find(f->s, f->city, 2, true, f->a, &p, NULL),
                     RC_OK);
    assert_int_equal(p.withdrawn, NOW);
    assert_int_equal(publication_withdraw(f->s, second, false, 3, NOW, NULL),
                     RC_OK);
    assert_int_equal(numbers(f, false), 21);
    assert_int_equal(publication_withdraw(f->s, 99999, true, 3, NOW, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(audit_verify(f->s, &rows, &broken, NULL), RC_OK);
    assert_true(rows >= 4);
    assert_int_equal(broken, 0);
}

static bool of_city(void *ctx, const struct publication *p)
{
    struct publication *wanted = ctx;

    if (p->city == wanted->city) {
        wanted->number = p->number;
        wanted->id++; /* how often it came */
    }
    return true;
}

static void the_newest_of_each_city(void **state)
{
    struct fixture *f = *state;
    struct publication p = {.city = f->city};

    a_result(f, "2024");
    publish(f, RC_OK);
    a_result(f, "2025");
    publish(f, RC_OK);
    assert_int_equal(publication_newest(f->s, of_city, &p, NULL), RC_OK);
    assert_int_equal(p.number, 2);
    assert_int_equal(p.id, 1);
}

static int suite(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_stay_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            files_of_records_live_as_long_as_they_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_come_back_whole, set_up,
                                        tear_down),
        cmocka_unit_test(a_spool_has_a_limit),
        cmocka_unit_test_setup_teardown(a_file_is_replaced_by_its_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_readable_is_stored, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(damage_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_belongs_to_its_edition, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_edition_leaves_no_file,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(versions_are_numbered_and_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_version_may_be_withdrawn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_newest_of_each_city, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    int failed;

    if (!mkdtemp(dir))
        return 1;
    failed = on_both(&url, suite);
    rmdir(dir);
    return failed;
}
