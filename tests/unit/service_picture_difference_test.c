/* service/picture_difference, service/raster: where two pictures differ; marks, parts, PNG */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/picture_difference.h"

#define WIDTH 60
#define HEIGHT 40
#define MARGIN 2

struct pair {
	struct scope *s;
	struct raster before, after;
	uint32_t *was, *is;
	struct picture_difference d;
};

static int setup(void **state)
{
	static struct pair p;
	p = (struct pair){ .s = scope_new(0) };
	if (raster_new(p.s, WIDTH, HEIGHT, &p.before, &p.was) != OK ||
	    raster_new(p.s, WIDTH, HEIGHT, &p.after, &p.is) != OK)
		return 1;
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	scope_free(((struct pair *)*state)->s);
	return 0;
}

static void find(struct pair *p)
{
	assert_int_equal(picture_difference_find(p->s, &p->before, &p->after, MARGIN, &p->d), OK);
}

static void fill(uint32_t *pixel, struct raster_box b, uint32_t with)
{
	for (uint32_t y = b.top; y < b.bottom; y++)
		for (uint32_t x = b.left; x < b.right; x++)
			pixel[y * WIDTH + x] = with;
}

static void assert_area(
    const struct pair *p, size_t i, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom)
{
	assert_true(i < p->d.n_areas);
	assert_int_equal(p->d.area[i].left, left);
	assert_int_equal(p->d.area[i].top, top);
	assert_int_equal(p->d.area[i].right, right);
	assert_int_equal(p->d.area[i].bottom, bottom);
}

static void the_same_does_not_differ(void **state)
{
	struct pair *p = *state;
	fill(p->was, (struct raster_box){ 3, 3, 20, 20 }, 0x102030);
	fill(p->is, (struct raster_box){ 3, 3, 20, 20 }, 0xff102030); /* the top octet is nothing */
	find(p);
	assert_int_equal(p->d.n_areas, 0);
	assert_int_equal(p->d.pixels, 0);
	assert_int_equal(p->d.ink, 17 * 17);
	assert_false(p->d.other_size);
}

/* As two renderers, or two roundings, give it. */
static void noise_does_not_differ(void **state)
{
	struct pair *p = *state;
	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
		uint32_t level = (i * 37) % 240;
		p->was[i] = level << 16 | level << 8 | level;
		level += i % (PICTURE_DIFFERENCE_TOLERANCE + 1);
		p->is[i] = level << 16 | level << 8 | level;
	}
	find(p);
	assert_int_equal(p->d.pixels, 0);
}

static void each_colour_counts_beyond_the_tolerance(void **state)
{
	struct pair *p = *state;
	for (unsigned shift = 0; shift <= 16; shift += 8) {
		fill(p->was, (struct raster_box){ 0, 0, WIDTH, HEIGHT }, 0x808080);
		fill(p->is, (struct raster_box){ 0, 0, WIDTH, HEIGHT }, 0x808080);
		p->is[0] += PICTURE_DIFFERENCE_TOLERANCE << shift;
		p->is[1] -= PICTURE_DIFFERENCE_TOLERANCE << shift;
		find(p);
		assert_int_equal(p->d.pixels, 0);
		p->is[0] += 1u << shift;
		p->is[1] -= 1u << shift;
		find(p);
		assert_int_equal(p->d.pixels, 2);
	}
}

static void one_pixel_is_an_area(void **state)
{
	struct pair *p = *state;
	p->is[10 * WIDTH + 20] = 0;
	find(p);
	assert_int_equal(p->d.n_areas, 1);
	assert_int_equal(p->d.pixels, 1);
	assert_int_equal(p->d.ink, 1);
	assert_area(p, 0, 20 - MARGIN, 10 - MARGIN, 21 + MARGIN, 11 + MARGIN);
}

static void a_margin_ends_at_the_edge(void **state)
{
	struct pair *p = *state;
	p->is[0] = 0;
	p->is[WIDTH * HEIGHT - 1] = 0;
	find(p);
	assert_int_equal(p->d.n_areas, 2);
	assert_area(p, 0, 0, 0, 1 + MARGIN, 1 + MARGIN);
	assert_area(p, 1, WIDTH - 1 - MARGIN, HEIGHT - 1 - MARGIN, WIDTH, HEIGHT);
}

