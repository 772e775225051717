#include "base/node.h"
#include "intake/fault.h"

static const char *const severities[] = {N_("Fault"), N_("Warning"),
                                         N_("Note")};
static const char *const severity_codes[] = {"fault", "warning", "note"};

struct writer {
    const struct faults *faults;
    translate_fn translate;
    void *ctx;
    struct buf *out;
};

static const char *say(const struct writer *w, const char *message)
{
    return w->translate ? w->translate(w->ctx, message) : message;
}

/* How many arguments a message takes. */
static unsigned message_args(const char *message)
{
    unsigned n = 0;

    for (const char *p = message; *p; p++)
        if (*p == '%' && *++p != '%')
            n++;
    return n;
}

static void add_message(const struct writer *w, const struct fault *f,
                        struct buf *out)
{
    message_render(say(w, fault_message(f->kind)), f->text, f->at,
                   MIN(f->n_args, message_args(fault_message(f->kind))), out);
}

static void add_remedy(const struct writer *w, const struct fault *f,
                       struct buf *out)
{
    unsigned first = MIN(f->n_args, message_args(fault_message(f->kind)));

    message_render(say(w, fault_remedy(f->kind)), f->text, f->at + first,
                   f->n_args - first, out);
}

static void add_number(const struct writer *w, const char *message, uint64_t n)
{
    char digits[32];
    uint16_t at[1] = {0};
    size_t i = sizeof digits;

    digits[--i] = '\0';
    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    message_render(say(w, message), digits + i, at, 1, w->out);
}

static void add_place(const struct writer *w, const struct place *p)
{
    if (p->file) {
        buf_adds(w->out, p->file);
    } else {
        buf_adds(w->out, say(w, N_("the package")));
    }
    if (p->line) {
        buf_adds(w->out, ", ");
        add_number(w, N_("line %llu"), p->line);
    }
    if (p->column) {
        buf_adds(w->out, ", ");
        add_number(w, N_("column %llu"), p->column);
    }
    if (p->field && p->field[0]) {
        buf_adds(w->out, " (");
        buf_adds(w->out, p->field);
        buf_addc(w->out, ')');
    }
}

/* How many of a kind were counted but not kept; told after its last. */
static uint64_t left_out(const struct faults *f, size_t i)
{
    enum fault_kind kind = f->items[i].kind;
    uint64_t kept = 0;

    for (size_t j = i + 1; j < f->n; j++)
        if (f->items[j].kind == kind)
            return 0;
    for (size_t j = 0; j < f->n; j++)
        kept += f->items[j].kind == kind;
    return f->count[kind] - kept;
}

void faults_write_text(const struct faults *f, translate_fn tr, void *ctx,
                       struct buf *out)
{
    struct writer w = {f, tr, ctx, out};

    for (size_t i = 0; i < f->n; i++) {
        const struct fault *it = &f->items[i];
        uint64_t more = f->count[it->kind] > FAULTS_KEPT ? left_out(f, i) : 0;

        buf_adds(out, say(&w, severities[fault_severity(it->kind)]));
        buf_adds(out, ": ");
        add_place(&w, &it->place);
        buf_adds(out, "\n    ");
        add_message(&w, it, out);
        buf_adds(out, "\n    ");
        add_remedy(&w, it, out);
        buf_addc(out, '\n');
        if (more) {
            buf_adds(out, "    ");
            add_number(&w, N_("There are %llu more of this kind."), more);
            buf_addc(out, '\n');
        }
    }
}

static void set_rendered(const struct writer *w, struct node *o,
                         const char *key, const struct fault *f,
                         void (*add)(const struct writer *w,
                                     const struct fault *f, struct buf *out))
{
    AUTO(buf) struct buf b = {0};

    buf_init(&b, BUF_CEILING);
    add(w, f, &b);
    node_set(o, key, node_str(o->arena, buf_str(&b)));
}

static struct node *finding(const struct writer *w, struct arena *a,
                            const struct fault *f)
{
    struct node *o = node_object(a);

    node_set_text(o, "code", fault_code(f->kind));
    node_set_text(o, "severity", severity_codes[fault_severity(f->kind)]);
    node_set_text(o, "file", f->place.file);
    if (f->place.line)
        node_set_int(o, "line", (int64_t)f->place.line);
    if (f->place.column)
        node_set_int(o, "column", (int64_t)f->place.column);
    if (f->place.field)
        node_set_text(o, "field", f->place.field);
    set_rendered(w, o, "message", f, add_message);
    set_rendered(w, o, "remedy", f, add_remedy);
    return o;
}

void faults_write_json(const struct faults *f, translate_fn tr, void *ctx,
                       struct buf *out)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct writer w = {f, tr, ctx, out};
    struct node *root = node_object(a), *list = node_list(a);
    struct node *counts = node_object(a);

    node_set_bool(root, "valid", !faults_any(f));
    node_set_int(root, "faults", (int64_t)faults_count(f, SEVERITY_FAULT));
    node_set_int(root, "warnings", (int64_t)faults_count(f, SEVERITY_WARNING));
    node_set_int(root, "notes", (int64_t)faults_count(f, SEVERITY_NOTE));
    for (size_t i = 0; i < FAULT_KINDS; i++)
        if (f->count[i])
            node_set_int(counts, fault_code((enum fault_kind)i),
                         (int64_t)f->count[i]);
    node_set(root, "counts", counts);
    for (size_t i = 0; i < f->n; i++)
        node_push(list, finding(&w, a, &f->items[i]));
    node_set(root, "findings", list);
    node_write(root, true, out);
    buf_addc(out, '\n');
}
