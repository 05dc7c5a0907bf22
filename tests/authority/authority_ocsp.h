/*
 * An OCSP responder (RFC 6960) for every CA of the authority, by delegation: each CA has a
 * responder certificate of its own. CertIDs of SHA-1, SHA-256, SHA-384 and SHA-512; nonce echoed;
 * archive cutoff; unknown serial number: unknown; unknown issuer: unauthorized.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_OCSP_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_OCSP_H

#include "tests/authority/authority_fault.h"
#include "tests/authority/authority_store.h"

/* Always answers, also to what is no request (malformedRequest). An error means that the answer
 * could not be made. */
must_check enum err authority_ocsp_answer(struct scope *s, const struct authority_store *store,
    struct bytes request, struct instant now, struct authority_fault fault,
    struct bytes *ret_response);

#endif
