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
	/* The body holds a secret: its memory is wiped as it is read, and again when `handle` has
	 * returned, so that nothing of the reply may lie in it. */
	bool secret;
	/* Nothing of a multipart body is kept: files of a small one (LIMIT_HTTP_TRANSIENT) never
	 * touch the disk. */
	bool transient;
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

/* -- finding them, for the server -- */

#define ROUTE_PARAMETERS 4

struct route_match {
	const struct route *route; /* NULL: none */
	const char *parameter[ROUTE_PARAMETERS];
	unsigned methods; /* bits of what the path could be asked with (enum route_method) */
};

enum route_method {
	ROUTE_GET = 1,
	ROUTE_POST = 2,
	ROUTE_PUT = 4,
	ROUTE_PATCH = 8,
	ROUTE_DELETE = 16,
};

/* The path of a request target as it came ("/a%20b?query"; the absolute form is refused), decoded.
 * ERR_FORMAT for what could mean two things: empty segments but the last, "." and "..", encoded
 * slashes and NUL, backslashes, control characters, what is no UTF-8; ERR_LIMIT. `ret_query` is
 * not decoded, empty when there is none; borrowed. */
must_check enum err route_split_target(
    struct scope *s, const char *target, const char **ret_path, struct bytes *ret_query);
/* The route for a path. Where several patterns fit, the one whose first different segment is no
 * parameter. A route is found whatever the method when none fits: `route` is NULL then, and
 * `methods` not 0. */
must_check enum err route_find(struct scope *s, const struct route *const *tables, size_t n_tables,
    enum http_listener listener, const char *method, const char *path,
    struct route_match *ret_match);
/* "GET, HEAD, OPTIONS" */
must_check enum err route_allow(struct scope *s, unsigned methods, const char **ret_allow);
/* ERR_MISUSE: a pattern or a method that is none, or two routes for one thing. */
must_check enum err route_check_tables(
    struct scope *s, const struct route *const *tables, size_t n_tables);

#endif
