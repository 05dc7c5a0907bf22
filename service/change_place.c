#include "service/change_place.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/placement.h"

#define DEPTH 12 /* page, resources, form, resources, form, ... */

struct walk {
	struct scope *s;
	const struct pdf_file *f;
	const uint32_t *objects; /* that are asked for */
	size_t n_objects;
	struct change_place_list *places;
	struct change_place here; /* what the next one gets */
	size_t steps;             /* left */
};

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static bool is_same_box(const struct change_place *a, const struct change_place *b)
{
	return a->has_box == b->has_box && a->box.left <= b->box.left && a->box.top <= b->box.top &&
	       a->box.right >= b->box.right && a->box.bottom >= b->box.bottom;
}

/* Once for each place of an object, if it is asked for. */
static enum err add(struct walk *w, uint32_t object)
{
	struct change_place_list *p = w->places;
	struct change_place place = w->here;
	place.object = object;
	if (!w->n_objects || !bsearch(&object, w->objects, w->n_objects, sizeof(object), by_number))
		return OK;
	for (size_t i = p->n; i && p->item[i - 1].page == place.page; i--)
		if (p->item[i - 1].object == object && is_same_box(&p->item[i - 1], &place))
			return OK;
	if (p->n == LIMIT_CHANGE_PLACES)
		return OK;
	if (p->n == p->room) {
		size_t more = p->room ? 2 * p->room : 64;
		struct change_place *grown = scope_resize(
		    w->s, p->item, p->room * sizeof(*p->item), more * sizeof(*p->item));
		if (!grown)
			return ERR_NOMEM;
		p->item = grown;
		p->room = more;
	}
	p->item[p->n++] = place;
	return OK;
}

/* What cannot be read, or is no page that could be looked at, has no place. */
static enum err pass_over(struct scope *s, enum err e)
{
	if (e == ERR_NOMEM || e == OK)
		return e;
	scope_forgive(s);
	return OK;
}

static const struct pdf_value *resolved(struct walk *w, const struct pdf_value *v)
{
	const struct pdf_value *found;
	if (pdf_file_resolve(w->s, w->f, pdf_file_latest(w->f), v, &found) == OK)
		return found;
	scope_forgive(w->s);
	return &pdf_value_null;
}

