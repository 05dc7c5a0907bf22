#include "formats/crl.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/cert_name.h"
#include "formats/crl_index.h"
#include "formats/der.h"

const char *crl_reason_name(enum crl_reason r)
{
	switch (r) {
	case CRL_REASON_NONE:
		return "none given";
	case CRL_REASON_UNSPECIFIED:
		return "unspecified";
	case CRL_REASON_KEY_COMPROMISE:
		return "keyCompromise";
	case CRL_REASON_CA_COMPROMISE:
		return "cACompromise";
	case CRL_REASON_AFFILIATION_CHANGED:
		return "affiliationChanged";
	case CRL_REASON_SUPERSEDED:
		return "superseded";
	case CRL_REASON_CESSATION_OF_OPERATION:
		return "cessationOfOperation";
	case CRL_REASON_CERTIFICATE_HOLD:
		return "certificateHold";
	case CRL_REASON_REMOVE_FROM_CRL:
		return "removeFromCRL";
	case CRL_REASON_PRIVILEGE_WITHDRAWN:
		return "privilegeWithdrawn";
	case CRL_REASON_AA_COMPROMISE:
		return "aACompromise";
	}
	return "unknown";
}

/* -- extensions of the list --------------------------------------------------------------------*/

static enum err read_number(
    struct scope *s, const struct cert_extension *e, struct bytes *ret_number)
{
	struct der tlv;
	TRY(der_only(s, e->value, DER_INTEGER, "number of a CRL", &tlv));
	if (tlv.value.n == 0)
		return scope_fault(s, ERR_FORMAT, "crl: number without content");
	*ret_number = tlv.value;
	return OK;
}

static enum err read_crl_number(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	return read_number(s, e, &crl->number);
}

static enum err read_delta(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	crl->is_delta = true;
	return read_number(s, e, &crl->base_number);
}

/* One of the BOOLEAN DEFAULT FALSE fields [1], [2], [4] and [5] of an IDP. */
static enum err read_idp_flag(struct scope *s, struct bytes *rest, uint8_t n, bool *ret_flag)
{
	struct der tlv;
	bool present;
	TRY(der_optional(
	    s, rest, (uint8_t)DER_CONTEXT_PRIMITIVE(n), "flag of an IDP", &present, &tlv));
	*ret_flag = false;
	return present ? der_boolean(s, tlv, ret_flag) : OK;
}

/* IssuingDistributionPoint (RFC 5280 5.2.5). */
static enum err read_idp(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	struct der whole, name, reasons;
	bool present;
	crl->has_idp = true;
	crl->idp_critical = e->critical;
	TRY(der_only(s, e->value, DER_SEQUENCE, "issuingDistributionPoint", &whole));
	struct bytes rest = whole.value;
	TRY(der_optional(s, &rest, DER_CONTEXT(0), "distributionPoint", &present, &name));
	if (present)
		crl->idp_name = name.whole;
	TRY(read_idp_flag(s, &rest, 1, &crl->only_user_certs));
	TRY(read_idp_flag(s, &rest, 2, &crl->only_ca_certs));
	TRY(der_optional(
	    s, &rest, DER_CONTEXT_PRIMITIVE(3), "onlySomeReasons", &present, &reasons));
	if (present)
		TRY(der_named_bits(s, reasons, &crl->only_reasons));
	TRY(read_idp_flag(s, &rest, 4, &crl->indirect));
	TRY(read_idp_flag(s, &rest, 5, &crl->only_attribute_certs));
	return der_end(s, rest, "issuingDistributionPoint");
}

static enum err read_aki(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	return cert_extensions_authority_key_id(s, e->value, &crl->aki);
}

static enum err read_freshest(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	return cert_extensions_distribution_points(s, e->value, &crl->freshest_crl);
}

static enum err read_authority_info(
    struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	struct cert_texts ocsp, issuers = { 0 };
	enum err err = cert_extensions_authority_info(s, e->value, &ocsp, &issuers);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK) {
		scope_forgive(s); /* a hint where to look, no more: the list is as good without */
		return OK;
	}
	crl->aia_ca_issuers = issuers;
	return OK;
}

