#include "formats/unicode_text.h"

#include <string.h>

#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/limits.h"
#include "base/scope.h"

/* NFC makes at most three UTF-16 units of one, NFD four (UAX #15). */
#define NFC_GROWTH 3
#define NFD_GROWTH 4
#define NFKD_GROWTH 18 /* one Arabic ligature is a whole phrase */

enum form {
	FORM_NFC,
	FORM_NFD,
	FORM_NFKD,
};

struct utf16 {
	UChar *p;
	int32_t n;
};

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

static enum err icu_fault(struct scope *s, UErrorCode status)
{
	if (status == U_MEMORY_ALLOCATION_ERROR)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	return scope_fault(s, ERR_INTERNAL, "text: %s", u_errorName(status));
}

static enum err read_utf8(struct scope *s, const char *text, struct utf16 *ret_text)
{
	UErrorCode status = U_ZERO_ERROR;
	struct utf16 t = { .n = 0 };
	size_t n = strlen(text);
	if (n > LIMIT_UNICODE_TEXT)
		return scope_fault(s, ERR_LIMIT, "text: longer than %d octets", LIMIT_UNICODE_TEXT);
	t.p = scope_alloc_array(s, n + 1, sizeof(*t.p));
	if (!t.p)
		return ERR_NOMEM;
	u_strFromUTF8WithSub(t.p, (int32_t)n + 1, &t.n, text, (int32_t)n, 0xfffd, NULL, &status);
	if (U_FAILURE(status))
		return icu_fault(s, status);
	*ret_text = t;
	return OK;
}

static const UNormalizer2 *instance_of(enum form form, UErrorCode *status)
{
	if (form == FORM_NFKD)
		return unorm2_getNFKDInstance(status);
	return form == FORM_NFD ? unorm2_getNFDInstance(status) : unorm2_getNFCInstance(status);
}

static enum err normalise(struct scope *s, const char *text, enum form form, struct utf16 *ret_text)
{
	static const int32_t growth[] = { NFC_GROWTH, NFD_GROWTH, NFKD_GROWTH };
	UErrorCode status = U_ZERO_ERROR;
	struct utf16 raw, t;
	TRY(read_utf8(s, text, &raw));
	int32_t room = growth[form] * (raw.n + 1);
	t.p = scope_alloc_array(s, (size_t)room, sizeof(*t.p));
	if (!t.p)
		return ERR_NOMEM;
	const UNormalizer2 *n = instance_of(form, &status);
	t.n = U_SUCCESS(status) ? unorm2_normalize(n, raw.p, raw.n, t.p, room, &status) : 0;
	if (U_FAILURE(status))
		return icu_fault(s, status);
	*ret_text = t;
	return OK;
}

enum err unicode_text_fold(struct scope *s, const char *text, char **ret_folded)
{
	struct utf16 nfc;
	TRY(normalise(s, text, FORM_NFC, &nfc));
	return write_utf8(s, nfc.p, fold_blanks(nfc.p, nfc.n), ret_folded);
}

enum err unicode_text_compose(struct scope *s, const char *text, char **ret_composed)
{
	struct utf16 nfc;
	TRY(normalise(s, text, FORM_NFC, &nfc));
	return write_utf8(s, nfc.p, nfc.n, ret_composed);
}

enum err unicode_text_decompose(struct scope *s, const char *text, char **ret_decomposed)
{
	struct utf16 nfd;
	TRY(normalise(s, text, FORM_NFD, &nfd));
	return write_utf8(s, nfd.p, nfd.n, ret_decomposed);
}

/* 0: not a letter of anything. */
static UChar letter_of(UChar c)
{
	if (is_blank(c) || c < 0x20)
		return 0;
	switch (u_charType(c)) {
	case U_NON_SPACING_MARK:
	case U_FORMAT_CHAR:
	case U_CONTROL_CHAR:
		return 0;
	case U_DASH_PUNCTUATION:
		return '-';
	default:
		break;
	}
	if (c == 0x2018 || c == 0x2019 || c == 0x201b || c == 0x60)
		return '\'';
	if (c == 0x201c || c == 0x201d || c == 0x201e)
		return '"';
	return c == 0x2212 ? '-' : c;
}

