/*
 * Problem replies (RFC 9457): application/problem+json with a stable code.
 *
 *	{ "type": "urn:bulla:problem:CODE", "code": "...", "title": "...", "status": 409,
 *	  "detail": "...", "instance": "urn:bulla:request:ID" }
 *
 * Codes and titles are in service/front/problems.def: X(CODE, status, "title"). On the window and
 * the desk a browser gets a page instead (Accept: text/html): http_server_config.problem_page.
 */
#ifndef BULLA_SERVICE_FRONT_PROBLEM_H
#define BULLA_SERVICE_FRONT_PROBLEM_H

#include "service/front/http_reply.h"
#include "service/front/http_request.h"

enum problem {
#define X(constant, code, status, title) constant,
#include "service/front/problems.def"
#undef X
	PROBLEM_COUNT
};

const char *problem_code(enum problem p);
int problem_status(enum problem p);
const char *problem_title(enum problem p);
/* Fills the reply; `detail` may be NULL. Returns OK or ERR_NOMEM. */
must_check enum err problem_reply(struct scope *s, const struct http_request *q, enum problem p,
    const char *detail, struct http_reply *r);

/* What an error of a route is told as. Whether its text may be told too: all but those of
 * PROBLEM_INTERNAL. */
enum problem problem_of_err(enum err e);

#endif
