#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"
#include "validator/language.h"
#include "validator/report_outline.h"

static char *text_in(struct office *o, const struct report *r, const char *language)
{
	const struct messages *m;
	struct bytes text;
	char *copy;
	assert_int_equal(language_find(o->s, language, &m), OK);
	assert_int_equal(report_text(o->s, r, m, &text), OK);
	assert_int_equal(text.p[text.n - 1], '\n');
	assert_int_equal(bytes_to_str(o->s, text, &copy), OK);
	return copy;
}

static char *text_of(struct office *o, const struct report *r)
{
	return text_in(o, r, "en");
}

static void assert_tells(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void assert_begins(const char *text, const char *wanted)
{
	if (strncmp(text, wanted, strlen(wanted)))
		fail_msg("does not begin with \"%s\":\n%s", wanted, text);
}

static void test_first_line(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	struct paper *wrong = paper_new(o->p, "one-page"), *changed = paper_new(o->p, "one-page");
	paper_sign(
	    wrong, &(struct paper_signature){ .cms = { .by = "signer", .bad_value = true } });
	paper_sign(changed, &(struct paper_signature){ .cms.by = "signer" });
	paper_change(changed, "page");
	assert_begins(text_of(o, office_judge(o, sealed, false)),
	    "Accept: The signature of this document is valid, and its signer is trusted.\n\n");
	assert_begins(text_of(o, office_judge(o, sealed, true)), "Look closer: With what is ");
	assert_begins(text_of(o, office_judge(o, wrong->document, true)),
	    "Do not accept: A signature of this document is not valid.\n\n");
	assert_begins(text_of(o, office_judge(o, changed->document, true)),
	    "Do not accept: This document was changed after it had been signed.\n\n");
	assert_begins(text_of(o, office_judge(o, pdf_make_one_page(o->s), true)),
	    "Look closer: This document carries no signature.\n\n");
}

/* Valid, but ready to be changed into another document; and where. */
static void test_doubt(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "says-another"), *links = paper_new(o->p, "link");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer" });
	paper_sign(links, &(struct paper_signature){ .cms.by = "signer" });
	char *text = text_of(o, office_judge(o, d->document, false));
	assert_begins(
	    text, "Look closer: What is signed is intact and its signer is trusted, but ");
	assert_tells(
	    text, "\nWhy         A form field shows another text than the value it holds ");
	assert_tells(text, "TOTAL-PASSED (ETSI EN 319 102-1)\n");
	assert_tells(text, "page 1, object 7, [72 600 300 640],");
	text = text_in(o, office_judge(o, d->document, false), "hu");
	assert_begins(text, "K\xc3\xb6zelebbr\xc5\x91l vizsg\xc3\xa1land\xc3\xb3: ");
	assert_tells(text, " 1. oldal, objektum: 7, [72 600 300 640],");
	assert_begins(text_of(o, office_judge(o, links->document, false)), "Accept: ");
}

static void test_details(void **state)
{
	struct office *o = *state;
	char *text = text_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true));
	assert_tells(text, "\nDocument  test.pdf\n");
	assert_tells(text, "\nResult    TOTAL-PASSED (ETSI EN 319 102-1)\n");
	assert_tells(text, "    S2   Accept   timestamp  Bulla Tests  2026-01-01 00:00:00 UTC\n");
	assert_tells(text, "\nS1: electronic signature of Bulla Tests - Accept (TOTAL-PASSED)\n");
	assert_tells(text, "\nS2: document timestamp by Bulla Tests - Accept (TOTAL-PASSED)\n");
	assert_tells(text, "    Form field ");
	assert_tells(text, " Signature1\n");
	assert_tells(text, "    Format ");
	assert_tells(text, " PAdES-BASELINE-LTA\n");
	assert_tells(text, "    Algorithms ");
	assert_tells(text, " ECDSA with SHA256\n");
	assert_tells(
	    text, "    Proven time              2026-01-01 00:00:00 UTC, proven by a timestamp");
	assert_tells(text, "                             authority's word\n");
	assert_tells(text, "    Integrity                intact: what was signed is unchanged\n");
	assert_tells(text, "    allowed   validation data or ");
}

