#include "protect/suppress.h"

void suppress_init(struct suppress *s, uint32_t n_cells, struct arena *a)
{
    *s = (struct suppress){.arena = a, .n_cells = n_cells};
    s->count = arena_array(a, int64_t, n_cells ? n_cells : 1);
    s->state = arena_array(a, uint8_t, n_cells ? n_cells : 1);
}

void suppress_line(struct suppress *s, uint32_t total)
{
    REQUIRE(total < s->n_cells && s->n_parts < SUPPRESS_NONE);
    VEC_PUSH(s->arena, s->lines, s->n_lines, s->cap_lines) =
        (struct suppress_line){.total = total, .first = (uint32_t)s->n_parts};
}

void suppress_part(struct suppress *s, uint32_t cell)
{
    REQUIRE(cell < s->n_cells && s->n_lines > 0);
    VEC_PUSH(s->arena, s->parts, s->n_parts, s->cap_parts) = cell;
    s->lines[s->n_lines - 1].n++;
}

bool suppress_line_safe(const struct suppress *s, size_t line,
                        int64_t threshold)
{
    const struct suppress_line *l = &s->lines[line];

    if (s->state[l->total] != SUPPRESS_OPEN)
        return l->withheld > 0;
    if (l->withheld == 0)
        return true;
    return l->withheld >= 2 &&
           l->withheld_sum >= (int64_t)l->withheld + threshold - 1;
}

static void queue_push(struct suppress *s, uint32_t line)
{
    if (s->lines[line].queued)
        return;
    s->lines[line].queued = true;
    s->queue[(s->head + s->waiting) % s->n_lines] = line;
    s->waiting++;
}

static void cell_withhold(struct suppress *s, uint32_t cell, uint8_t state)
{
    REQUIRE(s->state[cell] == SUPPRESS_OPEN && s->count[cell] != 0);
    s->state[cell] = state;
    for (uint32_t k = s->line_start[cell]; k < s->line_start[cell + 1]; k++) {
        struct suppress_line *l = &s->lines[s->line_of[k]];

        if (l->total != cell) {
            l->withheld++;
            l->withheld_sum += s->count[cell];
        }
        queue_push(s, s->line_of[k]);
    }
}

/* The lines of each cell, as compressed rows. */
static void lines_index(struct suppress *s)
{
    uint32_t *start = arena_array(s->arena, uint32_t, s->n_cells + 2);
    uint32_t *of = arena_array(s->arena, uint32_t, s->n_parts + s->n_lines + 1);

    for (size_t i = 0; i < s->n_parts; i++)
        start[s->parts[i] + 2]++;
    for (size_t i = 0; i < s->n_lines; i++)
        start[s->lines[i].total + 2]++;
    for (uint32_t c = 1; c <= s->n_cells; c++)
        start[c + 1] += start[c];
    for (uint32_t i = 0; i < s->n_lines; i++) {
        const struct suppress_line *l = &s->lines[i];

        of[start[l->total + 1]++] = i;
        for (uint32_t k = 0; k < l->n; k++)
            of[start[s->parts[l->first + k] + 1]++] = i;
    }
    s->line_start = start;
    s->line_of = of;
    s->queue = arena_array(s->arena, uint32_t, s->n_lines + 1);
}

/* Persons lost, more where another line would then need one as well. */
static int64_t cell_cost(const struct suppress *s, uint32_t cell, uint32_t line)
{
    int64_t upset = 1;

    for (uint32_t k = s->line_start[cell]; k < s->line_start[cell + 1]; k++) {
        const struct suppress_line *l = &s->lines[s->line_of[k]];

        if (s->line_of[k] == line)
            continue;
        upset += l->total == cell
                     ? l->withheld == 0
                     : l->withheld == 0 && s->state[l->total] == SUPPRESS_OPEN;
    }
    return s->count[cell] > INT64_MAX / upset ? INT64_MAX
                                              : s->count[cell] * upset;
}

static uint32_t line_choose(const struct suppress *s, uint32_t line)
{
    const struct suppress_line *l = &s->lines[line];
    uint32_t best = SUPPRESS_NONE;
    int64_t least = 0;

    for (uint32_t k = 0; k < l->n; k++) {
        uint32_t cell = s->parts[l->first + k];

        if (s->state[cell] != SUPPRESS_OPEN || s->count[cell] <= 0 ||
            (best != SUPPRESS_NONE && s->count[cell] >= least))
            continue;

        int64_t cost = cell_cost(s, cell, line);

        if (best == SUPPRESS_NONE || cost < least) {
            best = cell;
            least = cost;
        }
    }
    if (best == SUPPRESS_NONE && s->state[l->total] == SUPPRESS_OPEN &&
        s->count[l->total] > 0)
        best = l->total;
    return best;
}

void suppress_withhold(struct suppress *s, uint32_t cell)
{
    cell_withhold(s, cell, SUPPRESS_SECONDARY);
}

void suppress_settle(struct suppress *s, int64_t threshold)
{
    while (s->waiting) {
        uint32_t line = s->queue[s->head];

        s->head = (s->head + 1) % s->n_lines;
        s->waiting--;
        s->lines[line].queued = false;
        while (!suppress_line_safe(s, line, threshold)) {
            uint32_t cell = line_choose(s, line);

            if (cell == SUPPRESS_NONE)
                break;
            cell_withhold(s, cell, SUPPRESS_SECONDARY);
        }
    }
}

void suppress_run(struct suppress *s, int64_t threshold, bool secondary)
{
    if (threshold <= 1)
        return;
    lines_index(s);
    for (uint32_t c = 0; c < s->n_cells; c++)
        if (s->count[c] > 0 && s->count[c] < threshold)
            cell_withhold(s, c, SUPPRESS_PRIMARY);
    if (secondary)
        suppress_settle(s, threshold);
}
