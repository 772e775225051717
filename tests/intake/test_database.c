/*
 * A population in PostgreSQL: a server of our own, on a socket in a temporary
 * folder. Skipped where the server's programs are not installed.
 */
#include <glob.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "intake/package.h"

enum { NOBODY = 65534 };

static char bin[256]; /* folder of initdb and pg_ctl */
static char dir[] = "/tmp/passerelle-pg-XXXXXX";

/* Runs a program quietly, never as root (the server refuses that). */
static int run(const char *program, const char *const *args)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        const char *words[16] = {NULL};
        char path[512];

        snprintf(path, sizeof path, "%s/%s", bin, program);
        for (size_t i = 1; args[i] && i + 1 < sizeof words / sizeof *words; i++)
            words[i] = args[i];
        words[0] = path; /* it looks for the server beside itself */
        if (geteuid() == 0 && (setgid(NOBODY) || setuid(NOBODY)))
            _exit(126);
        if (!freopen("/dev/null", "w", stdout) ||
            !freopen("/dev/null", "w", stderr) || chdir(dir))
            _exit(126);
        execv(path, (char *const *)words);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool find_programs(void)
{
    glob_t g;
    bool found = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &g) == 0;

    if (found)
        snprintf(bin, sizeof bin, "%.*s",
                 (int)(strrchr(g.gl_pathv[g.gl_pathc - 1], '/') -
                       g.gl_pathv[g.gl_pathc - 1]),
                 g.gl_pathv[g.gl_pathc - 1]);
    globfree(&g);
    return found;
}

static bool start_server(void)
{
    char data[64], options[160];
    const char *init[] = {"initdb", "-A",        "trust", "-U", "city", "-E",
                          "UTF8",   "--no-sync", "-D",    data, NULL};
    const char *start[] = {"pg_ctl", "-D", data,  "-w",    "-o",
                           options,  "-l", "log", "start", NULL};

    snprintf(data, sizeof data, "%s/data", dir);
    snprintf(options, sizeof options,
             "-k %s -c listen_addresses='' -c fsync=off", dir);
    if (geteuid() == 0 && chown(dir, NOBODY, NOBODY))
        return false;
    return run("initdb", init) == 0 && run("pg_ctl", start) == 0;
}

static void stop_server(void)
{
    char data[64];
    const char *stop[] = {"pg_ctl",    "-D",   data, "-m",
                          "immediate", "stop", NULL};

    snprintf(data, sizeof data, "%s/data", dir);
    run("pg_ctl", stop);
}

static void fill(void)
{
    char address[128];
    PGconn *c;
    PGresult *r;

    snprintf(address, sizeof address, "host=%s user=city dbname=postgres", dir);
    c = PQconnectdb(address);
    assert_int_equal(PQstatus(c), CONNECTION_OK);
    r = PQexec(c,
               "CREATE SCHEMA \"my city\"; CREATE TABLE \"my city\".\"Res\" "
               "(\"Area \"\"x\"\"\" text, nat text, \"SEX\" int, n text, "
               "y int, missing text, c int);"
               "INSERT INTO \"my city\".\"Res\" VALUES "
               "('A','TN',1,'300',2020), ('A','TN',1,'200',2024),"
               "('A','TN',1,'110',2024), ('B','LY',2,'40',2024),"
               "('C','FR',2,'*',2024), ('D','TN',2,NULL,2024),"
               "('D','TN',2,'?',2024), ('D','TN',1,'7.0',2024),"
               "('B','other',1,'9',1999);"
               "CREATE TABLE bad (area text, nat text, n numeric);"
               "INSERT INTO bad VALUES ('A','TN',-3), ('B','TN',1.5),"
               "('C','TN',1e30)");
    assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
    PQclear(r);
    PQfinish(c);
}

/* The sound package with another population. */
static enum rc read_with(struct arena *a, const char *resource,
                         struct faults *f, struct intake *in)
{
    const char *root = getenv("PASSERELLE_SOURCE");
    const char *base =
        path_join(a, root ? root : ".", "tests/broken/base/areas.geojson");
    char folder[] = "/tmp/passerelle-db-XXXXXX";
    struct str areas;
    enum rc rc;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(file_read(a, base, 1 << 20, &areas, NULL), RC_OK);
    assert_int_equal(
        file_write(path_join(a, folder, "areas.geojson"), areas, NULL), RC_OK);
    assert_int_equal(
        file_write(
            path_join(a, folder, "datapackage.json"),
            str_of(arena_printf(
                a,
                "{\"name\": \"p\", \"licenses\": [{\"name\": \"CC0-1.0\"}], "
                "\"passerelle\": {\"version\": 1, \"city\": {\"name\": "
                "\"Port\", \"country\": \"TN\", \"longitude\": 10.19, "
                "\"latitude\": 36.81}, \"period\": \"2024\", \"basis\": "
                "\"citizenship\", \"majority\": [\"TN\"], \"origins\": "
                "{\"other\": \"Other\"}, \"languages\": [\"en\"], "
                "\"protection\": {\"method\": \"suppress\", \"below\": 5}}, "
                "\"resources\": [{\"name\": \"population\", \"path\": "
                "\"postgresql://city@/postgres?host=%s\", \"passerelle\": "
                "%s}, {\"name\": \"areas\", \"path\": \"areas.geojson\"}]}",
                dir, resource)),
            NULL),
        RC_OK);
    faults_init(f, a);
    rc = package_read(folder, 1, NULL, a, f, in, NULL);
    assert_int_equal(dir_remove(folder, NULL), RC_OK);
    return rc;
}

