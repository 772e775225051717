#include "record/record.h"

#include <inttypes.h>
#include <math.h>
#include <strings.h>

static bool has(struct str s, char c)
{
    return s.n && memchr(s.p, c, s.n);
}

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static int64_t length(const char *s)
{
    int64_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void check_text(const struct field *f, const char *text,
                       struct complaints *c)
{
    struct str s = str_of(text);

    if (!str_utf8_valid(s, NULL))
        complain(c, f, N_("the text is not valid UTF-8"), NULL);
    if (f->high && length(text) > f->high)
        complain(c, f, N_("at most %s characters"),
                 arena_printf(c->arena, "%" PRId64, f->high));
    if (f->low > 1 && length(text) < f->low)
        complain(c, f, N_("at least %s characters"),
                 arena_printf(c->arena, "%" PRId64, f->low));
    if (f->type == TYPE_TEXT && (has(s, '\n') || has(s, '\r')))
        complain(c, f, N_("only one line"), NULL);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char b = (unsigned char)s.p[i];

        if ((b < 0x20 && b != '\n' && b != '\r' && b != '\t') || b == 0x7F) {
            complain(c, f, N_("the text holds a control character"), NULL);
            return;
        }
    }
}

/* A shape that mail servers accept; whether it exists, only a mail can tell. */
static bool email_shape(struct str s)
{
    const char *at = s.n ? memchr(s.p, '@', s.n) : NULL;
    struct str local, domain;

    if (!at)
        return false;
    local = (struct str){s.p, (size_t)(at - s.p)};
    domain = (struct str){at + 1, s.n - local.n - 1};
    if (!local.n || local.n > 64 || !has(domain, '.') || has(domain, '@') ||
        domain.p[0] == '.' || domain.p[domain.n - 1] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("<>()[],;:\\\"", s.p[i]))
            return false;
    return true;
}

bool link_shape(struct str s)
{
    size_t host = str_starts(s, "https://")  ? 8
                  : str_starts(s, "http://") ? 7
                                             : SIZE_MAX;

    if (host == SIZE_MAX || host >= s.n || s.p[host] == '/')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || strchr("<>\"'\\", s.p[i]))
            return false;
    return true;
}

#define ODF "application/vnd.oasis.opendocument."
#define OFFICE "application/vnd.openxmlformats-officedocument."

/* Nothing that a browser would run. */
const char *attachment_media(const char *name)
{
    static const char *const rows[][2] = {
        {".pdf", "application/pdf"},
        {".odt", ODF "text"},
        {".ods", ODF "spreadsheet"},
        {".odp", ODF "presentation"},
        {".docx", OFFICE "wordprocessingml.document"},
        {".xlsx", OFFICE "spreadsheetml.sheet"},
        {".pptx", OFFICE "presentationml.presentation"},
        {".csv", "text/csv; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".zip", "application/zip"},
    };
    size_t n = strlen(name);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t end = strlen(rows[i][0]);

        if (n > end && strcasecmp(name + n - end, rows[i][0]) == 0)
            return rows[i][1];
    }
    return NULL;
}

static void check_shape(const struct field *f, const char *text,
                        struct complaints *c)
{
    struct str s = str_of(text);

    check_text(f, text, c);
    if (f->type == TYPE_EMAIL && !email_shape(s))
        complain(c, f, N_("'%s' is not an e-mail address"), text);
    if (f->type == TYPE_LINK && !link_shape(s))
        complain(c, f, N_("'%s' is not a link: it begins with https://"), text);
    if (f->type == TYPE_COUNTRY && (s.n != 2 || s.p[0] < 'A' || s.p[0] > 'Z' ||
                                    s.p[1] < 'A' || s.p[1] > 'Z'))
        complain(c, f, N_("'%s' is not a country code of two letters"), text);
    if (f->type == TYPE_CHOICE && !record_option_known(f->of, text))
        complain(c, f, N_("'%s' is not one of the choices"), text);
}

static void check_number(const struct field *f, double v, struct complaints *c)
{
    if (!f->low && !f->high)
        return;
    if (v < (double)f->low)
        complain(c, f, N_("at least %s"),
                 arena_printf(c->arena, "%" PRId64, f->low));
    if (v > (double)f->high)
        complain(c, f, N_("at most %s"),
                 arena_printf(c->arena, "%" PRId64, f->high));
}

static void check_place(const struct field *f, const struct coordinate *p,
                        struct complaints *c)
{
    if (isnan(p->longitude) != isnan(p->latitude))
        complain(c, f, N_("longitude and latitude belong together"), NULL);
    if (fabs(p->longitude) > 180)
        complain(c, f, N_("a longitude lies between -180 and 180"), NULL);
    if (fabs(p->latitude) > 90)
        complain(c, f, N_("a latitude lies between -90 and 90"), NULL);
}

/* A name without bytes is what a text made of it: only forms send files. */
static void check_file(const struct field *f, const struct attachment *file,
                       struct complaints *c)
{
    if (!file->name)
        return;
    check_text(f, file->name, c);
    if (!file->number)
        complain(c, f, N_("a file is sent with the form of the record"), NULL);
    if (!attachment_media(file->name))
        complain(c, f,
                 N_("'%s' is not of a kind that is taken: PDF, OpenDocument, "
                    "Office, CSV, text, PNG, JPEG or ZIP"),
                 file->name);
    if (file->size <= 0)
        complain(c, f, N_("the file is empty"), NULL);
    if (f->high && file->size > f->high)
        complain(c, f, N_("the file is larger than %s bytes"),
                 arena_printf(c->arena, "%" PRId64, f->high));
}

static void check_value(const struct field *f, const void *p,
                        struct complaints *c)
{
    switch (f->type) {
    case TYPE_TEXT:
    case TYPE_MARKDOWN:
        for (int i = 0; i < RECORD_LANGS; i++)
            if (((const struct words *)p)->in[i])
                check_text(f, ((const struct words *)p)->in[i], c);
        break;
    case TYPE_LINK:
    case TYPE_EMAIL:
    case TYPE_COUNTRY:
    case TYPE_CHOICE:
        if (*(const char *const *)p)
            check_shape(f, *(const char *const *)p, c);
        break;
    case TYPE_INT:
        if (*(const int64_t *)p != INT64_MIN)
            check_number(f, (double)*(const int64_t *)p, c);
        break;
    case TYPE_REAL:
        if (!isnan(*(const double *)p))
            check_number(f, *(const double *)p, c);
        break;
    case TYPE_INTERVAL: {
        const struct interval *i = p;

        if (i->from.year && i->to.year && day_compare(i->from, i->to) > 0)
            complain(c, f, N_("the end is before the beginning"), NULL);
        break;
    }
    case TYPE_COORDINATE:
        check_place(f, p, c);
        break;
    case TYPE_FILE:
        check_file(f, p, c);
        break;
    case TYPE_CHOICES:
        for (size_t i = 0; i < ((const struct texts *)p)->n; i++)
            if (!record_option_known(f->of,
                                     ((const struct texts *)p)->items[i]))
                complain(c, f, N_("'%s' is not one of the choices"),
                         ((const struct texts *)p)->items[i]);
        break;
    default:
        break;
    }
}

void record_validate(const struct record_type *t, const void *record,
                     struct complaints *c)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        if ((f[i].flags & REQUIRED) && field_absent(record, &f[i]))
            complain(c, &f[i], N_("this is needed"), NULL);
        check_value(&f[i], field_of(record, &f[i]), c);
    }
}
