#include "tests/authority/authority_tsa.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/ts.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_clock.h"
#include "tests/authority/authority_der.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define ANSWER_CAP ((size_t)1 << 20)
#define MANY_CERTS 12288 /* octets */
#define NONCE_MOST 64
#define STATUS_GRANTED 0
#define STATUS_REJECTION 2
/* PKIFailureInfo, RFC 3161 2.4.2: bit numbers. */
#define FAIL_BAD_ALG 0
#define FAIL_BAD_REQUEST 2
#define FAIL_BAD_DATA_FORMAT 5
#define FAIL_UNACCEPTED_POLICY 15
#define FAIL_UNACCEPTED_EXTENSION 16
#define FAIL_ADD_INFO_NOT_AVAILABLE 17

#define ID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define ID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define ID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define ID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define ID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define ID_SIGNING_CERTIFICATE_V2 "1.2.840.113549.1.9.16.2.47"
#define ATTRIBUTES 4

/* The request, and what is needed to answer it. */
struct work {
	struct scope *s;
	const struct authority_store *store;
	const struct authority_store_record *unit;
	struct instant now;
	struct authority_fault fault;
	struct bytes imprint_algorithm; /* AlgorithmIdentifier, DER, as asked */
	struct bytes imprint;
	struct bytes nonce; /* INTEGER, DER; empty: none */
	const char *policy;
	bool want_certs;
	struct bytes cert, info; /* DER: the unit's certificate, the TSTInfo */
	const char *digest;      /* of the SignerInfo */
};

struct refusal {
	int failure;
	const char *text;
};

/* Grows whatever happens: the machine's clock in nanoseconds, or one more than the last. */
static uint64_t next_serial(void)
{
	static _Atomic uint64_t last;
	uint64_t seen = atomic_load(&last), next;
	do {
		next = authority_clock_ticks();
		if (next <= seen)
			next = seen + 1;
	} while (!atomic_compare_exchange_weak(&last, &seen, next));
	return next;
}

static enum err reject(struct scope *s, struct refusal why, struct bytes *ret_response)
{
	uint8_t bits[4] = { (uint8_t)(7 - why.failure % 8) };
	bits[1 + why.failure / 8] = (uint8_t)(0x80 >> (why.failure % 8));
	struct buf b = buf_new(s, 1024);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	size_t status = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_INTEGER, STATUS_REJECTION);
	size_t texts = authority_der_open(&b, DER_SEQUENCE);
	authority_der_str(&b, DER_UTF8, why.text);
	authority_der_close(&b, texts);
	authority_der_value(&b, DER_BIT_STRING, bytes_of(bits, (size_t)(2 + why.failure / 8)));
	authority_der_close(&b, status);
	authority_der_close(&b, all);
	return buf_done(&b, ret_response);
}

static enum err encode(struct scope *s, int n, uint8_t *der, struct bytes *ret_der)
{
	if (n <= 0)
		return scope_fault(s, ERR_NOMEM, "timestamp: out of memory");
	enum err e = bytes_copy(s, bytes_of(der, (size_t)n), ret_der);
	OPENSSL_free(der);
	return e;
}

static bool is_imprint(const X509_ALGOR *algorithm, struct bytes imprint)
{
	const ASN1_OBJECT *object;
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	int nid = OBJ_obj2nid(object);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return false;
	return imprint.n == (size_t)EVP_MD_get_size(EVP_get_digestbynid(nid));
}

