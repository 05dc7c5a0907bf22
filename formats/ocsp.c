#include "formats/ocsp.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/der.h"

/* OCSPResponseStatus (RFC 6960 4.2.1); 4 is not used. */
const char *ocsp_response_status_name(int status)
{
	static const char *const names[] = {
		"successful",
		"malformedRequest",
		"internalError",
		"tryLater",
		"unknown",
		"sigRequired",
		"unauthorized",
	};
	const int n = (int)(sizeof(names) / sizeof(names[0]));
	return status >= 0 && status < n ? names[status] : "unknown";
}

/* -- requests ----------------------------------------------------------------------------------*/

static enum err add_cert_id(struct scope *s, struct buf *b, const struct cert *subject,
    const struct cert *issuer, enum digest_alg hash)
{
	struct digest name, key;
	TRY(digest_of_bytes(s, hash, subject->issuer, &name));
	TRY(digest_of_bytes(s, hash, issuer->public_key, &key));
	size_t mark = der_open(b, DER_SEQUENCE);
	digest_add_algorithm_identifier(b, hash);
	der_add(b, DER_OCTET_STRING, digest_bytes(&name));
	der_add(b, DER_OCTET_STRING, digest_bytes(&key));
	der_add(b, DER_INTEGER, subject->serial);
	der_close(b, mark);
	return OK;
}

/* requestExtensions with the nonce alone. */
static void add_nonce(struct buf *b, struct bytes nonce)
{
	size_t tagged = der_open(b, DER_CONTEXT(2));
	size_t list = der_open(b, DER_SEQUENCE);
	size_t extension = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_OCSP_NONCE));
	size_t value = der_open(b, DER_OCTET_STRING);
	der_add(b, DER_OCTET_STRING, nonce);
	der_close(b, value);
	der_close(b, extension);
	der_close(b, list);
	der_close(b, tagged);
}

enum err ocsp_request_build(struct scope *s, const struct cert *subject, const struct cert *issuer,
    enum digest_alg hash, struct bytes nonce, struct bytes *ret_der)
{
	if (nonce.n > 128)
		return scope_fault(
		    s, ERR_MISUSE, "ocsp: nonce longer than 128 octets (RFC 9654 2.1)");
	struct buf b = buf_new(s, LIMIT_OCSP_REQUEST);
	size_t whole = der_open(&b, DER_SEQUENCE);
	size_t tbs = der_open(&b, DER_SEQUENCE);
	size_t list = der_open(&b, DER_SEQUENCE);
	size_t one = der_open(&b, DER_SEQUENCE);
	TRY(add_cert_id(s, &b, subject, issuer, hash));
	der_close(&b, one);
	der_close(&b, list);
	if (nonce.n > 0)
		add_nonce(&b, nonce);
	der_close(&b, tbs);
	der_close(&b, whole);
	return buf_done(&b, ret_der);
}

/* -- single responses --------------------------------------------------------------------------*/

static enum err read_cert_id(struct scope *s, struct bytes rest, struct ocsp_single *single)
{
	struct der alg, name, key, serial;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "hashAlgorithm", &alg));
	TRY(digest_of_algorithm_identifier(s, alg.whole, &single->hash));
	TRY(der_expect(s, &rest, DER_OCTET_STRING, "issuerNameHash", &name));
	TRY(der_expect(s, &rest, DER_OCTET_STRING, "issuerKeyHash", &key));
	TRY(der_expect(s, &rest, DER_INTEGER, "serialNumber", &serial));
	TRY(der_end(s, rest, "CertID"));
	single->issuer_name_hash = name.value;
	single->issuer_key_hash = key.value;
	single->serial = serial.value;
	return OK;
}

static enum err read_generalized_time(
    struct scope *s, struct bytes *rest, const char *what, struct instant *ret_t)
{
	struct der tlv;
	TRY(der_expect(s, rest, DER_GENERALIZED_TIME, what, &tlv));
	return der_time(s, tlv, ret_t);
}

/* The content of [n] EXPLICIT GeneralizedTime, INSTANT_NONE when it is left out. */
static enum err read_optional_time(
    struct scope *s, struct bytes *rest, const char *what, struct instant *ret_t)
{
	struct der tagged;
	bool present;
	*ret_t = INSTANT_NONE;
	TRY(der_optional(s, rest, DER_CONTEXT(0), what, &present, &tagged));
	if (!present)
		return OK;
	TRY(read_generalized_time(s, &tagged.value, what, ret_t));
	return der_end(s, tagged.value, what);
}

