#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/xcv.h"

static struct evidence *known(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	assert_int_equal(evidence_add_cert(o->s, e, mini_pki_cert(o->p, "ca"), EVIDENCE_GIVEN), OK);
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, mini_pki_crl(o->p, "ca"), EVIDENCE_GIVEN, NULL), OK);
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, mini_pki_crl(o->p, "root"), EVIDENCE_GIVEN, NULL), OK);
	return e;
}

static struct findings check(struct office *o, struct evidence *e, const char *name,
    enum cert_use use, int64_t control, struct xcv **ret_x)
{
	struct xcv_answer answer;
	struct xcv_question q = { .cert = mini_pki_cert(o->p, name),
		.use = use,
		.existed = { control },
		.not_older = INSTANT_NONE,
		.fresh_for = { control } };
	assert_int_equal(xcv_new(o->s, e, mini_pki_anchors(o->p, "root"), policy_default(),
			     (struct instant){ control }, ret_x),
	    OK);
	assert_int_equal(xcv_check(o->s, *ret_x, &q, &answer), OK);
	return answer.findings;
}

static void test_passes(void **state)
{
	struct office *o = *state;
	struct xcv *x;
	struct findings f = check(o, known(o), "signer", CERT_USE_SIGNATURE, MINI_CA_NOW, &x);
	assert_int_equal(f.n, 0);
	assert_int_equal(x->n_wishes, 0);
	/* What it rested on: the path, and one list for each certificate below the anchor. */
	assert_int_equal(x->used->n_certs, 3);
	assert_int_equal(x->used->n_crls, 2);
}

static void test_wishes_for_status(void **state)
{
	struct office *o = *state;
	struct evidence *e;
	struct xcv *x;
	assert_int_equal(evidence_new(o->s, &e), OK);
	assert_int_equal(evidence_add_cert(o->s, e, mini_pki_cert(o->p, "ca"), EVIDENCE_GIVEN), OK);
	struct findings f = check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW, &x);
	assert_true(findings_has(&f, FINDING_REVOCATION_DATA_MISSING));
	assert_int_equal(x->n_wishes, 2);
	for (size_t i = 0; i < 2; i++)
		assert_non_null(x->wishes[i].issuer);
}

static void test_wishes_for_issuer(void **state)
{
	struct office *o = *state;
	struct evidence *e;
	struct xcv *x;
	assert_int_equal(evidence_new(o->s, &e), OK);
	struct findings f = check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW, &x);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item[0].code, FINDING_CHAIN_NOT_FOUND);
	assert_int_equal(x->n_wishes, 1);
	assert_null(x->wishes[0].issuer);
	assert_ptr_equal(x->wishes[0].cert, mini_pki_cert(o->p, "signer"));
}

static void test_dates(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "signer");
	struct xcv *x;
	e->from = MINI_CA_NOW - 10;
	e->to = MINI_CA_NOW + 10;
	static const struct {
		int64_t at;
		enum finding_code code;
	} cases[] = { { -11, FINDING_SIGNED_BEFORE_CERTIFICATE }, { -10, FINDING_NONE },
		{ 10, FINDING_NONE }, { 11, FINDING_CERT_EXPIRED_NOT_REVOKED } };
	for (size_t i = 0; i < 4; i++) {
		struct findings f =
		    check(o, known(o), "signer", CERT_USE_SIGNATURE, MINI_CA_NOW + cases[i].at, &x);
		assert_int_equal(f.n, cases[i].code != FINDING_NONE);
		if (f.n)
			assert_int_equal(f.item[0].code, cases[i].code);
	}
}

/* The dates of each certificate below the anchor count, not those of the anchor. */
static void test_dates_above(void **state)
{
	struct office *o = *state;
	struct xcv *x;
	mini_pki_entry(o->p, "root")->to = MINI_CA_NOW - 5;
	mini_pki_entry(o->p, "ca")->to = MINI_CA_NOW + 5;
	struct evidence *e = known(o);
	assert_int_equal(check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW + 5, &x).n, 0);
	struct findings f = check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW + 6, &x);
	assert_true(findings_has(&f, FINDING_CA_EXPIRED));
	assert_non_null(strstr(f.item[0].about, "CN=ca"));
}

static void test_uses(void **state)
{
	struct office *o = *state;
	struct xcv *x;
	struct evidence *e = known(o);
	assert_int_equal(check(o, e, "tsa", CERT_USE_TIMESTAMP, MINI_CA_NOW, &x).n, 0);
	struct findings f = check(o, e, "signer", CERT_USE_TIMESTAMP, MINI_CA_NOW, &x);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item[0].code, FINDING_TIMESTAMP_EKU);
}

/* Two paths: one through a revoked authority, one through another certificate of it. The one that
 * passes counts. */
static void test_second_path(void **state)
{
	struct office *o = *state;
	struct xcv *x;
	struct mini_pki_entry *again = mini_pki_entry(o->p, "again");
	*again = (struct mini_pki_entry){ .name = again->name,
		.subject = "/C=DE/O=Bulla Tests/CN=ca",
		.issuer = "root",
		.key_type = MINI_CA_P256,
		.key_index = 1,
		.serial = 77,
		.from = MINI_CA_NOW - 1000,
		.to = MINI_CA_NOW + 1000,
		.is_ca = true,
		.path_length = -1,
		.usage = "keyCertSign,cRLSign" };
	mini_pki_cert(o->p, "ca");
	mini_pki_entry(o->p, "ca")->revoked_at = MINI_CA_NOW - 100;
	struct evidence *e = known(o);
	struct findings f = check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW, &x);
	assert_true(findings_has(&f, FINDING_CA_REVOKED));
	assert_int_equal(
	    evidence_add_cert(o->s, e, mini_pki_cert(o->p, "again"), EVIDENCE_GIVEN), OK);
	assert_int_equal(check(o, e, "signer", CERT_USE_SIGNATURE, MINI_CA_NOW, &x).n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_passes),
		TEST(test_wishes_for_status),
		TEST(test_wishes_for_issuer),
		TEST(test_dates),
		TEST(test_dates_above),
		TEST(test_uses),
		TEST(test_second_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
