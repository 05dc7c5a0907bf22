#include "sealer/placement.h"

#include "base/scope.h"
#include "sealer/field.h"

/* Points between a text and the seal beside it. */
#define ANCHOR_GAP 4.0
/* What rounding of a caller's numbers may make: a box of the page's own size fits. */
#define SLACK 0.01
/* A /UserUnit that makes pages from a millimetre to some kilometres. */
#define LEAST_UNIT 1e-3
#define MOST_UNIT 1e5

/* Annotation flags (ISO 32000-2 table 167). */
enum {
	FLAG_HIDDEN = 1 << 1,
	FLAG_NO_ROTATE = 1 << 4,
	FLAG_NO_VIEW = 1 << 5
};

struct rectangle {
	double left, bottom, right, top;
};

static const struct rectangle letter = { 0, 0, 612, 792 };

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

static bool has_area(const struct rectangle *r)
{
	return r->right - r->left > 0 && r->top - r->bottom > 0;
}

/* Two opposite corners, in any order (7.9.5); false when it is none. */
static enum err rectangle_of(struct scope *s, const struct pdf_file *file,
    const struct pdf_value *v, bool *ret_ok, struct rectangle *ret_r)
{
	double n[4] = { 0 };
	*ret_ok = v && v->kind == PDF_ARRAY && v->array.n == 4;
	for (size_t i = 0; *ret_ok && i < 4; i++) {
		const struct pdf_value *item;
		TRY(pdf_file_resolve(s, file, pdf_file_latest(file), v->array.item[i], &item));
		*ret_ok = pdf_value_number(item, &n[i]);
	}
	*ret_r = (struct rectangle){ least(n[0], n[2]), least(n[1], n[3]), most(n[0], n[2]),
		most(n[1], n[3]) };
	*ret_ok = *ret_ok && has_area(ret_r);
	return OK;
}

static enum err inherited_box(struct scope *s, const struct pdf_file *file,
    const struct pdf_file_leaf *leaf, const char *key, bool *ret_ok, struct rectangle *ret_r)
{
	const struct pdf_value *v;
	TRY(pdf_file_leaf_find(s, file, pdf_file_latest(file), leaf, key, &v));
	return rectangle_of(s, file, v, ret_ok, ret_r);
}

static enum err visible_box(struct scope *s, const struct pdf_file *file,
    const struct pdf_file_leaf *leaf, struct rectangle *ret_r)
{
	struct rectangle media, crop;
	bool has_media, has_crop;
	TRY(inherited_box(s, file, leaf, "MediaBox", &has_media, &media));
	TRY(inherited_box(s, file, leaf, "CropBox", &has_crop, &crop));
	if (!has_media)
		media = letter;
	*ret_r = media;
	if (!has_crop)
		return OK;
	const struct rectangle both = { most(media.left, crop.left),
		most(media.bottom, crop.bottom), least(media.right, crop.right),
		least(media.top, crop.top) };
	if (has_area(&both))
		*ret_r = both;
	return OK;
}

/* A multiple of 90 as 0 to 270; anything else is no rotation. */
static int quarter_turns(const struct pdf_value *v)
{
	int64_t degrees = 0;
	if (!pdf_value_integer(v, &degrees) || degrees % 90)
		return 0;
	return (int)((degrees % 360 + 360) % 360);
}

static bool is_sideways(int rotate)
{
	return rotate == 90 || rotate == 270;
}

static enum err page_of_leaf(struct scope *s, const struct pdf_file *file,
    const struct pdf_file_leaf *leaf, struct placement_page *ret_page)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *rotate, *unit;
	struct rectangle r;
	double points = 1;
	TRY(visible_box(s, file, leaf, &r));
	TRY(pdf_file_leaf_find(s, file, rev, leaf, "Rotate", &rotate));
	TRY(pdf_file_find(s, file, rev, leaf->page, "UserUnit", &unit));
	if (!pdf_value_number(unit, &points) || !(points >= LEAST_UNIT && points <= MOST_UNIT))
		points = 1;
	const double w = (r.right - r.left) * points, h = (r.top - r.bottom) * points;
	const int turn = quarter_turns(rotate);
	*ret_page = (struct placement_page){ .ref = leaf->ref,
		.number = leaf->passed + 1,
		.left = r.left,
		.bottom = r.bottom,
		.right = r.right,
		.top = r.top,
		.rotate = turn,
		.unit = points,
		.width = is_sideways(turn) ? h : w,
		.height = is_sideways(turn) ? w : h };
	return OK;
}

