/*
 * Lexical reading of PDF objects (ISO 32000-2 7.2, 7.3) out of a span, at a given offset. Knows
 * nothing of cross-references.
 *
 * Accepts what real writers make (a real such as 4..5 or 1e3 is kept as text; unknown escapes,
 * unbalanced names); refuses a dictionary whose key has no value or is not a name, and nesting
 * beyond LIMIT_PDF_DEPTH: resynchronising is how forged dictionaries get read.
 */
#ifndef BULLA_FORMATS_PDF_SYNTAX_H
#define BULLA_FORMATS_PDF_SYNTAX_H

#include "formats/pdf_syntax_char.h"
#include "formats/pdf_value.h"

/* The offset of the first octet at or after `at` that is not white space. */
size_t pdf_syntax_skip_white(struct bytes file, size_t at);
/* As it says, and no comment either. */
size_t pdf_syntax_skip(struct bytes file, size_t at);
/* True when the keyword stands at `at` and ends there (a delimiter, white space or the end). */
bool pdf_syntax_has_keyword(struct bytes file, size_t at, const char *keyword);
/* An unsigned decimal at *at (no sign, no white space before); steps over it. */
bool pdf_syntax_number(struct bytes file, size_t *at, uint64_t *ret_n);

/* Reads one direct value or reference at *at (white space before it is skipped) and steps past it.
 * A dictionary stays a dictionary: a following `stream` is the caller's. Names and plain strings
 * point into `file`, which must outlive the scope. */
must_check enum err pdf_syntax_value(
    struct scope *s, struct bytes file, size_t *at, const struct pdf_value **ret_value);
/* The same out of a decoded object stream or other bytes that do not stand in the file: all
 * offsets in the value are 0. */
must_check enum err pdf_syntax_value_apart(
    struct scope *s, struct bytes data, size_t *at, const struct pdf_value **ret_value);

/* `N G obj` at exactly `at`. False if it is not there. *ret_body is the offset after `obj`. */
bool pdf_syntax_object_header(
    struct bytes file, size_t at, struct pdf_ref *ret_ref, size_t *ret_body);

/* What reading an indirect object needs of its file; every member may be NULL. */
struct pdf_syntax_hooks {
	void *ctx;
	/* The resolved value of a stream's /Length; false: cannot tell. Without it, `endstream` is
	 * searched for when /Length is not direct. */
	bool (*length)(void *ctx, const struct pdf_value *length_entry, int64_t *ret_length);
	/* Octets that may still be searched for an `endstream` that is not where it should be; what
	 * was searched is taken off, and ERR_LIMIT comes when it does not suffice. Keeps a file of
	 * wrong lengths from costing the square of its size. */
	size_t *search_left;
	/* Decrypts a string of the object, or tells that it stays locked. Not asked for the
	 * /Contents of a dictionary that has /ByteRange (ISO 32000-2 7.6.2). */
	enum err (*decrypt)(
	    void *ctx, struct scope *s, struct pdf_ref object, struct pdf_value *string);
};
/* As pdf_syntax_value, for a value that belongs to `object`: its strings are decrypted. */
must_check enum err pdf_syntax_value_of(struct scope *s, struct bytes file, size_t *at,
    struct pdf_ref object, const struct pdf_syntax_hooks *hooks,
    const struct pdf_value **ret_value);

struct pdf_syntax_object {
	struct pdf_ref ref;
	const struct pdf_value *value;
	size_t start, end; /* from the first digit to after `endobj` (or the value, if missing) */
	bool length_wrong; /* `endstream` was not where /Length says, and had to be searched for */
	bool endobj_missing;
};
/* An indirect object from its header at `at`; one without a body is the null value. A /Length that
 * does not end at `endstream` is replaced by the distance to the next `endstream`. */
must_check enum err pdf_syntax_object(struct scope *s, struct bytes file, size_t at,
    const struct pdf_syntax_hooks *hooks, struct pdf_syntax_object *ret_object);

#endif
