/* Hybrid files: what changed for readers with and without /XRefStm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/pdf_reread.h"
#include "tests/support/sealed_form.h"

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

#define SAME_PAGE "<< " SEALED_FORM_PAGE "/Annots [" SEALED_FORM_ANNOTS "] >>"

/* The signed form as a hybrid file, with one object behind /XRefStm. */
static struct pdf_make *signed_hybrid(struct scope *s, uint32_t hidden)
{
	struct pdf_make *m = sealed_form_begin(s, "", "");
	pdf_make_object(m, 20, "(nothing refers to it)");
	pdf_make_hybrid(m, 30, "/Root 1 0 R", &hidden, 1);
	return m;
}

static void test_allowed(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = signed_hybrid(s, 20);
	assert_int_equal(sealed_form_since(s, pdf_make_done(m), 0).n, 0);
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /Version /2.0 >>");
	sealed_form_allows(s, m, "catalog /Version");
	/* Behind /XRefStm again: what others than the page show. */
	const uint32_t hidden = 20;
	m = signed_hybrid(s, 20);
	pdf_make_object(m, 20, "(nothing refers to it)");
	pdf_make_hybrid(m, 31, "/Root 1 0 R", &hidden, 1);
	const struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	assert_false(l.any_forbidden);
}

/* The page is the same behind /XRefStm, and gone without. */
static void test_page_gone(void **state)
{
	struct scope *s = *state;
	const uint32_t hidden = 3;
	struct pdf_make *m = signed_hybrid(s, 20);
	pdf_make_object(m, 3, SAME_PAGE);
	pdf_make_hybrid(m, 31, "/Root 1 0 R", &hidden, 1);
	struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, false, "some readers show: ");
	/* In the table it is there for all. */
	m = signed_hybrid(s, 20);
	pdf_make_object(m, 3, SAME_PAGE);
	sealed_form_is_silent(s, m);
}

/* Who does not know of /XRefStm has never seen the signature. */
static void test_signature_hidden(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = signed_hybrid(s, 8);
	assert_int_equal(sealed_form_since(s, pdf_make_done(m), 0).n, 0);
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /Version /2.0 >>");
	sealed_form_allows(s, m, "catalog /Version");
}

/* Hybrid only after signing. */
static void test_new_hybrid(void **state)
{
	struct scope *s = *state;
	const uint32_t hidden = 20;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 20, "(nothing refers to it)");
	pdf_make_hybrid(m, 31, "/Root 1 0 R", &hidden, 1);
	struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, false, "shows other objects to some readers");
}

static void test_plain(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = signed_hybrid(s, 3);
	const struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	const struct pdf_value *page;
	struct pdf_file *plain;
	assert_int_equal(pdf_file_plain(s, f, &plain), OK);
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 3, 0 }, &page), OK);
	assert_int_equal(page->kind, PDF_DICT);
	assert_int_equal(pdf_file_object(s, plain, 0, (struct pdf_ref){ 3, 0 }, &page), OK);
	assert_int_equal(page->kind, PDF_NULL);
	f = pdf_reread_open(s, pdf_make_one_page(s));
	assert_int_equal(pdf_file_plain(s, f, &plain), OK);
	assert_null(plain);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = { TEST(test_allowed), TEST(test_page_gone),
		TEST(test_signature_hidden), TEST(test_new_hybrid), TEST(test_plain) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
