/* service/change_place: on which page, and where on it, the objects lie that a report names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/scope.h"
#include "service/change_place.h"
#include "tests/support/pdf_make.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : 1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

/* Page 3 (contents 5, resources 6 with form 7) and page 4 with these entries, an annotation (8) of
 * field 9 with appearance 10; the form is on both pages. */
static const struct pdf_file *make(struct scope *s, const char *entries)
{
	struct pdf_make *m = pdf_make_new(s);
	struct pdf_file *f;
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2,
	    "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 200 100] /Resources 6 0 R "
	    ">>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /Contents [5 0 R] >>");
	pdf_make_objectf(
	    m, 4, "<< /Type /Page /Parent 2 0 R /Annots [8 0 R 99 0 R 4 0 R] %s >>", entries);
	pdf_make_stream(m, 5, "", BYTES_LIT("/X Do"));
	pdf_make_object(m, 6, "<< /XObject << /X 7 0 R >> >>");
	pdf_make_stream(
	    m, 7, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources 6 0 R", BYTES_LIT(" "));
	pdf_make_object(m, 8,
	    "<< /Type /Annot /Subtype /Widget /Rect [30 40 10 20] /Parent 9 0 R /P 4 0 R /AP << /N "
	    "10 "
	    "0 R >> >>");
	pdf_make_object(m, 9, "<< /FT /Tx /T (x) /Kids [8 0 R] >>");
	pdf_make_stream(m, 10, "/Type /XObject /Subtype /Form /BBox [0 0 9 9]", BYTES_LIT(" "));
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(pdf_file_open(s, pdf_make_done(m), BYTES_NONE, &f), OK);
	return f;
}

static struct change_place_list find(
    struct scope *s, const struct pdf_file *f, uint32_t page, uint32_t object)
{
	struct change_place_list l = { .n = 0 };
	assert_int_equal(change_place_add(s, f, page, &object, 1, &l), OK);
	return l;
}

static void what_a_page_holds_is_on_it(void **state)
{
	const struct pdf_file *f = make(*state, "");
	static const uint32_t on_first[] = { 3, 5, 6, 7 };
	for (size_t i = 0; i < 4; i++) {
		struct change_place_list l = find(*state, f, 1, on_first[i]);
		assert_int_equal(l.n, 1);
		assert_true(l.item[0].page == 1 && !l.item[0].has_box);
	}
	assert_int_equal(find(*state, f, 2, 3).n, 0);
	assert_int_equal(find(*state, f, 2, 5).n, 0);
	assert_int_equal(find(*state, f, 2, 7).n, 1);
	assert_int_equal(find(*state, f, 1, 8).n, 0);
	assert_int_equal(find(*state, f, 1, 1).n, 0);
	assert_int_equal(find(*state, f, 3, 3).n, 0);
	assert_int_equal(find(*state, f, 0, 3).n, 0);
}

static void assert_box(struct scope *s, const char *entries, uint32_t object, double left,
    double top, double right, double bottom)
{
	struct change_place_list l = find(s, make(s, entries), 2, object);
	assert_int_equal(l.n, 1);
	assert_true(l.item[0].has_box);
	const struct change_box *b = &l.item[0].box;
	if (fabs(b->left - left) + fabs(b->top - top) + fabs(b->right - right) +
		fabs(b->bottom - bottom) >
	    1e-6)
		fail_msg("%g %g %g %g", b->left, b->top, b->right, b->bottom);
}

static void an_annotation_lies_in_its_box(void **state)
{
	assert_box(*state, "", 8, 10, 60, 30, 80);
	assert_box(*state, "", 9, 10, 60, 30, 80);
	assert_box(*state, "", 10, 10, 60, 30, 80);
}

static void the_box_is_as_people_see_it(void **state)
{
	assert_box(*state, "/Rotate 90", 8, 20, 10, 40, 30);
	assert_box(*state, "/Rotate 180", 8, 170, 20, 190, 40);
	assert_box(*state, "/Rotate 270", 8, 60, 170, 80, 190);
	assert_box(*state, "/CropBox [5 5 100 50]", 8, 5, 10, 25, 30);
	assert_box(*state, "/UserUnit 2", 8, 20, 120, 60, 160);
}

static void pages_are_listed(void **state)
{
	uint32_t *objects;
	size_t n;
	assert_int_equal(change_place_pages(*state, make(*state, ""), &objects, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(objects[0], 3);
	assert_int_equal(objects[1], 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_page_holds_is_on_it),
		TEST(an_annotation_lies_in_its_box),
		TEST(the_box_is_as_people_see_it),
		TEST(pages_are_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
