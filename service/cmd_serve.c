#include "service/cmd_serve.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/options.h"
#include "service/process/confinement.h"
#include "service/process/message.h"
#include "service/process/steward.h"

#define CONTROL_FD 3

enum {
	OPTION_CONFIG = OPTIONS_LONG,
};

static const struct option serve_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ 0 },
};

int cmd_serve(int argc, char **argv)
{
	const char *path = "/etc/bulla/bulla.json";
	for (int c; (c = options_next(argc, argv, serve_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		path = optarg;
	}
	if (optind != argc)
		return diagnostic_usage(
		    "serve: %s: nothing is wanted but --config FILE", argv[optind]);
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	umask(077);
	enum err e = steward_run(s, path);
	int status = e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, NULL);
	scope_free(s);
	return status;
}

static const struct {
	enum role role;
	int (*run)(struct scope *s, const struct role_context *c);
} roles[] = {
	{ ROLE_FRONT, front_process_run },
	{ ROLE_WORKER, worker_process_run },
	{ ROLE_KEEPER, keeper_process_run },
	{ ROLE_FETCHER, fetcher_process_run },
};

/* The steward decides when to end; a key at the terminal is its to hear. */
static void leave_signals_to_steward(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static enum err begin(struct scope *s, enum role role, struct role_context *c)
{
	struct link_frame f;
	TRY(confinement_prepare(s, role));
	prctl(PR_SET_NAME, role_name(role));
	c->control = link_new(CONTROL_FD);
	if (!c->control)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	TRY(link_receive(s, c->control, LIMIT_CONTROL_MS, LIMIT_CONTROL_FRAME, 0, &f));
	if (f.kind != CONTROL_BEGIN)
		return scope_fault(s, ERR_FORMAT, "%s: not begun", role_name(role));
	return role_take_configuration(s, f.content, &c->configuration, &c->index);
}

int cmd_serve_role(int argc, char **argv)
{
	struct role_context c = { 0 };
	struct stat st;
	size_t i = 0;
	const size_t n = sizeof(roles) / sizeof(roles[0]);
	while (i < n && (argc != 2 || strcmp(role_name(roles[i].role), argv[1])))
		i++;
	if (i == n || fstat(CONTROL_FD, &st) != 0 || !S_ISSOCK(st.st_mode))
		return diagnostic_usage("serve-role: bulla serve starts its processes by itself");
	leave_signals_to_steward();
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	enum err e = begin(s, roles[i].role, &c);
	int status =
	    e == OK ? roles[i].run(s, &c) : diagnostic_fault(s, e, role_name(roles[i].role));
	/* Threads may still run: no destructor may pull memory from under them. */
	_exit(status);
}
