#include "service/log/audit_verify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/folder.h"
#include "service/log/audit_timestamp.h"

#define SCRATCH_LINES 256 /* then the memory for reading them is given back */

/* A root that some record says was timestamped. */
struct stamp {
	uint64_t size;
	struct merkle_hash root;
	bool holds; /* it is the tree's */
};

struct work {
	struct scope *s;
	struct scope *scratch; /* for some lines */
	uint64_t n_lines;
	const struct anchors *anchors;
	struct audit_verdict *v;
	struct stamp *stamps;
	size_t n_stamps, room_stamps, next_stamp;
	struct audit_chain head;
	struct merkle tree;
	struct audit_line line;
};

static enum err next_line(struct work *w, struct audit_reader *r, bool *ret_more)
{
	if (w->n_lines++ % SCRATCH_LINES == 0) {
		scope_free(w->scratch);
		w->scratch = scope_new(0);
		if (!w->scratch)
			return scope_fault(w->s, ERR_NOMEM, "audit log: out of memory");
	}
	return audit_reader_next(w->s, r, ret_more, &w->line);
}

/* An error of the scratch memory becomes one of the job. */
static enum err move_fault(struct work *w, enum err e)
{
	return e == OK ? OK : scope_fault(w->s, e, "%s", scope_fault_text(w->scratch));
}

/* -- which roots are to be compared -- */

static int by_size(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;
	return x->size < y->size ? -1 : x->size > y->size;
}

static enum err add_stamp(struct work *w, const struct audit_timestamp *t)
{
	if (w->n_stamps == LIMIT_AUDIT_TIMESTAMPS)
		return scope_fault(
		    w->s, ERR_LIMIT, "audit log: more than %d timestamps", LIMIT_AUDIT_TIMESTAMPS);
	if (w->n_stamps == w->room_stamps) {
		const size_t room = w->room_stamps ? 2 * w->room_stamps : 64;
		struct stamp *stamps = scope_resize(
		    w->s, w->stamps, w->room_stamps * sizeof(*stamps), room * sizeof(*stamps));
		if (!stamps)
			return ERR_NOMEM;
		w->stamps = stamps;
		w->room_stamps = room;
	}
	w->stamps[w->n_stamps++] = (struct stamp){ .size = t->size, .root = t->root };
	return OK;
}

/* What is wrong with a record is told when all are looked at in their order. */
static enum err collect_stamps(struct work *w)
{
	struct audit_reader *r;
	struct audit_record record;
	struct audit_timestamp t;
	bool more;
	TRY(audit_reader_open(w->s, &w->v->files, 0, &r));
	for (;;) {
		TRY(next_line(w, r, &more));
		if (!more)
			break;
		if (!audit_timestamp_may_be(w->line.text))
			continue;
		enum err e = audit_record_parse(w->scratch, w->line.text, &record);
		if (e == OK)
			e = audit_timestamp_of_record(w->scratch, &record, &t);
		if (e == OK)
			TRY(add_stamp(w, &t));
		else if (e != ERR_FORMAT && e != ERR_LIMIT)
			return move_fault(w, e);
		scope_forgive(w->scratch);
	}
	if (w->n_stamps)
		qsort(w->stamps, w->n_stamps, sizeof(*w->stamps), by_size);
	return OK;
}

/* The tree has reached the size of some stamps. */
static enum err compare_roots(struct work *w)
{
	struct merkle_hash root;
	if (w->next_stamp == w->n_stamps || w->stamps[w->next_stamp].size != w->tree.size)
		return OK;
	TRY(merkle_root(w->s, &w->tree, &root));
	for (; w->next_stamp < w->n_stamps && w->stamps[w->next_stamp].size == w->tree.size;
	     w->next_stamp++)
		w->stamps[w->next_stamp].holds =
		    !memcmp(&w->stamps[w->next_stamp].root, &root, sizeof(root));
	return OK;
}

