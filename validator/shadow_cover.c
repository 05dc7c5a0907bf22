/* Texts under something opaque ("shadow hide"): once that is taken away, the page says more. And
 * what was laid over pages later ("evil annotation", "sneaky signature"). */
#include "base/limits.h"
#include "base/scope.h"
#include "validator/shadow_work.h"

#define MOST_OF_PAGE 0.5
#define LEAST_OF_PAGE 0.002 /* smaller areas are icons, rules and the like */
#define LETTERS_HIDDEN 8.   /* that no honest layout covers by chance */
#define LETTERS_MET 1.      /* of what came later */
#define OVERLAP 0.1         /* of the smaller of two annotations */

struct cover {
	struct pdf_rect box;
	struct pdf_ref ref; /* of the annotation; num 0: an image of the page */
};

/* -- what is opaque of an annotation -- */

static enum err take_larger(void *ctx, const struct pdf_drawing_area *area)
{
	struct pdf_rect *largest = ctx;
	if (area->is_opaque && pdf_pages_area(&area->box) > pdf_pages_area(largest))
		*largest = area->box;
	return OK;
}

static enum err opaque_part(
    const struct shadow_page *p, const struct shadow_annotation *a, struct pdf_rect *ret_box)
{
	struct pdf_rect box = { 0 };
	const struct pdf_drawing_sink sink = { .ctx = &box, .area = take_larger };
	const struct pdf_value *blend = pdf_value_find(a->dict, "BM");
	double alpha = 1;
	*ret_box = box;
	if (!a->is_shown || a->appearance->kind != PDF_STREAM)
		return OK;
	pdf_value_number(pdf_value_find(a->dict, "CA"), &alpha);
	if (alpha < 1 || (blend && !pdf_value_is_name(blend, "Normal")))
		return OK;
	TRY(pdf_drawing_appearance(p->drawing, a->appearance, &a->rect, &sink));
	*ret_box = pdf_pages_meet(&box, &p->page->box);
	return OK;
}

/* -- the page -- */

struct reading {
	struct shadow_texts texts;
	double least; /* area worth comparing */
	struct cover covers[LIMIT_SHADOW_AREAS];
	size_t n_covers; /* images that hide texts */
	size_t n_areas;
};

static enum err read_text(void *ctx, const struct pdf_drawing_text *text)
{
	struct reading *r = ctx;
	return shadow_text_add(&r->texts, text);
}

/* What was painted before lies under it. */
static enum err read_area(void *ctx, const struct pdf_drawing_area *area)
{
	struct reading *r = ctx;
	if (!area->is_image || !area->is_opaque || pdf_pages_area(&area->box) < r->least ||
	    r->n_areas == LIMIT_SHADOW_AREAS)
		return OK;
	r->n_areas++;
	if (shadow_text_under(&r->texts, &area->box) >= LETTERS_HIDDEN)
		r->covers[r->n_covers++] = (struct cover){ .box = area->box };
	return OK;
}

/* `all`: also the texts that no image of the page can cover. */
static enum err read_page(struct shadow_work *w, const struct shadow_page *p, struct scope *apart,
    bool all, struct reading *r)
{
	const struct pdf_drawing_sink sink = {
		.ctx = r, .text = read_text, .area = read_area, .ends_with_objects = !all
	};
	r->texts.s = apart;
	r->least = LEAST_OF_PAGE * pdf_pages_area(&p->page->box);
	const enum err err = pdf_drawing_page(p->contents, p->page, &sink);
	return err == ERR_NOMEM ? scope_fault(w->s, err, "out of memory") : err;
}

/* Whether the page may paint an image and a text: else its contents need not be read. */
static enum err may_cover_itself(struct shadow_work *w, const struct shadow_page *p, bool *ret_may)
{
	const struct pdf_value *fonts, *objects, *object;
	bool forms = false, images = false;
	TRY(shadow_work_find(w, p->rev, p->page->resources, "Font", &fonts));
	TRY(shadow_work_find(w, p->rev, p->page->resources, "XObject", &objects));
	for (size_t i = 0; objects->kind == PDF_DICT && i < objects->dict.n; i++) {
		TRY(shadow_work_resolve(w, p->rev, objects->dict.item[i].value, &object));
		forms |= pdf_value_is_name(pdf_value_find(object, "Subtype"), "Form");
		images |= pdf_value_is_name(pdf_value_find(object, "Subtype"), "Image") &&
			  !pdf_value_find(object, "SMask") && !pdf_value_find(object, "Mask") &&
			  !pdf_value_find(object, "ImageMask");
	}
	const bool has_fonts = fonts->kind == PDF_DICT && fonts->dict.n > 0;
	*ret_may = (images && (has_fonts || forms)) || (forms && objects->dict.n > 1);
	return OK;
}

static enum err note(struct shadow_work *w, const struct shadow_page *p, const struct cover *cover)
{
	char *place;
	TRY(shadow_work_place(w, p, cover->ref, &cover->box, &place));
	return shadow_work_note(w, FINDING_CONTENT_COVERED, "%s", place);
}

