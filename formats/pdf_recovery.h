/*
 * Damaged files (QPDF's owner): what the strict reader refuses but QPDF can rebuild gets one fresh,
 * complete revision appended, after which the strict reader reads it. For sealing only: a file that
 * carries a signature is never repaired (ERR_DENIED), for a repair would be a change.
 */
#ifndef BULLA_FORMATS_PDF_RECOVERY_H
#define BULLA_FORMATS_PDF_RECOVERY_H

#include "base/bytes.h"

/* The revision to append to `file`: every object that is reachable from the trailer, a
 * cross-reference table without /Prev, and a trailer. ret_warning says what was wrong, one line, in
 * the scope. ERR_FORMAT: beyond repair; ERR_UNSUPPORTED: encrypted; ERR_DENIED: signed. */
must_check enum err pdf_recovery_revision(
    struct scope *s, struct bytes file, struct bytes *ret_revision, char **ret_warning);

#endif
