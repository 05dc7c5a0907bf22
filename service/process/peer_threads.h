/*
 * A process that serves its peers: a thread for each link that the steward hands over, until the
 * link ends. For the keeper and the fetcher.
 */
#ifndef BULLA_SERVICE_PROCESS_PEER_THREADS_H
#define BULLA_SERVICE_PROCESS_PEER_THREADS_H

#include "service/process/role.h"

struct peer_threads {
	void *ctx;
	/* In a thread of its own: answers requests until link_receive fails, then returns. The
	 * link is freed by the caller. */
	void (*serve)(void *ctx, struct link *link, enum role peer, unsigned index);
	/* NULL, or called about every second by the thread that listens to the steward. */
	void (*tick)(void *ctx);
};

/* Sends CONTROL_READY, serves until CONTROL_STOP or the end of the control link; then lets threads
 * finish the request they are at, for at most LIMIT_PEER_STOP_MS. An exit status. */
int peer_threads_run(struct scope *s, struct link *control, const struct peer_threads *p);

#endif
