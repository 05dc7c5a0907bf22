/*
 * The options of seal about what may change afterwards: --certify, --lock, --lock-field,
 * --lock-level.
 */
#ifndef BULLA_SERVICE_PERMISSION_OPTIONS_H
#define BULLA_SERVICE_PERMISSION_OPTIONS_H

#include "sealer/seal.h"
#include "service/options.h"

enum {
	PERMISSION_OPTIONS_CERTIFY = OPTIONS_LONG + 1100, /* above the commands' own */
	PERMISSION_OPTIONS_LOCK,
	PERMISSION_OPTIONS_LOCK_FIELD,
	PERMISSION_OPTIONS_LOCK_LEVEL,
	PERMISSION_OPTIONS_END,
};

/* For a table of options. */
#define PERMISSION_OPTIONS_TABLE                                                                   \
	{ "certify", required_argument, NULL, PERMISSION_OPTIONS_CERTIFY },                        \
	    { "lock", required_argument, NULL, PERMISSION_OPTIONS_LOCK },                          \
	    { "lock-field", required_argument, NULL, PERMISSION_OPTIONS_LOCK_FIELD },              \
	{                                                                                          \
		"lock-level", required_argument, NULL, PERMISSION_OPTIONS_LOCK_LEVEL               \
	}

struct permission_options {
	int certify; /* 0: not given */
	struct pdf_field_lock lock;
	struct options_list fields;
};

/* `argc` bounds how many fields can be named. */
must_check enum err permission_options_new(
    struct scope *s, int argc, struct permission_options *ret_options);
static inline bool permission_options_has(int option)
{
	return option >= PERMISSION_OPTIONS_CERTIFY && option < PERMISSION_OPTIONS_END;
}
/* An exit status: done, or usage (told on standard error). `verb` is the subcommand. */
int permission_options_take(
    struct permission_options *o, const char *verb, int option, const char *value);
/* Likewise: what does not go together. */
int permission_options_check(const struct permission_options *o, const char *verb);
/* Puts them into the request, which points to `o` then. */
must_check enum err permission_options_apply(
    struct scope *s, struct permission_options *o, struct seal_request *request);

#endif
