/*
 * The chain of cross-reference sections, from the last startxref back through /Prev, and the
 * revisions that they make up (ISO 32000-2 7.5.5, 7.5.6, Annex F for linearized files).
 */
#ifndef BULLA_FORMATS_PDF_REVISIONS_H
#define BULLA_FORMATS_PDF_REVISIONS_H

#include "formats/pdf_xref.h"

/* Fills in base, linearized, revisions, highest, trailer and quirks of f, whose bytes and header
 * are set. The last revision ends with the last `startxref` of the file, the others with the first
 * one after their sections. ERR_FORMAT: a section or startxref is missing or malformed, or /Prev
 * loops. */
must_check enum err pdf_revisions_read(struct scope *s, struct pdf_file *f);

#endif
