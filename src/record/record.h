/*
 * record.h: a thing the network keeps, declared once.
 *
 * records/<name>.def lists the fields of a record; from that list come the C
 * struct, the tables of both databases, validation, the form, JSON and its
 * OpenAPI schema, CSV in and out, the search index and the history of changes.
 * A record is handled through `void *` and its struct record_type; code that
 * knows the subject uses the struct.
 *
 * Every struct begins with a struct record_head. Texts in it are borrowed from
 * the arena they were loaded into. Absent values: NULL, an id of 0,
 * INT64_MIN, NaN, a year of 0.
 */
#ifndef PASSERELLE_RECORD_H
#define PASSERELLE_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/node.h"
#include "base/str.h"

enum { RECORD_LANGS = 3 }; /* en, fr, ar: the order of lang_all */
extern const char *const record_langs[RECORD_LANGS];

/* A text that may exist in several languages. Not translated: in[0] alone. */
struct words {
    const char *in[RECORD_LANGS];
    char state[RECORD_LANGS]; /* enum words_state as a letter, or 0 */
};
enum words_state {
    WORDS_ORIGINAL = 'o',
    WORDS_TRANSLATED = 't',
    WORDS_STALE = 's' /* the original changed after this translation */
};

struct day { /* precision is what was said: month or day may be 0 */
    int16_t year;
    int8_t month, day;
};
struct interval {
    struct day from, to;
};
struct coordinate {
    double longitude, latitude; /* degrees; NaN: none */
};
struct attachment { /* its bytes are kept elsewhere, under `number` */
    int64_t number;
    const char *name, *media; /* name: NULL where there is none */
    int64_t size;
};
struct texts {
    size_t n;
    const char **items;
};
struct ids {
    size_t n;
    int64_t *items;
};

enum field_type {
    TYPE_TEXT,     /* one line */
    TYPE_MARKDOWN, /* several */
    TYPE_LINK,     /* https:// or http:// */
    TYPE_EMAIL,
    TYPE_COUNTRY, /* ISO 3166 alpha-2 */
    TYPE_INT,
    TYPE_REAL,
    TYPE_BOOL,
    TYPE_DATE,
    TYPE_INTERVAL,
    TYPE_COORDINATE,
    TYPE_FILE, /* high: most bytes */
    TYPE_CHOICE,
    TYPE_CHOICES,
    TYPE_REF,
    TYPE_REFS,
    FIELD_TYPES
};
#define C_TEXT struct words
#define C_MARKDOWN struct words
#define C_LINK const char *
#define C_EMAIL const char *
#define C_COUNTRY const char *
#define C_INT int64_t
#define C_REAL double
#define C_BOOL int8_t /* -1: not said */
#define C_DATE struct day
#define C_INTERVAL struct interval
#define C_COORDINATE struct coordinate
#define C_FILE struct attachment

enum field_flag {
    REQUIRED = 1,
    UNIQUE = 2,
    TRANSLATED = 4,
    IMMUTABLE = 8,  /* set once */
    PERSONAL = 16,  /* exported and erased with the person */
    PRIVATE = 32,   /* the owner and the secretariat */
    INTERNAL = 64,  /* people of the network */
    SEARCHED = 128, /* in the full-text index */
    TITLE = 256     /* what the record is called in lists */
};

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    int64_t low, high; /* length of a text, bounds of a number; 0, 0: none */
    const char *of;    /* options of a choice, record of a reference */
    const char *label; /* message id */
    size_t offset;
};

struct option { /* records/options.def */
    const char *list, *code, *label;
};

enum mover {
    MAY_EDIT = 1,  /* whoever may edit this record */
    MAY_REVIEW = 2 /* the secretariat */
};
struct transition { /* records/workflow.def */
    const char *record, *from, *to, *label;
    unsigned who; /* enum mover; network/access.h decides */
};

struct record_head {
    int64_t id;      /* 0: not stored yet */
    int64_t version; /* grows by one a save */
    const char *state;
};

struct record_type {
    const char *name;         /* "city": table and JSON name */
    const char *label, *many; /* message ids */
    size_t size;              /* of the struct */
    const struct field *(*fields)(size_t *n);
};

const struct record_type *const *record_types(size_t *n);
const struct record_type *record_type(const char *name); /* or NULL */
const struct field *record_field(const struct record_type *t, const char *name);
const struct option *record_options(const char *list, size_t *n);
bool record_option_known(const char *list, const char *code);
const struct transition *record_transitions(size_t *n);
/* First state of a record's workflow; "" without one. */
const char *record_first_state(const struct record_type *t);

/* All fields absent. */
void record_clear(const struct record_type *t, void *record);
static inline void *field_at(void *record, const struct field *f)
{
    return (char *)record + f->offset;
}
static inline const void *field_of(const void *record, const struct field *f)
{
    return (const char *)record + f->offset;
}
bool field_absent(const void *record, const struct field *f);
/* Best text for a language: it, else the original, else any; *lang (may be
 * NULL) receives the index of the language given. NULL when none. */
const char *words_best(const struct words *w, int lang, int *given);

/* What is wrong with a record, by field; messages are ids. */
struct complaint {
    const struct field *field; /* NULL: the record as a whole */
    const char *message;
    const char *argument; /* for one %s, or NULL */
};
struct complaints {
    struct arena *arena;
    struct complaint *items;
    size_t n, cap;
};
void complain(struct complaints *c, const struct field *f, const char *message,
              const char *argument);
/* Types, lengths, choices, required; not references and not uniqueness, which
 * the store answers. */
void record_validate(const struct record_type *t, const void *record,
                     struct complaints *c);

/* Media type of a file that records take, by its name's ending; NULL: none of
 * those. */
const char *attachment_media(const char *name);
/* http:// or https:// with a host, and nothing that ends an attribute. */
bool link_shape(struct str s);

/* Text <-> field: forms and CSV. `column` as in field_columns. */
enum { COLUMNS_OF_FIELD = 4 };
/* Names of the columns a field has in tables, CSV and forms: name, or name_en,
 * name_fr, name_ar; x_from, x_to; x_longitude, x_latitude; of a file x (its
 * name), x_number, x_type, x_size. REFS: its name. */
enum { FILE_NAME, FILE_NUMBER, FILE_TYPE, FILE_SIZE };
size_t field_columns(const struct field *f, struct arena *a,
                     const char *column[COLUMNS_OF_FIELD]);
/* Empty text: absent. A text that cannot be read is a complaint. */
void field_set_text(void *record, const struct field *f, size_t column,
                    struct str text, struct arena *a, struct complaints *c);
void field_get_text(const void *record, const struct field *f, size_t column,
                    struct buf *out);

/* JSON: absent fields are left out; translated texts are objects by language.
 * `hidden`: fields with any of these flags are left out. */
struct node *record_json(const struct record_type *t, const void *record,
                         unsigned hidden, struct arena *a);
void record_from_json(const struct record_type *t, const struct node *json,
                      void *record, struct arena *a, struct complaints *c);
/* Where the bytes of a file are read: "/records/programme/7/files/document". */
const char *attachment_path(const struct record_type *t, const void *record,
                            const struct field *f, struct arena *a);
/* JSON Schema (OpenAPI 3.1) of a record. */
struct node *record_schema(const struct record_type *t, struct arena *a);

/* "2017", "2017-07", "2017-07-11" <-> struct day; false: not a date. */
bool day_parse(struct str text, struct day *out);
void day_write(struct day d, struct buf *out);
int day_compare(struct day a, struct day b); /* first days of each */

#endif
