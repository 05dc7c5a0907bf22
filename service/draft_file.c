#include "service/draft_file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/output_file.h"
#include "service/signal_guard.h"

/* Address space kept for what is appended; a seal makes at most four updates. Halved down to the
 * least where the process may not have that much. */
#define ROOM_MOST (4 * LIMIT_PDF_UPDATE)
#define ROOM_LEAST ((size_t)64 << 20)
/* Where the kernel cannot copy from file to file. */
#define PIECE ((size_t)8 << 20)

struct draft_file {
	struct draft draft;
	int out;
	const char *name;
	uint8_t *map;
	size_t mapped;
};

static void unmap(void *obj)
{
	struct draft_file *d = obj;
	signal_guard_unmap(d->map);
	munmap(d->map, d->mapped);
}

/* Copies [at, end) by the kernel; stops, and says how far it came, where that is not possible. */
static size_t copy_in_kernel(int in, int out, size_t at, size_t end)
{
	while (at < end) {
		loff_t from = (loff_t)at, to = (loff_t)at;
		ssize_t n = copy_file_range(in, &from, out, &to, end - at, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	return at;
}

/* The stretch of data at or after `at`; holes are not copied, so a sparse file stays sparse. */
static void next_data(const struct input_file *in, size_t at, size_t *ret_start, size_t *ret_end)
{
	off_t data = lseek(in->fd, (off_t)at, SEEK_DATA);
	off_t hole = data < 0 ? -1 : lseek(in->fd, data, SEEK_HOLE);
	bool no_more = data < 0 && errno == ENXIO;
	*ret_start = no_more ? in->bytes.n : data < 0 ? at : (size_t)data;
	*ret_end = no_more || hole < 0 ? in->bytes.n : (size_t)hole;
	if (*ret_end > in->bytes.n)
		*ret_end = in->bytes.n;
}

static enum err check_not_shrunk(struct scope *s, const struct input_file *in)
{
	struct stat st;
	if (fstat(in->fd, &st) == 0 && (size_t)st.st_size >= in->bytes.n)
		return OK;
	return scope_fault(s, ERR_IO, "%s: the file shrank while it was read", in->name);
}

/* A hole at the end was not written. */
static enum err extend(struct scope *s, int out, const char *name, size_t n)
{
	struct stat st;
	if ((fstat(out, &st) == 0 && (size_t)st.st_size == n) || ftruncate(out, (off_t)n) == 0)
		return OK;
	return scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
}

static enum err copy(struct scope *s, const struct input_file *in, int out, const char *name)
{
	if (in->fd < 0)
		return output_file_write_at(s, out, name, 0, in->bytes);
	for (size_t at = 0, end; at < in->bytes.n; at = end) {
		next_data(in, at, &at, &end);
		at = copy_in_kernel(in->fd, out, at, end);
		TRY(check_not_shrunk(s, in));
		for (; at < end; at += PIECE) {
			size_t n = end - at < PIECE ? end - at : PIECE;
			TRY(output_file_write_at(s, out, name, at, bytes_cut(in->bytes, at, n)));
		}
	}
	/* Past its new end a file that shrank looks like a hole. */
	TRY(check_not_shrunk(s, in));
	return extend(s, out, name, in->bytes.n);
}

static enum err append(struct draft *draft, struct scope *s, struct bytes more)
{
	struct draft_file *d = draft->ctx;
	size_t n = draft->document.n;
	if (more.n > d->mapped - n)
		return scope_fault(
		    s, ERR_LIMIT, "%s: no address space for %zu more octets", d->name, more.n);
	TRY(output_file_write_at(s, d->out, d->name, n, more));
	/* The mapping reaches beyond the end of the file; what was written shows up in it. */
	draft->document = bytes_of(d->map, n + more.n);
	return OK;
}

static enum err map(struct scope *s, struct draft_file *d, size_t n, size_t most)
{
	void *p = MAP_FAILED;
	for (size_t room = most; p == MAP_FAILED && room >= ROOM_LEAST; room /= 2) {
		d->mapped = n + room;
		p = mmap(NULL, d->mapped, PROT_READ, MAP_SHARED, d->out, 0);
	}
	if (p == MAP_FAILED)
		return scope_fault(s, ERR_IO, "%s: %s", d->name, strerror(errno));
	d->map = p;
	TRY(scope_own(s, d, unmap));
	return signal_guard_map(s, p, d->mapped, d->name);
}

enum err draft_file_open(struct scope *s, const struct input_file *in, int out, const char *name,
    size_t room, struct draft **ret_draft)
{
	struct draft_file *d = scope_alloc(s, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	d->out = out;
	d->name = name;
	TRY(copy(s, in, out, name));
	TRY(map(s, d, in->bytes.n, room ? room : ROOM_MOST));
	d->draft = (struct draft){
		.ctx = d,
		.document = bytes_of(d->map, in->bytes.n),
		.append = append,
	};
	*ret_draft = &d->draft;
	return OK;
}
