/*
 * Damaged files (QPDF's owner): what the strict reader refuses but QPDF can rebuild gets one fresh,
 * complete revision appended, after which the strict reader reads it. For sealing only: a file that
 * carries a signature is never repaired (ERR_DENIED), for a repair would be a change.
 *
 * Repaired is the cross-reference data, not the objects. Refused as ERR_FORMAT is a file
 * - without %PDF- in its first 1024 octets: nothing appended could give it a header;
 * - without a catalog, a page or the page tree's /Count, or whose page tree runs in a circle;
 * - in which an object that is used, or what a used object refers to, is lost;
 * - in which QPDF takes an object for something else than its last definition in the file says, or
 *   uses one number in two generations: another reader would show another document.
 * The names /ByteRange and /Encrypt anywhere in the octets count as signed and as encrypted.
 *
 * Not looked into: the data of streams. A wrong /Length becomes the distance to `endstream`.
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
