#include "service/front/http_queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "service/front/metrics.h"

struct http_queue {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct metrics *metrics;
	void (*work)(void *job);
	void (*refuse)(void *job);
	void **job; /* a ring */
	size_t first, n, most, working;
	bool ends;
	unsigned n_threads;
	pthread_t thread[];
};

static void *take(struct http_queue *q)
{
	void *job = q->job[q->first];
	q->first = (q->first + 1) % q->most;
	q->n--;
	metrics_set(q->metrics, METRIC_WAITING, (int64_t)q->n);
	return job;
}

static void *run(void *ctx)
{
	struct http_queue *q = ctx;
	pthread_mutex_lock(&q->lock);
	while (q->n || !q->ends) {
		if (!q->n) {
			pthread_cond_wait(&q->some, &q->lock);
			continue;
		}
		void *job = take(q);
		bool is_refused = q->ends;
		q->working++;
		metrics_set(q->metrics, METRIC_HANDLING, (int64_t)q->working);
		pthread_mutex_unlock(&q->lock);
		if (is_refused)
			q->refuse(job);
		else
			q->work(job);
		pthread_mutex_lock(&q->lock);
		q->working--;
		metrics_set(q->metrics, METRIC_HANDLING, (int64_t)q->working);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

struct http_queue *http_queue_new(unsigned threads, unsigned most, struct metrics *metrics,
    void (*work)(void *job), void (*refuse)(void *job))
{
	struct http_queue *q = calloc(1, sizeof(*q) + threads * sizeof(q->thread[0]));
	if (!q || !(q->job = calloc(most, sizeof(*q->job)))) {
		free(q);
		return NULL;
	}
	q->most = most;
	q->metrics = metrics;
	q->work = work;
	q->refuse = refuse;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->some, NULL);
	while (q->n_threads < threads && !pthread_create(&q->thread[q->n_threads], NULL, run, q))
		q->n_threads++;
	if (q->n_threads == threads)
		return q;
	http_queue_end(q);
	http_queue_free(q);
	return NULL;
}

bool http_queue_put(struct http_queue *q, void *job)
{
	pthread_mutex_lock(&q->lock);
	bool is_taken = !q->ends && q->n < q->most;
	if (is_taken) {
		q->job[(q->first + q->n++) % q->most] = job;
		metrics_set(q->metrics, METRIC_WAITING, (int64_t)q->n);
		pthread_cond_signal(&q->some);
	}
	pthread_mutex_unlock(&q->lock);
	return is_taken;
}

void http_queue_end(struct http_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ends = true;
	pthread_cond_broadcast(&q->some);
	pthread_mutex_unlock(&q->lock);
	for (unsigned i = 0; i < q->n_threads; i++)
		pthread_join(q->thread[i], NULL);
	q->n_threads = 0;
}

void http_queue_free(struct http_queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->some);
	pthread_mutex_destroy(&q->lock);
	free(q->job);
	free(q);
}

size_t http_queue_waiting(struct http_queue *q)
{
	pthread_mutex_lock(&q->lock);
	size_t n = q->n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

size_t http_queue_working(struct http_queue *q)
{
	pthread_mutex_lock(&q->lock);
	size_t n = q->working;
	pthread_mutex_unlock(&q->lock);
	return n;
}
