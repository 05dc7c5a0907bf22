#include "tests/authority/authority_live.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "tests/authority/authority_file.h"

/* What tells one state of the database from another; it only ever grows. */
struct stamp {
	off_t size;
	ino_t inode;
};

struct authority_live_generation {
	struct scope *s;
	const struct authority_store *store;
	size_t holders; /* the live object itself counts as one */
};

struct authority_live {
	pthread_mutex_t mutex;
	char *dir, *database;
	struct stamp stamp;
	struct authority_live_generation *now;
};

static struct stamp stamp_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return (struct stamp){ 0 };
	return (struct stamp){ st.st_size, st.st_ino };
}

static enum err load(
    struct scope *report, const char *dir, struct authority_live_generation **ret_generation)
{
	struct authority_live_generation *g = calloc(1, sizeof(*g));
	struct scope *s = scope_new(0);
	if (!g || !s) {
		free(g);
		scope_free(s);
		return ERR_NOMEM;
	}
	enum err e = authority_store_load(s, dir, &g->store);
	if (e != OK) {
		e = scope_fault(report, e, "%s", scope_fault_text(s));
		scope_free(s);
		free(g);
		return e;
	}
	g->s = s;
	g->holders = 1;
	*ret_generation = g;
	return OK;
}

static void drop(struct authority_live_generation *g)
{
	if (--g->holders)
		return;
	scope_free(g->s);
	free(g);
}

/* Called with the mutex held. */
static void renew(struct authority_live *live)
{
	struct authority_live_generation *fresh;
	struct stamp stamp = stamp_of(live->database);
	if (stamp.size == live->stamp.size && stamp.inode == live->stamp.inode)
		return;
	struct scope *report = scope_new(0);
	if (!report)
		return;
	if (load(report, live->dir, &fresh) == OK) {
		drop(live->now);
		live->now = fresh;
		live->stamp = stamp;
	} else {
		fprintf(stderr, "bulla-authority: not reloaded: %s\n", scope_fault_text(report));
	}
	scope_free(report);
}

enum err authority_live_open(struct scope *s, const char *dir, struct authority_live **ret_live)
{
	struct authority_live *live = scope_alloc(s, sizeof(*live));
	if (!live)
		return ERR_NOMEM;
	TRY(authority_file_path(s, &live->database, dir, "database"));
	TRY(bytes_to_str(s, bytes_of_str(dir), &live->dir));
	live->stamp = stamp_of(live->database);
	TRY(load(s, dir, &live->now));
	if (pthread_mutex_init(&live->mutex, NULL) != 0) {
		drop(live->now);
		return scope_fault(s, ERR_INTERNAL, "serve: no mutex");
	}
	*ret_live = live;
	return OK;
}

void authority_live_close(struct authority_live *live)
{
	if (!live)
		return;
	drop(live->now);
	pthread_mutex_destroy(&live->mutex);
}

struct authority_live_view authority_live_hold(struct authority_live *live)
{
	pthread_mutex_lock(&live->mutex);
	renew(live);
	live->now->holders++;
	struct authority_live_view view = { live->now, live->now->store };
	pthread_mutex_unlock(&live->mutex);
	return view;
}

void authority_live_release(struct authority_live *live, struct authority_live_view view)
{
	pthread_mutex_lock(&live->mutex);
	drop(view.generation);
	pthread_mutex_unlock(&live->mutex);
}
