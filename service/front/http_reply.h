/*
 * A reply that a route fills in. Headers of safety (CSP, HSTS, nosniff, frame-ancestors, referrer,
 * Cache-Control: no-store) are added to every reply by service/front/http_server.c.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_REPLY_H
#define BULLA_SERVICE_FRONT_HTTP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define HTTP_REPLY_HEADERS 16

struct http_reply {
	struct scope *s; /* of the request */
	int status;
	const char *content_type;
	struct bytes body; /* in the scope */
	int file;          /* a descriptor that is sent instead, then closed; -1: none */
	uint64_t file_size;
	struct http_reply_header {
		const char *name, *value;
	} header[HTTP_REPLY_HEADERS];
	size_t n_headers;
	bool may_cache;             /* a style, a script: for a day */
	const char *content_policy; /* instead of the usual CSP; NULL */
	bool is_broken; /* a header did not fit or was none: told as a fault of the service */
};

/* The empty reply, of status 0. */
void http_reply_begin(struct http_reply *r, struct scope *s);
/* Ends a reply that is not sent: closes its file. */
void http_reply_drop(struct http_reply *r);
void http_reply_body(struct http_reply *r, int status, const char *content_type, struct bytes body);
/* Both are borrowed until the reply is sent: literals, or in the scope. */
void http_reply_add(struct http_reply *r, const char *name, const char *value);
/* 303 See Other to a path of this listener, or a URL that the caller has checked. */
void http_reply_redirect(struct http_reply *r, const char *to);
/* Opens the file; ERR_IO. `download_name`: Content-Disposition: attachment; NULL: shown. */
must_check enum err http_reply_file(
    struct http_reply *r, const char *path, const char *content_type, const char *download_name);
/* Secure HttpOnly SameSite=Strict, "__Host-" put before the name, Path=/; a NULL value ends it. */
void http_reply_cookie(struct http_reply *r, const char *name, const char *value);

#endif
