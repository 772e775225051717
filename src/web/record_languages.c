/* Which language a text is in, and how far each language of a record is. */
#include "web/record_view.h"

static int own_language(const struct request *r)
{
    for (int i = 0; i < RECORD_LANGS; i++)
        if (strcmp(record_langs[i], lang_code(r->lang)) == 0)
            return i;
    return 0;
}

const char *view_name_lang(const struct request *r, const struct record_type *t,
                           const void *record)
{
    size_t n;
    const struct field *f = t->fields(&n);
    int own = own_language(r), given = own;

    for (size_t i = 0; i < n; i++) {
        if (!(f[i].flags & TITLE) || !(f[i].flags & TRANSLATED))
            continue;
        if (words_best(field_of(record, &f[i]), own, &given))
            return given == own ? NULL : record_langs[given];
    }
    return NULL;
}

enum progress { COMPLETE, OUTDATED, MISSING };

static enum progress progress_of(const struct record_type *t,
                                 const void *record, unsigned hidden, int lang)
{
    enum progress worst = COMPLETE;
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const struct words *w = field_of(record, &f[i]);

        if (!(f[i].flags & TRANSLATED) || (f[i].flags & hidden) ||
            field_absent(record, &f[i]))
            continue;
        if (!w->in[lang])
            return MISSING;
        if (w->state[lang] == WORDS_STALE)
            worst = OUTDATED;
    }
    return worst;
}

static bool has_translations(const struct record_type *t, const void *record,
                             unsigned hidden)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if ((f[i].flags & TRANSLATED) && !(f[i].flags & hidden) &&
            !field_absent(record, &f[i]))
            return true;
    return false;
}

struct node *view_languages(const struct request *r,
                            const struct record_type *t, const void *record)
{
    static const struct {
        const char *state, *label;
    } words[] = {
        [COMPLETE] = {"complete", N_("complete")},
        [OUTDATED] = {"outdated", N_("to be brought up to date")},
        [MISSING] = {"missing", N_("not complete")},
    };
    struct subject s = subject_of(t, record);
    unsigned hidden = access_hidden(&r->viewer, &s);
    struct node *list = node_list(r->arena);

    if (!has_translations(t, record, hidden))
        return NULL;
    for (int i = 0; i < RECORD_LANGS; i++) {
        enum progress p = progress_of(t, record, hidden, i);
        struct node *item = node_object(r->arena);

        node_set_text(item, "code", record_langs[i]);
        node_set_text(item, "name", lang_own_name(lang_find(record_langs[i])));
        node_set_text(item, "state", words[p].state);
        node_set_text(item, "label", lang_text(r->lang, words[p].label));
        node_push(list, item);
    }
    return list;
}
