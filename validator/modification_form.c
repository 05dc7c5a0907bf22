/* /AcroForm, its fields and their widgets after a signature (ISO 32000-2 12.7, 12.8.2.2, 12.8.2.4).
 */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "validator/modification_work.h"

#define FIELD_DEPTH 32

/* -- names and locks -- */

static bool is_listed(const struct pdf_field_lock *lock, const char *name)
{
	for (size_t i = 0; i < lock->n_fields; i++) {
		size_t n = strlen(lock->fields[i]);
		if (strncmp(lock->fields[i], name, n) == 0 && (name[n] == '\0' || name[n] == '.'))
			return true;
	}
	return false;
}

/* A name locks its descendants, by the dot and not by the letters (12.8.2.4). */
static bool locks(const struct pdf_field_lock *lock, const char *name)
{
	switch (lock->action) {
	case PDF_FIELDMDP_ALL:
		return true;
	case PDF_FIELDMDP_INCLUDE:
		return is_listed(lock, name);
	case PDF_FIELDMDP_EXCLUDE:
		return !is_listed(lock, name);
	case PDF_FIELDMDP_NONE:
		break;
	}
	return false;
}

static bool is_locked(const struct modification_work *w, const char *name)
{
	for (size_t i = 0; i < w->all->n; i++)
		if (w->all->item[i].made_in <= w->rev && locks(&w->all->item[i].fieldmdp, name))
			return true;
	return false;
}

/* Reads an object that may be broken: then the null value. */
static enum err find(struct modification_work *w, size_t rev, const struct pdf_value *v,
    const char *key, const struct pdf_value **ret_value)
{
	enum err err = pdf_file_find(w->s, w->file, rev, v, key, ret_value);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(w->s);
	*ret_value = &pdf_value_null;
	return OK;
}

static enum err resolve(struct modification_work *w, size_t rev, const struct pdf_value *v,
    const struct pdf_value **ret_value)
{
	enum err err = pdf_file_resolve(w->s, w->file, rev, v, ret_value);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(w->s);
	*ret_value = &pdf_value_null;
	return OK;
}

/* Fully qualified name of a field dictionary, by its parents. */
static enum err name_of(
    struct modification_work *w, size_t rev, const struct pdf_value *field, char **ret_name)
{
	char *parts[FIELD_DEPTH];
	size_t n = 0;
	for (int depth = 0; depth < FIELD_DEPTH && field->kind == PDF_DICT; depth++) {
		const struct pdf_value *t;
		TRY(find(w, rev, field, "T", &t));
		if (t->kind == PDF_STRING)
			TRY(pdf_text_decode(w->s, t->string, &parts[n++]));
		TRY(find(w, rev, field, "Parent", &field));
	}
	struct buf b = buf_new(w->s, LIMIT_PDF_STRING);
	while (n-- > 0) {
		buf_add_str(&b, parts[n]);
		if (n)
			buf_add_byte(&b, '.');
	}
	return buf_done_str(&b, ret_name);
}

/* Inherited /FT (12.7.4.1). */
static enum err is_signature_field(
    struct modification_work *w, size_t rev, const struct pdf_value *field, bool *ret_yes)
{
	*ret_yes = false;
	for (int depth = 0; depth < FIELD_DEPTH && field->kind == PDF_DICT; depth++) {
		const struct pdf_value *ft;
		TRY(find(w, rev, field, "FT", &ft));
		if (ft->kind == PDF_NAME) {
			*ret_yes = pdf_value_is_name(ft, "Sig");
			return OK;
		}
		TRY(find(w, rev, field, "Parent", &field));
	}
	return OK;
}

/* -- marking what belongs to a change -- */

/* New objects, and those in `old` too, below an appearance are part of it. Fonts, images and forms
 * that were there before must not change: they stay unexplained. */
