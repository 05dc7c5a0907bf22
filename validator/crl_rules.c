#include "validator/crl_rules.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

bool crl_rules_is_about(const struct crl *crl, const struct cert *cert)
{
	return cert_names_match(crl->issuer, cert->issuer);
}

/* The URL, whole, is one of the full names of the list's distribution point. */
static bool is_url_of_list(const struct crl *crl, struct bytes url)
{
	struct bytes rest = crl->idp_name;
	struct der point, names, name;
	if (!der_step(&rest, &point) || !der_step(&point.value, &names) ||
	    names.tag != DER_CONTEXT(0))
		return false;
	while (der_step(&names.value, &name))
		if (name.tag == DER_CONTEXT_PRIMITIVE(6) && bytes_equal(name.value, url))
			return true;
	return false;
}

/* RFC 5280 6.3.3 (b)(2): the distribution point of the list is one of the certificate's. */
static bool is_in_partition(const struct crl *crl, const struct cert *cert)
{
	if (crl->idp_name.n == 0)
		return true;
	for (size_t i = 0; i < cert->crl_points.n; i++)
		if (bytes_equal(cert->crl_points.item[i].name, crl->idp_name))
			return true;
	/* The names are CHOICEs of lists: one URL in common is enough (6.3.3 (b)(2)(i)). */
	for (size_t i = 0; i < cert->crl_points.n; i++) {
		const struct cert_texts *urls = &cert->crl_points.item[i].urls;
		for (size_t k = 0; k < urls->n; k++)
			if (is_url_of_list(crl, bytes_of_str(urls->item[k])))
				return true;
	}
	return false;
}

const char *crl_rules_reject(const struct crl *crl, const struct cert *cert, struct instant now)
{
	if (crl->unknown_critical || crl->unknown_critical_entry)
		return "the CRL has a critical extension that is not known";
	if (crl->is_delta)
		return "the CRL is a delta, not a complete list";
	if (crl->indirect)
		return "the CRL is an indirect one";
	if (crl->only_reasons)
		return "the CRL covers some reasons only";
	if (crl->only_attribute_certs || (crl->only_user_certs && cert->is_ca) ||
	    (crl->only_ca_certs && !cert->is_ca))
		return "the CRL does not cover certificates of this kind";
	if (!is_in_partition(crl, cert))
		return "the CRL belongs to another distribution point";
	if (instant_before(instant_add(now, LIMIT_TST_FUTURE_S), crl->this_update))
		return "the CRL was issued after the time of the check";
	if (instant_is_known(crl->next_update) &&
	    instant_before(crl->next_update, crl->this_update))
		return "the CRL ends before it begins";
	return NULL;
}

enum err crl_rules_find_signer(struct scope *s, const struct crl *crl, const struct cert *issuer,
    const struct cert **ret_signer, const char **ret_why)
{
	*ret_signer = NULL;
	*ret_why = "the CRL's authority key is another one";
	if (crl->aki.n && issuer->ski.n && !bytes_equal(crl->aki, issuer->ski))
		return OK;
	/* RFC 5280 6.3.3 (f): keyUsage, if present, must have cRLSign. */
	*ret_why = "the authority's certificate is not for signing CRLs";
	if (issuer->has_key_usage && !(issuer->key_usage & CERT_KU_CRL_SIGN))
		return OK;
	*ret_why = "the signature of the CRL does not verify";
	bool ok = false;
	enum err err = crl_is_signed_by(s, crl, issuer, &ok);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		*ret_why = "the CRL uses an algorithm that is not known";
		return OK;
	}
	TRY(err);
	if (!ok)
		return OK;
	*ret_signer = issuer;
	*ret_why = NULL;
	return OK;
}
