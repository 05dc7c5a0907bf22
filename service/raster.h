/*
 * Pictures in memory: opaque pixels in rows from the top left. The owner of cairo's PNG writer.
 */
#ifndef BULLA_SERVICE_RASTER_H
#define BULLA_SERVICE_RASTER_H

#include "base/bytes.h"

struct raster {
	uint32_t width, height;
	const uint32_t *pixel; /* 0x..RRGGBB, width * height of them; the top octet says nothing */
};

/* Left and top are inside, right and bottom are not. */
struct raster_box {
	uint32_t left, top, right, bottom;
};

/* A white one that can be drawn on; both sides at least 1. */
must_check enum err raster_new(struct scope *s, uint32_t width, uint32_t height,
    struct raster *ret_raster, uint32_t **ret_pixel);
/* The same picture at most `side` pixels wide and high, by averages; one that is small enough is
 * shared, not copied. */
must_check enum err raster_reduce(
    struct scope *s, const struct raster *r, uint32_t side, struct raster *ret_raster);
/* The part inside of the box, which is cut to the picture; at least one pixel. */
must_check enum err raster_crop(
    struct scope *s, const struct raster *r, struct raster_box box, struct raster *ret_raster);
/* A copy on which what lies outside of the boxes is faded, and a frame of `line` pixels in `ink`
 * is drawn around each box, outside of it where there is room. */
must_check enum err raster_mark(struct scope *s, const struct raster *r,
    const struct raster_box *boxes, size_t n, uint32_t line, uint32_t ink,
    struct raster *ret_raster);
/* As a PNG file: the same pixels give the same octets. */
must_check enum err raster_png(struct scope *s, const struct raster *r, struct bytes *ret_png);
/* "data:image/png;base64,..." */
must_check enum err raster_uri(struct scope *s, struct bytes png, const char **ret_uri);

#endif
