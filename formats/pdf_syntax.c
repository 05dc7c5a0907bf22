#include "formats/pdf_syntax.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

/* Containers up to this many items are gathered on the C stack. */
#define INLINE_ITEMS 48

/* One array or dictionary item on its way into its container. */
struct item {
	struct bytes key; /* of a dictionary */
	struct pdf_value *value;
};

struct parser {
	struct scope *s;
	struct bytes in;
	size_t at;
	bool apart; /* offsets are not offsets in a file */
	size_t depth, n_values;
	struct pdf_ref owner;
	const struct pdf_syntax_hooks *hooks; /* NULL: nothing to decrypt */
	struct item *items;                   /* a stack over all open containers */
	size_t n_items, room;
	struct item first_items[INLINE_ITEMS];
};

/* -- characters -- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_end_of_line(uint8_t c)
{
	return c == '\r' || c == '\n';
}

size_t pdf_syntax_skip_white(struct bytes file, size_t at)
{
	while (at < file.n && pdf_syntax_is_white(file.p[at]))
		at++;
	return at;
}

size_t pdf_syntax_skip(struct bytes file, size_t at)
{
	for (at = pdf_syntax_skip_white(file, at); at < file.n && file.p[at] == '%';
	     at = pdf_syntax_skip_white(file, at))
		while (at < file.n && !is_end_of_line(file.p[at]))
			at++;
	return at;
}

static bool starts_with(struct bytes file, size_t at, const char *text)
{
	const size_t n = strlen(text);
	return at <= file.n && file.n - at >= n && memcmp(file.p + at, text, n) == 0;
}

bool pdf_syntax_has_keyword(struct bytes file, size_t at, const char *keyword)
{
	if (!starts_with(file, at, keyword))
		return false;
	at += strlen(keyword);
	return at == file.n || !pdf_syntax_is_regular(file.p[at]);
}

bool pdf_syntax_number(struct bytes file, size_t *at, uint64_t *ret_n)
{
	size_t i = *at;
	uint64_t n = 0;
	for (; i < file.n && is_digit(file.p[i]); i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, file.p[i] - '0', &n))
			return false;
	if (i == *at)
		return false;
	*at = i;
	*ret_n = n;
	return true;
}

/* -- values -- */

static enum err value_new(
    struct parser *p, enum pdf_kind kind, size_t start, struct pdf_value **ret_value)
{
	if (++p->n_values > LIMIT_PDF_TOKENS)
		return scope_fault(
		    p->s, ERR_LIMIT, "pdf: more than %d values in one object", LIMIT_PDF_TOKENS);
	struct pdf_value *v = scope_alloc(p->s, sizeof(*v));
	if (!v)
		return ERR_NOMEM;
	v->kind = kind;
	v->start = p->apart ? 0 : start;
	v->end = p->apart ? 0 : p->at;
	*ret_value = v;
	return OK;
}

