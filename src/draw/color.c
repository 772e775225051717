/*
 * color.c: see color.h.
 */
#include "draw/color.h"

#include <math.h>
#include <stdio.h>

static double to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double to_gamma(double v)
{
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

static void lab_to_linear(const double lab[3], double rgb[3])
{
    double l = lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2];
    double m = lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2];
    double s = lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2];

    l = l * l * l;
    m = m * m * m;
    s = s * s * s;
    rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}

static bool lch_linear(double lightness, double chroma, double hue,
                       double rgb[3])
{
    double turn = hue * M_PI / 180;
    double lab[3] = {lightness, chroma * cos(turn), chroma * sin(turn)};

    lab_to_linear(lab, rgb);
    for (int i = 0; i < 3; i++)
        if (rgb[i] < -1e-6 || rgb[i] > 1 + 1e-6)
            return false;
    return true;
}

static double unit(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

struct rgb color_oklch(double lightness, double chroma, double hue)
{
    double rgb[3], low = 0, high = chroma;

    if (!lch_linear(lightness, chroma, hue, rgb)) {
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;

            if (lch_linear(lightness, middle, hue, rgb))
                low = middle;
            else
                high = middle;
        }
        lch_linear(lightness, low, hue, rgb);
    }
    return (struct rgb){to_gamma(unit(rgb[0])), to_gamma(unit(rgb[1])),
                        to_gamma(unit(rgb[2]))};
}

void color_oklab(struct rgb c, double lab[3])
{
    double r = to_linear(c.r), g = to_linear(c.g), b = to_linear(c.b);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

double color_distance(struct rgb a, struct rgb b)
{
    double x[3], y[3];

    color_oklab(a, x);
    color_oklab(b, y);
    return 100 *
           sqrt((x[0] - y[0]) * (x[0] - y[0]) + (x[1] - y[1]) * (x[1] - y[1]) +
                (x[2] - y[2]) * (x[2] - y[2]));
}

static double luminance(struct rgb c)
{
    return 0.2126 * to_linear(c.r) + 0.7152 * to_linear(c.g) +
           0.0722 * to_linear(c.b);
}

double color_contrast(struct rgb a, struct rgb b)
{
    double x = luminance(a), y = luminance(b);

    return (MAX(x, y) + 0.05) / (MIN(x, y) + 0.05);
}

struct rgb color_seen(struct rgb c, enum vision v)
{
    static const double machado[2][3][3] = {
        {{0.152286, 1.052583, -0.204868},
         {0.114503, 0.786281, 0.099216},
         {-0.003882, -0.048116, 1.051998}},
        {{0.367322, 0.860646, -0.227968},
         {0.280085, 0.672501, 0.047413},
         {-0.011820, 0.042940, 0.968881}},
    };
    double in[3] = {to_linear(c.r), to_linear(c.g), to_linear(c.b)};
    double out[3];

    if (v == VISION_FULL)
        return c;
    if (v == VISION_GREY) {
        double grey = to_gamma(unit(luminance(c)));

        return (struct rgb){grey, grey, grey};
    }
    for (int i = 0; i < 3; i++) {
        const double *row = machado[v == VISION_DEUTAN][i];

        out[i] =
            to_gamma(unit(row[0] * in[0] + row[1] * in[1] + row[2] * in[2]));
    }
    return (struct rgb){out[0], out[1], out[2]};
}

void color_hex(struct rgb c, char out[8])
{
    unsigned v[3] = {(unsigned)lround(unit(c.r) * 255),
                     (unsigned)lround(unit(c.g) * 255),
                     (unsigned)lround(unit(c.b) * 255)};

    if (v[0] % 17 == 0 && v[1] % 17 == 0 && v[2] % 17 == 0)
        snprintf(out, 8, "#%x%x%x", v[0] / 17 & 15, v[1] / 17 & 15,
                 v[2] / 17 & 15);
    else
        snprintf(out, 8, "#%02x%02x%02x", v[0] & 255, v[1] & 255, v[2] & 255);
}