static enum err read_expired(struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	struct der tlv;
	TRY(der_only(s, e->value, DER_GENERALIZED_TIME, "expiredCertsOnCRL", &tlv));
	return der_time(s, tlv, &crl->expired_certs_on_crl);
}

/* Nothing in it bears on what the list says. */
static enum err read_issuer_alt_name(
    struct scope *s, const struct cert_extension *e, struct crl *crl)
{
	(void)s;
	(void)e;
	(void)crl;
	return OK;
}

static const struct {
	enum oid id;
	enum err (*read)(struct scope *s, const struct cert_extension *e, struct crl *crl);
} known_extensions[] = {
	{ OID_EXT_CRL_NUMBER, read_crl_number },
	{ OID_EXT_DELTA_CRL_INDICATOR, read_delta },
	{ OID_EXT_ISSUING_DISTRIBUTION_POINT, read_idp },
	{ OID_EXT_AUTHORITY_KEY_ID, read_aki },
	{ OID_EXT_FRESHEST_CRL, read_freshest },
	{ OID_EXT_EXPIRED_CERTS_ON_CRL, read_expired },
	{ OID_EXT_ISSUER_ALT_NAME, read_issuer_alt_name },
	{ OID_EXT_AUTHORITY_INFO_ACCESS, read_authority_info },
};

/* `seen` has one bit for each row above: no extension may come twice (RFC 5280 4.2). */
static enum err read_extension(
    struct scope *s, const struct cert_extension *e, struct crl *crl, unsigned *seen)
{
	const size_t n = sizeof(known_extensions) / sizeof(known_extensions[0]);
	for (size_t i = 0; i < n; i++) {
		if (!oid_is(e->oid, known_extensions[i].id))
			continue;
		if (*seen & 1U << i)
			return scope_fault(s, ERR_FORMAT, "crl: extension %s comes twice",
			    oid_dotted(known_extensions[i].id));
		*seen |= 1U << i;
		return known_extensions[i].read(s, e, crl);
	}
	crl->unknown_critical |= e->critical;
	return OK;
}

static enum err read_extensions(struct scope *s, struct bytes tagged, struct crl *crl)
{
	struct der list;
	struct cert_extension e;
	unsigned seen = 0;
	TRY(der_only(s, tagged, DER_SEQUENCE, "crlExtensions", &list));
	for (size_t n = 0; list.value.n > 0; n++) {
		if (n == LIMIT_CERT_EXTENSIONS)
			return scope_fault(
			    s, ERR_LIMIT, "crl: more than %d extensions", LIMIT_CERT_EXTENSIONS);
		TRY(cert_extensions_next(s, &list.value, &e));
		TRY(read_extension(s, &e, crl, &seen));
	}
	return OK;
}

/* -- the list ----------------------------------------------------------------------------------*/

static enum err read_version(struct scope *s, struct bytes *rest)
{
	struct der tlv;
	bool present;
	int64_t version = 0;
	TRY(der_optional(s, rest, DER_INTEGER, "version", &present, &tlv));
	if (present)
		TRY(der_small_integer(s, tlv, &version));
	if (version != 0 && version != 1)
		return scope_fault(s, ERR_UNSUPPORTED, "crl: unknown version");
	return OK;
}

static enum err read_updates(struct scope *s, struct bytes *rest, struct crl *crl)
{
	struct der tlv;
	TRY(der_next(s, rest, &tlv));
	TRY(der_time(s, tlv, &crl->this_update));
	crl->next_update = INSTANT_NONE;
	if (!der_has(*rest, DER_UTC_TIME) && !der_has(*rest, DER_GENERALIZED_TIME))
		return OK;
	TRY(der_next(s, rest, &tlv));
	return der_time(s, tlv, &crl->next_update);
}

static enum err read_entries(struct scope *s, struct bytes revoked, struct crl *crl)
{
	struct crl_index_summary summary;
	TRY(crl_index_build(s, revoked, crl->issuer, &crl->index, &summary));
	crl->n_entries = summary.n_entries;
	crl->unknown_critical_entry = summary.unknown_critical;
	return OK;
}

