#include "service/process/peer_threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/exit_status.h"
#include "service/process/message.h"

#define STACK ((size_t)1 << 20)
#define TICK_MS 1000

/* Shared by all threads of the process, which ends soon after the first one leaves. */
struct crew {
	const struct peer_threads *p;
	pthread_mutex_t lock;
	pthread_cond_t left;
	struct member *first;
};

struct member {
	struct crew *crew;
	struct member *next;
	struct link *link;
	enum role peer;
	unsigned index;
};

static void leave(struct member *m)
{
	struct crew *crew = m->crew;
	pthread_mutex_lock(&crew->lock);
	struct member **at = &crew->first;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	link_free(m->link);
	free(m);
	pthread_cond_signal(&crew->left);
	pthread_mutex_unlock(&crew->lock);
}

static void *serve(void *arg)
{
	struct member *m = arg;
	m->crew->p->serve(m->crew->p->ctx, m->link, m->peer, m->index);
	leave(m);
	return NULL;
}

static bool start(struct member *m)
{
	pthread_t thread;
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	pthread_mutex_lock(&m->crew->lock);
	const bool started = pthread_create(&thread, &small, serve, m) == 0;
	if (started) {
		m->next = m->crew->first;
		m->crew->first = m;
	}
	pthread_mutex_unlock(&m->crew->lock);
	pthread_attr_destroy(&small);
	return started;
}

/* A link that cannot be served is closed: its other side is told by that. */
static enum err take_peer(
    struct scope *s, struct crew *crew, struct link *control, struct link_frame *f)
{
	struct role_peer peer;
	TRY(role_take_peer(s, control, f, &peer));
	struct member *m = malloc(sizeof(*m));
	if (!m) {
		link_free(peer.link);
		return OK;
	}
	*m = (struct member){ crew, NULL, peer.link, peer.role, peer.index };
	if (!start(m)) {
		link_free(peer.link);
		free(m);
	}
	return OK;
}

/* Until the steward says that it is over, or is gone. */
static enum err listen_to_steward(struct crew *crew, struct link *control)
{
	for (;;) {
		struct link_frame f;
		struct scope *s = scope_new(0);
		if (!s)
			return ERR_NOMEM;
		enum err e = link_receive(s, control, TICK_MS, LIMIT_CONTROL_FRAME, 1, &f);
		bool over = e != OK && (e != ERR_LIMIT || link_is_broken(control));
		if (e == OK && f.kind == CONTROL_PEER)
			over = take_peer(s, crew, control, &f) != OK;
		else if (e == OK)
			over = f.kind == CONTROL_STOP;
		scope_free(s);
		if (crew->p->tick)
			crew->p->tick(crew->p->ctx);
		if (over)
			return e == ERR_LIMIT || e == ERR_IO ? OK : e;
	}
}

/* Nothing more is heard from the peers; what is being answered is answered. */
static void end_threads(struct crew *crew)
{
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LIMIT_PEER_STOP_MS / 1000;
	pthread_mutex_lock(&crew->lock);
	for (const struct member *m = crew->first; m; m = m->next)
		shutdown(link_descriptor(m->link), SHUT_RD);
	while (crew->first && pthread_cond_timedwait(&crew->left, &crew->lock, &end) == 0)
		continue;
	pthread_mutex_unlock(&crew->lock);
}

int peer_threads_run(struct scope *s, struct link *control, const struct peer_threads *p)
{
	struct crew crew = { .p = p };
	pthread_condattr_t monotonic;
	pthread_mutex_init(&crew.lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&crew.left, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (link_send(s, control, CONTROL_READY, BYTES_NONE, NULL, 0) != OK)
		return EXIT_STATUS_INTERNAL;
	enum err e = listen_to_steward(&crew, control);
	end_threads(&crew);
	if (p->tick)
		p->tick(p->ctx);
	return e == OK ? EXIT_STATUS_DONE : EXIT_STATUS_INTERNAL;
}
