#include "service/fetch_options.h"

#include <string.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"

struct fetch_options fetch_options_default(void)
{
	struct fetch_options o = { .cache = NULL };
	fetch_target_allow_loopback(&o.curl.targets);
	return o;
}

int fetch_options_take(struct fetch_options *o, const char *verb, int option, const char *value)
{
	switch (option) {
	case FETCH_OPTIONS_TIMEOUT:
		if (!options_milliseconds(value, &o->curl.total_ms))
			return diagnostic_usage(
			    "%s: --timeout %s: not between 0.001 and 3600 seconds", verb, value);
		break;
	case FETCH_OPTIONS_ALLOW_ADDRESS:
		if (!strcmp(value, "none"))
			o->curl.targets.n = 0;
		else if (!fetch_target_allow(&o->curl.targets, value))
			return diagnostic_usage(
			    "%s: --allow-address %s: not a range like 10.1.0.0/16 or fd00::/8",
			    verb, value);
		break;
	case FETCH_OPTIONS_CACHE:
		if (!*value)
			return diagnostic_usage("%s: --cache: a folder is wanted", verb);
		o->cache = value;
		break;
	default:
		return EXIT_STATUS_INTERNAL;
	}
	return EXIT_STATUS_DONE;
}

enum err fetch_options_world(struct scope *s, const struct fetch_options *o, struct instant at,
    struct world_system **ret_world)
{
	struct world_system *w;
	TRY(world_system_new(s, &o->curl, &w));
	if (o->cache)
		TRY(world_system_keep(s, w, o->cache, at));
	*ret_world = w;
	return OK;
}