static void neighbours_are_one_area(void **state)
{
	struct pair *p = *state;
	fill(p->is, (struct raster_box){ 5, 5, 8, 8 }, 0);
	fill(p->is, (struct raster_box){ 8 + 2 * MARGIN, 6, 15 + 2 * MARGIN, 9 }, 0);
	find(p);
	assert_int_equal(p->d.n_areas, 1);
	assert_area(p, 0, 3, 3, 17 + 2 * MARGIN, 11);
	/* One pixel further they are two, and do not overlap. */
	fill(p->is, (struct raster_box){ 8 + 2 * MARGIN, 6, 9 + 2 * MARGIN, 9 }, 0xffffff);
	find(p);
	assert_int_equal(p->d.n_areas, 2);
	assert_true(p->d.area[0].right <= p->d.area[1].left);
}

/* Two that only a third one brings together. */
static void a_bridge_joins_all(void **state)
{
	struct pair *p = *state;
	fill(p->is, (struct raster_box){ 5, 5, 8, 8 }, 0);
	fill(p->is, (struct raster_box){ 30, 5, 33, 8 }, 0);
	find(p);
	assert_int_equal(p->d.n_areas, 2);
	fill(p->is, (struct raster_box){ 8, 10, 30, 11 }, 0);
	find(p);
	assert_int_equal(p->d.n_areas, 1);
	assert_area(p, 0, 3, 3, 35, 13);
}

static void areas_stand_from_the_top_down(void **state)
{
	struct pair *p = *state;
	p->is[30 * WIDTH + 2] = 0;
	p->is[5 * WIDTH + 50] = 0;
	p->is[5 * WIDTH + 10] = 0;
	find(p);
	assert_int_equal(p->d.n_areas, 3);
	assert_int_equal(p->d.area[0].left, 8);
	assert_int_equal(p->d.area[1].left, 48);
	assert_int_equal(p->d.area[2].left, 0);
}

static void what_vanished_differs_too(void **state)
{
	struct pair *p = *state;
	fill(p->was, (struct raster_box){ 5, 5, 8, 8 }, 0);
	find(p);
	assert_int_equal(p->d.pixels, 9);
	assert_int_equal(p->d.ink, 9);
}

static void another_size_differs_where_there_is_more(void **state)
{
	struct pair *p = *state;
	assert_int_equal(raster_new(p->s, WIDTH, HEIGHT + 7, &p->after, &p->is), OK);
	find(p);
	assert_true(p->d.other_size);
	assert_int_equal(p->d.n_areas, 1);
	assert_int_equal(p->d.pixels, 7 * WIDTH);
	assert_int_equal(p->d.ink, 0);
	assert_area(p, 0, 0, HEIGHT - MARGIN, WIDTH, HEIGHT + 7);
}

/* The same page on its side. */
static void a_turned_page_differs(void **state)
{
	struct pair *p = *state;
	assert_int_equal(raster_new(p->s, HEIGHT, WIDTH, &p->after, &p->is), OK);
	find(p);
	assert_true(p->d.other_size);
	assert_int_equal(p->d.pixels, 2 * (WIDTH - HEIGHT) * HEIGHT);
}

static void there_are_never_too_many_areas(void **state)
{
	struct pair *p = *state;
	const uint32_t side = 400, step = 2 * MARGIN + 3;
	size_t dots = 0;
	assert_int_equal(raster_new(p->s, side, side, &p->before, &p->was), OK);
	assert_int_equal(raster_new(p->s, side, side, &p->after, &p->is), OK);
	for (uint32_t y = 0; y < side; y += step)
		for (uint32_t x = 0; x < side; x += step, dots++)
			p->is[y * side + x] = 0;
	find(p);
	assert_int_equal(p->d.pixels, dots);
	assert_true(p->d.n_areas >= 1 && p->d.n_areas <= LIMIT_PICTURE_AREAS);
	for (uint32_t y = 0; y < side; y += step)
		for (uint32_t x = 0; x < side; x += step) {
			size_t within = 0;
			for (size_t i = 0; i < p->d.n_areas; i++)
				within += x >= p->d.area[i].left && x < p->d.area[i].right &&
					  y >= p->d.area[i].top && y < p->d.area[i].bottom;
			assert_int_equal(within, 1);
		}
}

