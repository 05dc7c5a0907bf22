#include "service/store/store_files_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/store/identifier.h"
#include "service/store/store_parts.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

bool store_files_folder_is(const char *id)
{
	return identifier_is(id, IDENTIFIER_SEALING) || identifier_is(id, IDENTIFIER_FILING);
}

static enum err io_fault(struct scope *s, const struct store *store, const char *id)
{
	return scope_fault(s, ERR_IO, "%s: %s: %s", store->documents, id, strerror(errno));
}

/* A folder inside of another; made, and the making forced to disk. */
static int open_inside(int parent, const char *name, bool makes)
{
	int fd = openat(parent, name, FOLDER_FLAGS);
	if (fd >= 0 || errno != ENOENT || !makes)
		return fd;
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		return -1;
	return fsync(parent) == 0 ? openat(parent, name, FOLDER_FLAGS) : -1;
}

/* The folder above: of the first two characters behind the prefix. */
static int open_shelf(const struct store *store, const char *id, bool makes)
{
	char shelf[3] = { id[3], id[4], 0 };
	int documents = open(store->documents, FOLDER_FLAGS);
	if (documents < 0)
		return -1;
	int fd = open_inside(documents, shelf, makes);
	int why = errno;
	close(documents);
	errno = why;
	return fd;
}

enum err store_files_folder_open(
    struct scope *s, const struct store *store, const char *id, bool makes, int *ret_fd)
{
	if (!store_files_folder_is(id))
		return scope_fault(s, ERR_MISUSE, "store: not an identifier of documents");
	int shelf = open_shelf(store, id, makes);
	if (shelf < 0)
		return io_fault(s, store, id);
	int fd = open_inside(shelf, id, makes);
	int why = errno;
	close(shelf);
	errno = why;
	if (fd < 0)
		return io_fault(s, store, id);
	*ret_fd = fd;
	return OK;
}

enum err store_files_folder_each(
    struct scope *s, int fd, bool (*visit)(void *ctx, int fd, const char *name), void *ctx)
{
	int own = openat(fd, ".", FOLDER_FLAGS);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	if (!dir) {
		if (own >= 0)
			close(own);
		return scope_fault(s, ERR_IO, "store: a folder: %s", strerror(errno));
	}
	bool goes_on = true;
	for (struct dirent *d; goes_on && (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			goes_on = visit(ctx, fd, d->d_name);
	closedir(dir);
	return OK;
}

static bool unlink_one(void *ctx, int fd, const char *name)
{
	(void)ctx;
	(void)unlinkat(fd, name, 0); /* what stays makes the removal of the folder fail */
	return true;
}

enum err store_files_folder_remove(struct scope *s, const struct store *store, const char *id)
{
	if (!store_files_folder_is(id))
		return scope_fault(s, ERR_MISUSE, "store: not an identifier of documents");
	int shelf = open_shelf(store, id, false);
	if (shelf < 0)
		return errno == ENOENT ? OK : io_fault(s, store, id);
	int fd = open_inside(shelf, id, false);
	enum err e = OK;
	if (fd >= 0) {
		e = store_files_folder_each(s, fd, unlink_one, NULL);
		close(fd);
		if (e == OK && unlinkat(shelf, id, AT_REMOVEDIR) != 0)
			e = io_fault(s, store, id);
	} else if (errno != ENOENT) {
		e = io_fault(s, store, id);
	}
	close(shelf);
	return e;
}
