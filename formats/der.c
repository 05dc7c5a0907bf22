#include "formats/der.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define TAG_NUMBER 0x1f /* low five bits of an identifier; all set: the number follows */

/* Why a value cannot be read. Faults get their text only where somebody asks for one. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_TRUNCATED,
	TROUBLE_TAG,
	TROUBLE_TAG_ZERO,
	TROUBLE_LENGTH,
	TROUBLE_INDEFINITE,
	TROUBLE_DEPTH,
	TROUBLE_SIZE,
};

static const struct {
	enum err code;
	const char *text;
} troubles[] = {
	[TROUBLE_NONE] = { OK, "" },
	[TROUBLE_TRUNCATED] = { ERR_FORMAT, "truncated value" },
	[TROUBLE_TAG] = { ERR_UNSUPPORTED, "tag number above 30" },
	[TROUBLE_TAG_ZERO] = { ERR_FORMAT, "end-of-contents where a value belongs" },
	[TROUBLE_LENGTH] = { ERR_FORMAT, "impossible length octet (X.690 8.1.3.5)" },
	[TROUBLE_INDEFINITE] = { ERR_FORMAT, "indefinite length of a primitive value" },
	[TROUBLE_DEPTH] = { ERR_LIMIT, "nested too deeply" },
	[TROUBLE_SIZE] = { ERR_LIMIT, "value larger than the limit" },
};

static enum err fault_of(struct scope *s, enum trouble t, const char *what)
{
	return scope_fault(s, troubles[t].code, "asn.1: %s%s%s", what ? what : "", what ? ": " : "",
	    troubles[t].text);
}

struct header {
	uint8_t tag;
	bool indefinite, minimal;
	size_t n;      /* octets of identifier and length */
	size_t length; /* of the value, 0 if indefinite */
};

/* Long form of the length (X.690 8.1.3.5), h->n counts what was read before it. */
static enum trouble read_long_length(struct bytes b, uint8_t first, struct header *h)
{
	size_t octets = first & 0x7f;
	if (first == 0xff)
		return TROUBLE_LENGTH;
	if (octets > b.n - h->n)
		return TROUBLE_TRUNCATED;
	size_t length = 0;
	for (size_t i = 0; i < octets; i++) {
		if (length >> (8 * (sizeof(length) - 1)))
			return TROUBLE_TRUNCATED;
		length = length << 8 | b.p[h->n + i];
	}
	h->minimal = length >= 0x80 && b.p[h->n] != 0;
	h->n += octets;
	h->length = length;
	return TROUBLE_NONE;
}

/* Identifier and length; a definite value is known to be wholly there afterwards. */
static enum trouble read_header(struct bytes b, struct header *h)
{
	if (b.n < 2)
		return TROUBLE_TRUNCATED;
	*h = (struct header){ .tag = b.p[0], .n = 2, .minimal = true };
	if ((h->tag & TAG_NUMBER) == TAG_NUMBER)
		return TROUBLE_TAG;
	uint8_t first = b.p[1];
	if (first == 0x80) {
		h->indefinite = true;
		return h->tag & DER_CONSTRUCTED ? TROUBLE_NONE : TROUBLE_INDEFINITE;
	}
	h->length = first;
	if (first > 0x80) {
		enum trouble t = read_long_length(b, first, h);
		if (t != TROUBLE_NONE)
			return t;
	}
	if (h->length > b.n - h->n)
		return TROUBLE_TRUNCATED;
	return h->length > LIMIT_DER_VALUE ? TROUBLE_SIZE : TROUBLE_NONE;
}

/* Length of the value that `b` begins with up to and including its end-of-contents. Definite values
 * are stepped over whole: only indefinite ones must be entered to find where they end. */
