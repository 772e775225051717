/*
 * breaks.h: values -> classes of a map.
 *
 * Class i holds at[i] <= v < at[i + 1], the last one its upper end too, so
 * classes neither overlap nor leave gaps. Natural breaks: Fisher (1958),
 * doi:10.1080/01621459.1958.10501479, exact, known as Jenks. Pure but for the
 * arena used as scratch.
 */
#ifndef PASSERELLE_BREAKS_H
#define PASSERELLE_BREAKS_H

#include "base/arena.h"
#include "draw/palette.h"

enum breaks_method { BREAKS_QUANTILE, BREAKS_EQUAL, BREAKS_JENKS };

struct breaks {
    unsigned n;                 /* classes; 0 without values */
    double at[CLASSES_MAX + 1]; /* increasing; the ends are the data's */
    bool diverging;
    unsigned below; /* diverging: classes under the middle */
    unsigned side;  /* diverging: classes that a full side has */
};

/*
 * `sorted`: ascending, finite. Fewer than `classes` come out where values are
 * few or tied; every class holds at least one value.
 */
void breaks_make(enum breaks_method m, const double *sorted, size_t n,
                 unsigned classes, struct arena *scratch, struct breaks *out);
/* Inner breaks -> the roundest numbers near them. */
void breaks_round(const double *sorted, size_t n, struct breaks *b);
/* Symmetric classes about `middle`: the same colour means the same distance. */
void breaks_about(enum breaks_method m, const double *sorted, size_t n,
                  double middle, unsigned classes, struct arena *scratch,
                  struct breaks *out);
/*
 * Classes of a ratio about 1: half, four fifths, 1, five quarters, double. The
 * same colour means the same factor.
 */
void breaks_ratio(const double *sorted, size_t n, struct breaks *out);
unsigned breaks_class(const struct breaks *b, double v);
enum tone breaks_tone(const struct breaks *b, unsigned class);

/* The roundest number in [low, high] (low <= high), nearest to `near`. */
double round_within(double low, double high, double near);

#endif
