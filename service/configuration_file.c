#include "service/configuration_file.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"

static enum err folder_of(struct scope *s, const char *path, const char **ret_folder)
{
	char *whole = realpath(path, NULL);
	if (!whole)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	*strrchr(whole, '/') = 0;
	char *copy;
	enum err e = bytes_to_str(s, bytes_of_str(*whole ? whole : "/"), &copy);
	free(whole);
	if (e == OK)
		*ret_folder = copy;
	return e;
}

enum err configuration_file_read(
    struct scope *s, const char *path, struct configuration_file *ret_file)
{
	struct configuration_file f;
	TRY(folder_of(s, path, &f.folder));
	TRY(input_file_read(s, path, LIMIT_JSON, &f.text));
	enum err e = configuration_parse(s, f.text, f.folder, &f.configuration);
	if (e != OK)
		return scope_fault_in(s, e, path);
	*ret_file = f;
	return OK;
}

enum err configuration_file_become_user(struct scope *s, const struct configuration *c)
{
	if (!c->user || geteuid() != 0)
		return OK;
	const struct passwd *p = getpwnam(c->user);
	if (!p)
		return scope_fault(s, ERR_DENIED, "configuration: $.user: no user %s", c->user);
	if (initgroups(c->user, p->pw_gid) != 0 || setgid(p->pw_gid) != 0 || setuid(p->pw_uid) != 0)
		return scope_fault(s, ERR_DENIED, "configuration: $.user: %s", strerror(errno));
	return OK;
}
