#include "web/record_letters.h"
#include "network/account.h"
#include "web/account_page.h"

static const char *title_in(const struct words *title, const struct lang *l)
{
    const char *best = NULL;

    for (int i = 0; i < RECORD_LANGS && !best; i++)
        if (strcmp(record_langs[i], lang_code(l)) == 0)
            best = words_best(title, i, NULL);
    return best ? best : "";
}

static enum rc put(struct request *r, enum letter letter,
                   const struct account *to, const struct letter_about *about,
                   struct err *err)
{
    struct keyring k = request_keys(r);
    const struct lang *l = to->language ? lang_find(to->language) : NULL;
    struct letter_values v = {
        .name = to->name, .path = about->path, .note = about->note};

    l = l ? l : r->lang;
    v.detail = title_in(about->title, l);
    if (!post_address_valid(to->email))
        return RC_OK;
    return post_put(r->store, &k, letter, to->email, lang_code(l), &v,
                    request_now(), err);
}

enum rc letters_to_author(struct request *r, enum letter letter,
                          int64_t account, const struct letter_about *l,
                          struct err *err)
{
    struct account to;
    enum rc rc;

    if (!account || account == r->viewer.account)
        return RC_OK;
    rc = account_load(r->store, account, request_now(), r->arena, &to, err);
    if (rc == RC_NOT_FOUND || (!rc && to.closed))
        return RC_OK;
    return rc ? rc : put(r, letter, &to, l, err);
}

struct holders {
    struct arena *a;
    int64_t *items;
    size_t n, cap;
};

static bool take_holder(void *ctx, int64_t account)
{
    struct holders *h = ctx;

    VEC_PUSH(h->a, h->items, h->n, h->cap) = account;
    return true;
}

/* As they may once they have signed in with their second factor. */
static enum rc may_review(struct request *r, int64_t account,
                          const struct subject *s, bool *may, struct err *err)
{
    struct viewer v = {0};
    enum rc rc =
        viewer_load(r->store, account, request_now(), r->arena, &v, err);

    v.second_factor = true;
    *may = !rc && access_may(&v, ACTION_REVIEW, s);
    return rc;
}

enum rc letters_to_reviewers(struct request *r, const struct subject *s,
                             const struct letter_about *l, struct err *err)
{
    struct holders h = {.a = r->arena};
    enum rc rc =
        account_holders(r->store, ROLE_SECRETARIAT, take_holder, &h, err);

    for (size_t i = 0; i < h.n && !rc; i++) {
        bool may;

        rc = may_review(r, h.items[i], s, &may, err);
        if (!rc && may)
            rc = letters_to_author(r, LETTER_REVIEW, h.items[i], l, err);
    }
    return rc;
}

void letters_wake(const struct request *r)
{
    server_post_wake(r->server);
}
