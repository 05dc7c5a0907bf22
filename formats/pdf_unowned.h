/*
 * Octets of a revision that nothing owns: no object that its cross-references list, no section, no
 * startxref (ISO 32000-2 7.5.6). White space and comments are nobody's and harmless.
 *
 * Facts only. Overlaps are told too: an entry that leads into the middle of another object.
 */
#ifndef BULLA_FORMATS_PDF_UNOWNED_H
#define BULLA_FORMATS_PDF_UNOWNED_H

#include "formats/pdf_file.h"

struct pdf_unowned {
	bool has_gap, has_overlap;
	size_t gap, overlap; /* offsets of the first ones */
};

/* Of one revision: costs reading its objects. Objects that cannot be read own nothing. */
must_check enum err pdf_unowned_find(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_unowned *ret_unowned);

#endif
