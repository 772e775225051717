/* The outbox: letters are put, taken by one server, sent, tried again. */
#include "post/post.h"
#include "post/smtp.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TRIES_MOST = 12,
    LEASE_S = 300, /* a server that died with a letter keeps it so long */
    FIRST_WAIT_S = 60,
    WAIT_MOST_S = 6 * 3600,
    KEEP_S = 14 * 24 * 3600, /* how long a letter stays good */
    AT_ONCE = 50
};

static const char *const names[LETTERS] = {
#define LETTER(NAME, name, subject, text) #name,
#include "post/letters.def"
#undef LETTER
};

/* The values as lines; what would end a line becomes a blank. */
static void pack(const struct letter_values *v, struct buf *out)
{
    const char *const parts[] = {v->name, v->detail, v->path, v->note};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (const char *p = parts[i] ? parts[i] : ""; *p; p++)
            buf_addc(out, (unsigned char)*p < ' ' || *p == 0x7F ? ' ' : *p);
        buf_addc(out, '\n');
    }
}

/* A letter of an earlier program has no note. */
static bool unpack(struct str text, struct arena *a, struct letter_values *v)
{
    const char **const parts[] = {&v->name, &v->detail, &v->path, &v->note};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
        size_t n = end ? (size_t)(end - text.p) : 0;

        if (!end)
            return parts[i] == &v->note;
        *parts[i] = n ? arena_strndup(a, text.p, n) : NULL;
        text.p += n + 1;
        text.n -= n + 1;
    }
    return true;
}

static enum rc put(struct store *s, const struct keyring *k, const char *letter,
                   const char *address, const char *lang,
                   const struct letter_values *v, int64_t now, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(buf) struct buf values = {.ceiling = 1 << 16};

    pack(v, &values);
    if (values.failed)
        return err_set(err, RC_LIMIT, N_("this letter is too long"));
    return store_exec(
        s,
        "INSERT INTO outbox (letter, address, lang, given, created, due)"
        " VALUES (:letter, :address, :lang, :given, :now, :now)",
        PARAMS(P_TEXT("letter", letter), P_TEXT("address", address),
               P_TEXT("lang", lang),
               P_TEXT("given", note_seal(k, "letter", buf_str(&values),
                                         now + KEEP_S, a)),
               P_INT("now", now)),
        NULL, err);
}

enum rc post_put(struct store *s, const struct keyring *k, enum letter letter,
                 const char *address, const char *lang,
                 const struct letter_values *v, int64_t now, struct err *err)
{
    REQUIRE(letter < LETTERS);
    if (!post_address_valid(address))
        return err_set(err, RC_INVALID, N_("'%s' is not an e-mail address"),
                       address);
    return put(s, k, names[letter], address, lang, v, now, err);
}

enum rc post_put_forgotten(struct store *s, const struct keyring *k,
                           const char *address, const char *lang, int64_t now,
                           struct err *err)
{
    static const struct letter_values none;

    if (!post_address_valid(address))
        return RC_OK;
    return put(s, k, names[LETTER_FORGOTTEN], address, lang, &none, now, err);
}

/* ---- one letter ---- */

struct waiting {
    int64_t id, tries;
    const char *letter, *address, *lang, *given;
};
struct queue {
    struct arena *a;
    struct waiting items[AT_ONCE];
    size_t n;
};

static bool take(void *ctx, const struct store_row *row)
{
    struct queue *q = ctx;

    q->items[q->n++] = (struct waiting){
        .id = row_int(row, "id", 0),
        .tries = row_int(row, "tries", 0),
        .letter = arena_str(q->a, row_text(row, "letter")),
        .address = arena_str(q->a, row_text(row, "address")),
        .lang = arena_str(q->a, row_text(row, "lang")),
        .given = arena_str(q->a, row_text(row, "given")),
    };
    return q->n < AT_ONCE;
}

static enum rc read_due(struct store *s, int64_t now, struct queue *q,
                        struct err *err)
{
    return store_each(s,
                      "SELECT id, tries, letter, address, lang, given FROM"
                      " outbox WHERE sent IS NULL AND due <= :now"
                      " AND tries < :most ORDER BY due, id LIMIT :limit",
                      PARAMS(P_INT("now", now), P_INT("most", TRIES_MOST),
                             P_INT("limit", AT_ONCE)),
                      take, q, err);
}

/* Ours when the row still is as it was read. */
static enum rc claim(struct store *s, const struct waiting *w, int64_t now,
                     bool *ours, struct err *err)
{
    int64_t changed = 0;
    enum rc rc =
        store_exec(s,
                   "UPDATE outbox SET due = :lease, tries = tries + 1"
                   " WHERE id = :id AND tries = :tries AND sent IS NULL"
                   " AND due <= :now",
                   PARAMS(P_INT("lease", now + LEASE_S), P_INT("id", w->id),
                          P_INT("tries", w->tries), P_INT("now", now)),
                   &changed, err);

    *ours = changed > 0;
    return rc == RC_CONFLICT ? RC_OK : rc;
}

static bool letter_of(const char *name, enum letter *out)
{
    for (int i = 0; i < LETTERS; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum letter)i;
            return true;
        }
    }
    return false;
}

/* Who forgot a password gets a link; an unknown address gets nothing. */
static enum rc answer_forgotten(const struct post_config *c, struct store *s,
                                const struct waiting *w, int64_t now,
                                struct arena *a, struct letter_values *v,
                                bool *known, struct err *err)
{
    char token[TOKEN_TEXT];
    struct account account;
    int64_t id;
    enum rc rc = account_of_email(s, w->address, &id, err);

    *known = rc == RC_OK;
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    rc = account_load(s, id, now, a, &account, err);
    if (!rc)
        rc = account_invite(s, &c->keys, w->address, account.person, id, now,
                            token, err);
    v->name = account.name;
    v->path = arena_printf(a, "/invitation/%s", token);
    return rc;
}

