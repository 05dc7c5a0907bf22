/*
 * Where a file's octets define objects, whatever its cross-reference sections say: so that a repair
 * can be refused where one reader may take an object for another than the next reader does.
 *
 * Looks at octets only: a definition inside of a stream or comment is found as well.
 */
#ifndef BULLA_FORMATS_PDF_RECOVERY_DEFINITIONS_H
#define BULLA_FORMATS_PDF_RECOVERY_DEFINITIONS_H

#include "formats/pdf_value.h"

/* The next `N G obj` from *at on; steps past it. False: there is none. */
bool pdf_recovery_definitions_next(
    struct bytes file, size_t *at, struct pdf_ref *ret_ref, size_t *ret_start);
/* Whether the definition at `start` says the same as `value`: of streams, the dictionaries without
 * /Length are compared. What cannot be read does not say the same. */
must_check enum err pdf_recovery_definitions_agree(struct scope *s, struct bytes file, size_t start,
    const struct pdf_value *value, bool *ret_agree);

#endif
