#include "service/operator_command.h"

#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/limits.h"
#include "service/configuration_file.h"
#include "service/log/audit_log.h"

static void close_store(void *store)
{
	store_close(store);
}

static enum err open_store(struct scope *s, struct operator_command *o)
{
	const struct store_options options = {
		.folder = o->configuration->data, .readers = 1, .now = o->now
	};
	enum err e = store_open(s, &options, &o->store);
	if (e == ERR_MISUSE)
		return scope_fault_in(s, e, "the service is running: do this on its desk");
	TRY(e);
	return scope_own(s, o->store, close_store);
}

static enum err open_log(struct scope *s, struct operator_command *o)
{
	struct buf b = buf_new(s, LIMIT_URL * 2);
	char *folder;
	buf_addf(&b, "%s/log", o->configuration->data);
	TRY(buf_done_str(&b, &folder));
	return audit_log_open(s, folder, 0, &o->log);
}

enum err operator_command_open(
    struct scope *s, const char *configuration_file, struct operator_command *ret_command)
{
	struct operator_command o = { .now = { time(NULL) } };
	struct configuration_file file;
	TRY(configuration_file_read(s, configuration_file, &file));
	o.configuration = file.configuration;
	TRY(configuration_file_become_user(s, o.configuration));
	umask(077);
	TRY(open_store(s, &o));
	TRY(open_log(s, &o));
	*ret_command = o;
	return OK;
}

enum err operator_command_note(
    struct scope *s, const struct operator_command *o, struct audit_entry entry)
{
	entry.actor = "operator";
	return audit_log_append(s, o->log, &entry, NULL);
}