static enum err push_item(struct parser *p, struct item item)
{
	if (p->n_items == p->room) {
		const bool first = p->items == p->first_items;
		size_t room = p->room * 2;
		struct item *more = scope_resize(p->s, first ? NULL : p->items,
		    first ? 0 : p->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (first)
			memcpy(more, p->first_items, sizeof(p->first_items));
		p->items = more;
		p->room = room;
	}
	p->items[p->n_items++] = item;
	return OK;
}

static int hex_digit(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* '/' is at p->at. A '#' without two hexadecimal digits stands for itself. */
static enum err read_name(struct parser *p, struct bytes *ret_name)
{
	size_t start = ++p->at;
	bool escaped = false;
	for (; p->at < p->in.n && pdf_syntax_is_regular(p->in.p[p->at]); p->at++)
		escaped |= p->in.p[p->at] == '#';
	struct bytes name = bytes_cut(p->in, start, p->at - start);
	if (escaped) {
		uint8_t *out = scope_alloc(p->s, name.n);
		if (!out)
			return ERR_NOMEM;
		size_t n = 0;
		for (size_t i = 0; i < name.n; i++, n++) {
			int high = i + 2 < name.n ? hex_digit(name.p[i + 1]) : -1;
			int low = i + 2 < name.n ? hex_digit(name.p[i + 2]) : -1;
			out[n] = name.p[i];
			if (name.p[i] != '#' || high < 0 || low < 0)
				continue;
			out[n] = (uint8_t)(high << 4 | low);
			i += 2;
		}
		name = bytes_of(out, n);
	}
	*ret_name = name;
	return OK;
}

static enum err parse_name(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at;
	struct bytes name;
	TRY(read_name(p, &name));
	TRY(value_new(p, PDF_NAME, start, ret_value));
	(*ret_value)->name = name;
	return OK;
}

static enum err too_long(struct parser *p, size_t start)
{
	return scope_fault(p->s, ERR_LIMIT, "pdf: string at offset %zu is longer than %zu octets",
	    start, LIMIT_PDF_STRING);
}

/* 16 + the value of a hexadecimal digit, 0 for anything else. */
static const uint8_t hex_values[256] = {
	['0'] = 16,
	['1'] = 17,
	['2'] = 18,
	['3'] = 19,
	['4'] = 20,
	['5'] = 21,
	['6'] = 22,
	['7'] = 23,
	['8'] = 24,
	['9'] = 25,
	['a'] = 26,
	['b'] = 27,
	['c'] = 28,
	['d'] = 29,
	['e'] = 30,
	['f'] = 31,
	['A'] = 26,
	['B'] = 27,
	['C'] = 28,
	['D'] = 29,
	['E'] = 30,
	['F'] = 31,
};

/* Decodes as long as pairs of digits stand without anything between them, which is how /Contents is
 * written; returns the digits taken. */
static size_t unhex_pairs(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t at = 0;
	for (; n - at >= 2; at += 2) {
		const unsigned high = hex_values[in[at]], low = hex_values[in[at + 1]];
		if (!(high & low & 16))
			break;
		*out++ = (uint8_t)((high & 15) << 4 | (low & 15));
	}
	return at;
}

static enum err parse_hex(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at++;
	const uint8_t *close =
	    p->at < p->in.n ? memchr(p->in.p + p->at, '>', p->in.n - p->at) : NULL;
	if (!close)
		return scope_fault(
		    p->s, ERR_FORMAT, "pdf: hexadecimal string at offset %zu has no end", start);
	const size_t end = (size_t)(close - p->in.p);
	if ((end - p->at) / 2 > LIMIT_PDF_STRING)
		return too_long(p, start);
	uint8_t *out = scope_alloc(p->s, (end - p->at + 1) / 2);
	if (!out)
		return ERR_NOMEM;
	size_t digits = unhex_pairs(p->in.p + p->at, end - p->at, out);
	for (p->at += digits; p->at < end; p->at++) {
		int digit = hex_digit(p->in.p[p->at]);
		if (digit < 0 && pdf_syntax_is_white(p->in.p[p->at]))
			continue;
		if (digit < 0)
			return scope_fault(p->s, ERR_FORMAT,
			    "pdf: hexadecimal string at offset %zu holds something else", start);
		/* An odd last digit counts as the high one (ISO 32000-2 7.3.4.3). */
		out[digits / 2] |= (uint8_t)(digits % 2 ? digit : digit << 4);
		digits++;
	}
	p->at = end + 1;
	TRY(value_new(p, PDF_STRING, start, ret_value));
	(*ret_value)->hex = true;
	(*ret_value)->string = bytes_of(out, (digits + 1) / 2);
	return OK;
}

/* The octet that an escape stands for, or -1: none (a line continuation). *at is after the
 * backslash. */
static int unescape(struct bytes in, size_t *at)
{
	const uint8_t c = in.p[(*at)++];
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case '\r':
		if (*at < in.n && in.p[*at] == '\n')
			(*at)++;
		return -1;
	case '\n':
		return -1;
	default:
		break;
	}
	if (c < '0' || c > '7')
		return c;
	int octet = c - '0';
	for (int i = 0; i < 2 && *at < in.n && in.p[*at] >= '0' && in.p[*at] <= '7'; i++)
		octet = octet * 8 + (in.p[(*at)++] - '0');
	return octet & 255; /* high-order overflow is ignored (7.3.4.2) */
}

static enum err unescape_all(struct parser *p, struct bytes raw, struct bytes *ret_octets)
{
	uint8_t *out = scope_alloc(p->s, raw.n);
	if (!out)
		return ERR_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < raw.n;) {
		int c = raw.p[i++];
		if (c == '\\' && i < raw.n)
			c = unescape(raw, &i);
		else if (c == '\r') {
			c = '\n';
			i += i < raw.n && raw.p[i] == '\n';
		}
		if (c >= 0)
			out[n++] = (uint8_t)c;
	}
	*ret_octets = bytes_of(out, n);
	return OK;
}

