#include "formats/crl_updates.h"

#include "formats/der.h"

enum err crl_updates_read(
    struct scope *s, struct bytes file, struct instant *ret_this, struct instant *ret_next)
{
	struct der whole, tbs, tlv;
	struct instant this_update, next_update = INSTANT_NONE;
	bool present;
	TRY(der_only(s, file, DER_SEQUENCE, "CertificateList", &whole));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "tbsCertList", &tbs));
	struct bytes rest = tbs.value;
	TRY(der_optional(s, &rest, DER_INTEGER, "version", &present, &tlv));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "signature", &tlv));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "issuer", &tlv));
	TRY(der_next(s, &rest, &tlv));
	TRY(der_time(s, tlv, &this_update));
	if (der_has(rest, DER_UTC_TIME) || der_has(rest, DER_GENERALIZED_TIME)) {
		TRY(der_next(s, &rest, &tlv));
		TRY(der_time(s, tlv, &next_update));
	}
	*ret_this = this_update;
	*ret_next = next_update;
	return OK;
}