static enum err read_revoked(struct scope *s, struct bytes rest, struct ocsp_single *single)
{
	struct der tagged, reason;
	bool present;
	int64_t value;
	TRY(read_generalized_time(s, &rest, "revocationTime", &single->revoked_at));
	TRY(der_optional(s, &rest, DER_CONTEXT(0), "revocationReason", &present, &tagged));
	TRY(der_end(s, rest, "RevokedInfo"));
	if (!present)
		return OK;
	TRY(der_expect(s, &tagged.value, DER_ENUMERATED, "revocationReason", &reason));
	TRY(der_end(s, tagged.value, "revocationReason"));
	TRY(der_small_integer(s, reason, &value));
	if (value < 0 || value > UINT8_MAX)
		return scope_fault(s, ERR_FORMAT, "ocsp: reason code out of range");
	single->reason = (enum crl_reason)value;
	return OK;
}

static enum err read_cert_status(struct scope *s, struct bytes *rest, struct ocsp_single *single)
{
	struct der status;
	TRY(der_next(s, rest, &status));
	switch (status.tag) {
	case DER_CONTEXT_PRIMITIVE(0):
		single->status = OCSP_GOOD;
		break;
	case DER_CONTEXT(1):
		single->status = OCSP_REVOKED;
		return read_revoked(s, status.value, single);
	case DER_CONTEXT_PRIMITIVE(2):
		single->status = OCSP_UNKNOWN;
		break;
	default:
		return scope_fault(
		    s, ERR_FORMAT, "ocsp: certStatus with tag %02x (RFC 6960 4.2.1)", status.tag);
	}
	return der_end(s, status.value, "certStatus");
}

static enum err read_archive_cutoff(
    struct scope *s, const struct cert_extension *e, struct instant *ret_t)
{
	struct der tlv;
	TRY(der_only(s, e->value, DER_GENERALIZED_TIME, "archiveCutoff", &tlv));
	return der_time(s, tlv, ret_t);
}

/* CertHash ::= SEQUENCE { hashAlgorithm, certificateHash OCTET STRING } (Common PKI 2.0 part 4). */
static enum err read_cert_hash(
    struct scope *s, const struct cert_extension *e, struct ocsp_single *single)
{
	struct der whole, alg, hash;
	TRY(der_only(s, e->value, DER_SEQUENCE, "CertHash", &whole));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "hashAlgorithm", &alg));
	TRY(digest_of_algorithm_identifier(s, alg.whole, &single->cert_hash_alg));
	TRY(der_expect(s, &whole.value, DER_OCTET_STRING, "certificateHash", &hash));
	TRY(der_end(s, whole.value, "CertHash"));
	single->cert_hash = hash.value;
	return OK;
}

/* Calls `read` with every Extension of the [1] EXPLICIT Extensions that *rest may go on with. */
static enum err read_extensions(struct scope *s, struct bytes *rest, void *into,
    enum err (*read)(struct scope *s, const struct cert_extension *e, void *into))
{
	struct der tagged, list;
	bool present;
	TRY(der_optional(s, rest, DER_CONTEXT(1), "extensions", &present, &tagged));
	if (!present)
		return OK;
	TRY(der_expect(s, &tagged.value, DER_SEQUENCE, "extensions", &list));
	TRY(der_end(s, tagged.value, "extensions"));
	for (size_t n = 0; list.value.n > 0; n++) {
		struct cert_extension e;
		if (n == LIMIT_CERT_EXTENSIONS)
			return scope_fault(s, ERR_LIMIT, "ocsp: too many extensions");
		TRY(cert_extensions_next(s, &list.value, &e));
		TRY(read(s, &e, into));
	}
	return OK;
}

struct single_in {
	struct ocsp_single *single;
	struct ocsp_response *response;
};

static enum err read_single_extension(struct scope *s, const struct cert_extension *e, void *into)
{
	struct single_in *in = into;
	if (oid_is(e->oid, OID_OCSP_ARCHIVE_CUTOFF))
		return read_archive_cutoff(s, e, &in->single->archive_cutoff);
	if (oid_is(e->oid, OID_OCSP_CERT_HASH))
		return read_cert_hash(s, e, in->single);
	in->response->unknown_critical |= e->critical;
	return OK;
}

