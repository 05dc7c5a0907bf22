#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/der.h"
#include "formats/ocsp.h"
#include "tests/support/mini_ca_revocation.h"

#include <openssl/ocsp.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW MINI_CA_NOW
#define DAY MINI_CA_DAY

struct fixture {
	struct scope *s;
	EVP_PKEY *ca_key, *key;
	const struct cert *ca, *leaf, *other_ca, *responder;
};

static int set_up(void **state)
{
	static struct fixture f;
	f.s = scope_new(0);
	f.ca_key = mini_ca_key(MINI_CA_P256, 0);
	f.key = mini_ca_key(MINI_CA_P256, 1);
	f.ca = mini_ca_root(f.s, f.ca_key);
	f.leaf = mini_ca_leaf(f.s, f.ca, f.ca_key, mini_ca_key(MINI_CA_P256, 2));
	f.other_ca = mini_ca_root(f.s, mini_ca_key(MINI_CA_P256, 3));
	f.responder = mini_ca_revocation_responder(f.s, f.ca, f.ca_key, f.key);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	scope_free(f->s);
	return 0;
}

static X509 *x509_of(const struct fixture *f, const struct cert *cert)
{
	X509 *x509;
	assert_int_equal(cert_x509(f->s, cert, &x509), OK);
	return x509;
}

/* The specification with the delegated responder and one good single unless it says otherwise. */
static struct bytes made(const struct fixture *f, struct mini_ca_revocation_ocsp spec)
{
	const struct mini_ca_revocation_single good = { .subject = f->leaf, .issuer = f->ca };
	if (!spec.singles) {
		spec.singles = &good;
		spec.n_singles = 1;
	}
	spec.responder = spec.responder ? spec.responder : f->responder;
	spec.key = spec.key ? spec.key : f->key;
	return mini_ca_revocation_ocsp(f->s, &spec);
}

static const struct ocsp_response *read_back(const struct fixture *f, struct bytes der)
{
	const struct ocsp_response *r;
	if (ocsp_parse(f->s, der, &r) != OK)
		fail_msg("%s", scope_fault_text(f->s));
	return r;
}

static bool is_about(const struct fixture *f, const struct ocsp_single *single,
    const struct cert *subject, const struct cert *issuer)
{
	bool yes;
	assert_int_equal(ocsp_single_is_about(f->s, single, subject, issuer, &yes), OK);
	return yes;
}

static bool responder_is(
    const struct fixture *f, const struct ocsp_response *r, const struct cert *cert)
{
	bool yes;
	assert_int_equal(ocsp_responder_is(f->s, r, cert, &yes), OK);
	return yes;
}

static bool is_signed(
    const struct fixture *f, const struct ocsp_response *r, const struct cert *cert)
{
	bool yes;
	assert_int_equal(ocsp_is_signed_by(f->s, r, cert, &yes), OK);
	return yes;
}

static void test_good_by_key(void **state)
{
	const struct fixture *f = *state;
	struct bytes der = made(f, (struct mini_ca_revocation_ocsp){ .n_singles = 0 });
	const struct ocsp_response *r = read_back(f, der);
	struct digest digest;
	assert_int_equal(r->response_status, 0);
	assert_int_equal(r->n_singles, 1);
	assert_int_equal(r->singles[0].status, OCSP_GOOD);
	assert_int_equal(r->singles[0].hash, DIGEST_SHA1);
	assert_false(instant_is_known(r->singles[0].revoked_at));
	assert_int_equal(r->singles[0].this_update.unix_s, NOW - 3600);
	assert_int_equal(r->singles[0].next_update.unix_s, NOW + DAY);
	assert_false(instant_is_known(r->singles[0].archive_cutoff));
	assert_int_equal(r->singles[0].cert_hash_alg, DIGEST_UNKNOWN);
	assert_int_equal(r->produced_at.unix_s, NOW - 3600);
	assert_int_equal(r->responder_name.n, 0);
	assert_int_equal(r->responder_key_hash.n, 20);
	assert_int_equal(r->nonce.n, 0);
	assert_int_equal(r->n_certs, 0);
	assert_false(r->unknown_critical);
	assert_true(bytes_encloses(der, r->basic) && bytes_encloses(r->basic, r->tbs));
	assert_int_equal(digest_of_bytes(f->s, DIGEST_SHA256, der, &digest), OK);
	assert_true(digest_equal(&digest, &r->sha256));
	assert_true(responder_is(f, r, f->responder));
	assert_false(responder_is(f, r, f->ca));
	assert_true(is_signed(f, r, f->responder));
	assert_false(is_signed(f, r, f->ca));
}

