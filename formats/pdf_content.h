/*
 * Content streams as operators with their operands (ISO 32000-2 7.8.2); CMap files too, whose
 * syntax is the same as far as they are read here.
 *
 * Lexical only: what operators mean is pdf_drawing.h's matter. Malformed pieces are passed over, as
 * readers do; nothing is an error.
 */
#ifndef BULLA_FORMATS_PDF_CONTENT_H
#define BULLA_FORMATS_PDF_CONTENT_H

#include <stdbool.h>

#include "base/limits.h"
#include "base/bytes.h"

enum pdf_content_kind {
	PDF_CONTENT_NUMBER,
	PDF_CONTENT_NAME,
	PDF_CONTENT_STRING,
	PDF_CONTENT_HEX,
	PDF_CONTENT_OPEN,  /* `[` or `<<` */
	PDF_CONTENT_CLOSE, /* `]` or `>>` */
	PDF_CONTENT_OTHER, /* true, false, null */
};

struct pdf_content_operand {
	enum pdf_content_kind kind;
	double number;
	/* As written: of a name without the solidus, of strings without their delimiters. */
	struct bytes text;
};

struct pdf_content {
	struct bytes data;
	size_t at;
	/* Of the operator that was read last: arrays and dictionaries lie open among them. */
	struct pdf_content_operand operand[LIMIT_PDF_OPERANDS];
	size_t n;
	bool cut;          /* there were more */
	struct bytes name; /* "Tj"; "BI" for a whole inline image, with its entries */
};

/* One for reading `data`, in the scope; NULL when out of memory. */
struct pdf_content *pdf_content_new(struct scope *s, struct bytes data);
/* Reads the next operator. False at the end. */
bool pdf_content_next(struct pdf_content *c);
bool pdf_content_is(const struct pdf_content *c, const char *name);
/* The octets that a string operand stands for, at most `room` of them; how many that are. */
size_t pdf_content_octets(const struct pdf_content_operand *o, uint8_t *ret_octets, size_t room);

#endif