static enum err read_single(
    struct scope *s, struct bytes rest, struct ocsp_response *r, struct ocsp_single *single)
{
	struct der id;
	struct single_in in = { single, r };
	*single = (struct ocsp_single){
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.archive_cutoff = INSTANT_NONE,
	};
	TRY(der_expect(s, &rest, DER_SEQUENCE, "certID", &id));
	TRY(read_cert_id(s, id.value, single));
	TRY(read_cert_status(s, &rest, single));
	TRY(read_generalized_time(s, &rest, "thisUpdate", &single->this_update));
	TRY(read_optional_time(s, &rest, "nextUpdate", &single->next_update));
	TRY(read_extensions(s, &rest, &in, read_single_extension));
	return der_end(s, rest, "SingleResponse");
}

/* Number of elements in a SEQUENCE OF; `cap` + 1 when there are more than that. */
static enum err count_elements(struct scope *s, struct bytes rest, size_t cap, size_t *ret_n)
{
	struct der tlv;
	size_t n = 0;
	for (; rest.n > 0 && n <= cap; n++)
		TRY(der_next(s, &rest, &tlv));
	*ret_n = n;
	return OK;
}

static enum err read_singles(struct scope *s, struct bytes rest, struct ocsp_response *r)
{
	TRY(count_elements(s, rest, LIMIT_OCSP_SINGLES, &r->n_singles));
	if (r->n_singles > LIMIT_OCSP_SINGLES)
		return scope_fault(
		    s, ERR_LIMIT, "ocsp: more than %d single responses", LIMIT_OCSP_SINGLES);
	r->singles = scope_alloc_array(s, r->n_singles, sizeof(*r->singles));
	if (!r->singles)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n_singles; i++) {
		struct der single;
		TRY(der_expect(s, &rest, DER_SEQUENCE, "SingleResponse", &single));
		TRY(read_single(s, single.value, r, &r->singles[i]));
	}
	return OK;
}

/* -- the response data -------------------------------------------------------------------------*/

static enum err read_responder_id(struct scope *s, struct bytes *rest, struct ocsp_response *r)
{
	struct der tagged, id;
	TRY(der_next(s, rest, &tagged));
	if (tagged.tag == DER_CONTEXT(1)) {
		TRY(der_expect(s, &tagged.value, DER_SEQUENCE, "responder name", &id));
		r->responder_name = id.whole;
	} else if (tagged.tag == DER_CONTEXT(2)) {
		TRY(der_expect(s, &tagged.value, DER_OCTET_STRING, "responder key hash", &id));
		r->responder_key_hash = id.value;
	} else {
		return scope_fault(
		    s, ERR_FORMAT, "ocsp: responderID with tag %02x (RFC 6960 4.2.1)", tagged.tag);
	}
	return der_end(s, tagged.value, "responderID");
}

/* RFC 9654 2.1 wraps the nonce in an OCTET STRING; some responders send its bare octets. */
static struct bytes unwrapped_nonce(struct bytes value)
{
	struct bytes rest = value;
	struct der tlv;
	if (der_has(rest, DER_OCTET_STRING) && der_step(&rest, &tlv) && rest.n == 0)
		return tlv.value;
	return value;
}

static enum err read_response_extension(struct scope *s, const struct cert_extension *e, void *into)
{
	(void)s;
	struct ocsp_response *r = into;
	if (oid_is(e->oid, OID_OCSP_NONCE))
		r->nonce = unwrapped_nonce(e->value);
	else
		r->unknown_critical |= e->critical;
	return OK;
}

static enum err read_version(struct scope *s, struct bytes *rest)
{
	struct der tagged, version;
	bool present;
	int64_t number;
	TRY(der_optional(s, rest, DER_CONTEXT(0), "version", &present, &tagged));
	if (!present)
		return OK;
	TRY(der_expect(s, &tagged.value, DER_INTEGER, "version", &version));
	TRY(der_end(s, tagged.value, "version"));
	TRY(der_small_integer(s, version, &number));
	if (number != 0)
		return scope_fault(s, ERR_UNSUPPORTED, "ocsp: unknown version of ResponseData");
	return OK;
}

