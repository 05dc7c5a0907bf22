#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_file.h"
#include "service/pdf_sheet.h"
#include "service/report_pdf.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"
#include "validator/language.h"

static struct bytes pdf_of(struct office *o, const struct report *r, const char *language)
{
	const struct messages *m;
	struct bytes pdf;
	assert_int_equal(language_find(o->s, language, &m), OK);
	assert_int_equal(report_pdf(o->s, r, m, &pdf), OK);
	return pdf;
}

static const struct pdf_value *catalog_of(struct office *o, struct bytes pdf, struct pdf_file **f)
{
	const struct pdf_value *catalog;
	assert_int_equal(pdf_file_open(o->s, pdf, BYTES_NONE, f), OK);
	assert_int_equal((*f)->quirks, 0);
	assert_int_equal(pdf_file_object(o->s, *f, pdf_file_latest(*f), (*f)->root, &catalog), OK);
	return catalog;
}

static void test_catalog(void **state)
{
	struct office *o = *state;
	const struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct pdf_file *f;
	const struct pdf_value *catalog = catalog_of(o, pdf_of(o, r, "hu"), &f), *shown;
	assert_true(bytes_equal_str(pdf_value_find(catalog, "Lang")->string, "hu"));
	shown = pdf_value_find(catalog, "ViewerPreferences");
	assert_true(pdf_value_find(shown, "DisplayDocTitle")->boolean);
	assert_non_null(pdf_value_find(catalog, "StructTreeRoot"));
	assert_non_null(pdf_value_find(catalog, "MarkInfo"));
	assert_non_null(pdf_value_find(catalog, "Outlines"));
	catalog = catalog_of(o, pdf_of(o, r, "en"), &f);
	assert_true(bytes_equal_str(pdf_value_find(catalog, "Lang")->string, "en"));
}

/* Dated with the validation time, and nothing in it comes from elsewhere. */
static void test_same_report_same_octets(void **state)
{
	struct office *o = *state;
	const struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct bytes first = pdf_of(o, r, "en");
	setenv("LANG", "tr_TR.UTF-8", 1);
	setenv("PANGO_LANGUAGE", "ja", 1);
	assert_true(bytes_equal(first, pdf_of(o, r, "en")));
	assert_int_not_equal(
	    bytes_find(first, BYTES_LIT("/CreationDate (20260101000000Z)"), 0), BYTES_NOT_FOUND);
	assert_false(bytes_equal(first, pdf_of(o, r, "hu")));
}

static void test_every_verdict(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer" });
	paper_change(d, "page");
	struct pdf_file *f;
	catalog_of(o, pdf_of(o, office_judge(o, d->document, true), "hu"), &f);
	catalog_of(o, pdf_of(o, office_judge(o, pdf_make_one_page(o->s), true), "en"), &f);
}

static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	char *word = scope_alloc(o->s, 200000);
	memset(word, 'W', 199999);
	r->signatures[0].reason = word;
	r->signatures[0].location = "name='x' \x1b \xff <b>&\xe2\x80\xae";
	r->signatures[0].signer_name =
	    "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xe6\x9d\xb1\xe4\xba\xac \xf0\x9f\x98\x80";
	struct pdf_file *f;
	catalog_of(o, pdf_of(o, r, "en"), &f);
}

/* As many signatures as make several pages, each with a bookmark. */
static void test_many_signatures(void **state)
{
	struct office *o = *state;
	struct report r = *office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct report_signature *many = scope_alloc_array(o->s, 60, sizeof(*many));
	struct pdf_file *f;
	for (size_t i = 0; i < 60; i++) {
		many[i] = r.signatures[0];
		snprintf(many[i].id, sizeof(many[i].id), "S%zu", i + 1);
	}
	r.signatures = many;
	r.n_signatures = 60;
	struct bytes pdf = pdf_of(o, &r, "en");
	const struct pdf_value *outlines, *catalog = catalog_of(o, pdf, &f);
	assert_int_equal(pdf_file_resolve(o->s, f, pdf_file_latest(f),
			     pdf_value_find(catalog, "Outlines"), &outlines),
	    OK);
	int64_t n;
	assert_true(pdf_value_integer(pdf_value_find(outlines, "Count"), &n));
	assert_int_equal(n < 0 ? -n : n, 60 + 2);
}

/* -- the sheet -- */
static const struct pdf_sheet_style style = { .size = 10, .ink = 0 };

static struct pdf_sheet *sheet(struct office *o)
{
	struct pdf_sheet *p;
	struct pdf_sheet_about about = { .title = "t", .subject = "s", .made = INSTANT_NONE };
	assert_int_equal(pdf_sheet_new(o->s, &about, &p), OK);
	return p;
}

static void add_row(struct pdf_sheet *p, const char *text)
{
	struct pdf_sheet_row row = { .n = 1, .tag = "P", .above = 2, .below = 2 };
	row.cell[0] = (struct pdf_sheet_cell){ .text = text, .style = &style, .width = 100 };
	pdf_sheet_row(p, &row);
}

static unsigned pages_of(struct pdf_sheet *p)
{
	unsigned pages;
	struct bytes pdf;
	assert_int_equal(pdf_sheet_done(p, &pages, &pdf), OK);
	return pages;
}

static void test_page_breaks(void **state)
{
	struct office *o = *state;
	struct pdf_sheet *one = sheet(o), *rows = sheet(o), *tall = sheet(o);
	char *words = scope_alloc(o->s, 6000);
	memset(words, 'w', 5999);
	add_row(one, "one");
	assert_int_equal(pages_of(one), 1);
	for (int i = 0; i < 200; i++)
		add_row(rows, "row");
	assert_in_range(pages_of(rows), 4, 6);
	add_row(tall, words); /* a row higher than a page goes on on the next */
	assert_in_range(pages_of(tall), 6, 12);
}

static void test_too_many_pages(void **state)
{
	struct office *o = *state;
	struct pdf_sheet *p = sheet(o);
	unsigned pages;
	struct bytes pdf;
	for (int i = 0; i < 2 * LIMIT_REPORT_PAGES; i++) {
		struct pdf_sheet_row row = { .n = 1, .above = 500, .below = 0 };
		row.cell[0] = (struct pdf_sheet_cell){ .text = "x", .style = &style, .width = 50 };
		pdf_sheet_row(p, &row);
	}
	assert_int_equal(pdf_sheet_done(p, &pages, &pdf), ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_catalog),
		TEST(test_same_report_same_octets),
		TEST(test_every_verdict),
		TEST(test_hostile_texts),
		TEST(test_many_signatures),
		TEST(test_page_breaks),
		TEST(test_too_many_pages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
