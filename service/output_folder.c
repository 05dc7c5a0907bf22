#include "service/output_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/folder.h"
#include "service/signal_guard.h"

struct output_folder {
	const char *name; /* as given */
	bool pending;     /* the temporary folder is there */
	char target[PATH_MAX];
	char parent[PATH_MAX];
	char temporary[PATH_MAX];
};

static void discard(void *obj)
{
	struct output_folder *o = obj;
	if (!o->pending)
		return;
	folder_remove(o->temporary);
	signal_guard_forget(o->temporary);
}

static enum err fault_of_errno(struct scope *s, const struct output_folder *o)
{
	return scope_fault(s, ERR_IO, "%s: %s", o->name, strerror(errno));
}

/* Nothing, or an empty folder: rename(2) takes the place of one. */
static enum err check_target(struct scope *s, const struct output_folder *o)
{
	struct stat st;
	if (lstat(o->target, &st) != 0)
		return errno == ENOENT ? OK : fault_of_errno(s, o);
	if (!S_ISDIR(st.st_mode))
		return scope_fault(s, ERR_IO, "%s: Not a directory", o->name);
	if (!folder_is_empty(o->target))
		return scope_fault(s, ERR_IO, "%s: Directory not empty", o->name);
	return OK;
}

static enum err find_target(struct scope *s, struct output_folder *o)
{
	size_t n = strlen(o->name);
	if (n >= PATH_MAX - 32)
		return scope_fault(s, ERR_IO, "%s: File name too long", o->name);
	while (n > 1 && o->name[n - 1] == '/')
		n--;
	if (!n)
		return scope_fault(s, ERR_IO, "the folder's name is empty");
	snprintf(o->target, PATH_MAX, "%.*s", (int)n, o->name);
	const char *slash = strrchr(o->target, '/');
	if (!slash)
		snprintf(o->parent, PATH_MAX, ".");
	else
		snprintf(o->parent, PATH_MAX, "%.*s",
		    slash == o->target ? 1 : (int)(slash - o->target), o->target);
	return check_target(s, o);
}

static enum err create(struct scope *s, struct output_folder *o)
{
	uint64_t random;
	char name[32], *path;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return fault_of_errno(s, o);
	snprintf(name, sizeof(name), ".bulla-%016llx", (unsigned long long)random);
	TRY(folder_path(s, o->parent, name, &path));
	if (strlen(path) >= PATH_MAX)
		return scope_fault(s, ERR_IO, "%s: File name too long", o->name);
	memcpy(o->temporary, path, strlen(path) + 1);
	/* Registered first: a signal may come at any time. */
	TRY(signal_guard_temporary(s, o->temporary));
	o->pending = mkdir(o->temporary, 0777) == 0;
	if (o->pending)
		return OK;
	enum err e = fault_of_errno(s, o);
	signal_guard_forget(o->temporary);
	return e;
}

enum err output_folder_open(struct scope *s, const char *path, struct output_folder **ret_folder)
{
	struct output_folder *o = scope_alloc(s, sizeof(*o));
	if (!o)
		return ERR_NOMEM;
	o->name = path;
	TRY(scope_own(s, o, discard));
	TRY(find_target(s, o));
	TRY(create(s, o));
	*ret_folder = o;
	return OK;
}

static bool write_all(int fd, struct bytes b)
{
	while (b.n) {
		ssize_t n = write(fd, b.p, b.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		b = bytes_from(b, (size_t)n);
	}
	return fsync(fd) == 0;
}

enum err output_folder_put(
    struct scope *s, struct output_folder *o, const char *name, struct bytes content)
{
	char *path;
	TRY(folder_path(s, o->temporary, name, &path));
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return fault_of_errno(s, o);
	enum err e = write_all(fd, content) ? OK : fault_of_errno(s, o);
	close(fd);
	return e;
}

static enum err sync_folder(struct scope *s, const struct output_folder *o, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return OK; /* one may write to it but not read it: nothing more can be done */
	/* EINVAL: a file system without that notion. */
	bool failed = fsync(fd) != 0 && errno != EINVAL;
	enum err e = failed ? fault_of_errno(s, o) : OK;
	close(fd);
	return e;
}

enum err output_folder_commit(struct scope *s, struct output_folder *o)
{
	if (!o->pending)
		return scope_fault(s, ERR_MISUSE, "%s: is written already", o->name);
	TRY(sync_folder(s, o, o->temporary));
	if (rename(o->temporary, o->target) != 0)
		return fault_of_errno(s, o);
	o->pending = false;
	signal_guard_forget(o->temporary);
	return sync_folder(s, o, o->parent);
}
