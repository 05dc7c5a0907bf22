#include "service/comparison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/page_match.h"
#include "service/page_preview.h"

#define POINTS_PER_INCH 72.0
#define MARGIN_POINTS 4.0 /* around what differs */

struct job {
	const struct comparison_request *request;
	struct comparison c;
	struct page_preview_document document[2]; /* as sealed, as it is now */
	const struct pdf_file *file[2];           /* NULL: cannot be read */
	struct page_match *match;                 /* what is compared with what */
	size_t n_matches;
	uint32_t *objects; /* of the modifications, ascending */
	size_t n_objects;
	/* Of the page that is being compared: */
	struct scope *own;
	struct page_preview_page picture[2];
	size_t done; /* matches */
};

enum {
	SEALED,
	NOW
};

const char *comparison_kind_name(enum comparison_kind kind)
{
	static const char *const names[] = {
		[COMPARISON_SAME] = "same",
		[COMPARISON_CHANGED] = "changed",
		[COMPARISON_ADDED] = "added",
		[COMPARISON_REMOVED] = "removed",
	};
	return names[kind];
}

/* -- which signature -- */
static bool is_called(const struct report_signature *sig, const char *wanted)
{
	return !strcmp(sig->id, wanted) || !strcmp(sig->id + 1, wanted) ||
	       (sig->name && !strcmp(sig->name, wanted));
}

static bool was_followed(const struct report_signature *sig)
{
	return sig->n_modifications || !sig->coverage.whole_file;
}

/* The last one of a kind; of those that were followed if there are such. */
static bool find_last(const struct report *r, bool timestamps, size_t *ret_signature)
{
	size_t last = r->n_signatures, followed = r->n_signatures;
	for (size_t i = 0; i < r->n_signatures; i++) {
		if (r->signatures[i].is_document_timestamp != timestamps)
			continue;
		last = i;
		followed = was_followed(&r->signatures[i]) ? i : followed;
	}
	if (last == r->n_signatures)
		return false;
	*ret_signature = followed < r->n_signatures ? followed : last;
	return true;
}

enum err comparison_choose(
    struct scope *s, const struct report *r, const char *wanted, size_t *ret_signature)
{
	if (!wanted) {
		if (find_last(r, false, ret_signature) || find_last(r, true, ret_signature))
			return OK;
		return scope_fault(s, ERR_DENIED, "carries no signature to compare with");
	}
	for (size_t i = 0; i < r->n_signatures; i++) {
		if (!is_called(&r->signatures[i], wanted))
			continue;
		*ret_signature = i;
		return OK;
	}
	return scope_fault(s, ERR_DENIED, "carries no signature \"%s\"", wanted);
}

/* -- what was sealed -- */
static enum err find_sealed(struct scope *s, struct job *j)
{
	const struct report_signature *sig = j->c.signature;
	const struct pdf_signature *pdf = sig->facts ? sig->facts->pdf : NULL;
	const struct bytes whole = j->request->document;
	if (!pdf || !pdf->byte_range_ok || pdf->byte_range[2] < 0 ||
	    pdf->byte_range[3] > INT64_MAX - pdf->byte_range[2])
		return scope_fault(s, ERR_FORMAT, "%s does not say what it sealed", sig->id);
	uint64_t end = (uint64_t)(pdf->byte_range[2] + pdf->byte_range[3]);
	if (!end || end > whole.n)
		return scope_fault(s, ERR_FORMAT, "%s sealed more than there is", sig->id);
	j->c.sealed_size = end;
	j->document[SEALED] = (struct page_preview_document){ "as it was sealed",
		bytes_cut(whole, 0, end), j->request->password };
	j->document[NOW] =
	    (struct page_preview_document){ "as it is now", whole, j->request->password };
	return OK;
}

/* Reads one of the two by the rules. Where that fails, there are only pictures. */
static enum err open_file(struct scope *s, struct job *j, size_t which)
{
	struct pdf_file *file;
	enum err e =
	    pdf_file_open(s, j->document[which].content, j->document[which].password, &file);
	if (e == OK)
		j->file[which] = file;
	if (e == OK || e == ERR_NOMEM || e == ERR_DENIED)
		return e;
	if (!j->c.damage) {
		char *why;
		TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &why));
		j->c.damage = why;
	}
	scope_forgive(s);
	return OK;
}

