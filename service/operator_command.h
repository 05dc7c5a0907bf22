/*
 * What the commands for the operator (`bulla person add`, `bulla partner add`) share: the data of a
 * service that is not running, and its audit log. When root starts them they become the
 * configuration's user, so that what they make belongs to the service.
 */
#ifndef BULLA_SERVICE_OPERATOR_COMMAND_H
#define BULLA_SERVICE_OPERATOR_COMMAND_H

#include "service/configuration.h"
#include "service/log/audit_record.h"
#include "service/store/store.h"

struct operator_command {
	const struct configuration *configuration;
	struct store *store;
	struct audit_log *log;
	struct instant now;
};

/* All is closed with the scope. ERR_MISUSE: the service is running (then it is done on its desk);
 * ERR_IO, ERR_FORMAT with the file and the cause. */
must_check enum err operator_command_open(
    struct scope *s, const char *configuration_file, struct operator_command *ret_command);
/* Into the log, as done by "operator". */
must_check enum err operator_command_note(
    struct scope *s, const struct operator_command *o, struct audit_entry entry);

#endif
