/*
 * map_sheet.h: a map of places, drawn for a page as a document for its
 * template.
 *
 * The drawing is SVG in two layers of the same size: coasts, which grow with
 * the page, and over them marks and names at shares of its width, which keep
 * their size. Names that would touch are not shown, and which ones these are
 * depends on the map's width: every name has the classes of the widths at
 * which it stands there (assets/site.css shows them by container queries).
 */
#ifndef PASSERELLE_WEB_MAP_SHEET_H
#define PASSERELLE_WEB_MAP_SHEET_H

#include "draw/world.h"
#include "web/http.h"

struct map_place {
    double longitude, latitude;
    const char *name, *path; /* path: NULL for a mark without a link */
    const char *title;       /* what it is, in words: "Tunis, Tunisia: ..." */
    const char *symbol;      /* "member", ...: how it is drawn */
    bool unnamed;            /* a mark without its name */
    bool shown;              /* set: it lies in the frame */
};

/*
 * {"width", "height" (of the grid), "land" (path data), "marks": [{path, title,
 * symbol, x, y (per cent), "names": [{text, x, y, dx, dy, anchor, at}]}]}.
 * Places come first that shall have their names first.
 */
enum rc map_sheet(const struct request *r, const struct world_frame *f,
                  struct map_place *places, size_t n, struct node **out,
                  struct err *err) MUST_USE;
/*
 * A small map about one place, its coasts kept by the server's cache:
 * {"width", "height", "land"}; the place is in its middle.
 */
enum rc map_locator(const struct request *r, double longitude, double latitude,
                    struct node **out, struct err *err) MUST_USE;
/* The smallest frame about all places, some way around them; false when they
 * are too far from each other, or none. */
bool map_frame(const struct map_place *places, size_t n, double around_km,
               struct arena *a, struct world_frame *out);

#endif
