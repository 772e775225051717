/*
 * secret.h: tokens, their hashes, and small things sealed; inner to network.
 */
#ifndef PASSERELLE_SECRET_H
#define PASSERELLE_SECRET_H

#include "network/account.h"

enum { HASH_TEXT = 65 };

/* 32 random bytes as base64url, and the keyed hash under which it is kept. */
void token_make(const struct keyring *k, const char *purpose,
                char token[TOKEN_TEXT], char hash[HASH_TEXT]);
void token_hash(const struct keyring *k, const char *purpose, const char *token,
                char hash[HASH_TEXT]);
/* XSalsa20-Poly1305 under the installation's key; nonce before the bytes. */
struct str seal(const struct keyring *k, struct str plain, struct arena *a);
bool unseal(const struct keyring *k, struct str sealed, struct arena *a,
            struct str *plain);

/* In the caller's transaction: the audit row of a change. */
enum rc audit_row(struct store *s, int64_t account, const char *action,
                  const char *object, const char *detail, int64_t now,
                  struct err *err) MUST_USE;
/* Runs fn in a write transaction of its own; any failure takes all back. */
enum rc in_transaction(struct store *s,
                       enum rc (*fn)(void *ctx, struct err *err), void *ctx,
                       struct err *err) MUST_USE;

#endif
