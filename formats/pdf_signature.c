#include "formats/pdf_signature.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"
#include "formats/pdf_field.h"
#include "formats/pdf_text.h"

/* Signature references read; real dictionaries have one or two. */
#define REFERENCES_MAX 64

struct reader {
	struct scope *s;
	const struct pdf_file *file;
	size_t rev;
	size_t *n_unreadable;
};

/* -- entries -- */

static enum err look(
    struct reader *r, const struct pdf_value *v, const struct pdf_value **ret_value)
{
	return pdf_field_resolve(r->s, r->file, r->rev, v, r->n_unreadable, NULL, ret_value);
}

static enum err find(struct reader *r, const struct pdf_value *dict, const char *key,
    const struct pdf_value **ret_value)
{
	return look(r, pdf_value_find(dict, key), ret_value);
}

/* A name as text for people; "" when absent. */
static enum err name_of(
    struct reader *r, const struct pdf_value *dict, const char *key, char **ret_text)
{
	const struct pdf_value *v;
	TRY(find(r, dict, key, &v));
	return pdf_text_printable(r->s, v->kind == PDF_NAME ? v->name : BYTES_NONE, ret_text);
}

static enum err text_of(
    struct reader *r, const struct pdf_value *dict, const char *key, char **ret_text)
{
	const struct pdf_value *v;
	TRY(find(r, dict, key, &v));
	return pdf_text_decode(r->s, pdf_value_is_string(v) ? v->string : BYTES_NONE, ret_text);
}

static enum err has_name(struct reader *r, const struct pdf_value *dict, const char *key,
    const char *name, bool *ret_has)
{
	const struct pdf_value *v;
	TRY(find(r, dict, key, &v));
	*ret_has = pdf_value_is_name(v, name);
	return OK;
}

/* -- locks and transforms -- */

static enum pdf_fieldmdp action_of(const struct pdf_value *name)
{
	if (pdf_value_is_name(name, "All"))
		return PDF_FIELDMDP_ALL;
	if (pdf_value_is_name(name, "Include"))
		return PDF_FIELDMDP_INCLUDE;
	return pdf_value_is_name(name, "Exclude") ? PDF_FIELDMDP_EXCLUDE : PDF_FIELDMDP_NONE;
}

static enum err read_permissions(struct reader *r, const struct pdf_value *dict, int *ret_level)
{
	const struct pdf_value *v;
	int64_t p;
	TRY(find(r, dict, "P", &v));
	*ret_level = pdf_value_integer(v, &p) && p >= 1 && p <= 3 ? (int)p : 0;
	return OK;
}

static enum err read_lock(
    struct reader *r, const struct pdf_value *dict, struct pdf_field_lock *ret_lock)
{
	struct pdf_field_lock lock = { 0 };
	const struct pdf_value *action, *fields;
	TRY(find(r, dict, "Action", &action));
	TRY(find(r, dict, "Fields", &fields));
	TRY(read_permissions(r, dict, &lock.permissions));
	lock.action = action_of(action);
	const size_t n = fields->kind == PDF_ARRAY ? fields->array.n : 0;
	if (n > LIMIT_PDF_FIELDS)
		return scope_fault(
		    r->s, ERR_LIMIT, "pdf: lock of more than %d fields", LIMIT_PDF_FIELDS);
	lock.fields = scope_alloc_array(r->s, n, sizeof(*lock.fields));
	if (!lock.fields)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct pdf_value *name;
		TRY(look(r, fields->array.item[i], &name));
		lock.is_locked |= pdf_value_is_locked(name);
		if (pdf_value_is_string(name))
			TRY(pdf_text_decode(r->s, name->string, &lock.fields[lock.n_fields++]));
	}
	*ret_lock = lock;
	return OK;
}

static bool locks_equal(const struct pdf_field_lock *a, const struct pdf_field_lock *b)
{
	if (a->action != b->action || a->n_fields != b->n_fields || a->is_locked || b->is_locked)
		return false;
	for (size_t i = 0; i < a->n_fields; i++)
		if (strcmp(a->fields[i], b->fields[i]) != 0)
			return false;
	return true;
}

static enum err add_fieldmdp(
    struct reader *r, const struct pdf_value *params, struct pdf_signature *sig)
{
	struct pdf_field_lock lock;
	TRY(read_lock(r, params, &lock));
	if (sig->fieldmdp.action == PDF_FIELDMDP_NONE)
		sig->fieldmdp = lock;
	else if (lock.action != PDF_FIELDMDP_NONE && !locks_equal(&lock, &sig->fieldmdp))
		sig->fieldmdp = (struct pdf_field_lock){ .action = PDF_FIELDMDP_ALL };
	return OK;
}

