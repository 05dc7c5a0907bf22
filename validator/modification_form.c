/* /AcroForm and the fields that were added to it (ISO 32000-2 12.7.3, 12.8.2.2). */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/modification_work.h"

#define REORDERED_MAX 2000 /* fields of a form of which an order other than before is read */

/* -- new fields -- */

/* A look without anything in it. */
static enum err draws_nothing(struct modification_work *w, const struct pdf_value *ap, bool *ret_is)
{
	const struct pdf_value *normal;
	TRY(modification_work_find(w, w->latest, ap, "N", &normal));
	*ret_is = ap->kind == PDF_DICT && ap->dict.n == 1 && normal->kind == PDF_STREAM &&
		  normal->stream.raw.n == 0;
	return OK;
}

/* An empty signature field that shows and does nothing: a place for the next to sign. */
static enum err is_place_to_sign(
    struct modification_work *w, const struct pdf_value *field, bool *ret_is)
{
	static const char *const may[] = { "Type", "Subtype", "FT", "T", "TU", "Rect", "F", "P",
		"Ff", "Lock", "SV", "StructParent" };
	*ret_is = field->kind == PDF_DICT;
	for (size_t i = 0; *ret_is && i < field->dict.n; i++) {
		const struct pdf_entry *e = &field->dict.item[i];
		bool known = false;
		for (size_t k = 0; k < sizeof(may) / sizeof(*may) && !known; k++)
			known = bytes_equal_str(e->key, may[k]);
		if (bytes_equal_str(e->key, "AP"))
			TRY(draws_nothing(w, e->value, &known));
		*ret_is = known;
	}
	return OK;
}

/* D4, D5: under DocMDP a new signature field has to be signed; other new fields change what the
 * form is. Without it, preparing a signature is no more than an annotation. */
static enum err note_unsigned(struct modification_work *w, const struct pdf_diff_object *o,
    const struct pdf_value *field, bool is_signature, const char *name)
{
	bool may = false;
	if (w->level == 0 && is_signature)
		TRY(is_place_to_sign(w, field, &may));
	may |= w->level == 3;
	return modification_work_note(w, o, may ? MODIFICATION_ANNOTATION : MODIFICATION_FIELD, may,
	    "ISO 32000-2 12.8.2.2", "%sfield \"%s\" was added",
	    is_signature ? "unsigned signature " : "", modification_field_shown(name));
}

enum err modification_form_check_new(struct modification_work *w, const struct pdf_value *ref)
{
	const struct pdf_diff_object *o = modification_work_changed(w, ref);
	const struct pdf_value *field, *value;
	char *name;
	bool is_sig = false, is_visible;
	TRY(modification_work_resolve(w, w->latest, ref, &field));
	TRY(modification_field_name(w, w->latest, field, &name));
	TRY(modification_field_is_signature(w, w->latest, field, &is_sig));
	TRY(modification_work_find(w, w->latest, field, "V", &value));
	if (ref->kind == PDF_REF && (!o || o->was_there)) {
		modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.8.2.2", "an older object became field \"%s\"",
		    modification_field_shown(name));
	}
	modification_work_explain_new(w, ref);
	modification_work_explain_new(w, field);
	if (!is_sig || value->kind != PDF_DICT || !modification_field_signs(value))
		return note_unsigned(w, o, field, is_sig, name);
	if (!modification_field_has_new_value(w, field))
		return modification_work_note(w, o, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.5.5", "an older signature was put into new field \"%s\"",
		    modification_field_shown(name));
	TRY(modification_field_is_visible(w, w->latest, field, &is_visible));
	if (modification_field_is_timestamp(value) && !is_visible)
		return modification_work_note(w, o, MODIFICATION_LTV_UPDATE, true,
		    "EN 319 142-1 5.4.3", "document timestamp \"%s\"",
		    modification_field_shown(name));
	/* A lock of all fields, or of all but some, is one of new fields too (pyHanko and EU DSS
	 * agree). */
	const bool locked = modification_field_is_locked(w, name);
	return modification_work_note(w, o, MODIFICATION_SIGNATURE,
	    modification_work_permits(w, 2) && !locked,
	    locked ? "ISO 32000-2 12.8.2.4" : "ISO 32000-2 12.8.2.2",
	    "signature in new field \"%s\"", modification_field_shown(name));
}

