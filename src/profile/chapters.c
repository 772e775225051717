/*
 * chapters.c: the chapters people write, in the order of chapters.def, and the
 * values and figures that their texts name.
 */
#include <string.h>

#include "profile/part.h"

struct chapter {
    const char *code, *title, *sections, *figures;
};
static const struct chapter chapters[] = {
#define CHAPTER(code, title, sections, figures) \
    {code, title, sections, figures},
#include "profile/chapters.def"
#undef CHAPTER
};
enum { CHAPTERS = ARRAY_LEN(chapters) };

static bool chapter_known(const char *code)
{
    for (size_t i = 0; i < CHAPTERS; i++)
        if (strcmp(chapters[i].code, code) == 0)
            return true;
    return false;
}

static const char *codes_joined(struct doc *d, const char *const *codes,
                                size_t n)
{
    const char *list = "";

    for (size_t i = 0; i < n; i++)
        list = arena_printf(d->arena, "%s%s%s", list, i ? ", " : "", codes[i]);
    return list;
}

static const char *chapters_joined(struct doc *d)
{
    const char *codes[CHAPTERS];

    for (size_t i = 0; i < CHAPTERS; i++)
        codes[i] = chapters[i].code;
    return codes_joined(d, codes, CHAPTERS);
}

static const char *figures_joined(struct doc *d)
{
    const struct node *figures = node_get(d->root, "figures");
    size_t n = node_len(figures);
    const char **codes = arena_array(d->arena, const char *, n + 1);

    for (size_t i = 0; i < n; i++)
        codes[i] = node_cstr(node_get(node_at(figures, i), "code"), "");
    return codes_joined(d, codes, n);
}

/* One {{value:...}} or {{figure:...}}; any other brace is the author's. */
static void mention_check(struct doc *d, const char *file, uint64_t line,
                          uint64_t column, struct str inside)
{
    struct place where = {file, line, column, NULL};
    bool value = str_starts(inside, "value:");
    const char *name;

    if (!value && !str_starts(inside, "figure:"))
        return;
    inside.p += value ? sizeof("value") : sizeof("figure");
    inside.n -= value ? sizeof("value") : sizeof("figure");
    name = arena_str(d->arena, str_trim(inside));
    if (value && profile_value(d->root, name).state == STATE_NONE)
        fault_add(d->faults, FAULT_TEXT_VALUE_UNKNOWN, where, name);
    if (!value && !profile_figure(d->root, name))
        fault_add(d->faults, FAULT_TEXT_FIGURE_UNKNOWN, where, name,
                  figures_joined(d));
}

static void text_check(struct doc *d, const struct chapter_text *t)
{
    const char *p = t->markdown.p, *end = p + t->markdown.n, *start = p;
    uint64_t line = 1;

    for (; p + 1 < end; p++) {
        const char *close;

        if (*p == '\n') {
            line++;
            start = p + 1;
        }
        if (p[0] != '{' || p[1] != '{')
            continue;
        close = memmem(p + 2, (size_t)(end - p - 2), "}}", 2);
        if (!close)
            return;
        if (memchr(p, '\n', (size_t)(close - p)))
            continue;
        mention_check(d, t->file, line, (uint64_t)(p - start) + 1,
                      str_trim((struct str){p + 2, (size_t)(close - p - 2)}));
        p = close + 1;
    }
}

static struct node *words_list(struct doc *d, const char *words)
{
    struct node *list = node_list(d->arena);

    while (*words) {
        size_t n = strcspn(words, " ");

        node_push(list, node_str(d->arena, (struct str){words, n}));
        words += n + (words[n] == ' ');
    }
    return list;
}

/* Those of the words that the document draws; a "*" stands for any ending. */
static struct node *figures_list(struct doc *d, const char *words)
{
    const struct node *wanted = words_list(d, words);
    const struct node *figures = node_get(d->root, "figures");
    struct node *list = node_list(d->arena);

    for (size_t w = 0; w < node_len(wanted); w++) {
        const char *word = node_cstr(node_at(wanted, w), "");
        size_t n = strcspn(word, "*");

        for (size_t i = 0; i < node_len(figures); i++) {
            const char *code =
                node_cstr(node_get(node_at(figures, i), "code"), "");

            if (word[n] ? strncmp(code, word, n) == 0 : !strcmp(code, word))
                node_push(list, node_text(d->arena, code));
        }
    }
    return list;
}

static struct node *markdown_of(struct doc *d, const char *code)
{
    struct node *texts = node_object(d->arena);

    for (size_t l = 0; l < d->n_langs; l++)
        for (size_t i = 0; i < d->p->n_texts; i++) {
            const struct chapter_text *t = &d->p->texts[i];

            if (strcmp(t->code, code) == 0 &&
                strcmp(t->lang, lang_code(d->langs[l])) == 0)
                node_set(texts, t->lang, node_str(d->arena, t->markdown));
        }
    return texts;
}

static void chapter_add(struct doc *d, const struct chapter *c, bool known)
{
    struct node *list = node_get(d->root, "chapters");
    size_t order = node_len(list);
    struct node *n = node_push(list, node_object(d->arena));
    struct node *summary, *texts = markdown_of(d, c->code);

    node_set_text(n, "code", c->code);
    node_set_int(n, "order", (int64_t)order);
    node_set(n, "title",
             known ? names_of(d, c->title) : names_same(d, c->title));
    summary = node_set(n, "summary",
                       strcmp(c->code, "synopsis") == 0 ? part_synopsis(d)
                                                        : node_list(d->arena));
    node_set(n, "markdown", texts);
    node_set(n, "sections", words_list(d, c->sections));
    node_set(n, "figures", figures_list(d, c->figures));
    if (node_len(texts) == 0 && node_len(summary) == 0 && !c->sections[0])
        node_set(n, "absent",
                 names_fill(d,
                            N_("The package has no text for this chapter; "
                               "{file} would be shown here."),
                            "file",
                            names_same(d, arena_printf(
                                              d->arena, "texts/%s.%s.md",
                                              c->code, lang_code(d->langs[0]))),
                            NULL));
}

/* "our-harbour" -> "Our harbour" */
static const char *title_of(struct doc *d, const char *code)
{
    char *title = arena_strdup(d->arena, code);

    for (char *c = title; *c; c++)
        if (*c == '-' || *c == '_')
            *c = ' ';
    if (*title >= 'a' && *title <= 'z')
        *title = (char)(*title - 'a' + 'A');
    return title;
}

static void chapters_unknown(struct doc *d)
{
    struct dict seen;

    dict_init(&seen, d->arena);
    for (size_t i = 0; i < d->p->n_texts; i++) {
        const struct chapter_text *t = &d->p->texts[i];
        struct chapter c = {t->code, title_of(d, t->code), "", ""};

        if (chapter_known(t->code))
            continue;
        fault_add(d->faults, FAULT_CHAPTER_UNKNOWN,
                  (struct place){.file = t->file}, t->code, chapters_joined(d));
        if (dict_find(&seen, str_of(t->code)) != DICT_NONE)
            continue;
        dict_intern(&seen, str_of(t->code));
        chapter_add(d, &c, false);
    }
}

void part_chapters(struct doc *d)
{
    node_set(d->root, "chapters", node_list(d->arena));
    for (size_t i = 0; i < CHAPTERS; i++) {
        if (i + 1 == CHAPTERS)
            chapters_unknown(d);
        chapter_add(d, &chapters[i], true);
    }
    for (size_t i = 0; i < d->p->n_texts; i++)
        text_check(d, &d->p->texts[i]);
}
