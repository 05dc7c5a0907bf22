#include "sealer/picture_parts.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_filter.h"

#define PNG_MAGIC BYTES_LIT("\x89PNG\r\n\x1a\n")
#define JPEG_MAGIC BYTES_LIT("\xff\xd8\xff")

/* -- opening -- */

enum err picture_check_size(struct scope *s, uint32_t width, uint32_t height)
{
	if (width == 0 || height == 0)
		return scope_fault(s, ERR_FORMAT, "picture: it has no size");
	if (width > LIMIT_PICTURE_SIDE || height > LIMIT_PICTURE_SIDE ||
	    (uint64_t)width * height > LIMIT_PICTURE_PIXELS)
		return scope_fault(s, ERR_LIMIT,
		    "picture: %lu x %lu pixels, %d a side and %d in all are the limit",
		    (unsigned long)width, (unsigned long)height, LIMIT_PICTURE_SIDE,
		    LIMIT_PICTURE_PIXELS);
	return OK;
}

enum err picture_open(struct scope *s, struct bytes file, struct picture **ret_picture)
{
	struct picture *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	if (file.n > LIMIT_PICTURE_FILE)
		return scope_fault(
		    s, ERR_LIMIT, "picture: larger than %zu octets", LIMIT_PICTURE_FILE);
	if (bytes_has_prefix(file, PNG_MAGIC))
		TRY(picture_png(s, file, p));
	else if (bytes_has_prefix(file, JPEG_MAGIC))
		TRY(picture_jpeg(s, file, p));
	else
		return scope_fault(s, ERR_UNSUPPORTED, "picture: neither PNG nor JPEG");
	*ret_picture = p;
	return OK;
}

/* -- Exif -- */

#define EXIF_ORIENTATION 0x0112
#define EXIF_SHORT 3
#define EXIF_ENTRY 12

struct exif {
	struct bytes tiff;
	bool little_endian;
};

/* A number of n octets at a place; 0 beyond the end. */
static uint32_t exif_number(const struct exif *x, size_t at, size_t n)
{
	uint32_t v = 0;
	if (at > x->tiff.n || n > x->tiff.n - at)
		return 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | x->tiff.p[x->little_endian ? at + n - 1 - i : at + i];
	return v;
}

static unsigned exif_orientation(struct bytes tiff)
{
	struct exif x = { tiff, bytes_has_prefix(tiff, BYTES_LIT("II*\0")) };
	if (!x.little_endian && !bytes_has_prefix(tiff, BYTES_LIT("MM\0*")))
		return 0;
	size_t ifd = exif_number(&x, 4, 4);
	uint32_t n = exif_number(&x, ifd, 2);
	for (uint32_t i = 0; i < n; i++) {
		size_t entry = ifd + 2 + (size_t)EXIF_ENTRY * i;
		if (exif_number(&x, entry, 2) == EXIF_ORIENTATION &&
		    exif_number(&x, entry + 2, 2) == EXIF_SHORT)
			return exif_number(&x, entry + 8, 2);
	}
	return 0;
}

enum err picture_check_exif(struct scope *s, struct bytes tiff)
{
	unsigned orientation = exif_orientation(tiff);
	if (orientation >= 2 && orientation <= 8)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "picture: Exif orientation %u asks to turn it; save it upright", orientation);
	return OK;
}

/* -- into the document -- */

struct putting {
	struct scope *s;
	const struct picture *picture;
	struct pdf_update *update;
	const struct pdf_value *space;
};

static enum err new_image(struct putting *p, const struct pdf_value *space, const char *filter,
    struct pdf_value **ret_dict)
{
	struct scope *s = p->s;
	struct pdf_value *d = pdf_value_new_dict(s);
	if (!d)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, d, "Type", pdf_value_new_name(s, "XObject")));
	TRY(pdf_value_set(s, d, "Subtype", pdf_value_new_name(s, "Image")));
	TRY(pdf_value_set(s, d, "Width", pdf_value_new_int(s, p->picture->width)));
	TRY(pdf_value_set(s, d, "Height", pdf_value_new_int(s, p->picture->height)));
	TRY(pdf_value_set(s, d, "ColorSpace", space));
	TRY(pdf_value_set(s, d, "BitsPerComponent", pdf_value_new_int(s, 8)));
	TRY(pdf_value_set(s, d, "Filter", pdf_value_new_name(s, filter)));
	*ret_dict = d;
	return OK;
}

static enum err put_stream(
    struct putting *p, struct pdf_value *dict, struct bytes data, struct pdf_ref *ret_ref)
{
	struct pdf_value *stream = pdf_value_new_stream(p->s, dict, data);
	struct pdf_ref ref;
	if (!stream)
		return ERR_NOMEM;
	TRY(pdf_update_reserve(p->update, &ref));
	TRY(pdf_update_put(p->update, ref, stream));
	*ret_ref = ref;
	return OK;
}

