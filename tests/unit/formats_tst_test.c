#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/cms.h"
#include "formats/der.h"
#include "formats/tst.h"
#include "tests/support/mini_ca_timestamp.h"

#include <openssl/ts.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW MINI_CA_NOW

struct fixture {
	struct scope *s;
	EVP_PKEY *ca_key, *key;
	const struct cert *ca, *tsa;
};

static int set_up(void **state)
{
	static struct fixture f;
	f.s = scope_new(0);
	f.ca_key = mini_ca_key(MINI_CA_P256, 0);
	f.key = mini_ca_key(MINI_CA_RSA, 0);
	f.ca = mini_ca_root(f.s, f.ca_key);
	f.tsa = mini_ca_timestamp_authority(f.s, f.ca, f.ca_key, f.key);
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

static struct bytes info_der(const struct fixture *f, struct mini_ca_timestamp spec)
{
	spec.tsa = f->tsa;
	spec.key = f->key;
	return mini_ca_timestamp_info(f->s, &spec);
}

static struct tst_info info_of(const struct fixture *f, struct mini_ca_timestamp spec)
{
	struct tst_info info;
	if (tst_info_parse(f->s, info_der(f, spec), &info) != OK)
		fail_msg("%s", scope_fault_text(f->s));
	return info;
}

static void test_plain_info(void **state)
{
	const struct fixture *f = *state;
	struct tst_info info = info_of(f, (struct mini_ca_timestamp){ .serial = 300 });
	struct digest nothing;
	assert_int_equal(digest_of_bytes(f->s, DIGEST_SHA256, BYTES_NONE, &nothing), OK);
	assert_true(digest_equal(&info.imprint, &nothing));
	assert_true(bytes_equal(info.policy, BYTES_LIT("\x2a\x03\x04")));
	assert_true(bytes_equal(info.serial, BYTES_LIT("\x01\x2c")));
	assert_int_equal(info.gen_time.unix_s, NOW);
	assert_false(info.has_accuracy || info.ordering || info.unknown_critical);
	assert_int_equal(info.nonce.n, 0);
	assert_int_equal(info.tsa.n, 0);
}

static void test_full_info(void **state)
{
	const struct fixture *f = *state;
	struct tst_info info = info_of(f, (struct mini_ca_timestamp){
					      .gen_time = NOW - 5,
					      .accuracy_s = 1,
					      .accuracy_ms = 500,
					      .accuracy_us = 1,
					      .ordering = true,
					      .nonce = BYTES_LIT("\xff\x01"),
					      .names_tsa = true,
					      .unknown_critical = true,
					  });
	assert_int_equal(info.gen_time.unix_s, NOW - 5);
	assert_true(info.has_accuracy && info.ordering && info.unknown_critical);
	assert_int_equal(info.accuracy_ms, 1501);
	assert_true(bytes_equal(info.nonce, BYTES_LIT("\x00\xff\x01")));
	assert_int_equal(info.tsa.p[0], 0xa4);
	assert_true(bytes_equal(bytes_from(info.tsa, 2), f->tsa->subject));
}

static void test_accuracy(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		int64_t s, ms, us, want;
	} rows[] = {
		{ 1, 0, 0, 1000 },
		{ 0, 999, 0, 999 },
		{ 0, 0, 999, 1 },
		{ 0, 1, 999, 2 },
		{ INT32_MAX, 999, 999, INT64_C(2147483647999) + 1 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tst_info info =
		    info_of(f, (struct mini_ca_timestamp){ .accuracy_s = rows[i].s,
				   .accuracy_ms = rows[i].ms,
				   .accuracy_us = rows[i].us });
		assert_true(info.has_accuracy);
		assert_int_equal(info.accuracy_ms, rows[i].want);
	}
	static const struct mini_ca_timestamp bad[] = {
		{ .accuracy_s = -1 },
		{ .accuracy_s = (int64_t)INT32_MAX + 1 },
		{ .accuracy_ms = 1000 },
		{ .accuracy_us = 1000 },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct tst_info info;
		assert_int_equal(tst_info_parse(f->s, info_der(f, bad[i]), &info), ERR_FORMAT);
	}
}

/* TSTInfo made by hand around one imprint and one genTime. */
static enum err read_with(const struct fixture *f, struct bytes algorithm, size_t n_octets,
    const char *gen_time, int64_t version, struct tst_info *info)
{
	struct buf b = buf_new(f->s, 1000);
	struct bytes der;
	size_t whole = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, version);
	der_add(&b, DER_OID, BYTES_LIT("\x2a\x03"));
	size_t imprint = der_open(&b, DER_SEQUENCE);
	size_t alg = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, algorithm);
	der_close(&b, alg);
	size_t octets = der_open(&b, DER_OCTET_STRING);
	buf_add_repeat(&b, 7, n_octets);
	der_close(&b, octets);
	der_close(&b, imprint);
	der_add_small_integer(&b, 1);
	der_add(&b, DER_GENERALIZED_TIME, bytes_of_str(gen_time));
	der_close(&b, whole);
	assert_int_equal(buf_done(&b, &der), OK);
	return tst_info_parse(f->s, der, info);
}

