#include "service/process/steward.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/configuration_file.h"
#include "service/diagnostic.h"
#include "service/process/message.h"
#include "service/process/process_table.h"

struct steward {
	const char *path;
	const struct configuration *configuration;
	struct scope *configuration_scope; /* where it and its text live; replaced on reload */
	struct process_table table;
	int signals, admin;
	bool stopping, told_ready;
	int64_t kill_ms; /* when stopping: who is still there then is killed */
};

/* -- the configuration -- */
static enum err load(struct scope *s, struct steward *w)
{
	struct scope *own = scope_new(0);
	struct configuration_file file;
	if (!own)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = configuration_file_read(own, w->path, &file);
	if (e != OK) {
		scope_fault(s, e, "%s", scope_fault_text(own));
		scope_free(own);
		return e;
	}
	scope_free(w->configuration_scope);
	w->configuration_scope = own;
	w->configuration = file.configuration;
	w->table.configuration = file.text;
	w->table.folder = file.folder;
	return OK;
}

/* -- what must be there before anybody starts -- */
static enum err make_folder(struct scope *s, const char *data, const char *name)
{
	char *path;
	struct buf b = buf_new(s, 4096);
	buf_addf(&b, "%s%s%s", data, *name ? "/" : "", name);
	TRY(buf_done_str(&b, &path));
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	return OK;
}

static enum err make_folders(struct scope *s, const struct configuration *c)
{
	TRY(make_folder(s, c->data, ""));
	TRY(make_folder(s, c->data, "run"));
	TRY(make_folder(s, c->data, "log"));
	TRY(make_folder(s, c->data, "documents"));
	TRY(make_folder(s, c->data, "incoming"));
	return make_folder(s, c->cache, "");
}

/* One service to a data folder. The lock lives as long as the process. */
static enum err lock_data(struct scope *s, const char *data)
{
	char *path;
	struct buf b = buf_new(s, 4096);
	buf_addf(&b, "%s/run/lock", data);
	TRY(buf_done_str(&b, &path));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
		return scope_fault(s, ERR_DENIED, "%s: another service works on it", data);
	return OK;
}

static enum err open_admin(struct scope *s, struct steward *w)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const int n =
	    snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/admin.sock", w->configuration->data);
	if (n >= (int)sizeof(at.sun_path))
		return scope_fault(
		    s, ERR_LIMIT, "%s: too long for a socket's path", w->configuration->data);
	w->admin = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(at.sun_path);
	if (w->admin < 0 || bind(w->admin, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(at.sun_path, 0600) != 0 || listen(w->admin, 8) != 0)
		return scope_fault(s, ERR_IO, "%s: %s", at.sun_path, strerror(errno));
	return OK;
}

static enum err catch_signals(struct scope *s, struct steward *w)
{
	sigset_t ours;
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &ours, NULL) != 0)
		return scope_fault(s, ERR_INTERNAL, "signals: %s", strerror(errno));
	w->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return w->signals >= 0 ? OK : scope_fault(s, ERR_INTERNAL, "signals: %s", strerror(errno));
}

static enum err add_processes(struct scope *s, struct steward *w)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = w->configuration->workers.n;
	n = n ? n : processors > 2 ? (unsigned)processors : 2;
	TRY(process_table_add(s, &w->table, ROLE_KEEPER));
	TRY(process_table_add(s, &w->table, ROLE_FETCHER));
	while (n-- > 0)
		TRY(process_table_add(s, &w->table, ROLE_WORKER));
	return process_table_add(s, &w->table, ROLE_FRONT);
}

/* -- telling -- */
/* To systemd, if it asked. */
static void notify(const char *text)
{
	const char *where = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (!where || strlen(where) >= sizeof(at.sun_path))
		return;
	const size_t n = strlen(where);
	memcpy(at.sun_path, where, n);
	if (where[0] == '@')
		at.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		diagnostic_line("sd_notify: %s", strerror(errno));
	close(fd);
}

static void tell_if_ready(struct steward *w)
{
	bool all = true;
	for (size_t i = 0; i < w->table.n; i++)
		all = all && w->table.item[i].ready;
	if (!all || w->told_ready)
		return;
	w->told_ready = true;
	diagnostic_line("ready");
	notify("READY=1");
}

