#include "validator/signer_rules.h"

#include "validator/algorithm_limit.h"

enum err signer_rules_check(
    struct scope *s, const struct document_signer *signer, struct findings *f)
{
	if (!signer->algorithm_known)
		TRY(findings_add(s, f, FINDING_ALGORITHM_UNSUPPORTED, NULL));
	else if (!signer->digest_matches)
		TRY(findings_add(s, f, FINDING_HASH_MISMATCH, NULL));
	if (!signer->cert)
		return findings_add(s, f, FINDING_SIGNING_CERTIFICATE_NOT_FOUND, NULL);
	if (signer->algorithm_known && !signer->value_valid)
		TRY(findings_add(s, f, FINDING_SIGNATURE_INVALID, NULL));
	if (signer->has_ess && !signer->ess_matches)
		TRY(findings_add(s, f, FINDING_SIGNING_CERTIFICATE_MISMATCH, NULL));
	if (!signer->has_ess)
		TRY(findings_add(s, f, FINDING_SIGNING_CERTIFICATE_UNPROTECTED, NULL));
	if (!signer->has_signed_attrs)
		TRY(findings_add(s, f, FINDING_SIGNED_ATTRIBUTES_MISSING, NULL));
	if (!signer->attrs_in_order)
		TRY(findings_add(s, f, FINDING_ATTRIBUTES_NOT_DER, NULL));
	if (!signer->content_type_matches)
		TRY(findings_add(s, f, FINDING_CONTENT_TYPE_WRONG, NULL));
	return OK;
}

enum err signer_rules_algorithm(struct scope *s, const struct xcv *x, enum policy_use use,
    const struct document_signer *signer, struct instant existed, struct instant not_older,
    struct findings *f)
{
	struct algorithm_limit limit;
	if (!signer->cert || !signer->algorithm_known)
		return OK;
	TRY(algorithm_limit_of_signature(
	    s, x->policy, use, signer->sig_alg, signer->digest_alg, signer->cert, &limit));
	return xcv_note_algorithm(s, x, &limit, signer->cert, existed, not_older, f);
}
