/*
 * color.h: colours by how they look, not by how a screen mixes them.
 *
 * OKLab and OKLCH: Ottosson (2020), "A perceptual color space for image
 * processing". Lightness in [0, 1], hue in degrees. Colour blindness: Machado,
 * Oliveira and Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.
 * Contrast: WCAG 2.2. Pure functions.
 */
#ifndef PASSERELLE_COLOR_H
#define PASSERELLE_COLOR_H

#include "base/base.h"

struct rgb {
    double r, g, b; /* sRGB, 0 to 1 */
};

enum vision { VISION_FULL, VISION_PROTAN, VISION_DEUTAN, VISION_GREY };

/* Chroma is lowered until the colour fits sRGB; lightness and hue are kept. */
struct rgb color_oklch(double lightness, double chroma, double hue);
void color_oklab(struct rgb c, double lab[3]);
/* Distance in OKLab times 100; about 2 is just noticeable. */
double color_distance(struct rgb a, struct rgb b);
double color_contrast(struct rgb a, struct rgb b); /* 1 to 21 */
struct rgb color_seen(struct rgb c, enum vision v);
/* "#rrggbb", or "#rgb" where that is the same colour. */
void color_hex(struct rgb c, char out[8]);

#endif
