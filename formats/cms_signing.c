/* Signed attributes that say when and with which certificate. */
#include "formats/cms.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

#define DIRECTORY_NAME DER_CONTEXT(4) /* of GeneralName */

enum err cms_signing_time(struct scope *s, const struct cms_signer *signer, struct instant *ret_t)
{
	const struct cms_attr *attr = cms_find_attr(&signer->signed_attrs, OID_ATTR_SIGNING_TIME);
	struct der value;
	if (!attr) {
		*ret_t = INSTANT_NONE;
		return OK;
	}
	if (attr->n_values != 1)
		return scope_fault(
		    s, ERR_FORMAT, "cms: signingTime with %zu values", attr->n_values);
	struct bytes rest = attr->values[0];
	TRY(der_next(s, &rest, &value));
	return der_time(s, value, ret_t);
}

/* IssuerSerial (RFC 5035 5): the first directoryName counts. */
static enum err read_issuer_serial(struct scope *s, struct bytes fields, struct cms_ess_cert_id *id)
{
	struct der names, name, serial;
	TRY(der_expect(s, &fields, DER_SEQUENCE, "issuer of IssuerSerial", &names));
	TRY(der_expect(s, &fields, DER_INTEGER, "serialNumber of IssuerSerial", &serial));
	TRY(der_end(s, fields, "IssuerSerial"));
	while (names.value.n > 0 && id->issuer.n == 0) {
		TRY(der_next(s, &names.value, &name));
		if (name.tag == DIRECTORY_NAME)
			id->issuer = name.value;
	}
	id->serial = serial.value;
	id->has_issuer_serial = true;
	return OK;
}

/* ESSCertID, and ESSCertIDv2 with its hashAlgorithm DEFAULT id-sha256 (RFC 5035 4). */
static enum err read_cert_id(
    struct scope *s, struct bytes fields, bool is_v2, struct cms_ess_cert_id *id)
{
	struct der part;
	bool present;
	id->digest.alg = is_v2 ? DIGEST_SHA256 : DIGEST_SHA1;
	if (is_v2 && der_has(fields, DER_SEQUENCE)) {
		TRY(der_next(s, &fields, &part));
		TRY(digest_of_algorithm_identifier(s, part.whole, &id->digest.alg));
	}
	TRY(der_expect(s, &fields, DER_OCTET_STRING, "certHash", &part));
	if (part.value.n > DIGEST_MAX)
		return scope_fault(s, ERR_FORMAT, "cms: certHash of %zu octets", part.value.n);
	id->digest.n = part.value.n;
	if (part.value.n > 0)
		memcpy(id->digest.value, part.value.p, part.value.n);
	TRY(der_optional(s, &fields, DER_SEQUENCE, "issuerSerial", &present, &part));
	if (present)
		TRY(read_issuer_serial(s, part.value, id));
	return der_end(s, fields, "ESSCertID");
}

static size_t count_elements(struct bytes content)
{
	struct der element;
	size_t n = 0;
	while (der_step(&content, &element))
		n++;
	return n;
}

enum err cms_signing_certificate(struct scope *s, const struct cms_signer *signer,
    struct cms_ess_cert_id **ret_ids, size_t *ret_n)
{
	struct der sequence, certs, id;
	const struct cms_attrs *attrs = &signer->signed_attrs;
	const struct cms_attr *v2 = cms_find_attr(attrs, OID_ATTR_SIGNING_CERTIFICATE_V2);
	const struct cms_attr *attr = v2 ? v2 : cms_find_attr(attrs, OID_ATTR_SIGNING_CERTIFICATE);
	if (!attr) {
		*ret_ids = NULL;
		*ret_n = 0;
		return OK;
	}
	if (attr->n_values != 1)
		return scope_fault(
		    s, ERR_FORMAT, "cms: signing-certificate with %zu values", attr->n_values);
	struct bytes rest = attr->values[0];
	TRY(der_expect(s, &rest, DER_SEQUENCE, "SigningCertificate", &sequence));
	TRY(der_expect(s, &sequence.value, DER_SEQUENCE, "certs", &certs));
	size_t n = count_elements(certs.value);
	if (n == 0 || n > LIMIT_CMS_CERTIFICATES)
		return scope_fault(
		    s, n ? ERR_LIMIT : ERR_FORMAT, "cms: signing-certificate names %zu", n);
	struct cms_ess_cert_id *ids = scope_alloc_array(s, n, sizeof(*ids));
	if (!ids)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		TRY(der_expect(s, &certs.value, DER_SEQUENCE, "ESSCertID", &id));
		TRY(read_cert_id(s, id.value, v2 != NULL, &ids[i]));
	}
	TRY(der_end(s, certs.value, "certs"));
	*ret_ids = ids;
	*ret_n = n;
	return OK;
}
