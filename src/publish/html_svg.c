#include "publish/html_svg.h"

/*
 * A definition as draw/ writes it: <path id="X" d="..."/>, and its uses:
 * href="#X". Whatever looks otherwise is copied as it stands.
 */
static bool definition_at(const char *p, const char *end, struct str *id,
                          struct str *shape, size_t *length)
{
    static const char head[] = "<path id=\"", middle[] = "\" d=\"",
                      tail[] = "\"/>";
    const char *at = p + sizeof head - 1, *stop;

    if ((size_t)(end - p) < sizeof head ||
        memcmp(p, head, sizeof head - 1) != 0)
        return false;
    stop = memchr(at, '"', (size_t)(end - at));
    if (!stop || (size_t)(end - stop) < sizeof middle ||
        memcmp(stop, middle, sizeof middle - 1) != 0)
        return false;
    *id = (struct str){at, (size_t)(stop - at)};
    at = stop + sizeof middle - 1;
    stop = memchr(at, '"', (size_t)(end - at));
    if (!stop || (size_t)(end - stop) < sizeof tail - 1 ||
        memcmp(stop, tail, sizeof tail - 1) != 0)
        return false;
    *shape = (struct str){at, (size_t)(stop - at)};
    *length = (size_t)(stop - p) + sizeof tail - 1;
    return true;
}

void shared_shapes_init(struct shared_shapes *s, struct arena *a)
{
    *s = (struct shared_shapes){.arena = a};
    dict_init(&s->shapes, a);
    dict_init(&s->ids, a);
}

/* What `id` of this figure is called in the page. */
static const char *page_id(const struct shared_shapes *s,
                           const struct dict *own, const uint32_t *as,
                           struct str id)
{
    uint32_t i = dict_find(own, id);

    return i == DICT_NONE ? NULL : dict_cstr(&s->ids, as[i]);
}

/* Keeps a new shape; true when another figure has drawn it already. */
static bool known_shape(struct shared_shapes *s, struct str id,
                        struct str shape, uint32_t *index)
{
    *index = dict_find(&s->shapes, shape);
    if (*index != DICT_NONE)
        return true;
    *index = dict_intern(&s->shapes, shape);
    REQUIRE(dict_intern(&s->ids, id) == *index);
    return false;
}

static const char *copy_until(const char *p, const char *end, const char *token,
                              struct buf *out)
{
    const char *at = memmem(p, (size_t)(end - p), token, strlen(token));

    buf_add(out, (struct str){p, (size_t)((at ? at : end) - p)});
    return at ? at : end;
}

void shared_shapes_add(struct shared_shapes *s, struct str svg, struct buf *out)
{
    static const char use[] = "href=\"#";
    const char *p = svg.p, *end = svg.p + svg.n;
    struct dict own;
    uint32_t *as = NULL;
    size_t n = 0, cap = 0, length;
    struct str id, shape;
    AUTO(buf) struct buf kept = {0};

    dict_init(&own, s->arena);
    buf_init(&kept, svg.n + 1);
    while ((p = copy_until(p, end, "<path id=\"", &kept)) < end) {
        uint32_t index;

        if (!definition_at(p, end, &id, &shape, &length)) {
            buf_addc(&kept, *p++);
            continue;
        }
        if (!known_shape(s, id, shape, &index))
            buf_add(&kept, (struct str){p, length});
        if (dict_intern(&own, id) == n)
            VEC_PUSH(s->arena, as, n, cap) = index;
        p += length;
    }
    p = buf_cstr(&kept);
    end = p + kept.n;
    while ((p = copy_until(p, end, use, out)) < end) {
        const char *stop;
        const char *name;

        p += sizeof use - 1;
        buf_adds(out, use);
        stop = memchr(p, '"', (size_t)(end - p));
        if (!stop)
            continue;
        name = page_id(s, &own, as, (struct str){p, (size_t)(stop - p)});
        if (!name)
            continue;
        buf_adds(out, name);
        p = stop;
    }
}
