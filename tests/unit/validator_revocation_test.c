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

static struct revocation_statement said(int64_t this, int64_t next)
{
	return (struct revocation_statement){
		.state = REVOCATION_GOOD, .this_update = { this }, .next_update = { next }
	};
}

static bool is_fresh(struct policy p, struct revocation_statement st, int64_t at)
{
	return revocation_statement_is_fresh(&p, &st, (struct instant){ at });
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
	const struct revocation_statement week = said(1000, 2000), open = said(1000, INT64_MIN);
	assert_true(is_fresh(plain, week, 1999));
	assert_false(is_fresh(plain, week, 2000));
	/* It also speaks for what was before it. */
	assert_true(is_fresh(plain, week, 999));
	assert_true(is_fresh(plain, open, 1000 + 86399));
	assert_false(is_fresh(plain, open, 1000 + 86400));
	assert_true(is_fresh(grace, week, 2099));
	assert_false(is_fresh(grace, week, 2100));
	assert_true(is_fresh(age, said(1000, 9000), 1999));
	assert_false(is_fresh(age, said(1000, 9000), 2000));
	/* Where there is a maximum age, nextUpdate is not asked. */
	assert_false(is_fresh(both, week, 2000));
	assert_true(is_fresh(both, said(1000, 1500), 1999));
	assert_false(is_fresh(both, said(1000, 1500), 2000));
}

/* Dates at the end of all days do not wrap around. */
static void test_freshness_at_the_limits(void **state)
{
	(void)state;
	struct policy p = *policy_default();
	p.grace_s = INT64_MAX;
	assert_true(is_fresh(p, said(INT64_MAX - 5, INT64_MAX), INT64_MAX - 1));
	p.revocation_max_age_s = INT64_MAX;
	assert_true(is_fresh(p, said(0, INT64_MAX), INT64_MAX - 1));
}

/* -- which statement counts -- */

static struct evidence *new_evidence(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	return e;
}

static const struct revocation_record *record_by(
    struct office *o, struct evidence *e, const char *name, const struct policy *policy)
{
	struct revocation_judge j = { .evidence = e, .policy = policy, .now = o->w->now };
	const struct revocation_record *record, *again;
	const struct cert *c = mini_pki_cert(o->p, name);
	const struct cert *issuer = mini_pki_cert(o->p, mini_pki_entry(o->p, name)->issuer);
	assert_int_equal(revocation_find(o->s, &j, c, issuer, &record), OK);
	/* Found once. */
	const size_t used = scope_used(o->s);
	assert_int_equal(revocation_find(o->s, &j, c, issuer, &again), OK);
	assert_ptr_equal(again->item, record->item);
	assert_int_equal(scope_used(o->s), used);
	return record;
}

static const struct revocation_record *record_of(
    struct office *o, struct evidence *e, const char *name)
{
	return record_by(o, e, name, policy_default());
}

/* What decides; one of state UNKNOWN for nothing. */
static struct revocation_statement status(struct office *o, struct evidence *e, const char *name)
{
	const struct revocation_statement *st =
	    revocation_decide(record_of(o, e, name), INSTANT_NONE);
	return st ? *st : (struct revocation_statement){ .state = REVOCATION_UNKNOWN };
}

static void add_crl(struct office *o, struct evidence *e)
{
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, mini_pki_crl(o->p, "ca"), EVIDENCE_FETCHED, NULL), OK);
}

static void add_list(struct office *o, struct evidence *e, struct mini_ca_revocation_crl spec)
{
	assert_int_equal(evidence_add_crl_der(
			     o->s, e, mini_ca_revocation_crl(o->s, &spec), EVIDENCE_GIVEN, NULL),
	    OK);
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
	const struct revocation_record *record = record_of(o, new_evidence(o), "signer");
	assert_int_equal(record->n, 0);
	assert_false(record->not_needed);
	assert_null(record->rejected);
	assert_null(revocation_decide(record, INSTANT_NONE));
}

