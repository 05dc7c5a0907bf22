#include "service/front/worker_output.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/digest_stream.h"

static void close_it(void *fd)
{
	close(*(const int *)fd);
}

static enum err begin_in_memory(struct scope *s, int *ret_fd)
{
	int *held = scope_alloc(s, sizeof *held);
	if (!held)
		return ERR_NOMEM;
	*held = memfd_create("output", MFD_CLOEXEC);
	if (*held < 0)
		return scope_fault(s, ERR_IO, "an output: %s", strerror(errno));
	TRY(scope_own(s, held, close_it));
	*ret_fd = *held;
	return OK;
}

enum err worker_output_begin(
    struct scope *s, const struct store *store, uint64_t document_size, int *ret_fd)
{
	struct store_files_draft draft;
	if (document_size <= LIMIT_OUTPUT_IN_MEMORY)
		return begin_in_memory(s, ret_fd);
	TRY(store_files_begin(s, store, &draft));
	*ret_fd = draft.fd;
	return OK;
}

struct copying {
	struct scope *s;
	const struct worker_output *from;
	struct store_files_draft into;
	struct digest_stream *digest;
	uint8_t *piece, *original; /* LIMIT_OUTPUT_PIECE octets each */
};

static enum err lied(struct scope *s)
{
	return scope_fault(
	    s, ERR_INTERNAL, "what the document's process wrote is not what it was asked for");
}

/* Exactly n octets. ERR_INTERNAL: the file ends before. */
static enum err read_at(struct scope *s, int fd, uint64_t at, uint8_t *into, size_t n)
{
	for (size_t got = 0; got < n;) {
		const ssize_t k = pread(fd, into + got, n - got, (off_t)(at + got));
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return scope_fault(s, ERR_IO, "an output: %s", strerror(errno));
		if (k == 0)
			return lied(s);
		got += (size_t)k;
	}
	return OK;
}

static enum err write_all(struct copying *c, size_t n)
{
	for (size_t done = 0; done < n;) {
		const ssize_t k = write(c->into.fd, c->piece + done, n - done);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return scope_fault(c->s, ERR_IO, "an output: %s", strerror(errno));
		done += (size_t)k;
	}
	return OK;
}

/* The part of the piece that lies within the original is the same there. */
static enum err compare(struct copying *c, uint64_t at, size_t n)
{
	const struct worker_output *o = c->from;
	if (o->original < 0 || at >= o->original_size)
		return OK;
	if (n > o->original_size - at)
		n = (size_t)(o->original_size - at);
	TRY(read_at(c->s, o->original, at, c->original, n));
	return memcmp(c->piece, c->original, n) ? lied(c->s) : OK;
}

static enum err copy(struct copying *c)
{
	const struct worker_output *o = c->from;
	for (uint64_t at = 0; at < o->size;) {
		const uint64_t left = o->size - at;
		const size_t n = left < LIMIT_OUTPUT_PIECE ? (size_t)left : LIMIT_OUTPUT_PIECE;
		TRY(read_at(c->s, o->fd, at, c->piece, n));
		TRY(compare(c, at, n));
		TRY(digest_stream_add(c->s, c->digest, bytes_of(c->piece, n)));
		TRY(write_all(c, n));
		at += n;
	}
	return OK;
}

static enum err check(struct copying *c)
{
	struct digest d;
	uint8_t more;
	TRY(digest_stream_end(c->s, c->digest, &d));
	if (d.n != WORKER_CLIENT_SHA256 || memcmp(d.value, c->from->sha256, d.n))
		return lied(c->s);
	return pread(c->from->fd, &more, 1, (off_t)c->from->size) == 0 ? OK : lied(c->s);
}

static enum err keep(struct copying *c, const struct store *store, struct store_files_name name)
{
	const struct worker_output *o = c->from;
	if (o->size > INT64_MAX || (o->original >= 0 && o->size < o->original_size))
		return lied(c->s);
	c->piece = scope_alloc(c->s, LIMIT_OUTPUT_PIECE);
	c->original = scope_alloc(c->s, LIMIT_OUTPUT_PIECE);
	if (!c->piece || !c->original)
		return ERR_NOMEM;
	TRY(digest_stream_new(c->s, DIGEST_SHA256, &c->digest));
	TRY(store_files_begin(c->s, store, &c->into));
	TRY(copy(c));
	TRY(check(c));
	return store_files_put(c->s, store, &c->into, name);
}

/* In a scope of its own: a package has many outputs, and each leaves its room. */
enum err worker_output_keep(struct scope *s, const struct store *store,
    const struct worker_output *output, struct store_files_name name)
{
	struct copying c = { .s = scope_new(0), .from = output };
	if (!c.s)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	const enum err e = keep(&c, store, name);
	if (e != OK)
		scope_fault(s, e, "%s", scope_fault_text(c.s));
	scope_free(c.s);
	return e;
}
