/*
 * svgpath.c: see svgpath.h.
 */
#include "draw/svgpath.h"

#include <math.h>
#include <stdlib.h>

struct pen {
    struct buf *out;
    long at[2], start[2]; /* in units of the last decimal */
    int decimals;
    char command; /* the one that further numbers belong to */
    bool number;  /* the last byte belongs to a number */
};

static const double powers[] = {1, 10, 100, 1000, 10000};

/* A number of `v` units; ".5" for 0.5, no trailing zeros. */
static void digits(struct buf *out, long v, int decimals)
{
    char text[32];
    int at = sizeof text, left = decimals;
    unsigned long u = v < 0 ? -(unsigned long)v : (unsigned long)v;

    while (left > 0 && u % 10 == 0) {
        u /= 10;
        left--;
    }
    if (left > 0) {
        for (; left > 0; left--, u /= 10)
            text[--at] = (char)('0' + u % 10);
        text[--at] = '.';
    }
    if (u || at == (int)sizeof text || text[at] != '.')
        do
            text[--at] = (char)('0' + u % 10);
        while (u /= 10);
    if (v < 0)
        text[--at] = '-';
    buf_add(out, (struct str){text + at, sizeof text - (size_t)at});
}

void svg_number(double v, int decimals, struct buf *out)
{
    digits(out, lround(v * powers[decimals]), decimals);
}

static void command(struct pen *p, char c)
{
    if (p->command == c)
        return;
    buf_addc(p->out, c);
    p->command = c;
    p->number = false;
}

static void number(struct pen *p, long v)
{
    if (p->number && v >= 0)
        buf_addc(p->out, ' ');
    digits(p->out, v, p->decimals);
    p->number = true;
}

static void move_to(struct pen *p, long x, long y)
{
    p->command = 0;
    command(p, 'M');
    number(p, x);
    number(p, y);
    p->command = 'M';
    p->at[0] = p->start[0] = x;
    p->at[1] = p->start[1] = y;
}

static void line_to(struct pen *p, long x, long y)
{
    long dx = x - p->at[0], dy = y - p->at[1];

    if (dx == 0 && dy == 0)
        return;
    if (dy == 0 && p->command != 'l') {
        command(p, 'h');
        number(p, dx);
    } else if (dx == 0 && p->command != 'l') {
        command(p, 'v');
        number(p, dy);
    } else {
        command(p, 'l');
        number(p, dx);
        number(p, dy);
    }
    /* h and v do not repeat usefully */
    if (p->command != 'l')
        p->command = 0;
    p->at[0] = x;
    p->at[1] = y;
}

static void close_path(struct pen *p)
{
    buf_addc(p->out, 'z');
    p->command = 0;
    p->number = false;
    p->at[0] = p->start[0];
    p->at[1] = p->start[1];
}

static long rounded(const struct pen *p, double v)
{
    return lround(v * powers[p->decimals]);
}

/* A cubic that came from a quadratic is written as one again. */
static void curve_to(struct pen *p, const cairo_path_data_t *d)
{
    double scale = powers[p->decimals];
    double from[2] = {(double)p->at[0] / scale, (double)p->at[1] / scale};
    double end[2] = {d[3].point.x, d[3].point.y};
    double a[2] = {d[1].point.x, d[1].point.y};
    double b[2] = {d[2].point.x, d[2].point.y};
    bool quadratic = true;
    double q[2];

    for (int i = 0; i < 2; i++) {
        double one = (3 * a[i] - from[i]) / 2, two = (3 * b[i] - end[i]) / 2;

        quadratic &= fabs(one - two) * scale < 2;
        q[i] = (one + two) / 2;
    }
    command(p, quadratic ? 'q' : 'c');
    if (quadratic) {
        for (int i = 0; i < 2; i++)
            number(p, rounded(p, q[i]) - p->at[i]);
    } else {
        for (int i = 0; i < 2; i++)
            number(p, rounded(p, a[i]) - p->at[i]);
        for (int i = 0; i < 2; i++)
            number(p, rounded(p, b[i]) - p->at[i]);
    }
    for (int i = 0; i < 2; i++) {
        number(p, rounded(p, end[i]) - p->at[i]);
    }
    p->at[0] = rounded(p, end[0]);
    p->at[1] = rounded(p, end[1]);
}

/* cairo adds a move after each close: written only when drawn from. */
void svgpath_cairo(const cairo_path_t *path, int decimals, struct buf *out)
{
    struct pen p = {.out = out, .decimals = decimals};
    bool pending = false;
    long x = 0, y = 0;

    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *d = path->data + i;

        if (d->header.type == CAIRO_PATH_MOVE_TO) {
            x = rounded(&p, d[1].point.x);
            y = rounded(&p, d[1].point.y);
            pending = true;
            continue;
        }
        if (pending)
            move_to(&p, x, y);
        pending = false;
        if (d->header.type == CAIRO_PATH_LINE_TO)
            line_to(&p, rounded(&p, d[1].point.x), rounded(&p, d[1].point.y));
        else if (d->header.type == CAIRO_PATH_CURVE_TO)
            curve_to(&p, d);
        else
            close_path(&p);
    }
}

void svgpath_grid(const struct grid_path *g, struct buf *out)
{
    struct pen p = {.out = out};

    for (size_t part = 0, i = 0; part < g->n_parts; part++) {
        size_t end = g->ends[part];

        for (size_t first = i; i < end; i++) {
            const int32_t *xy = g->xy + 2 * i;
            long dx = xy[0] - p.at[0], dy = xy[1] - p.at[1];

            if (i == first && part == 0) {
                move_to(&p, xy[0], xy[1]);
            } else if (i == first) {
                p.command = 0;
                command(&p, 'm');
                number(&p, dx);
                number(&p, dy);
                p.command = 'l'; /* pairs after a relative move are lines */
                p.start[0] = p.at[0] = xy[0];
                p.start[1] = p.at[1] = xy[1];
            } else {
                command(&p, 'l');
                number(&p, dx);
                number(&p, dy);
                p.at[0] = xy[0];
                p.at[1] = xy[1];
            }
        }
        if (g->closed)
            close_path(&p);
    }
}
