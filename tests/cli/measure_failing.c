/*
 * The whole program, but for calls of the measuring library that fail as
 * PASSERELLE_FAILS says: "test=10" makes every test answer code 10, and
 * "test-many" only those of several indices at once.
 */
#include "base/str.h"

#include <passerelle/measure_change.h>
#include <stdio.h>
#include <stdlib.h>

/* The code asked for, or RC_OK. */
static enum rc fails(const char *what)
{
    const char *said = getenv("PASSERELLE_FAILS");
    const char *equals = said ? strchr(said, '=') : NULL;
    int64_t code;

    if (!equals || !str_is((struct str){said, (size_t)(equals - said)}, what) ||
        !str_i64(str_of(equals + 1), &code))
        return RC_OK;
    return (enum rc)code;
}

enum rc __real_measure_test_many(const struct measure_target *t, size_t n,
                                 const struct counts *c,
                                 enum measure_model model,
                                 const struct measure_options *o,
                                 struct measure_tested *out, enum rc *rc);
enum rc __wrap_measure_test_many(const struct measure_target *t, size_t n,
                                 const struct counts *c,
                                 enum measure_model model,
                                 const struct measure_options *o,
                                 struct measure_tested *out, enum rc *rc);
enum rc __wrap_measure_test_many(const struct measure_target *t, size_t n,
                                 const struct counts *c,
                                 enum measure_model model,
                                 const struct measure_options *o,
                                 struct measure_tested *out, enum rc *rc)
{
    if (fails("test"))
        return fails("test");
    if (n > 1 && fails("test-many"))
        return fails("test-many");
    return __real_measure_test_many(t, n, c, model, o, out, rc);
}

enum rc __wrap_measure_bootstrap_many(const struct measure_target *t, size_t n,
                                      const struct counts *c,
                                      enum measure_model model, double level,
                                      const struct measure_options *o,
                                      struct measure_interval *out,
                                      enum rc *rc);
enum rc __real_measure_bootstrap_many(const struct measure_target *t, size_t n,
                                      const struct counts *c,
                                      enum measure_model model, double level,
                                      const struct measure_options *o,
                                      struct measure_interval *out,
                                      enum rc *rc);
enum rc __wrap_measure_bootstrap_many(const struct measure_target *t, size_t n,
                                      const struct counts *c,
                                      enum measure_model model, double level,
                                      const struct measure_options *o,
                                      struct measure_interval *out, enum rc *rc)
{
    if (fails("bootstrap"))
        return fails("bootstrap");
    return __real_measure_bootstrap_many(t, n, c, model, level, o, out, rc);
}

enum rc __real_measure_compare(const struct measure_target *t,
                               const struct counts *a, const struct counts *b,
                               const struct spatial *space_b,
                               enum measure_comparison how,
                               enum measure_model model, double level,
                               const struct measure_options *o,
                               struct measure_compared *out);
enum rc __wrap_measure_compare(const struct measure_target *t,
                               const struct counts *a, const struct counts *b,
                               const struct spatial *space_b,
                               enum measure_comparison how,
                               enum measure_model model, double level,
                               const struct measure_options *o,
                               struct measure_compared *out);
enum rc __wrap_measure_compare(const struct measure_target *t,
                               const struct counts *a, const struct counts *b,
                               const struct spatial *space_b,
                               enum measure_comparison how,
                               enum measure_model model, double level,
                               const struct measure_options *o,
                               struct measure_compared *out)
{
    if (fails("compare"))
        return fails("compare");
    return __real_measure_compare(t, a, b, space_b, how, model, level, o, out);
}

enum rc __real_measure_change(const struct counts *first,
                              const struct counts *second,
                              enum measure_change_method method,
                              double precision, const struct measure_options *o,
                              struct measure_change *out);
enum rc __wrap_measure_change(const struct counts *first,
                              const struct counts *second,
                              enum measure_change_method method,
                              double precision, const struct measure_options *o,
                              struct measure_change *out);
enum rc __wrap_measure_change(const struct counts *first,
                              const struct counts *second,
                              enum measure_change_method method,
                              double precision, const struct measure_options *o,
                              struct measure_change *out)
{
    if (fails("change"))
        return fails("change");
    return __real_measure_change(first, second, method, precision, o, out);
}