static enum trouble find_end_of_contents(struct bytes b, size_t *ret_n)
{
	size_t at = 0;
	for (unsigned depth = 1; depth > 0;) {
		struct header h;
		enum trouble t = read_header(bytes_from(b, at), &h);
		if (t != TROUBLE_NONE)
			return t;
		at += h.n + h.length;
		if (h.indefinite && ++depth > LIMIT_DER_DEPTH)
			return TROUBLE_DEPTH;
		if (h.tag == 0 && (h.length > 0 || h.n != 2))
			return TROUBLE_TAG_ZERO;
		depth -= h.tag == 0;
		if (at > LIMIT_DER_VALUE)
			return TROUBLE_SIZE;
	}
	*ret_n = at;
	return TROUBLE_NONE;
}

static enum trouble read_tlv(struct bytes *rest, struct der *ret_tlv)
{
	struct header h;
	enum trouble t = read_header(*rest, &h);
	if (t != TROUBLE_NONE)
		return t;
	if (h.tag == 0)
		return TROUBLE_TAG_ZERO;
	size_t inside = h.length, ending = 0;
	if (h.indefinite) {
		t = find_end_of_contents(bytes_from(*rest, h.n), &inside);
		if (t != TROUBLE_NONE)
			return t;
		ending = 2;
	}
	*ret_tlv = (struct der){
		.whole = bytes_of(rest->p, h.n + inside),
		.value = bytes_of(rest->p + h.n, inside - ending),
		.tag = h.tag,
		.indefinite = h.indefinite,
	};
	*rest = bytes_of(rest->p + h.n + inside, rest->n - h.n - inside);
	return TROUBLE_NONE;
}

bool der_step(struct bytes *rest, struct der *ret_tlv)
{
	return read_tlv(rest, ret_tlv) == TROUBLE_NONE;
}

enum err der_next(struct scope *s, struct bytes *rest, struct der *ret_tlv)
{
	enum trouble t = read_tlv(rest, ret_tlv);
	return t == TROUBLE_NONE ? OK : fault_of(s, t, NULL);
}

enum err der_expect(
    struct scope *s, struct bytes *rest, uint8_t tag, const char *what, struct der *ret_tlv)
{
	struct bytes after = *rest;
	struct der tlv;
	if (rest->n == 0)
		return scope_fault(s, ERR_FORMAT, "asn.1: %s: missing", what);
	enum trouble t = read_tlv(&after, &tlv);
	if (t != TROUBLE_NONE)
		return fault_of(s, t, what);
	if (tlv.tag != tag)
		return scope_fault(
		    s, ERR_FORMAT, "asn.1: %s: tag %02x where %02x belongs", what, tlv.tag, tag);
	*rest = after;
	*ret_tlv = tlv;
	return OK;
}

enum err der_only(
    struct scope *s, struct bytes b, uint8_t tag, const char *what, struct der *ret_tlv)
{
	struct der tlv;
	TRY(der_expect(s, &b, tag, what, &tlv));
	TRY(der_end(s, b, what));
	*ret_tlv = tlv;
	return OK;
}

bool der_has(struct bytes rest, uint8_t tag)
{
	return rest.n > 0 && rest.p[0] == tag;
}

enum err der_optional(struct scope *s, struct bytes *rest, uint8_t tag, const char *what,
    bool *ret_present, struct der *ret_tlv)
{
	if (!der_has(*rest, tag)) {
		*ret_present = false;
		return OK;
	}
	TRY(der_expect(s, rest, tag, what, ret_tlv));
	*ret_present = true;
	return OK;
}

enum err der_end(struct scope *s, struct bytes rest, const char *what)
{
	return rest.n == 0 ? OK : scope_fault(s, ERR_FORMAT, "asn.1: trailing data in %s", what);
}

enum err der_boolean(struct scope *s, struct der tlv, bool *ret_value)
{
	if (tlv.value.n != 1)
		return scope_fault(s, ERR_FORMAT, "asn.1: BOOLEAN of %zu octets", tlv.value.n);
	*ret_value = tlv.value.p[0] != 0;
	return OK;
}