static void test_by_name_with_certs(void **state)
{
	const struct fixture *f = *state;
	const struct cert *certs[] = { f->responder, f->ca };
	const struct ocsp_response *r =
	    read_back(f, made(f, (struct mini_ca_revocation_ocsp){
				     .by_name = true, .certs = certs, .n_certs = 2 }));
	assert_true(bytes_equal(r->responder_name, f->responder->subject));
	assert_int_equal(r->responder_key_hash.n, 0);
	assert_int_equal(r->n_certs, 2);
	assert_true(cert_equal(r->certs[0], f->responder));
	assert_true(cert_equal(r->certs[1], f->ca));
	assert_true(responder_is(f, r, f->responder));
	assert_false(responder_is(f, r, f->ca));
	assert_true(is_signed(f, r, f->responder));
}

static void test_statuses(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_single singles[] = {
		{ .subject = f->leaf,
		    .issuer = f->ca,
		    .status = OCSP_REVOKED,
		    .revoked_at = NOW - 5 * DAY,
		    .reason = CRL_REASON_CERTIFICATE_HOLD },
		{ .subject = f->responder,
		    .issuer = f->ca,
		    .status = OCSP_UNKNOWN,
		    .next_update = MINI_CA_REVOCATION_ABSENT },
		{ .subject = f->leaf,
		    .issuer = f->ca,
		    .status = OCSP_REVOKED,
		    .hash = DIGEST_SHA256 },
	};
	const struct ocsp_response *r = read_back(
	    f, made(f, (struct mini_ca_revocation_ocsp){ .singles = singles, .n_singles = 3 }));
	assert_int_equal(r->n_singles, 3);
	assert_int_equal(r->singles[0].status, OCSP_REVOKED);
	assert_int_equal(r->singles[0].revoked_at.unix_s, NOW - 5 * DAY);
	assert_int_equal(r->singles[0].reason, CRL_REASON_CERTIFICATE_HOLD);
	assert_int_equal(r->singles[1].status, OCSP_UNKNOWN);
	assert_false(instant_is_known(r->singles[1].next_update));
	assert_int_equal(r->singles[2].reason, CRL_REASON_NONE);
	assert_int_equal(r->singles[2].hash, DIGEST_SHA256);
	assert_true(is_about(f, &r->singles[0], f->leaf, f->ca));
	assert_false(is_about(f, &r->singles[1], f->leaf, f->ca));
	assert_true(is_about(f, &r->singles[1], f->responder, f->ca));
	assert_true(is_about(f, &r->singles[2], f->leaf, f->ca));
	/* the same name, another key */
	assert_false(is_about(f, &r->singles[2], f->leaf, f->other_ca));
}

static void test_unknown_hash_names_nothing(void **state)
{
	const struct fixture *f = *state;
	const struct ocsp_response *r =
	    read_back(f, made(f, (struct mini_ca_revocation_ocsp){ .n_singles = 0 }));
	struct ocsp_single single = r->singles[0];
	single.hash = DIGEST_UNKNOWN;
	assert_false(is_about(f, &single, f->leaf, f->ca));
	assert_int_equal(scope_fault_code(f->s), OK);
}