static void test_newest_good_one(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	add_crl(o, e);
	o->w->now.unix_s += 100;
	add_ocsp(o, e);
	struct revocation_statement st = status(o, e, "signer");
	assert_int_equal(st.state, REVOCATION_GOOD);
	assert_ptr_equal(st.ocsp, &e->ocsps[0]);
	assert_int_equal(st.n_crls, 0);
	assert_ptr_equal(st.signer, e->ocsps[0].response->certs[0]);
	o->w->now.unix_s += 100;
	add_crl(o, e);
	st = status(o, e, "signer");
	assert_null(st.ocsp);
	assert_int_equal(st.n_crls, 1);
	assert_ptr_equal(st.crls[0], &e->crls[1]);
	assert_null(st.signer_path);
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
		struct revocation_statement st = status(o, e, "signer");
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
	assert_int_equal(
	    evidence_add_crl_der(o->s, e, der, EVIDENCE_GIVEN, "http://x.test/delta"), OK);
	const struct revocation_record *record = record_of(o, e, "signer");
	assert_int_equal(record->n, 0);
	assert_string_equal(record->rejected,
	    "the CRL is a delta, and no complete list that it continues is at hand");
	assert_string_equal(record->rejected_url, "http://x.test/delta");
	/* Beside one that counts it is still told. */
	add_crl(o, e);
	record = record_of(o, e, "signer");
	assert_int_equal(record->n, 1);
	assert_non_null(record->rejected);
}

static void test_kinds(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	struct policy p = *policy_default();
	add_crl(o, e);
	add_ocsp(o, e);
	assert_int_equal(record_of(o, e, "signer")->n, 2);
	p.revocation_kinds = POLICY_REVOCATION_OCSP;
	assert_non_null(record_by(o, e, "signer", &p)->item[0].ocsp);
	assert_int_equal(record_by(o, e, "signer", &p)->n, 1);
	p.revocation_kinds = POLICY_REVOCATION_CRL;
	assert_int_equal(record_by(o, e, "signer", &p)->item[0].n_crls, 1);
	assert_int_equal(record_by(o, e, "signer", &p)->n, 1);
}

static void test_not_needed(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *plain = mini_pki_entry(o->p, "nocheck-but-no-responder");
	plain->nocheck = true;
	struct mini_pki_entry *leaf = mini_pki_entry(o->p, "no-rev-avail");
	leaf->more[0] = "2.5.29.56=DER:05:00";
	struct mini_pki_entry *authority = mini_pki_entry(o->p, "no-rev-avail-ca");
	authority->more[0] = "2.5.29.56=DER:05:00";
	authority->is_ca = true;
	struct evidence *e = new_evidence(o);
	assert_true(record_of(o, e, "ca-ocsp")->not_needed);
	assert_false(record_of(o, e, "nocheck-but-no-responder")->not_needed);
	assert_true(record_of(o, e, "no-rev-avail")->not_needed);
	assert_false(record_of(o, e, "no-rev-avail-ca")->not_needed);
}