static bool is_known_algorithm(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	int nid = OBJ_obj2nid(object);
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

static const char *policy_of(const ASN1_OBJECT *asked)
{
	char text[128];
	if (!asked)
		return AUTHORITY_TSA_POLICY;
	if (OBJ_obj2txt(text, (int)sizeof(text), asked, 1) <= 0)
		return NULL;
	if (!strcmp(text, AUTHORITY_TSA_POLICY))
		return AUTHORITY_TSA_POLICY;
	return strcmp(text, AUTHORITY_TSA_POLICY_OWN) ? NULL : AUTHORITY_TSA_POLICY_OWN;
}

static enum err read_nonce(struct work *w, const ASN1_INTEGER *nonce)
{
	uint8_t *der = NULL;
	if (!nonce)
		return OK;
	int n = i2d_ASN1_INTEGER(nonce, &der);
	TRY(encode(w->s, n, der, &w->nonce));
	if (!authority_fault_has(w->fault, FAULT_WRONG_NONCE))
		return OK;
	struct buf b = buf_new(w->s, NONCE_MOST + 16);
	buf_add(&b, w->nonce);
	uint8_t last = (uint8_t)(w->nonce.p[w->nonce.n - 1] ^ 0x55);
	buf_patch(&b, w->nonce.n - 1, bytes_of(&last, 1));
	return buf_done(&b, &w->nonce);
}

static enum err take_imprint(struct work *w, X509_ALGOR *algorithm, struct bytes imprint)
{
	uint8_t *der = NULL, *copy = scope_alloc(w->s, imprint.n);
	if (!copy)
		return ERR_NOMEM;
	memcpy(copy, imprint.p, imprint.n);
	if (authority_fault_has(w->fault, FAULT_WRONG_IMPRINT))
		copy[0] ^= 0x55;
	w->imprint = bytes_of(copy, imprint.n);
	int n = i2d_X509_ALGOR(algorithm, &der);
	return encode(w->s, n, der, &w->imprint_algorithm);
}

/* `ret_why` gets a text when the request is to be rejected (RFC 3161 2.4.2). */
static enum err read_request(struct work *w, struct bytes der, struct refusal *ret_why)
{
	const uint8_t *p = der.p;
	TS_REQ *request = d2i_TS_REQ(NULL, &p, (long)der.n);
	*ret_why = (struct refusal){ FAIL_BAD_DATA_FORMAT, "not a TimeStampReq" };
	if (!request)
		return OK;
	TRY(authority_own_ts_request(w->s, request));
	TS_MSG_IMPRINT *message = TS_REQ_get_msg_imprint(request);
	const ASN1_STRING *hash = TS_MSG_IMPRINT_get_msg(message);
	X509_ALGOR *algorithm = TS_MSG_IMPRINT_get_algo(message);
	struct bytes imprint =
	    bytes_of(ASN1_STRING_get0_data(hash), (size_t)ASN1_STRING_length(hash));
	const ASN1_INTEGER *nonce = TS_REQ_get_nonce(request);
	w->policy = policy_of(TS_REQ_get_policy_id(request));
	w->want_certs = TS_REQ_get_cert_req(request);
	if (p != der.p + der.n)
		*ret_why = (struct refusal){ FAIL_BAD_DATA_FORMAT, "octets after the request" };
	else if (TS_REQ_get_version(request) != 1)
		*ret_why = (struct refusal){ FAIL_BAD_REQUEST, "version is not 1" };
	else if (!is_known_algorithm(algorithm))
		*ret_why = (struct refusal){ FAIL_BAD_ALG, "digest algorithm not supported" };
	else if (!is_imprint(algorithm, imprint))
		*ret_why = (struct refusal){ FAIL_BAD_DATA_FORMAT, "imprint of another length" };
	else if (!w->policy)
		*ret_why = (struct refusal){ FAIL_UNACCEPTED_POLICY, "policy not supported" };
	else if (TS_REQ_get_ext_count(request) > 0)
		*ret_why = (struct refusal){ FAIL_UNACCEPTED_EXTENSION, "extension not supported" };
	else if (nonce && ASN1_STRING_length(nonce) > NONCE_MOST)
		*ret_why = (struct refusal){ FAIL_BAD_REQUEST, "nonce too long" };
	else
		*ret_why = (struct refusal){ 0, NULL };
	if (ret_why->text)
		return OK;
	TRY(read_nonce(w, nonce));
	return take_imprint(w, algorithm, imprint);
}

static enum err add_name(struct work *w, struct buf *b, const X509_NAME *name)
{
	uint8_t *der = NULL;
	struct bytes encoded;
	int n = i2d_X509_NAME(name, &der);
	TRY(encode(w->s, n, der, &encoded));
	buf_add(b, encoded);
	return OK;
}

/* TSTInfo, RFC 3161 2.4.2. */
static enum err build_info(struct work *w)
{
	struct buf b = buf_new(w->s, ANSWER_CAP);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_INTEGER, 1);
	authority_der_oid(&b, w->policy);
	size_t imprint = authority_der_open(&b, DER_SEQUENCE);
	buf_add(&b, w->imprint_algorithm);
	authority_der_value(&b, DER_OCTET_STRING, w->imprint);
	authority_der_close(&b, imprint);
	authority_der_uint(&b, DER_INTEGER, next_serial());
	authority_der_time(&b, DER_TIME, w->now);
	size_t accuracy = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_INTEGER, 1);
	authority_der_close(&b, accuracy);
	buf_add(&b, w->nonce);
	size_t tsa = authority_der_open(&b, DER_CTX_CONS(0));
	size_t directory = authority_der_open(&b, DER_CTX_CONS(4));
	TRY(add_name(w, &b, X509_get_subject_name(w->unit->cert)));
	authority_der_close(&b, directory);
	authority_der_close(&b, tsa);
	authority_der_close(&b, all);
	return buf_done(&b, &w->info);
}

