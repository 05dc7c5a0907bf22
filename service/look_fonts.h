/*
 * The fonts of a visible seal when none is given: DejaVu Sans and its bold, where the distributions
 * put them; they have the letters of all languages that seals speak.
 */
#ifndef BULLA_SERVICE_LOOK_FONTS_H
#define BULLA_SERVICE_LOOK_FONTS_H

#include "base/bytes.h"

/* ERR_IO: there is none; --font helps. */
must_check enum err look_fonts_regular(struct scope *s, struct bytes *ret_font);
/* No bytes when there is none. */
must_check enum err look_fonts_bold(struct scope *s, struct bytes *ret_font);

#endif