enum err placement_page_open(
    struct scope *s, const struct pdf_file *file, int number, struct placement_page *ret_page)
{
	struct pdf_file_leaf leaf;
	const size_t rev = pdf_file_latest(file);
	TRY(pdf_file_leaf(s, file, rev, number < 0 ? SIZE_MAX : (size_t)number - 1, &leaf));
	if (number < 0 && leaf.passed > 0)
		TRY(pdf_file_leaf(s, file, rev, leaf.passed - 1, &leaf));
	if (!leaf.page)
		return scope_fault(s, ERR_DENIED,
		    "there is no page %d to put the seal on: %zu in all", number, leaf.passed);
	if (!leaf.ref.num)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "page %d is not an object of its own", number);
	return page_of_leaf(s, file, &leaf, ret_page);
}

/* -- turning -- */

/* Turns a form of this size to the left by as much as its page is turned to the right. */
static void set_matrix(struct placement_spot *spot, int rotate)
{
	const double w = spot->width, h = spot->height;
	const double turns[4][6] = {
		{ 1, 0, 0, 1, 0, 0 },
		{ 0, 1, -1, 0, h, 0 },
		{ -1, 0, 0, -1, w, h },
		{ 0, -1, 1, 0, 0, w },
	};
	for (size_t i = 0; i < 6; i++)
		spot->matrix[i] = turns[rotate / 90][i];
}

/* The box in units of user space, from the corner that is the upper left one to the eye. */
static struct rectangle user_space(const struct placement_page *p, const struct placement_box *b)
{
	const double x = b->x / p->unit, y = b->y / p->unit, w = b->w / p->unit, h = b->h / p->unit;
	switch (p->rotate) {
	case 90:
		return (struct rectangle){ p->left + y, p->bottom + x, p->left + y + h,
			p->bottom + x + w };
	case 180:
		return (struct rectangle){ p->right - x - w, p->bottom + y, p->right - x,
			p->bottom + y + h };
	case 270:
		return (
		    struct rectangle){ p->right - y - h, p->top - x - w, p->right - y, p->top - x };
	default:
		return (
		    struct rectangle){ p->left + x, p->top - y - h, p->left + x + w, p->top - y };
	}
}

static struct placement_spot spot_of(
    struct pdf_ref page, const struct rectangle *r, double width, double height, int rotate)
{
	struct placement_spot spot = { .page = page,
		.rect = { r->left, r->bottom, r->right, r->top },
		.width = width,
		.height = height };
	set_matrix(&spot, rotate);
	return spot;
}

enum err placement_on_page(struct scope *s, const struct placement_page *page,
    struct placement_box box, struct placement_spot *ret_spot)
{
	/* Written so that what is not a number is refused too. */
	if (!(box.w > 0 && box.h > 0))
		return scope_fault(s, ERR_DENIED, "the box of the seal has no area");
	if (!(box.x >= -SLACK && box.y >= -SLACK && box.x + box.w <= page->width + SLACK &&
		box.y + box.h <= page->height + SLACK))
		return scope_fault(s, ERR_DENIED,
		    "the seal would reach outside of page %zu: to %.6g, %.6g from %.6g, %.6g, and "
		    "the page has %.6g x %.6g points",
		    page->number, box.x + box.w, box.y + box.h, box.x, box.y, page->width,
		    page->height);
	const struct rectangle r = user_space(page, &box);
	*ret_spot = spot_of(page->ref, &r, box.w, box.h, page->rotate);
	return OK;
}