/* One response may say several things about one certificate, whatever digest names it. */
static void test_several_singles(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	const struct cert *signer = mini_pki_cert(o->p, "signer"), *ca = mini_pki_cert(o->p, "ca");
	const struct mini_ca_revocation_single singles[] = {
		{ .subject = signer, .issuer = ca, .this_update = MINI_CA_NOW - 300 },
		{ .subject = signer,
		    .issuer = ca,
		    .hash = DIGEST_SHA256,
		    .status = OCSP_REVOKED,
		    .reason = CRL_REASON_CERTIFICATE_HOLD,
		    .this_update = MINI_CA_NOW - 100 },
		{ .subject = signer,
		    .issuer = ca,
		    .hash = DIGEST_SHA512,
		    .this_update = MINI_CA_NOW - 200 },
		/* The same number of another authority, and another number. */
		{ .subject = signer,
		    .issuer = mini_pki_cert(o->p, "root"),
		    .status = OCSP_REVOKED },
		{ .subject = mini_pki_cert(o->p, "tsa"), .issuer = ca, .status = OCSP_REVOKED },
	};
	const struct mini_ca_revocation_ocsp spec = { .responder = ca,
		.key = mini_pki_private(o->p, "ca"),
		.singles = singles,
		.n_singles = sizeof(singles) / sizeof(singles[0]) };
	assert_int_equal(evidence_add_ocsp_der(o->s, e, mini_ca_revocation_ocsp(o->s, &spec),
			     EVIDENCE_GIVEN, NULL, NULL),
	    OK);
	const struct revocation_record *r = record_of(o, e, "signer");
	assert_int_equal(r->n, 3);
	assert_int_equal(r->item[0].state, REVOCATION_SUSPENDED);
	assert_int_equal(r->item[1].said_at.unix_s, MINI_CA_NOW - 200);
	assert_int_equal(r->item[2].said_at.unix_s, MINI_CA_NOW - 300);
}

/* X.509 9.5.2.12: the complete list's word on expired certificates holds with its delta. */
static void test_delta_after_the_end(void **state)
{
	struct office *o = *state;
	const int64_t end = MINI_CA_NOW - 100;
	mini_pki_entry(o->p, "signer")->to = end;
	for (int early = 0; early < 2; early++) {
		struct evidence *e = new_evidence(o);
		struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(o->p, "ca"),
			.key = mini_pki_private(o->p, "ca"),
			.number = 5,
			.this_update = end,
			.expired_certs_on_crl = early ? end : end + 1 };
		add_list(o, e, spec);
		spec.this_update = end + 1;
		spec.number = 6;
		spec.base_number = 5;
		spec.expired_certs_on_crl = 0;
		add_list(o, e, spec);
		assert_int_equal(record_of(o, e, "signer")->n, 1 + early);
	}
}

/* -- histories, made by hand -- */

static struct revocation_statement at(
    int64_t said_at, enum revocation_state state, int64_t revoked_at)
{
	return (struct revocation_statement){ .state = state,
		.said_at = { said_at },
		.this_update = { said_at },
		.next_update = { said_at + 1000 },
		.revoked_at = { revoked_at } };
}

static bool was_suspended(
    const struct revocation_record *r, int64_t when, int64_t from, int64_t until)
{
	struct instant f, u;
	if (!revocation_was_suspended(r, (struct instant){ when }, &f, &u))
		return false;
	assert_int_equal(f.unix_s, from);
	assert_int_equal(u.unix_s, until);
	return true;
}

static void test_suspension_that_ended(void **state)
{
	(void)state;
	const struct revocation_statement items[] = { at(500, REVOCATION_GOOD, 0),
		at(400, REVOCATION_GOOD, 0), at(300, REVOCATION_SUSPENDED, 250),
		at(270, REVOCATION_SUSPENDED, 250), at(200, REVOCATION_GOOD, 0) };
	const struct revocation_record r = { .item = items, .n = 5 };
	assert_int_equal(revocation_decide(&r, INSTANT_NONE)->said_at.unix_s, 500);
	assert_false(was_suspended(&r, 249, 250, 400));
	assert_true(was_suspended(&r, 250, 250, 400));
	assert_true(was_suspended(&r, 399, 250, 400));
	assert_false(was_suspended(&r, 400, 250, 400));
}

static void test_suspension_twice(void **state)
{
	(void)state;
	const struct revocation_statement items[] = { at(500, REVOCATION_GOOD, 0),
		at(400, REVOCATION_SUSPENDED, 350), at(300, REVOCATION_GOOD, 0),
		at(200, REVOCATION_SUSPENDED, 150) };
	const struct revocation_record r = { .item = items, .n = 4 };
	assert_true(was_suspended(&r, 150, 150, 300));
	assert_true(was_suspended(&r, 299, 150, 300));
	assert_false(was_suspended(&r, 300, 0, 0));
	assert_false(was_suspended(&r, 349, 0, 0));
	assert_true(was_suspended(&r, 350, 350, 500));
}

