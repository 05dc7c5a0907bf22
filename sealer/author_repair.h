/*
 * Internal to sealer/: the document as a seal finds it. One that the strict reader cannot read, or
 * whose cross-references lead astray, first gets a fresh revision (formats/pdf_recovery.h), which
 * depends on nothing but its octets.
 */
#ifndef BULLA_SEALER_AUTHOR_REPAIR_H
#define BULLA_SEALER_AUTHOR_REPAIR_H

#include "sealer/author.h"

/* author_open, after a revision was appended where one is needed; that is a warning. Errors: those
 * of the reader, in the strict one's words. */
must_check enum err author_repair_open(struct author *a, struct pdf_file **ret_file);

#endif
