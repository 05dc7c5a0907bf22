#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/placement.h"
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

struct sample {
	const char *catalog, *pages, *page, *field; /* what else stands in them; field: object 8 */
};

/* Two pages, the sample's entries on the second; objects 5 and 6 are numbers, 7 a box. */
static struct pdf_file *open_sample(struct scope *s, const struct sample *x)
{
	struct pdf_make *m = pdf_make_new(s);
	struct pdf_file *f;
	pdf_make_header(m, "1.7");
	pdf_make_objectf(
	    m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", x->catalog ? x->catalog : "");
	pdf_make_objectf(m, 2, "<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 /Rotate 0 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>");
	pdf_make_objectf(m, 4, "<< /Type /Page /Parent 9 0 R %s >>", x->page ? x->page : "");
	pdf_make_object(m, 5, "90");
	pdf_make_object(m, 6, "200");
	pdf_make_object(m, 7, "[0 0 6 0 R 400.0]");
	if (x->field)
		pdf_make_object(m, 8, x->field);
	pdf_make_objectf(m, 9, "<< /Type /Pages /Parent 2 0 R /Kids [4 0 R 9 0 R] /Count 1 %s >>",
	    x->pages ? x->pages : "");
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(pdf_file_open(s, pdf_make_done(m), BYTES_NONE, &f), OK);
	return f;
}

static void assert_near(double is, double wanted)
{
	if (is < wanted - 1e-6 || is > wanted + 1e-6)
		fail_msg("%g, not %g", is, wanted);
}

/* -- what people see of a page -- */

static void test_pages(void **state)
{
	static const struct {
		struct sample x;
		double width, height, left, top;
		int rotate;
	} rows[] = {
		{ { .page = "/MediaBox [0 0 200 400]" }, 200, 400, 0, 400, 0 },
		{ { .page = "" }, 612, 792, 0, 792, 0 },
		{ { .page = "/MediaBox [0 0 0 400]" }, 612, 792, 0, 792, 0 },
		{ { .page = "/MediaBox [0 0 200]" }, 612, 792, 0, 792, 0 },
		{ { .page = "/MediaBox [200 400 -10 -20.5]" }, 210, 420.5, -10, 400, 0 },
		{ { .page = "/MediaBox 7 0 R" }, 200, 400, 0, 400, 0 },
		{ { .pages = "/MediaBox 7 0 R" }, 200, 400, 0, 400, 0 },
		{ { .pages = "/MediaBox 7 0 R /Rotate 5 0 R", .page = "" }, 400, 200, 0, 400, 90 },
		{ { .pages = "/Rotate 90", .page = "/MediaBox 7 0 R /Rotate 0" }, 200, 400, 0, 400,
		    0 },
		{ { .page = "/MediaBox 7 0 R /Rotate -90" }, 400, 200, 0, 400, 270 },
		{ { .page = "/MediaBox 7 0 R /Rotate 540" }, 200, 400, 0, 400, 180 },
		{ { .page = "/MediaBox 7 0 R /Rotate 450.0" }, 400, 200, 0, 400, 90 },
		{ { .page = "/MediaBox 7 0 R /Rotate 45" }, 200, 400, 0, 400, 0 },
		{ { .page = "/MediaBox 7 0 R /Rotate /East" }, 200, 400, 0, 400, 0 },
		/* A crop box counts where it lies on the page. */
		{ { .page = "/MediaBox 7 0 R /CropBox [20 30 120 330]" }, 100, 300, 20, 330, 0 },
		{ { .page = "/MediaBox 7 0 R /CropBox [120 330 20 30] /Rotate 90" }, 300, 100, 20,
		    330, 90 },
		{ { .page = "/MediaBox 7 0 R /CropBox [-50 -50 150 999]" }, 150, 400, 0, 400, 0 },
		{ { .page = "/MediaBox 7 0 R /CropBox [500 500 600 600]" }, 200, 400, 0, 400, 0 },
		{ { .pages = "/CropBox [0 0 50 60]", .page = "/MediaBox 7 0 R" }, 50, 60, 0, 60,
		    0 },
		{ { .page = "/MediaBox 7 0 R /UserUnit 2.5" }, 500, 1000, 0, 400, 0 },
		{ { .page = "/MediaBox 7 0 R /UserUnit 2 /Rotate 90" }, 800, 400, 0, 400, 90 },
		{ { .page = "/MediaBox 7 0 R /UserUnit 0" }, 200, 400, 0, 400, 0 },
		{ { .page = "/MediaBox 7 0 R /UserUnit -3" }, 200, 400, 0, 400, 0 },
		{ { .pages = "/UserUnit 2", .page = "/MediaBox 7 0 R" }, 200, 400, 0, 400, 0 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct placement_page p;
		struct pdf_file *f = open_sample(s, &rows[i].x);
		assert_int_equal(placement_page_open(s, f, 2, &p), OK);
		assert_int_equal(p.ref.num, 4);
		assert_near(p.width, rows[i].width);
		assert_near(p.height, rows[i].height);
		assert_near(p.left, rows[i].left);
		assert_near(p.top, rows[i].top);
		assert_int_equal(p.rotate, rows[i].rotate);
	}
}

static void test_page_numbers(void **state)
{
	static const struct sample x = { .page = "" };
	struct scope *s = *state;
	struct pdf_file *f = open_sample(s, &x);
	struct placement_page p;
	assert_int_equal(placement_page_open(s, f, 1, &p), OK);
	assert_int_equal(p.ref.num, 3);
	assert_int_equal(p.number, 1);
	assert_int_equal(placement_page_open(s, f, -1, &p), OK);
	assert_int_equal(p.ref.num, 4);
	assert_int_equal(p.number, 2);
	assert_int_equal(placement_page_open(s, f, 3, &p), ERR_DENIED);
	assert_string_equal(scope_fault_text(s), "there is no page 3 to put the seal on: 2 in all");
}

/* -- boxes: as people see them, and where they are in user space -- */

#define CROPPED "/MediaBox [0 0 200 400] /CropBox [20 30 120 330]"

static void test_boxes(void **state)
{
	static const struct {
		struct sample x;
		struct placement_box box;
		double rect[4];
	} rows[] = {
		{ { .page = "/MediaBox 7 0 R" }, { 10, 20, 50, 30 }, { 10, 350, 60, 380 } },
		{ { .page = "/MediaBox 7 0 R /Rotate 90" }, { 10, 20, 50, 30 },
		    { 20, 10, 50, 60 } },
		{ { .page = "/MediaBox 7 0 R /Rotate 180" }, { 10, 20, 50, 30 },
		    { 140, 20, 190, 50 } },
		{ { .page = "/MediaBox 7 0 R /Rotate 270" }, { 10, 20, 50, 30 },
		    { 150, 340, 180, 390 } },
		{ { .page = CROPPED }, { 0, 0, 50, 30 }, { 20, 300, 70, 330 } },
		{ { .page = CROPPED " /Rotate 90" }, { 0, 0, 50, 30 }, { 20, 30, 50, 80 } },
		{ { .page = CROPPED " /Rotate 180" }, { 0, 0, 50, 30 }, { 70, 30, 120, 60 } },
		{ { .page = CROPPED " /Rotate 270" }, { 0, 0, 50, 30 }, { 90, 280, 120, 330 } },
		{ { .page = "/MediaBox 7 0 R /UserUnit 2" }, { 10, 20, 50, 30 },
		    { 5, 375, 30, 390 } },
		{ { .page = "/MediaBox 7 0 R /UserUnit 2 /Rotate 90" }, { 10, 20, 50, 30 },
		    { 10, 5, 25, 30 } },
		{ { .page = "/MediaBox [200 400 -10 -20]" }, { 0, 0, 210, 420 },
		    { -10, -20, 200, 400 } },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct placement_page p;
		struct placement_spot spot;
		struct pdf_file *f = open_sample(s, &rows[i].x);
		assert_int_equal(placement_page_open(s, f, 2, &p), OK);
		assert_int_equal(placement_on_page(s, &p, rows[i].box, &spot), OK);
		for (size_t k = 0; k < 4; k++)
			assert_near(spot.rect[k], rows[i].rect[k]);
		assert_near(spot.width, rows[i].box.w);
		assert_near(spot.height, rows[i].box.h);
	}
}

/* The box as the matrix turns it begins at the origin (12.5.5: it is laid over the rectangle), and
 * the form's upward direction is the page's to the eye. */
static void test_matrices(void **state)
{
	static const struct {
		const char *page;
		double up[2];
	} rows[] = {
		{ "/MediaBox 7 0 R", { 0, 1 } },
		{ "/MediaBox 7 0 R /Rotate 90", { -1, 0 } },
		{ "/MediaBox 7 0 R /Rotate 180", { 0, -1 } },
		{ "/MediaBox 7 0 R /Rotate 270", { 1, 0 } },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sample x = { .page = rows[i].page };
		struct placement_page p;
		struct placement_spot spot;
		struct pdf_file *f = open_sample(s, &x);
		assert_int_equal(placement_page_open(s, f, 2, &p), OK);
		assert_int_equal(
		    placement_on_page(s, &p, (struct placement_box){ 10, 20, 50, 30 }, &spot), OK);
		const double *m = spot.matrix;
		double left = 1e9, bottom = 1e9, right = -1e9, top = -1e9;
		for (int corner = 0; corner < 4; corner++) {
			const double x0 = corner & 1 ? 50 : 0, y0 = corner & 2 ? 30 : 0;
			const double x1 = m[0] * x0 + m[2] * y0 + m[4];
			const double y1 = m[1] * x0 + m[3] * y0 + m[5];
			left = x1 < left ? x1 : left, right = x1 > right ? x1 : right;
			bottom = y1 < bottom ? y1 : bottom, top = y1 > top ? y1 : top;
		}
		assert_near(left, 0);
		assert_near(bottom, 0);
		assert_near(right, spot.rect[2] - spot.rect[0]);
		assert_near(top, spot.rect[3] - spot.rect[1]);
		assert_near(m[2], rows[i].up[0]);
		assert_near(m[3], rows[i].up[1]);
	}
}

static void test_inside_and_outside(void **state)
{
	static const struct {
		struct placement_box box;
		bool inside;
	} rows[] = {
		{ { 0, 0, 300, 100 }, true },
		{ { 0, 0, 300.009, 100 }, true },
		{ { 0, 0, 300.1, 100 }, false },
		{ { 0, 0, 300, 100.1 }, false },
		{ { 250, 60, 50, 40 }, true },
		{ { 250.1, 60, 50, 40 }, false },
		{ { 250, 60.1, 50, 40 }, false },
		{ { -0.1, 0, 50, 40 }, false },
		{ { 0, -0.1, 50, 40 }, false },
		{ { 0, 0, 0, 40 }, false },
		{ { 0, 0, 40, -1 }, false },
		{ { 0, 0, 1e300, 1e300 }, false },
	};
	static const struct sample x = { .page = CROPPED " /Rotate 90" };
	struct scope *s = *state;
	struct placement_page p;
	struct placement_spot spot;
	assert_int_equal(placement_page_open(s, open_sample(s, &x), 2, &p), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    placement_on_page(s, &p, rows[i].box, &spot), rows[i].inside ? OK : ERR_DENIED);
	const double none = strtod("nan", NULL);
	assert_int_equal(
	    placement_on_page(s, &p, (struct placement_box){ none, 0, 9, 9 }, &spot), ERR_DENIED);
}

static void test_beside(void **state)
{
	static const struct {
		enum placement_side side;
		struct placement_box anchor, wanted;
	} rows[] = {
		{ PLACEMENT_SIDE_RIGHT, { 20, 100, 30, 10 }, { 54, 90, 60, 30 } },
		{ PLACEMENT_SIDE_BELOW, { 20, 100, 30, 10 }, { 20, 114, 60, 30 } },
		{ PLACEMENT_SIDE_OVER, { 20, 100, 30, 10 }, { 20, 100, 60, 30 } },
		/* Moved along the side only. */
		{ PLACEMENT_SIDE_RIGHT, { 20, 2, 30, 10 }, { 54, 0, 60, 30 } },
		{ PLACEMENT_SIDE_RIGHT, { 20, 390, 30, 10 }, { 54, 370, 60, 30 } },
		{ PLACEMENT_SIDE_RIGHT, { 160, 100, 30, 10 }, { 194, 90, 60, 30 } },
		{ PLACEMENT_SIDE_BELOW, { 160, 100, 30, 10 }, { 140, 114, 60, 30 } },
		{ PLACEMENT_SIDE_OVER, { 160, 390, 30, 10 }, { 140, 370, 60, 30 } },
	};
	static const struct sample x = { .page = "/MediaBox 7 0 R" };
	static const struct sample large = { .page = "/MediaBox 7 0 R /UserUnit 2" };
	struct scope *s = *state;
	struct placement_page p;
	assert_int_equal(placement_page_open(s, open_sample(s, &x), 2, &p), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct placement_box b =
		    placement_beside(&p, &rows[i].anchor, rows[i].side, 60, 30);
		assert_near(b.x, rows[i].wanted.x);
		assert_near(b.y, rows[i].wanted.y);
		assert_near(b.w, 60);
		assert_near(b.h, 30);
	}
	/* The anchor is in units of user space. */
	assert_int_equal(placement_page_open(s, open_sample(s, &large), 2, &p), OK);
	assert_near(placement_beside(&p, &rows[0].anchor, PLACEMENT_SIDE_RIGHT, 60, 30).x, 104);
}

/* -- fields that are there -- */

#define FIELD "<< /Subtype /Widget /FT /Sig /T (here) "
#define FORM "/AcroForm << /Fields [8 0 R] >>"

static enum err spot_of_field(
    struct scope *s, const char *page, const char *field, struct placement_spot *ret_spot)
{
	const struct sample x = { .catalog = FORM, .page = page, .field = field };
	struct pdf_file *f = open_sample(s, &x);
	struct pdf_signature_list list;
	assert_int_equal(pdf_signature_list(s, f, &list), OK);
	assert_int_equal(list.n_unsigned, 1);
	return placement_of_field(s, f, &list.unsigned_fields[0], ret_spot);
}

static void test_fields(void **state)
{
	static const struct {
		const char *page, *field;
		double width, height, up;
	} rows[] = {
		{ "", FIELD "/Rect [10 20 110 60] /P 4 0 R >>", 100, 40, 1 },
		{ "", FIELD "/Rect [110 60 10 20] /P 4 0 R >>", 100, 40, 1 },
		/* Found by the page's list; the page it names is none. */
		{ "/Annots [8 0 R]", FIELD "/Rect [10 20 110 60] >>", 100, 40, 1 },
		{ "/Annots [8 0 R]", FIELD "/Rect [10 20 110 60] /P 2 0 R >>", 100, 40, 1 },
		{ "/Rotate 180", FIELD "/Rect [10 20 110 60] /P 4 0 R >>", 100, 40, -1 },
		{ "/Rotate 90", FIELD "/Rect [10 20 110 60] /P 4 0 R >>", 40, 100, 0 },
		{ "/Rotate 90", FIELD "/Rect [10 20 110 60] /P 4 0 R /MK << /R 0 >> >>", 100, 40,
		    1 },
		{ "", FIELD "/Rect [10 20 110 60] /P 4 0 R /MK << /R 90 >> >>", 40, 100, 0 },
		{ "/Rotate 90", FIELD "/Rect [10 20 110 60] /P 4 0 R /F 16 >>", 100, 40, 1 },
		{ "/UserUnit 3", FIELD "/Rect [10 20 110 60] /P 4 0 R >>", 300, 120, 1 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct placement_spot spot;
		assert_int_equal(spot_of_field(s, rows[i].page, rows[i].field, &spot), OK);
		assert_int_equal(spot.page.num, 4);
		assert_near(spot.width, rows[i].width);
		assert_near(spot.height, rows[i].height);
		assert_near(spot.matrix[3], rows[i].up);
		assert_near(spot.rect[0], 10);
		assert_near(spot.rect[3], 60);
	}
}

static void test_fields_that_show_nothing(void **state)
{
	static const char *const fields[] = {
		FIELD "/Rect [0 0 0 0] /P 4 0 R >>",
		FIELD "/Rect [0 0 9] /P 4 0 R >>",
		FIELD "/Rect [0 0 9 9] /F 2 /P 4 0 R >>",
		FIELD "/Rect [0 0 9 9] /F 32 /P 4 0 R >>",
		FIELD "/Rect [0 0 9 9] >>",
	};
	struct scope *s = *state;
	struct placement_spot spot;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_int_equal(spot_of_field(s, "", fields[i], &spot), ERR_DENIED);
	assert_int_equal(spot_of_field(s, "", FIELD ">>", &spot), ERR_UNSUPPORTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pages),
		TEST(test_page_numbers),
		TEST(test_boxes),
		TEST(test_matrices),
		TEST(test_inside_and_outside),
		TEST(test_beside),
		TEST(test_fields),
		TEST(test_fields_that_show_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
