#include "cli/network.h"
#include "network/account.h"
#include "record/keep.h"

#include <unistd.h>

const char *network_url(const char *store, struct arena *a)
{
    struct str s = str_of(store);

    if (str_starts(s, "sqlite:") || str_starts(s, "postgresql:") ||
        str_starts(s, "postgres:"))
        return store;
    return arena_printf(a, "sqlite:%s", store);
}

static enum rc agree(struct store *s, bool prepare, struct arena *a,
                     struct err *err)
{
    struct migration m;
    enum rc rc = migration_plan(s, a, &m, err);

    if (rc)
        return rc;
    if (m.n && !prepare)
        return err_set(err, RC_CONFLICT,
                       N_("this store has not the tables of this program; the "
                          "server makes them when it starts, and so does "
                          "--apply"));
    if (m.n)
        rc = migration_apply(s, &m, NULL, 0, err);
    if (!rc && prepare)
        rc = network_tables(s, err);
    return rc;
}

enum rc network_open(const char *store, bool prepare, struct arena *a,
                     struct store **out, struct err *err)
{
    const char *url = network_url(store, a);
    const char *path = url + strlen("sqlite:");
    enum rc rc;

    *out = NULL;
    if (!prepare && str_starts(str_of(url), "sqlite:") &&
        access(path, F_OK) != 0)
        return err_set(err, RC_NOT_FOUND, N_("there is no store '%s'"), path);
    rc = store_open(url, out, err);
    if (!rc)
        rc = agree(*out, prepare, a, err);
    if (rc && *out) {
        store_close(*out);
        *out = NULL;
    }
    return rc;
}
