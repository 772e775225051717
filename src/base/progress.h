/*
 * progress.h: long work says where it is and asks whether to go on.
 *
 * The caller gives a callback; a room calls progress_at. A false return means
 * "stop": the room cleans up and returns RC_CANCELLED.
 */
#ifndef PASSERELLE_PROGRESS_H
#define PASSERELLE_PROGRESS_H

#include "base/base.h"

struct progress {
    /* stage: a message id; done in [0, 1], NaN when unknown */
    bool (*at)(void *ctx, const char *stage, double done);
    void *ctx;
};

static inline bool progress_at(const struct progress *p, const char *stage,
                               double done)
{
    return !p || !p->at || p->at(p->ctx, stage, done);
}

#endif