static void test_imprints_and_times(void **state)
{
	const struct fixture *f = *state;
	const struct bytes sha256 = oid_value(OID_ALG_SHA256), strange = BYTES_LIT("\x2a\x03\x04");
	struct tst_info info;
	assert_int_equal(read_with(f, sha256, 32, "20260101000000.5Z", 1, &info), OK);
	assert_int_equal(info.gen_time.unix_s, NOW);
	assert_int_equal(info.imprint.alg, DIGEST_SHA256);
	/* says what is there: a length that does not fit is seen when imprints are compared */
	assert_int_equal(read_with(f, sha256, 20, "20260101000000Z", 1, &info), OK);
	assert_int_equal(info.imprint.n, 20);
	assert_int_equal(read_with(f, strange, 64, "20260101000000Z", 1, &info), OK);
	assert_int_equal(info.imprint.alg, DIGEST_UNKNOWN);
	assert_int_equal(read_with(f, strange, 65, "20260101000000Z", 1, &info), ERR_FORMAT);
	assert_int_equal(read_with(f, sha256, 32, "20260101000000Z", 2, &info), ERR_UNSUPPORTED);
	assert_int_equal(read_with(f, sha256, 32, "20260101006000Z", 1, &info), ERR_FORMAT);
	assert_int_equal(read_with(f, sha256, 32, "", 1, &info), ERR_FORMAT);
}

static void test_nonce_is_a_number(void **state)
{
	(void)state;
	struct tst_info info = { .nonce = BYTES_LIT("\x00\xff\x01") };
	assert_true(tst_nonce_matches(&info, BYTES_LIT("\xff\x01")));
	assert_true(tst_nonce_matches(&info, BYTES_LIT("\x00\x00\xff\x01")));
	assert_false(tst_nonce_matches(&info, BYTES_LIT("\xff\x02")));
	assert_false(tst_nonce_matches(&info, BYTES_LIT("\xff")));
	assert_false(tst_nonce_matches(&info, BYTES_LIT("\xff\x01\x00")));
	info.nonce = BYTES_LIT("\x00");
	assert_true(tst_nonce_matches(&info, BYTES_LIT("\x00\x00")));
	assert_false(tst_nonce_matches(&info, BYTES_LIT("\x01")));
	info.nonce = BYTES_NONE;
	assert_false(tst_nonce_matches(&info, BYTES_LIT("\x00")));
	assert_false(tst_nonce_matches(&info, BYTES_NONE));
}

