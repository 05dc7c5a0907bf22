/*
 * POST /v1/sealings: from a portal's request to a sealing that awaits its officer, or is sealed at
 * once. Each document is looked at by a worker first; nothing that cannot be sealed is taken.
 *
 * A request with an Idempotency-Key that was seen before changes nothing: the same request (what
 * is asked, and every document's octets) gets the same answer with 200 and Idempotent-Replayed;
 * another one is refused. Two at the same time make one sealing.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_INTAKE_H
#define BULLA_SERVICE_FRONT_SEALING_INTAKE_H

#include "service/front/front.h"

/* A route's handler. */
must_check enum err sealing_intake_handle(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r);

/* Whether the text can be an Idempotency-Key: 1 to 200 printable ASCII characters. */
bool sealing_intake_is_key(const char *text);
/* Prefer: wait=N (RFC 7240); 0: not said. */
unsigned sealing_intake_wait(const struct http_request *q);

#endif