/* -- /Fields -- */

static enum err check_fields_array(
    struct modification_work *w, const struct pdf_value *old_form, const struct pdf_value *form)
{
	const struct pdf_value *old, *now, *entry = pdf_value_find(form, "Fields");
	TRY(modification_work_find(w, w->rev, old_form, "Fields", &old));
	TRY(modification_work_find(w, w->latest, form, "Fields", &now));
	const struct pdf_diff_object *o = modification_work_changed(w, entry);
	if (o && (!o->was_there || o->old->kind == PDF_ARRAY))
		modification_work_explain(
		    w, o, o->was_there ? MODIFICATION_ROLE_FORM : MODIFICATION_ROLE_NEW);
	const size_t n_old = old->kind == PDF_ARRAY ? old->array.n : 0;
	const size_t n_now = now->kind == PDF_ARRAY ? now->array.n : 0;
	const bool prefix = modification_work_is_prefix(old, now);
	if (!prefix && (n_old > REORDERED_MAX || n_now > REORDERED_MAX))
		return modification_work_note(w, NULL, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.3", "the fields of the form were reordered");
	for (size_t i = 0; !prefix && i < n_old; i++)
		if (!modification_work_has_ref(now, old->array.item[i]))
			TRY(modification_work_note(w,
			    modification_work_changed(w, old->array.item[i]), MODIFICATION_FIELD,
			    false, "ISO 32000-2 12.7.3", "a field was removed from the form"));
	for (size_t i = prefix ? n_old : 0; i < n_now; i++)
		if (prefix || !modification_work_has_ref(old, now->array.item[i]))
			TRY(modification_form_check_new(w, now->array.item[i]));
	return OK;
}

/* -- the other entries -- */

/* What the default appearances of fields name (12.7.4.3): it stays what it was. */
static enum err names_stay(struct modification_work *w, const struct pdf_value *old,
    const struct pdf_value *now, bool *ret_stay)
{
	static const char *const named[] = { "Font", "Encoding", "ColorSpace" };
	*ret_stay = true;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named) && *ret_stay; i++) {
		const struct pdf_value *a, *b;
		TRY(modification_work_find(w, w->rev, old, named[i], &a));
		TRY(modification_work_find(w, w->latest, now, named[i], &b));
		if (a->kind == PDF_DICT)
			TRY(modification_work_is_extended(w, a, b, ret_stay));
	}
	return OK;
}

/* /DR may grow (12.7.3). Its other resources are for nobody, as appearances have their own: PDFBox
 * puts a form there and exchanges it with each signature. */
static enum err check_resources(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *resources;
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	bool stay, same;
	TRY(names_stay(w, old, now, &stay));
	if (!stay)
		return modification_work_note(w, o, MODIFICATION_FIELD, false, "ISO 32000-2 12.7.3",
		    "form /DR: fonts of fields were replaced or removed");
	modification_work_explain(w, o, MODIFICATION_ROLE_JUDGED);
	TRY(modification_work_resolve(w, w->latest, now, &resources));
	TRY(modification_work_is_same(w, old, now, &same));
	bool any = o || !same;
	for (size_t i = 0; resources->kind == PDF_DICT && i < resources->dict.n; i++) {
		const struct pdf_diff_object *inner =
		    modification_work_changed(w, resources->dict.item[i].value);
		if (inner && inner->old->kind != PDF_STREAM && inner->now->kind != PDF_STREAM)
			modification_work_explain(w, inner, MODIFICATION_ROLE_JUDGED);
		any |= inner != NULL;
	}
	modification_work_explain_new(w, resources);
	return any ? modification_work_note(w, o, MODIFICATION_FORM_FILL,
			 modification_work_permits(w, 2), "ISO 32000-2 12.7.3",
			 "form /DR: resources were added")
		   : OK;
}