static enum err read_tbs(struct scope *s, struct bytes rest, struct ocsp_response *r)
{
	struct der singles;
	TRY(read_version(s, &rest));
	TRY(read_responder_id(s, &rest, r));
	TRY(read_generalized_time(s, &rest, "producedAt", &r->produced_at));
	TRY(der_expect(s, &rest, DER_SEQUENCE, "responses", &singles));
	TRY(read_singles(s, singles.value, r));
	TRY(read_extensions(s, &rest, r, read_response_extension));
	return der_end(s, rest, "ResponseData");
}

/* A certificate that cannot be read does not spoil the response: its signer may be another one. */
static enum err read_cert(struct scope *s, struct bytes der, struct ocsp_response *r)
{
	bool faulty_before = scope_fault_code(s) != OK;
	const struct cert *cert;
	enum err e = cert_parse(s, der, &cert);
	if (e == OK)
		r->certs[r->n_certs++] = cert;
	if (e != ERR_FORMAT && e != ERR_UNSUPPORTED && e != ERR_LIMIT)
		return e;
	if (!faulty_before)
		scope_forgive(s);
	return OK;
}

static enum err read_certs(struct scope *s, struct bytes rest, struct ocsp_response *r)
{
	size_t n;
	TRY(count_elements(s, rest, LIMIT_OCSP_CERTIFICATES, &n));
	if (n > LIMIT_OCSP_CERTIFICATES)
		return scope_fault(
		    s, ERR_LIMIT, "ocsp: more than %d certificates", LIMIT_OCSP_CERTIFICATES);
	r->certs = scope_alloc_array(s, n, sizeof(const struct cert *));
	if (!r->certs)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct der tlv;
		TRY(der_next(s, &rest, &tlv));
		TRY(read_cert(s, tlv.whole, r));
	}
	return OK;
}

/* BasicOCSPResponse ::= SEQUENCE { tbs, signatureAlgorithm, signature, [0] certs OPTIONAL } */
static enum err read_basic(struct scope *s, struct bytes der, struct ocsp_response *r)
{
	struct der whole, tbs, alg, value, tagged, certs;
	bool present;
	r->basic = der;
	TRY(der_expect(s, &der, DER_SEQUENCE, "BasicOCSPResponse", &whole));
	TRY(der_end(s, der, "a basic OCSP response"));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "ResponseData", &tbs));
	r->tbs = tbs.whole;
	TRY(read_tbs(s, tbs.value, r));
	TRY(der_expect(s, &whole.value, DER_SEQUENCE, "signatureAlgorithm", &alg));
	TRY(signature_alg_parse(s, alg.whole, DIGEST_UNKNOWN, &r->sig_alg));
	TRY(der_expect(s, &whole.value, DER_BIT_STRING, "signature", &value));
	TRY(der_bit_string(s, value, &r->sig_value));
	TRY(der_optional(s, &whole.value, DER_CONTEXT(0), "certs", &present, &tagged));
	TRY(der_end(s, whole.value, "BasicOCSPResponse"));
	if (!present)
		return OK;
	TRY(der_expect(s, &tagged.value, DER_SEQUENCE, "certs", &certs));
	TRY(der_end(s, tagged.value, "certs"));
	return read_certs(s, certs.value, r);
}

/* The octets of responseBytes, which must hold a BasicOCSPResponse. */
static enum err read_response_bytes(struct scope *s, struct bytes rest, struct bytes *ret_basic)
{
	struct der tagged, whole, type, octets;
	TRY(der_expect(s, &rest, DER_CONTEXT(0), "responseBytes", &tagged));
	TRY(der_end(s, rest, "OCSPResponse"));
	TRY(der_expect(s, &tagged.value, DER_SEQUENCE, "responseBytes", &whole));
	TRY(der_end(s, tagged.value, "responseBytes"));
	TRY(der_expect(s, &whole.value, DER_OID, "responseType", &type));
	if (!oid_is(type.value, OID_OCSP_BASIC))
		return scope_fault(s, ERR_UNSUPPORTED, "ocsp: not a basic response");
	TRY(der_next(s, &whole.value, &octets));
	if ((octets.tag & ~DER_CONSTRUCTED) != DER_OCTET_STRING)
		return scope_fault(s, ERR_FORMAT, "ocsp: response is not an OCTET STRING");
	TRY(der_end(s, whole.value, "responseBytes"));
	return der_octet_string(s, octets, ret_basic);
}

