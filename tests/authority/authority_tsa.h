/*
 * A timestamp authority: RFC 3161 with RFC 5816 (signing-certificate-v2), EN 319 422. Imprints of
 * SHA-256, SHA-384 and SHA-512; nonce echoed; certReq honoured; serial numbers grow, also over
 * restarts. Policies: the best-practices one of EN 319 421 (default) and one of our own.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_TSA_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_TSA_H

#include "tests/authority/authority_fault.h"
#include "tests/authority/authority_store.h"

#define AUTHORITY_TSA_POLICY "0.4.0.2023.1.1"
#define AUTHORITY_TSA_POLICY_OWN "1.3.6.1.4.1.32473.2.1"

/* Always answers, with a rejection where RFC 3161 wants one. `unit` is the timestamping unit. An
 * error means that the answer could not be made. */
must_check enum err authority_tsa_answer(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *unit, struct bytes request, struct instant now,
    struct authority_fault fault, struct bytes *ret_response);

#endif