static enum err set_predictor(struct putting *p, struct pdf_value *dict, unsigned components)
{
	struct scope *s = p->s;
	struct pdf_value *parms = pdf_value_new_dict(s);
	if (!parms)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, parms, "Predictor", pdf_value_new_int(s, 15)));
	TRY(pdf_value_set(s, parms, "Colors", pdf_value_new_int(s, components)));
	TRY(pdf_value_set(s, parms, "BitsPerComponent", pdf_value_new_int(s, 8)));
	TRY(pdf_value_set(s, parms, "Columns", pdf_value_new_int(s, p->picture->width)));
	return pdf_value_set(s, dict, "DecodeParms", parms);
}

/* With a predictor where that is shorter: photographs gain by it, drawings lose. */
static enum err put_samples(struct putting *p, struct pdf_value *dict, struct bytes samples,
    unsigned components, struct pdf_ref *ret_ref)
{
	struct bytes rows, plain, predicted;
	size_t row = (size_t)p->picture->width * components;
	TRY(picture_rows(p->s, samples, row, components, &rows));
	TRY(pdf_filter_deflate(p->s, samples, &plain));
	TRY(pdf_filter_deflate(p->s, rows, &predicted));
	if (plain.n <= predicted.n)
		return put_stream(p, dict, plain, ret_ref);
	TRY(set_predictor(p, dict, components));
	return put_stream(p, dict, predicted, ret_ref);
}

static enum err put_soft_mask(struct putting *p, struct pdf_ref *ret_ref)
{
	struct pdf_value *d;
	TRY(new_image(p, pdf_value_new_name(p->s, "DeviceGray"), "FlateDecode", &d));
	return put_samples(p, d, p->picture->alpha, 1, ret_ref);
}

/* The samples as they look on white paper. */
static enum err lay_on_white(struct putting *p, struct bytes *ret_samples)
{
	const struct picture *x = p->picture;
	uint8_t *out = scope_alloc(p->s, x->samples.n);
	if (!out)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->samples.n; i++) {
		unsigned alpha = x->alpha.p[i / x->components];
		unsigned v = x->samples.p[i] * alpha + 255 * (255 - alpha);
		out[i] = (uint8_t)((v + 127) / 255);
	}
	*ret_samples = bytes_of(out, x->samples.n);
	return OK;
}

static enum err put_png(struct putting *p, bool opaque, struct pdf_ref *ret_image)
{
	const struct picture *x = p->picture;
	struct bytes samples = x->samples;
	struct pdf_value *d;
	TRY(new_image(p, p->space, "FlateDecode", &d));
	if (x->has_alpha && opaque) {
		TRY(lay_on_white(p, &samples));
	} else if (x->has_alpha) {
		struct pdf_ref mask;
		TRY(put_soft_mask(p, &mask));
		TRY(pdf_value_set(p->s, d, "SMask", pdf_value_new_ref(p->s, mask)));
	}
	return put_samples(p, d, samples, x->components, ret_image);
}

/* [1 0] for each component turns its values round (ISO 32000-2 8.9.5.2). */
static enum err set_inverted(struct putting *p, struct pdf_value *dict)
{
	struct pdf_value *decode = pdf_value_new_array(p->s);
	if (!decode)
		return ERR_NOMEM;
	for (unsigned i = 0; i < 2 * p->picture->components; i++)
		TRY(pdf_value_append(p->s, decode, pdf_value_new_int(p->s, i % 2 == 0)));
	return pdf_value_set(p->s, dict, "Decode", decode);
}

static enum err put_jpeg(struct putting *p, struct pdf_ref *ret_image)
{
	struct pdf_value *d;
	TRY(new_image(p, p->space, "DCTDecode", &d));
	if (p->picture->inverted)
		TRY(set_inverted(p, d));
	if (p->picture->plain_rgb) {
		struct pdf_value *parms = pdf_value_new_dict(p->s);
		if (!parms)
			return ERR_NOMEM;
		TRY(pdf_value_set(p->s, parms, "ColorTransform", pdf_value_new_int(p->s, 0)));
		TRY(pdf_value_set(p->s, d, "DecodeParms", parms));
	}
	return put_stream(p, d, p->picture->jpeg, ret_image);
}

enum err picture_put(struct scope *s, const struct picture *p, struct pdf_update *update,
    bool opaque, const struct pdf_value *rgb_space, const struct pdf_value *gray_space,
    struct pdf_ref *ret_image)
{
	struct putting work = { .s = s, .picture = p, .update = update };
	if (p->components == 1)
		work.space = gray_space ? gray_space : pdf_value_new_name(s, "DeviceGray");
	else if (p->components == 3)
		work.space = rgb_space ? rgb_space : pdf_value_new_name(s, "DeviceRGB");
	else
		work.space = pdf_value_new_name(s, "DeviceCMYK");
	return p->jpeg.n ? put_jpeg(&work, ret_image) : put_png(&work, opaque, ret_image);
}