/* -- what happens -- */
static void start_due(struct steward *w, int64_t now_ms)
{
	for (size_t i = 0; i < w->table.n; i++) {
		struct process *p = &w->table.item[i];
		if (p->pid || p->due_ms > now_ms)
			continue;
		struct scope *s = scope_new(0);
		if (!s)
			return;
		if (process_table_start(s, &w->table, p) != OK) {
			diagnostic_line("%s", scope_fault_text(s));
			if (p->pid)
				kill(p->pid, SIGKILL);
			else
				process_table_mourn(p, now_ms, true);
		}
		scope_free(s);
	}
}

static void say_end(const struct process *p, int status)
{
	const char *role = role_name(p->role);
	if (WIFSIGNALED(status))
		diagnostic_line("%s %d: ended by signal %d (%s)", role, (int)p->pid,
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		diagnostic_line(
		    "%s %d: ended with status %d", role, (int)p->pid, WEXITSTATUS(status));
}

static void take_ended(struct steward *w)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		struct process *p = process_table_of_pid(&w->table, pid);
		if (!p)
			continue;
		say_end(p, status);
		process_table_mourn(p, process_table_clock(), status != 0);
		/* Who is not replaced when all is to end. */
		if (w->stopping)
			p->due_ms = INT64_MAX;
	}
}

static void begin_stop(struct steward *w)
{
	if (w->stopping)
		return;
	w->stopping = true;
	w->kill_ms = process_table_clock() + LIMIT_SERVICE_STOP_MS;
	notify("STOPPING=1");
	for (size_t i = 0; i < w->table.n; i++) {
		struct process *p = &w->table.item[i];
		p->due_ms = INT64_MAX;
		if (p->pid && p->role == ROLE_FRONT)
			process_table_tell(&w->table, p, CONTROL_STOP);
	}
}

/* The front is told; workers and the fetcher end when they have finished what they are at, and are
 * started anew. The keeper stays: it holds what persons have unlocked. */
static void reload(struct steward *w)
{
	struct scope *s = scope_new(0);
	if (!s)
		return;
	notify("RELOADING=1");
	if (load(s, w) != OK)
		diagnostic_line("the configuration stays as it was: %s", scope_fault_text(s));
	else
		for (size_t i = 0; i < w->table.n; i++) {
			struct process *p = &w->table.item[i];
			if (!p->pid || p->role == ROLE_KEEPER)
				continue;
			p->stopping = p->role != ROLE_FRONT;
			process_table_tell(
			    &w->table, p, p->role == ROLE_FRONT ? CONTROL_RELOAD : CONTROL_STOP);
		}
	notify("READY=1");
	scope_free(s);
}

static void take_signals(struct steward *w)
{
	struct signalfd_siginfo one;
	while (read(w->signals, &one, sizeof(one)) == sizeof(one)) {
		if (one.ssi_signo == SIGTERM || one.ssi_signo == SIGINT)
			begin_stop(w);
		else if (one.ssi_signo == SIGHUP && !w->stopping)
			reload(w);
		else if (one.ssi_signo == SIGCHLD)
			take_ended(w);
	}
}

/* The operator's connection goes to the keeper; the steward keeps nothing of it. */
static void take_operator(struct steward *w)
{
	struct ucred who = { 0 };
	socklen_t n = sizeof(who);
	int fd = accept4(w->admin, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	struct process *keeper = process_table_of_role(&w->table, ROLE_KEEPER);
	struct scope *s = scope_new(0);
	link_prepare(fd);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	    (who.uid == geteuid() || who.uid == 0) && s && keeper &&
	    process_table_give_peer(s, keeper, ROLE_OPERATOR, 0, fd) != OK)
		diagnostic_line("the keeper takes no operator");
	scope_free(s);
	close(fd);
}

static void end_worker(struct steward *w, struct bytes content)
{
	struct message m;
	int64_t index;
	struct scope *s = scope_new(0);
	if (s && message_parse(s, content, &m) == OK &&
	    message_number(&m, ROLE_FIELD_INDEX, 1, UINT32_MAX, &index) == OK)
		for (size_t i = 0; i < w->table.n; i++)
			if (w->table.item[i].pid && w->table.item[i].role == ROLE_WORKER &&
			    w->table.item[i].index == index)
				kill(w->table.item[i].pid, SIGKILL);
	scope_free(s);
}