static enum err explain_new(struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > 12)
		return OK;
	if (v->kind == PDF_REF) {
		const struct pdf_diff_object *o = pdf_diff_find(&w->diff, v->ref.num);
		if (!o || o->was_there || w->explained[o - w->diff.item])
			return OK;
		modification_work_explain(w, o);
		v = o->now;
	}
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(explain_new(w, v->array.item[i], depth + 1));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		if (!bytes_equal_str(v->dict.item[i].key, "P") &&
		    !bytes_equal_str(v->dict.item[i].key, "Parent"))
			TRY(explain_new(w, v->dict.item[i].value, depth + 1));
	return OK;
}

/* The appearance streams of a widget that were rewritten in place. */
static enum err explain_appearance(
    struct modification_work *w, const struct pdf_value *v, int depth)
{
	if (!v || depth > 3)
		return OK;
	if (v->kind == PDF_REF) {
		const struct pdf_diff_object *o = pdf_diff_find(&w->diff, v->ref.num);
		if (o && (o->now->kind == PDF_STREAM || o->now->kind == PDF_DICT) &&
		    !pdf_value_find(o->old, "Type"))
			modification_work_explain(w, o);
		else if (o && pdf_value_is_name(pdf_value_find(o->old, "Subtype"), "Form"))
			modification_work_explain(w, o);
		TRY(resolve(w, w->latest, v, &v));
	}
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(explain_appearance(w, v->dict.item[i].value, depth + 1));
	return OK;
}

/* -- new fields -- */

static bool is_timestamp(const struct pdf_value *dict)
{
	return pdf_value_is_name(pdf_value_find(dict, "Type"), "DocTimeStamp") ||
	       pdf_value_is_name(pdf_value_find(dict, "SubFilter"), "ETSI.RFC3161");
}

static enum err note_new_field(
    struct modification_work *w, const struct pdf_value *ref, const struct pdf_diff_object *o)
{
	const struct pdf_value *field, *value;
	char *name;
	bool is_sig = false;
	TRY(resolve(w, w->latest, ref, &field));
	TRY(name_of(w, w->latest, field, &name));
	TRY(is_signature_field(w, w->latest, field, &is_sig));
	TRY(find(w, w->latest, field, "V", &value));
	if (o && o->was_there) /* another object turned into a field */
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "an older object became field \"%s\"", name);
	if (!is_sig || value->kind != PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "%sfield \"%s\" was added",
		    is_sig ? "unsigned signature " : "", name);
	TRY(explain_new(w, field, 0));
	if (is_timestamp(value))
		return modification_work_note(w, o, MODIFICATION_LTV_UPDATE, true,
		    "EN 319 142-1 5.4.3", "document timestamp \"%s\"", name);
	return modification_work_note(w, o, MODIFICATION_SIGNATURE, modification_work_permits(w, 2),
	    "ISO 32000-2 12.8.2.2", "signature in new field \"%s\"", name);
}

static bool has_ref(const struct pdf_value *array, const struct pdf_value *ref)
{
	for (size_t i = 0; array->kind == PDF_ARRAY && i < array->array.n; i++)
		if (pdf_value_equal(array->array.item[i], ref))
			return true;
	return false;
}

/* The old entries stay, in their order and in front. */
static bool is_prefix(const struct pdf_value *old, const struct pdf_value *now)
{
	size_t n = old->kind == PDF_ARRAY ? old->array.n : 0;
	if (n == 0)
		return true;
	if (now->kind != PDF_ARRAY || now->array.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!pdf_value_equal(old->array.item[i], now->array.item[i]))
			return false;
	return true;
}

