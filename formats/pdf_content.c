#include "formats/pdf_content.h"

#include "base/scope.h"
#include "formats/pdf_syntax.h"

#define NUMBER_MAX 1e9 /* readers hold no more (ISO 32000-1 Annex C); keeps sums finite */

struct pdf_content *pdf_content_new(struct scope *s, struct bytes data)
{
	struct pdf_content *c = scope_alloc(s, sizeof(*c));
	if (c)
		c->data = data;
	return c;
}

bool pdf_content_is(const struct pdf_content *c, const char *name)
{
	return bytes_equal_str(c->name, name);
}

static void push(struct pdf_content *c, struct pdf_content_operand o)
{
	if (c->n < LIMIT_PDF_OPERANDS)
		c->operand[c->n++] = o;
	else
		c->cut = true;
}

static bool is_digit(uint8_t b)
{
	return b >= '0' && b <= '9';
}

/* Digits with at most one sign and one dot, in the way readers take them; false: no number. */
static bool number(struct bytes token, double *ret_number)
{
	double sum = 0, place = 1;
	bool dot = false, any = false, negative = false;
	for (size_t i = 0; i < token.n; i++) {
		const uint8_t b = token.p[i];
		if (is_digit(b)) {
			any = true;
			sum = sum * 10 + (b - '0');
			place = dot ? place * 10 : place;
			if (sum > NUMBER_MAX * NUMBER_MAX)
				return false;
		} else if (b == '.' && !dot) {
			dot = true;
		} else if (b == '-') {
			negative = !any || negative; /* "--5" and "5-3" occur; the latter is 53 */
		} else if (b != '+' || i > 0) {
			return false;
		}
	}
	sum /= place;
	sum = sum > NUMBER_MAX ? NUMBER_MAX : sum;
	*ret_number = negative ? -sum : sum;
	return any || dot;
}

static struct bytes regular(struct pdf_content *c)
{
	const size_t start = c->at;
	while (c->at < c->data.n && pdf_syntax_is_regular(c->data.p[c->at]))
		c->at++;
	return bytes_cut(c->data, start, c->at - start);
}

/* From after `(` to its `)`. */
static struct bytes literal(struct pdf_content *c)
{
	const size_t start = c->at;
	for (size_t depth = 1; c->at < c->data.n; c->at++) {
		const uint8_t b = c->data.p[c->at];
		if (b == '\\') {
			c->at++;
		} else if (b == '(') {
			depth++;
		} else if (b == ')' && --depth == 0) {
			return bytes_cut(c->data, start, c->at++ - start);
		}
	}
	c->at = c->data.n;
	return bytes_from(c->data, start);
}

static struct bytes hexadecimal(struct pdf_content *c)
{
	const size_t start = c->at;
	while (c->at < c->data.n && c->data.p[c->at] != '>')
		c->at++;
	const struct bytes found = bytes_cut(c->data, start, c->at - start);
	c->at += c->at < c->data.n;
	return found;
}

static void delimited(struct pdf_content *c)
{
	const uint8_t b = c->data.p[c->at++];
	const bool twice = c->at < c->data.n && c->data.p[c->at] == b;
	switch (b) {
	case '/':
		push(c,
		    (struct pdf_content_operand){ .kind = PDF_CONTENT_NAME, .text = regular(c) });
		return;
	case '(':
		push(c,
		    (struct pdf_content_operand){ .kind = PDF_CONTENT_STRING, .text = literal(c) });
		return;
	case '<':
		if (!twice) {
			push(c, (struct pdf_content_operand){
				    .kind = PDF_CONTENT_HEX, .text = hexadecimal(c) });
			return;
		}
		c->at++;
		push(c, (struct pdf_content_operand){ .kind = PDF_CONTENT_OPEN });
		return;
	case '[':
		push(c, (struct pdf_content_operand){ .kind = PDF_CONTENT_OPEN });
		return;
	case '>':
		c->at += twice;
		push(c, (struct pdf_content_operand){ .kind = PDF_CONTENT_CLOSE });
		return;
	case ']':
		push(c, (struct pdf_content_operand){ .kind = PDF_CONTENT_CLOSE });
		return;
	default:
		return;
	}
}

/* 8.9.7: after the data of an inline image stands EI between white space. Such octets may be part
 * of the data too, which then is read as operators until the next one that is real: no harm. */
