/*
 * web: files of records: sent with the form, read by who sees the record,
 * replaced, removed, proposed, and gone with the record. The database keeps
 * none that nothing names.
 */
#include "base/file.h"
#include "browser.h"
#include "network/record_files.h"
#include "record/keep.h"
#include "record/types.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct server *server;
static struct config config;
static struct arena *arena;
static char dir[] = "/tmp/passerelle-web-XXXXXX";
static struct store *store;
static struct browser office, visitor, reader;

static struct browser person(enum role role)
{
    struct browser b = browser_new(server, arena);

    browser_sign_in(
        &b,
        test_account(&b, arena_printf(arena, "%s@example.org", role_name(role)),
                     "a long enough phrase", role, 0));
    return b;
}

static int64_t kept(void)
{
    int64_t n = -1;

    assert_int_equal(
        store_int(store, "SELECT count(*) FROM stored WHERE kind = 'record'",
                  NO_PARAMS, &n, NULL),
        RC_OK);
    return n;
}

static const char *at(int64_t id, const char *rest)
{
    return arena_printf(arena, "/records/programme/%" PRId64 "%s", id, rest);
}

static struct programme stored_programme(int64_t id)
{
    struct programme p;

    assert_int_equal(record_load(store, &type_programme, id, arena, &p, NULL),
                     RC_OK);
    return p;
}

static unsigned sent(int64_t id, const char *form, const char *name,
                     struct str bytes)
{
    return browser_send(&office, at(id, "/edit"), form, "document",
                        &(struct browser_file){name, bytes});
}

static int64_t a_programme(const char *name, struct str bytes)
{
    const char *last;
    int64_t id = 0;

    assert_int_equal(browser_send(&office, "/records/programme/new",
                                  "name_en=Routes", "document",
                                  &(struct browser_file){name, bytes}),
                     303);
    last = strrchr(office.location, '/') + 1;
    assert_true(str_i64((struct str){last, strcspn(last, "?")}, &id));
    return id;
}

static void publish(int64_t id, int version)
{
    assert_int_equal(
        browser_post(&office, at(id, "/move"),
                     arena_printf(arena, "to=published&version=%d", version)),
        303);
}

static const char *header(const struct browser *b, const char *name)
{
    return pairs_get(&b->reply.headers, name).p;
}

