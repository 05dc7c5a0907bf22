#include "tests/authority/authority_ocsp.h"

#include <string.h>

#include <openssl/ocsp.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_der.h"
#include "tests/authority/authority_extension.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define ANSWER_CAP ((size_t)1 << 20)
#define SINGLES_MOST 64
#define NONCE_MOST 128 /* RFC 8954 says 32; some clients send more */
#define HALF_DAY (12 * 3600)
#define STALE_AGE (30 * 86400)

/* One question, and what is known about it. */
struct question {
	struct bytes cert_id;                        /* as asked, DER */
	const struct authority_store_record *ca;     /* NULL: not one of ours */
	const struct authority_store_record *record; /* NULL: never issued */
};

struct work {
	struct scope *s;
	const struct authority_store *store;
	struct instant now, this_update, next_update;
	struct authority_fault fault;
	struct question *questions;
	int n;
	struct bytes nonce; /* the extension's value, DER; empty when there was none */
	const struct authority_store_record *responder;
};

static enum err answer_status(struct scope *s, int status, struct bytes *ret_response)
{
	struct buf b = buf_new(s, 16);
	size_t mark = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_ENUMERATED, (uint64_t)status);
	authority_der_close(&b, mark);
	return buf_done(&b, ret_response);
}

static bool is_issuer(const struct authority_store_record *ca, const EVP_MD *md,
    struct bytes name_hash, struct bytes key_hash)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (X509_NAME_digest(X509_get_subject_name(ca->cert), md, hash, &n) != 1 ||
	    !bytes_equal(bytes_of(hash, n), name_hash))
		return false;
	return X509_pubkey_digest(ca->cert, md, hash, &n) == 1 &&
	       bytes_equal(bytes_of(hash, n), key_hash);
}

static struct bytes octets_of(const ASN1_STRING *str)
{
	return bytes_of(ASN1_STRING_get0_data(str), (size_t)ASN1_STRING_length(str));
}

static const EVP_MD *cert_id_digest(const ASN1_OBJECT *algorithm)
{
	int nid = OBJ_obj2nid(algorithm);
	bool known = nid == NID_sha1 || nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
	return known ? EVP_get_digestbynid(nid) : NULL;
}

/* Name and key hash: a rolled CA has one name and two keys, told apart here. */
static void find_subject(struct work *w, struct question *q, OCSP_CERTID *id)
{
	ASN1_OCTET_STRING *name_hash, *key_hash;
	ASN1_OBJECT *algorithm;
	ASN1_INTEGER *serial;
	if (OCSP_id_get0_info(&name_hash, &algorithm, &key_hash, &serial, id) != 1)
		return;
	const EVP_MD *md = cert_id_digest(algorithm);
	for (size_t i = 0; md && !q->ca && i < w->store->n; i++) {
		const struct authority_store_record *ca = w->store->records[i];
		if (authority_store_is_ca(ca) &&
		    is_issuer(ca, md, octets_of(name_hash), octets_of(key_hash)))
			q->ca = ca;
	}
	if (q->ca && ASN1_STRING_type(serial) == V_ASN1_INTEGER)
		q->record = authority_store_by_serial(w->store, q->ca->name, octets_of(serial));
}

static enum err encode_cert_id(struct scope *s, OCSP_CERTID *id, bool shift, struct bytes *ret_der)
{
	uint8_t *der = NULL;
	int n = i2d_OCSP_CERTID(id, &der);
	if (n <= 0)
		return scope_fault(s, ERR_NOMEM, "OCSP: out of memory");
	if (shift)
		der[n - 1] ^= 1; /* the serial number is last */
	enum err e = bytes_copy(s, bytes_of(der, (size_t)n), ret_der);
	OPENSSL_free(der);
	return e;
}

static enum err read_nonce(struct work *w, OCSP_REQUEST *request)
{
	int at = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
	if (at < 0)
		return OK;
	struct bytes value = octets_of(X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(request, at)));
	if (!value.n || value.n > NONCE_MOST)
		return scope_fault(w->s, ERR_FORMAT, "OCSP: nonce of %zu octets", value.n);
	TRY(bytes_copy(w->s, value, &w->nonce));
	if (authority_fault_has(w->fault, FAULT_WRONG_NONCE)) {
		uint8_t *p = scope_alloc(w->s, value.n);
		if (!p)
			return ERR_NOMEM;
		memcpy(p, value.p, value.n);
		p[value.n - 1] ^= 0x55;
		w->nonce = bytes_of(p, value.n);
	}
	return OK;
}

