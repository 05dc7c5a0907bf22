#include "sealer/field.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "sealer/field_tag.h"
#include "sealer/permission.h"

struct placing {
	struct scope *s;
	const struct pdf_file *file;
	const struct pdf_signature_list *signatures;
	struct pdf_update *update;
	size_t rev;
	const struct pdf_value *catalog, *form; /* form: the null value when there is none */
	const struct pdf_value *fields;         /* /Fields, resolved */
};

/* -- names -- */

static enum err has_top_name(struct placing *p, const char *name, bool *ret_has)
{
	*ret_has = false;
	if (p->fields->kind != PDF_ARRAY)
		return OK;
	for (size_t i = 0; i < p->fields->array.n && i < LIMIT_PDF_FIELDS; i++) {
		const struct pdf_value *t;
		char *text;
		enum err err =
		    pdf_file_find(p->s, p->file, p->rev, p->fields->array.item[i], "T", &t);
		if (err == ERR_NOMEM)
			return err;
		if (err != OK) {
			scope_forgive(p->s);
			continue;
		}
		if (t->kind != PDF_STRING)
			continue;
		TRY(pdf_text_decode(p->s, t->string, &text));
		if (strcmp(text, name) == 0) {
			*ret_has = true;
			return OK;
		}
	}
	return OK;
}

static enum err free_name(struct placing *p, const char *stem, char **ret_name)
{
	for (unsigned i = 1; i <= LIMIT_PDF_FIELDS; i++) {
		char name[32];
		bool taken = true;
		snprintf(name, sizeof(name), "%s%u", stem, i);
		TRY(has_top_name(p, name, &taken));
		if (!taken)
			return bytes_to_str(p->s, bytes_of_str(name), ret_name);
	}
	return scope_fault(p->s, ERR_LIMIT, "too many form fields");
}

/* -- an existing field -- */

static bool is_asking(const struct pdf_signature *f)
{
	return pdf_value_find(f->field_dict, "SV") != NULL;
}

bool field_is_locked(const struct pdf_signature_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (pdf_signature_locks(&l->item[i].fieldmdp, name))
			return true;
	return false;
}

/* Not to be taken unless it is named. */
static bool is_reserved(const struct pdf_signature_list *l, const struct pdf_signature *f)
{
	return !f->field.num || is_asking(f) || f->is_read_only || field_is_locked(l, f->name);
}

enum err field_find(struct scope *s, const struct pdf_signature_list *l, const char *wanted,
    const struct pdf_signature **ret_field)
{
	*ret_field = NULL;
	if (!wanted) {
		if (l->n_unsigned == 1 && !is_reserved(l, &l->unsigned_fields[0]))
			*ret_field = &l->unsigned_fields[0];
		return OK;
	}
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->item[i].name, wanted) == 0)
			return scope_fault(s, ERR_DENIED, "field \"%s\" is signed already", wanted);
	for (size_t i = 0; i < l->n_unsigned; i++)
		if (strcmp(l->unsigned_fields[i].name, wanted) == 0)
			*ret_field = &l->unsigned_fields[i];
	if (*ret_field && !(*ret_field)->field.num)
		return scope_fault(s, ERR_UNSUPPORTED, "field \"%s\" is a direct object", wanted);
	if (*ret_field && (*ret_field)->is_read_only)
		return scope_fault(s, ERR_DENIED, "field \"%s\" is read-only", wanted);
	return OK;
}

enum err field_widget(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature *field, struct pdf_ref *ret_ref, const struct pdf_value **ret_dict)
{
	const size_t rev = pdf_file_latest(file);
	const struct pdf_value *kids, *dict = field->field_dict;
	struct pdf_ref ref = field->field;
	TRY(pdf_file_find(s, file, rev, dict, "Kids", &kids));
	if (kids->kind == PDF_ARRAY && kids->array.n == 1 && kids->array.item[0]->kind == PDF_REF) {
		ref = kids->array.item[0]->ref;
		TRY(pdf_file_object(s, file, rev, ref, &dict));
	}
	if (dict->kind != PDF_DICT || !pdf_value_find(dict, "Rect"))
		return scope_fault(
		    s, ERR_UNSUPPORTED, "field \"%s\" has no place on a page", field->name);
	*ret_ref = ref;
	*ret_dict = dict;
	return OK;
}

