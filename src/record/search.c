/* Full text, folded by text/fold.h on both sides: the databases only match. */
#include "record/keep.h"
#include "record/sql.h"
#include "text/fold.h"

#include <inttypes.h>

const char *record_title(const struct record_type *t, const void *record)
{
    size_t n;
    const struct field *f = t->fields(&n);
    const char *title = NULL;

    for (size_t i = 0; i < n && !title; i++)
        if (f[i].flags & TITLE)
            title = words_best(field_of(record, &f[i]), 0, NULL);
    return title ? title : "";
}

static void gather_words(const struct record_type *t, const void *record,
                         struct buf *out)
{
    size_t n;
    const struct field *f = t->fields(&n);

    for (size_t i = 0; i < n; i++) {
        const struct words *w = field_of(record, &f[i]);

        if (!(f[i].flags & SEARCHED) || (f[i].flags & (PRIVATE | INTERNAL)))
            continue;
        for (int l = 0; l < RECORD_LANGS; l++) {
            if (!w->in[l])
                continue;
            text_fold(str_of(w->in[l]), out);
            buf_addc(out, ' ');
        }
    }
}

enum rc search_remove(struct store *s, const struct record_type *t, int64_t id,
                      struct err *err)
{
    static const char *const sqlite[] = {
        "DELETE FROM search WHERE rowid = (SELECT place FROM search_row"
        " WHERE record = :record AND record_id = :id)",
        "DELETE FROM search_row WHERE record = :record AND record_id = :id"};
    static const char *const pg[] = {
        "DELETE FROM search WHERE record = :record AND record_id = :id"};
    bool is_pg = store_engine(s) == STORE_POSTGRES;
    size_t n = is_pg ? ARRAY_LEN(pg) : ARRAY_LEN(sqlite);
    enum rc rc = RC_OK;

    for (size_t i = 0; i < n && !rc; i++)
        rc = store_exec(s, is_pg ? pg[i] : sqlite[i],
                        PARAMS(P_TEXT("record", t->name), P_INT("id", id)),
                        NULL, err);
    return rc;
}

static enum rc insert(struct store *s, const struct record_type *t,
                      const void *record, struct str words, struct err *err)
{
    const struct record_head *head = record;
    int64_t place = 0;
    enum rc rc = RC_OK;

    if (store_engine(s) != STORE_POSTGRES)
        rc = store_int(s,
                       "INSERT INTO search_row (record, record_id) VALUES"
                       " (:record, :id) RETURNING place",
                       PARAMS(P_TEXT("record", t->name), P_INT("id", head->id)),
                       &place, err);
    if (rc)
        return rc;
    return store_exec(
        s,
        store_engine(s) == STORE_POSTGRES
            ? "INSERT INTO search (record, record_id, title, words) VALUES"
              " (:record, :id, :title, to_tsvector('simple', :words))"
            : "INSERT INTO search (rowid, record, record_id, title, words)"
              " VALUES (:place, :record, :id, :title, :words)",
        PARAMS(P_INT("place", place), P_TEXT("record", t->name),
               P_INT("id", head->id), P_TEXT("title", record_title(t, record)),
               P_STR("words", words)),
        NULL, err);
}

enum rc search_write(struct store *s, const struct record_type *t,
                     const void *before, const void *record, struct err *err)
{
    const struct record_head *head = record;
    AUTO(buf) struct buf words = {.ceiling = BUF_CEILING};
    AUTO(buf) struct buf old = {.ceiling = BUF_CEILING};
    enum rc rc = RC_OK;

    gather_words(t, record, &words);
    if (before) {
        gather_words(t, before, &old);
        if (str_eq(buf_str(&old), buf_str(&words)) &&
            strcmp(record_title(t, before), record_title(t, record)) == 0)
            return RC_OK;
        rc = search_remove(s, t, head->id, err);
    }
    if (rc || !words.n)
        return rc;
    return insert(s, t, record, buf_str(&words), err);
}

/* "Tanger mig" -> "tanger":* & "mig":* or "tanger"* "mig"*: words of letters
 * and digits only, so nothing of the query's own language gets through. */
static size_t match_text(const char *query, bool pg, struct buf *out)
{
    AUTO(buf) struct buf folded = {.ceiling = 4096};
    size_t words = 0;
    struct str s;

    text_fold(str_of(query), &folded);
    for (s = buf_str(&folded); s.n;) {
        size_t n = 0;

        while (n < s.n && s.p[n] != ' ')
            n++;
        if (n && words < 16) {
            buf_adds(out, words ? pg ? " & " : " " : "");
            buf_addc(out, pg ? '\'' : '"');
            buf_add(out, (struct str){s.p, n});
            buf_adds(out, pg ? "':*" : "\"*");
            words++;
        }
        s.p += n + (n < s.n);
        s.n -= n + (n < s.n);
    }
    return words;
}

struct finding {
    bool (*fn)(void *ctx, const struct found *f);
    void *ctx;
};

static bool give(void *ctx, const struct store_row *row)
{
    struct finding *g = ctx;
    struct found f = {record_type(row_text(row, "record").p),
                      row_int(row, "record_id", 0), row_text(row, "title").p};

    return !f.type || g->fn(g->ctx, &f);
}

enum rc record_search(struct store *s, const char *query, size_t limit,
                      bool (*fn)(void *ctx, const struct found *f), void *ctx,
                      struct err *err)
{
    bool pg = store_engine(s) == STORE_POSTGRES;
    AUTO(buf) struct buf match = {.ceiling = 1 << 16};
    struct finding g = {fn, ctx};

    if (!match_text(query, pg, &match))
        return RC_OK;
    return store_each(
        s,
        pg ? "SELECT record, record_id, title FROM search,"
             " to_tsquery('simple', :match) AS q WHERE words @@ q"
             " ORDER BY ts_rank(words, q) DESC, record, record_id LIMIT :limit"
           : "SELECT record, record_id, title FROM search"
             " WHERE search MATCH :match ORDER BY rank, record, record_id"
             " LIMIT :limit",
        PARAMS(P_STR("match", buf_str(&match)), P_INT("limit", (int64_t)limit)),
        give, &g, err);
}
