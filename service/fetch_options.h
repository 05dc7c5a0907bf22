/*
 * The options about fetching that seal, extend, validate and certificate share: --timeout,
 * --allow-address, --cache.
 */
#ifndef BULLA_SERVICE_FETCH_OPTIONS_H
#define BULLA_SERVICE_FETCH_OPTIONS_H

#include "service/options.h"
#include "service/world_system.h"

enum {
	FETCH_OPTIONS_TIMEOUT = OPTIONS_LONG + 1000, /* above the commands' own */
	FETCH_OPTIONS_ALLOW_ADDRESS,
	FETCH_OPTIONS_CACHE,
};

/* For a table of options. */
#define FETCH_OPTIONS_TABLE                                                                        \
	{ "timeout", required_argument, NULL, FETCH_OPTIONS_TIMEOUT },                             \
	    { "allow-address", required_argument, NULL, FETCH_OPTIONS_ALLOW_ADDRESS },             \
	{                                                                                          \
		"cache", required_argument, NULL, FETCH_OPTIONS_CACHE                              \
	}

struct fetch_options {
	struct fetch_curl_config curl;
	const char *cache; /* a folder; NULL: answers are not kept */
};

/* What holds without options: public addresses, and loopback, for it is the user who runs this. */
struct fetch_options fetch_options_default(void);
/* An exit status: done, usage (told on standard error), or internal when the option is none of
 * these. `verb` is the subcommand. */
int fetch_options_take(struct fetch_options *o, const char *verb, int option, const char *value);
/* The world that the options ask for. `at`: the instant that is judged for, INSTANT_NONE: now. */
must_check enum err fetch_options_world(struct scope *s, const struct fetch_options *o,
    struct instant at, struct world_system **ret_world);

#endif
