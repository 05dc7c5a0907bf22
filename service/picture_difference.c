#include "service/picture_difference.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

struct areas {
	struct raster_box item[LIMIT_PICTURE_AREAS + 1];
	size_t n;
	uint32_t margin;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* -- pixels -- */
static bool is_far(uint32_t a, uint32_t b, unsigned shift)
{
	int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
	return d > PICTURE_DIFFERENCE_TOLERANCE || d < -PICTURE_DIFFERENCE_TOLERANCE;
}

static bool is_other(uint32_t a, uint32_t b)
{
	return is_far(a, b, 16) || is_far(a, b, 8) || is_far(a, b, 0);
}

#define WHITE 0xffffffu
#define OUTSIDE 0x1000000u /* no pixel: it differs from every one */

static uint32_t pixel_at(const struct raster *r, uint32_t x, uint32_t y)
{
	if (x >= r->width || y >= r->height)
		return OUTSIDE;
	return r->pixel[(size_t)y * r->width + x] & WHITE;
}

static bool has_ink(uint32_t p)
{
	return p != OUTSIDE && is_other(p, WHITE);
}

/* -- areas -- */
static struct raster_box joined(struct raster_box a, struct raster_box b)
{
	return (struct raster_box){ smaller(a.left, b.left), smaller(a.top, b.top),
		larger(a.right, b.right), larger(a.bottom, b.bottom) };
}

/* How far apart, over the larger of the two ways; 0: they touch. */
static uint32_t distance(struct raster_box a, struct raster_box b)
{
	uint32_t x = a.left > b.right ? a.left - b.right : b.left > a.right ? b.left - a.right : 0;
	uint32_t y = a.top > b.bottom ? a.top - b.bottom : b.top > a.bottom ? b.top - a.bottom : 0;
	return larger(x, y);
}

static void drop(struct areas *a, size_t i)
{
	a->item[i] = a->item[--a->n];
}

/* Takes into area i all that is near it, and then what is near the larger one. */
static size_t absorb(struct areas *a, size_t i)
{
	for (size_t k = 0; k < a->n; k++) {
		if (k == i || distance(a->item[i], a->item[k]) > 2 * a->margin)
			continue;
		a->item[i] = joined(a->item[i], a->item[k]);
		drop(a, k);
		if (i == a->n)
			i = k;
		k = SIZE_MAX; /* from the beginning */
	}
	return i;
}

/* Joins the two that are nearest to each other. */
static void join_nearest(struct areas *a)
{
	uint32_t best = UINT32_MAX;
	size_t first = 0, second = 1;
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = i + 1; k < a->n; k++) {
			uint32_t d = distance(a->item[i], a->item[k]);
			if (d >= best)
				continue;
			best = d;
			first = i;
			second = k;
		}
	a->item[first] = joined(a->item[first], a->item[second]);
	drop(a, second);
	absorb(a, first);
}

static void add_run(struct areas *a, struct raster_box run)
{
	a->item[a->n++] = run;
	absorb(a, a->n - 1);
	if (a->n > LIMIT_PICTURE_AREAS)
		join_nearest(a);
}

/* The parts of one row that differ, run by run. */
static void add_row(struct areas *a, const struct raster *before, const struct raster *after,
    uint32_t y, struct picture_difference *d)
{
	uint32_t width = larger(before->width, after->width), start = 0;
	bool in_run = false;
	for (uint32_t x = 0; x < width; x++) {
		uint32_t p = pixel_at(before, x, y), q = pixel_at(after, x, y);
		bool other = p != q && (p == OUTSIDE || q == OUTSIDE || is_other(p, q));
		d->pixels += other;
		d->ink += has_ink(p) || has_ink(q);
		if (other && !in_run)
			start = x;
		if (!other && in_run)
			add_run(a, (struct raster_box){ start, y, x, y + 1 });
		in_run = other;
	}
	if (in_run)
		add_run(a, (struct raster_box){ start, y, width, y + 1 });
}

static struct raster_box with_margin(
    struct raster_box b, uint32_t margin, uint32_t width, uint32_t height)
{
	return (struct raster_box){ b.left > margin ? b.left - margin : 0,
		b.top > margin ? b.top - margin : 0, smaller(width, b.right + margin),
		smaller(height, b.bottom + margin) };
}

static bool stands_before(struct raster_box a, struct raster_box b)
{
	return a.top != b.top ? a.top < b.top : a.left < b.left;
}

static void sort(struct raster_box *item, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k && stands_before(item[k], item[k - 1]); k--) {
			struct raster_box kept = item[k];
			item[k] = item[k - 1];
			item[k - 1] = kept;
		}
}

enum err picture_difference_find(struct scope *s, const struct raster *before,
    const struct raster *after, uint32_t margin, struct picture_difference *ret_difference)
{
	uint32_t width = larger(before->width, after->width);
	uint32_t height = larger(before->height, after->height);
	struct areas a = { .n = 0, .margin = margin };
	struct picture_difference d = { .other_size = before->width != after->width ||
						      before->height != after->height };
	for (uint32_t y = 0; y < height; y++)
		add_row(&a, before, after, y, &d);
	d.area = scope_alloc_array(s, a.n, sizeof(*d.area));
	if (!d.area)
		return ERR_NOMEM;
	d.n_areas = a.n;
	for (size_t i = 0; i < a.n; i++)
		d.area[i] = with_margin(a.item[i], margin, width, height);
	sort(d.area, d.n_areas);
	*ret_difference = d;
	return OK;
}