static enum err add_docmdp(
    struct reader *r, const struct pdf_value *params, struct pdf_signature *sig)
{
	int level;
	TRY(read_permissions(r, params, &level));
	if (level == 0)
		level = 2; /* ISO 32000-2 table 257 */
	if (sig->docmdp == 0 || level < sig->docmdp)
		sig->docmdp = level;
	return OK;
}

static enum err read_references(struct reader *r, struct pdf_signature *sig)
{
	const struct pdf_value *references;
	TRY(find(r, sig->dict, "Reference", &references));
	if (references->kind != PDF_ARRAY)
		return OK;
	if (references->array.n > REFERENCES_MAX)
		return scope_fault(
		    r->s, ERR_LIMIT, "pdf: more than %d signature references", REFERENCES_MAX);
	for (size_t i = 0; i < references->array.n; i++) {
		const struct pdf_value *reference, *method, *params;
		TRY(look(r, references->array.item[i], &reference));
		TRY(find(r, reference, "TransformMethod", &method));
		TRY(find(r, reference, "TransformParams", &params));
		if (pdf_value_is_name(method, "DocMDP"))
			TRY(add_docmdp(r, params, sig));
		if (pdf_value_is_name(method, "FieldMDP"))
			TRY(add_fieldmdp(r, params, sig));
	}
	return OK;
}

/* -- the signature dictionary -- */

static void read_byte_range(struct pdf_signature *sig)
{
	const struct pdf_value *v = pdf_value_find(sig->dict, "ByteRange");
	sig->has_byte_range = v && v->kind != PDF_NULL;
	if (!v || v->kind != PDF_ARRAY)
		return;
	bool ok = v->array.n == 4;
	for (size_t i = 0; i < 4 && i < v->array.n; i++) {
		const struct pdf_value *number = v->array.item[i];
		if (number->kind != PDF_INT || number->integer < 0)
			ok = false;
		else
			sig->byte_range[i] = number->integer;
	}
	int64_t sum;
	sig->byte_range_ok =
	    ok && !__builtin_add_overflow(sig->byte_range[0], sig->byte_range[1], &sum) &&
	    !__builtin_add_overflow(sig->byte_range[2], sig->byte_range[3], &sum);
}

static size_t count_nonzero(struct bytes b)
{
	size_t n = 0;
	for (size_t i = 0; i < b.n; i++)
		n += b.p[i] != 0;
	return n;
}

/* The length is that of the ASN.1 value: zeros at its end may belong to it. */
static enum err cut_cms(struct scope *s, struct pdf_signature *sig)
{
	const bool had_fault = scope_fault_code(s) != OK;
	size_t n;
	enum err e = der_length_of_value(s, sig->contents, &n);
	if (e == ERR_FORMAT || e == ERR_LIMIT || e == ERR_UNSUPPORTED) {
		if (!had_fault)
			scope_forgive(s);
		return OK;
	}
	TRY(e);
	sig->cms = bytes_cut(sig->contents, 0, n);
	sig->padding_nonzero = count_nonzero(bytes_from(sig->contents, n));
	return OK;
}

static enum err read_contents(struct reader *r, struct pdf_signature *sig)
{
	const struct pdf_value *own = pdf_value_find(sig->dict, "Contents"), *v;
	TRY(look(r, own, &v));
	if (v->kind != PDF_STRING)
		return OK;
	sig->has_contents = true;
	/* Never right, for the ByteRange leaves out a token of this dictionary; and a thousand
	 * dictionaries could refer to one huge string. */
	if (own != v)
		return OK;
	sig->contents = v->string;
	sig->contents_start = v->start;
	sig->contents_end = v->end;
	sig->contents_is_hex = v->hex && v->end > v->start;
	sig->is_placeholder = count_nonzero(v->string) == 0;
	return sig->is_placeholder ? OK : cut_cms(r->s, sig);
}

/* /Cert is one certificate or an array whose first one is the signer's (ISO 32000-2 table 255). */
static enum err read_cert(struct reader *r, struct pdf_signature *sig)
{
	const struct pdf_value *v;
	TRY(find(r, sig->dict, "Cert", &v));
	if (v->kind == PDF_ARRAY && v->array.n > 0)
		TRY(look(r, v->array.item[0], &v));
	if (pdf_value_is_string(v))
		sig->cert = v->string;
	return OK;
}

static bool sub_filter_is_known(const struct pdf_value *v)
{
	static const char *const known[] = { "adbe.pkcs7.detached", "adbe.pkcs7.sha1",
		"adbe.x509.rsa_sha1", "ETSI.CAdES.detached", "ETSI.RFC3161" };
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (pdf_value_is_name(v, known[i]))
			return true;
	return false;
}

