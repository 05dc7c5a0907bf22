/*
 * A request as routes see it: complete (its body has been read: small ones to memory, files to the
 * incoming folder while they are hashed), bounded, its path decoded and free of tricks.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_REQUEST_H
#define BULLA_SERVICE_FRONT_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/instant.h"

/* Bits: a route may be served on several. */
enum http_listener {
	HTTP_API = 1,
	HTTP_WINDOW = 2,
	HTTP_DESK = 4,
};

/* One part of a multipart/form-data body (RFC 7578), or one field of a form. */
struct http_part {
	const char *name;         /* UTF-8 */
	const char *file_name;    /* as the client tells it, a name only; NULL: no file */
	const char *content_type; /* "" when none was told */
	struct bytes value;       /* of what is no file; ends with a NUL that is not counted */
	/* Of a file: where it lies; removed after the request unless taken. NULL: it is in memory,
	 * open for reading at `fd` and not to be changed by anybody (routes that keep nothing). */
	const char *path;
	int fd;
	uint64_t size;
	uint8_t sha256[32];
};

struct front;
struct http_reply;
struct http_request;

/* Makes the page that tells a browser of a problem (service/front/problem.h). */
typedef enum err http_problem_page(struct front *f, struct scope *s, const struct http_request *q,
    int problem, const char *detail, struct http_reply *r);

struct http_request {
	enum http_listener listener;
	const char *method, *path;
	const char *pattern;      /* of the route */
	const char *parameter[4]; /* what stood for {names} in the route's pattern, in order */
	struct instant at;        /* when it came */
	const char *id;           /* correlation id, also in the reply's X-Request-Id */
	const char *address;      /* of the client, numeric */
	const char
	    *client_certificate; /* SHA-256 in hex of a certificate that TLS verified; NULL */
	bool is_tls;
	struct bytes body;            /* of JSON bodies; ends with a NUL that is not counted */
	const struct http_part *part; /* of multipart bodies and urlencoded forms, in their order */
	size_t n_parts;
	const struct http_request_values *values; /* headers, query and cookies; NULL: none */
	struct front *front;
	http_problem_page *problem_page; /* NULL: problems are told as JSON */
};

/* Name and value, as they came (header, cookie) or decoded (query). Ends with a NULL name. */
struct http_request_pair {
	const char *name, *value;
};
struct http_request_values {
	const struct http_request_pair *header, *query, *cookie; /* each may be NULL */
};

/* NULL when there is none. Names of headers count without case. */
const char *http_request_header(const struct http_request *q, const char *name);
const char *http_request_query(const struct http_request *q, const char *name);
const char *http_request_cookie(const struct http_request *q, const char *name);
/* The first part of that name that is no file, as text without NUL; NULL. */
const char *http_request_field(const struct http_request *q, const char *name);
/* Wipes the value of a part: it was a secret, and has been handed over. */
void http_request_wipe(const struct http_request *q, const char *name);

#endif
