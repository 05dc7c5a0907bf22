/*
 * The keeper as a process (service/process/role.h): sets itself up, gives up all else, and answers
 * its peers, each in a thread.
 */
#include <stdatomic.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/keeper/keeper_files.h"
#include "service/keeper/keeper_requests.h"
#include "service/keeper/keeper_secret.h"
#include "service/process/confinement.h"
#include "service/process/message.h"
#include "service/process/peer_threads.h"

#define ANSWER_MEMORY ((size_t)32 << 20) /* of one request: its files some times over */

struct process {
	struct keeper *keeper;
	atomic_uint serving;
};

/* Goes on while the machine sleeps, so that sessions end then too. */
static int64_t now_ms(void *ctx)
{
	(void)ctx;
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- a peer -- */
/* In a scope that is gone before the peer hears of it: nobody who has the answer can find a
 * password here any more. */
static enum err answer(struct scope *s, struct keeper *k, enum role peer,
    const struct link_frame *f, struct bytes *ret_reply)
{
	struct bytes content;
	struct scope *own = scope_new(ANSWER_MEMORY);
	if (!own)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	enum err e = keeper_requests_answer(k, own, peer, f->kind, f->content, &content);
	if (e != OK)
		scope_fault(s, e, "%s", scope_fault_text(own));
	else
		e = bytes_copy(s, content, ret_reply);
	if (e == OK)
		bytes_wipe((void *)(uintptr_t)content.p, content.n);
	scope_free(own);
	keeper_secret_sweep();
	return e;
}

static enum err answer_one(struct scope *s, struct keeper *k, struct link *l, enum role peer)
{
	struct link_frame f;
	struct bytes reply;
	TRY(link_receive(s, l, -1, keeper_requests_most(peer), 0, &f));
	enum err e = answer(s, k, peer, &f, &reply);
	link_wipe(l);
	if (e != OK)
		return message_send_fault(s, l, e);
	e = link_send(s, l, KEEPER_REPLY(f.kind), reply, NULL, 0);
	bytes_wipe((void *)(uintptr_t)reply.p, reply.n);
	return e;
}

static bool serve_one(struct keeper *k, struct link *l, enum role peer)
{
	struct scope *s = scope_new(ANSWER_MEMORY);
	bool go_on = s && answer_one(s, k, l, peer) == OK;
	scope_free(s);
	return go_on;
}

static void serve(void *ctx, struct link *l, enum role peer, unsigned index)
{
	struct process *p = ctx;
	(void)index;
	atomic_fetch_add(&p->serving, 1);
	while (serve_one(p->keeper, l, peer))
		continue;
	keeper_secret_end_thread();
	atomic_fetch_sub(&p->serving, 1);
}

static void tick(void *ctx)
{
	struct process *p = ctx;
	keeper_tick(p->keeper);
}

/* -- the process -- */
static enum err add_keys(struct scope *s, struct keeper *k, const struct configuration *c)
{
	for (size_t i = 0; i < c->n_keys; i++) {
		struct bytes pkcs12;
		TRY(keeper_files_pkcs12(s, c->key[i].file, &pkcs12));
		TRY(keeper_add_unattended(k, s, c->key[i].name, pkcs12));
	}
	return OK;
}

static enum err set_up(struct scope *s, const struct configuration *c, struct process *p)
{
	bool is_locked = false;
	struct bytes service_key;
	TRY(confinement_prepare(s, ROLE_KEEPER));
	TRY(keeper_secret_prepare(s, &is_locked));
	if (!is_locked)
		diagnostic_line(
		    "keeper: keys may reach the swap: this system lets no memory be locked");
	TRY(keeper_files_service_key(s, c->service_key, &service_key));
	TRY(keeper_new(s, service_key, now_ms, NULL, &p->keeper));
	TRY(add_keys(s, p->keeper, c));
	return confinement_enter(s, ROLE_KEEPER, &(struct confinement){ 0 });
}

int keeper_process_run(struct scope *s, const struct role_context *c)
{
	struct process *p = scope_alloc(s, sizeof(*p));
	enum err e = p ? set_up(s, c->configuration, p) : ERR_NOMEM;
	if (e != OK) {
		int status = diagnostic_fault(s, e, NULL);
		keeper_free(p ? p->keeper : NULL);
		return status;
	}
	const struct peer_threads threads = { .ctx = p, .serve = serve, .tick = tick };
	int status = peer_threads_run(s, c->control, &threads);
	keeper_lock_all(p->keeper);
	/* A thread that did not finish in time still uses it; the process ends anyhow. */
	if (atomic_load(&p->serving) == 0)
		keeper_free(p->keeper);
	return status;
}
