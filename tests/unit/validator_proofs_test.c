#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/proofs.h"

#define NOW 1000

static struct proofs *proofs_at(struct office *o, const struct evidence *e)
{
	struct proofs *p;
	assert_int_equal(proofs_new(o->s, e, (struct instant){ NOW }, &p), OK);
	return p;
}

static void cover(struct office *o, struct proofs *p, size_t end, int64_t time)
{
	assert_int_equal(proofs_add_range(o->s, p, end, (struct instant){ time }), OK);
}

static struct evidence *new_evidence(struct office *o)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	return e;
}

/* A range covers what ends before it, not what ends with it, and nothing outside of the document.
 */
static void test_ranges(void **state)
{
	struct office *o = *state;
	struct proofs *p = proofs_at(o, new_evidence(o));
	assert_int_equal(proofs_of_place(p, 99).unix_s, NOW);
	cover(o, p, 100, 500);
	assert_int_equal(proofs_of_place(p, 99).unix_s, 500);
	assert_int_equal(proofs_of_place(p, 100).unix_s, NOW);
	assert_int_equal(proofs_of_place(p, 0).unix_s, NOW);
	assert_int_equal(proofs_of_place(p, SIZE_MAX).unix_s, NOW);
}

/* In whichever order they come, the earliest that reaches far enough counts. */
static void test_earliest_counts(void **state)
{
	struct office *o = *state;
	static const struct {
		size_t end;
		int64_t time;
	} ranges[] = { { 100, 300 }, { 200, 200 }, { 300, 400 } };
	static const size_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };
	for (size_t i = 0; i < 6; i++) {
		struct proofs *p = proofs_at(o, new_evidence(o));
		for (size_t k = 0; k < 3; k++)
			cover(o, p, ranges[orders[i][k]].end, ranges[orders[i][k]].time);
		assert_int_equal(proofs_of_place(p, 50).unix_s, 200);
		assert_int_equal(proofs_of_place(p, 150).unix_s, 200);
		assert_int_equal(proofs_of_place(p, 250).unix_s, 400);
		assert_int_equal(proofs_of_place(p, 300).unix_s, NOW);
	}
}

/* A certificate counts by where the document holds it first, or by whoever names its digest. */
static void test_certificates(void **state)
{
	struct office *o = *state;
	struct evidence *e = new_evidence(o);
	const struct cert *ca = mini_pki_cert(o->p, "ca"), *signer = mini_pki_cert(o->p, "signer");
	evidence_embed(e, 200);
	assert_int_equal(evidence_add_cert(o->s, e, ca, EVIDENCE_DSS), OK);
	evidence_embed(e, 100);
	assert_int_equal(evidence_add_cert(o->s, e, ca, EVIDENCE_SIGNATURE), OK);
	evidence_embed(e, 0);
	assert_int_equal(evidence_add_cert(o->s, e, ca, EVIDENCE_GIVEN), OK);
	assert_int_equal(evidence_add_cert(o->s, e, signer, EVIDENCE_GIVEN), OK);
	assert_int_equal(e->n_certs, 2);
	struct proofs *p = proofs_at(o, e);
	cover(o, p, 150, 500);
	assert_int_equal(proofs_of_cert(p, ca).unix_s, 500);
	assert_int_equal(proofs_of_cert(p, signer).unix_s, NOW);
	assert_int_equal(proofs_add_cert(o->s, p, signer, (struct instant){ 400 }), OK);
	assert_int_equal(proofs_add_cert(o->s, p, signer, (struct instant){ 600 }), OK);
	assert_int_equal(proofs_of_cert(p, signer).unix_s, 400);
	/* One that is not at hand at all. */
	assert_int_equal(proofs_of_cert(p, mini_pki_cert(o->p, "tsa")).unix_s, NOW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ranges),
		TEST(test_earliest_counts),
		TEST(test_certificates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
