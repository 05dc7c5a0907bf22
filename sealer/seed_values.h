/*
 * Whether a seal meets what its field demands (ISO 32000-2 12.7.5.5, tables 237 and 238): met as
 * the request is; met by a change of what the request leaves open, which is told; or refused with
 * the entry that stands against it. What is merely suggested is followed where the request leaves
 * the choice of the digest open, else passed over.
 *
 * Beyond the letter, for a seal must not only seem to meet a demand:
 * - /DigestMethod holds for every kind of key and not for RSA alone, as pyHanko judges it.
 * - /OID is asked for without /Issuer too.
 * - A document never chooses whom Bulla asks for a timestamp: /TimeStamp /URL is told, not used.
 * - /LockDocument true is no reason to lock unasked; the request has to say so.
 * - Flags that are not known, and demands that cannot be read, are refused.
 */
#ifndef BULLA_SEALER_SEED_VALUES_H
#define BULLA_SEALER_SEED_VALUES_H

#include "formats/pdf_seed_value.h"
#include "sealer/seal.h"

struct seed_values_field {
	const char *name;
	struct pdf_seed_value values;
	const struct pdf_field_lock *lock; /* its own; NULL: none */
	bool document_is_signed;
};

/* Adjusts digest, reason and certification of the request. *ret_told: one line about what was
 * adjusted, "" when nothing was. ERR_DENIED with one sentence that names field and entry. */
must_check enum err seed_values_meet(struct scope *s, const struct seed_values_field *field,
    struct seal_request *request, char **ret_told);

/* The demands on the certificate alone (table 238). */
must_check enum err seed_values_check_certificate(
    struct scope *s, const struct seed_values_field *field, const struct key *key);

#endif