/* XFA (12.7.8, Annex K): the packets of the template stay; those of data and state may change. */
static enum err check_xfa(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *a, *b;
	bool ok = old && now, any = false;
	TRY(modification_work_resolve(w, w->rev, old, &a));
	TRY(modification_work_resolve(w, w->latest, now, &b));
	ok = ok && a->kind == b->kind && (a->kind != PDF_ARRAY || a->array.n == b->array.n);
	for (size_t i = 0; ok && a->kind == PDF_ARRAY && i < a->array.n; i++) {
		const struct pdf_value *name = a->array.item[i - i % 2];
		const struct pdf_diff_object *o = modification_work_changed(w, b->array.item[i]);
		bool same;
		TRY(modification_work_is_same(w, a->array.item[i], b->array.item[i], &same));
		if (same && !o)
			continue;
		ok = i % 2 == 1 && pdf_value_is_string(name) &&
		     (bytes_equal_str(name->string, "datasets") ||
			 bytes_equal_str(name->string, "form"));
		any = true;
		if (ok)
			modification_work_explain(w, o, MODIFICATION_ROLE_FORM);
	}
	if (a->kind != PDF_ARRAY)
		TRY(modification_work_is_same(w, old, now, &ok));
	if (ok && !any)
		return OK;
	return modification_work_note(w, NULL, ok ? MODIFICATION_FORM_FILL : MODIFICATION_FIELD,
	    ok && modification_work_permits(w, 2), "ISO 32000-2 12.7.8", "form /XFA");
}

/* SignaturesExist (12.7.3) stays: without it readers need not look for any. */
static enum err check_flags(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	int64_t before = 0, after = 0;
	TRY(modification_work_resolve(w, w->rev, old, &old));
	TRY(modification_work_resolve(w, w->latest, now, &now));
	pdf_value_integer(old, &before);
	pdf_value_integer(now, &after);
	if (!(before & 1) || after & 1)
		return OK;
	return modification_work_note(w, NULL, MODIFICATION_FIELD, false, "ISO 32000-2 12.7.3",
	    "form /SigFlags no longer says that there are signatures");
}

static enum err check_entry(struct modification_work *w, const struct pdf_value *old_form,
    const struct pdf_value *form, const char *key)
{
	const struct pdf_value *old = pdf_value_find(old_form, key);
	const struct pdf_value *now = pdf_value_find(form, key);
	bool same;
	if (strcmp(key, "Fields") == 0)
		return OK;
	if (strcmp(key, "SigFlags") == 0)
		return check_flags(w, old, now);
	if (strcmp(key, "DR") == 0)
		return check_resources(w, old, now);
	if (strcmp(key, "XFA") == 0)
		return check_xfa(w, old, now);
	TRY(modification_work_is_same(w, old, now, &same));
	if (same)
		return OK;
	bool fill = strcmp(key, "DA") == 0 || strcmp(key, "NeedAppearances") == 0;
	return modification_work_note(w, NULL, fill ? MODIFICATION_FORM_FILL : MODIFICATION_FIELD,
	    fill && modification_work_permits(w, 2), "ISO 32000-2 12.7.3", "form /%s", key);
}

enum err modification_form_check(
    struct modification_work *w, const struct pdf_value *old, const struct pdf_value *now)
{
	const struct pdf_value *old_form, *form;
	const struct pdf_diff_object *o = modification_work_changed(w, now);
	if (!now)
		return modification_work_note(w, NULL, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.3", "the form was removed");
	TRY(modification_work_resolve(w, w->rev, old, &old_form));
	TRY(modification_work_resolve(w, w->latest, now, &form));
	if (form->kind != PDF_DICT)
		return modification_work_note(w, NULL, MODIFICATION_FIELD, false,
		    "ISO 32000-2 12.7.3", "the form is no dictionary");
	if (o && (!o->was_there || pdf_value_find(o->old, "Fields")))
		modification_work_explain(
		    w, o, o->was_there ? MODIFICATION_ROLE_FORM : MODIFICATION_ROLE_NEW);
	TRY(check_fields_array(w, old_form, form));
	const struct pdf_value *const sides[2] = { form, old_form };
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; sides[side]->kind == PDF_DICT && i < sides[side]->dict.n; i++) {
			char *key;
			TRY(bytes_to_str(w->s, sides[side]->dict.item[i].key, &key));
			if (side == 0 || !pdf_value_find(form, key))
				TRY(check_entry(w, old_form, form, key));
		}
	return OK;
}