static bool is_of_tree(const struct work *w, const struct audit_timestamp *t)
{
	for (size_t low = 0, high = w->next_stamp; low < high;) {
		const size_t middle = low + (high - low) / 2;
		if (w->stamps[middle].size < t->size) {
			low = middle + 1;
		} else if (w->stamps[middle].size > t->size) {
			high = middle;
		} else if (!memcmp(&w->stamps[middle].root, &t->root, sizeof(t->root))) {
			return w->stamps[middle].holds;
		} else {
			/* Several say different things of one size; one at most is right. */
			return false;
		}
	}
	return false;
}

/* -- a timestamp -- */

static enum err warn(struct work *w, const char *text)
{
	char *copy;
	if (w->v->n_warnings++ >= AUDIT_VERIFY_WARNINGS)
		return OK;
	TRY(bytes_to_str(w->s, bytes_of_str(text), &copy));
	w->v->warning[w->v->n_warnings - 1] = copy;
	return OK;
}

static enum err compare_times(
    struct work *w, const struct audit_record *r, const struct audit_timestamp_verdict *t)
{
	char text[160], told[INSTANT_TEXT], kept[INSTANT_TEXT];
	const int64_t apart = r->ms / 1000 - t->time.unix_s;
	if (apart >= -LIMIT_AUDIT_CLOCK_S && apart <= LIMIT_AUDIT_CLOCK_S)
		return OK;
	instant_to_rfc3339(t->time, told);
	instant_to_rfc3339((struct instant){ r->ms / 1000 }, kept);
	snprintf(text, sizeof(text),
	    "the token in record %" PRIu64 " was made at %s, but the record says %s", r->seq, told,
	    kept);
	return warn(w, text);
}

static enum err note_good(struct work *w, const struct audit_record *r,
    const struct audit_timestamp *t, const struct audit_timestamp_verdict *verdict)
{
	char *name;
	struct audit_verdict *v = w->v;
	v->n_timestamps++;
	if (t->size < v->newest.size)
		return OK;
	if (!v->newest.authority || strcmp(v->newest.authority, verdict->authority)) {
		TRY(bytes_to_str(w->s, bytes_of_str(verdict->authority), &name));
		v->newest.authority = name;
	}
	v->newest.record = r->seq;
	v->newest.size = t->size;
	v->newest.time = verdict->time;
	return OK;
}

static enum err check_stamp(struct work *w, const struct audit_record *r)
{
	struct audit_fault *fault = &w->v->fault;
	struct audit_timestamp t;
	struct audit_timestamp_verdict verdict;
	enum err e = audit_timestamp_of_record(w->scratch, r, &t);
	if (e == OK && !is_of_tree(w, &t))
		return audit_fault_make(w->s, fault, AUDIT_FAULT_REWRITTEN, w->v->newest.size + 1,
		    "the log was written anew somewhere from record %" PRIu64 " to %" PRIu64
		    ": its root at record %" PRIu64
		    " is not the timestamped one of record %" PRIu64,
		    w->v->newest.size + 1, t.size, t.size, r->seq);
	if (e == OK)
		e = audit_timestamp_check(w->scratch, &t, w->anchors, &verdict);
	if (e == ERR_NOMEM)
		return move_fault(w, e);
	if (e != OK)
		return audit_fault_make(w->s, fault, AUDIT_FAULT_TIMESTAMP, r->seq,
		    "the timestamp of record %" PRIu64 " is not good: %s", r->seq,
		    scope_fault_text(w->scratch));
	if (w->anchors && !verdict.is_trusted)
		return audit_fault_make(w->s, fault, AUDIT_FAULT_TIMESTAMP, r->seq,
		    "the timestamp of record %" PRIu64
		    " is not to be trusted: at its time no chain leads from %s to an anchor",
		    r->seq, verdict.authority);
	TRY(compare_times(w, r, &verdict));
	return note_good(w, r, &t, &verdict);
}

/* -- all records in their order -- */

