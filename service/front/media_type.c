#include "service/front/media_type.h"

#include <string.h>

#include "base/scope.h"

static bool is_token_octet(uint8_t c)
{
	return c > ' ' && c < 0x7F && !strchr("()<>@,;:\\\"/[]?={}", c);
}

bool media_type_is_token(struct bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_token_octet(text.p[i]))
			return false;
	return text.n > 0;
}

static struct bytes without_blanks(struct bytes b)
{
	while (b.n && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_from(b, 1);
	while (b.n && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
		b.n--;
	return b;
}

static enum err small_letters(struct scope *s, struct bytes b, const char **ret_text)
{
	char *text;
	TRY(bytes_to_str(s, b, &text));
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	*ret_text = text;
	return OK;
}

/* `rest` begins behind the first quotation mark, and afterwards behind the last. */
static enum err parse_quoted(struct scope *s, struct bytes *rest, const char **ret_value)
{
	char *value = scope_alloc(s, rest->n + 1);
	size_t n = 0, at = 0;
	if (!value)
		return ERR_NOMEM;
	for (; at < rest->n && rest->p[at] != '"'; at++) {
		bool is_escape = rest->p[at] == '\\' && at + 1 < rest->n &&
				 (rest->p[at + 1] == '"' || rest->p[at + 1] == '\\');
		at += is_escape;
		if (!rest->p[at] || rest->p[at] == '\r' || rest->p[at] == '\n')
			return scope_fault(
			    s, ERR_FORMAT, "header: a parameter with an end of line");
		value[n++] = (char)rest->p[at];
	}
	if (at == rest->n)
		return scope_fault(s, ERR_FORMAT, "header: a quotation mark is not closed");
	*rest = bytes_from(*rest, at + 1);
	*ret_value = value;
	return OK;
}

static enum err parse_value(struct scope *s, struct bytes *rest, struct media_type *t)
{
	if (rest->n && rest->p[0] == '"') {
		*rest = bytes_from(*rest, 1);
		t->parameter[t->n].is_quoted = true;
		return parse_quoted(s, rest, &t->parameter[t->n].value);
	}
	size_t n = 0;
	while (n < rest->n && is_token_octet(rest->p[n]))
		n++;
	char *value;
	if (!n)
		return scope_fault(s, ERR_FORMAT, "header: a parameter without a value");
	TRY(bytes_to_str(s, bytes_cut(*rest, 0, n), &value));
	*rest = bytes_from(*rest, n);
	t->parameter[t->n].value = value;
	return OK;
}

/* `rest` begins behind a semicolon. */
static enum err parse_parameter(struct scope *s, struct bytes *rest, struct media_type *t)
{
	size_t equals = bytes_find(*rest, BYTES_LIT("="), 0);
	const char *name;
	if (equals == BYTES_NOT_FOUND ||
	    !media_type_is_token(without_blanks(bytes_cut(*rest, 0, equals))))
		return scope_fault(s, ERR_FORMAT, "header: a parameter without a name");
	if (t->n == MEDIA_TYPE_PARAMETERS)
		return scope_fault(s, ERR_LIMIT, "header: too many parameters");
	TRY(small_letters(s, without_blanks(bytes_cut(*rest, 0, equals)), &name));
	if (media_type_parameter(t, name))
		return scope_fault(s, ERR_FORMAT, "header: a parameter stands there twice");
	*rest = without_blanks(bytes_from(*rest, equals + 1));
	t->parameter[t->n].name = name;
	TRY(parse_value(s, rest, t));
	t->n++;
	*rest = without_blanks(*rest);
	return OK;
}

enum err media_type_parse(struct scope *s, struct bytes text, struct media_type *ret_type)
{
	struct media_type t = { 0 };
	size_t end = bytes_find(text, BYTES_LIT(";"), 0);
	struct bytes rest = end == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(text, end);
	struct bytes name = without_blanks(bytes_cut(text, 0, end));
	size_t slash = bytes_find(name, BYTES_LIT("/"), 0);
	if (!media_type_is_token(bytes_cut(name, 0, slash)) ||
	    (slash != BYTES_NOT_FOUND && !media_type_is_token(bytes_from(name, slash + 1))))
		return scope_fault(s, ERR_FORMAT, "header: not a word with parameters");
	TRY(small_letters(s, name, &t.name));
	while (rest.n) {
		if (rest.p[0] != ';')
			return scope_fault(s, ERR_FORMAT, "header: something behind a parameter");
		rest = without_blanks(bytes_from(rest, 1));
		if (rest.n) /* a last semicolon does no harm */
			TRY(parse_parameter(s, &rest, &t));
	}
	*ret_type = t;
	return OK;
}

const char *media_type_parameter(const struct media_type *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->parameter[i].name, name))
			return t->parameter[i].value;
	return NULL;
}
