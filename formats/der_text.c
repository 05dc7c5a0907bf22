#include "formats/der.h"

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		buf_add_byte(b, (uint8_t)c);
		return;
	}
	unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t leads[] = { 0, 0xc0, 0xe0, 0xf0 };
	buf_add_byte(b, (uint8_t)(leads[more] | c >> (6 * more)));
	while (more-- > 0)
		buf_add_byte(b, (uint8_t)(0x80 | (c >> (6 * more) & 0x3f)));
}

/* Octets of the sequence that this lead octet announces, 0 if it is none. */
static size_t utf8_length(uint8_t lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if ((lead & 0xf0) == 0xe0)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* Octets of the UTF-8 sequence that `b` begins with, 0 if it is none (overlong, surrogate, cut). */
static size_t utf8_sequence(struct bytes b)
{
	uint8_t lead = b.p[0];
	if (lead < 0x80)
		return lead != 0;
	size_t n = utf8_length(lead);
	if (n == 0 || n > b.n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((b.p[i] & 0xc0) != 0x80)
			return 0;
	uint8_t second = b.p[1];
	bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
	bool outside = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
	return overlong || outside ? 0 : n;
}

static void decode_utf8(struct buf *b, struct bytes text)
{
	while (text.n > 0) {
		size_t n = utf8_sequence(text);
		if (n == 0)
			add_utf8(b, 0xfffd);
		else
			buf_add(b, bytes_cut(text, 0, n));
		text = bytes_from(text, n ? n : 1);
	}
}

static void decode_latin1(struct buf *b, struct bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		add_utf8(b, text.p[i]);
}

static uint32_t unit_at(struct bytes text, size_t at, size_t width)
{
	uint32_t unit = 0;
	for (size_t i = 0; i < width; i++)
		unit = unit << 8 | text.p[at + i];
	return unit;
}

/* BMPString and UniversalString. Surrogate pairs are not UCS-2, but are found in the field. */
static void decode_wide(struct buf *b, struct bytes text, size_t width)
{
	size_t at = 0;
	while (text.n - at >= width) {
		uint32_t c = unit_at(text, at, width);
		at += width;
		if (width == 2 && c >= 0xd800 && c <= 0xdbff && text.n - at >= 2) {
			uint32_t low = unit_at(text, at, 2);
			bool pair = low >= 0xdc00 && low <= 0xdfff;
			at += pair ? 2 : 0;
			c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
		}
		add_utf8(b, c);
	}
	if (at < text.n)
		add_utf8(b, 0xfffd);
}

static bool is_plain_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == 0 || text.p[i] >= 0x80)
			return false;
	return true;
}

enum err der_text(struct scope *s, struct der tlv, char **ret_utf8)
{
	struct bytes text = tlv.value;
	uint8_t tag = tlv.tag;
	if (tag & DER_CONSTRUCTED) {
		tag &= (uint8_t)~DER_CONSTRUCTED;
		/* X.690 8.23.1: pieces are those of an OCTET STRING */
		TRY(der_octet_string(s, tlv, &text));
	}
	bool wide = tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING;
	if (!wide && is_plain_ascii(text))
		return bytes_to_str(s, text, ret_utf8);
	struct buf b = buf_new(s, text.n > SIZE_MAX / 4 ? SIZE_MAX : text.n * 3 + 4);
	if (tag == DER_BMP_STRING)
		decode_wide(&b, text, 2);
	else if (tag == DER_UNIVERSAL_STRING)
		decode_wide(&b, text, 4);
	else if (tag == DER_T61_STRING)
		decode_latin1(&b, text); /* what is written under this tag in practice */
	else
		decode_utf8(&b, text);
	return buf_done_str(&b, ret_utf8);
}
