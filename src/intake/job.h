/*
 * job.h: what the readers of one package share while it is read.
 *
 * Internal to package_read. The result's texts are in `a`; `scratch` dies with
 * the call. A reader of a resource returns RC_OK also when it found faults.
 */
#ifndef PASSERELLE_JOB_H
#define PASSERELLE_JOB_H

#include "intake/descriptor.h"

struct job {
    const char *dir; /* the package's folder */
    struct str json; /* the descriptor, for places */
    struct arena *a, *scratch;
    struct faults *faults;
    const struct progress *progress;
    unsigned threads;
    struct descriptor descriptor;
    struct package *package;
    struct geography *geography; /* n = 0 when it could not be read */
    bool areas_refused;          /* some areas could not be read: */
    struct dict refused;         /* their ids */
    struct cube *cube;
    size_t cap_readings;
};

/* The path of a resource's file, or NULL after a fault. */
const char *job_path(struct job *j, const struct resource *r);
/* The place of a value of the descriptor, by its JSON pointer. */
struct place job_place(const struct job *j, const char *pointer);
/* Is the id that of an area, also of one that could not be read? */
bool job_area(const struct job *j, struct str id);
/* Notes what was read of a resource; valid until the next call. */
struct reading *job_reading(struct job *j, const struct resource *r);
void job_note(struct job *j, const struct resource *r,
              const struct reading *counts);
/* Checks the encoding of a resource; csv_options from its dialect. */
struct csv_options job_csv_options(struct job *j, const struct resource *r);

enum rc read_areas(struct job *j, const struct resource *r, struct err *err);
enum rc read_population(struct job *j, const struct resource *r,
                        struct err *err);
enum rc read_services(struct job *j, const struct resource *r, struct err *err);
enum rc read_outcomes(struct job *j, const struct resource *r, struct err *err);
enum rc read_flows(struct job *j, const struct resource *r, struct err *err);
enum rc read_governance(struct job *j, const struct resource *r,
                        struct err *err);
enum rc read_actors(struct job *j, const struct resource *r, struct err *err);
enum rc read_streets(struct job *j, const struct resource *r, struct err *err);
enum rc read_texts(struct job *j, struct err *err);

/* After population and areas: dictionaries, periods, origins. `whole` is false
 * when rows were refused: what is then missing is not told again. */
enum rc check_population(struct job *j, const struct resource *r,
                         const struct population_result *result, bool whole,
                         struct err *err);
/* A column of published shares, where one is declared. */
enum rc check_shares(struct job *j, const struct resource *r, struct err *err);
/* Is this code an origin of the cube or the descriptor? */
bool job_origin(const struct job *j, struct str code);
/* A language code of two or three small letters? */
bool language_code(struct str s);

#endif
