#include "tests/authority/authority_der.h"

#include <stdio.h>
#include <string.h>

#include <openssl/asn1.h>

size_t authority_der_open(struct buf *b, uint8_t tag)
{
	buf_add_byte(b, tag);
	return b->n;
}

void authority_der_close(struct buf *b, size_t mark)
{
	if (b->failed != OK)
		return;
	size_t n = b->n - mark;
	uint8_t head[1 + sizeof(size_t)];
	size_t octets = 0;
	for (size_t rest = n; rest; rest >>= 8)
		octets++;
	size_t head_n = n < 0x80 ? 1 : 1 + octets;
	head[0] = (uint8_t)(n < 0x80 ? n : 0x80 | octets);
	for (size_t i = 1; i < head_n; i++)
		head[i] = (uint8_t)(n >> (8 * (head_n - 1 - i)));
	if (!buf_extend(b, head_n))
		return;
	memmove(b->p + mark + head_n, b->p + mark, n);
	memcpy(b->p + mark, head, head_n);
}

void authority_der_value(struct buf *b, uint8_t tag, struct bytes content)
{
	size_t mark = authority_der_open(b, tag);
	buf_add(b, content);
	authority_der_close(b, mark);
}

void authority_der_str(struct buf *b, uint8_t tag, const char *text)
{
	authority_der_value(b, tag, bytes_of_str(text));
}

void authority_der_oid(struct buf *b, const char *dotted)
{
	uint8_t content[128];
	int n = a2d_ASN1_OBJECT(content, (int)sizeof(content), dotted, -1);
	if (n <= 0) {
		buf_patch(b, SIZE_MAX, BYTES_LIT("?"));
		return;
	}
	authority_der_value(b, DER_OID, bytes_of(content, (size_t)n));
}

void authority_der_unsigned(struct buf *b, uint8_t tag, struct bytes v)
{
	while (v.n > 1 && v.p[0] == 0)
		v = bytes_from(v, 1);
	size_t mark = authority_der_open(b, tag);
	if (!v.n || v.p[0] & 0x80)
		buf_add_byte(b, 0);
	buf_add(b, v);
	authority_der_close(b, mark);
}

void authority_der_uint(struct buf *b, uint8_t tag, uint64_t value)
{
	uint8_t octets[8];
	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(value >> (8 * (7 - i)));
	authority_der_unsigned(b, tag, bytes_of(octets, sizeof(octets)));
}

void authority_der_true(struct buf *b)
{
	authority_der_value(b, DER_BOOLEAN, BYTES_LIT("\xff"));
}

void authority_der_time(struct buf *b, uint8_t tag, struct instant t)
{
	struct civil c = instant_civil(t);
	char text[80];
	snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour,
	    c.minute, c.second);
	authority_der_str(b, tag, text);
}

void authority_der_bits(struct buf *b, struct bytes octets)
{
	size_t mark = authority_der_open(b, DER_BIT_STRING);
	buf_add_byte(b, 0);
	buf_add(b, octets);
	authority_der_close(b, mark);
}

void authority_der_oid_sequence(struct buf *b, const char *dotted, bool with_null)
{
	size_t mark = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, dotted);
	if (with_null)
		authority_der_value(b, DER_NULL, BYTES_NONE);
	authority_der_close(b, mark);
}
