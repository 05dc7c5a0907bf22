#include "formats/ldif.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

static bool is_name_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == ';';
}

static bool is_end_of_line(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* One line with those that continue it (RFC 2849 note 2: they begin with a space), its end cut off.
 */
static struct bytes take_line(struct bytes *rest, bool *ret_is_folded)
{
	const uint8_t *from = rest->p;
	size_t end = 0;
	*ret_is_folded = false;
	for (;;) {
		const uint8_t *at = memchr(from + end, '\n', rest->n - end);
		end = at ? (size_t)(at - from) + 1 : rest->n;
		if (end == rest->n || from[end] != ' ')
			break;
		*ret_is_folded = true;
	}
	struct bytes line = bytes_cut(*rest, 0, end);
	*rest = bytes_from(*rest, end);
	while (line.n > 0 && is_end_of_line(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* Takes the line ends and the spaces after them out. */
static enum err unfold(struct scope *s, struct bytes line, struct bytes *ret_text)
{
	struct buf b = buf_new(s, line.n);
	for (size_t at = 0; at < line.n;) {
		size_t end = bytes_find(line, BYTES_LIT("\n "), at);
		if (end == BYTES_NOT_FOUND)
			end = line.n;
		const bool has_cr = end > at && end < line.n && line.p[end - 1] == '\r';
		buf_add(&b, bytes_cut(line, at, end - at - has_cr));
		at = end + 2;
	}
	return buf_done(&b, ret_text);
}

static enum err read_text(
    struct scope *s, struct bytes text, bool is_folded, struct bytes *ret_value)
{
	if (is_folded)
		TRY(unfold(s, text, &text));
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == 0 || is_end_of_line(text.p[i]))
			return scope_fault(s, ERR_FORMAT, "ldif: a text with a control character");
	*ret_value = text;
	return OK;
}

static struct bytes without_spaces(struct bytes b)
{
	while (b.n > 0 && b.p[0] == ' ')
		b = bytes_from(b, 1);
	return b;
}

/* What follows the name: ": text" or ":: base64". */
static enum err read_value(
    struct scope *s, struct bytes rest, bool is_folded, struct bytes *ret_value)
{
	if (bytes_has_prefix(rest, BYTES_LIT("<")))
		return scope_fault(s, ERR_FORMAT, "ldif: a value that is elsewhere");
	if (!bytes_has_prefix(rest, BYTES_LIT(":")))
		return read_text(s, without_spaces(rest), is_folded, ret_value);
	/* Decoding skips white space, which is all that folding put in. */
	if (bytes_of_base64(s, bytes_from(rest, 1), ret_value) == OK)
		return OK;
	if (scope_fault_code(s) != ERR_FORMAT)
		return scope_fault_code(s);
	scope_forgive(s);
	return scope_fault(s, ERR_FORMAT, "ldif: a value is not in base64");
}

static enum err take_name(struct scope *s, struct bytes *line, struct bytes *ret_name)
{
	size_t n = 0;
	while (n < line->n && is_name_octet(line->p[n]))
		n++;
	if (n == 0 || n == line->n || line->p[n] != ':')
		return scope_fault(s, ERR_FORMAT, "ldif: a line without an attribute");
	*ret_name = bytes_cut(*line, 0, n);
	*line = bytes_from(*line, n + 1);
	const size_t options = bytes_find(*ret_name, BYTES_LIT(";"), 0);
	*ret_name = bytes_cut(*ret_name, 0, options);
	return OK;
}

static enum err read_line(
    struct scope *s, struct bytes line, bool is_folded, struct ldif *ldif, bool *in_entry)
{
	struct ldif_value v;
	/* libcurl puts an empty line between the attributes of an entry, and a tab before each. */
	if (line.p[0] == '\t') {
		*in_entry = ldif->n_entries > 0;
		line = bytes_from(line, 1);
	}
	TRY(take_name(s, &line, &v.attribute));
	TRY(read_value(s, line, is_folded, &v.value));
	if (ldif_is_attribute(v.attribute, "dn")) {
		ldif->n_entries++;
		*in_entry = true;
		return OK;
	}
	if (!*in_entry && ldif->n_entries == 0 && ldif_is_attribute(v.attribute, "version"))
		return OK;
	if (!*in_entry)
		return scope_fault(s, ERR_FORMAT, "ldif: an attribute outside of an entry");
	if (ldif_is_attribute(v.attribute, "changetype"))
		return scope_fault(s, ERR_FORMAT, "ldif: a change record");
	if (ldif->n_values == LIMIT_LDAP_VALUES)
		return scope_fault(s, ERR_LIMIT, "ldif: more than %d values", LIMIT_LDAP_VALUES);
	ldif->values[ldif->n_values++] = v;
	return OK;
}

enum err ldif_parse(struct scope *s, struct bytes text, struct ldif *ret_ldif)
{
	struct ldif ldif = { .values = scope_alloc_array(
				 s, LIMIT_LDAP_VALUES, sizeof(struct ldif_value)) };
	bool in_entry = false, is_folded;
	if (!ldif.values)
		return ERR_NOMEM;
	while (text.n > 0) {
		struct bytes line = take_line(&text, &is_folded);
		if (line.n > 0 && line.p[0] == '#')
			continue;
		if (line.n > 0)
			TRY(read_line(s, line, is_folded, &ldif, &in_entry));
		else
			in_entry = false;
	}
	*ret_ldif = ldif;
	return OK;
}

bool ldif_is_attribute(struct bytes attribute, const char *name)
{
	return attribute.n == strlen(name) &&
	       strncasecmp((const char *)attribute.p, name, attribute.n) == 0;
}