/* TBSCertList (RFC 5280 5.1.2); *ret_alg is its signature field. */
static enum err read_tbs(struct scope *s, struct bytes rest, struct crl *crl, struct bytes *ret_alg)
{
	struct der alg, issuer, revoked, extensions;
	bool has_revoked, has_extensions;
	TRY(read_version(s, &rest));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "signature", &alg));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "issuer", &issuer));
	crl->issuer = issuer.whole;
	TRY(cert_name_text(s, issuer.whole, &crl->issuer_text));
	TRY(read_updates(s, &rest, crl));
	TRY(der_optional(s, &rest, DER_SEQUENCE, "revokedCertificates", &has_revoked, &revoked));
	TRY(der_optional(s, &rest, DER_CONTEXT(0), "crlExtensions", &has_extensions, &extensions));
	TRY(der_end(s, rest, "TBSCertList"));
	if (has_extensions)
		TRY(read_extensions(s, extensions.value, crl));
	*ret_alg = alg.whole;
	return read_entries(s, has_revoked ? revoked.value : BYTES_NONE, crl);
}

static enum err read_list(struct scope *s, struct bytes der, struct crl *crl)
{
	struct der whole, tbs, alg, value;
	struct bytes inner_alg;
	TRY(der_only(s, der, DER_SEQUENCE, "CertificateList", &whole));
	struct bytes rest = whole.value;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "tbsCertList", &tbs));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "signatureAlgorithm", &alg));
	TRY(der_expect(s, &rest, DER_BIT_STRING, "signatureValue", &value));
	TRY(der_end(s, rest, "CertificateList"));
	crl->tbs = tbs.whole;
	TRY(signature_alg_parse(s, alg.whole, DIGEST_UNKNOWN, &crl->sig_alg));
	/* A value with unused bits is no signature, but the list can still be read. */
	if (value.value.n == 0 || value.value.p[0] == 0)
		TRY(der_bit_string(s, value, &crl->sig_value));
	TRY(read_tbs(s, tbs.value, crl, &inner_alg));
	crl->sig_algs_agree = bytes_equal(inner_alg, alg.whole);
	return OK;
}

/* The octets of the first PEM block (RFC 7468 section 6), or the file itself if it is DER. */
static enum err der_of_file(struct scope *s, struct bytes file, struct bytes *ret_der)
{
	const struct bytes begin = BYTES_LIT("-----BEGIN X509 CRL-----");
	const struct bytes end = BYTES_LIT("-----END X509 CRL-----");
	if (der_has(file, DER_SEQUENCE)) {
		*ret_der = file;
		return OK;
	}
	size_t from = bytes_find(file, begin, 0);
	size_t to = from == BYTES_NOT_FOUND ? from : bytes_find(file, end, from);
	if (to == BYTES_NOT_FOUND)
		return scope_fault(s, ERR_FORMAT, "crl: neither DER nor PEM");
	from += begin.n;
	return bytes_of_base64(s, bytes_cut(file, from, to - from), ret_der);
}

enum err crl_parse(struct scope *s, struct bytes file, const struct crl **ret_crl)
{
	struct crl *crl = scope_alloc(s, sizeof(*crl));
	if (!crl)
		return ERR_NOMEM;
	TRY(der_of_file(s, file, &crl->der));
	crl->expired_certs_on_crl = INSTANT_NONE;
	TRY(read_list(s, crl->der, crl));
	TRY(digest_of_bytes(s, DIGEST_SHA256, crl->der, &crl->sha256));
	*ret_crl = crl;
	return OK;
}

enum err crl_find(struct scope *s, const struct crl *crl, struct bytes issuer, struct bytes serial,
    bool *ret_found, struct crl_entry *ret_entry)
{
	return crl_index_find(s, crl->index, issuer, serial, ret_found, ret_entry);
}

enum err crl_is_signed_by(
    struct scope *s, const struct crl *crl, const struct cert *issuer, bool *ret_ok)
{
	/* RFC 5280 5.1.1.2: both fields must name the same algorithm. */
	if (!crl->sig_algs_agree) {
		*ret_ok = false;
		return OK;
	}
	return signature_alg_verify(s, crl->sig_alg, issuer->key, crl->tbs, crl->sig_value, ret_ok);
}
