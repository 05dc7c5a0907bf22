/*
 * Counter-signatures (RFC 5652 11.4, EN 319 122-1 5.2.7): signatures on the value of a signature,
 * also on that of a counter-signature. Each is judged by itself (EN 319 102-1 5.3) and reported
 * beside its signature, whose own indication does not depend on it.
 *
 * They are unsigned attributes, so nothing but a document timestamp over the file proves since when
 * they exist. Does not look at timestamps on counter-signatures, nor at values they carry.
 */
#ifndef BULLA_VALIDATOR_COUNTER_SIGNATURE_H
#define BULLA_VALIDATOR_COUNTER_SIGNATURE_H

#include "validator/document.h"
#include "validator/report.h"
#include "validator/xcv.h"

/* Reads those of sig->signer.cms. More than can be read are one that cannot be read. */
must_check enum err counter_signature_read(struct scope *s, struct document_signature *sig);
/* Finds their signers' certificates in the evidence, and verifies them. */
must_check enum err counter_signature_verify(
    struct scope *s, struct document_signature *sig, const struct evidence *evidence);
/* Fills in the report's list, and adds COUNTER_SIGNATURE_NOT_PASSED to the signature's findings.
 * `existed`: proven time of the file that holds them. *n: so many of the document have a name. */
must_check enum err counter_signature_judge(struct scope *s, struct xcv *x,
    const struct document_signature *sig, struct instant existed, size_t *n,
    struct report_signature *report);

#endif
