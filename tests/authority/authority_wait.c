#include "tests/authority/authority_wait.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/scope.h"

#define WAITERS_MOST 1024

struct waiter {
	struct MHD_Connection *connection;
	int64_t until_ms; /* CLOCK_MONOTONIC */
};

struct authority_wait {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pthread_t thread;
	bool stopping;
	size_t n;
	struct waiter waiters[WAITERS_MOST];
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Wakes what is due (all, when stopping). Called with the mutex held. */
static void wake(struct authority_wait *wait)
{
	int64_t now = monotonic_ms();
	for (size_t i = 0; i < wait->n;) {
		if (!wait->stopping && wait->waiters[i].until_ms > now) {
			i++;
			continue;
		}
		MHD_resume_connection(wait->waiters[i].connection);
		wait->waiters[i] = wait->waiters[--wait->n];
	}
}

static void *run(void *arg)
{
	struct authority_wait *wait = arg;
	pthread_mutex_lock(&wait->mutex);
	while (!wait->stopping) {
		struct timespec tick;
		clock_gettime(CLOCK_REALTIME, &tick);
		tick.tv_nsec += 100000000;
		tick.tv_sec += tick.tv_nsec / 1000000000;
		tick.tv_nsec %= 1000000000;
		if (wait->n)
			pthread_cond_timedwait(&wait->changed, &wait->mutex, &tick);
		else
			pthread_cond_wait(&wait->changed, &wait->mutex);
		wake(wait);
	}
	pthread_mutex_unlock(&wait->mutex);
	return NULL;
}

enum err authority_wait_start(struct scope *s, struct authority_wait **ret_wait)
{
	struct authority_wait *wait = calloc(1, sizeof(*wait));
	TRY(scope_own(s, wait, free));
	if (pthread_mutex_init(&wait->mutex, NULL) != 0 ||
	    pthread_cond_init(&wait->changed, NULL) != 0 ||
	    pthread_create(&wait->thread, NULL, run, wait) != 0)
		return scope_fault(s, ERR_INTERNAL, "serve: no thread");
	*ret_wait = wait;
	return OK;
}

void authority_wait_stop(struct authority_wait *wait)
{
	pthread_mutex_lock(&wait->mutex);
	wait->stopping = true;
	wake(wait);
	pthread_cond_signal(&wait->changed);
	pthread_mutex_unlock(&wait->mutex);
	pthread_join(wait->thread, NULL);
}

bool authority_wait_add(
    struct authority_wait *wait, struct MHD_Connection *connection, int64_t seconds)
{
	pthread_mutex_lock(&wait->mutex);
	bool taken = !wait->stopping && wait->n < WAITERS_MOST;
	if (taken) {
		MHD_suspend_connection(connection);
		wait->waiters[wait->n++] =
		    (struct waiter){ connection, monotonic_ms() + seconds * 1000 };
		pthread_cond_signal(&wait->changed);
	}
	pthread_mutex_unlock(&wait->mutex);
	return taken;
}