/* -- rasters -- */
static void a_reduced_picture_keeps_its_shape_and_its_mean(void **state)
{
	struct pair *p = *state;
	struct raster small;
	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
		p->was[i] = i % 2 ? 0xffffff : 0x000000;
	assert_int_equal(raster_reduce(p->s, &p->before, 30, &small), OK);
	assert_int_equal(small.width, 30);
	assert_int_equal(small.height, 20);
	for (size_t i = 0; i < 600; i++)
		assert_int_equal(small.pixel[i], 0x7f7f7f);
	assert_int_equal(raster_reduce(p->s, &p->before, WIDTH, &small), OK);
	assert_ptr_equal(small.pixel, p->before.pixel);
}

static void a_part_is_cut_out(void **state)
{
	struct pair *p = *state;
	struct raster part;
	p->was[4 * WIDTH + 3] = 0x123456;
	assert_int_equal(
	    raster_crop(p->s, &p->before, (struct raster_box){ 3, 4, 5, 1000 }, &part), OK);
	assert_int_equal(part.width, 2);
	assert_int_equal(part.height, HEIGHT - 4);
	assert_int_equal(part.pixel[0] & 0xffffff, 0x123456);
	assert_int_equal(part.pixel[1] & 0xffffff, 0xffffff);
}

static void marks_stand_around_what_they_mark(void **state)
{
	struct pair *p = *state;
	struct raster marked;
	const struct raster_box boxes[] = { { 10, 10, 20, 15 }, { 1000, 0, 1001, 1 } };
	fill(p->was, (struct raster_box){ 0, 0, WIDTH, HEIGHT }, 0x000000);
	assert_int_equal(raster_mark(p->s, &p->before, boxes, 2, 2, 0xff0000, &marked), OK);
	assert_int_equal(marked.pixel[12 * WIDTH + 12], 0x000000);
	assert_int_equal(marked.pixel[10 * WIDTH + 10], 0x000000);
	assert_int_equal(marked.pixel[9 * WIDTH + 10], 0xff0000);
	assert_int_equal(marked.pixel[8 * WIDTH + 8], 0xff0000);
	assert_int_equal(marked.pixel[7 * WIDTH + 8], 0xaaaaaa);
	assert_int_equal(marked.pixel[15 * WIDTH + 20], 0xff0000);
	assert_int_equal(marked.pixel[17 * WIDTH + 22], 0xaaaaaa);
}

static void a_png_is_the_same_each_time(void **state)
{
	struct pair *p = *state;
	struct bytes one, two;
	fill(p->was, (struct raster_box){ 3, 3, 20, 20 }, 0x102030);
	fill(p->is, (struct raster_box){ 3, 3, 20, 20 }, 0x102030);
	assert_int_equal(raster_png(p->s, &p->before, &one), OK);
	assert_int_equal(raster_png(p->s, &p->after, &two), OK);
	assert_true(bytes_has_prefix(one, BYTES_LIT("\x89PNG\r\n\x1a\n")));
	assert_true(bytes_equal(one, two));
}

static void impossible_sizes_are_refused(void **state)
{
	struct pair *p = *state;
	struct raster r;
	uint32_t *pixel;
	assert_int_equal(raster_new(p->s, 0, 5, &r, &pixel), ERR_LIMIT);
	assert_int_equal(raster_new(p->s, 5, 0, &r, &pixel), ERR_LIMIT);
	assert_int_equal(raster_new(p->s, UINT32_MAX, UINT32_MAX, &r, &pixel), ERR_LIMIT);
	assert_int_equal(raster_new(p->s, LIMIT_PREVIEW_PIXELS + 1, 1, &r, &pixel), ERR_LIMIT);
	assert_int_equal(raster_new(p->s, LIMIT_PREVIEW_PIXELS, 1, &r, &pixel), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_does_not_differ),
		TEST(noise_does_not_differ),
		TEST(each_colour_counts_beyond_the_tolerance),
		TEST(one_pixel_is_an_area),
		TEST(a_margin_ends_at_the_edge),
		TEST(neighbours_are_one_area),
		TEST(a_bridge_joins_all),
		TEST(areas_stand_from_the_top_down),
		TEST(what_vanished_differs_too),
		TEST(another_size_differs_where_there_is_more),
		TEST(a_turned_page_differs),
		TEST(there_are_never_too_many_areas),
		TEST(a_reduced_picture_keeps_its_shape_and_its_mean),
		TEST(a_part_is_cut_out),
		TEST(marks_stand_around_what_they_mark),
		TEST(a_png_is_the_same_each_time),
		TEST(impossible_sizes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
