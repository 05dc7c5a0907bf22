/*
 * A small ICC profile of the colour space sRGB (IEC 61966-2-1): version 2.1 (ISO 15076-1's
 * predecessor ICC.1:1998-09, so that PDF/A-1 may hold it), class display device, matrix and tone
 * curves. Made here, octet for octet the same each time; nobody's licence is needed.
 */
#ifndef BULLA_SEALER_SRGB_H
#define BULLA_SEALER_SRGB_H

#include "base/bytes.h"

/* The profile, in the scope; 3 components. */
must_check enum err srgb_profile(struct scope *s, struct bytes *ret_icc);

#endif
