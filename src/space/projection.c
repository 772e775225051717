#include "space/projection.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>

#define EARTH_M 6371008.8

struct projection {
    PJ_CONTEXT *context;
    PJ *pj;
};

void projection_close(struct projection *p)
{
    if (!p)
        return;
    proj_destroy(p->pj);
    proj_context_destroy(p->context);
    free(p);
}

enum rc projection_open(double longitude, double latitude,
                        struct projection **out, struct err *err)
{
    AUTO(projection) struct projection *p = calloc(1, sizeof *p);
    char text[160];

    if (!p)
        return err_set(err, RC_MEMORY, N_("not enough memory to draw"));
    if (!(fabs(longitude) <= 180) || !(fabs(latitude) <= 90))
        return err_set(err, RC_INVALID, N_("no such place on the earth"));
    snprintf(text, sizeof text,
             "+proj=laea +lon_0=%.6f +lat_0=%.6f +R=%.1f +units=m +no_defs",
             longitude, latitude, EARTH_M);
    p->context = proj_context_create();
    p->pj = proj_create(p->context, text);
    if (!p->pj)
        return err_set(err, RC_FAILED, N_("the map cannot be projected"));
    *out = p;
    p = NULL;
    return RC_OK;
}

void projection_forward(struct projection *p, size_t n, double *x, double *y)
{
    for (size_t i = 0; i < n; i++) {
        PJ_COORD from = proj_coord(proj_torad(x[i]), proj_torad(y[i]), 0, 0);
        PJ_COORD to;

        proj_errno_reset(p->pj);
        to = proj_trans(p->pj, PJ_FWD, from);
        x[i] = isfinite(to.xy.x) && isfinite(to.xy.y) ? to.xy.x : NAN;
        y[i] = isnan(x[i]) ? NAN : to.xy.y;
    }
}
