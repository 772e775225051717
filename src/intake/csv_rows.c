#include "intake/csv_rows.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXCERPT_BYTES = 60 };

/* Length of the character at s[i], 0 if it is not valid. */
static size_t character(struct str s, size_t i)
{
    for (size_t n = 1; n <= 4 && i + n <= s.n; n++)
        if (str_utf8_valid((struct str){s.p + i, n}, NULL))
            return n;
    return 0;
}

void excerpt(struct str s, char *out, size_t out_bytes)
{
    size_t at = 0;

    for (size_t i = 0; i < s.n;) {
        size_t n = character(s, i);
        unsigned char c = (unsigned char)s.p[i];

        if (i >= EXCERPT_BYTES || at + 8 > out_bytes) {
            snprintf(out + at, out_bytes - at, "…");
            return;
        }
        if (n && (c >= 32 && c != 127)) {
            memcpy(out + at, s.p + i, n);
            at += n;
        } else if (c == 0xFF) { /* what the stream could not decode */
            at += (size_t)snprintf(out + at, out_bytes - at, "\uFFFD");
        } else {
            at += (size_t)snprintf(out + at, out_bytes - at, "\\x%02X", c);
        }
        i += n ? n : 1;
    }
    out[at] = '\0';
}

void finding_report(const struct finding *f, const char *file,
                    const char *field, const char *encoding,
                    struct faults *faults)
{
    struct place place = {
        .file = file, .line = f->line, .column = f->column, .field = field};

    switch (f->kind) {
    case FAULT_FIELD_COUNT:
        fault_add(faults, f->kind, place, (unsigned long long)f->number[0],
                  (unsigned long long)f->number[1]);
        break;
    case FAULT_LINE_TOO_LONG:
    case FAULT_TEXTS_TOO_MANY:
        fault_add(faults, f->kind, place, (int)f->number[0]);
        break;
    case FAULT_ENCODING_BAD:
        fault_add(faults, f->kind, place, f->text, encoding);
        break;
    default: /* the text, and again where the remedy repeats it */
        fault_add(faults, f->kind, place, f->text, f->text);
    }
}

enum rc rows_columns(struct rows *r, size_t n_columns)
{
    struct str *field = realloc(r->split.field, n_columns * sizeof *field);

    if (!field)
        return RC_MEMORY;
    r->split.field = field;
    r->split.cap = n_columns;
    return RC_OK;
}

enum rc rows_begin(struct rows *r, const struct block *block, uint64_t line)
{
    if (block->n > r->text_cap) {
        char *text = realloc(r->text, block->n + BLOCK_PAD);

        if (!text)
            return RC_MEMORY;
        r->text = text;
        r->text_cap = block->n;
    }
    r->block = block;
    r->at = block->from;
    r->next_line = line;
    return RC_OK;
}

static enum row_state bad(struct rows *r, enum fault_kind kind, uint64_t column,
                          struct str text)
{
    r->bad = (struct finding){.kind = kind, .line = r->line, .column = column};
    excerpt(text, r->bad.text, sizeof r->bad.text);
    return ROW_BAD;
}

/* A quote that never closes, or text behind one that does. */
static enum row_state bad_quote(struct rows *r, const char *row,
                                enum split_state state)
{
    const char *p = r->split.bad;
    const char *end = row + r->split.length;
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    struct str text = {p, (size_t)((stop ? stop : end) - p)};
    uint64_t before = 0;

    for (const char *q = row; q < p; q++)
        before += *q == '\n';
    if (text.n && text.p[text.n - 1] == '\r')
        text.n--;
    bad(r, state == SPLIT_OPEN ? FAULT_QUOTE_OPEN : FAULT_QUOTE_STRAY,
        r->split.bad_column, text);
    r->bad.line += before;
    return ROW_BAD;
}

static enum row_state check_text(struct rows *r)
{
    const struct split *s = &r->split;

    for (size_t i = 0; i < s->n; i++) {
        if (s->field[i].n && memchr(s->field[i].p, 0, s->field[i].n))
            return bad(r, FAULT_BINARY, i + 1, s->field[i]);
        if (!str_utf8_valid(s->field[i], NULL))
            return bad(r, FAULT_ENCODING_BAD, i + 1, s->field[i]);
    }
    return ROW_OK;
}

static enum row_state check_row(struct rows *r, const char *row,
                                enum split_state state)
{
    const struct split *s = &r->split;

    if (state == SPLIT_OPEN)
        return bad_quote(r, row, state);
    if (r->block->too_long && r->at == r->block->n) {
        bad(r, FAULT_LINE_TOO_LONG, 0, STR(""));
        r->bad.number[0] = r->row_max;
        return ROW_BAD;
    }
    if (state == SPLIT_STRAY)
        return bad_quote(r, row, state);
    if (s->n > s->cap || (r->n_columns && s->n != r->n_columns)) {
        bad(r, FAULT_FIELD_COUNT, 0, STR(""));
        r->bad.number[0] = s->n;
        r->bad.number[1] = r->n_columns ? r->n_columns : s->cap;
        return ROW_BAD;
    }
    return check_text(r);
}

enum row_state rows_next(struct rows *r)
{
    while (r->at < r->block->n) {
        const char *row = r->block->p + r->at;
        enum split_state state;

        r->split.text = r->text;
        state = csv_split_row(row, r->block->n - r->at, r->delimiter, r->quote,
                              &r->split);
        r->line = r->next_line;
        r->next_line += r->split.newlines;
        r->at += r->split.length;
        if (state != SPLIT_OPEN && state != SPLIT_STRAY && !r->split.bytes)
            continue;
        return check_row(r, row, state);
    }
    return ROW_END;
}

void rows_free(struct rows *r)
{
    free(r->split.field);
    free(r->text);
    *r = (struct rows){0};
}
