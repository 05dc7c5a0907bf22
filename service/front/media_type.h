/*
 * Values of HTTP headers that are a word with parameters: Content-Type (RFC 9110 8.3),
 * Content-Disposition (RFC 6266 as RFC 7578 uses it). Pure.
 */
#ifndef BULLA_SERVICE_FRONT_MEDIA_TYPE_H
#define BULLA_SERVICE_FRONT_MEDIA_TYPE_H

#include <stdbool.h>

#include "base/bytes.h"

#define MEDIA_TYPE_PARAMETERS 8

struct media_type {
	const char *name; /* "application/json": in small letters */
	struct {
		const char *name; /* in small letters */
		const char *value;
		bool is_quoted;
	} parameter[MEDIA_TYPE_PARAMETERS];
	size_t n;
};

/* In a quoted string a backslash is taken as an escape only before a quotation mark or a backslash,
 * since file names with Windows paths come unescaped. ERR_FORMAT (also for a parameter twice),
 * ERR_LIMIT. */
must_check enum err media_type_parse(
    struct scope *s, struct bytes text, struct media_type *ret_type);
/* NULL when it is not there. */
const char *media_type_parameter(const struct media_type *t, const char *name);
/* A token of RFC 9110 5.6.2, at least one octet. */
bool media_type_is_token(struct bytes text);

#endif
