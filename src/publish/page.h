/*
 * page.h: what the writers of the page share.
 *
 * html_page.c puts the page together; the other html_*.c write its parts. All
 * text goes out through html_text and its kin, which escape; html_raw takes
 * only literals and what another writer has escaped. Everything is borrowed
 * for the time of one page.
 */
#ifndef PASSERELLE_PUBLISH_PAGE_H
#define PASSERELLE_PUBLISH_PAGE_H

#include "draw/figure.h"
#include "publish/publish.h"
#include "publish/tables.h"

enum {
    PAGE_ROWS_OPEN = 12,     /* a table up to here is shown without a click */
    PAGE_ROWS = 30,          /* and no more than these at all */
    PAGE_FIGURE_ROWS = 10,   /* behind a figure */
    PAGE_PAPER_COLUMNS = 9,  /* a wider one is not printed */
    PAGE_COLUMNS = 24,       /* a wider one is only in data/ */
    PAGE_FIGURE_WIDTH = 600, /* CSS pixels for which a chart is drawn */
    PAGE_MAP_WIDTH = 520,
    PAGE_PHONE_WIDTH = 320, /* and once more for a phone */
    PAGE_BYTES = 8 << 20
};

struct page {
    const struct node *doc;
    const struct lang *l;
    struct arena *a;
    struct buf *out;
    struct drawing *drawing;
    struct tables tables;
    /* Sibling files: languages of the other pages, and is data/ written? */
    const struct lang *const *languages;
    size_t n_languages;
    bool has_csv;
    bool foreign; /* inside a text in another language than the page's */
    struct figure_pool *pool;
    bool *placed; /* by figure: is it in the page already? */
    struct err *err;
    enum rc rc; /* the first failure */
};

void html_raw(struct page *p, const char *markup);
void html_text(struct page *p, const char *text);
/* The message in the page's language. */
void html_message(struct page *p, const char *message);
/* Opens a table of numbers that scrolls in itself, up to its first heading;
 * `title` and `first` are message ids. */
void html_numbers_begin(struct page *p, const char *title, const char *first);
/* Names, marked with their language where it is another than the page's. */
void html_names(struct page *p, const char *element, const char *class,
                const struct node *names);
/* A proper name: never translated, set apart from the text around it. */
void html_proper(struct page *p, const char *name);
/* A Number or a cell: the value or the sign that stands in its place. */
struct value;
void html_value(struct page *p, const char *unit, const char *code,
                struct value v, bool with_unit);
/* `message` with {name} filled by markup: pairs of name, markup, then NULL. */
void html_fill(struct page *p, const char *message, const char *name1,
               const char *markup1, const char *name2, const char *markup2);
/* Escaped, in the arena. */
const char *html_escaped(struct page *p, const char *text);
const char *html_integer(struct page *p, int64_t n);

/* An id for an element from a code: letters, digits, '-', '_' and '.'. */
const char *html_id(struct page *p, const char *prefix, const char *code);

/* A <table>, whole or cut to `rows`, of the columns in `shown` (NULL: all). */
struct table_view {
    const struct node *table;
    const size_t *shown;
    size_t n_shown;
    size_t rows;         /* at most */
    const size_t *order; /* of rows; NULL: as they are; `n_order` of them */
    size_t n_order;
};
void html_table(struct page *p, const struct table_view *v);
/* With its heading: open when short, else in <details>, else only a link. */
void html_table_block(struct page *p, const struct node *table);
/* The same as text, in the arena: a name, a period, a word. */
const char *cell_text(struct page *p, const struct node *table,
                      const struct node *column, const struct node *cell);
/* The value at a path of the document; false: there is none. */
bool document_value(struct page *p, const char *path, struct buf *out);
/* The name of an area, an origin or a term, or the text itself. */
void html_cell(struct page *p, const struct node *table,
               const struct node *column, const struct node *cell);
void html_data_link(struct page *p, const struct node *table);

/* The figure with caption and the table behind it; `level` of its heading. */
void html_figure(struct page *p, size_t figure);
const struct node *page_figure(const struct page *p, size_t figure);
size_t page_figure_find(const struct page *p, const char *code);

/* A part of the document by its key: "population". */
void html_section(struct page *p, const char *key, int level);
const char *section_title(const char *key); /* message id, or NULL */
/* A part is shown once: by the first chapter, but the synopsis, that asks. */
bool chapter_shows(const struct page *p, const struct node *chapter,
                   const char *key);
bool chapter_is_synopsis(const struct node *chapter);
/* A Number's interval, in small print. */
void html_interval(struct page *p, const struct node *number);
/* Lists of measures, now and before. */
void html_measures(struct page *p, const struct node *part, int level);
/* The Numbers of the population, now and before, side by side. */
void html_comparison(struct page *p, const struct node *part,
                     const char *title);

/* What the city has written for a chapter. */
void html_prose(struct page *p, const struct node *chapter);
void html_summary(struct page *p);
void html_chapters(struct page *p);
void html_contents(struct page *p);
/* Parts of the document that no chapter shows, in order. */
size_t page_rest(const struct page *p, const char **keys, size_t most);
bool chapter_is_shown(const struct page *p, const struct node *chapter);

/* publish_html with what stands beside the page. */
enum rc html_page(struct page *p) MUST_USE;

#endif
