#include "service/front/request_log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/metrics.h"

#define LINE_MOST 4096

struct request_log {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct metrics *metrics;
	int fd;
	bool ends;
	size_t n;
	char queue[LIMIT_LOG_QUEUE], out[LIMIT_LOG_QUEUE];
};

static void write_all(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t wrote = write(fd, text, n);
		if (wrote < 0 && errno != EINTR)
			return; /* nobody reads: there is no other place to say so */
		if (wrote > 0) {
			text += wrote;
			n -= (size_t)wrote;
		}
	}
}

static void *run(void *ctx)
{
	struct request_log *l = ctx;
	pthread_mutex_lock(&l->lock);
	while (l->n || !l->ends) {
		if (!l->n) {
			pthread_cond_wait(&l->some, &l->lock);
			continue;
		}
		size_t n = l->n;
		memcpy(l->out, l->queue, n);
		l->n = 0;
		pthread_mutex_unlock(&l->lock);
		write_all(l->fd, l->out, n);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

struct request_log *request_log_new(int fd, struct metrics *metrics)
{
	struct request_log *l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->fd = fd;
	l->metrics = metrics;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->some, NULL);
	if (pthread_create(&l->thread, NULL, run, l)) {
		free(l);
		return NULL;
	}
	return l;
}

void request_log_free(struct request_log *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->ends = true;
	pthread_cond_signal(&l->some);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->some);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static enum err compose(
    struct scope *s, const struct request_log_line *line, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LINE_MOST);
	struct json j = json_new(&b, true);
	json_begin_object(&j, NULL);
	json_instant(&j, "time", line->at);
	json_string(&j, "id", line->id);
	json_string(&j, "listener", line->listener);
	json_string(&j, "method", line->method);
	json_string(&j, "route", line->route);
	json_int(&j, "status", line->status);
	json_int(&j, "ms", line->took_us / 1000);
	json_int(&j, "in", (int64_t)line->in);
	json_int(&j, "out", (int64_t)line->out);
	json_string(&j, "address", line->address);
	if (line->fault)
		json_string(&j, "fault", line->fault);
	json_end_object(&j);
	if (!b.n || b.p[b.n - 1] != '\n')
		buf_add_str(&b, "\n");
	return buf_done(&b, ret_text);
}

static bool put(struct request_log *l, struct bytes text)
{
	pthread_mutex_lock(&l->lock);
	bool has_room = sizeof(l->queue) - l->n >= text.n;
	if (has_room) {
		memcpy(l->queue + l->n, text.p, text.n);
		l->n += text.n;
		pthread_cond_signal(&l->some);
	}
	pthread_mutex_unlock(&l->lock);
	return has_room;
}

void request_log_add(struct request_log *l, const struct request_log_line *line)
{
	struct bytes text;
	if (!l)
		return;
	struct scope *s = scope_new((size_t)4 * LINE_MOST);
	if (!s || compose(s, line, &text) != OK || !put(l, text))
		metrics_add(l->metrics, METRIC_LOG_LOST, 1);
	scope_free(s);
}
