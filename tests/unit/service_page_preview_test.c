/* service/page_preview: pages as pixels and text, by Poppler in its own process */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/page_preview.h"
#include "tests/support/pdf_make.h"

struct seen {
	struct scope *s;
	struct page_preview_page page[4];
	size_t n;
	size_t stop_after;
};

static int setup(void **state)
{
	static struct seen seen;
	seen = (struct seen){ .s = scope_new(0), .stop_after = 4 };
	*state = &seen;
	return 0;
}

static int teardown(void **state)
{
	scope_free(((struct seen *)*state)->s);
	return 0;
}

static enum err keep(struct scope *s, void *ctx, const struct page_preview_page *page)
{
	struct seen *x = ctx;
	struct bytes pixels;
	if (x->n == x->stop_after)
		return scope_fault(s, ERR_DENIED, "enough");
	struct page_preview_page *kept = &x->page[x->n++];
	*kept = *page;
	TRY(bytes_copy(x->s, page->text, &kept->text));
	TRY(bytes_copy(x->s,
	    bytes_of(
		page->raster.pixel, sizeof(uint32_t) * page->raster.width * page->raster.height),
	    &pixels));
	kept->raster.pixel = (const uint32_t *)(const void *)pixels.p;
	return OK;
}

/* A page with these entries: a red square at the lower left of its user space, and words. */
static struct bytes make(struct scope *s, const char *entries, const char *more)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 7 0 R] /Count 2 >>");
	pdf_make_objectf(m, 3,
	    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> "
	    ">> %s >>",
	    entries);
	pdf_make_stream(m, 4, "",
	    BYTES_LIT("1 0 0 rg 0 0 36 36 re f 0 g BT /F 12 Tf 40 100 Td (Seal and word) Tj ET"));
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
	pdf_make_object(m, 6, more);
	pdf_make_object(m, 7, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 50 50] >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

#define PLAIN "/MediaBox [0 0 200 144]"

static enum err show(struct seen *x, struct bytes content, double dpi, uint32_t page)
{
	const struct page_preview_document d = { "x.pdf", content, BYTES_NONE };
	const struct page_preview_step step = { 0, page };
	const struct page_preview_request r = { &d, 1, &step, 1, dpi, true, 0, keep, x };
	return page_preview_run(x->s, &r);
}

static uint32_t pixel(const struct seen *x, uint32_t left, uint32_t top)
{
	const struct raster *r = &x->page[0].raster;
	assert_true(left < r->width && top < r->height);
	return r->pixel[(size_t)top * r->width + left] & 0xffffff;
}

static void a_page_is_shown(void **state)
{
	struct seen *x = *state;
	assert_int_equal(show(x, make(x->s, PLAIN, "null"), 72, 1), OK);
	assert_int_equal(x->n, 1);
	assert_int_equal(x->page[0].raster.width, 200);
	assert_int_equal(x->page[0].raster.height, 144);
	assert_true(x->page[0].width == 200 && x->page[0].height == 144);
	assert_int_equal(pixel(x, 10, 134), 0xff0000);
	assert_int_equal(pixel(x, 10, 100), 0xffffff);
	assert_true(bytes_find(x->page[0].text, BYTES_LIT("Seal and word"), 0) != BYTES_NOT_FOUND);
}

static void it_is_the_same_each_time(void **state)
{
	struct seen *x = *state;
	struct bytes file = make(x->s, PLAIN, "null");
	const struct page_preview_document d[] = { { "a", file, BYTES_NONE },
		{ "b", file, BYTES_NONE } };
	const struct page_preview_step steps[] = { { 0, 1 }, { 1, 1 }, { 1, 2 } };
	const struct page_preview_request r = { d, 2, steps, 3, 100, true, 0, keep, x };
	assert_int_equal(page_preview_run(x->s, &r), OK);
	assert_int_equal(x->n, 3);
	assert_int_equal(x->page[0].raster.width, 278);
	assert_memory_equal(
	    x->page[0].raster.pixel, x->page[1].raster.pixel, (size_t)278 * 200 * 4);
	assert_int_equal(x->page[2].step.page, 2);
	assert_int_equal(x->page[2].raster.width, 70);
}

