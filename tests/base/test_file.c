/* base/: files, staged folders, the tree of values. */
#include "base/file.h"
#include "base/node.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena *a;
    char dir[64];
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);

    f->a = arena_new(0);
    memcpy(f->dir, "/tmp/passerelle-test-XXXXXX",
           sizeof "/tmp/passerelle-test-XXXXXX");
    *state = f;
    return mkdtemp(f->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    enum rc rc = dir_remove(f->dir, NULL);

    arena_free(f->a);
    test_free(f);
    return rc == RC_OK ? 0 : -1;
}

static char *in(struct fixture *f, const char *name)
{
    return path_join(f->a, f->dir, name);
}

static void write_text(struct fixture *f, const char *name, const char *text)
{
    assert_int_equal(file_write(in(f, name), str_of(text), NULL), RC_OK);
}

static void assert_text(struct fixture *f, const char *name, const char *text)
{
    struct str s;

    assert_int_equal(file_read(f->a, in(f, name), 1 << 20, &s, NULL), RC_OK);
    assert_string_equal(s.p, text);
}

static size_t count_entries(struct fixture *f, const char *begin)
{
    DIR *d = opendir(f->dir);
    size_t n = 0;

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += strncmp(e->d_name, begin, strlen(begin)) == 0;
    closedir(d);
    return n;
}

static void files_are_written_whole(void **state)
{
    struct fixture *f = *state;
    struct str s;

    write_text(f, "a", "one");
    write_text(f, "a", "two");
    assert_text(f, "a", "two");
    assert_int_equal(file_read(f->a, in(f, "a"), 2, &s, NULL), RC_LIMIT);
    assert_int_equal(file_read(f->a, in(f, "b"), 2, &s, NULL), RC_NOT_FOUND);
    assert_int_equal(file_write(in(f, "no/where"), STR("x"), NULL), RC_IO);
}

