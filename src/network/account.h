/*
 * account.h: who signs in, and how.
 *
 * Passwords: Argon2id (libsodium, interactive limits at least). Tokens of
 * sessions, invitations and the API are random 32 bytes, handed out once in
 * base64url; only their SHA-256 (keyed BLAKE2b with the installation's key) is
 * kept. No answer, and no difference in time, tells whether an account exists.
 * Every function that changes something writes the audit log in the same
 * transaction.
 */
#ifndef PASSERELLE_ACCOUNT_H
#define PASSERELLE_ACCOUNT_H

#include "network/access.h"
#include "store/store.h"

enum { TOKEN_TEXT = 44, RECOVERY_CODES = 10 };

/* Tables that are not records: account, grants, session, invitation, token,
 * attempt, audit, job, setting, outbox, publication, stored. Safe to run
 * again. */
enum rc network_tables(struct store *s, struct err *err) MUST_USE;
/* The statements that make them, a line each. */
void network_ddl(enum store_engine e, struct buf *out);

struct keyring {
    unsigned char key[32]; /* of the installation: seals TOTP secrets, hashes
                              tokens, encrypts files */
};

enum rc account_invite(struct store *s, const struct keyring *k,
                       const char *email, int64_t person, int64_t by,
                       int64_t now, char token[TOKEN_TEXT],
                       struct err *err) MUST_USE;
/* Also what the one-time sign-in links of the demonstration use. */
enum rc account_accept(struct store *s, const struct keyring *k,
                       const char *token, const char *password, int64_t now,
                       int64_t *account, struct err *err) MUST_USE;

enum sign_in {
    SIGN_IN_DONE,
    SIGN_IN_SECOND_FACTOR, /* password right; the code is asked next */
    SIGN_IN_REFUSED,       /* whatever was wrong */
    SIGN_IN_WAIT           /* too many attempts: *wait_s */
};
enum rc account_sign_in(struct store *s, const struct keyring *k,
                        const char *email, const char *password,
                        const char *address, int64_t now, enum sign_in *out,
                        int64_t *account, int64_t *wait_s,
                        struct err *err) MUST_USE;
enum rc account_second_factor(struct store *s, const struct keyring *k,
                              int64_t account, const char *code, int64_t now,
                              bool *right, struct err *err) MUST_USE;
/* A new secret (base32 and otpauth URL), in force once a code was confirmed. */
enum rc account_totp_begin(struct store *s, const struct keyring *k,
                           int64_t account, struct arena *a, char **secret,
                           char **url, struct err *err) MUST_USE;
enum rc account_totp_confirm(struct store *s, const struct keyring *k,
                             int64_t account, const char *code, int64_t now,
                             struct arena *a, char *recovery[RECOVERY_CODES],
                             struct err *err) MUST_USE;

/* Sets it, ends every session and every link that is still open. */
enum rc account_password(struct store *s, int64_t account, const char *password,
                         int64_t now, struct err *err) MUST_USE;

/*
 * What may be tried again and again (a password, a code) waits longer after
 * each failure; `kind` and `name` say what of whom, and are kept as a hash.
 */
enum rc attempt_wait(struct store *s, const struct keyring *k, const char *kind,
                     const char *name, int64_t now, int64_t *wait_s,
                     struct err *err) MUST_USE;
enum rc attempt_failed(struct store *s, const struct keyring *k,
                       const char *kind, const char *name, int64_t now,
                       struct err *err) MUST_USE;
enum rc attempt_forget(struct store *s, const struct keyring *k,
                       const char *kind, const char *name,
                       struct err *err) MUST_USE;

/* A note to ourselves that leaves the house (in a cookie, in the outbox):
 * sealed, for one purpose, good until `expires`. Results in the arena. */
char *note_seal(const struct keyring *k, const char *purpose, struct str text,
                int64_t expires, struct arena *a);
bool note_open(const struct keyring *k, const char *purpose, struct str note,
               int64_t now, struct arena *a, struct str *text);

/* Accounts as the administration and their owners see them. */
struct account {
    int64_t id, person, created;
    const char *email, *name;
    const char *language; /* of letters: "fr"; NULL: not known */
    bool password, totp, oidc, closed, invited; /* invited: an open link */
};
enum rc account_load(struct store *s, int64_t id, int64_t now, struct arena *a,
                     struct account *out, struct err *err) MUST_USE;
enum rc account_each(struct store *s, int64_t after, size_t limit, int64_t now,
                     bool (*fn)(void *ctx, const struct account *account),
                     void *ctx, struct err *err) MUST_USE;
