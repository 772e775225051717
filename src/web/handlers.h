/*
 * handlers.h: the handlers that routes/routes.def names, as prototypes.
 */
#ifndef PASSERELLE_WEB_HANDLERS_H
#define PASSERELLE_WEB_HANDLERS_H

#include "web/route.h"

#define ROUTE(method, path, handler, who, form, about) \
    enum rc handler(struct request *r, struct reply *reply, struct err *err);
#include "routes/routes.def"
#undef ROUTE

#endif