static void paths_stay_inside(void **state)
{
    static const char *const bad[] = {"/etc/passwd", "../x", "a/../../x", "",
                                      "link",        ".."};
    struct fixture *f = *state;
    char *out;

    write_text(f, "a", "one");
    assert_int_equal(symlink("/etc", in(f, "link")), 0);
    assert_int_equal(symlink("a", in(f, "own")), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(path_inside(f->a, f->dir, bad[i], &out, NULL),
                         RC_INVALID);
    assert_int_equal(path_inside(f->a, f->dir, "a", &out, NULL), RC_OK);
    assert_int_equal(path_inside(f->a, f->dir, "own", &out, NULL), RC_OK);
    assert_int_equal(path_inside(f->a, f->dir, "none", &out, NULL),
                     RC_NOT_FOUND);
}

static void a_stage_appears_only_when_whole(void **state)
{
    struct fixture *f = *state;
    struct stage s;

    assert_int_equal(stage_open(&s, f->a, in(f, "deep/out/"), "mark", NULL),
                     RC_OK);
    assert_false(path_exists(in(f, "deep/out")));
    assert_int_equal(
        file_write(path_join(f->a, s.path, "mark"), STR("1"), NULL), RC_OK);
    assert_int_equal(stage_commit(&s, NULL), RC_OK);
    assert_text(f, "deep/out/mark", "1");
    assert_false(path_exists(s.path));

    assert_int_equal(stage_open(&s, f->a, in(f, "deep/out"), "mark", NULL),
                     RC_OK);
    assert_int_equal(
        file_write(path_join(f->a, s.path, "mark"), STR("2"), NULL), RC_OK);
    assert_text(f, "deep/out/mark", "1");
    stage_abort(&s);
    assert_text(f, "deep/out/mark", "1");
    assert_false(path_exists(s.path));

    assert_int_equal(stage_open(&s, f->a, in(f, "deep/out"), "mark", NULL),
                     RC_OK);
    assert_int_equal(
        file_write(path_join(f->a, s.path, "mark"), STR("3"), NULL), RC_OK);
    assert_int_equal(stage_commit(&s, NULL), RC_OK);
    assert_text(f, "deep/out/mark", "3");
    assert_false(path_exists(s.path));
}

/* What a killed run left goes; what another run holds, or is no stage, stays.
 */
static void the_next_stage_sweeps_what_was_left(void **state)
{
    struct fixture *f = *state;
    struct stage held, s;
    pid_t child;

    assert_int_equal(stage_open(&held, f->a, in(f, "out"), "mark", NULL),
                     RC_OK);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* dies with its stage open and half written */
        if (stage_open(&s, f->a, in(f, "out"), "mark", NULL) == RC_OK)
            (void)!file_write(path_join(f->a, s.path, "half"), STR("1"), NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(dir_make(in(f, "out.part-empty1"), NULL), RC_OK);
    assert_int_equal(dir_make(in(f, "out.part-photos"), NULL), RC_OK);
    write_text(f, "out.part-photos/me.jpg", "x");
    assert_int_equal(dir_make(in(f, "out.part-whole1"), NULL), RC_OK);
    write_text(f, "out.part-whole1/mark", "1");
    assert_int_equal(dir_make(in(f, "out.part-aside1"), NULL), RC_OK);
    write_text(f, "out.part-aside1/mark", "1");
    assert_int_equal(dir_make(in(f, "out.part-aside1.old"), NULL), RC_OK);
    assert_int_equal(dir_make(in(f, "other.part-empty1"), NULL), RC_OK);
    assert_int_equal(count_entries(f, "out.part-"), 7);

    assert_int_equal(stage_open(&s, f->a, in(f, "out"), "mark", NULL), RC_OK);
    assert_true(path_exists(held.path));
    assert_true(path_exists(s.path));
    assert_true(path_exists(in(f, "out.part-photos/me.jpg")));
    assert_true(path_exists(in(f, "out.part-aside1/mark")));
    assert_true(path_exists(in(f, "out.part-aside1.old")));
    assert_true(path_exists(in(f, "other.part-empty1")));
    assert_int_equal(count_entries(f, "out.part-"), 5); /* three went */
    stage_abort(&held);
    assert_int_equal(
        file_write(path_join(f->a, s.path, "mark"), STR("2"), NULL), RC_OK);
    assert_int_equal(stage_commit(&s, NULL), RC_OK);
    assert_text(f, "out/mark", "2");
    assert_false(path_exists(in(f, "out/.passerelle-part")));
}

static void a_stage_never_replaces_what_is_not_ours(void **state)
{
    struct fixture *f = *state;
    struct stage s;

    assert_int_equal(dir_make(in(f, "photos"), NULL), RC_OK);
    write_text(f, "photos/me.jpg", "x");
    assert_int_equal(stage_open(&s, f->a, in(f, "photos"), "mark", NULL),
                     RC_CONFLICT);
    assert_int_equal(stage_open(&s, f->a, in(f, "photos/me.jpg"), "mark", NULL),
                     RC_CONFLICT);
    assert_text(f, "photos/me.jpg", "x");
}

static void trees_are_written_in_order(void **state)
{
    struct fixture *f = *state;
    struct node *n = node_object(f->a), *list = node_list(f->a);
    AUTO(buf) struct buf b;

    node_set_text(n, "z", "é\"");
    node_set_int(n, "a", -5);
    node_set_double(n, "d", 0.1);
    node_set_double(n, "nan", 0.0 / 0.0);
    node_set_bool(n, "b", true);
    node_set_int(n, "a", 6);
    node_set(n, "list", list);
    for (int i = 0; i < 20; i++)
        node_push(list, node_int(f->a, i));
    buf_init(&b, 1 << 16);
    node_write(n, false, &b);
    assert_string_equal(buf_cstr(&b),
                        "{\"z\":\"é\\\"\",\"a\":6,\"d\":0.1,\"nan\":null,"
                        "\"b\":true,\"list\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,"
                        "14,15,16,17,18,19]}");
    assert_int_equal(node_integer(node_get(n, "a"), 0), 6);
    assert_int_equal(node_len(list), 20);
}

static void paths_lead_through_trees(void **state)
{
    struct fixture *f = *state;
    struct node *n = node_object(f->a), *list = node_list(f->a);
    struct node *item = node_object(f->a);

    node_set(n, "list", list);
    node_push(list, item);
    node_set_text(item, "code", "D");
    node_set_double(item, "value", 0.5);
    assert_true(node_number(node_path(n, "list.D.value"), 0) == 0.5);
    assert_null(node_path(n, "list.E.value"));
    assert_null(node_path(n, "none"));
    assert_null(node_path(NULL, "x"));
    assert_string_equal(node_cstr(node_path(n, "list.D.code"), ""), "D");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_written_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(paths_stay_inside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stage_appears_only_when_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_next_stage_sweeps_what_was_left,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stage_never_replaces_what_is_not_ours,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(trees_are_written_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(paths_lead_through_trees, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
