#include "service/front/form.h"

#include <string.h>

#include "base/scope.h"

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool form_decode(uint8_t *text, size_t *n, bool plus)
{
	size_t to = 0;
	for (size_t at = 0; at < *n; at++) {
		uint8_t c = text[at];
		if (c == '%') {
			int high = *n - at > 2 ? hex_digit(text[at + 1]) : -1;
			int low = *n - at > 2 ? hex_digit(text[at + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (uint8_t)(high << 4 | low);
			at += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		text[to++] = c;
	}
	*n = to;
	text[to] = 0;
	return true;
}

/* Unicode 15, table 3-7. */
size_t form_character(struct bytes b)
{
	if (!b.n)
		return 0;
	uint8_t first = b.p[0];
	if (first < 0x80)
		return 1;
	size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first < 0xC2 || first > 0xF4 || b.n < n)
		return 0;
	uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
	uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
	if (b.p[1] < least || b.p[1] > most)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((b.p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

bool form_is_text(struct bytes value, bool lines)
{
	for (size_t at = 0, n; at < value.n; at += n) {
		uint8_t c = value.p[at];
		n = form_character(bytes_from(value, at));
		bool is_line = c == '\n' || c == '\r' || c == '\t';
		if (!n || c == 0x7F || (c < 0x20 && !(lines && is_line)))
			return false;
		/* C1 controls: U+0080 to U+009F */
		if (c == 0xC2 && value.p[at + 1] < 0xA0)
			return false;
	}
	return true;
}

static size_t count(const uint8_t *text, size_t n, uint8_t mark)
{
	size_t found = 1;
	for (size_t i = 0; i < n; i++)
		found += text[i] == mark;
	return found;
}

/* `pair` ends where a NUL may stand. */
static bool parse_pair(uint8_t *pair, size_t n, struct form_field *f)
{
	uint8_t *equals = memchr(pair, '=', n);
	size_t name = equals ? (size_t)(equals - pair) : n;
	uint8_t *value = equals ? equals + 1 : pair + n;
	size_t value_n = (size_t)(pair + n - value);
	if (!form_decode(value, &value_n, true) || !form_decode(pair, &name, true))
		return false;
	f->name = (const char *)pair;
	f->value = bytes_of(value, value_n);
	return name && form_is_text(bytes_of(pair, name), false);
}

enum err form_parse(struct scope *s, uint8_t *text, size_t n, size_t most,
    const struct form_field **ret_field, size_t *ret_n)
{
	size_t found = 0, room = count(text, n, '&');
	if (room > most)
		return scope_fault(s, ERR_LIMIT, "form: more than %zu fields", most);
	struct form_field *f = scope_alloc_array(s, room, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	for (size_t at = 0; at <= n;) {
		uint8_t *end = at < n ? memchr(text + at, '&', n - at) : NULL;
		size_t length = end ? (size_t)(end - text) - at : n - at;
		if (length && !parse_pair(text + at, length, &f[found++]))
			return scope_fault(s, ERR_FORMAT, "form: a field is not well encoded");
		at += length + 1;
	}
	*ret_field = f;
	*ret_n = found;
	return OK;
}

/* cookie-octet and token of RFC 6265 4.1.1; quotation marks around a value are a part of it. */
static bool is_cookie(const char *name, size_t name_n, const char *value, size_t value_n)
{
	for (size_t i = 0; i < name_n; i++)
		if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] >= 0x7F ||
		    strchr("()<>@,;:\\\"/[]?={}", name[i]))
			return false;
	for (size_t i = 0; i < value_n; i++)
		if ((unsigned char)value[i] <= ' ' || (unsigned char)value[i] >= 0x7F ||
		    strchr(",;\\", value[i]))
			return false;
	return name_n > 0;
}

static enum err add_cookie(
    struct scope *s, const char *pair, size_t n, struct form_field *f, size_t *found)
{
	const char *equals = memchr(pair, '=', n);
	if (!equals)
		return OK;
	size_t name_n = (size_t)(equals - pair), value_n = n - name_n - 1;
	if (!is_cookie(pair, name_n, equals + 1, value_n))
		return OK;
	char *name, *value;
	TRY(bytes_to_str(s, bytes_of(pair, name_n), &name));
	TRY(bytes_to_str(s, bytes_of(equals + 1, value_n), &value));
	f[(*found)++] = (struct form_field){ name, bytes_of(value, value_n) };
	return OK;
}

enum err form_parse_cookies(struct scope *s, const char *header, size_t most,
    const struct form_field **ret_field, size_t *ret_n)
{
	size_t n = strlen(header), found = 0, room = count((const uint8_t *)header, n, ';');
	if (room > most)
		return scope_fault(s, ERR_LIMIT, "cookies: more than %zu", most);
	struct form_field *f = scope_alloc_array(s, room, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	for (const char *at = header; at;) {
		const char *end = strchr(at, ';');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		for (; length && (*at == ' ' || *at == '\t'); length--)
			at++;
		while (length && (at[length - 1] == ' ' || at[length - 1] == '\t'))
			length--;
		TRY(add_cookie(s, at, length, f, &found));
		at = end ? end + 1 : NULL;
	}
	*ret_field = f;
	*ret_n = found;
	return OK;
}