static enum err check_fields_array(
    struct modification_work *w, const struct pdf_value *old_form, const struct pdf_value *form)
{
	const struct pdf_value *old, *now, *entry = pdf_value_find(form, "Fields");
	TRY(find(w, w->rev, old_form, "Fields", &old));
	TRY(find(w, w->latest, form, "Fields", &now));
	if (!is_prefix(old, now))
		TRY(modification_work_note(w, NULL, MODIFICATION_FIELD, false, "ISO 32000-2 12.7.3",
		    "fields were removed from the form or reordered"));
	if (entry && entry->kind == PDF_REF) {
		const struct pdf_diff_object *o = pdf_diff_find(&w->diff, entry->ref.num);
		if (o && (!o->was_there ||
			     pdf_value_is_ref_to(pdf_value_find(old_form, "Fields"), entry->ref)))
			modification_work_explain(w, o);
	}
	for (size_t i = 0; now->kind == PDF_ARRAY && i < now->array.n; i++) {
		const struct pdf_value *ref = now->array.item[i];
		if (!has_ref(old, ref))
			TRY(note_new_field(w, ref,
			    ref->kind == PDF_REF ? pdf_diff_find(&w->diff, ref->ref.num) : NULL));
	}
	return OK;
}

static enum err check_form_entry(struct modification_work *w, const struct pdf_value *old_form,
    const struct pdf_value *form, const char *key)
{
	const struct pdf_value *old = pdf_value_find(old_form, key);
	const struct pdf_value *now = pdf_value_find(form, key);
	if (strcmp(key, "Fields") == 0 || (old && now && pdf_value_equal(old, now)))
		return OK;
	if (strcmp(key, "SigFlags") == 0)
		return OK;
	bool harmless =
	    strcmp(key, "DR") == 0 || strcmp(key, "DA") == 0 || strcmp(key, "NeedAppearances") == 0;
	return modification_work_note(w, NULL,
	    harmless ? MODIFICATION_FORM_FILL : MODIFICATION_FIELD,
	    harmless && modification_work_permits(w, 2), "ISO 32000-2 12.7.3", "form /%s", key);
}

enum err modification_form_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *old_form, *form;
	if (!now)
		return modification_work_note(w, NULL, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.3", "the form was removed");
	TRY(resolve(w, w->rev, old, &old_form));
	TRY(resolve(w, w->latest, now, &form));
	if (now->kind == PDF_REF) {
		const struct pdf_diff_object *o = pdf_diff_find(&w->diff, now->ref.num);
		if (o && (!o->was_there || pdf_value_is_ref_to(old, now->ref)))
			modification_work_explain(w, o);
	}
	if (form->kind != PDF_DICT)
		return modification_work_note(w, NULL, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.3", "the form is no dictionary");
	TRY(check_fields_array(w, old_form, form));
	for (size_t i = 0; i < form->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, form->dict.item[i].key, &key));
		TRY(check_form_entry(w, old_form, form, key));
	}
	for (size_t i = 0; old_form->kind == PDF_DICT && i < old_form->dict.n; i++) {
		char *key;
		TRY(bytes_to_str(w->s, old_form->dict.item[i].key, &key));
		if (!pdf_value_find(form, key))
			TRY(check_form_entry(w, old_form, form, key));
	}
	return OK;
}

/* -- fields that were there -- */