static void test_single_extensions(void **state)
{
	const struct fixture *f = *state;
	struct mini_ca_revocation_single single = {
		.subject = f->leaf,
		.issuer = f->ca,
		.archive_cutoff = NOW - 3000 * DAY,
		.cert_hash = DIGEST_SHA256,
	};
	const struct ocsp_response *r = read_back(
	    f, made(f, (struct mini_ca_revocation_ocsp){ .singles = &single, .n_singles = 1 }));
	assert_int_equal(r->singles[0].archive_cutoff.unix_s, NOW - 3000 * DAY);
	assert_int_equal(r->singles[0].cert_hash_alg, DIGEST_SHA256);
	assert_true(bytes_equal(r->singles[0].cert_hash, digest_bytes(&f->leaf->sha256)));
	assert_false(r->unknown_critical);
	single.wrong_cert_hash = true;
	single.unknown_critical = true;
	r = read_back(
	    f, made(f, (struct mini_ca_revocation_ocsp){ .singles = &single, .n_singles = 1 }));
	assert_false(bytes_equal(r->singles[0].cert_hash, digest_bytes(&f->leaf->sha256)));
	assert_true(r->unknown_critical);
}

static void test_nonces(void **state)
{
	const struct fixture *f = *state;
	/* wrapped, bare, and bare octets that begin like a longer OCTET STRING */
	static const struct {
		struct bytes nonce;
		bool raw;
	} rows[] = {
		{ BYTES_LIT("0123456789abcdef"), false },
		{ BYTES_LIT("0123456789abcdef"), true },
		{ BYTES_LIT("\x04\x10"
			    "789abcdef"),
		    true },
		{ BYTES_LIT("\x04\x02"
			    "789"),
		    true },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ocsp_response *r =
		    read_back(f, made(f, (struct mini_ca_revocation_ocsp){
					     .nonce = rows[i].nonce, .raw_nonce = rows[i].raw }));
		assert_true(bytes_equal(r->nonce, rows[i].nonce));
	}
	assert_true(
	    read_back(f, made(f, (struct mini_ca_revocation_ocsp){ .unknown_critical = true }))
		->unknown_critical);
}

static void test_unsuccessful(void **state)
{
	const struct fixture *f = *state;
	const struct ocsp_response *r =
	    read_back(f, made(f, (struct mini_ca_revocation_ocsp){ .status = 3 }));
	assert_int_equal(r->response_status, 3);
	assert_int_equal(r->n_singles, 0);
	assert_string_equal(ocsp_response_status_name(r->response_status), "tryLater");
	assert_string_equal(ocsp_response_status_name(0), "successful");
	assert_string_equal(ocsp_response_status_name(6), "unauthorized");
	assert_string_equal(ocsp_response_status_name(4), "unknown");
	assert_string_equal(ocsp_response_status_name(7), "unknown");
	assert_string_equal(ocsp_response_status_name(-1), "unknown");
	/* successful, but nothing in it */
	const struct ocsp_response *none;
	assert_int_equal(ocsp_parse(f->s, BYTES_LIT("\x30\x03\x0a\x01\x00"), &none), ERR_FORMAT);
	assert_int_equal(ocsp_parse(f->s, BYTES_LIT("\x30\x03\x0a\x01\xff"), &none), ERR_FORMAT);
	assert_int_equal(ocsp_parse(f->s, BYTES_NONE, &none), ERR_FORMAT);
}

static void test_bare_and_wrapped(void **state)
{
	const struct fixture *f = *state;
	struct bytes bare = made(f, (struct mini_ca_revocation_ocsp){ .bare = true }), whole, again;
	const struct ocsp_response *r = read_back(f, bare);
	assert_true(bytes_equal(r->basic, bare));
	assert_true(is_signed(f, r, f->responder));
	assert_int_equal(ocsp_wrap(f->s, bare, &whole), OK);
	r = read_back(f, whole);
	assert_true(bytes_equal(r->basic, bare));
	assert_true(bytes_equal(r->der, whole));
	assert_true(der_is_der(whole));
	assert_int_equal(ocsp_wrap(f->s, whole, &again), OK);
	assert_true(again.p == whole.p && again.n == whole.n);
	assert_int_equal(ocsp_wrap(f->s, BYTES_LIT("\x04\x00"), &again), ERR_FORMAT);
	assert_int_equal(ocsp_wrap(f->s, bytes_cut(bare, 0, bare.n - 1), &again), ERR_FORMAT);
}

