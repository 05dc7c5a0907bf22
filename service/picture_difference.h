/*
 * Two pictures of a page: where they differ. Pure.
 *
 * The same content rendered twice gives the same pixels; the tolerance, a few steps of 256 in each
 * colour, is for rounding, and less than one sees. One pixel beyond it is a difference. What a
 * difference means is not guessed.
 */
#ifndef BULLA_SERVICE_PICTURE_DIFFERENCE_H
#define BULLA_SERVICE_PICTURE_DIFFERENCE_H

#include "service/raster.h"

#define PICTURE_DIFFERENCE_TOLERANCE 8 /* steps of 256 in one colour */

struct picture_difference {
	/* Areas that hold every differing pixel, with a margin; from the top down, none of them
	 * overlaps another. At most LIMIT_PICTURE_AREAS: neighbours are joined where there are
	 * more. */
	struct raster_box *area;
	size_t n_areas;
	size_t pixels;   /* that differ */
	size_t ink;      /* that are not white in one of the two */
	bool other_size; /* what only one of them has differs, whatever it shows */
};

/* `margin`: pixels around what differs. Parts that are no further than that from each other are one
 * area. */
must_check enum err picture_difference_find(struct scope *s, const struct raster *before,
    const struct raster *after, uint32_t margin, struct picture_difference *ret_difference);

#endif
