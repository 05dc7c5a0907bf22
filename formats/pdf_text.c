#include "formats/pdf_text.h"

#include "base/buf.h"
#include "base/scope.h"

#define REPLACEMENT 0xfffd
#define ESCAPE 0x1b
#define LANGUAGE_MAX 35 /* characters of a language tag between two escapes (BCP 47 4.4.1) */

/* -- PDFDocEncoding, ISO 32000-2 annex D.3: what differs from Latin-1; 0 is undefined -- */
static const uint16_t doc_low[8] = { /* 0x18 */
	0x02d8, 0x02c7, 0x02c6, 0x02d9, 0x02dd, 0x02db, 0x02da, 0x02dc
};
static const uint16_t doc_high[33] = { /* 0x80 */
	0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039, 0x203a, 0x2212,
	0x2030, 0x201e, 0x201c, 0x201d, 0x2018, 0x2019, 0x201a, 0x2122, 0xfb01, 0xfb02, 0x0141,
	0x0152, 0x0160, 0x0178, 0x017d, 0x0131, 0x0142, 0x0153, 0x0161, 0x017e, 0x0000, 0x20ac
};

static uint32_t doc_point(uint8_t octet)
{
	if (octet >= 0x18 && octet < 0x20)
		return doc_low[octet - 0x18];
	if (octet >= 0x80 && octet <= 0xa0)
		return doc_high[octet - 0x80];
	if (octet == 0x7f || octet == 0xad)
		return 0;
	if (octet < 0x18 && octet != '\t' && octet != '\n' && octet != '\r')
		return 0;
	return octet;
}

static bool doc_octet(uint32_t point, uint8_t *ret_octet)
{
	for (unsigned o = 0; point != 0 && o <= 0xff; o++) {
		if (doc_point((uint8_t)o) == point) {
			*ret_octet = (uint8_t)o;
			return true;
		}
	}
	return false;
}

