/*
 * One cross-reference section (ISO 32000-2 7.5.4, 7.5.8): a table with its trailer, a stream, or a
 * table with /XRefStm. Does not follow /Prev (formats/pdf_revisions.h does).
 *
 * Not checked: that entries lead to their objects.
 */
#ifndef BULLA_FORMATS_PDF_XREF_H
#define BULLA_FORMATS_PDF_XREF_H

#include "formats/pdf_file.h"

/* What reading sections of one file needs and gathers. */
struct pdf_xref {
	struct scope *s;
	struct bytes file;
	size_t base;      /* offsets count from here */
	uint32_t quirks;  /* enum pdf_file_quirk, added to */
	size_t n_entries; /* of all sections read, against LIMIT_PDF_OBJECTS */
};

/* The section at `at` (from the beginning of the file); white space before it is a quirk.
 * ERR_FORMAT, ERR_LIMIT, ERR_UNSUPPORTED (a filter). */
must_check enum err pdf_xref_section(
    struct pdf_xref *x, size_t at, struct pdf_section *ret_section);
/* True if a section seems to stand at `at`: `xref`, or the head of an object. */
bool pdf_xref_is_section(struct bytes file, size_t at);
/* The entry for a number in a section, or NULL. */
const struct pdf_xref_entry *pdf_xref_find(const struct pdf_section *section, uint32_t num);
/* base + offset, SIZE_MAX when that cannot be in any file. */
size_t pdf_xref_offset(size_t base, uint64_t offset);

#endif
