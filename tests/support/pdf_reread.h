/*
 * What tests of updates do with a PDF again and again. Anything that fails ends the test program,
 * with the fault's text.
 */
#ifndef BULLA_TESTS_SUPPORT_PDF_REREAD_H
#define BULLA_TESTS_SUPPORT_PDF_REREAD_H

#include "formats/pdf_update.h"

struct pdf_file *pdf_reread_open(struct scope *s, struct bytes file);
/* An update of the file, with a seed. */
struct pdf_update *pdf_reread_begin(struct scope *s, const struct pdf_file *f);
/* The file with its update. */
struct bytes pdf_reread_join(
    struct scope *s, const struct pdf_file *f, const struct pdf_update_result *r);
/* Closes the update and opens the file that results: it has one revision more. */
struct pdf_file *pdf_reread_close(struct scope *s, const struct pdf_file *f, struct pdf_update *u);
/* An object of the latest revision. */
const struct pdf_value *pdf_reread_object(
    struct scope *s, const struct pdf_file *f, struct pdf_ref ref);

#endif
