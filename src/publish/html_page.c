#include "publish/page.h"
#include "publish/value.h"

extern const unsigned char asset_style[];

static void write_languages(struct page *p)
{
    if (p->n_languages < 2)
        return;
    html_raw(p, "<nav class=\"languages\" aria-label=\"");
    html_message(p, N_("Languages"));
    html_raw(p, "\"><ul>\n");
    for (size_t i = 0; i < p->n_languages; i++) {
        const struct lang *l = p->languages[i];
        const char *code = lang_code(l);

        html_raw(p, "<li><a href=\"profile.");
        html_raw(p, code);
        html_raw(p, ".html\" lang=\"");
        html_raw(p, code);
        html_raw(p, "\" hreflang=\"");
        html_raw(p, code);
        html_raw(p, l == p->l ? "\" aria-current=\"page\">" : "\">");
        html_text(p, lang_own_name(l));
        html_raw(p, "</a></li>\n");
    }
    html_raw(p, "</ul></nav>\n");
}

/* Of the figures: light, and dark on a screen that asks for it. */
static void write_colours(struct page *p)
{
    figure_pool_css(p->pool, ".plot", false, p->out);
    html_raw(p, "\n@media screen and (prefers-color-scheme: dark) {\n");
    figure_pool_css(p->pool, ".plot", true, p->out);
    html_raw(p, "\n}\n");
}

static void write_head(struct page *p)
{
    html_raw(p, "<!DOCTYPE html>\n<html lang=\"");
    html_raw(p, lang_code(p->l));
    html_raw(p, lang_rtl(p->l) ? "\" dir=\"rtl\">\n" : "\" dir=\"ltr\">\n");
    html_raw(p, "<head>\n<meta charset=\"utf-8\">\n<title>");
    html_text(p, names_text(node_get(p->doc, "title"), p->l, NULL));
    html_raw(p,
             "</title>\n<meta name=\"viewport\" content=\"width=device-"
             "width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta name=\"generator\" content=\"passerelle\">\n<style>\n");
    html_raw(p, (const char *)asset_style);
    write_colours(p);
    html_raw(p, "</style>\n</head>\n");
}

static void write_periods(struct page *p)
{
    const char *period = node_cstr(node_get(p->doc, "period"), "");
    const char *compare = node_cstr(node_get(p->doc, "compare"), NULL);
    AUTO(buf) struct buf a = {0}, b = {0};

    buf_init(&a, 4096);
    buf_init(&b, 4096);
    lang_period(p->l, period, &a);
    html_raw(p, "<p class=\"period\">");
    if (compare) {
        lang_period(p->l, compare, &b);
        html_fill(p, N_("{period}, compared with {earlier}"), "period",
                  html_escaped(p, buf_cstr(&a)), "earlier",
                  html_escaped(p, buf_cstr(&b)));
    } else {
        html_text(p, buf_cstr(&a));
    }
    html_raw(p, "</p>\n");
}

static void write_basis(struct page *p)
{
    const char *text = names_text(node_path(p->doc, "basis.text"), p->l, NULL);

    if (!text[0])
        return;
    html_raw(p, "<p class=\"basis\">");
    html_fill(p, N_("Origin here means: {basis}."), "basis",
              html_escaped(p, text), "", "");
    html_raw(p, "</p>\n");
}

/* An invented country has a code without a name. */
static void write_country(struct page *p, const struct node *city)
{
    const struct node *name = node_get(city, "country_name");

    if (strcmp(names_text(name, p->l, NULL),
               node_cstr(node_get(city, "country"), "")) != 0)
        html_names(p, "p", "country", name);
    html_raw(p, "\n");
}

static void write_banner(struct page *p)
{
    const struct node *city = node_get(p->doc, "city");
    const struct node *fictional = node_get(p->doc, "fictional");

    html_raw(p, "<header>\n<div class=\"banner\">\n");
    write_languages(p);
    html_raw(p, "<p class=\"kind\">");
    html_message(p, N_("City migration profile"));
    html_raw(p, "</p>\n");
    html_names(p, "h1", NULL, node_get(city, "name"));
    write_country(p, city);
    write_periods(p);
    write_basis(p);
    html_raw(p, "</div>\n");
    if (fictional && fictional->kind == NODE_BOOL && fictional->boolean) {
        html_raw(p, "<p class=\"fictional\" role=\"note\"><strong>");
        html_message(p, N_("A fictional city."));
        html_raw(p, "</strong> ");
        html_message(p, N_("Every number on this page is invented, to show "
                           "what a profile looks like."));
        html_raw(p, "</p>\n");
    }
    html_raw(p, "</header>\n");
}

static void write_contents(struct page *p)
{
    html_raw(p, "<nav class=\"contents\" aria-label=\"");
    html_message(p, N_("Contents"));
    html_raw(p, "\">\n<details><summary>");
    html_message(p, N_("Contents"));
    html_raw(p, "</summary>\n");
    html_contents(p);
    html_raw(p, "</details>\n</nav>\n");
}

static void write_foot(struct page *p)
{
    const char *version = node_cstr(node_path(p->doc, "generator.version"), "");

    html_raw(p, "<footer>\n<p>");
    html_fill(p, N_("Made with {program} {version}, free software."), "program",
              "Passerelle", "version", html_escaped(p, version));
    html_raw(p, " ");
    html_message(p, N_("The same document and seed give the same page."));
    html_raw(p, "</p>\n");
    if (p->has_csv) {
        html_raw(p, "<p>");
        html_fill(p,
                  N_("All numbers are open data: {profile} and the tables "
                     "in {folder}."),
                  "profile",
                  "<a href=\"profile.json\"><bdi dir=\"ltr\">profile.json"
                  "</bdi></a>",
                  "folder",
                  "<a href=\"data/datapackage.json\"><bdi dir=\"ltr\">data/"
                  "</bdi></a>");
        html_raw(p, "</p>\n");
    }
    html_raw(p, "</footer>\n");
}

static void write_body(struct page *p)
{
    html_raw(p, "<body>\n<a class=\"skip\" href=\"#main\">");
    html_message(p, N_("Skip to the content"));
    html_raw(p, "</a>\n");
    write_banner(p);
    html_raw(p, "<div class=\"frame\">\n");
    write_contents(p);
    html_raw(p, "<main id=\"main\" tabindex=\"-1\">\n");
    html_summary(p);
    html_chapters(p);
    html_raw(p, "</main>\n</div>\n");
    write_foot(p);
    figure_pool_write(p->pool, p->out);
    html_raw(p, "</body>\n</html>\n");
}

/* The body first: its figures say which colours the head has to name. */
enum rc html_page(struct page *p)
{
    size_t figures = node_len(node_get(p->doc, "figures"));
    struct buf *out = p->out;
    AUTO(buf) struct buf body = {0};

    buf_init(&body, PAGE_BYTES);
    tables_collect(p->doc, p->a, &p->tables);
    p->pool = figure_pool_new(p->a, "");
    p->placed = arena_array(p->a, bool, figures + 1);
    p->out = &body;
    write_body(p);
    p->out = out;
    write_head(p);
    buf_add(out, buf_str(&body));
    if (p->rc == RC_OK && (out->failed || body.failed))
        p->rc = err_set(p->err, RC_LIMIT, N_("the page is too long"));
    return p->rc;
}
