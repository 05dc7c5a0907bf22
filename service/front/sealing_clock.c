#include "service/front/sealing_clock.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/front/clock_steps.h"
#include "service/front/sealing_engine.h"
#include "service/front/sealing_term.h"
#include "service/store/identifier.h"

struct sealing_clock {
	struct front *front;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool stopping, woken; /* under the lock */
	pthread_t timer, sealer[LIMIT_CLOCK_SEALERS];
	size_t n_sealers;
	bool has_timer;
	const char
	    *running[LIMIT_CLOCK_RUNNING]; /* ids of sealings that somebody works on; NULL: free */
};

/* -- rounds -- */

typedef enum err step(struct front *f, struct scope *s, struct instant now);

/* In a scope of its own; what fails is told and does not keep the others. */
static void run(struct front *f, const char *what, step *does, struct instant now)
{
	struct scope *s = scope_new(LIMIT_SEALING_SCOPE);
	const enum err e = s ? does(f, s, now) : ERR_NOMEM;
	if (e != OK)
		diagnostic_line("%s: %s", what, s ? scope_fault_text(s) : err_name(e));
	scope_free(s);
}

static const struct {
	const char *what;
	step *does;
	unsigned every_s;
} steps[] = {
	{ "expiring sealings", sealing_term_expire, 10 },
	{ "sealings that were given up", sealing_term_recover_late, 60 },
	{ "filings not yet judged", clock_steps_filings, 30 },
	{ "files past their retention", sealing_term_retire, 600 },
	{ "filings past their retention", clock_steps_retire_filings, 600 },
	{ "keys that end", clock_steps_keys, 600 },
	{ "sessions that ended", clock_steps_sessions, 300 },
	{ "messages that were delivered", clock_steps_webhooks, 3600 },
	{ "the head of the log", clock_steps_head, 1 },
};
#define STEPS (sizeof steps / sizeof *steps)

/* -- threads -- */

/* Waits until it is woken (when `wakes`), stopped, or the time is over. False: stopped. */
static bool wait_for(struct sealing_clock *c, unsigned seconds, bool wakes)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&c->lock);
	int late = 0;
	while (!c->stopping && !(wakes && c->woken) && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&c->moved, &c->lock, &until);
	if (wakes)
		c->woken = false;
	const bool goes_on = !c->stopping;
	pthread_mutex_unlock(&c->lock);
	return goes_on;
}

static void *tell_time(void *ctx)
{
	struct sealing_clock *c = ctx;
	int64_t due[STEPS] = { 0 };
	int64_t stamp = sealing_engine_now().unix_s + LIMIT_CLOCK_STAMP_S;
	do {
		const struct instant now = sealing_engine_now();
		for (size_t i = 0; i < STEPS; i++) {
			if (now.unix_s < due[i])
				continue;
			run(c->front, steps[i].what, steps[i].does, now);
			due[i] = now.unix_s + steps[i].every_s;
		}
		if (now.unix_s >= stamp) {
			run(c->front, "timestamping the log", clock_steps_stamp, now);
			stamp = now.unix_s + LIMIT_CLOCK_STAMP_S;
		}
	} while (wait_for(c, LIMIT_CLOCK_TICK_S, false));
	return NULL;
}

/* Several take from the same list; store_sealing_begin lets one have each. */
static void *seal(void *ctx)
{
	struct sealing_clock *c = ctx;
	do
		run(c->front, "unattended sealing", clock_steps_seal, sealing_engine_now());
	while (wait_for(c, LIMIT_CLOCK_TICK_S, true));
	return NULL;
}

static enum err make_secret(struct front *f, struct scope *s)
{
	const char *token;
	TRY(identifier_token(s, &token));
	if (strlen(token) >= sizeof f->window_secret)
		return scope_fault(s, ERR_INTERNAL, "the window's secret is too long");
	memcpy(f->window_secret, token, strlen(token) + 1);
	return OK;
}

static bool set_up(struct sealing_clock *c)
{
	pthread_condattr_t how;
	if (pthread_mutex_init(&c->lock, NULL) || pthread_condattr_init(&how))
		return false;
	pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	const int failed = pthread_cond_init(&c->moved, &how);
	pthread_condattr_destroy(&how);
	return !failed;
}

static void end_threads(struct sealing_clock *c)
{
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->moved);
	pthread_mutex_unlock(&c->lock);
	if (c->has_timer)
		pthread_join(c->timer, NULL);
	for (size_t i = 0; i < c->n_sealers; i++)
		pthread_join(c->sealer[i], NULL);
}

/* As many as there are workers; these come only after the start. */
static size_t sealers(const struct configuration *c)
{
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	const size_t workers = c->workers.n     ? c->workers.n
			       : processors > 2 ? (size_t)processors
						: 2;
	return workers < LIMIT_CLOCK_SEALERS ? workers : LIMIT_CLOCK_SEALERS;
}

enum err sealing_clock_start(struct front *f, struct scope *s)
{
	const size_t wanted = sealers(f->configuration);
	TRY(make_secret(f, s));
	TRY(sealing_term_recover(f, s, sealing_engine_now()));
	/* It lasts as long as the process: a request that is late may still ask it. */
	struct sealing_clock *c = scope_alloc(s, sizeof *c);
	if (!c || !set_up(c))
		return scope_fault(s, ERR_NOMEM, "clock: no memory");
	c->front = f;
	f->clock = c;
	c->has_timer = !pthread_create(&c->timer, NULL, tell_time, c);
	while (c->has_timer && c->n_sealers < wanted &&
	       !pthread_create(&c->sealer[c->n_sealers], NULL, seal, c))
		c->n_sealers++;
	if (c->n_sealers < wanted) {
		end_threads(c);
		return scope_fault(s, ERR_NOMEM, "clock: no threads");
	}
	return OK;
}

void sealing_clock_wake(struct sealing_clock *clock)
{
	if (!clock)
		return;
	pthread_mutex_lock(&clock->lock);
	clock->woken = true;
	pthread_cond_broadcast(&clock->moved);
	pthread_mutex_unlock(&clock->lock);
}

void sealing_clock_stop(struct sealing_clock *clock)
{
	if (!clock)
		return;
	end_threads(clock);
	run(clock->front, "timestamping the log", clock_steps_stamp, sealing_engine_now());
}

void sealing_clock_enter(struct sealing_clock *clock, const char *id)
{
	if (!clock)
		return;
	pthread_mutex_lock(&clock->lock);
	for (size_t i = 0; i < LIMIT_CLOCK_RUNNING; i++)
		if (!clock->running[i]) {
			clock->running[i] = id;
			break;
		}
	pthread_mutex_unlock(&clock->lock);
}

void sealing_clock_leave(struct sealing_clock *clock, const char *id)
{
	if (!clock)
		return;
	pthread_mutex_lock(&clock->lock);
	for (size_t i = 0; i < LIMIT_CLOCK_RUNNING; i++)
		if (clock->running[i] == id)
			clock->running[i] = NULL;
	pthread_mutex_unlock(&clock->lock);
}

bool sealing_clock_is_running(struct sealing_clock *clock, const char *id)
{
	bool is = false;
	if (!clock)
		return false;
	pthread_mutex_lock(&clock->lock);
	for (size_t i = 0; i < LIMIT_CLOCK_RUNNING && !is; i++)
		is = clock->running[i] && !strcmp(clock->running[i], id);
	pthread_mutex_unlock(&clock->lock);
	return is;
}
