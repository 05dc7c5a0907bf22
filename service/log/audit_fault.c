#include "service/log/audit_fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/scope.h"

static const char *const names[AUDIT_FAULT_KINDS] = {
	[AUDIT_FAULT_NONE] = "none",
	[AUDIT_FAULT_ALTERED] = "altered",
	[AUDIT_FAULT_MISSING] = "missing",
	[AUDIT_FAULT_REORDERED] = "reordered",
	[AUDIT_FAULT_DUPLICATED] = "duplicated",
	[AUDIT_FAULT_INSERTED] = "inserted",
	[AUDIT_FAULT_CUT] = "cut",
	[AUDIT_FAULT_UNFINISHED] = "unfinished",
	[AUDIT_FAULT_REWRITTEN] = "rewritten",
	[AUDIT_FAULT_TIMESTAMP] = "timestamp",
	[AUDIT_FAULT_HEAD] = "head",
};

const char *audit_fault_name(enum audit_fault_kind kind)
{
	return names[kind];
}

enum err audit_fault_make(struct scope *s, struct audit_fault *ret_fault,
    enum audit_fault_kind kind, uint64_t record, const char *fmt, ...)
{
	char text[LIMIT_FAULT_TEXT], *copy;
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	TRY(bytes_to_str(s, bytes_of_str(text), &copy));
	*ret_fault = (struct audit_fault){ .kind = kind, .record = record, .text = copy };
	return OK;
}

enum err audit_fault_at(struct scope *s, struct audit_fault *fault,
    const struct audit_reader_files *files, size_t file, uint64_t line)
{
	char name[AUDIT_READER_NAME], *copy;
	audit_reader_name(files->file[file].number, name);
	TRY(bytes_to_str(s, bytes_of_str(name), &copy));
	fault->file = copy;
	fault->line = line;
	return OK;
}

/* -- what else there is in the log -- */

struct spot {
	bool is_there;
	size_t file;
	uint64_t line;
};

struct search {
	struct scope *s;
	const struct audit_fault_place *place;
	bool is_next, has_next; /* the line behind the place: comes now; is a record */
	struct audit_frame next;
	struct spot same, twin; /* the record of the place again; another with its number */
	struct spot wanted;     /* the record that should stand at the place */
};

static void note(struct spot *spot, const struct audit_line *line)
{
	if (!spot->is_there)
		*spot = (struct spot){ true, line->file, line->number };
}

static void look_at(
    struct search *q, const struct audit_line *line, const struct audit_frame *frame)
{
	const struct audit_fault_place *p = q->place;
	if (q->is_next) {
		q->next = *frame;
		q->has_next = true;
	}
	if (audit_chain_fits(&p->chain, frame))
		note(&q->wanted, line);
	if (!p->frame || frame->seq != p->frame->seq)
		return;
	if (!memcmp(frame->hash, p->frame->hash, AUDIT_RECORD_HASH))
		note(&q->same, line);
	else
		note(&q->twin, line);
}

static enum err read_log(struct search *q)
{
	struct audit_reader *r;
	struct audit_line line;
	struct audit_frame frame;
	bool more;
	TRY(audit_reader_open(q->s, q->place->files, 0, &r));
	for (;;) {
		TRY(audit_reader_next(q->s, r, &more, &line));
		if (!more)
			return OK;
		const bool is_it = line.file == q->place->file && line.number == q->place->line;
		enum err e = is_it ? ERR_FORMAT : audit_record_frame(q->s, line.text, &frame);
		if (e == OK)
			look_at(q, &line, &frame);
		else if (e != ERR_FORMAT)
			return e;
		scope_forgive(q->s);
		q->is_next = is_it;
	}
}

/* -- telling -- */

static enum err tell_no_record(
    struct scope *s, const struct search *q, struct audit_fault *ret_fault)
{
	const uint64_t seq = q->place->chain.seq + 1;
	if (q->has_next && audit_chain_fits(&q->place->chain, &q->next))
		return audit_fault_make(s, ret_fault, AUDIT_FAULT_INSERTED, seq,
		    "a line that is no record was inserted before record %" PRIu64, seq);
	return audit_fault_make(s, ret_fault, AUDIT_FAULT_ALTERED, seq,
	    "record %" PRIu64 " was altered: %s", seq, q->place->why);
}

/* The number is right, what it is chained to is not: one of the two was made anew, and what the
 * next one or the head names is not it. */
static enum err tell_replaced(
    struct scope *s, const struct search *q, struct audit_fault *ret_fault)
{
	const struct audit_frame *frame = q->place->frame;
	const bool head_agrees = q->place->head.seq == frame->seq &&
				 !memcmp(q->place->head.hash, frame->hash, AUDIT_RECORD_HASH);
	const bool next_agrees = q->has_next && q->next.seq == frame->seq + 1 &&
				 !memcmp(q->next.previous, frame->hash, AUDIT_RECORD_HASH);
	if ((next_agrees || head_agrees) && frame->seq > 1)
		return audit_fault_make(s, ret_fault, AUDIT_FAULT_ALTERED, frame->seq - 1,
		    "record %" PRIu64 " was altered and given a new hash: record %" PRIu64
		    " names another",
		    frame->seq - 1, frame->seq);
	return audit_fault_make(s, ret_fault, AUDIT_FAULT_ALTERED, frame->seq,
	    "record %" PRIu64 " was altered and given a new hash: it does not name that of the "
	    "record before it",
	    frame->seq);
}

static enum err tell_out_of_place(
    struct scope *s, const struct search *q, struct audit_fault *ret_fault)
{
	const uint64_t want = q->place->chain.seq + 1, have = q->place->frame->seq;
	char name[AUDIT_READER_NAME];
	if (q->same.is_there)
		return audit_fault_make(s, ret_fault, AUDIT_FAULT_DUPLICATED, have,
		    "record %" PRIu64 " stands there twice", have);
	if (q->twin.is_there)
		return audit_fault_make(s, ret_fault, AUDIT_FAULT_INSERTED, have,
		    "there are two different records with the number %" PRIu64 ": one was inserted",
		    have);
	if (q->wanted.is_there) {
		audit_reader_name(q->place->files->file[q->wanted.file].number, name);
		return audit_fault_make(s, ret_fault, AUDIT_FAULT_REORDERED, want,
		    "record %" PRIu64 " does not stand in its place, where record %" PRIu64
		    " is, but in %s, line %" PRIu64,
		    want, have, name, q->wanted.line);
	}
	if (have == want + 1)
		return audit_fault_make(
		    s, ret_fault, AUDIT_FAULT_MISSING, want, "record %" PRIu64 " is missing", want);
	return audit_fault_make(s, ret_fault, AUDIT_FAULT_MISSING, want,
	    "records %" PRIu64 " to %" PRIu64 " are missing", want, have - 1);
}

enum err audit_fault_find(
    struct scope *s, const struct audit_fault_place *place, struct audit_fault *ret_fault)
{
	struct search q = { .s = scope_new(0), .place = place };
	if (!q.s)
		return scope_fault(s, ERR_NOMEM, "audit log: out of memory");
	enum err e = read_log(&q);
	if (e != OK)
		e = scope_fault(s, e, "%s", scope_fault_text(q.s));
	scope_free(q.s);
	TRY(e);
	if (!place->frame)
		TRY(tell_no_record(s, &q, ret_fault));
	else if (place->frame->seq == place->chain.seq + 1)
		TRY(tell_replaced(s, &q, ret_fault));
	else
		TRY(tell_out_of_place(s, &q, ret_fault));
	return audit_fault_at(s, ret_fault, place->files, place->file, place->line);
}
