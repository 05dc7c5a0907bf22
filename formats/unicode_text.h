/*
 * Texts of people as people read them: canonical form, white space, direction. The owner of ICU's
 * normaliser and of its bidirectional algorithm.
 *
 * NFC, not NFKC: composed and decomposed letters are the same to a reader, while what NFKC would
 * drop (superscripts, fractions, ligatures, full width) may carry meaning in a clause, e.g. an
 * exponent or the number of a paragraph. Case is kept for the same reason.
 */
#ifndef BULLA_FORMATS_UNICODE_TEXT_H
#define BULLA_FORMATS_UNICODE_TEXT_H

#include <stdbool.h>

#include "base/bytes.h"

/* `text` (UTF-8) in NFC, each run of Unicode white space as one blank, none at the ends. Octets
 * that are not UTF-8 become U+FFFD. ERR_LIMIT beyond LIMIT_UNICODE_TEXT octets. */
must_check enum err unicode_text_fold(struct scope *s, const char *text, char **ret_folded);
/* `text` (UTF-8) in NFC (compose) or NFD (decompose), else as it is. Errors as above. */
must_check enum err unicode_text_compose(struct scope *s, const char *text, char **ret_composed);
must_check enum err unicode_text_decompose(
    struct scope *s, const char *text, char **ret_decomposed);

/* A part of a line that runs in one direction: octets [at, at + n) of it. */
struct unicode_text_run {
	size_t at, n;
	bool right_to_left;
};
/* The runs of a line of valid UTF-8 as they stand from left to right (UAX #9); the line's own
 * direction is that of its first strong character. None for the empty text. */
must_check enum err unicode_text_runs(
    struct scope *s, const char *text, const struct unicode_text_run **ret_run, size_t *ret_n);
/* What a text says whatever its form: without white space, marks and invisible characters, in
 * compatible form (NFKC's, decomposed), with plain quotation marks and hyphens. */
must_check enum err unicode_text_letters(struct scope *s, const char *text, char **ret_letters);
/* The whole text matches the pattern: * is any text, ? one character, all else itself. Both UTF-8.
 */
bool unicode_text_matches(const char *pattern, const char *text);

enum unicode_text_kind {
	UNICODE_TEXT_OTHER,
	UNICODE_TEXT_LOWER, /* a letter in lower case */
	UNICODE_TEXT_UPPER, /* a letter in upper or title case */
	UNICODE_TEXT_DIGIT, /* a decimal digit of any script */
	UNICODE_TEXT_CONTROL,
};
/* The kind of the character of UTF-8 that begins at *at, which moves behind it; no copy is made.
 * False: there is none, because the text ends or is not UTF-8 there. */
bool unicode_text_next(struct bytes text, size_t *at, enum unicode_text_kind *ret_kind);

#endif