static void skip_image(struct pdf_content *c)
{
	for (size_t i = c->at; i + 2 < c->data.n; i++)
		if (pdf_syntax_is_white(c->data.p[i]) && c->data.p[i + 1] == 'E' &&
		    c->data.p[i + 2] == 'I' &&
		    (i + 3 == c->data.n || pdf_syntax_is_white(c->data.p[i + 3]))) {
			c->at = i + 3;
			return;
		}
	c->at = c->data.n;
}

/* True: an operator is complete. */
static bool take_word(struct pdf_content *c, bool *in_image)
{
	const struct bytes word = regular(c);
	double n;
	if (number(word, &n)) {
		push(c, (struct pdf_content_operand){
			    .kind = PDF_CONTENT_NUMBER, .number = n, .text = word });
		return false;
	}
	if (bytes_equal_str(word, "true") || bytes_equal_str(word, "false") ||
	    bytes_equal_str(word, "null")) {
		push(c, (struct pdf_content_operand){ .kind = PDF_CONTENT_OTHER, .text = word });
		return false;
	}
	if (bytes_equal_str(word, "BI")) {
		*in_image = true;
		c->n = 0;
		return false;
	}
	c->name = word;
	if (*in_image && bytes_equal_str(word, "ID")) {
		skip_image(c);
		c->name = BYTES_LIT("BI");
	}
	return true;
}

bool pdf_content_next(struct pdf_content *c)
{
	bool in_image = false;
	c->n = 0;
	c->cut = false;
	for (;;) {
		c->at = pdf_syntax_skip(c->data, c->at);
		if (c->at >= c->data.n)
			return false;
		if (pdf_syntax_is_delimiter(c->data.p[c->at]))
			delimited(c);
		else if (take_word(c, &in_image))
			return true;
	}
}

/* -- strings -- */

static int digit_of(uint8_t b)
{
	if (is_digit(b))
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static size_t hex_octets(struct bytes text, uint8_t *out, size_t room)
{
	size_t digits = 0;
	for (size_t i = 0; i < text.n && digits / 2 < room; i++) {
		const int d = digit_of(text.p[i]);
		if (d < 0)
			continue;
		uint8_t *octet = &out[digits / 2];
		*octet = (uint8_t)(digits % 2 ? *octet | d : d << 4);
		digits++;
	}
	return (digits + 1) / 2;
}

/* What follows a backslash at text.p[*at]; false: nothing (a line goes on). 7.3.4.2. */
static bool escaped(struct bytes text, size_t *at, uint8_t *ret_octet)
{
	static const uint8_t letters[] = { 'n', 'r', 't', 'b', 'f' };
	static const uint8_t meant[] = { '\n', '\r', '\t', '\b', '\f' };
	const uint8_t b = text.p[(*at)++];
	if (b == '\r' || b == '\n') {
		if (b == '\r' && *at < text.n && text.p[*at] == '\n')
			(*at)++;
		return false;
	}
	*ret_octet = b;
	for (size_t i = 0; i < sizeof(letters); i++)
		if (b == letters[i])
			*ret_octet = meant[i];
	if (b < '0' || b > '7')
		return true;
	unsigned n = b - '0';
	for (int i = 0; i < 2 && *at < text.n && text.p[*at] >= '0' && text.p[*at] <= '7'; i++)
		n = n * 8 + (text.p[(*at)++] - '0');
	*ret_octet = (uint8_t)n;
	return true;
}

static size_t literal_octets(struct bytes text, uint8_t *out, size_t room)
{
	size_t n = 0;
	for (size_t at = 0; at < text.n && n < room;) {
		uint8_t b = text.p[at++];
		if (b == '\\' && (at == text.n || !escaped(text, &at, &b)))
			continue;
		if (b == '\r' && at < text.n && text.p[at - 1] == '\r' && text.p[at] == '\n')
			continue; /* the end of a line counts as one */
		out[n++] = b;
	}
	return n;
}

size_t pdf_content_octets(const struct pdf_content_operand *o, uint8_t *ret_octets, size_t room)
{
	if (o->kind == PDF_CONTENT_HEX)
		return hex_octets(o->text, ret_octets, room);
	return o->kind == PDF_CONTENT_STRING ? literal_octets(o->text, ret_octets, room) : 0;
}
