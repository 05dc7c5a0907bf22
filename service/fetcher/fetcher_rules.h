/*
 * What the configuration lets the fetcher ask: timestamps of the configured authorities only, each
 * by its URL as it stands there; messages to a portal at its configured URL only; all else at
 * public addresses and those allowed (service/fetch_target.h).
 *
 * Does not resolve names: addresses are judged at the moment of connecting.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_RULES_H
#define BULLA_SERVICE_FETCHER_FETCHER_RULES_H

#include "base/world.h"
#include "service/configuration.h"
#include "service/fetch_target.h"

/* Public addresses, the loopback unless "none" is among the allowed, and what is. ERR_FORMAT: one
 * that is no range. */
must_check enum err fetcher_rules_targets(
    struct scope *s, const struct configuration *c, struct fetch_target_rules *ret_targets);
/* ERR_DENIED: "URL: why". */
must_check enum err fetcher_rules_may_fetch(
    struct scope *s, const struct configuration *c, const struct fetch_request *want);
/* Where a portal's messages go: https anywhere, or http and then only on the own machine.
 * ERR_DENIED: no such portal, or nothing configured for it. */
must_check enum err fetcher_rules_webhook(struct scope *s, const struct configuration *c,
    const char *portal, const char **ret_url, bool *ret_loopback_only);

#endif