/* An OCSPResponse begins with its status, a BasicOCSPResponse with a SEQUENCE. */
static enum err read_any(struct scope *s, struct bytes der, struct ocsp_response *r)
{
	struct bytes rest = der, basic;
	struct der whole, status;
	int64_t number;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "OCSPResponse", &whole));
	TRY(der_end(s, rest, "an OCSP response"));
	if (der_has(whole.value, DER_SEQUENCE))
		return read_basic(s, der, r);
	TRY(der_expect(s, &whole.value, DER_ENUMERATED, "responseStatus", &status));
	TRY(der_small_integer(s, status, &number));
	if (number < 0 || number > UINT8_MAX)
		return scope_fault(s, ERR_FORMAT, "ocsp: response status out of range");
	r->response_status = (int)number;
	if (number != 0)
		return OK;
	TRY(read_response_bytes(s, whole.value, &basic));
	return read_basic(s, basic, r);
}

enum err ocsp_parse(struct scope *s, struct bytes der, const struct ocsp_response **ret_response)
{
	struct ocsp_response *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	r->der = der;
	r->produced_at = INSTANT_NONE;
	TRY(digest_of_bytes(s, DIGEST_SHA256, der, &r->sha256));
	TRY(read_any(s, der, r));
	*ret_response = r;
	return OK;
}

/* -- questions ---------------------------------------------------------------------------------*/

static enum err hash_matches(
    struct scope *s, enum digest_alg alg, struct bytes of, struct bytes want, bool *ret_yes)
{
	struct digest digest;
	bool faulty_before = scope_fault_code(s) != OK;
	enum err e = digest_of_bytes(s, alg, of, &digest);
	*ret_yes = e == OK && bytes_equal(digest_bytes(&digest), want);
	if (e != ERR_UNSUPPORTED)
		return e;
	/* An algorithm that nobody here can compute names nothing. */
	if (!faulty_before)
		scope_forgive(s);
	return OK;
}

/* INTEGER contents without the zero octets that DER forbids. */
static struct bytes shortest(struct bytes serial)
{
	while (serial.n > 1 && serial.p[0] == 0 && (serial.p[1] & 0x80) == 0)
		serial = bytes_from(serial, 1);
	return serial;
}

enum err ocsp_single_is_about(struct scope *s, const struct ocsp_single *single,
    const struct cert *subject, const struct cert *issuer, bool *ret_yes)
{
	bool name, key;
	if (single->hash == DIGEST_UNKNOWN ||
	    !bytes_equal(shortest(single->serial), shortest(subject->serial))) {
		*ret_yes = false;
		return OK;
	}
	TRY(hash_matches(s, single->hash, subject->issuer, single->issuer_name_hash, &name));
	/* The CA may encode its name in one way in its own certificate and in another below. */
	if (!name)
		TRY(hash_matches(
		    s, single->hash, issuer->subject, single->issuer_name_hash, &name));
	TRY(hash_matches(s, single->hash, issuer->public_key, single->issuer_key_hash, &key));
	*ret_yes = name && key;
	return OK;
}

enum err ocsp_responder_is(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, bool *ret_yes)
{
	if (response->responder_name.n == 0)
		return hash_matches(
		    s, DIGEST_SHA1, responder->public_key, response->responder_key_hash, ret_yes);
	*ret_yes = cert_names_match(response->responder_name, responder->subject);
	return OK;
}

enum err ocsp_is_signed_by(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, bool *ret_ok)
{
	return signature_alg_verify(
	    s, response->sig_alg, responder->key, response->tbs, response->sig_value, ret_ok);
}

enum err ocsp_wrap(struct scope *s, struct bytes der, struct bytes *ret_der)
{
	struct bytes rest = der;
	struct der whole;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "OCSPResponse", &whole));
	TRY(der_end(s, rest, "an OCSP response"));
	if (!der_has(whole.value, DER_SEQUENCE)) {
		*ret_der = der;
		return OK;
	}
	const uint8_t successful = 0;
	struct buf b = buf_new(s, der.n + 64);
	size_t response = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_ENUMERATED, bytes_of(&successful, 1));
	size_t tagged = der_open(&b, DER_CONTEXT(0));
	size_t bytes = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_OCSP_BASIC));
	der_add(&b, DER_OCTET_STRING, der);
	der_close(&b, bytes);
	der_close(&b, tagged);
	der_close(&b, response);
	return buf_done(&b, ret_der);
}
