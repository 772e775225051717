/*
 * network_records STORE [cities [people [history]]]: fills an empty store and
 * says how long saving and reading take as it grows. See bench/README.md.
 */
#include "network/account.h"
#include "record/keep.h"
#include "record/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct deed DEED = {.by = 1, .at = 1700000000, .action = "edit"};

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum rc rc, const struct err *err, const char *what)
{
    if (!rc)
        return;
    fprintf(stderr, "%s: %s %s\n", what, rc_name(rc), err->text);
    exit(1);
}

struct watch {
    double wall, cpu;
};

static struct watch begin(void)
{
    return (struct watch){seconds(CLOCK_MONOTONIC),
                          seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static void tell(const char *what, int64_t n, struct watch w)
{
    printf("%-34s %9" PRId64 " %9.3f %9.3f\n", what, n,
           seconds(CLOCK_MONOTONIC) - w.wall,
           seconds(CLOCK_PROCESS_CPUTIME_ID) - w.cpu);
    fflush(stdout);
}

static void save(struct store *s, const struct record_type *t, void *record,
                 struct arena *a)
{
    struct err err = {0};

    must(record_save(s, t, record, &DEED, a, NULL, &err), &err, t->name);
}

static int64_t first_territory(struct store *s)
{
    AUTO(arena) struct arena *a = arena_new(0);
    struct territory t;

    record_clear(&type_territory, &t);
    t.name.in[0] = "Country";
    t.kind = "country";
    t.country = "MA";
    save(s, &type_territory, &t, a);
    return t.head.id;
}

static void add_cities(struct store *s, int64_t n, int64_t territory)
{
    struct err err = {0};
    struct watch w = begin();

    must(store_begin(s, true, &err), &err, "begin");
    for (int64_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct city c;

        record_clear(&type_city, &c);
        c.name.in[0] = arena_printf(a, "City %" PRId64, i * 7919 % n);
        c.name.in[1] = arena_printf(a, "Ville %" PRId64, i * 7919 % n);
        c.territory = territory;
        c.status = i % 2 ? "member" : "invited";
        c.head.state = "published";
        save(s, &type_city, &c, a);
    }
    must(store_commit(s, &err), &err, "commit");
    tell("cities saved, one transaction", n, w);
}

static void add_people(struct store *s, int64_t n)
{
    struct err err = {0};
    struct watch w = begin();

    must(store_begin(s, true, &err), &err, "begin");
    for (int64_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct person p;

        record_clear(&type_person, &p);
        p.name.in[0] = arena_printf(a, "Person %" PRId64, i * 7919 % n);
        p.email = arena_printf(a, "p%" PRId64 "@example.org", i);
        save(s, &type_person, &p, a);
    }
    must(store_commit(s, &err), &err, "commit");
    tell("people saved, one transaction", n, w);
}

/* Changes of the first hundred cities, until the history is that long. */
static void add_history(struct store *s, int64_t n)
{
    struct err err = {0};
    struct watch w = begin();
    int64_t there = 0;

    must(store_int(s, "SELECT count(*) FROM history", NO_PARAMS, &there, &err),
         &err, "count");
    must(store_begin(s, true, &err), &err, "begin");
    for (int64_t i = there; i < n; i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct city c;

        must(record_load(s, &type_city, i % 100 + 1, a, &c, &err), &err,
             "load");
        c.website = arena_printf(a, "https://example.org/%" PRId64, i);
        save(s, &type_city, &c, a);
    }
    must(store_commit(s, &err), &err, "commit");
    tell("changes saved, one transaction", MAX(n - there, 0), w);
}

enum { TIMES = 200 };

static void save_singly(struct store *s)
{
    struct watch w = begin();

    for (int i = 0; i < TIMES; i++) {
        AUTO(arena) struct arena *a = arena_new(0);
        struct err err = {0};
        struct city c;

        must(record_load(s, &type_city, i % 100 + 1, a, &c, &err), &err,
             "load");
        c.notes.in[0] = arena_printf(a, "note %d", i);
        save(s, &type_city, &c, a);
    }
    tell("changes saved, each by itself", TIMES, w);
}

static bool skip(void *ctx, const struct store_row *row)
{
    return true;
}

static void read_page(struct store *s, const char *what, const char *sql)
{
    struct watch w = begin();

    for (int i = 0; i < TIMES; i++) {
        struct err err = {0};

        must(store_each(s, sql, NO_PARAMS, skip, NULL, &err), &err, what);
    }
    tell(what, TIMES, w);
}

static bool skip_found(void *ctx, const struct found *f)
{
    return true;
}

static bool skip_entry(void *ctx, const struct history_entry *e)
{
    return true;
}

static void read_all(struct store *s)
{
    struct watch w;
    struct err err = {0};

    read_page(s, "first page of people by name",
              "SELECT id FROM person ORDER BY sort_fr, id LIMIT 50");
    read_page(s, "their last page, by place",
              "SELECT id FROM person WHERE (sort_fr, id) > ((SELECT sort_fr"
              " FROM person ORDER BY sort_fr DESC, id DESC LIMIT 1), 0)"
              " ORDER BY sort_fr, id LIMIT 50");
    read_page(s, "number of people", "SELECT count(*) FROM person");
    read_page(s, "members among cities, first page",
              "SELECT id FROM city WHERE status = 'member' AND state ="
              " 'published' ORDER BY sort_en, id LIMIT 50");
    w = begin();
    for (int i = 0; i < TIMES; i++)
        must(record_search(s, "city 77", 50, skip_found, NULL, &err), &err,
             "search");
    tell("searches of two words", TIMES, w);
    w = begin();
    must(record_history(s, &type_city, 1, skip_entry, NULL, &err), &err,
         "history");
    tell("the history of a city, whole", 1, w);
}

int main(int argc, char **argv)
{
    AUTO(arena) struct arena *a = arena_new(0);
    AUTO(store) struct store *s = NULL;
    struct err err = {0};
    struct migration m;
    int64_t n[3] = {10000, 100000, 1000000};

    for (int i = 2; i < argc && i < 5; i++)
        n[i - 2] = strtoll(argv[i], NULL, 10);
    if (argc < 2)
        return 2;
    must(store_open(argv[1], &s, &err), &err, "open");
    must(migration_plan(s, a, &m, &err), &err, "plan");
    must(migration_apply(s, &m, NULL, 0, &err), &err, "migrate");
    must(network_tables(s, &err), &err, "tables");
    printf("%-34s %9s %9s %9s\n", "", "times", "seconds", "CPU s");
    add_cities(s, n[0], first_territory(s));
    add_people(s, n[1]);
    add_history(s, n[2]);
    save_singly(s);
    read_all(s);
    return 0;
}
