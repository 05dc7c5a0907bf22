/*
 * The configuration's file: for the steward, and for the operator's commands, which read the same.
 */
#ifndef BULLA_SERVICE_CONFIGURATION_FILE_H
#define BULLA_SERVICE_CONFIGURATION_FILE_H

#include "service/configuration.h"

struct configuration_file {
	struct bytes text;
	const char *folder; /* its own, absolute: relative paths count from there */
	const struct configuration *configuration;
};

/* All in the scope. ERR_IO; ERR_LIMIT: more than LIMIT_JSON octets; as configuration_parse, with
 * the path before it. */
must_check enum err configuration_file_read(
    struct scope *s, const char *path, struct configuration_file *ret_file);
/* As root becomes the configured user, for good; nothing for others. ERR_DENIED. */
must_check enum err configuration_file_become_user(struct scope *s, const struct configuration *c);

#endif