/* -- UTF-8 -- */
static bool is_scalar(uint32_t point)
{
	return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

/* Length of a sequence by its first octet, and the least point it may stand for; 0: none begins. */
static size_t sequence_length(uint8_t first, uint32_t *ret_least)
{
	*ret_least = first < 0x80 ? 0 : first < 0xe0 ? 0x80 : first < 0xf0 ? 0x800 : 0x10000;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

bool pdf_text_utf8_step(struct bytes b, size_t *at, uint32_t *ret_point)
{
	uint32_t least;
	uint8_t first = b.p[(*at)++];
	size_t n = sequence_length(first, &least);
	if (n == 0)
		return false;
	uint32_t point = n == 1 ? first : first & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (*at == b.n || (b.p[*at] & 0xc0) != 0x80)
			return false;
		point = point << 6 | (b.p[(*at)++] & 0x3f);
	}
	if (point < least || !is_scalar(point))
		return false;
	*ret_point = point;
	return true;
}

static void add_utf8(struct buf *b, uint32_t point)
{
	if (point < 0x80) {
		buf_add_byte(b, (uint8_t)point);
		return;
	}
	if (point < 0x800) {
		buf_add_byte(b, (uint8_t)(0xc0 | point >> 6));
	} else if (point < 0x10000) {
		buf_add_byte(b, (uint8_t)(0xe0 | point >> 12));
		buf_add_byte(b, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
	} else {
		buf_add_byte(b, (uint8_t)(0xf0 | point >> 18));
		buf_add_byte(b, (uint8_t)(0x80 | (point >> 12 & 0x3f)));
		buf_add_byte(b, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
	}
	buf_add_byte(b, (uint8_t)(0x80 | (point & 0x3f)));
}

/* -- text strings -- */
enum coding {
	CODING_DOC,
	CODING_UTF8,
	CODING_UTF16BE,
	CODING_UTF16LE
};

struct reader {
	enum coding coding;
	struct bytes in;
	size_t at;
};

static uint32_t unit_at(const struct reader *r, size_t at)
{
	uint8_t a = r->in.p[at], b = r->in.p[at + 1];
	return r->coding == CODING_UTF16BE ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

static uint32_t utf16_step(struct reader *r)
{
	if (r->in.n - r->at < 2) {
		r->at = r->in.n;
		return REPLACEMENT;
	}
	uint32_t unit = unit_at(r, r->at);
	r->at += 2;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit > 0xdbff || r->in.n - r->at < 2)
		return REPLACEMENT;
	uint32_t low = unit_at(r, r->at);
	if (low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	r->at += 2;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* The next character; the caller has seen that there is one. Never 0. */
static uint32_t next_point(struct reader *r)
{
	uint32_t point = REPLACEMENT;
	if (r->coding == CODING_DOC)
		point = doc_point(r->in.p[r->at++]);
	else if (r->coding != CODING_UTF8)
		point = utf16_step(r);
	else if (!pdf_text_utf8_step(r->in, &r->at, &point))
		point = REPLACEMENT;
	return point == 0 ? REPLACEMENT : point;
}

/* After an escape: the offset behind the escape that closes its language tag (ISO 32000-2
 * 7.9.2.2.2), or 0 when what follows is no language tag. */
static size_t after_language(struct reader r)
{
	for (size_t i = 0; i <= LANGUAGE_MAX && r.at < r.in.n; i++) {
		uint32_t p = next_point(&r);
		if (p == ESCAPE)
			return r.at;
		bool tag = p == '-' || (p >= '0' && p <= '9') || (p >= 'A' && p <= 'Z') ||
			   (p >= 'a' && p <= 'z');
		if (!tag)
			return 0;
	}
	return 0;
}

static struct reader reader_of(struct bytes string)
{
	if (bytes_has_prefix(string, BYTES_LIT("\xfe\xff")))
		return (struct reader){ CODING_UTF16BE, bytes_from(string, 2), 0 };
	if (bytes_has_prefix(string, BYTES_LIT("\xff\xfe")))
		return (struct reader){ CODING_UTF16LE, bytes_from(string, 2), 0 };
	if (bytes_has_prefix(string, BYTES_LIT("\xef\xbb\xbf")))
		return (struct reader){ CODING_UTF8, bytes_from(string, 3), 0 };
	return (struct reader){ CODING_DOC, string, 0 };
}

/* Every octet gives three at most. */
static struct buf buf_for(struct scope *s, size_t n)
{
	return buf_new(s, n < SIZE_MAX / 4 ? 3 * n + 1 : SIZE_MAX);
}

enum err pdf_text_decode(struct scope *s, struct bytes string, char **ret_utf8)
{
	struct reader r = reader_of(string);
	struct buf b = buf_for(s, string.n);
	while (r.at < r.in.n) {
		uint32_t point = next_point(&r);
		size_t behind = point == ESCAPE ? after_language(r) : 0;
		if (behind)
			r.at = behind;
		else
			add_utf8(&b, point == ESCAPE ? REPLACEMENT : point);
	}
	return buf_done_str(&b, ret_utf8);
}

static bool is_plain(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] >= 0x7f || doc_point(b.p[i]) != b.p[i])
			return false;
	}
	return true;
}

static void add_utf16(struct buf *b, uint32_t point)
{
	if (point >= 0x10000) {
		add_utf16(b, 0xd800 + ((point - 0x10000) >> 10));
		point = 0xdc00 + ((point - 0x10000) & 0x3ff);
	}
	buf_add_byte(b, (uint8_t)(point >> 8));
	buf_add_byte(b, (uint8_t)point);
}

enum err pdf_text_encode(struct scope *s, const char *utf8, struct bytes *ret_string)
{
	struct bytes in = bytes_of_str(utf8);
	if (is_plain(in))
		return bytes_copy(s, in, ret_string);
	struct buf b = buf_for(s, in.n);
	buf_add(&b, BYTES_LIT("\xfe\xff"));
	for (size_t at = 0; at < in.n;) {
		uint32_t point;
		if (!pdf_text_utf8_step(in, &at, &point))
			return scope_fault(s, ERR_FORMAT, "text: not UTF-8 near octet %zu", at);
		add_utf16(&b, point);
	}
	return buf_done(&b, ret_string);
}

bool pdf_text_doc_encode(struct bytes utf8, uint8_t *ret_octets, size_t *ret_n)
{
	size_t n = 0;
	for (size_t at = 0; at < utf8.n; n++) {
		uint32_t point;
		if (!pdf_text_utf8_step(utf8, &at, &point) || !doc_octet(point, &ret_octets[n]))
			return false;
	}
	*ret_n = n;
	return true;
}

static bool is_dangerous(uint32_t p)
{
	return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0x200b || (p >= 0x2028 && p <= 0x202e) ||
	       (p >= 0x2060 && p <= 0x2064) || (p >= 0x2066 && p <= 0x2069) || p == 0xfeff ||
	       (p & 0xfffe) == 0xfffe || (p >= 0xe0000 && p <= 0xe007f);
}

enum err pdf_text_printable(struct scope *s, struct bytes any, char **ret_utf8)
{
	struct buf b = buf_for(s, any.n);
	for (size_t at = 0; at < any.n;) {
		uint32_t point;
		if (!pdf_text_utf8_step(any, &at, &point) || is_dangerous(point))
			point = REPLACEMENT;
		add_utf8(&b, point);
	}
	return buf_done_str(&b, ret_utf8);
}

/* -- dates -- */
/* `width` digits at *at; steps past them. */
static bool digits(struct bytes b, size_t *at, size_t width, int *ret_n)
{
	int n = 0;
	if (b.n - *at < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		uint8_t c = b.p[*at + i];
		if (c < '0' || c > '9')
			return false;
		n = 10 * n + (c - '0');
	}
	*at += width;
	*ret_n = n;
	return true;
}

static void skip_apostrophe(struct bytes b, size_t *at)
{
	if (*at < b.n && b.p[*at] == '\'')
		(*at)++;
}

/* "Z", "+HH", "-HH'mm", "+HH'mm'" or nothing; seconds east of UTC. */
static bool read_offset(struct bytes b, size_t *at, int *ret_seconds)
{
	*ret_seconds = 0;
	if (*at == b.n)
		return true;
	uint8_t sign = b.p[(*at)++];
	if (sign != 'Z' && sign != '+' && sign != '-')
		return false;
	int hours = 0, minutes = 0;
	if (*at == b.n)
		return sign == 'Z';
	if (!digits(b, at, 2, &hours))
		return false;
	skip_apostrophe(b, at);
	if (*at < b.n && !digits(b, at, 2, &minutes))
		return false;
	skip_apostrophe(b, at);
	if (hours > 23 || minutes > 59 || (sign == 'Z' && hours + minutes != 0))
		return false;
	*ret_seconds = (sign == '-' ? -1 : 1) * (3600 * hours + 60 * minutes);
	return true;
}

bool pdf_text_date(struct bytes string, struct instant *ret_t)
{
	struct civil c = { .month = 1, .day = 1 };
	int *const part[] = { &c.month, &c.day, &c.hour, &c.minute, &c.second };
	size_t at = bytes_has_prefix(string, BYTES_LIT("D:")) ? 2 : 0;
	if (!digits(string, &at, 4, &c.year))
		return false;
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		if (!digits(string, &at, 2, part[i]))
			break;
	}
	int offset;
	struct instant local;
	if (!read_offset(string, &at, &offset) || at != string.n || !instant_of_civil(c, &local))
		return false;
	*ret_t = instant_add(local, -offset);
	return true;
}

enum err pdf_text_of_date(struct scope *s, struct instant t, struct bytes *ret_string)
{
	struct civil c = instant_civil(t);
	struct buf b = buf_new(s, 32);
	buf_addf(
	    &b, "D:%04d%02d%02d%02d%02d%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
	return buf_done(&b, ret_string);
}
