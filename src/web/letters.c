/* The server's post: started with it, woken by what its pages write. */
#include "web/account_page.h"

static const char *base_url(const struct server *s)
{
    const struct config *c = s->config;
    bool tls = c->certificate || c->proxy;
    unsigned port = server_port(s);

    if (c->proxy || port == (tls ? 443u : 80u))
        return arena_printf(s->arena, "%s://%s", tls ? "https" : "http",
                            c->host);
    return arena_printf(s->arena, "%s://%s:%u", tls ? "https" : "http", c->host,
                        port);
}

enum rc server_post_start(struct server *s, struct err *err)
{
    enum { LOOK_S = 20 };
    struct post_config p = {.store = s->config->store,
                            .smtp = s->config->smtp,
                            .sender = s->config->sender};

    struct post *before, *after = NULL;
    enum rc rc;

    s->base = base_url(s);
    p.base = s->base;
    pthread_mutex_lock(&s->lock);
    before = s->post;
    s->post = NULL;
    pthread_mutex_unlock(&s->lock);
    post_stop(before);
    memcpy(p.keys.key, s->key, sizeof p.keys.key);
    if (!p.smtp)
        return RC_OK;
    rc = post_start(&p, LOOK_S, &after, err);
    pthread_mutex_lock(&s->lock);
    s->post = after;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void server_post_wake(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    post_wake(s->post);
    pthread_mutex_unlock(&s->lock);
}

enum rc letter_put(struct request *r, enum letter letter, const char *address,
                   const struct letter_values *v, struct err *err)
{
    struct keyring k = request_keys(r);
    enum rc rc = post_put(r->store, &k, letter, address, lang_code(r->lang), v,
                          request_now(), err);

    if (!rc)
        server_post_wake(r->server);
    return rc;
}