static enum err read_words(struct reader *r, struct pdf_signature *sig)
{
	const struct pdf_value *dict = sig->dict, *v;
	bool is_timestamp_type, is_timestamp_filter;
	TRY(name_of(r, dict, "Filter", &sig->filter));
	TRY(name_of(r, dict, "SubFilter", &sig->sub_filter));
	TRY(name_of(r, dict, "Type", &sig->type));
	TRY(text_of(r, dict, "Name", &sig->signer_name));
	TRY(text_of(r, dict, "Reason", &sig->reason));
	TRY(text_of(r, dict, "Location", &sig->location));
	TRY(text_of(r, dict, "ContactInfo", &sig->contact));
	TRY(has_name(r, dict, "Type", "DocTimeStamp", &is_timestamp_type));
	TRY(has_name(r, dict, "SubFilter", "ETSI.RFC3161", &is_timestamp_filter));
	sig->is_document_timestamp = is_timestamp_type || is_timestamp_filter;
	TRY(find(r, dict, "SubFilter", &v));
	sig->sub_filter_known = sub_filter_is_known(v);
	sig->m = INSTANT_NONE;
	TRY(find(r, dict, "M", &v));
	sig->has_m = v->kind == PDF_STRING;
	if (pdf_value_is_string(v)) {
		sig->m_raw = v->string;
		if (!pdf_text_date(v->string, &sig->m))
			sig->m = INSTANT_NONE;
	}
	return OK;
}

/* Revision and bytes of the object that the dictionary is, or stands in. */
static enum err read_place(struct reader *r, struct pdf_ref holder, struct pdf_signature *sig)
{
	uint32_t num = sig->value.num ? sig->value.num : holder.num;
	const struct pdf_xref_entry *entry =
	    pdf_file_entry(r->file, r->rev, num ? num : r->file->root.num, &sig->made_in);
	if (!entry || !sig->value.num || entry->kind != PDF_ENTRY_OFFSET)
		return OK;
	const bool had_fault = scope_fault_code(r->s) != OK;
	size_t start, end;
	enum err e = pdf_file_object_span(r->s, r->file, entry, &start, &end);
	if (e == ERR_FORMAT) {
		if (!had_fault)
			scope_forgive(r->s);
		return OK;
	}
	TRY(e);
	sig->object_start = start;
	sig->object_end = end;
	return OK;
}

/* -- fields -- */

/* value: what the field's /V comes to, found at `ref`. */
static enum err read_field(struct reader *r, const struct pdf_field *field, struct pdf_ref ref,
    const struct pdf_value *value, struct pdf_signature *ret_sig)
{
	struct pdf_signature sig = {
		.name = field->name_is_locked ? NULL : field->name,
		.field = field->ref,
		.field_dict = field->dict,
		.dict = &pdf_value_null,
		.is_read_only = field->flags & 1, /* table 227 */
		.duplicate_keys = field->duplicate_keys,
	};
	const struct pdf_value *lock;
	if (value->kind == PDF_DICT) {
		sig.value = ref;
		sig.dict = value;
		sig.duplicate_keys |= value->duplicate_keys;
		read_byte_range(&sig);
		TRY(read_contents(r, &sig));
		TRY(read_cert(r, &sig));
		TRY(read_references(r, &sig));
		TRY(read_place(r, field->value_holder, &sig));
	}
	TRY(read_words(r, &sig));
	TRY(find(r, field->dict, "Lock", &lock));
	TRY(read_lock(r, lock, &sig.lock));
	*ret_sig = sig;
	return OK;
}

static bool is_listed(
    const struct pdf_signature_list *list, struct pdf_ref ref, const struct pdf_value *dict)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->item[i].dict == dict ||
		    (ref.num && pdf_value_refs_equal(list->item[i].value, ref)))
			return true;
	return false;
}

static enum err add_field(
    struct reader *r, const struct pdf_field *field, struct pdf_signature_list *list)
{
	struct pdf_ref ref;
	const struct pdf_value *value;
	TRY(pdf_field_resolve(r->s, r->file, r->rev, field->value, r->n_unreadable, &ref, &value));
	if (value->kind != PDF_DICT)
		return read_field(r, field, ref, value, &list->unsigned_fields[list->n_unsigned++]);
	if (is_listed(list, ref, value)) {
		list->shared_value = true;
		return OK;
	}
	if (list->n >= LIMIT_PDF_SIGNATURES)
		return scope_fault(
		    r->s, ERR_LIMIT, "pdf: more than %d signatures", LIMIT_PDF_SIGNATURES);
	return read_field(r, field, ref, value, &list->item[list->n++]);
}

