#include "formats/der.h"

#include "base/limits.h"
#include "base/scope.h"

/* Arcs of up to 128 bits: those under 2.25 are UUIDs. */

#define ARC_DIGITS 40

static void add_arc_text(struct buf *b, unsigned __int128 arc)
{
	char digits[ARC_DIGITS];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + (int)(arc % 10));
		arc /= 10;
	} while (arc > 0);
	buf_add(b, bytes_of(digits + at, sizeof(digits) - at));
}

static void add_first_arcs_text(struct buf *b, unsigned __int128 arc)
{
	unsigned first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
	add_arc_text(b, first);
	buf_add_byte(b, '.');
	add_arc_text(b, arc - first * 40);
}

enum err der_oid_text(struct scope *s, struct bytes oid_value, char **ret_dotted)
{
	struct buf b = buf_new(s, LIMIT_BUF_FORMAT);
	unsigned __int128 arc = 0;
	if (oid_value.n == 0 || (oid_value.p[oid_value.n - 1] & 0x80))
		return scope_fault(s, ERR_FORMAT, "asn.1: malformed OBJECT IDENTIFIER");
	for (size_t i = 0; i < oid_value.n; i++) {
		if (arc >> (128 - 7))
			return scope_fault(s, ERR_LIMIT, "asn.1: OBJECT IDENTIFIER arc too large");
		arc = arc << 7 | (oid_value.p[i] & 0x7f);
		if (oid_value.p[i] & 0x80)
			continue;
		if (b.n == 0) {
			add_first_arcs_text(&b, arc);
		} else {
			buf_add_byte(&b, '.');
			add_arc_text(&b, arc);
		}
		arc = 0;
	}
	return buf_done_str(&b, ret_dotted);
}

static void add_arc_octets(struct buf *b, unsigned __int128 arc)
{
	unsigned shift = 0;
	while (shift < 126 && arc >> (shift + 7))
		shift += 7;
	for (;; shift -= 7) {
		uint8_t low = (uint8_t)(arc >> shift & 0x7f);
		buf_add_byte(b, shift ? low | 0x80 : low);
		if (shift == 0)
			return;
	}
}

/* One decimal number without leading zeros, and the dot after it unless it is the last. */
static bool take_arc(const char **text, unsigned __int128 *ret_arc)
{
	const char *c = *text;
	unsigned __int128 arc = 0;
	if (*c < '0' || *c > '9' || (*c == '0' && c[1] >= '0' && c[1] <= '9'))
		return false;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (arc > (~(unsigned __int128)0 - 9) / 10)
			return false;
		arc = arc * 10 + (unsigned __int128)(*c - '0');
	}
	if (*c == '.' && c[1] != '\0')
		c++;
	*text = c;
	*ret_arc = arc;
	return true;
}

enum err der_oid_of_text(struct scope *s, const char *dotted, struct bytes *ret_value)
{
	struct buf b = buf_new(s, LIMIT_BUF_FORMAT);
	unsigned __int128 first, second, arc;
	const char *text = dotted;
	bool ok = take_arc(&text, &first) && first <= 2 && take_arc(&text, &second) &&
		  (first == 2 ? second < ~(unsigned __int128)0 - 80 : second < 40);
	if (ok)
		add_arc_octets(&b, first * 40 + second);
	while (ok && *text) {
		ok = take_arc(&text, &arc);
		if (ok)
			add_arc_octets(&b, arc);
	}
	if (!ok)
		return scope_fault(s, ERR_FORMAT, "asn.1: \"%s\" is no object identifier", dotted);
	return buf_done(&b, ret_value);
}