enum err der_small_integer(struct scope *s, struct der tlv, int64_t *ret_value)
{
	struct bytes v = tlv.value;
	if (v.n == 0)
		return scope_fault(s, ERR_FORMAT, "asn.1: INTEGER without content");
	uint8_t sign = v.p[0] & 0x80 ? 0xff : 0;
	while (v.n > 1 && v.p[0] == sign && (v.p[1] & 0x80) == (sign & 0x80))
		v = bytes_from(v, 1);
	if (v.n > sizeof(int64_t))
		return scope_fault(s, ERR_LIMIT, "asn.1: INTEGER of %zu octets", v.n);
	uint64_t value = sign ? UINT64_MAX : 0;
	for (size_t i = 0; i < v.n; i++)
		value = value << 8 | v.p[i];
	memcpy(ret_value, &value, sizeof(value));
	return OK;
}

enum err der_named_bits(struct scope *s, struct der tlv, uint32_t *ret_bits)
{
	struct bytes v = tlv.value;
	if (tlv.tag & DER_CONSTRUCTED)
		return scope_fault(s, ERR_UNSUPPORTED, "asn.1: named bits in pieces");
	if (v.n == 0 || v.p[0] > 7 || (v.n == 1 && v.p[0] != 0))
		return scope_fault(s, ERR_FORMAT, "asn.1: malformed BIT STRING");
	size_t n_bits = (v.n - 1) * 8 - v.p[0];
	uint32_t bits = 0;
	for (size_t i = 0; i < n_bits && i < 32; i++)
		if (v.p[1 + i / 8] & 0x80 >> i % 8)
			bits |= UINT32_C(1) << i;
	*ret_bits = bits;
	return OK;
}

/* Puts the pieces of a constructed string together (X.690 8.7.3, 8.6.4). `piece` is the tag of a
 * primitive piece; `lead` octets at the start of each must be zero: the count of unused bits. */
static enum err join_pieces(struct scope *s, struct bytes rest, uint8_t piece, size_t lead,
    unsigned depth, struct buf *joined)
{
	if (depth > LIMIT_DER_DEPTH)
		return fault_of(s, TROUBLE_DEPTH, "constructed string");
	while (rest.n > 0) {
		struct der part;
		TRY(der_next(s, &rest, &part));
		if (part.tag == (piece | DER_CONSTRUCTED)) {
			TRY(join_pieces(s, part.value, piece, lead, depth + 1, joined));
			continue;
		}
		if (part.tag != piece || part.value.n < lead || (lead && part.value.p[0] != 0))
			return scope_fault(s, ERR_FORMAT,
			    "asn.1: constructed string with a piece of another kind");
		buf_add(joined, bytes_from(part.value, lead));
	}
	return OK;
}

static enum err join(
    struct scope *s, struct der tlv, uint8_t piece, size_t lead, struct bytes *ret_octets)
{
	struct buf joined = buf_new(s, tlv.value.n);
	TRY(join_pieces(s, tlv.value, piece, lead, 1, &joined));
	return buf_done(&joined, ret_octets);
}

enum err der_bit_string(struct scope *s, struct der tlv, struct bytes *ret_octets)
{
	if (tlv.tag & DER_CONSTRUCTED)
		return join(s, tlv, DER_BIT_STRING, 1, ret_octets);
	if (tlv.value.n == 0 || tlv.value.p[0] != 0)
		return scope_fault(
		    s, ERR_FORMAT, "asn.1: BIT STRING that is not a whole number of octets");
	*ret_octets = bytes_from(tlv.value, 1);
	return OK;
}

enum err der_octet_string(struct scope *s, struct der tlv, struct bytes *ret_octets)
{
	if (tlv.tag & DER_CONSTRUCTED)
		return join(s, tlv, DER_OCTET_STRING, 0, ret_octets);
	*ret_octets = tlv.value;
	return OK;
}

/* Takes n decimal digits off the front. */
static bool take_digits(struct bytes *text, size_t n, int *ret_number)
{
	int number = 0;
	if (text->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text->p[i] < '0' || text->p[i] > '9')
			return false;
		number = number * 10 + (text->p[i] - '0');
	}
	*text = bytes_from(*text, n);
	*ret_number = number;
	return true;
}

static bool is_digit_next(struct bytes text)
{
	return text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9';
}

