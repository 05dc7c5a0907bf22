/*
 * Signed files that the strict reader refuses because of their end: what can be read for certain.
 * For judging only, so that a report can name what happened to a signed file; whatever is found
 * here has failed already, for readers that rebuild such files show what nobody signed.
 */
#ifndef BULLA_FORMATS_PDF_SALVAGE_H
#define BULLA_FORMATS_PDF_SALVAGE_H

#include "formats/pdf_signature.h"

/* As pdf_file_open_by. Where that is ERR_FORMAT, and the file has a header, the revisions up to the
 * last %%EOF from which they can be read count, or none at all: an empty catalog. ret_file's bytes
 * are the whole file in any case; its `damage` then says what pdf_file_open_by said. */
must_check enum err pdf_salvage_open(struct scope *s, struct bytes bytes,
    const struct pdf_crypt_means *means, struct pdf_file **ret_file);

/* Whether a startxref in the oldest revision that the chain knows leads to a table or stream before
 * it: there were savings before, and their /Prev was cut (ISO 32000-2 7.5.6). A PDF attached as it
 * is counts its offsets from its own beginning, and does not hit one. */
bool pdf_salvage_is_cut(const struct pdf_file *f);

/* Adds to the list the dictionaries with /ByteRange and /Contents that stand around list->stray,
 * by the bytes alone, each as an object `N G obj` by itself: no field, no name, `is_loose`.
 * References in them are looked up in `f`. */
must_check enum err pdf_salvage_signatures(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *list);

#endif