/* It is sent: a busy database must not make it go twice. */
static enum rc finish(struct store *s, const struct waiting *w, int64_t now,
                      struct err *err)
{
    enum { ATTEMPTS = 5 };
    enum rc rc = RC_CONFLICT;

    for (int i = 0; i < ATTEMPTS && rc == RC_CONFLICT; i++)
        rc = store_exec(s,
                        "UPDATE outbox SET sent = :now, given = '', fault = ''"
                        " WHERE id = :id",
                        PARAMS(P_INT("now", now), P_INT("id", w->id)), NULL,
                        err);
    return rc;
}

/* The next try; after the last one the values are forgotten. */
static enum rc postpone(struct store *s, const struct waiting *w, int64_t now,
                        bool for_ever, const char *fault, struct err *err)
{
    int64_t wait =
        MIN((int64_t)FIRST_WAIT_S << MIN(w->tries, 20), (int64_t)WAIT_MOST_S);
    bool last = for_ever || w->tries + 1 >= TRIES_MOST;

    return store_exec(s,
                      "UPDATE outbox SET due = :due, fault = :fault,"
                      " tries = CASE WHEN :last = 1 THEN :most ELSE tries END,"
                      " given = CASE WHEN :last = 1 THEN '' ELSE given END"
                      " WHERE id = :id",
                      PARAMS(P_INT("due", now + wait), P_TEXT("fault", fault),
                             P_INT("last", last), P_INT("most", TRIES_MOST),
                             P_INT("id", w->id)),
                      NULL, err);
}

static enum rc send_one(const struct post_config *c, struct store *s,
                        const struct waiting *w, int64_t now, struct arena *a,
                        bool *sent, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};
    const struct lang *l = lang_find(w->lang);
    struct letter_values v = {0};
    struct smtp_answer answer;
    enum letter letter;
    struct str given;
    bool known = true;
    enum rc rc = RC_OK;

    *sent = false;
    if (!letter_of(w->letter, &letter) ||
        !note_open(&c->keys, "letter", str_of(w->given), now, a, &given) ||
        !unpack(given, a, &v))
        return postpone(s, w, now, true, "too old", err);
    if (letter == LETTER_FORGOTTEN)
        rc = answer_forgotten(c, s, w, now, a, &v, &known, err);
    if (!rc && !known)
        return finish(s, w, now, err);
    if (!rc)
        rc = post_compose(c, letter, w->address, l ? l : lang_find("en"), &v,
                          now, &text, err);
    if (rc)
        return rc;
    smtp_send(c->smtp, c->sender, w->address, buf_str(&text), &answer);
    *sent = answer.sent;
    if (answer.sent)
        return finish(s, w, now, err);
    return postpone(s, w, now, answer.for_ever, answer.fault, err);
}

enum rc post_drain(const struct post_config *c, struct store *s, int64_t now,
                   size_t *sent, struct err *err)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct queue q = {.a = a};
    size_t n = 0;
    enum rc rc = c->smtp ? read_due(s, now, &q, err) : RC_OK;

    for (size_t i = 0; i < q.n && !rc; i++) {
        bool ours, gone = false;

        rc = claim(s, &q.items[i], now, &ours, err);
        if (!rc && ours)
            rc = send_one(c, s, &q.items[i], now, a, &gone, err);
        n += gone;
    }
    if (sent)
        *sent = n;
    return rc;
}

/* ---- the thread ---- */

struct post {
    struct post_config config;
    struct arena *arena;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    unsigned seconds;
    bool stopping, woken;
};

/* false: stop. */
static bool wait_for_work(struct post *p)
{
    struct timespec until;
    bool go_on;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += p->seconds;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping && !p->woken &&
           pthread_cond_timedwait(&p->wake, &p->lock, &until) == 0)
        ;
    p->woken = false;
    go_on = !p->stopping;
    pthread_mutex_unlock(&p->lock);
    return go_on;
}

/* A database that went away is opened again at the next look. */
static void *work(void *ctx)
{
    struct post *p = ctx;
    struct store *s = NULL;

    do {
        struct err err;
        enum rc rc = s ? RC_OK : store_open(p->config.store, &s, &err);

        if (!rc)
            rc = post_drain(&p->config, s, time(NULL), NULL, &err);
        if (rc) {
            fprintf(stderr, "passerelle: post: %s\n", rc_name(rc));
            store_close(s);
            s = NULL;
        }
    } while (wait_for_work(p));
    store_close(s);
    return NULL;
}

enum rc post_start(const struct post_config *c, unsigned seconds,
                   struct post **out, struct err *err)
{
    struct post *p = calloc(1, sizeof *p);

    if (!p)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    p->arena = arena_new(0);
    p->config = *c;
    p->config.store = arena_strdup(p->arena, c->store);
    p->config.smtp = c->smtp ? arena_strdup(p->arena, c->smtp) : NULL;
    p->config.sender = c->sender ? arena_strdup(p->arena, c->sender) : NULL;
    p->config.base = arena_strdup(p->arena, c->base);
    p->seconds = seconds;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    smtp_begin();
    if (pthread_create(&p->thread, NULL, work, p) != 0) {
        arena_free(p->arena);
        free(p);
        return err_set(err, RC_FAILED, N_("cannot start a thread"));
    }
    *out = p;
    return RC_OK;
}

void post_wake(struct post *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->woken = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

void post_stop(struct post *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    arena_free(p->arena);
    free(p);
}
