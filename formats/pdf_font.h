/*
 * Fonts as far as texts are concerned (ISO 32000-2 9.6 to 9.10): which characters a shown string
 * stands for, and about how wide it is.
 *
 * A code whose character cannot be told has none; embedded font programs are not read. What a
 * /ToUnicode says is believed.
 */
#ifndef BULLA_FORMATS_PDF_FONT_H
#define BULLA_FORMATS_PDF_FONT_H

#include "formats/pdf_cmap.h"
#include "formats/pdf_file.h"

struct pdf_font;

struct pdf_font_char {
	size_t octets; /* of the code */
	uint32_t points[PDF_CMAP_POINTS];
	size_t n;      /* 0: not known */
	double width;  /* as a part of the font's size */
	bool is_blank; /* paints nothing */
};

/* What cannot be read of a font is taken as absent. */
must_check enum err pdf_font_open(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *dict, struct pdf_font **ret_font);
/* The character at octets.p[at], which must lie inside. `font` may be NULL: one that is not known.
 */
struct pdf_font_char pdf_font_char_at(const struct pdf_font *font, struct bytes octets, size_t at);

/* Of a whole string. */
struct pdf_font_extent {
	double width;   /* as a part of the font's size */
	size_t n;       /* codes */
	size_t spaces;  /* the code 32 of one octet, to which word spacing applies (9.3.3) */
	size_t letters; /* and digits; what is not known is taken for one */
};
struct pdf_font_extent pdf_font_extent_of(const struct pdf_font *font, struct bytes octets);

#endif
