/*
 * network.h: the network's store, as commands open it.
 */
#ifndef PASSERELLE_CLI_NETWORK_H
#define PASSERELLE_CLI_NETWORK_H

#include "cli/cli.h"
#include "network/account.h"
#include "store/store.h"

/* A URL of store.h, or the path of an SQLite file. */
const char *network_url(const char *store, struct arena *a);
/*
 * Opens the store. `prepare`: makes its tables those of this program; without
 * it, a store that has others is refused (RC_CONFLICT) and left as it is.
 */
enum rc network_open(const char *store, bool prepare, struct arena *a,
                     struct store **out, struct err *err) MUST_USE;

/* Places the example city's profile, published. */
struct demo_profile {
    const char *dir; /* of the demonstration; its folder `files` is there */
    struct keyring keys;
    int64_t city, now;
};
enum rc demo_profile_place(const struct demo_profile *p, struct store *s,
                           struct arena *a, struct err *err) MUST_USE;

#endif
