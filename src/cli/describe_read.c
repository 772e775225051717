/* The columns of one file, with some of their values. */
#include "base/file.h"
#include "cli/describe.h"
#include "intake/csv.h"
#include "space/foreign_table.h"

#include <math.h>
#include <strings.h>

static void look_at(struct described_column *c, struct str value)
{
    double v;
    int64_t whole;

    uint32_t place = DICT_NONE;

    value = str_trim(value);
    if (value.n) {
        bool number = str_double(value, &v);

        c->filled++;
        c->numbers += number;
        c->negatives += number && v < 0;
        c->wholes += str_i64(value, &whole);
        place = c->many ? DICT_NONE : dict_find(&c->values, value);
    }
    if (value.n && !c->many && place == DICT_NONE) {
        if (c->values.n == DESCRIBE_VALUES || value.n > 200)
            c->many = true;
        else
            place = dict_intern(&c->values, value);
    }
    c->order = (c->order ^ place) * UINT64_C(0x100000001b3);
}

static void open_columns(struct described_file *f, size_t n, struct arena *a)
{
    f->n = n;
    f->columns = arena_array(a, struct described_column, n);
    for (size_t i = 0; i < n; i++)
        dict_init(&f->columns[i].values, a);
}

/* false: it is no table in this encoding. */
static bool read_csv(const char *path, const char *encoding, struct arena *a,
                     struct described_file *f)
{
    AUTO(csv) struct csv *csv = NULL;
    struct csv_options o = {.encoding = encoding};
    struct faults faults;
    const struct csv_row *row;
    struct err err;

    faults_init(&faults, a);
    if (csv_open(&csv, path, f->name, &o, a, &faults, &err))
        return false;
    open_columns(f, csv_columns(csv), a);
    for (size_t i = 0; i < f->n; i++)
        f->columns[i].name = arena_str(a, csv_column(csv, i));
    for (f->rows = 0; f->rows < DESCRIBE_ROWS; f->rows++) {
        if (csv_next(csv, &row, &err) || !row)
            break;
        for (size_t i = 0; i < f->n && i < row->n; i++)
            look_at(&f->columns[i], row->field[i]);
    }
    f->encoding = encoding;
    return !faults.count[FAULT_ENCODING_BAD];
}

static void read_foreign(const char *path, struct arena *a,
                         struct described_file *f)
{
    struct foreign_table *t = NULL;
    struct str *row;
    uint64_t line;

    if (foreign_open(path, NULL, a, &t, &f->why))
        return;
    open_columns(f, foreign_columns(t), a);
    row = arena_array(a, struct str, f->n + 1);
    for (size_t i = 0; i < f->n; i++)
        f->columns[i].name = arena_str(a, foreign_column(t, i));
    f->kind = foreign_polygons(t) ? DESCRIBED_AREAS : DESCRIBED_TABLE;
    foreign_middle(t, &f->longitude, &f->latitude);
    for (; f->rows < DESCRIBE_ROWS && foreign_next(t, row, &line); f->rows++)
        for (size_t i = 0; i < f->n; i++)
            look_at(&f->columns[i], row[i]);
    foreign_close(t);
}

static bool is_text_table(const char *name)
{
    static const char *const endings[] = {".csv", ".tsv",    ".tab",
                                          ".txt", ".csv.gz", ".csv.zst"};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t n = strlen(name), m = strlen(endings[i]);

        if (n > m && strcasecmp(name + n - m, endings[i]) == 0)
            return true;
    }
    return false;
}

void describe_file(const char *dir, const char *name, struct arena *a,
                   struct described_file *out)
{
    const char *path = path_join(a, dir, name);

    *out = (struct described_file){.name = name,
                                   .kind = DESCRIBED_OTHER,
                                   .longitude = NAN,
                                   .latitude = NAN};
    if (is_text_table(name)) {
        if (read_csv(path, NULL, a, out) ||
            read_csv(path, "windows-1252", a, out))
            out->kind = DESCRIBED_TABLE;
        return;
    }
    if (foreign_name(name))
        read_foreign(path, a, out);
}
