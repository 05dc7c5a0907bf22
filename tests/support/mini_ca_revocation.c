#include "tests/support/mini_ca_revocation.h"

#include "base/scope.h"
#include "formats/der.h"
#include "tests/support/mini_ca_parts.h"

#define CAP MINI_CA_PARTS_CAP
#define HOUR INT64_C(3600)

/* -- CRLs --------------------------------------------------------------------------------------*/

static void add_serial(struct buf *b, const struct mini_ca_revocation_entry *e)
{
	if (e->cert)
		der_add(b, DER_INTEGER, e->cert->serial);
	else if (e->serial.n > 0)
		der_add(b, DER_INTEGER, e->serial);
	else
		der_add_small_integer(b, e->number);
}

static void add_entry_extensions(struct buf *b, const struct mini_ca_revocation_entry *e)
{
	size_t list = der_open(b, DER_SEQUENCE);
	struct mini_ca_parts_extension x;
	if (e->reason != CRL_REASON_UNSPECIFIED) {
		x = mini_ca_parts_open_extension(b, oid_value(OID_EXT_REASON_CODE), false);
		mini_ca_parts_enumerated(b, (int)e->reason);
		mini_ca_parts_close_extension(b, x);
	}
	if (e->invalidity_date) {
		x = mini_ca_parts_open_extension(b, oid_value(OID_EXT_INVALIDITY_DATE), false);
		der_add_generalized_time(b, mini_ca_parts_date(e->invalidity_date, 0));
		mini_ca_parts_close_extension(b, x);
	}
	if (e->issuer.n > 0) {
		x = mini_ca_parts_open_extension(b, oid_value(OID_EXT_CERTIFICATE_ISSUER), true);
		size_t names = der_open(b, DER_SEQUENCE);
		der_add(b, DER_CONTEXT(4), e->issuer);
		der_close(b, names);
		mini_ca_parts_close_extension(b, x);
	}
	if (e->unknown_critical)
		mini_ca_parts_unknown_critical(b);
	der_close(b, list);
}

static void add_entry(struct buf *b, const struct mini_ca_revocation_entry *e)
{
	size_t whole = der_open(b, DER_SEQUENCE);
	add_serial(b, e);
	der_add_time(b, mini_ca_parts_date(e->at, MINI_CA_NOW - 30 * MINI_CA_DAY));
	if (e->reason != CRL_REASON_UNSPECIFIED || e->invalidity_date || e->issuer.n > 0 ||
	    e->unknown_critical)
		add_entry_extensions(b, e);
	der_close(b, whole);
}

static void add_idp_flag(struct buf *b, uint8_t n, bool flag)
{
	if (flag)
		der_add(b, (uint8_t)DER_CONTEXT_PRIMITIVE(n), BYTES_LIT("\xff"));
}

static void add_idp(struct buf *b, const struct mini_ca_revocation_crl *spec)
{
	if (!spec->idp_url && !spec->only_user_certs && !spec->only_ca_certs &&
	    !spec->only_attribute_certs && !spec->indirect && !spec->only_reasons)
		return;
	struct mini_ca_parts_extension e =
	    mini_ca_parts_open_extension(b, oid_value(OID_EXT_ISSUING_DISTRIBUTION_POINT), true);
	size_t whole = der_open(b, DER_SEQUENCE);
	if (spec->idp_url)
		mini_ca_parts_full_name(b, spec->idp_url);
	add_idp_flag(b, 1, spec->only_user_certs);
	add_idp_flag(b, 2, spec->only_ca_certs);
	if (spec->only_reasons)
		mini_ca_parts_named_bits(b, DER_CONTEXT_PRIMITIVE(3), spec->only_reasons);
	add_idp_flag(b, 4, spec->indirect);
	add_idp_flag(b, 5, spec->only_attribute_certs);
	der_close(b, whole);
	mini_ca_parts_close_extension(b, e);
}

static void add_freshest(struct buf *b, const char *url)
{
	struct mini_ca_parts_extension e =
	    mini_ca_parts_open_extension(b, oid_value(OID_EXT_FRESHEST_CRL), false);
	size_t list = der_open(b, DER_SEQUENCE);
	size_t point = der_open(b, DER_SEQUENCE);
	mini_ca_parts_full_name(b, url);
	der_close(b, point);
	der_close(b, list);
	mini_ca_parts_close_extension(b, e);
}