static enum err set_look(struct scope *s, struct pdf_value *widget, const struct appearance *look)
{
	struct pdf_value *ap = pdf_value_new_dict(s);
	if (!ap)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, ap, "N", pdf_value_new_ref(s, look->normal)));
	return pdf_value_set(s, widget, "AP", ap);
}

/* After the field is put: its widget may be the same object. */
static enum err show_existing(
    struct placing *p, const struct pdf_signature *f, const struct appearance *look)
{
	struct pdf_ref ref;
	const struct pdf_value *old;
	TRY(field_widget(p->s, p->file, f, &ref, &old));
	TRY(pdf_update_object(p->update, ref, &old));
	struct pdf_value *widget = pdf_value_copy(p->s, old);
	if (!widget)
		return ERR_NOMEM;
	TRY(set_look(p->s, widget, look));
	return pdf_update_put(p->update, ref, widget);
}

/* -- locks -- */

static bool names_all(const struct pdf_field_lock *a, const struct pdf_field_lock *b)
{
	for (size_t i = 0; i < b->n_fields; i++) {
		size_t k = 0;
		while (k < a->n_fields && strcmp(a->fields[k], b->fields[i]) != 0)
			k++;
		if (k == a->n_fields)
			return false;
	}
	return true;
}

static bool is_same_lock(const struct pdf_field_lock *own, const struct pdf_field_lock *asked)
{
	if (asked->permissions && asked->permissions != own->permissions)
		return false;
	return own->action == asked->action &&
	       (own->action == PDF_FIELDMDP_ALL ||
		   (names_all(own, asked) && names_all(asked, own)));
}

/* Table 235: an object of its own. */
static enum err set_field_lock(
    struct placing *p, struct pdf_value *field, const struct pdf_field_lock *lock)
{
	struct pdf_ref ref;
	struct pdf_value *dict = pdf_value_new_dict(p->s);
	if (!dict)
		return ERR_NOMEM;
	TRY(pdf_value_set(p->s, dict, "Type", pdf_value_new_name(p->s, "SigFieldLock")));
	TRY(permission_set_lock(p->s, lock, dict));
	TRY(pdf_update_reserve(p->update, &ref));
	TRY(pdf_update_put(p->update, ref, dict));
	return pdf_value_set(p->s, field, "Lock", pdf_value_new_ref(p->s, ref));
}

/* 12.8.2.4: a signature copies the lock of its field. A field that has none gets the one asked for
 * while nobody has signed; afterwards the signature alone can tell of it. */
static enum err choose_lock(struct placing *p, const struct pdf_signature *f,
    struct pdf_value *field, struct field_place *place)
{
	const struct pdf_field_lock *asked = place->asked_lock;
	const bool has_own = f->lock.action != PDF_FIELDMDP_NONE || f->lock.permissions;
	if (has_own && asked && !is_same_lock(&f->lock, asked))
		return scope_fault(
		    p->s, ERR_DENIED, "field \"%s\" has a lock of its own, another one", f->name);
	place->lock = has_own ? &f->lock : asked;
	if (has_own || !asked)
		return OK;
	if (p->signatures->n == 0)
		return set_field_lock(p, field, asked);
	if (asked->permissions)
		return scope_fault(p->s, ERR_DENIED,
		    "earlier signatures protect field \"%s\": only a new field can get a lock "
		    "level",
		    f->name);
	return OK;
}

static enum err use_existing(
    struct placing *p, const struct pdf_signature *f, struct field_place *place)
{
	const struct pdf_value *old;
	TRY(pdf_update_object(p->update, f->field, &old));
	struct pdf_value *field = pdf_value_copy(p->s, old);
	if (!field)
		return ERR_NOMEM;
	TRY(pdf_value_set(p->s, field, "V", pdf_value_new_ref(p->s, place->value)));
	TRY(bytes_to_str(p->s, bytes_of_str(f->name), &place->name));
	TRY(choose_lock(p, f, field, place));
	TRY(pdf_update_put(p->update, f->field, field));
	return place->look ? show_existing(p, f, place->look) : OK;
}

