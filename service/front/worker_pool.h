/*
 * The workers, lent to request threads one job at a time.
 */
#ifndef BULLA_SERVICE_FRONT_WORKER_POOL_H
#define BULLA_SERVICE_FRONT_WORKER_POOL_H

#include <stdint.h>

#include "service/process/link.h"

struct worker_pool;

struct worker_pool *worker_pool_new(void);
void worker_pool_free(struct worker_pool *p);
void worker_pool_add(struct worker_pool *p, struct link *l);
size_t worker_pool_count(struct worker_pool *p);
size_t worker_pool_waiting(struct worker_pool *p);

struct worker_pool_job {
	uint32_t kind;        /* service/worker/worker_protocol.h */
	struct bytes content; /* of the request: a message */
	int fd[LINK_FDS];     /* stay the caller's */
	size_t n_fds;
	int wait_ms; /* for a free worker */
	int work_ms; /* for the job; after that the worker is left to be replaced: its link is
			closed, which ends it */
	size_t most; /* octets of one reply frame */
	/* For each frame but the last, borrowed. NULL: none is expected. */
	enum err (*take)(struct scope *s, void *ctx, const struct link_frame *frame);
	void *ctx;
};

/* Runs a job; the last frame's content is copied into the scope. What the worker says is an error
 * is returned as that. ERR_NET with "no worker is free": none within wait_ms (503); ERR_LIMIT: it
 * overran; ERR_INTERNAL: "the document's process ended" (a crash). A job is never run again by
 * itself. */
must_check enum err worker_pool_run(struct scope *s, struct worker_pool *p,
    const struct worker_pool_job *job, struct bytes *ret_answer);

#endif
