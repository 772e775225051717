#include "web/render.h"
#include "publish/publish.h"
#include "web/asset.h"

#include <stdio.h>

static void header(struct request *r, struct http_reply *out, const char *name,
                   const char *value)
{
    pairs_add(&out->headers, r->arena, name, str_of(value));
}

/* On every reply. Scripts and styles are ours and carry the nonce. */
static void common_headers(struct request *r, struct http_reply *out)
{
    header(r, out, "X-Content-Type-Options", "nosniff");
    header(r, out, "Referrer-Policy", "same-origin");
    header(r, out, "Permissions-Policy",
           "camera=(), geolocation=(), microphone=()");
    header(r, out, "Cross-Origin-Opener-Policy", "same-origin");
    header(r, out, "Vary", "Accept, Accept-Encoding, Accept-Language, Cookie");
    if (!pairs_has(&out->headers, "Content-Security-Policy"))
        header(
            r, out, "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
            "'self' data:; font-src 'self'; connect-src 'self'; form-action "
            "'self'; frame-ancestors 'none'; base-uri 'none'");
    if (r->secure)
        header(r, out, "Strict-Transport-Security",
               "max-age=31536000; includeSubDomains");
}

/* The first steps of the site; the page that is open is marked. */
static void write_navigation(const struct request *r, struct node *page)
{
    static const struct {
        const char *path, *label;
    } rows[] = {
        {"/cities", N_("Cities")},
        {"/map", N_("Map")},
        {"/organisations", N_("Organisations")},
        {"/programmes", N_("Programmes")},
    };
    struct node *list = node_list(r->arena);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *item = node_object(r->arena);

        node_set_text(item, "path", rows[i].path);
        node_set_text(item, "label", lang_text(r->lang, rows[i].label));
        node_set_bool(item, "current", strcmp(r->path, rows[i].path) == 0);
        node_push(list, item);
    }
    node_set(page, "navigation", list);
}

static void write_languages(const struct request *r, struct node *page)
{
    struct node *list = node_list(r->arena);
    size_t n;
    const struct lang *const *all = lang_all(&n);

    for (size_t i = 0; i < n; i++) {
        struct node *item = node_object(r->arena);

        node_set_text(item, "code", lang_code(all[i]));
        node_set_text(item, "name", lang_own_name(all[i]));
        node_set_bool(item, "current", all[i] == r->lang);
        node_push(list, item);
    }
    node_set(page, "languages", list);
}

/* This page as a value in a URL, to come back to; not the answer of a form. */
static void write_here(const struct request *r, struct node *page)
{
    AUTO(buf) struct buf url = {.ceiling = 1 << 16};
    AUTO(buf) struct buf value = {.ceiling = 1 << 16};

    buf_adds(&url, r->method == METHOD_GET ? r->path : "/");
    for (size_t i = 0; i < r->query.n && r->method == METHOD_GET; i++) {
        if (strcmp(r->query.items[i].name, "done") == 0 ||
            strcmp(r->query.items[i].name, "lang") == 0)
            continue;
        buf_addc(&url, strchr(buf_cstr(&url), '?') ? '&' : '?');
        buf_url(&url, str_of(r->query.items[i].name));
        buf_addc(&url, '=');
        buf_url(&url, r->query.items[i].value);
    }
    buf_url(&value, buf_str(&url));
    node_set_text(page, "here", buf_cstr(&value));
}

/* What was done on the page before, named by a code: no text of the URL is
 * ever shown. */
static void write_done(const struct request *r, struct node *page)
{
    static const char *const rows[][2] = {
        {"saved", N_("Saved.")},
        {"created", N_("Created.")},
        {"deleted", N_("Deleted.")},
        {"moved", N_("The state has changed.")},
        {"sent", N_("Sent.")},
        {"closed", N_("Closed.")},
        {"done", N_("Done.")},
        {"proposed", N_("Kept as a proposal. Readers see it once it is "
                        "published.")},
        {"dropped", N_("The proposal was given up.")},
    };
    struct str code = request_query(r, "done");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_is(code, rows[i][0]))
            node_set_text(page, "done", lang_text(r->lang, rows[i][1]));
}

/* What every page needs besides its document. */
static struct node *page_of(const struct request *r)
{
    struct node *page = node_object(r->arena);

    node_set_text(page, "lang", lang_code(r->lang));
    node_set_text(page, "dir", lang_rtl(r->lang) ? "rtl" : "ltr");
    node_set_text(page, "path", r->path);
    node_set_text(page, "host", r->server->config->host);
    node_set_text(page, "site", lang_text(r->lang, N_("Network of cities")));
    write_here(r, page);
    write_done(r, page);
    write_navigation(r, page);
    write_languages(r, page);
    assets_write(page);
    if (r->csrf)
        node_set_text(page, "csrf", r->csrf);
    node_set_bool(page, "signed_in", r->viewer.account != 0);
    node_set_bool(page, "member", r->viewer.n_grants > 0);
    node_set_bool(page, "secretariat",
                  access_may(&r->viewer, ACTION_ADMIN, &(struct subject){0}));
    return page;
}