static void resolution_and_box_and_turn_count(void **state)
{
	struct seen *x = *state;
	assert_int_equal(
	    show(x, make(x->s, PLAIN " /Rotate 90 /CropBox [0 0 100 72]", "null"), 144, 1), OK);
	assert_int_equal(x->page[0].raster.width, 144);
	assert_int_equal(x->page[0].raster.height, 200);
	assert_true(x->page[0].width == 72 && x->page[0].height == 100);
	assert_int_equal(pixel(x, 10, 10), 0xff0000);
	assert_int_equal(pixel(x, 10, 190), 0xffffff);
}

static void annotations_are_shown(void **state)
{
	struct seen *x = *state;
	assert_int_equal(show(x,
			     make(x->s, PLAIN " /Annots [6 0 R]",
				 "<< /Type /Annot /Subtype /Square /Rect [100 40 150 90] /IC [0 1 "
				 "0] /C [0 1 0] /F 4 >>"),
			     72, 1),
	    OK);
	assert_int_equal(pixel(x, 125, 144 - 65), 0x00ff00);
}

static void text_alone_takes_no_pixels(void **state)
{
	struct seen *x = *state;
	assert_int_equal(show(x, make(x->s, PLAIN, "null"), 0, 1), OK);
	assert_int_equal(x->page[0].raster.width, 0);
	assert_true(x->page[0].text.n >= 13);
}

static void a_huge_page_is_shown_smaller(void **state)
{
	struct seen *x = *state;
	assert_int_equal(show(x, make(x->s, "/MediaBox [0 0 14400 14400]", "null"), 300, 1), OK);
	const struct raster *r = &x->page[0].raster;
	assert_true((size_t)r->width * r->height <= LIMIT_PREVIEW_PIXELS);
	assert_true(r->width > 3000);
	assert_true(x->page[0].dpi < 20);
	x->n = 0;
	assert_int_equal(show(x, make(x->s, "/MediaBox [0 0 1e30 0.001]", "null"), 300, 1), OK);
	assert_true((size_t)r->width * r->height <= LIMIT_PREVIEW_PIXELS);
}

static void pages_are_counted(void **state)
{
	struct seen *x = *state;
	struct bytes file = make(x->s, PLAIN, "null");
	const struct page_preview_document d[] = { { "a.pdf", file, BYTES_NONE },
		{ "b.pdf", file, BYTES_NONE } };
	size_t n[2] = { 0 };
	assert_int_equal(page_preview_count(x->s, d, 2, n), OK);
	assert_int_equal(n[0], 2);
	assert_int_equal(n[1], 2);
}

static void assert_fault(struct seen *x, const char *text)
{
	assert_string_equal(scope_fault_text(x->s), text);
	scope_forgive(x->s);
}

static void what_cannot_be_shown_is_one_error(void **state)
{
	struct seen *x = *state;
	struct bytes file = make(x->s, PLAIN, "null");
	assert_int_equal(show(x, file, 72, 3), ERR_FORMAT);
	assert_fault(x, "x.pdf: page 3: cannot be shown");
	assert_int_equal(show(x, file, 72, UINT32_MAX), ERR_FORMAT);
	assert_fault(x, "x.pdf: page 4294967295: cannot be shown");
	assert_int_equal(show(x, BYTES_LIT("no PDF at all"), 72, 1), ERR_FORMAT);
	assert_int_equal(strncmp(scope_fault_text(x->s), "x.pdf: cannot be shown: ", 24), 0);
	assert_int_equal(x->n, 0);
}

static void the_taker_may_end_it(void **state)
{
	struct seen *x = *state;
	x->stop_after = 0;
	assert_int_equal(show(x, make(x->s, PLAIN, "null"), 72, 1), ERR_DENIED);
	assert_fault(x, "enough");
}

static void time_has_an_end(void **state)
{
	struct seen *x = *state;
	struct bytes file = make(x->s, PLAIN, "null");
	const struct page_preview_document d = { "x.pdf", file, BYTES_NONE };
	const struct page_preview_step step = { 0, 1 };
	const struct page_preview_request r = { &d, 1, &step, 1, 72, true, 1, keep, x };
	assert_int_equal(page_preview_run(x->s, &r), ERR_LIMIT);
	assert_non_null(strstr(scope_fault_text(x->s), "not done within 1 ms"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_is_shown),
		TEST(it_is_the_same_each_time),
		TEST(resolution_and_box_and_turn_count),
		TEST(annotations_are_shown),
		TEST(text_alone_takes_no_pixels),
		TEST(a_huge_page_is_shown_smaller),
		TEST(pages_are_counted),
		TEST(what_cannot_be_shown_is_one_error),
		TEST(the_taker_may_end_it),
		TEST(time_has_an_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
