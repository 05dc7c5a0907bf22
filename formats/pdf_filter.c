#include "formats/pdf_filter.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_predictor.h"
#include "formats/pdf_syntax.h"

#define MAX_FILTERS 16 /* in one chain; a longer one has no purpose */

/* -- Flate -- */

/* zlib counts in 32 bits; mapped files do not. */
static void feed(z_stream *z, struct bytes *in)
{
	if (z->avail_in > 0)
		return;
	const size_t most = (size_t)1 << 30;
	struct bytes now = bytes_cut(*in, 0, most);
	*in = bytes_from(*in, now.n);
	z->next_in = now.p;
	z->avail_in = (uInt)now.n;
}

/* Octets to make room for: doubling, up to one octet over the cap, which tells a full stream from
 * one that goes on. */
static size_t next_room(size_t held, size_t in)
{
	const size_t first = in < 1024 ? 4096 : in < (1 << 18) ? in * 4 : 1 << 20;
	const size_t room = held ? held : first;
	const size_t left = LIMIT_PDF_INFLATED + 1 - held;
	return room < left ? room : left;
}

static enum err inflate_all(
    struct scope *s, z_stream *z, struct bytes in, struct buf *out, bool *ret_damaged)
{
	const size_t in_n = in.n < LIMIT_PDF_INFLATED ? in.n : LIMIT_PDF_INFLATED;
	for (int code = Z_OK; code == Z_OK;) {
		const size_t held = out->n, room = next_room(held, in_n);
		uint8_t *to = buf_extend(out, room);
		if (!to)
			return ERR_NOMEM;
		z->next_out = to;
		z->avail_out = (uInt)room;
		while (code == Z_OK && z->avail_out > 0) {
			feed(z, &in);
			code = inflate(z, Z_NO_FLUSH);
		}
		out->n = held + room - z->avail_out;
		if (code == Z_MEM_ERROR)
			return scope_fault(s, ERR_NOMEM, "out of memory");
		if (out->n > LIMIT_PDF_INFLATED)
			return scope_fault(s, ERR_LIMIT,
			    "pdf: a stream decodes to more than %zu octets", LIMIT_PDF_INFLATED);
		*ret_damaged |= code != Z_OK && code != Z_STREAM_END;
	}
	return OK;
}

static enum err flate(struct scope *s, struct bytes in, struct bytes *ret_out, bool *ret_damaged)
{
	struct buf out = buf_new(s, LIMIT_PDF_INFLATED + 1);
	z_stream z = { 0 };
	if (inflateInit(&z) != Z_OK)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = in.n ? inflate_all(s, &z, in, &out, ret_damaged) : OK;
	inflateEnd(&z);
	TRY(e);
	*ret_out = buf_bytes(&out);
	return OK;
}

enum err pdf_filter_deflate(struct scope *s, struct bytes data, struct bytes *ret_deflated)
{
	uLongf n = compressBound(data.n);
	uint8_t *out = scope_alloc(s, n);
	if (!out)
		return ERR_NOMEM;
	if (compress2(out, &n, data.p, data.n, Z_DEFAULT_COMPRESSION) != Z_OK)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	*ret_deflated = bytes_of(out, n);
	return OK;
}

/* -- LZW (ISO 32000-2 7.4.4.2) -- */

#define LZW_CLEAR 256
#define LZW_END 257
#define LZW_CODES 4096

struct lzw {
	uint16_t prefix[LZW_CODES]; /* the string without its last octet */
	uint16_t length[LZW_CODES];
	uint8_t last[LZW_CODES], first[LZW_CODES];
	unsigned n_codes, width;
};

static void lzw_clear(struct lzw *t)
{
	for (unsigned i = 0; i < 256; i++) {
		t->first[i] = t->last[i] = (uint8_t)i;
		t->length[i] = 1;
	}
	t->n_codes = LZW_END + 1;
	t->width = 9;
}

static void lzw_learn(struct lzw *t, unsigned previous, uint8_t last, unsigned early)
{
	if (t->n_codes >= LZW_CODES)
		return;
	t->prefix[t->n_codes] = (uint16_t)previous;
	t->length[t->n_codes] = (uint16_t)(t->length[previous] + 1);
	t->first[t->n_codes] = t->first[previous];
	t->last[t->n_codes] = last;
	t->n_codes++;
	while (t->width < 12 && t->n_codes + early >= 1u << t->width)
		t->width++;
}

