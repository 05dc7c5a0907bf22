/*
 * A JSON tree as its one canonical text (RFC 8785): members in the order of their names' UTF-16
 * code units, no white space, strings with the fewest escapes. So equal data have equal digests,
 * whoever wrote them down and in whatever order.
 *
 * Narrower than the RFC in one thing: numbers are integers within +-(2^53 - 1), which every reader
 * of JSON takes alike. Amounts with a fraction are written as strings.
 */
#ifndef BULLA_FORMATS_JSON_CANONICAL_H
#define BULLA_FORMATS_JSON_CANONICAL_H

#include "base/buf.h"
#include "formats/json_tree.h"

#define JSON_CANONICAL_INTEGER ((int64_t)9007199254740991)

/* In the scope, at most `most` octets. ERR_UNSUPPORTED: a number with a fraction or an exponent, or
 * one too large; the text names the member. ERR_LIMIT. */
must_check enum err json_canonical_text(
    struct scope *s, const struct json_tree *tree, size_t most, struct bytes *ret_text);
/* A string with its quotes, as above. `text` is UTF-8. */
void json_canonical_add_string(struct buf *b, const char *text);

#endif