/* Entries that filling in a form may change; of a signature field those that signing does. */
static bool may_change(const char *key, bool is_signature)
{
	static const char *const fill[] = { "V", "AP", "AS", "I", "M", "RV", NULL };
	static const char *const sign[] = { "V", "AP", "M", NULL };
	for (const char *const *k = is_signature ? sign : fill; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

/* The first entry that changed and may not, or NULL. */
static enum err offending_entry(struct modification_work *w, const struct pdf_diff_object *o,
    bool is_signature, const char **ret_key)
{
	const struct pdf_value *const sides[2] = { o->now, o->old };
	*ret_key = NULL;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->dict.n && !*ret_key; i++) {
			char *key;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			const struct pdf_value *a = pdf_value_find(o->old, key);
			const struct pdf_value *b = pdf_value_find(o->now, key);
			if ((!a || !b || !pdf_value_equal(a, b)) && !may_change(key, is_signature))
				*ret_key = key;
		}
	return OK;
}

static enum err check_signature_field(
    struct modification_work *w, const struct pdf_diff_object *o, const char *name)
{
	const struct pdf_value *old_value, *value;
	const char *key;
	TRY(find(w, w->rev, o->old, "V", &old_value));
	TRY(find(w, w->latest, o->now, "V", &value));
	TRY(offending_entry(w, o, true, &key));
	if (old_value->kind == PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_SIGNATURE_LOST, false,
		    "ISO 32000-2 12.7.5.5", "the field of signature \"%s\" was changed", name);
	if (key || value->kind != PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "/%s of signature field \"%s\"", key ? key : "V", name);
	TRY(explain_new(w, pdf_value_find(o->now, "V"), 0));
	TRY(explain_new(w, pdf_value_find(o->now, "AP"), 0));
	TRY(explain_appearance(w, pdf_value_find(o->now, "AP"), 0));
	bool timestamp = is_timestamp(value);
	return modification_work_note(w, o,
	    timestamp ? MODIFICATION_LTV_UPDATE : MODIFICATION_SIGNATURE,
	    timestamp || (modification_work_permits(w, 2) && !is_locked(w, name)),
	    "ISO 32000-2 12.8.2.2", "signature in field \"%s\"", name);
}

static enum err check_field(struct modification_work *w, const struct pdf_diff_object *o)
{
	char *name;
	bool is_sig = false;
	const char *key;
	TRY(name_of(w, w->rev, o->old, &name));
	TRY(is_signature_field(w, w->rev, o->old, &is_sig));
	if (o->now->kind != PDF_DICT)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "field \"%s\" was removed", name);
	if (is_sig)
		return check_signature_field(w, o, name);
	TRY(offending_entry(w, o, false, &key));
	if (key)
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "/%s of field \"%s\"", key, name);
	if (is_locked(w, name))
		return modification_work_note(w, o, MODIFICATION_FORM_FILL, false,
		    "ISO 32000-2 12.8.2.4", "locked field \"%s\" was filled in", name);
	TRY(explain_new(w, pdf_value_find(o->now, "AP"), 0));
	TRY(explain_new(w, pdf_value_find(o->now, "V"), 0));
	TRY(explain_appearance(w, pdf_value_find(o->now, "AP"), 0));
	return modification_work_note(w, o, MODIFICATION_FORM_FILL, modification_work_permits(w, 2),
	    "ISO 32000-2 12.8.2.2", "field \"%s\" was filled in", name);
}

static bool is_field(const struct pdf_value *v)
{
	return v->kind == PDF_DICT &&
	       (pdf_value_find(v, "FT") ||
		   pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget") ||
		   (pdf_value_find(v, "T") &&
		       (pdf_value_find(v, "Kids") || pdf_value_find(v, "Parent"))));
}

enum err modification_form_check_fields(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (!w->explained[i] && o->was_there && is_field(o->old))
			TRY(check_field(w, o));
	}
	return OK;
}

/* -- pages: only their annotations may grow -- */

static enum err check_annotation(struct modification_work *w, const struct pdf_value *ref)
{
	const struct pdf_value *annot, *subtype;
	const struct pdf_diff_object *o =
	    ref->kind == PDF_REF ? pdf_diff_find(&w->diff, ref->ref.num) : NULL;
	if (o && w->explained[o - w->diff.item])
		return OK; /* the widget of a field that was judged */
	TRY(resolve(w, w->latest, ref, &annot));
	TRY(find(w, w->latest, annot, "Subtype", &subtype));
	if (pdf_value_is_name(subtype, "Widget") || (o && o->was_there))
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "a widget was put on a page");
	TRY(explain_new(w, annot, 0));
	return modification_work_note(w, o, MODIFICATION_ANNOTATION,
	    modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2", "an annotation was added");
}

