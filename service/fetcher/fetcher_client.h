/*
 * The front's side of a link to the fetcher. Timestamps: service/fetcher/fetcher_world.h.
 *
 * A link on which ERR_IO, or a reply out of order, came is broken (link_is_broken): it is given
 * back to its pool, which drops it.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_CLIENT_H
#define BULLA_SERVICE_FETCHER_FETCHER_CLIENT_H

#include "service/fetcher/fetcher_protocol.h"
#include "service/fetcher/fetcher_status.h"

/* Sends it once, to the URL that the configuration has for the portal. Any HTTP status is OK, and
 * what the portal answers beside it is not read. ERR_NET: no answer; ERR_DENIED: no URL for it, or
 * one that is not allowed; ERR_IO: no fetcher. */
must_check enum err fetcher_client_webhook(
    struct scope *s, struct link *link, const struct fetcher_webhook *hook, int *ret_status);
must_check enum err fetcher_client_status(
    struct scope *s, struct link *link, struct fetcher_status *ret_status);

#endif
