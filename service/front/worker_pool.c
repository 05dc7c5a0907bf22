#include "service/front/worker_pool.h"

#include <time.h>

#include "base/scope.h"
#include "service/process/message.h"
#include "service/worker/worker_protocol.h"

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The next frame before the job's end. */
static enum err receive(struct scope *s, struct link *l, const struct worker_pool_job *job,
    int64_t deadline_ms, struct link_frame *ret_frame)
{
	const int64_t left = deadline_ms - now_ms();
	const size_t most = job->most > MESSAGE_FAULT_MOST ? job->most : MESSAGE_FAULT_MOST;
	struct scope *aside = scope_new(0);
	if (!aside)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = link_receive(aside, l, left > 0 ? (int)left : 0, most, 0, ret_frame);
	scope_free(aside);
	if (e == ERR_LIMIT && now_ms() >= deadline_ms)
		return scope_fault(s, ERR_LIMIT, "not done within %d s", job->work_ms / 1000);
	if (e == ERR_LIMIT)
		return scope_fault(s, ERR_INTERNAL, "the document's process said too much");
	if (e == ERR_IO)
		return scope_fault(s, ERR_INTERNAL, "the document's process ended");
	return e == OK ? OK
		       : scope_fault(s, ERR_INTERNAL, "the document's process spoke out of turn");
}

/* The answer; a worker that means to end has said so before. */
static enum err run(struct scope *s, struct link *l, const struct worker_pool_job *job,
    bool *ret_leaves, struct link_frame *ret_f)
{
	const int64_t deadline_ms = now_ms() + job->work_ms;
	*ret_leaves = false;
	if (link_send(s, l, job->kind, job->content, job->fd, job->n_fds) != OK) {
		scope_forgive(s);
		return scope_fault(s, ERR_INTERNAL, "the document's process ended");
	}
	TRY(receive(s, l, job, deadline_ms, ret_f));
	*ret_leaves = ret_f->kind == WORKER_LEAVES;
	if (*ret_leaves)
		TRY(receive(s, l, job, deadline_ms, ret_f));
	return ret_f->kind == WORKER_ANSWER || ret_f->kind == MESSAGE_FAULT
		   ? OK
		   : scope_fault(s, ERR_INTERNAL, "the document's process spoke out of turn");
}

/* A link in the midst of a job that nobody waits for any more is of no use: closing it, and telling
 * the steward, ends the worker. */
enum err worker_pool_run(struct scope *s, struct link_pool *workers, struct worker_pool_job *job,
    struct bytes *ret_answer)
{
	struct link *l;
	struct link_frame f;
	TRY(job->is_picky ? link_pool_take_other(s, workers, job->wait_ms, job->not_by, &l)
			  : link_pool_take(s, workers, job->wait_ms, &l));
	job->worker = link_peer(l);
	bool leaves;
	enum err e = run(s, l, job, &leaves, &f);
	if (e != OK) {
		link_pool_drop(workers, l);
		return e;
	}
	e = f.kind == WORKER_ANSWER ? bytes_copy(s, f.content, ret_answer)
				    : message_take_fault(s, f.content);
	if (leaves)
		link_break(l);
	link_pool_give(workers, l);
	return e;
}
