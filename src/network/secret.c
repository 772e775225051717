#include "network/secret.h"

#include <sodium.h>

void token_hash(const struct keyring *k, const char *purpose, const char *token,
                char hash[HASH_TEXT])
{
    unsigned char bytes[32];
    crypto_generichash_state state;

    crypto_generichash_init(&state, k->key, sizeof k->key, sizeof bytes);
    crypto_generichash_update(&state, (const unsigned char *)purpose,
                              strlen(purpose) + 1);
    crypto_generichash_update(&state, (const unsigned char *)token,
                              strlen(token));
    crypto_generichash_final(&state, bytes, sizeof bytes);
    sodium_bin2hex(hash, HASH_TEXT, bytes, sizeof bytes);
}

void token_make(const struct keyring *k, const char *purpose,
                char token[TOKEN_TEXT], char hash[HASH_TEXT])
{
    unsigned char random[32];

    randombytes_buf(random, sizeof random);
    sodium_bin2base64(token, TOKEN_TEXT, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    token_hash(k, purpose, token, hash);
    sodium_memzero(random, sizeof random);
}

struct str seal(const struct keyring *k, struct str plain, struct arena *a)
{
    size_t n =
        crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.n;
    unsigned char *p = arena_alloc(a, n);

    randombytes_buf(p, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(p + crypto_secretbox_NONCEBYTES,
                          (const unsigned char *)plain.p, plain.n, p, k->key);
    return (struct str){(char *)p, n};
}

bool unseal(const struct keyring *k, struct str sealed, struct arena *a,
            struct str *plain)
{
    const unsigned char *p = (const unsigned char *)sealed.p;
    size_t head = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    char *out;

    if (sealed.n < head)
        return false;
    out = arena_alloc(a, sealed.n - head + 1);
    if (crypto_secretbox_open_easy(
            (unsigned char *)out, p + crypto_secretbox_NONCEBYTES,
            sealed.n - crypto_secretbox_NONCEBYTES, p, k->key) != 0)
        return false;
    *plain = (struct str){out, sealed.n - head};
    return true;
}

enum rc in_transaction(struct store *s,
                       enum rc (*fn)(void *ctx, struct err *err), void *ctx,
                       struct err *err)
{
    bool own = !store_in_transaction(s);
    enum rc rc = own ? store_begin(s, true, err) : RC_OK;

    if (!rc)
        rc = fn(ctx, err);
    if (!own)
        return rc;
    if (!rc)
        return store_commit(s, err);
    store_rollback(s);
    return rc;
}