#define FIELDS                                                            \
    "\"fields\": {\"area\": \"Area \\\"x\\\"\", \"origin\": \"nat\", "    \
    "\"sex\": \"SEX\", \"period\": \"y\", \"count\": \"n\"}, \"codes\": " \
    "{\"sex\": {\"1\": \"male\", \"2\": \"female\"}}, \"missing\": "      \
    "[\"?\"], \"suppressed\": [\"*\"], \"where\": {\"y\": [2020, 2024]}"

static void counts_are_added_up_there(void **state)
{
    static const char *const sources[] = {
        "{\"table\": \"my city.Res\", " FIELDS "}",
        "{\"query\": \"SELECT * FROM \\\"my city\\\".\\\"Res\\\" -- "
        "all\", " FIELDS "}",
    };

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct faults f;
        struct intake in;
        struct margin m;
        uint32_t period;

        assert_int_equal(read_with(a, sources[i], &f, &in), RC_OK);
        period = dict_find(cube_dict(in.cube, DIM_PERIOD), STR("2024"));
        assert_int_not_equal(period, DICT_NONE);
        assert_int_equal(cube_margin(in.cube, 0, period, a, &m), RC_OK);
        assert_int_equal(m.count[0], 357);
        assert_int_equal(m.withheld[0], 1);
        assert_int_equal(m.missing[0], 2);
        assert_int_equal(cube_dict(in.cube, DIM_PERIOD)->n, 2);
        assert_int_equal(f.count[FAULT_CELLS_WITHHELD], 1);
        assert_string_equal(in.package->readings[1].path,
                            "postgresql:///postgres");
        assert_int_equal(in.package->readings[1].rows, 8);
        intake_release(&in);
    }
}

static void what_the_server_refuses_is_a_fault(void **state)
{
    static const struct {
        const char *resource;
        enum fault_kind kind;
    } rows[] = {
        {"{\"table\": \"nowhere\"}", FAULT_DATABASE_QUERY},
        {"{\"query\": \"DROP TABLE bad\"}", FAULT_DATABASE_QUERY},
        {"{\"query\": \"SELECT 1) AS q; DROP TABLE bad; --\"}",
         FAULT_DATABASE_QUERY},
        {"{\"query\": \"DELETE FROM bad RETURNING *\"}", FAULT_DATABASE_QUERY},
        {"{\"table\": \"bad\\\"; DROP TABLE bad; --\"}", FAULT_DATABASE_QUERY},
        {"{\"table\": \"bad\", \"query\": \"SELECT 1\"}",
         FAULT_DATABASE_SOURCE},
        {"{\"table\": \"bad\", \"fields\": {\"origin\": \"nat\", \"count\": "
         "\"n\"}}",
         FAULT_COUNT_NEGATIVE},
        {"{\"table\": \"bad\", \"fields\": {\"origin\": \"nat\", \"count\": "
         "\"n\"}}",
         FAULT_COUNT_DECIMAL},
        {"{\"table\": \"bad\", \"fields\": {\"origin\": \"nat\", \"count\": "
         "\"n\"}}",
         FAULT_COUNT_TOO_LARGE},
        {"{\"table\": \"bad\", \"fields\": {\"origin\": \"nat\", \"count\": "
         "\"area\"}}",
         FAULT_DATABASE_QUERY},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct faults f;
        struct intake in;

        assert_int_equal(read_with(a, rows[i].resource, &f, &in), RC_INVALID);
        if (f.count[rows[i].kind] != 1)
            print_message("row %zu\n", i);
        assert_int_equal(f.count[rows[i].kind], 1);
        intake_release(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_added_up_there),
        cmocka_unit_test(what_the_server_refuses_is_a_fault),
    };
    int failed;

    if (!find_programs()) {
        printf("1..0 # SKIP no PostgreSQL server programs\n");
        return 0;
    }
    if (!mkdtemp(dir) || !start_server()) {
        fprintf(stderr, "the server does not start\n");
        return 1;
    }
    fill();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    stop_server();
    if (dir_remove(dir, NULL))
        fprintf(stderr, "%s is left over\n", dir);
    return failed;
}
