#include "profile/words.h"

#include <math.h>

unsigned words_one_in(double share)
{
    double n;

    if (!(share > 0 && share < 1))
        return 0;
    n = round(1 / share);
    if (n < 2 || n > 20 || fabs(1 / n - share) > 0.05 * share)
        return 0;
    return (unsigned)n;
}

const char *words_number(unsigned n)
{
    static const char *const words[] = {
        N_("two"),   N_("three"), N_("four"), N_("five"), N_("six"),
        N_("seven"), N_("eight"), N_("nine"), N_("ten"),
    };

    return n >= 2 && n - 2 < ARRAY_LEN(words) ? words[n - 2] : NULL;
}
