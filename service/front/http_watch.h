/*
 * Which connections are open, and until when what they wait for must have come. libmicrohttpd ends
 * a connection that is silent; this ends one that trickles (a head, a body or the taking of a reply
 * that would never end), and the one that was without a request for longest when there are too
 * many.
 *
 * A connection is ended by shutting its socket down; its I/O thread then notices and cleans up.
 * Safe to use from several threads.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_WATCH_H
#define BULLA_SERVICE_FRONT_HTTP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct http_watch;
struct metrics;

/* One connection; zeroed at first, then only http_watch_* touch the first part of it. */
struct http_watched {
	struct http_watched *previous, *next;           /* of all */
	struct http_watched *idle_previous, *idle_next; /* in the order in which they fell idle */
	int64_t until_ms;                               /* 0: for ever */
	int fd;
	bool is_idle, is_ended;
	char address[64];     /* numeric */
	char rate_key[64];    /* the address, of IPv6 its network of 64 bits */
	char certificate[65]; /* "" when none was verified */
	bool certificate_known;
};

/* NULL: no memory, no thread. */
struct http_watch *http_watch_new(unsigned most, struct metrics *metrics);
void http_watch_free(struct http_watch *w);
/* A new connection waits for a head. */
void http_watch_add(struct http_watch *w, struct http_watched *c, int fd, int64_t until_ms);
void http_watch_remove(struct http_watch *w, struct http_watched *c);
/* `idle`: it waits for a head; else for a body, or for its client to take a reply. */
void http_watch_until(struct http_watch *w, struct http_watched *c, int64_t until_ms, bool idle);
/* Ends all that wait for a head: the server stops. */
void http_watch_end_idle(struct http_watch *w);
/* Milliseconds of a clock that only goes forward. */
int64_t http_watch_now_ms(void);
int64_t http_watch_now_us(void);

#endif