/* Keys that lead away from what a page shows: up, sideways, or to other pages. */
static bool leads_away(const struct pdf_entry *e)
{
	static const char *const keys[] = { "Parent", "P", "Annots", "B", "StructParent",
		"StructParents", "Popup", "IRT", "Dest", "A", "AA", "Kids", "Metadata", "PieceInfo",
		"V", "Next", "Prev" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (bytes_equal_str(e->key, keys[i]))
			return true;
	return false;
}

static enum err walk(struct walk *w, const struct pdf_value *v, unsigned depth);

static enum err walk_dict(struct walk *w, const struct pdf_value *dict, unsigned depth)
{
	for (size_t i = 0; i < dict->dict.n; i++)
		if (!leads_away(&dict->dict.item[i]))
			TRY(walk(w, dict->dict.item[i].value, depth + 1));
	return OK;
}

/* All that hangs below a value. */
static enum err walk(struct walk *w, const struct pdf_value *v, unsigned depth)
{
	if (depth > DEPTH || w->steps == 0)
		return OK;
	w->steps--;
	if (v->kind == PDF_REF) {
		TRY(add(w, v->ref.num));
		v = resolved(w, v);
	}
	if (v->kind == PDF_STREAM)
		return walk_dict(w, v->stream.dict, depth);
	if (v->kind == PDF_DICT)
		return walk_dict(w, v, depth);
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(walk(w, v->array.item[i], depth + 1));
	return OK;
}

/* -- annotations -- */
static bool read_rect(struct walk *w, const struct pdf_value *annotation, double ret_rect[4])
{
	const struct pdf_value *rect = resolved(w, pdf_value_find(annotation, "Rect"));
	if (rect->kind != PDF_ARRAY || rect->array.n < 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!pdf_value_number(resolved(w, rect->array.item[i]), &ret_rect[i]))
			return false;
	return true;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

/* From the page's user space to how it is seen. */
static struct change_box seen(const struct placement_page *p, const double r[4])
{
	const double left = (least(r[0], r[2]) - p->left) * p->unit;
	const double right = (most(r[0], r[2]) - p->left) * p->unit;
	const double bottom = (least(r[1], r[3]) - p->bottom) * p->unit;
	const double top = (most(r[1], r[3]) - p->bottom) * p->unit;
	const double wide = (p->right - p->left) * p->unit, high = (p->top - p->bottom) * p->unit;
	switch (p->rotate) {
	case 90:
		return (struct change_box){ bottom, left, top, right };
	case 180:
		return (struct change_box){ wide - right, bottom, wide - left, top };
	case 270:
		return (struct change_box){ high - top, wide - right, high - bottom, wide - left };
	default:
		return (struct change_box){ left, high - top, right, high - bottom };
	}
}

/* The field that a widget belongs to, up to the form. */
static enum err add_fields_above(struct walk *w, const struct pdf_value *annotation)
{
	for (unsigned i = 0; i < DEPTH && annotation->kind == PDF_DICT; i++) {
		const struct pdf_value *parent = pdf_value_find(annotation, "Parent");
		if (!parent || parent->kind != PDF_REF)
			return OK;
		TRY(add(w, parent->ref.num));
		annotation = resolved(w, parent);
	}
	return OK;
}

static enum err add_annotation(
    struct walk *w, const struct pdf_value *ref, const struct placement_page *page)
{
	double rect[4];
	const struct pdf_value *annotation = resolved(w, ref);
	if (annotation->kind != PDF_DICT)
		return OK;
	w->here.has_box = read_rect(w, annotation, rect);
	if (w->here.has_box)
		w->here.box = seen(page, rect);
	TRY(walk(w, ref, 0));
	return add_fields_above(w, annotation);
}

static enum err add_annotations(
    struct walk *w, const struct pdf_value *page, const struct placement_page *geometry)
{
	const struct pdf_value *list = pdf_value_find(page, "Annots");
	if (!list)
		return OK;
	if (list->kind == PDF_REF)
		TRY(add(w, list->ref.num));
	list = resolved(w, list);
	for (size_t i = 0; list->kind == PDF_ARRAY && i < list->array.n; i++)
		TRY(add_annotation(w, list->array.item[i], geometry));
	return OK;
}

/* -- pages -- */
static enum err add_page(struct walk *w, uint32_t number)
{
	struct pdf_file_leaf leaf;
	struct placement_page geometry;
	const struct pdf_value *resources;
	const size_t rev = pdf_file_latest(w->f);
	TRY(placement_page_open(w->s, w->f, (int)number, &geometry));
	TRY(pdf_file_leaf(w->s, w->f, rev, number - 1, &leaf));
	TRY(pdf_file_leaf_find(w->s, w->f, rev, &leaf, "Resources", &resources));
	w->here = (struct change_place){ .page = number };
	TRY(add(w, leaf.ref.num));
	TRY(walk(w, leaf.page, 0));
	TRY(walk(w, resources, 0));
	return add_annotations(w, leaf.page, &geometry);
}

enum err change_place_add(struct scope *s, const struct pdf_file *f, uint32_t page,
    const uint32_t *objects, size_t n_objects, struct change_place_list *places)
{
	struct walk w = { s, f, objects, n_objects, places, { .page = page }, LIMIT_CHANGE_STEPS };
	if (page < 1 || page > INT32_MAX)
		return OK;
	return pass_over(s, add_page(&w, page));
}

enum err change_place_pages(
    struct scope *s, const struct pdf_file *f, uint32_t **ret_objects, size_t *ret_n)
{
	uint32_t *objects = scope_alloc_array(s, LIMIT_PREVIEW_PAGES, sizeof(*objects));
	if (!objects)
		return ERR_NOMEM;
	size_t n = 0;
	for (; n < LIMIT_PREVIEW_PAGES; n++) {
		struct pdf_ref ref;
		const struct pdf_value *page;
		TRY(pdf_file_page(s, f, pdf_file_latest(f), n, &ref, &page));
		if (!page)
			break;
		objects[n] = ref.num;
	}
	*ret_objects = objects;
	*ret_n = n;
	return OK;
}