static enum err read_request(struct work *w, struct bytes der)
{
	const uint8_t *p = der.p;
	OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
	if (!request)
		return scope_fault(w->s, ERR_FORMAT, "OCSP: not a request");
	TRY(authority_own_ocsp_request(w->s, request));
	w->n = OCSP_request_onereq_count(request);
	if (p != der.p + der.n || w->n < 1 || w->n > SINGLES_MOST)
		return scope_fault(w->s, ERR_FORMAT, "OCSP: %d questions", w->n);
	w->questions = scope_alloc_array(w->s, (size_t)w->n, sizeof(*w->questions));
	if (!w->questions)
		return ERR_NOMEM;
	bool shift = authority_fault_has(w->fault, FAULT_WRONG_SERIAL);
	for (int i = 0; i < w->n; i++) {
		OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, i));
		TRY(encode_cert_id(w->s, id, shift, &w->questions[i].cert_id));
		find_subject(w, &w->questions[i], id);
	}
	return read_nonce(w, request);
}

static bool is_valid_at(const struct authority_store_record *record, struct instant t)
{
	time_t when = (time_t)t.unix_s;
	return X509_cmp_time(X509_get0_notBefore(record->cert), &when) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(record->cert), &when) > 0;
}

static bool has_expired(const struct authority_store_record *record, struct instant t)
{
	time_t when = (time_t)t.unix_s;
	return X509_cmp_time(X509_get0_notAfter(record->cert), &when) < 0;
}

/* The newest responder of that CA that is valid now (for the fault: that has expired), or else
 * the newest at all. */
static const struct authority_store_record *find_responder(
    const struct work *w, const struct authority_store_record *ca)
{
	const struct authority_store_record *any = NULL;
	bool expired = authority_fault_has(w->fault, FAULT_EXPIRED);
	if (authority_fault_has(w->fault, FAULT_WRONG_KEY))
		return authority_store_find(w->store, "tsa");
	for (size_t i = w->store->n; i-- > 0;) {
		const struct authority_store_record *r = w->store->records[i];
		if (strcmp(r->profile, "ocsp") || strcmp(r->ca, ca->name))
			continue;
		if (expired ? has_expired(r, w->now) : is_valid_at(r, w->now))
			return r;
		any = any ? any : r;
	}
	return any;
}

static void add_status(struct work *w, struct buf *b, const struct question *q)
{
	bool known = q->record && !strcmp(q->ca->name, w->questions[0].ca->name) &&
		     !authority_fault_has(w->fault, FAULT_UNKNOWN);
	if (!known) {
		authority_der_value(b, DER_CTX(2), BYTES_NONE);
		return;
	}
	const struct authority_store_event *event =
	    authority_store_status(q->record, w->this_update);
	if (!event) {
		authority_der_value(b, DER_CTX(0), BYTES_NONE);
		return;
	}
	size_t mark = authority_der_open(b, DER_CTX_CONS(1));
	authority_der_time(b, DER_TIME, event->at);
	if (event->reason) {
		size_t reason = authority_der_open(b, DER_CTX_CONS(0));
		authority_der_uint(b, DER_ENUMERATED, (uint64_t)event->reason);
		authority_der_close(b, reason);
	}
	authority_der_close(b, mark);
}

static void add_extension(struct buf *b, const char *oid, struct bytes value)
{
	size_t list = authority_der_open(b, DER_SEQUENCE);
	size_t one = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, oid);
	authority_der_value(b, DER_OCTET_STRING, value);
	authority_der_close(b, one);
	authority_der_close(b, list);
}

/* RFC 6960 4.4.4: status is kept beyond expiry, back to the CA's first day. */
static void add_archive_cutoff(struct work *w, struct buf *b, const struct question *q)
{
	struct buf value = buf_new(w->s, 32);
	authority_der_time(&value, DER_TIME, q->ca->issued);
	size_t mark = authority_der_open(b, DER_CTX_CONS(1));
	add_extension(b, "1.3.6.1.5.5.7.48.1.6", buf_bytes(&value));
	authority_der_close(b, mark);
}