/* -- which pages -- */
static enum err list_objects(
    struct scope *s, struct job *j, size_t which, struct page_match_list *ret_list)
{
	*ret_list = (struct page_match_list){ .n_shown = which == SEALED ? j->c.sealed_pages
									 : j->c.now_pages };
	if (!j->file[which])
		return OK;
	enum err e =
	    change_place_pages(s, j->file[which], &ret_list->objects, &ret_list->n_objects);
	if (e == OK || e == ERR_NOMEM)
		return e;
	scope_forgive(s);
	return OK;
}

static bool is_wanted(const struct job *j, const struct page_match *m)
{
	uint32_t page = m->now ? m->now : m->sealed;
	return page >= j->request->first && (!j->request->last || page <= j->request->last);
}

static enum err match_pages(struct scope *s, struct job *j)
{
	size_t counts[2], n = 0;
	struct page_match_list sealed, now;
	TRY(page_preview_count(s, j->document, 2, counts));
	if (counts[SEALED] > LIMIT_PDF_PAGES || counts[NOW] > LIMIT_PDF_PAGES)
		return scope_fault(s, ERR_LIMIT, "more than %d pages", LIMIT_PDF_PAGES);
	j->c.sealed_pages = counts[SEALED];
	j->c.now_pages = counts[NOW];
	TRY(list_objects(s, j, SEALED, &sealed));
	TRY(list_objects(s, j, NOW, &now));
	TRY(page_match_find(s, &sealed, &now, &j->match, &j->n_matches, &j->c.by_object));
	for (size_t i = 0; i < j->n_matches; i++)
		if (is_wanted(j, &j->match[i]))
			j->match[n++] = j->match[i];
	j->n_matches = n;
	if (!n)
		return scope_fault(s, ERR_DENIED, "there is no such page: %zu in all", counts[NOW]);
	if (n > LIMIT_PREVIEW_PAGES)
		return scope_fault(s, ERR_LIMIT,
		    "%zu pages to compare, more than %d at a time (--page)", n,
		    LIMIT_PREVIEW_PAGES);
	return OK;
}

/* -- the report's changes -- */
static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static enum err list_changed_objects(struct scope *s, struct job *j)
{
	const struct report_signature *sig = j->c.signature;
	j->objects = scope_alloc_array(s, sig->n_modifications, sizeof(*j->objects));
	j->c.is_on_page = scope_alloc_array(s, sig->n_modifications, sizeof(bool));
	if (!j->objects || !j->c.is_on_page)
		return ERR_NOMEM;
	for (size_t i = 0; i < sig->n_modifications; i++) {
		j->c.n_forbidden += !sig->modifications[i].allowed;
		if (sig->modifications[i].object.num)
			j->objects[j->n_objects++] = sig->modifications[i].object.num;
	}
	if (j->n_objects)
		qsort(j->objects, j->n_objects, sizeof(*j->objects), by_number);
	return OK;
}

/* Where they lie on the page, then and now. */
static enum err find_places(
    struct scope *s, struct job *j, const struct page_match *m, struct change_place_list *p)
{
	*p = (struct change_place_list){ .n = 0 };
	if (j->file[SEALED] && m->sealed)
		TRY(change_place_add(s, j->file[SEALED], m->sealed, j->objects, j->n_objects, p));
	if (j->file[NOW] && m->now)
		TRY(change_place_add(s, j->file[NOW], m->now, j->objects, j->n_objects, p));
	return OK;
}

static bool touches(const struct change_box *a, const struct change_box *b)
{
	return a->left <= b->right && b->left <= a->right && a->top <= b->bottom &&
	       b->top <= a->bottom;
}

enum where {
	ANYWHERE,
	IN_THE_BOX,
	WITHOUT_BOX
};

static bool lies(const struct change_place *p, enum where where, const struct change_box *box)
{
	if (where == ANYWHERE)
		return true;
	return where == WITHOUT_BOX ? !p->has_box : p->has_box && touches(&p->box, box);
}