static size_t open_attribute(struct buf *b, const char *oid, size_t *ret_values)
{
	size_t attribute = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, oid);
	*ret_values = authority_der_open(b, DER_SET);
	return attribute;
}

static void close_attribute(struct buf *b, size_t attribute, size_t values)
{
	authority_der_close(b, values);
	authority_der_close(b, attribute);
}

/* RFC 5035 3: SHA-256 is the default of hashAlgorithm, so DER leaves it out. */
static enum err add_signing_certificate(struct work *w, struct buf *b)
{
	struct bytes hash;
	size_t values, attribute = open_attribute(b, ID_SIGNING_CERTIFICATE_V2, &values);
	TRY(authority_key_hash(w->s, "sha256", w->cert, &hash));
	size_t signing = authority_der_open(b, DER_SEQUENCE);
	size_t ids = authority_der_open(b, DER_SEQUENCE);
	size_t id = authority_der_open(b, DER_SEQUENCE);
	authority_der_value(b, DER_OCTET_STRING, hash);
	size_t issuer_serial = authority_der_open(b, DER_SEQUENCE);
	size_t names = authority_der_open(b, DER_SEQUENCE);
	size_t directory = authority_der_open(b, DER_CTX_CONS(4));
	TRY(add_name(w, b, X509_get_issuer_name(w->unit->cert)));
	authority_der_close(b, directory);
	authority_der_close(b, names);
	authority_der_unsigned(b, DER_INTEGER, w->unit->serial);
	authority_der_close(b, issuer_serial);
	authority_der_close(b, id);
	authority_der_close(b, ids);
	authority_der_close(b, signing);
	close_attribute(b, attribute, values);
	return OK;
}

static void add_signing_time(struct work *w, struct buf *b)
{
	size_t values, attribute = open_attribute(b, ID_SIGNING_TIME, &values);
	struct civil c = instant_civil(w->now);
	if (c.year >= 1950 && c.year < 2050) {
		size_t time = authority_der_open(b, 0x17); /* RFC 5652 11.3: UTCTime till 2049 */
		buf_addf(b, "%02d%02d%02d%02d%02d%02dZ", c.year % 100, c.month, c.day, c.hour,
		    c.minute, c.second);
		authority_der_close(b, time);
	} else {
		authority_der_time(b, DER_TIME, w->now);
	}
	close_attribute(b, attribute, values);
}

/* The content of the attribute set: members in DER order (X.690 11.6). */
static enum err build_attributes(struct work *w, struct bytes *ret_attributes)
{
	struct bytes hash, parts[ATTRIBUTES];
	struct buf bufs[ATTRIBUTES];
	size_t values, attribute;
	TRY(authority_key_hash(w->s, w->digest, w->info, &hash));
	for (int i = 0; i < ATTRIBUTES; i++)
		bufs[i] = buf_new(w->s, ANSWER_CAP);
	attribute = open_attribute(&bufs[0], ID_CONTENT_TYPE, &values);
	authority_der_oid(&bufs[0], ID_TST_INFO);
	close_attribute(&bufs[0], attribute, values);
	attribute = open_attribute(&bufs[1], ID_MESSAGE_DIGEST, &values);
	authority_der_value(&bufs[1], DER_OCTET_STRING, hash);
	close_attribute(&bufs[1], attribute, values);
	add_signing_time(w, &bufs[2]);
	TRY(add_signing_certificate(w, &bufs[3]));
	for (int i = 0; i < ATTRIBUTES; i++) {
		struct bytes one;
		int at = i;
		TRY(buf_done(&bufs[i], &one));
		for (; at > 0 && bytes_compare(parts[at - 1], one) > 0; at--)
			parts[at] = parts[at - 1];
		parts[at] = one;
	}
	struct buf b = buf_new(w->s, ANSWER_CAP);
	for (int i = 0; i < ATTRIBUTES; i++)
		buf_add(&b, parts[i]);
	return buf_done(&b, ret_attributes);
}

static enum err sign_attributes(struct work *w, struct bytes attributes, struct bytes *ret_value)
{
	struct bytes set;
	struct buf b = buf_new(w->s, ANSWER_CAP);
	EVP_PKEY *key = w->unit->key;
	authority_der_value(&b, DER_SET, attributes); /* RFC 5652 5.4: hashed as a SET OF */
	TRY(buf_done(&b, &set));
	if (authority_fault_has(w->fault, FAULT_WRONG_KEY))
		key = authority_store_issuing_ca(w->store)->key;
	return authority_key_sign(w->s, key, w->digest, set, ret_value);
}

