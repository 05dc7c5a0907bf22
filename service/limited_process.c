#include "service/limited_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/sandbox.h"

#define MAGIC 0x616c6c75u
/* The last frame: an enum err, then the text of its fault. */
#define KIND_END LIMITED_PROCESS_KINDS
#define OPEN_FILES 64 /* in the child */

struct head {
	uint32_t magic, kind;
	uint64_t n;
};

/* Either leads to the parent, or straight to who takes the frames. */
struct limited_process_pipe {
	int fd; /* -1: no other process */
	const struct limited_process_limits *limits;
	const struct limited_process *here;
	struct scope *taker;
	enum err taken; /* what the taker said */
	int64_t deadline_ms;
	size_t total;
};

/* Set once, before there are threads. */
static bool stays;

void limited_process_stay(void)
{
	stays = true;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct limited_process_limits with_defaults(struct limited_process_limits l)
{
	return (struct limited_process_limits){
		.memory = l.memory ? l.memory : LIMIT_PROCESS_MEMORY,
		.cpu_s = l.cpu_s ? l.cpu_s : LIMIT_PROCESS_CPU_S,
		.wall_ms = l.wall_ms ? l.wall_ms : LIMIT_PROCESS_WALL_MS,
		.frame = l.frame ? l.frame : LIMIT_PROCESS_FRAME,
		.total = l.total ? l.total : LIMIT_PROCESS_TOTAL,
	};
}

/* -- the child -- */
static enum err write_all(struct scope *s, int fd, struct bytes b)
{
	while (b.n) {
		ssize_t n = write(fd, b.p, b.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return scope_fault(s, ERR_IO, "pipe: %s", strerror(errno));
		b = bytes_from(b, (size_t)n);
	}
	return OK;
}

static enum err send(struct scope *s, int fd, uint32_t kind, struct bytes content)
{
	const struct head head = { MAGIC, kind, content.n };
	TRY(write_all(s, fd, bytes_of(&head, sizeof(head))));
	return write_all(s, fd, content);
}

static enum err send_here(
    struct scope *s, struct limited_process_pipe *pipe, uint32_t kind, struct bytes content)
{
	const struct limited_process *p = pipe->here;
	if (content.n > pipe->limits->total - pipe->total)
		return scope_fault(
		    s, ERR_LIMIT, "an answer of more than %zu octets", pipe->limits->total);
	if (now_ms() > pipe->deadline_ms)
		return scope_fault(s, ERR_LIMIT, "not done within %u ms", pipe->limits->wall_ms);
	pipe->total += content.n;
	if (p->take)
		pipe->taken = p->take(pipe->taker, p->ctx, kind, content);
	return p->take ? pipe->taken : scope_fault(s, ERR_FORMAT, "no answer was expected");
}

enum err limited_process_send(
    struct scope *s, struct limited_process_pipe *pipe, uint32_t kind, struct bytes content)
{
	if (kind >= LIMITED_PROCESS_KINDS)
		return scope_fault(s, ERR_MISUSE, "a frame of kind %" PRIu32, kind);
	if (content.n > pipe->limits->frame)
		return scope_fault(s, ERR_LIMIT, "a result of %zu octets", content.n);
	if (pipe->here)
		return send_here(s, pipe, kind, content);
	return send(s, pipe->fd, kind, content);
}

/* The parent's handlers would remove the parent's temporary files. */
static void forget_signals(void)
{
	sigset_t none;
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &by_default, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only the pipe stays; what libraries say goes nowhere. */
static bool close_files(int keep)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nowhere < 0)
		return false;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fd != keep && dup2(nowhere, fd) < 0)
			return false;
	if (keep > STDERR_FILENO + 1 && close_range(STDERR_FILENO + 1, (unsigned)keep - 1, 0) != 0)
		return false;
	return close_range((unsigned)keep + 1, ~0u, 0) == 0;
}

static bool limit(__rlimit_resource_t what, size_t value, size_t more)
{
	const struct rlimit l = { value, value + more };
	return setrlimit(what, &l) == 0;
}

static enum err set_limits(struct scope *s, const struct limited_process_limits *l)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !limit(RLIMIT_CORE, 0, 0) ||
	    !limit(RLIMIT_FSIZE, 0, 0) || !limit(RLIMIT_NOFILE, OPEN_FILES, 0) ||
	    !limit(RLIMIT_CPU, l->cpu_s, 1) ||
	    !limit(RLIMIT_AS, sandbox_memory_in_use() + l->memory, 0))
		return scope_fault(s, ERR_INTERNAL, "limits: %s", strerror(errno));
	return OK;
}