static void lzw_put(const struct lzw *t, unsigned code, struct buf *out)
{
	const size_t n = t->length[code];
	uint8_t *to = buf_extend(out, n);
	for (size_t i = n; to && i-- > 0; code = t->prefix[code])
		to[i] = t->last[code];
}

/* Next code, or LZW_END when the octets run out. */
static unsigned lzw_next(const struct lzw *t, struct bytes in, size_t *bit)
{
	if (*bit + t->width > in.n * 8)
		return LZW_END;
	unsigned code = 0;
	for (size_t i = *bit / 8; i <= (*bit + t->width - 1) / 8; i++)
		code = code << 8 | in.p[i];
	*bit += t->width;
	return code >> (7 - (*bit - 1) % 8) & ((1u << t->width) - 1);
}

static enum err lzw(struct scope *s, struct bytes in, bool early, struct bytes *ret_out)
{
	struct lzw *t = scope_alloc(s, sizeof(*t));
	if (!t)
		return ERR_NOMEM;
	struct buf out = buf_new(s, LIMIT_PDF_INFLATED);
	lzw_clear(t);
	size_t bit = 0;
	bool has_previous = false;
	unsigned previous = 0;
	for (unsigned code; (code = lzw_next(t, in, &bit)) != LZW_END && out.failed == OK;) {
		if (code == LZW_CLEAR) {
			lzw_clear(t);
			has_previous = false;
			continue;
		}
		if (code > t->n_codes || (code == t->n_codes && !has_previous) ||
		    (!has_previous && code > 255))
			return scope_fault(s, ERR_FORMAT, "pdf: LZWDecode: wrong code %u", code);
		if (has_previous) /* the code being defined repeats its own first octet */
			lzw_learn(t, previous,
			    code < t->n_codes ? t->first[code] : t->first[previous], early);
		if (code >= t->n_codes)
			return scope_fault(s, ERR_FORMAT, "pdf: LZWDecode: table overflow");
		lzw_put(t, code, &out);
		previous = code;
		has_previous = true;
	}
	return buf_done(&out, ret_out);
}

/* -- ASCII and run lengths (7.4.2, 7.4.3, 7.4.5) -- */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

static enum err ascii_hex(struct scope *s, struct bytes in, struct bytes *ret_out)
{
	uint8_t *out = scope_alloc(s, in.n / 2 + 1);
	if (!out)
		return ERR_NOMEM;
	size_t digits = 0;
	for (size_t i = 0; i < in.n && in.p[i] != '>'; i++) {
		int digit = hex_digit(in.p[i]);
		if (digit < 0 && pdf_syntax_is_white(in.p[i]))
			continue;
		if (digit < 0)
			return scope_fault(s, ERR_FORMAT, "pdf: ASCIIHexDecode: not a digit");
		out[digits / 2] |= (uint8_t)(digits % 2 ? digit : digit << 4);
		digits++;
	}
	*ret_out = bytes_of(out, (digits + 1) / 2);
	return OK;
}

/* A group of n digits (2 to 5) gives n - 1 octets. */
static bool ascii85_group(const uint8_t *digit, size_t n, struct buf *out)
{
	uint64_t word = 0;
	for (size_t i = 0; i < 5; i++)
		word = word * 85 + (i < n ? digit[i] : 84);
	for (size_t i = 0; i + 1 < n; i++)
		buf_add_byte(out, (uint8_t)(word >> (24 - 8 * i)));
	return word <= UINT32_MAX;
}

