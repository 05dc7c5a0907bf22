#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static const char *const formats[] = { "PAdES-BASELINE-B", "PAdES-BASELINE-T", "PAdES-BASELINE-LT",
	"PAdES-BASELINE-LTA" };

static struct bytes extended(struct office *o, struct bytes sealed, enum seal_level level)
{
	const struct seal_request q = mini_pki_request(o->p, level);
	struct bytes after = office_extend(o, &q, sealed);
	assert_true(bytes_has_prefix(after, sealed));
	return after;
}

static enum err try_extend(struct office *o, const struct seal_request *q, struct bytes sealed)
{
	struct seal_outcome outcome;
	struct bytes after;
	scope_forgive(o->s);
	return office_try(o, o->s, q, true, sealed, &after, &outcome);
}

/* From each level to each; a higher one is never lost. */
static void test_from_each_level_to_each(void **state)
{
	struct office *o = *state;
	for (int from = SEAL_B_B; from <= SEAL_B_LTA; from++)
		for (int to = SEAL_B_T; to <= SEAL_B_LTA; to++) {
			struct bytes sealed = office_sealed(o, (enum seal_level)from);
			struct bytes after = extended(o, sealed, (enum seal_level)to);
			bool offline = to >= SEAL_B_LT || from >= SEAL_B_LT;
			const struct report *r = office_judge(o, after, offline);
			assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
			assert_true(r->signatures[0].intact);
			/* B-B gets its timestamp from a document timestamp, with validation data
			 * after it. */
			assert_string_equal(
			    r->signatures[0].format, formats[from > to ? from : to]);
		}
}

static void test_lower_level_adds_nothing(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_LTA);
	assert_true(bytes_equal(extended(o, sealed, SEAL_B_T), sealed));
	/* B-LT notes the archive timestamp in /VRI, once. */
	struct bytes noted = extended(o, sealed, SEAL_B_LT);
	assert_true(bytes_equal(extended(o, noted, SEAL_B_LT), noted));
	/* A renewal does. */
	assert_true(extended(o, sealed, SEAL_B_LTA).n > sealed.n);
}

/* Ten years, renewed before each certificate of the time-stamping authority runs out. */
static void test_renewed_again_and_again(void **state)
{
	static const char *const names[] = { "tsa-a", "tsa-b", "tsa-c", "tsa-d" };
	const int64_t year = 365 * MINI_CA_DAY;
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->to = MINI_CA_NOW + 30 * MINI_CA_DAY;
	mini_pki_entry(o->p, "tsa")->to = MINI_CA_NOW + year;
	struct bytes document = office_sealed(o, SEAL_B_LTA);
	for (int i = 0; i < 4; i++) {
		struct mini_pki_entry *e = mini_pki_entry(o->p, names[i]);
		e->eku = "critical,timeStamping";
		e->from = MINI_CA_NOW + i * 2 * year;
		e->to = MINI_CA_NOW + (i + 1) * 2 * year + year;
		mini_pki_serve_tsa(o->p, "http://tsa.test/", names[i], MINI_PKI_TRUTH);
		o->w->now.unix_s = MINI_CA_NOW + i * 2 * year + year / 2;
		document = extended(o, document, SEAL_B_LTA);
		const struct report *r = office_judge(o, document, true);
		assert_int_equal(r->n_signatures, i + 3);
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
		assert_int_equal(r->signatures[0].best_signature_time.unix_s, MINI_CA_NOW);
	}
	/* The last one speaks for all of them. */
	o->w->now.unix_s = MINI_CA_NOW + 8 * year;
	const struct report *r = office_judge(o, document, false);
	for (size_t i = 0; i < r->n_signatures; i++)
		assert_int_equal(r->signatures[i].indication, INDICATION_PASSED);
}