/* One link more between the front and who has none left for it. */
static void give_link(struct steward *w, struct process *front, struct bytes content)
{
	struct message m;
	int64_t role;
	struct scope *s = scope_new(0);
	if (s && message_parse(s, content, &m) == OK &&
	    message_number(&m, ROLE_FIELD_ROLE, ROLE_KEEPER, ROLE_FETCHER, &role) == OK) {
		struct process *p = process_table_of_role(&w->table, (enum role)role);
		if (p && p->ready && !p->stopping && process_table_connect(s, front, p) != OK)
			diagnostic_line("%s: %s", role_name(p->role), scope_fault_text(s));
	}
	scope_free(s);
}

static void take_word(struct steward *w, struct process *p)
{
	struct link_frame f;
	struct scope *s = scope_new(0);
	if (!s)
		return;
	enum err e = link_receive(s, p->control, LIMIT_CONTROL_MS, 1024, 0, &f);
	if (e != OK)
		kill(p->pid, SIGKILL);
	else if (f.kind == CONTROL_READY)
		p->ready = true;
	else if (f.kind == CONTROL_END && p->role == ROLE_FRONT)
		end_worker(w, f.content);
	else if (f.kind == CONTROL_WANT && p->role == ROLE_FRONT)
		give_link(w, p, f.content);
	scope_free(s);
	if (e == OK)
		tell_if_ready(w);
}

/* Workers, keeper and fetcher end when nobody asks them any more. */
static void go_on_stopping(struct steward *w, int64_t now_ms)
{
	const bool front_is_gone = !process_table_of_role(&w->table, ROLE_FRONT);
	for (size_t i = 0; i < w->table.n; i++) {
		struct process *p = &w->table.item[i];
		if (!p->pid)
			continue;
		if (now_ms > w->kill_ms)
			kill(p->pid, SIGKILL);
		else if (front_is_gone && !p->stopping) {
			p->stopping = true;
			process_table_tell(&w->table, p, CONTROL_STOP);
		}
	}
}

static bool is_over(const struct steward *w)
{
	for (size_t i = 0; i < w->table.n; i++)
		if (w->table.item[i].pid)
			return false;
	return w->stopping;
}

/* How long nothing needs to be done by itself. */
static int patience(const struct steward *w, int64_t now_ms)
{
	int64_t least = w->stopping ? 100 : 60000;
	for (size_t i = 0; i < w->table.n; i++) {
		const struct process *p = &w->table.item[i];
		if (!p->pid && p->due_ms - now_ms < least)
			least = p->due_ms - now_ms;
	}
	return least > 0 ? (int)least : 0;
}

static void wait_for_something(struct steward *w, struct pollfd *of)
{
	const size_t n = w->table.n;
	for (size_t i = 0; i < n; i++)
		of[i] = (struct pollfd){
			.fd = w->table.item[i].pid ? link_descriptor(w->table.item[i].control) : -1,
			.events = POLLIN
		};
	of[n] = (struct pollfd){ .fd = w->signals, .events = POLLIN };
	of[n + 1] = (struct pollfd){ .fd = w->admin, .events = POLLIN };
	if (poll(of, n + 2, patience(w, process_table_clock())) <= 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (of[i].revents && w->table.item[i].pid)
			take_word(w, &w->table.item[i]);
	if (of[n].revents)
		take_signals(w);
	if (of[n + 1].revents)
		take_operator(w);
}

static enum err watch(struct scope *s, struct steward *w)
{
	struct pollfd *of = scope_alloc_array(s, w->table.n + 2, sizeof(*of));
	if (!of)
		return ERR_NOMEM;
	while (!is_over(w)) {
		start_due(w, process_table_clock());
		wait_for_something(w, of);
		take_ended(w);
		if (w->stopping)
			go_on_stopping(w, process_table_clock());
	}
	return OK;
}

static enum err run(struct scope *s, struct steward *w)
{
	TRY(load(s, w));
	TRY(configuration_file_become_user(s, w->configuration));
	TRY(make_folders(s, w->configuration));
	TRY(lock_data(s, w->configuration->data));
	TRY(open_admin(s, w));
	TRY(catch_signals(s, w));
	TRY(add_processes(s, w));
	return watch(s, w);
}

enum err steward_run(struct scope *s, const char *path)
{
	struct steward w = { .path = path, .signals = -1, .admin = -1 };
	enum err e = run(s, &w);
	scope_free(w.configuration_scope);
	return e;
}
