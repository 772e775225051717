#include "network/secret.h"

#include <inttypes.h>
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

/* purpose \n end \n text, sealed, as base64url */
char *note_seal(const struct keyring *k, const char *purpose, struct str text,
                int64_t expires, struct arena *a)
{
    AUTO(buf) struct buf plain = {.ceiling = 1 << 20};
    struct str sealed;
    size_t n;
    char *out;

    buf_fmt(&plain, "%s\n%" PRId64 "\n", purpose, expires);
    buf_add(&plain, text);
    sealed = seal(k, buf_str(&plain), a);
    n = sodium_base64_ENCODED_LEN(sealed.n,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out = arena_alloc(a, n);
    sodium_bin2base64(out, n, (const unsigned char *)sealed.p, sealed.n,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return out;
}

bool note_open(const struct keyring *k, const char *purpose, struct str note,
               int64_t now, struct arena *a, struct str *text)
{
    unsigned char *bytes = arena_try(a, note.n + 1, 1);
    size_t n, head = strlen(purpose);
    struct str plain;
    const char *end;
    int64_t expires;

    if (!bytes ||
        sodium_base642bin(bytes, note.n, note.p, note.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return false;
    if (!unseal(k, (struct str){(char *)bytes, n}, a, &plain) ||
        plain.n <= head || !str_starts(plain, purpose) || plain.p[head] != '\n')
        return false;
    plain.p += head + 1;
    plain.n -= head + 1;
    end = memchr(plain.p, '\n', plain.n);
    if (!end ||
        !str_i64((struct str){plain.p, (size_t)(end - plain.p)}, &expires) ||
        expires < now)
        return false;
    plain.n -= (size_t)(end + 1 - plain.p);
    *text = (struct str){end + 1, plain.n};
    return true;
}
