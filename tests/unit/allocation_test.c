/*
 * Memory that runs out at any point of a seal and of a validation: the job fails with ERR_NOMEM, or
 * it succeeds and says what it says otherwise. Under a sanitizer this also shows leaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

/* Every point up to here, then ever fewer. */
#define EVERY 150
#define SAMPLES_SHARE 16

static size_t after(size_t n)
{
	return n < EVERY ? n + 1 : n + 1 + n / SAMPLES_SHARE;
}

static void test_seal(void **state)
{
	(void)state;
	enum err err = ERR_NOMEM;
	size_t points = 0;
	for (size_t n = 1; err != OK; n = after(n), points++) {
		struct office *o = office_open();
		struct scope *s = scope_new(0);
		struct seal_outcome outcome;
		struct bytes sealed;
		const struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
		scope_fail_after(s, n);
		err = office_try(o, s, &q, false, pdf_make_one_page(o->s), &sealed, &outcome);
		if (err != OK && err != ERR_NOMEM)
			fail_msg("allocation %zu: %s: %s", n, err_name(err), scope_fault_text(s));
		if (err == OK)
			assert_int_equal(outcome.report->conclusion, CONCLUSION_TOTAL_PASSED);
		scope_free(s);
		office_close(o);
		assert_true(n < 10000000);
	}
	assert_true(points > EVERY);
}

/* Answers of services are signed anew each time, so only offline the reports are the same. */
static void assert_alike(
    struct scope *s, const struct report *r, const struct report *wanted, bool exactly)
{
	struct bytes a, b;
	assert_int_equal(r->conclusion, wanted->conclusion);
	assert_int_equal(report_json(s, r, false, &a), OK);
	assert_int_equal(report_json(s, wanted, false, &b), OK);
	assert_true(!exactly || bytes_equal(a, b));
}

static void sweep_validation(struct office *o, struct bytes document, bool offline)
{
	struct validate_request q = { .name = "test.pdf",
		.document = document,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now,
		.offline = offline };
	struct report *r;
	const struct report *wanted = office_judge(o, document, offline);

	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != OK; n = after(n)) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, n);
		err = validate_pdf(s, &o->w->world, &q, &r);
		if (err != OK && err != ERR_NOMEM)
			fail_msg("allocation %zu: %s: %s", n, err_name(err), scope_fault_text(s));
		scope_fail_after(s, 0);
		if (err == OK)
			assert_alike(s, r, wanted, offline);
		scope_free(s);
		assert_true(n < 10000000);
	}
}

static void test_validation_offline(void **state)
{
	struct office *o = *state;
	sweep_validation(o, office_sealed(o, SEAL_B_LTA), true);
}

static void test_validation_online(void **state)
{
	struct office *o = *state;
	sweep_validation(o, office_sealed(o, SEAL_B_T), false);
}

/* What fails may not be taken for passed when the memory runs out. */
static void test_validation_of_a_forgery(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "form");
	paper_sign(
	    d, &(struct paper_signature){
		   .cms = { .by = "signer", .n_stamps = 1, .stamps = { { .at = MINI_CA_NOW } } },
		   .field = "seal",
		   .claimed = MINI_CA_NOW });
	paper_change(d, "fill");
	paper_change(d, "annotation");
	paper_change(d, "page");
	assert_int_equal(office_judge(o, d->document, true)->conclusion, CONCLUSION_TOTAL_FAILED);
	sweep_validation(o, d->document, true);
}

static void test_report_text(void **state)
{
	struct office *o = *state;
	const struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != OK; n++) {
		struct scope *s = scope_new(0);
		struct bytes text;
		scope_fail_after(s, n);
		err = report_text(s, r, NULL, &text);
		assert_true(err == OK || err == ERR_NOMEM);
		scope_free(s);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_seal),
		TEST(test_validation_offline),
		TEST(test_validation_online),
		TEST(test_validation_of_a_forgery),
		TEST(test_report_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
