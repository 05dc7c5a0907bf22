#include "formats/pdf_recovery_definitions.h"

#include "base/scope.h"
#include "formats/pdf_syntax.h"

/* Over white space, then over digits, backwards from `end`; `end` again if one of them lacks. */
static size_t number_before(struct bytes file, size_t end)
{
	size_t at = end;
	while (at > 0 && pdf_syntax_is_white(file.p[at - 1]))
		at--;
	size_t digits = at;
	while (at > 0 && file.p[at - 1] >= '0' && file.p[at - 1] <= '9')
		at--;
	return at == digits || digits == end ? end : at;
}

bool pdf_recovery_definitions_next(
    struct bytes file, size_t *at, struct pdf_ref *ret_ref, size_t *ret_start)
{
	for (;;) {
		size_t word = bytes_find(file, BYTES_LIT("obj"), *at), body;
		if (word == BYTES_NOT_FOUND)
			return false;
		*at = word + 3;
		size_t gen = number_before(file, word);
		size_t num = number_before(file, gen);
		if (gen == word || num == gen)
			continue;
		if (!pdf_syntax_object_header(file, num, ret_ref, &body))
			continue;
		*ret_start = num;
		return true;
	}
}

static const struct pdf_value *comparable(struct scope *s, const struct pdf_value *v)
{
	if (v->kind != PDF_STREAM)
		return v;
	struct pdf_value *dict = pdf_value_copy(s, v->stream.dict);
	if (dict)
		pdf_value_remove(dict, "Length");
	return dict;
}

enum err pdf_recovery_definitions_agree(struct scope *s, struct bytes file, size_t start,
    const struct pdf_value *value, bool *ret_agree)
{
	struct pdf_syntax_object object;
	enum err e = pdf_syntax_object(s, file, start, NULL, &object);
	if (e == ERR_FORMAT) {
		scope_forgive(s);
		*ret_agree = false;
		return OK;
	}
	TRY(e);
	const struct pdf_value *there = comparable(s, object.value);
	const struct pdf_value *here = comparable(s, value);
	if (!there || !here)
		return ERR_NOMEM;
	*ret_agree = object.value->kind == value->kind && pdf_value_equal(there, here);
	return OK;
}
