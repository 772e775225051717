/*
 * record_view.h: records as pages show them: names, values, lists.
 *
 * Every function asks network/access.h; what a viewer may not see is as if it
 * were not there. All results in the request's arena.
 */
#ifndef PASSERELLE_WEB_RECORD_VIEW_H
#define PASSERELLE_WEB_RECORD_VIEW_H

#include "record/keep.h"
#include "web/page.h"

/* Loads a record that this viewer may do `action` with: RC_NOT_FOUND when it
 * may not even be seen, RC_FORBIDDEN when it may be seen but no more. */
enum rc view_load(const struct request *r, const struct record_type *t,
                  int64_t id, enum action action, void **out,
                  struct err *err) MUST_USE;
/* Loads records in one question before view_load and view_ref ask for them one
 * by one, here and in copies of the request; ids of 0 are passed over. */
enum rc view_know(struct request *r, const struct record_type *t,
                  const int64_t *ids, size_t n, struct err *err) MUST_USE;
/* The same for what these records of a type refer to. */
enum rc view_know_refs(struct request *r, const struct record_type *t,
                       void *const *records, size_t n,
                       struct err *err) MUST_USE;
/* A country's name: ICU's, or for a code that ISO 3166 leaves to its users the
 * name of the territory that is that country. */
void view_country(const struct request *r, const char *code, struct buf *out);
bool view_may(const struct request *r, enum action action,
              const struct record_type *t, const void *record);
/* JSON of what may be seen of it. */
struct node *view_json(const struct request *r, const struct record_type *t,
                       const void *record);
/* What the record is called in the request's language. */
const char *view_name(const struct request *r, const struct record_type *t,
                      const void *record);
/* Language of that name where it is another than the page's: "fr"; or NULL. */
const char *view_name_lang(const struct request *r, const struct record_type *t,
                           const void *record);
/*
 * How far each language of its translated texts is, for who works on them: a
 * list of {code, name, state, label}; state: "complete", "missing" (some text
 * is not there in it) or "outdated" (the original changed since). NULL without
 * translated texts.
 */
struct node *view_languages(const struct request *r,
                            const struct record_type *t, const void *record);
/* Name of another record, or NULL where it is not to be seen. */
const char *view_ref(const struct request *r, const char *type, int64_t id);
/* "/cities/7" for what has a public page, else "/records/person/7". */
const char *view_path(const struct request *r, const struct record_type *t,
                      int64_t id);

/*
 * Its fields as a list of {name, label, text | html | link | parts,
 * lang}: `lang` is given where the text is another language's than the page's.
 */
struct node *view_fields(const struct request *r, const struct record_type *t,
                         const void *record);
/* One field of those, by name; NULL when absent or hidden. */
struct node *view_field(const struct request *r, const struct record_type *t,
                        const void *record, const char *name);

/* One value of a record as in view_fields, whoever may see it. */
struct node *view_value(const struct request *r, const void *record,
                        const struct field *f);
/*
 * What differs between two states of a record, a row for each text or value:
 * {label, part, lang, dir, old: [{text, gone}], new: [{text, came}]}: values as
 * people read them, references by name, `gone` and `came` on the words that
 * differ; of a file that is there, `file`: its path. Fields with a flag of
 * `hidden` are left out.
 */
struct node *view_differences(const struct request *r,
                              const struct record_type *t, const void *before,
                              const void *after, unsigned hidden);

struct view_list {
    const struct record_type *type;
    const char *where; /* of ours with :names, or NULL */
    const struct store_param *params;
    size_t n_params;
    size_t per_page; /* 0: 50 */
};
struct view_page {
    void **records;
    size_t n, cap;
    int64_t total, page, pages, per_page;
    const char *first, *last; /* where the pages before and after go on */
};
/* The page of a list that the query asks for (page; after or before, which go
 * on from a place of the order without reading what lies between; q, and a
 * field = value for each choice and reference), as far as the viewer may see
 * it. */
enum rc view_list(const struct request *r, const struct view_list *l,
                  struct view_page *out, struct err *err) MUST_USE;
/* Writes total, any, page, pages, previous, next (paths) into the document. */
void view_paging(const struct request *r, const struct view_page *p,
                 struct node *doc);
/* Everything that may be seen of a type, as CSV in the columns of import. */
enum rc view_csv(const struct request *r, const struct record_type *t,
                 const struct view_page *p, struct reply *reply) MUST_USE;
/* "Draft", "In review", "Published"; NULL for a record without states. */
const char *record_state_label(const struct request *r, const char *state);
/* "actions" (paths of what the viewer may do), "version" and "state". */
void record_actions(const struct request *r, const struct record_type *t,
                    const void *record, struct node *doc);

#endif
