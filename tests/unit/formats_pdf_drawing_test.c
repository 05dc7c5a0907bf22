/* Where texts and opaque areas lie on a page; the pages themselves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_drawing.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

static struct scope *s;

static int setup(void **state)
{
	(void)state;
	s = scope_new(0);
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

struct seen {
	struct pdf_drawing_text text[32];
	struct pdf_drawing_area area[32];
	size_t n_texts, n_areas;
};

static enum err see_text(void *ctx, const struct pdf_drawing_text *text)
{
	struct seen *seen = ctx;
	if (seen->n_texts < 32)
		seen->text[seen->n_texts++] = *text;
	return OK;
}

static enum err see_area(void *ctx, const struct pdf_drawing_area *area)
{
	struct seen *seen = ctx;
	if (seen->n_areas < 32)
		seen->area[seen->n_areas++] = *area;
	return OK;
}

/* A file with fonts, images and forms to draw with. */
static const struct pdf_file *make_file(const char *contents)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2,
	    "<< /Type /Pages /Kids [3 0 R 13 0 R 2 0 R] /Count 2 /MediaBox [0 0 600 800] "
	    "/Resources << /Font << /F 5 0 R >> /ExtGState << /T << /ca .5 >> /M << /BM /Multiply "
	    ">> /N << /BM /Normal /ca 1 >> >> /XObject << /I 6 0 R /S 7 0 R /X 8 0 R /L 9 0 R "
	    "/O 10 0 R >> >> >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 99 0 R 4 0 R] >>");
	pdf_make_stream(m, 4, "", bytes_of_str(contents));
	pdf_make_object(m, 5,
	    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 65 /Widths [1000 500] "
	    ">>");
	pdf_make_stream(m, 6, "/Subtype /Image /Width 1 /Height 1", BYTES_LIT("x"));
	pdf_make_stream(m, 7, "/Subtype /Image /Width 1 /Height 1 /SMask 6 0 R", BYTES_LIT("x"));
	pdf_make_stream(m, 8, "/Subtype /Form /BBox [0 0 50 50] /Matrix [2 0 0 2 10 0]",
	    BYTES_LIT("/I Do 0 0 500 500 re f"));
	pdf_make_stream(m, 9, "/Subtype /Form /BBox [0 0 9 9]", BYTES_LIT("/L Do (A) Tj"));
	pdf_make_stream(m, 10, "/Subtype /Form /BBox [0 0 9 9] /OC 1 0 R", BYTES_LIT("(A) Tj"));
	pdf_make_object(
	    m, 13, "<< /Type /Page /Parent 2 0 R /MediaBox [9 8 0 0] /CropBox [1 1 5 5] >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_reread_open(s, pdf_make_done(m));
}

static bool draw(const char *contents, struct pdf_drawing_budget budget, struct seen *seen)
{
	const struct pdf_drawing_sink sink = { seen, see_text, see_area, false };
	const struct pdf_file *f = make_file(contents);
	struct pdf_drawing *d;
	struct pdf_pages pages;
	memset(seen, 0, sizeof(*seen));
	assert_int_equal(pdf_pages_list(s, f, 0, &pages), OK);
	assert_int_equal(pdf_drawing_new(s, f, 0, &budget, &d), OK);
	assert_int_equal(pdf_drawing_content(d, bytes_of_str(contents), pages.item[0].resources,
			     &pages.item[0].box, &sink),
	    OK);
	assert_int_equal(scope_fault_code(s), OK);
	return pdf_drawing_is_complete(d);
}

static const struct pdf_drawing_budget plenty = { 100000, 100000 };

static bool is_box(const struct pdf_rect *r, double x0, double y0, double x1, double y1)
{
	return fabs(r->x0 - x0) < 0.01 && fabs(r->y0 - y0) < 0.01 && fabs(r->x1 - x1) < 0.01 &&
	       fabs(r->y1 - y1) < 0.01;
}

/* Glyph A is as wide as the font is large, B half of that. */
static void test_text_places(void **state)
{
	static const struct {
		const char *contents;
		double x0, y0, x1, y1;
	} cases[] = {
		{ "BT /F 10 Tf 100 200 Td (AB) Tj ET", 100, 200, 115, 207 },
		{ "BT /F 10 Tf 1 0 0 1 100 200 Tm [-1000 (A)] TJ ET", 110, 200, 120, 207 },
		{ "2 0 0 2 0 0 cm BT /F 10 Tf 100 200 Td (A) Tj ET", 200, 400, 220, 414 },
		{ "BT /F 10 Tf 50 Tz 2 Tc 100 200 Td (AB) Tj ET", 100, 200, 109.5, 207 },
		{ "BT /F 10 Tf 3 Ts 0 1 -1 0 100 200 Tm (A) Tj ET", 90, 200, 97, 210 },
		{ "BT /F 10 Tf 12 TL 100 200 Td T* (A) Tj ET", 100, 188, 110, 195 },
		{ "BT /F 10 Tf 12 TL 100 200 Td (A) ' ET", 100, 188, 110, 195 },
		{ "BT /F 10 Tf 100 200 TD 0 -20 TD 3 1 (A) \" ET", 100, 160, 111, 167 },
	};
	struct seen seen;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(draw(cases[i].contents, plenty, &seen));
		assert_int_equal(seen.n_texts, 1);
		assert_true(seen.text[0].is_painted);
		const struct pdf_rect *b = &seen.text[0].box;
		if (!is_box(b, cases[i].x0, cases[i].y0, cases[i].x1, cases[i].y1))
			fail_msg("%s: %g %g %g %g", cases[i].contents, b->x0, b->y0, b->x1, b->y1);
	}
}

