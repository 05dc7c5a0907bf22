#include "service/log/audit_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"

#define ROOM ((size_t)1 << 20)
_Static_assert(ROOM >= 2 * LIMIT_AUDIT_LINE, "a line fits");

struct audit_reader {
	const struct audit_reader_files *files;
	size_t file;
	int fd; /* -1: not open */
	uint64_t read, line;
	size_t at, n; /* what of the buffer is not given out yet */
	uint8_t buffer[ROOM];
};

void audit_reader_name(unsigned number, char ret_name[AUDIT_READER_NAME])
{
	snprintf(ret_name, AUDIT_READER_NAME, "audit-%06u.jsonl", number);
}

static bool is_ours(const char *path, unsigned *ret_number)
{
	const char *slash = strrchr(path, '/');
	char name[AUDIT_READER_NAME];
	if (!slash || strlen(slash + 1) != strlen("audit-000001.jsonl"))
		return false;
	unsigned number = (unsigned)strtoul(slash + 1 + strlen("audit-"), NULL, 10);
	audit_reader_name(number, name);
	*ret_number = number;
	return number > 0 && !strcmp(name, slash + 1);
}

enum err audit_reader_list(
    struct scope *s, const char *folder, struct audit_reader_files *ret_files)
{
	struct folder list;
	struct audit_reader_files files = { .folder = folder };
	struct stat st;
	TRY(folder_list(s, folder, ".jsonl", &list));
	files.file = scope_alloc_array(s, list.n, sizeof(*files.file));
	if (!files.file)
		return ERR_NOMEM;
	for (size_t i = 0; i < list.n; i++) {
		unsigned number;
		if (!is_ours(list.paths[i], &number))
			continue;
		if (stat(list.paths[i], &st) != 0)
			return scope_fault(s, ERR_IO, "%s: %s", list.paths[i], strerror(errno));
		files.file[files.n++] = (struct audit_reader_file){ number, (uint64_t)st.st_size };
	}
	*ret_files = files;
	return OK;
}

static void release(void *p)
{
	struct audit_reader *r = p;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

enum err audit_reader_open(struct scope *s, const struct audit_reader_files *files, size_t first,
    struct audit_reader **ret_reader)
{
	struct audit_reader *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	r->files = files;
	r->file = first;
	r->fd = -1;
	TRY(scope_own(s, r, release));
	*ret_reader = r;
	return OK;
}

static enum err fault_of_errno(struct scope *s, const struct audit_reader *r, int cause)
{
	char name[AUDIT_READER_NAME];
	audit_reader_name(r->files->file[r->file].number, name);
	return scope_fault(s, ERR_IO, "%s/%s: %s", r->files->folder, name,
	    cause ? strerror(cause) : "became shorter while it was read");
}

static enum err open_file(struct scope *s, struct audit_reader *r)
{
	char name[AUDIT_READER_NAME], *path;
	audit_reader_name(r->files->file[r->file].number, name);
	TRY(folder_path(s, r->files->folder, name, &path));
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return fault_of_errno(s, r, errno);
	r->read = r->line = 0;
	r->at = r->n = 0;
	return OK;
}

/* More octets into the buffer; none at the end of the file. */
static enum err fill(struct scope *s, struct audit_reader *r)
{
	const uint64_t left = r->files->file[r->file].size - r->read;
	if (r->at) {
		memmove(r->buffer, r->buffer + r->at, r->n);
		r->at = 0;
	}
	size_t want = ROOM - r->n < left ? ROOM - r->n : (size_t)left;
	while (want) {
		ssize_t n = read(r->fd, r->buffer + r->n, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault_of_errno(s, r, n < 0 ? errno : 0);
		r->n += (size_t)n;
		r->read += (size_t)n;
		return OK;
	}
	return OK;
}

static const uint8_t *find_end(const struct audit_reader *r)
{
	size_t n = r->n < LIMIT_AUDIT_LINE ? r->n : LIMIT_AUDIT_LINE;
	return n ? memchr(r->buffer + r->at, '\n', n) : NULL;
}

static struct audit_line give(struct audit_reader *r, const uint8_t *end)
{
	const bool is_cut = !end && r->n > LIMIT_AUDIT_LINE;
	size_t n = end ? (size_t)(end - (r->buffer + r->at)) : is_cut ? LIMIT_AUDIT_LINE : r->n;
	struct audit_line line = {
		.text = bytes_of(r->buffer + r->at, n),
		.is_ended = end,
		.is_cut = is_cut,
		.file = r->file,
		.number = ++r->line,
		.offset = r->read - r->n,
	};
	r->at += n + (end != NULL);
	r->n -= n + (end != NULL);
	return line;
}

enum err audit_reader_next(
    struct scope *s, struct audit_reader *r, bool *ret_more, struct audit_line *ret_line)
{
	for (; r->file < r->files->n; r->file++) {
		const uint8_t *end;
		if (r->fd < 0)
			TRY(open_file(s, r));
		while (!(end = find_end(r)) && r->n <= LIMIT_AUDIT_LINE &&
		       r->read < r->files->file[r->file].size)
			TRY(fill(s, r));
		if (r->n) {
			*ret_line = give(r, end);
			*ret_more = true;
			return OK;
		}
		release(r);
	}
	*ret_more = false;
	return OK;
}
