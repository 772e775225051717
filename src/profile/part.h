/*
 * part.h: what the parts of the profile document are made with; profile/ only.
 *
 * A struct doc holds what profile_build was given and orders that all parts
 * share. Everything lives in its arena. A quantity is a number or the reason
 * why there is none; arithmetic on quantities carries the reasons along, so a
 * number made from something withheld is withheld.
 *
 * Names are objects by language: names_of translates one sentence, names_fill
 * puts Names into its places.
 */
#ifndef PASSERELLE_PROFILE_PART_H
#define PASSERELLE_PROFILE_PART_H

#include "profile/profile.h"
#include "profile/value.h"
#include "text/lang.h"

struct clusters;
struct doc {
    struct arena *arena;
    const struct package *p;
    const struct geography *g;
    const struct release *r;
    const struct profile_options *o;
    struct faults *faults;
    const struct lang **langs;
    size_t n_langs;
    struct node *root;
    uint32_t *area;     /* of the geography -> of the cube, or DICT_NONE */
    uint32_t *ranked;   /* origins by count, largest first */
    size_t n_origins;   /* of the cube */
    bool *migrant;      /* per origin */
    bool *residual;     /* per origin: "other", "not known": never leading */
    struct node **name; /* per origin: Names */
    struct node *majority, *migrants; /* Names of the two groups */
    struct clusters *clusters;        /* clusters.c */
    struct node *doubts;              /* doubts.c */
};

/* quantity.c */
struct quantity {
    double v;
    enum profile_state state;
    bool whole;
};
struct quantity q_of(struct cell c);
struct quantity q_number(double v); /* not finite: undefined */
struct quantity q_whole(int64_t v);
struct quantity q_none(enum profile_state why);
bool q_known(struct quantity q); /* has a number */
/* a / b; `rest_known`: what b has besides a is known in full */
struct quantity q_share(struct quantity a, struct quantity b, bool rest_known);
struct quantity q_minus(struct quantity a, struct quantity b);
struct quantity q_growth(struct quantity now, struct quantity before);
struct quantity q_times(struct quantity q, double factor);
struct quantity q_round(struct quantity q, int decimals);

/* A cell of a release's table; missing where the table is not there. */
struct quantity q_table(const struct release_table *t, size_t row,
                        size_t column, size_t depth);

/* sentence.c */
struct node *names_new(struct doc *d, const char *lang, const char *text);
struct node *names_of(struct doc *d, const char *message);
struct node *names_same(struct doc *d, const char *text);
/* pairs of place and Names, NULL at the end */
struct node *names_fill(struct doc *d, const char *message, ...)
    __attribute__((sentinel));
struct node *names_plural(struct doc *d, const char *one, const char *many,
                          uint64_t n, ...) __attribute__((sentinel));
struct node *names_given(struct doc *d, const struct names *n,
                         const char *code); /* descriptor, country, code */
struct node *names_integer(struct doc *d, int64_t v);
struct node *names_decimal(struct doc *d, double v, int decimals);
struct node *names_percent(struct doc *d, double share, int decimals);
struct node *names_period(struct doc *d, const char *period);
struct node *names_list(struct doc *d, struct node *const *items, size_t n);
struct node *names_languages(struct doc *d, const char *codes); /* "ar;fr" */
const char *names_in(const struct node *names, const char *lang);
struct node *part_absent(struct doc *d, const char *message);

/* number.c */
struct node *number_new(struct doc *d, struct quantity q, const char *unit,
                        const char *period, const char *source,
                        struct node *label);
struct sheet {
    struct doc *d;
    struct node *node, *columns, *rows, *terms;
};
struct sheet sheet_new(struct doc *d, const char *code, struct node *title,
                       const char *unit, const char *period,
                       const char *source);
/* kind "number" takes a unit; others NULL. The column is returned. */
struct node *sheet_column(struct sheet *t, const char *code, struct node *label,
                          const char *kind, const char *unit);
void sheet_term(struct sheet *t, const char *code, struct node *names);
struct node *sheet_row(struct sheet *t);
struct node *quantity_node(struct doc *d, struct quantity q);
void row_push(struct sheet *t, struct node *row, struct quantity q);
void row_say(struct sheet *t, struct node *row, const char *text);
void row_node(struct node *row, struct node *n); /* NULL: does not apply */
void sheet_note(struct sheet *t, struct node *names);

/* The parts, each made once and set under its key of the root. */
void part_names(struct doc *d);
void part_sources(struct doc *d);
void part_quality(struct doc *d);
void part_population(struct doc *d);
void part_origins(struct doc *d);
void part_distribution(struct doc *d);
void part_measures(struct doc *d);
void part_access(struct doc *d);
void part_outcomes(struct doc *d);
void part_flows(struct doc *d);
void part_governance(struct doc *d);
void part_actors(struct doc *d);
void part_protection(struct doc *d);
void part_figures(struct doc *d);
void part_chapters(struct doc *d);         /* after the figures */
struct node *part_synopsis(struct doc *d); /* list of Names */

/* quantities that several parts use; [1]: of the period compared with */
struct quantity city_total(const struct doc *d, bool compare);
struct quantity city_migrants(const struct doc *d, bool compare);
struct quantity city_majority(const struct doc *d, bool compare);
struct quantity origin_count(const struct doc *d, uint32_t o, bool compare);
/* Of an area (of the geography): its residents; an origin's or all migrants'
 * (RELEASE_MIGRANTS). */
struct quantity area_total(const struct doc *d, size_t i);
struct quantity group_cell(const struct doc *d, size_t i, uint32_t origin);
bool has_compare(const struct doc *d);
bool has_incomplete(const struct doc *d); /* publisher withheld or missing */

/* figures.c */
struct node *figure_new(struct doc *d, const char *code, const char *kind,
                        struct node *title, const char *source,
                        const char *table);
/* The largest migrant origins that have measures; how many there are. */
size_t leading_origins(const struct doc *d, uint32_t *out, size_t most);
/* What the figure says in words, under it; NULL adds nothing. */
void figure_say(struct node *figure, struct node *names);

/* clusters.c: areas that resemble their neighbours */
struct node *clusters_areas(struct doc *d);  /* Table, or absent */
struct node *clusters_groups(struct doc *d); /* Table, or NULL */
void clusters_figures(struct doc *d, const char *source);

/* doubts.c: questions to the city, a list of {code, at, text} */
struct node *doubts_list(struct doc *d);

/* bandwidths.c: segregation over growing environments; NULL: not there */
struct node *bandwidths_table(struct doc *d);
struct node *scales_table(struct doc *d);
void bandwidths_figure(struct doc *d, const char *source);

#endif
