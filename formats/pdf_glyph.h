/*
 * Which characters glyphs stand for: glyph names (Adobe Glyph List, as far as Latin texts go) and
 * the encodings of simple fonts (ISO 32000-2 9.6.5, Annex D).
 */
#ifndef BULLA_FORMATS_PDF_GLYPH_H
#define BULLA_FORMATS_PDF_GLYPH_H

#include "base/bytes.h"

enum pdf_glyph_encoding {
	PDF_GLYPH_STANDARD,
	PDF_GLYPH_WIN_ANSI,
	PDF_GLYPH_MAC_ROMAN,
};

/* The character of a code; 0: none. */
uint32_t pdf_glyph_of_code(enum pdf_glyph_encoding encoding, uint8_t code);
/* The character of a glyph name, what follows a dot left out; also uniXXXX and uXXXX to uXXXXXX.
 * 0: not known. */
uint32_t pdf_glyph_of_name(struct bytes name);

#endif
