#include "formats/pdf_recovery_objects.h"

#include <stdlib.h>
#include <string.h>

#include <qpdf/qpdf-c.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_syntax.h"

struct pdf_recovery_objects {
	qpdf_data q;
	struct bytes warning;
};

static void release(void *objects)
{
	struct pdf_recovery_objects *o = objects;
	if (o->q)
		qpdf_cleanup(&o->q);
}

static enum err err_of(enum qpdf_error_code_e code)
{
	switch (code) {
	case qpdf_e_password:
		return ERR_DENIED;
	case qpdf_e_unsupported:
		return ERR_UNSUPPORTED;
	case qpdf_e_internal:
	case qpdf_e_system:
	case qpdf_e_damaged_pdf:
	case qpdf_e_pages:
	case qpdf_e_object:
	case qpdf_e_json:
	case qpdf_e_linearization:
	case qpdf_e_success:
	default:
		return ERR_FORMAT;
	}
}

/* QPDF's exceptions end in its C functions and wait there to be asked for. */
static enum err trapped(struct scope *s, struct pdf_recovery_objects *o)
{
	if (!qpdf_has_error(o->q))
		return OK;
	qpdf_error e = qpdf_get_error(o->q);
	return scope_fault(s, err_of(qpdf_get_error_code(o->q, e)), "qpdf: %s",
	    qpdf_get_error_message_detail(o->q, e));
}

enum err pdf_recovery_objects_open(struct scope *s, struct bytes file, struct bytes password,
    bool rebuild, struct pdf_recovery_objects **ret_objects)
{
	struct pdf_recovery_objects *o = scope_alloc(s, sizeof(*o));
	char *text = NULL;
	if (!o)
		return ERR_NOMEM;
	TRY(scope_own(s, o, release));
	if (password.n)
		TRY(bytes_to_str(s, password, &text));
	o->q = qpdf_init();
	if (!o->q)
		return scope_fault(s, ERR_NOMEM, "pdf repair: out of memory");
	qpdf_silence_errors(o->q);
	qpdf_set_suppress_warnings(o->q, QPDF_TRUE);
	qpdf_set_attempt_recovery(o->q, rebuild ? QPDF_TRUE : QPDF_FALSE);
	qpdf_read_memory(o->q, "file", (const char *)file.p, file.n, text);
	TRY(trapped(s, o));
	qpdf_set_attempt_recovery(o->q, QPDF_TRUE); /* of wrong lengths, object by object */
	*ret_objects = o;
	return OK;
}

bool pdf_recovery_objects_is_encrypted(const struct pdf_recovery_objects *o)
{
	return qpdf_is_encrypted(o->q);
}

/* -- values -- */
static enum err convert(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, size_t depth,
    const struct pdf_value **ret_value);

/* What stands in a container: a reference, unless it leads nowhere. Takes the handle. */
static enum err convert_item(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh,
    size_t depth, const struct pdf_value **ret_value)
{
	enum err e = OK;
	if (qpdf_oh_is_null(o->q, oh)) {
		*ret_value = &pdf_value_null;
	} else if (qpdf_oh_is_indirect(o->q, oh)) {
		struct pdf_ref ref = { (uint32_t)qpdf_oh_get_object_id(o->q, oh),
			(uint32_t)qpdf_oh_get_generation(o->q, oh) };
		*ret_value = pdf_value_new_ref(s, ref);
	} else {
		e = convert(s, o, oh, depth + 1, ret_value);
	}
	qpdf_oh_release(o->q, oh);
	TRY(e);
	return *ret_value ? OK : ERR_NOMEM;
}

static enum err convert_array(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh,
    size_t depth, const struct pdf_value **ret_value)
{
	struct pdf_value *array = pdf_value_new_array(s);
	int n = qpdf_oh_get_array_n_items(o->q, oh);
	for (int i = 0; i < n; i++) {
		const struct pdf_value *item;
		TRY(convert_item(s, o, qpdf_oh_get_array_item(o->q, oh, i), depth, &item));
		TRY(pdf_value_append(s, array, item));
	}
	*ret_value = array;
	return array ? OK : ERR_NOMEM;
}

