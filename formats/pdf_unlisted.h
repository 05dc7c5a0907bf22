/*
 * Objects that stand in a file and that no cross-reference section leads to (ISO 32000-2 7.5.4):
 * what readers that rebuild the cross-references may show, or a later section can bring to life.
 *
 * Facts only: some writers leave such remains behind. What stands before all that is listed is left
 * out: a damaged file that was given a fresh set of sections begins so.
 */
#ifndef BULLA_FORMATS_PDF_UNLISTED_H
#define BULLA_FORMATS_PDF_UNLISTED_H

#include "formats/pdf_file.h"

struct pdf_unlisted_object {
	struct pdf_ref ref;
	size_t offset;
	const struct pdf_value *value; /* its strings are not decrypted */
};

struct pdf_unlisted {
	struct pdf_unlisted_object *item; /* by offset; at most LIMIT_PDF_UNLISTED */
	size_t n;
};

/* Those in the octets of the revisions up to `rev`. Reads what stands between the objects that are
 * listed, and of those only as much as tells where they end. */
must_check enum err pdf_unlisted_find(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_unlisted *ret_unlisted);

#endif
