/*
 * /ToUnicode CMaps (ISO 32000-2 9.10.3): from the codes of a font to characters.
 */
#ifndef BULLA_FORMATS_PDF_CMAP_H
#define BULLA_FORMATS_PDF_CMAP_H

#include "base/bytes.h"

#define PDF_CMAP_POINTS 4 /* characters of one code; a ligature has three */

struct pdf_cmap;

/* Malformed pieces are left out, and mappings beyond LIMIT_PDF_CMAP. */
must_check enum err pdf_cmap_read(struct scope *s, struct bytes data, struct pdf_cmap **ret_cmap);
/* The characters of a code of `octets` octets; 0: it has no mapping. */
size_t pdf_cmap_find(
    const struct pdf_cmap *m, uint32_t code, size_t octets, uint32_t ret_points[PDF_CMAP_POINTS]);

#endif
