#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

struct buf buf_new(struct scope *s, size_t cap)
{
	return (struct buf){ .s = s, .cap = cap };
}

uint8_t *buf_extend(struct buf *b, size_t n)
{
	if (b->failed != OK)
		return NULL;
	if (n > b->cap || b->n > b->cap - n) {
		b->failed = ERR_LIMIT;
		return NULL;
	}
	if (!b->p || b->n + n > b->room) {
		size_t room = b->room ? b->room : 256;
		while (room < b->n + n)
			room = room > SIZE_MAX / 2 ? b->n + n : room * 2;
		room = room > b->cap ? b->cap : room;
		uint8_t *p = scope_resize(b->s, b->p, b->room, room);
		if (!p) {
			b->failed = ERR_NOMEM;
			return NULL;
		}
		b->p = p;
		b->room = room;
	}
	uint8_t *at = b->p + b->n;
	b->n += n;
	return at;
}

void buf_add(struct buf *b, struct bytes more)
{
	if (more.n == 0)
		return;
	uint8_t *at = buf_extend(b, more.n);
	if (at)
		memcpy(at, more.p, more.n);
}

void buf_add_str(struct buf *b, const char *str)
{
	buf_add(b, bytes_of_str(str));
}

void buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_add(b, bytes_of(&byte, 1));
}

void buf_add_repeat(struct buf *b, uint8_t byte, size_t times)
{
	uint8_t *at = times ? buf_extend(b, times) : NULL;
	if (at)
		memset(at, byte, times);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char text[LIMIT_BUF_FORMAT];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		b->failed = b->failed == OK ? ERR_LIMIT : b->failed;
		return;
	}
	buf_add(b, bytes_of(text, (size_t)n));
}

void buf_patch(struct buf *b, size_t at, struct bytes with)
{
	if (b->failed != OK)
		return;
	if (at > b->n || with.n > b->n - at) {
		b->failed = ERR_LIMIT;
		return;
	}
	if (with.n)
		memcpy(b->p + at, with.p, with.n);
}

struct bytes buf_bytes(const struct buf *b)
{
	return bytes_of(b->p, b->n);
}

enum err buf_done(struct buf *b, struct bytes *ret_content)
{
	if (b->failed == ERR_LIMIT)
		return scope_fault(
		    b->s, ERR_LIMIT, "output larger than its cap of %zu bytes", b->cap);
	if (b->failed != OK)
		return b->failed;
	*ret_content = buf_bytes(b);
	return OK;
}

enum err buf_done_str(struct buf *b, char **ret_text)
{
	const size_t cap = b->cap;
	if (b->cap < SIZE_MAX)
		b->cap++; /* the NUL does not count against the cap */
	buf_add_byte(b, 0);
	b->cap = cap;
	struct bytes content;
	TRY(buf_done(b, &content));
	b->n--;
	*ret_text = (char *)b->p;
	return OK;
}
