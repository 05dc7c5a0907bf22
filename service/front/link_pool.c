#include "service/front/link_pool.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"

/* One who waits; on his stack. */
struct waiter {
	struct waiter *next;
	const unsigned *not_of; /* another process than this; NULL: any */
	struct link *link;      /* handed to him; NULL: not yet */
	pthread_cond_t given;
};

struct link_pool {
	const char *what;
	pthread_mutex_t lock;
	pthread_condattr_t monotonic;
	struct waiter *first, **last; /* in turn: each is handed his link, and no other is woken */
	struct link *idle[LIMIT_POOL_LINKS]; /* that nobody who waits wants */
	size_t n_idle, n_lent, n_waiting;
	unsigned dropped[LIMIT_POOL_LINKS]; /* a process that is not told of is idle at worst */
	size_t n_dropped;
};

struct link_pool *link_pool_new(const char *what)
{
	struct link_pool *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->what = what;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&p->monotonic);
	pthread_condattr_setclock(&p->monotonic, CLOCK_MONOTONIC);
	return p;
}

void link_pool_free(struct link_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_idle; i++)
		link_free(p->idle[i]);
	pthread_condattr_destroy(&p->monotonic);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* An idle link on which something happened has ended: nobody speaks unasked. */
static bool is_dead(const struct link *l)
{
	struct pollfd one = { .fd = link_descriptor(l), .events = POLLIN };
	return link_is_broken(l) || poll(&one, 1, 0) != 0;
}

/* Under the lock. */
static void drop_dead(struct link_pool *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_idle; i++) {
		if (is_dead(p->idle[i]))
			link_free(p->idle[i]);
		else
			p->idle[n++] = p->idle[i];
	}
	p->n_idle = n;
}

static bool is_wanted(const struct link *l, const unsigned *not_of)
{
	return !not_of || link_peer(l) != *not_of;
}

/* To the first who waits for such a one. Under the lock. */
static bool hand_over(struct link_pool *p, struct link *l)
{
	for (struct waiter **at = &p->first; *at; at = &(*at)->next) {
		struct waiter *w = *at;
		if (!is_wanted(l, w->not_of))
			continue;
		*at = w->next;
		if (p->last == &w->next)
			p->last = at;
		w->link = l;
		pthread_cond_signal(&w->given);
		return true;
	}
	return false;
}

void link_pool_add(struct link_pool *p, struct link *l)
{
	pthread_mutex_lock(&p->lock);
	const bool is_handed = p->first && !is_dead(l) && hand_over(p, l);
	if (!is_handed && p->n_idle == LIMIT_POOL_LINKS)
		drop_dead(p);
	const bool has_room = is_handed || p->n_idle < LIMIT_POOL_LINKS;
	if (!is_handed && has_room)
		p->idle[p->n_idle++] = l;
	pthread_mutex_unlock(&p->lock);
	if (!has_room)
		link_free(l);
}

static struct timespec after(int ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* The last one given back: it is the likeliest to have its memory at hand. Under the lock. */
static struct link *take_idle(struct link_pool *p, const unsigned *not_of)
{
	for (size_t i = p->n_idle; i-- > 0;) {
		struct link *l = p->idle[i];
		const bool dead = is_dead(l);
		if (!dead && !is_wanted(l, not_of))
			continue;
		memmove(&p->idle[i], &p->idle[i + 1], (--p->n_idle - i) * sizeof(*p->idle));
		if (!dead)
			return l;
		link_free(l);
	}
	return NULL;
}

static void leave(struct link_pool *p, struct waiter *w)
{
	struct waiter **at = &p->first;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (p->last == &w->next)
		p->last = at;
}

/* Under the lock, which is let go meanwhile. NULL: none came in time. */
static struct link *wait_for_one(struct link_pool *p, int timeout_ms, const unsigned *not_of)
{
	const struct timespec end = after(timeout_ms);
	struct waiter w = { .not_of = not_of };
	int late = 0;
	pthread_cond_init(&w.given, &p->monotonic);
	*p->last = &w;
	p->last = &w.next;
	p->n_waiting++;
	while (!w.link && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&w.given, &p->lock, &end);
	p->n_waiting--;
	if (!w.link)
		leave(p, &w);
	pthread_cond_destroy(&w.given);
	return w.link;
}

static enum err take(struct scope *s, struct link_pool *p, int timeout_ms, const unsigned *not_of,
    struct link **ret_link)
{
	pthread_mutex_lock(&p->lock);
	struct link *l = take_idle(p, not_of);
	if (!l)
		l = wait_for_one(p, timeout_ms, not_of);
	p->n_lent += l != NULL;
	pthread_mutex_unlock(&p->lock);
	if (!l)
		return scope_fault(s, ERR_NET, "no %s is free", p->what);
	*ret_link = l;
	return OK;
}

enum err link_pool_take(
    struct scope *s, struct link_pool *p, int timeout_ms, struct link **ret_link)
{
	return take(s, p, timeout_ms, NULL, ret_link);
}

enum err link_pool_take_other(
    struct scope *s, struct link_pool *p, int timeout_ms, unsigned peer, struct link **ret_link)
{
	return take(s, p, timeout_ms, &peer, ret_link);
}

void link_pool_give(struct link_pool *p, struct link *l)
{
	pthread_mutex_lock(&p->lock);
	p->n_lent--;
	pthread_mutex_unlock(&p->lock);
	if (link_is_broken(l))
		link_free(l);
	else
		link_pool_add(p, l);
}

void link_pool_drop(struct link_pool *p, struct link *l)
{
	pthread_mutex_lock(&p->lock);
	p->n_lent--;
	if (p->n_dropped < LIMIT_POOL_LINKS)
		p->dropped[p->n_dropped++] = link_peer(l);
	pthread_mutex_unlock(&p->lock);
	link_free(l);
}

size_t link_pool_take_dropped(struct link_pool *p, unsigned *ret_index, size_t n)
{
	pthread_mutex_lock(&p->lock);
	n = n < p->n_dropped ? n : p->n_dropped;
	p->n_dropped -= n;
	for (size_t i = 0; i < n; i++)
		ret_index[i] = p->dropped[p->n_dropped + i];
	pthread_mutex_unlock(&p->lock);
	return n;
}

size_t link_pool_count(struct link_pool *p)
{
	pthread_mutex_lock(&p->lock);
	drop_dead(p);
	const size_t n = p->n_idle + p->n_lent;
	pthread_mutex_unlock(&p->lock);
	return n;
}

size_t link_pool_waiting(struct link_pool *p)
{
	pthread_mutex_lock(&p->lock);
	const size_t n = p->n_waiting;
	pthread_mutex_unlock(&p->lock);
	return n;
}