/* Where the signer's certificate is (RFC 5280 5.2.7). */
static void add_issuers(struct buf *b, const char *url)
{
	struct mini_ca_parts_extension e =
	    mini_ca_parts_open_extension(b, oid_value(OID_EXT_AUTHORITY_INFO_ACCESS), false);
	size_t list = der_open(b, DER_SEQUENCE);
	size_t access = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_AIA_CA_ISSUERS));
	der_add(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(url));
	der_close(b, access);
	der_close(b, list);
	mini_ca_parts_close_extension(b, e);
}

static void add_numbers(struct buf *b, const struct mini_ca_revocation_crl *spec)
{
	struct mini_ca_parts_extension e;
	if (spec->number != MINI_CA_REVOCATION_ABSENT) {
		e = mini_ca_parts_open_extension(b, oid_value(OID_EXT_CRL_NUMBER), false);
		der_add_small_integer(b, spec->number ? spec->number : 1);
		mini_ca_parts_close_extension(b, e);
	}
	if (spec->base_number) {
		e = mini_ca_parts_open_extension(b, oid_value(OID_EXT_DELTA_CRL_INDICATOR), true);
		der_add_small_integer(b, spec->base_number);
		mini_ca_parts_close_extension(b, e);
	}
}

static void add_list_extensions(struct buf *b, const struct mini_ca_revocation_crl *spec)
{
	size_t tagged = der_open(b, DER_CONTEXT(0));
	size_t list = der_open(b, DER_SEQUENCE);
	struct mini_ca_parts_extension e;
	if (!spec->no_aki && spec->issuer->ski.n > 0) {
		e = mini_ca_parts_open_extension(b, oid_value(OID_EXT_AUTHORITY_KEY_ID), false);
		size_t aki = der_open(b, DER_SEQUENCE);
		der_add(b, DER_CONTEXT_PRIMITIVE(0), spec->issuer->ski);
		der_close(b, aki);
		mini_ca_parts_close_extension(b, e);
	}
	add_numbers(b, spec);
	add_idp(b, spec);
	if (spec->freshest_url)
		add_freshest(b, spec->freshest_url);
	if (spec->aia_url)
		add_issuers(b, spec->aia_url);
	if (spec->expired_certs_on_crl) {
		e = mini_ca_parts_open_extension(b, oid_value(OID_EXT_EXPIRED_CERTS_ON_CRL), false);
		der_add_generalized_time(b, mini_ca_parts_date(spec->expired_certs_on_crl, 0));
		mini_ca_parts_close_extension(b, e);
	}
	if (spec->unknown_critical)
		mini_ca_parts_unknown_critical(b);
	der_close(b, list);
	der_close(b, tagged);
}

static struct bytes tbs_of_crl(
    struct scope *s, const struct mini_ca_revocation_crl *spec, struct signature_alg alg)
{
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	if (!spec->v1)
		der_add_small_integer(&b, 1);
	if (spec->other_inner_alg)
		alg = mini_ca_alg(
		    alg.kind == SIGNATURE_ALG_ED448 ? MINI_CA_ED25519 : MINI_CA_ED448, false);
	signature_alg_add(&b, alg);
	buf_add(&b, spec->issuer->subject);
	der_add_time(&b, mini_ca_parts_date(spec->this_update, MINI_CA_NOW - MINI_CA_DAY));
	if (spec->next_update != MINI_CA_REVOCATION_ABSENT)
		der_add_time(
		    &b, mini_ca_parts_date(spec->next_update, MINI_CA_NOW + 7 * MINI_CA_DAY));
	if (spec->n_entries > 0) {
		size_t list = der_open(&b, DER_SEQUENCE);
		for (size_t i = 0; i < spec->n_entries; i++)
			add_entry(&b, &spec->entries[i]);
		der_close(&b, list);
	}
	if (!spec->v1)
		add_list_extensions(&b, spec);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "CRL");
}

static struct bytes pem_of(struct scope *s, struct bytes der)
{
	char *text;
	struct buf b = buf_new(s, CAP);
	mini_ca_check(bytes_to_base64(s, der, &text) == OK, "base64");
	buf_add_str(&b, "-----BEGIN X509 CRL-----\n");
	for (struct bytes rest = bytes_of_str(text); rest.n > 0; rest = bytes_from(rest, 64)) {
		buf_add(&b, bytes_cut(rest, 0, 64));
		buf_add_str(&b, "\n");
	}
	buf_add_str(&b, "-----END X509 CRL-----\n");
	return mini_ca_parts_done(&b, "PEM");
}

