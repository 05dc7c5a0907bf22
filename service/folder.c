#include "service/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"

bool folder_is_at(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static bool is_wanted(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);
	return name[0] != '.' && n >= m && !strcmp(name + n - m, suffix);
}

static enum err add(
    struct scope *s, const char *folder, const char *name, size_t *room, struct folder *found)
{
	char *path;
	struct stat st;
	TRY(folder_path(s, folder, name, &path));
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return OK;
	if (found->n == LIMIT_FOLDER_FILES)
		return scope_fault(
		    s, ERR_LIMIT, "%s: more than %d files", folder, LIMIT_FOLDER_FILES);
	if (found->n == *room) {
		size_t more = *room ? 2 * *room : 16;
		char **paths =
		    scope_resize(s, found->paths, *room * sizeof(*paths), more * sizeof(*paths));
		if (!paths)
			return ERR_NOMEM;
		found->paths = paths;
		*room = more;
	}
	found->paths[found->n++] = path;
	return OK;
}

enum err folder_list(
    struct scope *s, const char *path, const char *suffix, struct folder *ret_folder)
{
	DIR *dir = opendir(path);
	if (!dir)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	struct folder found = { 0 };
	size_t room = 0;
	enum err e = OK;
	errno = 0;
	for (struct dirent *d; e == OK && (d = readdir(dir)); errno = 0)
		if (is_wanted(d->d_name, suffix))
			e = add(s, path, d->d_name, &room, &found);
	if (e == OK && errno)
		e = scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	closedir(dir);
	TRY(e);
	if (found.n)
		qsort(found.paths, found.n, sizeof(*found.paths), by_name);
	*ret_folder = found;
	return OK;
}

enum err folder_path(struct scope *s, const char *folder, const char *name, char **ret_path)
{
	size_t room = strlen(folder) + strlen(name) + 2;
	char *path = scope_alloc(s, room);
	if (!path)
		return ERR_NOMEM;
	snprintf(path, room, "%s/%s", folder, name);
	*ret_path = path;
	return OK;
}

enum err folder_make(struct scope *s, const char *path)
{
	if (mkdir(path, 0777) == 0 || (errno == EEXIST && folder_is_at(path)))
		return OK;
	return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
}

/* What getdents64(2) gives: readdir(3) takes memory, and a handler of signals may not. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t kind;
	char name[];
};

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* One reading: how many entries there were, or with `unlinks`, how many went away. */
static size_t read_entries(int fd, bool unlinks)
{
	_Alignas(struct entry) char room[4096];
	size_t n_done = 0;
	long n = syscall(SYS_getdents64, fd, room, sizeof(room));
	for (long at = 0; at < n;) {
		const struct entry *e = (const void *)(room + at);
		if (!is_dots(e->name))
			n_done += !unlinks || unlinkat(fd, e->name, 0) == 0;
		at += e->length;
	}
	return n_done;
}

bool folder_is_empty(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool is_empty = read_entries(fd, false) == 0;
	close(fd);
	return is_empty;
}

void folder_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	while (read_entries(fd, true) && lseek(fd, 0, SEEK_SET) == 0)
		continue;
	close(fd);
	rmdir(path);
}
