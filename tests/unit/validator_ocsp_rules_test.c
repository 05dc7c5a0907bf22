#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/ocsp_rules.h"
#include "validator/revocation_signer.h"

struct said {
	struct mini_ca_revocation_ocsp response;
	struct mini_ca_revocation_single single;
	const char *by, *carries;
};

static const struct ocsp_response *answer(struct office *o, struct said x)
{
	const struct ocsp_response *r;
	const struct cert *certs[1];
	const char *by = x.by ? x.by : "ca-ocsp";
	x.single.subject = mini_pki_cert(o->p, "signer");
	x.single.issuer = mini_pki_cert(o->p, "ca");
	x.response.responder = mini_pki_cert(o->p, by);
	x.response.key = x.response.key ? x.response.key : mini_pki_private(o->p, by);
	x.response.singles = &x.single;
	x.response.n_singles = 1;
	certs[0] = mini_pki_cert(o->p, x.carries ? x.carries : by);
	x.response.certs = certs;
	x.response.n_certs = !x.carries || x.carries[0] != '-';
	assert_int_equal(ocsp_parse(o->s, mini_ca_revocation_ocsp(o->s, &x.response), &r), OK);
	return r;
}

static const char *reject(struct office *o, struct said x)
{
	const char *why = "";
	const struct ocsp_response *r = answer(o, x);
	assert_int_equal(ocsp_rules_reject(o->s, r, &r->singles[0], mini_pki_cert(o->p, "signer"),
			     o->w->now, &why),
	    OK);
	return why;
}

static void assert_rejected(const char *why, const char *wanted)
{
	if (!why || !strstr(why, wanted))
		fail_msg("\"%s\" lacks \"%s\"", why ? why : "(accepted)", wanted);
}

#define SAID(...)                                                                                  \
	(struct said)                                                                              \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static void test_single(void **state)
{
	struct office *o = *state;
	assert_null(reject(o, SAID(.single.status = OCSP_GOOD)));
	assert_null(reject(o, SAID(.single.status = OCSP_REVOKED)));
	assert_rejected(reject(o, SAID(.single.status = OCSP_UNKNOWN)), "does not know");
	assert_rejected(reject(o, SAID(.response.unknown_critical = true)), "critical");
	assert_rejected(reject(o, SAID(.single.unknown_critical = true)), "critical");
	assert_null(reject(o, SAID(.single.this_update = MINI_CA_NOW + 60)));
	assert_rejected(reject(o, SAID(.single.this_update = MINI_CA_NOW + 61)), "after the time");
	assert_null(reject(o, SAID(.response.produced_at = MINI_CA_NOW + 60)));
	assert_rejected(
	    reject(o, SAID(.response.produced_at = MINI_CA_NOW + 61)), "after the time");
	assert_rejected(reject(o, SAID(.single.this_update = MINI_CA_NOW,
				      .single.next_update = MINI_CA_NOW - 1)),
	    "ends before");
}

static void test_cert_hash(void **state)
{
	struct office *o = *state;
	static const enum digest_alg algs[] = { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };
	for (size_t i = 0; i < 3; i++) {
		assert_null(reject(o, SAID(.single.cert_hash = algs[i])));
		assert_rejected(
		    reject(o, SAID(.single.cert_hash = algs[i], .single.wrong_cert_hash = true)),
		    "CertHash");
	}
}

/* What is said after the certificate's end. */
static void test_after_the_end(void **state)
{
	struct office *o = *state;
	const int64_t end = MINI_CA_NOW - 100;
	mini_pki_entry(o->p, "signer")->to = end;
	assert_null(reject(o, SAID(.single.this_update = end)));
	assert_rejected(reject(o, SAID(.single.this_update = end + 1)), "had expired");
	assert_null(reject(o, SAID(.single.this_update = end + 1, .single.archive_cutoff = end)));
	assert_rejected(
	    reject(o, SAID(.single.this_update = end + 1, .single.archive_cutoff = end + 1)),
	    "had expired");
	assert_null(
	    reject(o, SAID(.single.this_update = end + 1, .single.cert_hash = DIGEST_SHA256)));
	assert_null(reject(o, SAID(.single.this_update = end + 1, .single.status = OCSP_REVOKED)));
}

