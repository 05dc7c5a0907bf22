/*
 * Requests that wait for a request thread, and these threads. The queue has a fixed length; what
 * does not fit is refused at once.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_QUEUE_H
#define BULLA_SERVICE_FRONT_HTTP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct http_queue;
struct metrics;

/* `work` is called in a request thread for each job; `refuse` instead of it for those that still
 * wait when the queue ends. NULL: no memory, no threads. */
struct http_queue *http_queue_new(unsigned threads, unsigned most, struct metrics *metrics,
    void (*work)(void *job), void (*refuse)(void *job));
/* False: full, or it ends. */
bool http_queue_put(struct http_queue *q, void *job);
/* Takes nothing more, refuses what waits, lets threads finish what they are at. */
void http_queue_end(struct http_queue *q);
/* After http_queue_end. NULL is fine. */
void http_queue_free(struct http_queue *q);
size_t http_queue_waiting(struct http_queue *q);
size_t http_queue_working(struct http_queue *q);

#endif
