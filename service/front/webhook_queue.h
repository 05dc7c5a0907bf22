/*
 * The threads that send what is due in the queue of webhooks (service/front/webhook_delivery.h).
 *
 * Messages about one sealing or filing go out in their order: a later one waits until the one
 * before was delivered or given up. Portals have their turns: LIMIT_WEBHOOK_TURN messages, then
 * others; one that gives no answer is left alone for LIMIT_WEBHOOK_REST_S, so that it cannot hold
 * up the others.
 */
#ifndef BULLA_SERVICE_FRONT_WEBHOOK_QUEUE_H
#define BULLA_SERVICE_FRONT_WEBHOOK_QUEUE_H

#include "service/front/front.h"

struct webhook_queue;

/* Starts the threads. Needs the front's store, configuration and fetcher. */
must_check enum err webhook_queue_start(
    struct front *f, struct scope *s, struct webhook_queue **ret_queue);
/* Something was added. Without it the queue is looked at every LIMIT_WEBHOOK_POLL_MS. NULL is fine.
 */
void webhook_queue_wake(struct webhook_queue *q);
/* Ends the threads; what is being sent is broken off, and sent again by the next process. Before
 * the store is closed. NULL is fine. */
void webhook_queue_stop(struct webhook_queue *q);

#endif
