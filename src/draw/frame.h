/*
 * frame.h: what stands around a figure's body: title, source, axes, legends.
 */
#ifndef PASSERELLE_FRAME_H
#define PASSERELLE_FRAME_H

#include "draw/breaks.h"
#include "draw/drawing.h"

/* Sizes of type, in CSS pixels. */
enum { SIZE_TITLE = 18, SIZE_BODY = 13, SIZE_SMALL = 12 };

void frame_title(struct sketch *s);
void frame_source(struct sketch *s);
/* A line of soft text across the figure; moves s->y. */
void frame_note(struct sketch *s, const char *text);
/* A body that has nothing to show says so. */
void frame_empty(struct sketch *s);

/* Ticks at round numbers. */
struct scale {
    double low, high, step; /* low and high are multiples of step */
    double x0, x1;          /* pixels of low and high */
};
struct scale scale_make(double low, double high, unsigned ticks, double x0,
                        double x1);
double scale_at(const struct scale *s, double v);

/* Swatches with names in rows. */
struct entry {
    const char *text;
    enum tone tone;
    bool hatched, line, outlined;
    enum dash dash;
};
void legend_entries(struct sketch *s, const struct entry *e, size_t n);

/* The classes of a map, with its areas without a value. */
struct legend {
    const struct breaks *breaks;
    const struct format *format;
    const char *title;
    bool missing, withheld;
};
void legend_classes(struct sketch *s, const struct legend *l);

#endif