static void test_text_seen(void **state)
{
	static const struct {
		const char *contents;
		bool painted;
	} cases[] = {
		{ "BT /F 10 Tf 2 Tr (A) Tj ET", true },
		{ "BT /F 10 Tf 3 Tr (A) Tj ET", false },
		{ "BT /F 10 Tf 700 0 Td (A) Tj ET", false }, /* off the page */
		{ "q 0 0 5 5 re W n BT /F 10 Tf 6 0 Td (A) Tj ET Q", false },
		{ "q 0 0 5 5 re W n Q BT /F 10 Tf 6 0 Td (A) Tj ET", true },
		{ "/OC /x BDC /P BMC BT /F 10 Tf (A) Tj ET EMC EMC", false },
		{ "/OC /x BDC EMC BT /F 10 Tf (A) Tj ET", true },
	};
	struct seen seen;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(draw(cases[i].contents, plenty, &seen));
		assert_int_equal(seen.n_texts, 1);
		assert_int_equal(seen.text[0].is_painted, cases[i].painted);
	}
}

static void test_areas(void **state)
{
	static const struct {
		const char *contents;
		bool opaque;
	} cases[] = {
		{ "q 100 0 0 200 10 20 cm /I Do Q", true },
		{ "q 100 0 0 200 10 20 cm /S Do Q", false },
		{ "q /T gs 100 0 0 200 10 20 cm /I Do Q", false },
		{ "q /M gs 100 0 0 200 10 20 cm /I Do Q", false },
		{ "q /M gs /N gs 100 0 0 200 10 20 cm /I Do Q", true },
		{ "/OC /x BDC 100 0 0 200 10 20 cm /I Do EMC", false },
		{ "10 20 100 200 re f", true },
		{ "110 220 -100 -200 re B", true },
		{ "10 20 100 200 re f*", true },
		{ "10 20 100 200 re W n /I Do", false }, /* (0 0 1 1) is outside: see below */
		{ "/P cs /x scn 10 20 100 200 re f", false },
		{ "/P cs /x scn 0 g 10 20 100 200 re f", true },
	};
	struct seen seen;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(draw(cases[i].contents, plenty, &seen));
		if (strstr(cases[i].contents, "W n")) {
			assert_int_equal(seen.n_areas, 0);
			continue;
		}
		assert_int_equal(seen.n_areas, 1);
		assert_int_equal(seen.area[0].is_opaque, cases[i].opaque);
		assert_true(is_box(&seen.area[0].box, 10, 20, 110, 220));
	}
	/* Other shapes, rectangles with holes, and what is clipped to a shape cover nothing. */
	assert_true(draw("0 0 m 9 0 l 9 9 l f 1 1 8 8 re 2 2 m f 0 0 9 9 re S", plenty, &seen));
	assert_int_equal(seen.n_areas, 0);
	assert_true(draw("0 0 9 9 re 1 1 2 2 re f* 0 0 m 9 9 l W n 0 0 9 9 re f", plenty, &seen));
	assert_int_equal(seen.n_areas, 3);
	for (size_t i = 0; i < 3; i++)
		assert_false(seen.area[i].is_opaque);
	assert_true(draw("1 1 -1 1 0 0 cm /I Do", plenty, &seen)); /* turned by 45 degrees */
	assert_false(seen.area[0].is_opaque);
}

static void test_forms(void **state)
{
	struct seen seen;
	(void)state;
	/* A form has its own space, and ends at its box. */
	assert_true(draw("1 0 0 1 100 100 cm /X Do", plenty, &seen));
	assert_int_equal(seen.n_areas, 2);
	assert_true(is_box(&seen.area[0].box, 110, 100, 112, 102));
	assert_true(is_box(&seen.area[1].box, 110, 100, 210, 200));
	/* One in itself ends at some depth; one that may be hidden is left out. */
	assert_true(draw("BT /F 1 Tf ET /L Do", plenty, &seen));
	assert_int_equal(seen.n_texts, LIMIT_PDF_FORMS_DEPTH);
	assert_true(draw("/O Do /None Do", plenty, &seen));
	assert_int_equal(seen.n_texts, 0);
}

