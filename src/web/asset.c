/* Style, scripts and pictures of the pages, under names that change with what
 * is in them: a browser may keep them for ever. */
#include "web/asset.h"
#include "base/dict.h"

#include <inttypes.h>

const char *asset_path(const struct embedded *asset, struct arena *a)
{
    struct str name = str_of(asset->name);
    const char *dot = memrchr(name.p, '.', name.n);
    int stem = dot ? (int)(dot - name.p) : (int)name.n;

    return arena_printf(a, "/assets/%.*s.%08" PRIx32 "%s", stem, name.p,
                        (uint32_t)str_hash(asset->bytes), dot ? dot : "");
}

const struct embedded *asset_find(struct str name, struct arena *a)
{
    for (size_t i = 0; i < asset_table_n; i++)
        if (str_is(name, asset_path(&asset_table[i], a) + strlen("/assets/")))
            return &asset_table[i];
    return NULL;
}

const char *asset_type(const char *name)
{
    static const char *const types[][2] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".json", "application/json"},
    };

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_ends(str_of(name), types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

void assets_write(struct node *page)
{
    struct node *out = node_object(page->arena);

    for (size_t i = 0; i < asset_table_n; i++) {
        char *key = arena_strdup(page->arena, asset_table[i].name);

        for (char *p = key; *p; p++)
            if (*p == '.' || *p == '-')
                *p = '_';
        node_set_text(out, key, asset_path(&asset_table[i], page->arena));
    }
    node_set(page, "asset", out);
}
