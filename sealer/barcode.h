/*
 * Barcodes of a visible seal as rectangles to be filled: QR Code (ISO/IEC 18004), PDF417 (ISO/IEC
 * 15438), Code 128 (ISO/IEC 15417). The owner of libzint, of which only the encoding in memory is
 * used. The same data give the same rectangles.
 *
 * Not checked: that the result is large enough on paper to be read (a module of QR Code wants some
 * 0.33 mm, of PDF417 and Code 128 0.19 mm), and that the ground around it is light: the caller
 * keeps the quiet zone free.
 */
#ifndef BULLA_SEALER_BARCODE_H
#define BULLA_SEALER_BARCODE_H

#include <stdbool.h>

#include "base/bytes.h"

/* libzint has names like BARCODE_PDF417 for itself. */
enum barcode_kind {
	BARCODE_KIND_NONE,
	BARCODE_KIND_QR,
	BARCODE_KIND_PDF417,
	BARCODE_KIND_CODE128,
};

/* "qr", "pdf417", "code128"; false for another name. */
bool barcode_kind_of_name(const char *name, enum barcode_kind *ret_kind);

/* In modules; the origin is the top left corner, y grows downward. */
struct barcode_rect {
	double x, y, w, h;
};

struct barcode {
	double width, height; /* in modules, without the quiet zone */
	double quiet;         /* modules to be left light around; at Code 128 left and right only */
	struct barcode_rect *bar; /* dark, none overlaps another; in the scope */
	size_t n;
};

/* data: octets. Such that are UTF-8 but not ASCII are marked as UTF-8 (ECI 26) in QR Code and
 * PDF417; other octets stand there unmarked. QR Code corrects 15 % (level M), PDF417 as ISO/IEC
 * 15438 Annex E recommends for the length; its rows are three modules high. Code 128 holds ASCII
 * and is as high as 15 % of its width; it may be stretched upward, the other two not.
 *
 * ERR_LIMIT: too long for the symbology (some 2300 octets QR Code, 1000 PDF417, 160 characters Code
 * 128). ERR_UNSUPPORTED: none, or a character that the symbology lacks. */
must_check enum err barcode_make(
    struct scope *s, enum barcode_kind kind, struct bytes data, struct barcode *ret_barcode);

#endif
