#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/revocation.h"

/* -- freshness, pure -- */

static struct revocation_status said(int64_t this, int64_t next)
{
	return (struct revocation_status){
		.state = REVOCATION_GOOD, .this_update = { this }, .next_update = { next }
	};
}

static bool is_fresh(struct policy p, struct revocation_status st, int64_t at)
{
	return revocation_is_fresh(&p, &st, (struct instant){ at });
}

static void test_freshness(void **state)
{
	(void)state;
	const struct policy plain = *policy_default();
	struct policy grace = plain, age = plain, both = plain;
	grace.grace_s = 100;
	age.revocation_max_age_s = 1000;
	both.grace_s = 100;
	both.revocation_max_age_s = 1000;
	const struct revocation_status week = said(1000, 2000), open = said(1000, INT64_MIN);
	assert_true(is_fresh(plain, week, 2000));
	assert_false(is_fresh(plain, week, 2001));
	/* It also speaks for what was before it. */
	assert_true(is_fresh(plain, week, 999));
	assert_true(is_fresh(plain, open, 1000 + 86400));
	assert_false(is_fresh(plain, open, 1000 + 86401));
	assert_true(is_fresh(grace, week, 2100));
	assert_false(is_fresh(grace, week, 2101));
	assert_true(is_fresh(age, said(1000, 9000), 2000));
	assert_false(is_fresh(age, said(1000, 9000), 2001));
	/* The stricter one of the two decides. */
	assert_false(is_fresh(both, week, 2001));
	assert_true(is_fresh(both, said(1000, 1500), 1600));
	assert_false(is_fresh(both, said(1000, 1500), 1601));
}

/* Dates at the end of all days do not wrap around. */
static void test_freshness_at_the_limits(void **state)
{
	(void)state;
	struct policy p = *policy_default();
	p.grace_s = INT64_MAX;
	assert_true(is_fresh(p, said(INT64_MAX - 5, INT64_MAX), INT64_MAX));
	p.revocation_max_age_s = INT64_MAX;
	assert_true(is_fresh(p, said(0, INT64_MAX), INT64_MAX));
}

/* -- which statement counts -- */

static struct evidence *new_evidence(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	return e;
}

static struct revocation_status status(struct office *o, struct evidence *e, const char *name)
{
	struct revocation_judge j = { .evidence = e, .policy = policy_default(), .now = o->w->now };
	struct revocation_status st;
	assert_int_equal(revocation_status(o->s, &j, mini_pki_cert(o->p, name),
			     mini_pki_cert(o->p, mini_pki_entry(o->p, name)->issuer), &st),
	    OK);
	return st;
}

static void add_crl(struct office *o, struct evidence *e)
{
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, mini_pki_crl(o->p, "ca"), EVIDENCE_FETCHED, NULL), OK);
}

static void add_ocsp(struct office *o, struct evidence *e)
{
	assert_int_equal(evidence_add_ocsp_der(o->s, e, mini_pki_ocsp(o->p, "signer", BYTES_NONE),
			     EVIDENCE_FETCHED, NULL, NULL),
	    OK);
}

static void test_nothing_at_hand(void **state)
{
	struct office *o = *state;
	struct revocation_status st = status(o, new_evidence(o), "signer");
	assert_int_equal(st.state, REVOCATION_UNKNOWN);
	assert_null(st.rejected);
	assert_false(instant_is_known(st.this_update));
}

static void test_newest_good_one(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	add_crl(o, e);
	o->w->now.unix_s += 100;
	add_ocsp(o, e);
	struct revocation_status st = status(o, e, "signer");
	assert_int_equal(st.state, REVOCATION_GOOD);
	assert_ptr_equal(st.ocsp, &e->ocsps[0]);
	assert_null(st.crl);
	assert_ptr_equal(st.signer, e->ocsps[0].response->certs[0]);
	o->w->now.unix_s += 100;
	add_crl(o, e);
	st = status(o, e, "signer");
	assert_ptr_equal(st.crl, &e->crls[1]);
	assert_true(cert_equal(st.signer, mini_pki_cert(o->p, "ca")));
}

/* Whatever the order in which they come. */
static void test_permanent_revocation_wins(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *signer = mini_pki_entry(o->p, "signer");
	for (int order = 0; order < 2; order++) {
		struct evidence *e = new_evidence(o);
		for (int i = 0; i < 2; i++) {
			bool revoked = i == order;
			signer->revoked_at = revoked ? MINI_CA_NOW - 50 : 0;
			signer->reason = CRL_REASON_SUPERSEDED;
			o->w->now.unix_s = MINI_CA_NOW + (revoked ? 0 : 10);
			mini_pki_cert(o->p, "signer");
			add_crl(o, e);
		}
		o->w->now.unix_s = MINI_CA_NOW + 10;
		struct revocation_status st = status(o, e, "signer");
		assert_int_equal(st.state, REVOCATION_REVOKED);
		assert_int_equal(st.revoked_at.unix_s, MINI_CA_NOW - 50);
		assert_int_equal(st.reason, CRL_REASON_SUPERSEDED);
	}
}

static void test_hold_and_release(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	struct mini_pki_entry *signer = mini_pki_entry(o->p, "signer");
	signer->revoked_at = MINI_CA_NOW;
	signer->reason = CRL_REASON_CERTIFICATE_HOLD;
	add_ocsp(o, e);
	assert_int_equal(status(o, e, "signer").state, REVOCATION_SUSPENDED);
	signer->revoked_at = 0;
	o->w->now.unix_s += 10;
	add_crl(o, e);
	assert_int_equal(status(o, e, "signer").state, REVOCATION_GOOD);
	signer->revoked_at = MINI_CA_NOW;
	o->w->now.unix_s += 10;
	add_ocsp(o, e);
	assert_int_equal(status(o, e, "signer").state, REVOCATION_SUSPENDED);
}

static void test_rejection_is_told(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	struct bytes der = mini_ca_revocation_crl(
	    o->s, &(struct mini_ca_revocation_crl){ .issuer = mini_pki_cert(o->p, "ca"),
		      .key = mini_pki_private(o->p, "ca"),
		      .base_number = 1 });
	assert_int_equal(evidence_add_crl_der(o->s, e, der, EVIDENCE_GIVEN, NULL), OK);
	struct revocation_status st = status(o, e, "signer");
	assert_int_equal(st.state, REVOCATION_UNKNOWN);
	assert_string_equal(
	    st.rejected, "the CRL is a delta, and no complete list that it continues is at hand");
	/* Beside one that counts it is still told. */
	add_crl(o, e);
	st = status(o, e, "signer");
	assert_int_equal(st.state, REVOCATION_GOOD);
	assert_non_null(st.rejected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freshness),
		cmocka_unit_test(test_freshness_at_the_limits),
		TEST(test_nothing_at_hand),
		TEST(test_newest_good_one),
		TEST(test_permanent_revocation_wins),
		TEST(test_hold_and_release),
		TEST(test_rejection_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