static void test_causes(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	paper_change(d, "page");
	char *text = text_of(o, office_judge(o, d->document, true));
	assert_tells(text, " - Do not accept (TOTAL-FAILED,\n    FORMAT_FAILURE)\n");
	assert_tells(text, "    not allowed  page content ");
	assert_tells(text, "    Failure: The document was changed after signing in a way that is ");
	assert_tells(text, "[CHANGED_AFTERWARDS, ISO 32000-2 12.8.2.2]\n");
	assert_tells(text, "    Integrity                not intact: ");
}

static void test_hungarian(void **state)
{
	struct office *o = *state;
	char *text = text_in(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true), "hu");
	assert_begins(text, "Elfogadhat\xc3\xb3: ");
	assert_tells(text, "2026-01-01 00:00:00 UTC");
	assert_tells(text,
	    "S1: elektronikus al\xc3\xa1\xc3\xadr\xc3\xa1s, al\xc3\xa1\xc3\xadr\xc3\xb3: "
	    "Bulla Tests - Elfogadhat\xc3\xb3 (TOTAL-PASSED)\n");
}

/* No line of a report is wider than a terminal, whatever the document says. */
static void test_width(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	char word[400] = "";
	memset(word, 'W', sizeof(word) - 1);
	q.reason = word;
	q.location =
	    "\xc3\x81rv\xc3\xadzt\xc5\xb1r\xc5\x91 t\xc3\xbck\xc3\xb6rf\xc3\xbar\xc3\xb3g\xc3\xa9p";
	char *text =
	    text_of(o, office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false));
	assert_tells(text, q.location);
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t columns = 0;
		for (char *c = line; c < end; c++)
			columns += ((unsigned char)*c & 0xc0) != 0x80;
		assert_in_range(columns, 0, 80);
	}
}

/* A document cannot move the cursor, start a line, turn the direction or draw another verdict. */
static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.reason = "x\x1b[2J\nAccept: \r\xe2\x80\xae";
	char *text =
	    text_of(o, office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false));
	assert_tells(text, "x\xef\xbf\xbd[2J\xef\xbf\xbd"
			   "Accept: \xef\xbf\xbd\xef\xbf\xbd\n");
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\r'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_null(strstr(text + 1, "\nAccept: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

/* Places of changes: sentences with the document's words in them, and sentences in sentences. */
static void test_places(void **state)
{
	static const struct {
		const char *path, *hungarian;
	} cases[] = {
		{ "a page was changed (reached from object 3 /Kids)",
		    "egy oldal megváltozott (innen érhető el: objektum: 3 /Kids)" },
		{ "/V of field \"a page\"", "a(z) „a page” mező /V bejegyzése" },
		{ "/V of signature field \"x\" of field \"y\"",
		    "a(z) „x\" of field \"y” aláírásmező /V bejegyzése" },
		{ "what follows offset 12 cannot be read (pdf: no startxref)",
		    "ami a(z) 12. bájt után következik, nem olvasható (pdf: no startxref)" },
		{ "a page was changed", "a page was changed" },
		{ "", "" },
	};
	struct office *o = *state;
	const struct messages *m;
	assert_int_equal(language_find(o->s, "hu", &m), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outline outline = outline_new(o->s, m);
		assert_string_equal(
		    report_outline_change_sentence(&outline, cases[i].path), cases[i].hungarian);
		assert_int_equal(outline.failed, OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_line),
		TEST(test_doubt),
		TEST(test_details),
		TEST(test_causes),
		TEST(test_hungarian),
		TEST(test_places),
		TEST(test_width),
		TEST(test_hostile_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
