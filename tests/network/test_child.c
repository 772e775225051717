/*
 * network/child: a program run with less. What it may not do it does not do;
 * however it ends, the parent goes on and knows how.
 */
#include "network/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct child_end run(const char *script, unsigned seconds,
                            bool (*go_on)(void *ctx))
{
    struct child c = {.program = "/bin/bash",
                      .arguments = {"-c", script, NULL},
                      .folder = "/tmp",
                      .seconds = seconds,
                      .go_on = go_on};
    struct child_end end;

    assert_int_equal(child_run(&c, &end, NULL), RC_OK);
    return end;
}

static void its_status_and_its_words_come_back(void **state)
{
    struct child_end end = run("echo out; echo words >&2; exit 3", 0, NULL);

    assert_int_equal(end.status, 3);
    assert_int_equal(end.signal, 0);
    assert_string_equal(end.says, "words\n");
}

static void a_crash_is_told(void **state)
{
    struct child_end end = run("kill -SEGV $$", 0, NULL);

    assert_int_equal(end.status, -1);
    assert_int_equal(end.signal, SIGSEGV);
}

static void it_finds_no_network(void **state)
{
    struct child_end end =
        run("exec 3<>/dev/tcp/127.0.0.1/9 && exit 0; exit 4", 0, NULL);

    assert_int_equal(end.status, 4);
    assert_non_null(strstr(end.says, "Operation not permitted"));
}

static void it_inherits_nothing(void **state)
{
    struct child_end end;
    int before;

    setenv("PASSERELLE_STORE", "postgresql://secret@host/x", 1);
    before = dup(0); /* an open file of the parent without close-on-exec */
    end =
        run("[ -z \"$PASSERELLE_STORE\" ] && [ \"$(pwd)\" = /tmp ] &&"
            " [ \"$(ls /proc/$$/fd | wc -l)\" -le 4 ]",
            0, NULL);
    assert_int_equal(end.status, 0);
    close(before);
    unsetenv("PASSERELLE_STORE");
}

static void it_ends_in_time(void **state)
{
    time_t start = time(NULL);
    struct child_end end = run("sleep 60 & sleep 60", 1, NULL);

    assert_true(end.too_long);
    assert_int_equal(end.signal, SIGKILL);
    assert_true(time(NULL) - start < 20);
}

static bool no(void *ctx)
{
    return false;
}

static void it_is_stopped_when_asked(void **state)
{
    struct child_end end = run("sleep 60", 0, no);

    assert_true(end.stopped);
    assert_false(end.too_long);
    assert_int_equal(end.signal, SIGKILL);
}

static void its_files_and_words_have_a_limit(void **state)
{
    struct child_end end =
        run("for i in {1..20000}; do echo 'a long line of words' >&2; done;"
            " [ \"$(ulimit -n)\" = 256 ] && [ \"$(ulimit -c)\" = 0 ] &&"
            " [ \"$(ulimit -f)\" != unlimited ]",
            0, NULL);

    assert_int_equal(end.status, 0);
    assert_int_equal(strlen(end.says), CHILD_SAYS - 1);
}

static void a_program_that_is_not_there(void **state)
{
    struct child c = {.program = "/nowhere/passerelle",
                      .arguments = {NULL},
                      .folder = "/tmp"};
    struct child_end end;

    assert_int_equal(child_run(&c, &end, NULL), RC_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_status_and_its_words_come_back),
        cmocka_unit_test(a_crash_is_told),
        cmocka_unit_test(it_finds_no_network),
        cmocka_unit_test(it_inherits_nothing),
        cmocka_unit_test(it_ends_in_time),
        cmocka_unit_test(it_is_stopped_when_asked),
        cmocka_unit_test(its_files_and_words_have_a_limit),
        cmocka_unit_test(a_program_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
