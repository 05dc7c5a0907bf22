#include "service/cmd_unlock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert.h"
#include "service/configuration_file.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/keeper/keeper_client.h"
#include "service/options.h"
#include "service/output_file.h"
#include "service/password.h"

struct job {
	const char *configuration, *name, *password_file;
	int password_fd; /* -1: none */
	bool lock, status;
};

enum {
	OPTION_CONFIG = OPTIONS_LONG,
	OPTION_PASSWORD_FILE,
	OPTION_PASSWORD_FD,
	OPTION_LOCK,
	OPTION_STATUS,
};

static const struct option unlock_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "password-fd", required_argument, NULL, OPTION_PASSWORD_FD },
	{ "lock", no_argument, NULL, OPTION_LOCK },
	{ "status", no_argument, NULL, OPTION_STATUS },
	{ 0 },
};

static bool take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_CONFIG:
		j->configuration = value;
		return true;
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		return true;
	case OPTION_LOCK:
		j->lock = true;
		return true;
	case OPTION_STATUS:
		j->status = true;
		return true;
	default:
		return options_descriptor(value, &j->password_fd);
	}
}

static int check(const struct job *j, int operands)
{
	const bool has_password = j->password_file || j->password_fd >= 0;
	if (!j->configuration)
		return diagnostic_usage("unlock: --config is wanted");
	if (j->status ? operands > 0 : operands != 1)
		return diagnostic_usage(j->status ? "unlock: --status names no key"
						  : "unlock: the name of one key is wanted");
	if (j->status && j->lock)
		return diagnostic_usage("unlock: --lock or --status, not both");
	if (has_password && (j->status || j->lock))
		return diagnostic_usage("unlock: no password is needed for that");
	if (j->password_file && j->password_fd >= 0)
		return diagnostic_usage("unlock: one password is enough");
	return EXIT_STATUS_DONE;
}

static int parse(int argc, char **argv, struct job *j)
{
	for (int c; (c = options_next(argc, argv, unlock_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		if (c == 'o')
			return diagnostic_usage("unlock: unknown option -o");
		if (!take(j, c, optarg))
			return diagnostic_usage("unlock: %s: not a file descriptor", optarg);
	}
	j->name = argv[optind];
	return check(j, argc - optind);
}

/* -- the service -- */
/* A password goes to the service's own user or to root, never to whoever else made a socket of that
 * name. Root asks who owns the data. */
static enum err check_server(struct scope *s, int fd, const char *path, const char *data)
{
	struct ucred who = { 0 };
	socklen_t n = sizeof(who);
	struct stat st;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || stat(data, &st) != 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	if (who.uid == 0 || who.uid == geteuid() || (geteuid() == 0 && who.uid == st.st_uid))
		return OK;
	return scope_fault(s, ERR_DENIED, "%s: another user answers there", path);
}

static void release_link(void *obj)
{
	link_free(obj);
}

static enum err reach_service(struct scope *s, const char *data, struct link **ret_link)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = at.sun_path;
	int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/admin.sock", data);
	if (n < 0 || (size_t)n >= sizeof(at.sun_path))
		return scope_fault(s, ERR_LIMIT, "%s: a path too long for a socket", data);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	enum err e = OK;
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		e = scope_fault(
		    s, ERR_NET, "%s: the service does not run there: %s", path, strerror(errno));
	if (e == OK)
		e = check_server(s, fd, path, data);
	if (e != OK) {
		close(fd);
		return e;
	}
	link_prepare(fd);
	struct link *l = link_new(fd);
	TRY(scope_own(s, l, release_link));
	*ret_link = l;
	return OK;
}

/* -- what is asked -- */
static enum err read_password(struct scope *s, const struct job *j, struct bytes *ret_password)
{
	char prompt[LIMIT_KEEPER_NAME + 32];
	if (j->password_file)
		return password_of_file(s, j->password_file, ret_password);
	if (j->password_fd >= 0)
		return password_of_fd(s, j->password_fd, ret_password);
	snprintf(prompt, sizeof(prompt), "Password of %s: ", j->name);
	return password_of_terminal(s, prompt, ret_password);
}

static void add_certificate(struct scope *s, struct buf *b, struct bytes der)
{
	const struct cert *cert;
	char end[INSTANT_TEXT];
	if (cert_parse(s, der, &cert) != OK) {
		scope_forgive(s);
		return;
	}
	instant_to_rfc3339(cert->not_after, end);
	buf_addf(b, ", until %s, ", end);
	buf_add_str(b, cert->subject_text);
}

static enum err put_status(struct scope *s, struct link *l)
{
	struct bytes text;
	struct keeper_client_status status;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(keeper_client_status(s, l, &status));
	for (size_t i = 0; i < status.n_keys; i++) {
		buf_addf(
		    &b, "%s: %s", status.key[i].name, status.key[i].is_open ? "open" : "locked");
		if (status.key[i].is_open)
			add_certificate(s, &b, status.key[i].certificate);
		buf_add_byte(&b, '\n');
	}
	buf_addf(&b, "sessions: %zu\n", status.sessions);
	TRY(buf_done(&b, &text));
	return output_file_print(s, text);
}

static enum err unlock(struct scope *s, struct link *l, const struct job *j, struct bytes password)
{
	struct bytes certificate, text;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(keeper_client_unlock(s, l, j->name, password, &certificate));
	buf_addf(&b, "%s: open", j->name);
	add_certificate(s, &b, certificate);
	buf_add_byte(&b, '\n');
	TRY(buf_done(&b, &text));
	return output_file_print(s, text);
}

static bool is_configured(const struct configuration *c, const char *name)
{
	for (size_t i = 0; i < c->n_keys; i++)
		if (!strcmp(c->key[i].name, name))
			return true;
	return false;
}

static enum err run(struct scope *s, const struct job *j)
{
	struct link *l;
	struct bytes password;
	struct configuration_file file;
	TRY(configuration_file_read(s, j->configuration, &file));
	const struct configuration *c = file.configuration;
	if (j->name && !is_configured(c, j->name))
		return scope_fault(s, ERR_DENIED, "%s: %s is none of its unattendedKeys",
		    j->configuration, j->name);
	if (!j->status && !j->lock)
		TRY(read_password(s, j, &password));
	TRY(reach_service(s, c->data, &l));
	if (j->status)
		return put_status(s, l);
	enum err e = j->lock ? keeper_client_lock(s, l, j->name) : unlock(s, l, j, password);
	return e == OK ? OK : scope_fault_in(s, e, j->name);
}

int cmd_unlock(int argc, char **argv)
{
	struct job j = { .password_fd = -1 };
	int status = parse(argc, argv, &j);
	if (status != EXIT_STATUS_DONE)
		return status;
	struct scope *s = scope_new(0);
	enum err e = s ? run(s, &j) : ERR_NOMEM;
	if (e != OK)
		status = diagnostic_fault(s, e, NULL);
	scope_free(s);
	return status;
}
