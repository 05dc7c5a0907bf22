/*
 * Spans of bytes that somebody else owns. Passed by value; never NULL-terminated.
 */
#ifndef BULLA_BASE_BYTES_H
#define BULLA_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct scope;

struct bytes {
	const uint8_t *p; /* may be NULL only when n is 0 */
	size_t n;
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })
/* A span over a string literal, without its NUL. */
#define BYTES_LIT(lit) ((struct bytes){ (const uint8_t *)("" lit), sizeof(lit) - 1 })

#define BYTES_NOT_FOUND SIZE_MAX

static inline struct bytes bytes_of(const void *p, size_t n)
{
	return (struct bytes){ (const uint8_t *)p, n };
}

/* A span over a NUL-terminated string; NULL gives the empty span. */
struct bytes bytes_of_str(const char *str);

/* The part of b from `off`, at most n bytes long: clipped to b, never outside it. */
struct bytes bytes_cut(struct bytes b, size_t off, size_t n);
/* b without its first `off` bytes; empty when off is past its end. */
struct bytes bytes_from(struct bytes b, size_t off);

bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_equal_str(struct bytes a, const char *str);
/* Lexicographic order of unsigned octets; a prefix sorts first. <0, 0, >0. */
int bytes_compare(struct bytes a, struct bytes b);
bool bytes_has_prefix(struct bytes b, struct bytes prefix);
/* True when p..p+n lies inside b (pointer identity, not content). */
bool bytes_encloses(struct bytes b, struct bytes inner);

/* Offset of the first (last) occurrence of `needle` at or after `from` (starting before
 * `before`), or BYTES_NOT_FOUND. An empty needle is never found. */
size_t bytes_find(struct bytes hay, struct bytes needle, size_t from);
size_t bytes_find_last(struct bytes hay, struct bytes needle, size_t before);

/* Copies live in the scope. NUL-terminated where a char * comes back (a NUL inside stays). */
must_check enum err bytes_copy(struct scope *s, struct bytes b, struct bytes *ret_copy);
must_check enum err bytes_to_str(struct scope *s, struct bytes b, char **ret_str);

/* Lower-case hexadecimal, NUL-terminated, in the scope. */
must_check enum err bytes_to_hex(struct scope *s, struct bytes b, char **ret_hex);
/* Accepts both cases, nothing else; ERR_FORMAT for odd length or another character. */
must_check enum err bytes_of_hex(struct scope *s, struct bytes hex, struct bytes *ret_b);
/* RFC 4648 section 4. Decoding skips white space, wants correct padding, else ERR_FORMAT. */
must_check enum err bytes_to_base64(struct scope *s, struct bytes b, char **ret_text);
must_check enum err bytes_of_base64(struct scope *s, struct bytes text, struct bytes *ret_b);

/* Overwrites memory in a way the compiler may not remove. For secrets. */
void bytes_wipe(void *p, size_t n);

#endif