/* An unreadable certificate is passed over; the response stands. */
static void test_unreadable_cert(void **state)
{
	const struct fixture *f = *state;
	struct cert broken = *f->responder;
	const struct cert *certs[] = { &broken, f->ca };
	broken.der = BYTES_LIT("\x30\x03\x02\x01\x01");
	const struct ocsp_response *r =
	    read_back(f, made(f, (struct mini_ca_revocation_ocsp){ .certs = certs, .n_certs = 2 }));
	assert_int_equal(r->n_certs, 1);
	assert_true(cert_equal(r->certs[0], f->ca));
	assert_int_equal(scope_fault_code(f->s), OK);
}

static void test_caps(void **state)
{
	const struct fixture *f = *state;
	struct mini_ca_revocation_single singles[257];
	const struct cert *certs[65];
	const struct ocsp_response *r;
	for (size_t i = 0; i < COUNT(singles); i++)
		singles[i] =
		    (struct mini_ca_revocation_single){ .subject = f->leaf, .issuer = f->ca };
	for (size_t i = 0; i < COUNT(certs); i++)
		certs[i] = f->ca;
	struct mini_ca_revocation_ocsp spec = {
		.singles = singles, .n_singles = 256, .certs = certs, .n_certs = 64
	};
	r = read_back(f, made(f, spec));
	assert_int_equal(r->n_singles, 256);
	assert_int_equal(r->n_certs, 64);
	spec.n_singles = 257;
	assert_int_equal(ocsp_parse(f->s, made(f, spec), &r), ERR_LIMIT);
	spec.n_singles = 1;
	spec.n_certs = 65;
	assert_int_equal(ocsp_parse(f->s, made(f, spec), &r), ERR_LIMIT);
}

static void test_truncated_and_changed(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_single single = { .subject = f->leaf,
		.issuer = f->ca,
		.status = OCSP_REVOKED,
		.reason = CRL_REASON_SUPERSEDED,
		.archive_cutoff = NOW,
		.cert_hash = DIGEST_SHA256 };
	const struct cert *certs[] = { f->responder };
	struct bytes der = made(f, (struct mini_ca_revocation_ocsp){ .singles = &single,
				       .n_singles = 1,
				       .certs = certs,
				       .n_certs = 1,
				       .nonce = BYTES_LIT("nonce") });
	const struct ocsp_response *whole = read_back(f, der), *r;
	size_t first = (size_t)(whole->tbs.p - der.p), readable = 0;
	for (size_t n = 0; n < der.n; n++)
		assert_int_not_equal(ocsp_parse(f->s, bytes_cut(der, 0, n), &r), OK);
	for (size_t i = first; i < first + whole->tbs.n; i++) {
		struct scope *s = scope_new(0);
		struct bytes copy;
		bool ok = false;
		assert_int_equal(bytes_copy(s, der, &copy), OK);
		((uint8_t *)(uintptr_t)copy.p)[i] ^= 1;
		if (ocsp_parse(s, copy, &r) == OK) {
			assert_int_equal(ocsp_is_signed_by(s, r, f->responder, &ok), OK);
			assert_false(ok);
			readable++;
		}
		scope_free(s);
	}
	assert_true(readable > 100);
}

