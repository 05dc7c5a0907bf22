/*
 * The body of a request while it comes: JSON and forms into memory, files of multipart bodies into
 * the incoming folder while they are hashed. Bounded, each body and all of them together.
 *
 * A multipart part with a file name is a file, whatever its type; one without is a field.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_BODY_H
#define BULLA_SERVICE_FRONT_HTTP_BODY_H

#include <stdatomic.h>

#include "service/front/http_request.h"
#include "service/front/route.h"

struct http_body;

struct http_body_rules {
	const char *incoming; /* folder */
	uint64_t file_most;   /* octets of one file */
	uint64_t most;        /* octets of a multipart body */
	/* Octets of all bodies in memory, at most LIMIT_HTTP_BODIES. */
	atomic_size_t *in_memory;
	struct metrics *metrics;
};

#define HTTP_BODY_LENGTH_UNKNOWN UINT64_MAX

/* How many octets a body for this route may have. */
uint64_t http_body_most(const struct http_body_rules *rules, const struct route *r);
/* `id` names its files. `content_type` may be NULL. ERR_UNSUPPORTED: not of the type that the route
 * takes; ERR_FORMAT; ERR_LIMIT: too long; ERR_NET: no memory for it at present. In the scope, but
 * must be ended by http_body_end before it. */
must_check enum err http_body_new(struct scope *s, const struct http_body_rules *rules,
    const struct route *r, const char *id, const char *content_type, uint64_t length,
    struct http_body **ret_body);
/* Errors as above, and ERR_IO: a file cannot be written (the disk is full). */
must_check enum err http_body_feed(struct scope *s, struct http_body *b, struct bytes piece);
/* It is complete: fills in what the request has of it. What is told is borrowed from the body. */
must_check enum err http_body_finish(struct scope *s, struct http_body *b, struct http_request *q);
uint64_t http_body_octets(const struct http_body *b);
/* After the route: removes files that were not taken and wipes the body if it is secret. What the
 * reply borrows of another body stays. NULL is fine. */
void http_body_settle(struct http_body *b);
/* The same, and gives memory back. NULL is fine. */
void http_body_end(struct http_body *b);

#endif
