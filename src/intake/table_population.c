#include "intake/table_population.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"
#include "intake/population_decode.h"

enum {
    THREADS_USEFUL = 8,    /* the cube takes rows from one at a time */
    ALONE_BYTES = 1 << 20, /* a smaller table is read by one thread */
    FLUSH_ROWS = 4096      /* of a table read elsewhere */
};

/*
 * Threads take blocks in the order of the file, decode them each for itself,
 * and hand their rows to the tally in the order of the file again. So the
 * dictionaries, the faults and the cube are the same for any number of threads.
 */
struct reading_job {
    const struct plan *plan;
    struct blocks *blocks;
    struct block first; /* with the header */
    const struct progress *progress;
    struct tally tally;
    struct err *err;
    uint64_t line, bytes, expected, counts;
    pthread_mutex_t source, turn;
    pthread_cond_t turned;
    uint64_t next; /* number of the block whose turn it is */
    enum rc rc;
    bool stop;
};

static enum rc take_block(struct reading_job *j, struct block *block)
{
    struct err err;
    enum rc rc;

    pthread_mutex_lock(&j->source);
    if (j->first.p) {
        block_free(block);
        *block = j->first;
        j->first = (struct block){0};
        rc = RC_OK;
    } else {
        rc = blocks_next(j->blocks, block, &err);
    }
    pthread_mutex_unlock(&j->source);
    if (rc) {
        pthread_mutex_lock(&j->turn);
        if (j->rc == RC_OK) {
            j->rc = rc;
            if (j->err)
                *j->err = err;
        }
        j->stop = true;
        pthread_cond_broadcast(&j->turned);
        pthread_mutex_unlock(&j->turn);
    }
    return rc;
}

/* How many rows are still to come, from those so far. */
static void expect(struct reading_job *j, const struct decoder *d, size_t bytes)
{
    double left;

    if (!bytes)
        return;
    j->bytes += bytes;
    j->counts += d->n;
    left = j->expected > j->bytes ? (double)(j->expected - j->bytes) : 0;
    cube_expect(j->tally.cube,
                d->n + (uint64_t)((double)j->counts / (double)j->bytes * left));
}

/* false: stop. */
static bool hand_in(struct reading_job *j, struct decoder *d,
                    const struct block *block, unsigned worker)
{
    bool go_on;

    pthread_mutex_lock(&j->turn);
    while (!j->stop && j->next != block->number)
        pthread_cond_wait(&j->turned, &j->turn);
    if (!j->stop) {
        expect(j, d, block->n - block->from);
        j->rc = tally_add(&j->tally, d, j->line, j->err);
        j->line += d->lines;
        if (j->rc == RC_OK && worker == 0 &&
            !progress_at(j->progress, N_("Reading the population"),
                         stream_done(j->blocks->stream)))
            j->rc = err_set(j->err, RC_CANCELLED, N_("interrupted"));
        j->stop = j->rc != RC_OK || j->tally.stop;
        j->next++;
        pthread_cond_broadcast(&j->turned);
    }
    go_on = !j->stop;
    pthread_mutex_unlock(&j->turn);
    return go_on;
}

static void work(void *ctx, size_t i, unsigned worker)
{
    struct reading_job *j = ctx;
    struct decoder d;
    struct block block = {0};
    enum rc rc = decoder_init(&d, j->plan);

    if (rc == RC_OK)
        rc = rows_columns(&d.reader, j->plan->n_columns);
    if (rc) {
        pthread_mutex_lock(&j->turn);
        j->rc = err_set(j->err, rc, N_("not enough memory"));
        j->stop = true;
        pthread_cond_broadcast(&j->turned);
        pthread_mutex_unlock(&j->turn);
        decoder_free(&d);
        return;
    }
    d.reader.delimiter = j->blocks->delimiter;
    d.reader.quote = j->blocks->quote;
    d.reader.row_max = j->blocks->row_max;
    d.reader.n_columns = j->plan->n_columns;
    while (take_block(j, &block) == RC_OK && block.n) {
        decoder_block(&d, &block);
        if (!hand_in(j, &d, &block, worker))
            break;
    }
    block_free(&block);
    decoder_free(&d);
}

static enum rc read_blocks(struct csv *csv, const struct plan *plan,
                           unsigned threads, struct reading_job *j,
                           struct faults *faults)
{
    const char *damage;

    j->plan = plan;
    j->blocks = csv_blocks(csv, &j->first, &j->line);
    j->tally.encoding = stream_encoding(j->blocks->stream);
    j->expected = stream_expected(j->blocks->stream) + j->first.n;
    if (!threads && j->expected < ALONE_BYTES)
        threads = 1;
    if (!threads)
        threads = MIN(thread_count(0), THREADS_USEFUL);
    pthread_mutex_init(&j->source, NULL);
    pthread_mutex_init(&j->turn, NULL);
    pthread_cond_init(&j->turned, NULL);
    parallel_for(threads, threads, j, work);
    pthread_cond_destroy(&j->turned);
    pthread_mutex_destroy(&j->turn);
    pthread_mutex_destroy(&j->source);
    block_free(&j->first);
    damage = stream_damage(j->blocks->stream);
    if (damage && j->rc == RC_OK)
        fault_add(faults, FAULT_COMPRESSION_BAD,
                  (struct place){.file = plan->spec->file}, damage);
    return j->rc;
}