/* -- a new field -- */

static bool is_nothing(const struct pdf_value *form)
{
	const struct pdf_value *box = pdf_value_find(form, "BBox");
	double n;
	if (form->kind != PDF_STREAM || !box || box->kind != PDF_ARRAY || box->array.n != 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!pdf_value_number(box->array.item[i], &n) || n < 0 || n > 0)
			return false;
	return true;
}

/* The look of an earlier invisible seal; num 0 if there is none. */
static enum err find_empty_look(struct placing *p, struct pdf_ref *ret_form)
{
	*ret_form = (struct pdf_ref){ 0 };
	for (size_t i = 0; i < p->signatures->n && !ret_form->num; i++) {
		const struct pdf_value *ap =
		    pdf_value_find(p->signatures->item[i].field_dict, "AP");
		const struct pdf_value *normal = pdf_value_find(ap, "N"), *form;
		if (!normal || normal->kind != PDF_REF)
			continue;
		const enum err err = pdf_file_object(p->s, p->file, p->rev, normal->ref, &form);
		if (err == ERR_NOMEM)
			return err;
		if (err != OK)
			scope_forgive(p->s);
		else if (is_nothing(form))
			*ret_form = normal->ref;
	}
	return OK;
}

/* PDF/A-1 wants an appearance of every field (ISO 19005-1 6.9), seen or not. After a signature one
 * is enough for all: pyHanko takes a new one for filling in, which P=1 and locks forbid. There, and
 * with none to take, a document timestamp goes without. */
static enum err set_empty_look(
    struct placing *p, const struct field_place *place, struct pdf_value *widget)
{
	struct scope *s = p->s;
	struct appearance nothing = { 0 };
	TRY(find_empty_look(p, &nothing.normal));
	if (nothing.normal.num)
		return set_look(s, widget, &nothing);
	if (permission_level(p->signatures) == 1 || field_is_locked(p->signatures, place->name))
		return OK;
	struct pdf_value *form = pdf_value_new_dict(s), *box = pdf_value_new_array(s);
	if (!form || !box)
		return ERR_NOMEM;
	for (int i = 0; i < 4; i++)
		TRY(pdf_value_append(s, box, pdf_value_new_int(s, 0)));
	TRY(pdf_value_set(s, form, "Type", pdf_value_new_name(s, "XObject")));
	TRY(pdf_value_set(s, form, "Subtype", pdf_value_new_name(s, "Form")));
	TRY(pdf_value_set(s, form, "BBox", box));
	const struct pdf_value *stream = pdf_value_new_stream(s, form, BYTES_NONE);
	if (!stream)
		return ERR_NOMEM;
	TRY(pdf_update_reserve(p->update, &nothing.normal));
	TRY(pdf_update_put(p->update, nothing.normal, stream));
	return set_look(s, widget, &nothing);
}

/* What is seen is also told: its name, and its place in the document's structure. */
static enum err describe(struct placing *p, struct field_place *place, struct pdf_ref page,
    struct pdf_ref field, struct pdf_value *widget)
{
	struct scope *s = p->s;
	struct bytes title;
	int64_t key;
	TRY(field_tag(s, p->update, p->file, page, field, place->language, &key, &place->untagged));
	if (key >= 0)
		TRY(pdf_value_set(s, widget, "StructParent", pdf_value_new_int(s, key)));
	if (!place->title || !place->title[0])
		return OK;
	TRY(pdf_text_encode(s, place->title, &title));
	TRY(pdf_value_set(s, widget, "TU", pdf_value_new_string(s, title)));
	/* PDF/UA-2 8.10.2.3 asks the annotation, not the field. */
	return pdf_value_set(s, widget, "Contents", pdf_value_new_string(s, title));
}

