#include "formats/cert_policy.h"

#include <limits.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

enum err cert_policy_mappings(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, pair, from, to;
	TRY(der_only(s, value, DER_SEQUENCE, "policyMappings", &sequence));
	struct cert_policy_mapping *item = scope_alloc_array(s, LIMIT_CERT_LIST, sizeof(*item));
	size_t n = 0;
	if (!item)
		return ERR_NOMEM;
	while (sequence.value.n > 0) {
		if (n == LIMIT_CERT_LIST)
			return scope_fault(s, ERR_LIMIT, "list too long");
		TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "policy mapping", &pair));
		TRY(der_expect(s, &pair.value, DER_OID, "issuerDomainPolicy", &from));
		TRY(der_expect(s, &pair.value, DER_OID, "subjectDomainPolicy", &to));
		TRY(der_end(s, pair.value, "policy mapping"));
		item[n++] = (struct cert_policy_mapping){ from.value, to.value };
	}
	if (n == 0)
		return scope_fault(s, ERR_FORMAT, "no policy mapping");
	c->policy_mappings.item = item;
	c->policy_mappings.n = n;
	return OK;
}

/* SkipCerts; a number beyond any path's length is as good as the largest. */
static enum err read_skip(struct scope *s, struct der tlv, int *ret_skip)
{
	int64_t number;
	TRY(der_small_integer(s, tlv, &number));
	if (number < 0)
		return scope_fault(s, ERR_FORMAT, "negative number of certificates");
	*ret_skip = number > INT_MAX ? INT_MAX : (int)number;
	return OK;
}

enum err cert_policy_constraints(struct scope *s, struct bytes value, struct cert *c)
{
	struct der sequence, explicit_after, no_mapping_after;
	bool has_explicit, has_mapping;
	TRY(der_only(s, value, DER_SEQUENCE, "policyConstraints", &sequence));
	TRY(der_optional(s, &sequence.value, DER_CONTEXT_PRIMITIVE(0), "requireExplicitPolicy",
	    &has_explicit, &explicit_after));
	TRY(der_optional(s, &sequence.value, DER_CONTEXT_PRIMITIVE(1), "inhibitPolicyMapping",
	    &has_mapping, &no_mapping_after));
	TRY(der_end(s, sequence.value, "policyConstraints"));
	if (!has_explicit && !has_mapping)
		return scope_fault(s, ERR_FORMAT, "empty policyConstraints");
	if (has_explicit)
		TRY(read_skip(s, explicit_after, &c->require_explicit_policy));
	if (has_mapping)
		TRY(read_skip(s, no_mapping_after, &c->inhibit_policy_mapping));
	return OK;
}

enum err cert_policy_inhibit_any(struct scope *s, struct bytes value, struct cert *c)
{
	struct der number;
	TRY(der_only(s, value, DER_INTEGER, "inhibitAnyPolicy", &number));
	return read_skip(s, number, &c->inhibit_any_policy);
}