struct bytes mini_ca_revocation_crl(struct scope *s, const struct mini_ca_revocation_crl *spec)
{
	struct signature_alg alg = mini_ca_parts_alg(spec->alg, spec->key);
	struct bytes tbs = tbs_of_crl(s, spec, alg);
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	buf_add(&b, tbs);
	mini_ca_parts_signature(s, &b, spec->key, alg, tbs);
	der_close(&b, whole);
	struct bytes der = mini_ca_parts_done(&b, "CRL");
	return spec->pem ? pem_of(s, der) : der;
}

/* -- OCSP --------------------------------------------------------------------------------------*/

static void add_cert_id(struct scope *s, struct buf *b, const struct mini_ca_revocation_single *one)
{
	enum digest_alg hash = one->hash ? one->hash : DIGEST_SHA1;
	size_t mark = der_open(b, DER_SEQUENCE);
	digest_add_algorithm_identifier(b, hash);
	mini_ca_parts_digest(s, b, hash, one->subject->issuer, false);
	mini_ca_parts_digest(s, b, hash, one->issuer->public_key, false);
	der_add(b, DER_INTEGER, one->subject->serial);
	der_close(b, mark);
}

static void add_status(struct buf *b, const struct mini_ca_revocation_single *one)
{
	if (one->status != OCSP_REVOKED) {
		der_add(b,
		    one->status == OCSP_GOOD ? DER_CONTEXT_PRIMITIVE(0) : DER_CONTEXT_PRIMITIVE(2),
		    BYTES_NONE);
		return;
	}
	size_t mark = der_open(b, DER_CONTEXT(1));
	der_add_generalized_time(
	    b, mini_ca_parts_date(one->revoked_at, MINI_CA_NOW - 30 * MINI_CA_DAY));
	if (one->reason != CRL_REASON_UNSPECIFIED) {
		size_t tagged = der_open(b, DER_CONTEXT(0));
		mini_ca_parts_enumerated(b, (int)one->reason);
		der_close(b, tagged);
	}
	der_close(b, mark);
}

static void add_cert_hash(
    struct scope *s, struct buf *b, const struct mini_ca_revocation_single *one)
{
	struct mini_ca_parts_extension e =
	    mini_ca_parts_open_extension(b, oid_value(OID_OCSP_CERT_HASH), false);
	size_t mark = der_open(b, DER_SEQUENCE);
	digest_add_algorithm_identifier(b, one->cert_hash);
	mini_ca_parts_digest(s, b, one->cert_hash, one->subject->der, one->wrong_cert_hash);
	der_close(b, mark);
	mini_ca_parts_close_extension(b, e);
}

static void add_single_extensions(
    struct scope *s, struct buf *b, const struct mini_ca_revocation_single *one)
{
	if (!one->archive_cutoff && !one->cert_hash && !one->unknown_critical)
		return;
	size_t tagged = der_open(b, DER_CONTEXT(1));
	size_t list = der_open(b, DER_SEQUENCE);
	if (one->archive_cutoff) {
		struct mini_ca_parts_extension e =
		    mini_ca_parts_open_extension(b, oid_value(OID_OCSP_ARCHIVE_CUTOFF), false);
		der_add_generalized_time(b, mini_ca_parts_date(one->archive_cutoff, 0));
		mini_ca_parts_close_extension(b, e);
	}
	if (one->cert_hash)
		add_cert_hash(s, b, one);
	if (one->unknown_critical)
		mini_ca_parts_unknown_critical(b);
	der_close(b, list);
	der_close(b, tagged);
}

static void add_single(struct scope *s, struct buf *b, const struct mini_ca_revocation_single *one)
{
	size_t mark = der_open(b, DER_SEQUENCE);
	add_cert_id(s, b, one);
	add_status(b, one);
	der_add_generalized_time(b, mini_ca_parts_date(one->this_update, MINI_CA_NOW - HOUR));
	if (one->next_update != MINI_CA_REVOCATION_ABSENT) {
		size_t tagged = der_open(b, DER_CONTEXT(0));
		der_add_generalized_time(
		    b, mini_ca_parts_date(one->next_update, MINI_CA_NOW + MINI_CA_DAY));
		der_close(b, tagged);
	}
	add_single_extensions(s, b, one);
	der_close(b, mark);
}