static enum err new_widget(
    struct placing *p, struct field_place *place, struct pdf_ref page, struct pdf_ref field)
{
	struct scope *s = p->s;
	struct pdf_value *w = pdf_value_new_dict(s), *rect = pdf_value_new_array(s);
	struct bytes name;
	if (!w || !rect)
		return ERR_NOMEM;
	for (int i = 0; i < 4; i++)
		TRY(pdf_value_append(
		    s, rect, pdf_value_new_real(s, place->look ? place->look->rect[i] : 0)));
	TRY(pdf_text_encode(s, place->name, &name));
	TRY(pdf_value_set(s, w, "Type", pdf_value_new_name(s, "Annot")));
	TRY(pdf_value_set(s, w, "Subtype", pdf_value_new_name(s, "Widget")));
	TRY(pdf_value_set(s, w, "FT", pdf_value_new_name(s, "Sig")));
	TRY(pdf_value_set(s, w, "T", pdf_value_new_string(s, name)));
	TRY(pdf_value_set(s, w, "V", pdf_value_new_ref(s, place->value)));
	TRY(pdf_value_set(s, w, "F", pdf_value_new_int(s, 132))); /* print, locked */
	TRY(pdf_value_set(s, w, "Rect", rect));
	TRY(pdf_value_set(s, w, "P", pdf_value_new_ref(s, page)));
	if (place->lock)
		TRY(set_field_lock(p, w, place->lock));
	TRY(place->look ? set_look(s, w, place->look) : set_empty_look(p, place, w));
	if (place->look)
		TRY(describe(p, place, page, field, w));
	if (p->signatures->n == 0)
		TRY(field_tag_page(s, p->update, p->file, page));
	return pdf_update_put(p->update, field, w);
}

/* A copy of the array that `v` is or refers to, with one more reference; an absent or null one
 * gives a new array. */
static enum err with_ref(
    struct placing *p, const struct pdf_value *v, struct pdf_ref more, struct pdf_value **ret_array)
{
	struct scope *s = p->s;
	const struct pdf_value *old = v;
	if (v && v->kind == PDF_REF)
		TRY(pdf_update_object(p->update, v->ref, &old));
	struct pdf_value *array =
	    old && old->kind == PDF_ARRAY ? pdf_value_copy(s, old) : pdf_value_new_array(s);
	if (!array)
		return ERR_NOMEM;
	TRY(pdf_value_append(s, array, pdf_value_new_ref(s, more)));
	*ret_array = array;
	return OK;
}

/* Adds a reference to the array at `key` of `owner`: in the array's own object when it has one and
 * `in_place`, else in `owner`, which is then put under its reference. */
static enum err add_to_array(struct placing *p, struct pdf_ref owner_ref,
    const struct pdf_value *owner, const char *key, struct pdf_ref more, bool in_place)
{
	const struct pdf_value *old = pdf_value_find(owner, key);
	struct pdf_value *array;
	TRY(with_ref(p, old, more, &array));
	if (in_place && old && old->kind == PDF_REF)
		return pdf_update_put(p->update, old->ref, array);
	struct pdf_value *changed = pdf_value_copy(p->s, owner);
	if (!changed)
		return ERR_NOMEM;
	TRY(pdf_value_set(p->s, changed, key, array));
	return pdf_update_put(p->update, owner_ref, changed);
}

/* An /Annots array of its own object may serve two pages. A document that nobody has signed yet
 * gets a copy on its first page; in a signed one the array stays where later readers compare it. */
static enum err add_to_page(struct placing *p, struct pdf_ref page, struct pdf_ref field)
{
	const struct pdf_value *dict;
	TRY(pdf_update_object(p->update, page, &dict));
	return add_to_array(p, page, dict, "Annots", field, p->signatures->n > 0);
}

