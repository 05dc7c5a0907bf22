#include "service/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/signal_guard.h"

/* One read from a pipe; Linux pipes hold 64 KiB. */
#define PIECE ((size_t)64 << 10)

struct opened {
	struct input_file file;
	int fd;
};

static void close_file(void *obj)
{
	struct opened *o = obj;
	if (o->file.fd >= 0 && o->file.bytes.n) {
		signal_guard_unmap(o->file.bytes.p);
		munmap((void *)(uintptr_t)o->file.bytes.p, o->file.bytes.n);
	}
	if (o->fd > STDERR_FILENO)
		close(o->fd);
}

static enum err read_all(
    struct scope *s, int fd, const char *name, size_t cap, struct bytes *ret_content)
{
	struct buf b = buf_new(s, cap + PIECE);
	for (;;) {
		size_t before = b.n;
		uint8_t *room = buf_extend(&b, PIECE);
		if (!room)
			break;
		ssize_t n = read(fd, room, PIECE);
		if (n < 0 && errno != EINTR)
			return scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
		b.n = before + (n > 0 ? (size_t)n : 0);
		if (n == 0 || b.n > cap)
			break;
	}
	if (b.failed == ERR_LIMIT || b.n > cap)
		return scope_fault(s, ERR_LIMIT, "%s: larger than %zu octets", name, cap);
	return buf_done(&b, ret_content);
}

static enum err map(struct scope *s, struct opened *o, off_t size)
{
	o->file.fd = o->fd;
	if (size == 0)
		return OK;
	void *p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, o->fd, 0);
	if (p == MAP_FAILED)
		return scope_fault(s, ERR_IO, "%s: %s", o->file.name, strerror(errno));
	o->file.bytes = bytes_of(p, (size_t)size);
	return signal_guard_map(s, p, (size_t)size, o->file.name);
}

/* Opens and looks at it; a directory or a device is refused here. */
static enum err open_checked(
    struct scope *s, const char *path, struct opened **ret_opened, struct stat *ret_stat)
{
	struct opened *o = scope_alloc(s, sizeof(*o));
	if (!o)
		return ERR_NOMEM;
	bool is_stdin = !strcmp(path, "-");
	o->file.name = is_stdin ? "standard input" : path;
	o->file.fd = -1;
	if (!*path)
		return scope_fault(s, ERR_IO, "a file name is empty");
	o->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (o->fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	TRY(scope_own(s, o, close_file));
	if (fstat(o->fd, ret_stat) != 0)
		return scope_fault(s, ERR_IO, "%s: %s", o->file.name, strerror(errno));
	if (S_ISDIR(ret_stat->st_mode))
		return scope_fault(s, ERR_IO, "%s: Is a directory", o->file.name);
	if (S_ISCHR(ret_stat->st_mode) || S_ISBLK(ret_stat->st_mode))
		return scope_fault(s, ERR_IO, "%s: a device, not a file", o->file.name);
	o->file.dev = ret_stat->st_dev;
	o->file.ino = ret_stat->st_ino;
	*ret_opened = o;
	return OK;
}

enum err input_file_open(struct scope *s, const char *path, const struct input_file **ret_file)
{
	struct opened *o;
	struct stat st;
	TRY(open_checked(s, path, &o, &st));
	if (S_ISREG(st.st_mode))
		TRY(map(s, o, st.st_size));
	else
		TRY(read_all(s, o->fd, o->file.name, LIMIT_PIPED_DOCUMENT, &o->file.bytes));
	*ret_file = &o->file;
	return OK;
}

enum err input_file_read(struct scope *s, const char *path, size_t cap, struct bytes *ret_content)
{
	struct opened *o;
	struct stat st;
	TRY(open_checked(s, path, &o, &st));
	return read_all(s, o->fd, o->file.name, cap, ret_content);
}

bool input_file_is_at(const struct input_file *f, const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_dev == f->dev && st.st_ino == f->ino;
}