static void add_single(struct work *w, struct buf *b, const struct question *q)
{
	size_t mark = authority_der_open(b, DER_SEQUENCE);
	buf_add(b, q->cert_id);
	add_status(w, b, q);
	authority_der_time(b, DER_TIME, w->this_update);
	size_t next = authority_der_open(b, DER_CTX_CONS(0));
	authority_der_time(b, DER_TIME, w->next_update);
	authority_der_close(b, next);
	if (q->ca)
		add_archive_cutoff(w, b, q);
	authority_der_close(b, mark);
}

static enum err build_data(struct work *w, struct bytes *ret_data)
{
	struct bytes key_id;
	struct buf b = buf_new(w->s, ANSWER_CAP);
	TRY(authority_extension_key_id(w->s, w->responder->cert, &key_id));
	size_t all = authority_der_open(&b, DER_SEQUENCE);
	size_t by_key = authority_der_open(&b, DER_CTX_CONS(2));
	authority_der_value(&b, DER_OCTET_STRING, key_id);
	authority_der_close(&b, by_key);
	authority_der_time(&b, DER_TIME, w->this_update);
	size_t singles = authority_der_open(&b, DER_SEQUENCE);
	for (int i = 0; i < w->n; i++)
		add_single(w, &b, &w->questions[i]);
	authority_der_close(&b, singles);
	if (w->nonce.n) {
		size_t exts = authority_der_open(&b, DER_CTX_CONS(1));
		add_extension(&b, "1.3.6.1.5.5.7.48.1.2", w->nonce);
		authority_der_close(&b, exts);
	}
	authority_der_close(&b, all);
	return buf_done(&b, ret_data);
}

static enum err add_cert(struct scope *s, struct buf *b, X509 *cert)
{
	uint8_t *der = NULL;
	int n = i2d_X509(cert, &der);
	if (n <= 0)
		return scope_fault(s, ERR_NOMEM, "OCSP: out of memory");
	buf_add(b, bytes_of(der, (size_t)n));
	OPENSSL_free(der);
	return OK;
}

static enum err build_response(struct work *w, struct bytes *ret_response)
{
	struct bytes data, signature;
	TRY(build_data(w, &data));
	TRY(authority_key_sign(w->s, w->responder->key, w->store->digest, data, &signature));
	struct buf b = buf_new(w->s, ANSWER_CAP);
	size_t response = authority_der_open(&b, DER_SEQUENCE);
	authority_der_uint(&b, DER_ENUMERATED, OCSP_RESPONSE_STATUS_SUCCESSFUL);
	size_t bytes = authority_der_open(&b, DER_CTX_CONS(0));
	size_t typed = authority_der_open(&b, DER_SEQUENCE);
	authority_der_oid(&b, "1.3.6.1.5.5.7.48.1.1");
	size_t wrapped = authority_der_open(&b, DER_OCTET_STRING);
	size_t basic = authority_der_open(&b, DER_SEQUENCE);
	buf_add(&b, data);
	authority_key_algorithm(&b, w->responder->key, w->store->digest, false);
	authority_der_bits(&b, signature);
	size_t certs = authority_der_open(&b, DER_CTX_CONS(0));
	size_t list = authority_der_open(&b, DER_SEQUENCE);
	TRY(add_cert(w->s, &b, w->responder->cert));
	authority_der_close(&b, list);
	authority_der_close(&b, certs);
	authority_der_close(&b, basic);
	authority_der_close(&b, wrapped);
	authority_der_close(&b, typed);
	authority_der_close(&b, bytes);
	authority_der_close(&b, response);
	return buf_done(&b, ret_response);
}

enum err authority_ocsp_answer(struct scope *s, const struct authority_store *store,
    struct bytes request, struct instant now, struct authority_fault fault,
    struct bytes *ret_response)
{
	struct work w = { .s = s, .store = store, .now = now, .fault = fault };
	w.this_update =
	    authority_fault_has(fault, FAULT_STALE) ? instant_add(now, -STALE_AGE) : now;
	w.next_update = instant_add(w.this_update, HALF_DAY);
	if (authority_fault_has(fault, FAULT_TRYLATER))
		return answer_status(s, OCSP_RESPONSE_STATUS_TRYLATER, ret_response);
	enum err e = read_request(&w, request);
	if (e == ERR_FORMAT)
		return answer_status(s, OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, ret_response);
	TRY(e);
	if (w.questions[0].ca)
		w.responder = find_responder(&w, w.questions[0].ca);
	if (!w.responder)
		return answer_status(s, OCSP_RESPONSE_STATUS_UNAUTHORIZED, ret_response);
	return build_response(&w, ret_response);
}
