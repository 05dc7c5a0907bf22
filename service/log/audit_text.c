#include "service/log/audit_text.h"

#include <string.h>

#include "base/buf.h"

#define CUT "..."

/* The character at p and its octets; 0 octets: not UTF-8 (RFC 3629). */
static size_t read_character(const uint8_t *p, size_t n, uint32_t *ret_character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80             ? 1
			: (p[0] & 0xe0) == 0xc0 ? 2
			: (p[0] & 0xf0) == 0xe0 ? 3
			: (p[0] & 0xf8) == 0xf0 ? 4
						: 0;
	if (!length || length > n)
		return 0;
	uint32_t c = length == 1 ? p[0] : p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_character = c;
	return length;
}

/* Controls; soft hyphen; direction (UAX #9); zero widths; ends of line; byte order mark,
 * interlinear marks; variation selectors of the supplement and tags. */
static bool is_misleading(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f },
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe0fff },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* One piece: a character, or what is written in its place. Returns the octets it stands for. */
static size_t take_piece(const uint8_t *p, size_t n, struct buf *piece)
{
	uint32_t c = 0;
	size_t length = read_character(p, n, &c);
	piece->n = 0;
	if (!length)
		buf_add_str(piece, "\xef\xbf\xbd");
	else if (is_misleading(c))
		buf_addf(piece, "<U+%04X>", (unsigned)c);
	else
		buf_add(piece, bytes_of(p, length));
	return length ? length : 1;
}

enum err audit_text_clean(struct scope *s, const char *text, size_t most, const char **ret_clean)
{
	struct buf b = buf_new(s, most + 1), piece = buf_new(s, 16);
	size_t fits = 0; /* up to here there is room for the mark of a cut */
	char *clean;
	if (!text) {
		*ret_clean = NULL;
		return OK;
	}
	const uint8_t *p = (const uint8_t *)text;
	for (size_t left = strlen(text); left;) {
		size_t n = take_piece(p, left, &piece);
		TRY(piece.failed);
		if (b.n + piece.n > most) {
			b.n = fits;
			buf_add_str(&b, CUT);
			break;
		}
		buf_add(&b, buf_bytes(&piece));
		if (b.n + strlen(CUT) <= most)
			fits = b.n;
		p += n;
		left -= n;
	}
	TRY(buf_done_str(&b, &clean));
	*ret_clean = clean;
	return OK;
}
