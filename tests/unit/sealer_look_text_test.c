#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/look_text.h"
#include "tests/support/font_sample.h"
#include "tests/support/pdf_make.h"

struct desk {
	struct scope *s;
	struct look_paint *p;
	struct pdf_update *u;
};

static struct desk desk;

static int setup(void **state)
{
	static struct bytes font;
	struct pdf_file *f;
	desk.s = scope_new(0);
	*state = &desk;
	if (!desk.s)
		return -1;
	font = font_sample_read(desk.s);
	const struct look_paint_fonts fonts = { .regular = &font, .n_regular = 1 };
	if (pdf_file_open(desk.s, pdf_make_one_page(desk.s), BYTES_NONE, &f) != OK ||
	    pdf_update_new(desk.s, f, BYTES_NONE, &desk.u) != OK)
		return -1;
	return look_paint_new(desk.s, desk.u, &fonts, false, &desk.p) == OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(desk.s);
	return 0;
}

static struct look_text_fit fit_of(
    struct desk *d, const struct look_text_block *b, double w, double h, double most)
{
	struct look_text_fit fit;
	if (look_text_fit(d->s, d->p, b, w, h, most, &fit) != OK)
		fail_msg("%s", scope_fault_text(d->s));
	return fit;
}

static struct look_text_block line(const char *text)
{
	struct look_text_block b = { .n = 0 };
	look_text_add(&b, (struct look_text_item){ .text = text, .scale = 1 });
	return b;
}

/* Whatever the box: what is said to fit lies inside, and what does not fit does when the box is
 * made as large as was said. */
static void test_boxes(void **state)
{
	static const char *const texts[] = { "x", "A seal of moderate length",
		"\xc3\x81rv\xc3\xadzt\xc5\xb1r\xc5\x91 "
		"t\xc3\xbck\xc3\xb6rf\xc3\xbar\xc3\xb3g\xc3\xa9p",
		"57d71782ae02159c1196363e4d5400f057d71782ae02159c1196363e4d5400f0" };
	struct desk *d = *state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (double w = 3; w < 200; w *= 1.6)
			for (double h = 3; h < 100; h *= 1.7) {
				const struct look_text_block b = line(texts[i]);
				struct look_text_fit fit = fit_of(d, &b, w, h, 9);
				if (fit.fits) {
					assert_true(fit.width <= w + 0.02);
					assert_true(fit.height <= h + 0.02);
					assert_true(fit.size >= LOOK_TEXT_LEAST);
					continue;
				}
				assert_true(fit.size <= LOOK_TEXT_LEAST + 0.01);
				assert_true(fit.width > w || fit.height > h);
			}
}

static void test_what_it_needs_is_enough(void **state)
{
	static const char text[] = "Several words that are wrapped over a number of lines";
	struct desk *d = *state;
	const struct look_text_block b = line(text);
	struct look_text_fit fit = fit_of(d, &b, 60, 5, 9);
	assert_false(fit.fits);
	const double needed = fit.height;
	assert_true(fit_of(d, &b, 60, needed, 9).fits);
	assert_false(fit_of(d, &b, 60, needed - 0.1, 9).fits);
}

static void test_shrinks_before_it_breaks(void **state)
{
	struct desk *d = *state;
	const struct look_text_block b = line("Contractorship");
	const double at_9 = fit_of(d, &b, 500, 20, 9).width;
	assert_true(fit_of(d, &b, at_9, 100, 9).size > 8.9);
	/* One line, smaller; not two lines at full size. */
	const struct look_text_fit smaller = fit_of(d, &b, at_9 * 0.6, 100, 9);
	assert_true(smaller.fits && smaller.size < 6 && smaller.height < 8);
	/* Where even the least size is too wide, it is broken, and may be larger again. */
	const struct look_text_fit broken = fit_of(d, &b, at_9 * 0.3, 100, 9);
	assert_true(broken.fits && broken.height > 9);
	/* A number is broken without ado. */
	struct look_text_block number = b;
	number.item[0].anywhere = true;
	assert_true(fit_of(d, &number, at_9 * 0.6, 100, 9).size > 8.9);
}

static void test_one_line(void **state)
{
	struct desk *d = *state;
	struct look_text_block b = line("Two words");
	b.one_line = true;
	const struct look_text_fit wide = fit_of(d, &b, 500, 100, 9);
	const struct look_text_fit narrow = fit_of(d, &b, wide.width / 2, 100, 9);
	assert_true(narrow.fits && narrow.size < 4.6);
	const struct look_text_fit tiny = fit_of(d, &b, wide.width / 5, 100, 9);
	assert_false(tiny.fits);
	assert_true(fit_of(d, &b, tiny.width, 100, 9).fits);
}

static void test_labels(void **state)
{
	struct desk *d = *state;
	struct look_text_block b = { .n = 0 };
	look_text_add(&b, (struct look_text_item){ .label = "Date", .text = "today", .scale = 1 });
	look_text_add(&b, (struct look_text_item){ .label = "Reason", .text = "none", .scale = 1 });
	/* Values begin in one column where there is room, else after their labels. */
	const struct look_text_fit wide = fit_of(d, &b, 200, 100, 9);
	const struct look_text_fit narrow = fit_of(d, &b, 66, 100, 9);
	assert_true(wide.fits && narrow.fits);
	assert_true(narrow.size < wide.size);
	assert_true(fit_of(d, &b, 34, 100, 9).fits);
	assert_int_equal(b.n, 2);
	/* Without a value there is no line. */
	look_text_add(&b, (struct look_text_item){ .label = "Place", .text = "", .scale = 1 });
	look_text_add(&b, (struct look_text_item){ .label = "Place", .text = NULL, .scale = 1 });
	assert_int_equal(b.n, 2);
}

static void test_caps(void **state)
{
	struct desk *d = *state;
	struct look_text_fit fit;
	char *text = scope_alloc(d->s, LIMIT_LOOK_TEXT + 2);
	memset(text, 'a', LIMIT_LOOK_TEXT + 1);
	struct look_text_block b = line(text);
	assert_int_equal(look_text_fit(d->s, d->p, &b, 90, 90, 9, &fit), ERR_LIMIT);
	/* As long as may be, and one letter on each line: too many of them, but no harm. */
	text[LIMIT_LOOK_TEXT] = '\0';
	assert_false(fit_of(d, &b, 5, 1e9, 4).fits);
	b = line("\xe4\xbd\xa0");
	scope_forgive(d->s);
	assert_int_equal(look_text_fit(d->s, d->p, &b, 90, 90, 9, &fit), ERR_UNSUPPORTED);
	assert_non_null(strstr(scope_fault_text(d->s), "U+4F60"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_boxes),
		TEST(test_what_it_needs_is_enough),
		TEST(test_shrinks_before_it_breaks),
		TEST(test_one_line),
		TEST(test_labels),
		TEST(test_caps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
