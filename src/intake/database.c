/*
 * A population table that stays where it is: PostgreSQL adds the counts up and
 * sends one row a cell. Names are quoted identifiers, values are bound
 * parameters, and everything runs in one read-only transaction.
 */
#include "intake/database.h"

#include <libpq-fe.h>
#include <stdlib.h>

enum { PARAMETERS_MAX = 1000 };

struct database {
    struct job *job;
    const struct resource *r;
    const struct population_spec *spec;
    PGconn *connection;
    struct buf sql;
    const char *values[PARAMETERS_MAX];
    int n_values;
    struct population_result *result;
};

static bool has_password(const char *path)
{
    const char *start = strstr(path, "://") + 3;
    const char *end = start + strcspn(start, "/?");
    const char *at = memrchr(start, '@', (size_t)(end - start));

    return (at && memchr(start, ':', (size_t)(at - start))) ||
           strstr(path, "password=");
}

static struct place database_place(const struct database *d)
{
    return (struct place){.file = d->spec->file};
}

/* The first line of what the server or libpq says. */
static const char *said(const struct database *d, const char *message)
{
    size_t n = strcspn(message, "\n");

    while (n && message[n - 1] == ' ')
        n--;
    return arena_strndup(d->job->scratch, message, n);
}

static void add_name(struct database *d, const char *name)
{
    char *quoted = PQescapeIdentifier(d->connection, name, strlen(name));

    if (quoted)
        buf_adds(&d->sql, quoted);
    else
        d->sql.failed = true;
    PQfreemem(quoted);
}

static void add_value(struct database *d, const char *value)
{
    if (d->n_values == PARAMETERS_MAX) {
        d->sql.failed = true;
        return;
    }
    d->values[d->n_values++] = value;
    buf_fmt(&d->sql, "$%d", d->n_values);
}

/* "(trim(<count>::text) IN ($1, $2))", or "false" without values. */
static void add_is_one_of(struct database *d, const char *column,
                          const char *const *values, size_t n)
{
    if (n == 0) {
        buf_adds(&d->sql, "false");
        return;
    }
    buf_adds(&d->sql, "trim(");
    add_name(d, column);
    buf_adds(&d->sql, "::text) IN (");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_adds(&d->sql, ", ");
        add_value(d, values[i]);
    }
    buf_adds(&d->sql, ")");
}

/* FROM a table whose name may have a schema, or from the query given. */
static void add_source(struct database *d)
{
    if (d->r->query) {
        struct str q = str_trim(str_of(d->r->query));

        while (q.n && (q.p[q.n - 1] == ';' || q.p[q.n - 1] == ' '))
            q.n--;
        buf_adds(&d->sql, "(");
        buf_add(&d->sql, q);
        buf_adds(&d->sql, "\n) AS q");
        return;
    }
    for (const char *p = d->r->table;;) {
        size_t n = strcspn(p, ".");

        add_name(d, arena_strndup(d->job->scratch, p, n));
        if (!p[n])
            return;
        buf_addc(&d->sql, '.');
        p += n + 1;
    }
}

static void add_where(struct database *d)
{
    for (size_t i = 0; i < d->spec->n_where; i++) {
        const struct row_filter *f = &d->spec->where[i];

        buf_adds(&d->sql, i ? " AND " : " WHERE ");
        add_is_one_of(d, f->column, f->values, f->n);
    }
}

/*
 * area, origin, sex, age, period, sum, rows, missing, withheld, least, whole:
 * one row a cell of the table's own codes.
 */
static void build_query(struct database *d, const char *count)
{
    const struct population_spec *s = d->spec;

    buf_adds(&d->sql,
             "SELECT d0, d1, d2, d3, d4, coalesce(sum(n), 0)::text, "
             "count(*)::text, count(*) FILTER (WHERE missing)::text, "
             "count(*) FILTER (WHERE withheld)::text, min(n)::text, "
             "bool_and(n = trunc(n))::text FROM (SELECT d0, d1, d2, d3, d4, "
             "missing, withheld, CASE WHEN missing OR withheld THEN NULL "
             "ELSE c::text::numeric END AS n FROM (SELECT ");
    for (int i = 0; i < DIM_COUNT; i++) {
        buf_adds(&d->sql, s->column[i] ? "trim(coalesce(" : "'");
        if (s->column[i]) {
            add_name(d, s->column[i]);
            buf_adds(&d->sql, "::text, '')");
        }
        buf_fmt(&d->sql, "%s AS d%d, ", s->column[i] ? ")" : "'", i);
    }
    add_name(d, count);
    buf_adds(&d->sql, " AS c, (");
    add_is_one_of(d, count, s->suppressed, s->n_suppressed);
    buf_adds(&d->sql, ") IS TRUE AS withheld, (");
    add_name(d, count);
    buf_adds(&d->sql, " IS NULL OR ");
    add_is_one_of(d, count, s->missing, s->n_missing);
    buf_adds(&d->sql, ") AS missing FROM ");
    add_source(d);
    add_where(d);
    buf_adds(&d->sql,
             ") AS marked) AS counted GROUP BY 1, 2, 3, 4, 5 "
             "ORDER BY 1, 2, 3, 4, 5");
}

static struct str mapped(const struct code_map *m, struct str s)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_is(s, m->from[i]))
            return str_of(m->to[i]);
    return s;
}

static uint64_t number(const PGresult *row, int column)
{
    int64_t n = 0;

    return str_i64(str_of(PQgetvalue(row, 0, column)), &n) && n > 0
               ? (uint64_t)n
               : 0;
}

