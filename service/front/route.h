/*
 * Which function answers which request. Handlers run in request threads and may block (on the
 * store, the log, a worker): service/front/http_server.h has a bounded number of them.
 */
#ifndef BULLA_SERVICE_FRONT_ROUTE_H
#define BULLA_SERVICE_FRONT_ROUTE_H

#include "service/front/http_reply.h"
#include "service/front/http_request.h"

struct front;

enum route_body {
	ROUTE_NO_BODY,
	ROUTE_JSON,      /* application/json, whole in memory, at most LIMIT_HTTP_JSON */
	ROUTE_FORM,      /* application/x-www-form-urlencoded, at most LIMIT_HTTP_FORM */
	ROUTE_MULTIPART, /* multipart/form-data; files to disk */
};

struct route {
	unsigned listeners;  /* of enum http_listener */
	const char *method;  /* GET serves HEAD too */
	const char *pattern; /* "/v1/sealings/{id}/documents/{n}" */
	enum route_body body;
	bool secret; /* the body holds a secret: its memory is wiped as it is read and after use */
	bool any_host; /* answered whatever the Host header says: for probes */
	/* Before the body is read: whether this client may send one. Sets r->status to refuse, and
	 * leaves it 0 to go on. NULL: anybody. */
	enum err (*check)(
	    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r);
	/* An error becomes a problem reply: ERR_FORMAT 400, ERR_LIMIT 413, ERR_DENIED 403,
	 * ERR_NET 502, ERR_UNSUPPORTED 422, ERR_MISUSE 409, ERR_IO and others 500 (whose text is
	 * logged and not told). */
	enum err (*handle)(
	    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r);
};

/* Each area exports its table: ROUTES ends with a NULL method. */

#endif
