#include "service/raster.h"

#include <cairo.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

enum err raster_new(struct scope *s, uint32_t width, uint32_t height, struct raster *ret_raster,
    uint32_t **ret_pixel)
{
	if (!width || !height || width > LIMIT_PREVIEW_PIXELS / height)
		return scope_fault(s, ERR_LIMIT, "a picture of %u by %u", width, height);
	size_t n = (size_t)width * height;
	uint32_t *pixel = scope_resize(s, NULL, 0, n * sizeof(*pixel));
	if (!pixel)
		return ERR_NOMEM;
	memset(pixel, 0xff, n * sizeof(*pixel));
	*ret_pixel = pixel;
	*ret_raster = (struct raster){ width, height, pixel };
	return OK;
}

/* -- smaller -- */
/* The average of the pixels that come together in one. */
static uint32_t average(const struct raster *r, struct raster_box from)
{
	uint64_t red = 0, green = 0, blue = 0, n = 0;
	for (uint32_t y = from.top; y < from.bottom; y++) {
		const uint32_t *row = r->pixel + (size_t)y * r->width;
		for (uint32_t x = from.left; x < from.right; x++, n++) {
			red += row[x] >> 16 & 0xff;
			green += row[x] >> 8 & 0xff;
			blue += row[x] & 0xff;
		}
	}
	if (n == 0)
		return 0;
	return (uint32_t)((red / n) << 16 | (green / n) << 8 | blue / n);
}

static uint32_t share(uint32_t i, uint32_t of, uint32_t whole)
{
	return (uint32_t)((uint64_t)i * whole / of);
}

enum err raster_reduce(
    struct scope *s, const struct raster *r, uint32_t side, struct raster *ret_raster)
{
	uint32_t longer = r->width > r->height ? r->width : r->height;
	struct raster small;
	uint32_t *pixel;
	if (longer <= side) {
		*ret_raster = *r;
		return OK;
	}
	uint32_t width = share(r->width, longer, side), height = share(r->height, longer, side);
	TRY(raster_new(s, width ? width : 1, height ? height : 1, &small, &pixel));
	for (uint32_t y = 0; y < small.height; y++)
		for (uint32_t x = 0; x < small.width; x++)
			*pixel++ = average(r, (struct raster_box){ share(x, small.width, r->width),
						  share(y, small.height, r->height),
						  share(x + 1, small.width, r->width),
						  share(y + 1, small.height, r->height) });
	*ret_raster = small;
	return OK;
}

/* -- parts -- */
static struct raster_box cut(const struct raster *r, struct raster_box b)
{
	b.right = b.right < r->width ? b.right : r->width;
	b.bottom = b.bottom < r->height ? b.bottom : r->height;
	b.left = b.left < b.right ? b.left : b.right - 1;
	b.top = b.top < b.bottom ? b.top : b.bottom - 1;
	return b;
}

enum err raster_crop(
    struct scope *s, const struct raster *r, struct raster_box box, struct raster *ret_raster)
{
	struct raster part;
	uint32_t *pixel;
	if (!box.right || !box.bottom)
		return scope_fault(s, ERR_MISUSE, "a part of a picture without a pixel");
	struct raster_box b = cut(r, box);
	TRY(raster_new(s, b.right - b.left, b.bottom - b.top, &part, &pixel));
	for (uint32_t y = b.top; y < b.bottom; y++, pixel += part.width)
		memcpy(
		    pixel, r->pixel + (size_t)y * r->width + b.left, part.width * sizeof(*pixel));
	*ret_raster = part;
	return OK;
}

/* -- marks -- */
/* Two thirds white: still legible, but not what one looks at. */
static uint32_t faded(uint32_t p)
{
	uint32_t red = p >> 16 & 0xff, green = p >> 8 & 0xff, blue = p & 0xff;
	red = 255 - (255 - red) / 3;
	green = 255 - (255 - green) / 3;
	blue = 255 - (255 - blue) / 3;
	return red << 16 | green << 8 | blue;
}