/* One that lasts is what decides, and has not ended. */
static void test_suspension_that_lasts(void **state)
{
	(void)state;
	const struct revocation_statement items[] = { at(300, REVOCATION_SUSPENDED, 250),
		at(200, REVOCATION_GOOD, 0) };
	const struct revocation_record r = { .item = items, .n = 2 };
	assert_int_equal(revocation_decide(&r, INSTANT_NONE)->state, REVOCATION_SUSPENDED);
	assert_false(was_suspended(&r, 260, 0, 0));
}

/* What was on hold until it was revoked for good, was on hold. */
static void test_suspension_that_became_a_revocation(void **state)
{
	(void)state;
	const struct revocation_statement items[] = { at(400, REVOCATION_REVOKED, 390),
		at(300, REVOCATION_SUSPENDED, 250) };
	const struct revocation_record r = { .item = items, .n = 2 };
	assert_int_equal(revocation_decide(&r, INSTANT_NONE)->revoked_at.unix_s, 390);
	assert_false(was_suspended(&r, 249, 250, 400));
	assert_true(was_suspended(&r, 250, 250, 400));
	assert_true(was_suspended(&r, 389, 250, 400));
}

static void test_decision_up_to_an_instant(void **state)
{
	(void)state;
	const struct revocation_statement items[] = { at(400, REVOCATION_GOOD, 0),
		at(300, REVOCATION_REVOKED, 250), at(200, REVOCATION_GOOD, 0) };
	const struct revocation_record r = { .item = items, .n = 3 };
	assert_ptr_equal(revocation_decide(&r, INSTANT_NONE), &items[1]);
	assert_ptr_equal(revocation_decide(&r, (struct instant){ 300 }), &items[1]);
	assert_ptr_equal(revocation_decide(&r, (struct instant){ 299 }), &items[2]);
	assert_null(revocation_decide(&r, (struct instant){ 199 }));
}

/* -- one after the other -- */

/* Lists of one date: a complete one with its delta is newer, then what is worse is. */
static void test_order_of_one_date(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	const struct mini_ca_revocation_entry hold = { .cert = mini_pki_cert(o->p, "signer"),
		.reason = CRL_REASON_CERTIFICATE_HOLD },
					      released = { .cert = hold.cert,
						      .reason = CRL_REASON_REMOVE_FROM_CRL };
	struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(o->p, "ca"),
		.key = mini_pki_private(o->p, "ca"),
		.number = 5,
		.entries = &hold,
		.n_entries = 1 };
	add_list(o, e, spec);
	spec.number = 6;
	spec.base_number = 5;
	spec.entries = &released;
	add_list(o, e, spec);
	const struct revocation_record *r = record_of(o, e, "signer");
	assert_int_equal(r->n, 2);
	assert_true(r->item[0].with_delta);
	assert_int_equal(r->item[0].n_crls, 2);
	assert_int_equal(r->item[0].state, REVOCATION_GOOD);
	assert_int_equal(r->item[1].state, REVOCATION_SUSPENDED);
	/* A good response of that date is less than the hold, but not than its release. */
	o->w->now.unix_s = MINI_CA_NOW - MINI_CA_DAY;
	add_ocsp(o, e);
	o->w->now.unix_s = MINI_CA_NOW;
	r = record_of(o, e, "signer");
	assert_int_equal(r->n, 3);
	assert_non_null(r->item[2].ocsp);
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
		TEST(test_kinds),
		TEST(test_not_needed),
		TEST(test_several_singles),
		TEST(test_delta_after_the_end),
		cmocka_unit_test(test_suspension_that_ended),
		cmocka_unit_test(test_suspension_twice),
		cmocka_unit_test(test_suspension_that_lasts),
		cmocka_unit_test(test_suspension_that_became_a_revocation),
		cmocka_unit_test(test_decision_up_to_an_instant),
		TEST(test_order_of_one_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
