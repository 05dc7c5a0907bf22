/*
 * A second opinion on what a file says: QPDF reads it too, by its own rules for what the standard
 * leaves open, and the two readings are compared. Where they differ, one document shows two faces,
 * and which of them was sealed depends on the reader.
 *
 * Compared are the objects that the latest revision leads to, nearest to the trailer first, at most
 * LIMIT_PDF_SECOND_READING of them, and every object that a revision from `since` on lists. Of
 * streams the dictionary without /Length is compared, of the latter also the data.
 *
 * Not compared: what one reader repairs and the other refuses to guess at (there QPDF gives
 * nothing), and files that QPDF does not open with the password.
 */
#ifndef BULLA_FORMATS_PDF_SECOND_READING_H
#define BULLA_FORMATS_PDF_SECOND_READING_H

#include "formats/pdf_file.h"

/* *ret_difference: the first one in words, in the scope; NULL if there is none. Costs reading the
 * objects twice. */
must_check enum err pdf_second_reading_compare(struct scope *s, const struct pdf_file *f,
    size_t since, struct bytes password, char **ret_difference);

#endif