static enum rc render_html(struct request *r, const struct reply *reply,
                           struct http_reply *out, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    struct node *view = node_object(r->arena);
    enum rc rc;

    for (size_t i = 0; i < node_len(reply->doc); i++)
        node_set(view, arena_str(r->arena, node_key(reply->doc, i)),
                 node_at(reply->doc, i));
    node_set(view, "page", page_of(r));
    rc = mustache_render(templates_in(&r->server->templates, r->lang),
                         reply->template, view, &text, err);
    if (rc)
        return rc;
    header(r, out, "Content-Type", "text/html; charset=utf-8");
    header(r, out, "Content-Language", lang_code(r->lang));
    out->body = (struct str){arena_str(r->arena, buf_str(&text)), text.n};
    return RC_OK;
}

static enum rc render_json(struct request *r, const struct node *doc,
                           const char *type, struct http_reply *out)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};

    node_write(doc, false, &text);
    buf_addc(&text, '\n');
    header(r, out, "Content-Type", type);
    out->body = (struct str){arena_str(r->arena, buf_str(&text)), text.n};
    return text.failed ? RC_LIMIT : RC_OK;
}

static enum rc render_csv(struct request *r, const struct node *doc,
                          struct http_reply *out, struct err *err)
{
    AUTO(buf) struct buf text = {.ceiling = BUF_CEILING};
    const struct node *table = node_get(doc, "table");

    if (!table)
        return err_set(err, RC_NOT_FOUND,
                       N_("this page has no table to hand out as CSV"));
    publish_csv(table, r->lang, &text);
    header(r, out, "Content-Type", "text/csv; charset=utf-8");
    header(r, out, "Content-Disposition", "attachment");
    out->body = (struct str){arena_str(r->arena, buf_str(&text)), text.n};
    return text.failed ? RC_LIMIT : RC_OK;
}

static enum rc render_shape(struct request *r, struct reply *reply,
                            struct http_reply *out, struct err *err)
{
    if (!reply->doc) {
        if (reply->type)
            header(r, out, "Content-Type", reply->type);
        out->body = reply->bytes;
        return RC_OK;
    }
    if (r->as == AS_CSV)
        return render_csv(r, reply->doc, out, err);
    if (r->as == AS_HTML && reply->template)
        return render_html(r, reply, out, err);
    return render_json(r, reply->doc, "application/json", out);
}

enum rc render_reply(struct request *r, struct reply *reply,
                     struct http_reply *out, struct err *err)
{
    enum rc rc;

    *out = (struct http_reply){.status = reply->status ? reply->status : 200};
    out->headers = reply->headers;
    common_headers(r, out);
    if (reply->location)
        header(r, out, "Location", reply->location);
    rc = render_shape(r, reply, out, err);
    if (pairs_has(&out->headers, "Cache-Control"))
        return rc;
    if (reply->private || r->viewer.account || r->method != METHOD_GET)
        header(r, out, "Cache-Control", "no-store");
    else
        header(r, out, "Cache-Control", "no-cache");
    return rc;
}

static void allow_header(struct request *r, struct pairs *headers)
{
    AUTO(buf) struct buf text = {.ceiling = 256};
    unsigned bits = route_methods(str_of(r->path), r->arena);

    for (int m = 0; m < METHODS; m++)
        if (bits & 1u << m)
            buf_fmt(&text, "%s%s", text.n ? ", " : "",
                    method_name((enum method)m));
    pairs_add(headers, r->arena, "Allow", buf_str(&text));
}

void render_failure(struct request *r, enum rc rc, const struct err *err,
                    struct http_reply *out)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};
    struct node *doc = node_object(r->arena);
    struct reply reply = {.status = (unsigned)rc_http(rc),
                          .doc = doc,
                          .template = "failure",
                          .private = true};
    struct err again;

    if (rc == RC_USAGE && !r->route)
        reply.status = 405;
    /* a database's own words are for the log alone */
    if (err->message && rc != RC_IO && rc != RC_UNAVAILABLE)
        err_render(err, lang_text(r->lang, err->message), &text);
    node_set_text(doc, "type", "about:blank");
    node_set_text(doc, "title", lang_text(r->lang, rc_sentence(rc)));
    node_set_int(doc, "status", reply.status);
    if (text.n)
        node_set_text(doc, "detail", buf_cstr(&text));
    *out = (struct http_reply){.status = reply.status};
    if (reply.status == 405)
        allow_header(r, &reply.headers);
    if (reply.status == 503)
        pairs_add(&reply.headers, r->arena, "Retry-After", STR("5"));
    if (r->as == AS_HTML && render_reply(r, &reply, out, &again) == RC_OK)
        return;
    *out =
        (struct http_reply){.status = reply.status, .headers = reply.headers};
    common_headers(r, out);
    header(r, out, "Cache-Control", "no-store");
    (void)!render_json(r, doc, "application/problem+json", out);
}
