/*
 * Jobs for the workers: one is taken from the pool of links, does one job, is given back.
 */
#ifndef BULLA_SERVICE_FRONT_WORKER_POOL_H
#define BULLA_SERVICE_FRONT_WORKER_POOL_H

#include <stdint.h>

#include "service/front/link_pool.h"

struct worker_pool_job {
	uint32_t kind;        /* service/worker/worker_protocol.h */
	struct bytes content; /* of the request: a message */
	int fd[LINK_FDS];     /* stay the caller's */
	size_t n_fds;
	int wait_ms;     /* for a free worker */
	int work_ms;     /* for the job; after that the worker is left to be replaced: its link is
			    closed, which ends it */
	size_t most;     /* octets of the answer */
	bool is_picky;   /* any worker but `not_by` */
	unsigned not_by; /* link_peer of its link */
	unsigned worker; /* set: which one did it */
};

/* Runs a job; the last frame's content is copied into the scope. What the worker says is an error
 * is returned as that. ERR_NET with "no worker is free": none within wait_ms (503); ERR_LIMIT: it
 * overran; ERR_INTERNAL: "the document's process ended" (a crash). A job is never run again by
 * itself. */
must_check enum err worker_pool_run(struct scope *s, struct link_pool *workers,
    struct worker_pool_job *job, struct bytes *ret_answer);

#endif