static const char *signer_of(struct office *o, struct evidence *e, struct said x)
{
	struct revocation_judge j = { .evidence = e, .policy = policy_default(), .now = o->w->now };
	struct revocation_signer signer;
	const struct evidence_ocsp item = { .response = answer(o, x),
		.place = { 0, INSTANT_NONE } };
	assert_int_equal(revocation_memo_open(o->s, &j), OK);
	assert_int_equal(revocation_signer_of_ocsp(o->s, &j, &item, mini_pki_cert(o->p, "signer"),
			     mini_pki_cert(o->p, "ca"), &signer),
	    OK);
	assert_true((signer.cert == NULL) == (signer.why != NULL));
	if (signer.cert)
		assert_true(cert_equal(signer.cert, mini_pki_cert(o->p, x.by ? x.by : "ca-ocsp")));
	return signer.why;
}

static void test_responders(void **state)
{
	struct office *o = *state;
	struct evidence *none;
	assert_int_equal(evidence_new(o->s, &none), OK);
	assert_null(signer_of(o, none, SAID(.response.by_name = false)));
	assert_null(signer_of(o, none, SAID(.response.by_name = true)));
	assert_null(signer_of(o, none, SAID(.by = "ca", .carries = "-")));
	assert_rejected(signer_of(o, none, SAID(.by = "root")), "same authority");
	assert_rejected(signer_of(o, none, SAID(.by = "signer")), "not for signing OCSP responses");
	assert_rejected(signer_of(o, none, SAID(.response.key = mini_pki_private(o->p, "signer"))),
	    "does not verify");
	/* The name of the responder, the certificate of somebody else. */
	assert_rejected(signer_of(o, none, SAID(.carries = "tsa")), "not at hand");
}

/* Of another authority with the same name: its signature on the responder does not verify. */
static void test_responder_of_a_namesake(void **state)
{
	struct office *o = *state;
	struct evidence *none;
	struct mini_pki_entry *fake = mini_pki_entry(o->p, "fake");
	fake->subject = "/C=DE/O=Bulla Tests/CN=ca";
	fake->issuer = "fake";
	fake->is_ca = true;
	fake->no_urls = true;
	struct mini_pki_entry *evil = mini_pki_entry(o->p, "evil");
	evil->issuer = "fake";
	evil->eku = "OCSPSigning";
	evil->nocheck = true;
	assert_int_equal(evidence_new(o->s, &none), OK);
	assert_rejected(signer_of(o, none, SAID(.by = "evil")), "same authority");
}

static void test_responder_at_hand(void **state)
{
	struct office *o = *state;
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	assert_rejected(signer_of(o, e, SAID(.carries = "-")), "not at hand");
	assert_int_equal(
	    evidence_add_cert(o->s, e, mini_pki_cert(o->p, "ca-ocsp"), EVIDENCE_DSS), OK);
	assert_null(signer_of(o, e, SAID(.carries = "-")));
}

static void test_dates_of_the_responder(void **state)
{
	struct office *o = *state;
	struct evidence *none;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "ca-ocsp");
	e->from = MINI_CA_NOW - 100;
	e->to = MINI_CA_NOW - 50;
	assert_int_equal(evidence_new(o->s, &none), OK);
	assert_null(signer_of(o, none, SAID(.response.produced_at = MINI_CA_NOW - 100)));
	assert_null(signer_of(o, none, SAID(.response.produced_at = MINI_CA_NOW - 50)));
	assert_rejected(
	    signer_of(o, none, SAID(.response.produced_at = MINI_CA_NOW - 101)), "not valid then");
	assert_rejected(
	    signer_of(o, none, SAID(.response.produced_at = MINI_CA_NOW - 49)), "not valid then");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_single),
		TEST(test_cert_hash),
		TEST(test_after_the_end),
		TEST(test_responders),
		TEST(test_responder_of_a_namesake),
		TEST(test_responder_at_hand),
		TEST(test_dates_of_the_responder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
