/*
 * What a document says of itself in its XMP metadata: that it is PDF/A, of which part and level
 * (ISO 19005-1 6.7.11 and its like in the later parts).
 *
 * Not checked: whether it is true.
 */
#ifndef BULLA_SEALER_PDFA_CLAIM_H
#define BULLA_SEALER_PDFA_CLAIM_H

#include "formats/pdf_file.h"

struct pdfa_claim {
	int part;         /* 1 to 4; 0: none */
	char conformance; /* 'A', 'B', 'U', 'E', 'F'; 0: none, as in part 4 */
};

/* Of the latest revision. Metadata that are missing or cannot be read claim nothing. */
must_check enum err pdfa_claim_read(
    struct scope *s, const struct pdf_file *file, struct pdfa_claim *ret_claim);

#endif