static void add_responder_id(
    struct scope *s, struct buf *b, const struct mini_ca_revocation_ocsp *spec)
{
	size_t mark = der_open(b, spec->by_name ? DER_CONTEXT(1) : DER_CONTEXT(2));
	if (spec->by_name)
		buf_add(b, spec->responder->subject);
	else
		mini_ca_parts_digest(s, b, DIGEST_SHA1, spec->responder->public_key, false);
	der_close(b, mark);
}

static void add_response_extensions(struct buf *b, const struct mini_ca_revocation_ocsp *spec)
{
	if (spec->nonce.n == 0 && !spec->unknown_critical)
		return;
	size_t tagged = der_open(b, DER_CONTEXT(1));
	size_t list = der_open(b, DER_SEQUENCE);
	if (spec->nonce.n > 0) {
		struct mini_ca_parts_extension e =
		    mini_ca_parts_open_extension(b, oid_value(OID_OCSP_NONCE), false);
		if (spec->raw_nonce)
			buf_add(b, spec->nonce);
		else
			der_add(b, DER_OCTET_STRING, spec->nonce);
		mini_ca_parts_close_extension(b, e);
	}
	if (spec->unknown_critical)
		mini_ca_parts_unknown_critical(b);
	der_close(b, list);
	der_close(b, tagged);
}

static struct bytes tbs_of_ocsp(struct scope *s, const struct mini_ca_revocation_ocsp *spec)
{
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	add_responder_id(s, &b, spec);
	der_add_generalized_time(&b, mini_ca_parts_date(spec->produced_at, MINI_CA_NOW - HOUR));
	size_t singles = der_open(&b, DER_SEQUENCE);
	for (size_t i = 0; i < spec->n_singles; i++)
		add_single(s, &b, &spec->singles[i]);
	der_close(&b, singles);
	add_response_extensions(&b, spec);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "ResponseData");
}

static struct bytes basic_of(struct scope *s, const struct mini_ca_revocation_ocsp *spec)
{
	struct bytes tbs = tbs_of_ocsp(s, spec);
	struct buf b = buf_new(s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	buf_add(&b, tbs);
	mini_ca_parts_signature(s, &b, spec->key, mini_ca_parts_alg(spec->alg, spec->key), tbs);
	if (spec->n_certs > 0) {
		size_t tagged = der_open(&b, DER_CONTEXT(0));
		size_t list = der_open(&b, DER_SEQUENCE);
		for (size_t i = 0; i < spec->n_certs; i++)
			buf_add(&b, spec->certs[i]->der);
		der_close(&b, list);
		der_close(&b, tagged);
	}
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "BasicOCSPResponse");
}

struct bytes mini_ca_revocation_ocsp(struct scope *s, const struct mini_ca_revocation_ocsp *spec)
{
	struct buf b = buf_new(s, CAP);
	if (spec->status == 0 && spec->bare)
		return basic_of(s, spec);
	size_t whole = der_open(&b, DER_SEQUENCE);
	mini_ca_parts_enumerated(&b, spec->status);
	if (spec->status == 0) {
		size_t tagged = der_open(&b, DER_CONTEXT(0));
		size_t bytes = der_open(&b, DER_SEQUENCE);
		der_add(&b, DER_OID, oid_value(OID_OCSP_BASIC));
		der_add(&b, DER_OCTET_STRING, basic_of(s, spec));
		der_close(&b, bytes);
		der_close(&b, tagged);
	}
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "OCSPResponse");
}

const struct cert *mini_ca_revocation_responder(
    struct scope *s, const struct cert *ca, EVP_PKEY *ca_key, EVP_PKEY *key)
{
	static const char *const extensions[] = { "keyUsage=critical,digitalSignature",
		"extendedKeyUsage=OCSPSigning", "noCheck=ignored", "subjectKeyIdentifier=hash",
		"authorityKeyIdentifier=keyid", NULL };
	return mini_ca_parsed(s, &(struct mini_ca_spec){
				     .subject = "/C=DE/O=Bulla Tests/CN=OCSP",
				     .key = key,
				     .issuer = ca->der,
				     .issuer_key = ca_key,
				     .serial = 0x2345,
				     .extensions = extensions,
				 });
}
