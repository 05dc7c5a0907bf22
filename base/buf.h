/*
 * The only way to build bytes: a buffer with a cap given at birth that remembers its first failure
 * until it is asked once, at the end (buf_done). Memory belongs to the scope.
 */
#ifndef BULLA_BASE_BUF_H
#define BULLA_BASE_BUF_H

#include <stdbool.h>

#include "base/bytes.h"

struct buf {
	struct scope *s;
	uint8_t *p; /* NULL until the first byte; moves when it grows */
	size_t n, room, cap;
	enum err failed; /* OK, ERR_NOMEM, ERR_LIMIT or what a writer on top of it sets */
};

/* An empty buffer that may never hold more than `cap` bytes. Cannot fail. */
struct buf buf_new(struct scope *s, size_t cap);

void buf_add(struct buf *b, struct bytes more);
void buf_add_str(struct buf *b, const char *str);
void buf_add_byte(struct buf *b, uint8_t byte);
void buf_add_repeat(struct buf *b, uint8_t byte, size_t times);
/* Formatted text of at most LIMIT_BUF_FORMAT bytes; a longer one fails the buffer. */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Overwrites what is already there; fails the buffer when the place lies outside of it. */
void buf_patch(struct buf *b, size_t at, struct bytes with);
/* Room for n more bytes whose content the caller fills in, or NULL (the buffer has failed). */
uint8_t *buf_extend(struct buf *b, size_t n);

/* The content so far, borrowed until the next change. */
struct bytes buf_bytes(const struct buf *b);
/* Asks for the outcome: the content, valid as long as the scope (and until the buffer changes), or
 * the first failure with its text. */
must_check enum err buf_done(struct buf *b, struct bytes *ret_content);
/* As buf_done with a final NUL that is not counted. */
must_check enum err buf_done_str(struct buf *b, char **ret_text);

#endif