static struct raster_box grown(const struct raster *r, struct raster_box b, uint32_t line)
{
	b.left = b.left > line ? b.left - line : 0;
	b.top = b.top > line ? b.top - line : 0;
	b.right = r->width - b.right > line ? b.right + line : r->width;
	b.bottom = r->height - b.bottom > line ? b.bottom + line : r->height;
	return b;
}

static bool is_outside(const struct raster *r, struct raster_box b)
{
	return b.left >= r->width || b.top >= r->height || b.left >= b.right || b.top >= b.bottom;
}

static void copy_box(const struct raster *r, uint32_t *pixel, struct raster_box b)
{
	for (uint32_t y = b.top; y < b.bottom; y++) {
		size_t at = (size_t)y * r->width + b.left;
		memcpy(pixel + at, r->pixel + at, (b.right - b.left) * sizeof(*pixel));
	}
}

/* What lies in the outer box, but not in the inner one. */
static void draw_frame(
    const struct raster *r, uint32_t *pixel, struct raster_box outer, uint32_t line, uint32_t ink)
{
	for (uint32_t y = outer.top; y < outer.bottom; y++)
		for (uint32_t x = outer.left; x < outer.right; x++)
			if (x - outer.left < line || outer.right - 1 - x < line ||
			    y - outer.top < line || outer.bottom - 1 - y < line)
				pixel[(size_t)y * r->width + x] = ink;
}

enum err raster_mark(struct scope *s, const struct raster *r, const struct raster_box *boxes,
    size_t n, uint32_t line, uint32_t ink, struct raster *ret_raster)
{
	struct raster marked;
	uint32_t *pixel;
	TRY(raster_new(s, r->width, r->height, &marked, &pixel));
	for (size_t i = 0; i < (size_t)r->width * r->height; i++)
		pixel[i] = faded(r->pixel[i]);
	for (size_t i = 0; i < n; i++)
		if (!is_outside(r, boxes[i]))
			copy_box(r, pixel, cut(r, boxes[i]));
	for (size_t i = 0; i < n; i++)
		if (!is_outside(r, boxes[i]))
			draw_frame(r, pixel, grown(r, cut(r, boxes[i]), line), line, ink);
	*ret_raster = marked;
	return OK;
}

/* -- as a file -- */
static cairo_status_t take_octets(void *ctx, const unsigned char *p, unsigned n)
{
	struct buf *b = ctx;
	buf_add(b, bytes_of(p, n));
	return b->failed == OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

enum err raster_png(struct scope *s, const struct raster *r, struct bytes *ret_png)
{
	struct buf b = buf_new(s, LIMIT_PREVIEW_PNG);
	cairo_surface_t *surface =
	    cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)r->width, (int)r->height);
	unsigned char *to = cairo_image_surface_get_data(surface);
	size_t stride = (size_t)cairo_image_surface_get_stride(surface);
	cairo_status_t status = cairo_surface_status(surface);
	for (uint32_t y = 0; status == CAIRO_STATUS_SUCCESS && y < r->height; y++)
		memcpy(
		    to + y * stride, r->pixel + (size_t)y * r->width, r->width * sizeof(*r->pixel));
	cairo_surface_mark_dirty(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(surface, take_octets, &b);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS && b.failed == OK)
		return scope_fault(s, ERR_NOMEM, "PNG: %s", cairo_status_to_string(status));
	return buf_done(&b, ret_png);
}

enum err raster_uri(struct scope *s, struct bytes png, const char **ret_uri)
{
	char *base64, *uri;
	struct buf b = buf_new(s, 2 * LIMIT_PREVIEW_PNG);
	TRY(bytes_to_base64(s, png, &base64));
	buf_add_str(&b, "data:image/png;base64,");
	buf_add_str(&b, base64);
	TRY(buf_done_str(&b, &uri));
	*ret_uri = uri;
	return OK;
}
