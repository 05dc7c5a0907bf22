/*
 * The classes of characters (ISO 32000-2 7.2.3), in line: readers ask for every octet of a file.
 */
#ifndef BULLA_FORMATS_PDF_SYNTAX_CHAR_H
#define BULLA_FORMATS_PDF_SYNTAX_CHAR_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PDF_SYNTAX_CHAR_REGULAR,
	PDF_SYNTAX_CHAR_WHITE,
	PDF_SYNTAX_CHAR_DELIMITER,
};

static const uint8_t pdf_syntax_char_class[256] = {
	[0] = PDF_SYNTAX_CHAR_WHITE,
	['\t'] = PDF_SYNTAX_CHAR_WHITE,
	['\n'] = PDF_SYNTAX_CHAR_WHITE,
	['\f'] = PDF_SYNTAX_CHAR_WHITE,
	['\r'] = PDF_SYNTAX_CHAR_WHITE,
	[' '] = PDF_SYNTAX_CHAR_WHITE,
	['('] = PDF_SYNTAX_CHAR_DELIMITER,
	[')'] = PDF_SYNTAX_CHAR_DELIMITER,
	['<'] = PDF_SYNTAX_CHAR_DELIMITER,
	['>'] = PDF_SYNTAX_CHAR_DELIMITER,
	['['] = PDF_SYNTAX_CHAR_DELIMITER,
	[']'] = PDF_SYNTAX_CHAR_DELIMITER,
	['{'] = PDF_SYNTAX_CHAR_DELIMITER,
	['}'] = PDF_SYNTAX_CHAR_DELIMITER,
	['/'] = PDF_SYNTAX_CHAR_DELIMITER,
	['%'] = PDF_SYNTAX_CHAR_DELIMITER,
};

static inline bool pdf_syntax_is_white(uint8_t c)
{
	return pdf_syntax_char_class[c] == PDF_SYNTAX_CHAR_WHITE;
}

static inline bool pdf_syntax_is_delimiter(uint8_t c)
{
	return pdf_syntax_char_class[c] == PDF_SYNTAX_CHAR_DELIMITER;
}

static inline bool pdf_syntax_is_regular(uint8_t c)
{
	return pdf_syntax_char_class[c] == PDF_SYNTAX_CHAR_REGULAR;
}

#endif
