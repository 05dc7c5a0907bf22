#include "sealer/picture_parts.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#include <png.h>

#define SIGNATURE 8
#define CHUNK_FRAME 12 /* length, type and checksum of a chunk */
#define INCH 0.0254    /* metres */

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* -- what stands before the samples (PNG 1.2, 5) -- */

static enum err read_head(struct scope *s, struct bytes data)
{
	if (data.n != 13)
		return scope_fault(s, ERR_FORMAT, "picture: PNG: a header of %zu octets", data.n);
	/* libpng 1.6.39 as Debian 12 patched it mixes up the lines of these
	 * (png_image_read_direct). */
	if (data.p[8] == 16 && data.p[12] != 0)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "picture: PNG: 16 bits and interlaced; save it without interlacing");
	return picture_check_size(s, u32(data.p), u32(data.p + 4));
}

static void read_density(struct bytes data, struct picture *p)
{
	if (data.n != 9 || data.p[8] != 1) /* unit: the metre */
		return;
	p->dpi_x = u32(data.p) * INCH;
	p->dpi_y = u32(data.p + 4) * INCH;
}

static enum err read_chunk(
    struct scope *s, const uint8_t *type, struct bytes data, struct picture *p)
{
	if (memcmp(type, "IHDR", 4) == 0)
		return read_head(s, data);
	if (memcmp(type, "eXIf", 4) == 0)
		return picture_check_exif(s, data);
	if (memcmp(type, "pHYs", 4) == 0)
		read_density(data, p);
	return OK;
}

/* Sizes are checked here, before libpng takes memory for them. Exif may stand behind the samples.
 */
static enum err read_chunks(struct scope *s, struct bytes file, struct picture *p)
{
	size_t at = SIGNATURE;
	bool has_samples = false;
	for (bool first = true; file.n - at >= CHUNK_FRAME; first = false) {
		const uint8_t *type = file.p + at + 4;
		size_t n = u32(file.p + at);
		if (n > file.n - at - CHUNK_FRAME)
			break;
		if (first != (memcmp(type, "IHDR", 4) == 0))
			return scope_fault(
			    s, ERR_FORMAT, "picture: PNG: the header is not the first chunk");
		TRY(read_chunk(s, type, bytes_cut(file, at + 8, n), p));
		has_samples = has_samples || memcmp(type, "IDAT", 4) == 0;
		at += CHUNK_FRAME + n;
	}
	if (!has_samples)
		return scope_fault(s, ERR_FORMAT, "picture: PNG: it ends before its samples");
	return OK;
}

/* -- samples -- */

static void release_image(void *image)
{
	png_image_free(image);
}

static enum err png_fault(struct scope *s, const png_image *image)
{
	if (strstr(image->message, "memory"))
		return scope_fault(s, ERR_NOMEM, "picture: PNG: %s", image->message);
	return scope_fault(s, ERR_FORMAT, "picture: PNG: %s", image->message);
}

/* `mixed` holds colour and alpha by turns. */
static enum err split_alpha(struct scope *s, const uint8_t *mixed, struct picture *p)
{
	size_t n = (size_t)p->width * p->height, colours = p->components;
	uint8_t *samples = scope_alloc(s, n * colours), *alpha = scope_alloc(s, n);
	if (!samples || !alpha)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		memcpy(samples + i * colours, mixed + i * (colours + 1), colours);
		alpha[i] = mixed[i * (colours + 1) + colours];
		p->has_alpha = p->has_alpha || alpha[i] != 0xff;
	}
	p->samples = bytes_of(samples, n * colours);
	if (p->has_alpha)
		p->alpha = bytes_of(alpha, n);
	return OK;
}

static enum err read_samples(struct scope *s, png_image *image, struct picture *p)
{
	bool alpha = image->format & PNG_FORMAT_FLAG_ALPHA;
	bool colour = image->format & PNG_FORMAT_FLAG_COLOR;
	image->format = (alpha ? PNG_FORMAT_FLAG_ALPHA : 0) | (colour ? PNG_FORMAT_FLAG_COLOR : 0);
	image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB; /* without gAMA, as with 8 bits */
	p->width = image->width;
	p->height = image->height;
	p->components = colour ? 3 : 1;
	size_t n = (size_t)p->width * p->height * (p->components + alpha);
	uint8_t *samples = scope_alloc(s, n);
	if (!samples)
		return ERR_NOMEM;
	if (!png_image_finish_read(image, NULL, samples, 0, NULL))
		return png_fault(s, image);
	if (alpha)
		return split_alpha(s, samples, p);
	p->samples = bytes_of(samples, n);
	return OK;
}

enum err picture_png(struct scope *s, struct bytes file, struct picture *ret_picture)
{
	struct picture p = *ret_picture;
	TRY(read_chunks(s, file, &p));
	png_image *image = scope_alloc(s, sizeof(*image));
	if (!image)
		return ERR_NOMEM;
	image->version = PNG_IMAGE_VERSION;
	TRY(scope_own(s, image, release_image));
	if (!png_image_begin_read_from_memory(image, file.p, file.n))
		return png_fault(s, image);
	TRY(read_samples(s, image, &p));
	*ret_picture = p;
	return OK;
}
