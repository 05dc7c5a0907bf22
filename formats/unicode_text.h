/*
 * Texts of people compared as people read them: canonical form and white space.
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
/* The whole text matches the pattern: * is any text, ? one character, all else itself. Both UTF-8.
 */
bool unicode_text_matches(const char *pattern, const char *text);

#endif
