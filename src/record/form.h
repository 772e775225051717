/*
 * form.h: a record as a form, and a form as a record.
 *
 * form_node makes a document for templates and for the JSON of the page:
 * fields in the order of the declaration, with label, kind, the value of each
 * column (a language each for translated texts), choices and what was wrong.
 * Values of references are offered by the caller: form_node asks `offer` for
 * the records that a reference may name.
 */
#ifndef PASSERELLE_RECORD_FORM_H
#define PASSERELLE_RECORD_FORM_H

#include "record/record.h"
#include "text/lang.h"

struct record_form {
    const struct record_type *type;
    const void *record;           /* what is shown */
    const void *now;              /* stored meanwhile, or NULL: a conflict */
    unsigned hidden;              /* flags of fields that are left out */
    const struct complaints *bad; /* or NULL */
    const struct lang *lang;
    /* Adds {"id", "title"} for every record that may be chosen. */
    void (*offer)(void *ctx, const char *record, struct node *list);
    /* What was written into a column, or NULL: shown again where it could not
     * be read. */
    struct str (*given)(void *ctx, const char *column);
    void *ctx;
};
struct node *form_node(const struct record_form *f, struct arena *a);

/*
 * Takes the fields that a form with these `hidden` flags shows: `get` gives
 * the text of a column, "" when it was left empty. Fields set once keep what
 * they have; files are taken by whoever received them.
 */
void form_take(const struct record_type *t, void *record, unsigned hidden,
               struct str (*get)(void *ctx, const char *column), void *ctx,
               struct arena *a, struct complaints *c);
/*
 * Which language of each translated text is the original and which are
 * translations, after a change. `before` may be NULL. A translation whose
 * original changed, and which did not, is stale. `lang`: who wrote; its
 * language is the original of a new text.
 */
void words_settle(const struct record_type *t, const void *before, void *record,
                  const struct lang *lang);

#endif
