#include "base/json.h"

#include <inttypes.h>
#include <string.h>

struct json json_new(struct buf *out, bool compact)
{
	return (struct json){ .out = out, .compact = compact };
}

static void new_line(struct json *j)
{
	if (j->compact)
		return;
	buf_add_byte(j->out, '\n');
	buf_add_repeat(j->out, ' ', 2 * (size_t)j->depth);
}

/* Octets of the UTF-8 sequence at p (RFC 3629), 0 if there is none. */
static size_t utf8_length(const uint8_t *p, size_t n)
{
	static const struct {
		uint8_t first, last, low, high;
		size_t n;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (forms[i].n == 1)
			return 1;
		if (forms[i].n > n || p[1] < forms[i].low || p[1] > forms[i].high)
			return 0;
		for (size_t k = 2; k < forms[i].n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].n;
	}
	return 0;
}

static void add_escaped(struct buf *out, uint8_t c)
{
	switch (c) {
	case '"':
		buf_add_str(out, "\\\"");
		return;
	case '\\':
		buf_add_str(out, "\\\\");
		return;
	case '\n':
		buf_add_str(out, "\\n");
		return;
	default:
		buf_addf(out, "\\u%04x", c);
	}
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t plain_length(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (i < n && is_plain(p[i]))
		i++;
	return i;
}

static void add_text(struct buf *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text);
	buf_add_byte(out, '"');
	while (left > 0) {
		size_t n = plain_length(p, left);
		n = n ? n : utf8_length(p, left);
		if (n == 0)
			buf_add_str(out, "\xef\xbf\xbd");
		else if (*p < 0x80 && !is_plain(*p))
			add_escaped(out, *p);
		else
			buf_add(out, bytes_of(p, n));
		n = n ? n : 1;
		p += n;
		left -= n;
	}
	buf_add_byte(out, '"');
}

static void begin_value(struct json *j, const char *key)
{
	if (j->has_item)
		buf_add_byte(j->out, ',');
	if (j->depth > 0)
		new_line(j);
	j->has_item = true;
	if (!key)
		return;
	add_text(j->out, key);
	buf_add_str(j->out, j->compact ? ":" : ": ");
}

static void begin(struct json *j, const char *key, uint8_t bracket)
{
	begin_value(j, key);
	buf_add_byte(j->out, bracket);
	j->depth++;
	j->has_item = false;
}

static void end(struct json *j, uint8_t bracket)
{
	j->depth--;
	if (j->has_item)
		new_line(j);
	buf_add_byte(j->out, bracket);
	j->has_item = true;
}

void json_begin_object(struct json *j, const char *key)
{
	begin(j, key, '{');
}

void json_end_object(struct json *j)
{
	end(j, '}');
}

void json_begin_array(struct json *j, const char *key)
{
	begin(j, key, '[');
}

void json_end_array(struct json *j)
{
	end(j, ']');
}

void json_string(struct json *j, const char *key, const char *text)
{
	begin_value(j, key);
	if (text)
		add_text(j->out, text);
	else
		buf_add_str(j->out, "null");
}

void json_bytes_hex(struct json *j, const char *key, struct bytes b)
{
	static const char digits[] = "0123456789abcdef";
	begin_value(j, key);
	buf_add_byte(j->out, '"');
	uint8_t *p = buf_extend(j->out, 2 * b.n);
	for (size_t i = 0; p && i < b.n; i++) {
		p[2 * i] = (uint8_t)digits[b.p[i] >> 4];
		p[2 * i + 1] = (uint8_t)digits[b.p[i] & 15];
	}
	buf_add_byte(j->out, '"');
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	buf_add_str(j->out, value ? "true" : "false");
}

void json_int(struct json *j, const char *key, int64_t value)
{
	begin_value(j, key);
	buf_addf(j->out, "%" PRId64, value);
}

void json_instant(struct json *j, const char *key, struct instant t)
{
	char text[INSTANT_TEXT];
	instant_to_rfc3339(t, text);
	json_string(j, key, instant_is_known(t) ? text : NULL);
}

void json_verbatim(struct json *j, const char *key, struct bytes value)
{
	begin_value(j, key);
	buf_add(j->out, value);
}
