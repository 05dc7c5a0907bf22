/*
 * One line of JSON for each request that was answered:
 *
 *	{"time":"2026-11-22T10:00:00Z","id":"...","listener":"api","method":"POST",
 *	 "route":"/v1/sealings","status":201,"ms":12,"in":1024,"out":90,"address":"192.0.2.1"}
 *
 * The route's pattern stands for the path: paths and queries hold identifiers and are never
 *written, nor are headers, cookies and bodies. Whoever logs does not wait for the disk: lines go
 *through a queue of LIMIT_LOG_QUEUE octets to a thread of its own; what finds no room is counted
 *and lost.
 */
#ifndef BULLA_SERVICE_FRONT_REQUEST_LOG_H
#define BULLA_SERVICE_FRONT_REQUEST_LOG_H

#include <stdint.h>

#include "base/instant.h"

struct request_log;
struct metrics;

struct request_log_line {
	struct instant at;
	const char *id, *listener, *method, *route, *address;
	int status; /* 0: the client went away before the reply */
	int64_t took_us;
	uint64_t in, out;  /* octets of the bodies */
	const char *fault; /* of the service, for PROBLEM_INTERNAL; NULL */
};

/* `fd` stays the caller's. NULL: no memory, no thread. */
struct request_log *request_log_new(int fd, struct metrics *metrics);
/* Writes what waits, then ends. NULL is fine. */
void request_log_free(struct request_log *l);
void request_log_add(struct request_log *l, const struct request_log_line *line);

#endif