/* 'Z', "+hhmm", "-hh" or nothing, up to the end of the text. */
static bool take_zone(struct bytes text, int64_t *ret_offset_s)
{
	int hours, minutes = 0;
	*ret_offset_s = 0;
	if (text.n == 0 || bytes_equal_str(text, "Z"))
		return true;
	bool west = text.p[0] == '-';
	if (!west && text.p[0] != '+')
		return false;
	text = bytes_from(text, 1);
	if (!take_digits(&text, 2, &hours))
		return false;
	if (text.n > 0 && !take_digits(&text, 2, &minutes))
		return false;
	if (text.n > 0 || hours > 23 || minutes > 59)
		return false;
	*ret_offset_s = (west ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
	return true;
}

static void skip_fraction(struct bytes *text)
{
	if (text->n < 2 || (text->p[0] != '.' && text->p[0] != ','))
		return;
	struct bytes after = bytes_from(*text, 1);
	if (!is_digit_next(after))
		return;
	while (is_digit_next(after))
		after = bytes_from(after, 1);
	*text = after;
}

static bool parse_time(struct bytes text, bool short_year, struct instant *ret_t)
{
	struct civil c = { 0 };
	int64_t offset;
	struct instant local;
	if (!take_digits(&text, short_year ? 2 : 4, &c.year))
		return false;
	if (short_year)
		c.year += c.year < 50 ? 2000 : 1900; /* RFC 5280 4.1.2.5.1 */
	if (!take_digits(&text, 2, &c.month) || !take_digits(&text, 2, &c.day) ||
	    !take_digits(&text, 2, &c.hour))
		return false;
	if ((short_year || is_digit_next(text)) && !take_digits(&text, 2, &c.minute))
		return false;
	if (is_digit_next(text) && !take_digits(&text, 2, &c.second))
		return false;
	if (!short_year)
		skip_fraction(&text);
	if (!take_zone(text, &offset) || !instant_of_civil(c, &local))
		return false;
	*ret_t = instant_add(local, -offset);
	return true;
}

enum err der_time(struct scope *s, struct der tlv, struct instant *ret_t)
{
	if (tlv.tag != DER_UTC_TIME && tlv.tag != DER_GENERALIZED_TIME)
		return scope_fault(s, ERR_FORMAT, "asn.1: tag %02x where a time belongs", tlv.tag);
	if (!parse_time(tlv.value, tlv.tag == DER_UTC_TIME, ret_t))
		return scope_fault(s, ERR_FORMAT, "asn.1: malformed time");
	return OK;
}

enum err der_length_of_value(struct scope *s, struct bytes b, size_t *ret_n)
{
	struct der tlv;
	TRY(der_next(s, &b, &tlv));
	*ret_n = tlv.whole.n;
	return OK;
}

bool der_is_der(struct bytes b)
{
	size_t ends[LIMIT_DER_DEPTH] = { b.n };
	size_t at = 0, depth = 0;
	while (at < b.n) {
		struct header h;
		if (read_header(bytes_of(b.p + at, ends[depth] - at), &h) != TROUBLE_NONE ||
		    h.indefinite || !h.minimal || h.tag == 0)
			return false;
		at += h.n;
		if (depth == 0 && at + h.length != b.n)
			return false;
		if (h.tag & DER_CONSTRUCTED) {
			if (++depth == LIMIT_DER_DEPTH)
				return false;
			ends[depth] = at + h.length;
		} else {
			at += h.length;
		}
		while (depth > 0 && at == ends[depth])
			depth--;
	}
	return b.n > 0;
}

size_t der_open(struct buf *b, uint8_t tag)
{
	buf_add_byte(b, tag);
	buf_add_byte(b, 0);
	return b->n;
}

void der_close(struct buf *b, size_t mark)
{
	if (b->failed != OK)
		return;
	size_t n = b->n - mark;
	if (n < 0x80) {
		b->p[mark - 1] = (uint8_t)n;
		return;
	}
	size_t octets = 1;
	while (octets < sizeof(n) && n >> (8 * octets))
		octets++;
	if (!buf_extend(b, octets))
		return;
	memmove(b->p + mark + octets, b->p + mark, n);
	b->p[mark - 1] = (uint8_t)(0x80 | octets);
	for (size_t i = 0; i < octets; i++)
		b->p[mark + i] = (uint8_t)(n >> (8 * (octets - 1 - i)));
}

static int compare_elements(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static size_t count_elements(struct bytes content)
{
	struct der element;
	size_t n = 0;
	while (content.n > 0 && der_step(&content, &element))
		n++;
	return content.n > 0 ? SIZE_MAX : n;
}

/* The elements from `mark` on in ascending order (X.690 11.6). */
static void sort_elements(struct buf *b, size_t mark)
{
	struct bytes content;
	if (bytes_copy(b->s, bytes_from(buf_bytes(b), mark), &content) != OK) {
		b->failed = ERR_NOMEM;
		return;
	}
	size_t n = count_elements(content), at = mark;
	if (n == SIZE_MAX) {
		b->failed = scope_fault(b->s, ERR_FORMAT, "asn.1: malformed element of a SET OF");
		return;
	}
	struct bytes *elements = scope_alloc_array(b->s, n, sizeof(*elements));
	if (!elements) {
		b->failed = ERR_NOMEM;
		return;
	}
	struct der element;
	for (size_t i = 0; i < n && der_step(&content, &element); i++)
		elements[i] = element.whole;
	qsort(elements, n, sizeof(*elements), compare_elements);
	for (size_t i = 0; i < n; i++) {
		buf_patch(b, at, elements[i]);
		at += elements[i].n;
	}
}

void der_close_set_of(struct buf *b, size_t mark)
{
	if (b->failed == OK && b->n > mark)
		sort_elements(b, mark);
	der_close(b, mark);
}

void der_add(struct buf *b, uint8_t tag, struct bytes value)
{
	size_t mark = der_open(b, tag);
	buf_add(b, value);
	der_close(b, mark);
}

void der_add_small_integer(struct buf *b, int64_t value)
{
	uint8_t octets[sizeof(value)];
	for (size_t i = 0; i < sizeof(value); i++)
		octets[i] = (uint8_t)((uint64_t)value >> (8 * (sizeof(value) - 1 - i)));
	uint8_t sign = value < 0 ? 0xff : 0;
	size_t skip = 0;
	while (skip < sizeof(value) - 1 && octets[skip] == sign &&
	       (octets[skip + 1] & 0x80) == (sign & 0x80))
		skip++;
	der_add(b, DER_INTEGER, bytes_of(octets + skip, sizeof(value) - skip));
}

void der_add_unsigned(struct buf *b, struct bytes magnitude)
{
	while (magnitude.n > 0 && magnitude.p[0] == 0)
		magnitude = bytes_from(magnitude, 1);
	size_t mark = der_open(b, DER_INTEGER);
	if (magnitude.n == 0 || (magnitude.p[0] & 0x80))
		buf_add_byte(b, 0);
	buf_add(b, magnitude);
	der_close(b, mark);
}

void der_add_boolean(struct buf *b, bool value)
{
	uint8_t octet = value ? 0xff : 0;
	der_add(b, DER_BOOLEAN, bytes_of(&octet, 1));
}

void der_add_null(struct buf *b)
{
	der_add(b, DER_NULL, BYTES_NONE);
}

void der_add_generalized_time(struct buf *b, struct instant t)
{
	struct civil c = instant_civil(t);
	size_t mark = der_open(b, DER_GENERALIZED_TIME);
	buf_addf(
	    b, "%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
	der_close(b, mark);
}

void der_add_time(struct buf *b, struct instant t)
{
	struct civil c = instant_civil(t);
	if (c.year < 1950 || c.year > 2049) {
		der_add_generalized_time(b, t);
		return;
	}
	size_t mark = der_open(b, DER_UTC_TIME);
	buf_addf(b, "%02d%02d%02d%02d%02d%02dZ", c.year % 100, c.month, c.day, c.hour, c.minute,
	    c.second);
	der_close(b, mark);
}