/* The modifications with such a place, in their order. */
static enum err list_changes(struct scope *s, struct job *j, const struct change_place_list *places,
    enum where where, const struct change_box *box, const size_t **ret_changes, size_t *ret_n)
{
	const struct report_signature *sig = j->c.signature;
	size_t *list = scope_alloc_array(s, sig->n_modifications, sizeof(*list)), n = 0;
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < sig->n_modifications; i++) {
		bool found = false;
		for (size_t k = 0; k < places->n && !found; k++)
			found = places->item[k].object == sig->modifications[i].object.num &&
				lies(&places->item[k], where, box);
		if (found)
			list[n++] = i;
		if (found)
			j->c.is_on_page[i] = true;
	}
	*ret_changes = list;
	*ret_n = n;
	return OK;
}

/* -- one page -- */
static enum err add_area(struct scope *s, struct job *j, const struct change_place_list *places,
    struct raster_box pixels, double dpi, struct comparison_area *ret_area)
{
	const double points = POINTS_PER_INCH / dpi;
	*ret_area = (struct comparison_area){ .pixels = pixels,
		.box = { pixels.left * points, pixels.top * points, pixels.right * points,
		    pixels.bottom * points } };
	TRY(list_changes(
	    s, j, places, IN_THE_BOX, &ret_area->box, &ret_area->changes, &ret_area->n_changes));
	if (ret_area->n_changes)
		return OK;
	return list_changes(
	    s, j, places, WITHOUT_BOX, NULL, &ret_area->changes, &ret_area->n_changes);
}

static enum err compare_pictures(struct scope *s, struct job *j,
    const struct change_place_list *places, struct comparison_page *page)
{
	struct picture_difference d;
	uint32_t margin = (uint32_t)(MARGIN_POINTS * page->dpi / POINTS_PER_INCH + 1);
	TRY(picture_difference_find(
	    j->own, &j->picture[SEALED].raster, &j->picture[NOW].raster, margin, &d));
	page->areas = scope_alloc_array(s, d.n_areas, sizeof(*page->areas));
	if (!page->areas)
		return ERR_NOMEM;
	for (size_t i = 0; i < d.n_areas; i++)
		TRY(add_area(s, j, places, d.area[i], page->dpi, &page->areas[i]));
	page->n_areas = d.n_areas;
	page->other_size = d.other_size;
	page->ink_permille = d.ink > d.pixels ? (unsigned)(d.pixels * 1000 / d.ink) : 1000;
	/* A little is not nothing. */
	page->ink_permille += d.pixels && !page->ink_permille;
	if (!d.pixels)
		page->ink_permille = 0;
	if (d.pixels || d.other_size)
		page->kind = COMPARISON_CHANGED;
	return OK;
}

static enum err keep_text(struct scope *s, const char **text)
{
	char *copy;
	TRY(bytes_to_str(s, bytes_of_str(*text), &copy));
	*text = copy;
	return OK;
}

static enum err compare_texts(struct scope *s, struct job *j, struct comparison_page *page)
{
	struct text_difference d;
	TRY(text_difference_find(j->own, j->picture[SEALED].text, j->picture[NOW].text, &d));
	struct text_change *kept = scope_alloc_array(s, d.n, sizeof(*kept));
	if (!kept)
		return ERR_NOMEM;
	for (size_t i = 0; i < d.n; i++) {
		kept[i] = d.change[i];
		TRY(keep_text(s, &kept[i].lead));
		TRY(keep_text(s, &kept[i].before));
		TRY(keep_text(s, &kept[i].after));
		TRY(keep_text(s, &kept[i].trail));
	}
	page->text = d;
	page->text.change = kept;
	return OK;
}

static enum err compare_page(struct scope *s, struct job *j, const struct page_match *m)
{
	struct comparison_page *page = &j->c.page[j->c.n_pages];
	const struct page_preview_page *shown = &j->picture[m->now ? NOW : SEALED];
	struct change_place_list places;
	*page = (struct comparison_page){ .sealed = m->sealed,
		.now = m->now,
		.width = shown->width,
		.height = shown->height,
		.dpi = shown->dpi };
	TRY(find_places(s, j, m, &places));
	TRY(list_changes(s, j, &places, ANYWHERE, NULL, &page->changes, &page->n_changes));
	TRY(compare_texts(s, j, page));
	if (m->sealed && m->now)
		TRY(compare_pictures(s, j, &places, page));
	else
		page->kind = m->now ? COMPARISON_ADDED : COMPARISON_REMOVED;
	j->c.n_pages++;
	j->c.n_different += page->kind != COMPARISON_SAME;
	const struct comparison_pictures pictures = { j->picture[SEALED].raster,
		j->picture[NOW].raster };
	return j->request->take ? j->request->take(s, j->request->ctx, page, &pictures) : OK;
}

