#include "record/types.h"

/* One table of fields a record; `self` lets a row name its own struct. */
#define BEGIN(name, label, many)                        \
    static const struct field *name##_fields(size_t *n) \
    {                                                   \
        typedef struct name self;                       \
        static const struct field rows[] = {
#define FIELD(name, type, flags, low, high, label) \
    {#name, TYPE_##type, flags, low, high, NULL, label, offsetof(self, name)},
#define OF(name, type, flags, of, label) \
    {#name, type, flags, 0, 0, #of, label, offsetof(self, name)},
#define CHOICE(name, flags, of, label) OF(name, TYPE_CHOICE, flags, of, label)
#define CHOICES(name, flags, of, label) OF(name, TYPE_CHOICES, flags, of, label)
#define REF(name, flags, of, label) OF(name, TYPE_REF, flags, of, label)
#define REFS(name, flags, of, label) OF(name, TYPE_REFS, flags, of, label)
#define END(name)         \
    }                     \
    ;                     \
    *n = ARRAY_LEN(rows); \
    return rows;          \
    }
#include "records/all.def"
#undef BEGIN
#undef FIELD
#undef CHOICE
#undef CHOICES
#undef REF
#undef REFS
#undef END

#define BEGIN(name, label, many)             \
    const struct record_type type_##name = { \
        #name, label, many, sizeof(struct name), name##_fields};
#define FIELD(...)
#define CHOICE(...)
#define CHOICES(...)
#define REF(...)
#define REFS(...)
#define END(name)
#include "records/all.def"
#undef BEGIN

static const struct record_type *const types[] = {
#define BEGIN(name, label, many) &type_##name,
#include "records/all.def"
#undef BEGIN
#undef FIELD
#undef CHOICE
#undef CHOICES
#undef REF
#undef REFS
#undef END
};

/* A reference names a record that is declared, a choice a list that is: checked
 * once, by the tests, over every row. */
static const struct option options[] = {
#define OPTION(list, code, label) {#list, #code, label},
#include "records/options.def"
#undef OPTION
};

static const struct transition transitions[] = {
#define MOVE(record, from, to, label, who) {#record, #from, #to, label, who},
#include "records/workflow.def"
#undef MOVE
};

const struct record_type *const *record_types(size_t *n)
{
    *n = ARRAY_LEN(types);
    return types;
}

const struct record_type *record_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

const struct field *record_field(const struct record_type *t, const char *name)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(f[i].name, name) == 0)
            return &f[i];
    return NULL;
}

const struct option *record_options(const char *list, size_t *n)
{
    size_t from = 0, to;

    while (from < ARRAY_LEN(options) && strcmp(options[from].list, list) != 0)
        from++;
    for (to = from;
         to < ARRAY_LEN(options) && strcmp(options[to].list, list) == 0;)
        to++;
    *n = to - from;
    return options + from;
}

bool record_option_known(const char *list, const char *code)
{
    size_t n;
    const struct option *o = record_options(list, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(o[i].code, code) == 0)
            return true;
    return false;
}

const struct transition *record_transitions(size_t *n)
{
    *n = ARRAY_LEN(transitions);
    return transitions;
}

const char *record_first_state(const struct record_type *t)
{
    for (size_t i = 0; i < ARRAY_LEN(transitions); i++)
        if (strcmp(transitions[i].record, t->name) == 0)
            return transitions[i].from;
    return "";
}
