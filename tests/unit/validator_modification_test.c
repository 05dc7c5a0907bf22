/* Pages, catalog, validation data, the file itself after a signature; who refers to what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_references.h"
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

/* -- nothing changes -- */

static void test_nothing(void **state)
{
	struct scope *s = *state;
	struct modification_list l = sealed_form_since(s, pdf_make_done(sealed_form_plain(s)), 0);
	assert_int_equal(l.n, 0);
	assert_false(l.any_forbidden);
}

/* The same value in other words (ISO 32000-2 7.3). */
static void test_equal_rewrite(void **state)
{
	struct pdf_make *m = sealed_form_plain(*state);
	pdf_make_object(
	    m, 5, "<< /Subtype /Type1 /Type /Font /BaseFont /Helvetica /Encoding null >>");
	pdf_make_object(m, 3,
	    "<< /Annots [" SEALED_FORM_ANNOTS
	    "] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R "
	    "/MediaBox [0 0.0 612.0 792] /Parent 2 0 R /Type /Page >>");
	sealed_form_is_silent(*state, m);
}

/* -- the page and the catalog -- */

static void test_pages(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_stream(m, 4, "", BYTES_LIT("(other) Tj"));
	sealed_form_forbids(s, m, "a stream was changed");
	m = sealed_form_plain(s);
	pdf_make_object(
	    m, 3, "<< " SEALED_FORM_PAGE "/Rotate 90 /Annots [" SEALED_FORM_ANNOTS "] >>");
	sealed_form_forbids(s, m, "page /Rotate");
	m = sealed_form_plain(s);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>");
	sealed_form_forbids(s, m, "page tree /");
	m = sealed_form_plain(s);
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
	sealed_form_forbids(s, m, "a font was changed");
	m = sealed_form_plain(s);
	pdf_make_free(m, 4, 1);
	sealed_form_forbids(s, m, "a stream was removed");
	m = sealed_form_plain(s);
	pdf_make_object(
	    m, 3, "<< " SEALED_FORM_PAGE "/Tabs /S /Annots [" SEALED_FORM_ANNOTS "] >>");
	assert_false(sealed_form_changes(s, m).any_forbidden);
}

static void test_catalog(void **state)
{
	struct scope *s = *state;
	static const char *const entries[] = { "/OpenAction << /S /JavaScript /JS (x) >>",
		"/AA << >>", "/Names << /JavaScript << >> >>", "/OCProperties << >>",
		"/Perms << >>" };
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		struct pdf_make *m = sealed_form_plain(s);
		pdf_make_objectf(m, 1, "<< " SEALED_FORM_CATALOG " %s >>", entries[i]);
		sealed_form_forbids(s, m, "was added");
	}
	struct pdf_make *m =
	    sealed_form_new(s, "/Perms << /DocMDP 10 0 R >>", SEALED_FORM_DOCMDP(2));
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " >>");
	sealed_form_forbids(s, m, "catalog /Perms was removed");
	m = sealed_form_plain(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Version /2.0 >>");
	sealed_form_allows(s, m, "catalog /Version");
}

/* Another catalog is compared with the old one. */
static void test_root(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 20, "<< " SEALED_FORM_CATALOG " >>");
	pdf_make_table(m, "/Root 20 0 R");
	assert_int_equal(sealed_form_since(s, pdf_make_done(m), 0).n, 0);
	m = sealed_form_plain(s);
	pdf_make_object(m, 20, "<< /Type /Catalog /Pages 21 0 R /AcroForm 6 0 R >>");
	pdf_make_object(m, 21, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_table(m, "/Root 20 0 R");
	struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, false, "catalog /Pages was changed");
}

static void test_metadata(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_stream(m, 20, "/Type /Metadata", BYTES_LIT("<x:xmpmeta/>"));
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /Metadata 20 0 R >>");
	sealed_form_allows(s, m, "catalog /Metadata");
	static const char *const bad[] = { "no XML", "<!DOCTYPE x><x/>", "<x/> and more" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		m = sealed_form_plain(s);
		pdf_make_stream(m, 20, "/Type /Metadata", bytes_of_str(bad[i]));
		pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /Metadata 20 0 R >>");
		sealed_form_forbids(s, m, "is no XMP stream");
	}
	m = sealed_form_plain(s);
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /Metadata << >> >>");
	sealed_form_forbids(s, m, "is no XMP stream");
}

static void test_info(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 20, "<< /Producer (x) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 20 0 R");
	struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, true, "document information");
	/* The page's resources turn into it. */
	m = sealed_form_plain(s);
	pdf_make_object(m, 5, "<< /Producer (x) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 5 0 R");
	l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, false, "a font was changed");
}

/* -- validation data -- */

static void test_store(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_new(s, "", SEALED_FORM_DOCMDP(1));
	pdf_make_object(
	    m, 20, "<< /Type /DSS /Certs [21 0 R] /VRI << /AB << /Cert [21 0 R] >> >> >>");
	pdf_make_stream(m, 21, "", BYTES_LIT("certificate"));
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /DSS 20 0 R >>");
	sealed_form_allows(s, m, "validation data");
	m = sealed_form_plain(s);
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /DSS << /Other 1 >> >>");
	sealed_form_forbids(s, m, "(DSS) /Other");
}

/* An array of the store that is a page's /Contents too. */
static void test_store_shared(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = sealed_form_begin(s, "/DSS << /Certs 20 0 R >>", "");
		pdf_make_object(m, 20, "[4 0 R]");
		if (shared)
			pdf_make_object(m, 3,
			    "<< /Type /Page /Parent 2 0 R /Contents 20 0 R /Annots "
			    "[" SEALED_FORM_ANNOTS "] >>");
		sealed_form_close(m);
		pdf_make_object(m, 20, "[4 0 R 21 0 R]");
		pdf_make_stream(m, 21, "", BYTES_LIT("(more) Tj"));
		if (shared)
			sealed_form_forbids(s, m, "is also reached from object 3 /Contents");
		else
			assert_false(sealed_form_changes(s, m).any_forbidden);
	}
}

