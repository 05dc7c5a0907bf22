/*
 * The name of a signature's format and baseline level by what is there (EN 319 142-1 6; EU DSS's
 * words for what is not PAdES).
 */
#ifndef BULLA_VALIDATOR_LEVEL_H
#define BULLA_VALIDATOR_LEVEL_H

#include "validator/coverage.h"
#include "validator/document.h"

/* "PAdES-BASELINE-LTA", "PKCS7-T", "PDF-NOT-ETSI", ... Static text. `coverages` is parallel to the
 * document's signatures. Presence is judged, not validity. */
must_check enum err level_of(struct scope *s, const struct document *d,
    const struct coverage *coverages, size_t index, const char **ret_name);

#endif
