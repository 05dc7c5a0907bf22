#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/past.h"

#define DAY 86400

struct bench {
	struct office *o;
	struct evidence *evidence;
	struct policy policy;
	struct proofs *proofs;
	struct revocation_judge judge;
};

/* The chain root, ca, signer with a list for each authority, issued now, lying at 100 of a
 * document; judged ten days later. */
static struct bench bench_of(struct office *o)
{
	struct bench b = { .o = o, .policy = *policy_default() };
	assert_int_equal(evidence_new(o->s, &b.evidence), OK);
	evidence_embed(b.evidence, 100);
	assert_int_equal(
	    evidence_add_cert(o->s, b.evidence, mini_pki_cert(o->p, "ca"), EVIDENCE_DSS), OK);
	assert_int_equal(
	    evidence_add_cert(o->s, b.evidence, mini_pki_cert(o->p, "signer"), EVIDENCE_DSS), OK);
	assert_int_equal(
	    evidence_add_crl_der(o->s, b.evidence, mini_pki_crl(o->p, "root"), EVIDENCE_DSS, NULL),
	    OK);
	return b;
}

static void add_list(struct bench *b)
{
	assert_int_equal(evidence_add_crl_der(
			     b->o->s, b->evidence, mini_pki_crl(b->o->p, "ca"), EVIDENCE_DSS, NULL),
	    OK);
}

static void start(struct bench *b)
{
	struct instant now = { MINI_CA_NOW + 10 * DAY };
	const struct anchors *anchors = mini_pki_anchors(b->o->p, "root");
	b->judge =
	    (struct revocation_judge){ .evidence = b->evidence, .policy = &b->policy, .now = now };
	assert_int_equal(
	    path_finder_new(b->o->s, b->evidence, anchors, &b->policy, &b->judge.finder), OK);
	assert_int_equal(proofs_new(b->o->s, b->evidence, now, &b->proofs), OK);
}

static struct past_result past(struct bench *b)
{
	struct path_list paths;
	struct past_result r;
	assert_int_equal(
	    path_find(b->o->s, b->judge.finder, mini_pki_cert(b->o->p, "signer"), &paths), OK);
	assert_int_equal(paths.n, 1);
	assert_int_equal(past_validate(b->o->s, &b->judge, b->proofs, &paths.item[0], &r), OK);
	return r;
}

static void test_nothing_wrong(void **state)
{
	struct bench b = bench_of(*state);
	add_list(&b);
	start(&b);
	struct past_result r = past(&b);
	assert_true(r.passed);
	assert_false(r.slid);
	assert_int_equal(r.control.unix_s, MINI_CA_NOW + 10 * DAY);
}

static void test_no_status(void **state)
{
	struct bench b = bench_of(*state);
	start(&b);
	struct past_result r = past(&b);
	assert_false(r.passed);
	assert_ptr_equal(r.missing, mini_pki_cert(b.o->p, "signer"));
}

/* The control time goes back to the signer's revocation. */
static void test_revoked(void **state)
{
	struct bench b = bench_of(*state);
	mini_pki_entry(b.o->p, "signer")->revoked_at = MINI_CA_NOW - 5;
	add_list(&b);
	start(&b);
	struct past_result r = past(&b);
	assert_true(r.passed);
	assert_true(r.slid);
	assert_int_equal(r.control.unix_s, MINI_CA_NOW - 5);
}

/* By the letter it goes back to the issue of a stale list; what speaks below must be proven by
 * then, to the second. */
static void test_stale(void **state)
{
	struct bench b = bench_of(*state);
	b.policy.slide_by_next_update = true;
	add_list(&b);
	start(&b);
	struct instant issued = b.evidence->crls[0].crl->this_update;
	struct past_result r = past(&b);
	assert_false(r.passed);
	assert_ptr_equal(r.missing, mini_pki_cert(b.o->p, "signer"));
	assert_int_equal(r.control.unix_s, issued.unix_s);
	assert_int_equal(proofs_add_range(b.o->s, b.proofs, 200, instant_add(issued, 1)), OK);
	assert_false(past(&b).passed);
	assert_int_equal(proofs_add_range(b.o->s, b.proofs, 200, issued), OK);
	r = past(&b);
	assert_true(r.passed);
	assert_int_equal(r.control.unix_s, issued.unix_s);
}

/* A maximum age does the same. */
static void test_maximum_age(void **state)
{
	struct bench b = bench_of(*state);
	add_list(&b);
	start(&b);
	struct instant issued = b.evidence->crls[0].crl->this_update;
	b.policy.revocation_max_age_s = b.judge.now.unix_s - issued.unix_s + 1;
	assert_false(past(&b).slid);
	b.policy.revocation_max_age_s--;
	assert_int_equal(proofs_add_range(b.o->s, b.proofs, 200, issued), OK);
	assert_true(past(&b).slid);
}

/* Certificates that were never valid at the same time make no chain (5.6.2.1.4 (2)). */
static void test_no_common_validity(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "ca")->to = MINI_CA_NOW;
	mini_pki_entry(o->p, "signer")->from = MINI_CA_NOW + 1;
	struct bench b = bench_of(o);
	add_list(&b);
	start(&b);
	assert_false(past(&b).passed);
}

/* One second is enough; and what the authority's key signed must be proven by its end. */
static void test_one_common_second(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "ca")->to = MINI_CA_NOW;
	mini_pki_entry(o->p, "signer")->from = MINI_CA_NOW;
	struct bench b = bench_of(o);
	add_list(&b);
	start(&b);
	assert_ptr_equal(past(&b).missing, mini_pki_cert(o->p, "signer"));
	struct instant end = { MINI_CA_NOW };
	assert_int_equal(proofs_add_range(o->s, b.proofs, 200, instant_add(end, 1)), OK);
	assert_false(past(&b).passed);
	assert_int_equal(proofs_add_range(o->s, b.proofs, 200, end), OK);
	assert_true(past(&b).passed);
}

/* An algorithm's end is one of the things that go wrong. */
static void test_algorithm(void **state)
{
	struct bench b = bench_of(*state);
	struct policy_sizes *ecdsa =
	    &b.policy.algorithms[POLICY_USE_CERTIFICATE].schemes[SIGNATURE_ALG_ECDSA];
	add_list(&b);
	start(&b);
	for (size_t i = 0; i < ecdsa->n; i++)
		ecdsa->item[i].end = (struct instant){ MINI_CA_NOW + DAY };
	struct past_result r = past(&b);
	assert_true(r.slid);
	assert_int_equal(r.control.unix_s, MINI_CA_NOW + DAY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_wrong),
		TEST(test_no_status),
		TEST(test_revoked),
		TEST(test_stale),
		TEST(test_maximum_age),
		TEST(test_no_common_validity),
		TEST(test_one_common_second),
		TEST(test_algorithm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
