/*
 * Writes JSON (RFC 8259) into a buffer, byte for byte the same for the same calls: a verdict that
 * is replayed years later must read alike, so no library's taste in white space may enter. Strings
 * that are not UTF-8 get U+FFFD for each bad octet.
 */
#ifndef BULLA_BASE_JSON_H
#define BULLA_BASE_JSON_H

#include "base/buf.h"
#include "base/instant.h"

struct json {
	struct buf *out;
	bool compact; /* one line */
	unsigned depth;
	bool has_item; /* something stands before in this object or array */
};

struct json json_new(struct buf *out, bool compact);
/* `key` is NULL inside arrays and for the outermost value. */
void json_begin_object(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_begin_array(struct json *j, const char *key);
void json_end_array(struct json *j);
void json_string(struct json *j, const char *key, const char *text); /* NULL gives null */
void json_bytes_hex(struct json *j, const char *key, struct bytes b);
void json_bool(struct json *j, const char *key, bool value);
void json_int(struct json *j, const char *key, int64_t value);
/* RFC 3339, null when unknown. */
void json_instant(struct json *j, const char *key, struct instant t);
/* A value that is JSON already, as it is. */
void json_verbatim(struct json *j, const char *key, struct bytes value);

#endif
