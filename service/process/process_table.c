#include "service/process/process_table.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/process/message.h"

#define CONTROL_FD 3    /* of the child's end of its control link */
#define SHORT_LIFE 5000 /* ms; who lives longer has not failed in a row */
#define FIRST_WAIT 50   /* ms; doubled with each failure */
#define LONGEST_WAIT 5000

/* How many links two processes have. */
static const struct {
	enum role a, b;
	unsigned n;
} connections[] = {
	{ ROLE_FRONT, ROLE_WORKER, 1 },
	{ ROLE_WORKER, ROLE_KEEPER, 1 },
	{ ROLE_WORKER, ROLE_FETCHER, 1 },
	{ ROLE_FRONT, ROLE_KEEPER, LIMIT_FRONT_LINKS },
	{ ROLE_FRONT, ROLE_FETCHER, LIMIT_FRONT_LINKS },
};

int64_t process_table_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum err process_table_add(struct scope *s, struct process_table *t, enum role role)
{
	if (t->n == t->room) {
		const size_t room = t->room ? 2 * t->room : 16;
		struct process *grown =
		    scope_resize(s, t->item, t->room * sizeof(*t->item), room * sizeof(*t->item));
		if (!grown)
			return ERR_NOMEM;
		t->item = grown;
		t->room = room;
	}
	t->item[t->n++] = (struct process){ .role = role };
	return OK;
}

struct process *process_table_of_pid(struct process_table *t, pid_t pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->item[i].pid == pid)
			return &t->item[i];
	return NULL;
}

struct process *process_table_of_role(struct process_table *t, enum role role)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->item[i].pid && t->item[i].role == role)
			return &t->item[i];
	return NULL;
}

/* -- starting -- */
/* Freed memory of the front is overwritten by the allocator, for typed passwords pass through it
 * and the libraries that read them do not wipe. */
static void set_environment(enum role role)
{
	if (role == ROLE_FRONT)
		setenv("GLIBC_TUNABLES", "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0", 1);
}

static _Noreturn void become(enum role role, int control, pid_t parent)
{
	char name[16], program[] = "/proc/self/exe", verb[] = "serve-role", title[] = "bulla";
	char *arguments[] = { title, verb, name, NULL };
	sigset_t none;
	snprintf(name, sizeof(name), "%s", role_name(role));
	if (control != CONTROL_FD && dup2(control, CONTROL_FD) < 0)
		_exit(EXIT_FAILURE);
	if (control == CONTROL_FD && fcntl(control, F_SETFD, 0) != 0)
		_exit(EXIT_FAILURE);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
	    close_range(CONTROL_FD + 1, ~0u, 0) != 0)
		_exit(EXIT_FAILURE);
	set_environment(role);
	execv(program, arguments);
	_exit(EXIT_FAILURE);
}

static enum err fork_into(struct scope *s, struct process *p)
{
	int ends[2];
	TRY(link_pair(s, ends));
	const pid_t parent = getpid();
	p->pid = fork();
	if (p->pid == 0)
		become(p->role, ends[1], parent);
	const int error = errno;
	close(ends[1]);
	if (p->pid < 0) {
		p->pid = 0;
		close(ends[0]);
		return scope_fault(s, ERR_INTERNAL, "%s: %s", role_name(p->role), strerror(error));
	}
	p->control = link_new(ends[0]);
	return p->control ? OK : scope_fault(s, ERR_NOMEM, "out of memory");
}

static enum err tell_configuration(
    struct scope *s, const struct process_table *t, struct process *p, uint32_t kind)
{
	struct bytes content;
	struct buf b = buf_new(s, LIMIT_CONTROL_FRAME);
	message_put_bytes(&b, ROLE_FIELD_CONFIGURATION, t->configuration);
	message_put_number(&b, ROLE_FIELD_INDEX, p->index);
	message_put_text(&b, ROLE_FIELD_FOLDER, t->folder);
	TRY(buf_done(&b, &content));
	return link_send(s, p->control, kind, content, NULL, 0);
}

enum err process_table_give_peer(
    struct scope *s, struct process *p, enum role role, unsigned index, int fd)
{
	struct bytes content;
	struct buf b = buf_new(s, 256);
	message_put_number(&b, ROLE_FIELD_ROLE, role);
	message_put_number(&b, ROLE_FIELD_INDEX, index);
	TRY(buf_done(&b, &content));
	return link_send(s, p->control, CONTROL_PEER, content, &fd, 1);
}

enum err process_table_connect(struct scope *s, struct process *a, struct process *b)
{
	int ends[2];
	TRY(link_pair(s, ends));
	enum err e = process_table_give_peer(s, a, b->role, b->index, ends[0]);
	if (e == OK)
		e = process_table_give_peer(s, b, a->role, a->index, ends[1]);
	close(ends[0]);
	close(ends[1]);
	return e;
}

static unsigned links_between(enum role a, enum role b)
{
	for (size_t i = 0; i < sizeof(connections) / sizeof(connections[0]); i++)
		if ((connections[i].a == a && connections[i].b == b) ||
		    (connections[i].a == b && connections[i].b == a))
			return connections[i].n;
	return 0;
}

/* A peer that takes nothing is about to be mourned itself. */
static void connect_with_all(struct process_table *t, struct process *p)
{
	for (size_t i = 0; i < t->n; i++) {
		struct process *q = &t->item[i];
		unsigned n = q->pid && !q->stopping ? links_between(p->role, q->role) : 0;
		while (q != p && n-- > 0) {
			struct scope *s = scope_new(0);
			if (!s || process_table_connect(s, p, q) != OK)
				n = 0;
			scope_free(s);
		}
	}
}

enum err process_table_start(struct scope *s, struct process_table *t, struct process *p)
{
	p->index = ++t->last_index;
	p->ready = p->stopping = false;
	p->started_ms = process_table_clock();
	TRY(fork_into(s, p));
	TRY(tell_configuration(s, t, p, CONTROL_BEGIN));
	connect_with_all(t, p);
	return OK;
}

/* -- ending -- */
void process_table_tell(struct process_table *t, struct process *p, uint32_t kind)
{
	struct scope *s = scope_new(0);
	enum err e = ERR_NOMEM;
	if (s && kind == CONTROL_RELOAD)
		e = tell_configuration(s, t, p, kind);
	else if (s)
		e = link_send(s, p->control, kind, BYTES_NONE, NULL, 0);
	scope_free(s);
	if (e != OK)
		kill(p->pid, SIGKILL);
}

void process_table_mourn(struct process *p, int64_t now_ms, bool failed)
{
	link_free(p->control);
	p->control = NULL;
	p->pid = 0;
	p->ready = false;
	p->failures = failed && now_ms - p->started_ms < SHORT_LIFE ? p->failures + 1 : 0;
	int64_t wait = p->failures ? FIRST_WAIT : 0;
	for (unsigned i = 1; i < p->failures && wait < LONGEST_WAIT; i++)
		wait *= 2;
	p->due_ms = now_ms + (wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
}
