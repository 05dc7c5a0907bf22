#include "validator/crl_delta.h"

static struct bytes without_zeros(struct bytes number)
{
	while (number.n > 0 && number.p[0] == 0)
		number = bytes_from(number, 1);
	return number;
}

/* RFC 5280 5.2.3: numbers are not negative, and of up to 20 octets. */
int crl_delta_compare_numbers(struct bytes a, struct bytes b)
{
	if (a.n == 0 || b.n == 0)
		return (a.n > 0) - (b.n > 0);
	a = without_zeros(a);
	b = without_zeros(b);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return bytes_compare(a, b);
}

/* 6.3.3 (c)(2): both carry the same issuing distribution point, or neither does. */
static bool same_scope(const struct crl *a, const struct crl *b)
{
	return a->has_idp == b->has_idp && bytes_equal(a->idp_name, b->idp_name) &&
	       a->only_user_certs == b->only_user_certs && a->only_ca_certs == b->only_ca_certs &&
	       a->only_attribute_certs == b->only_attribute_certs && a->indirect == b->indirect &&
	       a->only_reasons == b->only_reasons;
}

bool crl_delta_fits(const struct crl *delta, const struct crl *base)
{
	if (!delta->is_delta || base->is_delta)
		return false;
	/* 6.3.3 (c)(1), (2), (3) */
	if (!cert_names_match(delta->issuer, base->issuer) || !same_scope(delta, base) ||
	    !bytes_equal(delta->aki, base->aki))
		return false;
	/* 5.2.4 (c), (d): not older than what the delta starts from, and older than the delta. */
	return base->number.n > 0 && delta->number.n > 0 &&
	       crl_delta_compare_numbers(base->number, delta->base_number) >= 0 &&
	       crl_delta_compare_numbers(base->number, delta->number) < 0;
}