#define MARK_INK 0xd0021b

enum err comparison_mark(struct scope *s, const struct comparison_page *page,
    const struct raster *now, struct raster *ret_marked)
{
	struct raster_box *boxes = scope_alloc_array(s, page->n_areas, sizeof(*boxes));
	if (!boxes)
		return ERR_NOMEM;
	for (size_t i = 0; i < page->n_areas; i++)
		boxes[i] = page->areas[i].pixels;
	uint32_t line = page->dpi > 80 ? (uint32_t)(page->dpi / 40) : 2;
	return raster_mark(s, now, boxes, page->n_areas, line, MARK_INK, ret_marked);
}

/* -- all pages -- */
static enum err end_page(struct scope *s, struct job *j)
{
	enum err e = compare_page(s, j, &j->match[j->done]);
	if (e != OK && scope_fault_code(s) == OK)
		e = scope_fault(s, e, "%s", scope_fault_text(j->own));
	TRY(e);
	scope_free(j->own);
	j->own = scope_new(0);
	memset(j->picture, 0, sizeof(j->picture));
	j->done++;
	return j->own ? OK : scope_fault(s, ERR_NOMEM, "out of memory");
}

static enum err keep_picture(struct job *j, const struct page_preview_page *page)
{
	struct page_preview_page *kept = &j->picture[page->step.document];
	struct bytes pixels;
	const size_t n = (size_t)page->raster.width * page->raster.height;
	*kept = *page;
	TRY(bytes_copy(j->own, page->text, &kept->text));
	TRY(bytes_copy(j->own, bytes_of(page->raster.pixel, n * sizeof(uint32_t)), &pixels));
	kept->raster.pixel = (const void *)pixels.p;
	return OK;
}

static enum err take_page(struct scope *s, void *ctx, const struct page_preview_page *page)
{
	struct job *j = ctx;
	enum err e = keep_picture(j, page);
	if (e != OK)
		return scope_fault(s, e, "out of memory");
	const struct page_match *m = &j->match[j->done];
	return page->step.document == SEALED && m->now ? OK : end_page(s, j);
}

static enum err show(struct scope *s, struct job *j)
{
	struct page_preview_step *steps = scope_alloc_array(s, 2 * j->n_matches, sizeof(*steps));
	if (!steps)
		return ERR_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < j->n_matches; i++) {
		if (j->match[i].sealed)
			steps[n++] = (struct page_preview_step){ SEALED, j->match[i].sealed };
		if (j->match[i].now)
			steps[n++] = (struct page_preview_step){ NOW, j->match[i].now };
	}
	const struct page_preview_request r = {
		.documents = j->document,
		.n_documents = 2,
		.steps = steps,
		.n_steps = n,
		.dpi = j->request->dpi,
		.texts = true,
		.wall_ms = j->request->wall_ms,
		.take = take_page,
		.ctx = j,
	};
	j->own = scope_new(0);
	if (!j->own)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = page_preview_run(s, &r);
	scope_free(j->own);
	return e;
}

enum err comparison_make(
    struct scope *s, const struct comparison_request *request, struct comparison *ret_comparison)
{
	struct job j = { .request = request,
		.c = { .report = request->report,
		    .signature = &request->report->signatures[request->signature] } };
	TRY(find_sealed(s, &j));
	TRY(open_file(s, &j, NOW));
	TRY(open_file(s, &j, SEALED));
	TRY(list_changed_objects(s, &j));
	TRY(match_pages(s, &j));
	j.c.page = scope_alloc_array(s, j.n_matches, sizeof(*j.c.page));
	if (!j.c.page)
		return ERR_NOMEM;
	TRY(show(s, &j));
	*ret_comparison = j.c;
	return OK;
}
