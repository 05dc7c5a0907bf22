#include "tests/authority/authority_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"

#define FILE_CAP ((off_t)256 << 20)
#define PATH_CAP 4096

enum err authority_file_path(
    struct scope *s, char **ret_path, const char *dir, const char *fmt, ...)
{
	char part[512];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(part, sizeof(part), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(part))
		return scope_fault(s, ERR_LIMIT, "path: too long");
	struct buf b = buf_new(s, PATH_CAP);
	buf_add_str(&b, dir);
	buf_add_byte(&b, '/');
	buf_add_str(&b, part);
	return buf_done_str(&b, ret_path);
}

static enum err io_fault(struct scope *s, const char *path)
{
	return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err read_fd(struct scope *s, int fd, const char *path, struct bytes *ret_data)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return io_fault(s, path);
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_CAP)
		return scope_fault(s, ERR_LIMIT, "%s: not a file of a sensible size", path);
	size_t room = (size_t)st.st_size, n = 0;
	uint8_t *p = scope_alloc(s, room);
	if (!p)
		return ERR_NOMEM;
	while (n < room) {
		ssize_t got = read(fd, p + n, room - n);
		if (got < 0)
			return io_fault(s, path);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_data = bytes_of(p, n);
	return OK;
}

enum err authority_file_read(struct scope *s, const char *path, struct bytes *ret_data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return io_fault(s, path);
	enum err e = read_fd(s, fd, path, ret_data);
	close(fd);
	return e;
}

bool authority_file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

void authority_file_line(const char *dir, const char *name, char *ret_line, size_t room)
{
	char path[PATH_CAP];
	ret_line[0] = '\0';
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t got = read(fd, ret_line, room - 1);
	close(fd);
	ret_line[got > 0 ? got : 0] = '\0';
	ret_line[strcspn(ret_line, "\r\n")] = '\0';
}

static enum err write_fd(struct scope *s, int fd, const char *path, struct bytes data)
{
	for (size_t n = 0; n < data.n;) {
		ssize_t put = write(fd, data.p + n, data.n - n);
		if (put < 0)
			return io_fault(s, path);
		n += (size_t)put;
	}
	return fsync(fd) == 0 ? OK : io_fault(s, path);
}

enum err authority_file_write(struct scope *s, const char *path, struct bytes data, mode_t mode)
{
	char temp[PATH_CAP];
	int n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temp))
		return scope_fault(s, ERR_LIMIT, "path: too long");
	int fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return io_fault(s, temp);
	enum err e = write_fd(s, fd, path, data);
	if (e == OK && fchmod(fd, mode) != 0)
		e = io_fault(s, temp);
	close(fd);
	if (e == OK && rename(temp, path) != 0)
		e = io_fault(s, path);
	if (e != OK)
		unlink(temp);
	return e;
}

enum err authority_file_append(struct scope *s, const char *path, struct bytes data)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return io_fault(s, path);
	enum err e = write_fd(s, fd, path, data);
	close(fd);
	return e;
}

enum err authority_file_folder(struct scope *s, const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return io_fault(s, path);
	return OK;
}

struct lock {
	int fd;
};

static void release_lock(void *p)
{
	struct lock *lock = p;
	close(lock->fd);
}

enum err authority_file_lock(struct scope *s, const char *dir)
{
	char *path;
	TRY(authority_file_path(s, &path, dir, "lock"));
	struct lock *lock = scope_alloc(s, sizeof(*lock));
	if (!lock)
		return ERR_NOMEM;
	lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (lock->fd < 0)
		return io_fault(s, path);
	TRY(scope_own(s, lock, release_lock));
	while (flock(lock->fd, LOCK_EX) != 0) {
		if (errno != EINTR)
			return io_fault(s, path);
	}
	return OK;
}