static enum err tell_end(struct work *w)
{
	struct audit_verdict *v = w->v;
	const uint64_t seq = v->last.seq + 1;
	if (v->last.seq < w->head.seq)
		return audit_fault_make(w->s, &v->fault, AUDIT_FAULT_CUT, seq,
		    "the log was cut off at record %" PRIu64
		    ": the head tells of records up to %" PRIu64,
		    seq, w->head.seq);
	return audit_fault_make(w->s, &v->fault, AUDIT_FAULT_UNFINISHED, seq,
	    "record %" PRIu64 " is unfinished: a crash in mid-write, or a cut (the service, when "
	    "it starts, cuts it off and says so in the log)",
	    seq);
}

/* A last line without an end; or blocks that never reached the disk (audit_recovery.h). */
static bool is_at_end(const struct work *w)
{
	if (w->line.file != w->v->files.n - 1 || w->line.is_cut)
		return false;
	return !w->line.is_ended ||
	       (w->v->last.seq >= w->head.seq && memchr(w->line.text.p, 0, w->line.text.n));
}

/* The line is no good continuation. */
static enum err tell_line(struct work *w, const struct audit_frame *frame)
{
	struct audit_verdict *v = w->v;
	const struct audit_fault_place place = { .files = &v->files,
		.file = w->line.file,
		.line = w->line.number,
		.chain = v->last,
		.head = w->head,
		.frame = frame,
		.why = scope_fault_text(w->scratch) };
	if (!is_at_end(w))
		return audit_fault_find(w->s, &place, &v->fault);
	if (v->is_in_use && v->last.seq >= w->head.seq)
		return OK; /* it is being written */
	TRY(tell_end(w));
	return audit_fault_at(w->s, &v->fault, &v->files, w->line.file, w->line.number);
}

static enum err compare_with_former(struct work *w, const struct audit_record *r)
{
	char text[120];
	if (r->ms >= w->v->last_ms - INT64_C(1000) * LIMIT_AUDIT_CLOCK_S)
		return OK;
	snprintf(text, sizeof(text),
	    "record %" PRIu64 " is %" PRId64 " s older than the one before it", r->seq,
	    (w->v->last_ms - r->ms) / 1000);
	return warn(w, text);
}

static enum err check_record(struct work *w, const struct audit_record *r)
{
	struct audit_verdict *v = w->v;
	if (r->seq == 1)
		v->first_ms = v->last_ms = r->ms;
	TRY(compare_with_former(w, r));
	v->last_ms = r->ms;
	TRY(merkle_add(w->s, &w->tree, bytes_of(r->hash, AUDIT_RECORD_HASH)));
	if (audit_timestamp_is_one(r))
		TRY(check_stamp(w, r));
	TRY(compare_roots(w));
	if (v->fault.kind == AUDIT_FAULT_NONE && v->last.seq == w->head.seq &&
	    !audit_chain_equal(&v->last, &w->head))
		TRY(audit_fault_make(w->s, &v->fault, AUDIT_FAULT_HEAD, r->seq,
		    "record %" PRIu64 " is not the one that the head names", r->seq));
	if (v->fault.kind != AUDIT_FAULT_NONE)
		return audit_fault_at(w->s, &v->fault, &v->files, w->line.file, w->line.number);
	return OK;
}

/* *ret_more is false at the end of what can be told. */
static enum err check_line(struct work *w, bool *ret_more)
{
	struct audit_record record;
	enum err e = audit_record_parse(w->scratch, w->line.text, &record);
	if (e == OK && !w->line.is_ended)
		e = scope_fault(w->scratch, ERR_FORMAT, "its line has no end");
	if (e != OK && e != ERR_FORMAT && e != ERR_LIMIT)
		return move_fault(w, e);
	struct audit_frame frame = { .seq = e == OK ? record.seq : 0 };
	if (e == OK) {
		memcpy(frame.previous, record.previous, AUDIT_RECORD_HASH);
		memcpy(frame.hash, record.hash, AUDIT_RECORD_HASH);
	}
	if (e != OK || !audit_chain_fits(&w->v->last, &frame)) {
		*ret_more = false;
		return tell_line(w, e == OK ? &frame : NULL);
	}
	audit_chain_move(&w->v->last, &frame);
	TRY(check_record(w, &record));
	*ret_more = w->v->fault.kind == AUDIT_FAULT_NONE;
	return OK;
}

