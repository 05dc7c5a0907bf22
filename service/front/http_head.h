/*
 * What the head of a request must be like before anything else is looked at: its framing can be
 * understood in one way only (RFC 9112 6.3), headers that may come once came once, its host is
 * ours, its path means one thing. Then the request as routes see it, and the route.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_HEAD_H
#define BULLA_SERVICE_FRONT_HTTP_HEAD_H

#include "service/front/http_own.h"

/* Fills in x->q, x->route, x->has_body, x->length. OK with *ret_problem set: the request is refused
 * as that, with the fault's text. PROBLEM_COUNT: it may go on; x->r.status is set when it is
 * answered already (OPTIONS). */
must_check enum err http_head_read(struct http_own_exchange *x, const char *method,
    const char *version, enum problem *ret_problem);
/* "host" or "host:port" of a URL, without the port that its scheme has anyway; in the scope. */
must_check enum err http_head_authority(
    struct scope *s, const char *url, const char **ret_authority);

#endif