static int compare_names(const void *a, const void *b)
{
	const struct pdf_field *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

static bool is_signature_field(const struct pdf_field *field)
{
	return pdf_value_is_name(field->type, "Sig");
}

static enum err find_duplicate_names(
    struct scope *s, const struct pdf_field_list *fields, bool *ret_has)
{
	const struct pdf_field **sorted = scope_alloc_array(s, fields->n, sizeof(*sorted));
	if (!sorted)
		return ERR_NOMEM;
	for (size_t i = 0; i < fields->n; i++)
		sorted[i] = &fields->item[i];
	qsort(sorted, fields->n, sizeof(*sorted), compare_names);
	*ret_has = false;
	bool run_has_signature = false;
	for (size_t i = 0; i < fields->n; i++) {
		const bool repeats = i > 0 && !sorted[i]->name_is_locked &&
				     !sorted[i - 1]->name_is_locked &&
				     compare_names(&sorted[i - 1], &sorted[i]) == 0;
		const bool is_signature = is_signature_field(sorted[i]);
		if (repeats && (is_signature || run_has_signature))
			*ret_has = true;
		run_has_signature = is_signature || (repeats && run_has_signature);
	}
	return OK;
}

/* Stable, so that the rest keeps the order of the fields. */
static enum err sort_by_end(struct scope *s, struct pdf_signature_list *list)
{
	struct pdf_signature *sorted = scope_alloc_array(s, list->n, sizeof(*sorted));
	if (!sorted)
		return ERR_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct pdf_signature *sig = &list->item[i];
		size_t at = n++;
		if (sig->byte_range_ok)
			while (at > 0 &&
			       (!sorted[at - 1].byte_range_ok ||
				   sorted[at - 1].byte_range[2] + sorted[at - 1].byte_range[3] >
				       sig->byte_range[2] + sig->byte_range[3]))
				at--;
		memmove(&sorted[at + 1], &sorted[at], (n - 1 - at) * sizeof(*sorted));
		sorted[at] = *sig;
	}
	list->item = sorted;
	return OK;
}

enum err pdf_signature_list(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *ret_list)
{
	struct pdf_field_list fields;
	struct pdf_signature_list list = { 0 };
	struct reader r = { s, f, pdf_file_latest(f), &list.n_unreadable };
	TRY(pdf_field_list(s, f, r.rev, &fields));
	list.n_unreadable = fields.n_unreadable;
	size_t n = 0;
	for (size_t i = 0; i < fields.n; i++)
		n += is_signature_field(&fields.item[i]);
	list.unsigned_fields = scope_alloc_array(s, n, sizeof(*list.unsigned_fields));
	list.item = scope_alloc_array(
	    s, n < LIMIT_PDF_SIGNATURES ? n : LIMIT_PDF_SIGNATURES, sizeof(*list.item));
	if (!list.item || !list.unsigned_fields)
		return ERR_NOMEM;
	for (size_t i = 0; i < fields.n; i++)
		if (is_signature_field(&fields.item[i]))
			TRY(add_field(&r, &fields.item[i], &list));
	TRY(find_duplicate_names(s, &fields, &list.duplicate_names));
	TRY(sort_by_end(s, &list));
	*ret_list = list;
	return OK;
}

enum err pdf_signature_add_loose(struct scope *s, const struct pdf_file *f,
    const struct pdf_syntax_object *objects, size_t n, struct pdf_signature_list *list)
{
	struct reader r = { s, f, pdf_file_latest(f), &list->n_unreadable };
	const struct pdf_field none = { .name = NULL, .dict = &pdf_value_null };
	if (n > LIMIT_PDF_SIGNATURES - list->n)
		return scope_fault(
		    s, ERR_LIMIT, "pdf: more than %d signatures", LIMIT_PDF_SIGNATURES);
	struct pdf_signature *all = scope_alloc_array(s, list->n + n, sizeof(*all));
	if (!all)
		return ERR_NOMEM;
	if (list->n)
		memcpy(all, list->item, list->n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		struct pdf_signature *sig = &all[list->n + i];
		TRY(read_field(&r, &none, (struct pdf_ref){ 0 }, objects[i].value, sig));
		sig->is_loose = true;
		sig->value = objects[i].ref;
		sig->object_start = objects[i].start;
		sig->object_end = objects[i].end;
	}
	list->item = all;
	list->n += n;
	return sort_by_end(s, list);
}

static bool names_field(const struct pdf_field_lock *lock, const char *name)
{
	for (size_t i = 0; i < lock->n_fields; i++) {
		size_t n = strlen(lock->fields[i]);
		if (strncmp(lock->fields[i], name, n) == 0 && (name[n] == '\0' || name[n] == '.'))
			return true;
	}
	return false;
}

bool pdf_signature_locks(const struct pdf_field_lock *lock, const char *name)
{
	if (lock->is_locked || !name)
		return lock->action != PDF_FIELDMDP_NONE;
	switch (lock->action) {
	case PDF_FIELDMDP_ALL:
		return true;
	case PDF_FIELDMDP_INCLUDE:
		return names_field(lock, name);
	case PDF_FIELDMDP_EXCLUDE:
		return !names_field(lock, name);
	case PDF_FIELDMDP_NONE:
		break;
	}
	return false;
}
