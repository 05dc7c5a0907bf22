#include "service/operator_command.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "service/input_file.h"
#include "service/log/audit_log.h"

static enum err become_user(struct scope *s, const char *name)
{
	if (!name || geteuid() != 0)
		return OK;
	const struct passwd *p = getpwnam(name);
	if (!p)
		return scope_fault(s, ERR_DENIED, "configuration: $.user: no user %s", name);
	if (initgroups(name, p->pw_gid) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0)
		return scope_fault(s, ERR_DENIED, "configuration: $.user: %s", strerror(errno));
	return OK;
}

/* "conf/bulla.json" -> "conf"; relative paths in it count from there. */
static enum err folder_of(struct scope *s, const char *file, const char **ret_folder)
{
	const char *slash = strrchr(file, '/');
	char *folder;
	if (!slash) {
		*ret_folder = ".";
		return OK;
	}
	TRY(bytes_to_str(s, bytes_of(file, slash == file ? 1 : (size_t)(slash - file)), &folder));
	*ret_folder = folder;
	return OK;
}

static enum err read_configuration(
    struct scope *s, const char *file, const struct configuration **ret_configuration)
{
	const char *folder;
	struct bytes text;
	TRY(input_file_read(s, file, LIMIT_JSON, &text));
	TRY(folder_of(s, file, &folder));
	return configuration_parse(s, text, folder, ret_configuration);
}

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
	TRY(read_configuration(s, configuration_file, &o.configuration));
	TRY(become_user(s, o.configuration->user));
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
