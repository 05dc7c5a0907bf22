#include "service/store/store_writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/limits.h"

/* One caller who waits; on his stack. */
struct job {
	struct job *next;
	store_closure *closure;
	void *ctx;
	struct scope *s;
	enum err e;
	bool is_done;
	pthread_cond_t done;
};

struct store_writer {
	struct store_sql *c;
	struct store *store;
	bool empties_journal; /* the writing thread's own */
	pthread_t thread;
	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t work;
	struct job *first, **last;
	bool ends;
	struct store_counters counters;
};

/* -- in the writing thread -- */

/* A savepoint undoes what a closure did that ends with an error. */
static enum err run_closure(
    struct scope *s, struct store_writer *w, store_closure *closure, void *ctx)
{
	TRY(store_sql_each(s, w->c, "SAVEPOINT closure", STORE_SQL_NOTHING, NULL, NULL));
	enum err e = closure(ctx, s, w->store);
	/* A full disk may have ended the transaction already, and its savepoints with it. */
	if (!store_sql_in_transaction(w->c))
		return scope_fault(s, ERR_IO, "store: the transaction was lost");
	if (e != OK)
		TRY(store_sql_each(s, w->c, "ROLLBACK TO closure", STORE_SQL_NOTHING, NULL, NULL));
	TRY(store_sql_each(s, w->c, "RELEASE closure", STORE_SQL_NOTHING, NULL, NULL));
	return e;
}

static enum err run_batch(struct scope *s, struct store_writer *w, struct job *batch)
{
	(void)store_sql_is_lost(w->c);
	TRY(store_sql_each(s, w->c, "BEGIN IMMEDIATE", STORE_SQL_NOTHING, NULL, NULL));
	bool is_lost = false;
	for (struct job *j = batch; j && !is_lost; j = j->next) {
		j->e = run_closure(j->s, w, j->closure, j->ctx);
		is_lost = store_sql_is_lost(w->c) || !store_sql_in_transaction(w->c);
		if (is_lost)
			scope_fault(s, ERR_IO, "%s", scope_fault_text(j->s));
	}
	if (is_lost)
		return ERR_IO;
	return store_sql_each(s, w->c, "COMMIT", STORE_SQL_NOTHING, NULL, NULL);
}

/* Nobody in a transaction that failed has what he asked for, whatever his closure said: it may have
 * gone by what another one wrote. */
static void tell_lost(struct scope *s, struct job *batch)
{
	const char *why = s ? scope_fault_text(s) : "no memory";
	for (struct job *j = batch; j; j = j->next) {
		scope_forgive(j->s);
		j->e = scope_fault(j->s, ERR_IO, "%s", *why ? why : "store: not written");
	}
}

static enum err read_busy(void *ctx, struct scope *s, struct store_sql_row *row)
{
	bool *is_busy = ctx;
	(void)s;
	*is_busy = store_sql_truth(row);
	return OK;
}

/* What fails here is tried after the next commit; what was written is written. */
static void empty_journal(struct scope *s, struct store_writer *w)
{
	bool is_busy = true;
	enum err e = store_sql_each(
	    s, w->c, "PRAGMA wal_checkpoint(TRUNCATE)", STORE_SQL_NOTHING, read_busy, &is_busy);
	w->empties_journal = e != OK || is_busy;
}

static bool write_batch(struct store_writer *w, struct job *batch)
{
	struct scope *s = scope_new(0);
	enum err e = s ? run_batch(s, w, batch) : ERR_NOMEM;
	if (e != OK) {
		tell_lost(s, batch);
		if (s && store_sql_in_transaction(w->c) &&
		    store_sql_each(s, w->c, "ROLLBACK", STORE_SQL_NOTHING, NULL, NULL) != OK)
			e = ERR_IO; /* the next BEGIN will tell */
	}
	if (e == OK && w->empties_journal)
		empty_journal(s, w);
	scope_free(s);
	return e == OK;
}

/* Takes the first ones off the queue; the mutex is held. */
static struct job *take_batch(struct store_writer *w)
{
	struct job *batch = w->first, *j = batch;
	for (unsigned n = 1; n < LIMIT_STORE_BATCH && j->next; n++)
		j = j->next;
	w->first = j->next;
	if (!w->first)
		w->last = &w->first;
	j->next = NULL;
	return batch;
}

static void finish_batch(struct store_writer *w, struct job *batch, bool is_committed)
{
	w->counters.commits += is_committed;
	for (struct job *j = batch, *next; j; j = next) {
		next = j->next;
		w->counters.waiting--;
		if (!is_committed)
			w->counters.failed++;
		else if (j->e != OK)
			w->counters.refused++;
		else
			w->counters.writes++;
		j->is_done = true;
		pthread_cond_signal(&j->done); /* from here on it may be gone */
	}
}

static void *run(void *ctx)
{
	struct store_writer *w = ctx;
	pthread_mutex_lock(&w->mutex);
	for (;;) {
		while (!w->first && !w->ends)
			pthread_cond_wait(&w->work, &w->mutex);
		if (!w->first)
			break;
		struct job *batch = take_batch(w);
		pthread_mutex_unlock(&w->mutex);
		bool is_committed = write_batch(w, batch);
		pthread_mutex_lock(&w->mutex);
		finish_batch(w, batch, is_committed);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* -- in the callers' threads -- */

enum err store_writer_open(
    struct scope *s, struct store_sql *c, struct store *store, struct store_writer **ret_writer)
{
	struct store_writer *w = calloc(1, sizeof(*w));
	if (!w)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	w->c = c;
	w->store = store;
	w->last = &w->first;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->work, NULL);
	/* Signals are for the other threads. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		free(w);
		return scope_fault(s, ERR_NOMEM, "store: no thread to write");
	}
	*ret_writer = w;
	return OK;
}

void store_writer_close(struct store_writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->mutex);
	w->ends = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

struct store_sql *store_writer_inside(const struct store_writer *w)
{
	return pthread_equal(pthread_self(), w->thread) ? w->c : NULL;
}

enum err store_writer_run(
    struct scope *s, struct store_writer *w, store_closure *closure, void *ctx)
{
	if (store_writer_inside(w))
		return run_closure(s, w, closure, ctx);
	struct job j = { .closure = closure, .ctx = ctx, .s = s };
	pthread_cond_init(&j.done, NULL);
	pthread_mutex_lock(&w->mutex);
	*w->last = &j;
	w->last = &j.next;
	w->counters.waiting++;
	pthread_cond_signal(&w->work);
	while (!j.is_done)
		pthread_cond_wait(&j.done, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
	pthread_cond_destroy(&j.done);
	return j.e;
}

void store_writer_empty_journal(struct store_writer *w)
{
	w->empties_journal = true;
}

struct store_counters store_writer_counters(struct store_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	struct store_counters counters = w->counters;
	pthread_mutex_unlock(&w->mutex);
	return counters;
}
