#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/preflight.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static enum err check_with(struct office *o, struct bytes document, const char *password,
    const char *field, char **ret_warning)
{
	struct pdf_file *f;
	struct pdf_signature_list list;
	scope_forgive(o->s);
	assert_int_equal(pdf_file_open(o->s, document, bytes_of_str(password), &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	return preflight_check(o->s, f, &list, field, ret_warning);
}

static enum err check(
    struct office *o, struct bytes document, const char *field, char **ret_warning)
{
	return check_with(o, document, "", field, ret_warning);
}

static struct bytes with_catalog(struct scope *s, const char *catalog, const char *trailer)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", catalog);
	pdf_make_table(m, trailer);
	return pdf_make_done(m);
}

static void test_plain_file(void **state)
{
	struct office *o = *state;
	char *warning = NULL;
	assert_int_equal(check(o, pdf_make_one_page(o->s), NULL, &warning), OK);
	assert_null(warning);
}

static struct bytes signed_with(struct office *o, struct paper_signature spec)
{
	struct paper *d = paper_new(o->p, "one-page");
	spec.cms.by = "signer";
	paper_sign(d, &spec);
	return d->document;
}

static void test_certified(void **state)
{
	struct office *o = *state;
	char *warning = NULL;
	for (int p = 1; p <= 3; p++) {
		struct bytes d = signed_with(o, (struct paper_signature){ .docmdp = p });
		assert_int_equal(check(o, d, NULL, &warning), p == 1 ? ERR_DENIED : OK);
	}
}

/* All fields locked: a named one may not be signed, an unnamed new one may. */
static void test_locked(void **state)
{
	struct office *o = *state;
	char *warning = NULL;
	struct bytes d = signed_with(o, (struct paper_signature){ .lock_all = true });
	assert_int_equal(check(o, d, "mine", &warning), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "locked"));
	assert_int_equal(check(o, d, NULL, &warning), OK);
}

static void test_xfa(void **state)
{
	struct office *o = *state;
	char *warning = NULL;
	assert_int_equal(
	    check(o, with_catalog(o->s, "/AcroForm << /Fields [] /XFA [] >>", "/Root 1 0 R"), NULL,
		&warning),
	    OK);
	assert_non_null(strstr(warning, "an XFA form"));
	assert_int_equal(
	    check(o,
		with_catalog(
		    o->s, "/NeedsRendering true /AcroForm << /Fields [] /XFA [] >>", "/Root 1 0 R"),
		NULL, &warning),
	    OK);
	assert_non_null(strstr(warning, "a dynamic XFA form"));
}

static void test_no_page(void **state)
{
	struct office *o = *state;
	char *warning = NULL;
	struct pdf_make *m = pdf_make_new(o->s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(check(o, pdf_make_done(m), NULL, &warning), ERR_FORMAT);
}

/* Dictionaries that qpdf 11 made, with an empty user password: no restriction; all of them, but
 * none for the owner. */
static void test_restricted(void **state)
{
#define PDF_ID "/ID [<31415926535897932384626433832795> <31415926535897932384626433832795>]"
	struct office *o = *state;
	char *warning = NULL;
	struct bytes free_one = with_catalog(o->s, "",
	    "/Root 1 0 R " PDF_ID " /Encrypt << /Filter /Standard /Length 40 "
	    "/O <c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab> /P -4 /R 2 "
	    "/U <b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a> /V 1 >>");
	struct bytes restricted = with_catalog(o->s, "",
	    "/Root 1 0 R " PDF_ID " /Encrypt << /CF << /StdCF << /AuthEvent /DocOpen /CFM /V2 "
	    "/Length 16 >> >> /Filter /Standard /Length 128 "
	    "/O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P -1324 /R 4 "
	    "/StmF /StdCF /StrF /StdCF "
	    "/U <aa2b0a8ee6fa10d2095873c5f6857d390122456a91bae5134273a6db134c87c4> /V 4 >>");
	assert_int_equal(check(o, free_one, NULL, &warning), OK);
	assert_null(warning);
	assert_int_equal(check_with(o, restricted, "", NULL, &warning), OK);
	assert_non_null(strstr(warning, "restricted"));
	assert_int_equal(check_with(o, restricted, "owner", NULL, &warning), OK);
	assert_null(warning);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain_file),
		TEST(test_certified),
		TEST(test_locked),
		TEST(test_xfa),
		TEST(test_no_page),
		TEST(test_restricted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