static enum err work(struct scope *s, const struct limited_process *p, int fd)
{
	struct limited_process_pipe pipe = { .fd = fd, .limits = &p->limits };
	const char *const *readable = NULL;
	size_t n = 0;
	if (p->prepare)
		TRY(p->prepare(s, p->ctx, &readable, &n));
	TRY(set_limits(s, &p->limits));
	TRY(sandbox_enter(
	    s, &(struct sandbox){ .kind = SANDBOX_READER, .readable = readable, .n_readable = n }));
	return p->work(s, p->ctx, &pipe);
}

/* Tells the outcome in the last frame. */
static void tell(struct scope *s, int fd, enum err e)
{
	uint8_t frame[sizeof(uint32_t) + LIMIT_FAULT_TEXT] = { 0 };
	const uint32_t code = (uint32_t)e;
	const char *text = s ? scope_fault_text(s) : "";
	size_t n = strnlen(text, LIMIT_FAULT_TEXT);
	memcpy(frame, &code, sizeof(code));
	memcpy(frame + sizeof(code), text, n);
	if (send(s, fd, KIND_END, bytes_of(frame, sizeof(code) + n)) != OK)
		_exit(EXIT_FAILURE);
}

static _Noreturn void be_child(const struct limited_process *p, int fd, pid_t parent)
{
	forget_signals();
	/* The parent may have gone before it could be asked for. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || !close_files(fd))
		_exit(EXIT_FAILURE);
	struct scope *s = scope_new(0);
	tell(s, fd, s ? work(s, p, fd) : ERR_NOMEM);
	_exit(EXIT_SUCCESS);
}

/* -- the parent -- */
struct reader {
	const struct limited_process *p;
	struct scope *frames; /* where the frame lies that is being read */
	int fd;
	pid_t child;
	int64_t deadline_ms;
	uint8_t *frame;
	size_t room, total;
	bool ended, late; /* the last frame came; the time is over */
	enum err outcome;
	char text[LIMIT_FAULT_TEXT + 1];
};

/* False: the time is over. */
static bool wait_readable(struct reader *r)
{
	for (;;) {
		int64_t left = r->deadline_ms - now_ms();
		struct pollfd one = { .fd = r->fd, .events = POLLIN };
		if (left <= 0)
			return false;
		int n = poll(&one, 1, (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

/* How many of n octets came before the pipe or the time ended. */
static size_t read_some(struct reader *r, uint8_t *into, size_t n)
{
	size_t got = 0;
	while (got < n) {
		if (!wait_readable(r)) {
			r->late = true;
			break;
		}
		ssize_t k = read(r->fd, into + got, n - got);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		got += (size_t)k;
	}
	return got;
}

static enum err out_of_turn(struct scope *s, const struct reader *r)
{
	return scope_fault(s, ERR_FORMAT, "%s: the answer is not well-formed", r->p->what);
}

static enum err take_end(struct scope *s, struct reader *r, struct bytes content)
{
	uint32_t code;
	if (content.n < sizeof(code) || content.n > sizeof(code) + LIMIT_FAULT_TEXT)
		return out_of_turn(s, r);
	memcpy(&code, content.p, sizeof(code));
	if (code > ERR_INTERNAL)
		return out_of_turn(s, r);
	r->outcome = (enum err)code;
	memcpy(r->text, content.p + sizeof(code), content.n - sizeof(code));
	r->ended = true;
	return OK;
}

static enum err make_room(struct scope *s, struct reader *r, const struct head *h)
{
	const struct limited_process_limits *l = &r->p->limits;
	if (h->magic != MAGIC || h->kind > KIND_END)
		return out_of_turn(s, r);
	if (h->n > l->frame || h->n > l->total - r->total)
		return scope_fault(s, ERR_LIMIT, "%s: an answer of more than %zu octets",
		    r->p->what, h->n > l->frame ? l->frame : l->total);
	if (h->n <= r->room)
		return OK;
	uint8_t *grown = scope_resize(r->frames, r->frame, r->room, h->n);
	if (!grown)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", r->p->what);
	r->frame = grown;
	r->room = h->n;
	return OK;
}

/* The next frame; `*ret_more`: there may be another. */
static enum err take_frame(struct scope *s, struct reader *r, bool *ret_more)
{
	struct head h;
	*ret_more = false;
	if (read_some(r, (uint8_t *)&h, sizeof(h)) != sizeof(h))
		return OK;
	TRY(make_room(s, r, &h));
	if (read_some(r, r->frame, h.n) != h.n)
		return OK;
	r->total += h.n;
	struct bytes content = bytes_of(r->frame, h.n);
	if (h.kind == KIND_END)
		return take_end(s, r, content);
	*ret_more = true;
	return r->p->take ? r->p->take(s, r->p->ctx, h.kind, content) : out_of_turn(s, r);
}

static enum err take_frames(struct scope *s, struct reader *r)
{
	for (bool more = true; more;)
		TRY(take_frame(s, r, &more));
	return OK;
}

/* Why a child that did not tell its outcome ended. */
static enum err fault_of_status(struct scope *s, const struct reader *r, int status)
{
	const char *what = r->p->what;
	const struct limited_process_limits *l = &r->p->limits;
	int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (r->late)
		return scope_fault(s, ERR_LIMIT, "%s: not done within %u ms", what, l->wall_ms);
	if (by == SIGXCPU)
		return scope_fault(
		    s, ERR_LIMIT, "%s: not done within %u s of computing", what, l->cpu_s);
	if (by == SIGKILL)
		return scope_fault(s, ERR_LIMIT, "%s: killed, as for lack of memory", what);
	/* That is how libraries end that get no more memory. */
	if (by == SIGABRT || by == SIGTRAP || !by)
		return scope_fault(s, ERR_LIMIT,
		    "%s: given up, as for want of more than %zu MB of memory", what,
		    l->memory >> 20);
	return scope_fault(s, ERR_FORMAT, "%s: crashed (%s)", what, strsignal(by));
}

static enum err fault_of_outcome(
    struct scope *s, const struct limited_process *p, enum err e, const char *text)
{
	if (e == ERR_NOMEM)
		return scope_fault(s, ERR_LIMIT, "%s: wants more than %zu MB of memory", p->what,
		    p->limits.memory >> 20);
	return e == OK ? OK : scope_fault(s, e, "%s: %s", p->what, text);
}

static enum err be_parent(struct scope *s, struct reader *r)
{
	int status = 0;
	r->deadline_ms = now_ms() + r->p->limits.wall_ms;
	enum err e = take_frames(s, r);
	/* Whoever has said all, or can say nothing more, has nothing more to do. */
	kill(r->child, SIGKILL);
	while (waitpid(r->child, &status, 0) < 0 && errno == EINTR)
		continue;
	TRY(e);
	return r->ended ? fault_of_outcome(s, r->p, r->outcome, r->text)
			: fault_of_status(s, r, status);
}

static enum err run(struct scope *s, struct reader *r)
{
	int ends[2];
	const char *what = r->p->what;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return scope_fault(s, ERR_INTERNAL, "%s: %s", what, strerror(errno));
	pid_t parent = getpid();
	r->fd = ends[0];
	r->child = fork();
	if (r->child == 0)
		be_child(r->p, ends[1], parent);
	close(ends[1]);
	enum err e = r->child < 0 ? scope_fault(s, ERR_INTERNAL, "%s: %s", what, strerror(errno))
				  : be_parent(s, r);
	close(ends[0]);
	return e;
}

/* -- without a child -- */
static enum err run_here(struct scope *s, const struct limited_process *p)
{
	struct limited_process_pipe pipe = { .fd = -1,
		.limits = &p->limits,
		.here = p,
		.taker = s,
		.deadline_ms = now_ms() + p->limits.wall_ms };
	struct scope *own = scope_new(0);
	if (!own)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", p->what);
	enum err e = p->work(own, p->ctx, &pipe);
	if (pipe.taken != OK)
		e = pipe.taken;
	else
		e = fault_of_outcome(s, p, e, scope_fault_text(own));
	scope_free(own);
	return e;
}

enum err limited_process_run(struct scope *s, const struct limited_process *p)
{
	struct limited_process with = *p;
	if (stays) {
		with.limits = with_defaults(p->limits);
		return run_here(s, &with);
	}
	struct reader r = { .p = &with, .frames = scope_new(0) };
	if (!r.frames)
		return scope_fault(s, ERR_NOMEM, "%s: out of memory", p->what);
	with.limits = with_defaults(p->limits);
	enum err e = run(s, &r);
	scope_free(r.frames);
	return e;
}