static enum err parse_literal(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at++;
	bool plain = true;
	size_t open = 1;
	for (; p->at < p->in.n; p->at++) {
		const uint8_t c = p->in.p[p->at];
		if (c == '(')
			open++;
		else if (c == ')' && --open == 0)
			break;
		plain &= c != '\\' && c != '\r';
		p->at += c == '\\';
	}
	if (p->at >= p->in.n)
		return scope_fault(p->s, ERR_FORMAT, "pdf: string at offset %zu has no end", start);
	struct bytes octets = bytes_cut(p->in, start + 1, p->at - start - 1);
	if (octets.n > LIMIT_PDF_STRING)
		return too_long(p, start);
	if (!plain)
		TRY(unescape_all(p, octets, &octets));
	p->at++;
	TRY(value_new(p, PDF_STRING, start, ret_value));
	(*ret_value)->string = octets;
	return OK;
}

/* After an integer at p->at: `G R`? Looks one number ahead and no further, so that a long array of
 * numbers costs no more than twice its length. */
static bool read_reference(struct parser *p, uint64_t num, struct pdf_ref *ret_ref)
{
	uint64_t gen;
	size_t at = pdf_syntax_skip(p->in, p->at);
	if (at == p->at || !pdf_syntax_number(p->in, &at, &gen))
		return false;
	size_t after = pdf_syntax_skip(p->in, at);
	if (after == at || !pdf_syntax_has_keyword(p->in, after, "R"))
		return false;
	p->at = after + 1;
	const bool sane = num <= UINT32_MAX && gen <= UINT32_MAX;
	*ret_ref = (struct pdf_ref){ sane ? (uint32_t)num : 0, sane ? (uint32_t)gen : 0 };
	return true;
}