/* More states than are kept do no harm, nor do too many ends. */
static void test_states(void **state)
{
	struct buf b = buf_new(s, 1 << 20);
	struct seen seen;
	char *text;
	(void)state;
	for (int i = 0; i < LIMIT_PDF_GRAPHICS_STATES + 2; i++)
		buf_add_str(&b, "q ");
	buf_add_str(&b, "2 0 0 2 0 0 cm ");
	for (int i = 0; i < LIMIT_PDF_GRAPHICS_STATES + 9; i++)
		buf_add_str(&b, "Q EMC ");
	buf_add_str(&b, "10 20 100 200 re f");
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_true(draw(text, plenty, &seen));
	assert_true(is_box(&seen.area[0].box, 10, 20, 110, 220));
}

static void test_budget(void **state)
{
	const char *contents = "10 20 100 200 re f 10 20 100 200 re f";
	struct pdf_drawing_budget budget = { 104, 0 };
	struct seen seen;
	(void)state;
	assert_true(draw(contents, budget, &seen));
	assert_int_equal(seen.n_areas, 2);
	budget.operators--;
	assert_false(draw(contents, budget, &seen));
	assert_int_equal(seen.n_areas, 1);
	assert_false(draw("/X Do", budget, &seen)); /* its stream is beyond the budget */
	assert_int_equal(seen.n_areas, 0);
}

static void test_pages(void **state)
{
	const struct pdf_file *f = make_file("BT /F 10 Tf (A) Tj ET");
	struct pdf_drawing_budget budget = plenty;
	struct seen seen = { 0 };
	const struct pdf_drawing_sink sink = { &seen, see_text, see_area, false };
	struct pdf_drawing *d;
	struct pdf_pages pages;
	(void)state;
	assert_int_equal(pdf_pages_list(s, f, 0, &pages), OK);
	assert_int_equal(pages.n, 2); /* the loop is cut */
	assert_int_equal(pages.item[0].ref.num, 3);
	assert_true(is_box(&pages.item[0].box, 0, 0, 600, 800));
	assert_true(is_box(&pages.item[1].box, 1, 1, 5, 5));
	assert_int_equal(pages.item[1].resources->kind, PDF_DICT);
	assert_int_equal(pdf_drawing_new(s, f, 0, &budget, &d), OK);
	assert_int_equal(pdf_drawing_page(d, &pages.item[0], &sink), OK);
	assert_int_equal(seen.n_texts, 2); /* its stream is there twice */
	assert_int_equal(pdf_drawing_page(d, &pages.item[1], &sink), OK);
	assert_int_equal(seen.n_texts, 2);
}

/* Texts after the last XObject are left out where nobody asks for them. */
static void test_end_with_objects(void **state)
{
	static const struct {
		const char *contents;
		size_t n;
	} cases[] = { { "BT (A) Tj ET /I Do BT (A) Tj ET", 3 }, /* the contents are there twice */
		{ "BT (A) Tj ET", 0 } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pdf_file *f = make_file(cases[i].contents);
		struct pdf_drawing_budget budget = plenty;
		struct seen seen = { 0 };
		const struct pdf_drawing_sink sink = { &seen, see_text, NULL, true };
		struct pdf_drawing *d;
		struct pdf_pages pages;
		assert_int_equal(pdf_pages_list(s, f, 0, &pages), OK);
		assert_int_equal(pdf_drawing_new(s, f, 0, &budget, &d), OK);
		assert_int_equal(pdf_drawing_page(d, &pages.item[0], &sink), OK);
		assert_int_equal(seen.n_texts, cases[i].n);
	}
}

/* 12.5.5: the box is stretched onto the rectangle. */
static void test_appearance(void **state)
{
	const struct pdf_file *f = make_file("");
	struct pdf_drawing_budget budget = plenty;
	struct seen seen = { 0 };
	const struct pdf_drawing_sink sink = { &seen, see_text, see_area, false };
	const struct pdf_rect rect = { 100, 200, 150, 300 };
	const struct pdf_value *form;
	struct pdf_drawing *d;
	(void)state;
	assert_int_equal(pdf_drawing_new(s, f, 0, &budget, &d), OK);
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 8, 0 }, &form), OK);
	assert_int_equal(pdf_drawing_appearance(d, form, &rect, &sink), OK);
	assert_int_equal(seen.n_areas, 1); /* it has no resources of its own: no image */
	assert_true(seen.area[0].is_opaque);
	assert_true(is_box(&seen.area[0].box, 100, 200, 150, 300));
	assert_int_equal(pdf_drawing_appearance(d, &pdf_value_null, &rect, &sink), OK);
	assert_int_equal(seen.n_areas, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_places),
		cmocka_unit_test(test_text_seen),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_end_with_objects),
		cmocka_unit_test(test_appearance),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
