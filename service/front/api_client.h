/*
 * Who calls the API: a portal of the configuration, known by the client certificate that TLS
 * verified, or by `Authorization: Bearer KEY` of which the configuration has the SHA-256 only
 * (compared without telling by time how far it matched). A request with both must mean one portal.
 */
#ifndef BULLA_SERVICE_FRONT_API_CLIENT_H
#define BULLA_SERVICE_FRONT_API_CLIENT_H

#include "service/front/front.h"

/* For route.check, before the body: a portal that is known, and within its rate. Sets the reply to
 * 401 (with WWW-Authenticate) or 429 (with Retry-After) otherwise. */
enum err api_client_check(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r);

/* In a handler, after the check: who it is. *ret_portal NULL: the reply is complete. */
must_check enum err api_client_find(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct configuration_portal **ret_portal);

/* The portal that a request proves to come from, or NULL. Pure but for the scope. */
must_check enum err api_client_portal(struct scope *s, const struct configuration *c,
    const struct http_request *q, const struct configuration_portal **ret_portal);

#endif
