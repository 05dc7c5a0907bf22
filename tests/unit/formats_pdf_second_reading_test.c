/* What Bulla's reader and QPDF make of the same octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_second_reading.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

static const char *compared(struct scope *s, struct bytes file, size_t since)
{
	struct pdf_file *f;
	char *difference;
	assert_int_equal(pdf_file_open(s, file, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_second_reading_compare(s, f, since, BYTES_NONE, &difference), OK);
	return difference;
}

static void agree(struct scope *s, struct bytes file)
{
	const char *difference = compared(s, file, 0);
	if (difference)
		fail_msg("%s", difference);
}

static void test_agreement(void **state)
{
	struct scope *s = *state;
	agree(s, pdf_make_one_page(s));
	agree(s, pdf_make_form(s));
	agree(s, pdf_make_compressed(s));
	agree(s, pdf_make_linearized(s));
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_table(m, ""); /* a trailer without /Root: that of the one before */
	agree(s, pdf_make_done(m));
}

/* Odd, and yet read alike: references to nothing, numbers in other forms, a wrong /Length. */
static void test_tolerance(void **state)
{
	static const char *const bodies[] = {
		"<< /A 99 0 R /B [98 0 R null] /C null /D +1. /E .50 /F -0 /G (a\\051) /H <4> >>",
		"<< /A -1.#INF /N#61me /x#20y /S (\\\r\nz) /T 99999999999999999999 /U 4- >>",
		"<< /Length 3 >>\nstream\nabcdef\nendstream",
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct pdf_make *m = pdf_make_begin_one_page(s);
		pdf_make_object(m, 6, bodies[i]);
		pdf_make_table(m, "/Root 1 0 R /Info 6 0 R");
		agree(s, pdf_make_done(m));
	}
}

/* The data of streams is compared in the updates alone. A /Length is wrong, and where the data ends
 * depends on the reader. */
static void test_difference(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "<< /Length 3 >>\nstream\nabcendstreamdef\nendstream");
	pdf_make_table(m, "/Root 1 0 R /Info 6 0 R");
	const struct bytes file = pdf_make_done(m);
	assert_string_equal(compared(s, file, 0), "object 6 0");
	assert_null(compared(s, file, 1));
}

static void test_duplicate_key(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "<< /Title (a) /Title (b) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 6 0 R");
	assert_string_equal(compared(s, pdf_make_done(m), 1), "object 6 0");
}

/* Beyond the cap only what updates list is compared. */
static void test_cap(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	struct buf b = buf_new(s, 1 << 20);
	buf_add_byte(&b, '[');
	for (int i = 0; i < LIMIT_PDF_SECOND_READING; i++)
		buf_addf(&b, "%d 0 R ", 200000 + i);
	buf_add_str(&b, "6 0 R]");
	buf_add_byte(&b, '\0');
	struct bytes list;
	assert_int_equal(buf_done(&b, &list), OK);
	pdf_make_object(m, 6, "<< /Title (a) /Title (b) >>");
	pdf_make_object(m, 200100, "1");
	pdf_make_object(m, 202999, "1");
	pdf_make_object(m, 7, (const char *)list.p);
	pdf_make_table(m, "/Root 1 0 R /Info 7 0 R");
	const struct bytes file = pdf_make_done(m);
	assert_null(compared(s, file, 1));
	assert_string_equal(compared(s, file, 0), "object 6 0");
}

/* What QPDF does not open as it stands. */
static void test_refused(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f;
	char *difference;
	assert_int_equal(pdf_file_open(s, pdf_make_done(m), BYTES_NONE, &f), OK);
	f->bytes = bytes_cut(f->bytes, 0, f->bytes.n - 30);
	assert_int_equal(pdf_second_reading_compare(s, f, 1, BYTES_NONE, &difference), OK);
	assert_non_null(difference);
}

/* The verdict: nobody can tell which face was signed. */
static void test_verdict(void **state)
{
	struct office *o = office_open();
	struct pdf_make *m = pdf_make_begin_one_page(o->s);
	pdf_make_object(m, 6, "<< /Title (a) /Title (b) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 6 0 R");
	struct paper d = { .s = o->s, .pki = o->p, .document = pdf_make_done(m) };
	paper_sign(&d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	const struct report *r = office_judge(o, d.document, true);
	assert_int_equal(r->n_signatures, 1);
	assert_true(findings_has(&r->signatures[0].findings, FINDING_READERS_DISAGREE));
	assert_int_equal(r->conclusion, CONCLUSION_INDETERMINATE);
	office_close(o);
	(void)state;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_agreement),
		T(test_tolerance),
		T(test_difference),
		T(test_duplicate_key),
		T(test_cap),
		T(test_refused),
		T(test_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
