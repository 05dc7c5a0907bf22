#include "service/store/store_readers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/scope.h"

struct store_readers {
	pthread_mutex_t mutex;
	pthread_cond_t free;
	unsigned n_all, n_free;
	struct store_sql *idle[]; /* the first n_free of n_all */
};

enum err store_readers_open(
    struct scope *s, const char *path, unsigned n, struct store_readers **ret_readers)
{
	struct store_readers *r = calloc(1, sizeof(*r) + n * sizeof(*r->idle));
	if (!r)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	pthread_mutex_init(&r->mutex, NULL);
	pthread_cond_init(&r->free, NULL);
	for (r->n_all = 0; r->n_all < n; r->n_all++, r->n_free++) {
		enum err e = store_sql_open(s, path, STORE_SQL_READ, &r->idle[r->n_all]);
		if (e != OK) {
			store_readers_close(r);
			return e;
		}
	}
	*ret_readers = r;
	return OK;
}

void store_readers_close(struct store_readers *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->n_free; i++)
		store_sql_close(r->idle[i]);
	pthread_cond_destroy(&r->free);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}

struct store_sql *store_readers_lend(struct store_readers *r)
{
	pthread_mutex_lock(&r->mutex);
	while (!r->n_free)
		pthread_cond_wait(&r->free, &r->mutex);
	struct store_sql *c = r->idle[--r->n_free];
	pthread_mutex_unlock(&r->mutex);
	return c;
}

void store_readers_return(struct store_readers *r, struct store_sql *c)
{
	pthread_mutex_lock(&r->mutex);
	r->idle[r->n_free++] = c;
	pthread_cond_signal(&r->free);
	pthread_mutex_unlock(&r->mutex);
}
