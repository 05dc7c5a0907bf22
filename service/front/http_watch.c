#include "service/front/http_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "service/front/metrics.h"

#define TICK_MS 500

struct http_watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct http_watched *first;
	struct http_watched *idle_first, *idle_last;
	struct metrics *metrics;
	unsigned n, most;
	bool stops;
};

int64_t http_watch_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t http_watch_now_ms(void)
{
	return http_watch_now_us() / 1000;
}

static void leave_idle(struct http_watch *w, struct http_watched *c)
{
	if (!c->is_idle)
		return;
	if (c->idle_previous)
		c->idle_previous->idle_next = c->idle_next;
	else
		w->idle_first = c->idle_next;
	if (c->idle_next)
		c->idle_next->idle_previous = c->idle_previous;
	else
		w->idle_last = c->idle_previous;
	c->is_idle = false;
}

static void enter_idle(struct http_watch *w, struct http_watched *c)
{
	c->is_idle = true;
	c->idle_next = NULL;
	c->idle_previous = w->idle_last;
	if (w->idle_last)
		w->idle_last->idle_next = c;
	else
		w->idle_first = c;
	w->idle_last = c;
}

/* Its I/O thread reads the end of the stream then. The descriptor is still its own: it is closed
 * only after http_watch_remove. */
static void end(struct http_watch *w, struct http_watched *c)
{
	leave_idle(w, c);
	if (!c->is_ended) {
		shutdown(c->fd, SHUT_RDWR);
		metrics_add(w->metrics, METRIC_CONNECTIONS_ENDED, 1);
	}
	c->is_ended = true;
	c->until_ms = 0;
}

static void *run(void *ctx)
{
	struct http_watch *w = ctx;
	pthread_mutex_lock(&w->lock);
	while (!w->stops) {
		int64_t now = http_watch_now_ms(), next = now + TICK_MS;
		for (struct http_watched *c = w->first; c; c = c->next)
			if (c->until_ms && c->until_ms <= now)
				end(w, c);
		struct timespec at = { next / 1000, next % 1000 * 1000000 };
		pthread_cond_timedwait(&w->wake, &w->lock, &at);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct http_watch *http_watch_new(unsigned most, struct metrics *metrics)
{
	struct http_watch *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	if (!w)
		return NULL;
	w->most = most;
	w->metrics = metrics;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&w->thread, NULL, run, w)) {
		free(w);
		return NULL;
	}
	return w;
}

void http_watch_free(struct http_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stops = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void http_watch_add(struct http_watch *w, struct http_watched *c, int fd, int64_t until_ms)
{
	pthread_mutex_lock(&w->lock);
	c->fd = fd;
	c->until_ms = until_ms;
	c->next = w->first;
	if (w->first)
		w->first->previous = c;
	w->first = c;
	/* An eighth stays free, so that whoever comes is accepted before the longest silent one is
	 * gone. */
	if (++w->n > w->most - w->most / 8 && w->idle_first)
		end(w, w->idle_first);
	enter_idle(w, c);
	pthread_mutex_unlock(&w->lock);
}

void http_watch_remove(struct http_watch *w, struct http_watched *c)
{
	pthread_mutex_lock(&w->lock);
	leave_idle(w, c);
	if (c->previous)
		c->previous->next = c->next;
	else
		w->first = c->next;
	if (c->next)
		c->next->previous = c->previous;
	w->n--;
	pthread_mutex_unlock(&w->lock);
}

void http_watch_until(struct http_watch *w, struct http_watched *c, int64_t until_ms, bool idle)
{
	pthread_mutex_lock(&w->lock);
	if (!c->is_ended) {
		c->until_ms = until_ms;
		leave_idle(w, c);
		if (idle)
			enter_idle(w, c);
	}
	pthread_mutex_unlock(&w->lock);
}

void http_watch_end_idle(struct http_watch *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->idle_first)
		end(w, w->idle_first);
	pthread_mutex_unlock(&w->lock);
}
