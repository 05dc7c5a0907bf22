#include "validator/crl_rules.h"

#include "base/limits.h"
#include "base/scope.h"

const char *crl_rules_reject(const struct crl *crl, struct instant now)
{
	/* RFC 5280 5.2, 5.3: such a list must not be used to determine any status. */
	if (crl->unknown_critical || crl->unknown_critical_entry)
		return "the CRL has a critical extension that is not known";
	if (instant_before(instant_add(now, LIMIT_TST_FUTURE_S), crl->this_update))
		return "the CRL was issued after the time of the check";
	if (instant_is_known(crl->next_update) &&
	    instant_before(crl->next_update, crl->this_update))
		return "the CRL ends before it begins";
	return NULL;
}

const char *crl_rules_reject_signer(const struct crl *crl, const struct cert *signer)
{
	if (!cert_names_match(crl->issuer, signer->subject))
		return "the certificate of the CRL's signer is not at hand";
	if (crl->aki.n && signer->ski.n && !bytes_equal(crl->aki, signer->ski))
		return "the CRL's authority key is another one";
	/* RFC 5280 6.3.3 (f): keyUsage, if present, must have cRLSign. */
	if (signer->has_key_usage && !(signer->key_usage & CERT_KU_CRL_SIGN))
		return "the authority's certificate is not for signing CRLs";
	return NULL;
}

enum err crl_rules_verify(
    struct scope *s, const struct crl *crl, const struct cert *signer, const char **ret_why)
{
	bool ok = false;
	*ret_why = "the signature of the CRL does not verify";
	enum err err = crl_is_signed_by(s, crl, signer, &ok);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		*ret_why = "the CRL uses an algorithm that is not known";
		return OK;
	}
	TRY(err);
	if (ok)
		*ret_why = NULL;
	return OK;
}
