#include "base/bytes.h"

#include <string.h>

#include "base/scope.h"

struct bytes bytes_of_str(const char *str)
{
	return str ? bytes_of(str, strlen(str)) : BYTES_NONE;
}

struct bytes bytes_cut(struct bytes b, size_t off, size_t n)
{
	if (off >= b.n)
		return BYTES_NONE;
	size_t left = b.n - off;
	return (struct bytes){ b.p + off, n < left ? n : left };
}

struct bytes bytes_from(struct bytes b, size_t off)
{
	return bytes_cut(b, off, SIZE_MAX);
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool bytes_equal_str(struct bytes a, const char *str)
{
	return bytes_equal(a, bytes_of_str(str));
}

int bytes_compare(struct bytes a, struct bytes b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool bytes_has_prefix(struct bytes b, struct bytes prefix)
{
	return b.n >= prefix.n && bytes_equal(bytes_cut(b, 0, prefix.n), prefix);
}

bool bytes_encloses(struct bytes b, struct bytes inner)
{
	uintptr_t outer_start = (uintptr_t)b.p, inner_start = (uintptr_t)inner.p;
	return inner_start >= outer_start && inner.n <= b.n &&
	       inner_start - outer_start <= b.n - inner.n;
}

size_t bytes_find(struct bytes hay, struct bytes needle, size_t from)
{
	if (needle.n == 0 || from >= hay.n)
		return BYTES_NOT_FOUND;
	const uint8_t *hit = memmem(hay.p + from, hay.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - hay.p) : BYTES_NOT_FOUND;
}

size_t bytes_find_last(struct bytes hay, struct bytes needle, size_t before)
{
	if (needle.n == 0 || hay.n < needle.n)
		return BYTES_NOT_FOUND;
	size_t at = hay.n - needle.n + 1;
	if (before < at)
		at = before;
	while (at-- > 0)
		if (hay.p[at] == needle.p[0] && memcmp(hay.p + at, needle.p, needle.n) == 0)
			return at;
	return BYTES_NOT_FOUND;
}

enum err bytes_copy(struct scope *s, struct bytes b, struct bytes *ret_copy)
{
	uint8_t *p = scope_alloc(s, b.n + 1);
	if (!p)
		return ERR_NOMEM;
	if (b.n)
		memcpy(p, b.p, b.n);
	*ret_copy = bytes_of(p, b.n);
	return OK;
}

enum err bytes_to_str(struct scope *s, struct bytes b, char **ret_str)
{
	char *p = scope_alloc(s, b.n + 1);
	if (!p)
		return ERR_NOMEM;
	if (b.n)
		memcpy(p, b.p, b.n);
	*ret_str = p;
	return OK;
}

enum err bytes_to_hex(struct scope *s, struct bytes b, char **ret_hex)
{
	static const char digits[] = "0123456789abcdef";
	if (b.n > SIZE_MAX / 2 - 1)
		return scope_fault(s, ERR_LIMIT, "hex: %zu octets are too many", b.n);
	char *out = scope_alloc(s, 2 * b.n + 1);
	if (!out)
		return ERR_NOMEM;
	for (size_t i = 0; i < b.n; i++) {
		out[2 * i] = digits[b.p[i] >> 4];
		out[2 * i + 1] = digits[b.p[i] & 15];
	}
	*ret_hex = out;
	return OK;
}

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

enum err bytes_of_hex(struct scope *s, struct bytes hex, struct bytes *ret_b)
{
	if (hex.n % 2 != 0)
		return scope_fault(s, ERR_FORMAT, "hex: odd number of digits");
	uint8_t *out = scope_alloc(s, hex.n / 2 + 1);
	if (!out)
		return ERR_NOMEM;
	for (size_t i = 0; i < hex.n; i += 2) {
		int high = hex_digit(hex.p[i]), low = hex_digit(hex.p[i + 1]);
		if (high < 0 || low < 0)
			return scope_fault(s, ERR_FORMAT, "hex: not a digit at offset %zu", i);
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	*ret_b = bytes_of(out, hex.n / 2);
	return OK;
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum err bytes_to_base64(struct scope *s, struct bytes b, char **ret_text)
{
	if (b.n > SIZE_MAX / 2)
		return scope_fault(s, ERR_LIMIT, "base64: %zu octets are too many", b.n);
	char *out = scope_alloc(s, (b.n + 2) / 3 * 4 + 1);
	if (!out)
		return ERR_NOMEM;
	char *w = out;
	for (size_t i = 0; i < b.n; i += 3) {
		struct bytes group = bytes_cut(b, i, 3);
		uint32_t v = (uint32_t)group.p[0] << 16;
		v |= group.n > 1 ? (uint32_t)group.p[1] << 8 : 0;
		v |= group.n > 2 ? group.p[2] : 0;
		*w++ = base64_alphabet[v >> 18 & 63];
		*w++ = base64_alphabet[v >> 12 & 63];
		*w++ = group.n > 1 ? base64_alphabet[v >> 6 & 63] : '=';
		*w++ = group.n > 2 ? base64_alphabet[v & 63] : '=';
	}
	*ret_text = out;
	return OK;
}

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum err bytes_of_base64(struct scope *s, struct bytes text, struct bytes *ret_b)
{
	uint8_t *out = scope_alloc(s, text.n / 4 * 3 + 4);
	if (!out)
		return ERR_NOMEM;
	uint32_t v = 0;
	size_t digits = 0, pads = 0, n = 0;
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (is_white(c))
			continue;
		int d = c == '=' ? 0 : base64_digit(c);
		if (d < 0 || (pads > 0 && c != '='))
			return scope_fault(s, ERR_FORMAT, "base64: bad character at offset %zu", i);
		pads += c == '=';
		v = v << 6 | (uint32_t)d;
		if (++digits % 4 != 0)
			continue;
		if (pads > 2)
			return scope_fault(s, ERR_FORMAT, "base64: too much padding");
		out[n++] = (uint8_t)(v >> 16);
		if (pads < 2)
			out[n++] = (uint8_t)(v >> 8);
		if (pads < 1)
			out[n++] = (uint8_t)v;
		v = 0;
	}
	if (digits % 4 != 0 || pads > 2)
		return scope_fault(s, ERR_FORMAT, "base64: truncated");
	*ret_b = bytes_of(out, n);
	return OK;
}

void bytes_wipe(void *p, size_t n)
{
	if (p && n)
		explicit_bzero(p, n);
}
