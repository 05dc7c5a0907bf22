/*
 * A picture (PNG or JPEG) for a visible seal, made an image XObject (ISO 32000-2 8.9.5). The owner
 * of libpng. The samples of a JPEG go into the document as they are, for DCTDecode, after its
 * markers were walked; what is not needed to decode them (Exif, XMP, profiles, comments,
 * thumbnails, anything behind its end) is left off, for it may tell more than the picture does.
 *
 * PNG: every colour type and depth, interlaced or not, but not 16 bits and interlaced at once,
 * which the libpng at hand reads wrongly; 16 bits become 8; gAMA is applied, so that samples are
 * sRGB. JPEG: Huffman-coded baseline, extended and progressive DCT with 8 bits and 1, 3 or 4
 * components. Not supported (ERR_UNSUPPORTED): arithmetic coding, lossless, hierarchical, 12 bits,
 * and pictures whose Exif orientation is not upright (a viewer of PDF would not turn them).
 *
 * Embedded ICC profiles are ignored: gray and RGB samples are taken for what the caller's colour
 * spaces say, CMYK is DeviceCMYK. Only the first picture of a file is used (APNG, MPO).
 *
 * Not checked: that the entropy-coded data of a JPEG decode.
 */
#ifndef BULLA_SEALER_PICTURE_H
#define BULLA_SEALER_PICTURE_H

#include <stdbool.h>

#include "formats/pdf_update.h"

struct picture {
	uint32_t width, height; /* both at least 1 */
	double dpi_x, dpi_y;    /* 0: not said */
	unsigned components;    /* 1 gray, 3 RGB, 4 CMYK: the last is not for PDF/A with an RGB
				   output intent */
	bool has_alpha;         /* some sample is not opaque */
	bool inverted;          /* CMYK as Adobe's programs store it: 0 is full ink */
	bool plain_rgb;         /* a JPEG of RGB that only the names of its components tell */
	struct bytes jpeg;      /* empty: a PNG */
	struct bytes samples;   /* of a PNG: `components` octets for each sample, line by line */
	struct bytes alpha;     /* of a PNG with alpha: one octet each */
};

/* By its first octets, a PNG or a JPEG. Nothing of `file` is kept. ERR_FORMAT, ERR_UNSUPPORTED;
 * ERR_LIMIT: LIMIT_PICTURE_FILE, LIMIT_PICTURE_SIDE, LIMIT_PICTURE_PIXELS. */
must_check enum err picture_open(struct scope *s, struct bytes file, struct picture **ret_picture);

/* Puts the picture into the update as an image XObject. opaque: transparency is laid on white (for
 * PDF/A-1, which has none); else a soft mask goes with it when there is any. The spaces are names
 * or arrays for /ColorSpace; NULL: DeviceRGB, DeviceGray. */
must_check enum err picture_put(struct scope *s, const struct picture *p, struct pdf_update *update,
    bool opaque, const struct pdf_value *rgb_space, const struct pdf_value *gray_space,
    struct pdf_ref *ret_image);

#endif
