#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static char *text_of(struct office *o, const struct report *r)
{
	struct bytes text;
	char *copy;
	assert_int_equal(report_text(o->s, r, NULL, &text), OK);
	assert_int_equal(text.p[text.n - 1], '\n');
	assert_int_equal(bytes_to_str(o->s, text, &copy), OK);
	return copy;
}

static void assert_tells(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void test_headlines(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms = { .by = "signer", .bad_value = true } });
	assert_tells(text_of(o, office_judge(o, sealed, false)), "test.pdf: VALID: ");
	assert_tells(text_of(o, office_judge(o, sealed, true)), "test.pdf: NOT CERTAIN: ");
	assert_tells(text_of(o, office_judge(o, d->document, true)), "test.pdf: NOT VALID: ");
	assert_tells(
	    text_of(o, office_judge(o, pdf_make_one_page(o->s), true)), "test.pdf: NOT SIGNED: ");
}

static void test_details(void **state)
{
	struct office *o = *state;
	char *text = text_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true));
	assert_tells(text, "S1  TOTAL-PASSED  signature by Bulla Tests\n");
	assert_tells(text, "S2  TOTAL-PASSED  document timestamp by Bulla Tests\n");
	assert_tells(text, "field        Signature1\n");
	assert_tells(text, "format       PAdES-BASELINE-LTA\n");
	assert_tells(text, "algorithms   ECDSA with SHA256\n");
	assert_tells(text, "T2           2026-01-01T00:00:00Z signature timestamp PASSED by ");
	assert_tells(text, "integrity    intact\n");
	assert_tells(text, "allowed ltv-update");
}

static void test_findings(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	paper_change(d, "page");
	char *text = text_of(o, office_judge(o, d->document, true));
	assert_tells(text, "S1  TOTAL-FAILED (FORMAT_FAILURE)  signature by ");
	assert_tells(text, "NOT ALLOWED page-content: ");
	assert_tells(text, "failure: The document was changed after signing");
	assert_tells(text, "[CHANGED_AFTERWARDS, ISO 32000-2 12.8.2.2]\n");
	assert_tells(text, "integrity    NOT intact\n");
}

/* A document cannot move the cursor, start a line or draw another verdict. */
static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.reason = "x\x1b[2J\nVALID\r";
	char *text =
	    text_of(o, office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false));
	assert_tells(text, "[2J?VALID?\n");
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\r'));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_headlines),
		TEST(test_details),
		TEST(test_findings),
		TEST(test_hostile_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
