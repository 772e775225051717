/*
 * stored_inner.h: what writing and reading stored files share; inner to
 * network.
 */
#ifndef PASSERELLE_NETWORK_STORED_INNER_H
#define PASSERELLE_NETWORK_STORED_INNER_H

#include "network/stored.h"

#include <sodium.h>

enum {
    FILE_KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    SEALED_PART = STORED_PART + crypto_secretstream_xchacha20poly1305_ABYTES
};

const char *stored_kind_name(enum stored_kind kind);
/* Is this kind encrypted? */
static inline bool stored_sealed(enum stored_kind kind)
{
    return kind == STORED_PACKAGE || kind == STORED_REPORT ||
           kind == STORED_RECORD;
}
/* A file's key, sealed with the installation's and bound to its owner. */
struct str stored_key_seal(const struct keyring *k,
                           const unsigned char key[FILE_KEY],
                           struct stored_owner owner, struct arena *a);
bool stored_key_open(const struct keyring *k, struct str sealed,
                     struct stored_owner owner, struct arena *a,
                     unsigned char key[FILE_KEY]);

#endif