/* Not renewed in time, nothing helps. */
static void test_renewed_too_late(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "tsa")->to = MINI_CA_NOW + 365 * MINI_CA_DAY;
	struct bytes document = office_sealed(o, SEAL_B_LTA);
	struct mini_pki_entry *e = mini_pki_entry(o->p, "next");
	e->eku = "critical,timeStamping";
	e->to = MINI_CA_NOW + 900 * MINI_CA_DAY;
	mini_pki_serve_tsa(o->p, "http://tsa.test/", "next", MINI_PKI_TRUTH);
	o->w->now.unix_s = MINI_CA_NOW + 365 * MINI_CA_DAY + 1;
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	assert_int_equal(try_extend(o, &q, document), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "expired"));
}

/* A time-stamping authority that was revoked since the last renewal is found out, though old data
 * in the document calls it good. */
static void test_tsa_revoked_before_renewal(void **state)
{
	struct office *o = *state;
	struct bytes document = office_sealed(o, SEAL_B_LTA);
	mini_pki_entry(o->p, "tsa")->revoked_at = MINI_CA_NOW + 10 * MINI_CA_DAY;
	mini_pki_entry(o->p, "tsa")->reason = CRL_REASON_KEY_COMPROMISE;
	o->w->now.unix_s = MINI_CA_NOW + 20 * MINI_CA_DAY;
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	assert_int_equal(try_extend(o, &q, document), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "revoked"));
}

static void test_two_seals_at_once(void **state)
{
	struct office *o = *state;
	const struct seal_request b = mini_pki_request(o->p, SEAL_B_B);
	struct bytes twice = office_seal(o, &b, office_sealed(o, SEAL_B_B));
	const struct report *r = office_judge(o, extended(o, twice, SEAL_B_LTA), true);
	assert_int_equal(r->n_signatures, 4);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_string_equal(r->signatures[0].format, "PAdES-BASELINE-LTA");
	assert_string_equal(r->signatures[1].format, "PAdES-BASELINE-LTA");
}

static void test_refusals(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	const struct anchors none = { 0 };
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	assert_int_equal(try_extend(o, &q, sealed), ERR_MISUSE);
	q = mini_pki_request(o->p, SEAL_B_T);
	assert_int_equal(try_extend(o, &q, pdf_make_one_page(o->s)), ERR_DENIED);
	assert_string_equal(scope_fault_text(o->s), "the document carries no signature");
	q.n_tsa_urls = 0;
	assert_int_equal(try_extend(o, &q, sealed), ERR_MISUSE);
	q = mini_pki_request(o->p, SEAL_B_LT);
	q.anchors = &none;
	assert_int_equal(try_extend(o, &q, sealed), ERR_MISUSE);
}

/* What is broken, revoked or unknown is not preserved. */
static void test_bad_seals(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){
			  .cms = { .by = "signer", .bad_value = true }, .claimed = MINI_CA_NOW });
	assert_int_equal(try_extend(o, &q, d->document), ERR_DENIED);
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW;
	assert_int_equal(try_extend(o, &q, sealed), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "revoked"));
}

static void test_services_out_of_reach(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LT);
	canned_world_break(o->w, "http://ca.test/ocsp", ERR_NET);
	canned_world_break(o->w, "http://ca.test/crl", ERR_NET);
	assert_int_equal(try_extend(o, &q, sealed), ERR_NET);
	/* B-T needs none. */
	q.level = SEAL_B_T;
	assert_int_equal(try_extend(o, &q, sealed), OK);
	canned_world_break(o->w, "http://tsa.test/", ERR_NET);
	assert_int_equal(try_extend(o, &q, sealed), ERR_NET);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_from_each_level_to_each),
		TEST(test_lower_level_adds_nothing),
		TEST(test_renewed_again_and_again),
		TEST(test_renewed_too_late),
		TEST(test_tsa_revoked_before_renewal),
		TEST(test_two_seals_at_once),
		TEST(test_refusals),
		TEST(test_bad_seals),
		TEST(test_services_out_of_reach),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
