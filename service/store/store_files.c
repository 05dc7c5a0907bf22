#include "service/store/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "service/store/identifier.h"
#include "service/store/store_files_folder.h"
#include "service/store/store_parts.h"

#define NAME_ROOM 64

/* -- names -- */

static enum err file_name(struct scope *s, struct store_files_name name, char ret_name[NAME_ROOM])
{
	if (!store_files_folder_is(name.id))
		return scope_fault(s, ERR_MISUSE, "store: not an identifier of documents");
	bool is_sealing = name.id[0] == 's';
	if (name.kind == STORE_FILES_DOCUMENT && is_sealing && name.n)
		snprintf(ret_name, NAME_ROOM, "%u.pdf", name.n);
	else if (name.kind == STORE_FILES_SEALED && is_sealing && name.n && name.attempt)
		snprintf(ret_name, NAME_ROOM, "%u.sealed-%u.pdf", name.n, name.attempt);
	else if (name.kind == STORE_FILES_DOCUMENT && !is_sealing && !name.n)
		snprintf(ret_name, NAME_ROOM, "document.pdf");
	else if (name.kind == STORE_FILES_EVIDENCE && !is_sealing && name.n)
		snprintf(ret_name, NAME_ROOM, "evidence-%u.pack", name.n);
	else if (name.kind == STORE_FILES_REPORT && !is_sealing && name.n)
		snprintf(ret_name, NAME_ROOM, "report-%u.json", name.n);
	else
		return scope_fault(s, ERR_MISUSE, "store: %s has no such file", name.id);
	return OK;
}

const char *store_files_incoming(const struct store *store)
{
	return store->incoming;
}

enum err store_files_path(
    struct scope *s, const struct store *store, struct store_files_name name, const char **ret_path)
{
	char file[NAME_ROOM], *path;
	TRY(file_name(s, name, file));
	struct buf b = buf_new(s, PATH_MAX);
	buf_add_str(&b, store->documents);
	buf_addf(&b, "/%.2s/%s/%s", name.id + 3, name.id, file);
	TRY(buf_done_str(&b, &path));
	*ret_path = path;
	return OK;
}

/* -- writing -- */

struct draft {
	int fd;
	char *path; /* in the scope, which outlives it */
};

static void release_draft(void *p)
{
	struct draft *d = p;
	close(d->fd);
	unlink(d->path); /* after it was put there is none of this name */
}

