/*
 * both.h: one suite on SQLite and on PostgreSQL.
 *
 * SQLite is a file in a temporary folder; PostgreSQL the server that
 * tests/support/with-postgres starts. Without it that half says so.
 */
#ifndef PASSERELLE_TESTS_BOTH_H
#define PASSERELLE_TESTS_BOTH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* `suite` runs all tests of a database and returns how many failed; *url is
 * what store_open takes meanwhile. */
static int on_both(const char **url, int (*suite)(const char *name))
{
    char dir[] = "/tmp/passerelle-test-XXXXXX", path[64];
    int failed;

    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "sqlite:%s/db", dir);
    *url = path;
    failed = suite("SQLite");
    unlink(path + sizeof "sqlite:" - 1);
    rmdir(dir);
    *url = getenv("PASSERELLE_TEST_POSTGRES");
    if (*url && **url)
        return failed + suite("PostgreSQL");
    printf("# no PostgreSQL server: that half is skipped\n");
    return failed;
}

#endif