static enum err form_with_field(
    struct placing *p, struct pdf_ref field, struct pdf_value **ret_form)
{
	struct scope *s = p->s;
	struct pdf_value *form =
	    p->form->kind == PDF_DICT ? pdf_value_copy(s, p->form) : pdf_value_new_dict(s);
	if (!form)
		return ERR_NOMEM;
	const struct pdf_value *old = pdf_value_find(form, "Fields");
	struct pdf_value *array;
	int64_t flags = 0;
	if (field.num) {
		TRY(with_ref(p, old, field, &array));
		if (old && old->kind == PDF_REF)
			TRY(pdf_update_put(p->update, old->ref, array));
		else
			TRY(pdf_value_set(s, form, "Fields", array));
	}
	const struct pdf_value *sig_flags;
	TRY(pdf_file_find(s, p->file, p->rev, form, "SigFlags", &sig_flags));
	pdf_value_integer(sig_flags, &flags);
	/* SignaturesExist, AppendOnly (12.7.3) */
	TRY(pdf_value_set(s, form, "SigFlags", pdf_value_new_int(s, flags | 3)));
	*ret_form = form;
	return OK;
}

/* Writes /AcroForm back where it stands: its own object, or the catalog. */
static enum err put_form(struct placing *p, struct pdf_ref field)
{
	struct pdf_value *form;
	TRY(form_with_field(p, field, &form));
	const struct pdf_value *old = pdf_value_find(p->catalog, "AcroForm");
	if (old && old->kind == PDF_REF && p->form->kind == PDF_DICT)
		return pdf_update_put(p->update, old->ref, form);
	const struct pdf_value *catalog_now;
	TRY(pdf_update_object(p->update, p->file->root, &catalog_now));
	struct pdf_value *catalog = pdf_value_copy(p->s, catalog_now);
	if (!catalog)
		return ERR_NOMEM;
	TRY(pdf_value_set(p->s, catalog, "AcroForm", form));
	return pdf_update_put(p->update, p->file->root, catalog);
}

static enum err first_page(struct placing *p, struct pdf_ref *ret_page)
{
	const struct pdf_value *dict;
	TRY(pdf_file_page(p->s, p->file, p->rev, 0, ret_page, &dict));
	if (!dict)
		return scope_fault(p->s, ERR_FORMAT, "the document has no page");
	if (ret_page->num == 0)
		return scope_fault(
		    p->s, ERR_UNSUPPORTED, "the first page is not an object of its own");
	return OK;
}

static enum err make_new(struct placing *p, struct field_place *place)
{
	struct pdf_ref page, field;
	if (place->look)
		page = place->look->page;
	else
		TRY(first_page(p, &page));
	TRY(pdf_update_reserve(p->update, &field));
	TRY(new_widget(p, place, page, field));
	TRY(add_to_page(p, page, field));
	return put_form(p, field);
}

enum err field_place(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, struct pdf_update *update, const char *wanted,
    bool is_timestamp, struct field_place *place)
{
	struct placing p = { .s = s,
		.file = file,
		.signatures = signatures,
		.update = update,
		.rev = pdf_file_latest(file) };
	const struct pdf_signature *existing = NULL;
	TRY(pdf_file_catalog(s, file, p.rev, &p.catalog));
	TRY(pdf_file_find(s, file, p.rev, p.catalog, "AcroForm", &p.form));
	TRY(pdf_file_find(s, file, p.rev, p.form, "Fields", &p.fields));
	TRY(pdf_update_reserve(update, &place->value));
	place->lock = NULL;
	place->untagged = NULL;
	if (!is_timestamp && (wanted || !place->fresh))
		TRY(field_find(s, signatures, wanted, &existing));
	if (existing) {
		TRY(use_existing(&p, existing, place));
		return put_form(&p, (struct pdf_ref){ 0 });
	}
	bool taken = false;
	place->lock = place->asked_lock;
	if (wanted)
		TRY(has_top_name(&p, wanted, &taken));
	if (taken)
		return scope_fault(
		    s, ERR_DENIED, "field \"%s\" is not an empty signature field", wanted);
	/* A partial name holds no period (12.7.4.2); an empty one would be none. */
	if (wanted && (!wanted[0] || strchr(wanted, '.')))
		return scope_fault(s, ERR_DENIED,
		    "field \"%s\" is not there, and a new one cannot have that name", wanted);
	if (wanted)
		TRY(bytes_to_str(s, bytes_of_str(wanted), &place->name));
	else
		TRY(free_name(&p, is_timestamp ? "Timestamp" : "Signature", &place->name));
	return make_new(&p, place);
}