enum err store_files_begin(
    struct scope *s, const struct store *store, struct store_files_draft *ret_draft)
{
	struct draft *d = scope_alloc(s, sizeof(*d));
	struct buf b = buf_new(s, PATH_MAX);
	if (!d)
		return ERR_NOMEM;
	const char *name;
	TRY(identifier_new(s, "dr", &name));
	buf_add_str(&b, store->incoming);
	buf_addf(&b, "/%s", name);
	TRY(buf_done_str(&b, &d->path));
	d->fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (d->fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", d->path, strerror(errno));
	TRY(scope_own(s, d, release_draft));
	*ret_draft = (struct store_files_draft){ d->fd, d->path };
	return OK;
}

/* The caller's row is the step that hands the file out: before it, content and name are on the
 * disk. The name comes first, so that forcing the content takes it along where a file system writes
 * both together; a crash in between leaves a file without a row, which is swept. */
static enum err give_name(struct scope *s, const struct store *store, const char *from, int fd,
    struct store_files_name name)
{
	char file[NAME_ROOM];
	int folder;
	TRY(file_name(s, name, file));
	TRY(store_files_folder_open(s, store, name.id, true, &folder));
	enum err e = OK;
	if (renameat(AT_FDCWD, from, folder, file) != 0 || fsync(fd) != 0 || fsync(folder) != 0)
		e = scope_fault(s, ERR_IO, "%s: %s: %s", name.id, file, strerror(errno));
	close(folder);
	return e;
}

enum err store_files_put(struct scope *s, const struct store *store,
    const struct store_files_draft *draft, struct store_files_name name)
{
	return give_name(s, store, draft->path, draft->fd, name);
}

enum err store_files_take(struct scope *s, const struct store *store, const char *incoming_path,
    struct store_files_name name)
{
	struct stat st;
	int fd = open(incoming_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", incoming_path, strerror(errno));
	enum err e = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
			 ? give_name(s, store, incoming_path, fd, name)
			 : scope_fault(s, ERR_IO, "%s: not a file", incoming_path);
	close(fd);
	return e;
}

enum err store_files_put_bytes(
    struct scope *s, const struct store *store, struct bytes content, struct store_files_name name)
{
	struct store_files_draft draft;
	TRY(store_files_begin(s, store, &draft));
	for (size_t at = 0; at < content.n;) {
		ssize_t n = write(draft.fd, content.p + at, content.n - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return scope_fault(s, ERR_IO, "%s: %s", draft.path, strerror(errno));
		at += (size_t)n;
	}
	return store_files_put(s, store, &draft, name);
}

/* -- reading -- */

static void release_fd(void *p)
{
	close(*(int *)p);
}

enum err store_files_open(struct scope *s, const struct store *store, struct store_files_name name,
    int *ret_fd, uint64_t *ret_size)
{
	char file[NAME_ROOM];
	int folder, *fd = scope_alloc(s, sizeof(*fd));
	struct stat st;
	if (!fd)
		return ERR_NOMEM;
	TRY(file_name(s, name, file));
	TRY(store_files_folder_open(s, store, name.id, false, &folder));
	*fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int why = errno;
	close(folder);
	if (*fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s: %s", name.id, file, strerror(why));
	TRY(scope_own(s, fd, release_fd));
	if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
		return scope_fault(s, ERR_IO, "%s: %s: not a file", name.id, file);
	*ret_fd = *fd;
	*ret_size = (uint64_t)st.st_size;
	return OK;
}

enum err store_files_read(struct scope *s, const struct store *store, struct store_files_name name,
    size_t cap, struct bytes *ret_content)
{
	int fd;
	uint64_t size;
	TRY(store_files_open(s, store, name, &fd, &size));
	if (size > cap)
		return scope_fault(
		    s, ERR_LIMIT, "%s: a file of %llu octets", name.id, (unsigned long long)size);
	uint8_t *p = scope_alloc(s, (size_t)size);
	if (!p)
		return ERR_NOMEM;
	for (size_t at = 0; at < size;) {
		ssize_t n = pread(fd, p + at, (size_t)size - at, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return scope_fault(s, ERR_IO, "%s: a file that cannot be read", name.id);
		at += (size_t)n;
	}
	*ret_content = bytes_of(p, (size_t)size);
	return OK;
}

bool store_files_is_at(const struct store *store, struct store_files_name name)
{
	struct scope *s = scope_new(0);
	int fd;
	uint64_t size;
	bool is_at = s && store_files_open(s, store, name, &fd, &size) == OK;
	scope_free(s);
	return is_at;
}

/* -- removing -- */

static bool drop_attempt(void *ctx, int fd, const char *name)
{
	const unsigned *but = ctx;
	unsigned n, attempt;
	char again[NAME_ROOM];
	if (sscanf(name, "%u.sealed-%u.pdf", &n, &attempt) != 2 || attempt == *but)
		return true;
	snprintf(again, sizeof(again), "%u.sealed-%u.pdf", n, attempt);
	if (!strcmp(again, name))
		(void)unlinkat(fd, name, 0); /* it goes with the folder at the latest */
	return true;
}

enum err store_files_drop_attempts(
    struct scope *s, const struct store *store, const char *id, unsigned but)
{
	int folder;
	TRY(store_files_folder_open(s, store, id, false, &folder));
	enum err e = store_files_folder_each(s, folder, drop_attempt, &but);
	close(folder);
	return e;
}

enum err store_files_remove(struct scope *s, const struct store *store, const char *id)
{
	return store_files_folder_remove(s, store, id);
}

enum err store_files_free(struct scope *s, const struct store *store, uint64_t *ret_octets)
{
	struct statvfs v;
	if (statvfs(store->folder, &v) != 0)
		return scope_fault(s, ERR_IO, "%s: %s", store->folder, strerror(errno));
	*ret_octets = (uint64_t)v.f_bavail * v.f_frsize;
	return OK;
}
