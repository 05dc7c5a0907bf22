#include "service/log/audit_recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/folder.h"
#include "service/log/audit_timestamp.h"

#define LOCK "lock"
#define LOCK_TRIES 20
#define LOCK_PAUSE_MS 50L
#define SCRATCH_LINES 1024 /* then the memory for reading them is given back */

/* Whoever verifies looks for a moment whether a writer is there; and a former one may be ending. */
static bool take_lock(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000 };
	for (int i = 1; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES)
			return false;
		nanosleep(&pause, NULL);
		errno = EWOULDBLOCK;
	}
	return true;
}

enum err audit_recovery_lock(
    struct scope *s, const char *folder, int *ret_folder_fd, int *ret_lock_fd)
{
	TRY(folder_make(s, folder));
	*ret_folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_folder_fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", folder, strerror(errno));
	*ret_lock_fd =
	    openat(*ret_folder_fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (*ret_lock_fd < 0)
		return scope_fault(s, ERR_IO, "%s/%s: %s", folder, LOCK, strerror(errno));
	if (take_lock(*ret_lock_fd))
		return OK;
	if (errno == EWOULDBLOCK)
		return scope_fault(s, ERR_DENIED, "%s: another service writes to this log", folder);
	return scope_fault(s, ERR_IO, "%s/%s: %s", folder, LOCK, strerror(errno));
}

/* -- reading through -- */

struct scan {
	struct scope *s;
	struct scope *scratch; /* for lines */
	struct audit_recovery *r;
	struct audit_reader_files files;
	struct audit_chain start; /* before the file that is being read */
	struct audit_line line;
};

static enum err wrong(struct scan *c, const char *why)
{
	char name[AUDIT_READER_NAME];
	audit_reader_name(c->files.file[c->line.file].number, name);
	return scope_fault(c->s, ERR_FORMAT, "%s/%s: line %" PRIu64 ": record %" PRIu64 ": %s",
	    c->files.folder, name, c->line.number, c->r->chain.seq + 1, why);
}

static enum err note_stamp(struct scan *c)
{
	struct audit_record record;
	struct audit_timestamp stamp;
	if (!audit_timestamp_may_be(c->line.text))
		return OK;
	TRY(audit_record_parse(c->scratch, c->line.text, &record));
	TRY(audit_timestamp_of_record(c->scratch, &record, &stamp));
	if (stamp.size > c->r->stamped) {
		c->r->stamped = stamp.size;
		c->r->stamp = record.seq;
	}
	return OK;
}

static enum err take_line(struct scan *c)
{
	struct audit_recovery *r = c->r;
	struct audit_frame frame;
	if (c->line.number == 1)
		c->start = r->chain;
	TRY(audit_record_frame(c->scratch, c->line.text, &frame));
	if (!c->line.is_ended)
		return scope_fault(c->scratch, ERR_FORMAT, "its line has no end");
	if (!audit_chain_fits(&r->chain, &frame))
		return scope_fault(
		    c->scratch, ERR_FORMAT, "does not continue the record before it");
	TRY(note_stamp(c));
	TRY(merkle_add(c->scratch, &r->tree, bytes_of(frame.hash, AUDIT_RECORD_HASH)));
	audit_chain_move(&r->chain, &frame);
	if (r->chain.seq == r->head.seq && !audit_chain_equal(&r->chain, &r->head))
		return scope_fault(c->scratch, ERR_FORMAT, "is not the one that the head names");
	return OK;
}

static bool is_unfinished(const struct scan *c)
{
	return c->line.file == c->files.n - 1 && c->r->chain.seq >= c->r->head.seq &&
	       !c->line.is_cut && (!c->line.is_ended || memchr(c->line.text.p, 0, c->line.text.n));
}

/* ERR_FORMAT out of take_line, in the words of the log. */
static enum err explain(struct scan *c, enum err e)
{
	struct audit_recovery *r = c->r;
	if (e != ERR_FORMAT)
		return scope_fault(c->s, e, "%s", scope_fault_text(c->scratch));
	if (!is_unfinished(c))
		return wrong(c, scope_fault_text(c->scratch));
	r->n_cut = c->files.file[c->line.file].size - c->line.offset;
	audit_reader_name(c->files.file[c->line.file].number, r->file_name);
	return OK;
}

static enum err renew_scratch(struct scan *c)
{
	scope_free(c->scratch);
	c->scratch = scope_new(0);
	return c->scratch ? OK : scope_fault(c->s, ERR_NOMEM, "audit log: out of memory");
}

static enum err read_through(struct scan *c)
{
	struct audit_reader *reader;
	bool more;
	TRY(audit_reader_open(c->s, &c->files, 0, &reader));
	for (uint64_t n = 0; !c->r->n_cut; n++) {
		if (n % SCRATCH_LINES == 0)
			TRY(renew_scratch(c));
		TRY(audit_reader_next(c->s, reader, &more, &c->line));
		if (!more)
			break;
		enum err e = take_line(c);
		if (e != OK)
			TRY(explain(c, e));
	}
	if (c->r->chain.seq < c->r->head.seq)
		return scope_fault(c->s, ERR_FORMAT,
		    "%s: records %" PRIu64 " to %" PRIu64 " are missing at the end",
		    c->files.folder, c->r->chain.seq + 1, c->r->head.seq);
	return OK;
}

/* -- the folder as a whole -- */

static enum err check_files(struct scope *s, const struct audit_reader_files *files)
{
	char name[AUDIT_READER_NAME];
	for (size_t i = 0; i < files->n; i++) {
		audit_reader_name((unsigned)i + 1, name);
		if (files->file[i].number != i + 1)
			return scope_fault(s, ERR_FORMAT, "%s/%s: is missing", files->folder, name);
	}
	return OK;
}

static enum err find_head(struct scope *s, const struct audit_reader_files *files, int folder_fd,
    struct audit_chain *head)
{
	bool is_there;
	TRY(audit_chain_read_head(s, files->folder, &is_there, head));
	if (is_there)
		return OK;
	if (files->n)
		return scope_fault(s, ERR_FORMAT, "%s/%s: is missing, so the log may have been cut",
		    files->folder, AUDIT_CHAIN_HEAD);
	*head = (struct audit_chain){ 0 };
	return audit_chain_write_head(s, folder_fd, head);
}

static enum err open_last(const struct scan *c, struct audit_file *file)
{
	file->number = 1;
	file->start = c->start;
	if (c->files.n) {
		const struct audit_reader_file *last = &c->files.file[c->files.n - 1];
		file->number = last->number;
		file->size = last->size - c->r->n_cut;
	}
	if (!file->size)
		file->start = c->r->chain;
	TRY(audit_file_open(c->s, file));
	if (c->r->n_cut && (ftruncate(file->fd, (off_t)file->size) != 0 || fsync(file->fd) != 0))
		return scope_fault(
		    c->s, ERR_IO, "%s/%s: %s", c->files.folder, c->r->file_name, strerror(errno));
	return OK;
}

enum err audit_recovery_run(
    struct scope *s, struct audit_file *file, struct audit_recovery *ret_recovery)
{
	struct audit_recovery *r = scope_alloc(s, sizeof(*r));
	struct scan c = { .s = s, .r = r };
	if (!r)
		return ERR_NOMEM;
	TRY(audit_reader_list(s, file->folder, &c.files));
	TRY(check_files(s, &c.files));
	TRY(find_head(s, &c.files, file->folder_fd, &r->head));
	enum err e = read_through(&c);
	scope_free(c.scratch);
	TRY(e);
	TRY(open_last(&c, file));
	*ret_recovery = *r;
	return OK;
}