/* QPDF has one key iterator for all dictionaries: so the keys are taken down first. */
static enum err keys_of(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, char ***ret_keys, size_t *ret_n)
{
	char **keys = NULL;
	size_t n = 0, room = 0;
	qpdf_oh_begin_dict_key_iter(o->q, oh);
	while (qpdf_oh_dict_more_keys(o->q)) {
		if (n == room) {
			size_t more = room ? 2 * room : 16;
			keys = scope_resize(s, keys, room * sizeof(*keys), more * sizeof(*keys));
			room = more;
		}
		if (!keys)
			return ERR_NOMEM;
		TRY(bytes_to_str(s, bytes_of_str(qpdf_oh_dict_next_key(o->q)), &keys[n++]));
	}
	*ret_keys = keys;
	*ret_n = n;
	return OK;
}

static enum err convert_dict(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh,
    bool of_stream, size_t depth, const struct pdf_value **ret_value)
{
	struct pdf_value *dict = pdf_value_new_dict(s);
	char **keys;
	size_t n;
	if (!dict)
		return ERR_NOMEM;
	TRY(keys_of(s, o, oh, &keys, &n));
	for (size_t i = 0; i < n; i++) {
		const struct pdf_value *item;
		if (keys[i][0] != '/' || (of_stream && strcmp(keys[i], "/Length") == 0))
			continue;
		TRY(convert_item(s, o, qpdf_oh_get_key(o->q, oh, keys[i]), depth, &item));
		if (item->kind != PDF_NULL)
			TRY(pdf_value_set(s, dict, keys[i] + 1, item));
	}
	*ret_value = dict;
	return OK;
}

static enum err stream_data(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, struct bytes *ret_data)
{
	unsigned char *raw = NULL;
	size_t n = 0;
	qpdf_oh_get_stream_data(o->q, oh, qpdf_dl_none, NULL, &raw, &n);
	if (raw)
		TRY(scope_own(s, raw, free));
	TRY(trapped(s, o));
	*ret_data = bytes_of(raw, raw ? n : 0);
	return OK;
}

static enum err convert_stream(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh,
    size_t depth, const struct pdf_value **ret_value)
{
	const struct pdf_value *dict;
	struct bytes data;
	qpdf_oh dict_oh = qpdf_oh_get_dict(o->q, oh);
	enum err e = convert_dict(s, o, dict_oh, true, depth, &dict);
	qpdf_oh_release(o->q, dict_oh);
	TRY(e);
	TRY(stream_data(s, o, oh, &data));
	*ret_value = pdf_value_new_stream(s, dict, data);
	return *ret_value ? OK : ERR_NOMEM;
}

static enum err convert_string(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, const struct pdf_value **ret_value)
{
	size_t n = 0;
	struct bytes copy;
	const char *p = qpdf_oh_get_binary_string_value(o->q, oh, &n);
	TRY(bytes_copy(s, bytes_of(p, n), &copy));
	*ret_value = pdf_value_new_string(s, copy);
	return *ret_value ? OK : ERR_NOMEM;
}

static enum err convert_name(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, const struct pdf_value **ret_value)
{
	char *copy;
	TRY(bytes_to_str(s, bytes_of_str(qpdf_oh_get_name(o->q, oh)), &copy));
	*ret_value = pdf_value_new_name(s, copy[0] == '/' ? copy + 1 : copy);
	return *ret_value ? OK : ERR_NOMEM;
}

/* A real keeps its digits; what is no number in PDF syntax (QPDF keeps all) becomes 0. */
static enum err convert_real(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, const struct pdf_value **ret_value)
{
	struct bytes digits = bytes_of_str(qpdf_oh_get_real_value(o->q, oh));
	struct pdf_value *v = pdf_value_new_real(s, 0);
	if (!v)
		return ERR_NOMEM;
	bool plain = digits.n > 0 && strspn((const char *)digits.p, "+-.0123456789") == digits.n;
	if (plain)
		TRY(bytes_copy(s, digits, &v->real));
	*ret_value = v;
	return OK;
}

static enum err convert(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, size_t depth,
    const struct pdf_value **ret_value)
{
	if (depth > LIMIT_PDF_DEPTH)
		return scope_fault(s, ERR_LIMIT, "pdf repair: objects nested too deep");
	*ret_value = &pdf_value_null;
	switch (qpdf_oh_get_type_code(o->q, oh)) {
	case ot_boolean:
		*ret_value = pdf_value_new_bool(s, qpdf_oh_get_bool_value(o->q, oh));
		break;
	case ot_integer:
		*ret_value = pdf_value_new_int(s, qpdf_oh_get_int_value(o->q, oh));
		break;
	case ot_real:
		return convert_real(s, o, oh, ret_value);
	case ot_string:
		return convert_string(s, o, oh, ret_value);
	case ot_name:
		return convert_name(s, o, oh, ret_value);
	case ot_array:
		return convert_array(s, o, oh, depth, ret_value);
	case ot_dictionary:
		return convert_dict(s, o, oh, false, depth, ret_value);
	case ot_stream:
		return convert_stream(s, o, oh, depth, ret_value);
	case ot_null:
	case ot_uninitialized:
	case ot_reserved:
	case ot_operator:
	case ot_inlineimage:
	case ot_unresolved:
	case ot_destroyed:
	default:
		break;
	}
	return *ret_value ? OK : ERR_NOMEM;
}

