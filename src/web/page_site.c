/* Pages that are no record's: home, health, figures of the server, assets. */
#include "network/account.h"
#include "web/asset.h"
#include "web/cache.h"
#include "web/generation.h"
#include "web/limit.h"
#include "web/page.h"

enum rc page_health(struct request *r, struct reply *reply, struct err *err)
{
    int64_t one;
    enum rc rc = store_int(r->store, "SELECT 1", NO_PARAMS, &one, err);

    reply->type = "text/plain; charset=utf-8";
    reply->bytes = STR("ok\n");
    reply->private = true;
    return rc;
}

enum rc page_metrics(struct request *r, struct reply *reply, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 20};

    struct gauges g = {
        .busy = r->server->busy,
        .connections = generations_connections(r->server),
        .kept_bytes = cache_bytes(r->server->cache),
    };

    counters_write(r->server->counters, &g, &text);
    reply->type = "text/plain; version=0.0.4; charset=utf-8";
    reply->bytes = (struct str){arena_str(r->arena, buf_str(&text)), text.n};
    reply->private = true;
    return RC_OK;
}

enum rc page_asset(struct request *r, struct reply *reply, struct err *err)
{
    const struct embedded *asset =
        asset_find(request_param(r, "name"), r->arena);

    if (!asset)
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    reply->type = asset_type(asset->name);
    reply->bytes = asset->bytes;
    pairs_add(&reply->headers, r->arena, "Cache-Control",
              STR("public, max-age=31536000, immutable"));
    return RC_OK;
}

/* The language of a visitor: kept in a cookie, then back to where one was. */
enum rc page_language(struct request *r, struct reply *reply, struct err *err)
{
    const char *code = request_param(r, "code").p;
    const struct lang *l = lang_find(code);

    if (!l)
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    if (r->viewer.account) { /* letters come in it as well */
        enum rc rc =
            account_language(r->store, r->viewer.account, lang_code(l), err);

        if (rc)
            return rc;
    }
    reply_redirect(r, reply, request_query(r, "to").p);
    pairs_add(&reply->headers, r->arena, "Set-Cookie",
              str_of(arena_printf(
                  r->arena, "lang=%s; Path=/; SameSite=Lax; Max-Age=31536000",
                  lang_code(l))));
    return RC_OK;
}