static enum err check_annots(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	bool prefix = is_prefix(old, now);
	if (!prefix)
		TRY(modification_work_note(w, NULL, MODIFICATION_ANNOTATION,
		    modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2",
		    "annotations were removed or reordered"));
	for (size_t i = 0; now->kind == PDF_ARRAY && i < now->array.n; i++)
		if (!has_ref(old, now->array.item[i]))
			TRY(check_annotation(w, now->array.item[i]));
	return OK;
}

static enum err check_page(struct modification_work *w, const struct pdf_diff_object *o)
{
	const struct pdf_value *const sides[2] = { o->now, o->old };
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; sides[side]->kind == PDF_DICT && i < sides[side]->dict.n; i++) {
			char *key;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			const struct pdf_value *a = pdf_value_find(o->old, key);
			const struct pdf_value *b = pdf_value_find(o->now, key);
			if (strcmp(key, "Annots") == 0 || (a && b && pdf_value_equal(a, b)))
				continue;
			return modification_work_note(w, o, MODIFICATION_PAGE_CONTENT, false,
			    "ISO 32000-2 12.8.2.2", "page /%s", key);
		}
	const struct pdf_value *old, *now;
	TRY(find(w, w->rev, o->old, "Annots", &old));
	TRY(find(w, w->latest, o->now, "Annots", &now));
	modification_work_explain(w, o);
	const struct pdf_value *entry = pdf_value_find(o->now, "Annots");
	if (entry && entry->kind == PDF_REF) {
		const struct pdf_diff_object *array = pdf_diff_find(&w->diff, entry->ref.num);
		if (array && !array->was_there)
			modification_work_explain(w, array);
	}
	return check_annots(w, old, now);
}

/* An /Annots array of its own object that grew: the page is found through the new widgets' /P. */
static enum err check_array_of(struct modification_work *w, const struct pdf_value *annot_ref)
{
	const struct pdf_value *annot, *page, *old, *now;
	TRY(resolve(w, w->latest, annot_ref, &annot));
	TRY(find(w, w->latest, annot, "P", &page));
	const struct pdf_value *entry = pdf_value_find(page, "Annots");
	if (!entry || entry->kind != PDF_REF ||
	    !pdf_value_is_name(pdf_value_find(page, "Type"), "Page"))
		return OK;
	const struct pdf_diff_object *array = pdf_diff_find(&w->diff, entry->ref.num);
	if (!array || w->explained[array - w->diff.item])
		return OK;
	TRY(resolve(w, w->rev, entry, &old));
	TRY(resolve(w, w->latest, entry, &now));
	modification_work_explain(w, array);
	return check_annots(w, old, now);
}

static enum err check_annotation_changed(
    struct modification_work *w, const struct pdf_diff_object *o)
{
	TRY(explain_new(w, o->now, 0));
	return modification_work_note(w, o, MODIFICATION_ANNOTATION,
	    modification_work_permits(w, 3), "ISO 32000-2 12.8.2.2", "an annotation was %s",
	    o->now->kind == PDF_NULL ? "removed" : "changed");
}

static bool is_annotation(const struct pdf_value *v)
{
	return v->kind == PDF_DICT && pdf_value_find(v, "Rect") && pdf_value_find(v, "Subtype") &&
	       !pdf_value_is_name(pdf_value_find(v, "Subtype"), "Widget");
}

enum err modification_page_check(struct modification_work *w)
{
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (!w->explained[i] && o->was_there &&
		    pdf_value_is_name(pdf_value_find(o->old, "Type"), "Page"))
			TRY(check_page(w, o));
	}
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		const struct pdf_value ref = { .kind = PDF_REF, .ref = o->ref };
		if (!o->was_there && o->now->kind == PDF_DICT && pdf_value_find(o->now, "P"))
			TRY(check_array_of(w, &ref));
	}
	for (size_t i = 0; i < w->diff.n; i++) {
		const struct pdf_diff_object *o = &w->diff.item[i];
		if (!w->explained[i] && o->was_there && is_annotation(o->old))
			TRY(check_annotation_changed(w, o));
	}
	return OK;
}