/* RC_NOT_FOUND: no open account of this address. */
enum rc account_of_email(struct store *s, const char *email, int64_t *id,
                         struct err *err) MUST_USE;
/* In which language they read: where they signed in, or chose it. */
enum rc account_language(struct store *s, int64_t account, const char *language,
                         struct err *err) MUST_USE;
/* Open accounts that hold this role, in any scope. */
enum rc account_holders(struct store *s, enum role role,
                        bool (*fn)(void *ctx, int64_t account), void *ctx,
                        struct err *err) MUST_USE;
/* Nobody signs in with it until it is opened again; sessions and tokens go. */
enum rc account_close(struct store *s, int64_t account, bool closed, int64_t by,
                      int64_t now, struct err *err) MUST_USE;

struct session {
    const char *hash; /* how it is known here */
    int64_t account, opened, seen;
    const char *address, *agent;
    bool second_factor;
};
enum rc session_open(struct store *s, const struct keyring *k, int64_t account,
                     bool second_factor, const char *address, const char *agent,
                     int64_t now, char token[TOKEN_TEXT],
                     struct err *err) MUST_USE;
/* RC_NOT_FOUND: none, closed, or too old (12 h idle, 14 days in all). */
enum rc session_find(struct store *s, const struct keyring *k,
                     const char *token, int64_t now, struct arena *a,
                     struct session *out, struct err *err) MUST_USE;
enum rc session_close(struct store *s, const char *hash, int64_t account,
                      int64_t now, struct err *err) MUST_USE;
enum rc session_close_all(struct store *s, int64_t account, int64_t now,
                          struct err *err) MUST_USE;
enum rc session_each(struct store *s, int64_t account,
                     bool (*fn)(void *ctx, const struct session *s), void *ctx,
                     struct err *err) MUST_USE;

/*
 * The viewer of an account, with its grants that are in force. A focal point's
 * holds while a term of theirs in that city does (before any term is recorded
 * it stands by itself); a deputy has it while the delegation holds.
 */
enum rc viewer_load(struct store *s, int64_t account, int64_t now,
                    struct arena *a, struct viewer *out,
                    struct err *err) MUST_USE;
/* Both end the sessions of the account: no right outlives its grant. */
enum rc grant_give(struct store *s, int64_t account, const struct grant *g,
                   int64_t by, int64_t now, struct err *err) MUST_USE;
enum rc grant_take(struct store *s, int64_t account, const struct grant *g,
                   int64_t by, int64_t now, struct err *err) MUST_USE;

/* API tokens: read or read and write, for the grants of their account. */
enum rc token_create(struct store *s, const struct keyring *k, int64_t account,
                     const char *name, bool write, int64_t expires, int64_t now,
                     char token[TOKEN_TEXT], struct err *err) MUST_USE;
enum rc token_find(struct store *s, const struct keyring *k, const char *token,
                   int64_t now, struct arena *a, struct viewer *out,
                   struct err *err) MUST_USE;
struct token {
    int64_t id, created, expires;
    const char *name;
    bool writes;
};
enum rc token_each(struct store *s, int64_t account,
                   bool (*fn)(void *ctx, const struct token *t), void *ctx,
                   struct err *err) MUST_USE;
enum rc token_revoke(struct store *s, int64_t account, int64_t id, int64_t now,
                     struct err *err) MUST_USE;

/*
 * The audit log: append-only, each row carrying the BLAKE2b hash of itself and
 * of the row before. audit_verify walks it and tells the first row that does
 * not fit.
 */
struct audit_entry {
    int64_t id, at, account;
    const char *action, *object; /* "sign-in", "city/7" */
    const char *detail;          /* JSON without personal data */
};
enum rc audit_write(struct store *s, int64_t account, const char *action,
                    const char *object, const char *detail, int64_t now,
                    struct err *err) MUST_USE;
enum rc audit_each(struct store *s, int64_t before, size_t limit,
                   bool (*fn)(void *ctx, const struct audit_entry *e),
                   void *ctx, struct err *err) MUST_USE;
enum rc audit_verify(struct store *s, int64_t *rows, int64_t *broken,
                     struct err *err) MUST_USE;

/* One's own data, and its erasure (names and addresses go, the deeds stay). */
enum rc account_export(struct store *s, int64_t account, struct arena *a,
                       struct node **out, struct err *err) MUST_USE;
enum rc account_erase(struct store *s, int64_t account, int64_t by, int64_t now,
                      struct arena *a, struct err *err) MUST_USE;

#endif
