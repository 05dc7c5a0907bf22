/*
 * Where a certifying signature may stand (ISO 32000-2 12.8.2.2): one for a document, the first of
 * its signatures, and no timestamp. What it permits is validator/modification.h's matter.
 */
#ifndef BULLA_VALIDATOR_CERTIFICATION_H
#define BULLA_VALIDATOR_CERTIFICATION_H

#include "formats/pdf_signature.h"
#include "validator/findings.h"

/* What is wrong with the one at `index` of the list, if it certifies. */
must_check enum err certification_check(struct scope *s, const struct pdf_signature_list *list,
    size_t index, struct findings *findings);

#endif
