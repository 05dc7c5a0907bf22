#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/office.h"

static struct evidence *new_evidence(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	return e;
}

static void test_each_once(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	struct bytes crl = mini_pki_crl(o->p, "ca"), copy;
	const struct cert *ca = mini_pki_cert(o->p, "ca");
	assert_int_equal(evidence_add_cert(o->s, e, ca, EVIDENCE_DSS), OK);
	assert_int_equal(evidence_add_cert_der(o->s, e, ca->der, EVIDENCE_FETCHED), OK);
	assert_int_equal(e->n_certs, 1);
	assert_int_equal(e->certs[0].source, EVIDENCE_DSS);
	assert_int_equal(bytes_copy(o->s, crl, &copy), OK);
	assert_int_equal(evidence_add_crl_der(o->s, e, crl, EVIDENCE_FETCHED, "http://x/"), OK);
	assert_int_equal(evidence_add_crl_der(o->s, e, copy, EVIDENCE_GIVEN, NULL), OK);
	assert_int_equal(e->n_crls, 1);
	assert_string_equal(e->crls[0].url, "http://x/");
}

/* The certificates inside a response come along; the same response again is the same one. */
static void test_responses(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	struct bytes der = mini_pki_ocsp(o->p, "signer", BYTES_NONE);
	const struct ocsp_response *r, *again;
	assert_int_equal(evidence_add_ocsp_der(o->s, e, der, EVIDENCE_FETCHED, NULL, &r), OK);
	assert_int_equal(evidence_add_ocsp_der(o->s, e, der, EVIDENCE_GIVEN, NULL, &again), OK);
	assert_ptr_equal(r, again);
	assert_int_equal(e->n_ocsps, 1);
	assert_int_equal(e->n_certs, 1);
	assert_true(cert_equal(e->certs[0].cert, mini_pki_cert(o->p, "ca-ocsp")));
}

/* Malformed items are counted; a refusal of the responder is neither evidence nor malformed. */
static void test_unreadable(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	const struct ocsp_response *r;
	struct bytes refusal =
	    mini_ca_revocation_ocsp(o->s, &(struct mini_ca_revocation_ocsp){ .status = 6 });
	assert_int_equal(evidence_add_cert_der(o->s, e, BYTES_LIT("x"), EVIDENCE_DSS), OK);
	assert_int_equal(evidence_add_crl_der(o->s, e, BYTES_NONE, EVIDENCE_DSS, NULL), OK);
	assert_int_equal(
	    evidence_add_ocsp_der(o->s, e, BYTES_LIT("\x30\x00"), EVIDENCE_DSS, NULL, &r), OK);
	assert_null(r);
	assert_int_equal(e->n_unreadable, 3);
	assert_string_equal(scope_fault_text(o->s), "");
	assert_int_equal(evidence_add_ocsp_der(o->s, e, refusal, EVIDENCE_DSS, NULL, &r), OK);
	assert_null(r);
	assert_int_equal(e->n_unreadable, 3);
	assert_int_equal(e->n_certs + e->n_crls + e->n_ocsps, 0);
}

/* The digest names the set, not the order. */
static void test_digest(void **state)
{
	struct office *o = *state;
	struct evidence *a = new_evidence(o), *b = new_evidence(o), *c = new_evidence(o);
	struct digest da, db, dc;
	struct bytes crl = mini_pki_crl(o->p, "ca");
	const struct cert *root = mini_pki_cert(o->p, "root"), *ca = mini_pki_cert(o->p, "ca");
	assert_int_equal(evidence_add_cert(o->s, a, root, EVIDENCE_DSS), OK);
	assert_int_equal(evidence_add_cert(o->s, a, ca, EVIDENCE_DSS), OK);
	assert_int_equal(evidence_add_crl_der(o->s, a, crl, EVIDENCE_DSS, NULL), OK);
	assert_int_equal(evidence_add_crl_der(o->s, b, crl, EVIDENCE_GIVEN, NULL), OK);
	assert_int_equal(evidence_add_cert(o->s, b, ca, EVIDENCE_GIVEN), OK);
	assert_int_equal(evidence_add_cert(o->s, b, root, EVIDENCE_GIVEN), OK);
	assert_int_equal(evidence_add_cert(o->s, c, root, EVIDENCE_GIVEN), OK);
	assert_int_equal(evidence_digest(o->s, a, &da), OK);
	assert_int_equal(evidence_digest(o->s, b, &db), OK);
	assert_int_equal(evidence_digest(o->s, c, &dc), OK);
	assert_true(digest_equal(&da, &db));
	assert_false(digest_equal(&da, &dc));
	assert_int_equal(evidence_digest(o->s, new_evidence(o), &dc), OK);
}

static void test_failures(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	char url[] = "http://x/", why[] = "gone";
	assert_int_equal(evidence_add_failure(o->s, e, url, why), OK);
	url[0] = why[0] = '?';
	assert_string_equal(e->failures[0].url, "http://x/");
	assert_string_equal(e->failures[0].why, "gone");
}

static void test_limit(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	for (size_t i = 0; i < LIMIT_POOL_CERTIFICATES; i++)
		assert_int_equal(evidence_add_failure(o->s, e, "u", "w"), OK);
	assert_int_equal(evidence_add_failure(o->s, e, "u", "w"), ERR_LIMIT);
}

static void test_source_names(void **state)
{
	(void)state;
	assert_string_equal(evidence_source_name(EVIDENCE_SIGNATURE), "signature");
	assert_string_equal(evidence_source_name(EVIDENCE_DSS), "dss");
	assert_string_equal(evidence_source_name(EVIDENCE_GIVEN), "given");
	assert_string_equal(evidence_source_name(EVIDENCE_FETCHED), "fetched");
	assert_string_equal(evidence_source_name(EVIDENCE_ANCHOR), "anchor");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_once),
		TEST(test_responses),
		TEST(test_unreadable),
		TEST(test_digest),
		TEST(test_failures),
		TEST(test_limit),
		TEST(test_source_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
