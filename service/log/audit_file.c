#include "service/log/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/log/audit_reader.h"

static enum err fault_of(struct scope *s, const struct audit_file *f, int cause)
{
	char name[AUDIT_READER_NAME];
	audit_reader_name(f->number, name);
	return scope_fault(s, ERR_IO, "audit log: %s: %s", name, strerror(cause));
}

enum err audit_file_open(struct scope *s, struct audit_file *f)
{
	char name[AUDIT_READER_NAME];
	audit_reader_name(f->number, name);
	const int make = f->size ? 0 : O_CREAT;
	f->fd = openat(f->folder_fd, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | make, 0640);
	if (f->fd < 0)
		return fault_of(s, f, errno);
	/* Its name must outlast a crash as its records do. */
	if (make && fsync(f->folder_fd) != 0) {
		const int cause = errno;
		audit_file_close(f);
		return fault_of(s, f, cause);
	}
	return OK;
}

void audit_file_close(struct audit_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* Reads the whole file again, from the disk as far as the kernel lets itself be told. */
static enum err reread(struct scope *s, struct audit_file *f, const struct audit_chain *last)
{
	struct audit_chain at = f->start;
	struct audit_reader_file one = { f->number, f->size };
	const struct audit_reader_files files = { f->folder, &one, 1 };
	struct audit_reader *r;
	struct audit_line line;
	struct audit_frame frame;
	bool more;
	posix_fadvise(f->fd, 0, 0, POSIX_FADV_DONTNEED);
	TRY(audit_reader_open(s, &files, 0, &r));
	TRY(audit_reader_next(s, r, &more, &line));
	while (more) {
		TRY(audit_record_frame(s, line.text, &frame));
		if (!line.is_ended || !audit_chain_fits(&at, &frame))
			break;
		audit_chain_move(&at, &frame);
		TRY(audit_reader_next(s, r, &more, &line));
	}
	if (more || !audit_chain_equal(&at, last))
		return scope_fault(s, ERR_FORMAT,
		    "audit log: after a failed write the file is not what was written");
	return OK;
}

static enum err repair(struct scope *s, struct audit_file *f, const struct audit_chain *last)
{
	if (f->is_torn || f->is_doubtful) {
		if (ftruncate(f->fd, (off_t)f->size) != 0 || f->flush(f->fd) != 0)
			return fault_of(s, f, errno);
		f->is_torn = false;
	}
	if (f->is_doubtful) {
		struct scope *own = scope_new(0);
		if (!own)
			return ERR_NOMEM;
		enum err e = reread(own, f, last);
		if (e != OK)
			e = scope_fault(s, e, "%s", scope_fault_text(own));
		scope_free(own);
		TRY(e);
		f->is_doubtful = false;
	}
	return OK;
}

/* The next file takes the place of this one when it is there. */
static enum err begin_next(struct scope *s, struct audit_file *f, const struct audit_chain *last)
{
	struct audit_file next = *f;
	next.number++;
	next.size = 0;
	next.start = *last;
	if (f->number >= LIMIT_AUDIT_FILES)
		return scope_fault(
		    s, ERR_LIMIT, "audit log: more than %d files", LIMIT_AUDIT_FILES);
	TRY(audit_file_open(s, &next));
	audit_file_close(f);
	*f = next;
	/* One that an earlier attempt left behind. */
	f->is_torn = true;
	return repair(s, f, last);
}

static enum err write_all(struct scope *s, struct audit_file *f, struct bytes rest)
{
	while (rest.n) {
		ssize_t n = write(f->fd, rest.p, rest.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			f->is_torn = true;
			return fault_of(s, f, n < 0 ? errno : ENOSPC);
		}
		rest = bytes_from(rest, (size_t)n);
	}
	return OK;
}

enum err audit_file_append(
    struct scope *s, struct audit_file *f, const struct audit_chain *last, struct bytes records)
{
	TRY(repair(s, f, last));
	if (f->size && f->size + records.n > f->most)
		TRY(begin_next(s, f, last));
	enum err e = write_all(s, f, records);
	if (e != OK) {
		/* At once, so that whoever reads finds no half record. The first fault counts; what
		 * fails here is tried again by the next call. */
		enum err again = repair(s, f, last);
		return again == ERR_NOMEM ? again : e;
	}
	if (f->flush(f->fd) != 0) {
		f->is_torn = f->is_doubtful = true;
		return fault_of(s, f, errno);
	}
	f->size += records.n;
	return OK;
}
