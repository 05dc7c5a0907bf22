#include "validator/shadow_work.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"

#define ABOVE 32 /* fields in each other; real ones stay under 6 */

enum err shadow_work_note(struct shadow_work *w, enum finding_code code, const char *about, ...)
{
	char text[LIMIT_SHADOW_ABOUT], *kept;
	size_t n = 0;
	va_list args;
	for (size_t i = 0; i < w->findings->n; i++)
		n += w->findings->item[i].code == code;
	if (n == LIMIT_SHADOW_NOTES)
		return OK;
	va_start(args, about);
	vsnprintf(text, sizeof(text), about, args);
	va_end(args);
	TRY(bytes_to_str(w->s, bytes_of_str(text), &kept));
	return findings_add(w->s, w->findings, code, kept);
}

enum err shadow_work_find(struct shadow_work *w, size_t rev, const struct pdf_value *v,
    const char *key, const struct pdf_value **ret_value)
{
	return pdf_field_find(w->s, w->f, rev, v, key, NULL, ret_value);
}

enum err shadow_work_resolve(struct shadow_work *w, size_t rev, const struct pdf_value *v,
    const struct pdf_value **ret_value)
{
	return pdf_field_resolve(w->s, w->f, rev, v, NULL, NULL, ret_value);
}

enum err shadow_work_inherited(struct shadow_work *w, size_t rev, const struct pdf_value *field,
    const char *key, const struct pdf_value **ret_value)
{
	*ret_value = &pdf_value_null;
	for (int i = 0; i < ABOVE && field->kind == PDF_DICT && (*ret_value)->kind == PDF_NULL;
	     i++) {
		TRY(shadow_work_find(w, rev, field, key, ret_value));
		TRY(shadow_work_find(w, rev, field, "Parent", &field));
	}
	return OK;
}

enum err shadow_work_place(struct shadow_work *w, const struct shadow_page *p, struct pdf_ref ref,
    const struct pdf_rect *rect, char **ret_place)
{
	struct buf b = buf_new(w->s, LIMIT_SHADOW_ABOUT);
	buf_addf(&b, "page %zu", p->number);
	if (ref.num)
		buf_addf(&b, ", object %lu", (unsigned long)ref.num);
	if (rect)
		buf_addf(&b, ", [%.0f %.0f %.0f %.0f]", rect->x0, rect->y0, rect->x1, rect->y1);
	return buf_done_str(&b, ret_place);
}

/* -- annotations -- */

/* 12.5.5: the normal appearance, or that of the present state. */
static enum err find_appearance(struct shadow_work *w, size_t rev, struct shadow_annotation *a)
{
	const struct pdf_value *ap, *normal, *state;
	char *key;
	TRY(shadow_work_find(w, rev, a->dict, "AP", &ap));
	TRY(shadow_work_find(w, rev, ap, "N", &normal));
	if (normal->kind == PDF_DICT) {
		TRY(shadow_work_find(w, rev, a->dict, "AS", &state));
		TRY(bytes_to_str(
		    w->s, state->kind == PDF_NAME ? state->name : BYTES_LIT("Off"), &key));
		TRY(shadow_work_find(w, rev, normal, key, &normal));
	}
	a->appearance = normal->kind == PDF_STREAM ? normal : &pdf_value_null;
	return OK;
}

/* 12.5.3: Hidden and NoView. */
static enum err is_shown(struct shadow_work *w, size_t rev, struct shadow_annotation *a)
{
	const struct pdf_value *flags, *layer;
	int64_t n = 0;
	TRY(shadow_work_find(w, rev, a->dict, "F", &flags));
	TRY(shadow_work_find(w, rev, a->dict, "OC", &layer));
	pdf_value_integer(flags, &n);
	a->is_shown = !(n & (1 << 1 | 1 << 5)) && layer->kind == PDF_NULL &&
		      !pdf_value_is_name(pdf_value_find(a->dict, "Subtype"), "Popup") &&
		      pdf_pages_area(&a->rect) > 1;
	return OK;
}

static enum err read_annotation(struct shadow_work *w, size_t rev, const struct pdf_value *entry,
    struct shadow_annotation *ret_annotation)
{
	struct shadow_annotation a = { .appearance = &pdf_value_null };
	const struct pdf_value *rect, *type;
	bool is;
	TRY(shadow_work_resolve(w, rev, entry, &a.dict));
	if (entry->kind == PDF_REF) {
		a.ref = entry->ref;
		pdf_file_entry(w->f, rev, a.ref.num, &a.made_in);
	}
	if (a.dict->kind == PDF_DICT) {
		TRY(shadow_work_find(w, rev, a.dict, "Rect", &rect));
		TRY(pdf_pages_rect(w->s, w->f, rev, rect, &is, &a.rect));
		a.is_widget = pdf_value_is_name(pdf_value_find(a.dict, "Subtype"), "Widget");
		TRY(shadow_work_inherited(w, rev, a.dict, "FT", &type));
		a.is_signature = a.is_widget && pdf_value_is_name(type, "Sig");
		TRY(find_appearance(w, rev, &a));
		TRY(is_shown(w, rev, &a));
	}
	*ret_annotation = a;
	return OK;
}

enum err shadow_work_page(struct shadow_work *w, size_t rev, size_t number,
    const struct pdf_page *page, const struct shadow_drawings *drawings,
    struct shadow_page *ret_page)
{
	struct shadow_page p = { .page = page,
		.number = number,
		.rev = rev,
		.drawing = drawings->appearances,
		.contents = drawings->contents };
	const struct pdf_value *annots;
	TRY(shadow_work_find(w, rev, page->dict, "Annots", &annots));
	const size_t n = annots->kind == PDF_ARRAY ? annots->array.n : 0;
	p.n = n < LIMIT_SHADOW_ANNOTATIONS ? n : LIMIT_SHADOW_ANNOTATIONS;
	p.annotations = scope_alloc_array(w->s, p.n, sizeof(*p.annotations));
	if (!p.annotations)
		return ERR_NOMEM;
	for (size_t i = 0; i < p.n; i++)
		TRY(read_annotation(w, rev, annots->array.item[i], &p.annotations[i]));
	*ret_page = p;
	return OK;
}
