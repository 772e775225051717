/*
 * Any bytes as a table to import, into every record: a preview never changes
 * the database, and what it counts is what it lists. The first byte chooses the
 * record and the key.
 */
#include "network/account.h"
#include "network/import.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct store *open_once(void)
{
    static struct store *s;
    AUTO(arena) struct arena *a = arena_new(0);
    struct migration m;

    if (s)
        return s;
    REQUIRE(store_open("sqlite::memory:", &s, NULL) == RC_OK);
    REQUIRE(migration_plan(s, a, &m, NULL) == RC_OK);
    REQUIRE(migration_apply(s, &m, NULL, 0, NULL) == RC_OK);
    REQUIRE(network_tables(s, NULL) == RC_OK);
    REQUIRE(store_script(s,
                         "INSERT INTO territory (version, state, name_en, kind,"
                         " country) VALUES (1, '', 'Lyon', 'city', 'FR')",
                         NULL) == RC_OK);
    return s;
}

static int64_t changes(struct store *s)
{
    int64_t n = 0;

    REQUIRE(store_int(s, "SELECT count(*) FROM history", NO_PARAMS, &n, NULL) ==
            RC_OK);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *a = arena_new((size_t)256 << 20);
    struct store *s = open_once();
    size_t n;
    const struct record_type *const *all = record_types(&n);
    struct deed deed = {.by = 1, .at = 1700000000, .action = "import"};
    struct import out = {0};
    int64_t before = changes(s);
    struct import_plan plan = {0};
    char path[64];
    enum rc rc;
    int fd;

    if (!size)
        return 0;
    fd = memfd_create("table", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    plan.type = all[data[0] % n];
    plan.path = path;
    plan.lang = lang_find("en");
    rc = import_run(s, &plan, &deed, a, &out, NULL);
    close(fd);
    REQUIRE(!store_in_transaction(s));
    REQUIRE(!out.applied && changes(s) == before);
    if (!rc)
        REQUIRE(out.count[IMPORT_NEW] + out.count[IMPORT_CHANGED] +
                    out.count[IMPORT_SAME] ==
                out.n);
    return 0;
}