static void test_replies(void **state)
{
	const struct fixture *f = *state;
	struct bytes token = mini_ca_timestamp_token(
	    f->s, &(struct mini_ca_timestamp){ .tsa = f->tsa, .key = f->key });
	struct tst_reply r;
	struct mini_ca_timestamp_reply spec = { .token = token };
	assert_int_equal(tst_reply_parse(f->s, mini_ca_timestamp_reply(f->s, &spec), &r), OK);
	assert_int_equal(r.status, 0);
	assert_string_equal(r.status_text, "");
	assert_int_equal(r.failure, 0);
	assert_true(bytes_equal(r.token, token));
	static const char *const texts[] = { "no", "never", NULL };
	spec = (struct mini_ca_timestamp_reply){
		.status = 2, .texts = texts, .failure = 1U << 15 | 1U << 25
	};
	assert_int_equal(tst_reply_parse(f->s, mini_ca_timestamp_reply(f->s, &spec), &r), OK);
	assert_int_equal(r.status, 2);
	assert_string_equal(tst_status_name(r.status), "rejection");
	assert_string_equal(r.status_text, "no; never");
	assert_int_equal(r.failure, 1U << 15 | 1U << 25);
	assert_string_equal(tst_failure_name(r.failure), "unacceptedPolicy");
	assert_int_equal(r.token.n, 0);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(tst_status_name(0), "granted");
	assert_string_equal(tst_status_name(1), "grantedWithMods");
	assert_string_equal(tst_status_name(5), "revocationNotification");
	assert_string_equal(tst_status_name(6), "unknown");
	assert_string_equal(tst_status_name(-1), "unknown");
	assert_string_equal(tst_failure_name(0), "");
	assert_string_equal(tst_failure_name(1), "badAlg");
	assert_string_equal(tst_failure_name(1U << 2), "badRequest");
	assert_string_equal(tst_failure_name(1U << 5), "badDataFormat");
	assert_string_equal(tst_failure_name(1U << 14), "timeNotAvailable");
	assert_string_equal(tst_failure_name(1U << 16), "unacceptedExtension");
	assert_string_equal(tst_failure_name(1U << 17), "addInfoNotAvailable");
	assert_string_equal(tst_failure_name(1U << 25), "systemFailure");
	assert_string_equal(tst_failure_name(1U << 31), "unknown");
}

static void test_bad_replies(void **state)
{
	const struct fixture *f = *state;
	struct tst_reply r;
	static const struct bytes bad[] = {
		BYTES_LIT(""),
		BYTES_LIT("\x30\x00"),
		BYTES_LIT("\x30\x02\x30\x00"),
		BYTES_LIT("\x30\x05\x30\x03\x02\x01\xff"),
		BYTES_LIT("\x30\x05\x30\x03\x02\x01\x00\x00"),
		BYTES_LIT("\x30\x07\x30\x03\x02\x01\x00\x05\x00"),
		BYTES_LIT("\x30\x07\x30\x05\x02\x01\x00\x05\x00"),
	};
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(tst_reply_parse(f->s, bad[i], &r), ERR_FORMAT);
	assert_int_equal(tst_reply_parse(f->s, BYTES_LIT("\x30\x05\x30\x03\x02\x01\x03"), &r), OK);
	assert_int_equal(r.status, 3);
}

static void test_truncated(void **state)
{
	const struct fixture *f = *state;
	struct bytes der =
	    info_der(f, (struct mini_ca_timestamp){
			    .accuracy_s = 1, .nonce = BYTES_LIT("\x01\x02"), .names_tsa = true });
	for (size_t n = 0; n < der.n; n++) {
		struct tst_info info;
		assert_int_not_equal(tst_info_parse(f->s, bytes_cut(der, 0, n), &info), OK);
	}
}

/* What OpenSSL reads in our request is what was put in. */
static void test_request(void **state)
{
	const struct fixture *f = *state;
	struct digest imprint;
	struct bytes der;
	assert_int_equal(digest_of_bytes(f->s, DIGEST_SHA384, BYTES_LIT("x"), &imprint), OK);
	assert_int_equal(
	    tst_request_build(f->s, &imprint, BYTES_LIT("\xfe\x01"), BYTES_LIT("\x2a\x03"), &der),
	    OK);
	assert_true(der_is_der(der));
	const unsigned char *p = der.p;
	TS_REQ *request = d2i_TS_REQ(NULL, &p, (long)der.n);
	assert_non_null(request);
	assert_int_equal(TS_REQ_get_version(request), 1);
	assert_int_equal(TS_REQ_get_cert_req(request) != 0, 1);
	assert_int_equal(ASN1_INTEGER_get(TS_REQ_get_nonce(request)), 0xfe01);
	assert_int_equal(OBJ_length(TS_REQ_get_policy_id(request)), 2);
	ASN1_OCTET_STRING *hash = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(request));
	assert_true(bytes_equal(digest_bytes(&imprint),
	    bytes_of(ASN1_STRING_get0_data(hash), (size_t)ASN1_STRING_length(hash))));
	TS_REQ_free(request);
}