static enum err compare(
    struct shadow_work *w, const struct shadow_page *p, const struct cover *covers, size_t n)
{
	struct scope *apart = scope_new(0);
	struct reading *r = apart ? scope_alloc(apart, sizeof(*r)) : NULL;
	enum err err =
	    r ? read_page(w, p, apart, n > 0, r) : scope_fault(w->s, ERR_NOMEM, "out of memory");
	for (size_t i = 0; err == OK && i < r->n_covers; i++)
		err = note(w, p, &r->covers[i]);
	for (size_t i = 0; err == OK && i < n; i++)
		if (shadow_text_under(&r->texts, &covers[i].box) >= LETTERS_HIDDEN)
			err = note(w, p, &covers[i]);
	scope_free(apart);
	return err;
}

enum err shadow_cover_check(struct shadow_work *w, const struct shadow_page *p)
{
	struct cover covers[LIMIT_SHADOW_AREAS];
	const double whole = pdf_pages_area(&p->page->box);
	size_t n = 0;
	bool images;
	for (size_t i = 0; i < p->n && n < LIMIT_SHADOW_AREAS; i++) {
		const struct shadow_annotation *a = &p->annotations[i];
		struct cover c = { .ref = a->ref };
		/* A seal stays where it is: nothing may change it. */
		if (a->is_signature || pdf_pages_area(&a->rect) < LEAST_OF_PAGE * whole)
			continue;
		TRY(opaque_part(p, a, &c.box));
		if (pdf_pages_area(&c.box) > MOST_OF_PAGE * whole)
			TRY(note(w, p, &c));
		else if (pdf_pages_area(&c.box) >= LEAST_OF_PAGE * whole)
			covers[n++] = c;
	}
	TRY(may_cover_itself(w, p, &images));
	return n || images ? compare(w, p, covers, n) : OK;
}

/* -- later -- */

/* These lie on texts by their nature. */
static bool is_markup(const struct pdf_value *annotation)
{
	static const char *const kinds[] = { "Link", "Highlight", "Underline", "Squiggly",
		"StrikeOut", "Caret" };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (pdf_value_is_name(pdf_value_find(annotation, "Subtype"), kinds[i]))
			return true;
	return false;
}

static const struct shadow_annotation *same_as_signed(
    const struct shadow_page *then, const struct shadow_annotation *a)
{
	for (size_t i = 0; a->ref.num && i < then->n; i++)
		if (pdf_value_refs_equal(then->annotations[i].ref, a->ref))
			return &then->annotations[i];
	return NULL;
}

/* New; or changed, though it is no field: those may not move, and what is filled in is told. */
static bool is_later(
    const struct shadow_work *w, const struct shadow_page *then, const struct shadow_annotation *a)
{
	if (!a->is_shown || (a->ref.num && a->made_in <= w->first))
		return false;
	return !a->is_widget || !same_as_signed(then, a);
}

static enum err note_met(
    struct shadow_work *w, const struct shadow_page *p, const struct shadow_annotation *a)
{
	char *place;
	TRY(shadow_work_place(w, p, a->ref, &a->rect, &place));
	return shadow_work_note(w, FINDING_LATER_OVERLAY, "%s", place);
}

static bool meets_another(const struct shadow_page *p, size_t i)
{
	const struct shadow_annotation *a = &p->annotations[i];
	for (size_t k = 0; k < i; k++) {
		const struct shadow_annotation *b = &p->annotations[k];
		const struct pdf_rect both = pdf_pages_meet(&a->rect, &b->rect);
		const double one = pdf_pages_area(&a->rect), other = pdf_pages_area(&b->rect);
		if (b->is_shown && !is_markup(b->dict) &&
		    pdf_pages_area(&both) > OVERLAP * (one < other ? one : other))
			return true;
	}
	return false;
}

/* A seal of one's own may lie on texts as ink does; what is opaque of it may not. */
static enum err part_that_counts(
    const struct shadow_page *p, const struct shadow_annotation *a, struct pdf_rect *ret_box)
{
	if (!a->is_signature && !is_markup(a->dict)) {
		*ret_box = a->rect;
		return OK;
	}
	return opaque_part(p, a, ret_box);
}

static enum err check_one(
    struct shadow_work *w, const struct shadow_page *p, size_t i, const struct shadow_texts *texts)
{
	const struct shadow_annotation *a = &p->annotations[i];
	const double least = a->is_signature ? LETTERS_HIDDEN : LETTERS_MET;
	struct pdf_rect box;
	TRY(part_that_counts(p, a, &box));
	if (shadow_text_under(texts, &box) >= least || (!is_markup(a->dict) && meets_another(p, i)))
		return note_met(w, p, a);
	return OK;
}

enum err shadow_later_check(
    struct shadow_work *w, const struct shadow_page *p, const struct shadow_page *then)
{
	bool any = false;
	for (size_t i = 0; i < p->n; i++)
		any |= is_later(w, then, &p->annotations[i]);
	if (!any)
		return OK;
	struct scope *apart = scope_new(0);
	struct reading *r = apart ? scope_alloc(apart, sizeof(*r)) : NULL;
	enum err err =
	    r ? read_page(w, p, apart, true, r) : scope_fault(w->s, ERR_NOMEM, "out of memory");
	for (size_t i = 0; err == OK && i < p->n; i++)
		if (is_later(w, then, &p->annotations[i]))
			err = check_one(w, p, i, &r->texts);
	scope_free(apart);
	return err;
}
