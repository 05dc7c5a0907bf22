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
static enum err compare_cert_hash(struct scope *s, const struct ocsp_single *single,
    const struct cert *cert, bool *ret_same, bool *ret_other)
{
	struct digest d;
	*ret_same = *ret_other = false;
	if (single->cert_hash_alg == DIGEST_UNKNOWN)
		return OK;
	enum err err = digest_of_bytes(s, single->cert_hash_alg, cert->der, &d);
	if (err == ERR_UNSUPPORTED) { /* what cannot be compared says nothing */
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	*ret_same = bytes_equal(digest_bytes(&d), single->cert_hash);
	*ret_other = !*ret_same;
	return OK;
}

/* RFC 6960 4.4.4: after the certificate's end "good" says something only up to the archive cutoff,
 * or where the responder shows that it has the certificate (as EU DSS has it). That it is revoked
 * is said whenever it is said. */
static bool is_said_too_late(
    const struct ocsp_single *single, const struct cert *cert, bool is_known_there)
{
	if (single->status == OCSP_REVOKED || !instant_before(cert->not_after, single->this_update))
		return false;
	if (instant_is_known(single->archive_cutoff) &&
	    !instant_before(cert->not_after, single->archive_cutoff))
		return false;
	return !is_known_there;
}

enum err ocsp_rules_reject(struct scope *s, const struct ocsp_response *response,
    const struct ocsp_single *single, const struct cert *cert, struct instant now,
    const char **ret_why)
{
	bool same, other;
	TRY(compare_cert_hash(s, single, cert, &same, &other));
	*ret_why = reject_plainly(response, single, now);
	if (!*ret_why && other)
		*ret_why = "the OCSP response names another certificate (CertHash)";
	if (!*ret_why && is_said_too_late(single, cert, same))
		*ret_why = "the OCSP response was issued after the certificate had expired";
	return OK;
}

const char *ocsp_rules_reject_responder(
    const struct ocsp_response *response, const struct cert *responder, const struct cert *issuer)
{
	if (cert_equal(responder, issuer))
		return NULL;
	if (!cert_names_match(responder->issuer, issuer->subject))
		return "the OCSP responder's certificate was not issued by the same authority";
	if (!cert_has_eku(responder, OID_EKU_OCSP_SIGNING))
		return "the OCSP responder's certificate is not for signing OCSP responses";
	if (instant_before(response->produced_at, responder->not_before) ||
	    instant_before(responder->not_after, response->produced_at))
		return "the OCSP responder's certificate was not valid then";
	if (responder->has_key_usage &&
	    !(responder->key_usage & (CERT_KU_DIGITAL_SIGNATURE | CERT_KU_NON_REPUDIATION)))
		return "the key usage of the OCSP responder's certificate forbids signing";
	return NULL;
}

enum err ocsp_rules_verify(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, const char **ret_why)
{
	bool ok = false;
	*ret_why = "the signature of the OCSP response does not verify";
	enum err err = ocsp_is_signed_by(s, response, responder, &ok);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		*ret_why = "the OCSP response uses an algorithm that is not known";
		return OK;
	}
	TRY(err);
	if (ok)
		*ret_why = NULL;
	return OK;
}
