#include "publish/page.h"
#include "publish/value.h"

void html_raw(struct page *p, const char *markup)
{
    buf_adds(p->out, markup);
}

void html_text(struct page *p, const char *text)
{
    buf_html(p->out, str_of(text));
}

void html_message(struct page *p, const char *message)
{
    html_text(p, lang_text(p->l, message));
}

static void open_element(struct page *p, const char *element, const char *class,
                         const char *language)
{
    const struct lang *l = language ? lang_find(language) : NULL;

    html_raw(p, "<");
    html_raw(p, element);
    if (class && class[0]) {
        html_raw(p, " class=\"");
        html_raw(p, class);
        html_raw(p, "\"");
    }
    if (language && strcmp(language, lang_code(p->l)) != 0) {
        html_raw(p, " lang=\"");
        html_text(p, language);
        html_raw(p, l && lang_rtl(l) ? "\" dir=\"rtl\"" : "\" dir=\"ltr\"");
    }
    html_raw(p, ">");
}

void html_names(struct page *p, const char *element, const char *class,
                const struct node *names)
{
    const char *language;
    const char *text = names_text(names, p->l, &language);

    open_element(p, element, class, language);
    html_text(p, text);
    html_raw(p, "</");
    html_raw(p, element);
    html_raw(p, ">");
}

void html_proper(struct page *p, const char *name)
{
    if (!lang_rtl(p->l)) {
        html_text(p, name);
        return;
    }
    html_raw(p, "<bdi translate=\"no\">");
    html_text(p, name);
    html_raw(p, "</bdi>");
}

static void state_mark(struct page *p, enum value_state state)
{
    html_raw(p, "<abbr class=\"st\" title=\"");
    html_message(p, value_state_text(state));
    html_raw(p, "\">");
    html_raw(p, value_state_sign(state));
    html_raw(p, "</abbr>");
}

void html_value(struct page *p, const char *unit, const char *code,
                struct value v, bool with_unit)
{
    AUTO(buf) struct buf text = {0};

    if (v.state == VALUE_NONE)
        return;
    if (!value_has_number(v.state)) {
        state_mark(p, v.state);
        return;
    }
    buf_init(&text, 4096);
    if (with_unit)
        value_write_unit(p->l, unit, code, v.number, &text);
    else
        value_write(p->l, unit, code, v.number, &text);
    if (v.state != VALUE_PLAIN) {
        html_raw(p, "<bdi dir=\"ltr\">");
        state_mark(p, v.state);
        html_raw(p, "\xc2\xa0");
    }
    html_text(p, buf_cstr(&text));
    if (v.state != VALUE_PLAIN)
        html_raw(p, "</bdi>");
}

const char *html_escaped(struct page *p, const char *text)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, PAGE_BYTES);
    buf_html(&b, str_of(text));
    return arena_str(p->a, buf_str(&b));
}

const char *html_integer(struct page *p, int64_t n)
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, 256);
    lang_integer(p->l, n, &b);
    return arena_str(p->a, buf_str(&b));
}

void html_fill(struct page *p, const char *message, const char *name1,
               const char *markup1, const char *name2, const char *markup2)
{
    const char *sentence = html_escaped(p, lang_text(p->l, message));

    lang_fill(p->out, sentence, name1, markup1, name2, markup2, NULL);
}

const char *html_id(struct page *p, const char *prefix, const char *code)
{
    char *id = arena_printf(p->a, "%s-%s", prefix, code);

    for (char *c = id; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-_.", *c);

        if (!plain)
            *c = '_';
    }
    return id;
}

void html_numbers_begin(struct page *p, const char *title, const char *first)
{
    html_raw(p,
             "<div class=\"scroll\" role=\"group\" tabindex=\"0\" "
             "aria-label=\"");
    html_message(p, title);
    html_raw(p, "\"><table class=\"numbers\"><caption class=\"vh\">");
    html_message(p, title);
    html_raw(p, "</caption><thead><tr><th scope=\"col\">");
    html_message(p, first);
    html_raw(p, "</th>");
}
