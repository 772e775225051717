/*
 * suppress.h: which counts of linked tables are kept back.
 *
 * A system has cells (counts) and lines: total = sum of parts, as a reader can
 * see them in the tables and between them. Primary: a count of 1 to
 * threshold - 1 is withheld, never a zero. Complementary, in two steps:
 *
 * suppress_run: on each line by itself every withheld part could be anything
 * from 1 to the threshold at least. So a line has
 *   - no withheld cell at all, or
 *   - a withheld total and a withheld part, or
 *   - an open total and n >= 2 withheld parts whose sum is at least
 *     n + threshold - 1.
 * Where that does not hold the part that costs least is withheld too (persons,
 * more where it upsets another line), the total only when no part is left;
 * until nothing changes.
 *
 * suppress_audit: the same for all lines of a network together. Where every
 * cell is a part of one line and the total (or, of another dimension, again a
 * part) of one other, the tables are a flow: what is withheld may change along
 * cycles, by whole persons, as long as nothing falls below 1. For each primary
 * cell such changes must bring it up to the threshold, and down to 1 unless it
 * is the sum of other withheld cells; where they cannot, the cheapest cells
 * that close a cycle are withheld too. So a reader who solves all lines of the
 * network at once must think it possible that the count is not small. (Network
 * models: Cox 1995, Journal of the American Statistical Association 90,
 * 1453-1462.)
 *
 * All in the arena. The same input gives the same answer.
 */
#ifndef PASSERELLE_SUPPRESS_H
#define PASSERELLE_SUPPRESS_H

#include "base/arena.h"

#define SUPPRESS_NONE UINT32_MAX

enum suppress_state { SUPPRESS_OPEN, SUPPRESS_PRIMARY, SUPPRESS_SECONDARY };

struct suppress_line {
    uint32_t total;
    uint32_t first, n;    /* parts[first .. first + n) */
    uint32_t withheld;    /* parts withheld */
    int64_t withheld_sum; /* of their counts */
    bool queued;
};

struct suppress {
    struct arena *arena;
    uint32_t n_cells;
    int64_t *count;
    uint8_t *state; /* enum suppress_state */
    struct suppress_line *lines;
    size_t n_lines, cap_lines;
    uint32_t *parts;
    size_t n_parts, cap_parts;
    uint32_t *line_start, *line_of; /* cell -> lines, made by suppress_run */
    uint32_t *queue;
    size_t head, waiting;
    uint32_t *from, *to; /* cell -> nodes of the network, or SUPPRESS_NONE */
    uint32_t n_nodes;
    size_t unsure; /* primary cells that no cycle brings to the threshold */
};

/* `n_cells` counts, all 0 and open. */
void suppress_init(struct suppress *s, uint32_t n_cells, struct arena *a);
/* A line is begun with its total and then given its parts. */
void suppress_line(struct suppress *s, uint32_t total);
void suppress_part(struct suppress *s, uint32_t cell);
/* threshold <= 1: nothing is withheld. */
void suppress_run(struct suppress *s, int64_t threshold, bool secondary);

/* `nodes` more nodes; the number of the first is returned. */
uint32_t suppress_nodes(struct suppress *s, size_t nodes);
/* What leaves the node `from` through this cell arrives at `to`. */
void suppress_edge(struct suppress *s, uint32_t cell, uint32_t from,
                   uint32_t to);
/*
 * After suppress_run, with the same threshold. The edges are forgotten
 * afterwards, so that another network can follow.
 */
void suppress_audit(struct suppress *s, int64_t threshold);
/* Used by the audit: withholds an open cell and what its lines then need. */
void suppress_withhold(struct suppress *s, uint32_t cell);
void suppress_settle(struct suppress *s, int64_t threshold);
/* Whether a line alone keeps what it withholds. */
bool suppress_line_safe(const struct suppress *s, size_t line,
                        int64_t threshold);

#endif
