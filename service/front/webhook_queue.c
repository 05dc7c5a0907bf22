#include "service/front/webhook_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/front/link_pool.h"
#include "service/front/webhook_delivery.h"

/* A portal that is being served, or rests. */
struct stand {
	struct stand *next;
	bool is_busy;
	int64_t rests_until;
	char portal[];
};

struct sender {
	struct webhook_queue *q;
	pthread_t thread;
	struct link *link; /* in use: to be broken off */
};

struct webhook_queue {
	struct front *f;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_stopping;
	struct stand *stands;
	char *last; /* the portal that had its turn last */
	struct sender sender[LIMIT_WEBHOOK_SENDERS];
	size_t n;
};

static struct instant present(void)
{
	return (struct instant){ time(NULL) };
}

/* -- portals; under the lock -- */

static struct stand *find_stand(struct webhook_queue *q, const char *portal)
{
	struct stand *at = q->stands;
	while (at && strcmp(at->portal, portal) != 0)
		at = at->next;
	return at;
}

static void drop_stand(struct webhook_queue *q, struct stand *gone)
{
	struct stand **at = &q->stands;
	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone);
}

static bool is_free(struct webhook_queue *q, const char *portal, struct instant now)
{
	struct stand *st = find_stand(q, portal);
	if (st && !st->is_busy && st->rests_until <= now.unix_s) {
		drop_stand(q, st);
		st = NULL;
	}
	return !st;
}

static bool occupy(struct webhook_queue *q, const char *portal)
{
	const size_t n = strlen(portal) + 1;
	struct stand *st = calloc(1, sizeof(*st) + n);
	if (!st)
		return false;
	memcpy(st->portal, portal, n);
	st->is_busy = true;
	st->next = q->stands;
	q->stands = st;
	return true;
}

/* The portal whose turn it is, of those for which something is due and that nobody serves: the list
 * is in their order. NULL: none. */
static const char *choose(
    struct webhook_queue *q, const struct store_webhook_list *due, struct instant now)
{
	const char *first = NULL, *next = NULL;
	for (size_t i = 0; i < due->n && !next; i++) {
		const char *portal = due->webhook[i].portal;
		if (!is_free(q, portal, now))
			continue;
		first = first ? first : portal;
		next = !q->last || strcmp(portal, q->last) > 0 ? portal : NULL;
	}
	next = next ? next : first;
	if (!next || !occupy(q, next))
		return NULL;
	free(q->last);
	q->last = strdup(next);
	return next;
}

/* -- sending -- */

static void use(struct sender *t, struct link *link)
{
	pthread_mutex_lock(&t->q->lock);
	t->link = link;
	if (link && t->q->is_stopping)
		shutdown(link_descriptor(link), SHUT_RDWR);
	pthread_mutex_unlock(&t->q->lock);
}

static bool is_stopping(struct webhook_queue *q)
{
	pthread_mutex_lock(&q->lock);
	const bool stopping = q->is_stopping;
	pthread_mutex_unlock(&q->lock);
	return stopping;
}

static enum webhook_delivery_outcome attempt(
    struct sender *t, struct link *link, const struct store_webhook *w)
{
	struct scope *s = scope_new(0);
	if (!s)
		return WEBHOOK_DELIVERY_IDLE;
	enum webhook_delivery_outcome o = webhook_delivery_attempt(t->q->f, s, link, w, present());
	scope_free(s);
	return o;
}

static bool is_of(const struct store_webhook *w, const char *portal)
{
	return !strcmp(w->portal, portal);
}

/* One portal's turn; false: it, or something of ours, should have a rest. */
static bool serve(
    struct sender *t, struct scope *s, const struct store_webhook_list *due, const char *portal)
{
	struct link *link;
	bool goes_on = true;
	if (link_pool_take(s, t->q->f->fetcher, LIMIT_WEBHOOK_LINK_MS, &link) != OK)
		return false;
	use(t, link);
	for (size_t i = 0; i < due->n && goes_on && !is_stopping(t->q); i++)
		if (is_of(&due->webhook[i], portal)) {
			enum webhook_delivery_outcome o = attempt(t, link, &due->webhook[i]);
			goes_on = o == WEBHOOK_DELIVERY_DONE || o == WEBHOOK_DELIVERY_FAILED;
		}
	use(t, NULL);
	link_pool_give(t->q->f->fetcher, link);
	return goes_on;
}

/* False: nothing was due. */
static bool take_turn(struct sender *t, struct scope *s)
{
	struct webhook_queue *q = t->q;
	struct store_webhook_list due;
	const struct instant now = present();
	enum err e = store_webhook_list_due(
	    s, q->f->store, now, LIMIT_WEBHOOK_DUE, LIMIT_WEBHOOK_TURN, &due);
	if (e != OK) {
		diagnostic_fault(s, e, "the queue of webhooks");
		return false;
	}
	pthread_mutex_lock(&q->lock);
	const char *portal = choose(q, &due, now);
	pthread_mutex_unlock(&q->lock);
	if (!portal)
		return false;
	const bool goes_on = serve(t, s, &due, portal);
	pthread_mutex_lock(&q->lock);
	struct stand *st = find_stand(q, portal);
	st->is_busy = false;
	st->rests_until = goes_on ? 0 : present().unix_s + LIMIT_WEBHOOK_REST_S;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return true;
}

static void wait(struct webhook_queue *q)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LIMIT_WEBHOOK_POLL_MS / 1000;
	until.tv_nsec += LIMIT_WEBHOOK_POLL_MS % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&q->lock);
	if (!q->is_stopping)
		pthread_cond_timedwait(&q->changed, &q->lock, &until);
	pthread_mutex_unlock(&q->lock);
}

static void *run(void *obj)
{
	struct sender *t = obj;
	while (!is_stopping(t->q)) {
		struct scope *s = scope_new(0);
		const bool had_work = s && take_turn(t, s);
		scope_free(s);
		if (!had_work)
			wait(t->q);
	}
	return NULL;
}

enum err webhook_queue_start(struct front *f, struct scope *s, struct webhook_queue **ret_queue)
{
	pthread_condattr_t monotonic;
	struct webhook_queue *q = calloc(1, sizeof(*q));
	if (!q)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	q->f = f;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&q->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (; q->n < LIMIT_WEBHOOK_SENDERS; q->n++) {
		q->sender[q->n].q = q;
		if (pthread_create(&q->sender[q->n].thread, NULL, run, &q->sender[q->n]) != 0) {
			webhook_queue_stop(q);
			return scope_fault(s, ERR_NOMEM, "webhooks: no thread");
		}
	}
	*ret_queue = q;
	return OK;
}

void webhook_queue_wake(struct webhook_queue *q)
{
	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

void webhook_queue_stop(struct webhook_queue *q)
{
	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	q->is_stopping = true;
	for (size_t i = 0; i < q->n; i++)
		if (q->sender[i].link)
			shutdown(link_descriptor(q->sender[i].link), SHUT_RDWR);
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
	for (size_t i = 0; i < q->n; i++)
		pthread_join(q->sender[i].thread, NULL);
	while (q->stands)
		drop_stand(q, q->stands);
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q->last);
	free(q);
}
