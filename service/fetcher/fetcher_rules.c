#include "service/fetcher/fetcher_rules.h"

#include <string.h>
#include <strings.h>

#include "base/scope.h"

enum err fetcher_rules_targets(
    struct scope *s, const struct configuration *c, struct fetch_target_rules *ret_targets)
{
	struct fetch_target_rules targets = { .n = 0 };
	fetch_target_allow_loopback(&targets);
	for (size_t i = 0; i < c->n_allow_addresses; i++) {
		const char *range = c->allow_addresses[i];
		if (!strcmp(range, "none"))
			targets.n = 0;
		else if (!fetch_target_allow(&targets, range))
			return scope_fault(s, ERR_FORMAT,
			    "allowAddresses: \"%s\" is not a range like 10.1.0.0/16 or fd00::/8",
			    range);
	}
	*ret_targets = targets;
	return OK;
}

enum err fetcher_rules_may_fetch(
    struct scope *s, const struct configuration *c, const struct fetch_request *want)
{
	if (want->kind != FETCH_TIMESTAMP)
		return OK;
	for (size_t i = 0; i < c->n_tsa; i++)
		if (!strcmp(c->tsa[i], want->url))
			return OK;
	return scope_fault(
	    s, ERR_DENIED, "%s: not asked: no configured timestamp authority", want->url);
}

enum err fetcher_rules_webhook(struct scope *s, const struct configuration *c, const char *portal,
    const char **ret_url, bool *ret_loopback_only)
{
	const struct configuration_portal *p = configuration_find_portal(c, portal);
	if (!p || !p->webhook_url)
		return scope_fault(
		    s, ERR_DENIED, "portal %s: no URL for its webhooks is configured", portal);
	const bool is_http = strncasecmp(p->webhook_url, "http://", 7) == 0;
	if (!is_http && strncasecmp(p->webhook_url, "https://", 8) != 0)
		return scope_fault(s, ERR_DENIED,
		    "portal %s: its webhooks' URL is neither https nor http", portal);
	*ret_loopback_only = is_http;
	*ret_url = p->webhook_url;
	return OK;
}
