/*
 * Where a signature stands in its file: ByteRange, its gap, the revision it closes (ISO
 * 32000-2 12.8.1; EN 319 142-1 5.2). Pure; digests are not looked at.
 */
#ifndef BULLA_VALIDATOR_COVERAGE_H
#define BULLA_VALIDATOR_COVERAGE_H

#include "formats/pdf_signature.h"
#include "validator/findings.h"

struct coverage {
	bool valid;      /* none of the findings is a failure */
	bool whole_file; /* nothing but white space follows */
	size_t revision; /* index of the revision it ends; only when valid */
	size_t end;      /* octet after the last one covered; 0 when there are no ranges */
};

/* `others`: all signatures of the file, this one among them. */
must_check enum err coverage_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *sig, const struct pdf_signature_list *others,
    struct findings *findings, struct coverage *ret_coverage);

#endif