enum err unicode_text_letters(struct scope *s, const char *text, char **ret_letters)
{
	struct utf16 t;
	int32_t kept = 0;
	TRY(normalise(s, text, FORM_NFKD, &t));
	for (int32_t i = 0; i < t.n; i++) {
		const UChar c = letter_of(t.p[i]);
		if (c)
			t.p[kept++] = c;
	}
	return write_utf8(s, t.p, kept, ret_letters);
}

/* -- direction -- */

static void release_bidi(void *bidi)
{
	ubidi_close(bidi);
}

/* ret_at[i]: the octet where the i-th unit of the text begins; n + 1 of them. */
static enum err unit_offsets(struct scope *s, struct utf16 text, size_t **ret_at)
{
	size_t octet = 0, *at = scope_alloc_array(s, (size_t)text.n + 1, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	for (int32_t i = 0; i < text.n;) {
		UChar32 c;
		int32_t begin = i;
		U16_NEXT(text.p, i, text.n, c);
		for (int32_t k = begin; k < i; k++)
			at[k] = octet;
		octet += (size_t)U8_LENGTH(c);
	}
	at[text.n] = octet;
	*ret_at = at;
	return OK;
}

static enum err list_runs(struct scope *s, UBiDi *bidi, const size_t *at,
    const struct unicode_text_run **ret_run, size_t *ret_n)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = ubidi_countRuns(bidi, &status);
	if (U_FAILURE(status))
		return icu_fault(s, status);
	struct unicode_text_run *run = scope_alloc_array(s, (size_t)n, sizeof(*run));
	if (!run)
		return ERR_NOMEM;
	for (int32_t i = 0; i < n; i++) {
		int32_t start, units;
		run[i].right_to_left = ubidi_getVisualRun(bidi, i, &start, &units) == UBIDI_RTL;
		run[i].at = at[start];
		run[i].n = at[start + units] - at[start];
	}
	*ret_run = run;
	*ret_n = (size_t)n;
	return OK;
}

enum err unicode_text_runs(
    struct scope *s, const char *text, const struct unicode_text_run **ret_run, size_t *ret_n)
{
	UErrorCode status = U_ZERO_ERROR;
	struct utf16 units;
	size_t *at;
	TRY(read_utf8(s, text, &units));
	TRY(unit_offsets(s, units, &at));
	UBiDi *bidi = ubidi_open();
	TRY(scope_own(s, bidi, release_bidi));
	ubidi_setPara(bidi, units.p, units.n, UBIDI_DEFAULT_LTR, NULL, &status);
	if (U_FAILURE(status))
		return icu_fault(s, status);
	return list_runs(s, bidi, at, ret_run, ret_n);
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

/* -- characters one by one -- */

static enum unicode_text_kind kind_of(UChar32 c)
{
	switch (u_charType(c)) {
	case U_LOWERCASE_LETTER:
		return UNICODE_TEXT_LOWER;
	case U_UPPERCASE_LETTER:
	case U_TITLECASE_LETTER:
		return UNICODE_TEXT_UPPER;
	case U_DECIMAL_DIGIT_NUMBER:
		return UNICODE_TEXT_DIGIT;
	case U_CONTROL_CHAR:
		return UNICODE_TEXT_CONTROL;
	default:
		return UNICODE_TEXT_OTHER;
	}
}

bool unicode_text_next(struct bytes text, size_t *at, enum unicode_text_kind *ret_kind)
{
	UChar32 c;
	if (*at >= text.n || text.n > LIMIT_UNICODE_TEXT)
		return false;
	int32_t i = (int32_t)*at;
	U8_NEXT(text.p, i, (int32_t)text.n, c);
	if (c < 0)
		return false;
	*at = (size_t)i;
	*ret_kind = kind_of(c);
	return true;
}
