/* Indirect objects and streams: the other half of pdf_syntax.h. */
#include "formats/pdf_syntax.h"

#include "base/scope.h"

static bool number_and_white(struct bytes file, size_t *at, uint32_t *ret_n)
{
	uint64_t n;
	if (!pdf_syntax_number(file, at, &n) || n > UINT32_MAX)
		return false;
	const size_t after = pdf_syntax_skip_white(file, *at);
	if (after == *at)
		return false;
	*at = after;
	*ret_n = (uint32_t)n;
	return true;
}

bool pdf_syntax_object_header(
    struct bytes file, size_t at, struct pdf_ref *ret_ref, size_t *ret_body)
{
	struct pdf_ref ref;
	if (!number_and_white(file, &at, &ref.num) || !number_and_white(file, &at, &ref.gen) ||
	    !pdf_syntax_has_keyword(file, at, "obj"))
		return false;
	*ret_ref = ref;
	*ret_body = at + 3;
	return true;
}

/* The first octet of the data: after `stream` and CR LF or LF (ISO 32000-2 7.3.8.1). Blanks before
 * the end of line and a lone CR are wrong, but met. */
static size_t data_start(struct bytes file, size_t at)
{
	size_t line = at;
	while (line < file.n && (file.p[line] == ' ' || file.p[line] == '\t'))
		line++;
	if (line < file.n && (file.p[line] == '\r' || file.p[line] == '\n'))
		at = line;
	if (at < file.n && file.p[at] == '\r')
		return at + 1 < file.n && file.p[at + 1] == '\n' ? at + 2 : at + 1;
	return at < file.n && file.p[at] == '\n' ? at + 1 : at;
}

static bool length_of(
    const struct pdf_value *dict, const struct pdf_syntax_hooks *hooks, size_t *ret_length)
{
	const struct pdf_value *v = pdf_value_find(dict, "Length");
	int64_t n = -1;
	if (!v)
		return false;
	if (v->kind != PDF_REF) {
		if (!pdf_value_integer(v, &n))
			return false;
	} else if (!hooks || !hooks->length || !hooks->length(hooks->ctx, v, &n)) {
		return false;
	}
	if (n < 0)
		return false;
	*ret_length = (size_t)n;
	return true;
}

/* End of data that reaches up to `endstream` at `keyword`: without the end-of-line marker. */
static size_t data_end(struct bytes file, size_t start, size_t keyword)
{
	size_t end = keyword;
	if (end > start && file.p[end - 1] == '\n')
		end--;
	if (end > start && file.p[end - 1] == '\r')
		end--;
	return end;
}

static enum err search_end(struct scope *s, struct bytes file, size_t start, struct pdf_ref ref,
    const struct pdf_syntax_hooks *hooks, size_t *ret_keyword)
{
	size_t no_cap = SIZE_MAX;
	size_t *left = hooks && hooks->search_left ? hooks->search_left : &no_cap;
	const struct bytes area = bytes_cut(bytes_from(file, start), 0, *left);
	const bool is_cut = area.n < bytes_from(file, start).n;
	const size_t at = bytes_find(area, BYTES_LIT("endstream"), 0);
	*left -= at == BYTES_NOT_FOUND ? area.n : at;
	if (at == BYTES_NOT_FOUND)
		return scope_fault(s, is_cut ? ERR_LIMIT : ERR_FORMAT,
		    "pdf: stream of object %lu at offset %zu has no end%s", (unsigned long)ref.num,
		    start, is_cut ? " where it was searched" : "");
	*ret_keyword = start + at;
	return OK;
}

static enum err read_stream(struct scope *s, struct bytes file, size_t *at,
    const struct pdf_value *dict, const struct pdf_syntax_hooks *hooks,
    struct pdf_syntax_object *object)
{
	const size_t start = data_start(file, *at);
	size_t length = 0, end = start, keyword = start;
	if (length_of(dict, hooks, &length) && !__builtin_add_overflow(start, length, &end) &&
	    end <= file.n) {
		keyword = pdf_syntax_skip_white(file, end);
		object->length_wrong =
		    !bytes_has_prefix(bytes_from(file, keyword), BYTES_LIT("endstream"));
	} else {
		object->length_wrong = true;
	}
	if (object->length_wrong) {
		TRY(search_end(s, file, start, object->ref, hooks, &keyword));
		end = data_end(file, start, keyword);
	}
	*at = keyword + 9;
	struct pdf_value *v = pdf_value_new_stream(s, dict, bytes_cut(file, start, end - start));
	if (!v)
		return ERR_NOMEM;
	v->stream.owner = object->ref;
	v->start = dict->start;
	v->end = *at;
	object->value = v;
	return OK;
}

enum err pdf_syntax_object(struct scope *s, struct bytes file, size_t at,
    const struct pdf_syntax_hooks *hooks, struct pdf_syntax_object *ret_object)
{
	struct pdf_syntax_object object = { .start = at };
	if (!pdf_syntax_object_header(file, at, &object.ref, &at))
		return scope_fault(s, ERR_FORMAT, "pdf: no object at offset %zu", at);
	object.end = at;
	at = pdf_syntax_skip(file, at);
	if (pdf_syntax_has_keyword(file, at, "endobj")) {
		object.value = &pdf_value_null;
	} else {
		TRY(pdf_syntax_value_of(s, file, &at, object.ref, hooks, &object.value));
		object.end = at;
		at = pdf_syntax_skip(file, at);
		if (object.value->kind == PDF_DICT && pdf_syntax_has_keyword(file, at, "stream")) {
			at += 6;
			TRY(read_stream(s, file, &at, object.value, hooks, &object));
			object.end = at;
			at = pdf_syntax_skip(file, at);
		}
	}
	object.endobj_missing = !pdf_syntax_has_keyword(file, at, "endobj");
	if (!object.endobj_missing)
		object.end = at + 6;
	*ret_object = object;
	return OK;
}
