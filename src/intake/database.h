/*
 * database.h: a population table in PostgreSQL, aggregated there.
 *
 * What the server refuses is a fault. The connection is opened and closed
 * within the call; nothing is written (the transaction is read-only).
 */
#ifndef PASSERELLE_DATABASE_H
#define PASSERELLE_DATABASE_H

#include "intake/job.h"

enum rc database_population(struct job *j, const struct resource *r,
                            const struct population_spec *spec,
                            struct population_result *result,
                            struct err *err) MUST_USE;

#endif
