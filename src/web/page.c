#include "web/page.h"

struct node *page_begin(const struct request *r, const char *title)
{
    struct node *doc = node_object(r->arena);

    node_set_text(doc, "title", title);
    return doc;
}

void page_crumb(struct node *doc, const char *label, const char *path)
{
    struct node *crumbs = node_get(doc, "crumbs"), *list;
    struct node *item = node_object(doc->arena);

    if (!crumbs) {
        crumbs = node_set(doc, "crumbs", node_object(doc->arena));
        node_set(crumbs, "items", node_list(doc->arena));
    }
    list = node_get(crumbs, "items");
    node_set_text(item, "label", label);
    node_set_text(item, "path", path);
    node_push(list, item);
}

enum rc page_id(const struct request *r, const char *name, int64_t *out,
                struct err *err)
{
    if (!str_i64(request_param(r, name), out) || *out <= 0)
        return err_set(err, RC_NOT_FOUND, N_("there is no such page"));
    return RC_OK;
}

void page_done(const struct request *r, struct reply *reply, const char *path,
               const char *code)
{
    reply_redirect(r, reply,
                   arena_printf(r->arena, "%s%cdone=%s", path,
                                strchr(path, '?') ? '&' : '?', code));
}

const char *page_fill(const struct request *r, const char *sentence,
                      const char *name, const char *value)
{
    AUTO(buf) struct buf text = {.ceiling = 1 << 16};

    lang_fill(&text, sentence, name, value, NULL);
    return arena_strdup(r->arena, buf_cstr(&text));
}

const char *page_size(const struct request *r, uint64_t size)
{
    AUTO(buf) struct buf text = {.ceiling = 256};
    AUTO(buf) struct buf number = {.ceiling = 256};
    const char *sentence = lang_text(r->lang, N_("{n} bytes"));

    if (size < 1000) {
        lang_integer(r->lang, (int64_t)size, &number);
    } else if (size < 1000000) {
        sentence = lang_text(r->lang, N_("{n} kB"));
        lang_decimal(r->lang, (double)size / 1e3, 0, &number);
    } else {
        sentence = lang_text(r->lang, N_("{n} MB"));
        lang_decimal(r->lang, (double)size / 1e6, 1, &number);
    }
    lang_fill(&text, sentence, "n", buf_cstr(&number), NULL);
    return arena_strdup(r->arena, buf_cstr(&text));
}
