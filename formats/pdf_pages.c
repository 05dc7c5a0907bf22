#include "formats/pdf_pages.h"

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"

struct inherited {
	const struct pdf_value *resources, *media, *crop; /* NULL: none */
};

struct walk {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev, visited, depth, room;
	struct pdf_ref path[LIMIT_PDF_DEPTH];
	struct pdf_pages pages;
};

enum err pdf_pages_rect(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *array, bool *ret_is, struct pdf_rect *ret_rect)
{
	double n[4] = { 0 };
	*ret_is = array->kind == PDF_ARRAY && array->array.n >= 4;
	for (size_t i = 0; *ret_is && i < 4; i++) {
		const struct pdf_value *v;
		TRY(pdf_field_resolve(s, f, rev, array->array.item[i], NULL, NULL, &v));
		*ret_is = pdf_value_number(v, &n[i]);
	}
	if (*ret_is)
		*ret_rect = (struct pdf_rect){ n[0] < n[2] ? n[0] : n[2], n[1] < n[3] ? n[1] : n[3],
			n[0] < n[2] ? n[2] : n[0], n[1] < n[3] ? n[3] : n[1] };
	return OK;
}

double pdf_pages_area(const struct pdf_rect *r)
{
	return (r->x1 - r->x0) * (r->y1 - r->y0);
}

struct pdf_rect pdf_pages_meet(const struct pdf_rect *a, const struct pdf_rect *b)
{
	const struct pdf_rect r = { a->x0 > b->x0 ? a->x0 : b->x0, a->y0 > b->y0 ? a->y0 : b->y0,
		a->x1 < b->x1 ? a->x1 : b->x1, a->y1 < b->y1 ? a->y1 : b->y1 };
	return r.x0 < r.x1 && r.y0 < r.y1 ? r : (struct pdf_rect){ 0 };
}

static enum err read_box(struct walk *w, const struct inherited *up, struct pdf_rect *ret_box)
{
	const struct pdf_value *const boxes[] = { up->crop, up->media };
	*ret_box = (struct pdf_rect){ 0, 0, 612, 792 };
	for (size_t i = 0; i < 2; i++) {
		const struct pdf_value *v;
		bool is;
		TRY(pdf_field_resolve(w->s, w->f, w->rev, boxes[i], NULL, NULL, &v));
		TRY(pdf_pages_rect(w->s, w->f, w->rev, v, &is, ret_box));
		if (is && pdf_pages_area(ret_box) > 0)
			return OK;
	}
	*ret_box = (struct pdf_rect){ 0, 0, 612, 792 };
	return OK;
}

static enum err add(
    struct walk *w, struct pdf_ref ref, const struct pdf_value *dict, const struct inherited *up)
{
	struct pdf_page page = { .ref = ref, .dict = dict };
	TRY(pdf_field_resolve(w->s, w->f, w->rev, up->resources, NULL, NULL, &page.resources));
	TRY(read_box(w, up, &page.box));
	if (w->pages.n == w->room) {
		const size_t room = w->room ? 2 * w->room : 16;
		struct pdf_page *more = scope_resize(
		    w->s, w->pages.item, w->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		w->pages.item = more;
		w->room = room;
	}
	w->pages.item[w->pages.n++] = page;
	return OK;
}

static bool is_on_path(const struct walk *w, struct pdf_ref ref)
{
	for (size_t i = 0; i < w->depth; i++)
		if (ref.num != 0 && pdf_value_refs_equal(w->path[i], ref))
			return true;
	return false;
}

static void inherit(const struct pdf_value *dict, const char *key, const struct pdf_value **entry)
{
	const struct pdf_value *own = pdf_value_find(dict, key);
	if (own && own->kind != PDF_NULL)
		*entry = own;
}

static enum err walk(struct walk *w, const struct pdf_value *node, struct inherited up)
{
	const struct pdf_ref ref = node->kind == PDF_REF ? node->ref : (struct pdf_ref){ 0 };
	const struct pdf_value *dict, *kids;
	if (is_on_path(w, ref))
		return OK;
	if (++w->visited > LIMIT_PDF_PAGES || w->depth == LIMIT_PDF_DEPTH)
		return scope_fault(w->s, ERR_LIMIT, "pdf: the page tree is too large or too deep");
	TRY(pdf_field_resolve(w->s, w->f, w->rev, node, NULL, NULL, &dict));
	if (dict->kind != PDF_DICT)
		return OK;
	inherit(dict, "Resources", &up.resources);
	inherit(dict, "MediaBox", &up.media);
	inherit(dict, "CropBox", &up.crop);
	TRY(pdf_field_find(w->s, w->f, w->rev, dict, "Kids", NULL, &kids));
	if (kids->kind != PDF_ARRAY)
		return pdf_value_is_name(pdf_value_find(dict, "Type"), "Pages")
			   ? OK
			   : add(w, ref, dict, &up);
	w->path[w->depth++] = ref;
	for (size_t i = 0; i < kids->array.n; i++)
		TRY(walk(w, kids->array.item[i], up));
	w->depth--;
	return OK;
}

enum err pdf_pages_list(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_pages *ret_pages)
{
	struct walk *w = scope_alloc(s, sizeof(*w));
	const struct pdf_value *catalog, *pages;
	if (!w)
		return ERR_NOMEM;
	*w = (struct walk){ .s = s, .f = f, .rev = rev };
	TRY(pdf_file_catalog(s, f, rev, &catalog));
	pages = pdf_value_find(catalog, "Pages");
	if (pages)
		TRY(walk(w, pages, (struct inherited){ 0 }));
	*ret_pages = w->pages;
	return OK;
}
