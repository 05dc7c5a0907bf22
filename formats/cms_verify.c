/* The signature value against a key. */
#include "formats/cms.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

/* Elements in ascending order, as a SET OF has them (X.690 11.6). */
static bool is_in_order(struct bytes content)
{
	struct der element, before = { 0 };
	while (der_step(&content, &element)) {
		if (bytes_compare(before.whole, element.whole) > 0)
			return false;
		before = element;
	}
	return true;
}

/* The same values with definite, minimal lengths and strings in one piece. */
static enum err add_definite(struct scope *s, struct buf *b, struct bytes content, unsigned depth)
{
	if (depth > LIMIT_DER_DEPTH)
		return scope_fault(s, ERR_LIMIT, "cms: attributes nested too deeply");
	while (content.n > 0) {
		struct der tlv;
		struct bytes octets;
		TRY(der_next(s, &content, &tlv));
		if (tlv.tag == (DER_OCTET_STRING | DER_CONSTRUCTED)) {
			TRY(der_octet_string(s, tlv, &octets));
			der_add(b, DER_OCTET_STRING, octets);
			continue;
		}
		size_t mark = der_open(b, tlv.tag);
		if (tlv.tag & DER_CONSTRUCTED)
			TRY(add_definite(s, b, tlv.value, depth + 1));
		else
			buf_add(b, tlv.value);
		der_close(b, mark);
	}
	return OK;
}

/* What was signed, as the attributes stand: the [0] replaced by the tag of a SET (RFC 5652 5.4). */
static enum err as_stored(struct scope *s, struct bytes whole, struct bytes *ret_set)
{
	struct buf b = buf_new(s, whole.n);
	buf_add_byte(&b, DER_SET);
	buf_add(&b, bytes_from(whole, 1));
	return buf_done(&b, ret_set);
}

/* What ought to have been signed: the DER encoding, in stored or in sorted order. */
static enum err as_der(struct scope *s, struct bytes whole, bool sorted, struct bytes *ret_set)
{
	struct der set;
	struct buf b = buf_new(s, whole.n > SIZE_MAX / 4 ? SIZE_MAX : whole.n * 4);
	TRY(der_next(s, &whole, &set));
	size_t mark = der_open(&b, DER_SET);
	TRY(add_definite(s, &b, set.value, 1));
	if (sorted)
		der_close_set_of(&b, mark);
	else
		der_close(&b, mark);
	return buf_done(&b, ret_set);
}

enum err cms_verify_value(struct scope *s, const struct cms_signer *signer,
    const struct cert *signer_cert, const struct digest *content, bool *ret_ok,
    bool *ret_attrs_in_order)
{
	struct bytes whole = signer->signed_attrs.whole, rest = whole, set;
	struct der attrs;
	bool ok;
	if (whole.n == 0) {
		TRY(signature_alg_verify_digest(
		    s, signer->sig_alg, signer_cert->key, content, signer->sig_value, &ok));
		*ret_ok = ok;
		*ret_attrs_in_order = true;
		return OK;
	}
	TRY(der_next(s, &rest, &attrs));
	bool in_order = is_in_order(attrs.value);
	TRY(as_stored(s, whole, &set));
	TRY(signature_alg_verify(
	    s, signer->sig_alg, signer_cert->key, set, signer->sig_value, &ok));
	if (!ok && !der_is_der(whole)) {
		TRY(as_der(s, whole, false, &set));
		TRY(signature_alg_verify(
		    s, signer->sig_alg, signer_cert->key, set, signer->sig_value, &ok));
	}
	if (!ok && !in_order) {
		TRY(as_der(s, whole, true, &set));
		TRY(signature_alg_verify(
		    s, signer->sig_alg, signer_cert->key, set, signer->sig_value, &ok));
	}
	*ret_ok = ok;
	*ret_attrs_in_order = in_order;
	return OK;
}