static enum err check_records(struct work *w)
{
	struct audit_reader *r;
	bool more;
	TRY(audit_reader_open(w->s, &w->v->files, 0, &r));
	do {
		TRY(next_line(w, r, &more));
		if (more)
			TRY(check_line(w, &more));
	} while (more);
	if (w->v->fault.kind == AUDIT_FAULT_NONE && w->v->last.seq < w->head.seq)
		TRY(tell_end(w));
	return merkle_root(w->s, &w->tree, &w->v->root);
}

/* -- the folder -- */

static bool is_locked(struct scope *s, const char *folder)
{
	char *path;
	if (folder_path(s, folder, "lock", &path) != OK)
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	const bool locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
	close(fd);
	return locked;
}

static enum err find_folder(struct scope *s, const char *folder, const char **ret_folder)
{
	struct audit_reader_files files;
	char *head, *inner;
	TRY(audit_reader_list(s, folder, &files));
	TRY(folder_path(s, folder, AUDIT_CHAIN_HEAD, &head));
	TRY(folder_path(s, folder, "log", &inner));
	if (files.n || access(head, F_OK) == 0)
		*ret_folder = folder;
	else if (folder_is_at(inner))
		*ret_folder = inner;
	else
		return scope_fault(s, ERR_FORMAT, "%s: holds no audit log", folder);
	return OK;
}

/* The head comes first, and the files are as long as they are now: what is written meanwhile is
 * left out, and the head tells of none of it. */
static enum err read_folder(struct work *w)
{
	struct audit_verdict *v = w->v;
	bool has_head = false;
	v->is_in_use = is_locked(w->s, v->folder);
	enum err e = audit_chain_read_head(w->s, v->folder, &has_head, &w->head);
	if (e != OK && e != ERR_FORMAT)
		return e;
	scope_forgive(w->s);
	TRY(audit_reader_list(w->s, v->folder, &v->files));
	v->head = w->head.seq;
	if (has_head)
		return OK;
	if (!v->files.n && e == OK)
		return scope_fault(w->s, ERR_FORMAT, "%s: holds no audit log", v->folder);
	return audit_fault_make(w->s, &v->fault, AUDIT_FAULT_HEAD, 0,
	    "the head of the log %s: its end may have been cut off",
	    e == OK ? "is missing" : "is none");
}

static enum err run(struct work *w)
{
	const char *folder = w->v->folder;
	struct audit_fault head = { 0 };
	TRY(find_folder(w->s, folder, &w->v->folder));
	TRY(read_folder(w));
	head = w->v->fault;
	w->v->fault = (struct audit_fault){ 0 };
	TRY(collect_stamps(w));
	TRY(check_records(w));
	/* A record that is wrong says more. */
	if (w->v->fault.kind == AUDIT_FAULT_NONE)
		w->v->fault = head;
	w->v->is_trusted = w->anchors && w->v->n_timestamps;
	return OK;
}

enum err audit_verify(struct scope *s, const char *folder, const struct anchors *anchors,
    struct audit_verdict *ret_verdict)
{
	struct audit_verdict *v = scope_alloc(s, sizeof(*v));
	struct work *w = scope_alloc(s, sizeof(*w));
	if (!v || !w)
		return ERR_NOMEM;
	v->folder = folder;
	*w = (struct work){ .s = s, .anchors = anchors, .v = v };
	enum err e = run(w);
	scope_free(w->scratch);
	TRY(e);
	*ret_verdict = *v;
	return OK;
}