/* The integer that the whole token is, sign allowed; false if it is something else. */
static bool token_integer(struct bytes token, int64_t *ret_n)
{
	size_t at = token.n && (token.p[0] == '+' || token.p[0] == '-');
	const bool negative = at && token.p[0] == '-';
	uint64_t n;
	if (!pdf_syntax_number(token, &at, &n) || at != token.n || n > INT64_MAX)
		return false;
	*ret_n = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool is_number_octet(struct bytes in, size_t at)
{
	const uint8_t c = in.p[at];
	if (is_digit(c) || c == '+' || c == '-' || c == '.')
		return true;
	/* 1e3 is not PDF, but is written. */
	if ((c != 'e' && c != 'E') || at + 1 >= in.n)
		return false;
	return is_digit(in.p[at + 1]) || in.p[at + 1] == '-' || in.p[at + 1] == '+';
}

static enum err parse_number(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at;
	while (p->at < p->in.n && is_number_octet(p->in, p->at))
		p->at++;
	struct bytes token = bytes_cut(p->in, start, p->at - start);
	int64_t n;
	if (!token_integer(token, &n)) {
		TRY(value_new(p, PDF_REAL, start, ret_value));
		(*ret_value)->real = token;
		return OK;
	}
	struct pdf_ref ref;
	if (is_digit(token.p[0]) && read_reference(p, (uint64_t)n, &ref)) {
		TRY(value_new(p, PDF_REF, start, ret_value));
		(*ret_value)->ref = ref;
		return OK;
	}
	TRY(value_new(p, PDF_INT, start, ret_value));
	(*ret_value)->integer = n;
	return OK;
}

static enum err parse_keyword(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at;
	while (p->at < p->in.n && pdf_syntax_is_regular(p->in.p[p->at]))
		p->at++;
	struct bytes word = bytes_cut(p->in, start, p->at - start);
	if (bytes_equal_str(word, "null"))
		return value_new(p, PDF_NULL, start, ret_value);
	const bool is_true = bytes_equal_str(word, "true");
	if (!is_true && !bytes_equal_str(word, "false"))
		return scope_fault(p->s, ERR_FORMAT, "pdf: no value at offset %zu", start);
	TRY(value_new(p, PDF_BOOL, start, ret_value));
	(*ret_value)->boolean = is_true;
	return OK;
}

/* -- containers -- */

static enum err decrypt_string(struct parser *p, struct pdf_value *v)
{
	if (!p->hooks || !p->hooks->decrypt || v->kind != PDF_STRING)
		return OK;
	return p->hooks->decrypt(p->hooks->ctx, p->s, p->owner, v);
}

static enum err parse_value(struct parser *p, struct pdf_value **ret_value);

static enum err close_array(
    struct parser *p, size_t start, size_t base, struct pdf_value **ret_value)
{
	const size_t n = p->n_items - base;
	p->n_items = base;
	TRY(value_new(p, PDF_ARRAY, start, ret_value));
	struct pdf_value *v = *ret_value;
	if (n == 0)
		return OK;
	v->array.item = scope_alloc_array(p->s, n, sizeof(*v->array.item));
	if (!v->array.item)
		return ERR_NOMEM;
	v->array.n = v->array.room = n;
	for (size_t i = 0; i < n; i++) {
		TRY(decrypt_string(p, p->items[base + i].value));
		v->array.item[i] = p->items[base + i].value;
	}
	return OK;
}

static enum err parse_array(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at++, base = p->n_items;
	for (;;) {
		p->at = pdf_syntax_skip(p->in, p->at);
		if (p->at >= p->in.n)
			return scope_fault(
			    p->s, ERR_FORMAT, "pdf: array at offset %zu has no end", start);
		if (p->in.p[p->at] == ']')
			break;
		struct item item = { 0 };
		TRY(parse_value(p, &item.value));
		TRY(push_item(p, item));
	}
	p->at++;
	return close_array(p, start, base, ret_value);
}

static enum err close_dict(
    struct parser *p, size_t start, size_t base, struct pdf_value **ret_value)
{
	const size_t n = p->n_items - base;
	p->n_items = base;
	TRY(value_new(p, PDF_DICT, start, ret_value));
	struct pdf_value *v = *ret_value;
	if (n == 0)
		return OK;
	v->dict.item = scope_alloc_array(p->s, n, sizeof(*v->dict.item));
	if (!v->dict.item)
		return ERR_NOMEM;
	v->dict.n = v->dict.room = n;
	for (size_t i = 0; i < n; i++)
		v->dict.item[i] = (struct pdf_entry){ .key = p->items[base + i].key,
			.value = p->items[base + i].value };
	TRY(pdf_value_index(p->s, v));
	const bool is_signature = pdf_value_find(v, "ByteRange") != NULL;
	for (size_t i = 0; i < n; i++)
		if (!is_signature || !bytes_equal_str(v->dict.item[i].key, "Contents"))
			TRY(decrypt_string(p, p->items[base + i].value));
	return OK;
}

static enum err parse_dict(struct parser *p, struct pdf_value **ret_value)
{
	const size_t start = p->at, base = p->n_items;
	p->at += 2;
	for (;;) {
		p->at = pdf_syntax_skip(p->in, p->at);
		if (p->at >= p->in.n)
			return scope_fault(
			    p->s, ERR_FORMAT, "pdf: dictionary at offset %zu has no end", start);
		if (starts_with(p->in, p->at, ">>"))
			break;
		if (p->in.p[p->at] != '/')
			return scope_fault(p->s, ERR_FORMAT,
			    "pdf: dictionary at offset %zu: no key at offset %zu", start, p->at);
		struct item item = { 0 };
		TRY(read_name(p, &item.key));
		p->at = pdf_syntax_skip(p->in, p->at);
		if (starts_with(p->in, p->at, ">>"))
			return scope_fault(p->s, ERR_FORMAT,
			    "pdf: dictionary at offset %zu: its last key has no value", start);
		TRY(parse_value(p, &item.value));
		TRY(push_item(p, item));
	}
	p->at += 2;
	return close_dict(p, start, base, ret_value);
}

static enum err parse_container(struct parser *p, struct pdf_value **ret_value)
{
	if (++p->depth > LIMIT_PDF_DEPTH)
		return scope_fault(p->s, ERR_LIMIT,
		    "pdf: arrays and dictionaries nested deeper than %d at offset %zu",
		    LIMIT_PDF_DEPTH, p->at);
	TRY(p->in.p[p->at] == '[' ? parse_array(p, ret_value) : parse_dict(p, ret_value));
	p->depth--;
	return OK;
}

static enum err parse_value(struct parser *p, struct pdf_value **ret_value)
{
	p->at = pdf_syntax_skip(p->in, p->at);
	if (p->at >= p->in.n)
		return scope_fault(
		    p->s, ERR_FORMAT, "pdf: no value at offset %zu: end of data", p->at);
	const uint8_t c = p->in.p[p->at];
	if (c == '[' || starts_with(p->in, p->at, "<<"))
		return parse_container(p, ret_value);
	if (c == '/')
		return parse_name(p, ret_value);
	if (c == '(')
		return parse_literal(p, ret_value);
	if (c == '<')
		return parse_hex(p, ret_value);
	if (is_digit(c) || c == '+' || c == '-' || c == '.')
		return parse_number(p, ret_value);
	return parse_keyword(p, ret_value);
}

static enum err read_value(struct parser *p, size_t *at, const struct pdf_value **ret_value)
{
	p->at = *at;
	p->depth = p->n_values = p->n_items = 0;
	p->items = p->first_items;
	p->room = INLINE_ITEMS;
	struct pdf_value *v;
	TRY(parse_value(p, &v));
	TRY(decrypt_string(p, v));
	*at = p->at;
	*ret_value = v;
	return OK;
}

enum err pdf_syntax_value(
    struct scope *s, struct bytes file, size_t *at, const struct pdf_value **ret_value)
{
	struct parser p;
	p.s = s;
	p.in = file;
	p.apart = false;
	p.hooks = NULL;
	return read_value(&p, at, ret_value);
}

enum err pdf_syntax_value_apart(
    struct scope *s, struct bytes data, size_t *at, const struct pdf_value **ret_value)
{
	struct parser p;
	p.s = s;
	p.in = data;
	p.apart = true;
	p.hooks = NULL;
	return read_value(&p, at, ret_value);
}

enum err pdf_syntax_value_of(struct scope *s, struct bytes file, size_t *at, struct pdf_ref object,
    const struct pdf_syntax_hooks *hooks, const struct pdf_value **ret_value)
{
	struct parser p;
	p.s = s;
	p.in = file;
	p.apart = false;
	p.owner = object;
	p.hooks = hooks;
	return read_value(&p, at, ret_value);
}