/* Takes the handle. */
static enum err convert_root(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, const struct pdf_value **ret_value)
{
	const struct pdf_value *v = NULL;
	enum err e = convert(s, o, oh, 0, &v);
	qpdf_oh_release(o->q, oh);
	TRY(e);
	TRY(trapped(s, o));
	*ret_value = v;
	return OK;
}

enum err pdf_recovery_objects_trailer(
    struct scope *s, struct pdf_recovery_objects *o, const struct pdf_value **ret_dict)
{
	const struct pdf_value *v;
	TRY(convert_root(s, o, qpdf_get_trailer(o->q), &v));
	if (v->kind != PDF_DICT)
		return scope_fault(s, ERR_FORMAT, "pdf repair: no trailer");
	*ret_dict = v;
	return OK;
}

static enum err object_of(
    struct scope *s, struct pdf_recovery_objects *o, struct pdf_ref ref, qpdf_oh *ret_oh)
{
	if (ref.num > LIMIT_PDF_OBJECT_NUMBER || ref.gen > UINT16_MAX)
		return scope_fault(s, ERR_FORMAT, "pdf repair: object %u %u", ref.num, ref.gen);
	*ret_oh = qpdf_get_object_by_id(o->q, (int)ref.num, (int)ref.gen);
	return OK;
}

enum err pdf_recovery_objects_get(struct scope *s, struct pdf_recovery_objects *o,
    struct pdf_ref ref, const struct pdf_value **ret_value)
{
	qpdf_oh oh;
	TRY(object_of(s, o, ref, &oh));
	return convert_root(s, o, oh, ret_value);
}

/* By QPDF's own writing: far fewer calls than entry by entry. */
static enum err reread(
    struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh, const struct pdf_value **ret_value)
{
	struct bytes copy;
	size_t at = 0;
	const char *text = qpdf_oh_unparse_resolved(o->q, oh);
	TRY(bytes_copy(s, bytes_of_str(text ? text : "null"), &copy));
	TRY(trapped(s, o));
	return pdf_syntax_value_apart(s, copy, &at, ret_value);
}

static enum err reread_stream(struct scope *s, struct pdf_recovery_objects *o, qpdf_oh oh,
    bool with_data, const struct pdf_value **ret_value)
{
	const struct pdf_value *dict;
	struct bytes data = BYTES_NONE;
	const qpdf_oh dict_oh = qpdf_oh_get_dict(o->q, oh);
	const enum err e = reread(s, o, dict_oh, &dict);
	qpdf_oh_release(o->q, dict_oh);
	TRY(e);
	if (with_data)
		TRY(stream_data(s, o, oh, &data));
	*ret_value = pdf_value_new_stream(s, dict, data);
	return *ret_value ? OK : ERR_NOMEM;
}

enum err pdf_recovery_objects_reread(struct scope *s, struct pdf_recovery_objects *o,
    struct pdf_ref ref, bool with_data, const struct pdf_value **ret_value)
{
	qpdf_oh oh;
	TRY(object_of(s, o, ref, &oh));
	const enum err e = qpdf_oh_is_stream(o->q, oh)
			       ? reread_stream(s, o, oh, with_data, ret_value)
			       : reread(s, o, oh, ret_value);
	qpdf_oh_release(o->q, oh);
	return e;
}

enum err pdf_recovery_objects_warning(
    struct scope *s, struct pdf_recovery_objects *o, char **ret_text)
{
	while (qpdf_more_warnings(o->q)) {
		qpdf_error e = qpdf_next_warning(o->q);
		const char *text = qpdf_get_error_full_text(o->q, e);
		/* No code tells this from other damage: the test of this module holds the words. */
		if (strstr(text, "not found in file after regenerating"))
			return scope_fault(s, ERR_FORMAT, "pdf repair: %s", text);
		if (o->warning.n == 0)
			TRY(bytes_copy(s, bytes_of_str(text), &o->warning));
	}
	return bytes_to_str(s, o->warning, ret_text);
}