static enum err ascii85(struct scope *s, struct bytes in, struct bytes *ret_out)
{
	struct buf out = buf_new(s, LIMIT_PDF_INFLATED);
	uint8_t digit[5];
	size_t n = 0;
	bool good = true;
	if (bytes_has_prefix(in, BYTES_LIT("<~")))
		in = bytes_from(in, 2);
	for (size_t i = 0; i < in.n && in.p[i] != '~' && good; i++) {
		const uint8_t c = in.p[i];
		if (pdf_syntax_is_white(c))
			continue;
		if (c == 'z' && n == 0) {
			buf_add_repeat(&out, 0, 4);
			continue;
		}
		good = c >= '!' && c <= 'u';
		digit[n++] = (uint8_t)(c - '!');
		if (n == 5 && good) {
			good = ascii85_group(digit, n, &out);
			n = 0;
		}
	}
	if (!good || n == 1 || (n > 1 && !ascii85_group(digit, n, &out)))
		return scope_fault(s, ERR_FORMAT, "pdf: ASCII85Decode: malformed data");
	return buf_done(&out, ret_out);
}

static enum err run_length(struct scope *s, struct bytes in, struct bytes *ret_out)
{
	struct buf out = buf_new(s, LIMIT_PDF_INFLATED);
	for (size_t i = 0; i < in.n && in.p[i] != 128;) {
		const uint8_t n = in.p[i++];
		if (n < 128) {
			struct bytes run = bytes_cut(in, i, (size_t)n + 1);
			buf_add(&out, run);
			i += run.n;
		} else if (i < in.n) {
			buf_add_repeat(&out, in.p[i++], 257u - n);
		}
	}
	return buf_done(&out, ret_out);
}

/* -- the chain -- */

static const struct pdf_value *item_at(const struct pdf_value *v, size_t i, size_t n)
{
	if (!v || v->kind != PDF_ARRAY)
		return n == 1 ? v : NULL;
	return i < v->array.n ? v->array.item[i] : NULL;
}

/* Filters have long names, and short ones that are meant for inline images only. */
static bool is_filter(const struct pdf_value *v, const char *name, const char *abbreviation)
{
	return pdf_value_is_name(v, name) || pdf_value_is_name(v, abbreviation);
}

static enum err decode_one(struct scope *s, const struct pdf_value *filter,
    const struct pdf_value *parms, struct bytes *data, bool *ret_damaged)
{
	if (is_filter(filter, "FlateDecode", "Fl")) {
		TRY(flate(s, *data, data, ret_damaged));
		return pdf_predictor_undo(s, parms, data);
	}
	if (is_filter(filter, "LZWDecode", "LZW")) {
		int64_t early = 1;
		pdf_value_integer(pdf_value_find(parms, "EarlyChange"), &early);
		TRY(lzw(s, *data, early != 0, data));
		return pdf_predictor_undo(s, parms, data);
	}
	if (is_filter(filter, "ASCIIHexDecode", "AHx"))
		return ascii_hex(s, *data, data);
	if (is_filter(filter, "ASCII85Decode", "A85"))
		return ascii85(s, *data, data);
	if (is_filter(filter, "RunLengthDecode", "RL"))
		return run_length(s, *data, data);
	if (pdf_value_is_name(filter, "Crypt")) {
		const struct pdf_value *name = pdf_value_find(parms, "Name");
		if (!name || pdf_value_is_name(name, "Identity"))
			return OK;
		return scope_fault(s, ERR_UNSUPPORTED, "pdf: filter Crypt other than Identity");
	}
	if (!filter || filter->kind != PDF_NAME)
		return scope_fault(s, ERR_FORMAT, "pdf: /Filter is not a name");
	return scope_fault(s, ERR_UNSUPPORTED, "pdf: filter %.*s is not known",
	    (int)(filter->name.n < 64 ? filter->name.n : 64), (const char *)filter->name.p);
}

enum err pdf_filter_decode(struct scope *s, const struct pdf_value *filter,
    const struct pdf_value *parms, struct bytes raw, struct bytes *ret_data, bool *ret_damaged)
{
	bool damaged = false;
	size_t n = !filter || filter->kind == PDF_NULL ? 0 : 1;
	if (n && filter->kind == PDF_ARRAY)
		n = filter->array.n;
	if (n > MAX_FILTERS)
		return scope_fault(s, ERR_LIMIT, "pdf: more than %d filters", MAX_FILTERS);
	for (size_t i = 0; i < n; i++)
		TRY(decode_one(s, item_at(filter, i, n), item_at(parms, i, n), &raw, &damaged));
	*ret_data = raw;
	*ret_damaged = damaged;
	return OK;
}
