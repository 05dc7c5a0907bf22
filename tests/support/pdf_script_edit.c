/* Objects and what is changed in them. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/pdf_script_work.h"

const struct pdf_value *pdf_script_object(const struct pdf_script *p, struct pdf_ref ref)
{
	const struct pdf_value *v = &pdf_value_null;
	for (size_t i = p->n; i-- > 0;)
		if (p->piece[i].ref.num == ref.num && p->piece[i].value)
			return p->piece[i].value;
	if (pdf_file_object(p->s, p->file, pdf_file_latest(p->file), ref, &v) != OK)
		scope_forgive(p->s);
	return v;
}

struct pdf_script_piece *pdf_script_put(
    struct pdf_script *p, struct pdf_ref ref, const struct pdf_value *v)
{
	size_t i = 0;
	while (ref.num && i < p->n &&
	       (p->piece[i].ref.num != ref.num || p->piece[i].ref.gen != ref.gen || !v))
		i++;
	if (ref.num == 0)
		i = p->n;
	pdf_script_check(i < PDF_SCRIPT_PIECES, "room", "for objects");
	p->n += i == p->n;
	p->piece[i] = (struct pdf_script_piece){ .ref = ref, .value = v };
	p->touched = true;
	return &p->piece[i];
}

static const struct pdf_value *edited(struct pdf_script *p, char verb, const struct pdf_value *old,
    const char *path, const struct pdf_value *v);

/* An array without the element, or with one more. */
static const struct pdf_value *with_element(struct pdf_script *p, const struct pdf_value *old,
    size_t at, bool drop, const struct pdf_value *v)
{
	struct pdf_value *array = pdf_value_new_array(p->s);
	const size_t n = old->kind == PDF_ARRAY ? old->array.n : 0;
	for (size_t i = 0; i <= n; i++) {
		if (i == at && v)
			pdf_script_must(p, pdf_value_append(p->s, array, v), "append");
		if (i < n && !(i == at && drop))
			pdf_script_must(
			    p, pdf_value_append(p->s, array, old->array.item[i]), "append");
	}
	return array;
}

static const struct pdf_value *in_array(struct pdf_script *p, char verb,
    const struct pdf_value *old, size_t at, const char *rest, const struct pdf_value *v)
{
	pdf_script_check(at < old->array.n, "an element", rest);
	if (*rest == '\0' && verb == 'd')
		return with_element(p, old, at, true, NULL);
	return with_element(p, old, at, true, edited(p, verb, old->array.item[at], rest, v));
}

static const struct pdf_value *in_dict(struct pdf_script *p, char verb, const struct pdf_value *old,
    const char *key, const char *rest, const struct pdf_value *v)
{
	const bool is_stream = old->kind == PDF_STREAM;
	struct pdf_value *dict = old->kind == PDF_NULL
				     ? pdf_value_new_dict(p->s)
				     : pdf_value_copy(p->s, is_stream ? old->stream.dict : old);
	if (*rest == '\0' && verb == 'd')
		pdf_value_remove(dict, key);
	else
		pdf_script_must(p,
		    pdf_value_set(
			p->s, dict, key, edited(p, verb, pdf_value_find(old, key), rest, v)),
		    key);
	if (!is_stream)
		return dict;
	struct pdf_value *stream = pdf_value_copy(p->s, old);
	stream->stream.dict = dict;
	return stream;
}

/* `path` begins with '/', or is empty: then `old` itself is what is meant. */
static const struct pdf_value *edited(struct pdf_script *p, char verb, const struct pdf_value *old,
    const char *path, const struct pdf_value *v)
{
	char *key;
	if (*path == '\0' && verb == 's')
		return v;
	if (old && old->kind == PDF_REF) {
		pdf_script_put(
		    p, old->ref, edited(p, verb, pdf_script_object(p, old->ref), path, v));
		return old;
	}
	old = old ? old : &pdf_value_null;
	if (*path == '\0')
		return with_element(
		    p, old, verb == 'p' && old->kind == PDF_ARRAY ? old->array.n : 0, false, v);
	const size_t n = strcspn(path + 1, "/");
	pdf_script_check(*path == '/' && n > 0, "a path", path);
	pdf_script_must(p, bytes_to_str(p->s, bytes_of((const uint8_t *)path + 1, n), &key), "key");
	if (old->kind == PDF_ARRAY)
		return in_array(p, verb, old, (size_t)atoi(key), path + 1 + n, v);
	return in_dict(p, verb, old, key, path + 1 + n, v);
}

void pdf_script_edit(struct pdf_script *p, char verb, struct pdf_ref ref, const char *path,
    const struct pdf_value *v)
{
	pdf_script_put(p, ref, edited(p, verb, pdf_script_object(p, ref), path, v));
}
