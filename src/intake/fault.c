#include "intake/fault.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>

#define SPLIT "\x1f"

struct kind {
    const char *code, *message, *remedy;
    const char *both; /* so that one list of arguments fills them */
    enum fault_severity severity;
};

static const struct kind kinds[FAULT_KINDS] = {
#define FAULT(code, severity, message, remedy) \
    {#code, message, remedy, message SPLIT remedy, severity},
#include "intake/fault.def"
#undef FAULT
};

/* The codes in small letters with hyphens: written once, then only read. */
static char codes[FAULT_KINDS][40];
static pthread_once_t codes_made = PTHREAD_ONCE_INIT;

static void make_codes(void)
{
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        const char *from = kinds[i].code;

        REQUIRE(strlen(from) < sizeof codes[i]);
        for (size_t j = 0; from[j]; j++)
            codes[i][j] =
                from[j] == '_' ? '-' : (char)tolower((unsigned char)from[j]);
    }
}

const char *fault_code(enum fault_kind kind)
{
    pthread_once(&codes_made, make_codes);
    return codes[kind];
}

void faults_init(struct faults *f, struct arena *a)
{
    *f = (struct faults){.arena = a};
}

static const char *keep(struct faults *f, const char *s)
{
    return s ? arena_strdup(f->arena, s) : NULL;
}

void fault_add(struct faults *f, enum fault_kind kind, struct place where, ...)
{
    char text[ERR_ARG_BYTES];
    struct fault *it;
    size_t used = 0;
    va_list ap;

    if (f->count[kind]++ >= FAULTS_KEPT)
        return;
    VEC_PUSH(f->arena, f->items, f->n, f->cap) = (struct fault){0};
    it = &f->items[f->n - 1];
    it->kind = kind;
    it->place = where;
    it->place.file = keep(f, where.file);
    it->place.field = keep(f, where.field);
    va_start(ap, where);
    it->n_args = message_pack(kinds[kind].both, ap, text, sizeof text, it->at);
    va_end(ap);
    for (unsigned i = 0; i < it->n_args; i++)
        used = MAX(used, it->at[i] + strlen(text + it->at[i]) + 1);
    it->text = "";
    if (used) {
        char *copy = arena_alloc(f->arena, used);

        memcpy(copy, text, used);
        it->text = copy;
    }
}

uint64_t faults_count(const struct faults *f, enum fault_severity s)
{
    uint64_t n = 0;

    for (size_t i = 0; i < FAULT_KINDS; i++)
        if (kinds[i].severity == s)
            n += f->count[i];
    return n;
}

bool faults_any(const struct faults *f)
{
    return faults_count(f, SEVERITY_FAULT) > 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int fault_compare(const void *pa, const void *pb)
{
    const struct fault *a = pa, *b = pb;
    int c = strcmp(a->place.file ? a->place.file : "",
                   b->place.file ? b->place.file : "");

    if (!c)
        c = compare_u64(a->place.line, b->place.line);
    if (!c)
        c = compare_u64(a->place.column, b->place.column);
    if (!c)
        c = (int)a->kind - (int)b->kind;
    if (!c)
        c = strcmp(a->place.field ? a->place.field : "",
                   b->place.field ? b->place.field : "");
    return c ? c : strcmp(a->text, b->text);
}

void faults_sort(struct faults *f)
{
    if (f->n > 1)
        qsort(f->items, f->n, sizeof *f->items, fault_compare);
}

enum fault_severity fault_severity(enum fault_kind kind)
{
    return kinds[kind].severity;
}

const char *fault_message(enum fault_kind kind)
{
    return kinds[kind].message;
}

const char *fault_remedy(enum fault_kind kind)
{
    return kinds[kind].remedy;
}
