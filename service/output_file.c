#include "service/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/signal_guard.h"

/* Names tried before giving up; one is enough unless somebody guesses them. */
#define NAME_TRIES 16

struct output_file {
	const char *name;
	int fd;
	bool pending;     /* the temporary file is there */
	mode_t keep_mode; /* of an existing target; 0: none */
	char target[PATH_MAX];
	char folder[PATH_MAX];
	char temporary[PATH_MAX];
};

static void discard(void *obj)
{
	struct output_file *o = obj;
	if (o->fd >= 0)
		close(o->fd);
	if (o->pending) {
		unlink(o->temporary);
		signal_guard_forget(o->temporary);
	}
}

static enum err fault_of_errno(struct scope *s, const struct output_file *o)
{
	return scope_fault(s, ERR_IO, "%s: %s", o->name, strerror(errno));
}

/* Finds out what is there now and where the new file goes. */
static enum err find_target(struct scope *s, struct output_file *o)
{
	if (!*o->name)
		return scope_fault(s, ERR_IO, "the output's name is empty");
	struct stat st;
	if (stat(o->name, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return scope_fault(s, ERR_IO, "%s: Is a directory", o->name);
		if (!S_ISREG(st.st_mode))
			return scope_fault(s, ERR_IO, "%s: not a regular file", o->name);
		/* A rename would pass over a file that its owner has made read-only. */
		if (access(o->name, W_OK) != 0 || !realpath(o->name, o->target))
			return fault_of_errno(s, o);
		o->keep_mode = st.st_mode & 07777;
	} else if (errno != ENOENT) {
		return fault_of_errno(s, o);
	} else if (snprintf(o->target, PATH_MAX, "%s", o->name) >= PATH_MAX) {
		return scope_fault(s, ERR_IO, "%s: File name too long", o->name);
	}
	const char *slash = strrchr(o->target, '/');
	if (slash && !slash[1])
		return scope_fault(s, ERR_IO, "%s: No such file or directory", o->name);
	size_t n = slash == o->target ? 1 : slash ? (size_t)(slash - o->target) : 0;
	snprintf(o->folder, PATH_MAX, "%.*s", n ? (int)n : 1, n ? o->target : ".");
	return OK;
}

static enum err create(struct scope *s, struct output_file *o)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		uint64_t random;
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return fault_of_errno(s, o);
		int n = snprintf(o->temporary, PATH_MAX, "%s/.bulla-%016llx", o->folder,
		    (unsigned long long)random);
		if (n >= PATH_MAX)
			return scope_fault(s, ERR_IO, "%s: File name too long", o->name);
		/* Registered first: a signal may come at any time. */
		TRY(signal_guard_temporary(s, o->temporary));
		o->fd = open(o->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (o->fd >= 0) {
			o->pending = true;
			return OK;
		}
		signal_guard_forget(o->temporary);
		if (errno != EEXIST)
			return fault_of_errno(s, o);
	}
	return scope_fault(s, ERR_IO, "%s: no name for a temporary file is free", o->name);
}

enum err output_file_open(struct scope *s, const char *path, struct output_file **ret_file)
{
	struct output_file *o = scope_alloc(s, sizeof(*o));
	if (!o)
		return ERR_NOMEM;
	o->fd = -1;
	o->name = path;
	TRY(scope_own(s, o, discard));
	TRY(find_target(s, o));
	TRY(create(s, o));
	*ret_file = o;
	return OK;
}

int output_file_fd(const struct output_file *o)
{
	return o->fd;
}

const char *output_file_name(const struct output_file *o)
{
	return o->name;
}

enum err output_file_write_at(
    struct scope *s, int fd, const char *name, size_t at, struct bytes content)
{
	while (content.n) {
		ssize_t n = pwrite(fd, content.p, content.n, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
		at += (size_t)n;
		content = bytes_from(content, (size_t)n);
	}
	return OK;
}

enum err output_file_write(struct scope *s, struct output_file *o, size_t at, struct bytes content)
{
	return output_file_write_at(s, o->fd, o->name, at, content);
}

static enum err sync_folder(struct scope *s, const struct output_file *o)
{
	int fd = open(o->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return OK; /* a folder one may write to but not read: nothing more can be done */
	/* EINVAL: a file system without that notion. */
	bool failed = fsync(fd) != 0 && errno != EINVAL;
	enum err e = failed ? fault_of_errno(s, o) : OK;
	close(fd);
	return e;
}

enum err output_file_commit(struct scope *s, struct output_file *o)
{
	if (!o->pending)
		return scope_fault(s, ERR_MISUSE, "%s: is written already", o->name);
	if (o->keep_mode && fchmod(o->fd, o->keep_mode) != 0)
		return fault_of_errno(s, o);
	if (fsync(o->fd) != 0 || rename(o->temporary, o->target) != 0)
		return fault_of_errno(s, o);
	o->pending = false;
	signal_guard_forget(o->temporary);
	return sync_folder(s, o);
}

enum err output_file_put(struct scope *s, const char *path, struct bytes content)
{
	struct output_file *o;
	TRY(output_file_open(s, path, &o));
	TRY(output_file_write(s, o, 0, content));
	return output_file_commit(s, o);
}

enum err output_file_print(struct scope *s, struct bytes text)
{
	while (text.n) {
		ssize_t n = write(STDOUT_FILENO, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return scope_fault(s, ERR_IO, "standard output: %s", strerror(errno));
		text = bytes_from(text, (size_t)n);
	}
	return OK;
}