/* What OpenSSL reads in our request is what was put in. */
static void test_request(void **state)
{
	const struct fixture *f = *state;
	static const enum digest_alg hashes[] = { DIGEST_SHA1, DIGEST_SHA256 };
	for (size_t i = 0; i < COUNT(hashes); i++) {
		struct bytes der;
		assert_int_equal(ocsp_request_build(f->s, f->leaf, f->ca, hashes[i],
				     BYTES_LIT("sixteen octets.."), &der),
		    OK);
		assert_true(der_is_der(der));
		const unsigned char *p = der.p;
		OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
		assert_non_null(request);
		assert_int_equal(OCSP_request_onereq_count(request), 1);
		const EVP_MD *md = i == 0 ? EVP_sha1() : EVP_sha256();
		OCSP_CERTID *want = OCSP_cert_to_id(md, x509_of(f, f->leaf), x509_of(f, f->ca));
		OCSP_CERTID *got = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
		assert_int_equal(OCSP_id_cmp(want, got), 0);
		assert_true(OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1) >= 0);
		assert_true(bytes_find(der, BYTES_LIT("\x04\x12\x04\x10sixteen octets.."), 0) !=
			    BYTES_NOT_FOUND);
		OCSP_CERTID_free(want);
		OCSP_REQUEST_free(request);
	}
}

static void test_request_nonce_length(void **state)
{
	const struct fixture *f = *state;
	uint8_t nonce[129] = { 1 };
	struct bytes der;
	assert_int_equal(
	    ocsp_request_build(f->s, f->leaf, f->ca, DIGEST_SHA1, BYTES_NONE, &der), OK);
	assert_true(bytes_find(der, oid_value(OID_OCSP_NONCE), 0) == BYTES_NOT_FOUND);
	assert_int_equal(
	    ocsp_request_build(f->s, f->leaf, f->ca, DIGEST_SHA1, bytes_of(nonce, 128), &der), OK);
	assert_int_equal(
	    ocsp_request_build(f->s, f->leaf, f->ca, DIGEST_SHA1, bytes_of(nonce, 129), &der),
	    ERR_MISUSE);
	assert_int_equal(ocsp_request_build(f->s, f->leaf, f->ca, DIGEST_UNKNOWN, BYTES_NONE, &der),
	    ERR_UNSUPPORTED);
}

/* OpenSSL agrees with the maker and with us about a delegated response. */
static void test_openssl_agrees(void **state)
{
	const struct fixture *f = *state;
	const struct cert *certs[] = { f->responder };
	struct bytes bare =
	    made(f, (struct mini_ca_revocation_ocsp){ .certs = certs, .n_certs = 1, .bare = true });
	const unsigned char *p = bare.p;
	OCSP_BASICRESP *basic = d2i_OCSP_BASICRESP(NULL, &p, (long)bare.n);
	assert_non_null(basic);
	X509_STORE *store = X509_STORE_new();
	assert_non_null(store);
	assert_int_equal(X509_STORE_add_cert(store, x509_of(f, f->ca)), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)NOW);
	assert_int_equal(OCSP_basic_verify(basic, NULL, store, 0), 1);
	X509_STORE_free(store);
	OCSP_BASICRESP_free(basic);
}

static void test_no_memory(void **state)
{
	const struct fixture *f = *state;
	const struct cert *certs[] = { f->responder };
	struct bytes der =
	    made(f, (struct mini_ca_revocation_ocsp){ .certs = certs, .n_certs = 1 });
	struct bytes bare = made(f, (struct mini_ca_revocation_ocsp){ .bare = true });
	size_t n = 1;
	for (bool done = false; !done; n++) {
		struct scope *s = scope_new(0);
		const struct ocsp_response *r;
		struct bytes out;
		scope_fail_after(s, n);
		enum err e = ocsp_parse(s, der, &r);
		e = e == OK
			? ocsp_request_build(s, f->leaf, f->ca, DIGEST_SHA1, BYTES_LIT("n"), &out)
			: e;
		e = e == OK ? ocsp_wrap(s, bare, &out) : e;
		scope_free(s);
		assert_true(e == OK || e == ERR_NOMEM);
		done = e == OK;
	}
	assert_true(n > 8);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_good_by_key),
		T(test_by_name_with_certs),
		T(test_statuses),
		T(test_unknown_hash_names_nothing),
		T(test_single_extensions),
		T(test_nonces),
		T(test_unsuccessful),
		T(test_bare_and_wrapped),
		T(test_unreadable_cert),
		T(test_caps),
		T(test_truncated_and_changed),
		T(test_request),
		T(test_request_nonce_length),
		T(test_openssl_agrees),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