static void test_request_misuse(void **state)
{
	const struct fixture *f = *state;
	struct digest imprint = { .alg = DIGEST_SHA256, .n = 32 };
	struct bytes der;
	assert_int_equal(
	    tst_request_build(f->s, &imprint, BYTES_LIT("\x01"), BYTES_NONE, &der), OK);
	assert_int_equal(
	    tst_request_build(f->s, &imprint, BYTES_NONE, BYTES_NONE, &der), ERR_MISUSE);
	imprint.n = 31;
	assert_int_equal(
	    tst_request_build(f->s, &imprint, BYTES_LIT("\x01"), BYTES_NONE, &der), ERR_MISUSE);
	imprint = (struct digest){ 0 };
	assert_int_equal(
	    tst_request_build(f->s, &imprint, BYTES_LIT("\x01"), BYTES_NONE, &der), ERR_MISUSE);
}

/* OpenSSL's verifier and our CMS reader agree about the tokens that the maker makes. */
static void test_token(void **state)
{
	const struct fixture *f = *state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_P256, MINI_CA_ED25519 };
	for (size_t i = 0; i < COUNT(types); i++) {
		EVP_PKEY *key = mini_ca_key(types[i], 1);
		const struct cert *tsa = mini_ca_timestamp_authority(f->s, f->ca, f->ca_key, key);
		struct bytes der = mini_ca_timestamp_token(
		    f->s, &(struct mini_ca_timestamp){ .tsa = tsa, .key = key });
		const struct cms *cms;
		struct digest content = { 0 };
		struct tst_info info;
		bool ok, in_order;
		assert_true(der_is_der(der));
		assert_int_equal(cms_parse(f->s, der, NULL, &cms), OK);
		assert_int_equal(tst_info_parse(f->s, cms->econtent, &info), OK);
		assert_int_equal(info.gen_time.unix_s, NOW);
		assert_int_equal(cms->n_signers, 1);
		assert_true(cert_equal(cms->certs[0], tsa));
		assert_int_equal(
		    cms_verify_value(f->s, &cms->signers[0], tsa, &content, &ok, &in_order), OK);
		assert_true(ok && in_order);
	}
}

static void test_openssl_accepts_token(void **state)
{
	const struct fixture *f = *state;
	struct bytes der = mini_ca_timestamp_token(
	    f->s, &(struct mini_ca_timestamp){ .tsa = f->tsa, .key = f->key });
	const unsigned char *p = der.p;
	PKCS7 *token = d2i_PKCS7(NULL, &p, (long)der.n);
	X509_STORE *store = X509_STORE_new();
	X509 *signer = NULL;
	assert_non_null(token);
	assert_non_null(store);
	assert_int_equal(X509_STORE_add_cert(store, x509_of(f, f->ca)), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)NOW);
	assert_int_equal(TS_RESP_verify_signature(token, NULL, store, &signer), 1);
	X509_free(signer);
	X509_STORE_free(store);
	PKCS7_free(token);
}

static void test_no_memory(void **state)
{
	const struct fixture *f = *state;
	static const char *const texts[] = { "text", NULL };
	struct bytes reply = mini_ca_timestamp_reply(
	    f->s, &(struct mini_ca_timestamp_reply){ .status = 2, .texts = texts });
	struct bytes der = info_der(f, (struct mini_ca_timestamp){ .accuracy_s = 1 });
	const struct digest imprint = { .alg = DIGEST_SHA256, .n = 32 };
	size_t n = 1;
	for (bool done = false; !done; n++) {
		struct scope *s = scope_new(0);
		struct tst_reply r;
		struct tst_info info;
		struct bytes out;
		scope_fail_after(s, n);
		enum err e = tst_reply_parse(s, reply, &r);
		e = e == OK ? tst_info_parse(s, der, &info) : e;
		e = e == OK ? tst_request_build(s, &imprint, BYTES_LIT("\x01"), BYTES_NONE, &out)
			    : e;
		scope_free(s);
		assert_true(e == OK || e == ERR_NOMEM);
		done = e == OK;
	}
	assert_true(n > 3);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_plain_info),
		T(test_full_info),
		T(test_accuracy),
		T(test_imprints_and_times),
		T(test_nonce_is_a_number),
		T(test_replies),
		T(test_names),
		T(test_bad_replies),
		T(test_truncated),
		T(test_request),
		T(test_request_misuse),
		T(test_token),
		T(test_openssl_accepts_token),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
