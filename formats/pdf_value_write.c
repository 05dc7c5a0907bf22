/* The writing half of pdf_value.h. */
#include "formats/pdf_value.h"

#include "base/scope.h"

/* Octets that stand in a name as they are (ISO 32000-2 7.3.5). */
static bool name_octet_is_plain(uint8_t c)
{
	switch (c) {
	case '#':
	case '/':
	case '(':
	case ')':
	case '<':
	case '>':
	case '[':
	case ']':
	case '{':
	case '}':
	case '%':
		return false;
	default:
		return c > 0x20 && c < 0x7f;
	}
}

static void write_hex_octet(struct buf *b, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	buf_add_byte(b, (uint8_t)digits[c >> 4]);
	buf_add_byte(b, (uint8_t)digits[c & 15]);
}

static void write_name(struct buf *b, struct bytes name)
{
	buf_add_byte(b, '/');
	for (size_t i = 0; i < name.n; i++) {
		if (name_octet_is_plain(name.p[i])) {
			buf_add_byte(b, name.p[i]);
			continue;
		}
		buf_add_byte(b, '#');
		write_hex_octet(b, name.p[i]);
	}
}

static void write_hex(struct buf *b, struct bytes octets)
{
	buf_add_byte(b, '<');
	for (size_t i = 0; i < octets.n; i++)
		write_hex_octet(b, octets.p[i]);
	buf_add_byte(b, '>');
}

static void write_literal(struct buf *b, struct bytes octets)
{
	buf_add_byte(b, '(');
	for (size_t i = 0; i < octets.n; i++) {
		uint8_t c = octets.p[i];
		/* A bare carriage return would be read back as a line feed (7.3.4.2). */
		if (c == '\r' || c == '\n')
			buf_add_str(b, c == '\r' ? "\\r" : "\\n");
		else if (c == '(' || c == ')' || c == '\\') {
			buf_add_byte(b, '\\');
			buf_add_byte(b, c);
		} else
			buf_add_byte(b, c);
	}
	buf_add_byte(b, ')');
}

static enum err write_string(struct scope *s, struct buf *b, const struct pdf_value *v,
    const struct pdf_value_cipher *cipher)
{
	struct bytes octets = v->string;
	if (cipher)
		TRY(cipher->encrypt(cipher->ctx, s, false, octets, &octets));
	if (cipher || v->hex)
		write_hex(b, octets);
	else
		write_literal(b, octets);
	return OK;
}

static enum err write_array(struct scope *s, struct buf *b, const struct pdf_value *v,
    const struct pdf_value_cipher *cipher)
{
	buf_add_byte(b, '[');
	for (size_t i = 0; i < v->array.n; i++) {
		if (i > 0)
			buf_add_byte(b, ' ');
		TRY(pdf_value_write(s, b, v->array.item[i], cipher));
	}
	buf_add_byte(b, ']');
	return OK;
}

/* length: NULL, or what replaces /Length. */
static enum err write_dict(struct scope *s, struct buf *b, const struct pdf_value *v,
    const size_t *length, const struct pdf_value_cipher *cipher)
{
	buf_add_str(b, "<<");
	for (size_t i = 0; i < v->dict.n; i++) {
		if (length && bytes_equal_str(v->dict.item[i].key, "Length"))
			continue;
		buf_add_byte(b, ' ');
		write_name(b, v->dict.item[i].key);
		buf_add_byte(b, ' ');
		TRY(pdf_value_write(s, b, v->dict.item[i].value, cipher));
	}
	if (length)
		buf_addf(b, " /Length %zu", *length);
	buf_add_str(b, " >>");
	return OK;
}

static enum err write_stream(struct scope *s, struct buf *b, const struct pdf_value *v,
    const struct pdf_value_cipher *cipher)
{
	struct bytes raw = v->stream.raw;
	if (cipher)
		TRY(cipher->encrypt(cipher->ctx, s, true, raw, &raw));
	TRY(write_dict(s, b, v->stream.dict, &raw.n, cipher));
	buf_add_str(b, "\nstream\n");
	buf_add(b, raw);
	buf_add_str(b, "\nendstream");
	return OK;
}

enum err pdf_value_write(struct scope *s, struct buf *b, const struct pdf_value *v,
    const struct pdf_value_cipher *cipher)
{
	switch (v->kind) {
	case PDF_NULL:
		buf_add_str(b, "null");
		return OK;
	case PDF_BOOL:
		buf_add_str(b, v->boolean ? "true" : "false");
		return OK;
	case PDF_INT:
		buf_addf(b, "%lld", (long long)v->integer);
		return OK;
	case PDF_REAL:
		buf_add(b, v->real);
		return OK;
	case PDF_STRING:
		return write_string(s, b, v, cipher);
	case PDF_NAME:
		write_name(b, v->name);
		return OK;
	case PDF_ARRAY:
		return write_array(s, b, v, cipher);
	case PDF_DICT:
		return write_dict(s, b, v, NULL, cipher);
	case PDF_STREAM:
		return write_stream(s, b, v, cipher);
	case PDF_REF:
		buf_addf(b, "%lu %lu R", (unsigned long)v->ref.num, (unsigned long)v->ref.gen);
		return OK;
	}
	return scope_fault(s, ERR_INTERNAL, "pdf: value of unknown kind %d", (int)v->kind);
}
