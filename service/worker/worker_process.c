#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/limited_process.h"
#include "service/process/confinement.h"
#include "service/process/message.h"
#include "service/process/role.h"
#include "service/worker/worker_job.h"

struct worker {
	struct worker_kit kit;
	struct link *control, *front; /* front: NULL until it came */
	struct link *next_front;      /* that came during a job for the one before; NULL: none */
	bool is_at_work;              /* what was asked lies in the front's link */
	unsigned done;                /* jobs */
	bool ends;                    /* takes no other job */
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- the steward -- */
static void replace(struct link **at, struct link *by)
{
	link_free(*at);
	*at = by;
}

static enum err take_peer(struct scope *s, struct worker *w, struct link_frame *f)
{
	struct role_peer peer;
	TRY(role_take_peer(s, w->control, f, &peer));
	/* Whoever asked for the job under way is gone; the answer must not reach another one. */
	if (peer.role == ROLE_FRONT)
		replace(w->is_at_work ? &w->next_front : &w->front, peer.link);
	else if (peer.role == ROLE_KEEPER)
		replace(&w->kit.keeper, peer.link);
	else if (peer.role == ROLE_FETCHER)
		replace(&w->kit.fetcher, peer.link);
	else
		link_free(peer.link);
	return OK;
}

/* To the front: this worker will be gone soon. */
static enum err say_leave(struct scope *s, struct worker *w)
{
	const bool was_said = w->ends;
	w->ends = true;
	return was_said || !w->front ? OK
				     : link_send(s, w->front, WORKER_LEAVES, BYTES_NONE, NULL, 0);
}

/* One word of the steward's. An error: it is gone, or speaks out of turn. */
static enum err take_word(struct worker *w)
{
	struct link_frame f;
	struct scope *s = scope_new(0);
	if (!s)
		return ERR_NOMEM;
	enum err e = link_receive(s, w->control, LIMIT_CONTROL_MS, LIMIT_CONTROL_FRAME, 1, &f);
	if (e == OK && f.kind == CONTROL_PEER)
		e = take_peer(s, w, &f);
	else if (e == OK)
		e = f.kind == CONTROL_STOP ? say_leave(s, w) : ERR_FORMAT;
	scope_free(s);
	return e;
}

static bool is_readable(const struct link *l, int timeout_ms)
{
	struct pollfd one = { .fd = link_descriptor(l), .events = POLLIN };
	return poll(&one, 1, timeout_ms) > 0;
}

/* Nobody speaks on these links unasked: what can be read is their end. */
static void drop_dead(struct link **l)
{
	if (*l && (link_is_broken(*l) || is_readable(*l, 0)))
		replace(l, NULL);
}

/* Waits a little for peers that are being replaced; a job that lacks one says so itself. */
static enum err wait_for_peers(struct worker *w, uint32_t kind)
{
	const int64_t end_ms = now_ms() + LIMIT_WORKER_PEER_MS;
	for (;;) {
		while (is_readable(w->control, 0))
			TRY(take_word(w));
		drop_dead(&w->kit.keeper);
		drop_dead(&w->kit.fetcher);
		const bool lacks = (worker_job_needs_keeper(kind) && !w->kit.keeper) ||
				   (worker_job_needs_fetcher(kind) && !w->kit.fetcher);
		const int64_t left_ms = end_ms - now_ms();
		if (!lacks || left_ms <= 0)
			return OK;
		if (is_readable(w->control, (int)left_ms))
			TRY(take_word(w));
	}
}

/* -- the front -- */
static enum err answer(struct scope *s, struct worker *w, struct link_frame *f)
{
	struct bytes content;
	enum err e = wait_for_peers(w, f->kind);
	if (e != OK)
		return e;
	w->kit.fetcher_failed = false;
	e = worker_job_run(s, &w->kit, f->kind, f->content, f->fd, f->n_fds, &content);
	const bool is_cut =
	    w->kit.fetcher_failed || (w->kit.keeper && link_is_broken(w->kit.keeper));
	if (w->kit.fetcher_failed)
		replace(&w->kit.fetcher, NULL);
	if (w->kit.keeper && link_is_broken(w->kit.keeper))
		replace(&w->kit.keeper, NULL);
	/* A peer that lives is not told to make another link: the next worker has one. */
	if (is_cut || (e == OK && ++w->done >= w->kit.configuration->workers.jobs))
		TRY(say_leave(s, w));
	if (e != OK)
		return message_send_fault(s, w->front, e);
	return link_send(s, w->front, WORKER_ANSWER, content, NULL, 0);
}

/* After a job. What befell the link to a front that was replaced does not matter. */
static enum err meet_next_front(struct worker *w, enum err e)
{
	if (!w->next_front)
		return e;
	replace(&w->front, w->next_front);
	w->next_front = NULL;
	return e == ERR_IO ? OK : e;
}

/* Receives a job and does it, in a scope of its own. Its files are closed as soon as it is done. */
static enum err take_job(struct worker *w)
{
	struct link_frame f;
	int fds[LINK_FDS];
	size_t n_fds = 0;
	struct scope *s = scope_new(0);
	if (!s)
		return ERR_NOMEM;
	enum err e =
	    link_receive(s, w->front, LIMIT_LINK_SEND_MS, LIMIT_WORKER_REQUEST, LINK_FDS, &f);
	if (e == OK) {
		for (size_t i = 0; i < f.n_fds; i++)
			fds[i] = link_take_file(w->front, &f, i);
		for (size_t i = 0; i < f.n_fds; i++)
			f.fd[i] = fds[i];
		n_fds = f.n_fds;
		w->is_at_work = true;
		e = answer(s, w, &f);
		w->is_at_work = false;
		link_wipe(w->front);
	}
	for (size_t i = 0; i < n_fds; i++)
		close(fds[i]);
	scope_free(s);
	return meet_next_front(w, e);
}

/* Until the steward or the front is gone, or nothing more is to be done. One that has said that it
 * leaves still does what was asked of it before that was heard, but does not wait for ever. */
static enum err serve(struct worker *w)
{
	for (;;) {
		struct pollfd of[2] = { { .fd = link_descriptor(w->control), .events = POLLIN },
			{ .fd = w->front ? link_descriptor(w->front) : -1, .events = POLLIN } };
		int n = poll(of, 2, w->ends ? LIMIT_WORKER_LEAVE_MS : -1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (w->ends && !w->front))
			return n < 0 ? ERR_IO : OK;
		if (of[0].revents)
			TRY(take_word(w));
		else if (of[1].revents)
			TRY(take_job(w));
	}
}

/* -- the beginning -- */
static enum err confine(struct scope *s, const struct worker *w)
{
	const struct configuration *c = w->kit.configuration;
	/* Documents are mapped, with what they become: that is no memory of a parser's. */
	const size_t mapped = 2 * (size_t)c->limits.document + LIMIT_WORKER_APPENDED;
	const struct confinement confinement = { .readable = w->kit.readable,
		.n_readable = w->kit.n_readable,
		.memory = c->workers.memory + mapped,
		.written = c->limits.document + LIMIT_WORKER_APPENDED + LIMIT_EVIDENCE_FILE };
	TRY(confinement_enter(s, ROLE_WORKER, &confinement));
	limited_process_stay();
	return OK;
}

static enum err begin(struct scope *s, struct worker *w, const struct role_context *c)
{
	TRY(confinement_prepare(s, ROLE_WORKER));
	TRY(worker_kit_load(s, c->configuration, &w->kit));
	TRY(confine(s, w));
	return link_send(s, c->control, CONTROL_READY, BYTES_NONE, NULL, 0);
}

int worker_process_run(struct scope *s, const struct role_context *c)
{
	struct worker w = { .control = c->control };
	/* Too large a file is an error of writing. */
	signal(SIGXFSZ, SIG_IGN);
	enum err e = begin(s, &w, c);
	if (e != OK)
		return diagnostic_fault(s, e, "worker");
	e = serve(&w);
	link_free(w.front);
	link_free(w.next_front);
	link_free(w.kit.keeper);
	link_free(w.kit.fetcher);
	/* Whoever hangs up ends this process as it should. */
	return e == OK || e == ERR_IO ? EXIT_STATUS_DONE : EXIT_STATUS_INTERNAL;
}
