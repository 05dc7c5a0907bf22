#include "sealer/permission.h"

#include <string.h>

#include "base/scope.h"
#include "formats/pdf_field.h"
#include "formats/pdf_text.h"

/* -- before -- */

int permission_level(const struct pdf_signature_list *signatures)
{
	int p = 0;
	for (size_t i = 0; i < signatures->n; i++) {
		const struct pdf_signature *sig = &signatures->item[i];
		const int candidates[] = { sig->docmdp, sig->lock.permissions,
			sig->fieldmdp.permissions };
		for (size_t k = 0; k < sizeof(candidates) / sizeof(candidates[0]); k++)
			if (candidates[k] && (p == 0 || candidates[k] < p))
				p = candidates[k];
	}
	return p;
}

/* A name stands for its descendants too. */
static bool is_there(const struct pdf_field_list *fields, const char *name)
{
	const size_t n = strlen(name);
	for (size_t i = 0; n && i < fields->n; i++)
		if (strncmp(fields->item[i].name, name, n) == 0 &&
		    (fields->item[i].name[n] == '\0' || fields->item[i].name[n] == '.'))
			return true;
	return false;
}

/* A name that is mistyped would lock nothing, or too much. */
static enum err check_names(
    struct scope *s, const struct pdf_file *file, const struct pdf_field_lock *lock)
{
	struct pdf_field_list fields;
	if (lock->n_fields == 0)
		return OK;
	TRY(pdf_field_list(s, file, pdf_file_latest(file), &fields));
	for (size_t i = 0; i < lock->n_fields; i++)
		if (!is_there(&fields, lock->fields[i]))
			return scope_fault(s, ERR_DENIED,
			    "field \"%s\", named for the lock, is not in the document",
			    lock->fields[i]);
	return OK;
}

enum err permission_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const struct seal_request *request)
{
	const int holds = permission_level(signatures);
	const struct pdf_field_lock *lock = request->lock;
	if (request->certify && signatures->n)
		return scope_fault(s, ERR_DENIED,
		    "only the first signature may certify, and \"%s\" is signed already",
		    signatures->item[0].name);
	if (!lock)
		return OK;
	if (holds && lock->permissions > holds)
		return scope_fault(s, ERR_DENIED,
		    "an earlier signature permits no more than P=%d: a lock cannot permit P=%d",
		    holds, lock->permissions);
	return check_names(s, file, lock);
}

/* -- the signature references -- */

static enum err set_name(struct scope *s, struct pdf_value *dict, const char *key, const char *name)
{
	return pdf_value_set(s, dict, key, pdf_value_new_name(s, name));
}

enum err permission_set_lock(
    struct scope *s, const struct pdf_field_lock *lock, struct pdf_value *dict)
{
	static const char *const actions[] = { [PDF_FIELDMDP_ALL] = "All",
		[PDF_FIELDMDP_INCLUDE] = "Include",
		[PDF_FIELDMDP_EXCLUDE] = "Exclude" };
	TRY(set_name(s, dict, "Action", actions[lock->action]));
	if (lock->permissions)
		TRY(pdf_value_set(s, dict, "P", pdf_value_new_int(s, lock->permissions)));
	if (lock->action == PDF_FIELDMDP_ALL)
		return OK;
	struct pdf_value *names = pdf_value_new_array(s);
	if (!names)
		return ERR_NOMEM;
	for (size_t i = 0; i < lock->n_fields; i++) {
		struct bytes name;
		TRY(pdf_text_encode(s, lock->fields[i], &name));
		TRY(pdf_value_append(s, names, pdf_value_new_string(s, name)));
	}
	return pdf_value_set(s, dict, "Fields", names);
}

static enum err new_params(struct scope *s, struct pdf_value **ret_params)
{
	struct pdf_value *params = pdf_value_new_dict(s);
	if (!params)
		return ERR_NOMEM;
	TRY(set_name(s, params, "Type", "TransformParams"));
	TRY(set_name(s, params, "V", "1.2"));
	*ret_params = params;
	return OK;
}

static enum err add_reference(struct scope *s, struct pdf_value *refs, const char *method,
    const struct pdf_value *params, const struct pdf_ref *data)
{
	struct pdf_value *ref = pdf_value_new_dict(s);
	if (!ref)
		return ERR_NOMEM;
	TRY(set_name(s, ref, "Type", "SigRef"));
	TRY(set_name(s, ref, "TransformMethod", method));
	TRY(pdf_value_set(s, ref, "TransformParams", params));
	if (data)
		TRY(pdf_value_set(s, ref, "Data", pdf_value_new_ref(s, *data)));
	return pdf_value_append(s, refs, ref);
}

static enum err add_docmdp(struct scope *s, int certify, struct pdf_value *refs)
{
	struct pdf_value *params;
	TRY(new_params(s, &params));
	TRY(pdf_value_set(s, params, "P", pdf_value_new_int(s, certify)));
	return add_reference(s, refs, "DocMDP", params, NULL);
}

/* Table 256: /Data is required here, and is the document. */
static enum err add_fieldmdp(struct scope *s, const struct pdf_file *file,
    const struct pdf_field_lock *lock, struct pdf_value *refs)
{
	struct pdf_value *params;
	TRY(new_params(s, &params));
	TRY(permission_set_lock(s, lock, params));
	return add_reference(s, refs, "FieldMDP", params, &file->root);
}

/* -- the catalog -- */

/* Other permissions stay. Nothing is signed yet: the dictionary may be moved into the catalog. */
static enum err put_perms(
    struct scope *s, const struct pdf_file *file, struct pdf_update *update, struct pdf_ref value)
{
	const struct pdf_value *old_catalog, *old;
	TRY(pdf_update_object(update, file->root, &old_catalog));
	TRY(pdf_file_find(s, file, pdf_file_latest(file), old_catalog, "Perms", &old));
	struct pdf_value *catalog = pdf_value_copy(s, old_catalog);
	struct pdf_value *perms =
	    old->kind == PDF_DICT ? pdf_value_copy(s, old) : pdf_value_new_dict(s);
	if (!catalog || !perms)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, perms, "DocMDP", pdf_value_new_ref(s, value)));
	TRY(pdf_value_set(s, catalog, "Perms", perms));
	return pdf_update_put(update, file->root, catalog);
}

enum err permission_put(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, struct pdf_update *update, int certify,
    const struct field_place *place, struct pdf_value *dict)
{
	const struct pdf_field_lock *lock = place->lock;
	struct pdf_value *refs = pdf_value_new_array(s);
	if (!refs)
		return ERR_NOMEM;
	/* A lock of all fields, or of all but some, is one of new fields too. */
	if (field_is_locked(signatures, place->name))
		return scope_fault(s, ERR_DENIED,
		    "an earlier signature locks all fields but those it names: none may be added");
	if (certify && lock && lock->permissions && lock->permissions < certify)
		return scope_fault(s, ERR_DENIED,
		    "the lock of field \"%s\" permits no more than P=%d: it cannot certify P=%d",
		    place->name, lock->permissions, certify);
	if (certify) {
		TRY(add_docmdp(s, certify, refs));
		TRY(put_perms(s, file, update, place->value));
	}
	if (lock && lock->action != PDF_FIELDMDP_NONE)
		TRY(add_fieldmdp(s, file, lock, refs));
	return refs->array.n ? pdf_value_set(s, dict, "Reference", refs) : OK;
}
