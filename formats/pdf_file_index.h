/*
 * Looking up entries in a file of many revisions without going through all of them. Private to
 * formats/pdf_file.c.
 */
#ifndef BULLA_FORMATS_PDF_FILE_INDEX_H
#define BULLA_FORMATS_PDF_FILE_INDEX_H

#include "formats/pdf_file.h"

struct pdf_file_index;

/* From f->revisions; NULL when there are so few sections that looking in each is as quick. */
must_check enum err pdf_file_index_build(
    struct scope *s, const struct pdf_file *f, const struct pdf_file_index **ret_index);
/* As pdf_file_entry. */
const struct pdf_xref_entry *pdf_file_index_find(
    const struct pdf_file_index *index, size_t rev, uint32_t num, size_t *ret_made_in);

#endif
