#include "formats/directory_url.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/scope.h"

static bool is_letter_or_digit(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_word(struct bytes b, const char *word)
{
	return b.n == strlen(word) && strncasecmp((const char *)b.p, word, b.n) == 0;
}

/* Cuts off what stands before the first `mark`; the mark goes. All of it when there is none. */
static struct bytes take_until(struct bytes *rest, char mark)
{
	const uint8_t *at = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
	const size_t n = at ? (size_t)(at - rest->p) : rest->n;
	struct bytes part = bytes_cut(*rest, 0, n);
	*rest = bytes_from(*rest, at ? n + 1 : n);
	return part;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 3986 2.1. A control character in what it stands for is refused: none of these parts has one.
 */
static enum err decode(struct scope *s, struct bytes part, struct bytes *ret_text)
{
	struct buf b = buf_new(s, part.n);
	for (size_t i = 0; i < part.n; i++) {
		uint8_t c = part.p[i];
		if (c == '%') {
			const int high = i + 1 < part.n ? hex_value(part.p[i + 1]) : -1;
			const int low = i + 2 < part.n ? hex_value(part.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return scope_fault(
				    s, ERR_FORMAT, "ldap url: '%%' without two digits");
			c = (uint8_t)(high << 4 | low);
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return scope_fault(s, ERR_FORMAT, "ldap url: a control character");
		buf_add_byte(&b, c);
	}
	return buf_done(&b, ret_text);
}

static bool is_host(struct bytes host)
{
	const bool is_ipv6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	const struct bytes inner = is_ipv6 ? bytes_cut(host, 1, host.n - 2) : host;
	for (size_t i = 0; i < inner.n; i++) {
		const uint8_t c = inner.p[i];
		if (is_ipv6 ? hex_value(c) < 0 && c != ':' && c != '.'
			    : !is_letter_or_digit(c) && c != '.' && c != '-' && c != '_')
			return false;
	}
	return true;
}

static bool is_port(struct bytes port)
{
	unsigned value = 0;
	for (size_t i = 0; i < port.n; i++) {
		if (port.p[i] < '0' || port.p[i] > '9' || value > UINT16_MAX)
			return false;
		value = value * 10 + (unsigned)(port.p[i] - '0');
	}
	return value <= UINT16_MAX;
}

static enum err read_host(struct scope *s, struct bytes host_port, struct directory_url *url)
{
	const size_t end_of_ipv6 = bytes_find(host_port, BYTES_LIT("]"), 0);
	const size_t from = end_of_ipv6 == BYTES_NOT_FOUND ? 0 : end_of_ipv6;
	const size_t colon = bytes_find(host_port, BYTES_LIT(":"), from);
	url->host = bytes_cut(host_port, 0, colon);
	url->port = colon == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(host_port, colon + 1);
	if (!is_host(url->host) || !is_port(url->port))
		return scope_fault(s, ERR_FORMAT, "ldap url: not a host and port");
	return OK;
}

/* An attribute description: a name or OID with options (RFC 4512 2.5). */
static bool is_attribute(struct bytes a)
{
	for (size_t i = 0; i < a.n; i++)
		if (!is_letter_or_digit(a.p[i]) && !strchr("-;.", a.p[i]))
			return false;
	return a.n > 0;
}

static enum err read_attributes(struct scope *s, struct bytes list, struct directory_url *url)
{
	while (list.n > 0) {
		struct bytes attribute;
		if (url->n_attributes == LIMIT_LDAP_ATTRIBUTES)
			return scope_fault(s, ERR_LIMIT, "ldap url: more than %d attributes",
			    LIMIT_LDAP_ATTRIBUTES);
		TRY(decode(s, take_until(&list, ','), &attribute));
		if (!is_attribute(attribute))
			return scope_fault(s, ERR_FORMAT, "ldap url: not an attribute's name");
		url->attributes[url->n_attributes++] = attribute;
	}
	return OK;
}

static enum directory_url_scope scope_of(struct bytes word)
{
	if (word.n == 0 || is_word(word, "base"))
		return DIRECTORY_URL_SCOPE_ENTRY;
	if (is_word(word, "one"))
		return DIRECTORY_URL_SCOPE_CHILDREN;
	return is_word(word, "sub") ? DIRECTORY_URL_SCOPE_TREE : DIRECTORY_URL_SCOPE_UNKNOWN;
}

static bool has_critical(struct bytes extensions)
{
	while (extensions.n > 0) {
		struct bytes one = take_until(&extensions, ',');
		if (one.n > 0 && one.p[0] == '!')
			return true;
	}
	return false;
}

static bool take_scheme(struct bytes *rest, bool *ret_is_tls)
{
	struct bytes scheme = take_until(rest, ':');
	if (!bytes_has_prefix(*rest, BYTES_LIT("//")))
		return false;
	*rest = bytes_from(*rest, 2);
	*ret_is_tls = is_word(scheme, "ldaps");
	return *ret_is_tls || is_word(scheme, "ldap");
}

enum err directory_url_parse(struct scope *s, struct bytes text, struct directory_url *ret_url)
{
	struct directory_url url = { 0 };
	struct bytes extensions;
	if (!take_scheme(&text, &url.is_tls))
		return scope_fault(s, ERR_FORMAT, "ldap url: another scheme");
	/* RFC 4516 2: neither a fragment nor a user name has a place in it. */
	if (bytes_find(text, BYTES_LIT("#"), 0) != BYTES_NOT_FOUND)
		return scope_fault(s, ERR_FORMAT, "ldap url: a fragment");
	TRY(read_host(s, take_until(&text, '/'), &url));
	TRY(decode(s, take_until(&text, '?'), &url.dn));
	TRY(read_attributes(s, take_until(&text, '?'), &url));
	url.scope = scope_of(take_until(&text, '?'));
	TRY(decode(s, take_until(&text, '?'), &url.filter));
	TRY(decode(s, text, &extensions));
	url.has_critical_extension = has_critical(extensions);
	*ret_url = url;
	return OK;
}

void directory_url_add_escaped(struct buf *b, struct bytes text)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.n; i++) {
		const uint8_t c = text.p[i];
		if (is_letter_or_digit(c) || c == '-' || c == '.') {
			buf_add_byte(b, c);
			continue;
		}
		buf_add_byte(b, '%');
		buf_add_byte(b, (uint8_t)digits[c >> 4]);
		buf_add_byte(b, (uint8_t)digits[c & 15]);
	}
}
