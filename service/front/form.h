/*
 * Names and values as browsers write them: urlencoded forms and queries (WHATWG URL,
 * application/x-www-form-urlencoded), cookies (RFC 6265). Pure.
 *
 * Strict: a percent sign without two hexadecimal digits is refused, names are UTF-8 without control
 * characters. Does not judge values, but form_is_text does.
 */
#ifndef BULLA_SERVICE_FRONT_FORM_H
#define BULLA_SERVICE_FRONT_FORM_H

#include <stdbool.h>

#include "base/bytes.h"

struct form_field {
	const char *name;
	struct bytes value; /* followed by a NUL that is not counted */
};

/* Decodes in place, so that a password is nowhere twice: `text` has room for n + 1 octets, and
 * names and values lie in it. ERR_FORMAT; ERR_LIMIT: more than `most` fields. */
must_check enum err form_parse(struct scope *s, uint8_t *text, size_t n, size_t most,
    const struct form_field **ret_field, size_t *ret_n);
/* The pairs of a Cookie header, not decoded; such as have no name or are not of RFC 6265's
 * characters are left out. Names and values are copies. ERR_LIMIT. */
must_check enum err form_parse_cookies(struct scope *s, const char *header, size_t most,
    const struct form_field **ret_field, size_t *ret_n);
/* Percent sequences decoded, in place; a plus sign means a blank when `plus`. Puts a NUL behind,
 * for which there must be room. False: a broken sequence. */
bool form_decode(uint8_t *text, size_t *n, bool plus);
/* UTF-8 (no overlong forms, no surrogates) without NUL and control characters; tabs and ends of
 * lines are allowed when `lines`. */
bool form_is_text(struct bytes value, bool lines);
/* How many octets the UTF-8 character at the begin of b takes; 0: none stands there. */
size_t form_character(struct bytes b);

#endif
