#include "formats/unicode_text.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/limits.h"
#include "base/scope.h"

/* NFC makes at most three UTF-16 units of one (UAX #15). */
#define NFC_GROWTH 3

static bool is_blank(UChar c)
{
	return u_isUWhiteSpace(c) || c == 0x200b || c == 0xfeff; /* zero width, often pasted in */
}

/* All white space is in the basic plane, so units may be looked at singly. */
static int32_t fold_blanks(UChar *text, int32_t n)
{
	int32_t kept = 0;
	bool blank = false;
	for (int32_t i = 0; i < n; i++) {
		if (is_blank(text[i])) {
			blank = kept > 0;
			continue;
		}
		if (blank)
			text[kept++] = ' ';
		blank = false;
		text[kept++] = text[i];
	}
	return kept;
}

static enum err write_utf8(struct scope *s, const UChar *text, int32_t n, char **ret_text)
{
	UErrorCode status = U_ZERO_ERROR;
	size_t room = 3 * (size_t)n + 1;
	char *utf8 = scope_alloc(s, room);
	if (!utf8)
		return ERR_NOMEM;
	u_strToUTF8WithSub(utf8, (int32_t)room, NULL, text, n, 0xfffd, NULL, &status);
	if (U_FAILURE(status))
		return scope_fault(s, ERR_INTERNAL, "text: %s", u_errorName(status));
	*ret_text = utf8;
	return OK;
}

enum err unicode_text_fold(struct scope *s, const char *text, char **ret_folded)
{
	UErrorCode status = U_ZERO_ERROR;
	size_t n = strlen(text);
	int32_t raw_n = 0;
	if (n > LIMIT_UNICODE_TEXT)
		return scope_fault(s, ERR_LIMIT, "text: longer than %d octets", LIMIT_UNICODE_TEXT);
	int32_t room = (int32_t)(NFC_GROWTH * (n + 1));
	UChar *raw = scope_alloc_array(s, n + 1, sizeof(*raw));
	UChar *nfc = scope_alloc_array(s, (size_t)room, sizeof(*nfc));
	if (!raw || !nfc)
		return ERR_NOMEM;
	u_strFromUTF8WithSub(raw, (int32_t)n + 1, &raw_n, text, (int32_t)n, 0xfffd, NULL, &status);
	const UNormalizer2 *form = unorm2_getNFCInstance(&status);
	int32_t nfc_n =
	    U_SUCCESS(status) ? unorm2_normalize(form, raw, raw_n, nfc, room, &status) : 0;
	if (U_FAILURE(status))
		return scope_fault(s, ERR_INTERNAL, "text: %s", u_errorName(status));
	return write_utf8(s, nfc, fold_blanks(nfc, nfc_n), ret_folded);
}

/* The text after its first character. */
static const char *after_one(const char *text)
{
	text++;
	while (((unsigned char)*text & 0xc0) == 0x80)
		text++;
	return text;
}

bool unicode_text_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?') {
			pattern++;
			text = after_one(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = retry = after_one(retry);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