static double between(double v, double low, double high)
{
	return most(low, least(v, high));
}

struct placement_box placement_beside(const struct placement_page *page,
    const struct placement_box *anchor, enum placement_side side, double w, double h)
{
	const double u = page->unit;
	const struct placement_box a = { anchor->x * u, anchor->y * u, anchor->w * u,
		anchor->h * u };
	const double most_x = page->width - w, most_y = page->height - h;
	switch (side) {
	case PLACEMENT_SIDE_RIGHT:
		return (struct placement_box){ a.x + a.w + ANCHOR_GAP,
			between(a.y + (a.h - h) / 2, 0, most_y), w, h };
	case PLACEMENT_SIDE_BELOW:
		return (
		    struct placement_box){ between(a.x, 0, most_x), a.y + a.h + ANCHOR_GAP, w, h };
	case PLACEMENT_SIDE_OVER:
	case PLACEMENT_SIDE_NONE:
	default:
		return (
		    struct placement_box){ between(a.x, 0, most_x), between(a.y, 0, most_y), w, h };
	}
}

/* -- a field that is there -- */

static enum err leaf_of_widget(struct scope *s, const struct pdf_file *file, struct pdf_ref ref,
    const struct pdf_value *widget, struct pdf_file_leaf *ret_leaf)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *page = pdf_value_find(widget, "P");
	*ret_leaf = (struct pdf_file_leaf){ 0 };
	if (page && page->kind == PDF_REF && page->ref.num)
		TRY(pdf_file_leaf_with(s, file, rev, page->ref, (struct pdf_ref){ 0 }, ret_leaf));
	if (!ret_leaf->page)
		TRY(pdf_file_leaf_with(s, file, rev, (struct pdf_ref){ 0 }, ref, ret_leaf));
	return OK;
}

static enum err turn_of_widget(struct scope *s, const struct pdf_file *file,
    const struct pdf_value *widget, int64_t flags, int page_rotate, int *ret_rotate)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *mk, *r;
	TRY(pdf_file_find(s, file, rev, widget, "MK", &mk));
	TRY(pdf_file_find(s, file, rev, mk, "R", &r));
	*ret_rotate = r->kind == PDF_NULL ? page_rotate : quarter_turns(r);
	if (flags & FLAG_NO_ROTATE)
		*ret_rotate = 0;
	return OK;
}

enum err placement_of_field(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *field, struct placement_spot *ret_spot)
{
	const size_t rev = pdf_file_latest(file);
	struct pdf_ref ref;
	const struct pdf_value *widget, *rect, *f;
	struct pdf_file_leaf leaf;
	struct placement_page page;
	struct rectangle r;
	bool has_rect;
	int rotate = 0;
	int64_t flags = 0;
	TRY(field_widget(s, file, field, &ref, &widget));
	TRY(pdf_file_find(s, file, rev, widget, "Rect", &rect));
	TRY(rectangle_of(s, file, rect, &has_rect, &r));
	TRY(pdf_file_find(s, file, rev, widget, "F", &f));
	pdf_value_integer(f, &flags);
	if (!has_rect || (flags & (FLAG_HIDDEN | FLAG_NO_VIEW)))
		return scope_fault(s, ERR_DENIED, "field \"%s\" is invisible", field->name);
	TRY(leaf_of_widget(s, file, ref, widget, &leaf));
	if (!leaf.page)
		return scope_fault(s, ERR_DENIED, "field \"%s\" is on no page", field->name);
	TRY(page_of_leaf(s, file, &leaf, &page));
	TRY(turn_of_widget(s, file, widget, flags, page.rotate, &rotate));
	const double w = (r.right - r.left) * page.unit, h = (r.top - r.bottom) * page.unit;
	*ret_spot =
	    spot_of(leaf.ref, &r, is_sideways(rotate) ? h : w, is_sideways(rotate) ? w : h, rotate);
	return OK;
}