static void test_extensions_shared(void **state)
{
	struct scope *s = *state;
	for (int shared = 0; shared < 2; shared++) {
		struct pdf_make *m = sealed_form_begin(
		    s, shared ? "/Extensions 20 0 R /Other 20 0 R" : "/Extensions 20 0 R", "");
		pdf_make_object(m, 20, "<< >>");
		sealed_form_close(m);
		pdf_make_object(m, 20, "<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >> >>");
		if (shared)
			sealed_form_forbids(s, m, "is also reached from object 1 /Other");
		else
			sealed_form_allows(s, m, "catalog /Extensions");
	}
}

/* -- references that led nowhere -- */

static void test_dangling(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_begin(s, "", "");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 40 0 R] /Annots [" SEALED_FORM_ANNOTS
	    "] >>");
	sealed_form_close(m);
	pdf_make_stream(m, 40, "", BYTES_LIT("(more) Tj"));
	pdf_make_object(m, 41, "<< /Certs [40 0 R] >>");
	pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " /DSS 41 0 R >>");
	sealed_form_forbids(
	    s, m, "was put where a reference had led nowhere (from object 3 /Contents)");
	/* Nothing leads to it. */
	m = sealed_form_plain(s);
	pdf_make_stream(m, 40, "", BYTES_LIT("(more) Tj"));
	sealed_form_is_silent(s, m);
}

/* -- the file -- */

static void test_file(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	pdf_make_object(m, 40, "null");
	pdf_make_raw(m, "4 0 obj\n(not listed)\nendobj\n");
	sealed_form_forbids(s, m, "belong to no object of an update");
	m = sealed_form_plain(s);
	pdf_make_raw(m, "% a comment\n\n");
	pdf_make_object(m, 40, "null");
	sealed_form_is_silent(s, m);
	m = sealed_form_plain(s);
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 4, .kind = 1, .offset = 17 });
	sealed_form_forbids(s, m, "points at older bytes");
	m = sealed_form_plain(s);
	pdf_make_object(m, 40, "null");
	sealed_form_close(m);
	pdf_make_raw(m, "more");
	struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
	sealed_form_expect(&l, false, "follows the end of the file");
}

/* An entry of an update that leads into another of its objects. */
static void test_overlap(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = sealed_form_plain(s);
	const size_t at = pdf_make_at(m);
	pdf_make_object(m, 40, "( 41 0 obj null endobj )");
	pdf_make_entry(m,
	    (struct pdf_make_entry){ .num = 41, .kind = 1, .offset = at + strlen("40 0 obj\n( ") });
	sealed_form_forbids(s, m, "an object begins inside another one");
}

/* /Prev of the last saving is cut: what was before is out of reach. That is no matter where nobody
 * had signed it, as when a damaged file was given a fresh revision. */
static void test_cut_chain(void **state)
{
	struct scope *s = *state;
	for (int was_signed = 0; was_signed < 2; was_signed++) {
		struct pdf_make *m =
		    was_signed ? sealed_form_begin(s, "", "") : pdf_make_begin_one_page(s);
		sealed_form_close(m);
		m->prev = SIZE_MAX;
		pdf_make_object(m, 1, "<< " SEALED_FORM_CATALOG " >>");
		pdf_make_object(m, 6, "<< /Fields [8 0 R] >>");
		pdf_make_object(m, 8,
		    "<< " SEALED_FORM_WIDGET "/FT /Sig /T (seal) /V 10 0 R /Rect [0 0 0 0] >>");
		pdf_make_object(m, 10, "<< " SEALED_FORM_SIG " >>");
		sealed_form_close(m);
		struct modification_list l = sealed_form_since(s, pdf_make_done(m), 0);
		if (was_signed)
			sealed_form_expect(&l, false, "earlier savings of the file are cut off");
		else
			assert_int_equal(l.n, 0);
	}
}

/* -- who refers to what -- */

static void test_references(void **state)
{
	struct scope *s = *state;
	struct pdf_references *r;
	const struct pdf_reference *first;
	const uint8_t *bits;
	size_t n;
	struct pdf_make *m = sealed_form_begin(s, "", "");
	pdf_make_object(m, 50, "<< /Alone 9 0 R >>");
	sealed_form_close(m);
	const struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(pdf_references_collect(s, f, &r), OK);
	pdf_references_to(r, 9, &first, &n);
	assert_int_equal(n, 2);
	assert_int_equal(first[0].holder, 7);
	assert_int_equal(first[1].holder, 50);
	pdf_references_to(r, 1, &first, &n);
	assert_int_equal(n, 1);
	assert_int_equal(first[0].holder, 0);
	pdf_references_to(r, LIMIT_PDF_OBJECT_NUMBER, &first, &n);
	assert_int_equal(n, 0);
	assert_int_equal(pdf_references_reach(s, f, 0, &bits), OK);
	assert_true(bits[9 / 8] & 1 << 9 % 8);
	assert_false(bits[50 / 8] & 1 << 50 % 8);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_nothing),
		T(test_equal_rewrite),
		T(test_pages),
		T(test_catalog),
		T(test_root),
		T(test_metadata),
		T(test_info),
		T(test_store),
		T(test_store_shared),
		T(test_extensions_shared),
		T(test_dangling),
		T(test_file),
		T(test_overlap),
		T(test_cut_chain),
		T(test_references),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
