/* Pages, whose /Annots alone may change, and annotations (ISO 32000-2 7.7.3.3, 12.5, 12.8.2.2). */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

#define REORDERED_MAX 2000 /* annotations of a page of which an order other than before is read */

bool modification_annotation_is_page(const struct pdf_value *v)
{
	const struct pdf_value *type = pdf_value_find(v, "Type");
	if (v->kind != PDF_DICT)
		return false;
	return type ? pdf_value_is_name(type, "Page")
		    : pdf_value_find(v, "Parent") && pdf_value_find(v, "Contents") &&
			  !pdf_value_find(v, "Subtype");
}

bool modification_annotation_is_one(const struct pdf_value *v)
{
	return v->kind == PDF_DICT && pdf_value_find(v, "Rect") && pdf_value_find(v, "Subtype") &&
	       !pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget");
}

/* -- annotations -- */

static enum err check_added(struct modification_work *w, const struct pdf_value *ref)
{
	const struct pdf_value *annot, *subtype;
	const struct pdf_diff_object *o = modification_work_changed(w, ref);
	TRY(modification_work_resolve(w, w->latest, ref, &annot));
	TRY(modification_work_find(w, w->latest, annot, "Subtype", &subtype));
	if (o && modification_work_is_explained(w, o) && modification_field_is_one(o->now))
		return OK; /* the widget of a field that was judged */
	if (annot->kind == PDF_NULL && !o)
		return OK;
	if (pdf_value_is_name(subtype, "Widget") || (ref->kind == PDF_REF && !o) ||
	    (o && o->was_there)) {
		bool old_field = ref->kind == PDF_REF && modification_field_is_one(annot);
		modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
		return modification_work_note(w, o, MODIFICATION_FIELD,
		    old_field && !o && modification_work_permits(w, 2), "ISO 32000-2 12.8.2.2",
		    "a widget was put on a page");
	}
	modification_work_explain_new(w, ref);
	modification_work_explain_new(w, annot);
	return modification_work_note(w, o, MODIFICATION_ANNOTATION,
	    modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2", "an annotation was added");
}

/* Fields stay where they were sealed; other annotations may go where they may change. */
static enum err check_removed(struct modification_work *w, const struct pdf_value *ref)
{
	const struct pdf_value *annot;
	TRY(modification_work_resolve(w, w->rev, ref, &annot));
	if (annot->kind == PDF_NULL)
		return OK;
	if (modification_field_is_one(annot))
		return modification_work_note(w, modification_work_changed(w, ref),
		    MODIFICATION_FIELD, false, "ISO 32000-2 12.8.2.2",
		    "the widget of a field was taken off its page");
	return modification_work_note(w, modification_work_changed(w, ref), MODIFICATION_ANNOTATION,
	    modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2", "an annotation was removed");
}

/* What stayed stands in the order that it had: later ones are painted over earlier ones (12.5.2).
 */
static bool is_in_order(const struct pdf_value *old, const struct pdf_value *now)
{
	size_t at = 0;
	for (size_t i = 0; old->kind == PDF_ARRAY && i < old->array.n; i++) {
		if (!modification_work_has_ref(now, old->array.item[i]))
			continue;
		while (
		    at < now->array.n && !pdf_value_equal(now->array.item[at], old->array.item[i]))
			at++;
		if (at++ >= now->array.n)
			return false;
	}
	return true;
}

static enum err check_annots(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const size_t n_old = old->kind == PDF_ARRAY ? old->array.n : 0;
	const size_t n_now = now->kind == PDF_ARRAY ? now->array.n : 0;
	if (modification_work_is_prefix(old, now)) {
		for (size_t i = n_old; i < n_now; i++)
			TRY(check_added(w, now->array.item[i]));
		return OK;
	}
	if (n_old > REORDERED_MAX || n_now > REORDERED_MAX)
		return modification_work_note(w, NULL, MODIFICATION_ANNOTATION, false,
		    "ISO 32000-2 12.8.2.2", "the annotations of a page were reordered");
	if (!is_in_order(old, now))
		TRY(modification_work_note(w, NULL, MODIFICATION_ANNOTATION,
		    modification_work_permits(w, 3), "ISO 32000-2 12.5.2",
		    "the annotations of a page were reordered"));
	for (size_t i = 0; i < n_old; i++)
		if (!modification_work_has_ref(now, old->array.item[i]))
			TRY(check_removed(w, old->array.item[i]));
	for (size_t i = 0; i < n_now; i++)
		if (!modification_work_has_ref(old, now->array.item[i]))
			TRY(check_added(w, now->array.item[i]));
	return OK;
}

/* -- pages -- */

/* What says nothing about how the page looks. */
static bool is_harmless(const char *key)
{
	return strcmp(key, "Tabs") == 0 || strcmp(key, "LastModified") == 0 ||
	       strcmp(key, "ITXT") == 0;
}

static enum err offending_entry(
    struct modification_work *w, const struct pdf_diff_object *o, const char **ret_key)
{
	const struct pdf_value *const sides[2] = { o->now, o->old };
	*ret_key = o->now->kind == PDF_DICT ? NULL : "Type";
	for (int side = 0; side < 2 && !*ret_key; side++)
		for (size_t i = 0; i < sides[side]->dict.n && !*ret_key; i++) {
			char *key;
			bool same;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			if (strcmp(key, "Annots") == 0 || is_harmless(key))
				continue;
			TRY(modification_work_is_same(
			    w, pdf_value_find(o->old, key), pdf_value_find(o->now, key), &same));
			if (!same)
				*ret_key = key;
		}
	if (!*ret_key && o->now->duplicate_keys)
		*ret_key = "(the same key twice)";
	return OK;
}

static enum err check_page(struct modification_work *w, const struct pdf_diff_object *o)
{
	const struct pdf_value *old, *now, *entry = pdf_value_find(o->now, "Annots");
	const char *key;
	modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	TRY(offending_entry(w, o, &key));
	if (key)
		return modification_work_note(w, o, MODIFICATION_PAGE_CONTENT, false,
		    "ISO 32000-2 12.8.2.2", "page /%s", key);
	TRY(modification_work_find(w, w->rev, o->old, "Annots", &old));
	TRY(modification_work_find(w, w->latest, o->now, "Annots", &now));
	const struct pdf_diff_object *array = modification_work_changed(w, entry);
	if (modification_work_is_explained(w, array))
		return OK;
	if (array && (!array->was_there || array->old->kind == PDF_ARRAY))
		modification_work_explain(
		    w, array, array->was_there ? MODIFICATION_ROLE_ANNOTS : MODIFICATION_ROLE_NEW);
	return check_annots(w, old, now);
}

/* An array of annotations that is an object of its own, and changed without its page: whether it is
 * the /Annots of pages, and of nothing else, is found by its places. */
static enum err check_array(struct modification_work *w, const struct pdf_diff_object *o)
{
	bool any = false;
	for (size_t i = 0; i < o->old->array.n && !any; i++) {
		const struct pdf_value *annot;
		TRY(modification_work_resolve(w, w->rev, o->old->array.item[i], &annot));
		any = annot->kind == PDF_DICT && pdf_value_find(annot, "Rect") &&
		      pdf_value_find(annot, "Subtype");
	}
	for (size_t i = 0; o->old->array.n == 0 && i < o->now->array.n && !any; i++) {
		const struct pdf_value *annot;
		TRY(modification_work_resolve(w, w->latest, o->now->array.item[i], &annot));
		any = annot->kind == PDF_DICT && pdf_value_find(annot, "Rect") &&
		      pdf_value_find(annot, "Subtype");
	}
	if (!any)
		return OK;
	modification_work_explain(w, o, MODIFICATION_ROLE_ANNOTS);
	return check_annots(w, o->old, o->now);
}

/* -- what else changed on pages -- */

static enum err check_annotation(struct modification_work *w, const struct pdf_diff_object *o)
{
	const bool removed = o->now->kind == PDF_NULL;
	const bool sound = removed || modification_annotation_is_one(o->now);
	modification_work_explain(w, o, MODIFICATION_ROLE_ANNOTATION);
	modification_work_explain_new(w, o->now);
	return modification_work_note(w, o, MODIFICATION_ANNOTATION,
	    sound && modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2",
	    "an annotation was %s", removed ? "removed" : "changed");
}

/* A node of the page tree may carry another library's mark (Annex E); nothing else. */
static enum err check_page_tree(struct modification_work *w, const struct pdf_diff_object *o)
{
	const struct pdf_value *const sides[2] = { o->now, o->old };
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; sides[side]->kind == PDF_DICT && i < sides[side]->dict.n; i++) {
			char *key;
			bool same;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			TRY(modification_work_is_same(
			    w, pdf_value_find(o->old, key), pdf_value_find(o->now, key), &same));
			if (same || strcmp(key, "ITXT") == 0)
				continue;
			modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
			return modification_work_note(w, o, MODIFICATION_PAGE_CONTENT, false,
			    "ISO 32000-2 7.7.3.2", "page tree /%s", key);
		}
	if (o->now->kind == PDF_DICT && !o->now->duplicate_keys)
		modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	return OK;
}

enum err modification_annotation_check(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		const struct pdf_value *type = pdf_value_find(o->old, "Type");
		if (w->role[i] != MODIFICATION_ROLE_NONE || !o->was_there ||
		    o->old->kind != PDF_DICT)
			continue;
		if (modification_annotation_is_page(o->old))
			TRY(check_page(w, o));
		else if (pdf_value_is_name(type, "Pages"))
			TRY(check_page_tree(w, o));
	}
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (w->role[i] != MODIFICATION_ROLE_NONE || !o->was_there)
			continue;
		if (o->old->kind == PDF_ARRAY && o->now->kind == PDF_ARRAY)
			TRY(check_array(w, o));
		else if (modification_annotation_is_one(o->old))
			TRY(check_annotation(w, o));
	}
	return OK;
}