static void only_who_sees_the_record_reads_it(void **state)
{
    int64_t id = a_programme("C:\\plans\\Plan d'été.pdf", STR("%PDF-1 secret"));
    const char *file = at(id, "/files/document");
    char *sealed = NULL;

    assert_int_equal(kept(), 1);
    assert_int_equal(browser_get(&office, file), 200);
    assert_string_equal(office.body, "%PDF-1 secret");
    assert_string_equal(header(&office, "Content-Type"), "application/pdf");
    assert_string_equal(header(&office, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(
        header(&office, "Content-Disposition"),
        "attachment; filename*=UTF-8''Plan%20d%27%C3%A9t%C3%A9.pdf");
    /* a draft */
    assert_int_equal(browser_get(&visitor, file), 404);
    assert_int_equal(browser_get(&reader, file), 404);
    publish(id, 1);
    assert_int_equal(browser_get(&visitor, file), 200);
    assert_string_equal(visitor.body, "%PDF-1 secret");
    assert_int_equal(browser_get(&visitor, at(id, "/files/name")), 404);
    assert_int_equal(browser_get(&visitor, at(id, "/files/none")), 404);
    assert_int_equal(browser_get(&visitor, at(id, "")), 200);
    assert_true(browser_sees(&visitor, file));
    assert_true(browser_sees(&visitor, "13 bytes"));
    browser_get(&visitor, at(id, ".json"));
    assert_true(browser_sees(&visitor, "\"size\":13"));
    assert_int_equal(
        store_text(store,
                   "SELECT CAST(content AS TEXT) FROM stored_part LIMIT 1",
                   NULL, 0, arena, &sealed, NULL),
        RC_OK);
    assert_null(strstr(sealed, "secret"));
    assert_int_equal(browser_post(&office, at(id, "/delete"), ""), 303);
    assert_int_equal(kept(), 0);
    assert_int_equal(browser_get(&office, file), 404);
}

static void it_is_replaced_and_removed(void **state)
{
    int64_t id = a_programme("one.pdf", STR("first"));
    const char *file = at(id, "/files/document");

    /* an empty input keeps it */
    assert_int_equal(sent(id, "name_en=Roads&version=1", "", STR("")), 303);
    browser_get(&office, file);
    assert_string_equal(office.body, "first");
    assert_int_equal(
        sent(id, "name_en=Roads&version=2", "two.csv", STR("a,b\n")), 303);
    assert_int_equal(kept(), 1);
    browser_get(&office, file);
    assert_string_equal(office.body, "a,b\n");
    assert_string_equal(header(&office, "Content-Type"),
                        "text/csv; charset=utf-8");
    browser_get(&office, at(id, "/history"));
    assert_true(browser_sees(&office, "two.csv"));
    assert_true(browser_sees(&office, "one.pdf"));
    browser_get(&office, at(id, "/edit"));
    assert_true(browser_sees(&office, "multipart/form-data"));
    assert_true(browser_sees(&office, "two.csv"));
    assert_int_equal(browser_post(&office, at(id, "/edit"),
                                  "name_en=Roads&version=3&document_remove=1"),
                     303);
    assert_int_equal(kept(), 0);
    assert_int_equal(browser_get(&office, file), 404);
    assert_null(stored_programme(id).document.name);
}

static void what_is_refused_leaves_what_was(void **state)
{
    int64_t id = a_programme("one.pdf", STR("first"));
    size_t most = 20000001;
    char *big = arena_alloc(arena, most);

    memset(big, 'x', most);
    assert_int_equal(
        sent(id, "name_en=Roads&version=1", "big.pdf", (struct str){big, most}),
        422);
    assert_true(browser_sees(&office, "larger than 20000000 bytes"));
    assert_true(browser_sees(&office, "choose the file once more"));
    assert_true(browser_sees(&office, "one.pdf"));
    assert_int_equal(
        sent(id, "name_en=Roads&version=1", "page.html", STR("<script>")), 422);
    assert_true(browser_sees(&office, "not of a kind that is taken"));
    assert_int_equal(sent(id, "name_en=Roads&version=1", "empty.pdf", STR("")),
                     422);
    /* somebody saved in between */
    assert_int_equal(sent(id, "name_en=Ways&version=1", "", STR("")), 303);
    assert_int_equal(
        sent(id, "name_en=Roads&version=1", "late.pdf", STR("late")), 409);
    assert_true(browser_sees(&office, "choose the file once more"));
    assert_int_equal(kept(), 1);
    browser_get(&office, at(id, "/files/document"));
    assert_string_equal(office.body, "first");
    assert_int_equal(browser_send(&reader, at(id, "/edit"),
                                  "name_en=Mine&version=2", "document",
                                  &(struct browser_file){"x.pdf", STR("x")}),
                     404);
    assert_int_equal(kept(), 1);
}

static void a_proposed_file_waits(void **state)
{
    int64_t id = a_programme("one.pdf", STR("first"));
    const char *file = at(id, "/files/document");
    const char *proposed = at(id, "/files/document?of=proposal");

    publish(id, 1);
    assert_int_equal(sent(id, "name_en=Routes&version=2&revision=0&as=proposal",
                          "one.pdf", STR("other")),
                     303);
    assert_int_equal(kept(), 2);
    browser_get(&visitor, file);
    assert_string_equal(visitor.body, "first");
    assert_int_equal(browser_get(&visitor, proposed), 404);
    browser_get(&office, proposed);
    assert_string_equal(office.body, "other");
    browser_get(&office, at(id, "/edit"));
    assert_true(browser_sees(&office, "document?of=proposal"));
    browser_get(&office, at(id, "/revision"));
    assert_true(browser_sees(&office, "with other content"));
    assert_true(browser_sees(&office, "document?of=proposal"));
    assert_int_equal(browser_get(&office, proposed), 200);
    /* given up */
    assert_int_equal(
        browser_post(&office, at(id, "/revision/drop"), "version=1"), 303);
    assert_int_equal(kept(), 1);
    assert_int_equal(sent(id, "name_en=Routes&version=2&revision=0&as=proposal",
                          "two.pdf", STR("second")),
                     303);
    assert_int_equal(browser_post(&office, at(id, "/revision/move"),
                                  "to=published&version=1"),
                     303);
    assert_int_equal(kept(), 1);
    browser_get(&visitor, file);
    assert_string_equal(visitor.body, "second");
}

static int set_up(void **state)
{
    if (!mkdtemp(dir))
        return -1;
    arena = arena_new(0);
    server = test_server(arena, dir, &config);
    if (store_open(config.store, &store, NULL))
        return -1;
    office = person(ROLE_SECRETARIAT);
    reader = person(ROLE_READER);
    visitor = browser_new(server, arena);
    return 0;
}

static int tear_down(void **state)
{
    browser_close(&office);
    browser_close(&reader);
    browser_close(&visitor);
    store_close(store);
    server_stop(server, 1);
    arena_free(arena);
    return dir_remove(dir, NULL);
}

static int remove_all(void **state)
{
    return store_script(store, "DELETE FROM programme; DELETE FROM stored",
                        NULL)
               ? -1
               : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(only_who_sees_the_record_reads_it,
                                  remove_all),
        cmocka_unit_test_teardown(it_is_replaced_and_removed, remove_all),
        cmocka_unit_test_teardown(what_is_refused_leaves_what_was, remove_all),
        cmocka_unit_test_teardown(a_proposed_file_waits, remove_all),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