enum rc population_read_csv(const char *path, const struct csv_options *options,
                            const struct population_spec *spec,
                            unsigned threads, const struct progress *progress,
                            struct cube *cube, struct arena *a,
                            struct faults *faults,
                            struct population_result *out, struct err *err)
{
    AUTO(csv) struct csv *csv = NULL;
    struct reading_job job = {.progress = progress, .err = err};
    struct str *header;
    struct plan plan;
    enum rc rc;

    *out = (struct population_result){0};
    rc = csv_open(&csv, path, spec->file, options, a, faults, err);
    if (rc)
        return rc;
    header = arena_try(a, csv_columns(csv), sizeof *header);
    if (!header)
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    for (size_t i = 0; i < csv_columns(csv); i++)
        header[i] = csv_column(csv, i);
    rc = plan_make(&plan, spec, header, csv_columns(csv), cube, a, faults, err);
    if (rc)
        return rc;
    tally_init(&job.tally, &plan, cube, a, faults, NULL, out);
    rc = read_blocks(csv, &plan, threads, &job, faults);
    if (!tally_end(&job.tally) && rc == RC_OK)
        rc = err_set(err, RC_MEMORY, N_("not enough memory"));
    return rc;
}

/* --- a table read elsewhere ----------------------------------------------- */

struct population_table {
    struct plan plan;
    struct tally tally;
    struct decoder decoder;
    struct population_result result;
    char *text; /* the fields of a row, with their padding */
    size_t text_cap;
};

static void table_free(struct population_table *t)
{
    decoder_free(&t->decoder);
    free(t->text);
    free(t);
}

enum rc population_open(struct population_table **out,
                        const struct population_spec *spec,
                        const struct str *header, size_t n_columns,
                        struct cube *cube, struct arena *a,
                        struct faults *faults, struct err *err)
{
    struct population_table *t = calloc(1, sizeof *t);
    struct str *own = arena_try(a, n_columns + 1, sizeof *own);
    enum rc rc;

    *out = NULL;
    if (!t || !own) {
        free(t);
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    }
    for (size_t i = 0; i < n_columns; i++) {
        struct str name = str_trim(header[i]);

        own[i] = (struct str){arena_str(a, name), name.n};
    }
    rc = plan_make(&t->plan, spec, own, n_columns, cube, a, faults, err);
    if (rc) {
        free(t);
        return rc;
    }
    rc = decoder_init(&t->decoder, &t->plan);
    if (rc) {
        table_free(t);
        return err_set(err, rc, N_("not enough memory"));
    }
    tally_init(&t->tally, &t->plan, cube, a, faults, "UTF-8", &t->result);
    *out = t;
    return RC_OK;
}

/* The fields that are read, where TEXT_PAD bytes behind each are readable. */
static bool own_fields(struct population_table *t, const struct str *field,
                       size_t n)
{
    const struct plan *p = &t->plan;
    size_t bytes = 0;
    char *to;

    for (size_t i = 0; i < p->n_need; i++)
        bytes += (p->need[i] < n ? field[p->need[i]].n : 0) + TEXT_PAD;
    if (bytes > t->text_cap) {
        to = realloc(t->text, bytes);
        if (!to)
            return false;
        t->text = to;
        t->text_cap = bytes;
    }
    to = t->text;
    for (size_t i = 0; i < p->n_need; i++) {
        struct str s = p->need[i] < n ? field[p->need[i]] : STR("");

        if (s.n)
            memcpy(to, s.p, s.n);
        memset(to + s.n, 0, TEXT_PAD);
        t->decoder.field[i] = (struct str){to, s.n};
        to += s.n + TEXT_PAD;
    }
    return true;
}

enum rc population_row(struct population_table *t, const struct str *field,
                       size_t n, uint64_t line, struct err *err)
{
    struct decoder *d = &t->decoder;
    bool blank = true;
    enum rc rc;

    for (size_t i = 0; blank && i < n; i++)
        blank = field[i].n == 0;
    if (blank || t->tally.stop)
        return RC_OK;
    if (!own_fields(t, field, n))
        return err_set(err, RC_MEMORY, N_("not enough memory"));
    decoder_row(d, line);
    if (d->n < FLUSH_ROWS && d->n_findings < FAULTS_KEPT)
        return RC_OK;
    rc = tally_add(&t->tally, d, 0, err);
    decoder_clear(d);
    return rc;
}

enum rc population_finish(struct population_table *t,
                          struct population_result *out, struct err *err)
{
    enum rc rc = tally_add(&t->tally, &t->decoder, 0, err);

    if (!tally_end(&t->tally) && rc == RC_OK)
        rc = err_set(err, RC_MEMORY, N_("not enough memory"));
    *out = t->result;
    table_free(t);
    return rc;
}
