/*
 * Work on a hostile document in a process of its own, under limits: memory, computing time, time by
 * the clock, open files, no file written, no core, no network, no further process
 * (service/sandbox.h). The process is a fork: it sees what its parent had in memory, so begin
 * before a key is opened. What it finds comes back through a pipe in frames whose lengths both
 * sides check. Whatever happens in there (a crash, a loop, no more memory, a forbidden call), the
 * parent gets one error with its cause.
 *
 * What the frames hold is as hostile as the document: the taker checks it.
 */
#ifndef BULLA_SERVICE_LIMITED_PROCESS_H
#define BULLA_SERVICE_LIMITED_PROCESS_H

#include <stdint.h>

#include "base/bytes.h"

/* The way back, in the child. */
struct limited_process_pipe;

/* How much the child may take; 0: as base/limits.h says. */
struct limited_process_limits {
	size_t memory; /* octets of address space beyond what it began with */
	unsigned cpu_s, wall_ms;
	size_t frame, total; /* octets of one frame; of all */
};

struct limited_process {
	const char *what; /* for faults: "x.pdf: its pages" */
	struct limited_process_limits limits;
	/* In the child, before it is locked in: libraries load their fonts and tables. The document
	 * must not be touched yet. Names what stays readable, in the scope. NULL: nothing. */
	enum err (*prepare)(
	    struct scope *s, void *ctx, const char *const **ret_readable, size_t *ret_n);
	/* In the child, locked in. Its error and the text of its fault become the parent's. */
	enum err (*work)(struct scope *s, void *ctx, struct limited_process_pipe *pipe);
	/* In the parent, frame by frame as they come; the content is borrowed. An error ends the
	 * child and is the result. NULL: no frame is expected. */
	enum err (*take)(struct scope *s, void *ctx, uint32_t kind, struct bytes content);
	void *ctx; /* the child has a copy of all that it leads to */
};

/* In the child: a frame for the parent. ERR_LIMIT: larger than a frame may be; ERR_IO: the parent
 * is gone. Kinds are the caller's, below LIMITED_PROCESS_KINDS. */
#define LIMITED_PROCESS_KINDS 0x10000u
must_check enum err limited_process_send(
    struct scope *s, struct limited_process_pipe *pipe, uint32_t kind, struct bytes content);

/* For a process that is confined and limited already, and may make no other one: from now on
 * limited_process_run works in the process itself. Nothing is prepared; memory and computing time
 * are the process's own, and a crash is its end; wall_ms is looked at whenever a frame is sent.
 * Once, before there are threads. */
void limited_process_stay(void);

/* Runs it to its end. What `work` or `take` said; ERR_LIMIT: too long, too much memory, too much
 * to say; ERR_FORMAT: it crashed or spoke out of turn; ERR_UNSUPPORTED: no sandbox here;
 * ERR_INTERNAL: no process could be made. */
must_check enum err limited_process_run(struct scope *s, const struct limited_process *p);

#endif
