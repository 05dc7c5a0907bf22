#include "validator/ocsp_rules.h"

#include "base/limits.h"
#include "base/scope.h"

static const char *reject_plainly(
    const struct ocsp_response *response, const struct ocsp_single *single, struct instant now)
{
	struct instant latest = instant_add(now, LIMIT_TST_FUTURE_S);
	if (response->unknown_critical)
		return "the OCSP response has a critical extension that is not known";
	if (single->status == OCSP_UNKNOWN)
		return "the OCSP responder does not know the certificate";
	/* RFC 6960 4.2.2.1: thisUpdate later than now is unreliable; what was said after the
	 * instant of judgement is not part of it. */
	if (instant_before(latest, single->this_update) ||
	    instant_before(latest, response->produced_at))
		return "the OCSP response was issued after the time of the check";
	if (instant_is_known(single->next_update) &&
	    instant_before(single->next_update, single->this_update))
		return "the OCSP response ends before it begins";
	return NULL;
}

/* Common PKI's CertHash tells which certificate the responder knows under the serial number. */
enum err ocsp_rules_reject(struct scope *s, const struct ocsp_response *response,
    const struct ocsp_single *single, const struct cert *cert, struct instant now,
    const char **ret_why)
{
	struct digest d;
	*ret_why = reject_plainly(response, single, now);
	if (*ret_why || single->cert_hash_alg == DIGEST_UNKNOWN)
		return OK;
	enum err err = digest_of_bytes(s, single->cert_hash_alg, cert->der, &d);
	if (err == ERR_UNSUPPORTED) { /* what cannot be compared says nothing */
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	if (!bytes_equal(digest_bytes(&d), single->cert_hash))
		*ret_why = "the OCSP response names another certificate (CertHash)";
	return OK;
}

/* RFC 6960 4.2.2.2: same authority, checked in this order. NULL: may sign. */
static enum err reject_responder(struct scope *s, const struct ocsp_response *response,
    const struct cert *candidate, const struct cert *issuer, const char **ret_why)
{
	bool ok = false;
	if (!cert_equal(candidate, issuer)) {
		*ret_why = "the OCSP responder's certificate was not issued by the same authority";
		if (!cert_names_match(candidate->issuer, issuer->subject))
			return OK;
		TRY(cert_is_signed_by(s, candidate, issuer, &ok));
		if (!ok)
			return OK;
		*ret_why = "the OCSP responder's certificate is not for signing OCSP responses";
		if (!cert_has_eku(candidate, OID_EKU_OCSP_SIGNING))
			return OK;
		*ret_why = "the OCSP responder's certificate was not valid then";
		if (instant_before(response->produced_at, candidate->not_before) ||
		    instant_before(candidate->not_after, response->produced_at))
			return OK;
	}
	*ret_why = "the key usage of the OCSP responder's certificate forbids signing";
	if (candidate->has_key_usage &&
	    !(candidate->key_usage & (CERT_KU_DIGITAL_SIGNATURE | CERT_KU_NON_REPUDIATION)) &&
	    !cert_equal(candidate, issuer))
		return OK;
	*ret_why = "the signature of the OCSP response does not verify";
	TRY(ocsp_is_signed_by(s, response, candidate, &ok));
	if (ok)
		*ret_why = NULL;
	return OK;
}

static enum err try_candidate(struct scope *s, const struct ocsp_response *response,
    const struct cert *candidate, const struct cert *issuer, const struct cert **ret_signer,
    const char **ret_why)
{
	bool named = false;
	TRY(ocsp_responder_is(s, response, candidate, &named));
	if (!named)
		return OK;
	enum err err = reject_responder(s, response, candidate, issuer, ret_why);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		*ret_why = "the OCSP response uses an algorithm that is not known";
		return OK;
	}
	TRY(err);
	if (!*ret_why)
		*ret_signer = candidate;
	return OK;
}

enum err ocsp_rules_find_signer(struct scope *s, const struct evidence *evidence,
    const struct ocsp_response *response, const struct cert *issuer, const struct cert **ret_signer,
    const char **ret_why)
{
	*ret_signer = NULL;
	*ret_why = "the OCSP responder's certificate is not at hand";
	for (size_t i = 0; i < response->n_certs && !*ret_signer; i++)
		TRY(try_candidate(s, response, response->certs[i], issuer, ret_signer, ret_why));
	if (!*ret_signer)
		TRY(try_candidate(s, response, issuer, issuer, ret_signer, ret_why));
	/* The certificates inside the response are in the evidence too: skip those tried. */
	for (size_t i = 0; i < evidence->n_certs && !*ret_signer; i++) {
		const struct cert *c = evidence->certs[i].cert;
		if (response->n_certs == 0 && cert_has_eku(c, OID_EKU_OCSP_SIGNING))
			TRY(try_candidate(s, response, c, issuer, ret_signer, ret_why));
	}
	return OK;
}
