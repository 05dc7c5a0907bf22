/*
 * One cross-reference section in PDF syntax: a table with its trailer (ISO 32000-2 7.5.4, 7.5.5) or
 * a cross-reference stream (7.5.8). What it says, and where it goes, is pdf_update.h's matter; so
 * are `startxref` and the number behind it.
 */
#ifndef BULLA_FORMATS_PDF_XREF_WRITE_H
#define BULLA_FORMATS_PDF_XREF_WRITE_H

#include "formats/pdf_value.h"

/* Largest offset that the ten digits of a table hold. */
#define PDF_XREF_WRITE_TABLE_MAX UINT64_C(9999999999)

/* An object in use. */
struct pdf_xref_write_line {
	struct pdf_ref ref; /* generation up to 65535 */
	size_t offset;      /* as it gets written: from the header */
};

/* Both: `lines` ascending by number, one per number. `trailer` has every entry that does not
 * describe the stream itself; the stream's form adds /Type, /Index and /W to it. */
must_check enum err pdf_xref_write_table(struct scope *s, struct buf *b,
    const struct pdf_xref_write_line *lines, size_t n, const struct pdf_value *trailer);
/* lines[own] is the stream itself, and no offset is larger. Not compressed: it is small. */
must_check enum err pdf_xref_write_stream(struct scope *s, struct buf *b,
    const struct pdf_xref_write_line *lines, size_t n, size_t own, struct pdf_value *trailer);

#endif
