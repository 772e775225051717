/*
 * Published shares, recomputed: the share of an origin among the residents of
 * its area (of the same sex, age and period). A fraction, or percent when the
 * texts say so or some are above one. Counts that are not known make the share
 * uncheckable, and it is passed over.
 */
#include "intake/table.h"

#include <math.h>

enum { H_AREA, H_SEX, H_AGE, H_PERIOD, H_COUNT, H_SHARE, H_FIELDS };

static const struct table_field fields[H_FIELDS] = {
    {"area", true},    {"sex", false},  {"age", false},
    {"period", false}, {"count", true}, {"share", true},
};

struct total {
    int64_t sum;
    bool unknown;
};

struct shares {
    struct table t;
    struct dict keys;
    struct total *totals;
    size_t n, cap;
    double largest;
};

struct published {
    double value, half; /* half: of the last digit written */
    bool percent;
};

/* "12.3", "12,3", "12.3 %". */
static bool published_parse(struct str s, struct published *out)
{
    char text[64];
    size_t n = 0, decimals = 0;
    bool point = false;

    out->percent = str_ends(s, "%");
    if (out->percent)
        s = str_trim((struct str){s.p, s.n - 1});
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == ',' ? '.' : s.p[i];

        if ((c < '0' || c > '9') && (c != '.' || point))
            return false;
        decimals += point;
        point |= c == '.';
        text[n++] = c;
    }
    out->half = 0.5 * pow(10, -(double)decimals);
    return str_double((struct str){text, n}, &out->value);
}

static uint32_t key_of(struct shares *v)
{
    AUTO(buf) struct buf b = {0};
    uint32_t code;

    buf_init(&b, 1 << 16);
    for (size_t i = H_AREA; i <= H_PERIOD; i++) {
        buf_add(&b, table_text(&v->t, i));
        buf_addc(&b, '\x1f');
    }
    code = dict_intern(&v->keys, buf_str(&b));
    if (code == v->n)
        VEC_PUSH(v->t.job->scratch, v->totals, v->n, v->cap) =
            (struct total){0};
    return code;
}

/* Only whole numbers: what else stands there was told with the counts. */
static bool count_of(struct shares *v, int64_t *count)
{
    double x;

    if (!str_double(table_text(&v->t, H_COUNT), &x) || x < 0 || x > 1e15)
        return false;
    *count = (int64_t)x;
    return true;
}

static void add_row(struct shares *v)
{
    struct total *total = NULL;
    struct published p;
    uint32_t key = key_of(v);
    int64_t count;

    total = &v->totals[key];
    if (count_of(v, &count))
        total->sum += count;
    else
        total->unknown = true;
    if (published_parse(table_text(&v->t, H_SHARE), &p))
        v->largest = fmax(v->largest, p.value);
}

static void check_row(struct shares *v)
{
    struct str s = table_text(&v->t, H_SHARE);
    const struct total *total = &v->totals[key_of(v)];
    struct arena *a = v->t.job->scratch;
    struct published p;
    double share;
    int64_t count;

    if (s.n == 0 || table_unknown(&v->t, H_SHARE))
        return;
    if (!published_parse(s, &p)) {
        fault_add(v->t.job->faults, FAULT_SHARE_NOT_NUMBER,
                  table_place(&v->t, H_SHARE), arena_str(a, s));
        return;
    }
    if (total->unknown || total->sum == 0 || !count_of(v, &count))
        return;
    share = (double)count / (double)total->sum;
    if (p.percent || v->largest > 1)
        share *= 100;
    if (fabs(p.value - share) > p.half * 1.001 + 1e-12)
        fault_add(v->t.job->faults, FAULT_SHARE_DIFFERS,
                  table_place(&v->t, H_SHARE), arena_str(a, s),
                  arena_printf(a, "%.4g%s", share, p.percent ? " %" : ""));
}

enum rc check_shares(struct job *j, const struct resource *r, struct err *err)
{
    struct shares v = {0};

    if (!pairs_find(&r->fields, "share") || r->url || r->wide)
        return RC_OK;
    dict_init(&v.keys, j->scratch);
    for (int pass = 0; pass < 2; pass++) {
        bool more = true;
        enum rc rc = table_open(&v.t, j, r, fields, H_FIELDS, err);

        if (rc)
            return rc == RC_INVALID ? RC_OK : rc;
        while (!(rc = table_next(&v.t, &more, err)) && more) {
            if (pass == 0)
                add_row(&v);
            else
                check_row(&v);
        }
        table_close(&v.t);
        if (rc)
            return rc;
    }
    return RC_OK;
}