static enum rc add_unknown(struct database *d, const uint32_t *code,
                           uint64_t missing, uint64_t withheld)
{
    enum rc rc = RC_OK;

    d->result->missing += missing;
    d->result->withheld += withheld;
    for (uint64_t i = 0; !rc && i < missing; i++)
        rc = cube_add_missing(d->job->cube, code);
    for (uint64_t i = 0; !rc && i < withheld; i++)
        rc = cube_add_withheld(d->job->cube, code);
    return rc;
}

static enum rc take_row(struct database *d, const PGresult *row,
                        const char *origin)
{
    uint32_t code[DIM_COUNT];
    struct str sum = str_of(PQgetvalue(row, 0, 5));
    uint64_t rows = number(row, 6), missing = number(row, 7);
    uint64_t withheld = number(row, 8);
    int64_t value = 0;
    double least = 0;
    enum rc rc;

    for (int i = 0; i < DIM_COUNT; i++) {
        struct str s = origin && i == DIM_ORIGIN
                           ? str_of(origin)
                           : str_of(PQgetvalue(row, 0, i));

        code[i] =
            cube_code(d->job->cube, (enum dim)i, mapped(&d->spec->codes[i], s));
    }
    d->result->rows += rows;
    d->result->taken += rows;
    rc = add_unknown(d, code, missing, withheld);
    if (rc || missing + withheld == rows)
        return rc;
    if (str_double(str_of(PQgetvalue(row, 0, 9)), &least) && least < 0)
        fault_add(d->job->faults, FAULT_COUNT_NEGATIVE, database_place(d),
                  PQgetvalue(row, 0, 9));
    else if (PQgetvalue(row, 0, 10)[0] != 't')
        fault_add(d->job->faults, FAULT_COUNT_DECIMAL, database_place(d),
                  sum.p);
    else if (str_double(sum, &least) && least < 4e18 &&
             str_i64((struct str){sum.p, strcspn(sum.p, ".")}, &value))
        return cube_add(d->job->cube, code, value);
    else
        fault_add(d->job->faults, FAULT_COUNT_TOO_LARGE, database_place(d),
                  sum.p);
    return RC_OK;
}

static enum rc run_query(struct database *d, const char *count,
                         const char *origin)
{
    enum rc rc = RC_OK;
    PGresult *row;

    buf_clear(&d->sql);
    d->n_values = 0;
    build_query(d, count);
    if (d->sql.failed) {
        fault_add(d->job->faults, FAULT_DATABASE_QUERY, database_place(d),
                  "it is too long");
        return RC_OK;
    }
    if (!PQsendQueryParams(d->connection, buf_cstr(&d->sql), d->n_values, NULL,
                           d->values, NULL, NULL, 0) ||
        !PQsetSingleRowMode(d->connection))
        rc = RC_INVALID;
    while ((row = PQgetResult(d->connection))) {
        ExecStatusType status = PQresultStatus(row);

        if (!rc && status == PGRES_SINGLE_TUPLE)
            rc = take_row(d, row, origin);
        else if (!rc && status != PGRES_TUPLES_OK)
            rc = RC_INVALID;
        PQclear(row);
    }
    if (rc != RC_INVALID)
        return rc;
    fault_add(d->job->faults, FAULT_DATABASE_QUERY, database_place(d),
              said(d, PQerrorMessage(d->connection)));
    return RC_OK;
}

static enum rc run_all(struct database *d)
{
    const struct population_spec *s = d->spec;
    PGresult *begin = PQexec(d->connection,
                             "BEGIN ISOLATION LEVEL REPEATABLE READ, "
                             "READ ONLY");
    bool ok = PQresultStatus(begin) == PGRES_COMMAND_OK;
    enum rc rc = RC_OK;

    PQclear(begin);
    if (!ok) {
        fault_add(d->job->faults, FAULT_DATABASE_CONNECT, database_place(d),
                  said(d, PQerrorMessage(d->connection)));
        return RC_OK;
    }
    if (s->n_wide == 0)
        return run_query(d, s->count, NULL);
    for (size_t i = 0; !rc && i < s->n_wide; i++)
        rc = run_query(d, s->wide_column[i], s->wide_origin[i]);
    return rc;
}

static enum rc fill_result(struct database *d)
{
    struct population_result *r = d->result;

    for (int i = 0; i < DIM_COUNT; i++) {
        size_t n = cube_dict(d->job->cube, (enum dim)i)->n;

        r->n_codes[i] = n;
        r->first_line[i] =
            arena_try(d->job->a, n + 1, sizeof *r->first_line[i]);
        r->column[i] = 0;
        if (!r->first_line[i])
            return RC_MEMORY;
    }
    r->period_rows = arena_try(d->job->a, r->n_codes[DIM_PERIOD] + 1,
                               sizeof *r->period_rows);
    return r->period_rows ? RC_OK : RC_MEMORY;
}

enum rc database_population(struct job *j, const struct resource *r,
                            const struct population_spec *spec,
                            struct population_result *result, struct err *err)
{
    struct database d = {.job = j, .r = r, .spec = spec, .result = result};
    enum rc rc = RC_OK;

    if (!r->table == !r->query) {
        fault_add(j->faults, FAULT_DATABASE_SOURCE, resource_place(r), "");
        return RC_OK;
    }
    if (has_password(r->url))
        fault_add(j->faults, FAULT_DATABASE_PASSWORD, resource_place(r), "");
    buf_init(&d.sql, 1 << 20);
    d.connection = PQconnectdb(r->url);
    if (PQstatus(d.connection) != CONNECTION_OK)
        fault_add(j->faults, FAULT_DATABASE_CONNECT, database_place(&d),
                  said(&d, PQerrorMessage(d.connection)));
    else
        rc = run_all(&d);
    PQfinish(d.connection);
    buf_free(&d.sql);
    if (!rc)
        rc = fill_result(&d);
    if (rc)
        return err_set(err, rc, N_("the database's answer is too large"));
    return RC_OK;
}