static enum err add_signer(struct work *w, struct buf *b)
{
	struct bytes attributes, signature;
	TRY(build_attributes(w, &attributes));
	TRY(sign_attributes(w, attributes, &signature));
	size_t signers = authority_der_open(b, DER_SET);
	size_t signer = authority_der_open(b, DER_SEQUENCE);
	authority_der_uint(b, DER_INTEGER, 1);
	size_t issuer_serial = authority_der_open(b, DER_SEQUENCE);
	TRY(add_name(w, b, X509_get_issuer_name(w->unit->cert)));
	authority_der_unsigned(b, DER_INTEGER, w->unit->serial);
	authority_der_close(b, issuer_serial);
	authority_der_oid_sequence(b, authority_key_digest_oid(w->digest), false);
	authority_der_value(b, DER_CTX_CONS(0), attributes);
	authority_key_algorithm(b, w->unit->key, w->digest, true);
	authority_der_value(b, DER_OCTET_STRING, signature);
	authority_der_close(b, signer);
	authority_der_close(b, signers);
	return OK;
}

static enum err add_certs(struct work *w, struct buf *b)
{
	STACK_OF(X509) * chain;
	if (!w->want_certs || authority_fault_has(w->fault, FAULT_NO_CERTS))
		return OK;
	TRY(authority_store_chain(w->s, w->store, w->unit, &chain));
	size_t certs = authority_der_open(b, DER_CTX_CONS(0));
	buf_add(b, w->cert);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		uint8_t *der = NULL;
		struct bytes one;
		int n = i2d_X509(sk_X509_value(chain, i), &der);
		TRY(encode(w->s, n, der, &one));
		buf_add(b, one);
	}
	for (size_t end = b->n + MANY_CERTS;
	     authority_fault_has(w->fault, FAULT_MANY_CERTS) && b->n < end;)
		buf_add(b, w->cert);
	authority_der_close(b, certs);
	return OK;
}

/* SignedData version 3, as the content is not id-data (RFC 5652 5.1). */
static enum err add_token(struct work *w, struct buf *b)
{
	size_t token = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, ID_SIGNED_DATA);
	size_t content = authority_der_open(b, DER_CTX_CONS(0));
	size_t signed_data = authority_der_open(b, DER_SEQUENCE);
	authority_der_uint(b, DER_INTEGER, 3);
	size_t digests = authority_der_open(b, DER_SET);
	authority_der_oid_sequence(b, authority_key_digest_oid(w->digest), false);
	authority_der_close(b, digests);
	size_t encap = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, ID_TST_INFO);
	size_t wrapped = authority_der_open(b, DER_CTX_CONS(0));
	authority_der_value(b, DER_OCTET_STRING, w->info);
	authority_der_close(b, wrapped);
	authority_der_close(b, encap);
	TRY(add_certs(w, b));
	TRY(add_signer(w, b));
	authority_der_close(b, signed_data);
	authority_der_close(b, content);
	authority_der_close(b, token);
	return OK;
}

static enum err grant(struct work *w, struct bytes *ret_response)
{
	uint8_t *der = NULL;
	int n = i2d_X509(w->unit->cert, &der);
	TRY(encode(w->s, n, der, &w->cert));
	w->digest = authority_key_cms_digest(w->unit->key, w->store->digest);
	TRY(build_info(w));
	struct buf b = buf_new(w->s, ANSWER_CAP);
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	size_t status = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_INTEGER, STATUS_GRANTED);
	authority_der_close(&b, status);
	TRY(add_token(w, &b));
	authority_der_close(&b, all);
	return buf_done(&b, ret_response);
}

enum err authority_tsa_answer(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *unit, struct bytes request, struct instant now,
    struct authority_fault fault, struct bytes *ret_response)
{
	struct work w = { .s = s, .store = store, .unit = unit, .now = now, .fault = fault };
	struct refusal why;
	if (authority_fault_has(fault, FAULT_QUOTA))
		return reject(s,
		    (struct refusal){ FAIL_ADD_INFO_NOT_AVAILABLE, "over quota: try again later" },
		    ret_response);
	TRY(read_request(&w, request, &why));
	if (why.text)
		return reject(s, why, ret_response);
	if (authority_fault_has(fault, FAULT_EXPIRED)) {
		w.unit = authority_store_find(store, "tsa-expired");
		if (!w.unit)
			return scope_fault(s, ERR_MISUSE, "timestamp: tsa-expired is missing");
	}
	return grant(&w, ret_response);
}
