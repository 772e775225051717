#include "profile/part.h"

#include <stdarg.h>

enum { PLACES = 10, SENTENCE_BYTES = 1 << 16 };

struct fill {
    const char *name[PLACES];
    const struct node *names[PLACES];
    size_t n;
};

static void fill_read(struct fill *f, va_list ap)
{
    const char *name;

    f->n = 0;
    while ((name = va_arg(ap, const char *))) {
        REQUIRE(f->n < PLACES);
        f->name[f->n] = name;
        f->names[f->n++] = va_arg(ap, const struct node *);
    }
}

const char *names_in(const struct node *names, const char *lang)
{
    return node_cstr(names->kind == NODE_OBJECT ? node_get(names, lang) : names,
                     "");
}

static void fill_write(const struct fill *f, const struct lang *l,
                       const char *sentence, struct buf *out)
{
    const char *v[PLACES], *k[PLACES] = {0};

    for (size_t i = 0; i < f->n; i++) {
        k[i] = f->name[i];
        v[i] = names_in(f->names[i], lang_code(l));
    }
    for (size_t i = f->n; i < PLACES; i++)
        v[i] = "";
    lang_fill(out, sentence, k[0], v[0], k[1], v[1], k[2], v[2], k[3], v[3],
              k[4], v[4], k[5], v[5], k[6], v[6], k[7], v[7], k[8], v[8], k[9],
              v[9], NULL);
}

static struct node *names_filled(struct doc *d, const char *one,
                                 const char *many, uint64_t n,
                                 const struct fill *f)
{
    struct node *names = node_object(d->arena);
    AUTO(buf) struct buf b;

    buf_init(&b, SENTENCE_BYTES);
    for (size_t i = 0; i < d->n_langs; i++) {
        const struct lang *l = d->langs[i];

        buf_clear(&b);
        fill_write(f, l,
                   many ? lang_plural(l, one, many, n) : lang_text(l, one), &b);
        node_set(names, lang_code(l), node_str(d->arena, buf_str(&b)));
    }
    return names;
}

struct node *names_fill(struct doc *d, const char *message, ...)
{
    struct fill f;
    va_list ap;

    va_start(ap, message);
    fill_read(&f, ap);
    va_end(ap);
    return names_filled(d, message, NULL, 0, &f);
}

struct node *names_plural(struct doc *d, const char *one, const char *many,
                          uint64_t n, ...)
{
    struct fill f;
    va_list ap;

    va_start(ap, n);
    fill_read(&f, ap);
    va_end(ap);
    return names_filled(d, one, many, n, &f);
}

struct node *names_of(struct doc *d, const char *message)
{
    struct node *names = node_object(d->arena);

    for (size_t i = 0; i < d->n_langs; i++)
        node_set_text(names, lang_code(d->langs[i]),
                      lang_text(d->langs[i], message));
    return names;
}

struct node *names_same(struct doc *d, const char *text)
{
    struct node *names = node_object(d->arena);

    for (size_t i = 0; i < d->n_langs; i++)
        node_set_text(names, lang_code(d->langs[i]), text);
    return names;
}

/* The descriptor's name, else the country's, else any name, else the code. */
static void name_choose(const struct lang *l, const struct names *n,
                        const char *code, struct buf *out)
{
    const char *text = n ? names_find(n, lang_code(l)) : NULL;

    if (!text && code && lang_country(l, code, out))
        return;
    if (!text && n)
        text = names_find(n, "en");
    if (!text && n && n->n > 0)
        text = n->text[0];
    buf_adds(out, text ? text : code ? code : "");
}

struct node *names_given(struct doc *d, const struct names *n, const char *code)
{
    struct node *names = node_object(d->arena);
    AUTO(buf) struct buf b;

    buf_init(&b, SENTENCE_BYTES);
    for (size_t i = 0; i < d->n_langs; i++) {
        buf_clear(&b);
        name_choose(d->langs[i], n, code, &b);
        node_set(names, lang_code(d->langs[i]),
                 node_str(d->arena, buf_str(&b)));
    }
    return names;
}

/* One text a language, by a function of text/. */
#define NAMES_EACH(d, l, b, write)                                        \
    struct node *names = node_object((d)->arena);                         \
    AUTO(buf) struct buf b;                                               \
    buf_init(&b, SENTENCE_BYTES);                                         \
    for (size_t i_ = 0; i_ < (d)->n_langs; i_++) {                        \
        const struct lang *l = (d)->langs[i_];                            \
        buf_clear(&b);                                                    \
        write;                                                            \
        node_set(names, lang_code(l), node_str((d)->arena, buf_str(&b))); \
    }                                                                     \
    return names

struct node *names_integer(struct doc *d, int64_t v)
{
    NAMES_EACH(d, l, b, lang_integer(l, v, &b));
}

struct node *names_decimal(struct doc *d, double v, int decimals)
{
    NAMES_EACH(d, l, b, lang_decimal(l, v, decimals, &b));
}

struct node *names_percent(struct doc *d, double share, int decimals)
{
    NAMES_EACH(d, l, b, lang_percent(l, share, decimals, &b));
}

struct node *names_period(struct doc *d, const char *period)
{
    NAMES_EACH(d, l, b, lang_period(l, period, &b));
}

static void list_write(struct doc *d, const struct lang *l,
                       struct node *const *items, size_t n, struct buf *out)
{
    const char **texts = arena_array(d->arena, const char *, n + 1);

    for (size_t i = 0; i < n; i++)
        texts[i] = names_in(items[i], lang_code(l));
    lang_list(l, texts, n, out);
}

struct node *names_list(struct doc *d, struct node *const *items, size_t n)
{
    NAMES_EACH(d, l, b, list_write(d, l, items, n, &b));
}

static struct node *language_name(struct doc *d, const char *code)
{
    NAMES_EACH(d, l, b, {
        if (!lang_language(l, code, &b))
            buf_adds(&b, code);
    });
}

struct node *names_languages(struct doc *d, const char *codes)
{
    struct node **items = NULL;
    size_t n = 0, cap = 0;

    while (codes && *codes) {
        size_t length = strcspn(codes, ";, ");

        if (length > 0)
            VEC_PUSH(d->arena, items, n, cap) =
                language_name(d, arena_strndup(d->arena, codes, length));
        codes += length + (codes[length] != 0);
    }
    return n ? names_list(d, items, n) : NULL;
}

struct node *part_absent(struct doc *d, const char *message)
{
    struct node *n = node_object(d->arena);

    node_set(n, "absent", names_of(d, message));
    return n;
}
